"""The severity of a system's use by the framework's criteria: the highest that the stated facts meet, and which did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphmodel.knowledge.framework import Criterion, Framework, UseSeverity


@dataclass(frozen=True)
class UseRating:
    """``severity`` is None where no criterion is met by what was said. ``fired`` are the criteria of that level that
    are met. ``could`` is the highest level that is still possible with the facts nobody has stated, ``unsaid``."""

    severity: UseSeverity | None
    fired: tuple[Criterion, ...]
    could: UseSeverity | None
    unsaid: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """Whether no open fact could raise the severity."""
        return self.severity is not None and self.could is self.severity


def use_rating(framework: Framework, use: Mapping[str, bool]) -> UseRating:
    """The rating by the facts that were stated true or false."""
    true = {fact for fact, holds in use.items() if holds}
    unsaid = tuple(one.id for one in framework.facts if one.id not in use)
    severity = framework.use_severity(true)
    could = framework.use_severity(true.union(unsaid))
    fired = tuple(one for one in framework.reasons(true) if one.severity is severity)
    return UseRating(severity, fired, could, tuple(one for one in unsaid if _matters(framework, one, severity)))


def _matters(framework: Framework, fact: str, severity: UseSeverity | None) -> bool:
    """Whether a fact stands in any criterion above a level."""
    order = list(UseSeverity)
    limit = len(order) if severity is None else order.index(severity)
    return any(fact in (one.fact, *one.needs) for one in framework.criteria if order.index(one.severity) < limit)
