"""What a difference gives reason to look at, and which of that is more than somebody allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphmodel.model.system import ControlImplementation
from graphmodel.posture.causes import Cause
from graphmodel.posture.comparison import Comparison, NewPath

LOSS, RISK, PATH, EXPIRED, CAUSE = "loss-rises", "risk-rises", "new-path", "evidence-expired", "cause-of-rise"


_ROUNDING = 1e-9  # of an amount: a smaller rise may be one of rounding alone


def _rises(old: float, new: float) -> bool:
    return new - old > _ROUNDING * max(abs(old), abs(new))


@dataclass(frozen=True)
class Threshold:
    """How much an expected loss may rise: an amount per period, or a percentage of what it was."""

    amount: float | None = None
    percent: float | None = None

    def is_passed(self, old: float, new: float) -> bool:
        """Whether a rise is more than that; of nothing, any rise is more than any percentage. Rounding is no rise."""
        if not _rises(old, new):
            return False
        if self.amount is not None:
            return new - old > self.amount
        return self.percent is not None and new - old > old * self.percent / 100


@dataclass(frozen=True)
class Limits:
    """What a difference is held against; nothing unless it is asked for."""

    rise: Threshold | None = None
    paths: bool = False
    expired: bool = False


@dataclass(frozen=True)
class Finding:
    """One reason to look: its ``rule``, whether it ``fails`` a limit, and what it is about.

    ``old`` and ``new`` are the expected losses that it compares, of the whole or of the risk ``fact``; a cause has
    its part as ``new``.
    """

    rule: str
    fails: bool
    fact: str = ""
    old: float = 0.0
    new: float = 0.0
    path: NewPath | None = None
    control: ControlImplementation | None = None
    cause: Cause | None = None


def findings(comparison: Comparison, limits: Limits) -> tuple[Finding, ...]:
    """Everything that became worse, what fails a limit first."""
    return tuple(sorted(_found(comparison, limits), key=lambda one: not one.fails))


def _found(comparison: Comparison, limits: Limits) -> Iterator[Finding]:
    before, after = comparison.figures
    rise = limits.rise or Threshold()
    old, new = before.total.value, after.total.value
    if _rises(old, new):
        yield Finding(LOSS, rise.is_passed(old, new), old=old, new=new)
    for fact in comparison.facts:
        old, new = before.loss[fact].value, after.loss[fact].value
        if _rises(old, new):
            yield Finding(RISK, rise.is_passed(old, new), fact, old, new)
    for path in comparison.new_paths:
        yield Finding(PATH, limits.paths, path.path.target, path=path)
    for control in comparison.expired:
        yield Finding(EXPIRED, limits.expired, control=control)
    attribution, most = comparison.attribution, max(before.total.value, after.total.value)
    for cause, part in zip(attribution.causes, attribution.total, strict=True):
        if float(part.value) > _ROUNDING * most:
            yield Finding(CAUSE, False, new=float(part.value), cause=cause)
