"""All that is to be said about the losses of a view: distribution, parts, and what the ranges do to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphmodel.assessment import Assessment
from graphmodel.contributions import Contributions, contributions
from graphmodel.losses import YEARS, Losses, TooManyCampaignsError, loss_distributions
from graphmodel.tails import TailSpread, tail_spread
from graphmodel.uncertainty import Uncertainty, uncertainty
from graphmodel.vocabulary import View
from graphmodel.wording import money


@dataclass(frozen=True)
class LossReport:
    """The losses of ``view``; ``all_losses`` has the other views too where they were asked for.

    ``uncertainty`` and ``tails`` are None where they were not asked for, ``tails`` also where there
    is no yearly rate or too much to play, which a note then says.
    """

    view: View
    all_losses: Mapping[View, Losses]
    contributions: Contributions
    uncertainty: Uncertainty | None
    tails: TailSpread | None
    notes: tuple[str, ...]

    @property
    def losses(self) -> Losses:
        return self.all_losses[self.view]


def loss_report(
    assessment: Assessment,
    view: View = View.RESIDUAL,
    years: int = YEARS,
    draws: int | None = None,
    beside: Sequence[View] = (),
) -> LossReport:
    """The report on one view, with the distributions of the views in ``beside`` on the same worlds.

    ``draws`` of the inputs: None takes the usual number, 0 leaves them out. Raises
    TooManyCampaignsError and ValueError as ``loss_distributions`` and ``uncertainty`` do.
    """
    found = loss_distributions(assessment, tuple(dict.fromkeys((view, *beside))), years)
    notes = []
    if found[view].years < years:
        notes.append(f"{found[view].years:,} years were played instead of {years:,}: there are many campaigns a year.")
    spread = tails = None
    if draws != 0:
        spread = uncertainty(assessment, view, draws)
        year = found[view].year
        try:
            tails = tail_spread(assessment, view, (0.0, *year.round_losses())) if year is not None else None
        except TooManyCampaignsError as error:
            notes.append(f"Values at risk have no interval for their inputs: {error}")
    return LossReport(view, found, contributions(assessment, view), spread, tails, tuple(notes))


def loss_assumptions(assessment: Assessment, report: LossReport) -> list[str]:
    """What the numbers of a report rest on, in words."""
    confidence = f"{assessment.options.confidence:.0%}"
    found = [
        "What a loss costs varies: each time, it is drawn anew from the PERT distribution of its range.",
    ]
    if report.losses.year is not None:
        process = "Campaigns of an actor arrive independently at its yearly rate (a Poisson process); "
        found.append(process + "a year's loss is their sum, and a loss that happens twice costs twice.")
    played = f"{report.losses.years:,} years, " if report.losses.year is not None else ""
    seed = f"{assessment.options.worlds:,} campaigns of each actor, seed {assessment.options.seed}; "
    found.append(played + seed + f"sampling intervals at {confidence}, that of a tail mean approximately.")
    if report.uncertainty is not None:
        where = f"From the inputs: nine tenths of {report.uncertainty.draws:,} draws of all inputs that are ranges. "
        for_mean = "For an expected loss the amounts are among them, as judgements of the average; "
        found.append(where + for_mean + "for a distribution they are not, because it draws them itself.")
        if report.uncertainty.headline.sampling > 0:
            error = money(report.uncertainty.headline.sampling, assessment.compiled.system.currency)
            found.append(f"Sampling error of the expected loss within each of these draws: ±{error}.")
    if report.tails is not None:
        again = f"Chances and values at risk from the inputs: {report.tails.draws:,} draws, "
        found.append(again + f"each with the same {report.tails.years:,} years.")
    return [*found, *report.notes]
