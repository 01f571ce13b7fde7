"""Texts in tables for spreadsheets: none is calculated, wherever a spreadsheet parts its cells, and all come back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmodel.reading.cells import inert, said


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+1",
        "-1",
        "@A1",
        "\uff1d1",
        "\uff20A1",
        "\n=1",
        "x;=cmd|' /C calc'!A0",
        "x;y;-1",
        "a\t@A1",
        "a\n+1",
        " =1",
        "';=1",
    ],
)
def test_nothing_is_calculated_whatever_parts_the_cells(text: str) -> None:
    for separators in (";", "\t\r\n", ";\t\r\n"):
        for part in re.split(f"[{separators}]", inert(text)):
            assert not part.startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


@pytest.mark.parametrize("text", ["", "CRM", "a; -5", "it's", "a-b", "x = 1", "C:\\x", "10;20"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert inert(text) == said(text) == text


@given(st.text(alphabet="=+-@;'\t\n a\uff1d", max_size=12).map(str.strip))
def test_every_text_comes_back(text: str) -> None:
    assert said(inert(text)) == text
