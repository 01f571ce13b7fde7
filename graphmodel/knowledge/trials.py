"""How tests of a system move its chances: what a prior is worth, how often a campaign tries, what counts as enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphmodel.knowledge.vocabulary import Skill
from graphmodel.reading.values import Place

SECTION = "tests"
MOST_ATTEMPTS = 1_000_000
_MOST: Mapping[str, float] = {
    "prior_prompts": 10_000,
    "least_prompts": 1_000_000,
    "most_errors": 1,
    "valid_days": 36_500,
    "shown": 1,
}
_WHOLE = ("least_prompts", "valid_days")


@dataclass(frozen=True)
class TrialRule:
    """The rule of ``docs/method.md`` for k hits in n prompts; every figure is a judgement.

    ``prior_prompts`` is how many prompts the catalogue's range is worth, ``attempts`` the prompts of a campaign by
    skill, ``least_prompts`` below which a test is shown only, as it is above the share ``most_errors`` of errors;
    ``valid_days`` how long a test counts that says nothing of its own; ``shown`` the probability from which on an
    effect of a control counts as shown.
    """

    prior_prompts: float
    attempts: Mapping[Skill, int]
    least_prompts: int
    most_errors: float
    valid_days: int
    shown: float


class Reads(Protocol):
    """What reads settings: it takes maps and numbers, and reports what is neither."""

    def entries(self, value: Any, place: Place, known: Any, inside: bool = False) -> dict[str, Any]: ...

    def number(self, cell: Any, place: Place, most: float) -> bool: ...

    def wrong(self, place: Place, message: str, fix: str) -> None: ...


def read_rule(value: Any, reader: Reads, base: TrialRule | None) -> TrialRule:
    """The rule that settings give, what they leave out or have wrong as in ``base``."""
    figures: dict[str, Any] = {key: getattr(base, key) if base else 0 for key in _MOST}
    attempts = dict(base.attempts) if base else {}
    section = reader.entries(value, (SECTION,), (*_MOST, "attempts"))
    for key, most in _MOST.items():
        if key not in section or not reader.number(section[key], (SECTION, key), most):
            continue
        found = section[key]
        if key in _WHOLE and found != int(found):
            reader.wrong((SECTION, key), f"“{found}” is no whole number.", "Write a whole number.")
        elif key == "prior_prompts" and found <= 0:
            reader.wrong((SECTION, key), "a prior that is worth nothing is none.", "Write a number above 0, such as 8.")
        else:
            figures[key] = int(found) if key in _WHOLE else float(found)
    for skill, cell in reader.entries(section.get("attempts", {}), (SECTION, "attempts"), Skill, inside=True).items():
        if not reader.number(cell, (SECTION, "attempts", skill), MOST_ATTEMPTS):
            continue
        if cell != int(cell) or cell < 1:
            fix = "Write a whole number from 1 on."
            reader.wrong((SECTION, "attempts", skill), f"“{cell}” is no number of prompts.", fix)
        else:
            attempts[Skill(skill)] = int(cell)
    return TrialRule(attempts=attempts, **figures)


def rule_value(rule: TrialRule) -> dict[str, Any]:
    """The rule as plain values, which read as settings give it again."""
    figures = {key: getattr(rule, key) for key in _MOST}
    return {**figures, "attempts": {str(skill): count for skill, count in rule.attempts.items()}}
