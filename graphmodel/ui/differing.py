"""The difference of two snapshots on the map and in the paths, on the page History."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from graphmodel.assessment.paths import route_of
from graphmodel.assessment.results import Assessment
from graphmodel.outputs.changed_map import ChangedMap, changed_map
from graphmodel.outputs.difference import change_text
from graphmodel.outputs.wording import few
from graphmodel.posture.comparison import Comparison, NewPath
from graphmodel.ui.graphview import graph_view
from graphmodel.ui.links import ROUTE, go
from graphmodel.ui.pieces import fact_name, name, safe
from graphmodel.ui.tables import chance, plain_table

_LINKS, _MOST = 6, 50


def on_the_map(found: Comparison) -> None:
    """The newer system, with the places of its changes marked."""
    bearing = [one for one in found.system if one.bears]
    if not bearing:
        st.info("Nothing changed in the system that a number could rest on.")
        return
    drawn = _drawn((found.old.name, found.new.name, repr(bearing)), found)
    graph_view(drawn.drawing, key="history-map", height=520)
    st.caption("The newer of the two: what is new, and what was changed or has a control that was; all else is muted.")
    if drawn.gone:
        st.markdown(f"No longer there: {safe(few(drawn.gone, 12))}.")
    if drawn.elsewhere:
        st.markdown("At no single place: " + safe(few([change_text(one) for one in drawn.elsewhere], 8)) + ".")


@st.cache_resource(max_entries=8, show_spinner=False)
def _drawn(key: tuple[str, ...], _found: Comparison) -> ChangedMap:
    """Laid out once for two snapshots, whose names hold the digests of their content."""
    return changed_map(_found.old.assessment, _found.new.assessment, [one for one in _found.system if one.bears])


def in_the_paths(assessment: Assessment, found: Comparison, gone: Sequence[NewPath]) -> None:
    """The ways to a loss that are new, and those that are gone."""
    st.markdown(f"**New ways to a loss ({len(found.new_paths)})**")
    _paths(found.new.assessment, found.new_paths, "history-new-paths")
    _links(assessment, found.new_paths)
    st.markdown(f"**Ways that are gone ({len(gone)})**")
    _paths(found.old.assessment, gone, "history-gone-paths")
    st.caption(
        "Of the best three of each actor to each loss: those of which a step was, or is, not possible or stopped for "
        "certain on the other side. A way that only became less likely is not gone."
    )


def _paths(assessment: Assessment, paths: Sequence[NewPath], key: str) -> None:
    if not paths:
        st.info("None.")
        return
    plain_table(
        [
            {
                "Actor": name(assessment, one.actor),
                "To": fact_name(assessment, one.path.target),
                "Chance": chance(one.path.chance),
                "Route": " → ".join(name(assessment, place) for place in route_of(assessment, one.path)),
            }
            for one in paths[:_MOST]
        ],
        key,
    )
    if len(paths) > _MOST:
        st.caption(f"and {len(paths) - _MOST} more")


def _links(assessment: Assessment, paths: Sequence[NewPath]) -> None:
    """To the page Paths, for what there is in the open system."""
    wanted = dict.fromkeys((one.actor, one.path.target) for one in paths)
    known = [
        (actor, fact) for actor, fact in wanted if actor in assessment.actor_by_id and fact in assessment.risk_by_fact
    ]
    with st.container(horizontal=True):
        for actor, fact in known[:_LINKS]:
            label = f"{name(assessment, actor)} to {fact_name(assessment, fact)}"
            go("paths", safe(label), ROUTE, target=fact, actor=actor)
