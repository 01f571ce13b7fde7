"""From records of an ontology to a checked ``Catalogue``.

A record is one subject of a Turtle file, or one entry of a YAML catalogue, as plain values. Every
name in it is resolved here and every rule is tested for whether it could ever fire: a broken
pattern is a problem with its place, never a pattern that silently does nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from graphmodel.knowledge.vocabulary import (
    Area,
    AssetType,
    Attack,
    Capability,
    Catalogue,
    Control,
    ControlFunction,
    Maturity,
    Range,
    Relation,
    Technique,
    ThreatPattern,
)
from graphmodel.reading.problems import Problem, nearest

KINDS = ("type", "relation", "threat", "rule", "control", "technique")
_ZONE = "Zone"
_ENDS = frozenset({"asset", "other"})

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Record:
    """One entry as written: ``values`` maps a field to everything said of it, in order."""

    kind: str
    id: str
    values: Mapping[str, Sequence[Any]]
    file: str = ""
    line: int = 0


_RULE = "label comment on except gains needs via other otherNeeds unless chance defendedOn basis".split()  # noqa: SIM905

FIELDS: Mapping[str, frozenset[str]] = {
    "type": frozenset({"label", "comment", "parents", "abstract"}),
    "relation": frozenset({"label", "comment", "domain", "range", "parents", "inverse", "derived"}),
    "threat": frozenset({*_RULE, "area", "attack", "maturity", "prevalence", "technique"}),
    "rule": frozenset(_RULE),
    "control": frozenset(
        {"label", "comment", "area", "function", "appliesTo", "mitigates", "limits", "strength", "technique"}
    ),
    "technique": frozenset({"label", "notation", "edition", "maturity"}),
}


def build_catalogue(records: Iterable[Record]) -> tuple[Catalogue, tuple[Problem, ...]]:
    """The catalogue of all sound records, and a problem for everything that is not sound.

    A record with an error is left out whole. Where two records share a kind and an id, the first
    is kept.
    """
    return _Builder(sorted_records(records)).build()


def sorted_records(records: Iterable[Record]) -> list[Record]:
    """Types before relations before what uses them; otherwise the order of the files."""
    return sorted(records, key=lambda record: KINDS.index(record.kind))


@dataclass
class _Builder:
    records: list[Record]
    problems: list[Problem] = field(default_factory=list)
    types: dict[str, AssetType] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    patterns: dict[str, ThreatPattern] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    techniques: dict[str, Technique] = field(default_factory=dict)

    def build(self) -> tuple[Catalogue, tuple[Problem, ...]]:
        kept: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        for record in self.records:
            family = "threat" if record.kind == "rule" else record.kind
            if any(record.id in kept[kind] for kind in ("threat", "rule") if family == "threat") or (
                record.id in kept[record.kind]
            ):
                self.error(record, "", f"the {record.kind} “{record.id}” is defined twice.", "Rename or remove one.")
                continue
            for name in sorted(set(record.values) - FIELDS[record.kind]):
                self.error(record, name, f"a {record.kind} has no field “{name}”.", nearest(name, FIELDS[record.kind]))
            kept[record.kind][record.id] = record
        for record in kept["technique"].values():
            self.technique(record)
        self.all_types(kept["type"])
        self.all_relations(kept["relation"])
        for kind in ("rule", "threat"):
            for record in kept[kind].values():
                self.pattern(record)
        for record in kept["control"].values():
            self.control(record)
        catalogue = Catalogue(
            types=dict(sorted(self.types.items())),
            relations=dict(sorted(self.relations.items())),
            patterns=dict(sorted(self.patterns.items())),
            controls=dict(sorted(self.controls.items())),
            techniques=dict(sorted(self.techniques.items())),
        )
        return catalogue, tuple(self.problems)

    # ------------------------------------------------------------ reporting and plain fields
    def error(self, record: Record, place: str, message: str, fix: str) -> None:
        path = f"{record.id}.{place}" if place else record.id
        self.problems.append(Problem("error", message, fix, path, record.line, record.file))

    def text(self, record: Record, name: str, default: str = "") -> str:
        values = record.values.get(name, ())
        return str(values[0]) if values else default

    def word(self, record: Record, name: str, words: type[Word]) -> Word | None:
        found = self.words(record, name, words)
        if len(found) > 1:
            self.error(record, name, f"“{name}” takes one value, not {len(found)}.", "Keep one.")
        return found[0] if found else None

    def words(self, record: Record, name: str, words: type[Word]) -> list[Word]:
        known = {str(one): one for one in words}
        found = []
        for value in record.values.get(name, ()):
            if str(value) in known:
                found.append(known[str(value)])
            else:
                self.error(record, name, f"“{value}” is not a {words.__name__.lower()}.", nearest(str(value), known))
        return found

    def names(self, record: Record, name: str, known: Mapping[str, object], what: str) -> tuple[str, ...]:
        found = []
        for value in record.values.get(name, ()):
            if str(value) in known:
                found.append(str(value))
            else:
                self.error(record, name, f"there is no {what} “{value}”.", nearest(str(value), known))
        return tuple(sorted(set(found)))

    def number_range(self, record: Record, name: str) -> Range | None:
        values = record.values.get(name, ())
        if not values:
            return None
        value = values[0]
        numbers = value if isinstance(value, list | tuple) else [value]
        if len(numbers) == 1:
            numbers = [numbers[0]] * 3
        good = len(numbers) == 3 and all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers)
        if not good or not 0 <= numbers[0] <= numbers[1] <= numbers[2] <= 1:
            fix = "Write three numbers from 0 to 1 in rising order: low, most likely, high."
            self.error(record, name, f"“{name}” is not a range of chances.", fix)
            return None
        return Range(float(numbers[0]), float(numbers[1]), float(numbers[2]))

    # ------------------------------------------------------------ types and relations
    def technique(self, record: Record) -> None:
        technique = Technique(
            edition=self.text(record, "edition"),
            id=self.text(record, "notation", record.id),
            name=self.text(record, "label", record.id),
            maturity=self.word(record, "maturity", Maturity),
        )
        self.techniques[technique.pinned] = technique

    def all_types(self, records: Mapping[str, Record]) -> None:
        parents = {name: self.names(record, "parents", records, "type") for name, record in records.items()}
        for name, record in records.items():
            ancestors, stack = {name}, list(parents[name])
            while stack:
                one = stack.pop()
                if one == name:
                    self.error(record, "parents", f"the type “{name}” is its own ancestor.", "Break the circle.")
                elif one not in ancestors:
                    ancestors.add(one)
                    stack.extend(parents[one])
            self.types[name] = AssetType(
                name=name,
                label=self.text(record, "label", name),
                meaning=self.text(record, "comment"),
                parents=parents[name],
                ancestors=frozenset(ancestors),
                abstract=bool(record.values.get("abstract", [False])[0]),
            )

    def all_relations(self, records: Mapping[str, Record]) -> None:
        follows: defaultdict[str, set[tuple[str, bool]]] = defaultdict(set)
        for name, record in records.items():
            follows[name].update((one, False) for one in self.names(record, "parents", records, "relation"))
            for one in self.names(record, "inverse", records, "relation"):
                follows[name].add((one, True))
                follows[one].add((name, True))
        for name, record in records.items():
            implied, stack = {(name, False)}, [(name, False)]
            while stack:
                current, backwards = stack.pop()
                for other, flips in follows[current]:
                    found = (other, backwards != flips)
                    if found not in implied:
                        implied.add(found)
                        stack.append(found)
            subject = self.names(record, "domain", self.types, "type")
            target = self.names(record, "range", self.types, "type")
            if len(subject) != 1 or len(target) != 1:
                fix = "Give one type as domain and one as range."
                self.error(record, "", f"the relation “{name}” needs one domain and one range.", fix)
                continue
            self.relations[name] = Relation(
                name=name,
                label=self.text(record, "label", name),
                meaning=self.text(record, "comment"),
                subject=subject[0],
                object=target[0],
                implies=frozenset(implied),
                derived=bool(record.values.get("derived", [False])[0]),
            )

    # ------------------------------------------------------------ patterns and controls
    def overlaps(self, one: Iterable[str], two: Iterable[str]) -> bool:
        first, second = set(one), set(two)
        return any(first & known.ancestors and second & known.ancestors for known in self.types.values())

    def pattern(self, record: Record) -> None:
        before = len(self.problems)
        propagation = record.kind == "rule"
        on = self.names(record, "on", self.types, "asset type")
        other = self.names(record, "other", self.types, "asset type")
        via = self.names(record, "via", self.relations, "relation")
        unless = self.names(record, "unless", self.relations, "relation")
        gains = self.word(record, "gains", Capability)
        needs = self.words(record, "needs", Capability)
        other_needs = self.words(record, "otherNeeds", Capability)
        chance, maturity = self.number_range(record, "chance"), self.word(record, "maturity", Maturity)
        prevalence = record.values.get("prevalence", [1.0])[0]
        area, attack = self.word(record, "area", Area), self.word(record, "attack", Attack)
        defended = frozenset(
            {"theAsset": "asset", "theOther": "other"}.get(str(v), str(v)) for v in record.values.get("defendedOn", ())
        )
        techniques = self.names(record, "technique", self.techniques, "technique")
        checks: list[tuple[bool, str, str, str]] = [
            (
                not on and not record.values.get("on"),
                "on",
                "the pattern does not say on which asset types it works.",
                "Add the types.",
            ),
            (
                gains is None and not record.values.get("gains"),
                "gains",
                "the pattern gains nothing.",
                "Say which capability it gains.",
            ),
            (
                not record.values.get("needs") and not record.values.get("otherNeeds"),
                "needs",
                "the pattern needs nothing, so it would be true of every asset.",
                "Say what the attacker must hold, on the asset or on the other.",
            ),
            (len(via) > 1, "via", "a pattern uses one relation at most.", "Chain two patterns instead."),
            (
                bool(record.values.get("via")) != bool(record.values.get("other")),
                "via",
                "“via” and “other” belong together.",
                "Give the relation and the types at its other end, or neither.",
            ),
            (
                bool(record.values.get("otherNeeds")) and not record.values.get("via"),
                "otherNeeds",
                "there is no other asset in this pattern.",
                "Add “via” and “other”, or use “needs”.",
            ),
            (
                bool(record.values.get("via")) and not record.values.get("otherNeeds"),
                "otherNeeds",
                "nothing is needed on the other asset, so the relation alone would do.",
                "Say which capability over the other asset is needed.",
            ),
            (
                not propagation
                and chance is None
                and maturity is None
                and not {"chance", "maturity"} & set(record.values),
                "maturity",
                "the threat has neither maturity nor chance.",
                "Give one of the two.",
            ),
            (
                not isinstance(prevalence, int | float) or isinstance(prevalence, bool) or not 0 < prevalence <= 1,
                "prevalence",
                "the prevalence is not a share above 0 and up to 1.",
                "Write a number such as 0.5.",
            ),
            (
                not propagation and area is None and "area" not in record.values,
                "area",
                "the threat names no lifecycle area.",
                nearest("", Area),
            ),
            (
                not propagation and attack is None and "attack" not in record.values,
                "attack",
                "the threat names no class of attack.",
                nearest("", Attack),
            ),
            (
                bool(defended - _ENDS),
                "defendedOn",
                "a threat is defended on the asset or on the other.",
                "Use asset, other, or both.",
            ),
        ]
        for wrong, place, message, fix in checks:
            if wrong:
                self.error(record, place, message, fix)
        excepted = self.names(record, "except", self.types, "asset type")
        for types, place, held in (
            (on, "needs", [*needs, *([gains] if gains else [])]),
            (other, "otherNeeds", other_needs),
        ):
            if _ZONE in types and any(one is not Capability.REACH for one in held):
                self.error(record, place, "over a zone there is only the capability reach.", "Use reach.")
        if via and on and other and len(self.problems) == before:
            relation = self.relations[via[0]]
            for types, end, what in ((on, relation.subject, "on"), (other, relation.object, "other")):
                if not self.overlaps(types, [end]):
                    message = (
                        f"the pattern can never fire: nothing of type {', '.join(types)} stands at that end of "
                        f"{via[0]} ({end})."
                    )
                    self.error(record, what, message, "Correct the types or the relation.")
        if len(self.problems) > before or gains is None:
            return
        self.patterns[record.id] = ThreatPattern(
            id=record.id,
            name=self.text(record, "label", record.id),
            meaning=self.text(record, "comment"),
            area=area,
            attack=attack,
            asset_types=on,
            gains=gains,
            needs=tuple(sorted(set(needs))),
            via=via[0] if via else None,
            except_types=excepted,
            other_types=other,
            other_needs=tuple(sorted(set(other_needs))),
            unless=unless[0] if unless else None,
            propagation=propagation,
            maturity=maturity,
            prevalence=float(prevalence),
            chance=chance if chance is not None or not propagation else Range.point(1.0),
            techniques=tuple(self.techniques[one] for one in techniques),
            defended_on=defended or _ENDS,
            basis=self.text(record, "basis"),
        )

    def control(self, record: Record) -> None:
        before = len(self.problems)
        function = self.word(record, "function", ControlFunction)
        area = self.word(record, "area", Area)
        applies = self.names(record, "appliesTo", self.types, "asset type")
        mitigates = self.names(record, "mitigates", self.patterns, "threat")
        limits = self.words(record, "limits", Capability)
        strength = self.number_range(record, "strength")
        techniques = self.names(record, "technique", self.techniques, "technique")
        prevents = function is ControlFunction.PREVENT
        lowers = function in (ControlFunction.DETECT, ControlFunction.RESPOND, ControlFunction.RECOVER)
        checks = [
            (
                function is None and "function" not in record.values,
                "function",
                "the control does not say what it does.",
                nearest("", ControlFunction),
            ),
            (
                area is None and "area" not in record.values,
                "area",
                "the control names no lifecycle area.",
                nearest("", Area),
            ),
            (
                not record.values.get("appliesTo"),
                "appliesTo",
                "the control does not say to which asset types it applies.",
                "Add the types; Asset means all.",
            ),
            (
                prevents and not record.values.get("mitigates"),
                "mitigates",
                "a preventing control must mitigate something.",
                "Name the threats.",
            ),
            (
                not prevents and bool(record.values.get("mitigates")),
                "mitigates",
                "only preventing controls mitigate threats.",
                "Use “limits” for what the others do.",
            ),
            (
                lowers and not record.values.get("limits"),
                "limits",
                "the control does not say which losses it limits.",
                "Name the capabilities.",
            ),
            (
                (prevents or lowers) and not record.values.get("strength"),
                "strength",
                "the control has no strength.",
                "Write low, most likely and high value.",
            ),
        ]
        for wrong, place, message, fix in checks:
            if wrong:
                self.error(record, place, message, fix)
        if prevents and mitigates and applies and len(self.problems) == before:
            for threat in mitigates:
                pattern = self.patterns[threat]
                ends = [*pattern.asset_types, *pattern.other_types]
                if not self.overlaps(applies, ends):
                    message = f"the control can never cover “{threat}”: the threat concerns {', '.join(ends)}."
                    self.error(record, "appliesTo", message, "Add one of these types.")
        if len(self.problems) > before or function is None or area is None:
            return
        self.controls[record.id] = Control(
            id=record.id,
            name=self.text(record, "label", record.id),
            meaning=self.text(record, "comment"),
            area=area,
            function=function,
            applies_to=applies,
            mitigates=frozenset(mitigates),
            limits=frozenset(limits),
            strength=strength or Range.point(0.0),
            techniques=tuple(self.techniques[one] for one in techniques),
        )
