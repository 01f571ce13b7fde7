"""What a command does not need it does not load: start-up is what a command line is judged by."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graphmodel.knowledge.vocabulary import Catalogue
from tests.conftest import EXAMPLES

ENGINE = {"graphmodel.assessment", "graphmodel.binding.compiled", "graphmodel.engine.likelihood", "graphmodel.losses"}
SLOW = {
    *("altair", "arcadedb", "dask", "distributed", "neo4j", "networkx", "numba", "numpy", "ortools", "oxidd", "pyvis"),
    *("graphmodel.planning", "graphmodel.stores.session", "rdflib", "scipy", "streamlit", "uvicorn"),
    *ENGINE,
}
CALL = """
import sys
from graphmodel.cli.main import main

try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code or sys.argv[2:] == ["nowhere.yaml"], end.code
print("loaded:", *sys.modules)
"""


@pytest.mark.parametrize(
    ("call", "also"),
    [
        ("--help", {"graphmodel.workspace", "jsonschema", "tabulate", "yaml"}),
        ("assess --help", {"graphmodel.workspace", "jsonschema", "tabulate", "yaml"}),
        ("completion bash", {"graphmodel.workspace", "jsonschema", "tabulate", "yaml"}),
        ("catalogue", {"graphmodel.workspace", "jsonschema"}),
        ("schema", {"graphmodel.workspace", "jsonschema", "tabulate"}),
        ("new system.yaml", {"graphmodel.workspace", "jsonschema", "tabulate"}),
        (f"check {EXAMPLES[0]}", {"tabulate", "jsonschema", "importers.registry"}),
        (f"import {EXAMPLES[0]}", {"tabulate"}),
        ("assess nowhere.yaml", {"tabulate"}),
        ("query --list", {"graphmodel.workspace", "jsonschema", "yaml"}),
    ],
    ids=lambda one: one.split()[0] if isinstance(one, str) else "",
)
def test_a_command_loads_only_what_it_needs(
    call: str, also: set[str], tmp_path: Path, catalogue: Catalogue
) -> None:  # once the catalogue has been read and is in the cache
    ended = subprocess.run(
        [sys.executable, "-c", CALL, *call.split()], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    loaded = set(ended.stdout.rpartition("loaded: ")[2].split())
    assert "graphmodel.cli.main" in loaded
    assert loaded & (SLOW | also) == set()


def test_assessing_loads_the_engine_and_nothing_that_is_not_for_it(catalogue: Catalogue) -> None:
    command = [sys.executable, "-c", CALL, "assess", str(EXAMPLES[0]), "--draws", "110"]
    loaded = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    needed = {*ENGINE, "networkx", "numpy", "oxidd"}
    assert {*needed, "tabulate", "yaml", "graphmodel.workspace"} <= loaded
    assert loaded & ({*SLOW, "jsonschema", "importers.registry"} - needed) == set()


def test_a_break_while_the_program_is_loaded_ends_in_no_traceback() -> None:
    text = """
import sys
from graphmodel.__main__ import run


class Break:
    def find_spec(self, name, *_):
        if name == "graphmodel.cli.assess":
            raise KeyboardInterrupt


sys.meta_path.insert(0, Break())
run()
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
