"""Modularisation: parts of an attack graph that hang on one fact, its cut vertices, are solved apart.

Take facts, steps and shared controls as vertices of an undirected graph without what is certain. A
fact that is a cut vertex splits it into parts that share no chance. A part that does not gain the
fact sees no more of the parts that do than whether the fact is true, so there the fact is one
independent event with the likelihood that it has elsewhere (modularisation, as for fault trees;
Rauzy and Dutuit 1997), cycles or not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from graphmodel.engine.events import EventGraph, EventStep

_MOST_STEPS = 200_000  # beyond which the search for cut vertices takes more memory than it is worth


def apart(graph: EventGraph) -> Mapping[EventStep, frozenset[str]]:
    """For each step those of its needs that are gained in other parts; steps without any are left out."""
    links: defaultdict[int, dict[int, None]] = defaultdict(dict)
    steps = list(dict.fromkeys(step for component in graph.components for step in component.steps))
    if len(steps) > _MOST_STEPS:
        return {}
    # Vertices are numbers, since many are looked up: facts below 0, then steps, then controls.
    place = {fact: -1 - number for number, fact in enumerate(graph.facts)}
    producers: defaultdict[int, list[int]] = defaultdict(list)
    users: defaultdict[int, set[str]] = defaultdict(set)
    for number, step in enumerate(steps):
        producers[place[step.gains]].append(number)
        links[number][place[step.gains]] = links[place[step.gains]][number] = None
        for need in step.needs:
            links[place[need]][number] = links[number][place[need]] = None
            users[number].add(need)
        for control, _ in step.covers:
            met = len(steps) + control
            links[number][met] = links[met][number] = None
    part: dict[tuple[int, int], int] = {}
    for number, edges in enumerate(_blocks(links)):
        for first, second in edges:
            if first < 0 or second < 0:
                part[max(first, second), min(first, second)] = number
    own = {fact: {part[step, fact] for step in gained} for fact, gained in producers.items()}
    found = {
        steps[step]: frozenset(need for need in needs if part[step, place[need]] not in own[place[need]])
        for step, needs in users.items()
    }
    return {step: needs for step, needs in found.items() if needs}


def _blocks(links: Mapping[int, Mapping[int, None]]) -> Iterator[list[tuple[int, int]]]:
    """The edges of each biconnected component, found depth first (Hopcroft and Tarjan 1973)."""
    found: dict[int, int] = {}
    lowest: dict[int, int] = {}
    for root in links:
        if root in found:
            continue
        found[root] = lowest[root] = len(found)
        edges: list[tuple[int, int]] = []
        way = [(root, root, iter(links[root]))]
        while way:
            above, vertex, rest = way[-1]
            for one in rest:
                if one not in found:
                    found[one] = lowest[one] = len(found)
                    edges.append((vertex, one))
                    way.append((vertex, one, iter(links[one])))
                    break
                if one != above and found[one] < found[vertex]:
                    lowest[vertex] = min(lowest[vertex], found[one])
                    edges.append((vertex, one))
            else:
                way.pop()
                if lowest[vertex] < found[above]:
                    lowest[above] = min(lowest[above], lowest[vertex])
                elif vertex != root:
                    first = len(edges) - 1
                    while edges[first] != (above, vertex):
                        first -= 1
                    yield edges[first:]
                    del edges[first:]
