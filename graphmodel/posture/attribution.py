"""Which risks moved because of what: the difference between two states put down to its causes, to the last digit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from graphmodel.engine.estimates import EXACT, SIMULATED, Estimate
from graphmodel.posture.causes import Cause, fewer, together
from graphmodel.posture.changes import Key
from graphmodel.posture.mixtures import Figures, InvalidMixtureError, Mixtures
from graphmodel.posture.shapley import Coalition, contributions, shapley

EXACT_UP_TO = 6
Measure = Callable[[Figures], Estimate]
NOTHING, TOO_MANY, INVALID = "", "many", "invalid"


@dataclass(frozen=True)
class Part:
    """What one cause has of a difference: the exact value, and its interval where anything is simulated or sampled."""

    value: Fraction
    low: float
    high: float
    method: str

    @property
    def estimate(self) -> Estimate:
        return Estimate(float(self.value), self.low, self.high, self.method)


@dataclass(frozen=True)
class Attribution:
    """The difference between two states by cause, in the order of ``causes``.

    ``total``, and ``loss`` and ``likelihood`` by fact, each add up to the difference of the figures of the two states.
    ``joined`` says why causes were put together: not at all, since there were too many, or since mixtures of
    them would be no systems. ``orders`` were sampled, none where all were counted; ``mixtures`` were worked out.
    """

    causes: tuple[Cause, ...]
    total: tuple[Part, ...]
    loss: Mapping[str, tuple[Part, ...]]
    likelihood: Mapping[str, tuple[Part, ...]]
    joined: str
    orders: int
    mixtures: int


def attribute(
    mixtures: Mixtures,
    causes: Sequence[Cause],
    facts: Sequence[str],
    most: int = EXACT_UP_TO,
    orders: int = 0,
    seed: int = 1,
    confidence: float = 0.99,
) -> Attribution:
    """Put the difference down to its causes by Shapley value, over all orders of up to ``most`` causes.

    More are put together by family (see ``causes.fewer``) or, with ``orders``, are kept apart and so many orders
    are sampled: then the parts have an interval with this confidence, and add up all the same. Where some mixture
    of the causes would be no valid system, all that are no controls are put together, and then everything.
    """
    found, joined, sampled = tuple(causes), NOTHING, 0
    if len(found) > most and orders:
        sampled = max(2, orders)
    elif len(found) > most:
        found, joined = fewer(found, most), TOO_MANY
    while True:
        rule = _Sampled(len(found), sampled, seed, confidence) if sampled else _Counted(len(found))
        try:
            return _attribution(mixtures, found, facts, rule, joined)
        except InvalidMixtureError:
            others = together(found, lambda one: one.family != "control")
            found = others if len(others) < len(found) else together(found, lambda one: True)
            joined = INVALID
            sampled = sampled if len(found) > most else 0


def _attribution(
    mixtures: Mixtures, causes: tuple[Cause, ...], facts: Sequence[str], rule: _Counted | _Sampled, joined: str
) -> Attribution:
    def parts(measure: Measure) -> tuple[Part, ...]:
        return rule.parts(lambda chosen: measure(mixtures.figures(_keys(causes, chosen))))

    return Attribution(
        causes,
        parts(lambda one: one.total),
        {fact: parts(_loss(fact)) for fact in facts},
        {fact: parts(_likelihood(fact)) for fact in facts},
        joined,
        rule.orders,
        len(mixtures.known),
    )


def _loss(fact: str) -> Measure:
    return lambda one: one.loss[fact]


def _likelihood(fact: str) -> Measure:
    return lambda one: one.likelihood[fact]


def _keys(causes: Sequence[Cause], chosen: Coalition) -> frozenset[Key]:
    return frozenset(key for number in chosen for key in causes[number].keys)


Worth = Callable[[Coalition], Estimate]


@dataclass(frozen=True)
class _Counted:
    """The Shapley value over all orders."""

    players: int
    orders: int = 0

    def parts(self, worth: Worth) -> tuple[Part, ...]:
        """A part for each player; an interval takes both ends of every figure at their worst."""
        values = shapley(self.players, lambda one: worth(one).value)
        lows, highs = [0.0] * self.players, [0.0] * self.players
        simulated = [False] * self.players
        for player, without, share in _marginals(self.players):
            before, after = worth(without), worth(without | {player})
            lows[player] += share * (after.low - before.high)
            highs[player] += share * (after.high - before.low)
            simulated[player] |= before != after and not (before.is_exact and after.is_exact)
        return tuple(
            Part(value, low, high, SIMULATED) if noisy else Part(value, float(value), float(value), EXACT)
            for value, low, high, noisy in zip(values, lows, highs, simulated, strict=True)
        )


def _marginals(players: int) -> Iterator[tuple[int, Coalition, float]]:
    """Each player with each set of others, and the share of the orders in which these are who came before."""
    for number in range(1 << players):
        chosen = frozenset(one for one in range(players) if number >> one & 1)
        for player in range(players):
            if player not in chosen:
                yield player, chosen, 1 / (players * math.comb(players - 1, len(chosen)))


@dataclass(frozen=True)
class _Sampled:
    """The mean over orders that are drawn by chance; the same seed draws the same orders."""

    players: int
    orders: int
    seed: int
    confidence: float

    def parts(self, worth: Worth) -> tuple[Part, ...]:
        """A part for each player, with the interval of Student's t around its mean."""
        random = np.random.Generator(np.random.Philox(self.seed))
        found = []
        for _ in range(self.orders):
            order = [int(one) for one in random.permutation(self.players)]
            found.append(contributions(order, lambda one: worth(one).value))
        return tuple(self._part([one[player] for one in found]) for player in range(self.players))

    def _part(self, drawn: Sequence[Fraction]) -> Part:
        from scipy.special import stdtrit  # noqa: PLC0415 - slow to import, and needed only for sampled orders

        mean = sum(drawn, Fraction(0)) / len(drawn)
        spread = math.sqrt(sum(float(one - mean) ** 2 for one in drawn) / (len(drawn) - 1) / len(drawn))
        margin = float(stdtrit(len(drawn) - 1, (1 + self.confidence) / 2)) * spread
        return Part(mean, float(mean) - margin, float(mean) + margin, SIMULATED)
