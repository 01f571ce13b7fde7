"""Several ways to one try: what shares a draw, from the rule over the attack graph to every engine."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from graphmodel.assessment.assess import assess
from graphmodel.assessment.explain import explain
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import Compiled, compile_system
from graphmodel.engine.graph import AttackGraph, Step, graph_from_json
from graphmodel.engine.importance import Changes, graph_importance
from graphmodel.engine.likelihood import Case, Options, Solver
from graphmodel.engine.trials import written_out
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import Catalogue, View
from graphmodel.losses.contributions import conditioned
from graphmodel.losses.inputs import Values
from graphmodel.losses.propagation import Propagation
from graphmodel.outputs.text.explain import explanation_text
from graphmodel.reading.json_text import read_json
from tests.conftest import read, system
from tests.oracles import random_graph

STORES = """
graphmodel: 1
system: {id: stores}
zones:
  site: {trust: 5}
assets:
  bot: {type: Agent, zone: site}
  first: {type: KnowledgeBase, zone: site}
  second: {type: KnowledgeBase, zone: site}
  third: {type: KnowledgeBase, zone: site}
actors:
  guest: {kind: outsider, skill: skilled, starts: ["first:write", "second:write", "third:write"]}
flows:
  - {id: one, from: first, to: bot}
  - {id: two, from: second, to: bot}
  - {id: three, from: third, to: bot}
losses:
  - {fact: "bot:run", severity: high}
"""
WITH_A_TOOL = (
    STORES.replace("actors:", "  helper: {type: Tool, zone: site}\nactors:")
    .replace('"third:write"]', '"third:write", "helper:write"]')
    .replace("losses:", "dependencies: [bot invokes helper]\nlosses:")
)
FILTER = """
controls:
  filter: {control: content-screening, protects: [%s], strength: [1, 1, 1], evidence: tested, status: implemented}
"""
RULES = """
threats:
  carried-out:
    {name: A, meaning: A., asset: BusinessData, gains: read, chance: [0.5, 0.5, 0.5], area: model-deployment,
     attack: data-leakage, source: judgement, basis: B., trial: sending out, trial_of: %s,
     parts: {tool: {is: Application, needs: write}, agent: {is: Agent, needs: write}},
     where: [asset handledBy agent, agent sendsTo tool]}
"""
TWO_AGENTS = """
graphmodel: 1
system: {id: agents}
assets:
  records: {type: BusinessData}
  bot: {type: Agent}
  helper: {type: Agent}
  mail: {type: Application}
  chat: {type: Application}
actors:
  guest: {kind: outsider, starts: ["bot:write", "helper:write", "mail:write", "chat:write"]}
flows:
  - {id: a, from: bot, to: mail, carries: [records]}
  - {id: b, from: bot, to: chat, carries: [records]}
  - {id: c, from: helper, to: chat, carries: [records]}
losses:
  - {fact: "records:read", severity: high}
"""


def compiled(text: str, catalogue: Catalogue) -> Compiled:
    return compile_system(system(text, catalogue), catalogue, load_settings()[0])


def likelihood(one: Compiled, fact: str) -> float:
    return assess(one).worst(fact)[1].value


def test_three_poisoned_stores_are_one_try(catalogue: Catalogue) -> None:
    one = compiled(STORES, catalogue)
    ways = [step for step in attack_graph(one, one.system.actors[0]).steps if step.trial and step.gains == "bot:run"]
    assert len(ways) == 3
    assert likelihood(one, "bot:run") == pytest.approx(ways[0].chance)


def test_a_control_on_some_ways_leaves_the_others(catalogue: Catalogue) -> None:
    open_chance = likelihood(compiled(STORES, catalogue), "bot:run")
    for places, left in (("one, two", open_chance), ("one, two, three", 0.0)):
        one = compiled(STORES + FILTER % places, catalogue)
        assert likelihood(one, "bot:run") == pytest.approx(left)


def test_explain_says_with_what_a_step_is_one_try(catalogue: Catalogue) -> None:
    told = assess(compiled(STORES, catalogue))
    text = explanation_text(told, explain(told, "bot:run"))
    assert "one try with 2 other ways to it: planted instructions" in " ".join(text.split())


@pytest.mark.parametrize(("apart", "chance"), [("[agent]", 0.75), ("[]", 0.5)])
def test_elements_can_keep_tries_apart(apart: str, chance: float) -> None:
    """The three steps are two tries, one for each agent, or a single one."""
    catalogue, problems = load_catalogue([("own.yaml", (RULES % apart).encode())])
    assert problems == ()
    one = compiled(TWO_AGENTS, catalogue)
    steps = [step for step in attack_graph(one, one.system.actors[0]).steps if step.id.startswith("carried-out")]
    only = AttackGraph(
        ("s", "records:read"), ("s",), tuple(replace(step, needs=("s",)) for step in steps), (), {"records:read": 1.0}
    )
    assert len(steps) == 3
    assert Solver(only).solve()[0].of("records:read").value == pytest.approx(chance)


def test_only_a_part_that_tells_steps_apart_can_keep_tries_apart() -> None:
    _, problems = load_catalogue([("own.yaml", (RULES % "[outside]").encode())])
    assert ["no part that tells the steps of the pattern apart" in str(one) for one in problems] == [True]


# ---------------------------------------------------------------- the engine
def ways(*chances: float, losses: float = 100.0) -> AttackGraph:
    steps = tuple(Step(f"w{n}", ("s",), "goal", chance, trial="t") for n, chance in enumerate(chances))
    return AttackGraph(("s", "goal"), ("s",), steps, (), {"goal": losses})


def test_a_less_likely_way_adds_nothing_to_an_open_one_of_the_same_try_and_is_what_is_left_without_it() -> None:
    graph = ways(0.6, 0.3)
    solver = Solver(graph, changeable=["w0", "w1"])
    both, rest = solver.solve(Case(), Case(blocked=["w0"]))
    assert both.of("goal").value == pytest.approx(0.6)
    assert rest.of("goal").value == pytest.approx(0.3)


def test_what_hangs_on_a_way_is_what_the_others_leave() -> None:
    found = graph_importance(Solver(ways(0.6, 0.3))).steps
    assert found["w0"].value == pytest.approx(30.0)
    assert "w1" not in found or found["w1"].value == pytest.approx(0.0)


def test_the_slope_by_a_way_is_that_by_its_own_chance() -> None:
    """Without the first way 30 of 60 are left, for a chance of 0.6; of two tries it would be 30 of 72."""
    graph = ways(0.6, 0.3)
    apart = replace(graph, steps=tuple(replace(step, trial="") for step in graph.steps))
    for one, saved, slope in ((graph, 30.0, 50.0), (apart, 42.0, 70.0)):
        changes = Changes[str](Solver(one), Case())
        changes.add_step("w0", "w0")
        ((_, effect),) = changes.compared()
        assert effect.birnbaum is not None and effect.saves is not None
        assert (effect.saves.value, effect.birnbaum.value) == pytest.approx((saved, slope))


def test_where_a_way_was_taken_its_try_has_succeeded() -> None:
    graph = ways(0.6, 0.3)
    graph = replace(graph, facts=(*graph.facts, "else"), steps=(*graph.steps, Step("other", ("s",), "else", 0.5)))
    solver = Solver(graph)
    weights = conditioned(solver.events, [graph.step_by_id["w1"]], {})
    found = solver.exact(weights[:, np.newaxis])
    assert (found["goal"][0], found["else"][0]) == pytest.approx((1.0, 0.5))


def test_certain_steps_share_no_draw() -> None:
    assert Solver(ways(1.0, 0.5)).solve()[0].of("goal").value == 1.0
    assert not ways(1.0, 0.5).trial_of


def test_the_simulation_and_the_exact_engine_agree_on_a_try() -> None:
    graph = ways(0.5, 0.5, 0.25)
    found = Solver(graph, Options(nodes=0, width=0, pairs=0, worlds=100_000)).solve()[0].of("goal")
    assert found.low <= 0.5 <= found.high


def test_facts_between_are_shown_nowhere() -> None:
    graph = ways(0.6, 0.3)
    solver = Solver(graph)
    assert set(solver.solve()[0].likelihood) == {"s", "goal"} == solver.possible


def test_a_fact_that_is_called_like_one_between_is_another() -> None:
    graph = ways(0.5, 0.5)
    graph = replace(
        graph, facts=(*graph.facts, "goal by t"), steps=(*graph.steps, Step("x", ("goal",), "goal by t", 0.5))
    )
    found = Solver(graph).solve()[0]
    assert found.of("goal by t").value == pytest.approx(0.25)


def test_tries_of_facts_whose_names_run_together_are_apart() -> None:
    """“x by a by b” is said of both."""
    steps = [Step(f"{fact}{n}", ("s",), fact, chance, trial=trial) for n in range(2) for fact, trial, chance in APART]
    graph = AttackGraph(("s", "x", "x by a"), ("s",), tuple(steps))
    told = written_out(graph, graph.steps)
    for one in (graph, AttackGraph((*graph.facts, *told.facts), graph.start, told.steps)):
        found = Solver(one).solve()[0]
        assert [found.of(fact).value for fact, _, _ in APART] == pytest.approx([0.5, 0.25])


APART = (("x", "a by b", 0.5), ("x by a", "b", 0.25))


def test_tries_written_out_as_facts_have_the_same_likelihoods() -> None:
    tried = 0
    for seed in range(120):
        graph = random_graph(seed)
        told = written_out(graph, graph.steps)
        other = AttackGraph((*graph.facts, *told.facts), graph.start, told.steps, graph.controls, graph.losses)
        first, second = Solver(graph).solve()[0], Solver(other).solve()[0]
        for fact in graph.facts:
            assert first.of(fact).value == pytest.approx(second.of(fact).value, abs=1e-12), (seed, fact)
        tried += bool(graph.trial_of)
    assert tried > 40


def test_a_trial_survives_the_file() -> None:
    graph = ways(0.5, 0.5)
    again, problems = graph_from_json(read_json(json.dumps(graph.to_json()).encode(), "graph.json"))
    assert again == graph and problems == ()


# ---------------------------------------------------------------- ranges
def test_the_chances_of_events_follow_the_inputs(catalogue: Catalogue) -> None:
    """At their means the weights are those of the solver; at others the try is the greatest of its ways, of which one
    is less likely than the others."""
    told = assess(compiled(WITH_A_TOOL, catalogue))
    spread = Propagation(told, View.RESIDUAL, 1_000)
    (actor,) = told.actors
    means = Values(spread.inputs, np.full((len(spread.inputs), 1), np.nan))
    events = actor.solver.events
    assert spread.weights(actor, means)[:, 0] == pytest.approx(events.weights(), abs=1e-12)
    points = Values(spread.inputs, np.linspace(0.0, 1.0, 7) * np.ones((len(spread.inputs), 1)))
    weights = spread.weights(actor, points)
    tries = [event.trial for event in events.events if event.trial]
    numbers = {event.name: number for number, event in enumerate(events.events)}
    assert ("bot:run", 5) in {(events.graph.step_by_id[trial[0]].gains, len(trial)) for trial in tries}
    for trial in tries:
        drawn = weights[events.trial_of[trial[0]]]
        assert (np.diff(drawn) > 0).all()
        for step in (
            one for one in trial if one in events.events_of and len(events.events[events.events_of[one]].members) == 1
        ):
            chance = points.of_chance(told.compiled, told.compiled.binding_by_id[step], actor)
            assert weights[events.events_of[step]] * drawn == pytest.approx(chance, abs=1e-12)
    assert len(numbers) == len(weights)


def test_no_text_of_this_test_is_an_unread_model(catalogue: Catalogue) -> None:
    for text in (STORES, TWO_AGENTS):
        assert not [one for one in read(text, catalogue).problems if one.level == "error"]
