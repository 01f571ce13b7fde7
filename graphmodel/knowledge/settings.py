"""The editable table between words and numbers: ``ontology/settings.yaml`` and users' own copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from graphmodel.knowledge.budgets import SECTION as QUERIES
from graphmodel.knowledge.budgets import QueryRule, read_queries
from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.knowledge.trials import SECTION as TESTS
from graphmodel.knowledge.trials import TrialRule, read_rule
from graphmodel.knowledge.vocabulary import ControlFunction, Evidence, Maturity, Range, Severity, Skill
from graphmodel.reading.limits import MAX_AMOUNT, MAX_PROBLEMS
from graphmodel.reading.problems import Advice, Errors, Problem, UnreadableError, nearest
from graphmodel.reading.values import Place, Text, brief, dotted
from graphmodel.reading.yaml_text import read_yaml

RISK_BANDS = ("Low", "Medium", "High", "Critical")
_EXPIRED = "expired"
_SHARES = ("inferred_share", "partly_met")
_COSTED = tuple(one for one in ControlFunction if one is not ControlFunction.ASSURE)


@dataclass(frozen=True)
class Settings:
    """Every judgement that a number rests on; see ``ontology/settings.yaml`` for the meaning of each.

    ``chance`` is per campaign; ``evidence`` are factors from 0 to 1; ``likelihood_bands`` run from
    the lowest threshold to the highest; amounts are in the currency of the system.
    """

    chance: Mapping[tuple[Maturity, Skill], Range]
    evidence: Mapping[str, float]
    likelihood_bands: tuple[tuple[str, float], ...]
    severity_amounts: Mapping[Severity, Range]
    severity_from: Mapping[Severity, float]
    risk_matrix: Mapping[tuple[Severity, str], str]
    function_costs: Mapping[ControlFunction, float]
    control_costs: Mapping[str, float]
    inferred_share: float
    partly_met: float
    tests: TrialRule
    queries: QueryRule

    def assumed_cost(self, control: str, function: ControlFunction) -> float | None:
        """The yearly cost to assume where a model states none; None where these settings assume none."""
        return self.control_costs.get(control, self.function_costs.get(function))

    def likelihood_band(self, likelihood: float) -> str:
        """The highest band whose threshold the likelihood reaches."""
        name = self.likelihood_bands[0][0]
        for band, threshold in self.likelihood_bands:
            if likelihood >= threshold:
                name = band
        return name

    def severity_band(self, amount: float) -> Severity:
        """The highest severity whose threshold the amount reaches."""
        for severity in Severity:
            if amount >= self.severity_from[severity]:
                return severity
        return Severity.INFORMATIONAL

    def risk_band(self, severity: Severity, likelihood: float) -> str:
        """The band of a risk from the matrix of severity against likelihood."""
        return self.risk_matrix[severity, self.likelihood_band(likelihood)]

    def evidence_factor(self, evidence: Evidence, until: str, today: str) -> float:
        """The factor on a control's strength; ``today`` is an ISO date, empty when not to be judged."""
        known = self.evidence[evidence]
        return min(known, self.evidence[_EXPIRED]) if until and today and until < today else known


def load_settings(data: bytes | None = None, name: str = "settings.yaml") -> tuple[Settings, tuple[Problem, ...]]:
    """The shipped settings, with those of a user's file in their place.

    A setting that is wrong is reported and the shipped one is used.
    """
    defaults = _shipped((ontology_directory() / "settings.yaml").read_bytes())
    if data is None:
        return defaults, ()
    try:
        text = read_yaml(data, name)
    except UnreadableError as error:
        return defaults, (error.problem,)
    reader = _Reader(text)
    settings = reader.settings(text.value, defaults)
    return settings or defaults, (*text.problems, *reader.errors.told)


@lru_cache(maxsize=1)
def _shipped(data: bytes) -> Settings:
    shipped = read_yaml(data, "settings.yaml")
    base = _Reader(shipped)
    defaults = base.settings(shipped.value, None)
    if base.errors.told or defaults is None:
        raise RuntimeError(f"the shipped settings are broken: {'; '.join(map(str, base.errors.told))}")
    return defaults


class _Reader:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.errors = Errors(MAX_PROBLEMS)

    def wrong(self, place: Place, message: str, fix: Advice) -> None:
        self.errors.add(message, fix, dotted(place), self.text.line_of(place), self.text.file)

    def settings(self, value: Any, base: Settings | None) -> Settings | None:
        sections = (
            "chance",
            "evidence",
            "likelihood_bands",
            "severity_amounts",
            "severity_from",
            "risk_matrix",
            "function_costs",
            "control_costs",
            *_SHARES,
            TESTS,
            QUERIES,
        )
        if not isinstance(value, dict):
            self.wrong(
                (), "the settings are not a map.", f"Start from the shipped file; its keys are {', '.join(sections)}."
            )
            return base
        for key in value:
            if key not in sections:
                self.wrong((key,), f"there is no setting “{brief(key)}”.", partial(nearest, key, sections))
        chance: dict[tuple[Maturity, Skill], Range] = dict(base.chance) if base else {}
        for maturity, row in self.entries(value, ("chance",), Maturity).items():
            for skill, cell in self.entries(row, ("chance", maturity), Skill, inside=True).items():
                found = self.range(cell, ("chance", maturity, skill), 1.0)
                if found:
                    chance[Maturity(maturity), Skill(skill)] = found
        evidence = dict(base.evidence) if base else {}
        for key, cell in self.entries(value, ("evidence",), (*Evidence, _EXPIRED)).items():
            if self.number(cell, ("evidence", key), 1.0):
                evidence[key] = float(cell)
        amounts = dict(base.severity_amounts) if base else {}
        for key, cell in self.entries(value, ("severity_amounts",), Severity).items():
            found = self.range(cell, ("severity_amounts", key), MAX_AMOUNT)
            if found:
                amounts[Severity(key)] = found
        lowest = dict(base.severity_from) if base else {}
        for key, cell in self.entries(value, ("severity_from",), Severity).items():
            if self.number(cell, ("severity_from", key), MAX_AMOUNT):
                lowest[Severity(key)] = float(cell)
        bands = self.bands(value, base)
        matrix = dict(base.risk_matrix) if base and bands == base.likelihood_bands else {}
        names = [name for name, _ in bands]
        for severity, row in self.entries(value, ("risk_matrix",), Severity).items():
            for band, cell in self.entries(row, ("risk_matrix", severity), names, inside=True).items():
                if cell in RISK_BANDS:
                    matrix[Severity(severity), band] = str(cell)
                else:
                    self.wrong(
                        ("risk_matrix", severity, band), f"“{cell}” is no band of risk.", nearest(str(cell), RISK_BANDS)
                    )
        missing = [f"{severity}/{band}" for severity in Severity for band in names if (severity, band) not in matrix]
        if missing:
            fix = "Give a risk_matrix with every severity and every band of likelihood."
            self.wrong(("risk_matrix",), f"the matrix has no cell for {', '.join(missing[:5])}.", fix)
            return base
        if sorted(lowest.values(), reverse=True) != [lowest[severity] for severity in Severity]:
            self.wrong(("severity_from",), "the thresholds do not rise with severity.", "Put them in order.")
            return base
        functions = dict(base.function_costs) if base else {}
        for key, cell in self.entries(value, ("function_costs",), _COSTED).items():
            self.cost(functions, ControlFunction(key), cell, ("function_costs", key))
        controls = dict(base.control_costs) if base else {}
        for key, cell in self.entries(value, ("control_costs",), value.get("control_costs") or ()).items():
            self.cost(controls, key, cell, ("control_costs", key))
        shares = {one: getattr(base, one) if base else 0.0 for one in _SHARES}
        for key in _SHARES:
            if key in value and self.number(value[key], (key,), 1.0):
                shares[key] = float(value[key])
        rule = read_rule(value, self, base.tests if base else None)
        queries = read_queries(value, self, base.queries if base else None)
        return Settings(
            chance, evidence, bands, amounts, lowest, matrix, functions, controls, tests=rule, queries=queries, **shares
        )

    def cost(self, costs: dict[Any, float], key: Any, cell: Any, place: Place) -> None:
        if cell is None:
            costs.pop(key, None)
        elif self.number(cell, place, MAX_AMOUNT):
            costs[key] = float(cell)

    def entries(self, value: Any, place: Place, known: Any, inside: bool = False) -> dict[str, Any]:
        section = value if inside else value.get(place[0], {})
        if not isinstance(section, dict):
            self.wrong(place, "a map is expected here.", "Write one line for each key.")
            return {}
        words = {str(one) for one in known}
        for key in section:
            if key not in words:
                self.wrong((*place, key), f"“{brief(key)}” is not known here.", partial(nearest, key, words))
        return {key: cell for key, cell in section.items() if key in words}

    def bands(self, value: dict[str, Any], base: Settings | None) -> tuple[tuple[str, float], ...]:
        section = value.get("likelihood_bands")
        if section is None and base is not None:
            return base.likelihood_bands
        entries = section if isinstance(section, dict) else {}
        found: list[tuple[str, float]] = []
        if all(_is_number(one) and 0 <= one <= 1 for one in entries.values()):
            found = sorted(((str(key), float(one)) for key, one in entries.items()), key=lambda band: band[1])
        if not found or found[0][1] != 0 or len({one for _, one in found}) != len(found):
            self.wrong(
                ("likelihood_bands",),
                "the bands of likelihood are not usable.",
                "Write names with thresholds from 0 to 1, the lowest 0.",
            )
            return base.likelihood_bands if base else (("Low", 0.0),)
        return tuple(found)

    def number(self, cell: Any, place: Place, most: float) -> bool:
        if _is_number(cell) and 0 <= cell <= most:
            return True
        self.wrong(place, f"“{brief(str(cell))}” is not a number from 0 to {most:g}.", "Correct it.")
        return False

    def range(self, cell: Any, place: Place, most: float) -> Range | None:
        cells = cell if isinstance(cell, list) else [cell] * 3
        if len(cells) == 3 and all(_is_number(one) for one in cells) and 0 <= cells[0] <= cells[1] <= cells[2] <= most:
            return Range(float(cells[0]), float(cells[1]), float(cells[2]))
        self.wrong(place, "this is not a range.", "Write [low, most likely, high] in rising order.")
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
