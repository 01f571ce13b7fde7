"""From the neutral elements of a file to a System: types by the table, ids, and what does not fit left out and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol, TypeVar

from graphmodel.knowledge.typing_table import TypingTable, Verdict
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.accounts import Account, Question, Tally, Untyped
from graphmodel.model.system import (
    Actor,
    Asset,
    ControlImplementation,
    Dependency,
    Flow,
    Held,
    Imported,
    Loss,
    Provenance,
    Stated,
    System,
    Zone,
)
from graphmodel.reading.limits import MAX_DEPTH
from graphmodel.reading.tolerant import MAX_NAME
from graphmodel.reading.values import Place
from importers.arrows import answered
from importers.clearing import cleared
from importers.elements import SURENESS, Found, Ground, Link, Part
from importers.hosted import with_hosts
from importers.ids import slug, sound
from importers.provenance import Reader

MOST_WORDS = 10  # questions about types by one word
UNTYPED = 0.1
"""The confidence of an asset whose type nobody has said."""


def build(
    found: Found,
    reader: Reader,
    catalogue: Catalogue,
    table: TypingTable,
    finish: Callable[[System, Reader, Catalogue], System] | None = None,
) -> Imported:
    """One System of the elements of a file, with the account of them; without any part it is an error.

    An end that is not there, a relation that does not fit the types at its ends, and what is said twice are left out,
    each with a note at its place.
    """
    builder = _Builder(cleared(found), reader, catalogue, table)
    system = builder.system()
    if finish is not None:
        system = finish(system, reader, catalogue)
    system = with_hosts(system, reader, catalogue)
    odd = (replace(one, level="warning") if one.level == "error" else one for one in reader.text.problems)
    problems = (*odd, *reader.problems)  # an oddity of its text does not reject a file that somebody else wrote
    rows = builder.tally.rows()
    questions = tuple(builder.asked(one) for one in (*found.questions, *builder.one_word()))
    account = Account(reader.text.file, reader.importer, rows, tuple(builder.untyped), questions)
    if not system.assets:
        problem = reader.text.problem("error", (), "there is nothing in this file that becomes an asset.", _WHOLE)
        return Imported(None, (*problems, problem), account)
    return Imported(system, problems, account)


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...


_K = TypeVar("_K", bound=_Keyed)
_WHOLE = "Check that this is the whole file."


class _Builder:
    def __init__(self, found: Found, reader: Reader, catalogue: Catalogue, table: TypingTable) -> None:
        self.found, self.reader, self.catalogue, self.table = found, reader, catalogue, table
        self.tally = Tally()
        self.untyped: list[Untyped] = []
        self.ids: dict[str, str] = {}
        self.kinds: dict[str, str] = {}  # the type of each asset
        self.actors: dict[str, Actor] = {}
        self.by_word: dict[tuple[str, str], list[str]] = {}  # assets by type and by the one word that says it

    def asked(self, one: Question) -> Question:
        """A question with the ids of elements in place of their keys."""

        def id_(key: str) -> str:
            return self.ids.get(key, key)

        answers = tuple(replace(each, about=id_(each.about)) for each in one.answers)
        return replace(one, about=id_(one.about), answers=answers)

    def system(self) -> System:
        found = self.found
        zones = self.zones()
        assets = tuple(self.asset(one) for one in self.new(found.parts, "asset"))
        actors = self.attackers()
        flows, dependencies = self.links()
        controls = self.measures()
        losses = self.harms()
        stated = self.claims()
        for one in found.omitted:
            self.leave(one.kind, one.place, one.reason)
        self.tally.joined.update(found.joined)
        title = found.title.strip() or self.reader.text.file
        return System(
            id=slug(title, "system"),
            name=title[:200],
            description=found.description,
            zones=zones,
            assets=assets,
            flows=flows,
            dependencies=dependencies,
            actors=actors,
            controls=controls,
            losses=losses,
            stated=stated,
        )

    # ------------------------------------------------------------ what all have in common
    def leave(self, kind: str, place: Place, reason: str) -> None:
        self.tally.omit(kind, reason)
        self.reader.report("note", place, f"{kind}: {reason}.")

    def new(self, elements: Iterable[_K], what: str) -> list[_K]:
        """The elements whose keys nothing before them has, with an id for each; the others count as joined."""
        kept = []
        for one in elements:
            if one.key in self.ids:
                self.tally.joined[one.kind] += 1
                continue
            id_ = self.reader.free(sound(one.id) or slug(one.name, slug(one.key, what)), self.reader.taken)
            self.reader.taken[id_] = what
            self.ids[one.key] = id_
            self.tally.taken[one.kind] += 1
            kept.append(one)
        return kept

    def source(self, place: Place, ground: Ground, confidence: float = 1.0, note: str = "") -> Provenance:
        said = str(ground) if ground is not Ground.DECLARED else ""
        return self.reader.source(place, min(SURENESS[ground], confidence), note, said)

    # ------------------------------------------------------------ kinds of elements
    def zones(self) -> tuple[Zone, ...]:
        boundaries = self.new(self.found.boundaries, "zone")
        parents = {one.key: one.parent for one in boundaries}
        zones = []
        for one in boundaries:
            around, chain = one.parent, {one.key}
            while around in parents and around not in chain and len(chain) < MAX_DEPTH:
                chain.add(around)
                around = parents[around]
            endless = around in parents
            if endless:
                said = "itself" if around in chain else f"more than {MAX_DEPTH - 1} others"
                self.reader.report("warning", one.place, f"“{one.name}” lies inside {said}; it is put outside.")
                parents[one.key] = ""
            parent = self.ids.get(one.parent) if one.parent and not endless else None
            source = self.source(one.place, one.ground, note=one.note)
            id_ = self.ids[one.key]
            name = self.reader.name(one.name, one.place) or id_
            zones.append(Zone(id_, name, one.trust, parent, one.description, source))
        return tuple(zones)

    def asset(self, part: Part) -> Asset:
        signs = [(one.kind, one.value) for one in part.signs]
        known = (value for kind, value in signs if kind == "type" and value in self.catalogue.types)
        said = next((one for one in known if not self.catalogue.types[one].abstract), part.type)
        if said:
            verdict = Verdict(said, 1.0)
        else:
            verdict = self.table.verdict([*signs, ("name", part.name)], self.catalogue, part.within)
            told = [("technology", tag) for tag in part.tags]
            finer = self.table.verdict([*told, ("name", part.name)], self.catalogue, part.finer) if part.finer else None
            verdict = finer if finer is not None and finer.type else verdict
        id_, note = self.ids[part.key], part.note
        if verdict.type and verdict.word and verdict.word in part.name.casefold():
            self.by_word.setdefault((verdict.type, verdict.word), []).append(part.key)
        if verdict.type is None:
            shown = ", ".join(f"{kind} “{value[:60]}”" for kind, value in signs) or f"the name “{part.name[:60]}”"
            may = f" It may be {' or '.join(verdict.suggestions)}." if verdict.suggestions else ""
            note = "; ".join(one for one in (note, f"type not known: no row of the typing table fits {shown}") if one)
            self.untyped.append(Untyped(id_, tuple(signs), verdict.suggestions))
            self.reader.report(
                "warning",
                part.place,
                f"what “{part.name[:60]}” is, is not known ({shown}); it counts as {part.fallback}.{may}",
                "Correct its type, or add a row to your own typing table.",
            )
        elif verdict.reason:
            note = "; ".join(one for one in (note, f"type by {verdict.reason}") if one)
        type_ = verdict.type or part.fallback
        if part.fallback == "DataStore" and self.catalogue.is_a(type_, "BusinessData"):
            type_ = part.fallback  # its title names what the store keeps
        self.kinds[id_] = type_
        return Asset(
            id=id_,
            name=self.reader.name(part.name, part.place) or id_,
            type=type_,
            zone=self.ids.get(part.boundary) if part.boundary else None,
            description=part.description,
            owner=part.owner,
            tags=part.tags,
            source=self.source(part.place, part.ground, verdict.confidence if verdict.type else UNTYPED, note),
            identifiers=tuple(one for one in dict.fromkeys(part.identifiers) if len(one) <= MAX_NAME),
        )

    def one_word(self) -> list[Question]:
        """Whether what only one word of a longer title says is so: that is little to go by."""
        names = {one.key: one.name for one in self.found.parts}
        asked = []
        for (type_, word), keys in self.by_word.items():
            shown = ", ".join(f"“{names[key][:60]}”" for key in keys[:4])
            more = f" and {len(keys) - 4} more" if len(keys) > 4 else ""
            verb = "Is" if len(keys) == 1 else "Are"
            text = f"{verb} {shown}{more} of type {type_}? Only the word “{word[:40]}” in the name says so."
            asked.append(Question(keys[0], text))
        return asked[:MOST_WORDS]

    def attackers(self) -> tuple[Actor, ...]:
        for one in self.new(self.found.attackers, "actor"):
            id_ = self.ids[one.key]
            starts = tuple(
                Held(self.ids[part], capability)
                for part, capability in dict.fromkeys(one.starts)
                if self.ids.get(part) in self.kinds
            )
            zone = self.ids.get(one.boundary) if one.boundary else None
            source = self.source(one.place, one.ground, note=one.note)
            name = self.reader.name(one.name, one.place) or id_
            self.actors[id_] = Actor(id_, name, one.actor, one.skill, zone, starts, None, one.description, source)
        return tuple(self.actors.values())

    def links(self) -> tuple[tuple[Flow, ...], tuple[Dependency, ...]]:
        flows: list[Flow] = []
        dependencies: dict[str, Dependency] = {}
        seen: set[tuple[str, str, str, str]] = set()
        for one in answered(self.found.links, lambda key: self.kinds.get(self.ids.get(key, ""), ""), self.catalogue):
            reason = self.unfit(one)
            if reason and one.instead and self.replaced(one, dependencies):
                continue
            if reason:
                self.leave(one.kind, one.place, reason)
                continue
            origin, target = self.ids[one.origin], self.ids[one.target]
            said = (origin, one.relation, target, one.id or one.name if one.flow else "")
            if said in seen:
                self.tally.joined[one.kind] += 1
                continue
            seen.add(said)
            self.tally.taken[one.kind] += 1
            source = self.source(one.place, one.ground, note=one.note)
            if not one.flow:
                made = Dependency(origin, one.relation, target, source)
                dependencies[made.id] = made
                continue
            id_ = self.reader.free(sound(one.id, ">") or f"{origin}->{target}", self.reader.taken)
            self.reader.taken[id_] = "flow"
            if one.id:
                self.ids.setdefault(f"flow {one.id}", id_)
            flows.append(
                Flow(
                    id=id_,
                    origin=origin,
                    target=target,
                    relation=one.relation,
                    name=one.name[:200],
                    carries=self.data(one.carries),
                    returns=self.data(one.returns),
                    two_way=one.two_way,
                    opened_by=self.ids.get(one.opened_by) if one.opened_by else None,
                    authenticated=one.authenticated,
                    encrypted=one.encrypted,
                    mediated_by=tuple(self.ids[key] for key in one.mediated_by if self.ids.get(key) in self.kinds),
                    description=one.description,
                    source=source,
                )
            )
        return tuple(flows), tuple(dependencies.values())

    def replaced(self, link: Link, dependencies: dict[str, Dependency]) -> bool:
        """Whether the dependencies that stand for a link that does not fit were kept, those of them that fit."""
        kept = False
        for origin, relation, target in link.instead:
            other = Link(origin, relation, target, link.place, link.kind, link.ground)
            if self.unfit(other):
                continue
            made = Dependency(self.ids[origin], relation, self.ids[target], self.source(link.place, link.ground))
            dependencies.setdefault(made.id, made)
            kept = True
        if kept:
            self.tally.taken[link.kind] += 1
        return kept

    def unfit(self, link: Link) -> str:
        """Why a link cannot be kept; empty where it can."""
        for end in (link.origin, link.target):
            id_ = self.ids.get(end, "")
            if id_ not in self.kinds and not (link.flow and id_ in self.actors):
                return f"there is no “{end[:60]}” at its end"
        origin, target = self.ids[link.origin], self.ids[link.target]
        if origin == target:
            return "it joins an element to itself"
        relation = self.catalogue.relations.get(link.relation)
        if relation is None or relation.derived:
            return f"there is no relation “{link.relation[:60]}”"
        for end, wanted in ((origin, relation.subject), (target, relation.object)):
            if end in self.kinds and not self.catalogue.is_a(self.kinds[end], wanted):
                return f"“{link.relation}” does not fit {self.kinds[end]}"
        return ""

    def data(self, keys: Iterable[str]) -> tuple[str, ...]:
        ids = dict.fromkeys(self.ids[key] for key in keys if key in self.ids)
        return tuple(one for one in ids if one in self.kinds and self.catalogue.is_a(self.kinds[one], "DataAsset"))

    def known(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.ids[key] for key in keys if key in self.ids))

    def measures(self) -> tuple[ControlImplementation, ...]:
        taken, made = dict[str, str](), []
        for one in self.found.measures:
            protects = ("*",) if one.protects == ("*",) else self.known(one.protects)
            if not protects:
                self.leave(one.kind, one.place, "nothing that it protects is here")
                continue
            id_ = self.reader.free(sound(one.id) or slug(one.name, slug(one.key, "control")), taken)
            taken[id_] = "control"
            self.ids[one.key] = id_
            self.tally.taken[one.kind] += 1
            made.append(
                ControlImplementation(
                    id=id_,
                    control=one.control if one.control in self.catalogue.controls else None,
                    protects=protects,
                    name=one.name[:200],
                    status=one.status,
                    evidence=one.evidence,
                    description=one.description,
                    source=self.source(one.place, Ground.DECLARED, note=one.note),
                )
            )
        return tuple(made)

    def harms(self) -> tuple[Loss, ...]:
        made: dict[tuple[str, str], Loss] = {}
        for one in self.found.harms:
            id_ = self.ids.get(one.part, "")
            if id_ not in self.kinds:
                self.leave(one.kind, one.place, f"there is no “{one.part[:60]}”")
                continue
            held = Held(id_, one.capability)
            key = (str(held), one.impact)
            if key in made:
                self.tally.joined[one.kind] += 1
                continue
            self.tally.taken[one.kind] += 1
            source = self.source(one.place, one.ground)
            made[key] = Loss(held, one.severity, None, one.impact, one.description, source)
        return tuple(made.values())

    def claims(self) -> tuple[Stated, ...]:
        taken, made = dict[str, str](), []
        for one in self.found.claims:
            id_ = self.reader.free(slug(one.key, "threat"), taken)
            taken[id_] = "stated"
            self.tally.taken[one.kind] += 1
            controls = tuple(self.ids[key] for key in one.answered_by if key in self.ids)
            status, likelihood, severity = (said[:200] for said in (one.status, one.likelihood, one.severity))
            made.append(
                Stated(
                    id_,
                    one.name[:200] or id_,
                    self.known(one.on),
                    one.threat if one.threat in self.catalogue.patterns else None,
                    status,
                    likelihood,
                    severity,
                    controls,
                    one.description,
                    self.source(one.place, Ground.DECLARED),
                )
            )
        return tuple(made)
