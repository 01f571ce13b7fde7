"""Trivy's JSON: vulnerable packages, misconfigurations and secrets of images, folders and clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.reading.values import Text
from importers.evidence.model import (
    MAX_FINDINGS,
    Finding,
    Notes,
    Results,
    day,
    items,
    mapping,
    target_name,
    text,
    words,
)

TOOL = "Trivy"
_CLUSTER = ("Resources", "Vulnerabilities", "Misconfigurations")
_SEVERITIES = {"CRITICAL": "critical", "HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
Part = tuple[str, str, Mapping[str, Any]]


def sniff(value: Any) -> bool:
    """Whether a document is a report of Trivy."""
    one = mapping(value)
    if "ClusterName" in one:
        return any(isinstance(one.get(key), list) for key in _CLUSTER)
    return ("ArtifactName" in one or "ArtifactType" in one) and "SchemaVersion" in one


def read(text_: Text) -> Results:
    """The findings of a report. What matched a secret is not kept."""
    value, notes, found, scanned = mapping(text_.value), Notes(text_.file), list[Finding](), dict[str, None]()
    version = text(mapping(value.get("Trivy")).get("Version"))
    date = day(value.get("CreatedAt"))
    for target, place, result in _parts(value):
        scanned.setdefault(target)
        where = text(result.get("Target"))
        for kind, entries, id_ in (
            ("vulnerability", "Vulnerabilities", "VulnerabilityID"),
            ("misconfiguration", "Misconfigurations", "ID"),
            ("secret", "Secrets", "RuleID"),
        ):
            for index, one in enumerate(map(mapping, items(result.get(entries)))):
                if kind == "misconfiguration" and one.get("Status", "FAIL") != "FAIL":
                    notes.leave("checks that were passed")
                elif len(found) >= MAX_FINDINGS:
                    notes.leave("findings beyond the number that is read")
                else:
                    severity = _SEVERITIES.get(words(one.get("Severity")).upper(), "note")
                    at = f"{place}.{entries}[{index}]"
                    found.append(
                        Finding(TOOL, version, "", date, target, kind, text(one.get(id_)), severity, where, at)
                    )
    return Results(
        TOOL, (), tuple(found), tuple(scanned), notes.left_out, tuple(notes.problems), version=version, date=date
    )


def _parts(value: Mapping[str, Any]) -> Iterator[Part]:
    """Each result with what was scanned; of a cluster that is a resource of it."""
    if "ClusterName" not in value:
        name = target_name(value.get("ArtifactName"))
        for index, result in enumerate(map(mapping, items(value.get("Results")))):
            yield name, f"Results[{index}]", result
        return
    for section in _CLUSTER:
        for number, resource in enumerate(map(mapping, items(value.get(section)))):
            name = "/".join(filter(None, (text(resource.get(key)) for key in ("Namespace", "Kind", "Name"))))
            for index, result in enumerate(map(mapping, items(resource.get("Results")))):
                yield name[:200], f"{section}[{number}].Results[{index}]", result
