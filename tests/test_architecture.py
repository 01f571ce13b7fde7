"""docs/architecture.md says what the code is: its rooms, what may import what, and where things are."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "graphmodel"
MODULES = sorted(path for folder in ("graphmodel", "importers") for path in (ROOT / folder).rglob("*.py"))
INNER = ("outputs/text", "ui/editor", "ui/graphview", "ui/screens")


def sentence(path: Path) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def rooms() -> dict[str, Path]:
    found = {str(path.parent.relative_to(PACKAGE)): path for path in PACKAGE.rglob("__init__.py")}
    kept = {name: path for name, path in found.items() if name != "." and name not in INNER}
    return {**kept, "importers": ROOT / "importers" / "__init__.py"}


def test_every_room_is_in_the_table_with_its_own_first_sentence() -> None:
    table = dict(re.findall(r"^\| `([a-z/]+)` \| (.+?) \|$", PAGE, re.MULTILINE))
    assert table == {name: sentence(path) for name, path in rooms().items()}


def test_the_picture_has_the_layers_that_are_kept() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = [one["layers"] for one in contracts if one["name"] == "rooms: imports flow one way"]
    (picture,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    heights = {name: number for number, line in enumerate(picture.splitlines()) for name in line[:60].split()}
    last = -1
    for layer in layers:
        names = [one.strip().removeprefix("graphmodel.") for one in layer.split("|")]
        for name in names:
            assert name == "version" or heights[name] >= last, name
        last = max([last, *(heights.get(name, last) for name in names)])
    top = {path.name for path in PACKAGE.iterdir() if path.suffix == "" and (path / "__init__.py").exists()}
    assert top <= set(heights)


def test_every_place_that_is_named_is_there() -> None:
    named = set(re.findall(r"`((?:graphmodel|importers|ontology|tests|benchmarks)/[\w/.]*)`", PAGE))
    assert len(named) > 20
    for place in named:
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_in_its_first_line_what_it_is_for_and_is_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 400
    assert len(sentence(path)) > 15
    assert sentence(path).endswith((".", ":")) or len(sentence(path)) > 80


def test_a_module_is_mostly_one_to_two_hundred_lines() -> None:
    lengths = sorted(
        len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES if path.name != "__init__.py"
    )
    assert lengths[len(lengths) // 2] <= 200
