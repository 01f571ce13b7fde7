"""The knowledge that an assessment rests on, in a form that is small and can be compared years later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from graphmodel.knowledge.budgets import queries_value
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.trials import rule_value
from graphmodel.knowledge.vocabulary import Catalogue, Control, ControlFunction, Range, Skill, ThreatPattern

_COSTED = tuple(one for one in ControlFunction if one is not ControlFunction.ASSURE)
_DIGITS = 12  # of the digest of one entry: enough to see a change, not to prove that there is none


def entries_value(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Every threat or rule and every control by id, each in one line: its figures, and a digest of all it says."""
    return {
        "patterns": {id_: f"{_chance(one)} #{_digest(one)}" for id_, one in sorted(catalogue.patterns.items())},
        "controls": {id_: f"{_strength(one)} #{_digest(one)}" for id_, one in sorted(catalogue.controls.items())},
    }


def _chance(one: ThreatPattern) -> str:
    base = str(one.maturity) if one.chance is None else _range(one.chance)
    share = "" if one.prevalence == 1 else f" x {one.prevalence:g}"
    trial = f", one try: {', '.join((one.trial, *one.trial_of))}" if one.trial else ""
    return f"{base}{share}{trial}"


def _strength(one: Control) -> str:
    against = [f"{threat} {_range(strength.skilled)}" for threat, strength in sorted(one.against.items())]
    return "; ".join([f"{one.function} {_range(one.strength.of(Skill.SKILLED))}", *against])


def _range(one: Range) -> str:
    return f"{one.low:g}" if one.low == one.high else f"{one.low:g}/{one.mode:g}/{one.high:g}"


def _digest(entry: ThreatPattern | Control) -> str:
    text = json.dumps(_canonical(entry), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _canonical(value: Any) -> Any:
    """A value of the catalogue as JSON, the same whatever order sets and maps come in."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _canonical(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _canonical(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(one) for one in value)
    if isinstance(value, tuple):
        return [_canonical(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def settings_value(settings: Settings) -> dict[str, Any]:
    """The settings as plain values, which read as a settings file gives the same settings again."""
    chance: dict[str, dict[str, Any]] = {}
    for (maturity, skill), cell in settings.chance.items():
        chance.setdefault(str(maturity), {})[str(skill)] = _numbers(cell)
    matrix: dict[str, dict[str, str]] = {}
    for (severity, band), risk in settings.risk_matrix.items():
        matrix.setdefault(str(severity), {})[band] = risk
    return {
        "chance": chance,
        "evidence": {str(one): factor for one, factor in settings.evidence.items()},
        "likelihood_bands": dict(settings.likelihood_bands),
        "severity_amounts": {str(one): _numbers(cell) for one, cell in settings.severity_amounts.items()},
        "severity_from": {str(one): amount for one, amount in settings.severity_from.items()},
        "risk_matrix": matrix,
        "function_costs": {str(one): settings.function_costs.get(one) for one in _COSTED},
        "control_costs": dict(settings.control_costs),
        "inferred_share": settings.inferred_share,
        "partly_met": settings.partly_met,
        "tests": rule_value(settings.tests),
        "queries": queries_value(settings.queries),
    }


def _numbers(one: Range) -> list[float]:
    return [one.low, one.mode, one.high]
