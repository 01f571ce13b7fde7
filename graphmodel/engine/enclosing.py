"""Simulated likelihoods, losses and savings narrowed by what is certain of the likelihoods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.estimates import Estimate

Ends = Mapping[str, NDArray[np.float64]]  # the least and the most chance of each fact, (2, cases)


def narrowed_chances(likelihoods: Sequence[Mapping[str, Estimate]], ends: Ends) -> list[dict[str, Estimate]]:
    """The likelihoods of each case, certain where that says more than what they are."""
    return [
        {fact: one.narrowed(*ends[fact][:, case].tolist()) if fact in ends else one for fact, one in own.items()}
        for case, own in enumerate(likelihoods)
    ]


def narrowed_losses(
    sums: Sequence[tuple[Estimate, Estimate]],
    amounts: Sequence[Mapping[str, float]],
    known: Sequence[float],
    ends: Ends,
) -> list[tuple[Estimate, Estimate]]:
    """The same for the loss of each case, and how much less it is than that of the first: as sums of certain intervals
    at their worst.

    ``known`` is what facts with an exact likelihood come to, ``amounts`` what the others cost.
    """
    if any(fact not in ends for own in amounts for fact in own):
        return list(sums)
    low, high = (
        [
            before + sum(amount * float(ends[fact][end, case]) for fact, amount in own.items())
            for case, (before, own) in enumerate(zip(known, amounts, strict=True))
        ]
        for end in range(2)
    )
    return [
        (loss.narrowed(low[case], high[case]), saved.narrowed(low[0] - high[case], high[0] - low[case]))
        for case, (loss, saved) in enumerate(sums)
    ]
