"""The difference between two versions as JSON, in figures that add up; keys are documented in ``docs/snapshots.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphmodel.assessment.paths import route_of
from graphmodel.engine.estimates import Estimate
from graphmodel.outputs.wording import few, money
from graphmodel.posture.alarms import EXPIRED, LOSS, PATH, RISK, Finding
from graphmodel.posture.attribution import INVALID, TOO_MANY, Attribution, Part
from graphmodel.posture.causes import JUDGEMENTS, KNOWLEDGE, SETTINGS, catalogue_key
from graphmodel.posture.changes import ADDED, REMOVED, Change, FieldChange
from graphmodel.posture.comparison import Comparison, Version, difference
from graphmodel.posture.shapley import DIGITS, apportioned, decimal, told, unit

AGAIN = "worked out by another program or knowledge"
_LONG = 60  # characters of a value that are shown


@dataclass(frozen=True)
class Shares:
    """A figure before and after in whole units, and its difference by cause: old + difference = new, and the parts
    with ``again`` add up to the difference, to the last unit."""

    step: Fraction
    old: int
    new: int
    parts: tuple[int, ...]
    again: int

    @property
    def difference(self) -> int:
        return self.new - self.old

    def decimal(self, units: int) -> float:
        return decimal(units, self.step)


def shares(old: Estimate, new: Estimate, parts: Sequence[Part], again: Part, digits: int = DIGITS) -> Shares:
    """Figures with so many digits of the largest; see ``shapley.apportioned`` for how parts are rounded."""
    step = unit(old.value, new.value, *(float(one.value) for one in parts), digits=digits)
    before, after = told(old.value, step), told(new.value, step)
    exact = {number: part.value for number, part in enumerate(parts)}
    rounded = apportioned({**exact, -1: again.value} if again.value or not exact else exact, after - before, step)
    return Shares(step, before, after, tuple(rounded[number] for number in range(len(parts))), rounded.get(-1, 0))


def total_shares(comparison: Comparison, digits: int = DIGITS) -> Shares:
    """The expected loss of the whole."""
    before, after = comparison.figures
    again = comparison.again(lambda one: one.total)
    return shares(before.total, after.total, comparison.attribution.total, again, digits)


def loss_shares(comparison: Comparison, fact: str, digits: int = DIGITS) -> Shares:
    """The expected loss with one fact."""
    before, after = comparison.figures
    again = comparison.again(lambda one: one.loss[fact])
    return shares(before.loss[fact], after.loss[fact], comparison.attribution.loss[fact], again, digits)


def likelihood_shares(comparison: Comparison, fact: str, digits: int = DIGITS) -> Shares:
    """The likelihood of one fact in a campaign of its worst actor."""
    before, after = comparison.figures
    again = comparison.again(lambda one: one.likelihood[fact])
    parts = comparison.attribution.likelihood[fact]
    return shares(before.likelihood[fact], after.likelihood[fact], parts, again, digits)


def difference_json(comparison: Comparison, found: Sequence[Finding]) -> dict[str, Any]:
    """The output of ``graphmodel diff``."""
    compiled, attribution = comparison.new.assessment.compiled, comparison.attribution
    whole, again = total_shares(comparison), comparison.again(lambda one: one.total)
    return {
        "old": _version_json(comparison.old),
        "new": _version_json(comparison.new),
        "system": compiled.system.id,
        "currency": compiled.system.currency,
        "period": comparison.period,
        "reach": str(compiled.reach),
        "seed": comparison.new.assessment.options.seed,
        "expected_loss": _moved(whole, *(one.total for one in comparison.figures)),
        "worked_out": {
            "old": comparison.worked_out[0].total.to_json("amount"),
            "new": comparison.worked_out[1].total.to_json("amount"),
        },
        "causes": [
            {
                "name": cause.name,
                "family": cause.family,
                "changes": [{"kind": one.kind, "id": one.id, "what": one.what} for one in cause.changes],
                "part": _rounded_json(part.estimate, whole.decimal(units)),
            }
            for cause, part, units in zip(attribution.causes, attribution.total, whole.parts, strict=True)
        ],
        "again": _rounded_json(again.estimate, whole.decimal(whole.again)),
        "attribution": {
            "orders": attribution.orders or "all",
            "mixtures": attribution.mixtures,
            "joined": attribution.joined,
            "unit": decimal(1, whole.step),
        },
        "risks": [_risk_json(comparison, fact) for fact in comparison.facts],
        "changes": {
            "system": [change_json(one) for one in comparison.system],
            "knowledge": [change_json(one) for one in comparison.knowledge],
            "settings": [change_json(one) for one in comparison.settings],
            "answers": None if comparison.answers is None else [change_json(one) for one in comparison.answers],
        },
        "new_paths": [
            {
                "actor": one.actor,
                "target": one.path.target,
                "chance": one.path.chance,
                "route": list(route_of(comparison.new.assessment, one.path)),
                "steps": [step.id for step in one.path.steps],
            }
            for one in comparison.new_paths
        ],
        "expired_evidence": [{"id": one.id, "until": one.evidence_until} for one in comparison.expired],
        "exceeded": [{"rule": one.rule, "message": finding_text(comparison, one)} for one in found if one.fails],
    }


def _version_json(version: Version) -> dict[str, Any]:
    one = version.snapshot
    return {
        "name": version.name,
        "date": version.state.today,
        "snapshot": None if one is None else {"digest": one.digest, "program": one.program, "note": one.note},
    }


def _moved(found: Shares, before: Estimate, after: Estimate) -> dict[str, Any]:
    return {
        "old": _rounded_json(before, found.decimal(found.old)),
        "new": _rounded_json(after, found.decimal(found.new)),
        "difference": _rounded_json(difference(before, after), found.decimal(found.difference)),
    }


def _rounded_json(one: Estimate, amount: float) -> dict[str, Any]:
    low, high = (amount, amount) if one.is_exact else (one.low, one.high)
    return {"amount": amount, "low": low, "high": high, "method": one.method}


def _risk_json(comparison: Comparison, fact: str) -> dict[str, Any]:
    before, after = comparison.figures
    loss, likelihood, attribution = (
        loss_shares(comparison, fact),
        likelihood_shares(comparison, fact),
        comparison.attribution,
    )
    return {
        "fact": fact,
        "likelihood": _moved(likelihood, before.likelihood[fact], after.likelihood[fact]),
        "expected_loss": _moved(loss, before.loss[fact], after.loss[fact]),
        "because": [
            {
                "cause": cause.name,
                "expected_loss": _rounded_json(
                    attribution.loss[fact][number].estimate, loss.decimal(loss.parts[number])
                ),
                "likelihood": _rounded_json(
                    attribution.likelihood[fact][number].estimate, likelihood.decimal(likelihood.parts[number])
                ),
            }
            for number, cause in enumerate(attribution.causes)
            if loss.parts[number] or likelihood.parts[number]
        ],
        "again": {
            "expected_loss": loss.decimal(loss.again),
            "likelihood": likelihood.decimal(likelihood.again),
        },
    }


def change_json(one: Change) -> dict[str, Any]:
    """One entry that was added, removed or changed, with its fields."""
    fields = [{"field": field.name, "old": field.old, "new": field.new} for field in one.fields]
    return {"kind": one.kind, "id": one.id, "what": one.what, "fields": fields}


def change_text(one: Change) -> str:
    """The same in a line: of what was added or removed only that."""
    if one.what in (ADDED, REMOVED):
        return f"{one.kind} {one.id}: {one.what}"
    return f"{one.kind} {one.id}: {'; '.join(_field_text(field) for field in one.fields)}"


def _field_text(field: FieldChange) -> str:
    name = f"{field.name} " if field.name else ""
    if (
        isinstance(field.old, list)
        and isinstance(field.new, list)
        and all(isinstance(one, str) for one in (*field.old, *field.new))
    ):
        more = [f"+ {one}" for one in field.new if one not in field.old]
        less = [f"− {one}" for one in field.old if one not in field.new]
        if more or less:
            return f"{name}{few([*more, *less], 6)}"
    return f"{name}{_value_text(field.old)} → {_value_text(field.new)}"


def _value_text(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        text = "/".join(f"{one:.12g}" if isinstance(one, float) else str(one) for one in value)
    else:
        text = f"{value:.12g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def joined_text(attribution: Attribution, most: int) -> str:
    """Which causes were put together and why; empty where none were."""
    if not attribution.joined:
        return ""
    several = [one for one in attribution.causes if len(one.changes) > 1]
    groups = "; ".join(few([f"{change.kind} {change.id}" for change in one.changes], 12) for one in several)
    if attribution.joined == TOO_MANY:
        return (
            f"More than {most} causes: some are put together, and their part is that of all of them: {groups}. "
            "--exact-up-to keeps more apart, --orders samples the orders of all."
        )
    assert attribution.joined == INVALID  # noqa: S101 - there is no third reason
    return f"Put together, since a system with some of these changes and not the others would be none: {groups}."


def finding_text(comparison: Comparison, one: Finding) -> str:
    """A finding as a sentence."""
    currency, per = comparison.new.assessment.compiled.system.currency, comparison.period
    moved = f"from {money(one.old, currency)} to {money(one.new, currency)} a {per}"
    if one.rule == LOSS:
        return f"The expected loss rises {moved}."
    if one.rule == RISK:
        return f"The expected loss with {one.fact} rises {moved}."
    if one.rule == PATH and one.path is not None:
        route = " → ".join(route_of(comparison.new.assessment, one.path.path))
        return f"A new path of {one.path.actor} to {one.fact}: {route} (chance {one.path.path.chance:.3g})."
    if one.rule == EXPIRED and one.control is not None:
        return f"The evidence for {one.control.id} expired on {one.control.evidence_until}."
    name = one.cause.name if one.cause is not None else ""
    return f"This adds {money(one.new, currency)} a {per} to the expected loss: {name}."


def is_judgement(change: Change) -> bool:
    """Whether a change is one of what the system is judged by, and not of the system."""
    return change.kind in JUDGEMENTS


def cause_text(comparison: Comparison, number: int) -> str:
    """What changed, for one cause of a comparison."""
    cause = comparison.attribution.causes[number]
    said = []
    details: Mapping[str, str] = {
        KNOWLEDGE: f"the catalogue: {few([f'{one.kind} {one.id}' for one in comparison.knowledge])}",
        SETTINGS: f"the settings: {few([one.id for one in comparison.settings])}",
        "reach": f"the reach policy: {comparison.old.state.reach} → {comparison.new.state.reach}",
        "date": f"the date, {comparison.old.state.today} → {comparison.new.state.today}: evidence expired",
    }
    entries = {catalogue_key(one.kind, one.id): one for one in comparison.knowledge}
    for change in cause.changes:
        if change.key in entries:
            said.append(f"the catalogue, {change_text(entries[change.key])}")
        else:
            said.append(details[change.kind] if is_judgement(change) else change_text(change))
    return few(said, 4)
