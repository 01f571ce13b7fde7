"""An attack graph as a Boolean problem over independent events, reduced and in order of its components.

Three reductions are made here, all exact: what the start cannot lead to is dropped; a control that
is met by one step only, or anew by each, is folded into the chance of its steps; steps that need
and gain the same facts and meet the same shared controls become one event. Ways to try one thing lead to a fact of
their own, from which the draw of the trial leads to what they gain.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.graph import AttackGraph, Cover, Step
from graphmodel.reading.lasting import many_lasting_objects

_LARGE = 100_000  # links


@dataclass(frozen=True, slots=True)
class Member:
    """A step inside an event, with the controls folded into its chance.

    Of a trial it has only the share of its chance in the greatest of those ``among`` which it is.
    """

    step: str
    folded: tuple[Cover, ...]
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """An independent event: one of ``members`` succeeds, a control holds, a coverage applies, or the ``trial`` that
    steps share succeeds, with the greatest of their chances."""

    name: str
    members: tuple[Member, ...] = ()
    control: str = ""
    coverage: float = 0.0
    trial: tuple[str, ...] = ()

    @property
    def defends(self) -> bool:
        """Whether it is for the defender: a control, or that it applies."""
        return not self.members and not self.trial


@dataclass(frozen=True, slots=True)
class EventStep:
    """A step over events: it fires when all needs hold, its event happens, and no cover is in force.

    ``event`` is None where it always succeeds; ``covers`` are pairs of a control's event and the
    event of its coverage, None where that is complete.
    """

    needs: tuple[str, ...]
    gains: str
    event: int | None
    covers: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True, slots=True)
class Component:
    """Facts that depend on each other, sorted, with the steps that gain them; needs come from here or before."""

    facts: tuple[str, ...]
    steps: tuple[EventStep, ...]


@dataclass(frozen=True)
class EventGraph:
    """The whole problem: events, and components in an order in which they can be solved.

    ``certain`` are the facts of the start; ``fixed`` the steps that always succeed and have no event; ``between`` are
    facts that the graph does not have: that some way of a trial is open.
    """

    graph: AttackGraph
    events: tuple[Event, ...]
    components: tuple[Component, ...]
    certain: frozenset[str]
    fixed: frozenset[str]
    between: frozenset[str] = frozenset()

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """All facts that can come true, those ``between`` among them, sorted."""
        return tuple(sorted(self.certain.union(*(one.facts for one in self.components))))

    def weights(self, holds: Mapping[str, float] | None = None, blocked: Collection[str] = ()) -> NDArray[np.float64]:
        """The chance of each event.

        ``holds`` gives controls another chance to hold than the graph's; ``blocked`` names steps
        that cannot succeed, or maps steps to the share of their chance that is taken from them; they must have an
        event: see ``events_of``.
        """
        found, others = self._own.copy(), holds or {}
        held = {**self._held, **others}
        for number in self._concerned(self._held, others, blocked):
            found[number] = self._weight(self.events[number], held, blocked)
        return found

    def _concerned(
        self, before: Mapping[str, float], holds: Mapping[str, float], blocked: Collection[str]
    ) -> frozenset[int]:
        """The events whose chance may be another when controls hold or steps are blocked otherwise than before."""
        others = [self._of_control.get(control, ()) for control in holds if holds[control] != before.get(control)]
        steps = [self.events_of[step] for step in blocked if step in self.events_of]
        return frozenset(steps).union(*others)

    @cached_property
    def _own(self) -> NDArray[np.float64]:
        return np.array([self._weight(event, self._held, ()) for event in self.events], dtype=np.float64)

    @cached_property
    def _held(self) -> dict[str, float]:
        return {one.id: one.holds for one in self.graph.controls}

    def change(
        self, base: Mapping[str, float], holds: Mapping[str, float], blocked: Collection[str]
    ) -> dict[int, float]:
        """The events that have another chance than with the chances to hold ``base`` when some controls hold with
        another chance, or some steps cannot succeed; steps that cannot be in any case are passed over."""
        before = self._held | dict(base)
        after = before | dict(holds)
        pairs = {
            number: (self._weight(self.events[number], before, ()), self._weight(self.events[number], after, blocked))
            for number in sorted(self._concerned(before, holds, blocked))
        }
        return {number: new for number, (old, new) in pairs.items() if new != old}

    def chance(self, number: int, holds: Mapping[str, float], blocked: Collection[str]) -> float:
        """The chance of one event, as ``weights`` has it."""
        return self._weight(self.events[number], self._held | dict(holds), blocked)

    def _weight(self, event: Event, held: Mapping[str, float], blocked: Collection[str]) -> float:
        if event.trial:
            return self.graph.chance_of_trial(event.trial)
        if not event.members:
            return held[event.control] if event.control else event.coverage
        fails, shares = 1.0, blocked if isinstance(blocked, Mapping) else dict.fromkeys(blocked, 1.0)
        for member in event.members:
            chance = self.graph.step_by_id[member.step].chance
            if member.among:
                chance /= self.graph.chance_of_trial(member.among)
            chance *= 1.0 - shares.get(member.step, 0.0)
            for cover in member.folded:
                chance *= 1.0 - held[cover.control] * cover.coverage
            fails *= 1.0 - chance
        return 1.0 - fails

    @cached_property
    def _of_control(self) -> Mapping[str, tuple[int, ...]]:
        """For each control its own event, and those that it is folded into."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for number, event in enumerate(self.events):
            if event.control:
                found[event.control].append(number)
            for name in {cover.control for member in event.members for cover in member.folded}:
                found[name].append(number)
        return {name: tuple(numbers) for name, numbers in found.items()}

    @cached_property
    def events_of(self) -> Mapping[str, int]:
        """For each step that is a part of an event, the number of that event."""
        return {member.step: number for number, event in enumerate(self.events) for member in event.members}

    @cached_property
    def trial_of(self) -> Mapping[str, int]:
        """For each step that shares a trial the number of the event of that."""
        return {step: number for number, event in enumerate(self.events) for step in event.trial}


def event_graph(graph: AttackGraph, changeable: Collection[str] = ()) -> EventGraph:
    """The Boolean problem of a graph.

    Steps that always succeed get no event, except those in ``changeable``, which a caller means to
    block later.
    """
    _, fired = graph.derivable()
    start = frozenset(graph.start)
    steps = sorted(
        (one for one in fired if one.gains not in start and one.gains not in one.needs),
        key=lambda one: (one.gains, one.id),
    )
    met: defaultdict[str, int] = defaultdict(int)
    for step in steps:
        for cover in step.controls:
            met[cover.control] += 1
    maker = _Maker(graph, frozenset(changeable), met, _ranks(graph, steps))
    with many_lasting_objects(len(steps)):
        for gains, own in groupby(steps, key=lambda one: one.gains):
            maker.gain(gains, own)
        return EventGraph(
            graph, tuple(maker.events), maker.components(), start, frozenset(maker.fixed), frozenset(maker.between)
        )


def _ranks(graph: AttackGraph, steps: list[Step]) -> dict[str, float]:
    """How many rounds of firing it takes to come to each fact; related events then lie close together."""
    users: defaultdict[str, list[int]] = defaultdict(list)
    missing = []
    for number, step in enumerate(steps):
        needs = set(step.needs)
        missing.append(len(needs))
        for need in needs:
            users[need].append(number)
    rank = dict.fromkeys(graph.start, 0.0)
    gained = {step.gains for step, count in zip(steps, missing, strict=True) if count == 0}
    news, depth = set(rank), 0
    while news or gained:
        for need in news:
            for number in users[need]:
                missing[number] -= 1
                if missing[number] == 0:
                    gained.add(steps[number].gains)
        depth += 1
        news = gained - rank.keys()
        rank.update(dict.fromkeys(news, float(depth)))
        gained = set()
    return rank


class _Maker:
    def __init__(
        self, graph: AttackGraph, changeable: Collection[str], met: Mapping[str, int], rank: dict[str, float]
    ) -> None:
        self.changeable, self.met, self.rank = changeable, met, rank
        self.controls, self.start, self.facts = graph.control_by_id, frozenset(graph.start), frozenset(graph.facts)
        self.trial_of = graph.trial_of
        self.events: list[Event] = []
        self.number: dict[str, int] = {}
        self.producers: dict[str, list[EventStep]] = {}
        self.fixed: set[str] = set()
        self.between: set[str] = set()

    def event(self, event: Event) -> int:
        if event.name not in self.number:
            self.number[event.name] = len(self.events)
            self.events.append(event)
        return self.number[event.name]

    def control(self, name: str) -> int:
        return self.event(Event(f"control:{name}", control=name))

    def gain(self, gains: str, steps: Iterable[Step]) -> None:
        """Add all steps that gain a fact."""
        ways: defaultdict[tuple[str, ...], list[Step]] = defaultdict(list)
        for step in steps:
            ways[self.trial_of.get(step.id, ())].append(step)
        found = self.produced(gains, ways.pop((), ()))
        for among, own in ways.items():
            found += [self.tried(gains, among, own)] if len(own) > 1 else self.produced(gains, own)
        self.producers[gains] = found

    def tried(self, gains: str, among: tuple[str, ...], ways: Sequence[Step]) -> EventStep:
        """The draw of a trial of the steps ``among``, over the fact that one of its ways is open."""
        opened = f"{gains} by {ways[0].trial}"
        while opened in self.facts or opened in self.between:
            opened += "'"
        self.between.add(opened)
        self.rank[opened] = self.rank.get(gains, 0.0) - 0.5
        self.producers[opened] = self.produced(opened, ways, among)
        return EventStep((opened,), gains, self.event(Event(f"trial:{opened}", trial=among)), ())

    def produced(self, gains: str, steps: Iterable[Step], among: tuple[str, ...] = ()) -> list[EventStep]:
        found: list[EventStep] = []
        grouped: defaultdict[tuple[tuple[str, ...], tuple[str, ...]], list[Member]] = defaultdict(list)
        for step in steps:
            folded: list[Cover] = []
            shared: list[Cover] = []
            for cover in step.controls:
                if cover.coverage == 0:
                    continue
                alone = self.controls[cover.control].independent or self.met[cover.control] == 1
                (folded if alone else shared).append(cover)
            member = Member(step.id, tuple(folded), among)
            needs = tuple(sorted(set(step.needs) - self.start))
            whole = all(cover.coverage == 1 for cover in shared)
            if step.chance >= 1 and not folded and whole and step.id not in self.changeable:
                names = sorted(cover.control for cover in shared)
                found.append(EventStep(needs, gains, None, tuple((self.control(name), None) for name in names)))
                self.fixed.add(step.id)
            elif whole:
                grouped[needs, tuple(sorted(cover.control for cover in shared))].append(member)
            else:
                found.append(self.partly(gains, step.id, needs, member, shared))
        for (needs, controls), members in grouped.items():
            event = self.event(Event("step:" + "+".join(one.step for one in members), tuple(members)))
            found.append(EventStep(needs, gains, event, tuple((self.control(name), None) for name in controls)))
        return found

    def partly(
        self, gains: str, step: str, needs: tuple[str, ...], member: Member, shared: Sequence[Cover]
    ) -> EventStep:
        """A step that controls may not cover after all, which is drawn for it alone."""
        event = self.event(Event(f"step:{step}", (member,)))
        pairs = []
        for cover in shared:
            applies = None
            if cover.coverage < 1:
                applies = self.event(Event(f"cover:{cover.control}:{step}", coverage=cover.coverage))
            pairs.append((self.control(cover.control), applies))
        return EventStep(needs, gains, event, tuple(pairs))

    def components(self) -> tuple[Component, ...]:
        facts = sorted(self.producers)
        place = {fact: number for number, fact in enumerate(facts)}
        links = [(place[need], place[fact]) for fact in facts for step in self.producers[fact] for need in step.needs]
        group = strong_components(len(facts), links)
        members: defaultdict[int, list[str]] = defaultdict(list)
        for fact, number in zip(facts, group, strict=True):
            members[number].append(fact)
        found = []
        for number in self.order(members, links, group):
            own = members[number]
            steps = [step for fact in own for step in self.producers[fact]]
            steps.sort(key=lambda step: (self.rank.get(step.gains, 0), step.gains))
            found.append(Component(tuple(own), tuple(steps)))
        return tuple(found)

    def order(
        self, members: Mapping[int, list[str]], links: Sequence[tuple[int, int]], group: Sequence[int]
    ) -> Iterator[int]:
        """The components in an order of solving; of those that can be next the nearest to the start."""
        later: defaultdict[int, list[int]] = defaultdict(list)
        missing = dict.fromkeys(members, 0)
        for need, gain in links:
            if group[need] != group[gain]:
                later[group[need]].append(group[gain])
                missing[group[gain]] += 1
        key = {one: (min(self.rank.get(fact, 0) for fact in own), own[0], one) for one, own in members.items()}
        ready = [key[one] for one, count in missing.items() if count == 0]
        heapq.heapify(ready)
        while ready:
            *_, one = heapq.heappop(ready)
            yield one
            for other in later.pop(one, ()):
                missing[other] -= 1
                if missing[other] == 0:
                    heapq.heappush(ready, key[other])


def strong_components(nodes: int, links: Sequence[tuple[int, int]]) -> list[int]:
    """For each node the number of its strongly connected component; ``links`` lead from node to node."""
    if len(links) < _LARGE:
        return _by_paths(nodes, links)
    # Slower to import, and a tenth of the memory.
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    ends = np.array(links, dtype=np.int32).T
    matrix = coo_array((np.ones(len(links), dtype=np.int8), (ends[0], ends[1])), shape=(nodes, nodes))
    _, group = connected_components(matrix.tocsr(), directed=True, connection="strong")
    return [int(one) for one in group]


def _by_paths(nodes: int, links: Sequence[tuple[int, int]]) -> list[int]:
    """The same by a walk in depth that keeps the first node of each component so far (Gabow 2000), in linear time."""
    following: list[list[int]] = [[] for _ in range(nodes)]
    for one, other in links:
        following[one].append(other)
    found, met, count = [-1] * nodes, [0] * nodes, 0
    path: list[int] = []  # nodes that have no component yet, as they were met
    first: list[int] = []  # of each component that the path may end in
    numbers = itertools.count()
    for root in range(nodes):
        walk = [] if met[root] else [(root, iter(following[root]))]
        while walk:
            node, rest = walk[-1]
            if not met[node]:
                count += 1
                met[node] = count
                path.append(node)
                first.append(node)
            for other in rest:
                if not met[other]:
                    walk.append((other, iter(following[other])))
                    break
                if found[other] < 0:
                    while met[first[-1]] > met[other]:
                        first.pop()
            else:
                walk.pop()
                if first[-1] == node:
                    first.pop()
                    number = next(numbers)
                    while found[node] < 0:
                        found[path.pop()] = number
    return found
