"""Layered drawing after Sugiyama: layers, dummy nodes, order, coordinates.

networkx has no layered layout with boxes of different sizes and long edges kept clear of them, and
a Graphviz binary may not be there, hence our own. References: Sugiyama, Tagawa and Toda (1981) for
the phases; Barth, Jünger and Mutzel (2002) for counting crossings; coordinates are the exact
least-squares solution for one layer at a time (isotonic regression), swept back and forth.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import networkx as nx

from graphmodel.drawing.shapes import LayoutEdge, LayoutNode

ORDER_SWEEPS = 14
COORDINATE_SWEEPS = 24
CHAIN_WEIGHT = 6.0  # pulls the dummies of one long edge into a straight line


@dataclass
class Layers:
    """A proper layering under way: real nodes by id, dummies by (edge id, layer)."""

    order: list[list[str]]
    before: Mapping[str, list[str]]
    after: Mapping[str, list[str]]
    chains: Mapping[str, tuple[str, ...]]
    reversed: frozenset[str]
    dummies: frozenset[str]


def back_edges(nodes: Sequence[str], edges: Sequence[LayoutEdge]) -> frozenset[str]:
    """Ids of the edges that close a cycle in a depth-first walk from the sources."""
    after: defaultdict[str, list[LayoutEdge]] = defaultdict(list)
    entered: set[str] = set()
    for edge in edges:
        after[edge.source].append(edge)
        entered.add(edge.target)
    back: set[str] = set()
    state: dict[str, int] = {}
    for root in sorted(nodes, key=lambda node: (node in entered, -len(after[node]), node)):
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(after[root]))]
        while stack:
            node, rest = stack[-1]
            for edge in rest:
                if state.get(edge.target) == 1:
                    back.add(edge.id)
                elif edge.target not in state:
                    state[edge.target] = 1
                    stack.append((edge.target, iter(after[edge.target])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return frozenset(back)


def ranks(nodes: Sequence[str], arcs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Layer of every node of an acyclic graph: longest path, then pulled towards its neighbours."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(arcs)
    walk = list(nx.lexicographical_topological_sort(graph))
    rank: dict[str, int] = {}
    for node in walk:
        rank[node] = max((rank[before] + 1 for before in graph.pred[node]), default=0)
    for _ in range(8):
        moved = False
        for node in reversed(walk):
            if graph.succ[node] and len(graph.succ[node]) > len(graph.pred[node]):
                wanted = min(rank[later] for later in graph.succ[node]) - 1
                moved = moved or wanted != rank[node]
                rank[node] = wanted
        if not moved:
            break
    lowest = min(rank.values(), default=0)
    return {node: rank[node] - lowest for node in sorted(rank)}


def build_layers(nodes: Sequence[LayoutNode], edges: Sequence[LayoutEdge]) -> Layers:
    """A proper layering with dummies on long edges, ordered to cross little."""
    ids = sorted(node.id for node in nodes)
    lines = sorted((edge for edge in edges if edge.source != edge.target), key=lambda edge: edge.id)
    back = back_edges(ids, lines)
    ends = {edge.id: (edge.target, edge.source) if edge.id in back else (edge.source, edge.target) for edge in lines}
    rank = ranks(ids, list(ends.values()))
    rows: list[list[str]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for node in ids:
        rows[rank[node]].append(node)
    before: defaultdict[str, list[str]] = defaultdict(list)
    after: defaultdict[str, list[str]] = defaultdict(list)
    chains: dict[str, tuple[str, ...]] = {}
    dummies: set[str] = set()
    taken = set(ids)
    for edge, (tail, head) in ends.items():
        chain = [tail]
        for layer in range(rank[tail] + 1, rank[head]):
            dummy = f"{edge}\x00{layer}"
            while dummy in taken:
                dummy += "\x00"
            taken.add(dummy)
            dummies.add(dummy)
            rows[layer].append(dummy)
            chain.append(dummy)
        chain.append(head)
        chains[edge] = tuple(chain)
        for left, right in pairwise(chain):
            after[left].append(right)
            before[right].append(left)
    layers = Layers(rows, before, after, chains, back, frozenset(dummies))
    _reduce_crossings(layers)
    return layers


def crossings(layers: Layers) -> int:
    """How many pairs of line segments cross."""
    total = 0
    for left, right in pairwise(layers.order):
        place = {node: index for index, node in enumerate(right)}
        seen: list[int] = []
        for node in left:
            ends = sorted(place[other] for other in layers.after.get(node, ()))
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _reduce_crossings(layers: Layers) -> None:
    """Barycentre sweeps with a switch of neighbours after each; the best order seen stays."""
    layers.order[:] = _first_order(layers)
    best, fewest = [list(row) for row in layers.order], crossings(layers)
    small = sum(map(len, layers.order)) <= 500
    stale = 0
    for sweep in range(ORDER_SWEEPS):
        forward = sweep % 2 == 0
        neighbours = layers.before if forward else layers.after
        indices = range(1, len(layers.order)) if forward else range(len(layers.order) - 2, -1, -1)
        for index in indices:
            other = layers.order[index - 1 if forward else index + 1]
            place = {node: at for at, node in enumerate(other)}
            row = layers.order[index]
            own = {node: at * len(other) / max(1, len(row)) for at, node in enumerate(row)}
            row.sort(key=lambda node, n=neighbours, p=place, o=own: _mean(n.get(node, ()), p, o[node]))  # type: ignore[misc]
        if small:
            _switch_neighbours(layers)
        count = crossings(layers)
        stale = 0 if count < fewest else stale + 1
        if count < fewest:
            best, fewest = [list(row) for row in layers.order], count
        if fewest == 0 or stale >= 6:
            break
    layers.order[:] = best


def _first_order(layers: Layers) -> list[list[str]]:
    """Nodes of each layer in the order in which a walk along the edges meets them."""
    met: dict[str, int] = {}
    for row in layers.order:
        for root in row:
            stack = [root]
            while stack:
                node = stack.pop()
                if node not in met:
                    met[node] = len(met)
                    stack.extend(sorted(layers.after.get(node, ()), reverse=True))
    return [sorted(row, key=met.__getitem__) for row in layers.order]


def _mean(neighbours: Sequence[str], place: Mapping[str, int], otherwise: float) -> float:
    return sum(place[node] for node in neighbours) / len(neighbours) if neighbours else otherwise


def _switch_neighbours(layers: Layers) -> None:
    """Exchange two neighbours in a layer wherever that saves crossings."""
    for index, row in enumerate(layers.order):
        sides = []
        if index > 0:
            sides.append((layers.before, {node: at for at, node in enumerate(layers.order[index - 1])}))
        if index + 1 < len(layers.order):
            sides.append((layers.after, {node: at for at, node in enumerate(layers.order[index + 1])}))
        reach = {node: [sorted(place[n] for n in near.get(node, ())) for near, place in sides] for node in row}
        for _ in range(3):
            moved = False
            for at in range(len(row) - 1):
                upper, lower = reach[row[at]], reach[row[at + 1]]
                now = sum(_inversions(a, b) for a, b in zip(upper, lower, strict=True))
                then = sum(_inversions(b, a) for a, b in zip(upper, lower, strict=True))
                if then < now:
                    row[at], row[at + 1] = row[at + 1], row[at]
                    moved = True
            if not moved:
                break


def _inversions(upper: list[int], lower: list[int]) -> int:
    return sum(1 for a in upper for b in lower if a > b)


def heights(layers: Layers, size: Mapping[str, float], gap: float, lane: float) -> dict[str, float]:
    """The y of every node and dummy: close to its neighbours, never closer than the gap allows.

    ``size`` holds the heights of real nodes; dummies need ``lane`` to their neighbours.
    """

    def apart(upper: str, lower: str) -> float:
        space = lane if upper in layers.dummies or lower in layers.dummies else gap
        return (size.get(upper, 0) + size.get(lower, 0)) / 2 + space

    spaces = [[apart(a, b) for a, b in pairwise(row)] for row in layers.order]
    y: dict[str, float] = {}
    for row, space in zip(layers.order, spaces, strict=True):
        top = -sum(space) / 2
        for node, step in zip(row, [*space, 0.0], strict=True):
            y[node] = top
            top += step
    last = len(layers.order) - 1
    for sweep in range(COORDINATE_SWEEPS):
        forward = sweep % 2 == 0
        both = sweep >= COORDINATE_SWEEPS // 3
        for index in range(last + 1) if forward else range(last, -1, -1):
            row = layers.order[index]
            wanted, weight = [], []
            for node in row:
                pulls = []
                if both or forward:
                    pulls += layers.before.get(node, [])
                if both or not forward:
                    pulls += layers.after.get(node, [])
                weights = [_pull(node, other, layers.dummies) for other in pulls]
                total = sum(weights)
                mean = sum(w * y[n] for w, n in zip(weights, pulls, strict=True)) / total if pulls else y[node]
                wanted.append(mean)
                weight.append(total or 0.2)
            for node, place in zip(row, _spread(wanted, weight, spaces[index]), strict=True):
                y[node] = place
    _straighten(layers, y, spaces)
    return y


def _straighten(layers: Layers, y: dict[str, float], spaces: Sequence[Sequence[float]]) -> None:
    """Put the dummies of an edge on as few levels as the room between their neighbours allows."""
    above: dict[str, tuple[str, float]] = {}
    below: dict[str, tuple[str, float]] = {}
    for row, space in zip(layers.order, spaces, strict=True):
        for (upper, lower), step in zip(pairwise(row), space, strict=True):
            above[lower], below[upper] = (upper, step), (lower, step)

    def room(node: str) -> tuple[float, float]:
        top = y[above[node][0]] + above[node][1] if node in above else -inf
        bottom = y[below[node][0]] - below[node][1] if node in below else inf
        return top, bottom

    chains = [chain for chain in layers.chains.values() if len(chain) > 2]
    for _ in range(4):
        for chain in chains:
            run: list[str] = []
            top, bottom = -inf, inf
            for node in (*chain[1:-1], None):
                high, low = room(node) if node is not None else (inf, -inf)
                if max(top, high) <= min(bottom, low):
                    top, bottom = max(top, high), min(bottom, low)
                    run.append(str(node))
                    continue
                if run:
                    level = min(bottom, max(top, sum(y[dummy] for dummy in run) / len(run)))
                    y.update(dict.fromkeys(run, level))
                run, (top, bottom) = ([node], room(node)) if node is not None else ([], (-inf, inf))


def _pull(node: str, other: str, dummies: frozenset[str]) -> float:
    if node in dummies and other in dummies:
        return CHAIN_WEIGHT
    return 2.0 if node in dummies or other in dummies else 1.0


def _spread(wanted: Sequence[float], weight: Sequence[float], space: Sequence[float]) -> list[float]:
    """Places nearest to the wanted ones in weighted least squares that keep order and space."""
    offset = [0.0]
    for step in space:
        offset.append(offset[-1] + step)
    blocks: list[tuple[float, float, int]] = []
    for want, heavy, shift in zip(wanted, weight, offset, strict=False):
        mean, total, count = want - shift, heavy, 1
        while blocks and blocks[-1][0] > mean:
            above, mass, many = blocks.pop()
            mean = (mean * total + above * mass) / (total + mass)
            total, count = total + mass, count + many
        blocks.append((mean, total, count))
    flat = [mean for mean, _, count in blocks for _ in range(count)]
    return [mean + shift for mean, shift in zip(flat, offset, strict=False)]
