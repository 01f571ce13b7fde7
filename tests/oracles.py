"""Two independent ways to the likelihoods of an attack graph, and random graphs to try them on."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step


def least_set(graph: AttackGraph, possible: set[str]) -> set[str]:
    held = set(graph.start)
    grown = True
    while grown:
        grown = False
        for step in graph.steps:
            if step.id in possible and step.gains not in held and held.issuperset(step.needs):
                held.add(step.gains)
                grown = True
    return held


def draws(graph: AttackGraph) -> list[tuple[tuple[str, ...], float]]:
    """Every independent draw of the semantics, named: steps, trials that steps share, controls, and coverages."""
    most = trials(graph)
    found: list[tuple[tuple[str, ...], float]] = [
        (("step", step.id), step.chance / most.get(trial_of(step), 1.0)) for step in graph.steps
    ]
    found += [(("trial", *one), chance) for one, chance in most.items()]
    for control in graph.controls:
        covered = [(step, cover) for step in graph.steps for cover in step.controls if cover.control == control.id]
        if control.independent:
            found += [(("holds", control.id, step.id), control.holds) for step, _ in covered]
        elif covered:
            found.append((("holds", control.id), control.holds))
        found += [(("covers", control.id, step.id), cover.coverage) for step, cover in covered]
    return found


def trial_of(step: Step) -> tuple[str, str]:
    return (step.gains, step.trial) if step.trial and step.chance < 1 else ("", "")


def trials(graph: AttackGraph) -> dict[tuple[str, str], float]:
    """The chance of each trial that more than one step shares."""
    ways: dict[tuple[str, str], list[float]] = {}
    for step in graph.steps:
        ways.setdefault(trial_of(step), []).append(step.chance)
    return {one: max(chances) for one, chances in ways.items() if one != ("", "") and len(chances) > 1 and max(chances)}


def uncertain(graph: AttackGraph) -> int:
    return sum(0 < chance < 1 for _, chance in draws(graph))


@dataclass(frozen=True)
class Worlds:
    """Every world there is, a column each: its chance, the steps that are possible, and the facts that come true."""

    chance: np.ndarray
    possible: Mapping[str, np.ndarray]
    held: Mapping[str, np.ndarray]

    def loss(self, graph: AttackGraph) -> np.ndarray:
        """What each world costs."""
        return sum((amount * self.held[fact] for fact, amount in graph.losses.items()), np.zeros(len(self.chance)))


def all_worlds(graph: AttackGraph) -> Worlds:
    """All outcomes of all draws, and in each of them what ``least_set`` says, by the same iteration."""
    world = np.arange(1 << uncertain(graph))
    chance, happens, bit = np.ones(len(world)), {}, 0
    for name, likely in draws(graph):
        if 0 < likely < 1:
            happens[name] = (world >> bit & 1).astype(bool)
            chance *= np.where(happens[name], likely, 1 - likely)
            bit += 1
        else:
            happens[name] = np.full(len(world), likely == 1)
    independent = {control.id for control in graph.controls if control.independent}
    possible, shared = {}, trials(graph)
    for step in graph.steps:
        possible[step.id] = happens["step", step.id].copy()
        if trial_of(step) in shared:
            possible[step.id] &= happens["trial", *trial_of(step)]
        for c in step.controls:
            holds = happens[("holds", c.control, step.id) if c.control in independent else ("holds", c.control)]
            possible[step.id] &= ~(holds & happens["covers", c.control, step.id])
    held = {fact: np.full(len(world), fact in graph.start) for fact in graph.facts}
    grown = True
    while grown:
        grown = False
        for step in graph.steps:
            gained = np.logical_and.reduce([possible[step.id], *(held[need] for need in step.needs)])
            if (gained & ~held[step.gains]).any():
                held[step.gains] |= gained
                grown = True
    return Worlds(chance, possible, held)


def enumerate_worlds(graph: AttackGraph) -> tuple[dict[str, float], float]:
    """Likelihood of each fact and the expected loss, by playing every world there is."""
    worlds = all_worlds(graph)
    likelihood = {fact: float(worlds.chance[held].sum()) for fact, held in worlds.held.items()}
    return likelihood, float(worlds.chance @ worlds.loss(graph))


def check_against_all_worlds(block: int, likelihoods: Callable[[AttackGraph], Mapping[str, float]]) -> None:
    """An exact method on fifty random graphs: all facts that can come true but need not, and how likely they are."""
    for seed in range(block * 50, block * 50 + 50):
        graph = random_graph(seed)
        truth, _ = enumerate_worlds(graph)
        found = likelihoods(graph)
        assert found.keys() >= {fact for fact, chance in truth.items() if chance > 0} - {*graph.start}, seed
        for fact, chance in found.items():
            assert fact not in truth or abs(chance - truth[fact]) < 1e-12, (seed, fact)


def problog_likelihoods(graph: AttackGraph, wanted: Collection[str] | None = None) -> dict[str, float]:
    """The same by ProbLog, a probabilistic logic program with the same least-model semantics.

    ``wanted`` are the facts to ask for, all unless given.
    """
    from problog import get_evaluatable
    from problog.program import PrologString

    fact = {name: f"f{number}" for number, name in enumerate(graph.facts)}
    step_no = {step.id: number for number, step in enumerate(graph.steps)}
    control_no = {control.id: number for number, control in enumerate(graph.controls)}
    independent = {control.id for control in graph.controls if control.independent}
    holds = {control.id: control.holds for control in graph.controls}
    lines = [f"{fact[name]}." for name in graph.start]
    lines += [f"{control.holds!r}::h{control_no[control.id]}." for control in graph.controls]
    shared = trials(graph)
    trial_no = {one: number for number, one in enumerate(shared)}
    lines += [f"{chance!r}::t{trial_no[one]}." for one, chance in shared.items()]
    for step in graph.steps:
        number = step_no[step.id]
        lines.append(f"{step.chance / shared.get(trial_of(step), 1.0)!r}::s{number}.")
        body = [f"s{number}", *(fact[need] for need in step.needs)]
        if trial_of(step) in shared:
            body.append(f"t{trial_no[trial_of(step)]}")
        for cover in step.controls:
            c = control_no[cover.control]
            held = f"h{c}"
            if cover.control in independent:
                held = f"h{c}_{number}"
                lines.append(f"{holds[cover.control]!r}::{held}.")
            lines.append(f"{cover.coverage!r}::q{c}_{number}.")
            lines.append(f"x{c}_{number} :- {held}, q{c}_{number}.")
            body.append(f"\\+x{c}_{number}")
        lines.append(f"{fact[step.gains]} :- {', '.join(body)}.")
    lines += [f"{name} :- fail." for name in fact.values()]
    asked = graph.facts if wanted is None else tuple(wanted)
    lines += [f"query({fact[name]})." for name in asked]
    result = get_evaluatable().create_from(PrologString("\n".join(lines))).evaluate()
    values = {str(term): float(value) for term, value in result.items()}
    return {name: values.get(fact[name], 0.0) for name in asked}


def random_graph(seed: int, most_draws: int = 14, facts: int = 7) -> AttackGraph:
    """A small graph with cycles, AND steps, shared and independent controls, partial coverage, and shared trials."""
    rng = random.Random(seed)
    names = ["start", *(f"f{number}" for number in range(facts))]
    controls = [
        GraphControl(f"c{number}", rng.choice([0.0, 0.3, 0.65, 1.0, rng.random()]), rng.random() < 0.3)
        for number in range(rng.randint(0, 3))
    ]
    steps: list[Step] = []
    graph = AttackGraph(tuple(names), ("start",), ())
    for number in range(rng.randint(4, 2 * facts)):
        target = rng.choice(names[1:])
        needs = tuple(sorted(set(rng.choices(names, k=rng.choice([0, 1, 1, 1, 2, 2, 3])))))
        if number < 2:
            needs = ("start",)
        covers = tuple(
            Cover(control.id, rng.choice([1.0, 1.0, 1.0, 0.5]))
            for control in rng.sample(controls, rng.randint(0, len(controls)))
            if rng.random() < 0.6
        )
        step = Step(f"s{number}", needs, target, rng.choice([1.0, 0.5, 0.8, round(rng.random(), 3)]), covers)
        candidate = AttackGraph(
            tuple(names),
            ("start",),
            (*steps, step),
            tuple(controls),
            {name: float(rng.randint(1, 100)) for name in rng.sample(names[1:], 2)},
        )
        if uncertain(candidate) <= most_draws:
            steps.append(step)
            graph = candidate
    named = random.Random(f"trials {seed}")
    tried = tuple(replace(step, trial=named.choice(["", "a", "a", "b"])) for step in graph.steps)
    other = replace(graph, steps=tried)
    return other if uncertain(other) <= most_draws else graph
