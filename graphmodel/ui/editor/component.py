"""The Streamlit side: text and problems travel as component data, and meet only a textarea and ``textContent``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from graphmodel.drawing import theme
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import Problem

MAX_SHOWN = 300
_WORDS = {"error": "Error", "warning": "Warning", "note": "Note"}


def typed_text(key: str, version: str) -> str | None:
    """What the editor holds since somebody typed in this version of its text; None where nobody has."""
    value = st.session_state.get(key)
    typed = value.get("typed") if isinstance(value, Mapping) else None
    if not isinstance(typed, Mapping) or typed.get("version") != version:
        return None
    text = typed.get("text")
    return text if isinstance(text, str) else None


def text_editor(text: str, version: str, file: str, problems: Sequence[Problem], name: str, *, key: str) -> bool:
    """Draw the editor; whether somebody has just asked to save, with Ctrl-S.

    What is typed is there, by ``typed_text``, in the run that follows. The browser keeps what it has as
    long as ``version`` is the same, so that no answer of ours overtakes somebody who types; and what it
    could not tell any more, for the same ``file`` the next time. Problems of other files have no line here.
    """
    data = {
        "text": text,
        "version": version,
        "file": file,
        "name": name,
        "problems": [_shown(one, name) for one in problems[:MAX_SHOWN]],
        "more": max(0, len(problems) - MAX_SHOWN),
        "count": _count(problems),
        "palette": _palette(),
    }
    # The component is declared in every run because each Streamlit runtime keeps its own list.
    editor = st.components.v2.component("graphmodel_editor", js=_read("editor.js"), css=_read("editor.css"))
    result = editor(key=key, data=data, height="content", on_typed_change=_nothing, on_save_change=_nothing)
    return bool(result.save)


def _nothing() -> None:
    """Streamlit wants a callback for every value that it should report."""


def _shown(one: Problem, name: str) -> dict[str, Any]:
    own = not one.file or printable(one.file.rpartition("/")[2]) == name
    line = f"line {one.line}" if one.line else ""
    elsewhere = "" if own else ", ".join(part for part in (printable(one.file), line) if part)
    return {
        "level": one.level if one.level in _WORDS else "note",
        "word": _WORDS.get(one.level, "Note"),
        "line": one.line if own else 0,
        "where": printable(elsewhere or one.path),
        "message": printable(one.message[:1].upper() + one.message[1:]),
        "fix": printable(one.fix),
    }


def _count(problems: Sequence[Problem]) -> str:
    """How many problems there are, in words."""
    numbers = {level: sum(one.level == level for one in problems) for level in _WORDS}
    parts = [f"{number} {level}{'' if number == 1 else 's'}" for level, number in numbers.items() if number]
    return ", ".join(parts) if parts else "No problems"


@cache
def _read(name: str) -> str:
    return (files("graphmodel.ui.editor") / name).read_text(encoding="utf-8")


@cache
def _palette() -> dict[str, Any]:
    names = {"error": "danger", "warning": "warn", "note": "accent"}
    return {
        scheme: {level: asdict(tones[tone]) for level, tone in names.items()}
        for scheme, tones in (("light", theme.LIGHT_TONES), ("dark", theme.DARK_TONES))
    }
