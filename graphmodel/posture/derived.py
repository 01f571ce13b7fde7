"""What the graph itself says of a guidance item: whether its controls stand wherever an attack would meet them.

An item is met on the graph where one of its controls covers every step that it could cover on a way to a loss (or,
where it limits losses, every fact with a loss), partly met where it covers some of them or each in part, and not met
where it covers none. A control that only assures is met where it is in place. Where no way to a loss could meet any of
its controls, the graph says nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from graphmodel.assessment.cases import steps_to_losses
from graphmodel.assessment.results import Assessment
from graphmodel.binding.amounts import limiting_controls
from graphmodel.binding.compiled import Compiled
from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.vocabulary import Control, ControlFunction, View
from graphmodel.posture.answers import AnswerStatus

_ORDER = (AnswerStatus.MET, AnswerStatus.PARTLY, AnswerStatus.NOT_MET)


@dataclass(frozen=True)
class Observed:
    """What the graph says of one item, or of one control. ``by`` are the implementations in force that answer it,
    ``open`` the assets and zones where the control would meet an attack and nothing of it stands."""

    status: AnswerStatus
    by: tuple[str, ...]
    open: tuple[str, ...]


def observed_controls(
    assessment: Assessment, planned: Compiled | None = None, taken: Collection[str] = ()
) -> Mapping[str, Observed]:
    """For each control of the catalogue that any way to a loss could meet, whether it stands there.

    ``planned`` is the same system with measures in it, of which those in ``taken`` count as well.
    """
    compiled = assessment.compiled if planned is None else planned
    catalogue, active = compiled.catalogue, assessment.compiled.in_force(View.RESIDUAL).union(taken)
    steps = frozenset().union(*steps_to_losses(assessment, View.INHERENT).values())
    could: defaultdict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = defaultdict(list)
    by_threat: defaultdict[str, list[Control]] = defaultdict(list)
    for control in catalogue.controls.values():
        if control.function is ControlFunction.PREVENT:
            for threat in control.mitigates:
                by_threat[threat].append(control)
    for binding in compiled.bindings:
        for control in by_threat[binding.pattern.id] if binding.id in steps else ():
            applies = control.applies_against(binding.pattern.id)
            ends = tuple(one for one in binding.defended if catalogue.is_any(compiled.elements[one], applies))
            covering = tuple(
                one
                for one in compiled.covers.get(binding.id, ())
                if one in active and compiled.system.control_by_id[one].control == control.id
            )
            if ends or covering:
                could[control.id].append((ends, covering))
    for risk in assessment.risks:
        if risk.likelihood[View.INHERENT].value > 0:
            standing = tuple(limiting_controls(compiled, risk.held.asset, risk.held.capability))
            for control in catalogue.controls.values():
                if control.limits_loss(risk.held.capability) and catalogue.is_any(
                    compiled.elements[risk.held.asset], control.applies_to
                ):
                    by = tuple(one.id for one in standing if one.id in active and one.control == control.id)
                    could[control.id].append(((risk.held.asset,), by))
    whole = {one.id for one in compiled.system.controls if one.coverage == 1.0}
    found = {control: _observed(places, whole) for control, places in could.items()}
    for one in compiled.system.controls:
        kind = catalogue.controls.get(one.control or "")
        if kind is not None and kind.function is ControlFunction.ASSURE and one.id in active:
            before = found.get(kind.id, Observed(AnswerStatus.MET, (), ()))
            found[kind.id] = replace(before, by=tuple(sorted({*before.by, one.id})))
    return dict(sorted(found.items()))


def observed_items(framework: Framework, controls: Mapping[str, Observed]) -> Mapping[str, Observed]:
    """For each item whose controls the graph knows of, what it says: that of the control that stands best."""
    found = {}
    for item in framework.items():
        known = [controls[one] for one in item.controls if one in controls]
        if known:
            found[item.id] = min(known, key=lambda one: (_ORDER.index(one.status), len(one.open)))
    return found


def _observed(places: list[tuple[tuple[str, ...], tuple[str, ...]]], whole: set[str]) -> Observed:
    if all(whole.intersection(by) for _, by in places):
        status = AnswerStatus.MET
    else:
        status = AnswerStatus.PARTLY if any(by for _, by in places) else AnswerStatus.NOT_MET
    by = tuple(sorted({one for _, found in places for one in found}))
    left = tuple(sorted({one for ends, found in places if not found for one in ends}))
    return Observed(status, by, left)
