"""The chance of each step and the chance that each control holds, in a system joined with a catalogue.

The formulas are those of ``docs/method.md``; everything is linear in the elements of the system times
the patterns that speak of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from graphmodel.binding.credit import Credit
from graphmodel.binding.evidence import Comparison, Measurements
from graphmodel.binding.patterns import Binding, bound_system, element_types
from graphmodel.binding.relations import Reach
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import (
    Capability,
    Catalogue,
    Control,
    ControlFunction,
    Evidence,
    Range,
    Skill,
    Status,
    View,
)
from graphmodel.model.system import ControlImplementation, Held, Loss, Override, System


@dataclass(frozen=True, slots=True)
class Stake:
    """A fact that a stated loss is lost with, and the share of it that is."""

    held: Held
    loss: Loss
    share: float = 1.0


@dataclass(frozen=True)
class Compiled:
    """What a system and a catalogue amount to, for any actor and any choice of controls.

    ``elements`` has the type of every asset and zone by id; ``unused_overrides`` are those whose
    threat does not concern their asset.
    """

    system: System
    catalogue: Catalogue
    settings: Settings
    reach: Reach
    today: str
    bindings: tuple[Binding, ...]
    elements: Mapping[str, str]
    unused_overrides: tuple[Override, ...] = ()

    @cached_property
    def binding_by_id(self) -> Mapping[str, Binding]:
        return {one.id: one for one in self.bindings}

    @cached_property
    def ways_of(self) -> Mapping[tuple[str, str], tuple[Binding, ...]]:
        """For each fact that a step gains, and each trial, the steps that are ways of it."""
        found: defaultdict[tuple[str, str], list[Binding]] = defaultdict(list)
        for one in self.bindings:
            found[one.gains, one.trial].append(one)
        return {key: tuple(ways) for key, ways in found.items()}

    @cached_property
    def credit(self) -> Credit:
        """Which controls cover and protect what."""
        return Credit(self.system, self.catalogue, self.elements, self.bindings)

    @cached_property
    def covers(self) -> Mapping[str, tuple[str, ...]]:
        """For each step the ids of the preventing implementations that cover it, whatever their status."""
        return self.credit.by_step(self.preventing)

    # ------------------------------------------------------------ chances
    def chance(self, binding: Binding, skill: Skill) -> Range:
        """The chance of a step against an actor of this skill, before any control."""
        override = self.override_of.get((binding.pattern.id, binding.asset))
        if override is not None:
            return override.chance if override.chance is not None else Range.point(0.0)
        update = self.measurements.update(binding, skill)
        return update.chance if update is not None else self.stated_chance(binding, skill)

    def stated_chance(self, binding: Binding, skill: Skill) -> Range:
        """What the catalogue says of the chance of a step, with a prevalence of 1 where the weakness was found."""
        pattern = binding.pattern
        prevalence = 1.0 if binding.id in self.measurements.weaknesses else pattern.prevalence
        if pattern.chance is not None:
            return pattern.chance.scaled(prevalence)
        if pattern.maturity is None:
            raise ValueError(f"{pattern.id} has neither chance nor maturity")
        return self.settings.chance[pattern.maturity, skill].scaled(prevalence)

    @cached_property
    def measurements(self) -> Measurements:
        """What tests and scans of the system say of its steps and controls."""
        return Measurements(self)

    @cached_property
    def override_of(self) -> Mapping[tuple[str, str], Override]:
        return {(one.threat, one.asset): one for one in self.system.overrides}

    # ------------------------------------------------------------ losses
    @cached_property
    def stakes(self) -> tuple[Stake, ...]:
        """What the facts of the system cost: a loss by reading lies in part with inference, where that is possible
        and has no loss of its own, so that who reads loses all of it and who infers a share."""
        inferred = {
            one.asset for one in self.bindings if one.gained is Capability.INFER and not one.pattern.propagation
        }
        inferred -= {one.held.asset for one in self.system.losses if one.held.capability is Capability.INFER}
        share, found = self.settings.inferred_share, []
        for loss in self.system.losses:
            if loss.held.capability is Capability.READ and loss.held.asset in inferred and share > 0:
                found.append(Stake(loss.held, loss, 1 - share))
                found.append(Stake(Held(loss.held.asset, Capability.INFER), loss, share))
            else:
                found.append(Stake(loss.held, loss))
        return tuple(found)

    @cached_property
    def lost_on(self) -> Mapping[str, tuple[Capability, ...]]:
        """The facts with a loss that nothing leads to, whoever attacks, and what can be had on their assets instead."""
        gained: defaultdict[str, set[Capability]] = defaultdict(set)
        for one in self.bindings:
            gained[one.asset].add(one.gained)
        held = {str(one) for actor in self.system.actors for one in actor.starts}
        return {
            str(loss.held): tuple(one for one in Capability if one in gained[loss.held.asset])
            for loss in self.system.losses
            if loss.held.capability not in gained[loss.held.asset] and str(loss.held) not in held
            if loss.held.capability not in (Capability.REACH, Capability.CONNECT)
        }

    # ------------------------------------------------------------ controls
    def holds(self, control: ControlImplementation, skill: Skill) -> float:
        """The chance that a preventing implementation holds against an actor of this skill: its greatest strength
        times the factor of its evidence. Against a single threat it is ``ratio`` times that."""
        return self.strength(control, skill).mean * self.evidence_factor(control)

    @cached_property
    def held_against(self) -> Mapping[Skill, tuple[tuple[str, float], ...]]:
        """The preventing implementations by id, each with the chance that it holds against an actor of a skill."""
        return {skill: tuple((one.id, self.holds(one, skill)) for one in self.preventing) for skill in Skill}

    def avoids(self, control: ControlImplementation) -> float:
        """The share of a loss that a limiting implementation avoids where it is in force, before its coverage."""
        return self.strength(control, Skill.SKILLED).mean * self.evidence_factor(control)

    def strength(self, control: ControlImplementation, skill: Skill) -> Range:
        """The greatest strength of an implementation; 0 for a control that is not known.

        One that the model states is that against a skilled actor and the threat that the control is strongest
        against; others follow in the ratios of the catalogue, as they do where two tests have measured it.
        """
        if control.control is None:
            return Range.point(0.0)
        measured = self.measured_strength(control)
        if measured is not None:
            ratio = self.ratio(control, measured.without.threat, skill)
            return measured.effects[skill].range.scaled(1 / ratio).at_most(1.0) if ratio > 0 else Range.point(0.0)
        kind = self.catalogue.controls[control.control]
        if self.budgeted(control):
            return max((self._against(control, one, skill) for one in sorted(kind.mitigates)), key=lambda one: one.mean)
        return self._stated(control, self._greatest[kind.id, skill])

    def budgeted(self, control: ControlImplementation) -> frozenset[str]:
        """The threats against which the budget of an implementation says how strong it is."""
        kind = self.catalogue.controls.get(control.control or "")
        if control.budget is None or kind is None or self.measured_strength(control) is not None:
            return frozenset()
        return kind.mitigates & self.settings.queries.needed.keys()

    def _stated(self, control: ControlImplementation, usual: Range) -> Range:
        """What the catalogue says of a control's strength, in the ratio of what the model states of it."""
        if control.strength is None:
            return usual
        skilled = self._greatest[control.control or "", Skill.SKILLED].mean
        return control.strength.scaled(usual.mean / skilled).at_most(1.0) if skilled > 0 else control.strength

    def _against(self, control: ControlImplementation, threat: str, skill: Skill) -> Range:
        """The strength of an implementation with a budget against one threat."""
        if threat in self.budgeted(control) and control.budget is not None:
            return Range.point(self.settings.queries.stopped(threat, control.budget, skill))
        return self._stated(control, self.catalogue.controls[control.control or ""].strength_against(threat).of(skill))

    def ratio(self, control: ControlImplementation, threat: str, skill: Skill) -> float:
        """The strength of an implementation against a threat as a share of its greatest."""
        if control.budget is not None and self.budgeted(control):
            greatest = self.strength(control, skill).mean
            return self._against(control, threat, skill).mean / greatest if greatest > 0 else 1.0
        return self._ratios[control.control or "", threat, skill]

    @cached_property
    def _greatest(self) -> Mapping[tuple[str, Skill], Range]:
        return {(one.id, skill): one.greatest(skill) for one in self.catalogue.controls.values() for skill in Skill}

    @cached_property
    def _ratios(self) -> Mapping[tuple[str, str, Skill], float]:
        return {
            (one.id, threat, skill): share
            for one in self.catalogue.controls.values()
            for skill in Skill
            for threat, share in one.ratios(skill).items()
        }

    def measured_strength(self, control: ControlImplementation) -> Comparison | None:
        """The two tests, with and without it, that say how strong an implementation is; None where there are none."""
        return self.measurements.measured_strength.get(control.id) if self.system.evidence else None

    def cover(self, control: ControlImplementation, binding: Binding, skill: Skill) -> float:
        """The share of the chance of a step that an implementation which covers it takes while it holds."""
        share = self.covered_share(control, binding, skill)
        return control.coverage * self.ratio(control, binding.pattern.id, skill) * share

    def covered_share(self, control: ControlImplementation, binding: Binding, skill: Skill) -> float:
        """The share of its usual cover that a control has on a step: below 1 where a test with it found more hits
        than it would let pass."""
        if (binding.pattern.id, binding.asset) in self.override_of:
            return 1.0
        update = self.measurements.update(binding, skill)
        return update.covered if update is not None and control.id in update.controls else 1.0

    def evidence_factor(self, control: ControlImplementation) -> float:
        """What the strength of an implementation is multiplied by, for how it is known to work."""
        if self.measured_strength(control) is not None:
            return self.settings.evidence[Evidence.TESTED]
        return self.settings.evidence_factor(control.evidence, control.evidence_until, self.today)

    def counts(self, control: ControlImplementation, view: View) -> bool:
        """Whether a control implementation counts in this view."""
        if view is View.INHERENT:
            return False
        if view is View.RESIDUAL:
            return control.status is Status.IMPLEMENTED
        return control.status in (Status.IMPLEMENTED, Status.PLANNED)

    def in_force(self, view: View) -> frozenset[str]:
        """The ids of all control implementations that count in a view."""
        return frozenset(one.id for one in self.system.controls if self.counts(one, view))

    @cached_property
    def preventing(self) -> tuple[ControlImplementation, ...]:
        """The implementations that prevent and have not been retired, in order of id."""
        return tuple(one for one in self._known if self._kind(one).function is ControlFunction.PREVENT)

    @cached_property
    def limiting(self) -> tuple[tuple[ControlImplementation, Control], ...]:
        """The implementations that limit any loss and have not been retired, each with its control, in order of id."""
        return tuple((one, self._kind(one)) for one in self._known if self._kind(one).limits)

    @cached_property
    def _known(self) -> tuple[ControlImplementation, ...]:
        current = [one for one in self.system.controls if one.control is not None and one.status is not Status.RETIRED]
        return tuple(sorted(current, key=lambda one: one.id))

    def _kind(self, control: ControlImplementation) -> Control:
        return self.catalogue.controls[control.control or ""]


def holds_of(compiled: Compiled, active: Collection[str], skill: Skill) -> dict[str, float]:
    """For each preventing implementation the chance that it holds against an actor, with exactly these in force."""
    return {name: holds if name in active else 0.0 for name, holds in compiled.held_against[skill]}


def compile_system(
    system: System,
    catalogue: Catalogue,
    settings: Settings,
    reach: Reach = Reach.DATA,
    today: str = "",
) -> Compiled:
    """Bind every pattern of the catalogue to the assets of a system.

    The system must be free of errors. ``today`` (ISO date) is what evidence expires against; empty
    means that nothing has expired. Raises ``bodies.TooManyError`` for a pattern that would be too many steps.
    """
    bindings = bound_system(system, catalogue, reach)
    excluded = {(one.threat, one.asset) for one in system.overrides if one.excluded}
    bound = {(one.pattern.id, one.asset) for one in bindings}
    return Compiled(
        system=system,
        catalogue=catalogue,
        settings=settings,
        reach=reach,
        today=today,
        bindings=tuple(one for one in bindings if (one.pattern.id, one.asset) not in excluded),
        elements=element_types(system),
        unused_overrides=tuple(one for one in system.overrides if (one.threat, one.asset) not in bound),
    )
