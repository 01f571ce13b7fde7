"""The Streamlit side: a drawing becomes pyvis data, the browser's clicks become ids.

pyvis holds nodes and edges and ships the vis-network library that shows them. Its HTML page is not
used: it loads from other hosts and runs markup that a model brings along. Everything from the model
travels as component data and meets only a canvas or ``textContent``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st
from pyvis.network import Network

from graphmodel.drawing import theme
from graphmodel.drawing.graphs import TITLE_SIZE, GraphDrawing, GraphNode, text_lines
from graphmodel.drawing.routes import simple_route
from graphmodel.drawing.text import clean, wrap

TITLE_LIMIT = 1200
SCRIPTS = ("shapes.js", "paint.js", "camera.js", "view.js")


def graph_view(
    graph: GraphDrawing, *, key: str, height: int = 520, selected: str | None = None, whole: bool = False
) -> str | None:
    """Draw a graph, and return the id of the node or edge that was clicked just now.

    The answer is None in every run that no click in this drawing caused, and an empty string when
    a click on the empty ground took the selection away. ``selected`` is highlighted; a click
    highlights at once, without waiting for it. ``whole`` opens it with all of it in view, however small.
    """
    data = payload(graph, height, selected) | {"whole": whole}
    with st.container(gap=None):
        # By itself, so that the library travels once and not with every change of the data.
        st.components.v2.component("graphmodel_engine", js=_engine())(key=f"{key}-engine", height=1)
        # The component is declared in every run because each Streamlit runtime keeps its own list.
        view = st.components.v2.component("graphmodel_graph_view", js=_script(), css=_read("view.css"))
        result = view(key=key, data=data, height=height, on_picked_change=_nothing)
    picked = result.picked
    known = {node.id for node in graph.nodes} | {edge.id for edge in graph.edges} | {""}
    return picked if isinstance(picked, str) and picked in known else None


def picked_in(key: str) -> str | None:
    """What ``graph_view`` is about to return for this key, for a page that must know before it is drawn."""
    picked = getattr(st.session_state.get(key), "picked", None)
    return picked if isinstance(picked, str) else None


def _nothing() -> None:
    """Streamlit wants a callback for every value that it should report."""


@cache
def _read(name: str) -> str:
    return (files("graphmodel.ui.graphview") / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    return "\n".join(_read(name) for name in SCRIPTS)


@cache
def _engine() -> str:
    """A module that runs pyvis's vis-network and puts it where the views look for it.

    Streamlit takes text without a line break for a file name, hence the lines around the library.
    """
    shipped = [place for place in (files("pyvis") / "lib").iterdir() if place.name.startswith("vis-")]
    newest = max(shipped, key=lambda place: [int(part) for part in place.name[4:].split(".")])
    library = (newest / "vis-network.min.js").read_text(encoding="utf-8")
    return (
        f"const vis = {{}};\n(function (exports, module, define) {{\n{library}\n}})(vis, {{}});\n"
        "const place = Symbol.for('graphmodel.vis');\n"
        "export default function () {\n"
        "  globalThis[place] = vis;\n"
        "  globalThis.dispatchEvent(new Event('graphmodel-vis'));\n"
        "}\n"
    )


def payload(graph: GraphDrawing, height: int = 520, selected: str | None = None) -> dict[str, Any]:
    """The drawing as the browser gets it: pyvis's nodes and edges with numbers for ids, and colours."""
    network = Network(directed=True)
    number = {node.id: index for index, node in enumerate(graph.nodes)}
    boxes = {node.id: node.box for node in graph.nodes}
    for node in graph.nodes:
        network.add_node(number[node.id], label=" ", shape="custom", **_node(node))
    for index, edge in enumerate(graph.edges):
        route = edge.route or simple_route(boxes[edge.source], boxes[edge.target])
        network.add_edge(
            number[edge.source],
            number[edge.target],
            id=index,
            key=edge.id,
            text=" ".join(wrap(edge.label, 180, 1, 12)),
            tip=_tip(edge.label, edge.title),
            tone=edge.tone if edge.tone in theme.LIGHT_TONES else "plain",
            dashed=edge.dashed,
            route=[round(value, 1) for point in route for value in point],
        )
    zones = [
        {**asdict(zone), "label": " ".join(wrap(zone.label, zone.width - 28, 1, TITLE_SIZE))} for zone in graph.zones
    ]
    drawn = {"nodes": network.nodes, "edges": network.edges, "zones": zones}
    return {
        **drawn,
        "height": height,
        "selected": selected,
        "name": clean(graph.name),
        "legend": _legend(graph),
        "focus": graph.focus,
        "palette": _palette(),
        "digest": _digest(drawn),
        "shape": _digest([(node.id, node.x, node.y, node.width, node.height) for node in graph.nodes]),
    }


def _node(node: GraphNode) -> dict[str, Any]:
    lines, caption = text_lines(node)
    kind = theme.KINDS.get(node.kind, theme.KINDS["other"])
    return {
        "x": round(node.x, 1),
        "y": round(node.y, 1),
        # vis-network leaves out what lies outside the view, and knows the box only by this radius
        "size": max(node.width, node.height) / 2,
        "w": node.width,
        "h": node.height,
        "key": node.id,
        "lines": list(lines),
        "caption": caption,
        "kind": node.kind if node.kind in theme.KINDS else "other",
        "tone": node.tone if node.tone in theme.LIGHT_TONES else "plain",
        "form": node.shape or kind.shape,
        "tip": _tip(node.label, node.title),
        "mark": node.mark if node.mark in theme.BAND_COLOURS else "",
    }


def _tip(label: str, title: str) -> list[str]:
    """Heading and text of a tooltip."""
    return [clean(label)[:200], "\n".join(clean(line) for line in title[:TITLE_LIMIT].splitlines())]


def _legend(graph: GraphDrawing) -> list[dict[str, str]]:
    used = {node.kind if node.kind in theme.KINDS else "other" for node in graph.nodes}
    kinds = [{"kind": name, "label": kind.label} for name, kind in theme.KINDS.items() if name in used]
    tones = [{"tone": tone, "label": clean(label)} for tone, label in graph.legend if tone in theme.LIGHT_TONES]
    marks = [
        {"mark": band, "label": f"at stake, {band} risk"}
        for band in theme.BAND_COLOURS
        if any(node.mark == band for node in graph.nodes)
    ]
    return [*kinds, *tones, *marks]


@cache
def _palette() -> Mapping[str, Any]:
    def half(surface: theme.Surface, tones: Mapping[str, theme.Tone], field: str) -> dict[str, Any]:
        return {
            **asdict(surface),
            "bands": {band: {"fill": one, "text": theme.text_on(one)} for band, one in theme.BAND_COLOURS.items()},
            "tones": {name: asdict(tone) for name, tone in tones.items()},
            "kinds": {name: {"colour": getattr(kind, field), "icon": kind.icon} for name, kind in theme.KINDS.items()},
        }

    return {
        "light": half(theme.LIGHT_SURFACE, theme.LIGHT_TONES, "light"),
        "dark": half(theme.DARK_SURFACE, theme.DARK_TONES, "dark"),
    }


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=True).encode()).hexdigest()[:16]
