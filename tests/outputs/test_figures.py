"""Tables on a terminal: they fit it, keep what they say, and nothing in a cell drives it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmodel.outputs.text.figures import table, visible, widths
from graphmodel.outputs.text.look import Look, band, look

TEXT = st.text(st.sampled_from("ab -,é漢"), max_size=60)


def lines(rows: list[list[str]], headers: list[str], width: int | None, colour: bool = False) -> list[str]:
    token = look.set(Look(width, colour))
    try:
        return table(rows, headers).splitlines()
    finally:
        look.reset(token)


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=5), st.integers(40, 120))
def test_a_table_is_no_wider_than_the_terminal_and_says_the_same(rows: list[tuple[str, str, str]], width: int) -> None:
    shown = lines([list(row) for row in rows], ["one", "two", "three"], width)
    assert all(visible(line) <= width for line in shown)
    letters = sorted("".join(re.findall(r"[^\s-]", "".join(map("".join, rows)))))
    assert sorted(re.findall(r"[^\s-]", "".join(shown[2:]))) == letters


def test_words_stay_whole_where_there_is_room() -> None:
    cells = [["a" * 20, "several words that can be folded", "x"]]
    assert widths(cells, ["id", "text", "n"], 40) == [20, 13, 3]
    assert sum(widths(cells, ["id", "text", "n"], 24)) <= 20
    assert widths(cells, ["id", "text", "n"], 200) == [20, 32, 3]


def test_without_a_terminal_nothing_is_folded_or_coloured() -> None:
    assert lines([["x" * 300, band("High")]], ["a", "b"], None)[2] == "x" * 300 + "  High"


def test_bands_have_colour_and_their_word() -> None:
    token = look.set(Look(80, True))
    try:
        assert band("Critical") == "\x1b[1;31mCritical\x1b[0m"
        assert band("unknown") == "unknown"
        shown = table([[band("High"), "\x1b[2J\x1b]0;pwn\x07 evil\nCI: all checks passed"]], ["risk", "name"])
    finally:
        look.reset(token)
    assert "\x1b[31mHigh\x1b[0m" in shown
    assert "\x1b[2J" not in shown and "\x07" not in shown
    assert len(shown.splitlines()) == 3


@pytest.mark.parametrize("width", [40, 80])
def test_a_cell_that_cannot_be_folded_by_words_is_broken(width: int) -> None:
    assert all(visible(line) <= width for line in lines([["y" * 300, "z" * 300]], ["a", "b"], width))
