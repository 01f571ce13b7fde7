"""What is chosen on a page, by id in its address: it survives a reload, Back undoes it, and a link can ask for it.

A choice is also kept for the next visit to its page within the session. What equals the default is left out of
the address. Whatever an address asks for that does not exist is as if it had not asked. An address that was asked
for is left as it is until somebody chooses something else: every change of it is one more step for Back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

_STATE = "address"


@dataclass
class _Visit:
    """The page that is looked at, what was chosen on each page, what the address said last, and what that meant."""

    page: str = ""
    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    written: dict[str, str | None] = field(default_factory=dict)
    meant: dict[str, str] = field(default_factory=dict)


def _visit() -> _Visit:
    found: _Visit = st.session_state.setdefault(_STATE, _Visit())
    return found


def arrive(page: str) -> None:
    """Say which page is drawn."""
    visit = _visit()
    if visit.page != page:
        visit.page, visit.written, visit.meant = page, {}, {}


def chosen(name: str, default: str = "", is_known: Callable[[str], bool] = bool) -> tuple[str, bool]:
    """What is chosen under a name, and whether the address or an earlier visit has just said so."""
    visit, asked = _visit(), st.query_params.get(name)
    kept = visit.kept.get((visit.page, name), default)
    moved = name not in visit.written or visit.written[name] != asked
    if name in visit.written:
        found = (asked if asked is not None else default) if moved else kept
    else:
        found = asked if asked is not None else kept
    found = found if found == default or is_known(found) else default
    visit.written[name], visit.meant[name] = asked, found if asked is not None else default
    choose(name, found, default)
    return found, moved


def choose(name: str, value: str, default: str = "") -> None:
    """Put a choice into the address, and keep it."""
    visit = _visit()
    if value == default:
        visit.kept.pop((visit.page, name), None)
    else:
        visit.kept[visit.page, name] = value
    if visit.meant.get(name, default) == value:
        return
    if value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
    visit.written[name], visit.meant[name] = None if value == default else value, value


def forget(name: str, key: str) -> None:
    """Go back to the default of a choice and of its widget."""
    choose(name, "")
    st.session_state.pop(key, None)


def one_of(
    widget: Callable[..., Any], label: str, options: Sequence[str], name: str, key: str, default: str, **more: Any
) -> str:
    """A widget that chooses one option, such as ``st.selectbox``, with its choice in the address.

    A ``default`` that is no option stands for no choice.
    """
    found, moved = chosen(name, default, options.__contains__)
    if moved or st.session_state.get(key) not in options:
        st.session_state[key] = found if found in options else None
    picked = widget(label, options, key=key, **more) or default
    choose(name, str(picked), default)
    return str(picked)


def some_of(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[str],
    name: str,
    key: str,
    default: Collection[str] = (),
    **more: Any,
) -> list[str]:
    """A widget that chooses several options; the address holds those in which the choice differs from the default."""

    def known(text: str) -> bool:
        return all(one in options for one in text.split(","))

    text, moved = chosen(name, "", known)
    if moved or key not in st.session_state:
        differ = set(text.split(",")) if text else set[str]()
        st.session_state[key] = [one for one in options if (one in default) != (one in differ)]
    picked = [str(one) for one in widget(label, options, key=key, **more) or ()]
    choose(name, ",".join(one for one in options if (one in default) != (one in picked)))
    return picked


def is_on(label: str, name: str, key: str, **more: Any) -> bool:
    """A switch that is off at first, with its state in the address."""
    found, moved = chosen(name, "", "yes".__eq__)
    if moved or key not in st.session_state:
        st.session_state[key] = found == "yes"
    on = st.toggle(label, key=key, **more)
    choose(name, "yes" if on else "")
    return on


def count(label: str, least: int, most: int, name: str, key: str, default: int) -> int:
    """A field for a whole number, with the number in the address."""
    known = {str(one) for one in range(least, most + 1)}
    found, moved = chosen(name, str(default), known.__contains__)
    if moved or key not in st.session_state:
        st.session_state[key] = int(found)
    number = int(st.number_input(label, least, most, key=key))
    choose(name, str(number), str(default))
    return number


def tabs(titles: Mapping[str, str], key: str) -> Sequence[TabContainer]:
    """Tabs by id, with the open one in the address; the first is open at first."""
    ids = {title: id_ for id_, title in titles.items()}
    first = next(iter(titles))
    found, moved = chosen("tab", first, titles.__contains__)
    if moved or st.session_state.get(key) not in ids:
        st.session_state[key] = titles[found]
    drawn = st.tabs(list(ids), key=key, on_change="rerun")
    choose("tab", ids[str(st.session_state[key])], first)
    return drawn
