"""Which threat a result speaks of: the table in ``ontology/evidence.yaml``, and a user's own rows before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.limits import MAX_PROBLEMS
from graphmodel.reading.problems import Errors, Problem, UnreadableError, nearest
from graphmodel.reading.values import Place, Text, brief, dotted
from graphmodel.reading.yaml_text import read_yaml
from importers.evidence.model import SEVERITIES, Finding, Trial

NAME = "evidence.yaml"
KINDS = ("vulnerability", "code", "misconfiguration", "model", "secret")
_TRIALS = frozenset({"tool", "family", "technique", "variant", "threats", "because"})
_FINDINGS = frozenset({"kind", "from", "threats", "because"})


@dataclass(frozen=True, slots=True)
class Row:
    """The threats that results of some kind speak of, the first that fits counts; without any, why none does."""

    threats: tuple[str, ...]
    because: str = ""
    tool: str = ""
    families: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    kind: str = ""
    least: str = "note"


@dataclass(frozen=True)
class Table:
    """All rows, a user's own first."""

    trials: tuple[Row, ...]
    findings: tuple[Row, ...]

    def row_of_trial(self, one: Trial) -> Row | None:
        """The row of a trial; None where nothing fits. How a technique is delivered counts where it says nothing."""
        own = next((row for row in self.trials if not row.variants and _fits(row, one)), None)
        if own is not None and own.threats:
            return own
        delivered = next((row for row in self.trials if row.variants and _fits(row, one)), None)
        return delivered or own

    def row_of_finding(self, one: Finding) -> Row | None:
        """The row of a finding; None where its kind has none."""
        return self.row_of_kind(one.kind)

    def row_of_kind(self, kind: str) -> Row | None:
        return next((row for row in self.findings if row.kind == kind), None)


def severe(row: Row, severity: str) -> bool:
    """Whether a finding of this severity counts by a row."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(row.least)


def _fits(row: Row, one: Trial) -> bool:
    if row.tool and row.tool.lower() != one.tool.lower():
        return False
    named = ((row.families, one.family), (row.techniques, one.technique), (row.variants, one.variant))
    return all(not patterns or _matches(patterns, name) for patterns, name in named)


def _matches(patterns: Iterable[str], name: str) -> bool:
    return any(name.startswith(one[:-1]) if one.endswith("*") else name == one for one in patterns)


def load_table(catalogue: Catalogue, data: bytes | None = None, name: str = NAME) -> tuple[Table, tuple[Problem, ...]]:
    """The shipped table, with a user's own rows before it; rows that are wrong are reported and left out."""
    shipped = read_yaml((ontology_directory() / NAME).read_bytes(), NAME)
    base, wrong = _rows(shipped, catalogue)
    if data is None:
        return base, wrong
    try:
        text = read_yaml(data, name)
    except UnreadableError as error:
        return base, (error.problem,)
    own, more = _rows(text, catalogue)
    return Table(own.trials + base.trials, own.findings + base.findings), (*wrong, *text.problems, *more)


def _rows(text: Text, catalogue: Catalogue) -> tuple[Table, tuple[Problem, ...]]:
    reader = _Reader(text, catalogue)
    value = text.value if isinstance(text.value, dict) else {}
    if not isinstance(text.value, dict) or set(value) - {"trials", "findings"}:
        fix = "Give lists of rows under “trials” and “findings”; docs/evidence.md shows some."
        reader.wrong((), "this is no table of evidence.", fix)
    trials = tuple(reader.rows(value.get("trials"), "trials", _TRIALS))
    findings = tuple(reader.rows(value.get("findings"), "findings", _FINDINGS))
    return Table(trials, findings), tuple(reader.errors.told)


class _Reader:
    def __init__(self, text: Text, catalogue: Catalogue) -> None:
        self.text, self.catalogue, self.errors = text, catalogue, Errors(MAX_PROBLEMS)

    def wrong(self, place: Place, message: str, fix: Any) -> None:
        self.errors.add(message, fix, dotted(place), self.text.line_of(place), self.text.file)

    def rows(self, value: Any, section: str, fields: frozenset[str]) -> Iterable[Row]:
        for number, one in enumerate(value if isinstance(value, list) else []):
            place: Place = (section, number)
            if not isinstance(one, dict) or set(one) - fields:
                self.wrong(place, "this is no row.", f"A row has {', '.join(sorted(fields))}.")
                continue
            threats = self.names(one.get("threats"), (*place, "threats"))
            unknown = [threat for threat in threats if threat not in self.catalogue.patterns]
            for threat in unknown:
                advice = partial(nearest, threat, self.catalogue.patterns)
                self.wrong((*place, "threats"), f"there is no threat “{brief(threat)}”.", advice)
            kind, least = one.get("kind", ""), one.get("from", "note")
            sound = section == "trials" or (kind in KINDS and least in SEVERITIES)
            if not sound:
                fix = f"Kinds are {', '.join(KINDS)}; severities {', '.join(SEVERITIES)}."
                self.wrong(place, "the kind or the severity is not known.", fix)
            if sound and not unknown:
                yield Row(
                    threats, str(one.get("because", "")), str(one.get("tool", "")),
                    self.names(one.get("family"), (*place, "family")),
                    self.names(one.get("technique"), (*place, "technique")),
                    self.names(one.get("variant"), (*place, "variant")), str(kind), str(least),
                )  # fmt: skip

    def names(self, value: Any, place: Place) -> tuple[str, ...]:
        found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        if value is not None and (not found or not all(isinstance(one, str) and one for one in found)):
            self.wrong(place, "names are expected here.", "Write a name, or a list of names.")
            return ()
        return tuple(found)
