"""The assessment framework as data: requirements, guidance, maturity scales, severity criteria and attack priors.

Microsoft's *AI Security Risk Assessment* in this program's own words under the ids of its sections, with the areas that
it names or lacks (``ours``). The texts are in ``ontology/framework/``; ``docs/framework.md`` says what was settled.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from graphmodel.knowledge.framework_files import Entry, read_entry
from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.knowledge.vocabulary import Catalogue

ROLES = (
    "ciso",
    "security-manager",
    "ai-engineer",
    "data-scientist",
    "compliance",
    "it-operations",
    "executive",
)
"""Who answers for a requirement or can say whether a guidance item is met."""

MATURITY_LEVELS = 6
"""From 0, nothing is there, to 5, it is measured and improved by what is measured."""

_EDITIONS = {
    "iso-27001-2022": re.compile(r"A\.[5-8]\.\d{1,2}"),
    "iso-42001-2023": re.compile(r"A\.(?:[2-9]|10)\.\d(?:\.\d)?"),
    "nist-ai-rmf-1.0": re.compile(r"(?:GOVERN|MAP|MEASURE|MANAGE) \d\.\d{1,2}"),
    "nist-csf-2.0": re.compile(r"(?:GV|ID|PR|DE|RS|RC)\.[A-Z]{2}-\d{2}"),
    "atlas-2026.09": re.compile(r"AML\.M\d{4}"),
}
EDITIONS = tuple(_EDITIONS)
"""The outside frameworks whose ids requirements name as counterparts; of ATLAS these are mitigations."""


class UseSeverity(StrEnum):
    """How severe a compromise would be by what the model is used for and trained on, highest first."""

    CRITICAL = "Critical"
    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"
    INFORMATIONAL = "Informational"


class Level(StrEnum):
    """The three words of the attack matrix."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"


@dataclass(frozen=True, slots=True)
class Guidance:
    """One thing to do for a requirement. ``ask`` is answered met, partly, not met or not applicable.

    ``evidence`` is what would show it; an implemented one of ``controls``, ids of the catalogue, answers the question.
    """

    id: str
    requirement: str
    text: str
    ask: str
    evidence: tuple[str, ...]
    controls: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A control of the framework: what it asks for, what it is against, and how far somebody has come with it.

    ``threat`` and ``impact`` are told in words; ``attacks`` are ids of attack priors and ``threats`` of the
    catalogue's threat patterns. ``maturity`` has a text for each level from 0 to 5. ``counterparts`` are ids of other
    frameworks by pinned edition. ``notes`` say how a defect of the source was settled.
    """

    id: str
    area: str
    title: str
    asks: str
    objective: str
    threat: str
    impact: str
    attacks: tuple[str, ...]
    threats: tuple[str, ...]
    roles: tuple[str, ...]
    maturity: tuple[str, str, str, str, str, str]
    notes: str
    counterparts: Mapping[str, tuple[str, ...]]
    items: tuple[Guidance, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the lifecycle with its requirements; ``ours`` where the source has no such section."""

    id: str
    title: str
    objective: str
    ours: bool
    controls: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class UseFact:
    """A yes-or-no fact about the use of a system, from which the severity of its compromise follows."""

    id: str
    ask: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """A reason for a severity: it holds where ``fact`` and all of ``needs`` are true of the system."""

    id: str
    severity: UseSeverity
    text: str
    fact: str
    needs: tuple[str, ...]

    def holds(self, facts: Collection[str]) -> bool:
        """Whether it holds where these facts are true; one that nobody has stated is not."""
        return self.fact in facts and all(one in facts for one in self.needs)


@dataclass(frozen=True, slots=True)
class AttackPrior:
    """A kind of attack with the ratings to start from; None where the source rates no such attack.

    ``threats`` are the catalogue's patterns that are this attack, ``source`` says where the ratings come from.
    """

    id: str
    title: str
    likelihood: Level | None
    impact: Level | None
    exploitability: Level | None
    source: str
    threats: tuple[str, ...]
    failure_modes: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class FailureMode:
    """A way in which machine learning fails. ``harms`` holds of C, I and A what an intended one is directed at."""

    id: str
    title: str
    intentional: bool
    harms: str
    note: str


@dataclass(frozen=True, slots=True)
class Framework:
    """The whole framework; all references within it hold. Those to a catalogue: ``framework_findings``."""

    id: str
    title: str
    edition: str
    source: str
    licence: str
    areas: tuple[Area, ...]
    facts: tuple[UseFact, ...]
    criteria: tuple[Criterion, ...]
    attacks: tuple[AttackPrior, ...]
    failure_modes: tuple[FailureMode, ...]
    area_by_id: Mapping[str, Area] = field(init=False, repr=False, compare=False)
    control_by_id: Mapping[str, Requirement] = field(init=False, repr=False, compare=False)
    item_by_id: Mapping[str, Guidance] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "area_by_id", {one.id: one for one in self.areas})
        object.__setattr__(self, "control_by_id", {one.id: one for one in self.controls()})
        object.__setattr__(self, "item_by_id", {one.id: one for one in self.items()})

    def controls(self) -> Iterator[Requirement]:
        """All requirements, in the order of the areas."""
        return (one for area in self.areas for one in area.controls)

    def items(self) -> Iterator[Guidance]:
        """All guidance items, in the order of the requirements."""
        return (one for control in self.controls() for one in control.items)

    def parent_of(self, item: Guidance) -> Requirement:
        """The requirement that a guidance item belongs to."""
        return self.control_by_id[item.requirement]

    def reasons(self, facts: Collection[str]) -> tuple[Criterion, ...]:
        """The criteria that hold where these facts are true, the highest severity first."""
        order = {one: number for number, one in enumerate(UseSeverity)}
        return tuple(sorted((one for one in self.criteria if one.holds(facts)), key=lambda one: order[one.severity]))

    def use_severity(self, facts: Collection[str]) -> UseSeverity | None:
        """The highest severity that a criterion gives; None where none holds, which is not a low one."""
        found = self.reasons(facts)
        return found[0].severity if found else None


@cache
def load_framework() -> Framework:
    """The shipped framework."""
    return read_framework(ontology_directory() / "framework")


def read_framework(directory: Path) -> Framework:
    """The framework in a directory: ``framework.yaml``, ``severity.yaml``, ``attacks.yaml``, and one file an area.

    Areas come in the order of ``framework.yaml``, which names their files. ``ValueError`` with the file and the id for
    what is missing, unknown, doubled or refers to nothing.
    """
    seen: dict[str, str] = {}
    head = read_entry(directory / "framework.yaml", seen)
    modes, attacks = _attacks(read_entry(directory / "attacks.yaml", seen))
    facts, criteria = _severity(read_entry(directory / "severity.yaml", seen))
    names = {one.id for one in attacks}
    found = Framework(
        id=head.id,
        title=head.text("title"),
        edition=head.text("edition"),
        source=head.text("source"),
        licence=head.text("licence"),
        areas=tuple(_area(read_entry(directory / name, seen), names) for name in head.texts("areas", least=1)),
        facts=facts,
        criteria=criteria,
        attacks=attacks,
        failure_modes=modes,
    )
    head.close()
    return found


def framework_findings(framework: Framework, catalogue: Catalogue) -> tuple[str, ...]:
    """What the framework names that the catalogue does not have: threats, controls, and techniques of its editions."""
    threats = {key for key, one in catalogue.patterns.items() if not one.propagation}
    editions = {one.edition for one in catalogue.techniques.values()}
    named = [(one.id, "threat", threat, threats) for one in framework.attacks for threat in one.threats]
    for control in framework.controls():
        named += [(control.id, "threat", threat, threats) for threat in control.threats]
        for edition, ids in control.counterparts.items():
            if edition in editions:
                named += [(control.id, "technique", f"{one}@{edition}", {*catalogue.techniques}) for one in ids]
    for item in framework.items():
        named += [(item.id, "control", control, {*catalogue.controls}) for control in item.controls]
    return tuple(
        f"{where}: the catalogue has no {kind} “{one}”" for where, kind, one, known in named if one not in known
    )


def _area(entry: Entry, attacks: Collection[str]) -> Area:
    area = Area(
        id=entry.id,
        title=entry.text("title"),
        objective=entry.text("objective"),
        ours=entry.flag("ours"),
        controls=tuple(_requirement(one, entry.id, attacks) for one in entry.entries("controls")),
    )
    entry.close()
    return area


def _requirement(entry: Entry, area: str, attacks: Collection[str]) -> Requirement:
    if not re.fullmatch(re.escape(area) + r"[.-]\d{1,2}", entry.id):
        raise entry.wrong(f"does not belong to {area} by its id")
    levels = entry.texts("maturity", least=MATURITY_LEVELS)
    if len(levels) != MATURITY_LEVELS:
        raise entry.wrong(f"has {len(levels)} levels of maturity instead of {MATURITY_LEVELS}")
    zero, one, two, three, four, five = levels
    found = Requirement(
        id=entry.id,
        area=area,
        title=entry.text("title"),
        asks=entry.text("asks"),
        objective=entry.text("objective"),
        threat=entry.text("threat"),
        impact=entry.text("impact"),
        attacks=entry.among("attacks", attacks),
        threats=entry.texts("threats"),
        roles=entry.among("roles", ROLES, least=1),
        maturity=(zero, one, two, three, four, five),
        notes=entry.text("notes", ""),
        counterparts=_counterparts(entry.inner("counterparts")),
        items=tuple(_guidance(item, entry.id) for item in entry.entries("items")),
    )
    entry.close()
    return found


def _counterparts(entry: Entry) -> dict[str, tuple[str, ...]]:
    found = {}
    for edition, form in _EDITIONS.items():
        if edition in entry.values:
            found[edition] = entry.texts(edition, least=1)
            for one in found[edition]:
                if not form.fullmatch(one):
                    raise entry.wrong(f"names “{one}”, which is no id of {edition}")
    entry.close()
    return found


def _guidance(entry: Entry, requirement: str) -> Guidance:
    if not re.fullmatch(re.escape(requirement) + r"\.g\d{1,2}", entry.id):
        raise entry.wrong(f"does not belong to {requirement} by its id")
    found = Guidance(
        id=entry.id,
        requirement=requirement,
        text=entry.text("text"),
        ask=entry.text("ask"),
        evidence=entry.texts("evidence", least=1),
        controls=entry.texts("controls"),
        roles=entry.among("roles", ROLES, least=1),
    )
    entry.close()
    return found


def _severity(entry: Entry) -> tuple[tuple[UseFact, ...], tuple[Criterion, ...]]:
    facts, criteria = [], []
    for one in entry.entries("facts"):
        facts.append(UseFact(one.id, one.text("ask"), one.text("explanation")))
        one.close()
    known = {one.id for one in facts}
    for one in entry.entries("criteria"):
        fact = one.text("fact")
        if fact not in known:
            raise one.wrong(f"rests on the fact “{fact}”, which is not known")
        needs = one.among("needs", known - {fact})
        criteria.append(Criterion(one.id, one.word("severity", UseSeverity), one.text("text"), fact, needs))
        one.close()
    entry.close()
    return tuple(facts), tuple(criteria)


def _attacks(entry: Entry) -> tuple[tuple[FailureMode, ...], tuple[AttackPrior, ...]]:
    modes = []
    for one in entry.entries("failure_modes"):
        mode = FailureMode(one.id, one.text("title"), one.flag("intentional"), one.text("harms", ""), one.text("note"))
        if mode.harms != "".join(letter for letter in "CIA" if letter in mode.harms):
            raise one.wrong(f"harms “{mode.harms}”; write the letters of C, I and A in this order")
        modes.append(mode)
        one.close()
    known = {one.id for one in modes}
    attacks = []
    for one in entry.entries("attacks"):
        rated = {
            name: one.word(name, Level) if name in one.values else None
            for name in ("likelihood", "impact", "exploitability")
        }
        if len({value is None for value in rated.values()}) > 1:
            raise one.wrong("has some of the three ratings; give all or none")
        attacks.append(
            AttackPrior(
                id=one.id,
                title=one.text("title"),
                likelihood=rated["likelihood"],
                impact=rated["impact"],
                exploitability=rated["exploitability"],
                source=one.text("source"),
                threats=one.texts("threats", least=1),
                failure_modes=one.among("failure_modes", known),
                note=one.text("note", ""),
            )
        )
        one.close()
    entry.close()
    return tuple(modes), tuple(attacks)
