"""What answers say for other standards: never more than supported, and nothing that is asked for is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.mappings import requirements_of
from graphmodel.knowledge.standards import load_standards
from graphmodel.posture.posture import area_states
from graphmodel.posture.standards import (
    STRONG,
    StandardRow,
    Support,
    against_standard,
    against_techniques,
    technique_editions,
)
from tests.cli.calls import printed, run
from tests.posture.systems import ANSWERS, SYSTEM, stands

GUARD = "controls: {g: {control: input-guardrail, protects: [bot]}}\n"


def rows(tmp_path: Path, answers: str, standard: str = "iso-42001-2023") -> dict[str, StandardRow]:
    assessment, found, _ = stands(tmp_path, ANSWERS + answers)
    areas = area_states(assessment, found.framework, found.given)
    return {one.id: one for one in against_standard(areas, load_standards()[standard])}


def test_every_counterpart_is_an_entry_of_its_pinned_edition() -> None:
    standards, named = load_standards(), dict[str, set[str]]()
    assert {one.id: len(one.requirements) for one in standards.values()} == {
        "eu-ai-act-2024-1689": 19,
        "iso-27001-2022": 93,
        "iso-42001-2023": 38,
        "nist-ai-rmf-1.0": 72,
        "nist-csf-2.0": 106,
        "owasp-aisvs-1.0": 44,
    }
    for requirement in load_framework().controls():
        for edition, ids in requirement.counterparts.items():
            named.setdefault(edition, set()).update(ids)
    for edition, standard in standards.items():
        # What has no row of its own in the framework is mapped by rows with a confidence, of which `lint` knows.
        entries = named.get(edition) or requirements_of(edition).keys()
        assert entries and entries <= set(standard.requirements), edition


def test_weak_mappings_alone_never_support_an_entry_in_full(tmp_path: Path) -> None:
    everything = ", ".join(f"{one.id}: 5" for one in load_framework().controls())
    found = rows(tmp_path, f"maturity: {{{everything}}}\n", "eu-ai-act-2024-1689")
    assert set(found) == set(requirements_of("eu-ai-act-2024-1689"))
    assert (found["Article 14"].support, found["Article 14"].weak) == (Support.SUPPORTED, False)
    assert (found["Article 13"].support, found["Article 13"].weak) == (Support.PARTLY, True)
    assert {one.id for one in found.values() if one.support is Support.SUPPORTED} == {
        one.id for one in found.values() if max(one.confidence.values()) >= STRONG
    }
    # Where the strong counterpart does not apply here, the weak one is all there is.
    text = f"maturity: {{{everything.replace('GEN-8: 5, ', '')}}}\nanswers:\n"
    left = "".join(f"  GEN-8.g{n}: {{status: not applicable, reason: none here}}\n" for n in range(1, 5))
    assert rows(tmp_path, text + left, "eu-ai-act-2024-1689")["Article 14"].support is Support.PARTLY


@pytest.mark.parametrize(
    ("levels", "support"),
    [
        ({}, Support.UNKNOWN),
        ({"MS-5.5.2": 3}, Support.PARTLY),  # the other that bears on it is not assessed
        ({"GOV-1": 3, "MS-5.5.2": 3}, Support.SUPPORTED),
        ({"GOV-1": 5, "MS-5.5.2": 2}, Support.PARTLY),
        ({"GOV-1": 0, "MS-5.5.2": 0}, Support.UNSUPPORTED),
    ],
)
def test_an_entry_is_supported_where_all_that_bears_on_it_is_done(
    tmp_path: Path, levels: dict[str, int], support: Support
) -> None:
    open_items = "".join(f"  MS-5.5.2.g{number}: {{}}\n" for number in range(1, 7))
    text = "answers:\n" + open_items + "maturity: {" + ", ".join(f"{key}: {one}" for key, one in levels.items()) + "}\n"
    found = rows(tmp_path, text)
    assert list(found) == list(load_standards()["iso-42001-2023"].requirements)
    assert [one.requirement.id for one in found["A.2.3"].by] == ["GOV-1", "MS-5.5.2"]
    said = found["A.2.3"].support
    # The graph knows of segmentation, so what nobody has answered there is not open altogether.
    assert said is (Support.UNSUPPORTED if support is Support.UNKNOWN else support)


def test_what_nothing_bears_on_stays_open_however_much_is_answered(tmp_path: Path) -> None:
    framework = load_framework()
    everything = ", ".join(f"{one.id}: 5" for one in framework.controls())
    found = rows(tmp_path, f"maturity: {{{everything}}}\n")
    assert {one.support for one in found.values()} == {Support.SUPPORTED, Support.UNMAPPED}
    assert all((one.support is Support.UNMAPPED) == (not one.by) for one in found.values())


def test_evidence_is_that_of_what_is_met(tmp_path: Path) -> None:
    proof = "evidence: [{reference: %s}]"
    text = f"answers: {{GOV-1.g1: {{status: met, {proof % 'W1'}}}, GOV-1.g2: {{status: not met, {proof % 'W2'}}}}}\n"
    assert rows(tmp_path, text)["A.2.2"].evidence == ("W1",)


def test_techniques_say_how_often_they_are_possible_here_and_covered(tmp_path: Path) -> None:
    plain, found, _ = stands(tmp_path)
    guarded, _, _ = stands(tmp_path, system=SYSTEM + GUARD)
    assert {"owasp-llm-2026", "atlas-2026.09"} <= set(technique_editions(plain))
    areas = area_states(plain, found.framework, found.given)
    without = {one.id: one for one in against_techniques(areas, plain, "owasp-llm-2026")}
    having = {one.id: one for one in against_techniques(areas, guarded, "owasp-llm-2026")}
    one = "LLM01:2026"
    assert len(without) == 10
    patterns = {
        pattern.id
        for pattern in plain.compiled.catalogue.patterns.values()
        if any((t.edition, t.id) == ("owasp-llm-2026", one) for t in pattern.techniques)
    }
    assert without[one].steps == sum(binding.pattern.id in patterns for binding in plain.compiled.bindings) > 0
    assert without[one].covered == 0 and (having[one].covered or 0) > 0
    assert {state.requirement.id for state in without[one].by} == {
        requirement.id for requirement in found.framework.controls() if patterns.intersection(requirement.threats)
    }


def test_the_command_names_the_standards_that_there_are(tmp_path: Path) -> None:
    stands(tmp_path)
    file = str(tmp_path / "desk.yaml")
    wrong = run("posture", file, "--standard", "iso-42002")
    assert wrong.exit_code == 2 and "iso-42001-2023" in wrong.stderr
    found = printed("posture", file, "--standard", "nist-csf-2.0")
    assert len(found["entries"]) == 106 and "suggestions" in found["note"]
    drafted = printed("posture", file, "--standard", "eu-ai-act")
    assert "lawyers" in drafted["note"] and drafted["entries"][0]["by"][0]["confidence"] == 0.8
    assert "no counterpart" in run("posture", file, "--standard", "nist-csf-2.0").stdout
