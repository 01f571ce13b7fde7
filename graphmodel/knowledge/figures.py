"""Figures of a catalogue that hang on the attacker: how skilled one is, and how strong a control is against that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from graphmodel.knowledge.ranges import Range


class Skill(StrEnum):
    """Threat capability of an actor, in three steps."""

    NOVICE = "novice"
    SKILLED = "skilled"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Strength:
    """How strong a control is: against a skilled actor, and against a novice or an expert where that differs.

    ``source`` says where the figures come from (“measured: ” and a reference, or “judgement”), ``basis`` why they
    are what they are.
    """

    skilled: Range
    novice: Range | None = None
    expert: Range | None = None
    basis: str = ""
    source: str = ""

    def of(self, skill: Skill) -> Range:
        """The strength against an actor of this skill."""
        own = {Skill.NOVICE: self.novice, Skill.SKILLED: self.skilled, Skill.EXPERT: self.expert}[skill]
        return own if own is not None else self.skilled
