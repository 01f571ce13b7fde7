"""The page Assess, run without a browser."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from graphmodel.knowledge.vocabulary import View
from graphmodel.posture.answers import Acceptance
from graphmodel.ui.state import FIRST_EXAMPLE
from graphmodel.workspace import Model, examples_directory, model_from_bytes, open_model
from tests.conftest import ROOT
from tests.posture.systems import ANSWERS, SYSTEM, answered
from tests.ui.test_app import texts

pytestmark = pytest.mark.usefixtures("kept_answers")

ITEM, REQUIREMENT = "MS-5.4.1.g1", "MS-5.4.1"


def assess(model: Model, **asked: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    test.session_state["model"] = model
    test.run()
    for name, value in asked.items():
        test.query_params[name] = value
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / "assess.py")).run()
    assert not test.exception, test.exception
    return test


def key(about: str, field: str, edition: int = 0) -> str:
    return f"answer {edition} {about} {field}"


def status(test: AppTest, item: str = ITEM, edition: int = 0) -> object:
    return test.button_group(key=key(item, "status", edition))


def test_all_systems_of_the_folder_are_in_one_table(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(SYSTEM)
    (tmp_path / "dear.yaml").write_text(SYSTEM.replace("amount: 100000", "amount: 900000").replace("Help desk", "Dear"))
    (tmp_path / "broken.yaml").write_text(SYSTEM.replace("type: Agent", "type: Agnet"))
    (tmp_path / "assessment.yaml").write_text(ANSWERS)
    test = assess(open_model(tmp_path / "desk.yaml"), tab="systems")
    assert "broken\\.yaml" in texts(test)
    (table,) = [one.value for one in test.dataframe if "With what is planned" in " ".join(map(str, one.value))]
    assert list(table["System"]) == ["Dear", "Help desk"]


def test_an_answer_is_in_the_file_at_once_and_counted(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(SYSTEM)
    test = assess(open_model(tmp_path / "desk.yaml"))
    assert "which the first one begins" in texts(test)
    test.selectbox(key="assess-area").set_value("MS-5.4").run()
    status(test).set_value("met").run()  # type: ignore[attr-defined]
    test.text_input(key=key(ITEM, "owner")).set_value("Ada").run()
    test.text_input(key=key(f"{ITEM} 0", "reference 0")).set_value("Minutes of June").run()
    assert not test.exception
    said = (tmp_path / "desk.assessment.yaml").read_text()
    assert f"  {ITEM}:\n    status: met\n    owner: Ada\n    evidence:\n      - reference: Minutes of June\n" in said
    assert "Owner\\: Ada · evidence\\: Minutes of June" in texts(test)
    test.text_input(key=key(f"{ITEM} 0", "reference 0")).set_value("").run()
    status(test).set_value(None).run()  # type: ignore[attr-defined]
    assert "evidence" not in (tmp_path / "desk.assessment.yaml").read_text()
    assert "status" not in (tmp_path / "desk.assessment.yaml").read_text()
    assert not test.exception


def test_facts_and_levels_are_answered_and_say_how_severe_and_how_mature(tmp_path: Path) -> None:
    model, _ = answered(tmp_path)
    test = assess(model)
    test.button_group(key=key("regulated-data", "fact")).set_value("yes").run()
    assert "**Critical**, as:" in texts(test)
    test.selectbox(key="assess-area").set_value("MS-5.4").run()
    test.radio(key=key(REQUIREMENT, "level")).set_value("2").run()
    test.selectbox(key=key(REQUIREMENT, "target")).set_value("5").run()
    said = (tmp_path / "desk.assessment.yaml").read_text()
    assert "  regulated-data: true\n" in said
    assert f"  {REQUIREMENT}:\n    level: 2\n    target: 5\n" in said
    test.session_state["assess-tab"] = "Maturity"
    test.run()
    table = test.dataframe[0].value
    row = next(row for _, row in table.iterrows() if row["Requirement"].startswith(REQUIREMENT))
    assert (row["Today"], row["Target"], row["Level is"], row["Stands"]) == (2, 5, "chosen", "3 or more below")
    test.selectbox(key="assess-profile").set_value("baseline").run()
    assert "profile: baseline" in (tmp_path / "desk.assessment.yaml").read_text()
    assert not test.exception


def test_not_applicable_waits_for_its_reason(tmp_path: Path) -> None:
    model, _ = answered(tmp_path)
    test = assess(model, area="MS-5.4")
    status(test).set_value("not applicable").run()  # type: ignore[attr-defined]
    assert any("why it does not apply here" in one.value for one in test.warning)
    assert (tmp_path / "desk.assessment.yaml").read_text() == ANSWERS
    test.text_input(key=key(ITEM, "reason")).set_value("no model of ours").run()
    assert not test.warning
    assert "status: not applicable\n    reason: no model of ours" in (tmp_path / "desk.assessment.yaml").read_text()


def test_what_others_write_is_never_lost_and_shown_beside_ones_own(tmp_path: Path) -> None:
    model, _ = answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    test = assess(model, area="MS-5.4")
    theirs = f"{ANSWERS}answers:\n  {ITEM}: {{status: partly, owner: Bo}}\n  MS-5.4.1.g2: {{status: met}}\n"
    path.write_text(theirs)
    status(test).set_value("not met").run()  # type: ignore[attr-defined]
    assert path.read_text() == theirs
    assert any("somebody else has just answered" in one.value for one in test.warning)
    assert test.dataframe[0].value["In the file"].tolist()[0] == "partly"
    test.button(key=f"mine {ITEM}").click().run()
    said = path.read_text()
    assert re.search(rf"{re.escape(ITEM)}:\s+status: not met", said)
    assert "MS-5.4.1.g2: {status: met}" in said
    assert status(test, "MS-5.4.1.g2", test.session_state["answers-edition"]).value == "met"  # type: ignore[attr-defined]
    assert not test.warning and not test.exception


@pytest.mark.parametrize("kind", ["example", "upload"])
def test_answers_to_what_is_not_the_users_file_stay_in_the_session(kind: str) -> None:
    path = examples_directory() / FIRST_EXAMPLE
    before = {one: one.read_bytes() for one in path.parent.iterdir() if one.is_file()}
    model = open_model(path) if kind == "example" else model_from_bytes(path.read_bytes(), "mine.yaml")
    test = assess(model, area="MS-5.4")
    status(test).set_value("met").run()  # type: ignore[attr-defined]
    test.run()
    assert status(test).value == "met"  # type: ignore[attr-defined]
    assert test.get("download_button")
    assert {one: one.read_bytes() for one in path.parent.iterdir() if one.is_file()} == before
    assert not Path("mine.assessment.yaml").exists()
    assert "1 answered" in test.get("progress")[0].proto.text


def test_only_what_is_open_is_asked_and_stays_while_it_is_answered(tmp_path: Path) -> None:
    model, _ = answered(tmp_path)
    test = assess(model, area="MS-5.4", open="yes", role="data-scientist")
    shown = [one.key for one in test.button_group]
    assert key(ITEM, "status") in shown and key("MS-5.4.1.g2", "status") not in shown
    status(test).set_value("met").run()  # type: ignore[attr-defined]
    assert key(ITEM, "status") in [one.key for one in test.button_group]
    test.radio(key="assess-requirement").set_value("MS-5.4.2").run()
    test.radio(key="assess-requirement").set_value(REQUIREMENT).run()
    assert key(ITEM, "status") not in [one.key for one in test.button_group]


def test_every_tab_has_its_numbers_with_their_why(tmp_path: Path) -> None:
    model, _ = answered(tmp_path, f"{ANSWERS}answers:\n  GEN-3.g1: {{status: met}}\n")
    test = assess(model, tab="gaps")
    gaps = test.dataframe[0].value
    assert gaps["Closing saves (EUR)"].is_monotonic_decreasing
    test.session_state["assess-risks"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    test.run()
    assert "The loss is worked out anew with these in place together" in texts(test)
    test.session_state["assess-tab"] = "Attacks"
    test.run()
    assert len(test.dataframe[0].value) == len(test.dataframe[1].value) == 7
    test.session_state["assess-tab"] = "Contradictions"
    test.run()
    found = test.dataframe[0].value
    assert found["Kind"][0] == "Contradiction" and "desk.assessment.yaml: answers.GEN-3.g1" in found["Answered in"][0]
    assert found["On the graph"][0]
    assert not test.exception


def test_a_control_that_an_answer_puts_in_place_moves_the_numbers_of_other_pages(tmp_path: Path) -> None:
    model, _ = answered(tmp_path)
    before = model.assess().risks[0].likelihood[View.RESIDUAL].value
    test = assess(model, area="GEN", requirement="GEN-3")
    status(test, "GEN-3.g1").set_value("met").run()  # type: ignore[attr-defined]
    places = test.multiselect(key=key("GEN-3.g1", "on least-privilege-tools"))
    assert "everywhere" in places.options
    places.set_value(["*"]).run()
    said = (tmp_path / "desk.assessment.yaml").read_text()
    assert re.search(r"controls:\n +- control: least-privilege-tools\n +on:\n +- ['\"]\*['\"]", said), said
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / "overview.py")).run()
    shown = test.dataframe[0].value["Likelihood (%)"][0]
    after = open_model(tmp_path / "desk.yaml").assess().risks[0].likelihood[View.RESIDUAL].value
    assert after < before
    assert shown == pytest.approx(100 * after, abs=0.5)
    assert not test.exception


def test_a_risk_is_accepted_once_it_is_said_by_whom_and_why(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(SYSTEM + "controls: {g: {control: telemetry, protects: [bot], name: Watch}}\n")
    file = tmp_path / "desk.assessment.yaml"
    test = assess(open_model(tmp_path / "desk.yaml"), area="MS-5.4")
    test.text_input(key=key(ITEM, "owner")).set_value("Ada").run()
    test.text_input(key=key(ITEM, "accepted by")).set_value("CISO").run()
    assert not test.exception and "say who accepts it, and why" in texts(test)
    assert "accepted" not in file.read_text()
    test.text_input(key=key(ITEM, "accepted reason")).set_value("small").run()
    test.date_input(key=key(ITEM, "accepted until")).set_value(datetime.date(2027, 3, 31)).run()
    test.selectbox(key=key(ITEM, "accepted compensating")).set_value("g").run()
    assert not test.exception and "not saved yet" not in texts(test)
    model = open_model(tmp_path / "desk.yaml")
    assert model.answered is not None
    answer = model.answered.given.answers[ITEM]
    assert answer.accepted == Acceptance("CISO", "small", "2027-03-31", "g") and answer.owner == "Ada"
    again = assess(model, area="MS-5.4")
    assert again.text_input(key=key(ITEM, "accepted by")).value == "CISO"
    again.text_input(key=key(ITEM, "accepted by")).set_value("").run()
    assert "not saved yet" in texts(again) and "by: CISO" in file.read_text()
    again.text_input(key=key(ITEM, "accepted reason")).set_value("").run()
    again.date_input(key=key(ITEM, "accepted until")).set_value(None).run()
    again.selectbox(key=key(ITEM, "accepted compensating")).set_value("").run()
    assert not again.exception and "accepted" not in file.read_text() and "owner: Ada" in file.read_text()
