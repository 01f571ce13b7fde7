"""The findings of a difference in SARIF 2.1.0, which code hosts show beside the lines of the document."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from graphmodel.model.system import System
from graphmodel.outputs.difference import cause_text, finding_text
from graphmodel.posture.alarms import CAUSE, EXPIRED, LOSS, PATH, RISK, Finding
from graphmodel.posture.changes import SECTIONS, Key, elements
from graphmodel.posture.comparison import Comparison
from graphmodel.reading.printable import printable
from graphmodel.reading.values import Place, Text
from graphmodel.version import __version__

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_RULES: Mapping[str, tuple[str, str]] = {
    LOSS: ("The expected loss rises", "The whole system is expected to lose more than before."),
    RISK: ("A risk rises", "A fact with a loss is expected to cost more than before."),
    PATH: ("A new path to a loss", "An actor has a way to a loss that there was none of before."),
    EXPIRED: ("Evidence expired", "The evidence for an implemented control has expired, so less is counted on it."),
    CAUSE: ("A change that adds to the expected loss", "By Shapley value, this change has a part in a higher loss."),
}
_BY_ID = frozenset({"zone", "asset", "actor", "control"})  # kinds whose section is a map


def line_finder(text: Text, system: System) -> Callable[[Key], int]:
    """Gives the line of each element in the document of a system; 0 where it is not in it."""
    numbers: dict[Key, int] = {}
    counts: dict[str, int] = {}
    for kind, id_ in elements(system):
        numbers[kind, id_] = counts.get(kind, 0)
        counts[kind] = numbers[kind, id_] + 1

    def line(key: Key) -> int:
        if key not in numbers:
            return 0
        place: Place = (SECTIONS[key[0]], key[1] if key[0] in _BY_ID else numbers[key])
        return text.lines.get(place, 0)

    return line


def sarif(comparison: Comparison, found: Sequence[Finding], file: str, line_of: Callable[[Key], int]) -> dict[str, Any]:
    """One run with a result for each finding; what fails a limit is an error, all else a warning or a note.

    ``file`` is the new document, relative to where code hosts look (the root of a repository), with ``/``.
    """
    rules = list(_RULES)
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "graphmodel",
                        "version": __version__,
                        "rules": [
                            {
                                "id": rule,
                                "name": "".join(part.capitalize() for part in rule.split("-")),
                                "shortDescription": {"text": short},
                                "fullDescription": {"text": full},
                                "help": {"text": f"{full} See docs/snapshots.md of graphmodel."},
                                "defaultConfiguration": {"level": _level(rule, False)},
                            }
                            for rule, (short, full) in _RULES.items()
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(comparison, one, rules, file, line_of) for one in found],
            }
        ],
    }


def _level(rule: str, fails: bool) -> str:
    if fails:
        return "error"
    return "warning" if rule in (PATH, EXPIRED) else "note"


def _result(
    comparison: Comparison, one: Finding, rules: Sequence[str], file: str, line_of: Callable[[Key], int]
) -> dict[str, Any]:
    message = finding_text(comparison, one)
    if one.cause is not None:
        message += f" ({cause_text(comparison, comparison.attribution.causes.index(one.cause))})"
    lines = [line for line in (line_of(key) for key in _keys(comparison, one)) if line > 0]
    mark = hashlib.sha256("\n".join([one.rule, *("|".join(key) for key in _keys(comparison, one))]).encode())
    return {
        "ruleId": one.rule,
        "ruleIndex": rules.index(one.rule),
        "level": _level(one.rule, one.fails),
        "message": {"text": printable(message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(file, safe="/:@!$&'()*+,;=-._~")},
                    "region": {"startLine": line},
                }
            }
            for line in lines[:10] or [1]
        ],
        "partialFingerprints": {"graphmodel/v1": mark.hexdigest()[:32]},
    }


def _keys(comparison: Comparison, one: Finding) -> list[Key]:
    """The elements that a finding is about."""
    if one.control is not None:
        return [("control", one.control.id)]
    if one.cause is not None:
        return sorted(one.cause.keys)
    if one.path is not None:
        return [*_losses(comparison, one.fact), ("actor", one.path.actor)]
    return _losses(comparison, one.fact) if one.fact else []


def _losses(comparison: Comparison, fact: str) -> list[Key]:
    """The losses that a fact is in, by itself or as what inference gives away of it; else its asset."""
    system, asset = comparison.new.state.system, fact.rpartition(":")[0]
    own = [key for key, one in elements(system).items() if key[0] == "loss" and str(one.held) == fact]
    near = [key for key, one in elements(system).items() if key[0] == "loss" and one.held.asset == asset]
    return own or near or [("asset", asset)]
