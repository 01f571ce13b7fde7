"""Ranges of inputs carried to results: against models with other inputs, closed forms, and what must always hold."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from scipy import stats

from graphmodel.assessment.assess import assess
from graphmodel.assessment.results import Assessment
from graphmodel.binding.compiled import compile_system
from graphmodel.engine.likelihood import Options
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue, Control, Range, Skill, Strength, View
from graphmodel.losses.inputs import AMOUNT, RATE, STRENGTH, THREAT, Values, input_name
from graphmodel.losses.propagation import Propagation
from graphmodel.losses.tails import tail_spread
from graphmodel.losses.uncertainty import is_exact, outer_draws, uncertainty
from graphmodel.losses.variates import pert_quantile
from graphmodel.losses.year import TooManyCampaignsError, loss_distributions
from graphmodel.model.system import ControlImplementation, System
from graphmodel.workspace import Model, open_model
from tests.conftest import EXAMPLES
from tests.losses.limits import LIMIT
from tests.losses.test_losses import assessed, one_loss
from tests.thorough import cases, quick_first, tries_more

NAMES = [path.stem for path in EXAMPLES]


@lru_cache(maxsize=4)
def model(name: str) -> Model:
    return open_model(next(path for path in EXAMPLES if path.stem == name))


@lru_cache(maxsize=8)
def example(name: str, nodes: int = 60_000) -> Assessment:
    return model(name).assess(options=Options(nodes=nodes, worlds=20_000))


def point(one: Range | None) -> Range | None:
    return None if one is None else Range.point(one.mean)


def at_means(one: Strength) -> Strength:
    return replace(one, skilled=Range.point(one.skilled.mean), novice=point(one.novice), expert=point(one.expert))


def without_ranges(system: System, catalogue: Catalogue, table: Settings) -> tuple[System, Catalogue, Settings]:
    """The same with every range reduced to its mean."""
    return (
        replace(
            system,
            actors=tuple(replace(one, attempts_per_year=point(one.attempts_per_year)) for one in system.actors),
            controls=tuple(replace(one, strength=point(one.strength)) for one in system.controls),
            losses=tuple(replace(one, amount=point(one.amount)) for one in system.losses),
            overrides=tuple(replace(one, chance=point(one.chance)) for one in system.overrides),
        ),
        replace(
            catalogue,
            patterns={key: replace(one, chance=point(one.chance)) for key, one in catalogue.patterns.items()},
            controls={
                key: replace(
                    one,
                    strength=at_means(one.strength),
                    against={threat: at_means(own) for threat, own in one.against.items()},
                )
                for key, one in catalogue.controls.items()
            },
        ),
        replace(
            table,
            chance={key: Range.point(one.mean) for key, one in table.chance.items()},
            severity_amounts={key: Range.point(one.mean) for key, one in table.severity_amounts.items()},
        ),
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("view", View)
def test_with_the_inputs_at_their_means_the_results_are_those_of_the_assessment(name: str, view: View) -> None:
    assessment = example(name)
    found = uncertainty(assessment, view, draws=200)
    yearly = assessment.yearly_loss(view)
    assert yearly is not None
    assert found.yearly is not None
    assert found.yearly.value == pytest.approx(yearly.value, rel=1e-12)
    assert found.campaign.value == pytest.approx(assessment.expected_loss(view).value, rel=1e-12)
    assert found.headline == found.yearly
    for risk in assessment.risks:
        spread = found.likelihood[risk.fact]
        assert spread.value == pytest.approx(risk.likelihood[view].value, abs=1e-12)
        assert 0 <= spread.low.value <= spread.median <= spread.high.value <= 1
        assert spread.sampling == 0


@lru_cache(maxsize=4)
def by_experts(name: str) -> Assessment:
    """An example in which all have one skill, so that a threat has one chance, which a catalogue can say."""
    one = model(name)
    assert one.system is not None
    system = replace(one.system, actors=tuple(replace(actor, skill=Skill.EXPERT) for actor in one.system.actors))
    return assess(compile_system(system, one.catalogue, one.settings))


def stated(one: ControlImplementation, catalogue: Catalogue, drawn: Range | None) -> ControlImplementation:
    """An implementation with the strength, against a skilled actor, of one that is drawn against an expert."""
    if drawn is None:
        return one
    kind = catalogue.controls[one.control or ""]
    factor = kind.greatest(Skill.EXPERT).mean / kind.greatest(Skill.SKILLED).mean
    return replace(one, strength=drawn.scaled(1 / factor))


def usual(one: Control, drawn: Range | None) -> Control:
    """A control whose greatest strength is drawn, and whose others follow in their ratios."""
    if drawn is None:
        return one
    share = drawn.mean / one.greatest(Skill.EXPERT).mean

    def at_share(strength: Strength) -> Strength:
        skill = Skill.EXPERT if one.mitigates else Skill.SKILLED
        return Strength(Range.point(strength.of(skill).mean * share))

    against = {threat: at_share(own) for threat, own in one.against.items()}
    return replace(one, strength=at_share(one.strength), against=against)


@tries_more
@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("name", NAMES)
def test_an_outer_draw_is_the_assessment_of_a_model_with_these_inputs(name: str, view: View) -> None:
    """The inputs of one draw written into the model, catalogue and settings, and all computed again."""
    one, assessment = model(name), by_experts(name)
    system = assessment.compiled.system
    propagation = Propagation(assessment, view, 0)
    draws = cases(1, 3)
    points = outer_draws(propagation.inputs, 5, draws)
    outcome = propagation.outcome(points)
    for column in range(draws):
        value = {
            entry.id: float(pert_quantile(entry.ranges[0], points[row, column : column + 1])[0])
            for row, entry in enumerate(propagation.inputs)
        }
        assert all(len(entry.ranges) == 1 for entry in propagation.inputs)

        def at(key: str, value: dict[str, float] = value) -> Range | None:
            return Range.point(value[key]) if key in value else None

        amounts = {id(price.stake.loss): at(f"amount:{price.source}") for price in propagation.priced}
        changed = replace(
            system,
            actors=tuple(
                replace(a, attempts_per_year=at(f"rate:{a.id}") or a.attempts_per_year) for a in system.actors
            ),
            controls=tuple(stated(c, one.catalogue, at(f"strength:{c.id}")) for c in system.controls),
            losses=tuple(replace(loss, amount=amounts[id(loss)] or loss.amount) for loss in system.losses),
            overrides=tuple(
                replace(o, chance=at(f"override:{o.threat}@{o.asset}") or o.chance) for o in system.overrides
            ),
        )
        catalogue = replace(
            one.catalogue,
            patterns={
                key: replace(p, chance=at(f"threat:{key}"), prevalence=1.0) if at(f"threat:{key}") else p
                for key, p in one.catalogue.patterns.items()
            },
            controls={key: usual(c, at(f"default:{key}")) for key, c in one.catalogue.controls.items()},
        )
        table = replace(
            one.settings,
            severity_amounts={key: at(f"band:{key}") or r for key, r in one.settings.severity_amounts.items()},
        )
        truth = assess(compile_system(changed, catalogue, table))
        yearly = truth.yearly_loss(view)
        assert yearly is not None
        assert outcome.yearly is not None
        assert outcome.yearly[column] == pytest.approx(yearly.value, rel=1e-9)
        assert outcome.campaign[column] == pytest.approx(truth.expected_loss(view).value, rel=1e-9)
        for fact, columns in outcome.likelihood.items():
            assert columns[column] == pytest.approx(truth.worst(fact, view)[1].value, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_whose_ranges_are_points_has_no_width(name: str) -> None:
    one = model(name)
    assert one.system is not None
    assessment = assess(compile_system(*without_ranges(one.system, one.catalogue, one.settings)))
    found = uncertainty(assessment, draws=200)
    assert found.inputs == ()
    assert found.drivers == ()
    assert found.yearly is not None
    for spread in (*found.likelihood.values(), found.campaign, found.yearly):
        assert spread.width == 0
        assert spread.low.value == spread.value == spread.high.value
    tails = tail_spread(assessment, View.RESIDUAL, (0.0, 1e6), draws=150, years=1_000)
    assert tails is not None
    assert all(spread.width == 0 for spread in (*tails.exceedance.values(), *tails.value_at_risk.values()))


def test_one_uncertain_rate_gives_its_own_quantiles_and_is_the_driver() -> None:
    assessment = assessed(one_loss("0.3", "[1, 2, 9]"))
    found = uncertainty(assessment)
    rate = Range(1, 2, 9)
    low, high = (float(one) * 30 for one in pert_quantile(rate, np.array([0.05, 0.95])))
    assert [one.id for one in found.inputs] == ["rate:a0"]
    assert found.yearly is not None
    assert found.yearly.low.low <= low <= found.yearly.low.high
    assert found.yearly.high.low <= high <= found.yearly.high.high
    assert found.yearly.value == pytest.approx(30 * rate.mean)
    assert found.campaign.width == 0
    (driver,) = found.drivers
    assert (driver.input.kind, driver.input.element) == (RATE, "a0")
    assert (driver.low, driver.high) == pytest.approx((low, high))
    assert driver.correlation == pytest.approx(1)
    assert driver.share == pytest.approx(1)


def test_draws_of_inputs_have_the_mean_and_spread_of_their_ranges() -> None:
    """The product of a rate, a chance and an amount that are independent: mean and variance are known."""
    ranges = (Range(1, 2, 9), Range(0.1, 0.3, 0.4), Range(10, 50, 300))
    chance, rate, amount = ("[0.1, 0.3, 0.4]", "[1, 2, 9]", "[10, 50, 300]")
    assessment = assessed(one_loss(chance, rate, amount))
    propagation = Propagation(assessment, View.RESIDUAL, 0)
    draws = 20_000
    outcome = propagation.outcome(outer_draws(propagation.inputs, 1, draws))
    assert outcome.yearly is not None
    mean = float(np.prod([one.mean for one in ranges]))
    squares = float(np.prod([one.mean**2 + (one.mean - one.low) * (one.high - one.mean) / 7 for one in ranges]))
    variance = squares - mean**2
    assert abs(outcome.yearly.mean() - mean) < LIMIT * (variance / draws) ** 0.5
    fourth = float(((outcome.yearly - outcome.yearly.mean()) ** 4).mean())
    assert abs(outcome.yearly.var() - variance) < LIMIT * ((fourth - variance**2) / draws) ** 0.5


def test_an_input_is_drawn_once_for_all_that_it_feeds() -> None:
    """Two actors who use the same technique fail or succeed together as far as its chance is not known."""
    text = one_loss("0.3", "1", "100", actors=2).replace(
        "  - {threat: direct-prompt-injection, asset: agent, chance: 0.3, reason: test}\n", ""
    )
    propagation = Propagation(assessed(text), View.RESIDUAL, 0)
    (threat,) = [one for one in propagation.inputs if one.element == "direct-prompt-injection"]
    assert (threat.kind, threat.asset, len(threat.ranges)) == (THREAT, "", 1)
    points = outer_draws(propagation.inputs, 1, 50)
    values = Values(propagation.inputs, points)
    first, second = (propagation.weights(actor, values) for actor in propagation.assessment.actors)
    assert np.array_equal(first, second)
    assert float(np.ptp(first)) > 0


def test_an_override_is_an_input_of_its_own_and_a_point_is_none() -> None:
    ids = {one.id for one in Propagation(assessed(one_loss("[0.1, 0.2, 0.5]")), View.RESIDUAL, 0).inputs}
    assert "override:direct-prompt-injection@agent" in ids
    assert "threat:direct-prompt-injection" not in ids
    assert not {one for one in ids if one.startswith(("rate:", "amount:"))}


def test_inputs_name_what_they_are() -> None:
    assessment = example("support-assistant")
    propagation = Propagation(assessment, View.TARGET, 0)
    named = {one.id: input_name(assessment.compiled, one) for one in propagation.inputs}
    assert named["rate:visitor"] == "campaigns a year of Anyone on the internet"
    assert named["strength:chat-guardrail"] == "strength of Prompt filter in front of the agent"
    assert named["default:strong-authentication"].startswith("usual strength of ")
    assert named["amount:customer-records:read"] == "cost of Customer records · read"
    assert named["band:high"] == "cost of a loss of severity high"
    assert named["threat:tool-misuse"].startswith("chance of Tool misuse")
    assert {one.kind for one in propagation.inputs} == {THREAT, STRENGTH, AMOUNT, RATE}
    overridden = Propagation(assessed(one_loss("[0.1, 0.2, 0.5]")), View.RESIDUAL, 0)
    assert [input_name(overridden.compiled, one) for one in overridden.inputs if one.asset] == [
        "chance of Direct prompt injection on agent"
    ]


def test_inputs_without_effect_in_a_view_are_not_among_its_inputs() -> None:
    assessment = example("support-assistant")
    inherent, residual = ({one.id for one in Propagation(assessment, view, 0).inputs} for view in list(View)[:2])
    assert "strength:chat-guardrail" in residual
    assert not {one for one in inherent if one.startswith(("strength:", "default:"))}


@pytest.mark.parametrize("name", NAMES)
def test_drivers_are_ordered_and_explain_the_width(name: str) -> None:
    found = uncertainty(example(name))
    widths = [one.width for one in found.drivers]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] > 0
    assert 0.8 < sum(one.share or 0.0 for one in found.drivers) < 1.2
    for one in found.drivers:
        assert -1 <= one.correlation <= 1
        if one.input.kind == STRENGTH:
            assert one.high < one.low
        elif one.input.kind in (RATE, AMOUNT):
            assert one.low < one.high


@pytest.mark.parametrize("name", quick_first(1, NAMES))
def test_simulated_results_lie_within_their_sampling_error_of_the_exact_ones(name: str) -> None:
    exact, simulated = uncertainty(example(name), draws=130), uncertainty(example(name, nodes=0), draws=130)
    assert is_exact(example(name))
    assert not is_exact(example(name, nodes=0))
    assert exact.inputs == simulated.inputs
    for fact, spread in simulated.likelihood.items():
        truth = exact.likelihood[fact]
        assert 0 < spread.sampling < 0.03
        assert abs(spread.value - truth.value) <= 1.5 * spread.sampling
        # All draws see the same worlds, so that the ends of the interval are off together, not wider.
        assert abs(spread.width - truth.width) <= spread.sampling
    assert simulated.yearly is not None
    assert exact.yearly is not None
    assert simulated.yearly.sampling > 0
    assert abs(simulated.yearly.value - exact.yearly.value) <= simulated.yearly.sampling


@pytest.mark.parametrize("seed", quick_first(1, [1, 2]))
def test_the_order_of_elements_in_the_file_changes_nothing(seed: int) -> None:
    one = model("support-assistant")
    assert one.system is not None
    rng = random.Random(seed)
    parts = ("zones", "assets", "flows", "dependencies", "actors", "controls", "losses", "overrides")
    mixed = replace(
        one.system, **{p: tuple(rng.sample(getattr(one.system, p), len(getattr(one.system, p)))) for p in parts}
    )
    first, second = (
        uncertainty(assess(compile_system(system, one.catalogue, one.settings)), draws=150)
        for system in (one.system, mixed)
    )
    assert first.inputs == second.inputs
    assert first.yearly is not None
    assert second.yearly is not None
    assert first.yearly.low.value == pytest.approx(second.yearly.low.value, rel=1e-12)
    assert first.yearly.high.value == pytest.approx(second.yearly.high.value, rel=1e-12)
    assert [driver.input.id for driver in first.drivers] == [driver.input.id for driver in second.drivers]


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        uncertainty(assessed(one_loss("0.3", "[1, 2, 9]")), draws=20)


# ------------------------------------------------------------ tails
def test_the_spread_of_a_years_loss_is_that_of_its_rate() -> None:
    """With the rate alone unknown, P(any loss) = 1 - exp(-rate x chance), which rises with the rate."""
    draws, years = 400, 4_000
    found = tail_spread(assessed(one_loss("0.3", "[1, 2, 9]")), View.RESIDUAL, (0.0, 150.0), draws, years)
    assert found is not None
    rates = pert_quantile(Range(1, 2, 9), np.array([0.05, 0.95]))
    for loss, times in ((0.0, 0), (150.0, 1)):
        spread = found.exceedance[loss]
        low, high = (float(stats.poisson(rate * 0.3).sf(times)) for rate in rates)
        error = LIMIT * (0.25 / years) ** 0.5
        assert spread.low.low - error <= low <= spread.low.high + error
        assert spread.high.low - error <= high <= spread.high.high + error
        assert spread.sampling < error


def test_amounts_vary_within_a_distribution_and_are_not_drawn_for_it_again() -> None:
    found = tail_spread(assessed(one_loss("0.3", "2", "[10, 50, 300]")), View.RESIDUAL, (0.0, 100.0), 150, 2_000)
    assert found is not None
    assert all(spread.width == 0 for spread in (*found.exceedance.values(), *found.value_at_risk.values()))


@pytest.mark.parametrize("name", NAMES)
def test_tails_at_the_means_agree_with_the_distribution(name: str) -> None:
    assessment = example(name)
    year = loss_distributions(assessment, years=20_000)[View.RESIDUAL].year
    assert year is not None
    losses = (0.0, *year.round_losses())
    found = tail_spread(assessment, View.RESIDUAL, losses, draws=130, years=4_000)
    assert found is not None
    for loss in losses:
        one = year.exceedance(loss)
        spread = found.exceedance[loss]
        error = (max(one.value, 1e-4) * (1 - one.value) * (1 / 4_000 + 1 / 20_000)) ** 0.5
        assert abs(spread.value - one.value) < LIMIT * error
        assert spread.low.value <= spread.value <= spread.high.value
    for below, above in itertools.pairwise(losses):
        assert found.exceedance[below].low.value >= found.exceedance[above].low.value
    for level, spread in found.value_at_risk.items():
        assert spread.low.value < year.quantile(level).value < spread.high.value


def test_tails_of_a_model_without_rates_or_too_large_for_them() -> None:
    text = one_loss().replace(", attempts_per_year: 2", "")
    assert tail_spread(assessed(text), View.RESIDUAL, (0.0,)) is None
    with pytest.raises(TooManyCampaignsError, match="too many"):
        tail_spread(assessed(one_loss(rate="100000")), View.RESIDUAL, (0.0,))
