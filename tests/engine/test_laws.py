"""Laws that hold whatever the graph: changes that change nothing, and changes that can only raise or only lower.

Exact numbers keep the laws to 1e-12. Simulated ones keep the second kind in every single world, since two graphs
draw the same for events of the same name.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graphmodel.engine.bounds import bounds
from graphmodel.engine.estimates import EXACT
from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.engine.worlds.draws import Thresholds
from graphmodel.engine.worlds.simulation import Simulation
from tests.engine.test_worlds import kernel_of, needs_numba
from tests.oracles import random_graph

SAME = 1e-12
GRAPHS = 50
SMALL = Options(nodes=2_000)  # enough for these graphs, and quickly set up

Change = Callable[[AttackGraph, random.Random], AttackGraph]


def graph_of(seed: int) -> AttackGraph:
    return random_graph(seed, most_draws=40, facts=9)


def likelihoods(graph: AttackGraph) -> Mapping[str, float]:
    (solution,) = Solver(graph, SMALL).solve()
    assert {one.method for one in solution.likelihood.values()} <= {EXACT}
    return {fact: solution.of(fact).value for fact in graph.facts}


def with_step(graph: AttackGraph, old: Step, *new: Step) -> AttackGraph:
    return replace(graph, steps=tuple(step for one in graph.steps for step in (new if one == old else (one,))))


def some_step(graph: AttackGraph, rng: random.Random) -> Step:
    """One that can fire where there is any, so that the change is seldom idle."""
    return rng.choice(graph.derivable()[1] or list(graph.steps))


def own_step(graph: AttackGraph, rng: random.Random) -> Step:
    """One with a draw of its own, where there is any: a way to a try is not split without the others."""
    return rng.choice([one for one in graph.derivable()[1] if one.id not in graph.trial_of] or [NONE])


NONE = Step("none", (), "f0", 0.0)


# ---------------------------------------------------------------- changes that change nothing
def split_into_series(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    """A step of chance p as two of p1 and p2 with p1 p2 = p; its controls meet the one or the other."""
    step = own_step(graph, rng)
    first = step.chance ** rng.choice([0.0, 0.3, 0.5, 1.0])
    half = replace(step, id=f"{step.id}-a", gains="between", chance=first)
    rest = replace(step, id=f"{step.id}-b", needs=("between",), chance=step.chance / first if first else 1.0)
    cut = rng.randint(0, len(step.controls))
    half, rest = replace(half, controls=step.controls[:cut]), replace(rest, controls=step.controls[cut:])
    return replace(with_step(graph, step, half, rest), facts=(*graph.facts, "between"))


def split_into_parallel(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    """A step that meets no control as two of which one is enough."""
    step = replace(own_step(graph, rng), controls=())
    graph = replace(graph, steps=tuple(step if one.id == step.id else one for one in graph.steps))
    first = step.chance * rng.random()
    rest = (step.chance - first) / (1 - first) if first < 1 else 0.0
    alone = replace(step, trial="")
    both = replace(alone, id=f"{step.id}-a", chance=first), replace(alone, id=f"{step.id}-b", chance=rest)
    return with_step(graph, step, *both)


def without_controls_of_one_step(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    step = own_step(graph, rng)
    return with_step(graph, step, replace(step, controls=()))


def unreachable_cycle(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    """Facts that only each other lead to, and that would lead to everything."""
    steps = [Step("round-1", ("lost-1",), "lost-2", 1.0), Step("round-2", ("lost-2", graph.start[0]), "lost-1", 1.0)]
    steps += [Step(f"out-{fact}", ("lost-1", "lost-2"), fact, 1.0) for fact in graph.facts]
    return replace(graph, facts=(*graph.facts, "lost-1", "lost-2"), steps=(*graph.steps, *steps))


def needs_twice(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    return replace(graph, steps=tuple(replace(one, needs=(*one.needs, *one.needs[:1])) for one in graph.steps))


def idle_controls(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    """Controls that never hold, that cover nothing of what they meet, or that meet nothing."""
    idle = (GraphControl("never", 0.0), GraphControl("nowhere", 0.9), GraphControl("unused", 0.9))
    covers = (Cover("never"), Cover("nowhere", 0.0))
    steps = tuple(replace(one, controls=(*one.controls, *covers)) for one in graph.steps)
    return replace(graph, steps=steps, controls=(*graph.controls, *idle))


def independent_as_many(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    """An independent control as one of its own for each step."""
    apart = {one.id: one for one in graph.controls if one.independent}
    steps, controls = [], [one for one in graph.controls if not one.independent]
    for step in graph.steps:
        covers = []
        for cover in step.controls:
            if cover.control in apart:
                controls.append(GraphControl(f"{cover.control}-{step.id}", apart[cover.control].holds))
                cover = replace(cover, control=controls[-1].id)
            covers.append(cover)
        steps.append(replace(step, controls=tuple(covers)))
    return replace(graph, steps=tuple(steps), controls=tuple(controls))


def coverage_as_control(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    """An independent control of partial coverage as one of full coverage that holds less often."""
    apart = {one.id: one for one in graph.controls if one.independent}
    steps, controls = [], list(graph.controls)
    for step in graph.steps:
        covers = []
        for cover in step.controls:
            if cover.control in apart:
                holds = apart[cover.control].holds * cover.coverage
                controls.append(GraphControl(f"{cover.control}-{step.id}", holds, True))
                cover = Cover(controls[-1].id)
            covers.append(cover)
        steps.append(replace(step, controls=tuple(covers)))
    return replace(graph, steps=tuple(steps), controls=tuple(controls))


def steps_into_the_start(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    fact = rng.choice(graph.facts[1:])
    steps = (Step("home", (fact,), graph.start[0], 0.7), Step("home-alone", (), graph.start[0], 0.2))
    return replace(graph, steps=(*graph.steps, *steps))


def steps_that_need_what_they_gain(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    steps = [Step(f"self-{fact}", (fact,), fact, 1.0) for fact in graph.facts]
    steps += [Step(f"more-{fact}", (graph.start[0], fact), fact, 0.9) for fact in graph.facts]
    return replace(graph, steps=(*graph.steps, *steps))


def impossible_steps(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    return replace(graph, steps=(*graph.steps, *(Step(f"no-{fact}", (), fact, 0.0) for fact in graph.facts)))


def certain_controls_as_no_step(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    """A step behind a control that always holds and covers it whole is no step."""
    wall = Cover("wall")
    steps = tuple(Step(f"walled-{fact}", (), fact, 1.0, (wall,)) for fact in graph.facts)
    return replace(graph, steps=(*graph.steps, *steps), controls=(*graph.controls, GraphControl("wall", 1.0)))


def fact_of_two_ors(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    """A fact with its producers dealt to two new facts, from each of which it follows."""
    tried = {graph.step_by_id[one].gains for one in graph.trial_of}
    fact = rng.choice([one for one in graph.facts if one not in tried])
    steps = [replace(step, gains=f"{fact}-{rng.choice('ab')}") if step.gains == fact else step for step in graph.steps]
    steps += [Step(f"follows-{one}", (f"{fact}-{one}",), fact, 1.0) for one in "ab"]
    return replace(graph, facts=(*graph.facts, f"{fact}-a", f"{fact}-b"), steps=tuple(steps))


def and_of_two_ands(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    """All needs of every step gathered in a fact of its own first."""
    steps, facts = [], list(graph.facts)
    for step in graph.steps:
        facts.append(f"ready-{step.id}")
        steps.append(Step(f"gather-{step.id}", step.needs, facts[-1], 1.0))
        steps.append(replace(step, needs=(facts[-1],)))
    return replace(graph, facts=tuple(facts), steps=tuple(steps))


def start_as_a_step(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    steps = tuple(Step(f"given-{fact}", (), fact, 1.0) for fact in graph.start)
    return replace(graph, start=(), steps=(*graph.steps, *steps))


def in_another_order(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    def shuffled(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(rng.sample(values, len(values)))

    steps = [replace(one, needs=shuffled(one.needs), controls=shuffled(one.controls)) for one in graph.steps]
    return replace(graph, facts=shuffled(graph.facts), steps=shuffled(tuple(steps)), controls=shuffled(graph.controls))


UNCHANGING: tuple[Change, ...] = (
    split_into_series,
    unreachable_cycle,
    needs_twice,
    idle_controls,
    independent_as_many,
    coverage_as_control,
    steps_into_the_start,
    steps_that_need_what_they_gain,
    impossible_steps,
    certain_controls_as_no_step,
    fact_of_two_ors,
    and_of_two_ands,
    start_as_a_step,
    in_another_order,
)


@pytest.mark.parametrize("change", UNCHANGING, ids=lambda one: one.__name__)
def test_what_says_the_same_amounts_to_the_same(change: Change) -> None:
    for seed in range(GRAPHS):
        graph = graph_of(seed)
        before, after = likelihoods(graph), likelihoods(change(graph, random.Random(seed)))
        for fact in graph.facts:
            assert after[fact] == pytest.approx(before[fact], abs=SAME), (seed, fact)


def test_two_ways_side_by_side_amount_to_one() -> None:
    for seed in range(GRAPHS):
        rng = random.Random(seed)
        graph = graph_of(seed)
        state = rng.getstate()
        bare = without_controls_of_one_step(graph, rng)
        rng.setstate(state)
        before, after = likelihoods(bare), likelihoods(split_into_parallel(graph, rng))
        for fact in graph.facts:
            assert after[fact] == pytest.approx(before[fact], abs=SAME), (seed, fact)


def test_names_mean_nothing() -> None:
    for seed in range(GRAPHS):
        graph = graph_of(seed)
        rng = random.Random(seed)

        def names(kind: str, old: list[str], rng: random.Random = rng) -> dict[str, str]:
            return dict(zip(old, rng.sample([f"{kind}{n} “{n}”" for n in range(100)], len(old)), strict=True))

        fact = names("é", list(graph.facts))
        control = names("c", [one.id for one in graph.controls])
        step = names("s", [one.id for one in graph.steps])
        renamed = AttackGraph(
            tuple(fact.values()),
            tuple(fact[one] for one in graph.start),
            tuple(
                Step(
                    step[one.id],
                    tuple(fact[need] for need in one.needs),
                    fact[one.gains],
                    one.chance,
                    tuple(replace(cover, control=control[cover.control]) for cover in one.controls),
                    trial=one.trial and f"{one.trial}é",
                )
                for one in graph.steps
            ),
            tuple(replace(one, id=control[one.id]) for one in graph.controls),
        )
        before, after = likelihoods(graph), likelihoods(renamed)
        for old, new in fact.items():
            assert after[new] == pytest.approx(before[old], abs=SAME), (seed, old)


# ---------------------------------------------------------------- changes that can only raise
def another_step(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    reached = sorted(graph.derivable()[0])
    needs = tuple(sorted(set(rng.choices(reached, k=rng.choice([1, 1, 2])))))
    return replace(graph, steps=(*graph.steps, Step("zz", needs, rng.choice(graph.facts[1:]), 0.8)))


def higher_chance(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    step = some_step(graph, rng)
    return with_step(graph, step, replace(step, chance=step.chance + rng.random() * (1 - step.chance)))


def weaker_control(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    return replace(graph, controls=tuple(replace(one, holds=one.holds * rng.random()) for one in graph.controls))


def less_coverage(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    steps = (
        replace(step, controls=tuple(Cover(one.control, one.coverage * rng.random()) for one in step.controls))
        for step in graph.steps
    )
    return replace(graph, steps=tuple(steps))


def without_a_control(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    gone = {one.id for one in rng.sample(graph.controls, min(1, len(graph.controls)))}
    steps = (replace(step, controls=tuple(c for c in step.controls if c.control not in gone)) for step in graph.steps)
    return replace(graph, steps=tuple(steps), controls=tuple(one for one in graph.controls if one.id not in gone))


def fewer_needs(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    steps = (replace(step, needs=tuple(rng.sample(step.needs, max(0, len(step.needs) - 1)))) for step in graph.steps)
    return replace(graph, steps=tuple(steps))


def larger_start(graph: AttackGraph, rng: random.Random) -> AttackGraph:
    return replace(graph, start=(*graph.start, rng.choice(graph.facts[1:])))


RAISING: tuple[Change, ...] = (
    another_step,
    higher_chance,
    weaker_control,
    less_coverage,
    without_a_control,
    fewer_needs,
    larger_start,
)


@pytest.mark.parametrize("change", RAISING, ids=lambda one: one.__name__)
def test_what_helps_the_attacker_never_lowers_a_likelihood(change: Change) -> None:
    raised = 0
    for seed in range(GRAPHS):
        graph = graph_of(seed)
        before, after = likelihoods(graph), likelihoods(change(graph, random.Random(seed)))
        for fact in graph.facts:
            assert after[fact] >= before[fact] - SAME, (seed, fact)
            raised += after[fact] > before[fact] + 1e-6
    assert raised > 20


@pytest.mark.parametrize("kernel", ["ints", pytest.param("numba", marks=needs_numba)])
@pytest.mark.parametrize("change", RAISING, ids=lambda one: one.__name__)
def test_what_helps_the_attacker_never_saves_a_fact_in_any_world(change: Change, kernel: str) -> None:
    """Where events keep their names and what is folded into them, so that both graphs have the same worlds."""
    raised = asked = 0
    for seed in range(2 * GRAPHS):
        graph = graph_of(seed)
        less, more = (event_graph(one) for one in (graph, change(graph, random.Random(seed))))
        kept = {event.name: event for event in more.events}
        if any(event.members and kept.get(event.name, event).members != event.members for event in less.events):
            continue
        # A step that always succeeds needs no event, and a control that is met no more has none.
        gone = [member for event in less.events if event.name not in kept for member in event.members]
        if any(member.folded or member.step not in more.fixed for member in gone):
            continue
        # Another chance of a try is another share in it of each of its ways.
        if any(
            event.trial and less.graph.chance_of_trial(event.trial) != more.graph.chance_of_trial(event.trial)
            for event in less.events
        ):
            continue
        held = []
        for events in (less, more):
            simulation = Simulation(events, seed)
            words = kernel_of(simulation, kernel).play(Thresholds.of(events.weights()), 3, 16)
            held.append(dict(zip(simulation.arrays.facts, words, strict=True)))
        for fact, worlds in held[0].items():
            if fact in less.between:
                continue
            asked += 1
            assert fact in held[1], (seed, fact)
            assert not (worlds & ~held[1][fact]).any(), (seed, fact)
            raised += int(np.bitwise_count(held[1][fact] & ~worlds).sum()) > 0
    assert asked > 80
    assert raised > 10


@pytest.mark.parametrize("change", RAISING, ids=lambda one: one.__name__)
def test_bounds_hold_for_the_changed_graph_and_from_below_for_the_old_one(change: Change) -> None:
    for seed in range(GRAPHS):
        graph = graph_of(seed)
        changed = change(graph, random.Random(seed))
        before, after = likelihoods(graph), likelihoods(changed)
        arrays = Simulation(event_graph(changed), 1).arrays
        found = bounds(arrays, event_graph(changed).weights())
        for number, fact in enumerate(arrays.facts):
            if fact not in after:
                continue
            assert found.low[number] - SAME <= after[fact] <= found.high[number] + SAME, (seed, fact)
            assert before[fact] <= found.high[number] + SAME, (seed, fact)


def test_a_fact_of_the_start_is_certain_whatever_leads_to_it() -> None:
    for nodes in (0, 60_000):
        for seed in range(20):
            graph = steps_into_the_start(graph_of(seed), random.Random(seed))
            (solution,) = Solver(graph, Options(nodes=nodes, worlds=640)).solve()
            assert solution.of(graph.start[0]).value == 1.0
