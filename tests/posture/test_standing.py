"""Answers and graph as one model: what an answer stands for, what the graph answers, and where they contradict."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.vocabulary import View
from graphmodel.posture.answers import AnswerStatus
from graphmodel.posture.derived import observed_controls, observed_items
from graphmodel.posture.posture import find_posture
from graphmodel.posture.recorded import Kind
from graphmodel.workspace import open_model
from tests.posture.systems import ANSWERS, SYSTEM, stands

GUARD = "answers: {MS-5.2.1.g1: {status: %s, controls: [{control: input-guardrail, on: [%s], evidence: tested}]}}\n"


def test_an_answer_counts_as_the_same_control_in_the_system_does(tmp_path: Path) -> None:
    by_answer, _, standing = stands(tmp_path, ANSWERS + GUARD % ("met", "bot"))
    stated = SYSTEM + "controls: {g: {control: input-guardrail, protects: [bot], evidence: tested}}\n"
    (tmp_path / "stated.yaml").write_text(stated)
    by_hand = open_model(tmp_path / "stated.yaml").assess()
    plain, _, _ = stands(tmp_path)
    assert by_answer.expected_loss(View.RESIDUAL) == by_hand.expected_loss(View.RESIDUAL)
    assert by_answer.expected_loss(View.RESIDUAL).value < plain.expected_loss(View.RESIDUAL).value
    (made,) = standing.made
    assert made == "MS-5.2.1.g1.input-guardrail"
    one = standing.system.control_by_id[made]
    assert one.source is not None and one.source.place.startswith("answers.MS-5.2.1.g1, line")


@pytest.mark.parametrize(("said", "coverage"), [("met", 1.0), ("partly", 0.5)])
def test_a_partial_answer_covers_a_part(tmp_path: Path, said: str, coverage: float) -> None:
    _, _, standing = stands(tmp_path, ANSWERS + GUARD % (said, "Agent"))
    (one,) = standing.system.controls
    assert (one.protects, one.coverage) == (("bot",), coverage)


def test_what_is_not_met_stands_for_nothing(tmp_path: Path) -> None:
    _, found, standing = stands(tmp_path, ANSWERS + GUARD % ("not met", "bot"))
    assert standing.system.controls == ()
    assert any("count for nothing" in one.message for one in found.problems)


@pytest.mark.parametrize("place", ["bot", "inside", '"*"'])
def test_what_the_system_states_comes_first(tmp_path: Path, place: str) -> None:
    system = SYSTEM + f"controls: {{g: {{control: input-guardrail, protects: [{place}]}}}}\n"
    _, _, standing = stands(tmp_path, ANSWERS + GUARD % ("met", "bot, nowhere"), system)
    assert not standing.made
    assert [(one.place, one.already) for one in standing.astray] == [("bot", ("g",)), ("nowhere", ())]


ALERTS = "{status: %s, controls: [{control: misuse-detection, on: [%s]}]}"


@pytest.mark.parametrize(
    ("first", "second", "stated"),
    [
        (("met", "'*'"), ("met", "'*'"), ""),
        (("met", "'*'"), ("met", "records"), ""),
        (("met", "records"), ("met", "'*'"), ""),
        (("partly", "records"), ("met", "inside"), ""),
        (("met", "inside"), ("partly", "Database"), ""),
        (("met", "'*'"), None, "records"),
        (("met", "inside"), None, "records"),
        (("met", "records"), None, "'*'"),
    ],
)
def test_a_control_counts_once_at_a_place_however_often_it_is_named(
    tmp_path: Path, first: tuple[str, str], second: tuple[str, str] | None, stated: str
) -> None:
    once = SYSTEM + "controls: {g: {control: misuse-detection, protects: [records]}}\n"
    alone, _, _ = stands(tmp_path, ANSWERS, once)
    text = f"answers: {{MS-5.6.1.g2: {ALERTS % first}"
    text += f", GEN-11.g3: {ALERTS % second}}}\n" if second is not None else "}\n"
    system = once.replace("[records]", f"[{stated}]") if stated else SYSTEM
    found, _, _ = stands(tmp_path, ANSWERS + text, system)
    assert found.expected_loss() == alone.expected_loss()


def test_what_is_planned_comes_before_an_answer_and_is_contradicted(tmp_path: Path) -> None:
    planned = SYSTEM + "controls: {g: {control: misuse-detection, protects: [records], status: planned}}\n"
    text = ANSWERS + f"answers: {{GEN-11.g3: {ALERTS % ('met', 'records')}}}\n"
    found, answers, standing = stands(tmp_path, text, planned)
    plain, _, _ = stands(tmp_path, ANSWERS, planned)
    for view in View:
        assert found.expected_loss(view) == plain.expected_loss(view)
    posture = find_posture(found, answers.framework, answers.given, standing)
    (one,) = (one for one in posture.findings if one.kind is Kind.CONTRADICTION)
    assert (one.about, one.elements) == ("GEN-11.g3", ("g",))
    assert "the system has it as planned: g" in one.message and "give g the status implemented" in one.fix
    done, answers, standing = stands(tmp_path, text, planned.replace("planned", "implemented"))
    posture = find_posture(done, answers.framework, answers.given, standing)
    assert not [one for one in posture.findings if one.kind is Kind.CONTRADICTION and "planned" in one.message]


def test_evidence_that_has_expired_counts_for_less(tmp_path: Path) -> None:
    text = ANSWERS + (
        "answers: {MS-5.2.1.g1: {status: met, evidence: [{reference: wiki, until: 2026-06-01}],"
        " controls: [{control: input-guardrail, on: [bot], evidence: tested}]}}\n"
    )
    before, _, _ = stands(tmp_path, text, today="2026-05-31")
    after, found, standing = stands(tmp_path, text, today="2026-06-02")
    assert after.expected_loss().value > before.expected_loss().value
    posture = find_posture(after, found.framework, found.given, standing)
    assert [one.about for one in posture.findings if one.kind is Kind.EXPIRED] == ["MS-5.2.1.g1"]


@pytest.mark.parametrize(
    ("controls", "status"),
    [
        ("", AnswerStatus.NOT_MET),
        ("g: {control: network-segmentation, protects: [records]}", AnswerStatus.PARTLY),
        ("g: {control: network-segmentation, protects: ['*'], coverage: 0.5}", AnswerStatus.PARTLY),
        ("g: {control: network-segmentation, protects: ['*']}", AnswerStatus.MET),
        ("g: {control: network-segmentation, protects: ['*'], status: planned}", AnswerStatus.NOT_MET),
    ],
)
def test_what_stands_in_the_graph_answers_its_item(tmp_path: Path, controls: str, status: AnswerStatus) -> None:
    assessment, _, _ = stands(tmp_path, system=SYSTEM + (f"controls: {{{controls}}}\n" if controls else ""))
    seen = observed_controls(assessment)["network-segmentation"]
    assert seen.status is status
    assert ("records" in seen.open) == (status is AnswerStatus.NOT_MET)
    assert ("bot" in seen.open) == ("*" not in controls or "planned" in controls)
    items = observed_items(load_framework(), {"network-segmentation": seen})
    assert items and all(one == seen for one in items.values())


def test_contradictions_name_both_places(tmp_path: Path) -> None:
    framework = load_framework()
    item = next(one.id for one in framework.items() if "content-isolation" in one.controls)
    system = SYSTEM + "controls: {g: {control: content-isolation, protects: [mail]}}\n"
    said = {}
    for status in ("met", "not met", "partly"):
        text = ANSWERS + f"answers: {{{item}: {{status: {status}, due: 2026-01-01}}}}\n"
        assessment, found, standing = stands(tmp_path, text, SYSTEM if status == "met" else system, "2026-02-01")
        findings = find_posture(assessment, found.framework, found.given, standing).findings
        said[status] = {one.kind: one for one in findings if one.about == item}
    assert "mail" in said["met"][Kind.CONTRADICTION].elements
    assert said["not met"][Kind.CONTRADICTION].elements == ("g",)
    assert Kind.CONTRADICTION not in said["partly"]
    assert Kind.OVERDUE in said["partly"] and Kind.OVERDUE not in said["met"]
    source = said["met"][Kind.CONTRADICTION].source
    assert source is not None and source.place.startswith(f"answers.{item}, line")
