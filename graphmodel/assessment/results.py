"""The result of an assessment, as a value: likelihood and loss for every actor, fact and asset in each view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphmodel.binding.compiled import Compiled
from graphmodel.engine.estimates import ENCLOSED, Estimate
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Options, Solution, Solver
from graphmodel.engine.memory import FORGETFUL, Answer, sound
from graphmodel.knowledge.vocabulary import Capability, Severity, View
from graphmodel.model.system import Actor, Asset, Held

# To be reached is not yet to be harmed; an asset falls when one of these is lost.
HARMS = (Capability.READ, Capability.WRITE, Capability.HIJACK, Capability.RUN, Capability.DENY)
NEVER = Estimate.exactly(0.0)


@dataclass(frozen=True)
class ActorResult:
    """One actor's attack graph with its solution in each view.

    The graph holds every preventing implementation that is not retired, whether it counts or not.
    ``given`` are the facts that the actor holds by position: the start, and what follows for certain.
    """

    actor: Actor
    graph: AttackGraph
    solver: Solver
    solutions: Mapping[View, Solution]
    given: frozenset[str]

    @property
    def rate(self) -> float | None:
        """Campaigns a year; None where the model gives no rate."""
        return self.actor.attempts_per_year.mean if self.actor.attempts_per_year else None

    def likelihood(self, fact: str, view: View = View.RESIDUAL) -> Estimate:
        return self.solutions[view].of(fact)


@dataclass(frozen=True)
class Risk:
    """One fact that costs something: how likely its worst actor makes it true, and what that costs.

    ``amount`` is what it costs once, in each view; ``expected`` is likelihood times amount for the
    worst actor's campaign; ``yearly`` sums rate times likelihood times amount over the actors whose
    rate is known, None where there is none. Amounts are in the system's currency.
    """

    held: Held
    severity: Severity
    amount: Mapping[View, float]
    likelihood: Mapping[View, Estimate]
    actor: str
    band: str
    risk: str
    expected: Mapping[View, Estimate]
    yearly: Mapping[View, Estimate] | None
    yearly_chance: Estimate | None
    impacts: tuple[str, ...]
    description: str

    @property
    def fact(self) -> str:
        return str(self.held)


@dataclass(frozen=True)
class AssetResult:
    """One asset: the likelihood that it falls to its worst actor, and the losses on its facts.

    It falls when somebody reads, writes, runs or denies it who does not hold that by position; the
    likelihood is that of the likeliest of these, which ``fact`` names.
    """

    asset: Asset
    likelihood: Mapping[View, Estimate]
    band: str
    actor: str
    fact: str
    facts: Mapping[str, Estimate]
    expected: Mapping[View, Estimate]
    risk: str


@dataclass(frozen=True, eq=False)
class Actors:
    """Every actor's result, and what they come to together."""

    actors: tuple[ActorResult, ...]

    @cached_property
    def actor_by_id(self) -> Mapping[str, ActorResult]:
        return {one.actor.id: one for one in self.actors}

    def worst(self, fact: str, view: View = View.RESIDUAL) -> tuple[ActorResult | None, Estimate]:
        """The actor who makes a fact true most likely; of equals, the first by id."""
        best: ActorResult | None = None
        for one in self.actors:
            if best is None or one.likelihood(fact, view).value > best.likelihood(fact, view).value:
                best = one
        return (best, best.likelihood(fact, view)) if best else (None, NEVER)

    @property
    def worst_actor(self) -> ActorResult | None:
        """The actor whose campaign costs most as things stand."""
        return max(self.actors, key=lambda one: one.solutions[View.RESIDUAL].loss.value) if self.actors else None

    @property
    def rated(self) -> tuple[ActorResult, ...]:
        """The actors whose yearly rate is known."""
        return tuple(one for one in self.actors if one.rate is not None)

    @property
    def period(self) -> str:
        """What compared sums are per: ``year`` where any yearly rate is known, else ``campaign``, one of each actor."""
        if self.rated:
            return "year"
        return "campaign of each actor" if len(self.actors) > 1 else "campaign"

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """How much a campaign of each actor counts when sums are compared.

        Where any yearly rate is known it is the rate, so that sums are losses a year; otherwise each actor
        counts with one campaign, so that what only a lesser actor can do is not taken for nothing.
        """
        if self.rated:
            return {one.actor.id: one.rate for one in self.rated if one.rate}
        return {one.actor.id: 1.0 for one in self.actors}

    def expected_loss(self, view: View = View.RESIDUAL) -> Estimate:
        """The expected loss of one campaign of the worst actor, in the system's currency."""
        losses = [one.solutions[view].loss for one in self.actors]
        return max(losses, key=lambda one: one.value) if losses else NEVER

    def yearly_loss(self, view: View = View.RESIDUAL) -> Estimate | None:
        """Expected loss a year: campaigns arrive independently at each actor's rate, and losses add up.

        None where no actor has a rate.
        """
        if not self.rated:
            return None
        return Estimate.total(one.solutions[view].loss.scaled(one.rate or 0.0) for one in self.rated)

    @cached_property
    def enclosed(self) -> bool:
        """Whether some interval is certain: worked out, and not simulated."""
        solutions = [solution for one in self.actors for solution in one.solutions.values()]
        return any(each.method == ENCLOSED for one in solutions for each in one.likelihood.values())

    @property
    def worlds(self) -> int:
        """The fewest worlds that any simulated number rests on; none where all numbers are exact."""
        played = [solution.worlds for one in self.actors for solution in one.solutions.values() if solution.worlds]
        return min(played, default=0)


@dataclass(frozen=True, eq=False)
class Assessment(Actors):
    """The result for a whole system.

    ``risks`` are the facts with a loss and ``assets`` all assets, each the largest expected loss first
    (a risk's of a year where rates are known); ``certain`` are the steps by which attack paths do not differ.
    """

    compiled: Compiled
    options: Options
    risks: tuple[Risk, ...]
    assets: tuple[AssetResult, ...]
    certain: frozenset[str]

    def recall(
        self, question: Sequence[Any], kind: Any, work: Callable[[], Answer], fit: Callable[[Answer], bool] = sound
    ) -> Answer:
        """The answer to a question about this assessment, from the memory of its options or else by ``work``."""
        memory, one = self.options.memory, self.compiled
        if memory is FORGETFUL:
            return work()
        basis = (one.system, one.catalogue, one.settings, one.reach, one.today, self.options)
        return memory.recall((*question, *basis), kind, work, fit)

    @cached_property
    def asset_by_id(self) -> Mapping[str, AssetResult]:
        return {one.asset.id: one for one in self.assets}

    @cached_property
    def risk_by_fact(self) -> Mapping[str, Risk]:
        return {one.fact: one for one in self.risks}
