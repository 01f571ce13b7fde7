"""Modularisation: parts of an attack graph that hang on one fact, its cut vertices, are solved apart.

Take facts, steps and shared controls as vertices of an undirected graph without what is certain. A
fact that is a cut vertex splits it into parts that share no chance. A part that does not gain the
fact sees no more of the parts that do than whether the fact is true, so there the fact is one
independent event with the likelihood that it has elsewhere (modularisation, as for fault trees;
Rauzy and Dutuit 1997), cycles or not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import networkx as nx

from graphmodel.engine.events import EventGraph, EventStep

_MOST_STEPS = 200_000  # beyond which the search for cut vertices takes more memory than it is worth


def apart(graph: EventGraph) -> Mapping[EventStep, frozenset[str]]:
    """For each step those of its needs that are gained in other parts; steps without any are left out."""
    links: nx.Graph[int] = nx.Graph()
    steps = list(dict.fromkeys(step for component in graph.components for step in component.steps))
    if len(steps) > _MOST_STEPS:
        return {}
    # Vertices are numbers, since many are looked up: facts below 0, then steps, then controls.
    place = {fact: -1 - number for number, fact in enumerate(graph.facts)}
    producers: defaultdict[int, list[int]] = defaultdict(list)
    users: defaultdict[int, set[str]] = defaultdict(set)
    for number, step in enumerate(steps):
        producers[place[step.gains]].append(number)
        links.add_edge(number, place[step.gains])
        for need in step.needs:
            links.add_edge(place[need], number)
            users[number].add(need)
        for control, _ in step.covers:
            links.add_edge(number, len(steps) + control)
    part: dict[tuple[int, int], int] = {}
    for number, edges in enumerate(nx.biconnected_component_edges(links)):
        for first, second in edges:
            if first < 0 or second < 0:
                part[max(first, second), min(first, second)] = number
    own = {fact: {part[step, fact] for step in gained} for fact, gained in producers.items()}
    found = {
        steps[step]: frozenset(need for need in needs if part[step, place[need]] not in own[place[need]])
        for step, needs in users.items()
    }
    return {step: needs for step, needs in found.items() if needs}
