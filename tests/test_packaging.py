"""The wheel: built, installed by itself, and used away from the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import EXAMPLES, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = out.glob("*.whl")
    return found


def test_the_wheel_holds_what_the_program_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "ontology").rglob("*.*"):
        assert f"graphmodel/_ontology/{path.relative_to(ROOT / 'ontology')}" in names
    for path in EXAMPLES:
        assert f"graphmodel/_examples/{path.name}" in names
    assert {
        "graphmodel/model/starter.yaml",
        "graphmodel/ui/graphview/view.js",
        "graphmodel/ui/icon.svg",
        "importers/registry.py",
    } <= names
    assert not any(name.startswith(("tests/", "docs/", "benchmarks/")) for name in names)


def test_the_wheel_works_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    environment = {"PYTHONPATH": str(site), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def run(*arguments: str) -> str:
        code = (
            "import sys, graphmodel; assert graphmodel.__file__.startswith(sys.argv.pop(1)), graphmodel.__file__;"
            "from graphmodel.cli.main import main; main()"
        )
        command = [sys.executable, "-P", "-c", code, str(site), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("new", "mine.yaml")
    run("check", "mine.yaml")
    assert json.loads(run("assess", "mine.yaml", "--json"))["risks"]
