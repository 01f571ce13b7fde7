"""What is told of one threat, control or asset type of a catalogue, and which are its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.mapped import rows_by_subject
from graphmodel.knowledge.proofs import shipped_proofs
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import AssetType, Catalogue, Control, Skill, Technique, ThreatPattern
from graphmodel.outputs.text.catalogue import chance_said, range_said, sentence

THREAT, CONTROL, TYPE = "threat", "control", "type"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what is told: sentences, lines of a list, entries of one kind by id, or techniques."""

    title: str
    text: str = ""
    lines: tuple[str, ...] = ()
    kind: str = ""
    entries: tuple[str, ...] = ()
    techniques: tuple[Technique, ...] = ()

    @property
    def says_something(self) -> bool:
        return bool(self.text or self.lines or self.entries or self.techniques)


@dataclass(frozen=True, slots=True)
class Entry:
    """All that is told of an entry; ``kind`` is ``threat``, ``control`` or ``type``."""

    kind: str
    id: str
    title: str
    meaning: str
    parts: tuple[Part, ...]


def entry_of(catalogue: Catalogue, framework: Framework, settings: Settings, kind: str, id_: str) -> Entry:
    """What is told of an entry; raises ``KeyError`` where the catalogue has none of this kind and id."""
    if kind == THREAT:
        pattern = catalogue.patterns[id_]
        title, meaning, parts = pattern.name, pattern.meaning, _threat(catalogue, pattern)
    elif kind == CONTROL:
        control = catalogue.controls[id_]
        title, meaning, parts = control.name, control.meaning, _control(catalogue, control, framework, settings)
    else:
        found = catalogue.types[id_]
        title, meaning, parts = found.label, found.meaning, _type(catalogue, found)
    changed = tuple(one.said for one in catalogue.overridden if one.entry == id_ and one.kind == kind)
    elsewhere = tuple(
        f"{row.cells['object_id']} {row.cells['object_label']}: "
        f"{row.cells['predicate_id'].partition(':')[2]}, confidence {row.cells['confidence']}"
        for row in rows_by_subject().get(f"{kind}:{id_}", ())
    )
    said = (*parts, Part("Elsewhere", lines=elsewhere), Part("Otherwise than shipped", lines=changed))
    return Entry(kind, id_, title, meaning, tuple(one for one in said if one.says_something))


def entries(catalogue: Catalogue) -> Iterator[tuple[str, str, str, str]]:
    """Every threat, control and asset type: its kind, id, name and meaning."""
    for one in catalogue.patterns.values():
        if not one.propagation:
            yield THREAT, one.id, one.name, one.meaning
    for control in catalogue.controls.values():
        yield CONTROL, control.id, control.name, control.meaning
    for name in catalogue.concrete_types():
        yield TYPE, name, catalogue.types[name].label, catalogue.types[name].meaning


def _threat(catalogue: Catalogue, one: ThreatPattern) -> Iterator[Part]:
    controls = tuple(key for key, control in catalogue.controls.items() if one.id in control.mitigates)
    source = f"({one.source})" if one.source else ""
    yield Part("Reads", sentence(one))
    yield Part("Chance", " ".join(filter(None, (f"{chance_said(one)}.", one.basis, one.maturity_basis, source))))
    yield Part("Attack, area", ", ".join(str(each) for each in (one.attack, one.area) if each))
    yield Part("Cites", techniques=one.techniques)
    yield Part("On", kind=TYPE, entries=_concrete(catalogue, one.asset_types))
    yield Part(
        "Comes over", kind=TYPE, entries=_concrete(catalogue, (name for part in one.parts for name in part.types))
    )
    yield Part("Controls", kind=CONTROL, entries=controls, text="" if controls else one.without_control)


def _control(catalogue: Catalogue, one: Control, framework: Framework, settings: Settings) -> Iterator[Part]:
    threats = tuple(sorted(key for key in one.mitigates if not catalogue.patterns[key].propagation))
    strength = f"{range_said(one.greatest(Skill.SKILLED))}. {one.strength.basis} ({one.strength.source})"
    yield Part("Does", f"{one.function}, {one.area}")
    yield Part("Strength", strength if one.strength.basis else "")
    against = sorted(one.against.items())
    lines = tuple(f"{threat}: {range_said(of.skilled)}. {of.basis}" for threat, of in against)
    yield Part("Another strength against", lines=lines)
    yield Part("Mitigates", kind=THREAT, entries=threats)
    yield Part("Limits", ", ".join(sorted(one.limits)))
    yield Part("Stands on", kind=TYPE, entries=_concrete(catalogue, one.applies_to))
    yield Part("Cites", techniques=one.techniques)
    yield Part("Would be shown by", shipped_proofs().get(one.id, ""))
    cost = settings.assumed_cost(one.id, one.function)
    if cost is not None:
        yield Part("Costs, roughly", f"{cost:,.0f} a year, where the model states nothing else: an assumption.")
    yield Part("Answers", ", ".join(item.id for item in framework.items() if one.id in item.controls))


def _type(catalogue: Catalogue, one: AssetType) -> Iterator[Part]:
    written = [catalogue.relations[name] for name in catalogue.declarable_relations()]
    threats = tuple(
        threat.id
        for threat in catalogue.patterns.values()
        if not threat.propagation
        and catalogue.is_any(one.name, threat.asset_types)
        and not catalogue.is_any(one.name, threat.except_types)
    )
    controls = (key for key, control in catalogue.controls.items() if catalogue.is_any(one.name, control.applies_to))
    yield Part("Is a", ", ".join(one.parents))
    yield Part("Called", ", ".join(one.synonyms))
    yield Part("From it", ", ".join(f"{r.name} {r.object}" for r in written if r.subject in one.ancestors))
    yield Part("To it", ", ".join(f"{r.subject} {r.name}" for r in written if r.object in one.ancestors))
    yield Part("Threats", kind=THREAT, entries=threats)
    yield Part("Controls", kind=CONTROL, entries=tuple(controls))


def _concrete(catalogue: Catalogue, types: Iterable[str]) -> tuple[str, ...]:
    """Types of which something can be, among these and those of the groups among them."""
    wanted = tuple(types)
    return tuple(name for name in catalogue.concrete_types() if catalogue.is_any(name, wanted))
