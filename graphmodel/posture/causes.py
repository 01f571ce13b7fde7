"""The causes that a difference is put down to: what changed, with what only makes sense together put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphmodel.binding.evidence import counts_on
from graphmodel.binding.relations import Reach
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue, Status
from graphmodel.model.system import System
from graphmodel.posture.changes import CHANGED, Change, Key, elements, system_changes

KNOWLEDGE, SETTINGS, REACH, DATE = "knowledge", "settings", "reach", "date"
JUDGEMENTS = (KNOWLEDGE, SETTINGS, REACH, DATE)
_WHOLE = tuple((one, one) for one in JUDGEMENTS)
_SPACE = ("zone", "asset", "actor", "flow")  # share one set of ids


@dataclass(frozen=True)
class State:
    """All that an assessment rests on: ``today`` is an ISO date, what evidence expires against."""

    system: System
    catalogue: Catalogue
    settings: Settings
    reach: Reach
    today: str


@dataclass(frozen=True)
class Cause:
    """What one part of a difference is put down to: changes that are made together.

    ``family`` is what it is put together with where there are too many: control, system, loss, actor or judgement.
    """

    changes: tuple[Change, ...]
    family: str

    @property
    def keys(self) -> frozenset[Key]:
        return frozenset(one.key for one in self.changes)

    @property
    def name(self) -> str:
        first, more = self.changes[0], len(self.changes) - 1
        name = first.kind if first.key in _WHOLE else f"{first.kind} {first.id}"
        return f"{name} and {more} more" if more else name


def find_causes(old: State, new: State) -> tuple[Cause, ...]:
    """Everything that could have moved a number between two states, each a cause of its own unless tied to others.

    Changes are tied where one names what the other adds, removes or gives another type; where both have one id;
    and where an element is of a type, relation, control or threat that only one of the two catalogues has.
    """
    changes = [one for one in system_changes(old.system, new.system) if one.bears]
    changes += [Change(*one, CHANGED) for one in _judgements(old, new)]
    ties = _Ties([one.key for one in changes])
    known = {one.key for one in changes}
    before, after = elements(old.system), elements(new.system)
    shared = {id_: [(kind, id_) for kind in _SPACE if (kind, id_) in known] for kind, id_ in known if kind in _SPACE}
    words = _words(old.catalogue) ^ _words(new.catalogue)
    for change in changes:
        for other in shared.get(change.id, ()) if change.kind in _SPACE else ():
            ties.tie(change.key, other)
        for version in (before.get(change.key), after.get(change.key)):
            if version is None:
                continue
            for id_ in _references(change.kind, version):
                for other in shared.get(id_, ()):
                    if _exists_otherwise(before.get(other), after.get(other)):
                        ties.tie(change.key, other)
            if (KNOWLEDGE, KNOWLEDGE) in known and not words.isdisjoint(_entries(change.kind, version)):
                ties.tie(change.key, (KNOWLEDGE, KNOWLEDGE))
    by_key = {one.key: one for one in changes}
    return tuple(_cause([by_key[key] for key in group]) for group in ties.groups())


def catalogue_key(kind: str, id_: str) -> Key:
    """The key of a single threat or rule (``pattern``) or ``control`` of the catalogue that is a cause of its own."""
    return KNOWLEDGE, f"{kind} {id_}"


def _knowledge(old: Catalogue, new: Catalogue) -> Iterator[Key]:
    """What changed in the catalogue: entry by entry where both have the same ones of the same types and relations, so
    that each can be the old or the new one, and else as a whole."""
    if _words(old) == _words(new) and (old.types, old.relations) == (new.types, new.relations):
        entries = (("pattern", old.patterns, new.patterns), ("control", old.controls, new.controls))
        for kind, before, after in entries:
            yield from (catalogue_key(kind, one) for one in sorted(before) if before[one] != after[one])
    elif old != new:
        yield KNOWLEDGE, KNOWLEDGE


def _judgements(old: State, new: State) -> Iterator[Key]:
    yield from _knowledge(old.catalogue, new.catalogue)
    if _figures(old.settings) != _figures(new.settings):
        yield SETTINGS, SETTINGS
    if old.reach is not new.reach:
        yield REACH, REACH
    if any(
        one.status is Status.IMPLEMENTED
        and len({table.evidence_factor(one.evidence, one.evidence_until, day) for day in (old.today, new.today)}) > 1
        for system in (old.system, new.system)
        for one in system.controls
        for table in (old.settings, new.settings)
    ) or any(
        len({counts_on(one, table.tests, day) for day in (old.today, new.today)}) > 1
        for system in (old.system, new.system)
        for one in system.evidence
        for table in (old.settings, new.settings)
    ):
        yield DATE, DATE


def _figures(settings: Settings) -> tuple[Any, ...]:
    """What of the settings an expected loss rests on: not bands, nor costs of measures."""
    return (
        dict(settings.chance),
        dict(settings.evidence),
        dict(settings.severity_amounts),
        settings.inferred_share,
        settings.tests,
        settings.queries,
    )


def _words(catalogue: Catalogue) -> set[tuple[str, str]]:
    names: tuple[tuple[str, Collection[str]], ...] = (
        ("type", catalogue.types),
        ("relation", catalogue.relations),
        ("control", catalogue.controls),
        ("threat", catalogue.patterns),
    )
    return {(kind, id_) for kind, ids in names for id_ in ids}


def _entries(kind: str, one: Any) -> set[tuple[str, str]]:
    """The entries of a catalogue that an element names."""
    fields: Mapping[str, tuple[str, str]] = {
        "asset": ("type", "type"),
        "flow": ("relation", "relation"),
        "dependency": ("relation", "relation"),
        "control": ("control", "control"),
        "override": ("threat", "threat"),
        "evidence": ("threat", "threat"),
    }
    if kind not in fields:
        return set()
    entry, field = fields[kind]
    return {(entry, str(getattr(one, field)))}


def _exists_otherwise(old: Any, new: Any) -> bool:
    return old is None or new is None or getattr(old, "type", None) != getattr(new, "type", None)


def _references(kind: str, one: Any) -> Iterator[str]:
    """The ids of zones, assets, actors and flows that an element names."""
    if kind == "zone":
        named: Sequence[str | None] = [one.parent]
    elif kind == "asset":
        named = [one.zone]
    elif kind == "flow":
        named = [one.origin, one.target, *one.carries, *one.returns, *one.mediated_by]
    elif kind == "dependency":
        named = [one.origin, one.target]
    elif kind == "actor":
        named = [one.zone, *(held.asset for held in one.starts)]
    elif kind == "control":
        named = one.protects
    elif kind == "loss":
        named = [one.held.asset]
    elif kind == "evidence":
        named = [one.on]
    else:
        named = [one.asset]
    return (one for one in named if one is not None)


class _Ties:
    """Union and find over the keys of changes."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = keys
        self.leads = {key: key for key in keys}

    def find(self, key: Key) -> Key:
        while self.leads[key] != key:
            self.leads[key] = self.leads[self.leads[key]]
            key = self.leads[key]
        return key

    def tie(self, one: Key, other: Key) -> None:
        self.leads[self.find(other)] = self.find(one)

    def groups(self) -> list[list[Key]]:
        found: dict[Key, list[Key]] = {}
        for key in self.keys:
            found.setdefault(self.find(key), []).append(key)
        return list(found.values())


def _cause(changes: Sequence[Change]) -> Cause:
    families = {_family(one) for one in changes}
    return Cause(tuple(changes), families.pop() if len(families) == 1 else "system")


def _family(change: Change) -> str:
    if change.kind in ("control", "loss", "actor"):
        return change.kind
    return "judgement" if change.kind in JUDGEMENTS else "system"


def together(causes: Sequence[Cause], chosen: Callable[[Cause], bool]) -> tuple[Cause, ...]:
    """The same causes with all that are chosen put together into one, in place of the first."""
    one = [cause for cause in causes if chosen(cause)]
    if len(one) < 2:
        return tuple(causes)
    joined = _cause([change for cause in one for change in cause.changes])
    found = [joined if cause is one[0] else cause for cause in causes if cause is one[0] or not chosen(cause)]
    return tuple(found)


def fewer(causes: Sequence[Cause], most: int) -> tuple[Cause, ...]:
    """At most so many causes: put together by family, in this order and no further than it takes: elements of the
    system, losses, actors, judgements, controls; then all that is no control; then everything."""
    found = tuple(causes)
    steps: list[Callable[[Cause], bool]] = [
        lambda cause: cause.family == "system",
        lambda cause: cause.family == "loss",
        lambda cause: cause.family == "actor",
        lambda cause: cause.family == "judgement",
        lambda cause: cause.family == "control",
        lambda cause: cause.family != "control",
        lambda cause: True,
    ]
    for step in steps:
        if len(found) <= most:
            break
        found = together(found, step)
    return found
