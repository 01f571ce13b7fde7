"""Distributions of losses against closed forms, and what must always hold of them.

Comparisons with a true value are z-tests at the level ``LIMIT``: with some sixty of them in this
file, correct code would fail one in one of about 1,600 choices of the seeds, which are fixed.
"""

from __future__ import annotations

import itertools
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
from graphmodel.losses.variates import pert_quantile, poisson_counts, uniforms
from graphmodel.losses.year import TooManyCampaignsError, loss_distributions
from graphmodel.workspace import Model, model_from_bytes, open_model
from tests.conftest import EXAMPLES
from tests.oracles import all_worlds, random_graph
from tests.thorough import quick_first

LIMIT = 4.42  # two-sided, a false alarm in 100,000


def z(found: float, truth: float, error: float) -> float:
    return abs(found - truth) / error


@lru_cache(maxsize=64)
def _model(text: str) -> Model:
    model = model_from_bytes(text.encode(), "one.yaml")
    assert model.usable, model.problems
    return model


def one_loss(chance: str = "0.3", rate: str = "2", amount: str = "100", actors: int = 1, extra: str = "") -> str:
    """Actors who hold access to an agent and hijack it with a chance; that costs something."""
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
losses:
  - {{fact: "agent:run", amount: {amount}}}
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


# ------------------------------------------------------------ draws
def test_draws_do_not_depend_on_how_many_are_taken_at_a_time() -> None:
    whole = uniforms(7, "x", 0, 1000)
    for first, count in ((0, 1), (1, 2), (3, 10), (4, 8), (997, 3), (250, 501)):
        assert np.array_equal(uniforms(7, "x", first, count), whole[first : first + count])
    assert ((whole > 0) & (whole < 1)).all()
    assert not np.array_equal(whole, uniforms(8, "x", 0, 1000))
    assert not np.array_equal(whole, uniforms(7, "y", 0, 1000))


def test_draws_are_the_same_on_every_machine() -> None:
    assert uniforms(1, "campaigns of visitor", 0, 3).tolist() == [
        0.9949723981154803,
        0.1954420260836049,
        0.42934035097842455,
    ]


def test_draws_are_even_and_names_independent() -> None:
    one, other = uniforms(3, "one", 0, 200_000), uniforms(3, "other", 0, 200_000)
    assert stats.kstest(one, "uniform").pvalue > 1e-5
    assert abs(np.corrcoef(one, other)[0, 1]) * 200_000**0.5 < LIMIT


RANGES = (Range(0, 1, 10), Range(5, 5, 9), Range(1, 3, 3), Range(500_000, 2_000_000, 8_000_000))


@pytest.mark.parametrize("one", RANGES)
def test_pert_has_the_mean_that_stands_for_a_range_and_its_variance(one: Range) -> None:
    point = uniforms(5, "pert", 0, 200_000)
    drawn = pert_quantile(one, point)
    variance = (one.mean - one.low) * (one.high - one.mean) / 7
    assert z(float(drawn.mean()), one.mean, (variance / len(drawn)) ** 0.5) < LIMIT
    fourth = float(((drawn - drawn.mean()) ** 4).mean())
    assert z(float(drawn.var()), variance, ((fourth - variance**2) / len(drawn)) ** 0.5) < LIMIT
    width = one.high - one.low
    first = 1 + 4 * (one.mode - one.low) / width
    truth = stats.beta(first, 6 - first, loc=one.low, scale=width)
    assert np.abs(drawn[:20_000] - truth.ppf(point[:20_000])).max() < 1e-6 * width
    ends = np.array([1e-12, 1e-6, 0.05, 0.5, 0.95, 1 - 1e-6, 1 - 1e-12])
    assert np.abs(pert_quantile(one, ends) - truth.ppf(ends)).max() < 1e-6 * width
    assert pert_quantile(one, np.array([0.0, 1.0])).tolist() == [one.low, one.high]


def test_a_point_has_one_value() -> None:
    assert pert_quantile(Range.point(3.0), np.array([0.1, 0.9])).tolist() == [3.0, 3.0]


@pytest.mark.parametrize("rate", [0.01, 0.7, 3.0, 42.5, 900.0, 20_000.0])
def test_counts_are_those_of_poisson(rate: float) -> None:
    point = uniforms(9, "counts", 0, 50_000)
    assert np.array_equal(poisson_counts(rate, point), stats.poisson(rate).ppf(point).astype(int))
    assert (poisson_counts(rate * 1.1, point) >= poisson_counts(rate, point)).all()


def test_no_rate_gives_no_campaign() -> None:
    assert poisson_counts(0.0, np.array([0.1, 0.999])).tolist() == [0, 0]


# ------------------------------------------------------------ distributions
def test_intervals_of_quantiles_cover_the_truth_as_often_as_stated() -> None:
    truth = stats.expon()
    missed = {0.5: 0, 0.95: 0, 0.99: 0}
    tails = 0
    runs = 1500
    for run in range(runs):
        found = Distribution.of(truth.ppf(uniforms(run, "coverage", 0, 1000)), 0.9)
        for level in missed:
            one = found.quantile(level)
            assert one.low <= one.value <= one.high
            missed[level] += not one.low <= truth.ppf(level) <= one.high
        tail = found.tail_mean(0.9)
        tails += not tail.low <= truth.ppf(0.9) + 1 <= tail.high
    for count in missed.values():
        # Not too wide either: the interval is a pair of ranks, so it misses nearly as often as it may.
        assert 0.03 * runs < count < stats.binom(runs, 0.1).ppf(1 - 1e-5)
    assert tails < 0.15 * runs


def test_quantiles_and_tail_means_of_few_draws() -> None:
    found = Distribution.of(np.arange(1000.0), 0.99)
    assert found.quantile(0.95).value == 949
    assert found.tail_mean(0.95).value == pytest.approx(np.arange(950, 1000).mean())
    assert found.exceedance(989.5).value == 0.01
    assert found.exceedance(999).value == 0
    assert found.exceedance(-1).value == 1
    with pytest.raises(ValueError, match="too few"):
        Distribution.of(np.arange(100.0), 0.99).quantile(0.99)


@pytest.mark.parametrize(
    ("count", "level"), [(150, 0.05), (1000, 0.5), (1000, 0.99), (100_000, 0.95), (1_000_000, 0.99)]
)
def test_the_ranks_that_enclose_a_quantile_are_those_of_the_binomial(count: int, level: float) -> None:
    one = Distribution.of(np.arange(1.0, count + 1.0), 0.99).quantile(level)
    hits = stats.binom(count, level)
    assert hits.cdf(one.low - 1) <= 0.005 < hits.cdf(one.low)
    assert hits.cdf(one.high - 2) < 0.995 <= hits.cdf(one.high - 1)
    assert one.value == np.ceil(level * count - 1e-9)


def test_the_tail_mean_of_a_distribution_with_atoms() -> None:
    found = Distribution.of(np.array([0.0] * 970 + [10.0] * 30), 0.99)
    assert found.quantile(0.95).value == 0
    assert found.tail_mean(0.95).value == pytest.approx(10 * 0.03 / 0.05)


def test_nothing_lost_is_a_distribution_too() -> None:
    found = Distribution.of(np.zeros(1000), 0.99)
    assert found.round_losses() == ()
    assert found.curve(10) == []
    assert found.exceedance(0.0).value == 0
    assert found.tail_mean(0.99).value == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=60))
def test_exceedance_never_rises_with_the_loss(values: list[float]) -> None:
    found = Distribution.of(np.array(values), 0.99)
    at = sorted({0.0, *values, *found.round_losses(), *(loss for loss, _ in found.curve(7))})
    chances = [found.exceedance(loss) for loss in at]
    for one, other in itertools.pairwise(chances):
        assert one.value >= other.value
        assert one.low >= other.low
        assert one.high >= other.high
    for loss in at:
        assert found.exceedance(loss).value == sum(value > loss for value in values) / len(values)


# ------------------------------------------------------------ closed forms
def test_one_fact_of_one_actor_is_a_compound_poisson() -> None:
    chance, rate, years = 0.3, 2.0, 100_000
    assessment = assessed(one_loss())
    assert assessment.actor_by_id["a0"].likelihood("agent:run").value == pytest.approx(chance)
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
    extra = '  - {fact: "agent:run", amount: [0, 0, 900]}'
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
