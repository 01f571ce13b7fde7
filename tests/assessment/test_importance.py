"""How much hangs on each part: exact where the assessment is, and the same as assessing a changed graph."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from graphmodel.assessment.cases import case_of, graph_in, graph_under
from graphmodel.assessment.importance import Importance, Kind, find_importance
from graphmodel.assessment.results import Assessment
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.relations import Reach
from graphmodel.cli.main import main
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.knowledge.vocabulary import View
from graphmodel.workspace import open_model
from tests.conftest import ROOT
from tests.thorough import cases, tries_more


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return open_model(ROOT / "examples" / "support-assistant.yaml").assess(Reach.DATA, Options(worlds=20_000))


@pytest.fixture(scope="module")
def found(assessment: Assessment) -> Importance:
    return find_importance(assessment)


def graph_of(assessment: Assessment, actor: str) -> AttackGraph:
    return graph_in(assessment, actor)


def loss_of(graph: AttackGraph, assessment: Assessment) -> float:
    losses = loss_amounts(assessment.compiled, View.RESIDUAL)
    (solution,) = Solver(replace(graph, losses=losses)).solve()
    assert solution.loss.is_exact
    return solution.loss.value


@pytest.fixture(scope="module")
def whole(assessment: Assessment) -> float:
    return without(assessment, set())


def yearly(assessment: Assessment, change: dict[str, AttackGraph]) -> float:
    return sum(weight * loss_of(change[actor], assessment) for actor, weight in assessment.weights.items())


def without(assessment: Assessment, steps: set[str]) -> float:
    graphs = {}
    for actor in assessment.weights:
        graph = graph_of(assessment, actor)
        graphs[actor] = replace(graph, steps=tuple(one for one in graph.steps if one.id not in steps))
    return yearly(assessment, graphs)


@tries_more
def test_steps_are_worth_what_assessing_without_them_says(
    assessment: Assessment, found: Importance, whole: float
) -> None:
    steps = found.of(Kind.STEP)
    assert len(steps) > 20
    for one in (*steps[: cases(1, 4)], steps[len(steps) // 2]):
        assert one.saves is not None
        assert one.birnbaum is not None
        assert one.saves.is_exact
        assert one.saves.value == pytest.approx(whole - without(assessment, {one.id}), rel=1e-9)
        assert one.share is not None
        assert one.share.is_exact
        assert one.share.value == pytest.approx(one.saves.value / whole)
        assert one.birnbaum.value >= one.saves.value


def test_controls_are_worth_what_they_change(assessment: Assessment, found: Importance, whole: float) -> None:
    active = assessment.compiled.in_force(View.RESIDUAL)
    controls = {one.id: one for one in found.of(Kind.CONTROL)}
    for name in ("prompt-filter", *sorted(controls))[:4]:
        if name not in controls or name not in {one.id for one in assessment.compiled.preventing}:
            continue
        lacking = {actor: graph_under(assessment, actor, active - {name}) for actor in assessment.weights}
        one = controls[name]
        assert one.costs is not None
        assert one.costs.value == pytest.approx(yearly(assessment, lacking) - whole, rel=1e-9)
    limiting = [
        one.id
        for one in assessment.compiled.system.controls
        if one.id in active and one.id not in {other.id for other in assessment.compiled.preventing}
    ]
    assert all(controls[name].saves is None for name in limiting if name in controls)


def agrees(found: Estimate, truth: float) -> None:
    """The very number where it is exact, and else within its interval."""
    assert found.low * (1 - 1e-9) <= truth <= found.high * (1 + 1e-9)
    assert found.is_exact or found.low < found.high < 1.2 * found.low


@pytest.mark.parametrize("asset", ["support-agent", "customer-records"])
def test_assets_and_blast_radii_agree_with_exact_graphs(
    assessment: Assessment, found: Importance, whole: float, asset: str
) -> None:
    (one,) = [one for one in found.of(Kind.ASSET) if one.id == asset]
    steps = {
        step.id
        for actor in assessment.weights
        for step in graph_of(assessment, actor).steps
        if step.gains.rpartition(":")[0] == asset
    }
    saved = whole - without(assessment, steps)
    assert one.saves is not None
    agrees(one.saves, saved)
    (blast,) = [one for one in found.blast if one.asset == asset]
    actor = assessment.actor_by_id[blast.actor].actor
    wide = attack_graph(assessment.compiled, actor, granting=[asset])
    holds = dict(case_of(assessment.compiled, assessment.compiled.in_force(View.RESIDUAL), actor.skill).holds)
    held = loss_of(wide.with_holds(holds), assessment)
    agrees(blast.loss, held)
    assert blast.added.value > 0


def test_flows_are_worth_their_steps(assessment: Assessment, found: Importance, whole: float) -> None:
    flow = found.of(Kind.FLOW)[0]
    steps = {one.id for one in assessment.compiled.bindings if any(way == (flow.id,) for way in one.ways)}
    saved = whole - without(assessment, steps)
    assert flow.saves is not None
    agrees(flow.saves, saved)
    assert saved > 0


def test_a_part_saves_no_more_than_there_is_to_lose(found: Importance, assessment: Assessment) -> None:
    whole = assessment.yearly_loss()
    assert whole is not None
    for one in found.parts:
        assert one.saves is None or -1e-6 <= one.saves.low <= one.saves.value <= whole.high * 1.2
        assert one.share is None or 0 <= one.share.low <= one.share.value <= one.share.high <= 1


def test_the_command_prints_what_is_documented() -> None:
    file = str(ROOT / "examples" / "edge-inspection.yaml")
    result = CliRunner().invoke(
        main, ["importance", file, "--json", "--kind", "control", "--kind", "asset", "--worlds", "2000"]
    )
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    assert {one["kind"] for one in value["parts"]} == {"control", "asset"}
    assert value["blast_radius"][0]["loss"]["method"] == "exact"
    assert value["blast_radius"][0]["loss"]["low"] == value["blast_radius"][0]["loss"]["high"]
    text = CliRunner().invoke(main, ["importance", file, "--worlds", "2000", "--from", "label-worker", "--top", "3"])
    assert text.exit_code == 0, text.output
    assert "amounts a campaign" in text.output
    assert "blast radius of" in text.output
    refused = CliRunner().invoke(main, ["importance", file, "--from", "nobody"])
    assert refused.exit_code == 2
    assert "there is no actor" in refused.output


def test_all_is_exact_in_a_long_chain_of_agents_that_answer_each_other(tmp_path: Path) -> None:
    """What any of them may hold is on one large loop, also where each may be held from the start."""
    count = 24
    flows = [f"  - {{from: a{n}, to: a{n + 1}, two_way: true}}" for n in range(count - 1)]
    lines = [
        "graphmodel: 1",
        "system: {id: chain, name: Chain}",
        "zones:",
        "  internet: {name: Internet, trust: 0}",
        *(f"  z{n}: {{name: Z{n}, trust: 5}}" for n in range(count)),
        "assets:",
        *(f"  a{n}: {{type: Agent, name: A{n}, zone: z{n}}}" for n in range(count)),
        "flows:",
        "  - {from: visitor, to: a0}",
        *flows,
        "actors:",
        "  visitor: {kind: outsider, skill: skilled, zone: internet, attempts_per_year: 2}",
        "losses:",
        f"  - {{fact: 'a{count // 2}:write', severity: high, amount: 100000}}",
    ]
    file = tmp_path / "chain.yaml"
    file.write_text("\n".join(lines))
    chain = open_model(file).assess()
    (actor,) = chain.actors
    assert max(len(one.facts) for one in actor.solver.events.components) > 50
    found = find_importance(chain)
    assert len(found.blast) == count
    for one in found.parts:
        assert all(estimate is None or estimate.is_exact for estimate in (one.saves, one.costs, one.birnbaum)), one
    assert all(one.loss.is_exact and one.added.is_exact for one in found.blast)
    # Whoever holds the asset that is lost has it in hand; one beside it is worth more than one at the far end.
    worth = {one.asset: one.loss.value for one in found.blast}
    assert worth[f"a{count // 2}"] > worth[f"a{count // 2 - 1}"] > worth["a0"]
