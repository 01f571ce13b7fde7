"""Catalogue: what is known of every threat, control and asset type, where it comes from, and what of it is here."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.search import search
from graphmodel.model.system import System
from graphmodel.outputs.entries import CONTROL, THREAT, TYPE, Entry, Part, entries, entry_of
from graphmodel.ui import address, state
from graphmodel.ui.links import MAP, go, technique_links
from graphmodel.ui.pieces import safe
from graphmodel.ui.tables import newly_selected, plain, table

_KINDS = {THREAT: "Threats", CONTROL: "Controls", TYPE: "Asset types"}
_FOUND_AS = {"threat": THREAT, "control": CONTROL, "asset type": TYPE}
_MOST_LINKS, _MOST_FOUND = 40, 50
_TABLE = "catalogue-entries"


def show() -> None:
    """Draw the page."""
    address.arrive("Catalogue")
    st.header("Catalogue", anchor=False)
    st.caption(
        "What is known of threats, controls and asset types: how each works, its figures and where they are from."
    )
    catalogue = state.current().catalogue
    known = {f"{kind}:{id_}": (kind, id_, name, meaning) for kind, id_, name, meaning in entries(catalogue)}
    if catalogue.overridden:
        count = len({one.entry for one in catalogue.overridden})
        said = f"{count} entr{'y says' if count == 1 else 'ies say'} something else here than shipped"
        st.info(f"{said}, by files of your own.")
    words, shown = _asked()
    if words:
        found = search(words, catalogue, tuple(_FOUND_AS), _MOST_FOUND)
        keys = [key for one in found if (key := f"{_FOUND_AS[one.kind]}:{one.id}") in known]
    else:
        keys = list(known)
    listed = [known[key] for key in keys if not shown or known[key][0] in shown]
    row = newly_selected(_TABLE)
    if row is not None and row < len(listed):
        address.choose("entry", f"{listed[row][0]}:{listed[row][1]}")
    chosen = address.chosen("entry", "", known.__contains__)[0]
    if chosen:
        kind, id_, _, _ = known[chosen]
        _entry(entry_of(catalogue, load_framework(), state.current().settings, kind, id_))
    if not listed:
        st.info("Nothing in the catalogue fits these words; try others.")
        return
    st.subheader("Entries", anchor=False)
    here = _here()
    rows = [
        {"Kind": kind, "Name": name, "Here": plain(here.get((kind, id_)), ""), "Meaning": meaning, "Id": id_}
        for kind, id_, name, meaning in listed
    ]
    table(rows, _TABLE, height=480, Meaning=st.column_config.TextColumn(width="large"))
    st.caption("“Here” counts the places of the open system: steps of a threat, places of a control, assets of a type.")


def _asked() -> tuple[str, list[str]]:
    """The words that are searched for, and the kinds of entries that are wanted; none are all."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input("Search", key="catalogue-words", placeholder="prompt shield, LLM, ransomware …")
        shown = address.some_of(
            st.pills, "Kinds", list(_KINDS), "kinds", "catalogue-kinds", selection_mode="multi",
            format_func=_KINDS.__getitem__,
        )  # fmt: skip
    return words.strip(), shown


def _here() -> dict[tuple[str, str], int]:
    """How often entries occur in the open system."""
    model = state.current()
    if not model.usable or model.system is None:
        return {}
    found: dict[tuple[str, str], int] = {}
    for key in _occurrences(model.system):
        found[key] = found.get(key, 0) + 1
    return found


def _occurrences(system: System) -> Iterator[tuple[str, str]]:
    for asset in system.assets:
        yield TYPE, asset.type
    for one in system.controls:
        if one.control is not None:
            yield from [(CONTROL, one.control)] * max(1, len(one.protects))
    for binding in state.bindings():
        yield THREAT, binding.pattern.id


def _entry(one: Entry) -> None:
    with st.container(border=True):
        st.subheader(safe(one.title), anchor=False)
        st.markdown(f"{safe(one.meaning)} ({one.kind}, {safe(one.id)})")
        for part in one.parts:
            _part(part)
        _in_system(one)


def _part(part: Part) -> None:
    if part.entries:
        st.markdown(f"**{part.title}**")
        catalogue = state.current().catalogue
        with st.container(horizontal=True, gap="small"):
            for id_ in part.entries[:_MOST_LINKS]:
                label = id_ if part.kind == TYPE else catalogue.patterns[id_].name if part.kind == THREAT else ""
                label = label or catalogue.controls[id_].name
                go("catalogue", safe(label), entry=f"{part.kind}:{id_}")
        if len(part.entries) > _MOST_LINKS:
            st.caption(f"and {len(part.entries) - _MOST_LINKS} more: {safe(', '.join(part.entries[_MOST_LINKS:]))}")
        return
    said = technique_links(one.pinned for one in part.techniques) or safe(part.text)
    st.markdown(f"**{part.title}**: {said}" if said else f"**{part.title}**")
    for line in part.lines:
        st.markdown(f"- {safe(line)}")


def _in_system(one: Entry) -> None:
    """Where the open system has it, with the way to the map."""
    model = state.current()
    if not model.usable or model.system is None:
        return
    places = {
        TYPE: lambda: [asset.id for asset in model.system.assets if asset.type == one.id],
        CONTROL: lambda: [place for each in model.system.controls if each.control == one.id for place in each.protects],
        THREAT: lambda: [each.asset for each in state.bindings() if each.pattern.id == one.id],
    }[one.kind]()
    assets = [id_ for id_ in dict.fromkeys(places) if id_ in model.system.asset_by_id]
    if not assets:
        st.caption("Nothing of it is in the open system.")
        return
    st.markdown("**In the open system**")
    with st.container(horizontal=True, gap="small"):
        for id_ in assets[:_MOST_LINKS]:
            go("map", safe(model.system.name_of(id_)), MAP, node=id_)


show()
