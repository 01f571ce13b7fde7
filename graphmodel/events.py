"""An attack graph as a Boolean problem over independent events, ordered for solving.

Three reductions are made here, all exact: what the start cannot lead to is dropped; a control that
is met by one step only, or anew by each, is folded into the chance of its steps; steps that need
and gain the same facts and meet the same shared controls become one event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from graphmodel.attackgraph import AttackGraph, Cover, Step


@dataclass(frozen=True, slots=True)
class Member:
    """A step inside an event, with the controls folded into its chance."""

    step: str
    folded: tuple[Cover, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """An independent event: one of ``members`` succeeds, or a control holds, or a coverage applies."""

    name: str
    members: tuple[Member, ...] = ()
    control: str = ""
    coverage: float = 0.0


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
    """Facts that depend on each other, with the steps that gain them; needs come from here or before."""

    facts: frozenset[str]
    steps: tuple[EventStep, ...]


@dataclass(frozen=True)
class EventGraph:
    """The whole problem: events, and components in an order in which they can be solved.

    ``certain`` are the facts of the start; ``fixed`` the steps that always succeed and have no event.
    """

    graph: AttackGraph
    events: tuple[Event, ...]
    components: tuple[Component, ...]
    certain: frozenset[str]
    fixed: frozenset[str]

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """All facts that can come true, sorted."""
        return tuple(sorted(self.certain.union(*(one.facts for one in self.components))))

    def weights(self, holds: Mapping[str, float] | None = None, blocked: Collection[str] = ()) -> NDArray[np.float64]:
        """The chance of each event.

        ``holds`` gives controls another chance to hold than the graph's; ``blocked`` names steps
        that cannot succeed, which must have an event: see ``events_of``.
        """
        graph = self.graph
        held = {one.id: one.holds for one in graph.controls} | dict(holds or {})
        out = np.empty(len(self.events))
        for number, event in enumerate(self.events):
            if event.members:
                fails = 1.0
                for member in event.members:
                    chance = 0.0 if member.step in blocked else graph.step_by_id[member.step].chance
                    for cover in member.folded:
                        chance *= 1.0 - held[cover.control] * cover.coverage
                    fails *= 1.0 - chance
                out[number] = 1.0 - fails
            else:
                out[number] = held[event.control] if event.control else event.coverage
        return out

    @cached_property
    def events_of(self) -> Mapping[str, int]:
        """For each step that is a part of an event, the number of that event."""
        return {member.step: number for number, event in enumerate(self.events) for member in event.members}


def event_graph(graph: AttackGraph, changeable: Collection[str] = ()) -> EventGraph:
    """The Boolean problem of a graph.

    Steps that always succeed get no event, except those in ``changeable``, which a caller means to
    block later.
    """
    _, fired = graph.derivable()
    start = frozenset(graph.start)
    steps = sorted(
        (one for one in fired if one.gains not in start and one.gains not in one.needs), key=lambda one: one.id
    )
    met: defaultdict[str, int] = defaultdict(int)
    for step in steps:
        for cover in step.controls:
            met[cover.control] += 1
    controls = graph.control_by_id
    rank = _ranks(graph, steps)
    maker = _Maker(rank)
    grouped: defaultdict[tuple[tuple[str, ...], str, tuple[str, ...]], list[Member]] = defaultdict(list)
    fixed: set[str] = set()
    single: list[tuple[Step, Member, tuple[Cover, ...]]] = []
    for step in steps:
        folded: list[Cover] = []
        shared: list[Cover] = []
        for cover in step.controls:
            if cover.coverage == 0:
                continue
            (folded if controls[cover.control].independent or met[cover.control] == 1 else shared).append(cover)
        member = Member(step.id, tuple(folded))
        needs = tuple(sorted(set(step.needs) - start))
        whole = all(cover.coverage == 1 for cover in shared)
        if step.chance >= 1 and not folded and whole and step.id not in changeable:
            met_by = sorted(cover.control for cover in shared)
            held_by = tuple((maker.event(Event(f"control:{name}", control=name)), None) for name in met_by)
            maker.add(EventStep(needs, step.gains, None, held_by))
            fixed.add(step.id)
        elif whole:
            grouped[needs, step.gains, tuple(sorted(cover.control for cover in shared))].append(member)
        else:
            single.append((step, member, tuple(shared)))
    for (needs, gains, names), members in grouped.items():
        event = maker.event(Event("step:" + "+".join(one.step for one in members), tuple(members)))
        covers = tuple((maker.event(Event(f"control:{name}", control=name)), None) for name in names)
        maker.add(EventStep(needs, gains, event, covers))
    for step, member, covering in single:
        event = maker.event(Event(f"step:{step.id}", (member,)))
        pairs = []
        for cover in covering:
            applies = None
            if cover.coverage < 1:
                applies = maker.event(Event(f"cover:{cover.control}:{step.id}", coverage=cover.coverage))
            pairs.append((maker.event(Event(f"control:{cover.control}", control=cover.control)), applies))
        maker.add(EventStep(tuple(sorted(set(step.needs) - start)), step.gains, event, tuple(pairs)))
    return EventGraph(graph, tuple(maker.events), maker.components(), start, frozenset(fixed))


def _ranks(graph: AttackGraph, steps: list[Step]) -> dict[str, int]:
    """How many rounds of firing it takes to come to each fact; related events then lie close together."""
    users: defaultdict[str, list[int]] = defaultdict(list)
    missing = []
    for number, step in enumerate(steps):
        needs = set(step.needs)
        missing.append(len(needs))
        for need in needs:
            users[need].append(number)
    rank = dict.fromkeys(graph.start, 0)
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
        rank.update(dict.fromkeys(news, depth))
        gained = set()
    return rank


class _Maker:
    def __init__(self, rank: Mapping[str, int]) -> None:
        self.rank = rank
        self.events: list[Event] = []
        self.number: dict[str, int] = {}
        self.producers: defaultdict[str, list[EventStep]] = defaultdict(list)

    def event(self, event: Event) -> int:
        if event.name not in self.number:
            self.number[event.name] = len(self.events)
            self.events.append(event)
        return self.number[event.name]

    def add(self, step: EventStep) -> None:
        self.producers[step.gains].append(step)

    def components(self) -> tuple[Component, ...]:
        links: nx.DiGraph[str] = nx.DiGraph()
        links.add_nodes_from(sorted(self.producers))
        links.add_edges_from(
            (need, step.gains) for one in self.producers.values() for step in one for need in step.needs
        )
        condensed = nx.condensation(links)
        facts = {node: frozenset(members) for node, members in condensed.nodes(data="members")}
        order = nx.lexicographical_topological_sort(
            condensed, key=lambda node: (min(self.rank.get(fact, 0) for fact in facts[node]), min(facts[node]))
        )
        found = []
        for node in order:
            steps = [step for fact in sorted(facts[node]) for step in self.producers[fact]]
            steps.sort(key=lambda step: (self.rank.get(step.gains, 0), step.gains))
            found.append(Component(facts[node], tuple(steps)))
        return tuple(found)
