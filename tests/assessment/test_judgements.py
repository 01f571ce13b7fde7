"""Which single judgement a figure hangs on."""

from __future__ import annotations

import pytest

from graphmodel.assessment.judgements import AMOUNT, RATE, leading_judgements
from graphmodel.assessment.measures import cost_of, fix_first
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.advice import advice, leans_on
from graphmodel.outputs.text.assessment import assessment_text
from graphmodel.workspace import examples_directory, model_from_bytes, open_model
from tests.model.test_document import SMALL


def test_the_share_of_a_rate_is_what_is_lost_less_without_that_actor() -> None:
    assessment = open_model(examples_directory() / "support-assistant.yaml").assess()
    found = {one.kind: one for one in leading_judgements(assessment)}
    whole = assessment.yearly_loss()
    assert whole is not None
    visitor = assessment.actor_by_id["visitor"]
    assert found[RATE].element == "visitor"
    assert found[RATE].share == pytest.approx(
        (visitor.rate or 0) * visitor.solutions[View.RESIDUAL].loss.value / whole.value
    )
    costliest = assessment.risk_by_fact["customer-records:read"]
    assert costliest.yearly is not None
    assert found[AMOUNT].element == "customer-records:read"
    assert found[AMOUNT].share == pytest.approx(costliest.yearly[View.RESIDUAL].value / whole.value)


def test_sentences_name_the_judgement_and_ask() -> None:
    assessment = open_model(examples_directory() / "support-assistant.yaml").assess()
    said = leans_on(assessment)
    assert said[0] == (
        "98 % of the expected loss a year comes from “Anyone on the internet”: 2.42 campaigns a year. Is that right?"
    )
    assert "75 % of the expected loss a year is what “Customer records · read” costs" in said[1]


def test_without_losses_nothing_is_said() -> None:
    text = SMALL.split("losses:")[0]
    assessment = model_from_bytes(text.encode(), "bare.yaml").assess()
    assert leans_on(assessment) == ()
    assert "Is that right?" not in assessment_text(assessment, (), 3)


def test_the_command_line_says_it_under_the_figures_and_on_one_line_each() -> None:
    text = SMALL.replace("zone: outside}", 'zone: outside, attempts_per_year: 2, name: "Some\\nbody\\e[2J"}')
    assessment = model_from_bytes(text.encode(), "small.yaml").assess()
    said = assessment_text(assessment, (), 3).splitlines()
    start = next(number for number, line in enumerate(said) if line.startswith("target "))
    assert said[start + 1] == ""
    assert said[start + 2] == (
        "All of the expected loss a year comes from “Some\\nbody\\x1b[2J”: 2 campaigns a year. Is that right?"
    )
    assert said[start + 3].startswith("All of the expected loss a year is what “")
    assert said[start + 4 : start + 6] == ["", "At stake"]


def test_advice_says_where_for_how_much_and_whether_that_is_assumed() -> None:
    assessment = open_model(examples_directory() / "support-assistant.yaml").assess()
    measures = {one.id: one for one in fix_first(assessment)}
    what, why = advice(assessment, measures["isolate-content"])
    assert what == "Finish the planned “Isolation of untrusted content” on Support agent"
    assert why.startswith(
        "it saves about 379 k EUR a year, for 60 k EUR a year, against “Injection through what a tool fetches”"
    )
    recommended = next(one for one in measures.values() if not one.implementation)
    assert cost_of(assessment, recommended) == (40_000.0, True)
    assert "for an assumed 40 k EUR a year" in advice(assessment, recommended)[1]
