"""What must hold of every assessment, on the shipped examples."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.assessment.assess import assess
from graphmodel.assessment.cases import blocking, cases_of
from graphmodel.assessment.explain import explain
from graphmodel.assessment.gaps import find_gaps
from graphmodel.assessment.measures import RECOMMENDED, all_measures, fix_first
from graphmodel.assessment.paths import paths_to
from graphmodel.assessment.results import Assessment
from graphmodel.assessment.whatif import saved_by
from graphmodel.binding.compiled import compile_system
from graphmodel.engine.likelihood import Options
from graphmodel.knowledge.settings import Settings, load_settings
from graphmodel.knowledge.vocabulary import Catalogue, ControlFunction, Evidence, Range, Status, View
from graphmodel.model.system import ControlImplementation, System
from tests.assessment.assessed import QUICK, likelihoods, run
from tests.conftest import EXAMPLES
from tests.thorough import cases, tries_more


@pytest.fixture(scope="module")
def before(
    catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> Callable[[str, Options], Assessment]:
    """Examples as they are, assessed once for all that is compared with them."""
    return cache(lambda name, options: assess(compile_system(examples[name], catalogue, settings), options))


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_views_are_in_order_and_everything_is_exact(
    name: str, catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> None:
    assessment = run(examples[name], catalogue, settings)
    assert not assessment.worlds
    inherent, residual, target = (likelihoods(assessment, view) for view in View)
    for key, value in residual.items():
        assert target[key] - 1e-12 <= value <= inherent[key] + 1e-12
    losses = [assessment.expected_loss(view).value for view in View]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > losses[1] > losses[2] > 0


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_paths_explanations_measures_and_gaps_agree(
    name: str, catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> None:
    assessment = run(examples[name], catalogue, settings)
    for risk in assessment.risks:
        for actor in assessment.actors:
            for path in paths_to(assessment, actor.actor.id, risk.fact, 3):
                assert path.chance <= actor.likelihood(risk.fact).value + 1e-12
    for asset in assessment.compiled.system.assets:
        for why in explain(assessment, asset.id).facts:
            assert why.ways
            assert why.path is not None
            assert why.path.chance <= why.likelihood[View.RESIDUAL].value + 1e-12
            assert all(hop.because for hop in why.hops)
    now = sum(
        weight * assessment.actor_by_id[one].solutions[View.RESIDUAL].loss.value
        for one, weight in assessment.weights.items()
    )
    for measure in fix_first(assessment):
        assert 0 < measure.saves.value <= now
    gaps = find_gaps(assessment)
    assert gaps.threats
    assert all(gap.saves.value >= -1e-9 * now for gap in gaps.threats)  # differences of two exact losses
    saved = [gap.saves.value for gap in gaps.threats]
    assert saved == pytest.approx(sorted(saved, reverse=True), rel=1e-9)  # equal ones stand in order of name


@tries_more
@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_a_recommended_measure_saves_what_it_says_once_it_is_written_down(
    name: str,
    catalogue: Catalogue,
    settings: Settings,
    examples: dict[str, System],
    before: Callable[[str, Options], Assessment],
) -> None:
    one = examples[name]
    now = before(name, QUICK)
    for measure in all_measures(now)[: cases(3, 12)]:
        if measure.status == RECOMMENDED:
            added = ControlImplementation("new", measure.control.id, measure.protects, evidence=Evidence.DECLARED)
            changed = replace(one, controls=(*one.controls, added))
        else:
            changed = replace(
                one,
                controls=tuple(
                    replace(c, status=Status.IMPLEMENTED) if c.id == measure.implementation else c for c in one.controls
                ),
            )
        after = run(changed, catalogue, settings)
        saved = now.yearly_loss().value - after.yearly_loss().value  # type: ignore[union-attr]
        assert measure.saves.value == pytest.approx(saved, rel=1e-9, abs=1e-6), measure.id


@tries_more
@settings(max_examples=cases(6, 40), deadline=None)
@given(data=st.data())
def test_an_implemented_control_never_raises_a_likelihood(
    data: st.DataObject,
    catalogue: Catalogue,
    examples: dict[str, System],
    before: Callable[[str, Options], Assessment],
) -> None:
    table, _ = load_settings()
    name = data.draw(st.sampled_from(sorted(examples)))
    one = examples[name]
    control = data.draw(st.sampled_from(sorted(catalogue.controls)))
    places = [*one.asset_by_id, *one.zone_by_id, *one.flow_by_id, "*"]
    added = ControlImplementation(
        id="new",
        control=control,
        protects=tuple(data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True))),
        strength=data.draw(st.none() | st.floats(0, 1).map(Range.point)),
        coverage=data.draw(st.sampled_from([1.0, 0.5])),
        independent=data.draw(st.booleans()),
        evidence=data.draw(st.sampled_from(Evidence)),
    )
    first = before(name, QUICK)
    after = run(replace(one, controls=(*one.controls, added)), catalogue, table)
    was, now = likelihoods(first), likelihoods(after)
    assert all(now[key] <= was[key] + 1e-12 for key in was)
    assert after.expected_loss().value <= first.expected_loss().value + 1e-6
    if catalogue.controls[control].function in (ControlFunction.ASSURE, ControlFunction.DETECT):
        assert now == was


@tries_more
@settings(max_examples=cases(2, 15), deadline=None)
@given(
    seed=st.integers(0, 1000),
    name=st.sampled_from([path.stem for path in EXAMPLES]),
    nodes=st.sampled_from([0, 60_000]),
)
def test_order_of_elements_changes_nothing(
    seed: int,
    name: str,
    nodes: int,
    catalogue: Catalogue,
    examples: dict[str, System],
    before: Callable[[str, Options], Assessment],
) -> None:
    table, _ = load_settings()
    rng, one = random.Random(seed), examples[name]
    mixed = replace(
        one,
        **{
            part: tuple(rng.sample(getattr(one, part), len(getattr(one, part))))
            for part in ("zones", "assets", "flows", "dependencies", "actors", "controls", "losses", "overrides")
        },
    )
    options = Options(nodes=nodes, worlds=1_000)
    first, second = before(name, options), assess(compile_system(mixed, catalogue, table), options)
    assert likelihoods(first) == likelihoods(second)
    assert first.expected_loss() == second.expected_loss()
    assert [risk.fact for risk in first.risks] == [risk.fact for risk in second.risks]
    assert [a.asset.id for a in first.assets] == [a.asset.id for a in second.assets]
    assert [m.id for m in fix_first(first)] == [m.id for m in fix_first(second)]
    fact = first.risks[0].fact
    for actor in first.actor_by_id:
        assert paths_to(first, actor, fact) == paths_to(second, actor, fact)


def test_savings_of_a_simulated_model_agree_with_the_exact_ones(
    catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> None:
    compiled = compile_system(examples["support-assistant"], catalogue, settings)
    exact = {one.id: one.saves.value for one in all_measures(assess(compiled))}
    simulated = all_measures(assess(compiled, Options(nodes=0)))
    outside = [one.id for one in simulated if not one.saves.low <= exact.get(one.id, 0.0) <= one.saves.high]
    assert len(simulated) > 30
    assert not outside
    assert all(one.saves.method == "simulated" for one in simulated)


def test_what_is_not_worked_out_has_a_bound_that_holds(
    catalogue: Catalogue, settings: Settings, examples: dict[str, System], monkeypatch: pytest.MonkeyPatch
) -> None:
    assessment = assess(compile_system(examples["credit-scoring"], catalogue, settings), Options(nodes=0))
    active = assessment.compiled.in_force(View.RESIDUAL)
    threats = [one for one in assessment.compiled.bindings if not one.pattern.propagation]
    now = cases_of(assessment.compiled, active)
    cases = [blocking(now, [one.id]) for one in threats]
    everything = saved_by(assessment, cases, most=len(cases))
    monkeypatch.setattr("graphmodel.assessment.whatif._BATCH", 4)
    monkeypatch.setattr("graphmodel.assessment.whatif._CASES", 8)
    some = saved_by(assessment, cases, most=3)
    bounded = [number for number, one in enumerate(some) if one.method == "bound"]
    assert len(bounded) > 10
    for number in bounded:
        assert some[number].low == 0
        assert everything[number].value <= some[number].high + 1e-6
    for number in set(range(len(cases))) - set(bounded):
        assert some[number].value == pytest.approx(everything[number].value)
