"""SARIF 2.1.0: what an analysis found, by its rules, without what was suppressed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.reading.values import Text
from importers.evidence.model import (
    MAX_FINDINGS,
    Finding,
    Notes,
    Results,
    count,
    day,
    items,
    mapping,
    number,
    target_name,
    text,
    words,
)

TOOL = "SARIF"
_LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "note"}
_SCORES = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))


def sniff(value: Any) -> bool:
    """Whether a document is a SARIF log."""
    runs = mapping(value).get("runs")
    return isinstance(runs, list) and (
        "sarif" in words(mapping(value).get("$schema")).lower() or any("tool" in mapping(one) for one in runs)
    )


def read(text_: Text) -> Results:
    """The findings of all runs of a log."""
    notes, found, scanned, versions, dates = Notes(text_.file), list[Finding](), list[str](), list[str](), list[str]()
    names = []
    for number_, run in enumerate(map(mapping, items(mapping(text_.value).get("runs")))):
        driver = mapping(mapping(run.get("tool")).get("driver"))
        name = text(driver.get("name")) or TOOL
        names.append(name)
        versions.append(text(driver.get("semanticVersion")) or text(driver.get("version")))
        ended = [mapping(one) for one in items(run.get("invocations"))]
        dates.append(day(*(one.get("endTimeUtc") for one in ended), *(one.get("startTimeUtc") for one in ended)))
        target = target_name(mapping(run.get("properties")).get("imageName"))
        scanned.append(target)
        if any(one.get("executionSuccessful") is False for one in ended):
            message = f"the run of {name} did not end well, so what it did not find says nothing."
            notes.add("warning", message, "Run it again.", f"runs[{number_}]")
        _results(run, number_, (name, versions[-1], dates[-1], target), found, notes)
    return Results(
        ", ".join(dict.fromkeys(names))[:200] or TOOL, (), tuple(found), tuple(dict.fromkeys(scanned)), notes.left_out,
        tuple(notes.problems), version=next(filter(None, versions), ""), date=max(dates, default=""),
    )  # fmt: skip


def _results(
    run: Mapping[str, Any], number_: int, head: tuple[str, str, str, str], found: list[Finding], notes: Notes
) -> None:
    name, version, date, target = head
    rules = [mapping(one) for one in items(mapping(mapping(run.get("tool")).get("driver")).get("rules"))]
    by_id = {words(one.get("id")): one for one in rules}
    for index, one in enumerate(map(mapping, items(run.get("results")))):
        if _suppressed(one):
            notes.leave("results that were suppressed")
        elif one.get("kind", "fail") != "fail" or one.get("baselineState") == "absent":
            notes.leave("results that are no failure any more")
        elif len(found) >= MAX_FINDINGS:
            notes.leave("results beyond the number that is read")
        else:
            rule = _rule(one, rules, by_id)
            where = mapping(mapping(_first(one.get("locations")).get("physicalLocation")).get("artifactLocation"))
            found.append(
                Finding(
                    name,
                    version,
                    "",
                    date,
                    target,
                    _kind(one, rule),
                    text(one.get("ruleId") or rule.get("id")),
                    _severity(one, rule),
                    target_name(where.get("uri")),
                    f"runs[{number_}].results[{index}]",
                )
            )


def _first(value: Any) -> Mapping[str, Any]:
    return mapping(next(iter(items(value)), None))


def _suppressed(one: Mapping[str, Any]) -> bool:
    return any(mapping(each).get("status", "accepted") == "accepted" for each in items(one.get("suppressions")))


def _rule(
    one: Mapping[str, Any], rules: list[Mapping[str, Any]], by_id: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    reference = mapping(one.get("rule"))
    index = count(one.get("ruleIndex", reference.get("index")))
    if index is not None and index < len(rules) and not isinstance(one.get("ruleIndex"), float):
        return rules[index]
    return by_id.get(words(one.get("ruleId") or reference.get("id")), {})


def level_of(one: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    """The level of a result: its own, else that of its rule, else a warning."""
    own = words(one.get("level"))
    usual = words(mapping(rule.get("defaultConfiguration")).get("level"))
    return next((level for level in (own, usual) if level in _LEVELS), "warning")


def _severity(one: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    """By the score of the rule where it has one, else by the level."""
    said = mapping(rule.get("properties")).get("security-severity")
    try:
        score = number(float(said)) if isinstance(said, str | int | float) else None
    except (ValueError, OverflowError):
        score = None
    if score is not None:
        return next((name for least, name in _SCORES if score >= least), "note")
    return _LEVELS[level_of(one, rule)]


def _kind(one: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    said = " ".join(
        [words(one.get("ruleId")), words(rule.get("id")), words(rule.get("name"))]
        + [words(tag) for tag in items(mapping(rule.get("properties")).get("tags"))]
    ).lower()
    if "secret" in said:
        return "secret"
    if "misconfiguration" in said:
        return "misconfiguration"
    return "vulnerability" if said.startswith(("cve-", "ghsa-")) or "packagevulnerability" in said else "code"
