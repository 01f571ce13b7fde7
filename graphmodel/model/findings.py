"""A problem of a system at a place of its document, whoever read that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from graphmodel.knowledge.search import suggestion
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.limits import MAX_PROBLEMS
from graphmodel.reading.problems import nearest
from graphmodel.reading.values import Place, brief

_ORDER = {"error": 0, "warning": 1, "note": 2}


class Finding(NamedTuple):
    """A problem at a place of the System document."""

    level: str
    place: Place
    message: str
    fix: str


class Sought(NamedTuple):
    """That a place names what nobody has declared; what was meant is looked for once it is to be told."""

    place: Place
    message: str
    word: str
    advice: Callable[[], str]
    level: str = "error"


def missing(place: Place, what: str, id_: str, known: Collection[str]) -> Sought:
    """That an element is named which is not in the document."""
    advice = lambda: nearest(id_, known) or f"Declare the {what} first."  # noqa: E731
    return Sought(place, f"there is no {what} “{brief(id_)}”.", id_, advice)


def unknown(place: Place, kind: str, id_: str, catalogue: Catalogue) -> Sought:
    """That a relation, a control or a threat is named which is not in the catalogue."""
    return Sought(place, f"there is no {kind} “{brief(id_)}”.", id_, lambda: suggestion(id_, catalogue, kind))


def told(found: Iterable[Finding | Sought]) -> list[Finding]:
    """Findings to be told, errors first; of a multitude the first, and that there are more."""
    ordered = sorted(found, key=lambda one: _ORDER[one.level])
    advice: dict[tuple[str, str], str] = {}  # one mistake is often made many times
    shown = []
    for one in ordered[:MAX_PROBLEMS]:
        if isinstance(one, Sought):
            what = one.message, one.word
            if what not in advice:
                advice[what] = one.advice()
            one = Finding(one.level, one.place, one.message, advice[what])
        shown.append(one)
    if len(ordered) > MAX_PROBLEMS:
        message = f"there are {len(ordered) - MAX_PROBLEMS:,} further problems, which are not listed."
        shown.append(Finding(ordered[MAX_PROBLEMS].level, (), message, "Correct these, and check again."))
    return shown
