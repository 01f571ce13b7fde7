"""What would be if an import were taken in: the map, and the numbers beside those of the open system."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from graphmodel.assessment.results import Assessment, AssetResult, Risk
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.drawings import system_map
from graphmodel.ui import state
from graphmodel.ui.graphview import graph_view
from graphmodel.ui.pieces import fact_name, safe
from graphmodel.ui.tables import amount, chance, plain_table
from graphmodel.workspace import Model

_MOST = 40  # lines of a table


def show_preview(model: Model, beside: Model | None) -> None:
    """The map of a model that is not open, and what its numbers are; with those of ``beside``, which is, where there is
    one. Works only when somebody asks for it: a large system takes a while."""
    if not st.toggle("Preview: the map, and what would change in the numbers", key="import-preview"):
        return
    after = state.assessed(model)
    before = state.assessed(beside) if beside is not None else None
    drawn = system_map(after)
    graph_view(drawn.drawing, key="import-map", height=480, whole=True)
    st.caption(f"What would be; {drawn.shown} of {drawn.total} assets shown. Nothing is taken in yet.")
    if after.risks or (before is not None and before.risks):
        _losses(before, after)
    else:
        st.caption("No loss is stated, so nothing is at stake; how likely parts fall can be said nevertheless.")
        _assets(before, after)


def _losses(before: Assessment | None, after: Assessment) -> None:
    old: Mapping[str, Risk] = before.risk_by_fact if before is not None else {}
    new = after.risk_by_fact
    currency, view = after.compiled.system.currency, View.RESIDUAL
    rows = []
    for fact in dict.fromkeys((*new, *old)):
        one, was = new.get(fact), old.get(fact)
        row: dict[str, object] = {"Loss": fact_name(after if one or before is None else before, fact)}
        if before is not None:
            row["Likelihood now"] = chance(was.likelihood[view] if was else None)
        row["Likelihood then"] = chance(one.likelihood[view] if one else None)
        if before is not None:
            row["Expected loss now"] = amount(was.expected[view] if was else None, currency)
        row["Expected loss then"] = amount(one.expected[view] if one else None, currency)
        rows.append(row)
    _table(rows, "import-losses")


def _assets(before: Assessment | None, after: Assessment) -> None:
    old: Mapping[str, AssetResult] = {one.asset.id: one for one in before.assets} if before is not None else {}
    rows = []
    for one in after.assets:
        row: dict[str, object] = {"Asset": one.asset.name, "Type": one.asset.type}
        if before is not None:
            was = old.get(one.asset.id)
            row["Likelihood now"] = chance(was.likelihood[View.RESIDUAL] if was else None)
        row["Likelihood then"] = chance(one.likelihood[View.RESIDUAL])
        rows.append(row)
    _table(rows, "import-assets")


def _table(rows: list[dict[str, object]], key: str) -> None:
    plain_table(rows[:_MOST], key)
    if len(rows) > _MOST:
        st.caption(safe(f"and {len(rows) - _MOST} more"))
