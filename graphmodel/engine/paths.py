"""The k most probable attack paths (minimal derivations) to a target, and choke points.

A path is a minimal derivation of the target. ``derivations`` brings them in order of summed cost,
which counts a shared step or control more than once; so more candidates than asked for are
generated and then ordered by their own chance, which counts everything once.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from graphmodel.engine.derivations import Derivations
from graphmodel.engine.graph import AttackGraph, Step


@dataclass(frozen=True)
class Path:
    """One way to a target: its steps in the order in which they happen, and the chance that all succeed.

    ``chance`` is the probability that every step of the path succeeds and no control on it holds;
    it never exceeds the likelihood of the target.
    """

    target: str
    steps: tuple[Step, ...]
    chance: float

    @property
    def id(self) -> str:
        return "|".join(step.id for step in self.steps)


def path_chance(graph: AttackGraph, steps: Sequence[Step]) -> float:
    """The chance that all of these steps succeed, each step and each shared control drawn once."""
    chance = math.prod(step.chance for step in steps)
    controls = graph.control_by_id
    escapes: dict[str, float] = {}
    for step in steps:
        for cover in step.controls:
            control = controls[cover.control]
            if control.independent:
                chance *= 1.0 - control.holds * cover.coverage
            else:
                escapes[control.id] = escapes.get(control.id, 1.0) * (1.0 - cover.coverage)
    for name, escape in escapes.items():
        chance *= 1.0 - controls[name].holds * (1.0 - escape)
    return chance


class PathFinder:
    """The most probable paths of one graph to any of its facts.

    ``trivial`` names steps that are mere consequences: paths that differ in nothing else count as
    one, and a path that takes all the other steps of another, and more, is a detour and left out.
    """

    def __init__(self, graph: AttackGraph, trivial: Collection[str] = ()) -> None:
        self._graph, self._trivial = graph, frozenset(trivial)
        self._derivations = Derivations(graph)
        self._additive = not self._trivial and _nothing_shared(graph)

    @property
    def graph(self) -> AttackGraph:
        """The graph in which it finds paths."""
        return self._graph

    def best(self, target: str, k: int = 5, effort: int | None = None) -> tuple[Path, ...]:
        """The ``k`` most probable paths to a fact, the most probable first.

        The search looks at ``effort`` candidates at most, by default thirty and eight for each path
        asked for; beyond them a path of lower summed cost but higher own chance could exist.
        """
        found: dict[frozenset[str], Path] = {}
        wanted = k if self._additive else 2 * k + 5
        enough = wanted
        for steps in self._derivations.of(target, effort or 30 + 8 * k):
            key = frozenset(step.id for step in steps if step.id not in self._trivial)
            path = Path(target, steps, path_chance(self._graph, steps))
            known = found.get(key)
            if path.chance > 0 and (
                known is None or (path.chance, -len(path.steps)) > (known.chance, -len(known.steps))
            ):
                found[key] = path
                if len(found) >= enough:
                    if len(_undominated(found)) >= wanted:
                        break
                    enough += k
        ranked = sorted(_undominated(found), key=lambda path: (-path.chance, len(path.steps), path.id))
        return tuple(ranked[:k])


def best_paths(
    graph: AttackGraph, target: str, k: int = 5, *, trivial: Collection[str] = (), effort: int | None = None
) -> tuple[Path, ...]:
    """The ``k`` most probable paths to one fact; see ``PathFinder``, which is for more than one."""
    return PathFinder(graph, trivial).best(target, k, effort)


def _nothing_shared(graph: AttackGraph) -> bool:
    """Whether no derivation can need a fact twice, or meet a control twice: its summed cost is then its chance."""
    start = frozenset(graph.start)
    if any(len(set(step.needs) - start) > 1 for step in graph.steps):
        return False
    met = [cover.control for step in graph.steps for cover in step.controls]
    return len(met) == len(set(met))


def _undominated(found: Mapping[frozenset[str], Path]) -> list[Path]:
    """Without the paths that do all that another does, and more: the rest of them is a detour."""
    return [path for key, path in found.items() if not any(other < key for other in found)]


def choke_points(
    graph: AttackGraph, targets: Collection[str], groups: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """The groups of facts without which none of the targets can come true, by name.

    ``groups`` maps the names of candidates, such as assets, to their facts.
    """
    reachable, derivations = graph.derivable()[0], Derivations(graph)
    live = sorted(target for target in targets if target in reachable)
    ways = {target: [Path(target, next(derivations.of(target, 1), ()), 1.0)] for target in live}
    each = choke_points_of_each(graph, ways, groups).values()
    return tuple(sorted(set[str].intersection(*map(set, each)))) if each else ()


def choke_points_of_each(
    graph: AttackGraph, ways: Mapping[str, Sequence[Path]], groups: Mapping[str, Collection[str]]
) -> dict[str, tuple[str, ...]]:
    """For each target the groups of facts without which it cannot come true, by name, as ``choke_points`` has them.

    ``ways`` are some paths to each target, one at least: only what is on all of them is tried, once for all targets.
    """
    group = {fact: name for name, facts in groups.items() for fact in facts}
    asked: dict[str, list[str]] = {}
    for target, paths in ways.items():
        met = [{fact for step in path.steps for fact in (step.gains, *step.needs)} | {target} for path in paths]
        own = [{group[fact] for fact in facts if fact in group} for facts in met]
        for name in set[str].intersection(*own):
            asked.setdefault(name, []).append(target)
    found: dict[str, list[str]] = {target: [] for target in ways}
    reach = _Reach(graph)
    for name in sorted(asked):
        lost = reach.lost_without(frozenset(groups[name]), asked[name])
        for target in asked[name]:
            if target in lost:
                found[target].append(name)
    return {target: tuple(names) for target, names in found.items()}


class _Reach:
    """What can come true in a graph in spite of something, asked many times."""

    def __init__(self, graph: AttackGraph) -> None:
        self.number = {fact: number for number, fact in enumerate(graph.facts)}
        self.start = [self.number[fact] for fact in graph.start]
        self.users: list[list[int]] = [[] for _ in self.number]
        self.gains = [self.number[step.gains] for step in graph.steps]
        self.counts: list[int] = []
        for place, step in enumerate(graph.steps):
            needs = {self.number[fact] for fact in step.needs}
            self.counts.append(len(needs))
            for need in needs if step.chance > 0 else ():
                self.users[need].append(place)
            if not needs and step.chance > 0:
                self.start.append(self.gains[place])

    def lost_without(self, blocked: frozenset[str], targets: Collection[str]) -> frozenset[str]:
        """The targets that cannot come true where none of the blocked facts does."""
        left = {self.number[target]: target for target in targets if target not in blocked}
        seen, still_open = bytearray(len(self.number)), self.counts.copy()
        for number in (self.number[fact] for fact in blocked if fact in self.number):
            seen[number] = 1
        agenda = []
        for fact in self.start:
            if not seen[fact]:
                seen[fact] = 1
                agenda.append(fact)
        while agenda and left:
            fact = agenda.pop()
            left.pop(fact, None)
            for step in self.users[fact]:
                still_open[step] -= 1
                if not still_open[step] and not seen[self.gains[step]]:
                    seen[self.gains[step]] = 1
                    agenda.append(self.gains[step])
        return frozenset(left.values()).union(target for target in targets if target in blocked)
