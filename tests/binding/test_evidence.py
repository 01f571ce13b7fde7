"""What tests do to a system's chances: the rule from hits to a chance, and which tests count for what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import Compiled, compile_system, holds_of
from graphmodel.binding.evidence import CHANCE, STRENGTH, WEAKNESS
from graphmodel.binding.updating import Beta, as_range, campaign, effect, prior
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue, Range, Skill, View
from graphmodel.model.system import Observation, Override, System
from tests.conftest import system

DOCUMENT = """\
graphmodel: 1
system: {id: small}
zones:
  outside: {trust: 0}
  inside: {trust: 5}
assets:
  app: {type: WebApplication, zone: inside}
  agent: {type: Agent, zone: inside}
  words: {type: SystemPrompt, zone: inside}
flows:
  - {from: visitor, to: app}
  - {from: app, to: agent, two_way: true, authenticated: true, encrypted: true}
dependencies:
  - agent usesPrompt words
actors:
  visitor: {kind: outsider, zone: outside}
controls:
  filter: {control: input-guardrail, protects: [agent], strength: 0.5, evidence: tested}
losses:
  - {fact: "agent:steer", severity: high}
"""
THREAT, STEP = "direct-prompt-injection", "direct-prompt-injection:agent"
TODAY = "2027-03-01"
Counts = st.integers(0, 300).flatmap(lambda tried: st.tuples(st.integers(0, tried), st.just(tried)))


@pytest.fixture(scope="module")
def small(catalogue: Catalogue) -> System:
    return system(DOCUMENT, catalogue)


@pytest.fixture(scope="module")
def compiled_with(small: System, catalogue: Catalogue, settings: Settings):  # type: ignore[no-untyped-def]
    def compiled(*evidence: Observation, **changed: object) -> Compiled:
        return compile_system(replace(small, evidence=evidence, **changed), catalogue, settings, today=TODAY)

    return compiled


def trial(hits: int, attempts: int, id_: str = "one", **fields: object) -> Observation:
    known = {"threat": THREAT, "on": "agent", "date": "2027-02-01", "controls": ("filter",), **fields}
    return Observation(id_, attempts=attempts, hits=hits, **known)  # type: ignore[arg-type]


def after_controls(compiled: Compiled, step: str = STEP, view: View = View.RESIDUAL) -> float:
    """The chance of a step with the controls of a view, against the one actor of the system."""
    (actor,) = compiled.system.actors
    graph = attack_graph(compiled, actor)
    holds, one = holds_of(compiled, compiled.in_force(view), actor.skill), graph.step_by_id[step]
    chance = one.chance
    for cover in one.controls:
        chance *= 1 - holds[cover.control] * cover.coverage
    return chance


# ---------------------------------------------------------------- the arithmetic
def test_a_prior_is_what_the_catalogue_says_of_a_campaign() -> None:
    for chance in (0.01, 0.24, 0.6, 0.99):
        for prompts in (1, 10, 100):
            known = prior(chance, 8, prompts)
            assert known.reached(prompts) == pytest.approx(chance, abs=1e-9)
            assert known.a + known.b == pytest.approx(8)


def test_posteriors_are_those_that_can_be_worked_out_by_hand() -> None:
    none = Beta(0.5, 0.5).after(0, 33)
    assert none.mean == pytest.approx(0.5 / 34)
    assert none.quantile(0.95) == pytest.approx(0.0561, abs=1e-4)
    assert Beta(1, 1).reached(1) == pytest.approx(1 / 2)
    assert Beta(1, 1).reached(2) == pytest.approx(2 / 3)  # 1 - the mean of (1 - p) squared
    assert campaign(Beta(1, 1), 2).high == pytest.approx(1 - 0.05**2)


def test_a_control_is_not_shown_by_three_of_eleven_against_one() -> None:
    by_prompts, by_answers = effect((3, 11), (1, 11)), effect((4, 33), (1, 33))
    assert by_prompts.probability == pytest.approx(0.86, abs=0.005)
    assert by_answers.probability == pytest.approx(0.92, abs=0.005)
    assert by_prompts.median == pytest.approx(0.6, abs=0.05)
    assert by_answers.median == pytest.approx(0.7, abs=0.05)
    assert by_prompts.low < 0
    assert by_answers.low < 0
    # Who tries a hundred prompts is stopped by neither.
    assert effect((4, 33), (1, 33), 100).mean < 0.2


@settings(max_examples=60, deadline=None)
@given(st.floats(0.001, 0.999), Counts, st.sampled_from([1, 10, 100]))
def test_more_hits_never_lower_a_chance_and_none_never_makes_it_zero(
    chance: float, counts: tuple[int, int], prompts: int
) -> None:
    known, (hits, attempts) = prior(chance, 8, prompts), counts
    now = campaign(known.after(hits, attempts), prompts)
    assert 0 < now.mean <= 1
    assert now.low <= now.high
    if hits < attempts:
        more = campaign(known.after(hits + 1, attempts), prompts)
        assert more.mean >= now.mean
        assert (more.low, more.high) >= (now.low, now.high)
    assert campaign(known.after(0, attempts), prompts).mean > 0
    found = as_range(now.mean, now.low, now.high)
    assert found.mean == pytest.approx(now.mean)
    assert 0 <= found.low <= found.high <= 1


# ---------------------------------------------------------------- in a system
@settings(max_examples=40, deadline=None)
@given(Counts.filter(lambda one: one[1] >= 10), st.booleans())
def test_with_the_same_controls_a_step_has_the_measured_chance(  # type: ignore[no-untyped-def]
    compiled_with, counts: tuple[int, int], on: bool
) -> None:
    hits, attempts = counts
    compiled = compiled_with(trial(hits, attempts, controls=("filter",) if on else ()))
    update = compiled.measurements.update(compiled.binding_by_id[STEP], Skill.SKILLED)
    measured = update.measured.mean
    assert after_controls(compiled) == pytest.approx(measured if on else measured * 0.5)
    assert after_controls(compiled, view=View.INHERENT) >= after_controls(compiled) - 1e-12
    if hits < attempts:
        more = compiled_with(trial(hits + 1, attempts, controls=("filter",) if on else ()))
        assert after_controls(more) >= after_controls(compiled) - 1e-12


def test_no_prompts_at_all_would_leave_the_catalogues_chance(compiled_with) -> None:  # type: ignore[no-untyped-def]
    plain, asked = compiled_with(), compiled_with(trial(1, 12))
    update = asked.measurements.update(asked.binding_by_id[STEP], Skill.SKILLED)
    assert update.expected.mean == pytest.approx(after_controls(plain))
    assert after_controls(asked) > after_controls(plain)


def test_evidence_of_an_agent_speaks_of_what_goes_through_it(compiled_with) -> None:  # type: ignore[no-untyped-def]
    compiled = compiled_with(trial(0, 60, threat="system-prompt-extraction", controls=()))
    (step,) = compiled.measurements.steps_of["one"]
    assert (step.asset, step.others) == ("words", ("agent",))
    assert after_controls(compiled, step.id) < after_controls(compiled_with(), step.id)


@pytest.mark.parametrize(
    ("observed", "why"),
    [
        (trial(3, 9), "9 prompts are too few: it takes 10"),
        (trial(3, 20, errors=6), "6 of 26 prompts told nothing"),
        (trial(3, 20, date="2026-08-01"), "too old: it counted until 2027-01-28"),
        (trial(3, 20, until="2027-02-28"), "too old: it counted until 2027-02-28"),
        (trial(3, 20, date="2027-03-02"), "still to come"),
        (trial(3, 20, date=""), "its date is not known"),
        (trial(3, 20, on="app"), "no step of direct-prompt-injection concerns app"),
        (trial(3, 20, threat="jailbreak"), "no step of jailbreak concerns agent"),
        (Observation("one", "service-exploit", "app", findings=0, date="2027-02-01"), "nothing was found"),
    ],
)
def test_what_does_not_count_says_why_and_moves_nothing(compiled_with, observed: Observation, why: str) -> None:  # type: ignore[no-untyped-def]
    compiled = compiled_with(observed)
    (weighed,) = compiled.measurements.weighed
    assert weighed.uses == ()
    assert why in weighed.why
    assert after_controls(compiled) == after_controls(compiled_with())


@pytest.mark.parametrize(
    ("override", "why"),
    [
        (Override(THREAT, "agent", "seen", excluded=True), "the model excludes this threat there"),
        (Override(THREAT, "agent", "seen", Range.point(0.3)), "a person's judgement stands"),
    ],
)
def test_a_persons_judgement_stands(compiled_with, override: Override, why: str) -> None:  # type: ignore[no-untyped-def]
    compiled = compiled_with(trial(9, 12), overrides=(override,))
    assert why in compiled.measurements.weighed[0].why
    if override.chance is not None:
        assert after_controls(compiled) == pytest.approx(0.3 * 0.5)


def test_small_tests_add_up_and_their_order_changes_nothing(compiled_with) -> None:  # type: ignore[no-untyped-def]
    parts = [trial(1, 6, "a"), trial(0, 5, "b"), trial(2, 8, "c", controls=None)]
    whole = after_controls(compiled_with(trial(3, 19)))
    assert after_controls(compiled_with(*parts)) == pytest.approx(whole)
    assert after_controls(compiled_with(*reversed(parts))) == after_controls(compiled_with(*parts))


def test_two_tests_measure_a_control_only_where_it_is_shown(compiled_with) -> None:  # type: ignore[no-untyped-def]
    weak = compiled_with(trial(3, 11, "bare", controls=()), trial(1, 11, "kept"))
    assert "probability of 0.86" in weak.measurements.comparisons[0].refused
    assert weak.measurements.measured_strength == {}
    assert not any(STRENGTH in one.uses for one in weak.measurements.weighed)
    strong = compiled_with(trial(20, 60, "bare", controls=()), trial(1, 60, "kept"))
    comparison = strong.measurements.measured_strength["filter"]
    control = strong.system.control_by_id["filter"]
    for skill in Skill:
        wanted = comparison.effects[skill].range.mean / strong.ratio(control, THREAT, skill)
        assert strong.holds(control, skill) == pytest.approx(min(1, wanted), rel=0.02)
    assert strong.holds(control, Skill.NOVICE) > strong.holds(control, Skill.EXPERT)
    assert {one.observation.id: one.uses for one in strong.measurements.weighed} == {
        "bare": (STRENGTH,),
        "kept": (CHANCE, STRENGTH),
    }
    other = compiled_with(trial(20, 60, "bare", controls=()), trial(1, 60, "kept", tool="another"))
    assert other.measurements.comparisons == ()


def test_a_weakness_that_was_found_takes_the_place_of_the_prevalence(compiled_with) -> None:  # type: ignore[no-untyped-def]
    found = Observation("scan", "service-exploit", "app", findings=3, date="2027-02-01")
    compiled, plain = compiled_with(found), compiled_with()
    step = compiled.measurements.steps_of["scan"][0]
    assert compiled.measurements.weighed[0].uses == (WEAKNESS,)
    before, after = (one.chance(step, Skill.SKILLED).mean for one in (plain, compiled))
    assert before == pytest.approx(after * step.pattern.prevalence)
