"""Gap analysis: threats without a control in force, controls without effect or evidence, open flows, missing parts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from graphmodel.assessment.architecture import RoleGap, role_gaps
from graphmodel.assessment.cases import blocking, cases_of, steps_to_losses
from graphmodel.assessment.results import Assessment
from graphmodel.assessment.whatif import saved_by
from graphmodel.binding.amounts import limiting_controls
from graphmodel.binding.compiled import Compiled
from graphmodel.engine.estimates import BOUND, Estimate
from graphmodel.knowledge.vocabulary import ControlFunction, Evidence, Status, ThreatPattern, View
from graphmodel.model.system import ControlImplementation, Flow

_PLACES = 6  # that are named


@dataclass(frozen=True)
class ThreatGap:
    """A threat on an asset that lies on a way to a loss and that no implemented control covers.

    ``gains`` is the fact that it gains, ``saves`` what would be saved if it were impossible, in currency per
    ``Assessment.period``; of lesser gaps in a simulated model it is a bound;
    ``others`` are the assets that it comes over; ``planned`` the implementations to come that would
    cover it; ``controls`` the catalogue's answers.
    """

    threat: ThreatPattern
    asset: str
    gains: str
    others: tuple[str, ...]
    saves: Estimate
    planned: tuple[str, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True)
class IdleControl:
    """A control implementation that changes no number, and why."""

    control: ControlImplementation
    reason: str


@dataclass(frozen=True)
class WeakEvidence:
    """An implemented control whose working nobody has shown, or not recently enough."""

    control: ControlImplementation
    reason: str
    factor: float


@dataclass(frozen=True)
class OpenFlow:
    """A flow between zones that is not known to be authenticated or encrypted."""

    flow: Flow
    missing: tuple[str, ...]
    stated: bool


@dataclass(frozen=True)
class Gaps:
    """All that is missing; threats ordered by the loss that closing would save.

    ``roles`` are what a complete system of its kind has and this description does not show.
    """

    threats: tuple[ThreatGap, ...]
    idle: tuple[IdleControl, ...]
    evidence: tuple[WeakEvidence, ...]
    flows: tuple[OpenFlow, ...]
    roles: tuple[RoleGap, ...] = ()


def find_gaps(assessment: Assessment) -> Gaps:
    """Everything missing in a system as it stands."""
    return Gaps(
        _threats(assessment),
        _idle(assessment),
        _evidence(assessment),
        _flows(assessment),
        role_gaps(assessment.compiled),
    )


def _threats(assessment: Assessment) -> tuple[ThreatGap, ...]:
    compiled = assessment.compiled
    relevant = frozenset().union(*steps_to_losses(assessment).values())
    active = assessment.compiled.in_force(View.RESIDUAL)
    open_steps: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for binding in compiled.bindings:
        covered = active.intersection(compiled.covers.get(binding.id, ()))
        if binding.id in relevant and not binding.pattern.propagation and not covered:
            open_steps[binding.pattern.id, binding.asset].append(binding.id)
    keys = sorted(open_steps)
    now = cases_of(compiled, active)
    saved = assessment.recall(
        ("threats without a control",),
        tuple[Estimate, ...],
        lambda: saved_by(assessment, [blocking(now, open_steps[key]) for key in keys]),
        lambda one: len(one) == len(keys),
    )
    gaps = []
    for (threat, asset), saves in zip(keys, saved, strict=True):
        bindings = [compiled.binding_by_id[one] for one in open_steps[threat, asset]]
        planned = {one for binding in bindings for one in compiled.covers.get(binding.id, ())}
        types = {compiled.elements[one] for b in bindings for one in b.defended}
        controls = tuple(
            one.id
            for one in compiled.catalogue.controls.values()
            if threat in one.mitigates and any(compiled.catalogue.is_any(t, one.applies_against(threat)) for t in types)
        )
        others = tuple(sorted({other for one in bindings for other in one.others}))
        kind, gains = compiled.catalogue.patterns[threat], bindings[0].gains
        gaps.append(ThreatGap(kind, asset, gains, others, saves, tuple(sorted(planned)), controls))
    # What is only bounded comes after what is known.
    return tuple(sorted(gaps, key=lambda one: (one.saves.method == BOUND, -one.saves.rank, one.threat.id, one.asset)))


def _idle(assessment: Assessment) -> tuple[IdleControl, ...]:
    compiled = assessment.compiled
    relevant = frozenset().union(*steps_to_losses(assessment, View.INHERENT).values())
    covering = {one for step in relevant for one in compiled.covers.get(step, ())}
    limiting = {
        one.id
        for risk in assessment.risks
        if risk.likelihood[View.INHERENT].value > 0
        for one in limiting_controls(compiled, risk.held.asset, risk.held.capability)
    }
    anywhere = {one for covers in compiled.covers.values() for one in covers}
    found = []
    for one in sorted(compiled.system.controls, key=lambda one: one.id):
        kind = compiled.catalogue.controls.get(one.control or "")
        if one.status is Status.RETIRED or (kind is not None and kind.function is ControlFunction.ASSURE):
            continue
        if kind is None:
            found.append(IdleControl(one, "it has no counterpart in the catalogue"))
        elif kind.function is ControlFunction.PREVENT and one.id not in covering:
            found.append(IdleControl(one, _why_idle(compiled, one, one.id in anywhere, relevant)))
        elif kind.function is not ControlFunction.PREVENT and one.id not in limiting:
            found.append(IdleControl(one, "it limits no loss of what it protects"))
    return tuple(found)


def _why_idle(compiled: Compiled, control: ControlImplementation, covers: bool, relevant: frozenset[str]) -> str:
    """Why a preventing implementation changes no number: its place, or that nothing that it stops leads to a loss."""
    kind = compiled.catalogue.controls[control.control or ""]
    places: set[str] = set()
    for step in relevant:
        binding = compiled.binding_by_id.get(step)
        if binding is not None and binding.pattern.id in kind.mitigates:
            applies = kind.applies_against(binding.pattern.id)
            places.update(one for one in binding.defended if compiled.catalogue.is_any(compiled.elements[one], applies))
    why = "what it covers lies on no way from an actor to a loss" if covers else "it stops nothing where it is"
    if places:
        shown = sorted(places)[:_PLACES]
        return f"{why}; it would on {', '.join(shown)}" + (", …" if len(places) > _PLACES else "")
    return why if covers else f"{why}, and none of its threats lies on a way from an actor to a loss"


def _evidence(assessment: Assessment) -> tuple[WeakEvidence, ...]:
    compiled = assessment.compiled
    found = []
    for one in sorted(compiled.system.controls, key=lambda one: one.id):
        if one.status is not Status.IMPLEMENTED or one.control is None or compiled.measured_strength(one) is not None:
            continue
        factor = compiled.settings.evidence_factor(one.evidence, one.evidence_until, compiled.today)
        if one.evidence_until and compiled.today and one.evidence_until < compiled.today:
            found.append(WeakEvidence(one, f"its evidence expired on {one.evidence_until}", factor))
        elif one.evidence in (Evidence.NONE, Evidence.DECLARED):
            reason = (
                "nobody has said how it is known to work"
                if one.evidence is Evidence.NONE
                else "it is declared, not reviewed or tested"
            )
            found.append(WeakEvidence(one, reason, factor))
    return tuple(sorted(found, key=lambda one: (one.factor, one.control.id)))


def _flows(assessment: Assessment) -> tuple[OpenFlow, ...]:
    system = assessment.compiled.system
    found = []
    for flow in sorted(system.flows, key=lambda one: one.id):
        states = {"authenticated": flow.authenticated, "encrypted": flow.encrypted}
        missing = tuple(name for name, value in states.items() if not value)
        if missing and system.crosses_boundary(flow):
            found.append(OpenFlow(flow, missing, all(states[name] is False for name in missing)))
    return tuple(found)
