"""Mappings between vocabularies: the shipped ones are sound, and each thing that can be wrong is found in others."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.mapped import rows_by_subject
from graphmodel.knowledge.mappings import (
    MAX_CELLS,
    NEEDED,
    NO_TERM,
    mapping_findings,
    read_mappings,
    shipped_mappings,
    vocabularies,
)
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.problems import Problem, UnreadableError
from tests.cli.calls import run

COLUMNS = "\t".join((*NEEDED, "subject_label", "object_label"))
GOOD = {
    "subject_id": "threat:rag-poisoning",
    "predicate_id": "skos:relatedMatch",
    "object_id": "atlas-2026.09:AML.T0070",
    "mapping_justification": "semapv:ManualMappingCuration",
    "subject_source_version": "1",
    "object_source_version": "2026.09",
    "confidence": "0.8",
    "subject_label": "",
    "object_label": "RAG Poisoning",
}


def table(*rows: dict[str, str]) -> bytes:
    lines = ["#curie_map:", COLUMNS, *("\t".join({**GOOD, **row}.values()) for row in rows)]
    return "\n".join(lines).encode()


def found(catalogue: Catalogue, *rows: dict[str, str]) -> list[Problem]:
    return list(mapping_findings(read_mappings("own", table(*rows)), vocabularies(catalogue), "warning"))


def test_the_shipped_mappings_are_sound_and_whole(catalogue: Catalogue) -> None:
    rows = [row for name, data in shipped_mappings() for row in read_mappings(name, data)]
    known = vocabularies(catalogue)
    assert mapping_findings(rows, known, "error") == ()
    told = {row.cells[end].partition(":")[2] for row in rows for end in ("subject_id", "object_id")}
    risks = {one for one in known["cosai-rm-2026-08-19"].names if one.startswith("risk")}
    assert len(risks) == 36
    assert risks <= told
    assert {f"FM-{number}" for number in range(1, 12)} <= told
    for edition in ("nist-ai-100-2-e2025", "ms-agentic-failure-modes-1.0", "ms-agentic-failure-modes-2.0"):
        assert set(known[edition].names) <= told, edition
    for edition in ("dpv-ai-2.3", "spdx-3.0.1", "owasp-aisvs-1.0", "eu-ai-act-2024-1689"):
        assert set(known[edition].names) <= told, edition
    assert all(row.cells["comment"] for row in rows)


@pytest.mark.parametrize(
    "edition",
    [
        "cosai-rm-2026-08-19",
        "ms-agentic-failure-modes-1.0",
        "ms-agentic-failure-modes-2.0",
        "ms-failure-modes-2019",
        "nist-ai-100-2-e2025",
    ],
)
def test_every_threat_has_a_counterpart_or_the_reason_why_not(catalogue: Catalogue, edition: str) -> None:
    rows = [row.cells for name, data in shipped_mappings() for row in read_mappings(name, data)]
    rows = [one for one in rows if one["object_source_version"] == edition and one["subject_id"].startswith("threat:")]
    threats = {one.id for one in catalogue.patterns.values() if not one.propagation}
    none = {one["subject_id"] for one in rows if one["object_id"] == NO_TERM}
    mapped = {one["subject_id"] for one in rows if one["object_id"] != NO_TERM}
    assert none | mapped == {f"threat:{one}" for one in threats}
    assert none.isdisjoint(mapped)
    assert len({(one["subject_id"], one["object_id"]) for one in rows}) == len(rows)


def test_every_control_has_a_countermeasure_of_d3fend_or_the_reason_why_not(catalogue: Catalogue) -> None:
    rows = [row.cells for name, data in shipped_mappings() for row in read_mappings(name, data)]
    told = {one["subject_id"] for one in rows if one["object_source_version"] == "d3fend-1.2.0"}
    assert {f"control:{one}" for one in catalogue.controls} <= told


def test_a_control_that_is_no_item_of_the_framework_stands_in_standards(catalogue: Catalogue) -> None:
    items = {control for item in load_framework().items() for control in item.controls}
    for control in catalogue.controls.keys() - items:
        found = {one.cells["object_source_version"] for one in rows_by_subject()[f"control:{control}"]}
        assert {"iso-27001-2022", "nist-csf-2.0"} <= found, control


@pytest.mark.parametrize(
    ("row", "level", "line", "says"),
    [
        ({"object_id": "atlas-2026.09:AML.T9999"}, "warning", 3, "has no “AML.T9999”"),
        ({"object_id": "atlas:AML.T9999"}, "warning", 3, "atlas-2026.09 has no “AML.T9999”"),
        ({"object_id": "atlas:AML.T0058", "object_label": ""}, "warning", 3, "removed"),
        ({"object_id": "atlas:AML.T0020", "object_label": "Poison Training Data"}, "warning", 3, "was renamed"),
        ({"object_label": "Jailbreak"}, "warning", 3, "contradicts the id"),
        ({"object_id": "atlas-1:AML.T0070"}, "note", 3, "is no edition that is shipped"),
        ({"object_source_version": "2025.01"}, "warning", 3, "pinned to “2025.01”"),
        ({"subject_id": "threat:no-such"}, "warning", 3, "threat has no “no-such”"),
        ({"confidence": "high"}, "warning", 3, "no share of 1"),
        ({"confidence": "1.5"}, "warning", 3, "no share of 1"),
        ({"mapping_justification": ""}, "warning", 3, "“mapping_justification” is empty"),
    ],
)
def test_what_is_wrong_in_a_row_is_found(
    catalogue: Catalogue, row: dict[str, str], level: str, line: int, says: str
) -> None:
    (problem,) = found(catalogue, row)
    assert (problem.level, problem.line) == (level, line)
    assert says in problem.message


def test_what_is_sound_is_not_told(catalogue: Catalogue) -> None:
    sub = {"object_id": "atlas:AML.T0051.000", "object_label": "direct"}
    assert found(catalogue, {}, sub, {"object_id": NO_TERM, "object_label": ""}) == []
    assert vocabularies(catalogue)["atlas-2026.09"].gone["AML.T0058"] == "AML.T0115.001"


def test_one_way_pairs_and_double_exact_matches_are_found(catalogue: Catalogue) -> None:
    back = {
        "subject_id": GOOD["object_id"],
        "object_id": GOOD["subject_id"],
        "object_label": "",
        "subject_source_version": "2026.09",
        "object_source_version": "1",
    }
    other = {"subject_id": "threat:jailbreak", "object_id": "atlas:AML.T0054", "object_label": ""}
    assert found(catalogue, {}, back) == []
    (one,) = found(catalogue, {}, back, other)
    assert (one.line, "not the other way" in one.message) == (5, True)
    exact = {"predicate_id": "skos:exactMatch"}
    (two,) = found(catalogue, exact, {**exact, "object_id": "atlas:AML.T0071", "object_label": ""})
    assert "exactly 2 of atlas-2026.09: AML.T0070, AML.T0071" in two.message


@pytest.mark.parametrize("data", [b"", b"# only\n", b"a\tb\n", b"\xff", table({}) + b"\nshort\trow"])
def test_what_is_no_mapping_set_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_mappings("own", data)


def test_a_set_of_too_many_cells_is_refused() -> None:
    with pytest.raises(UnreadableError, match="cells"):
        read_mappings("own", (COLUMNS + "\n" + "x\n" * (MAX_CELLS // len(GOOD))).encode())


def test_the_command_looks_at_files_of_mappings(tmp_path: Path) -> None:
    file = tmp_path / "mine.sssom.tsv"
    file.write_bytes(table({"object_label": "Jailbreak"}))
    said = run("catalogue", "lint", str(file))
    assert said.exit_code == 0
    assert "contradicts the id" in said.output
    assert "0 errors, 1 warning, 0 notes" in said.output
    file.write_bytes(b"a\tb")
    refused = run("catalogue", "lint", str(file))
    assert refused.exit_code == 2
    assert "no column “subject_id”" in refused.output


def test_pages_of_entries_show_what_has_a_counterpart_and_nothing_else() -> None:
    rows = rows_by_subject()
    assert any(one.cells["object_id"].startswith("cosai") for one in rows["threat:rag-poisoning"])
    assert all(one.cells["object_id"] != NO_TERM for own in rows.values() for one in own)
