"""Numbers that are none, infinite or beyond all sense: refused with their place, in YAML, JSON and catalogues."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from graphmodel.engine.graph import graph_from_json
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.json_text import read_json
from graphmodel.reading.limits import MAX_AMOUNT, MAX_RATE
from graphmodel.reading.yaml_text import read_yaml
from graphmodel.workspace import model_from_bytes
from tests.conftest import read
from tests.model.test_document import SMALL

AMOUNT = "severity: high"
RATE = "zone: outside}"


def errors(problems: Any) -> list[str]:
    return [one.path for one in problems if one.level == "error"]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e999999999"])
def test_an_infinite_number_of_yaml_is_refused_where_it_stands(number: str, catalogue: Catalogue) -> None:
    found = read(SMALL.replace(AMOUNT, f"amount: {number}"), catalogue)
    assert found.system is None
    (problem,) = [one for one in found.problems if one.level == "error"]
    assert (problem.path, problem.line, problem.file) == ("losses[0].amount", 22, "model.yaml")
    assert "infinite" in problem.message
    assert problem.fix
    (problem,) = read_yaml(f"a:\n- [1, {number}]".encode(), "x.yaml").problems
    assert (problem.path, problem.line) == ("a[0][1]", 2)


def test_an_infinite_number_in_a_range_is_told_once(catalogue: Catalogue) -> None:
    found = read(SMALL.replace(AMOUNT, "amount: [1, 1e308, 1e400]"), catalogue)
    assert errors(found.problems) == ["losses[0].amount[2]"]


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", ".NaN", "NaN", "Infinity"])
def test_the_words_of_yaml_for_such_numbers_are_no_numbers(number: str, catalogue: Catalogue) -> None:
    found = read(SMALL.replace(AMOUNT, f"amount: {number}"), catalogue)
    assert errors(found.problems) == ["losses[0].amount"]


DOCUMENT = """{
 "graphmodel": 1, "system": {"id": "x"},
 "assets": {"a": {"type": "Agent"}},
 "losses": [{"fact": "a:read", "severity": "high"},
            {"fact": "a:write", "amount": NUMBER}]
}"""


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "9" * 41, "9" * 400, "-" + "9" * 400, "9" * 100_000]
)
@pytest.mark.parametrize("shape", ["{}", "[1, 2, {}]"])
def test_such_numbers_of_json_are_refused_where_they_stand(number: str, shape: str) -> None:
    model = model_from_bytes(DOCUMENT.replace("NUMBER", shape.format(number)).encode(), "x.json")
    assert not model.usable
    (problem,) = [one for one in model.problems if one.level == "error"]
    assert problem.path == "losses[1].amount" + ("[2]" if "[" in shape else "")
    assert problem.line == 5
    assert problem.fix


def test_other_numbers_stay_what_they_are() -> None:
    text = read_json(json.dumps({"a": [10**39, -0.0, 1e308, 5e-324, True, 12]}).encode(), "x.json")
    assert text.value == {"a": [10**39, -0.0, 1e308, 5e-324, True, 12]}
    assert text.problems == ()
    assert read_json(b"NaN", "x.json").value is None
    assert read_json(b"[1, NaN]", "x.json").value == [1, None]


def test_a_key_twice_and_an_infinite_number_are_both_told() -> None:
    text = read_json(b'{"a": 1,\n "a": 1e400,\n "b": NaN}', "x.json")
    assert {(one.path, one.line) for one in text.problems} == {("a", 2), ("b", 3)}
    assert len(text.problems) == 3  # the key, and both numbers


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (AMOUNT, "amount: 1.1e18", "losses[0].amount"),
        (AMOUNT, "amount: [1e307, 1e308, 1.7e308]", "losses[0].amount"),
        (AMOUNT, "amount: 9999999999999999999999999999999999999999", "losses[0].amount"),
        (RATE, "zone: outside, attempts_per_year: 1e300}", "actors.visitor.attempts_per_year"),
        (RATE, "zone: outside, attempts_per_year: 1000001}", "actors.visitor.attempts_per_year"),
        ("protects: [agent]", "protects: [agent], cost: 1e19", "controls.filter.cost"),
    ],
)
def test_amounts_rates_and_costs_have_a_maximum(old: str, new: str, place: str, catalogue: Catalogue) -> None:
    assert old in SMALL
    found = read(SMALL.replace(old, new), catalogue)
    assert errors(found.problems) == [place]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (AMOUNT, "amount: [3, 2, 1]"),
        (AMOUNT, "amount: [1, 3, 2]"),
        ("protects: [agent]", "protects: [agent], strength: [0.9, 0.5, 0.1]"),
        (RATE, "zone: outside, attempts_per_year: [2, 1, 3]}"),
    ],
)
def test_a_range_that_falls_is_a_problem_and_no_traceback(old: str, new: str, catalogue: Catalogue) -> None:
    found = read(SMALL.replace(old, new), catalogue)
    (problem,) = [one for one in found.problems if one.level == "error"]
    assert "rising order" in problem.message
    assert "[" in problem.fix


def test_the_largest_numbers_that_are_taken_lead_to_finite_results() -> None:
    text = SMALL.replace(AMOUNT, f"amount: {MAX_AMOUNT:.0f}").replace(
        RATE, f"zone: outside, attempts_per_year: {MAX_RATE:.0f}}}"
    )
    model = model_from_bytes(text.encode(), "x.yaml")
    assert model.usable, model.problems
    assessment = model.assess()
    from graphmodel.knowledge.vocabulary import View

    for view in View:
        assert math.isfinite(assessment.expected_loss(view).value)
        yearly = assessment.yearly_loss(view)
        assert yearly is not None
        assert math.isfinite(yearly.value)


@pytest.mark.parametrize("text", ["severity_amounts:\n  high: 1e400", "severity_amounts:\n  high: [1, 2, 1e300]"])
def test_settings_have_the_same_limits(text: str) -> None:
    _, problems = load_settings(text.encode(), "own.yaml")
    assert next(one.line for one in problems if one.level == "error") == 2


def test_an_attack_graph_has_the_same_limits() -> None:
    def graph(amount: str) -> bytes:
        return (
            f'{{"facts": ["a"], "steps": [], "start": ["a"], "losses": [{{"fact": "a", "amount": {amount}}}]}}'.encode()
        )

    assert graph_from_json(read_json(graph("1e18"), "x.json"))[0] is not None
    for amount in ("1e19", "1e308", "1e400", "NaN", "Infinity", "9" * 400):
        found, problems = graph_from_json(read_json(graph(amount), "x.json"))
        assert found is None
        assert errors(problems)[0] == "losses[0].amount"
