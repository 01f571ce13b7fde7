"""ModelScan's JSON: code that is hidden in files of models."""

from __future__ import annotations

from typing import Any

from graphmodel.reading.values import Text
from importers.evidence.model import MAX_FINDINGS, Finding, Notes, Results, count, day, items, mapping, text, words

TOOL = "ModelScan"
_SEVERITIES = ("critical", "high", "medium", "low")


def sniff(value: Any) -> bool:
    """Whether a document is a report of ModelScan."""
    summary = mapping(mapping(value).get("summary"))
    return "modelscan_version" in summary or ("total_issues_by_severity" in summary and "issues" in value)


def read(text_: Text) -> Results:
    """The findings of a report; each file that was scanned is a target. Paths of the tester are not kept."""
    value, notes = mapping(text_.value), Notes(text_.file)
    summary = mapping(value.get("summary"))
    version, date = text(summary.get("modelscan_version")), day(summary.get("timestamp"))
    issues = [mapping(one) for one in items(value.get("issues"))]
    found = []
    for index, one in enumerate(issues[:MAX_FINDINGS]):
        severity, source = words(one.get("severity")).lower(), text(one.get("source"))
        rule = ".".join(filter(None, (text(one.get("module")), text(one.get("operator"))))) or text(one.get("scanner"))
        known = severity if severity in _SEVERITIES else "note"
        found.append(Finding(TOOL, version, "", date, source, "model", rule[:200], known, source, f"issues[{index}]"))
    scanned = mapping(summary.get("scanned"))
    targets = [text(one) for one in items(scanned.get("scanned_files"))]
    total = count(summary.get("total_issues"))
    if total is not None and total != len(issues):
        message = f"its summary speaks of {total} issues, but it has {len(issues)}; those that it has count."
        notes.add("warning", message, "Export the report whole.", "summary.total_issues")
    for index, one in enumerate(map(mapping, items(value.get("errors")))):
        message = "a file could not be scanned, so nothing is known of it."
        notes.add("warning", message, "Scan it by itself.", f"errors[{index}] {text(one.get('source'))}".strip())
    message = f"{count(scanned.get('total_scanned')) or 0} files were scanned; files that were skipped are not in it."
    notes.add("note", message, path="summary.scanned")
    return Results(
        TOOL, (), tuple(found), tuple(dict.fromkeys([*targets, *(one.target for one in found)])), notes.left_out,
        tuple(notes.problems), version=version, date=date,
    )  # fmt: skip
