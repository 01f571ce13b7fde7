"""Target profiles: the maturity that is aimed at for each requirement, by severity of the use or by area."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphmodel.knowledge.framework import Framework, UseSeverity

BY_SEVERITY = {
    UseSeverity.CRITICAL: 4,
    UseSeverity.HIGH: 3,
    UseSeverity.MEDIUM: 3,
    UseSeverity.LOW: 2,
    UseSeverity.INFORMATIONAL: 1,
}


@dataclass(frozen=True)
class Profile:
    """A target profile. ``levels`` maps requirements or areas to a level, the requirement's own first; ``base`` is that
    of all others, None where it follows from the severity of the use."""

    id: str
    title: str
    base: int | None
    levels: Mapping[str, int]


PROFILES = {
    one.id: one
    for one in (
        Profile("by-severity", "By the severity of the use: 4 where critical, 3 where high or medium, 2, 1", None, {}),
        Profile("baseline", "Everything is done, though not everywhere in the same way", 2, {}),
        Profile("established", "Everything is done, written down and the same everywhere", 3, {}),
        Profile("agents", "As baseline, and what concerns generative AI and agents is established", 2, {"GEN": 3}),
        Profile("regulated", "Measured, with governance and data as an auditor expects", 3, {"GOV": 4, "MS-5.2": 4}),
    )
}
"""The shipped profiles; answers set other targets requirement by requirement."""

DEFAULT = "by-severity"


def targets(framework: Framework, profile: Profile, severity: UseSeverity | None) -> Mapping[str, int]:
    """The target level of every requirement; an unknown severity is taken for medium."""
    base = profile.base if profile.base is not None else BY_SEVERITY[severity or UseSeverity.MEDIUM]
    return {one.id: profile.levels.get(one.id, profile.levels.get(one.area, base)) for one in framework.controls()}
