"""System x Catalogue -> the bindings of patterns to assets, and an ``AttackGraph`` for each actor.

Everything here is linear in the elements of the system times the patterns that speak of them.
Which relations a flow or a zone stands for is set out in ``docs/method.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import (
    Capability,
    Catalogue,
    ControlFunction,
    Range,
    Skill,
    Status,
    ThreatPattern,
    View,
)
from graphmodel.model.system import Actor, ControlImplementation, Flow, Held, Loss, Override, System

ZONE_TYPE = "Zone"
GRANTED = "granted:"


class Reach(StrEnum):
    """How far an attacker gets along a flow.

    ``data``: only the way the data go, and back where something comes back. ``both``: every link
    is open at both ends, as on a bus; threat models that draw links without direction mean this.
    """

    DATA = "data"
    BOTH = "both"


@dataclass(frozen=True)
class Binding:
    """A pattern bound to assets: one step before its chance is known.

    ``origins`` are the ids of the flows and dependencies that make the relation hold; all of them
    must be protected before a control on flows covers the step.
    """

    pattern: ThreatPattern
    asset: str
    other: str | None = None
    origins: tuple[str, ...] = ()

    @cached_property
    def id(self) -> str:
        return f"{self.pattern.id}:{self.asset}" + (f"<{self.other}" if self.other is not None else "")

    @property
    def gains(self) -> str:
        return f"{self.asset}:{self.pattern.gains}"

    @property
    def needs(self) -> tuple[str, ...]:
        own = [f"{self.asset}:{one}" for one in self.pattern.needs]
        return (*own, *(f"{self.other}:{one}" for one in self.pattern.other_needs))


@dataclass(frozen=True)
class Compiled:
    """What a system and a catalogue amount to, for any actor and any choice of controls."""

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
    def covers(self) -> Mapping[str, tuple[str, ...]]:
        """For each step the ids of the preventing implementations that cover it, whatever their status."""
        return coverage(self, self.preventing)

    @cached_property
    def override_of(self) -> Mapping[tuple[str, str], Override]:
        return {(one.threat, one.asset): one for one in self.system.overrides}

    def chance(self, binding: Binding, skill: Skill) -> Range:
        """The chance of a step against an actor of this skill, before any control."""
        override = self.override_of.get((binding.pattern.id, binding.asset))
        if override is not None:
            return override.chance if override.chance is not None else Range.point(0.0)
        pattern = binding.pattern
        if pattern.chance is not None:
            return pattern.chance.scaled(pattern.prevalence)
        if pattern.maturity is None:
            raise ValueError(f"{pattern.id} has neither chance nor maturity")
        return self.settings.chance[pattern.maturity, skill].scaled(pattern.prevalence)

    def holds(self, control: ControlImplementation) -> float:
        """The chance that an implementation holds: strength times the factor of its evidence."""
        return self.strength(control).mean * self.evidence_factor(control)

    def strength(self, control: ControlImplementation) -> Range:
        """The strength of an implementation, or the catalogue's default; 0 for a control that is not known."""
        if control.control is None:
            return Range.point(0.0)
        return control.strength or self.catalogue.controls[control.control].strength

    def evidence_factor(self, control: ControlImplementation) -> float:
        """What the strength of an implementation is multiplied by, for how it is known to work."""
        return self.settings.evidence_factor(control.evidence, control.evidence_until, self.today)

    def counts(self, control: ControlImplementation, view: View) -> bool:
        """Whether a control implementation counts in this view."""
        if view is View.INHERENT:
            return False
        if view is View.RESIDUAL:
            return control.status is Status.IMPLEMENTED
        return control.status in (Status.IMPLEMENTED, Status.PLANNED)

    @cached_property
    def preventing(self) -> tuple[ControlImplementation, ...]:
        """The implementations that prevent and have not been retired, in order of id."""
        return tuple(
            one
            for one in sorted(self.system.controls, key=lambda one: one.id)
            if one.control is not None
            and self.catalogue.controls[one.control].function is ControlFunction.PREVENT
            and one.status is not Status.RETIRED
        )

    def loss_range(self, loss: Loss) -> Range:
        """The money that a loss stands for: its amount, or that of its severity band."""
        if loss.amount is not None:
            return loss.amount
        known = self.settings.severity_amounts.get(loss.severity) if loss.severity is not None else None
        return known or Range.point(0.0)

    def losses(self, view: View, active: Iterable[str] | None = None) -> dict[str, float]:
        """What each fact costs in a campaign, after the controls that limit losses in this view.

        ``active`` names control implementations to count instead of those of the view.
        """
        chosen = None if active is None else set(active)
        amounts: dict[str, float] = {}
        for loss in self.system.losses:
            fact = str(loss.held)
            share = self.share_left(loss.held, view, chosen)
            amounts[fact] = amounts.get(fact, 0.0) + share * self.loss_range(loss).mean
        return dict(sorted(amounts.items()))

    def share_left(self, held: Held, view: View, active: Collection[str] | None = None) -> float:
        """The part of the losses of a fact that is left by the controls that limit them; see ``losses``."""
        share = 1.0
        for control in self.limiting(held.asset, held.capability):
            if self.counts(control, view) if active is None else control.id in active:
                share *= 1.0 - self.holds(control) * control.coverage
        return share

    def limiting(self, asset: str, capability: Capability) -> Iterator[ControlImplementation]:
        """The detecting, responding and recovering implementations that limit this loss."""
        for control, limits in self._limiting:
            if capability in limits and self.protects_asset(control, asset):
                yield control

    @cached_property
    def _limiting(self) -> tuple[tuple[ControlImplementation, Collection[Capability]], ...]:
        """All that limit any loss and have not been retired, in order of id."""
        kinds = self.catalogue.controls
        return tuple(
            (one, kinds[one.control].limits)
            for one in sorted(self.system.controls, key=lambda one: one.id)
            if one.control is not None and one.status is not Status.RETIRED and kinds[one.control].limits
        )

    def protects_asset(self, control: ControlImplementation, element: str) -> bool:
        """Whether an implementation protects an asset or zone to whose type its control applies."""
        kind = self.catalogue.controls.get(control.control or "")
        if kind is None or not self.catalogue.is_any(self.elements[element], kind.applies_to):
            return False
        places = (element, *self.zones_of[element])
        return "*" in control.protects or any(place in control.protects for place in places)

    @cached_property
    def zones_of(self) -> Mapping[str, tuple[str, ...]]:
        system = self.system
        return {
            one: tuple(system.zone_chain(system.zone_of(one) if one in system.asset_by_id else one))
            for one in self.elements
        }

    def attack_graph(self, actor: Actor, granting: Collection[str] = ()) -> AttackGraph:
        """The attack graph of one actor, reduced to what the actor can ever come to.

        For each asset in ``granting`` it has steps by which the actor holds the asset from the start, and
        a control ``GRANTED`` + asset that stops them for certain unless it is given another chance to hold.

        Every preventing implementation that is not retired is in it, whatever its status, with the
        chance that it holds with; ``AttackGraph.with_holds`` leaves out those that do not count.
        Losses are those before any control.
        """
        shown = self.preventing
        names = {one.id: one.coverage for one in shown}
        start = f"actor@{actor.id}"
        steps = [Step(f"enters:{fact}", (start,), fact, 1.0) for fact in self.entries(actor)]
        for binding in self.bindings:
            chance = self.chance(binding, actor.skill).mean
            if chance <= 0:
                continue
            covers = tuple(Cover(one, names[one]) for one in self.covers.get(binding.id, ()))
            technique = binding.pattern.techniques[0].id if binding.pattern.techniques else ""
            steps.append(Step(binding.id, binding.needs, binding.gains, chance, covers, technique))
        capabilities: defaultdict[str, set[str]] = defaultdict(set)
        for binding in self.bindings if granting else ():
            for fact in (binding.gains, *binding.needs):
                capabilities[fact.rpartition(":")[0]].add(fact)
        grants = [GraphControl(f"{GRANTED}{asset}", 1.0) for asset in sorted(granting)]
        for asset in sorted(granting):
            cover = (Cover(f"{GRANTED}{asset}"),)
            steps += [Step(f"{GRANTED}{fact}", (start,), fact, 1.0, cover) for fact in sorted(capabilities[asset])]
        whole = AttackGraph((), (start,), tuple(steps))
        true, _ = whole.derivable()
        kept = tuple(step for step in steps if all(fact in true for fact in step.needs))
        used = {cover.control for step in kept for cover in step.controls}
        controls = tuple(GraphControl(one.id, self.holds(one), one.independent) for one in shown if one.id in used)
        facts = tuple(sorted(true - {start}))
        losses = {fact: amount for fact, amount in self.losses(View.INHERENT).items() if fact in true}
        return AttackGraph((start, *facts), (start,), kept, (*controls, *grants), losses)

    def entries(self, actor: Actor) -> tuple[str, ...]:
        """The facts that an actor holds before the campaign, or gains by being where it is."""
        held = {str(one) for one in actor.starts}
        for flow in self.system.flows:
            if flow.origin == actor.id and flow.target in self.system.asset_by_id:
                held.add(f"{flow.target}:{Capability.REACH}")
            elif flow.target == actor.id and flow.origin in self.system.asset_by_id and self._answers(flow):
                held.add(f"{flow.origin}:{Capability.REACH}")
        if actor.zone is not None:
            held.add(f"{actor.zone}:{Capability.REACH}")
        return tuple(sorted(held))

    def _answers(self, flow: Flow) -> bool:
        return self.reach is Reach.BOTH or flow.two_way or bool(flow.returns)


def compile_system(
    system: System,
    catalogue: Catalogue,
    settings: Settings,
    reach: Reach = Reach.DATA,
    today: str = "",
) -> Compiled:
    """Bind every pattern of the catalogue to the assets of a system.

    The system must be free of errors. ``today`` (ISO date) is what evidence expires against; empty
    means that nothing has expired.
    """
    elements = {asset.id: asset.type for asset in system.assets}
    elements |= {zone.id: ZONE_TYPE for zone in system.zones}
    links = _links(system, catalogue, reach)
    by_type: defaultdict[str, list[str]] = defaultdict(list)
    for element, type_name in sorted(elements.items()):
        for ancestor in catalogue.types[type_name].ancestors:
            by_type[ancestor].append(element)
    bindings: list[Binding] = []
    for pattern in catalogue.patterns.values():
        excepted = pattern.except_types
        subjects = sorted({one for name in pattern.asset_types for one in by_type[name]})
        unless = links.get(pattern.unless, {}) if pattern.unless is not None else {}
        ends = links.get(pattern.via, {}) if pattern.via is not None else {}
        for asset in subjects:
            if catalogue.is_any(elements[asset], excepted) or asset in unless:
                continue
            if pattern.via is None:
                bindings.append(Binding(pattern, asset))
                continue
            for other, origins in sorted(ends.get(asset, {}).items()):
                if catalogue.is_any(elements[other], pattern.other_types):
                    bindings.append(Binding(pattern, asset, other, tuple(sorted(origins))))
    excluded = {(one.threat, one.asset) for one in system.overrides if one.excluded}
    bound = {(one.pattern.id, one.asset) for one in bindings}
    kept = tuple(
        sorted((one for one in bindings if (one.pattern.id, one.asset) not in excluded), key=lambda one: one.id)
    )
    return Compiled(
        system=system,
        catalogue=catalogue,
        settings=settings,
        reach=reach,
        today=today,
        bindings=kept,
        unused_overrides=tuple(one for one in system.overrides if (one.threat, one.asset) not in bound),
        elements=elements,
    )


def coverage(compiled: Compiled, controls: Iterable[ControlImplementation]) -> dict[str, tuple[str, ...]]:
    """For each step the implementations that cover it: they mitigate its threat and protect a part of it.

    The part is the asset, the other asset, or the relation between them: its flows, or what
    mediates every one of them.
    """
    # By what they protect, so that a step meets those near it only: else the work is controls times steps.
    near: defaultdict[tuple[str, str], list[ControlImplementation]] = defaultdict(list)
    for control in controls:
        for threat in compiled.catalogue.controls[control.control or ""].mitigates:
            for place in dict.fromkeys(control.protects):
                near[threat, place].append(control)
    found: dict[str, tuple[str, ...]] = {}
    for binding in compiled.bindings:
        asked = {
            one.id: one for place in _places(compiled, binding) for one in near.get((binding.pattern.id, place), ())
        }
        covering = [one.id for one in asked.values() if _covers(compiled, one, binding)]
        if covering:
            found[binding.id] = tuple(sorted(covering))
    return found


def _places(compiled: Compiled, binding: Binding) -> Iterator[str]:
    """All that a control may name to protect a part of a step."""
    yield "*"
    yield from binding.origins
    flows = [compiled.system.flow_by_id[one] for one in binding.origins if one in compiled.system.flow_by_id]
    for element in (binding.asset, binding.other, *(one for flow in flows for one in flow.mediated_by)):
        if element is not None:
            yield element
            yield from compiled.zones_of[element]


def _covers(compiled: Compiled, control: ControlImplementation, binding: Binding) -> bool:
    defended = binding.pattern.defended_on
    if "asset" in defended and compiled.protects_asset(control, binding.asset):
        return True
    if binding.other is not None and "other" in defended and compiled.protects_asset(control, binding.other):
        return True
    flows = [compiled.system.flow_by_id.get(one) for one in binding.origins]
    protects = frozenset(control.protects)
    return bool(flows) and all(
        flow is not None
        and (flow.id in protects or any(compiled.protects_asset(control, one) for one in flow.mediated_by))
        for flow in flows
    )


Links = dict[str, dict[str, dict[str, set[str]]]]


def _links(system: System, catalogue: Catalogue, reach: Reach) -> Links:
    """Every relation that holds: relation -> subject -> object -> ids of what makes it hold."""
    links: Links = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))

    def add(subject: str, relation: str, target: str, origin: str) -> None:
        for implied, backwards in catalogue.relations[relation].implies:
            first, second = (target, subject) if backwards else (subject, target)
            links[implied][first][second].add(origin)

    assets = system.asset_by_id
    for dependency in system.dependencies:
        add(dependency.origin, dependency.relation, dependency.target, dependency.id)
    for flow in system.flows:
        _link_flow(system, flow, reach, add)
    for asset in system.assets:
        if asset.zone is not None:
            add(asset.id, "inZone", asset.zone, f"{asset.id} inZone {asset.zone}")
    # Actors are no assets: what they send is an entry, not a relation that patterns speak of.
    return {
        relation: {
            subject: {
                target: origins
                for target, origins in targets.items()
                if target in assets or target in system.zone_by_id
            }
            for subject, targets in subjects.items()
            if subject in assets or subject in system.zone_by_id
        }
        for relation, subjects in links.items()
    }


def _link_flow(system: System, flow: Flow, reach: Reach, add: Callable[[str, str, str, str], None]) -> None:
    back = reach is Reach.BOTH or flow.two_way or bool(flow.returns)
    opener = flow.opened_by or flow.origin
    opened = flow.target if opener == flow.origin else flow.origin
    add(flow.origin, flow.relation, flow.target, flow.id)
    if back:
        add(flow.target, "sendsTo", flow.origin, flow.id)
    elif opener == flow.target:
        add(opener, "connectsTo", opened, flow.id)
    for items, receiver in ((flow.carries, flow.target), (flow.returns, flow.origin)):
        for data in items:
            add(flow.origin, "handles", data, flow.id)
            add(flow.target, "handles", data, flow.id)
            add(data, "carriedTo", receiver, flow.id)
    ends = ((opener, opened), (opened, opener)) if reach is Reach.BOTH else ((opener, opened),)
    for caller, called in ends:
        zone = system.zone_of(caller)
        if zone is not None and not flow.authenticated:
            add(called, "openTo", zone, flow.id)
    if not flow.encrypted:
        for end in (flow.origin, flow.target):
            zone = system.zone_of(end)
            if zone is not None:
                for data in (*flow.carries, *flow.returns):
                    add(data, "exposedOn", zone, flow.id)
