"""Tables on a terminal: they fit it, keep what they say, and nothing in a cell drives it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmodel.outputs.text.figures import folded, table, visible, widths
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
    assert widths(cells, ["id", "text", "n"], 40) == [20, 15, 1]
    assert sum(widths(cells, ["id", "text", "n"], 24)) <= 20
    assert widths(cells, ["id", "text", "n"], 200) == [20, 32, 1]


def test_without_a_terminal_nothing_is_folded_or_coloured() -> None:
    assert lines([["x" * 300, band("High")]], ["a", "b"], None)[2] == "x" * 300 + "  High"


def test_bands_have_colour_and_their_word() -> None:
    token = look.set(Look(80, True))
    try:
        assert band("Critical") == "\x1b[1;31mCritical\x1b[0m"
        assert band("unknown") == "unknown"
        shown = table([[band("High"), "\x1b[8m\x1b[2J\x1b]0;pwn\x07 evil\nCI: all checks passed"]], ["risk", "name"])
    finally:
        look.reset(token)
    assert "\x1b[31mHigh\x1b[0m" in shown
    assert "\x1b[8m" not in shown and "\x1b[2J" not in shown and "\x07" not in shown
    assert len(shown.splitlines()) == 3


@pytest.mark.parametrize("width", [40, 80])
def test_a_cell_that_cannot_be_folded_by_words_is_broken(width: int) -> None:
    assert all(visible(line) <= width for line in lines([["y" * 300, "z" * 300]], ["a", "b"], width))


def test_ids_and_ranges_are_folded_at_their_joints_and_headers_whole() -> None:
    shown = lines([["customer-records:read", "0.0437–0.0895"]], ["what may come true", "from the inputs"], 20)
    assert shown == [
        "what may   from the",
        "come true  inputs",
        "---------  ---------",
        "customer-  0.0437–",
        "records:   0.0895",
        "read",
    ]


def prose(text: str, width: int | None) -> str:
    token = look.set(Look(width))
    try:
        return folded(text)
    finally:
        look.reset(token)


def test_sentences_are_folded_between_words_and_hang_under_what_they_go_on_from() -> None:
    text = "a table   that fits\n- one two three four five\n  12. six   seven eight nine\n"
    text += "  ten eleven twelve thirteen\n\nx"
    assert prose(text, None) == text
    assert prose(text, 20).split("\n") == [
        "a table   that fits",
        "- one two three four",
        "  five",
        "  12. six   seven",
        "      eight nine",
        "  ten eleven",
        "    twelve thirteen",
        "",
        "x",
    ]


@given(st.lists(TEXT, max_size=4).map("\n".join), st.integers(20, 60))
def test_folded_sentences_fit_and_say_the_same(text: str, width: int) -> None:
    shown = prose(text, width)
    assert all(visible(line) <= width for line in shown.split("\n"))
    assert shown.split() == text.split() or "".join(shown.split()) == "".join(text.split())
