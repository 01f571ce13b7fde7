"""Tables of the app: numbers stay numbers, with their units, and what is known of them beside."""

from __future__ import annotations

import re

import pytest

from graphmodel.engine.estimates import BOUND, SIMULATED, Estimate
from graphmodel.ui.safe import safe
from graphmodel.ui.tables import Band, amount, chance, laid_out, percentage


def test_a_column_of_sums_holds_numbers_to_three_figures_and_names_its_unit() -> None:
    rows, config = laid_out([{"A year": amount(21_234_567.0, "EUR")}, {"A year": amount(None, "EUR")}])
    assert rows == [{"A year (EUR)": 21_200_000.0}, {"A year (EUR)": None}]
    assert list(config) == ["A year (EUR)"]


def test_the_interval_of_a_simulated_number_stands_beside_it() -> None:
    rows, _ = laid_out(
        [{"Saves": amount(Estimate(100.0, 90.0, 110.0, SIMULATED), "EUR")}, {"Saves": amount(50.0, "EUR")}]
    )
    assert rows[0] == {"Saves (EUR)": 100.0, "Saves, interval": "90 EUR – 110 EUR"}
    assert rows[1] == {"Saves (EUR)": 50.0, "Saves, interval": ""}


def test_a_bound_is_sorted_by_what_it_can_be_and_says_that_it_is_one() -> None:
    rows, _ = laid_out([{"Saves": amount(Estimate(7.0, 0.0, 9.0, BOUND), "EUR")}])
    assert rows == [{"Saves (EUR)": 9.0, "Saves, interval": "at most 9 EUR"}]


def test_likelihoods_are_percent() -> None:
    rows, _ = laid_out([{"Likelihood": chance(Estimate(0.353, 0.34, 0.36, SIMULATED))}])
    assert rows == [{"Likelihood (%)": 35.0, "Likelihood, interval": "34 % – 36 %"}]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, 0), (1.0, 100), (0.353, 35), (0.0123, 1.2), (0.99966, 99.97), (0.9999999999, 99.999999), (1e-9, 1e-7)],
)
def test_only_what_is_certain_or_impossible_reads_100_or_0(value: float, said: float) -> None:
    assert percentage(value) == pytest.approx(said, rel=1e-12)


def test_bands_are_words_in_their_colour() -> None:
    rows, config = laid_out([{"Risk": Band("High")}, {"Risk": None}])
    assert rows == [{"Risk": ["High"]}, {"Risk": None}]
    assert "Risk" in config


@pytest.mark.parametrize("name", ["a;=1+1", "a\n@SUM(1)", "\uff1d1+1"])
def test_no_part_of_a_text_is_a_formula_where_tables_are_parted_otherwise(name: str) -> None:
    ((heading, cell),) = laid_out([{name: name}])[0][0].items()
    for text in (heading, cell):
        assert not re.search("(^|[;\\n])[=@\uff1d]", text)


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1"])
def test_no_text_of_a_table_is_a_formula_in_a_spreadsheet(name: str) -> None:
    rows, _ = laid_out([{"Asset": name, name: "x", "Loss": -1.0, "Band": Band(name)}])
    for heading, cell in rows[0].items():
        assert not heading.startswith(("=", "+", "-", "@", "\t"))
        assert not isinstance(cell, str) or not cell.startswith(("=", "+", "-", "@", "\t"))
    assert rows[0]["Loss"] == -1.0
    assert name in rows[0]["Asset"].replace("\u2060", "")
    assert laid_out([{"Asset": "CRM"}])[0] == [{"Asset": "CRM"}]


def test_a_name_is_text_and_neither_link_nor_picture() -> None:
    joint = "\u2060"
    for text, becomes in (
        ("https://evil.example", f"https:{joint}"),
        (":material/verified:", f":{joint}material"),
        (":white_check_mark:", f":{joint}white"),
    ):
        assert safe(text).replace("\\", "").startswith(becomes)
    assert joint not in safe("Ratio 3:4, crm:read, a claim")
