"""Query: Cypher over the model and its results, in a store that only reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import streamlit as st

from graphmodel.assessment.paths import reachable_facts
from graphmodel.assessment.results import Assessment
from graphmodel.stores.errors import StoreError
from graphmodel.stores.graph import SCHEMA
from graphmodel.stores.saved import SAVED, SavedQuery
from graphmodel.stores.session import Table
from graphmodel.ui import address, state
from graphmodel.ui.links import MAP, ROUTE, go
from graphmodel.ui.pieces import fact_name, name, page, safe
from graphmodel.ui.tables import plain_table, table

OWN = "own"
_MOST_LINKS = 8
FIRST = (
    "MATCH (asset:Asset {system: $system})\nRETURN asset.id, asset.likelihood\nORDER BY asset.likelihood DESC LIMIT 10"
)


def show() -> None:
    """Draw the page."""
    assessment = page("Query", "Ask the model and its results your own questions, in Cypher. Queries can only read.")
    titles = {OWN: "Your own query"} | {one.id: one.title for one in SAVED}
    asked_for = address.one_of(
        st.selectbox, "Question", list(titles), "question", "question", SAVED[0].id, format_func=titles.__getitem__
    )
    saved = next((one for one in SAVED if one.id == asked_for), None)
    if saved is not None:
        st.caption(safe(saved.shows))
    text = st.text_area(
        "Cypher", saved.cypher if saved else FIRST, height=180, key=f"cypher-{saved.id if saved else 'own'}"
    )
    given = _parameters(saved)
    asked = (text, json.dumps(given), state.current().digest)
    if st.button("Run", type="primary"):
        st.session_state["answer"] = (asked, _answer(text, given))
    kept = st.session_state.get("answer")
    if kept is not None and kept[0] == asked:
        _show(assessment, kept[1])
    with st.expander("Labels, relationships and properties"):
        st.caption("Every node has its system's id as `system`; `$system` is that of the open model.")
        plain_table(
            [
                {"Label": one.name, "Meaning": one.meaning, "Properties": ", ".join(p.name for p in one.properties)}
                for one in SCHEMA.labels
            ],
            "labels",
        )
        plain_table(
            [
                {"Relationship": one.name, "Between": f"{one.source} → {one.target}", "Meaning": one.meaning}
                for one in SCHEMA.relationships
            ],
            "relationships",
        )


def _parameters(saved: SavedQuery | None) -> dict[str, Any]:
    """A field for each parameter of a saved query; texts that are JSON are read as it."""
    given: dict[str, Any] = {}
    if saved is None or not saved.parameters:
        return given
    columns = st.columns(max(3, len(saved.parameters)))
    for column, (parameter, default) in zip(columns, saved.parameters.items(), strict=False):
        shown = default if isinstance(default, str) else json.dumps(default)
        with column:
            value = st.text_input(parameter, shown, key=f"{saved.id}-{parameter}")
        try:
            given[parameter] = default if value == shown else value if isinstance(default, str) else json.loads(value)
        except ValueError:
            st.warning(f"{safe(parameter)} is not understood; the default is used.")
            given[parameter] = default
    return given


def _answer(text: str, given: dict[str, Any]) -> Table | StoreError:
    try:
        with st.spinner("Asking the store …"):
            return state.store().query(text, given)
    except StoreError as error:
        return error


def _show(assessment: Assessment, answer: Table | StoreError) -> None:
    if isinstance(answer, StoreError):
        st.error(safe(answer.message))
        if answer.hint:
            st.caption(safe(answer.hint))
        return
    more = "; more rows or longer cells were left out" if answer.truncated else ""
    st.caption(f"{len(answer.rows):,} row{'' if len(answer.rows) == 1 else 's'} in {answer.elapsed:.2f} s{more}")
    rows = [{name: _cell(cell) for name, cell in zip(answer.columns, row, strict=True)} for row in answer.rows]
    if rows:
        row = table(rows, "answer-rows")
        if row is None:
            st.caption("Select a row to follow what it names.")
        else:
            _links(assessment, answer.rows[row])
        st.download_button(
            "Download as JSON", json.dumps(rows, ensure_ascii=False, indent=2), "answer.json", "application/json"
        )


def _links(assessment: Assessment, row: tuple[Any, ...]) -> None:
    """Ways to what the cells of a row name by id: assets, actors, flows and steps on the map, facts on Paths."""
    compiled, system = assessment.compiled, assessment.compiled.system
    targets = set(reachable_facts(assessment))
    nodes: dict[str, str] = {}
    facts: dict[str, None] = {}
    for text in dict.fromkeys(_texts(row)):
        element, _, _ = text.rpartition(":")
        if text in system.asset_by_id or text in system.actor_by_id:
            nodes.setdefault(text, name(assessment, text))
        elif text in system.flow_by_id:
            nodes.setdefault(f"flow {text}", name(assessment, text))
        elif element in system.asset_by_id:
            nodes.setdefault(element, name(assessment, element))
            if text in targets:
                facts[text] = None
        elif text in compiled.binding_by_id:
            asset = compiled.binding_by_id[text].asset
            nodes.setdefault(asset, name(assessment, asset))
    if not nodes and not facts:
        st.caption("This row names nothing that is on the map.")
    with st.container(horizontal=True):
        for fact in list(facts)[:_MOST_LINKS]:
            go("paths", f"How one gets to {safe(fact_name(assessment, fact))}", ROUTE, target=fact)
        for node, label in list(nodes.items())[:_MOST_LINKS]:
            go("map", f"{safe(label)} on the map", MAP, node=node)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _texts(list(value.values()))


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(str(_cell(one)) for one in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


show()
