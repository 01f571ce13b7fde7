"""The mistakes that ``mutations.py`` makes can still be made: their text stands exactly once, and compiles after."""

from __future__ import annotations

import ast

import pytest

from tests.conftest import ROOT
from tests.mutation_list import MUTATIONS, Mutation


@pytest.mark.parametrize("one", MUTATIONS, ids=lambda one: one.name)
def test_a_mutation_applies(one: Mutation) -> None:
    text = (ROOT / "graphmodel" / one.file).read_text()
    assert ast.dump(ast.parse(one.applied(text))) != ast.dump(ast.parse(text))
    assert all((ROOT / "tests" / f"{name}.py").exists() for name in one.tests)


def test_names_of_mutations_differ() -> None:
    assert len({one.name for one in MUTATIONS}) == len(MUTATIONS)
