"""The form for the budget of a control on the page Model: what is chosen there stands in the text, and counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel.knowledge.vocabulary import View
from graphmodel.workspace import examples_directory, open_model
from tests.ui.test_file import app, press, said

pytestmark = pytest.mark.slow  # real processes, or many files: .ci/run has the time


def test_a_budget_is_set_in_a_form_with_what_it_holds_against_and_moves_the_numbers(tmp_path: Path) -> None:
    file = tmp_path / "credit.yaml"
    file.write_bytes((examples_directory() / "credit-scoring.yaml").read_bytes())
    before = open_model(file)
    test = app("model", file)
    (field,) = [one for one in test.number_input if one.label == "Requests of one caller in a campaign"]
    assert field.value is None
    field.set_value(10_000).run()
    table = next(one.value for one in test.dataframe if "Against" in one.value.columns)
    row = table[table["Against"] == before.catalogue.patterns["model-extraction"].name].iloc[0]
    # As docs/method.md has it for a limit of 10,000 requests.
    assert (row["a novice (%)"], row["a skilled (%)"]) == pytest.approx((88, 53.5), abs=0.5)
    press(test, "Put it into the text")
    text = test.session_state["work"].text
    assert text.count("budget: 10000") == 1
    assert text.count("#") == file.read_text().count("#")  # comments are kept
    press(test, "Check and use")
    now = test.session_state["work"].model
    assert now.usable and now.system.control_by_id["api-limits"].budget == 10_000
    (one,) = {each.control for each in now.system.controls if each.budget is not None}
    assert one == "rate-limiting"
    risks = [model.assess().risk_by_fact for model in (before, now)]
    moved = [
        fact
        for fact in risks[0]
        if risks[0][fact].likelihood[View.RESIDUAL] != risks[1][fact].likelihood[View.RESIDUAL]
    ]
    assert moved
    assert file.read_text() == (examples_directory() / "credit-scoring.yaml").read_text()  # nothing is saved unasked


def test_a_model_without_a_control_that_counts_requests_has_no_such_form(tmp_path: Path) -> None:
    file = tmp_path / "support.yaml"
    file.write_bytes((examples_directory() / "support-assistant.yaml").read_bytes())
    test = app("model", file)
    assert not [one for one in test.number_input if one.label == "Requests of one caller in a campaign"]
    assert "Put it into the text" not in said(test)
