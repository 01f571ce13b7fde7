"""Conjunctive queries: every way in which the parts of a pattern can stand for the elements of a system.

Semi-joins first leave of each part only what has the relations that the body asks for (Yannakakis, 1981); in a
body without cycles nothing that is left is a dead end. Then the parts that distinguish steps are assigned one
after the other, nearest to the asset first. The others, taken together where relations hold them together, are
looked up once for each assignment of what they touch: whether witnesses exist, which, and over which relations.
How many assignments there can be is known before the first is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphmodel.binding.relations import Relations
from graphmodel.knowledge.vocabulary import ASSET, Absence, Catalogue, Link, ThreatPattern

MAX_STEPS = 100_000  # of all patterns with several relations together; nobody looks through more
MAX_TRIES = 3_000_000  # elements that are looked at to find them

_Assignment = dict[str, str]
_Candidates = dict[str, set[str]]


class TooManyError(ValueError):
    """A pattern with several relations can be bound in too many ways; ``message`` and ``fix`` say so."""

    fix = "Name more of what the attack hangs on, or narrower types; what must only exist needs no capability."

    def __init__(self, pattern: ThreatPattern, message: str) -> None:
        super().__init__(f"{message} {self.fix}")
        self.pattern, self.message = pattern, message


@dataclass
class Room:
    """How many steps patterns with several relations may still have, and how many elements be looked at for them."""

    steps: int = MAX_STEPS
    tries: int = MAX_TRIES


@dataclass(frozen=True)
class Bound:
    """One way to bind a pattern: the elements of each part, and the origins of each link, in its own order."""

    asset: str
    parts: tuple[tuple[str, ...], ...]
    ways: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Elements:
    """What patterns are bound to: the types of all elements, their relations, and the trust of zones."""

    catalogue: Catalogue
    types: Mapping[str, str]
    relations: Relations
    trust: Mapping[str, int]

    def of(self, types: Sequence[str], excepted: tuple[str, ...]) -> set[str]:
        """The elements of any of these types and none of the excepted."""
        found = {one for name in types for one in self._by_type.get(name, ())}
        return {one for one in found if not self.catalogue.is_any(self.types[one], excepted)} if excepted else found

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for element, type_name in self.types.items():
            for ancestor in self.catalogue.types[type_name].ancestors:
                found[ancestor].append(element)
        return found

    def near(self, relation: str, backwards: bool) -> Mapping[str, Mapping[str, set[str]]]:
        """A relation as subject, object and origins, or the other way round."""
        if not backwards:
            return self.relations.get(relation, {})
        if relation not in self._backwards:
            found: defaultdict[str, dict[str, set[str]]] = defaultdict(dict)
            for subject, targets in self.relations.get(relation, {}).items():
                for target, origins in targets.items():
                    found[target][subject] = origins
            self._backwards[relation] = found
        return self._backwards[relation]

    @cached_property
    def _backwards(self) -> dict[str, Mapping[str, Mapping[str, set[str]]]]:
        return {}

    def has(self, absence: Absence, origin: str, target: str | None = None) -> bool:
        """Whether a relation holds that must not."""
        ends = self.relations.get(absence.relation, {})
        if target is not None:
            return target in ends.get(origin, ())
        if not absence.types:
            return origin in ends
        return any(self.catalogue.is_any(self.types[one], absence.types) for one in ends.get(origin, ()))


def bound(pattern: ThreatPattern, elements: Elements, room: Room) -> Iterator[Bound]:
    """Every way to bind a pattern; raises ``TooManyError`` where a pattern with several relations has too many."""
    yield from _Search(pattern, elements, room).all()


class _Search:
    """The search for one pattern. ``order`` has the asset and the parts that distinguish steps; ``groups`` the others,
    those together that a relation or condition holds together."""

    def __init__(self, pattern: ThreatPattern, elements: Elements, room: Room) -> None:
        self.pattern, self.elements, self.room = pattern, elements, room
        self.order = [ASSET, *(one.name for one in pattern.parts if one.each)]
        self.limited = len(pattern.links) > 1
        unlike = {frozenset((one.name, two)) for one in pattern.parts for two in one.other_than}
        self.unlike = sorted(tuple(sorted(pair)) for pair in unlike)
        self.never = [(one, one.target) for one in pattern.unless if one.target is not None]
        self.open = self._reduced()
        self.anchors = {name: self._anchor(name) for name in self.order[1:]}
        self.ahead: dict[tuple[str, str], tuple[str, ...]] = {}
        self.groups = [_Group(self, names) for names in self._grouped()]

    # ------------------------------------------------------------ what can stand for each part
    def _reduced(self) -> _Candidates:
        pattern, elements = self.pattern, self.elements
        found = {ASSET: elements.of(pattern.asset_types, pattern.except_types)}
        for part in pattern.parts:
            found[part.name] = elements.of(part.types, part.except_types)
            below = part.trust_below
            if below is not None:
                found[part.name] = {one for one in found[part.name] if elements.trust.get(one, below) < below}
        for absence in pattern.unless:
            if absence.target is None:
                found[absence.origin] = {one for one in found[absence.origin] if not elements.has(absence, one)}
        for link in (*reversed(pattern.links), *pattern.links):  # inwards along the walk from the asset, and outwards
            self.semi_joined(found, link)
        return found

    def semi_joined(self, found: _Candidates, link: Link) -> int:
        """Leave only candidates that have a relation; returns how many pairs were looked at."""
        near = self.elements.near(link.relation, backwards=False)
        targets, met, pairs = found[link.target], set[str](), 0
        for one in found[link.origin]:
            met.update(near.get(one, ()))
            pairs += len(near.get(one, ()))
        found[link.origin] = {one for one in found[link.origin] if not targets.isdisjoint(near.get(one, ()))}
        found[link.target] = targets & met
        return pairs

    def linked(self, one: str, two: str) -> list[tuple[Link, bool]]:
        """The links between two parts, each with whether it is read backwards from the first."""
        links = self.pattern.links
        return [(link, link.origin == two) for link in links if {link.origin, link.target} == {one, two}]

    def near(self, link: Link, backwards: bool, element: str) -> Collection[str]:
        return self.elements.near(link.relation, backwards).get(element, {}).keys()

    def tried(self, count: int = 1) -> None:
        if self.limited:
            self.room.tries -= count
            if self.room.tries < 0:
                said = f"more than {MAX_TRIES:,} elements had to be looked at to find where “{self.pattern.id}” works."
                raise TooManyError(self.pattern, said)

    def refuse(self, count: str) -> TooManyError:
        """That a pattern has too many steps, to be raised."""
        most = f"all patterns with several relations together may have {MAX_STEPS:,}"
        return TooManyError(self.pattern, f"“{self.pattern.id}” would be {count} steps in this system; {most}.")

    # ------------------------------------------------------------ the order of the parts
    def _anchor(self, name: str) -> tuple[str, tuple[tuple[Link, bool], ...]]:
        """The part assigned before from which candidates for this one are looked up, and the way from there."""
        before = self.order[: self.order.index(name)]
        queue: list[tuple[str, tuple[tuple[Link, bool], ...]]] = [(name, ())]
        seen = {name}
        for at, way in queue:
            if at in before:
                return at, way
            if at != name and at in self.order:
                continue
            for link in self.pattern.links:
                if at in (link.origin, link.target):
                    to = link.target if link.origin == at else link.origin
                    if to not in seen:
                        seen.add(to)
                        queue.append((to, ((link, link.target == to), *way)))
        raise ValueError(f"{self.pattern.id}: nothing leads to the part {name}")

    def _grouped(self) -> list[list[str]]:
        left = [one.name for one in self.pattern.parts if not one.each]
        ties = [
            *({link.origin, link.target} for link in self.pattern.links),
            *({*pair} for pair in self.unlike),
            *({one.origin, target} for one, target in self.never),
        ]
        groups: list[list[str]] = []
        while left:
            group = [left.pop(0)]
            for one in group:
                tied = [two for two in left if any({one, two} <= tie for tie in ties)]
                group.extend(tied)
                left = [two for two in left if two not in tied]
            groups.append([one.name for one in self.pattern.parts if one.name in group])
        return groups

    # ------------------------------------------------------------ assigning them
    def candidates(self, name: str, anchor: str) -> tuple[str, ...]:
        """What a part can stand for where its anchor stands for this element."""
        if (name, anchor) not in self.ahead:
            found, at = {anchor}, self.anchors[name][0]
            for link, backwards in self.anchors[name][1]:
                at = link.origin if backwards else link.target
                near = [self.near(link, backwards, one) for one in found]
                self.tried(1 + sum(map(len, near)))
                found = self.open[at].intersection(set().union(*near))
            self.ahead[name, anchor] = tuple(sorted(found))
        return self.ahead[name, anchor]

    def count(self) -> int:
        """How many assignments there are as far as each part follows from its anchor: all, or more than there are."""
        waits = {name: [one for one in self.order[1:] if self.anchors[one][0] == name] for name in self.order}
        numbers: dict[tuple[str, str], int] = {}

        def below(name: str, element: str) -> int:
            if (name, element) not in numbers:
                total = 1
                for one in waits[name]:
                    total *= sum(below(one, to) for to in self.candidates(one, element))
                numbers[name, element] = total
            return numbers[name, element]

        return sum(below(ASSET, one) for one in self.open[ASSET])

    def all(self) -> Iterator[Bound]:
        if self.limited:
            count = self.count()
            if count > self.room.steps and self.sure:
                raise self.refuse(f"{count:,}")
        for one in self._assigned({}):
            if self.limited:
                self.room.steps -= 1
                if self.room.steps < 0:
                    raise self.refuse(f"up to {count:,}")
            yield self._bound(one)

    @cached_property
    def sure(self) -> bool:
        """Whether every assignment that is counted is a step: nothing but its anchor bears on any part."""
        direct = sum(link.origin in self.order and link.target in self.order for link in self.pattern.links)
        ways = sum(len(way) == 1 for _, way in self.anchors.values())
        return direct == ways and not self.unlike and not self.never and all(one.plain for one in self.groups)

    def _assigned(self, given: _Assignment) -> Iterator[_Assignment]:
        if len(given) == len(self.order):
            yield given
            return
        name = self.order[len(given)]
        options = self.candidates(name, given[self.anchors[name][0]]) if given else sorted(self.open[ASSET])
        for one in options:
            self.tried()
            now = {**given, name: one}
            if self.fits(name, now) and all(group.found(now) for group in self.groups if group.last == name):
                yield from self._assigned(now)

    def fits(self, name: str, given: Mapping[str, str]) -> bool:
        """Whether the latest assigned part is as relations and conditions with the others assigned ask."""
        for link in self.pattern.links:
            ends = (link.origin, link.target)
            if name in ends and all(end in given for end in ends) and not self._holds(link, given):
                return False
        for one, two in self.unlike:
            if name in (one, two) and one in given and two in given and given[one] == given[two]:
                return False
        return not any(
            name in (one.origin, target)
            and one.origin in given
            and target in given
            and self.elements.has(one, given[one.origin], given[target])
            for one, target in self.never
        )

    def _holds(self, link: Link, given: Mapping[str, str]) -> bool:
        return given[link.target] in self.near(link, backwards=False, element=given[link.origin])

    def _bound(self, given: _Assignment) -> Bound:
        witnesses: dict[str, tuple[str, ...]] = {name: (one,) for name, one in given.items()}
        ways: dict[Link, tuple[str, ...]] = {}
        for group in self.groups:
            more, over = group.found(given) or ({}, {})
            witnesses.update(more)
            ways.update(over)
        for link in self.pattern.links:
            if link not in ways:
                origins = self.elements.relations[link.relation][given[link.origin]][given[link.target]]
                ways[link] = tuple(sorted(origins))
        parts = tuple(witnesses[one.name] for one in self.pattern.parts)
        return Bound(given[ASSET], parts, tuple(ways[link] for link in self.pattern.links))


_Found = tuple[dict[str, tuple[str, ...]], dict[Link, tuple[str, ...]]]


class _Group:
    """Parts that must only exist and that hang together, and what they touch among those that distinguish steps."""

    def __init__(self, search: _Search, names: list[str]) -> None:
        self.search, pattern = search, search.pattern
        self.links = [link for link in pattern.links if {link.origin, link.target} & {*names}]
        self.inner = [link for link in self.links if {link.origin, link.target} <= {*names}]
        conditions = [*map(set, search.unlike), *({one.origin, target} for one, target in search.never)]
        mine = [ends for ends in conditions if ends & {*names}]
        around = {end for link in self.links for end in (link.origin, link.target)}.union(*mine)
        self.touched = [name for name in search.order if name in around]
        self.last = self.touched[-1]
        # Without cycles and conditions inside, what semi-joins leave is what can be.
        self.tree = len(self.inner) == len(names) - 1 and not any(ends <= {*names} for ends in mine)
        self.plain = len(self.touched) == 1 and self.tree and not mine and self._leads_nowhere(names)
        self.names = self._walk(names)
        self.known: dict[tuple[str, ...], _Found | None] = {}

    def _leads_nowhere(self, names: Collection[str]) -> bool:
        return sum(len({link.origin, link.target} & {*names}) == 1 for link in self.links) == 1

    def _walk(self, names: Collection[str]) -> list[str]:
        """The parts in an order in which each is linked to one before it, or to one that distinguishes steps."""
        order: list[str] = []
        while len(order) < len(names):
            reached = {*order, *self.search.order}
            order.append(
                next(one for one in names if one not in order and any(self.search.linked(one, two) for two in reached))
            )
        return order

    def found(self, given: Mapping[str, str]) -> _Found | None:
        """The witnesses of each part, and the origins of each link to one, for an assignment; None without any."""
        key = tuple(given[name] for name in self.touched)
        if key not in self.known:
            self.known[key] = self._found({name: given[name] for name in self.touched})
        return self.known[key]

    def _found(self, given: Mapping[str, str]) -> _Found | None:
        search, open_ = self.search, self._candidates(given)
        if not self.tree:
            pinned = {
                name: {one for one in open_[name] if self._solved(given, open_, {name: one})} for name in self.names
            }
            open_.update(pinned)
        if not all(open_.values()):
            return None
        ways: dict[Link, tuple[str, ...]] = {}
        everything = open_ | {name: {one} for name, one in given.items()}
        for link in self.links:
            near = search.elements.near(link.relation, backwards=False)
            origins: set[str] = set()
            for one in everything[link.origin]:
                for two in everything[link.target] & near.get(one, {}).keys():
                    ends = {name: at for name, at in ((link.origin, one), (link.target, two)) if name in open_}
                    if self.tree or len(ends) < 2 or self._solved(given, open_, ends):
                        search.tried()
                        origins |= near[one][two]
            ways[link] = tuple(sorted(origins))
        return {name: tuple(sorted(found)) for name, found in open_.items()}, ways

    def _candidates(self, given: Mapping[str, str]) -> _Candidates:
        """What each part can stand for beside what is given, as far as semi-joins tell."""
        search = self.search
        found: _Candidates = {}
        for name in self.names:
            options: set[str] | None = None
            for other in (*given, *found):
                for link, backwards in search.linked(other, name):
                    starts = (given[other],) if other in given else found[other]
                    near = {one for start in starts for one in search.near(link, backwards, start)}
                    search.tried(len(near))
                    options = near if options is None else options & near
            options = search.open[name] & (options or set())
            found[name] = {one for one in options if search.fits(name, {**given, name: one})}
        for _ in self.inner if self.tree else ():  # in a tree each pass settles one more link, whatever their order
            search.tried(sum(search.semi_joined(found, link) for link in self.inner))
        return found

    def _solved(self, given: Mapping[str, str], open_: _Candidates, pinned: Mapping[str, str]) -> bool:
        """Whether the parts can stand for something together, with some of them pinned."""

        def rest(at: int, now: _Assignment) -> bool:
            if at == len(self.names):
                return True
            name = self.names[at]
            for one in (pinned[name],) if name in pinned else sorted(open_[name]):
                self.search.tried()
                then = {**now, name: one}
                if self.search.fits(name, then) and rest(at + 1, then):
                    return True
            return False

        return rest(0, dict(given))
