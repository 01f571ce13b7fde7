"""What to fix first: every measure that could be taken, by the expected loss that it alone would save.

Measures are the control implementations that are planned or proposed, and the catalogue's controls
where they would cover a step that lies on some way to a loss. Each is judged alone, against things
as they stand; two measures against the same attack do not add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from graphmodel.assessment.cases import BySkill, cases_of, steps_to_losses
from graphmodel.assessment.results import Assessment
from graphmodel.assessment.whatif import WHOLE, Factors, saved_by
from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.compiled import Compiled
from graphmodel.engine.estimates import BOUND, Estimate
from graphmodel.knowledge.vocabulary import ANSWERING, Area, Control, ControlFunction, Evidence, Skill, Status, View
from graphmodel.model.system import ControlImplementation

RECOMMENDED = "recommended"
_NOTHING = 1e-6  # below a millionth of the currency unit a saving is rounding


@dataclass(frozen=True)
class Measure:
    """One measure. ``saves`` is in currency per ``Assessment.period``; ``threats`` are those that it meets.

    ``implementation`` is the id of a planned or proposed implementation, empty for one that is
    recommended from the catalogue; ``holds`` the chance, or the share of loss, that it counts for: against a skilled
    actor and, of the threats that it meets, the one that it is strongest against.
    """

    control: Control
    protects: tuple[str, ...]
    status: str
    saves: Estimate
    holds: float
    threats: tuple[str, ...]
    implementation: str = ""
    cost: float | None = None

    @property
    def id(self) -> str:
        return self.implementation or f"{self.control.id}@{','.join(self.protects)}"


def fix_first(assessment: Assessment) -> tuple[Measure, ...]:
    """The measures that save anything, the most saving first.

    A recommended control appears once, at the place where it saves most.
    """
    best: dict[str, Measure] = {}
    for one in all_measures(assessment):
        best.setdefault(one.control.id if one.status == RECOMMENDED else one.id, one)
    return tuple(best.values())


def all_measures(assessment: Assessment) -> tuple[Measure, ...]:
    """Every measure at every place where it saves anything, the most saving first.

    In a simulated model about a hundred are worked out, those that seem to save most.
    """
    compiled = assessment.compiled
    active = assessment.compiled.in_force(View.RESIDUAL)
    relevant = frozenset().union(*steps_to_losses(assessment).values())
    now, amounts = cases_of(compiled, active), loss_amounts(compiled, View.RESIDUAL, active)
    cases: list[BySkill] = []
    drafts: list[tuple[Measure, Factors]] = []
    for one in sorted(compiled.system.controls, key=lambda one: one.id):
        kind = compiled.catalogue.controls.get(one.control or "")
        if (
            one.status in (Status.PLANNED, Status.PROPOSED)
            and kind is not None
            and kind.function is not ControlFunction.ASSURE
        ):
            cases.append(cases_of(compiled, active | {one.id}))
            threats = _threats(compiled, compiled.credit.steps(one) & relevant)
            drafts.append((_measure(kind, one, str(one.status), _counts_for(compiled, one, threats), threats), WHOLE))
    for candidate in candidates(compiled, relevant):
        kind = compiled.catalogue.controls[candidate.control or ""]
        if kind.function is ControlFunction.PREVENT:
            steps = compiled.credit.steps(candidate) & relevant
            if not steps:
                continue
            # The candidate is an independent event: it holds, and takes from the chance of each step its ratio
            # against the step's threat, or it does not.
            taken = {skill: _taken(compiled, candidate, steps, skill) for skill in now}
            cases.append({skill: replace(one, blocked=taken[skill]) for skill, one in now.items()})
            threats = _threats(compiled, steps)
            counts = _counts_for(compiled, candidate, threats)
            factors = {skill: compiled.holds(candidate, skill) for skill in now}
            drafts.append((_measure(kind, candidate, RECOMMENDED, counts, threats), factors))
        else:
            holds = compiled.avoids(candidate)
            limited = {
                str(stake.held)
                for stake in compiled.stakes
                if kind.limits_loss(stake.held.capability) and compiled.credit.protects(candidate, stake.held.asset)
            }
            losses = {fact: amount * (1.0 - holds) if fact in limited else amount for fact, amount in amounts.items()}
            cases.append({skill: replace(one, losses=losses) for skill, one in now.items()})
            drafts.append((_measure(kind, candidate, RECOMMENDED, holds, ()), WHOLE))
    saved = assessment.recall(
        ("measures",),
        tuple[Estimate, ...],
        lambda: saved_by(assessment, cases, [share for _, share in drafts]),
        lambda one: len(one) == len(drafts),
    )
    measures = [
        replace(draft, saves=estimate)
        for (draft, _), estimate in zip(drafts, saved, strict=True)
        if estimate.value > _NOTHING and estimate.method != BOUND
    ]
    return tuple(
        sorted(
            measures,
            key=lambda one: (-round(one.saves.rank, 6), one.status == RECOMMENDED, _misplaced(compiled, one), one.id),
        )
    )


def _misplaced(compiled: Compiled, measure: Measure) -> bool:
    """Whether of two places that save the same another is meant: what is no part of training stands at what runs, not
    at the weights that it answers with."""
    at_model = any(compiled.catalogue.is_a(compiled.elements.get(one, ""), "Model") for one in measure.protects)
    return at_model and measure.control.area is not Area.TRAINING


def cost_of(assessment: Assessment, measure: Measure) -> tuple[float | None, bool]:
    """What a measure costs a year, and whether that is the settings' assumption; None where nobody says."""
    if measure.cost is not None:
        return measure.cost, False
    return assessment.compiled.settings.assumed_cost(measure.control.id, measure.control.function), True


def candidates(compiled: Compiled, relevant: frozenset[str]) -> list[ControlImplementation]:
    """Catalogue controls that are not in the model yet, as implementations with declared evidence.

    A preventing control is proposed for each asset on which it would cover a relevant step, and one that limits losses
    for each asset at stake whose losses it limits: what is compared stands at one place, at one cost. Proposed for
    everything, a weak control would come before a strong one by nothing but the number of its places.
    """
    present: dict[str, list[ControlImplementation]] = {}
    for one in compiled.system.controls:
        if one.control is not None and one.status is not Status.RETIRED:
            present.setdefault(one.control, []).append(one)
    by_threat: dict[str, set[str]] = {}
    for binding in compiled.bindings:
        if binding.id in relevant:
            by_threat.setdefault(binding.pattern.id, set()).update(binding.defended)
    informed = _informed(compiled)
    found = []
    for kind in compiled.catalogue.controls.values():
        own = present.get(kind.id, [])
        if kind.function is ControlFunction.PREVENT:
            places = sorted({end for threat in kind.mitigates for end in by_threat.get(threat, ())})
        elif kind.function is ControlFunction.ASSURE:
            continue
        else:
            at_stake = {one.held.asset for one in compiled.stakes if kind.limits_loss(one.held.capability)}
            places = sorted(at_stake & informed if _about_models(compiled, kind) else at_stake)
        for place in places:
            known = compiled.elements.get(place)
            if known is not None and not compiled.catalogue.is_any(known, kind.applies_to):
                continue
            if known is not None and any(compiled.credit.protects(one, place) for one in own):
                continue
            found.append(
                ControlImplementation(f"?{kind.id}@{place}", kind.id, (place,), kind.name, evidence=Evidence.DECLARED)
            )
    return found


def _about_models(compiled: Compiled, kind: Control) -> bool:
    """Whether what a control watches or restores is a model, so that elsewhere it works through a model's answers."""
    return any(compiled.catalogue.is_a(one, "Model") for one in kind.applies_to)


def _informed(compiled: Compiled) -> frozenset[str]:
    """The assets that are a model, answer with one, or are sent what one answers."""
    answering = {key for key, one in compiled.elements.items() if compiled.catalogue.is_any(one, ("Model", *ANSWERING))}
    flows = compiled.system.flows
    sent = {one.target for one in flows if one.origin in answering}
    sent |= {one.origin for one in flows if one.target in answering and (one.two_way or one.returns)}
    while onward := {one.target for one in flows if one.origin in sent} - sent:
        sent |= onward
    return frozenset(answering | sent)


def _taken(
    compiled: Compiled, control: ControlImplementation, steps: frozenset[str], skill: Skill
) -> Mapping[str, float]:
    """For each step the share of its chance that an implementation takes while it holds."""
    return {
        step: control.coverage * compiled.ratio(control, compiled.binding_by_id[step].pattern.id, skill)
        for step in sorted(steps)
    }


def _counts_for(compiled: Compiled, control: ControlImplementation, threats: tuple[str, ...]) -> float:
    """What an implementation counts for: the chance that it holds against a skilled actor and, of these threats,
    that which it is strongest against; or the share of loss that it avoids."""
    if compiled.catalogue.controls[control.control or ""].function is not ControlFunction.PREVENT:
        return compiled.avoids(control)
    best = max((compiled.ratio(control, threat, Skill.SKILLED) for threat in threats), default=1.0)
    return compiled.holds(control, Skill.SKILLED) * best


def _threats(compiled: Compiled, steps: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted({compiled.binding_by_id[one].pattern.id for one in steps}))


def _measure(kind: Control, one: ControlImplementation, status: str, holds: float, threats: tuple[str, ...]) -> Measure:
    implementation = "" if status == RECOMMENDED else one.id
    return Measure(kind, one.protects, status, Estimate.exactly(0.0), holds, threats, implementation, one.cost)
