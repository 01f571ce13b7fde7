"""The likelihood of every fact and the expected loss: exact where possible, simulated otherwise."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from graphmodel.attackgraph import AttackGraph
from graphmodel.events import EventGraph, event_graph
from graphmodel.exact import DEFAULT_NODES, Diagram, build_diagram
from graphmodel.worlds import chance_interval, mean_interval, simulate

EXACT, SIMULATED = "exact", "simulated"


@dataclass(frozen=True)
class Options:
    """How to compute: ``worlds`` and ``seed`` of a simulation, its ``confidence``, and the size in
    diagram ``nodes`` up to which a fact is computed exactly (0 simulates everything)."""

    seed: int = 1
    worlds: int = 100_000
    confidence: float = 0.99
    nodes: int = DEFAULT_NODES


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval; for an exact one both ends are the number itself."""

    value: float
    low: float
    high: float
    method: str

    @classmethod
    def exactly(cls, value: float) -> Estimate:
        return cls(value, value, value, EXACT)

    @property
    def is_exact(self) -> bool:
        return self.method == EXACT

    def to_json(self, name: str = "value") -> dict[str, Any]:
        return {name: self.value, "low": self.low, "high": self.high, "method": self.method}


@dataclass(frozen=True)
class Case:
    """One question about a graph: other chances to hold, steps that cannot succeed, other losses.

    ``factors`` multiply the chances of steps; ``losses`` None means the graph's own.
    """

    holds: Mapping[str, float] = field(default_factory=dict)
    blocked: Collection[str] = ()
    factors: Mapping[str, float] = field(default_factory=dict)
    losses: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Solution:
    """The answer to a case: the likelihood of each fact, and the expected loss of a campaign.

    Facts that nothing can make true have likelihood 0 and are exact.
    """

    likelihood: Mapping[str, Estimate]
    loss: Estimate

    def of(self, fact: str) -> Estimate:
        return self.likelihood.get(fact, Estimate.exactly(0.0))


class Solver:
    """Solves one attack graph in many cases; the expensive part is done once.

    ``changeable`` names steps that a case will block although they always succeed.
    """

    def __init__(self, graph: AttackGraph, options: Options | None = None, changeable: Collection[str] = ()) -> None:
        self.graph = graph
        self.options = options or Options()
        self.events: EventGraph = event_graph(graph, changeable)

    @cached_property
    def diagram(self) -> Diagram:
        return build_diagram(self.events, self.options.nodes)

    def solve(self, *cases: Case) -> tuple[Solution, ...]:
        """One solution a case, on the same worlds where they are simulated."""
        asked: Sequence[Case] = cases or (Case(),)
        for case in asked:
            fixed = self.events.fixed.intersection(case.blocked) | self.events.fixed.intersection(case.factors)
            if fixed:
                raise ValueError(f"name these steps as changeable before changing them: {', '.join(sorted(fixed))}")
        weights = np.stack([self.events.weights(case.holds, case.blocked, case.factors) for case in asked], axis=1)
        exact = self.diagram.evaluate(weights)
        losses = [self.graph.losses if case.losses is None else case.losses for case in asked]
        simulated = [fact for fact in self.events.facts if fact not in exact]
        if not simulated:
            return tuple(
                Solution(
                    {fact: Estimate.exactly(_clip(values[number])) for fact, values in exact.items()},
                    Estimate.exactly(sum(amount * _clip(exact[fact][number]) for fact, amount in losses[number].items() if fact in exact)),
                )
                for number in range(len(asked))
            )
        open_losses = [{fact: one[fact] for fact in sorted(one) if fact not in exact and fact in simulated} for one in losses]
        tallies = simulate(self.events, weights, open_losses, self.options.seed, self.options.worlds)
        solutions = []
        for number, tally in enumerate(tallies):
            likelihood = {fact: Estimate.exactly(_clip(values[number])) for fact, values in exact.items()}
            for fact in simulated:
                hits = tally.hits.get(fact, 0)
                low, high = chance_interval(hits, tally.worlds, self.options.confidence)
                likelihood[fact] = Estimate(hits / tally.worlds, low, high, SIMULATED)
            known = sum(amount * exact[fact][number] for fact, amount in losses[number].items() if fact in exact)
            loss = Estimate.exactly(float(known))
            if open_losses[number]:
                mean, low, high = mean_interval(tally, self.options.confidence)
                loss = Estimate(known + mean, known + low, known + high, SIMULATED)
            solutions.append(Solution(likelihood, loss))
        return tuple(solutions)


def _clip(value: float) -> float:
    """Rounding may carry a chance beyond its range by a unit in the last place."""
    return min(1.0, max(0.0, float(value)))


def solution_json(solution: Solution, facts: Sequence[str], options: Options) -> dict[str, Any]:
    """The output of ``graphmodel solve``."""
    return {
        "facts": {fact: solution.of(fact).to_json("likelihood") for fact in facts},
        "expected_loss": solution.loss.to_json("amount"),
        "confidence": options.confidence,
        "seed": options.seed,
        "worlds": options.worlds,
    }
