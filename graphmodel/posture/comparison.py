"""Two versions of a system compared: what changed, which risks moved because of what, new ways in, lost evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.paths import paths_to
from graphmodel.assessment.results import Assessment
from graphmodel.engine.estimates import EXACT, SIMULATED, Estimate
from graphmodel.engine.paths import Path, path_chance
from graphmodel.knowledge.vocabulary import Status
from graphmodel.model.system import ControlImplementation
from graphmodel.posture.attribution import EXACT_UP_TO, Attribution, Part, attribute
from graphmodel.posture.causes import State, find_causes
from graphmodel.posture.changes import Change, entry_changes, setting_changes, system_changes
from graphmodel.posture.knowledge import entries_value, settings_value
from graphmodel.posture.mixtures import Figures, Mixtures, figures_of
from graphmodel.posture.record import recorded_figures
from graphmodel.posture.snapshot import Snapshot

PATHS = 3  # to each loss of each actor that are looked at


class IncomparableError(ValueError):
    """That two versions have no losses that could be compared; the text says why and what to do."""


@dataclass(frozen=True)
class Version:
    """One side of a comparison: worked out today, and its record where it is a snapshot.

    ``answers`` are those to a questionnaire by id; None where there is no file of them.
    """

    name: str
    assessment: Assessment
    snapshot: Snapshot | None = None
    answers: Mapping[str, Any] | None = None

    @property
    def state(self) -> State:
        one = self.assessment.compiled
        return State(one.system, one.catalogue, one.settings, one.reach, one.today)

    @property
    def entries(self) -> Mapping[str, Mapping[str, str]]:
        """The catalogue that its results rest on, each entry in a line."""
        return entries_value(self.state.catalogue) if self.snapshot is None else self.snapshot.catalogue


@dataclass(frozen=True)
class NewPath:
    """A way of an actor to a loss that there was none of before, with its chance."""

    actor: str
    path: Path


@dataclass(frozen=True)
class Comparison:
    """What lies between two versions, as things stand; sums are per ``period``, in the currency of the system.

    ``worked_out`` are the figures of both by today's program and knowledge, ``figures`` those that were recorded
    where a version is a snapshot. ``again`` is the part of the difference of the figures that neither of the systems
    has, but the program that worked them out: of the total, and of losses and likelihoods by fact. ``attribution``
    has the rest.
    """

    old: Version
    new: Version
    period: str
    facts: tuple[str, ...]
    system: tuple[Change, ...]
    knowledge: tuple[Change, ...]
    settings: tuple[Change, ...]
    answers: tuple[Change, ...] | None
    worked_out: tuple[Figures, Figures]
    figures: tuple[Figures, Figures]
    attribution: Attribution
    new_paths: tuple[NewPath, ...]
    expired: tuple[ControlImplementation, ...]

    @property
    def changed(self) -> bool:
        return bool(self.system or self.knowledge or self.settings or self.answers or self.expired)

    def again(self, measure: Callable[[Figures], Estimate]) -> Part:
        """What working out again has of the difference: of what was recorded, and is now found to be otherwise."""
        recorded, found = [measure(one) for one in self.figures], [measure(one) for one in self.worked_out]
        before, after = (
            Fraction(one.value) - Fraction(other.value) for one, other in zip(recorded, found, strict=True)
        )
        noisy = any(
            one != other and not (one.is_exact and other.is_exact) for one, other in zip(recorded, found, strict=True)
        )
        value = after - before
        if not noisy:
            return Part(value, float(value), float(value), EXACT)
        (r0, r1), (w0, w1) = recorded, found
        low = (r1.low - w1.high) - (r0.high - w0.low)
        high = (r1.high - w1.low) - (r0.low - w0.high)
        return Part(value, low, high, SIMULATED)


def difference(old: Estimate, new: Estimate) -> Estimate:
    """By how much a figure has risen; both intervals are taken at their worst."""
    if old == new:
        return Estimate.exactly(0.0)
    method = EXACT if old.is_exact and new.is_exact else SIMULATED
    return Estimate(new.value - old.value, new.low - old.high, new.high - old.low, method)


def compare(
    old: Version,
    new: Version,
    most: int = EXACT_UP_TO,
    orders: int = 0,
    paths: int = PATHS,
    heard: Callable[[], None] = lambda: None,
) -> Comparison:
    """Compare two versions; both must be assessed with the same options. See ``attribute`` for ``most`` and ``orders``.

    ``paths`` are looked at for each loss and actor; ``heard`` is told of each mixture of the two that is worked out.
    Raises ``IncomparableError`` where amounts are in different currencies.
    """
    before, after = old.state, new.state
    if before.system.currency != after.system.currency:
        raise IncomparableError(
            f"losses cannot be compared: {old.name} has them in {before.system.currency}, {new.name} in "
            f"{after.system.currency}. State both in one currency."
        )
    yearly = bool(old.assessment.rated and new.assessment.rated)
    facts = tuple(sorted({risk.fact for one in (old, new) for risk in one.assessment.risks}))
    causes = find_causes(before, after)
    options = new.assessment.options
    mixtures = Mixtures((before, after), (old.assessment, new.assessment), causes, facts, yearly, options, heard)
    worked_out = (mixtures.figures(frozenset()), figures_of(new.assessment, facts, yearly))
    recorded = [_recorded(one, found, yearly) for one, found in zip((old, new), worked_out, strict=True)]
    return Comparison(
        old,
        new,
        _period(yearly, old.assessment, new.assessment),
        facts,
        system_changes(before.system, after.system),
        _knowledge(old.entries, new.entries),
        setting_changes(settings_value(before.settings), settings_value(after.settings)),
        None if old.answers is None or new.answers is None else entry_changes("answer", old.answers, new.answers),
        worked_out,
        (recorded[0], recorded[1]),
        attribute(mixtures, causes, facts, most, orders, options.seed, options.confidence),
        tuple(_new_paths(old.assessment, new.assessment, facts, paths)),
        tuple(_expired(before, after)),
    )


def gone_paths(found: Comparison, paths: int = PATHS) -> tuple[NewPath, ...]:
    """The ways to a loss that there were before and are none now: what ``new_paths`` are, seen from the new version."""
    return tuple(_new_paths(found.new.assessment, found.old.assessment, found.facts, paths))


def _recorded(version: Version, worked_out: Figures, yearly: bool) -> Figures:
    if version.snapshot is None:
        return worked_out
    return recorded_figures(version.snapshot.results, worked_out, yearly)


def _period(yearly: bool, *assessments: Assessment) -> str:
    if yearly:
        return "year"
    return "campaign of each actor" if any(len(one.actors) > 1 for one in assessments) else "campaign"


def _knowledge(old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]) -> tuple[Change, ...]:
    return (
        *entry_changes("pattern", old["patterns"], new["patterns"]),
        *entry_changes("control", old["controls"], new["controls"]),
    )


def _new_paths(old: Assessment, new: Assessment, facts: Sequence[str], most: int) -> Iterator[NewPath]:
    """Of the best paths of each actor to each loss, those that could not be taken before.

    A path could be taken before where each of its steps was possible for the actor of this id and no control on
    it held for certain. That another one was better then does not make it new.
    """
    for one in new.actors:
        known = one.actor.id in old.actor_by_id
        graph = graph_in(old, one.actor.id) if known else None
        for fact in facts:
            if fact not in new.risk_by_fact or one.likelihood(fact).value <= 0:
                continue
            for path in paths_to(new, one.actor.id, fact, most):
                before = [graph.step_by_id.get(step.id) for step in path.steps] if graph is not None else [None]
                steps = [step for step in before if step is not None]
                if graph is None or len(steps) < len(before) or path_chance(graph, steps) <= 0:
                    yield NewPath(one.actor.id, path)


def _expired(old: State, new: State) -> Iterator[ControlImplementation]:
    """The implemented controls whose evidence has expired in the new version and had not in the old one."""
    before = {one.id: one for one in old.system.controls}
    for one in new.system.controls:
        if one.status is Status.IMPLEMENTED and _is_expired(one, new.today):
            earlier = before.get(one.id)
            if earlier is None or not _is_expired(earlier, old.today):
                yield one


def _is_expired(control: ControlImplementation, today: str) -> bool:
    return bool(control.evidence_until and today and control.evidence_until < today)
