"""Joins what was read from several files: what is one thing in two of them becomes one, and where they differ is told.

Two assets are one where they have an identifier in common, where both stand under one id in System documents, or, when
that is asked for, where they have one name. What a person settled before (``Settlements``) goes before all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Actor, Asset, Dependency, Flow, Held, Provenance, System, Zone
from graphmodel.reading.problems import Problem
from importers.places import Ids, place_of, together
from importers.sameness import Node, Piece, Sameness, Settlements


@dataclass(frozen=True, slots=True)
class Join:
    """One asset out of several files: its id, why it is one, and what it is called in each of them."""

    asset: str
    reason: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """What two files say differently of one element; the first value is the one that is used."""

    element: str
    field: str
    values: tuple[tuple[str, str], ...]  # of (file and place, value)


@dataclass(frozen=True)
class Joined:
    """One system of several files, which assets were joined, and where the files differ.

    ``calls`` has for each asset what people call it where they settle something, as ``FILE#ID``; ``apart`` are those
    of which a person said that they are not one.
    """

    system: System
    calls: Mapping[str, tuple[str, ...]]
    apart: tuple[frozenset[str], ...]
    joins: tuple[Join, ...]
    conflicts: tuple[Conflict, ...]
    problems: tuple[Problem, ...]


_E = TypeVar("_E", Zone, Actor, Flow, Dependency)

NOBODY_KNOWS = 0.3
"""Of less confidence is a type only where no row of the table fits."""


def join(
    pieces: Sequence[Piece],
    catalogue: Catalogue,
    by_name: bool = False,
    settlements: Settlements | None = None,
    title: str = "",
) -> Joined:
    """One system of all files; System documents come first. Raises ``ValueError`` without a file."""
    if not pieces:
        raise ValueError("there is no system to join")
    ordered = sorted(pieces, key=lambda one: (not one.own, one.file))
    return _Joining(ordered, catalogue, by_name, settlements or Settlements(), title).done()


class _Joining:
    def __init__(
        self, pieces: Sequence[Piece], catalogue: Catalogue, by_name: bool, settlements: Settlements, title: str
    ) -> None:
        self.pieces, self.catalogue, self.title = pieces, catalogue, title
        self.settlements = settlements
        self.same = Sameness(pieces, catalogue, by_name, settlements)
        self.taken = Ids()
        self.ids: dict[Node, str] = {}  # of zones, assets and actors
        self.calls: dict[str, tuple[str, ...]] = {}
        self.joins: list[Join] = []
        self.conflicts: list[Conflict] = []
        self.problems: list[Problem] = []
        self.places: dict[str, list[Provenance | None]] = {}  # of elements of one kind at a time

    def done(self) -> Joined:
        first = self.pieces[0].system
        zones = self.zones()
        assets = self.assets()
        actors = self.actors()
        head = first if len(self.pieces) == 1 or self.pieces[0].own else replace(first, description="")
        system = replace(
            head,
            name=self.title or head.name,
            zones=zones,
            assets=assets,
            actors=actors,
            flows=self.flows(),
            dependencies=self.dependencies(),
            catalogue_files=tuple(dict.fromkeys(name for one in self.pieces for name in one.system.catalogue_files)),
        )
        rest: dict[str, Any] = self.rest()
        system = replace(system, **rest)
        return Joined(
            system, self.calls, self.settlements.apart, tuple(self.joins), tuple(self.conflicts), tuple(self.problems)
        )

    # ------------------------------------------------------------ elements
    def zones(self) -> tuple[Zone, ...]:
        made: dict[str, Zone] = {}
        parents: dict[str, tuple[int, str | None]] = {}
        for number, piece in enumerate(self.pieces):
            for one in piece.system.zones:
                known = made.get(one.id)
                if known is not None and (known.name.lower() == one.name.lower() or piece.own):
                    self.ids[number, one.id] = one.id
                    self.differ(one.id, "trust", [(known.source, known.trust), (one.source, one.trust)])
                    trust = known.trust if known.trust is not None else one.trust
                    made[one.id] = replace(known, trust=trust, source=self.seen(one.id, known, one))
                    continue
                id_ = self.taken.free(one.id)
                self.ids[number, one.id] = id_
                parents[id_] = (number, one.parent)
                made[id_] = replace(one, id=id_)
        # A zone may stand before the one around it, so its parent is looked for when all have their ids.
        around = {id_: self.ids.get((number, parent)) if parent else None for id_, (number, parent) in parents.items()}
        return tuple(replace(one, parent=around[one.id]) for one in self.placed(made.values()))

    def zone(self, node: Node) -> str | None:
        zone = self.same.asset(node).zone
        return self.ids.get((node[0], zone)) if zone is not None else None

    def assets(self) -> tuple[Asset, ...]:
        made = []
        for members in self.same.classes():
            members.sort(key=self.weight)
            first = self.same.asset(members[0])
            id_ = self.taken.free(first.id)
            for node in members:
                self.ids[node] = id_
            found = [self.same.asset(node) for node in members]
            kind = self.kind(id_, members)
            zones = [(asset.source, self.zone(node)) for node, asset in zip(members, found, strict=True)]
            self.differ(id_, "zone", zones)
            source = together([asset.source for asset in found])
            if source is not None and source.confidence < NOBODY_KNOWS and kind != first.type:
                sure = [one.source.confidence for one in found if one.source is not None and one.type == kind]
                source = replace(source, confidence=max(sure, default=1.0), note=f"type {kind} from elsewhere")
            self.calls[id_] = tuple(self.same.called(node) for node in members)
            made.append(
                replace(
                    first,
                    id=id_,
                    type=kind,
                    zone=next((zone for _, zone in zones if zone is not None), None),
                    description=next((one.description for one in found if one.description), ""),
                    owner=next((one.owner for one in found if one.owner), ""),
                    tags=tuple(dict.fromkeys(tag for one in found for tag in one.tags)),
                    identifiers=tuple(dict.fromkeys(each for one in found for each in one.identifiers)),
                    source=source,
                )
            )
            if len(members) > 1:
                reason = self.same.reasons.get(self.same.root(members[0]), "")
                self.joins.append(Join(id_, reason, self.calls[id_]))
        return tuple(made)

    def weight(self, node: Node) -> tuple[bool, float, int]:
        asset = self.same.asset(node)
        return not self.pieces[node[0]].own, -(asset.source.confidence if asset.source else 1.0), node[0]

    def kind(self, id_: str, members: Sequence[Node]) -> str:
        """The type: what a person settled, else the most special of those that fit the surest."""
        settled = [
            self.settlements.types[self.same.called(one)]
            for one in members
            if self.same.called(one) in self.settlements.types
        ]
        if settled:
            return settled[0]
        best = self.same.asset(members[0])
        kind = best.type
        unsure = best.source is not None and best.source.confidence < NOBODY_KNOWS
        if any(one in self.same.serves for one in members):
            hosts = [one for one in members if self.catalogue.is_a(self.same.asset(one).type, "Host")]
            if hosts:  # a service that runs flows is what these run in
                return self.same.asset(hosts[0]).type
        for node in members[1:]:
            other = self.same.asset(node)
            settled_by_people = self.pieces[members[0][0]].own and self.pieces[node[0]].own
            if other.type != kind and settled_by_people:
                values = ((place_of(best.source), kind), (place_of(other.source), other.type))
                self.conflicts.append(Conflict(id_, "type", values))
            elif self.catalogue.is_a(other.type, kind) or unsure:
                kind, unsure = other.type, False
            elif not self.catalogue.is_a(kind, other.type) and (
                other.source is None or other.source.confidence >= NOBODY_KNOWS
            ):
                self.conflicts.append(
                    Conflict(id_, "type", ((place_of(best.source), kind), (place_of(other.source), other.type)))
                )
        return kind

    def actors(self) -> tuple[Actor, ...]:
        made: dict[str, Actor] = {}
        for number, piece in enumerate(self.pieces):
            for one in piece.system.actors:
                starts = tuple(
                    Held(self.ids.get((number, held.asset), held.asset), held.capability) for held in one.starts
                )
                zone = self.ids.get((number, one.zone)) if one.zone else None
                known = made.get(one.id)
                if known is not None and (known.kind, known.name.lower()) == (one.kind, one.name.lower()):
                    self.ids[number, one.id] = one.id
                    both = tuple(dict.fromkeys((*known.starts, *starts)))
                    made[one.id] = replace(
                        known, starts=both, zone=known.zone or zone, source=self.seen(one.id, known, one)
                    )
                    continue
                id_ = self.taken.free(one.id)
                self.ids[number, one.id] = id_
                made[id_] = replace(one, id=id_, starts=starts, zone=zone)
        return tuple(self.placed(made.values()))

    def each(self, section: str) -> Iterator[tuple[int, Any]]:
        for number, piece in enumerate(self.pieces):
            for one in getattr(piece.system, section):
                yield number, one

    def id(self, number: int, id_: str) -> str:
        return self.ids.get((number, id_), id_)

    def all(self, number: int, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.id(number, one) for one in ids))

    def flows(self) -> tuple[Flow, ...]:
        made: dict[tuple[str, str, str, str], Flow] = {}
        ids = Ids()
        for number, one in self.each("flows"):
            origin, target = self.id(number, one.origin), self.id(number, one.target)
            if origin == target:
                self.note(one.source, f"the flow “{one.id}” joins what is now one element; it was left out.")
                continue
            key = (origin, target, one.relation, one.name.lower())
            unnamed = (origin, target, one.relation, "")
            key = key if key in made or unnamed not in made else unnamed
            known = made.get(key)
            if known is not None:
                self.ids[number, one.id] = known.id
                for name in ("authenticated", "encrypted"):
                    self.differ(
                        known.id, name, [(known.source, getattr(known, name)), (one.source, getattr(one, name))]
                    )
                made[key] = replace(
                    known,
                    name=known.name or one.name,
                    carries=tuple(dict.fromkeys((*known.carries, *self.all(number, one.carries)))),
                    returns=tuple(dict.fromkeys((*known.returns, *self.all(number, one.returns)))),
                    two_way=known.two_way or one.two_way,
                    authenticated=known.authenticated if known.authenticated is not None else one.authenticated,
                    encrypted=known.encrypted if known.encrypted is not None else one.encrypted,
                    opened_by=known.opened_by or (self.id(number, one.opened_by) if one.opened_by else None),
                    mediated_by=tuple(dict.fromkeys((*known.mediated_by, *self.all(number, one.mediated_by)))),
                    source=self.seen(known.id, known, one),
                )
                continue
            id_ = ids.free(one.id if self.pieces[number].own else f"{origin}->{target}")
            self.ids[number, one.id] = id_
            made[key] = replace(
                one,
                id=id_,
                origin=origin,
                target=target,
                carries=self.all(number, one.carries),
                returns=self.all(number, one.returns),
                opened_by=self.id(number, one.opened_by) if one.opened_by else None,
                mediated_by=self.all(number, one.mediated_by),
            )
        return tuple(self.placed(made.values()))

    def dependencies(self) -> tuple[Dependency, ...]:
        made: dict[str, Dependency] = {}
        for number, one in self.each("dependencies"):
            found = replace(one, origin=self.id(number, one.origin), target=self.id(number, one.target))
            if found.origin == found.target:
                self.note(one.source, f"“{one.id}” joins what is now one element; it was left out.")
                continue
            known = made.get(found.id)
            made[found.id] = replace(known, source=self.seen(found.id, known, found)) if known else found
        return tuple(self.placed(made.values()))

    def rest(self) -> dict[str, tuple[Any, ...]]:
        """Controls, losses, judgements, threats as stated and evidence, with the ids that elements have now."""
        control_ids, stated_ids, evidence_ids = Ids(), Ids(), Ids()
        controls: dict[str, Any] = {}
        names: dict[Node, str] = {}
        for number, one in self.each("controls"):
            said = replace(one, protects=self.all(number, one.protects))
            names[number, one.id] = self.keep(controls, control_ids, number, said)

        def of(number: int, ids: Iterable[str]) -> tuple[str, ...]:
            return tuple(names.get((number, each), each) for each in ids)

        for number, piece in enumerate(self.pieces):
            for one in piece.system.controls:
                id_ = names[number, one.id]
                found = controls[id_]
                controls[id_] = replace(found, requires=of(number, found.requires), excludes=of(number, found.excludes))
        losses: dict[str, Any] = {}
        for number, one in self.each("losses"):
            held = Held(self.id(number, one.held.asset), one.held.capability)
            key = f"{held} {one.impact}"
            known = losses.get(key)
            if known is not None:
                self.differ(str(held), "severity", [(known.source, known.severity), (one.source, one.severity)])
            else:
                losses[key] = replace(one, held=held)
        overrides: dict[str, Any] = {}
        for number, one in self.each("overrides"):
            asset = self.id(number, one.asset)
            overrides.setdefault(f"{one.threat} {asset}", replace(one, asset=asset))
        stated: dict[str, Any] = {}
        for number, one in self.each("stated"):
            said = replace(one, on=self.all(number, one.on), answered_by=of(number, one.answered_by))
            self.keep(stated, stated_ids, number, said)
        evidence: dict[str, Any] = {}
        for number, one in self.each("evidence"):
            switched = of(number, one.controls) if one.controls is not None else None
            self.keep(evidence, evidence_ids, number, replace(one, on=self.id(number, one.on), controls=switched))
        parts = {"controls": controls, "losses": losses, "overrides": overrides, "stated": stated, "evidence": evidence}
        return {name: tuple(found.values()) for name, found in parts.items()}

    def keep(self, made: dict[str, Any], ids: Ids, number: int, one: Any) -> str:
        """Add an element under an id of its own, which is given back; one that says the same is there already. Of two
        with one id in documents of people the first stays, and that they differ is told."""
        known = made.get(one.id)
        if known is not None:
            same = replace(known, source=None) == replace(one, source=None)
            if not same and self.pieces[number].own:
                self.conflicts.append(
                    Conflict(
                        one.id, "content", ((place_of(known.source), "first"), (self.pieces[number].file, "other"))
                    )
                )
                same = True
            if same:
                made[one.id] = replace(known, source=together((known.source, one.source)))
                return str(one.id)
        id_ = ids.free(one.id)
        made[id_] = replace(one, id=id_)
        return id_

    # ------------------------------------------------------------ what is told
    def differ(self, element: str, field: str, said: Sequence[tuple[Provenance | None, Any]]) -> None:
        values = [(place_of(source), str(value)) for source, value in said if value is not None]
        if len({value for _, value in values}) > 1:
            self.conflicts.append(Conflict(element, field, tuple(dict.fromkeys(values))))

    def seen(self, id_: str, known: _E, other: _E) -> Provenance | None:
        """The place of an element of which another file speaks too; all its places are put together by ``placed``."""
        self.places.setdefault(id_, [known.source]).append(other.source)
        return known.source or other.source

    def placed(self, elements: Iterable[_E]) -> Iterator[_E]:
        """Elements with all their places, each looked at once: thousands of files may speak of one."""
        for one in elements:
            places = self.places.pop(one.id, None)
            yield one if places is None else replace(one, source=together(places))

    def note(self, source: Provenance | None, message: str) -> None:
        place, file = (source.place, source.file) if source is not None else ("", "")
        self.problems.append(Problem("note", message, "", place, 0, file))
