"""Budgets of queries: how many an attack takes, and how many accounts an attacker asks from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphmodel.knowledge.trials import Reads
from graphmodel.knowledge.vocabulary import Range, Skill
from graphmodel.reading.values import Place

SECTION = "queries"
MOST_QUERIES = 10**12


class ReadsRanges(Reads, Protocol):
    """What reads settings, ranges too."""

    def range(self, cell: Any, place: Place, most: float) -> Range | None: ...


@dataclass(frozen=True)
class QueryRule:
    """The rule of ``docs/method.md`` for budgets; every figure is a judgement.

    ``needed`` is how many queries a campaign of a threat takes, as low, most likely and high, thought of in orders of
    magnitude; ``accounts`` how many callers an attacker of a skill can be.
    """

    needed: Mapping[str, Range]
    accounts: Mapping[Skill, int]

    def stopped(self, threat: str, budget: float, skill: Skill) -> float:
        """The chance that an attack takes more queries than ``budget`` for each account of an attacker.

        The logarithm of the need has a triangular distribution.
        """
        asked = budget * self.accounts[skill]
        if asked < 1:
            return 1.0
        at = math.log10(asked)
        need = self.needed[threat]
        low, mode, high = (math.log10(one) for one in (need.low, need.mode, need.high))
        if at <= low:
            return 1.0
        if at >= high:
            return 0.0
        if at <= mode:
            return 1.0 - (at - low) ** 2 / ((high - low) * (mode - low))
        return (high - at) ** 2 / ((high - low) * (high - mode))


def read_queries(value: Any, reader: ReadsRanges, base: QueryRule | None) -> QueryRule:
    """The rule that settings give, what they leave out or have wrong as in ``base``."""
    section = reader.entries(value, (SECTION,), ("needed", "accounts"))
    needed, accounts = (dict(base.needed), dict(base.accounts)) if base else ({}, {})
    written = section.get("needed", {})
    known = written if isinstance(written, dict) else {}
    for threat, cell in reader.entries(written, (SECTION, "needed"), known, inside=True).items():
        found = reader.range(cell, (SECTION, "needed", threat), MOST_QUERIES)
        if found is not None and found.low < 1:
            reader.wrong((SECTION, "needed", threat), "an attack takes one query at least.", "Write 1 or more.")
        elif found is not None:
            needed[threat] = found
    for skill, cell in reader.entries(section.get("accounts", {}), (SECTION, "accounts"), Skill, inside=True).items():
        if reader.number(cell, (SECTION, "accounts", skill), MOST_QUERIES):
            if cell != int(cell) or cell < 1:
                fix = "Write a whole number from 1 on."
                reader.wrong((SECTION, "accounts", skill), f"“{cell}” is no number of accounts.", fix)
            else:
                accounts[Skill(skill)] = int(cell)
    return QueryRule(needed, accounts)


def queries_value(rule: QueryRule) -> dict[str, Any]:
    """The rule as plain values, which read as settings give it again."""
    return {
        "needed": {threat: [one.low, one.mode, one.high] for threat, one in rule.needed.items()},
        "accounts": {str(skill): count for skill, count in rule.accounts.items()},
    }
