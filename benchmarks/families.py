"""The graphs that everything is measured on, the same for a seed on every machine.

*Layered* graphs are random, with steps back; *enterprise* graphs are hosts that reach each other, so that more
than a third of the facts lie in one strongly connected component; *narrow* graphs have few ways in to
each fact, and how wide they are decides what can still be exact.
"""

from __future__ import annotations

import random
from functools import partial
from itertools import pairwise

from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.planning.choices import Choices
from graphmodel.planning.programs import Front

ENTRIES = 5
# With this chance from a network to each of its hosts, 23 to 24 % of the facts of an enterprise graph come true.
LINK_CHANCE = 0.515


def layered(edges: int, ands: float = 0.0, seed: int = 1) -> AttackGraph:
    """Random layers with exactly so many edges (needs of steps), 5 % of the steps leading back.

    A share ``ands`` of the steps needs two facts of the layer before. The last fact costs something.
    """
    rng = random.Random(seed)
    width = max(8, round(edges**0.5 / 3))
    layers = max(4, edges // (3 * width))
    names = [[f"f{layer}.{n}" for n in range(width)] for layer in range(layers)]
    steps = [Step(f"e{n}", ("start",), fact, rng.uniform(0.5, 0.9)) for n, fact in enumerate(names[0])]
    left = edges - width
    while left:
        layer = rng.randrange(1, layers)
        if rng.random() < 0.05:
            needs, gains = (rng.choice(names[layer]),), rng.choice(names[rng.randrange(max(0, layer - 3), layer)])
        else:
            count = 2 if left > 1 and rng.random() < ands else 1
            needs, gains = tuple(rng.sample(names[layer - 1], count)), rng.choice(names[layer])
        left -= len(needs)
        steps.append(Step(f"s{len(steps)}", needs, gains, rng.uniform(0.2, 0.8)))
    facts = ("start", *(fact for layer in names for fact in layer))
    return AttackGraph(facts, ("start",), tuple(steps), (), {names[-1][0]: 1.0})


def enterprise(facts: int, seed: int = 1, link: float = LINK_CHANCE) -> AttackGraph:
    """Hosts with sixteen facts each in networks of twenty; every fifth host stands in a second network.

    Six facts of each host and the networks are one strongly connected component. A host falls to a flaw, a
    guess, or credentials from another; the attacker knows of weaknesses by chance, and starts at five hosts.
    """
    rng = random.Random(seed)
    hosts = facts * 20 // 321
    networks, shift = -(-hosts // 20), rng.randrange(1, hosts)
    steps: list[Step] = []

    def add(gains: str, chance: float, *needs: str) -> None:
        steps.append(Step(f"s{len(steps)}", needs, gains, chance))

    for host in range(hosts):
        flaw, weak, clear = (f"h{host}:{leaf}" for leaf in ("flaw", "weak", "clear"))
        for leaf in (flaw, weak, clear):
            add(leaf, 0.6, "start")
        connect, attempt, access, admin, creds, pivot = (
            f"h{host}:{one}" for one in ("connect", "attempt", "access", "admin", "creds", "pivot")
        )
        # The last host of each network stands in the next one too, so that all of them hang together.
        second = (host // 20 + 1) % networks if host % 20 == 19 or host == hosts - 1 else rng.randrange(networks)
        for network in (host // 20, second)[: 2 if host % 5 == 4 else 1]:
            add(connect, link, f"n{network}:reach")
            add(f"n{network}:reach", rng.uniform(0.8, 1.0), pivot)
        add(attempt, rng.uniform(0.6, 1.0), connect, flaw)
        add(access, rng.uniform(0.7, 1.0), attempt)
        add(access, rng.uniform(0.1, 0.5), connect)
        add(access, rng.uniform(0.5, 0.9), connect, f"h{(host + shift) % hosts}:creds")
        add(admin, rng.uniform(0.6, 1.0), access, weak)
        add(creds, rng.uniform(0.7, 1.0), admin)
        add(pivot, rng.uniform(0.7, 1.0), access)
        add(pivot, rng.uniform(0.7, 1.0), admin)
        for gains, *needs in (
            ("read", access, clear),
            ("leak", f"h{host}:read"),
            ("write", admin),
            ("deny", access, clear),
            ("wipe", admin, f"h{host}:write"),
            ("ransom", f"h{host}:wipe", f"h{host}:deny"),
            ("news", f"h{host}:leak", f"h{host}:ransom"),
        ):
            add(f"h{host}:{gains}", rng.uniform(0.3, 0.9), *needs)
    for number in range(ENTRIES):
        add(f"h{number * hosts // ENTRIES}:access", 0.8, "start")
    named = dict.fromkeys(step.gains for step in steps)
    return AttackGraph(("start", *named), ("start",), tuple(steps), (), {f"h{hosts - 1}:ransom": 1.0})


def narrow(facts: int, window: int, cyclic: bool = False, seed: int = 1) -> AttackGraph:
    """Facts in a row, each from two of the ``window`` before it, 15 % with a third from anywhere before.

    One in five needs all of them at once (AND); else each is a way in. With ``cyclic`` a tenth as many
    steps as there are lead back within the window. The last fact costs something.
    """
    rng = random.Random(seed)
    names = ["start", *(f"f{n}" for n in range(facts))]
    steps: list[Step] = []
    for at in range(1, facts + 1):
        near = list(range(max(0, at - window), at))
        needs = set(rng.sample(near, min(2, len(near))))
        if rng.random() < 0.15:
            needs.add(rng.randrange(at))
        groups = [needs] if rng.random() < 0.2 else [{one} for one in sorted(needs)]
        for group in groups:
            needed = tuple(names[one] for one in sorted(group))
            steps.append(Step(f"s{len(steps)}", needed, names[at], rng.uniform(0.4, 0.95)))
    for _ in range(len(steps) // 10 if cyclic else 0):
        later = rng.randrange(2, facts + 1)
        earlier = rng.randrange(max(1, later - window), later)
        steps.append(Step(f"b{len(steps)}", (names[later],), names[earlier], rng.uniform(0.4, 0.95)))
    return AttackGraph(tuple(names), ("start",), tuple(steps), (), {names[-1]: 1.0})


def lattice(facts: int, rows: int, seed: int = 1) -> AttackGraph:
    """A grid of so many rows, filled column by column, with a step from each fact to each of its neighbours.

    All of it is one loop. The attacker starts at the first fact; the last one costs something.
    """
    rng = random.Random(seed)
    names = [f"f{n}" for n in range(facts)]
    steps: list[Step] = []
    for at in range(facts):
        for other in (at - rows, at - 1, at + 1, at + rows):
            beside = abs(other - at) == rows or other // rows == at // rows
            if beside and 0 <= other < facts:
                steps.append(Step(f"s{len(steps)}", (names[at],), names[other], rng.uniform(0.4, 0.95)))
    return AttackGraph(tuple(names), (names[0],), tuple(steps), (), {names[-1]: 1.0})


def defended(edges: int, controls: int, seed: int = 1, ands: float = 0.2) -> tuple[Front, Choices]:
    """Layers of forty facts with controls that cover most steps, each a stretch of the layers, and their costs."""
    rng = random.Random(seed)
    width = 40
    layers = max(3, edges // (width * 2))
    names = [[f"f{layer}.{n}" for n in range(width)] for layer in range(layers)]
    steps = [Step(f"e{n}", ("start",), fact, 0.9) for n, fact in enumerate(names[0])]
    ids = [f"c{n}" for n in range(controls)]
    while len(steps) < edges - width:
        layer = rng.randrange(1, layers)
        below = names[layer - 1]
        if rng.random() < 0.05:
            needs, gains = (rng.choice(names[layer]),), rng.choice(below)
        else:
            count = 2 if rng.random() < ands else 1
            needs, gains = tuple(rng.sample(below, count)), rng.choice(names[layer])
        # A control defends a stretch of the layers, as a product or a zone does.
        near = [ids[(layer * controls // layers + shift) % controls] for shift in (0, 1, 2)]
        covers = tuple(Cover(one) for one in sorted(set(rng.sample(near, rng.choice([1, 1, 2])))))
        steps.append(Step(f"s{len(steps)}", needs, gains, 0.8, covers if rng.random() < 0.97 else ()))
    steps += [Step(f"t{n}", (fact,), "target", 0.9) for n, fact in enumerate(names[-1])]
    facts = ("start", *(fact for layer in names for fact in layer), "target")
    guards = tuple(GraphControl(one, 0.5) for one in ids)
    graph = AttackGraph(facts, ("start",), tuple(steps), guards, {"target": 1.0})
    return Front(graph, ("target",)), Choices({one: float(rng.randint(5, 40)) for one in ids})


def walled(width: int, layers: int, controls: int = 0, seed: int = 1) -> tuple[Front, Choices]:
    """Layers of facts, each step between them broken by one control: its own, or one of so many that steps share.

    With controls of their own the cheapest break is a minimum cut; with shared ones it is hard for any solver.
    """
    rng = random.Random(seed)
    names = [[f"f{layer}.{n}" for n in range(width)] for layer in range(layers)]
    steps = [Step(f"e{n}", ("start",), fact, 0.9) for n, fact in enumerate(names[0])]
    for below, above in pairwise(names):
        for _ in range(3 * width):
            cover = Cover(f"c{rng.randrange(controls) if controls else len(steps)}")
            steps.append(Step(f"s{len(steps)}", (rng.choice(below),), rng.choice(above), 0.8, (cover,)))
    steps += [Step(f"t{n}", (fact,), "target", 0.9) for n, fact in enumerate(names[-1])]
    facts = ("start", *(fact for layer in names for fact in layer), "target")
    ids = sorted({cover.control for step in steps for cover in step.controls})
    graph = AttackGraph(facts, ("start",), tuple(steps), tuple(GraphControl(one, 0.5) for one in ids), {"target": 1.0})
    return Front(graph, ("target",)), Choices({one: float(rng.randint(5, 40)) for one in ids})


def edges_of(graph: AttackGraph) -> int:
    """The needs of all steps."""
    return sum(len(step.needs) for step in graph.steps)


def and_share(graph: AttackGraph) -> float:
    """The share of the steps that need more than one fact."""
    return sum(len(step.needs) > 1 for step in graph.steps) / len(graph.steps)


FAMILIES = {
    "layered": layered,
    "layered, 15 % AND": partial(layered, ands=0.15),
    "enterprise": enterprise,
}
