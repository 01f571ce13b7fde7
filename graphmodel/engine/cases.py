"""One question about an attack graph, and the answer to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from graphmodel.engine.estimates import Estimate


@dataclass(frozen=True)
class Case:
    """One question about a graph: other chances to hold, steps that cannot succeed or less often, other losses.

    ``blocked`` names steps that cannot succeed, or maps steps to the share of their chance that is taken from them.
    ``losses`` None means the graph's own.
    """

    holds: Mapping[str, float] = field(default_factory=dict)
    blocked: Collection[str] = ()
    losses: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Solution:
    """The answer to a case: the likelihood of each fact, and the expected loss of a campaign.

    ``saved`` is how much less is lost than in the first case that was asked with it. Facts that
    nothing can make true have likelihood 0 and are exact. ``worlds`` were played, none where all is
    exact.
    """

    likelihood: Mapping[str, Estimate]
    loss: Estimate
    saved: Estimate
    worlds: int = 0

    def of(self, fact: str) -> Estimate:
        return self.likelihood.get(fact, Estimate.exactly(0.0))
