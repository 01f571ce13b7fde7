"""Kernels are compiled ahead of time, all of them, for the types that commands call them with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.systems import ai_system
from graphmodel.model.writing import write_document
from tests.engine.test_worlds import needs_numba

pytestmark = [pytest.mark.slow, needs_numba]


def run(folder: Path, *arguments: str) -> str:
    """What a command says on both streams, with code that is compiled into this folder."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "code"), "GRAPHMODEL_CACHE": "off"}
    command = [sys.executable, "-m", "graphmodel", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return ended.stdout + ended.stderr


def compiled(folder: Path) -> set[str]:
    return {one.name for one in (folder / "code").rglob("*.nbc")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("precompiled")
    (made / "code").mkdir()
    assert "kernels compiled in" in run(made, "precompile")
    for assets in (25, 100):
        (made / f"{assets}.yaml").write_text(write_document(ai_system(assets)))
    return made


@pytest.mark.parametrize("assets", [25, 100])
@pytest.mark.parametrize("command", ["assess", "importance"])
def test_no_command_compiles_what_could_be_compiled_ahead(folder: Path, command: str, assets: int) -> None:
    before = compiled(folder)
    run(folder, command, str(folder / f"{assets}.yaml"))
    assert compiled(folder) == before


def test_what_is_compiled_is_not_compiled_again(folder: Path) -> None:
    assert "All kernels were compiled already." in run(folder, "precompile")
