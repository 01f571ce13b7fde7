"""Puts questions in the order of how far their answers move the numbers: each possible answer is tried on the graph.

Trying is quick and rough: for each fact the chance of its best way, by anybody who attacks, and of that the sum over
what is at stake. It orders questions; it is no assessment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.attackgraph import entry_facts
from graphmodel.binding.bodies import TooManyError
from graphmodel.binding.compiled import Compiled, compile_system
from graphmodel.engine.derivations import best_chances
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Skill, View
from graphmodel.model.accounts import MOST_MOVED, Answer, Question
from graphmodel.model.checks import check_system
from graphmodel.model.system import Actor, Held, System

MOST_TRIED = 120  # answers that are tried; questions beyond keep their order
_WORK = 15_000  # times assets; of larger systems fewer answers are tried
_ENTRIES = ("WebApplication", "ApiGateway", "Prompted")
_OUTSIDE = ("UserContent", "DataSource", "PublicHub")


@dataclass(frozen=True)
class Weighed:
    """A question, and by which part of what may be lost its answers move that, at most ``MOST_MOVED``; None where no
    answer can be tried."""

    question: Question
    moves: float | None


def weighed(asked: Sequence[Question], system: System, catalogue: Catalogue, settings: Settings) -> tuple[Weighed, ...]:
    """The questions, those first without which there are no numbers, then by how far the answers move the sum.

    As long as no loss is stated, every part counts alike; as long as there is no actor, an outsider is at whatever
    usually faces the outside.
    """
    first = [one for one in asked if one.first]
    rest = [one for one in asked if not one.first]
    left = min(MOST_TRIED, _WORK // max(1, len(system.assets)))
    if not left:
        return tuple(Weighed(one, None) for one in (*first, *rest))
    trial = _Trial(system, catalogue, settings)
    found = []
    for one in rest:
        moves = None
        if one.answers and left > 0:
            tried = one.answers[:left]
            left -= len(tried)
            moves = trial.moves(tried)
        elif one.about in system.asset_by_id and left > 0:
            left -= 1
            moves = trial.hangs_on(one.about)
        found.append(Weighed(one, moves))
    order = sorted(range(len(found)), key=lambda number: (_rank(found[number].moves), number))
    return (*(Weighed(one, None) for one in first), *(found[number] for number in order))


def _rank(moves: float | None) -> tuple[int, float]:
    """Those that move something, then those of which nobody can tell, then those that move nothing."""
    if moves is None:
        return 1, 0.0
    return (0, -moves) if moves > 0 else (2, 0.0)


class _Trial:
    def __init__(self, system: System, catalogue: Catalogue, settings: Settings) -> None:
        self.catalogue, self.settings = catalogue, settings
        self.system = system if system.actors else replace(system, actors=(_anybody(system, catalogue),))
        self.compiled = self.bound(self.system)
        self.amounts: Mapping[str, float] = {}
        if self.compiled is not None:
            self.amounts = loss_amounts(self.compiled, View.INHERENT) or dict.fromkeys(self.stakes(), 1.0)
        self.base = self.sum(self.compiled)

    def bound(self, system: System) -> Compiled | None:
        try:
            return compile_system(system, self.catalogue, self.settings)
        except TooManyError:
            return None

    def moves(self, answers: Sequence[Answer]) -> float:
        """The largest change of the sum that an answer makes, as a part of what it is now."""
        return max((self.moved(one) for one in answers), default=0.0)

    def moved(self, answer: Answer) -> float:
        system = self.changed(answer)
        if system is None or any(one.level == "error" for one in check_system(system, self.catalogue)):
            return 0.0
        now = {answer.value: answer.about} if answer.kind == "same" else {}
        return self.part(self.sum(self.bound(system), now=now))

    def part(self, value: float) -> float:
        moved = abs(value - self.base)
        return 0.0 if not moved else min(MOST_MOVED, moved / self.base) if self.base > 0 else MOST_MOVED

    def hangs_on(self, asset: str) -> float:
        """The part of the sum that is gone where nothing happens to an asset."""
        return self.part(self.sum(self.compiled, asset))

    def changed(self, answer: Answer) -> System | None:
        """The system as it is with an answer; None where that means nothing in it."""
        known = self.system.asset_by_id
        if answer.kind == "type" and answer.about in known and answer.value in self.catalogue.types:
            one = replace(known[answer.about], type=answer.value)
            return replace(self.system, assets=tuple(one if each.id == one.id else each for each in self.system.assets))
        if answer.kind == "trust" and answer.value.isdigit():
            zones = (
                replace(one, trust=int(answer.value)) if one.id == answer.about else one for one in self.system.zones
            )
            return replace(self.system, zones=tuple(zones))
        if answer.kind == "same" and {answer.about, answer.value} <= set(known):
            return _merged(self.system, answer.value, answer.about)
        return None

    def sum(self, compiled: Compiled | None, without: str = "", now: Mapping[str, str] | None = None) -> float:
        """What is at stake times the chance of its best way; ``now`` has other names for assets."""
        if compiled is None:
            return 0.0
        best, total = _best(compiled, without), 0.0
        for fact, amount in self.amounts.items():
            asset, _, capability = fact.rpartition(":")
            total += amount * best.get(f"{(now or {}).get(asset, asset)}:{capability}", 0.0)
        return total

    def stakes(self) -> list[str]:
        found = []
        for one in self.system.assets:
            data = self.catalogue.is_a(one.type, "DataAsset") or self.catalogue.is_a(one.type, "DataStore")
            for capability in (Capability.READ, Capability.WRITE) if data else (Capability.RUN,):
                found.append(str(Held(one.id, capability)))
        return found


def _anybody(system: System, catalogue: Catalogue) -> Actor:
    def of(types: Sequence[str]) -> list[str]:
        return [one.id for one in system.assets if any(catalogue.is_a(one.type, type_) for type_ in types)]

    faced = of(_ENTRIES) or of(("Component",))
    starts = [Held(one, Capability.CONNECT) for one in faced]
    starts += [Held(one, Capability.WRITE) for one in of(_OUTSIDE) if catalogue.is_a(_type(system, one), "DataAsset")]
    return Actor("anybody", "Anybody", ActorKind.OUTSIDER, starts=tuple(starts))


def _type(system: System, id_: str) -> str:
    return system.asset_by_id[id_].type


def _merged(system: System, gone: str, kept: str) -> System:
    """The system in which one asset is another one."""

    def now(id_: str) -> str:
        return kept if id_ == gone else id_

    flows = tuple(
        replace(
            one, origin=now(one.origin), target=now(one.target), opened_by=now(one.opened_by) if one.opened_by else None
        )
        for one in system.flows
    )
    dependencies = (replace(one, origin=now(one.origin), target=now(one.target)) for one in system.dependencies)
    actors = tuple(
        replace(one, starts=tuple(dict.fromkeys(Held(now(held.asset), held.capability) for held in one.starts)))
        for one in system.actors
    )
    return replace(
        system,
        assets=tuple(one for one in system.assets if one.id != gone),
        flows=tuple(one for one in flows if one.origin != one.target),
        dependencies=tuple({one.id: one for one in dependencies if one.origin != one.target}.values()),
        actors=actors,
        controls=tuple(replace(one, protects=tuple(dict.fromkeys(map(now, one.protects)))) for one in system.controls),
        losses=tuple(replace(one, held=Held(now(one.held.asset), one.held.capability)) for one in system.losses),
    )


def _best(compiled: Compiled, without: str = "") -> dict[str, float]:
    """For each fact the chance of its best way from where anybody starts, by the chances of the steps alone."""
    kinds = {one.kind for one in compiled.system.actors}
    steps: list[tuple[Collection[str], str, float]] = [
        ((), fact, 1.0)
        for one in compiled.system.actors
        for fact in entry_facts(compiled, one)
        if fact.rpartition(":")[0] != without
    ]
    steps += [
        (binding.needs, binding.gains, compiled.chance(binding, Skill.SKILLED).mean)
        for binding in compiled.bindings
        if binding.gains.rpartition(":")[0] != without and any(binding.pattern.works_for(one) for one in kinds)
    ]
    return best_chances(steps)
