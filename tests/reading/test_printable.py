"""Text of strangers on a terminal: nothing in it does anything."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmodel.reading.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J", "\\x9b2J"),
        ("a\nCI: all checks passed", "a\\nCI: all checks passed"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("a\u2028b\u2029c\u0085d", "a\\u2028b\\u2029c\\x85d"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\u2066x\u2069\u200f", "\\u2066x\\u2069\\u200f"),
        ("pass\u200bword\ufeff", "pass\\u200bword\\ufeff"),
        ("x\U000e0041\U000e007f", "x\\U000e0041\\U000e007f"),
        ("\ud800 \udcff", "\\ud800 \\udcff"),
        ("\x00\x7f", "\\x00\\x7f"),
    ],
)
def test_what_would_be_obeyed_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["", "crm:read → 0.3 – “a”", "Zürich 東京 العربية עברית", "👩‍💻 👍🏽", "نامه‌ای", "C:\\new", "a  b"]
)
def test_everything_else_stays(text: str) -> None:
    assert printable(text) == text


@given(st.text() | st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"])))
def test_the_result_is_one_line_that_can_be_encoded_and_drives_nothing(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(one) for one in shown} & {
        "RLO",
        "LRO",
        "RLE",
        "LRE",
        "PDF",
        "RLI",
        "LRI",
        "FSI",
    }
    assert printable(shown) == shown
