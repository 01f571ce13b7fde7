"""Odd numbers are asked about, at their place; usual ones are not."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.plausibility import _usual
from tests.conftest import EXAMPLES, read
from tests.model.test_document import SMALL

RATE = "zone: outside, attempts_per_year: {}}}"


def asked(text: str, catalogue: Catalogue) -> list[tuple[str, str, str]]:
    found = read(text, catalogue)
    assert found.system is not None, found.problems
    return [(one.level, one.path, one.message) for one in found.problems if one.message.endswith("?")]


def with_losses(*amounts: str) -> str:
    facts = ("db:read", "db:write", "db:deny", "app:deny")
    rows = [f"  - {{fact: {fact}, amount: {amount}}}\n" for fact, amount in zip(facts, amounts, strict=False)]
    return SMALL.split("losses:")[0] + "losses:\n" + "".join(rows)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_raise_no_question(path: Path, catalogue: Catalogue) -> None:
    assert asked(path.read_text(), catalogue) == []


@pytest.mark.parametrize(("rate", "level"), [(3, None), (12, "note"), (365, "note"), (400, "warning")])
def test_a_campaign_a_month_is_asked_about_and_more_than_one_a_day_is_warned_of(
    rate: int, level: str | None, catalogue: Catalogue
) -> None:
    found = asked(SMALL.replace("zone: outside}", RATE.format(rate)), catalogue)
    assert [one[0] for one in found] == ([level] if level else [])
    if found:
        assert found[0][1] == "actors.visitor.attempts_per_year"


def test_a_loss_of_another_size_than_the_others_is_asked_about(catalogue: Catalogue) -> None:
    found = asked(with_losses("10000", "20000", "20000000000"), catalogue)
    assert [(level, path) for level, path, _ in found] == [("warning", "losses[2].amount")]
    assert "where the others cost about 1.5e+04" in found[0][2]
    assert asked(with_losses("10000", "20000", "2000000"), catalogue) == []
    assert len(asked(with_losses("20000000000"), catalogue)) == 1


def test_a_range_that_says_nothing_is_asked_about(catalogue: Catalogue) -> None:
    found = asked(with_losses("[1, 1000, 100000]"), catalogue)
    assert [(level, path) for level, path, _ in found] == [("note", "losses[0].amount")]


def test_a_control_dearer_than_everything_at_stake_is_asked_about(catalogue: Catalogue) -> None:
    lines = with_losses("10000").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("controls:")) + 1
    lines[at] = lines[at].replace("{control:", "{cost: 20000, control:")
    found = asked("\n".join(lines), catalogue)
    assert [(level, path.split(".")[0]) for level, path, _ in found] == [("note", "controls")], lines[at]


@given(st.lists(st.integers(0, 6).map(float), min_size=1, max_size=9), st.data())
def test_the_usual_loss_is_the_median_of_the_others(means: list[float], data: st.DataObject) -> None:
    means.sort()
    own = data.draw(st.integers(0, len(means) - 1))
    others = [one for number, one in enumerate(means) if number != own]
    assert _usual(means, means[own]) == (median(others) if others else math.inf)
