"""Conjunctive queries: every way in which the parts of a pattern can stand for the elements of a system.

Semi-joins first leave of each part only what has the relations that the body asks for (Yannakakis, 1981); in a
body without cycles nothing that is left is a dead end. Then the parts that distinguish steps are assigned one
after the other, nearest to the asset first, and how many assignments there can be is known before. The others, together
where relations hold them together, are looked up once for each assignment of what they touch: whether witnesses
exist, which, and over which relations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod

from graphmodel.binding.elements import Elements
from graphmodel.knowledge.vocabulary import ASSET, Link, ThreatPattern

MAX_STEPS = 200_000  # of all patterns with several relations together; nobody looks through more
MAX_TRIES = 1_000_000  # elements that are looked at to find them

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


def bound(pattern: ThreatPattern, elements: Elements, room: Room) -> Iterator[Bound]:
    """Every way to bind a pattern; raises ``TooManyError`` where a pattern with several relations has too many."""
    if pattern.simple and all(one.origin == ASSET and one.target is None for one in pattern.unless):
        yield from _over_one(pattern, elements)
    else:
        yield from _Search(pattern, elements, room).all()


def _over_one(pattern: ThreatPattern, elements: Elements) -> Iterator[Bound]:
    """The ways to bind a pattern on one asset, or over one relation: most are such, and need no search."""
    found = elements.of(pattern.asset_types, pattern.except_types)
    assets = sorted(one for one in found if not any(elements.has(absence, one) for absence in pattern.unless))
    if not pattern.links:
        yield from (Bound(asset, (), ()) for asset in assets)
        return
    near = elements.near(pattern.links[0].relation, backwards=False)
    others = elements.of(pattern.parts[0].types, ())
    for asset in assets:
        for other, origins in sorted(near.get(asset, {}).items()):
            if other in others:
                yield Bound(asset, ((other,),), (tuple(sorted(origins)),))


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
        self.ordered: dict[frozenset[str], tuple[str, ...]] = {}
        self.across: dict[tuple[Link, bool, frozenset[str]], frozenset[str]] = {}
        self.groups = [_Group(self, names) for names in self._grouped()]
        named = {*self.order}
        self.direct = [
            (link, elements.near(link.relation, backwards=False) if {link.origin, link.target} <= named else None)
            for link in pattern.links
        ]

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
    def candidates(self, name: str, anchor: str) -> frozenset[str]:
        """What a part can stand for where its anchor stands for this element."""
        found, at = frozenset({anchor}), self.anchors[name][0]
        for link, backwards in self.anchors[name][1]:
            at = link.origin if backwards else link.target
            found = self.across_to(link, backwards, at, found)
        return found

    def across_to(self, link: Link, backwards: bool, at: str, starts: frozenset[str]) -> frozenset[str]:
        """What the part at the other end of a link can stand for; around a hub this is the same for many."""
        key = (link, backwards, starts)
        if key not in self.across:
            near = [self.near(link, backwards, one) for one in starts]
            self.tried(1 + sum(map(len, near)))
            self.across[key] = frozenset(self.open[at].intersection(set().union(*near)))
        return self.across[key]

    def count(self) -> int:
        """How many assignments there are as far as each part follows from its anchor: all, or more than there are."""
        waits = {name: [one for one in self.order[1:] if self.anchors[one][0] == name] for name in self.order}
        numbers: dict[tuple[str, frozenset[str]], int] = {}

        def together(name: str, options: frozenset[str]) -> int:
            if not waits[name]:
                return len(options)
            if (name, options) not in numbers:
                numbers[name, options] = sum(
                    prod(together(one, self.candidates(one, element)) for one in waits[name]) for element in options
                )
            return numbers[name, options]

        return together(ASSET, frozenset(self.open[ASSET]))

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
        """Whether all that is counted are steps: a body without cycles in which no two parts wait for one group."""
        tree = len(self.pattern.links) == len(self.pattern.parts) and not self.unlike and not self.never
        return tree and all(len(one.touched) <= 2 for one in self.groups)

    def _assigned(self, given: _Assignment) -> Iterator[_Assignment]:
        if len(given) == len(self.order):
            yield given
            return
        name = self.order[len(given)]
        options = self.candidates(name, given[self.anchors[name][0]]) if given else frozenset(self.open[ASSET])
        if options not in self.ordered:
            self.ordered[options] = tuple(sorted(options))
        for one in self.ordered[options]:
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
        ways: _Ways = {}
        for group in self.groups:
            found = group.found(given)
            if found is not None:
                witnesses.update(found[0])
                ways.update(found[1])
        over = tuple(
            ways[link] if near is None else tuple(sorted(near[given[link.origin]][given[link.target]]))
            for link, near in self.direct
        )
        return Bound(given[ASSET], tuple(witnesses[one.name] for one in self.pattern.parts), over)


_Witnesses = dict[str, tuple[str, ...]]
_Ways = dict[Link, tuple[str, ...]]


class _Group:
    """Parts that must only exist and that hang together, and what they touch among those that distinguish steps."""

    def __init__(self, search: _Search, names: list[str]) -> None:
        self.search, pattern = search, search.pattern
        links = [link for link in pattern.links if {link.origin, link.target} & {*names}]
        self.inner = [link for link in links if {link.origin, link.target} <= {*names}]
        self.outer = [link for link in links if link not in self.inner]
        conditions = [*map(set, search.unlike), *({one.origin, target} for one, target in search.never)]
        mine = [ends for ends in conditions if ends & {*names}]
        around = {end for link in links for end in (link.origin, link.target)}.union(*mine)
        self.touched = [name for name in search.order if name in around]
        self.bound_by = [name for name in self.touched if any(name in ends for ends in mine)]
        self.last = self.touched[-1]
        # Without cycles and conditions inside, what semi-joins leave is what can be.
        self.tree = len(self.inner) == len(names) - 1 and not any(ends <= {*names} for ends in mine)
        self.names = self._walk(names)
        self.known: dict[tuple[str, ...], tuple[_Witnesses, _Ways] | None] = {}
        self.inside: dict[tuple[object, ...], tuple[_Witnesses, _Ways] | None] = {}

    def _walk(self, names: Collection[str]) -> list[str]:
        """The parts in an order in which each is linked to one before it, or to one that distinguishes steps."""
        order: list[str] = []
        while len(order) < len(names):
            reached = {*order, *self.search.order}
            order.append(
                next(one for one in names if one not in order and any(self.search.linked(one, two) for two in reached))
            )
        return order

    def found(self, given: Mapping[str, str]) -> tuple[_Witnesses, _Ways] | None:
        """The witnesses of each part, and the origins of each link to one, for an assignment; None without any."""
        key = tuple(given[name] for name in self.touched)
        if key not in self.known:
            self.known[key] = self._found({name: given[name] for name in self.touched})
        return self.known[key]

    def _found(self, given: Mapping[str, str]) -> tuple[_Witnesses, _Ways] | None:
        """What is given tells what the parts linked to it can stand for; around a hub that is the same for many, and
        so is all the rest."""
        starts = {name: self._linked_to(name, given, given) for name in self.names}
        conditions = {name: given[name] for name in self.bound_by}
        key = (*starts.values(), *conditions.values())
        if key not in self.inside:
            self.inside[key] = self._inside(starts, conditions)
        inside = self.inside[key]
        if inside is None:
            return None
        witnesses, ways = inside
        everything = {**witnesses, **{name: (one,) for name, one in given.items()}}
        return witnesses, {**ways, **{link: self._origins(link, everything) for link in self.outer}}

    def _linked_to(
        self, name: str, others: Collection[str], at: Mapping[str, str | Collection[str]]
    ) -> frozenset[str] | None:
        """What a part can stand for beside others; None where it is linked to none of them."""
        options: frozenset[str] | None = None
        for other in others:
            for link, backwards in self.search.linked(other, name):
                where = at[other]
                starts = frozenset({where} if isinstance(where, str) else where)
                near = self.search.across_to(link, backwards, name, starts)
                options = near if options is None else options & near
        return options

    def _inside(
        self, starts: Mapping[str, frozenset[str] | None], given: Mapping[str, str]
    ) -> tuple[_Witnesses, _Ways] | None:
        search, open_ = self.search, _Candidates()
        for name in self.names:
            start, near = starts[name], self._linked_to(name, open_, open_)
            options = near if start is None else start if near is None else start & near
            open_[name] = {one for one in options or () if search.fits(name, {**given, name: one})}
        for _ in self.inner if self.tree else ():  # in a tree each pass settles one more link, whatever their order
            search.tried(sum(search.semi_joined(open_, link) for link in self.inner))
        if not self.tree:
            for name in self.names:
                open_[name] = {one for one in open_[name] if self._solved(given, open_, {name: one})}
        if not all(open_.values()):
            return None
        witnesses = {name: tuple(sorted(found)) for name, found in open_.items()}
        return witnesses, {link: self._origins(link, open_, None if self.tree else given) for link in self.inner}

    def _origins(
        self, link: Link, at: Mapping[str, Collection[str]], given: Mapping[str, str] | None = None
    ) -> tuple[str, ...]:
        """The origins of a link between witnesses; where these need not fit each other, of those pairs that do."""
        near, targets, found = self.search.elements.near(link.relation, backwards=False), {*at[link.target]}, set[str]()
        for one in at[link.origin]:
            for two in targets & near.get(one, {}).keys():
                self.search.tried()
                if given is None or self._solved(given, at, {link.origin: one, link.target: two}):
                    found |= near[one][two]
        return tuple(sorted(found))

    def _solved(
        self, given: Mapping[str, str], open_: Mapping[str, Collection[str]], pinned: Mapping[str, str]
    ) -> bool:
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
