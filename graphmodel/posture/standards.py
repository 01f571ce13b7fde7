"""What the answers say for other standards: by requirement what supports it, how far, and with which evidence.

A counterpart is a suggestion: that a requirement of the framework bears on one of a standard. It does not say that it
is all that the standard asks, so the best that is said of anything is *supported*, never met; and what no counterpart
points to is open, whatever was answered. Where counterparts come with a confidence, weak ones support in part only.
For vocabularies of attacks an entry is a technique; what bears on it are the requirements that bear on the threats with
that technique, and it is told how often it is possible in this system.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.mappings import requirements_of
from graphmodel.knowledge.standards import Standard
from graphmodel.knowledge.vocabulary import View
from graphmodel.posture.answers import AnswerStatus
from graphmodel.posture.maturity import AreaState, RequirementState

_ENOUGH = 3  # the level at which a requirement is done everywhere in one way
STRONG = 0.7
"""From this confidence on, a counterpart asks for what the entry asks for, among other things."""


class Support(StrEnum):
    """How far an entry of a standard is supported."""

    SUPPORTED = "supported"
    PARTLY = "partly supported"
    UNSUPPORTED = "not supported"
    UNKNOWN = "not assessed"
    UNMAPPED = "no counterpart"


@dataclass(frozen=True)
class StandardRow:
    """One entry of a standard with the requirements that bear on it, and the evidence that their answers give.

    ``confidence`` has that of each requirement where the mapping states one.
    ``steps`` and ``covered`` are, for techniques, the steps in the system that use it and those that any control in
    force covers; None for standards of other kinds.
    """

    id: str
    title: str
    support: Support
    by: tuple[RequirementState, ...]
    evidence: tuple[str, ...]
    steps: int | None = None
    covered: int | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)

    @property
    def weak(self) -> bool:
        """Whether nothing that applies here but weak counterparts bears on it."""
        sure = [one for one in self.by if one.applies and self.confidence.get(one.requirement.id, 0) >= STRONG]
        return bool(self.confidence) and not sure


def against_standard(areas: tuple[AreaState, ...], standard: Standard) -> tuple[StandardRow, ...]:
    """Every entry of a standard, in its order."""
    mapped = requirements_of(standard.id)
    by_entry: defaultdict[str, list[RequirementState]] = defaultdict(list)
    for area in areas:
        for state in area.requirements:
            named = [entry for entry, requirements in mapped.items() if state.requirement.id in requirements]
            for entry in named if mapped else state.requirement.counterparts.get(standard.id, ()):
                by_entry[entry].append(state)
    return tuple(
        _row(entry, title, by_entry.get(entry, []), confidence=mapped.get(entry, {}))
        for entry, title in standard.requirements.items()
    )


def against_techniques(areas: tuple[AreaState, ...], assessment: Assessment, edition: str) -> tuple[StandardRow, ...]:
    """Every technique of an edition that the catalogue has, in order of their ids."""
    compiled = assessment.compiled
    threats: defaultdict[str, set[str]] = defaultdict(set)
    for pattern in compiled.catalogue.patterns.values():
        for technique in pattern.techniques:
            if technique.edition == edition:
                threats[technique.id].add(pattern.id)
    active = compiled.in_force(View.RESIDUAL)
    steps: defaultdict[str, list[bool]] = defaultdict(list)
    for binding in compiled.bindings:
        steps[binding.pattern.id].append(bool(active.intersection(compiled.covers.get(binding.id, ()))))
    rows = []
    for one in sorted(compiled.catalogue.techniques.values(), key=lambda one: one.id):
        if one.edition == edition:
            mine = threats.get(one.id, set())
            states = [s for area in areas for s in area.requirements if mine.intersection(s.requirement.threats)]
            found = [covered for threat in sorted(mine) for covered in steps[threat]]
            rows.append(_row(one.id, one.name, states, len(found), sum(found)))
    return tuple(rows)


def technique_editions(assessment: Assessment) -> Mapping[str, int]:
    """The editions of vocabularies of attacks that the catalogue has, with how many entries."""
    found: defaultdict[str, int] = defaultdict(int)
    for one in assessment.compiled.catalogue.techniques.values():
        found[one.edition] += 1
    return dict(sorted(found.items()))


def _row(
    id_: str,
    title: str,
    states: list[RequirementState],
    steps: int | None = None,
    covered: int | None = None,
    confidence: Mapping[str, float] | None = None,
) -> StandardRow:
    evidence = dict.fromkeys(
        proof.reference
        for state in states
        for item in state.items
        if item.answer is not None and item.status in (AnswerStatus.MET, AnswerStatus.PARTLY)
        for proof in item.answer.evidence
    )
    row = StandardRow(id_, title, _support(states), tuple(states), tuple(evidence), steps, covered, confidence or {})
    return replace(row, support=Support.PARTLY) if row.weak and row.support is Support.SUPPORTED else row


def _support(states: list[RequirementState]) -> Support:
    if not states:
        return Support.UNMAPPED
    applying = [one for one in states if one.applies]
    levels = [one.today for one in applying if one.today is not None]
    if not levels:
        return Support.UNKNOWN
    if len(levels) == len(applying) and min(levels) >= _ENOUGH:
        return Support.SUPPORTED
    return Support.PARTLY if max(levels) > 0 else Support.UNSUPPORTED
