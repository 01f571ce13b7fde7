"""Every command prints, to the byte, what was kept; ``python -m tests.golden`` keeps a change that was meant."""

from __future__ import annotations

import json

import pytest

from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.workspace import open_model
from tests.conftest import EXAMPLES, ROOT
from tests.golden import DIGESTS, KEPT, Case, cases, digest, output, samples

pytestmark = pytest.mark.usefixtures("kept_answers")

CASES = tuple(cases())


def _marked(case: Case) -> object:
    marks = [pytest.mark.store] if case.needs_store else [pytest.mark.slow]
    return pytest.param(case, marks=marks, id=case.name)


@pytest.mark.parametrize("case", [_marked(one) for one in CASES])
def test_output_is_what_was_kept(case: Case) -> None:
    if not case.digest_only:
        assert output(case) == case.file.read_text(encoding="utf-8"), f"python -m tests.golden {case.name}"
        return
    if not case.folder.is_dir():
        pytest.skip(f"the sample models of other projects are not at {samples()}")
    assert digest(output(case)) == json.loads(DIGESTS.read_text())[case.name], f"python -m tests.golden {case.name}"


def test_nothing_is_kept_that_no_command_prints() -> None:
    kept = {path for path in KEPT.rglob("*") if path.is_file()} - {DIGESTS}
    assert kept == {one.file for one in CASES if not one.digest_only}
    assert set(json.loads(DIGESTS.read_text())) == {one.name for one in CASES if one.digest_only}


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()


def test_every_key_of_the_json_is_documented(catalogue: Catalogue) -> None:
    said = "".join(
        (ROOT / "docs" / name).read_text(encoding="utf-8")
        for name in ("cli.md", "queries.md", "method.md", "snapshots.md")
    )
    names: set[str] = set()  # of what is in the models and the catalogue, by which some objects have their keys
    for example in EXAMPLES:
        system = open_model(example).system
        assert system is not None
        for elements in (system.zones, system.assets, system.flows, system.actors, system.controls):
            names.update(one.id for one in elements)
    framework = load_framework()
    names |= {one.id for one in framework.areas} | framework.control_by_id.keys()
    names |= catalogue.types.keys() | catalogue.relations.keys() | catalogue.patterns.keys() | catalogue.controls.keys()
    missing = set()
    for path in KEPT.rglob("*.json"):
        text = path.read_text(encoding="utf-8").partition("\n")[2]
        if path != DIGESTS and not text.rstrip().endswith(("exit 1", "exit 2")):
            found = json.loads(text.partition("\nexit ")[0])
            missing |= {key for key in _keys(found) - names if ":" not in key and f"`{key}`" not in said}
    assert missing == set()
