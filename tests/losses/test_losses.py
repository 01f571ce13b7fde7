"""Losses of a campaign and a year against closed forms, and what must always hold of them."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from graphmodel.assessment.results import Assessment
from graphmodel.binding.amounts import loss_amounts
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.engine.paths import best_paths, path_chance
from graphmodel.knowledge.vocabulary import Range, View
from graphmodel.losses import year as losses_module
from graphmodel.losses.campaigns import campaign_losses, campaigns_of, prices
from graphmodel.losses.contributions import conditioned, contributions
from graphmodel.losses.distribution import Distribution
from graphmodel.losses.variates import poisson_counts, uniforms
from graphmodel.losses.year import TooManyCampaignsError, loss_distributions
from graphmodel.workspace import Model, model_from_bytes, open_model
from tests.conftest import EXAMPLES
from tests.losses.limits import LIMIT, z
from tests.oracles import all_worlds, random_graph
from tests.thorough import quick_first


@lru_cache(maxsize=64)
def _model(text: str) -> Model:
    model = model_from_bytes(text.encode(), "one.yaml")
    assert model.usable, model.problems
    return model


def one_loss(chance: str = "0.3", rate: str = "2", amount: str = "100", actors: int = 1, extra: str = "") -> str:
    """Actors who hold access to an agent and talk it round with a chance; that costs something."""
    lines = "\n".join(
        f'  a{number}: {{kind: outsider, starts: ["agent:reach"], attempts_per_year: {rate}}}'
        for number in range(actors)
    )
    return f"""
graphmodel: 1
system: {{id: one}}
assets:
  agent: {{type: Agent}}
actors:
{lines}
overrides:
  - {{threat: direct-prompt-injection, asset: agent, chance: {chance}, reason: test}}
  - {{threat: service-exploit, asset: agent, excluded: true, reason: test}}
  - {{threat: forwarded-exploit, asset: agent, excluded: true, reason: test}}
losses:
  - {{fact: "agent:steer", amount: {amount}}}
{extra}
"""


def assessed(text: str, **options: object) -> Assessment:
    return _model(text).assess(options=Options(**options))  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def example(name: str, seed: int = 1) -> Assessment:
    path = next(one for one in EXAMPLES if one.stem == name)
    return open_model(path).assess(options=Options(seed=seed, worlds=40_000))


def year(assessment: Assessment, years: int = 40_000, view: View = View.RESIDUAL) -> Distribution:
    found = loss_distributions(assessment, (view,), years)[view].year
    assert found is not None
    return found


# ------------------------------------------------------------ closed forms
def test_one_fact_of_one_actor_is_a_compound_poisson() -> None:
    chance, rate, years = 0.3, 2.0, 100_000
    assessment = assessed(one_loss())
    assert assessment.actor_by_id["a0"].likelihood("agent:steer").value == pytest.approx(chance)
    found = year(assessment, years)
    times = stats.poisson(rate * chance)
    for count in range(5):
        truth = float(times.sf(count))
        assert z(found.exceedance(100.0 * count).value, truth, (truth * (1 - truth) / years) ** 0.5) < LIMIT
        assert found.exceedance(100.0 * count + 50).value == found.exceedance(100.0 * count).value
        one = found.exceedance(100.0 * count)
        assert one.low < truth < one.high
    assert set(np.unique(found.losses % 100)) == {0.0}
    assert found.quantile(0.95).value == 100 * times.ppf(0.95)
    assert found.quantile(0.99).value == 100 * times.ppf(0.99)
    (campaign,) = loss_distributions(assessment)[View.RESIDUAL].campaigns
    worlds = assessment.options.worlds
    assert len(campaign.campaign.losses) == worlds
    assert z(campaign.campaign.exceedance(0).value, chance, (chance * (1 - chance) / worlds) ** 0.5) < LIMIT


def test_each_year_has_the_campaigns_that_were_drawn_for_it() -> None:
    for seed in range(6):
        found = year(assessed(one_loss("1", "0.8"), seed=seed, worlds=500), 1_000)
        counts = poisson_counts(0.8, uniforms(seed, "campaigns of a0", 0, 1_000))
        assert found.losses.tolist() == sorted((100.0 * counts).tolist())


@pytest.mark.parametrize("amount", ["[10, 50, 300]", "[100, 100, 100]", "[0, 0, 900]"])
@pytest.mark.parametrize("actors", [1, 3])
def test_moments_are_those_of_a_compound_poisson_with_a_pert_amount(amount: str, actors: int) -> None:
    """Mean rate x E[X] and variance rate x E[X^2]; several actors are independent, so their variances add."""
    rate, chance, years = 1.7, 0.4, 100_000
    found = year(assessed(one_loss(str(chance), str(rate), amount, actors)), years)
    one = Range(*map(float, amount.strip("[]").split(",")))
    variance = (one.mean - one.low) * (one.high - one.mean) / 7
    often = rate * chance * actors
    spread = often * (variance + one.mean**2)
    assert z(found.mean, often * one.mean, (spread / years) ** 0.5) < LIMIT
    fourth = float(((found.losses - found.mean) ** 4).mean())
    assert z(found.deviation**2, spread, ((fourth - spread**2) / years) ** 0.5) < LIMIT


def test_campaigns_of_two_actors_are_independent_and_cases_of_one_campaign_are_not() -> None:
    assessment, count = assessed(one_loss("0.5", "1", "[10, 50, 300]", actors=2)), 50_000
    priced = prices(assessment.compiled)
    one = assessment.actors[0].solver.events
    weights, shares = np.stack([one.weights(), one.weights()], axis=1), np.ones((1, 2))
    first, second = (
        np.concatenate([lost for _, lost in campaign_losses(simulation, weights, priced, shares, count)], axis=1)
        for simulation in map(campaigns_of, assessment.actors)
    )
    assert np.array_equal(first[0], first[1])
    assert abs(np.corrcoef(first[0], second[0])[0, 1]) * count**0.5 < LIMIT
    both = (first[0] > 0) & (second[0] > 0)
    assert abs(np.corrcoef(first[0][both], second[0][both])[0, 1]) * both.sum() ** 0.5 < LIMIT


def test_two_losses_on_one_fact_are_drawn_apart() -> None:
    years = 100_000
    extra = '  - {fact: "agent:steer", amount: [0, 0, 900]}'
    text = one_loss("1", "1", "[0, 0, 900]") + extra
    found = year(assessed(text), years)
    one = Range(0, 0, 900)
    variance = (one.mean - one.low) * (one.high - one.mean) / 7
    spread = 2 * variance + (2 * one.mean) ** 2
    fourth = float(((found.losses - found.mean) ** 4).mean())
    assert z(found.deviation**2, spread, ((fourth - spread**2) / years) ** 0.5) < LIMIT


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_means_agree_with_the_exact_expected_losses(name: str) -> None:
    assessment = example(name)
    found = loss_distributions(assessment, tuple(View), 40_000)
    for view, losses in found.items():
        assert losses.year is not None
        assert losses.expected == assessment.yearly_loss(view)
        assert z(losses.year.mean, losses.expected.value, losses.year.deviation / 40_000**0.5) < LIMIT
        for one in losses.campaigns:
            assert one.expected == assessment.actor_by_id[one.actor].solutions[view].loss
            assert z(one.campaign.mean, one.expected.value, one.campaign.deviation / 40_000**0.5) < LIMIT


# ------------------------------------------------------------ what must always hold
@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_no_year_costs_more_with_controls_than_without(name: str) -> None:
    found = loss_distributions(example(name), tuple(View), 5_000)
    before, now, after = (found[view].year for view in View)
    assert before is not None
    assert now is not None
    assert after is not None
    for loss in (0.0, *before.round_losses(), *now.losses[::97]):
        assert before.exceedance(loss).value >= now.exceedance(loss).value >= after.exceedance(loss).value
    assert (before.losses >= now.losses - 1e-6).all()
    assert (now.losses >= after.losses - 1e-6).all()
    assert before.mean > now.mean > after.mean


def test_the_same_seed_gives_the_same_numbers_and_another_does_not() -> None:
    one, again, other = (year(example("support-assistant", seed), 3_000) for seed in (1, 1, 2))
    assert np.array_equal(one.losses, again.losses)
    assert not np.array_equal(one.losses, other.losses)


def test_chunks_views_and_exactness_change_no_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    text = one_loss("0.3", "3", "[10, 50, 300]", 2)
    usual = year(assessed(text), 3_000)
    assert np.array_equal(year(assessed(text, nodes=0, worlds=500), 3_000).losses, usual.losses)
    both = loss_distributions(assessed(text), tuple(View), 3_000)[View.RESIDUAL].year
    assert both is not None
    assert np.array_equal(both.losses, usual.losses)
    monkeypatch.setattr("graphmodel.engine.worlds.chunks._MOST_BLOCKS", 16)
    assert year(assessed(text), 3_000).losses == pytest.approx(usual.losses)


@pytest.mark.parametrize("seed", quick_first(1, [1, 2, 3]))
def test_the_order_of_elements_in_the_file_changes_nothing(seed: int) -> None:
    model = open_model(next(path for path in EXAMPLES if path.stem == "support-assistant"))
    assert model.system is not None
    rng = random.Random(seed)
    twice = replace(
        model.system, losses=(*model.system.losses, *(replace(one, impact="x") for one in model.system.losses))
    )
    mixed = replace(
        twice,
        **{
            part: tuple(rng.sample(getattr(twice, part), len(getattr(twice, part))))
            for part in ("zones", "assets", "flows", "dependencies", "actors", "controls", "losses", "overrides")
        },
    )
    one, other = (replace(model, system=system).assess(options=Options(worlds=1_000)) for system in (twice, mixed))
    assert year(one, 2_000).losses == pytest.approx(year(other, 2_000).losses, rel=1e-12)
    first, second = contributions(one), contributions(other)
    assert [part.id for part in (*first.assets, *first.actors)] == [
        part.id for part in (*second.assets, *second.actors)
    ]
    assert [(part.actor, part.path.id) for part in first.paths] == [(part.actor, part.path.id) for part in second.paths]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1000), st.sampled_from([0.125, 4.0, 1024.0]))
def test_scaling_all_amounts_scales_the_distribution(seed: int, factor: float) -> None:
    low, mode, high = sorted(random.Random(seed).uniform(1, 1000) for _ in range(3))
    plain = year(assessed(one_loss(amount=f"[{low!r}, {mode!r}, {high!r}]", rate="1.5"), worlds=500, seed=seed), 2_000)
    low, mode, high = low * factor, mode * factor, high * factor
    scaled = year(assessed(one_loss(amount=f"[{low!r}, {mode!r}, {high!r}]", rate="1.5"), worlds=500, seed=seed), 2_000)
    assert scaled.losses == pytest.approx(plain.losses * factor, rel=1e-9)
    assert scaled.quantile(0.95).value == pytest.approx(plain.quantile(0.95).value * factor, rel=1e-9)


def test_very_many_campaigns_are_played_in_fewer_years_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assessment = assessed(one_loss(rate="20"), worlds=500)
    events = len(assessment.actors[0].solver.events.events)
    monkeypatch.setattr(losses_module, "_MOST_WORK", 20 * (1 + events) * 2_500)
    assert loss_distributions(assessment, years=10_000)[View.RESIDUAL].years == 2_500
    monkeypatch.setattr(losses_module, "_MOST_WORK", 20 * (1 + events) * 900)
    with pytest.raises(TooManyCampaignsError, match="20 campaigns a year are too many"):
        loss_distributions(assessment, years=10_000)
    with pytest.raises(ValueError, match="at least 1000 years"):
        loss_distributions(assessment, years=10)


def test_without_a_rate_there_are_campaigns_and_no_year() -> None:
    text = one_loss().replace(", attempts_per_year: 2", "")
    assessment = assessed(text, worlds=2_000)
    found = loss_distributions(assessment)[View.RESIDUAL]
    assert found.year is None
    assert found.expected == assessment.expected_loss()
    assert found.campaigns[0].rate is None
    parts = contributions(assessment)
    assert parts.period == "campaign"
    assert parts.whole.value == pytest.approx(30)


# ------------------------------------------------------------ contributions
@pytest.mark.parametrize("name", quick_first(1, [path.stem for path in EXAMPLES]))
@pytest.mark.parametrize("nodes", [60_000, 0])
def test_contributions_of_assets_and_actors_add_up(name: str, nodes: int) -> None:
    path = next(one for one in EXAMPLES if one.stem == name)
    assessment = open_model(path).assess(options=Options(nodes=nodes, worlds=2_000))
    for view in View:
        found = contributions(assessment, view)
        yearly = assessment.yearly_loss(view)
        assert yearly is not None
        assert found.whole.value == pytest.approx(yearly.value, rel=1e-12)
        for parts in (found.assets, found.actors):
            assert math.fsum(one.amount.value for one in parts) == pytest.approx(found.whole.value, rel=1e-14)
            assert math.fsum(one.share.value for one in parts) == pytest.approx(1, rel=1e-14)
            assert [one.amount.value for one in parts] == sorted((one.amount.value for one in parts), reverse=True)
        for one in found.paths:
            rate = assessment.actor_by_id[one.actor].rate
            assert rate is not None
            assert 0 < one.amount.low <= one.amount.value <= one.amount.high
            least = rate * one.path.chance * loss_amounts(assessment.compiled, view)[one.targets[0]]
            assert one.amount.high >= least * (1 - 1e-12)
            if nodes:
                whole = next(part for part in found.actors if part.id == one.actor).amount.value
                assert one.amount.value <= whole * (1 + 1e-12)


def test_simulated_shares_of_paths_enclose_the_exact_ones() -> None:
    exact, simulated = (
        contributions(assessed(one_loss("0.3", "2", "100"), nodes=nodes, worlds=5_000)) for nodes in (60_000, 0)
    )
    truth = {one.path.id: one.amount.value for one in exact.paths}
    assert truth
    assert {one.path.id for one in simulated.paths} == set(truth)
    for one in simulated.paths:
        assert one.amount.low <= truth[one.path.id] <= one.amount.high


@pytest.mark.parametrize("block", range(4))
def test_the_loss_given_a_path_is_that_of_the_worlds_in_which_all_its_steps_succeed(block: int) -> None:
    """Against enumeration, with shared and independent controls, partial coverage and cycles."""
    checked = partial = 0
    for seed in range(block, 300, 4):
        graph = random_graph(seed)
        solver, worlds = Solver(graph), all_worlds(graph)
        for target in graph.losses:
            for path in best_paths(graph, target, 2):
                names = {step.id for step in path.steps}
                succeeds = np.logical_and.reduce([worlds.possible[name] for name in names])
                chance = float(worlds.chance[succeeds].sum())
                both = float(worlds.chance[succeeds] @ worlds.loss(graph)[succeeds])
                weights = conditioned(solver.events, path.steps, {})
                likelihood = solver.exact(weights[:, np.newaxis])
                loss = sum(amount * likelihood[fact][0] for fact, amount in graph.losses.items() if fact in likelihood)
                assert path_chance(graph, path.steps) == pytest.approx(chance, abs=1e-12)
                assert chance * loss == pytest.approx(both, abs=1e-9), (seed, path.id)
                checked += 1
                partial += any(
                    cover.coverage < 1 for step in path.steps for cover in graph.step_by_id[step.id].controls
                )
    assert checked > 40
    assert partial > 3
