"""The loss report of a view: distribution, contributions, and the intervals that uncertain inputs give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.contributions import Contributions, contributions
from graphmodel.losses.tails import TailSpread, tail_spread
from graphmodel.losses.uncertainty import Uncertainty, uncertainty
from graphmodel.losses.year import YEARS, Losses, TooManyCampaignsError, loss_distributions


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
    # In one order whatever is asked first, so that the views are played once for all reports with the same ones.
    views = tuple(one for one in View if one == view or one in beside)
    found = loss_distributions(assessment, views, years)
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
