"""Severity, attacks, maturity and what gaps are worth, each against another way to the same number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmodel.assessment.cases import graph_in
from graphmodel.binding.compiled import compile_system
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Solver
from graphmodel.knowledge.framework import UseSeverity, load_framework
from graphmodel.knowledge.vocabulary import Status, View
from graphmodel.outputs.posture import posture_json
from graphmodel.posture.answers import AnswerStatus
from graphmodel.posture.attacks import _COULD, _DID, _apart, attack_matrix
from graphmodel.posture.maturity import indicated
from graphmodel.posture.posture import find_posture
from graphmodel.posture.profiles import BY_SEVERITY, PROFILES, targets
from graphmodel.posture.severity import use_rating
from graphmodel.posture.worth import worth_of
from tests.oracles import all_worlds, random_graph, uncertain
from tests.posture.systems import ANSWERS, SYSTEM, stands


@pytest.mark.parametrize(
    ("true", "severity", "fired"),
    [
        ((), None, ()),
        (("open-data",), UseSeverity.INFORMATIONAL, ("informational-1",)),
        (("outside-production",), UseSeverity.LOW, ("low-2",)),
        (("outside-production", "knows-production"), UseSeverity.MEDIUM, ("medium-4",)),
        (("business-critical",), UseSeverity.HIGH, ("high-3",)),
        (("business-critical", "large-impact", "impact-spreads"), UseSeverity.CRITICAL, ("critical-2",)),
        (("regulated-data", "outside-production", "open-data"), UseSeverity.CRITICAL, ("critical-1",)),
    ],
)
def test_the_highest_criterion_that_holds_is_the_severity(
    true: tuple[str, ...], severity: UseSeverity | None, fired: tuple[str, ...]
) -> None:
    framework = load_framework()
    rating = use_rating(framework, {one.id: one.id in true for one in framework.facts})
    assert (rating.severity, tuple(one.id for one in rating.fired)) == (severity, fired)
    assert rating.could is severity and not rating.unsaid


@given(said=st.dictionaries(st.sampled_from([one.id for one in load_framework().facts]), st.booleans()))
def test_open_facts_leave_open_what_they_could_raise(said: dict[str, bool]) -> None:
    framework, order = load_framework(), [None, *reversed(UseSeverity)]
    rating = use_rating(framework, said)
    most = use_rating(framework, {one.id: said.get(one.id, True) for one in framework.facts}).severity
    assert rating.could is most
    assert order.index(rating.severity) <= order.index(most)
    for fact in rating.unsaid:
        more = use_rating(framework, {**said, fact: True})
        assert order.index(more.severity) >= order.index(rating.severity)


@pytest.mark.parametrize(
    ("statuses", "level"),
    [
        ("----", (0, 0)),
        ("p---", (1, 1)),
        ("+---", (1, 1)),
        ("+p--", (1, 1)),
        ("++--", (2, 2)),
        ("pp", (2, 2)),
        ("+++p", (2, 2)),
        ("++++", (3, 3)),
        ("+x", (3, 3)),
        ("+?", (2, 3)),
        ("-?", (0, 2)),
        ("????", (0, 3)),
    ],
)
def test_items_indicate_levels_by_the_share_that_is_met(statuses: str, level: tuple[int, int]) -> None:
    words = {"+": AnswerStatus.MET, "p": AnswerStatus.PARTLY, "-": AnswerStatus.NOT_MET, "?": None}
    words |= {"x": AnswerStatus.NOT_APPLICABLE}
    assert indicated([words[one] for one in statuses]) == level


_STATUS = st.sampled_from([*AnswerStatus, None])


@given(statuses=st.lists(_STATUS, min_size=1, max_size=8), number=st.integers(0, 7))
def test_more_that_is_met_never_indicates_less(statuses: list[AnswerStatus | None], number: int) -> None:
    found = indicated(statuses)
    if found is None:
        assert set(statuses) == {AnswerStatus.NOT_APPLICABLE}
        return
    assert 0 <= found[0] <= found[1] <= 3
    if None not in statuses:
        assert found[0] == found[1]
    place = number % len(statuses)
    if statuses[place] is not AnswerStatus.NOT_APPLICABLE:
        better = indicated([*statuses[:place], AnswerStatus.MET, *statuses[place + 1 :]])
        assert better is not None and better[0] >= found[0] and better[1] >= found[1]
    if set(statuses) == {AnswerStatus.MET}:
        assert found == (3, 3)


@pytest.mark.parametrize("block", range(4))
def test_the_chance_of_an_attack_is_that_of_all_worlds_in_which_a_step_of_it_succeeds(block: int) -> None:
    tried = 0
    for seed in range(block * 25, block * 25 + 25):
        graph = random_graph(seed)
        if uncertain(graph) > 14:
            continue
        attacks = {"odd": {one.id for one in graph.steps[::2]}, "all": {one.id for one in graph.steps}}
        attacks |= {f"only {one.id}": {one.id} for one in graph.steps}
        worlds = all_worlds(graph)
        apart = _apart(graph, attacks)
        (solved,) = Solver(apart).solve()
        for attack, steps in attacks.items():
            ready = {
                one.id: np.logical_and.reduce(
                    [np.ones(len(worlds.chance), bool), *(worlds.held[need] for need in one.needs)]
                )
                for one in graph.steps
                if one.id in steps
            }
            can = np.logical_or.reduce([ready[one] for one in ready])
            does = np.logical_or.reduce([ready[one] & worlds.possible[one] for one in ready])
            assert solved.of(f"{_COULD}{attack}").value == pytest.approx(worlds.chance[can].sum(), abs=1e-9), seed
            assert solved.of(f"{_DID}{attack}").value == pytest.approx(worlds.chance[does].sum(), abs=1e-9), seed
        for fact, held in worlds.held.items():
            assert solved.of(fact).value == pytest.approx(worlds.chance[held].sum(), abs=1e-9), (seed, fact)
        tried += 1
    assert tried > 10


def test_the_matrix_stands_beside_the_starter_values_and_falls_with_controls(tmp_path: Path) -> None:
    framework = load_framework()
    plain, _, _ = stands(tmp_path)
    guard = "controls: {g: {control: content-isolation, protects: [bot]}}\n"
    guarded, _, _ = stands(tmp_path, system=SYSTEM + guard)
    rows = {one.prior.id: one for one in attack_matrix(plain, framework)}
    less = {one.prior.id: one for one in attack_matrix(guarded, framework)}
    assert [one.id for one in framework.attacks] == list(rows)
    injection = rows["prompt-injection"]
    assert injection.now.likelihood.value == injection.inherent.likelihood.value > 0
    assert 0 < injection.now.exploitability.value <= 1
    assert injection.now.likelihood.value <= injection.now.available.value
    assert not rows["evasion"].now.actor and rows["evasion"].likelihood_band == ""
    assert less["prompt-injection"].controls == ("g",)
    assert less["prompt-injection"].inherent.likelihood == injection.inherent.likelihood
    planter = graph_in(guarded, "planter", View.RESIDUAL)
    assert any(step.controls for step in planter.steps)


def test_what_a_requirement_is_worth_is_what_its_measures_save_when_they_stand(tmp_path: Path) -> None:
    assessment, found, _ = stands(tmp_path)
    compiled = assessment.compiled
    worth = worth_of(assessment, found.framework)
    assert worth
    for requirement, one in worth.items():
        system = compiled.system
        assert one.measures and requirement in found.framework.control_by_id
        from graphmodel.model.system import ControlImplementation

        built = tuple(
            ControlImplementation(id_, id_.partition("@")[0], (id_.partition("@")[2],), status=Status.IMPLEMENTED)
            for id_ in one.measures
        )
        from graphmodel.assessment.assess import assess

        then = assess(compile_system(replace(system, controls=built), compiled.catalogue, compiled.settings))
        before = sum(actor.solutions[View.RESIDUAL].loss.value for actor in assessment.actors)
        after = sum(actor.solutions[View.RESIDUAL].loss.value for actor in then.actors)
        assert one.saves.is_exact
        assert one.saves.value == pytest.approx(before - after, rel=1e-9, abs=1e-6), requirement


def test_what_is_solved_already_tells_the_same_as_a_graph_that_is_solved_anew(tmp_path: Path) -> None:
    planned = "controls: {g: {control: input-guardrail, protects: [bot], status: planned, strength: [0.2, 0.5, 0.9]}}\n"
    assessment, found, _ = stands(tmp_path, system=SYSTEM + planned)
    framework = found.framework
    told = worth_of(assessment, framework)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graphmodel.posture.worth.saved_together", lambda *_: None)
        anew = worth_of(assessment, framework)
    assert told.keys() == anew.keys()
    assert sum(one.saves.value > 0 for one in told.values()) > 5
    assert max(len(one.measures) for one in told.values()) > 3
    for requirement, one in told.items():
        assert (one.measures, one.saves.is_exact) == (anew[requirement].measures, True)
        assert one.saves.value == pytest.approx(anew[requirement].saves.value, rel=1e-9, abs=1e-6), requirement


def test_measures_that_exclude_each_other_are_not_counted_on_together(tmp_path: Path) -> None:
    guards = "controls:\n" + "".join(
        f"  {name}: {{control: input-guardrail, protects: [{place}], status: {status}, strength: 0.9{excludes}}}\n"
        for name, place, status, excludes in (
            ("a", "bot", "proposed", ", excludes: [b]"),
            ("b", "bot", "planned", ""),
            ("c", "llm", "proposed", ", excludes: [d]"),
            ("d", "llm", "implemented", ""),
        )
    )
    assessment, found, _ = stands(tmp_path, system=SYSTEM + guards)
    one = worth_of(assessment, found.framework)["GEN-1"]
    assert one.left_out == ("a",) and "b" in one.measures and not {"a", "c"} & set(one.measures)
    posture = posture_json(find_posture(assessment, found.framework, found.given, stands(tmp_path)[2]))
    assert [gap["left_out"] for gap in posture["gaps"] if gap["requirement"] == "GEN-1"] == [["a"]]


def test_gaps_come_by_what_they_are_worth_and_compliance_last(tmp_path: Path) -> None:
    text = ANSWERS + "profile: baseline\nmaturity: {GEN-1: 4, MS-5.2.2: {level: 1, target: 5}}\n"
    assessment, found, standing = stands(tmp_path, text)
    posture = find_posture(assessment, found.framework, found.given, standing)
    kinds = [one.is_risk for one in posture.gaps]
    assert kinds == sorted(kinds, reverse=True) and True in kinds and False in kinds
    saves = [one.worth.saves.value for one in posture.gaps if one.worth and one.is_risk]
    assert saves == sorted(saves, reverse=True)
    by_id = {one.state.requirement.id: one for one in posture.gaps}
    assert by_id["GEN-1"].exposed
    assert (by_id["MS-5.2.2"].state.gap, by_id["MS-5.2.2"].is_risk) == (4, False)


def test_targets_follow_the_profile_and_the_severity() -> None:
    framework = load_framework()
    for severity, level in BY_SEVERITY.items():
        assert set(targets(framework, PROFILES["by-severity"], severity).values()) == {level}
    regulated = targets(framework, PROFILES["regulated"], None)
    assert regulated["MS-5.2.1"] == 4 and min(regulated.values()) == 3


def test_taking_a_graph_apart_twice_changes_no_fact() -> None:
    graph = AttackGraph(("a",), ("a",), ())
    assert _apart(graph, {}).steps == ()
