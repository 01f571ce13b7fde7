"""What a catalogue says that cannot be so: claims without effect, threats that cannot happen, figures without a source.

Each check is about sound entries, one by one or against the rest of the catalogue; what is not sound the loader tells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from graphmodel.knowledge.vocabulary import (
    ANSWERING,
    ASSET,
    Capability,
    Catalogue,
    Control,
    ControlFunction,
    Skill,
    Strength,
    ThreatPattern,
)

JUDGEMENT, MEASURED = "judgement", "measured: "
_LARGE = 2_000_000  # patterns and controls times types; nothing larger is looked at
# What flows stand for, so that a step over it can be covered by what mediates them.
_OF_FLOWS = frozenset({"sendsTo", "carriedTo", "handles", "connectsTo", "openTo", "exposedOn"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one entry. ``check`` names the kind of finding, ``field`` where in the entry it is.

    ``minor`` findings concern what an entry leaves out, others what it claims.
    """

    check: str
    entry: str
    field: str
    message: str
    fix: str
    minor: bool = False


def lint(catalogue: Catalogue, shipped: Catalogue | None = None) -> tuple[Finding, ...]:
    """Everything found in a catalogue; with ``shipped`` only in the entries that this one has beside those, or that say
    something else here.

    In a catalogue that is too large for it nothing is looked for.
    """
    look = _Look(catalogue)
    if (len(catalogue.patterns) + len(catalogue.controls)) * len(catalogue.types) > _LARGE:
        return ()
    known = shipped or Catalogue({}, {}, {}, {}, {})
    patterns = [one for key, one in catalogue.patterns.items() if known.patterns.get(key) != one]
    controls = [one for key, one in catalogue.controls.items() if known.controls.get(key) != one]
    found: list[Finding] = []
    for control in controls:
        found += [*_places(look, control), *_strengths(control)]
        if control.function is ControlFunction.PREVENT and all(look.is_rule(one) for one in control.mitigates):
            message = "the control mitigates consequences only, and no threat."
            found.append(Finding("no-threat", control.id, "mitigates", message, "Name the threats that it stops."))
    for pattern in patterns:
        found += [*_true_anyway(look, pattern), *_out_of_reach(look, pattern), *_maturity(pattern), *_chance(pattern)]
        found += _controls(look, pattern)
    return (*found, *_editions(catalogue, known))


class _Look:
    """A catalogue with what the checks ask it again and again."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._below: dict[str, frozenset[str]] = {}

    def concrete(self, types: Collection[str], without: Collection[str] = ()) -> frozenset[str]:
        """The types of which something can be, among these types and their subtypes."""
        excepted = frozenset[str]().union(*(self._of(one) for one in without))
        return frozenset[str]().union(*(self._of(one) for one in types)) - excepted

    def _of(self, type_name: str) -> frozenset[str]:
        if type_name not in self._below:
            types = self.catalogue.types.items()
            below = {name for name, one in types if type_name in one.ancestors and not one.abstract}
            # Zones are no assets, and the only elements whose type groups nothing.
            self._below[type_name] = frozenset(below or {type_name})
        return self._below[type_name]

    def is_rule(self, pattern: str) -> bool:
        return self.catalogue.patterns[pattern].propagation

    def subjects(self, pattern: ThreatPattern) -> frozenset[str]:
        return self.concrete(pattern.asset_types, pattern.except_types)

    def covered_on(self, pattern: ThreatPattern) -> frozenset[str]:
        """The types on which a control can cover a step of a pattern: the defended parts, and what mediates flows."""
        found = self.subjects(pattern) if ASSET in pattern.defended_on else frozenset[str]()
        for part in pattern.parts:
            if part.name in pattern.defended_on:
                found |= self.concrete(part.types, part.except_types)
        if not found.isdisjoint(ANSWERING):
            found |= self.concrete(["Model", "Guardrail", "ApiGateway"])
        if any(link.relation in self.of_flows for link in pattern.links):
            found |= self.concrete(["Component"])
        return found

    @cached_property
    def of_flows(self) -> frozenset[str | None]:
        """The relations that flows make hold."""
        relations = self.catalogue.relations
        written = {name for name, one in relations.items() if ("sendsTo", False) in one.implies}
        return frozenset(
            name for one in (*written, *_OF_FLOWS) if one in relations for name, _ in relations[one].implies
        )

    @cached_property
    def mitigated(self) -> frozenset[str]:
        """The patterns that some control mitigates."""
        return frozenset(one for control in self.catalogue.controls.values() for one in control.mitigates)

    @cached_property
    def certain(self) -> tuple[ThreatPattern, ...]:
        """The consequences that always follow."""
        return tuple(
            one
            for one in self.catalogue.patterns.values()
            if one.propagation and one.chance is not None and one.chance.low == 1 and not one.unless
            if one.id not in self.mitigated
        )

    @cached_property
    def reachable(self) -> dict[Capability, set[str]]:
        """For each capability the types on which an attacker can come to it: from connections to anything, and
        reach of zones, which flows and positions give, by all patterns."""
        held: dict[Capability, set[str]] = {one: set() for one in Capability}
        held[Capability.CONNECT] = set(self.concrete(["Asset"]))
        held[Capability.REACH] = held[Capability.CONNECT] | {"Zone"}
        grows = True
        while grows:
            grows = False
            for pattern in self.catalogue.patterns.values():
                for one in self.gained(pattern, held):
                    told = self.catalogue.told_apart(one, pattern.gains)
                    grows = grows or one not in held[told]
                    held[told].add(one)
        return held

    def gained(self, pattern: ThreatPattern, held: dict[Capability, set[str]]) -> set[str]:
        """The types on which a pattern gains, where all this is held."""
        can = {part.name: set(self.concrete(part.types, part.except_types)) for part in pattern.parts}
        can[ASSET] = set(self.subjects(pattern))
        for link in pattern.links:
            relation = self.catalogue.relations[link.relation]
            can[link.origin] &= self.concrete([relation.subject])
            can[link.target] &= self.concrete([relation.object])
        for name, needs in _needs(pattern):
            for need in needs:
                can[name] = {one for one in can[name] if one in held[self.catalogue.told_apart(one, need)]}
        return can[ASSET] if all(can.values()) else set()


def _needs(pattern: ThreatPattern) -> Iterator[tuple[str, tuple[Capability, ...]]]:
    """What must be held on each part of a pattern."""
    yield ASSET, pattern.needs
    yield from ((part.name, part.needs) for part in pattern.parts)


def _places(look: _Look, control: Control) -> Iterator[Finding]:
    """Types on which a control is said to mitigate a threat, and cannot."""
    for threat in sorted(control.mitigates):
        can = look.covered_on(look.catalogue.patterns[threat])
        for type_name in control.applies_against(threat):
            if look.concrete([type_name]).isdisjoint(can):
                message = f"it can do nothing against “{threat}” on {type_name}: the step is covered elsewhere."
                fix = "Say under “against” on which types it works against this threat, or leave the type out."
                yield Finding("place", control.id, f"{threat}.{type_name}", message, fix)


def _strengths(control: Control) -> Iterator[Finding]:
    """Strengths that grow with the skill of the attacker, or of which nobody says where they come from."""
    if control.function is ControlFunction.ASSURE:
        return
    figures = [(f"against.{threat}", one) for threat, one in control.against.items()]
    if control.mitigates - control.against.keys() or not control.mitigates:
        figures.append(("strength", control.strength))
    for field, one in figures:
        means = [one.of(skill).mean for skill in Skill]
        if means != sorted(means, reverse=True):
            message = "the strength is greater against a more skilled actor."
            yield Finding("skill", control.id, field, message, "Order them: novice, skilled, expert.")
        yield from _source(control.id, field, one)


def _chance(pattern: ThreatPattern) -> Iterator[Finding]:
    if not pattern.propagation:
        yield from _source(pattern.id, "chance", pattern)
    elif pattern.chance is not None and pattern.chance.low < 1 and not pattern.basis:
        yield _unsaid(pattern.id, "chance")


def _source(entry: str, field: str, one: Strength | ThreatPattern) -> Iterator[Finding]:
    if not one.basis or not one.source:
        yield _unsaid(entry, field)
    elif one.source != JUDGEMENT and not one.source.startswith(MEASURED):
        message = f"the source is neither “{JUDGEMENT}” nor begins with “{MEASURED.strip()}”."
        yield Finding("source", entry, field, message, "Name the study and its conditions after “measured: ”.")


def _unsaid(entry: str, field: str) -> Finding:
    message = "nobody says where this figure comes from, or why it is what it is."
    fix = f"Give “basis” (why) and “source” (“{MEASURED}” and a reference, or “{JUDGEMENT}”)."
    return Finding("source", entry, field, message, fix, minor=True)


def _true_anyway(look: _Look, pattern: ThreatPattern) -> Iterator[Finding]:
    """A consequence that makes a threat's gain certain from what the threat needs itself."""
    if pattern.propagation:
        return
    for rule in look.certain:
        if rule.gains is pattern.gains and _follows(look, pattern, rule):
            message = f"it changes nothing: “{rule.id}” gains {pattern.gains} for certain from the same needs."
            yield Finding("true-anyway", pattern.id, "gains", message, "Leave it out, or let it need less.")


def _follows(look: _Look, pattern: ThreatPattern, rule: ThreatPattern) -> bool:
    if not look.subjects(pattern) <= look.subjects(rule) or not set(rule.needs) <= set(pattern.needs):
        return False
    if not rule.links:
        return True
    if not (rule.simple and pattern.simple and pattern.links):
        return False
    (own,), (other,) = pattern.parts, rule.parts
    implied = look.catalogue.relations[pattern.links[0].relation].implies
    return (
        (rule.links[0].relation, False) in implied
        and set(other.needs) <= set(own.needs)
        and look.concrete(own.types) <= look.concrete(other.types)
    )


def _out_of_reach(look: _Look, pattern: ThreatPattern) -> Iterator[Finding]:
    if not look.gained(pattern, look.reachable):
        needs = [need for _, own in _needs(pattern) for need in own]
        message = f"nothing leads to it: no pattern and no entry gives {' and '.join(needs)} where it is needed."
        yield Finding("out-of-reach", pattern.id, "needs", message, "Add what leads there, or correct the types.")


def _maturity(pattern: ThreatPattern) -> Iterator[Finding]:
    """A maturity that none of the techniques has, without a reason."""
    stated = {one.maturity for one in pattern.techniques if one.maturity is not None}
    if pattern.maturity is not None and stated and pattern.maturity not in stated and not pattern.maturity_basis:
        known = ", ".join(f"{one.pinned} {one.maturity}" for one in pattern.techniques if one.maturity is not None)
        message = f"it is {pattern.maturity}, and its techniques are not: {known}."
        yield Finding("maturity", pattern.id, "maturity", message, "Correct it, or say why in “maturity_basis”.")


def _controls(look: _Look, pattern: ThreatPattern) -> Iterator[Finding]:
    """A threat that no control mitigates without a reason, or with a reason although one does."""
    if pattern.propagation:
        return
    if pattern.id not in look.mitigated and not pattern.without_control:
        message = "no control mitigates it, and nobody says why."
        fix = "Add the threat to a control's “mitigates”, or say in “without_control” why none prevents it."
        yield Finding("uncontrolled", pattern.id, "", message, fix, minor=True)
    elif pattern.id in look.mitigated and pattern.without_control:
        message = "it says why no control prevents it, and one does."
        yield Finding("uncontrolled", pattern.id, "without_control", message, "Leave the reason out, or the control.")


def _editions(catalogue: Catalogue, known: Catalogue) -> Iterator[Finding]:
    """Techniques that somebody adds to an edition that is shipped whole."""
    whole = {one.edition for one in known.techniques.values()}
    for key, one in catalogue.techniques.items():
        if key not in known.techniques and one.edition in whole:
            message = f"the edition {one.edition} has no “{one.id}”."
            yield Finding("edition", key, "", message, "Use an id that it has, or an edition of your own.")
