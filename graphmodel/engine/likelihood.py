"""The solver: likelihood of every fact and expected loss, exact where possible, simulated otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from graphmodel.engine.alike import Alike
from graphmodel.engine.bounds import Bounds, bounds
from graphmodel.engine.cases import Case as Case  # noqa: PLC0414 (said so, it is given on to others)
from graphmodel.engine.cases import Solution as Solution  # noqa: PLC0414 (the same)
from graphmodel.engine.enclosing import narrowed_chances, narrowed_losses
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.events import EventGraph, event_graph
from graphmodel.engine.exact.diagrams import DEFAULT_NODES
from graphmodel.engine.exact.junction import EASY, WIDTH, JunctionTree
from graphmodel.engine.exact.rules import TooWideError
from graphmodel.engine.exact.tiers import PAIRS, Tier, Tiers, never
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.intervals import mean_estimate
from graphmodel.engine.lazily import lazily
from graphmodel.engine.memory import FORGETFUL, Memory
from graphmodel.engine.simulated import NONE, Cored, likelihoods_of, played, rare_likelihoods
from graphmodel.engine.worlds.changes import Change, differences, worlds_for
from graphmodel.engine.worlds.chunks import THREADS, Players
from graphmodel.engine.worlds.simulation import Progress, Simulation

if TYPE_CHECKING:
    from graphmodel.engine.exact.narrowing import Enclosure

WHAT_IF_WORLDS = 1 << 14  # what is compared on the same worlds needs few of them
_MANY = 256  # cases that are worked out at once
FEW = 4  # cases for which an exact answer may take long
_RARE = 1e-4
_CORE = 20  # of the pairs of operators: seldom more than the rest of the answer takes
_WORTH = 2  # times as wide as a certain interval a simulated one is at least where the first is kept
_NARROW = 1e-4  # a certain interval need not be narrower
_ROUNDING = 1e-12  # that what is called exact may be off by


@dataclass(frozen=True)
class Options:
    """How to compute: ``worlds`` and ``seed`` of a simulation, its ``confidence``, and the size in
    diagram ``nodes``, the ``width`` of a junction tree or the ``pairs`` of operators of a tree of cuts up to which
    a fact is computed exactly (0 nodes simulate everything, and use no bounds). Where that is too little for all
    facts, ``parts`` of them are tried.

    With a ``precision`` a simulation ends as soon as the interval of every fact with a loss, or of
    every fact where none has one, is at most that far from its number, and ``worlds`` is the limit.
    ``progress`` hears of every simulation, and may stop it; what is there then is the result.
    ``awaited`` is called between the parts of exact work, whose end nobody knows; it raises to end it without one.
    Where ``hurried`` says so, no more is tried exactly, and what is left is simulated.
    ``players`` play the worlds, and ``memory`` keeps answers; who they are changes no number.
    """

    seed: int = 1
    worlds: int = 100_000
    confidence: float = 0.99
    nodes: int = DEFAULT_NODES
    width: int = WIDTH
    pairs: int = PAIRS
    parts: bool = True
    precision: float | None = None
    progress: Progress | None = field(default=None, compare=False, repr=False)
    awaited: Callable[[], None] | None = field(default=None, compare=False, repr=False)
    hurried: Callable[[], bool] = field(default=never, compare=False, repr=False)
    players: Players = field(default=THREADS, compare=False, repr=False)
    memory: Memory = field(default=FORGETFUL, compare=False, repr=False)


class Solver:
    """Solves one attack graph in many cases; the expensive part is done once.

    ``changeable`` names steps that a case will block although they always succeed.
    """

    def __init__(self, graph: AttackGraph, options: Options | None = None, changeable: Collection[str] = ()) -> None:
        self.graph = graph
        self.options = options or Options()
        self.changeable = frozenset(changeable)
        self._enclosures: tuple[Enclosure, ...] | None = None  # not tried yet
        self._alike = Alike()

    @cached_property
    def events(self) -> EventGraph:
        return event_graph(self.graph, self.changeable)

    @cached_property
    def simulation(self) -> Simulation:
        return Simulation(self.events, self.options.seed, players=self.options.players)

    def solve(
        self, *cases: Case, worlds: int | None = None, facts: Collection[str] | None = None
    ) -> tuple[Solution, ...]:
        """One solution a case, all on the same worlds where they are simulated.

        ``worlds`` asks for so many and no more: what-ifs take few, since they are compared on the
        same ones. ``facts`` are those whose likelihoods are wanted, of all unless given.
        """
        asked: Sequence[Case] = cases or (Case(),)
        for case in asked:
            fixed = self.events.fixed.intersection(case.blocked)
            if fixed:
                raise ValueError(f"name these steps as changeable before changing them: {', '.join(sorted(fixed))}")
        weights = np.stack([self.events.weights(case.holds, case.blocked) for case in asked], axis=1)
        losses = [self.graph.losses if case.losses is None else case.losses for case in asked]
        easily = worlds is not None or len(asked) > FEW
        needed = None if facts is None else {*facts, *(fact for one in losses for fact in one)}
        exact = {fact: np.clip(values, 0.0, 1.0) for fact, values in self.exact(weights, easily, needed).items()}
        for fact in self.events.between:
            exact.pop(fact, None)
        open_facts = (fact for fact in self.possible if fact not in exact)
        simulated = sorted(fact for fact in open_facts if needed is None or fact in needed)
        known = [
            sum(amount * float(exact[fact][n]) for fact, amount in sorted(one.items()) if fact in exact)
            for n, one in enumerate(losses)
        ]
        likelihoods = [
            {fact: Estimate.exactly(float(values[number])) for fact, values in exact.items()}
            for number in range(len(asked))
        ]
        if not simulated:
            return tuple(
                Solution(likelihood, Estimate.exactly(loss), Estimate.exactly(_less(known[0], loss)))
                for likelihood, loss in zip(likelihoods, known, strict=True)
            )
        still_open = set(simulated)
        wanted = simulated if facts is None else [fact for fact in facts if fact in still_open]
        open_losses = [{fact: one[fact] for fact in sorted(one) if fact in still_open} for one in losses]
        cored = NONE if easily else self._cored(weights, simulated)
        told = [one + cored.known(own, n) for n, (one, own) in enumerate(zip(known, open_losses, strict=True))]
        tallies, confidence = played(
            self.simulation, self.options, weights, open_losses, simulated, worlds, bool(wanted), cored
        )
        number_of = self.simulation.arrays.number
        certain: dict[bytes, Bounds] = {}  # cases often differ in losses alone
        for number, (likelihood, tally) in enumerate(zip(likelihoods, tallies, strict=True)):
            likelihood.update(likelihoods_of(tally, wanted, confidence, cored, number))
            if worlds is None and self.options.nodes:
                seen = [fact for fact in open_losses[number] if fact in likelihood and fact not in tally.beside]
                rare = [fact for fact in seen if likelihood[fact].value < _RARE]
                likelihood.update(rare_likelihoods(self.simulation, self.options, rare, weights[:, number], confidence))
                chances = weights[:, number].tobytes()
                if chances not in certain:
                    certain[chances] = bounds(self.simulation.arrays, weights[:, number])
                likelihood.update(certain[chances].certified({fact: likelihood[fact] for fact in wanted}, number_of))
        solutions = tuple(
            Solution(
                likelihood,
                mean_estimate(tally.loss, tally.worlds, confidence, loss),
                mean_estimate(tally.saved, tally.worlds, confidence, told[0] - loss),
                tally.worlds,
            )
            for likelihood, tally, loss in zip(likelihoods, tallies, told, strict=True)
        )
        return solutions if worlds is not None else self._enclosed(solutions, weights, open_losses, known)

    def recalled(
        self, *cases: Case, worlds: int | None = None, facts: Collection[str] | None = None
    ) -> tuple[Solution, ...]:
        """``solve``, or what the memory of the options kept of it."""
        asked = None if facts is None else tuple(facts)
        question = ("solve", self.graph, self.changeable, self.options, cases, worlds, asked)
        work = partial(self.solve, *cases, worlds=worlds, facts=facts)
        count = max(1, len(cases))
        return self.options.memory.recall(question, tuple[Solution, ...], work, lambda one: len(one) == count)

    @cached_property
    def possible(self) -> frozenset[str]:
        """The facts that can come true."""
        return self.events.certain.union(*(one.facts for one in self.events.components)) - self.events.between

    def tiers(self, needed: Collection[str] | None = None) -> tuple[Tier, ...]:
        """What solves facts exactly: those with a loss where no others are ``needed``, which may be far less work."""
        return self._of_losses if needed is not None and self._only_losses(needed) else self._of_all

    def _only_losses(self, facts: Collection[str]) -> bool:
        """Whether no others of these facts are uncertain than those with a loss."""
        return self._uncertain.isdisjoint(set(facts).difference(self.graph.losses))

    @cached_property
    def _uncertain(self) -> frozenset[str]:
        return self.possible - self.events.certain

    @cached_property
    def _tiers(self) -> Tiers:
        options = self.options
        limits = options.nodes, options.width, options.pairs, options.parts
        return Tiers(self.events, self.simulation.arrays, *limits, self._go_on, options.hurried)

    @lazily
    def _of_losses(self) -> tuple[Tier, ...]:
        number = self.simulation.arrays.number
        wanted = sorted(number[fact] for fact in self.graph.losses if fact in number)
        return self._tiers.of(wanted)

    @lazily
    def _of_all(self) -> tuple[Tier, ...]:
        facts, between = self.simulation.arrays.facts, self.events.between
        wanted = [number for number, fact in enumerate(facts) if fact not in between]
        return self._tiers.of(wanted, lambda: self._of_losses if self.graph.losses else None)

    def exact_facts(self, needed: Collection[str] | None = None, easily: bool = False) -> frozenset[str]:
        """The facts that have an exact answer, of those ``needed`` or of all; ``easily`` also in many cases."""
        facts = self.simulation.arrays.facts
        own = (tier.facts for tier in self.tiers(needed) if not easily or tier.cost <= EASY)
        return self.events.certain.union(facts[fact] for fact in frozenset().union(*own))

    def exact(
        self, weights: NDArray[np.float64], easily: bool = True, needed: Collection[str] | None = None
    ) -> dict[str, NDArray[np.float64]]:
        """The chances of the facts that have an exact answer, in each case, of those ``needed`` at least.

        ``easily`` leaves out what takes long; ``weights`` is (events, cases).
        """
        found = dict.fromkeys(sorted(self.events.certain), np.ones(weights.shape[1]))
        tiers = [tier for tier in self.tiers(needed) if not easily or tier.cost <= EASY]
        work = partial(self._evaluated, tiers)
        few = easily and needed is not None and self._only_losses(needed)
        return found | (self._alike.evaluated(weights, work) if few and tiers else work(weights))

    def _evaluated(self, tiers: Sequence[Tier], weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        found: dict[int, NDArray[np.float64]] = {}
        for tier in tiers:
            self._go_on()
            found.update(tier.evaluate(weights))
        return {self.simulation.arrays.facts[fact]: chances for fact, chances in found.items()}

    def _go_on(self) -> None:
        """Raises where nobody waits for exact work any more."""
        if self.options.awaited is not None:
            self.options.awaited()

    def _enclosed(
        self,
        solutions: tuple[Solution, ...],
        weights: NDArray[np.float64],
        losses: Sequence[Mapping[str, float]],
        known: Sequence[float],
    ) -> tuple[Solution, ...]:
        """The solutions with certain intervals for the ``losses`` that are simulated, where these say more.

        ``known`` is what the others come to.
        """
        pairs = [(one.likelihood, fact) for one, own in zip(solutions, losses, strict=True) for fact in own]
        wide = [likelihood[fact].width for likelihood, fact in pairs if fact in likelihood]
        if not wide or not self.options.nodes:
            return solutions
        ends = self._ends(weights, max(wide))
        if not ends:
            return solutions
        likelihoods = narrowed_chances([one.likelihood for one in solutions], ends)
        sums = narrowed_losses([(one.loss, one.saved) for one in solutions], losses, known, ends)
        return tuple(
            replace(one, likelihood=likelihood, loss=loss, saved=saved)
            for one, likelihood, (loss, saved) in zip(solutions, likelihoods, sums, strict=True)
        )

    def _cored(self, weights: NDArray[np.float64], facts: Collection[str]) -> Cored:
        """What a core tells of those of the facts that cost most, in each case."""
        options, arrays, amounts = self.options, self.simulation.arrays, self.graph.losses
        wanted = sorted((fact for fact in amounts if fact in facts), key=lambda fact: (-amounts[fact], fact))
        if not (wanted and options.nodes and options.pairs) or find_spec("numba") is None:
            return NONE
        from graphmodel.engine.exact import cores  # noqa: PLC0415 - compiles its kernels

        if len(arrays.gains) > cores.STEPS:
            return NONE
        numbers = [arrays.number[fact] for fact in wanted[: cores.MOST]]
        pairs, rules = options.pairs // _CORE, self._tiers.rules
        found = cores.core_of(self.simulation, rules, weights, numbers, pairs, self._go_on, options.hurried)
        if found is None:
            return NONE
        return Cored(found.core, {arrays.facts[fact]: own for fact, own in found.chances(weights).items()})

    def _ends(self, weights: NDArray[np.float64], width: float) -> dict[str, NDArray[np.float64]]:
        """The least and the most that the chance of each loss can be, (2, cases); none where that says not much more
        than intervals of this ``width``."""
        if self._enclosures is None:
            arrays, options, found = self.simulation.arrays, self.options, None
            pairs, goal = options.pairs, options.precision
            if goal is None:
                pairs, goal = pairs // 2, _NARROW
            wanted = [arrays.number[fact] for fact in self.graph.losses if fact in arrays.number]
            with suppress(TooWideError):  # there is no more time
                found = self._tiers.enclosed(wanted, weights, pairs, goal, width / _WORTH)
            self._enclosures = () if found is None else (found,)
        facts = self.simulation.arrays.facts
        return {facts[fact]: ends for one in self._enclosures for fact, ends in one.evaluate(weights).items()}

    @lazily
    def is_exact(self) -> bool:
        """Whether every fact with a loss is exact in any number of cases, so that nothing is simulated."""
        return self.exact_facts((), easily=True) >= self.possible.intersection(self.graph.losses)

    def compare(self, case: Case, changes: Sequence[Change]) -> list[Estimate]:
        """How much less is lost with each change of chances than in a case; negative where more is.

        Exact where everything is, and otherwise from one pass over the same worlds, see ``changes``.
        """
        weights = self.events.weights(case.holds, case.blocked)
        losses = self.graph.losses if case.losses is None else case.losses
        if not self.is_exact or not self._only_losses(losses):
            worlds = worlds_for(self.simulation, weights, changes, self.options.worlds)
            found = differences(self.simulation, weights, changes, losses, worlds, progress=self.options.progress)
            return [mean_estimate(one, found.worlds, self.options.confidence, 0.0) for one in found.saved]
        saved, most = dict[int, float](), sum(losses.values())
        # A chance is linear in that of each event, so one that changes alone is told by its slope.
        slopes = self.slopes(weights, losses) if any(len(one) == 1 for one in changes) else None
        for number, change in enumerate(changes):
            if slopes is not None and len(change) == 1:
                ((event, chance),) = change.items()
                now = float((weights[event] - chance) * slopes[event])
                saved[number] = now if abs(now) > _ROUNDING * most else 0.0
        left = [number for number in range(len(changes)) if number not in saved]
        for first in range(0, len(left), _MANY):
            batch = left[first : first + _MANY]
            cases = np.repeat(weights[:, np.newaxis], 1 + len(batch), axis=1)
            for column, number in enumerate(batch, 1):
                for event, chance in changes[number].items():
                    cases[event, column] = chance
            exact = self.exact(cases, needed=())
            totals = sum(
                (amount * exact[fact] for fact, amount in sorted(losses.items()) if fact in exact),
                np.zeros(cases.shape[1]),
            ).tolist()
            saved.update({number: _less(totals[0], one) for number, one in zip(batch, totals[1:], strict=True)})
        return [Estimate.exactly(saved[number]) for number in range(len(changes))]

    def slopes(self, weights: NDArray[np.float64], losses: Mapping[str, float]) -> NDArray[np.float64] | None:
        """The derivative of the expected loss by the chance of each event where these are the ``weights`` (events,).

        None where some loss is in no tier, or in one that tells no derivatives.
        """
        number = self.simulation.arrays.number
        left = {
            number[fact]: amount
            for fact, amount in losses.items()
            if fact in number and fact not in self.events.certain
        }
        found = np.zeros(len(weights))
        for tier in self.tiers(()):
            own = {fact: left.pop(fact) for fact in tier.facts if fact in left}
            if own and isinstance(tier, JunctionTree):
                return None
            if own and not isinstance(tier, JunctionTree):
                found += tier.slopes(weights, own)
        return None if left else found

    def at_stake(self, case: Case, groups: Sequence[Collection[str]], worlds: int) -> list[tuple[float, float]]:
        """For each group of steps the most that blocking them could save, in simulated worlds, and a guess."""
        weights = self.events.weights(case.holds, case.blocked)
        events = [{self.events.events_of[step] for step in group if step in self.events.events_of} for group in groups]
        losses = self.graph.losses if case.losses is None else case.losses
        return self.simulation.loss_through(weights, losses, events, worlds)


def _less(first: float, second: float) -> float:
    """The difference of two exact losses; none where rounding alone may have made it."""
    return first - second if abs(first - second) > _ROUNDING * max(abs(first), abs(second)) else 0.0
