"""Evaluates the attack graphs for many values of the uncertain inputs at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from graphmodel.assessment.results import ActorResult, Assessment
from graphmodel.engine.intervals import chance_interval
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.campaigns import Price, prices
from graphmodel.losses.inputs import Columns, Input, Values, limiting, uncertain_inputs

_COLUMNS = 128  # evaluated together: few enough to stay in a cache


@dataclass(frozen=True)
class Outcome:
    """Results in columns, one for each choice of inputs.

    ``likelihood`` is that of the worst actor for each fact with a loss; ``campaign`` the expected
    loss of the worst actor's campaign; ``yearly`` that of a year, None where no rate is known.
    """

    likelihood: Mapping[str, Columns]
    campaign: Columns
    yearly: Columns | None


class Propagation:
    """Evaluates the attack graphs of one view.

    ``worlds`` are played, the same in all columns, for the facts that have no exact answer.
    """

    def __init__(self, assessment: Assessment, view: View, worlds: int) -> None:
        self.assessment = assessment
        self.compiled = assessment.compiled
        self.view = view
        self.worlds = worlds
        self.priced: tuple[Price, ...] = prices(self.compiled)
        self.facts = tuple(sorted({one.fact for one in self.priced}))
        self._priced = frozenset(self.facts)

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """The inputs that are ranges."""
        return uncertain_inputs(self.assessment, self.view, self.priced)

    def outcome(self, points: Columns) -> Outcome:
        """The results with the inputs at these points; see ``Values``."""
        parts = [
            self._outcome(Values(self.inputs, points[:, first : first + _COLUMNS]))
            for first in range(0, points.shape[1], _COLUMNS)
        ]
        return Outcome(
            {fact: np.concatenate([one.likelihood[fact] for one in parts]) for fact in self.facts},
            np.concatenate([one.campaign for one in parts]),
            np.concatenate([one.yearly for one in parts if one.yearly is not None]) if self.assessment.rated else None,
        )

    def _outcome(self, values: Values) -> Outcome:
        amounts = self._amounts(values)
        likelihood = {fact: np.zeros(values.count) for fact in self.facts}
        campaign = np.zeros(values.count)
        yearly = np.zeros(values.count)
        for actor in self.assessment.actors:
            loss = np.zeros(values.count)
            for fact, chance in self._likelihoods(actor, values).items():
                likelihood[fact] = np.maximum(likelihood[fact], chance)
                loss += amounts[fact] * chance
            campaign = np.maximum(campaign, loss)
            yearly += values.of_rate(actor) * loss
        return Outcome(likelihood, campaign, yearly if self.assessment.rated else None)

    def _likelihoods(self, actor: ActorResult, values: Values) -> dict[str, Columns]:
        weights = self.weights(actor, values)
        found = {
            fact: np.clip(chance, 0.0, 1.0)
            for fact, chance in actor.solver.exact(weights, needed=self.facts).items()
            if fact in self._priced
        }
        rest = self.simulated(actor)
        if rest:
            simulation = actor.solver.simulation.apart(f"inputs of {actor.actor.id}")
            shares = simulation.held(weights, rest, 0, self.worlds).mean(axis=2)
            found |= {fact: shares[:, number] for number, fact in enumerate(rest)}
        return found

    def simulated(self, actor: ActorResult) -> list[str]:
        """The facts with a loss that have no exact answer for an actor."""
        exact = actor.solver.exact_facts(self.facts)
        return [fact for fact in self.facts if fact in actor.solver.possible and fact not in exact]

    def sampling_errors(self) -> Outcome:
        """Half the width of the sampling intervals, with the inputs at their means, as one column.

        Those of losses add up the intervals of their facts, which is wide enough whatever ties them.
        """
        means = Values(self.inputs, np.full((len(self.inputs), 1), np.nan))
        amounts = self._amounts(means)
        confidence = self.assessment.options.confidence
        likelihood = {fact: np.zeros(1) for fact in self.facts}
        campaign, yearly = np.zeros(1), np.zeros(1)
        for actor in self.assessment.actors:
            rest = self.simulated(actor)
            chances = self._likelihoods(actor, means) if rest else {}
            loss = np.zeros(1)
            for fact in rest:
                low, high = chance_interval(round(float(chances[fact][0]) * self.worlds), self.worlds, confidence)
                likelihood[fact] = np.maximum(likelihood[fact], (high - low) / 2)
                loss += amounts[fact] * (high - low) / 2
            campaign = np.maximum(campaign, loss)
            yearly += means.of_rate(actor) * loss
        return Outcome(likelihood, campaign, yearly if self.assessment.rated else None)

    def _amounts(self, values: Values) -> dict[str, Columns]:
        found = {fact: np.zeros(values.count) for fact in self.facts}
        for price, share in zip(self.priced, self.shares(values), strict=True):
            found[price.fact] += share * values.of_amount(price)
        return found

    def shares(self, values: Values) -> Columns:
        """The part of each loss that its limiting controls leave, as (prices, columns)."""
        found = np.ones((len(self.priced), values.count))
        for row, price in enumerate(self.priced):
            for control in limiting(self.compiled, price, self.view):
                found[row] *= 1.0 - values.of_hold(self.compiled, control) * control.coverage
        return found

    def weights(self, actor: ActorResult, values: Values) -> Columns:
        """The chance of each event of an actor's graph, as (events, columns); see ``EventGraph.weights``."""
        events = actor.solver.events
        held = {
            one.id: values.of_hold(self.compiled, one, actor.actor.skill)
            if self.compiled.counts(one, self.view)
            else np.zeros(values.count)
            for one in self.compiled.preventing
        }

        @cache
        def chance_of(step: str) -> Columns:
            binding = self.compiled.binding_by_id.get(step)
            if binding is None:
                return np.full(values.count, events.graph.step_by_id[step].chance)
            return values.of_chance(self.compiled, binding, actor)

        @cache
        def greatest(trial: tuple[str, ...]) -> Columns:
            found: Columns = np.stack([chance_of(step) for step in trial]).max(axis=0)
            return found

        out = np.empty((len(events.events), values.count))
        for number, event in enumerate(events.events):
            if event.trial:
                out[number] = greatest(event.trial)
                continue
            if not event.members:
                out[number] = held[event.control] if event.control else event.coverage
                continue
            fails = np.ones(values.count)
            for member in event.members:
                chance = chance_of(member.step)
                if member.among:
                    most = greatest(member.among)
                    chance = np.divide(chance, most, out=np.zeros(values.count), where=most > 0)
                for cover in member.folded:
                    chance = chance * (1.0 - held[cover.control] * cover.coverage)
                fails *= 1.0 - chance
            out[number] = 1.0 - fails
        return out
