"""The pages of the app, run without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.wording import money
from graphmodel.stores.saved import SAVED
from graphmodel.ui.jobs import SearchTime
from graphmodel.ui.state import FIRST_EXAMPLE
from graphmodel.workspace import examples_directory, model_from_bytes, open_model
from tests.conftest import EXAMPLES, ROOT
from tests.model.test_document import SMALL

pytestmark = pytest.mark.usefixtures("kept_answers")

SECONDS = 300  # a page may take on a busy machine
PAGES = ("overview", "assess", "losses", "map", "paths", "importance", "gaps", "plan", "query", "model")


def app(page: str = "overview", example: str | None = None) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    if example is not None:
        test.session_state["model"] = open_model(examples_directory() / example)
    test.run()
    if page != "overview":
        test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / f"{page}.py")).run()
    assert not test.exception, test.exception
    return test


def texts(test: AppTest) -> str:
    parts = [
        one.value
        for kind in ("markdown", "caption", "info", "error", "warning", "success", "header", "subheader")
        for one in getattr(test, kind)
    ]
    return "\n".join(str(part) for part in parts)


def pages_of_examples() -> Iterator[object]:
    """All pages of each example. Where those that compute long are slow, other tests here open them."""
    for name in (path.name for path in EXAMPLES):
        for page in PAGES:
            is_long = page in ("importance", "plan")
            yield pytest.param(name, page, marks=[pytest.mark.slow] if is_long else [])


@pytest.mark.parametrize(("example", "page"), list(pages_of_examples()))
def test_every_page_shows_every_example(example: str, page: str) -> None:
    assert not app(page, example).exception


def test_the_overview_says_what_is_at_stake_and_what_to_fix_first() -> None:
    test = app()
    assert "Support assistant" in texts(test)
    assert test.metric[0].label == "Expected loss a year"
    said = texts(test)
    assert "% of the expected loss a year comes from “Anyone on the internet”" in said
    risks, measures = test.dataframe[0].value, test.dataframe[1].value
    worst = open_model(examples_directory() / FIRST_EXAMPLE).assess().risks[0]
    assert risks["What"][0] == "Customer records · read"
    assert risks["Likelihood (%)"][0] == pytest.approx(100 * worst.likelihood[View.RESIDUAL].value, abs=0.5)
    assert risks["Risk"][0] == [worst.risk] == ["High"]
    assert measures["Saves (EUR)"].is_monotonic_decreasing
    saves = money(measures["Saves (EUR)"][0], "EUR")
    assert re.search(rf"1\. \*\*.*: it saves about {saves} a year, for (an assumed )?\d+ k EUR a year", said)
    assert "for an assumed 40 k EUR a year" in said


def test_the_overview_says_how_wide_the_expected_loss_is_and_why() -> None:
    test = app()
    assert "ranges of the inputs" in texts(test)
    assert "campaigns a year of Anyone on the internet" in texts(test)
    risks = test.dataframe[0].value
    low, high = (float(end) for end in re.findall(r"(\d+) %", risks["From the inputs"][0]))
    assert low < risks["Likelihood (%)"][0] < high <= low + 20


def test_losses_show_the_curve_its_table_and_where_the_loss_comes_from() -> None:
    test = app("losses")
    labels = [one.label for one in test.metric]
    assert labels[0] == "Expected loss a year"
    assert "Value at risk, 95 % of years" in labels
    tables = [one.value for one in test.dataframe]
    assert list(tables[0].columns) == ["More than (EUR)", "Chance (%)", "Sampling", "Inputs"]
    assert tables[1]["Input"][0] == "campaigns a year of Anyone on the internet"
    assert tables[2]["Share"].sum() == pytest.approx(1)
    assert tables[3]["Share"].sum() == pytest.approx(1)
    assert "Poisson" in texts(test)
    before = test.metric[2].value
    test.segmented_control[0].set_value(View.INHERENT).run()
    assert not test.exception
    assert test.metric[2].value != before


def test_losses_of_too_many_campaigns_are_explained() -> None:
    text = SMALL.replace("zone: outside}", "zone: outside, attempts_per_year: 1000000}")
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    test.session_state["model"] = model_from_bytes(text.encode(), "many.yaml")
    test.run()
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / "losses.py")).run()
    assert not test.exception
    assert "too many to play one by one" in texts(test)


def test_a_click_on_the_map_shows_the_why_of_an_asset() -> None:
    test = app("map")
    assert "Select an asset" in texts(test)
    test.session_state["system-map"] = {"picked": "crm"}
    test.run()
    assert not test.exception
    assert "**CRM**" in texts(test)
    assert any("Why" in one.label for one in test.expander)


def test_a_click_on_a_path_shows_the_why_of_a_step_and_a_switched_control_its_difference() -> None:
    test = app("paths")
    test.session_state["paths-view"] = {"picked": "direct-prompt-injection:support-agent"}
    test.run()
    assert not test.exception
    said = texts(test)
    assert "realized technique against a skilled actor" in said
    assert "holds with 50 %" in said
    before = [one.value for one in test.metric]
    assert "switched" not in test.query_params
    test.session_state["switched"] = ["patch-cycle", "staff-mfa", "store-rights", "token-in-vault", "isolate-content"]
    test.run()
    assert not test.exception
    after = [one.value for one in test.metric]
    assert before[0] != after[0]
    assert test.metric[0].delta


def test_a_plan_shows_the_best_set_for_a_budget_with_its_gap_and_why() -> None:
    test = app("plan")
    figures = {one.label: one.value for one in test.metric}
    assert figures["At most worse than the best"] == "0 EUR"
    said = texts(test)
    assert "no set of the measures considered loses less" in said
    frontier, chosen, order = (one.value for one in test.dataframe[:3])
    assert frontier["Cost a year (EUR)"][0] == 90_000
    assert "planned, decided" in set(chosen["Status"])
    assert "assumed" in set(chosen["Cost is"])
    assert list(order["Loss then (EUR)"]) == sorted(order["Loss then (EUR)"], reverse=True)
    test.select_slider[0].set_value("130000").run()
    assert not test.exception
    figures = {one.label: one.value for one in test.metric}
    assert figures["Costs a year"] == "130 k EUR"
    left = frontier["Loss (EUR)"][list(frontier["Cost a year (EUR)"]).index(130_000)]
    assert figures["Expected loss per year"] == money(left, "EUR")
    test.toggle[1].set_value(True)
    test.toggle[0].set_value(True).run()
    assert not test.exception
    assert test.dataframe[0].value["Cost a year (EUR)"][0] == 0


def test_a_search_for_plans_that_is_ended_shows_what_is_there_with_its_bound_and_can_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (examples_directory() / FIRST_EXAMPLE).read_bytes() + b"# another content, so that nothing is known of it\n"
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    test.session_state["model"] = model_from_bytes(text, "mine.yaml")
    test.run()
    with monkeypatch.context() as patched:
        patched.setattr(SearchTime, "__call__", lambda _self, _done, _most: False)
        test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / "plan.py")).run()
    assert not test.exception
    said = texts(test)
    assert "The search was ended before it was through, after 60 seconds at most" in said
    assert "A better one may exist within that difference" in said
    figures = {one.label: one.value for one in test.metric}
    assert figures["At most worse than the best"] not in ("0 EUR", "–")
    next(one for one in test.button if one.label == "Search for up to ten minutes").click().run()
    assert not test.exception
    assert test.query_params["seconds"] == "600"
    assert "The search was ended" not in texts(test)


def test_a_plan_that_leaves_no_path_says_what_is_proven_and_what_remains() -> None:
    test = app("plan")
    test.selectbox(key="plan-target").set_value("customer-records:read").run()
    assert not test.exception
    said = texts(test)
    assert "while all of it holds no path is left" in said
    assert "the likelihood of a campaign falls from" in said
    test.toggle[1].set_value(True).run()
    assert not test.exception
    assert "No set of measures leaves no path" in texts(test)
    assert test.dataframe[-1].value["Gains"].iloc[-1] == "Customer records · read"


def test_a_model_without_actors_or_losses_is_explained() -> None:
    text = SMALL.split("actors:")[0].replace("  - {from: visitor, to: app}\n", "")
    model = model_from_bytes(text.encode(), "bare.yaml")
    assert model.usable
    for page in PAGES:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
        test.session_state["model"] = model
        test.run()
        if page != "overview":
            test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / f"{page}.py")).run()
        assert not test.exception
        if page == "overview":
            assert "no actor" in texts(test)


@pytest.mark.parametrize(
    "page", [pytest.param(one, marks=[pytest.mark.slow] if one == "plan" else []) for one in PAGES]
)
def test_hostile_names_are_text(page: str) -> None:
    bad = "<img src=x onerror=alert(1)> ![x](http://evil.example/x.png) [a](javascript:alert(1)) :red[x] $x$ `y` **z**"
    text = SMALL.replace("app: {type", f'app: {{name: "{bad}", description: "{bad}", type').replace(
        "agent: {type", f'agent: {{name: "{bad}", type'
    )
    model = model_from_bytes(text.encode(), "bad.yaml")
    assert model.usable, model.problems
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    test.session_state["model"] = model
    test.query_params["node"] = "agent" if page == "map" else "agent:steer"
    test.run()
    if page != "overview":
        test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / f"{page}.py")).run()
    assert not test.exception
    said = texts(test) + "\n".join(one.label for one in test.metric) + "\n".join(one.label for one in test.expander)
    for trap in ("<img", "![x](", "](javascript", ":red[", "http:"):
        assert not re.search(rf"(?<!\\){re.escape(trap)}", said), trap


def test_what_is_chosen_is_in_the_address_by_id_and_an_address_is_followed() -> None:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    test.run()
    test.query_params["target"] = "payments:write"
    test.query_params["actor"] = "agent-staff"
    test.query_params["switched"] = "isolate-content"
    test.query_params["node"] = "no-such-thing"
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / "paths.py")).run()
    assert not test.exception, test.exception
    assert test.selectbox(key="target").value == "payments:write"
    assert "isolate-content" in test.session_state["switched"]
    test.selectbox(key="target").set_value("crm:deny").run()
    assert test.query_params["target"] == "crm:deny"
    assert test.query_params["switched"] == "isolate-content", "a scenario is kept when the target changes"


def visited(page: str, **asked: str) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    test.run()
    for name, value in asked.items():
        test.query_params[name] = value
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / f"{page}.py")).run()
    assert not test.exception, test.exception
    return test


def test_gaps_name_what_a_complete_system_of_the_same_kind_has() -> None:
    test = visited("gaps", tab="roles")
    table = next(one.value for one in test.dataframe if "Kind of system" in one.value)
    assert set(table["Kind of system"]) == {"retrieval system", "agent system"}
    stop = table[table["Missing"] == "a way to stop it"].iloc[0]
    assert "Kill switch" in stop["Would do"]
    assert "Support agent and Refund tool" in " ".join(table["Between"])


def test_the_address_holds_the_number_of_paths_the_open_tab_and_the_budget() -> None:
    test = visited("paths", paths="2")
    assert test.number_input[0].value == 2
    test.number_input[0].set_value(5).run()
    assert test.query_params["paths"] == "5"
    test.query_params["paths"] = "2"  # as Back does
    assert test.run().number_input[0].value == 2
    test = visited("gaps", tab="flows", areas="no-such-area")
    assert test.session_state["gaps-tab"].startswith("Open flows")
    assert not test.session_state["gap-areas"]
    test.session_state["gaps-tab"] = test.tabs[1].label
    assert test.run().query_params["tab"] == "idle"
    test = visited("plan", budget="130000", own="yes", target="crm:deny")
    assert {one.label: one.value for one in test.metric}["Costs a year"] == "130 k EUR"
    assert test.selectbox(key="plan-target").value == "crm:deny"
    assert test.toggle(key="plan-only-model").value


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        ("paths", {"paths": "11", "target": "crm:fly", "actor": "crm", "switched": "isolate-content,x"}),
        ("gaps", {"tab": "none", "areas": "x"}),
        ("plan", {"budget": "1", "own": "no", "target": "crm", "seconds": "9999999"}),
        ("map", {"node": "nothing", "data": "1", "zones": "x", "view": "x"}),
        ("query", {"question": "none"}),
    ],
)
def test_what_an_address_asks_for_and_is_not_there_is_as_if_not_asked_for(page: str, asked: dict[str, str]) -> None:
    test = visited(page, **asked)
    keys = {
        "paths": ("path-count", "target", "actor", "switched"),
        "gaps": ("gaps-tab", "gap-areas"),
        "plan": ("plan-budget", "plan-only-model", "plan-target"),
        "map": ("map-data", "map-zones", "map-view"),
        "query": ("question",),
    }[page]
    plain = app(page)
    assert [test.session_state[key] for key in keys] == [plain.session_state[key] for key in keys]
    assert texts(test) == texts(plain)
    assert {name: test.query_params[name] for name in asked} == asked, "the address is left for Back as it was"


def test_switched_controls_are_still_switched_after_a_visit_elsewhere() -> None:
    test = app("paths")
    test.session_state["switched"] = []
    test.run()
    told = test.query_params["switched"]
    test.query_params.clear()
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / "gaps.py")).run()
    test.query_params.clear()
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / "paths.py")).run()
    assert test.session_state["switched"] == []
    assert test.query_params["switched"] == told


@pytest.mark.store
def test_saved_and_own_queries_are_answered_and_hostile_ones_refused() -> None:
    test = app("query")
    question = next(one.id for one in SAVED if one.title == "Which losses weigh most?")
    test.selectbox[0].set_value(question).run()
    assert test.query_params["question"] == question
    test.button[0].click().run()
    assert not test.exception
    assert "customer-records:read" in str(test.dataframe[0].value)
    test.session_state["answer-rows"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    test.run()
    links = {one.proto.label: one.proto for one in test.get("page_link")}
    assert "How one gets to Customer records · read" in links
    assert "node=customer-records" in links["Customer records on the map"].query_string
    test.selectbox[0].set_value("own").run()
    test.text_area[0].set_value("MATCH (n) DETACH DELETE n").run()
    test.button[0].click().run()
    assert "may only read" in texts(test)
    test.text_area[0].set_value("MATCH (n:Asset) RETURN count(n) AS n").run()
    test.button[0].click().run()
    assert test.dataframe[0].value["n"][0] == 25


def test_the_catalogue_is_searched_and_leads_from_entry_to_entry_and_to_what_is_here() -> None:
    test = app("catalogue", FIRST_EXAMPLE)
    rows = test.dataframe[0].value
    here = {row["Id"]: row["Here"] for row in rows.to_dict("records")}
    assert here["jailbreak"] == 1
    assert here["LanguageModelEndpoint"] == 1
    test.text_input(key="catalogue-words").input("prompt shield").run()
    assert "input-guardrail" in list(test.dataframe[0].value["Id"][:3])
    test.query_params["entry"] = "threat:indirect-prompt-injection"
    test.run()
    said = texts(test)
    assert "Reads" in said
    assert "measured" in said
    labels = {one.label for one in test.get("page_link")}
    assert {"Support agent", "Agent"} <= {label.replace("\\", "") for label in labels}, labels


def test_the_catalogue_is_there_without_a_system_and_text_of_own_entries_stays_text() -> None:
    own = """
threats:
  own: {name: "<b>[x](y)</b>", meaning: ":red[x] ![y](z)", asset: Host, needs: reach, gains: run, maturity: realized,
    area: governance, attack: access, basis: "`b`", source: judgement}
"""
    broken = model_from_bytes(b"graphmodel: 1\n", "broken.yaml")
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=SECONDS)
    test.session_state["model"] = replace(broken, catalogue=load_catalogue([("own.yaml", own.encode())])[0])
    test.run()
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / "catalogue.py")).run()
    test.query_params["entry"] = "threat:own"
    test.run()
    assert not test.exception
    assert "\\<b\\>" in texts(test)
    assert "\\:red\\[x\\]" in texts(test)
