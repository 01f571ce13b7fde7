"""Contributions to expected loss: the share of each asset, each actor and the most probable attack paths.

The expected loss is a sum over actors and facts of weight x likelihood x amount. The weight is the
actor's yearly rate; where no rate is known, it is 1 for the one actor whose campaign costs most as
things stand. The parts by asset and by actor are sums of the same terms and add up to the whole.

The share of a path is the expected loss of those campaigns in which all its steps succeed: weight x
chance of the path x expected loss given that. Paths can succeed together, and what else is lost in
such a campaign counts as well, so their shares overlap and do not add up.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graphmodel.assessment.paths import paths_to, route_of
from graphmodel.assessment.results import Assessment
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.compiled import holds_of
from graphmodel.engine.estimates import SIMULATED, Estimate
from graphmodel.engine.events import EventGraph
from graphmodel.engine.graph import Step
from graphmodel.engine.intervals import Moments, mean_interval
from graphmodel.engine.paths import Path
from graphmodel.knowledge.vocabulary import View

_PAIRS = 24  # actors and facts whose paths are looked at, those that cost most
_PATHS_EACH = 2
_LEAST_WORLDS, _MOST_WORLDS = 1 << 9, 1 << 14
_MOST_WORK = 2_000_000_000  # steps of the graph times worlds times paths, where something is simulated


@dataclass(frozen=True)
class Part:
    """An asset or actor with its part of the expected loss, and that as a share of the whole."""

    id: str
    amount: Estimate
    share: Estimate


@dataclass(frozen=True)
class PathPart:
    """A path of an actor, and the expected loss of the campaigns in which all its steps succeed.

    Paths that differ in certain consequences only are one; ``targets`` are the facts that they lead
    to, that with the largest loss first, which is the target of ``path``.
    """

    actor: str
    targets: tuple[str, ...]
    path: Path
    route: tuple[str, ...]
    amount: Estimate
    share: Estimate


@dataclass(frozen=True)
class Contributions:
    """The parts of ``whole``, the largest first; ``period`` is what the whole is per."""

    period: str
    whole: Estimate
    assets: tuple[Part, ...]
    actors: tuple[Part, ...]
    paths: tuple[PathPart, ...]


def contributions(assessment: Assessment, view: View = View.RESIDUAL, paths: int = 10) -> Contributions:
    """What the expected loss consists of in a view, with this many paths at most."""
    return assessment.recall(
        ("contributions", view, paths), Contributions, lambda: _contributions(assessment, view, paths)
    )


def _contributions(assessment: Assessment, view: View, paths: int) -> Contributions:
    amounts = loss_amounts(assessment.compiled, view)
    cells: dict[tuple[str, str], Estimate] = {}
    for actor, weight in sorted(assessment.weights.items()):
        for fact, amount in amounts.items():
            likelihood = assessment.actor_by_id[actor].likelihood(fact, view)
            if weight * amount * likelihood.high > 0:
                cells[actor, fact] = likelihood.scaled(weight * amount)
    total = _sum(list(cells.values()))
    own = Estimate.total(
        assessment.actor_by_id[actor].solutions[view].loss.scaled(weight)
        for actor, weight in sorted(assessment.weights.items())
    )
    # Of two intervals for the same sum, that of the losses themselves is the narrower.
    whole = Estimate(total.value, own.low, own.high, own.method)
    return Contributions(
        assessment.period,
        whole,
        _parts(cells, {key: key[1].rpartition(":")[0] for key in cells}, whole),
        _parts(cells, {key: key[0] for key in cells}, whole),
        _path_parts(assessment, view, amounts, cells, whole)[:paths],
    )


def _sum(estimates: Sequence[Estimate]) -> Estimate:
    whole = Estimate.total(estimates)
    return Estimate(math.fsum(one.value for one in estimates), whole.low, whole.high, whole.method)


def _parts(
    cells: Mapping[tuple[str, str], Estimate], owner: Mapping[tuple[str, str], str], whole: Estimate
) -> tuple[Part, ...]:
    groups: defaultdict[str, list[Estimate]] = defaultdict(list)
    for key, estimate in cells.items():
        groups[owner[key]].append(estimate)
    sums = {name: _sum(estimates) for name, estimates in groups.items()}
    found = [Part(name, one, one.share_of(whole)) for name, one in sums.items()]
    return tuple(sorted(found, key=lambda one: (-one.amount.value, one.id)))


def _path_parts(
    assessment: Assessment,
    view: View,
    amounts: Mapping[str, float],
    cells: Mapping[tuple[str, str], Estimate],
    whole: Estimate,
) -> tuple[PathPart, ...]:
    found: dict[str, dict[frozenset[str], list[Path]]] = defaultdict(dict)
    for actor, fact in sorted(cells, key=lambda key: (-cells[key].value, key))[:_PAIRS]:
        for path in paths_to(assessment, actor, fact, _PATHS_EACH, view):
            steps = frozenset(step.id for step in path.steps) - assessment.certain
            found[actor].setdefault(steps, []).append(path)
    parts = []
    for actor, families in found.items():
        paths = [family[0] for family in families.values()]
        losses = _given(assessment, actor, view, paths, amounts)
        for family, path, loss in zip(families.values(), paths, losses, strict=True):
            amount = loss.scaled(assessment.weights[actor] * path.chance)
            targets = tuple(dict.fromkeys(one.target for one in family))
            parts.append(PathPart(actor, targets, path, route_of(assessment, path), amount, amount.share_of(whole)))
    return tuple(sorted(parts, key=lambda one: (-one.amount.value, one.actor, one.path.id)))


def _given(
    assessment: Assessment, actor: str, view: View, paths: Sequence[Path], amounts: Mapping[str, float]
) -> list[Estimate]:
    """The expected loss of a campaign given that all steps of each path succeed."""
    one = assessment.actor_by_id[actor]
    holds = holds_of(assessment.compiled, assessment.compiled.in_force(view), one.actor.skill)
    weights = np.stack([conditioned(one.solver.events, path.steps, holds) for path in paths], axis=1)
    events, options = one.solver.events, assessment.options
    exact = one.solver.exact(weights)
    priced = {fact: amount for fact, amount in amounts.items() if fact in events.facts}
    known = [
        math.fsum(amount * exact[fact][n] for fact, amount in priced.items() if fact in exact)
        for n in range(len(paths))
    ]
    rest = {fact: amount for fact, amount in priced.items() if fact not in exact}
    if not rest:
        return [Estimate.exactly(value) for value in known]
    simulation = one.solver.simulation.apart(f"paths of {actor}")
    prices = np.array(list(rest.values()))
    worlds = min(_MOST_WORLDS, max(_LEAST_WORLDS, _MOST_WORK // (len(events.events) * len(paths))))
    lost = np.tensordot(simulation.held(weights, list(rest), 0, worlds), prices, axes=([1], [0]))
    return [
        _estimate(value, row, float(prices.sum()), options.confidence) for value, row in zip(known, lost, strict=True)
    ]


def _estimate(known: float, lost: NDArray[np.float64], most: float, confidence: float) -> Estimate:
    moments = Moments(float(lost.sum()), float((lost * lost).sum()), 0.0, most)
    value, low, high = mean_interval(moments, len(lost), confidence)
    return Estimate(known + value, known + low, known + high, SIMULATED)


def conditioned(events: EventGraph, steps: Iterable[Step], holds: Mapping[str, float]) -> NDArray[np.float64]:
    """The chances of the events given that all of these steps succeed.

    The steps then succeed for certain and nothing that covers them is in force. A control that
    may have been escaped by a coverage below 1 still holds with the chance of Bayes' rule. Given
    that, the events stay independent of each other.
    """
    taken = [events.graph.step_by_id[one.id] for one in steps]
    controls = events.graph.control_by_id
    escapes: dict[str, float] = {}
    for step in taken:
        for cover in step.controls:
            if not controls[cover.control].independent:
                escapes[cover.control] = escapes.get(cover.control, 1.0) * (1.0 - cover.coverage)
    after = dict(holds)
    for name, escape in escapes.items():
        before = holds.get(name, controls[name].holds)
        passed = 1.0 - before * (1.0 - escape)
        after[name] = before * escape / passed if passed > 0 else 0.0
    weights = events.weights(after)
    escaped = {f"cover:{cover.control}:{step.id}" for step in taken for cover in step.controls}
    for number, event in enumerate(events.events):
        if event.name in escaped:
            weights[number] = 0.0
    for step in taken:
        if step.id in events.events_of:
            weights[events.events_of[step.id]] = 1.0
        if step.id in events.trial_of:
            weights[events.trial_of[step.id]] = 1.0
    return weights
