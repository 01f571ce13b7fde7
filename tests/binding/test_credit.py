"""The credit of a control: each clause of the rule, with and without it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.binding.compiled import Compiled, compile_system
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.model.document import read_document
from graphmodel.model.system import ControlImplementation
from graphmodel.reading.yaml_text import read_yaml
from tests.conftest import EXAMPLES, system

OWN = b"""
threats:
  t-asset: &threat
    {name: A, meaning: A., asset: Agent, gains: run, via: contentFrom, other: Database, other_needs: write,
     chance: [0.5, 0.5, 0.5], area: model-deployment, attack: access, defended_on: [asset]}
  t-other: {<<: *threat, defended_on: [other]}
  t-both: {<<: *threat, defended_on: [asset, other]}
  t-alone:
    {name: D, meaning: D., asset: Agent, gains: run, needs: reach, chance: [0.5, 0.5, 0.5], area: model-deployment,
     attack: access}
controls:
  guard: &control
    {name: G, meaning: G., function: prevent, area: model-deployment, strength: [0.5, 0.5, 0.5], applies_to: Asset,
     mitigates: [t-asset, t-other, t-both, t-alone]}
  for-agents: {<<: *control, applies_to: Agent}
  for-stores: {<<: *control, applies_to: DataStore, mitigates: [t-asset, t-other, t-both]}
  by-threat: {<<: *control, against: {t-both: {applies_to: Agent}, t-asset: {applies_to: Database}}}
"""
MODEL = """
graphmodel: 1
system: {id: small}
zones:
  site: {trust: 3}
  room: {trust: 5, parent: site}
  cellar: {trust: 5}
assets:
  bot: {type: Agent, zone: room}
  db: {type: Database, zone: cellar}
  proxy: {type: ApiGateway, zone: cellar}
flows:
  - {id: call, from: bot, to: db, two_way: true, mediated_by: [proxy]}
"""
BINDINGS = {
    "t-asset": "t-asset:bot<db",
    "t-other": "t-other:bot<db",
    "t-both": "t-both:bot<db",
    "t-alone": "t-alone:bot",
}


def compiled(more: str = "", text: str = MODEL) -> Compiled:
    catalogue, problems = load_catalogue([("own.yaml", OWN)])
    assert problems == ()
    read = read_document(read_yaml((text + more).encode(), "small.yaml"), catalogue)
    assert read.system is not None, read.problems
    return compile_system(read.system, catalogue, load_settings()[0])


def covered(one: Compiled, control: str, *protects: str) -> set[str]:
    """The threats of this test that an implementation would cover."""
    steps = one.credit.steps(ControlImplementation("c", control, protects))
    return {threat for threat, step in BINDINGS.items() if step in steps}


@pytest.mark.parametrize(
    ("control", "protects", "threats"),
    [
        # The end on which the threat is defended, by name, by a zone around it, by the whole system.
        ("guard", "bot", {"t-asset", "t-both", "t-alone"}),
        ("guard", "db", {"t-other", "t-both"}),
        ("guard", "room", {"t-asset", "t-both", "t-alone"}),
        ("guard", "site", {"t-asset", "t-both", "t-alone"}),
        ("guard", "cellar", {"t-asset", "t-other", "t-both"}),  # the mediator stands there too
        ("guard", "*", {"t-asset", "t-other", "t-both", "t-alone"}),
        # Only elements of the types that the control applies to.
        ("for-agents", "*", {"t-asset", "t-both", "t-alone"}),
        ("for-agents", "db", set()),
        ("for-agents", "cellar", set()),
        ("for-stores", "*", {"t-other", "t-both"}),
        ("for-stores", "bot", set()),
        # Against some threats on some of these types only.
        ("by-threat", "db", {"t-other"}),
        ("by-threat", "bot", {"t-both", "t-alone"}),
        ("by-threat", "proxy", {"t-other"}),
        # The flow that the step comes over: by name whatever the control applies to, or by what mediates it.
        ("guard", "call", {"t-asset", "t-other", "t-both"}),
        ("for-stores", "call", {"t-asset", "t-other", "t-both"}),
        ("guard", "proxy", {"t-asset", "t-other", "t-both"}),
        ("for-stores", "proxy", set()),
    ],
)
def test_each_clause_of_the_rule(control: str, protects: str, threats: set[str]) -> None:
    assert covered(compiled(), control, protects) == threats


def test_every_flow_must_be_covered() -> None:
    two = compiled("  - {id: second, from: bot, to: db, two_way: true}\n")
    assert covered(two, "guard", "call") == set()
    assert covered(two, "guard", "proxy") == set()
    assert covered(two, "guard", "call", "second") == {"t-asset", "t-other", "t-both"}
    assert covered(two, "guard", "proxy", "second") == {"t-asset", "t-other", "t-both"}


def test_a_dependency_beside_the_flows_is_not_covered_with_them() -> None:
    beside = compiled("dependencies:\n  - bot retrievesFrom db\n")
    assert covered(beside, "guard", "call") == set()
    assert covered(beside, "guard", "bot") == {"t-asset", "t-both", "t-alone"}


def test_what_it_does_not_mitigate_a_control_does_not_cover() -> None:
    one = compiled()
    steps = {
        one.binding_by_id[step].pattern.id for step in one.credit.steps(ControlImplementation("c", "guard", ("*",)))
    }
    assert steps == set(BINDINGS)


def test_steps_list_every_control_that_covers_them_by_status() -> None:
    one = compiled(
        "controls:\n"
        "  b: {control: guard, protects: [bot]}\n"
        "  a: {control: for-agents, protects: ['*'], status: planned}\n"
        "  r: {control: guard, protects: [bot], status: retired}\n"
    )
    assert one.covers["t-asset:bot<db"] == ("a", "b")
    assert "t-other:bot<db" not in one.covers


@cache
def example(path: Path) -> Compiled:
    catalogue = load_catalogue()[0]
    return compile_system(system(path.read_text(), catalogue), catalogue, load_settings()[0])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_the_index_leaves_nothing_out(path: Path, data: st.DataObject) -> None:
    """For any places, the steps that are found near them are all that the rule covers."""
    one = example(path)
    places = sorted({"*", *one.elements, *one.system.flow_by_id})
    kinds = sorted(key for key, kind in one.catalogue.controls.items() if kind.mitigates)
    control = data.draw(st.sampled_from(kinds))
    chosen = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3))
    candidate = ControlImplementation("c", control, tuple(chosen))
    assert one.credit.steps(candidate) == {step.id for step in one.bindings if one.credit.covers(candidate, step)}
