"""The k most probable attack paths to a target, and the choke points that they share.

A path is a minimal derivation: a set of steps in which every needed fact is gained once, up to the
target. The best one by summed cost comes from Knuth's generalisation of Dijkstra's algorithm
(1977); the next ones from the partition of Nielsen, Andersen and Pretolani (2005). Summed cost
counts a shared step or control more than once, so more candidates than asked for are generated and
then ordered by their own chance, which counts everything once.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphmodel.attackgraph import AttackGraph, Step


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


def best_paths(
    graph: AttackGraph, target: str, k: int = 5, *, trivial: Collection[str] = (), effort: int | None = None
) -> tuple[Path, ...]:
    """The ``k`` most probable paths to a fact, the most probable first.

    ``trivial`` names steps that are mere consequences: paths that differ in nothing else count as
    one, and a path that takes all the other steps of another, and more, is a detour and left out.
    The search looks at ``effort`` candidates at most, by default thirty and eight for each path
    asked for; beyond them a path of lower summed cost but higher own chance could exist.
    """
    if target in graph.start:
        return ()
    plain = frozenset(trivial)
    found: dict[frozenset[str], Path] = {}
    for steps in _Search(graph, target).derivations(effort or 30 + 8 * k):
        key = frozenset(step.id for step in steps if step.id not in plain)
        path = Path(target, steps, path_chance(graph, steps))
        known = found.get(key)
        if path.chance > 0 and (known is None or (path.chance, -len(path.steps)) > (known.chance, -len(known.steps))):
            found[key] = path
            if len(found) >= 2 * k + 10 and len(_undominated(found)) >= 2 * k + 5:
                break
    ranked = sorted(_undominated(found), key=lambda path: (-path.chance, len(path.steps), path.id))
    return tuple(ranked[:k])


def _undominated(found: Mapping[frozenset[str], Path]) -> list[Path]:
    """Without the paths that do all that another does, and more: the rest of them is a detour."""
    return [path for key, path in found.items() if not any(other < key for other in found)]


class _Search:
    """Best derivations in subproblems: some steps forbidden, some facts bound to one producer."""

    def __init__(self, graph: AttackGraph, target: str) -> None:
        self.target = target
        self.start = frozenset(graph.start)
        self.steps = relevant_steps(graph, [target])
        controls = graph.control_by_id
        self.cost: dict[str, float] = {}
        for step in self.steps:
            passes = step.chance
            for cover in step.controls:
                passes *= 1.0 - controls[cover.control].holds * cover.coverage
            # A hair above zero for each step, so that of two equal ways the shorter is found first.
            self.cost[step.id] = (-math.log(passes) if passes > 0 else math.inf) + 1e-9
        self.users: defaultdict[str, list[Step]] = defaultdict(list)
        for step in self.steps:
            for need in set(step.needs):
                self.users[need].append(step)

    def derivations(self, effort: int) -> Iterator[tuple[Step, ...]]:
        """Derivations in order of summed cost, at most ``effort`` of them."""
        queue: list[tuple[float, int, tuple[Step, ...], frozenset[str], Mapping[str, str]]] = []
        made = 0

        def push(forbidden: frozenset[str], bound: Mapping[str, str]) -> None:
            nonlocal made
            result = self.best(forbidden, bound)
            if result is not None:
                made += 1
                heapq.heappush(queue, (result[0], made, result[1], forbidden, bound))

        push(frozenset(), {})
        for _ in range(effort):
            if not queue:
                return
            _, _, steps, forbidden, bound = heapq.heappop(queue)
            yield steps
            fixed = dict(bound)
            for step in reversed(steps):
                if step.gains not in bound:
                    push(forbidden | {step.id}, dict(fixed))
                fixed[step.gains] = step.id

    def best(self, forbidden: frozenset[str], bound: Mapping[str, str]) -> tuple[float, tuple[Step, ...]] | None:
        missing = {step.id: len(set(step.needs)) for step in self.steps}
        price: dict[str, float] = {}
        producer: dict[str, Step] = {}
        queue: list[tuple[float, str, str]] = [(0.0, "", fact) for fact in sorted(self.start)]
        by_id = {step.id: step for step in self.steps}

        def offer(step: Step) -> None:
            if step.id in forbidden or bound.get(step.gains, step.id) != step.id or step.gains in price:
                return
            cost = self.cost[step.id] + sum(price[need] for need in set(step.needs))
            if cost < math.inf:
                heapq.heappush(queue, (cost, step.id, step.gains))

        for step in self.steps:
            if not step.needs:
                offer(step)
        while queue:
            cost, step_id, fact = heapq.heappop(queue)
            if fact in price:
                continue
            price[fact] = cost
            if step_id:
                producer[fact] = by_id[step_id]
            if fact == self.target:
                return cost, self.collect(producer)
            for step in self.users[fact]:
                missing[step.id] -= 1
                if missing[step.id] == 0:
                    offer(step)
        return None

    def collect(self, producer: Mapping[str, Step]) -> tuple[Step, ...]:
        """The steps of the derivation, each after those that it needs."""
        order: dict[str, Step] = {}
        stack: list[tuple[str, bool]] = [(self.target, False)]
        while stack:
            fact, done = stack.pop()
            step = producer.get(fact)
            if step is None or step.id in order:
                continue
            if done:
                order[step.id] = step
            else:
                stack.append((fact, True))
                stack.extend((need, False) for need in sorted(set(step.needs), reverse=True))
        return tuple(order.values())


def relevant_steps(graph: AttackGraph, targets: Collection[str]) -> tuple[Step, ...]:
    """The steps that can fire and that some derivation of a target may use, by id."""
    _, fired = graph.derivable()
    producers: defaultdict[str, list[Step]] = defaultdict(list)
    for step in fired:
        if step.gains not in graph.start and step.gains not in step.needs:
            producers[step.gains].append(step)
    wanted, agenda = set(targets), list(targets)
    kept: dict[str, Step] = {}
    while agenda:
        for step in producers[agenda.pop()]:
            kept[step.id] = step
            for need in step.needs:
                if need not in wanted:
                    wanted.add(need)
                    agenda.append(need)
    return tuple(sorted(kept.values(), key=lambda step: step.id))


def unavoidable(graph: AttackGraph, targets: Collection[str], groups: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The groups of facts without which none of the targets can come true, by name.

    ``groups`` maps the names of candidates, such as assets, to their facts.
    """
    reachable, _ = graph.derivable()
    live = [target for target in targets if target in reachable]
    found = []
    for name, facts in sorted(groups.items()):
        true, _ = graph.derivable(frozenset(facts))
        if live and not any(target in true for target in live):
            found.append(name)
    return tuple(found)
