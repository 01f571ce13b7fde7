"""The map of a system as text of other drawing and graph programs: Mermaid, DOT and GraphML."""

from __future__ import annotations

import io
from collections.abc import Iterator

import networkx as nx

from graphmodel.exporters.case import Case, Exporter, holding
from graphmodel.model.system import Actor, Asset, System, Zone

_SHAPES = {"data": ("[(", ")]"), "actor": ("([", "])"), "other": ("[", "]")}
_HOLDS = holding(zones="id name trust parent", assets="id name type zone", flows="id origin target name two_way")


def _nested(system: System, parent: str | None) -> list[Zone]:
    return [one for one in system.zones if (one.parent if one.parent in system.zone_by_id else None) == parent]


def _lines(case: Case, parent: str | None, depth: int) -> Iterator[tuple[int, str, Zone | Asset | Actor]]:
    """Zones, assets and actors as they lie inside each other, each with its depth and what it is."""
    for zone in _nested(case.system, parent):
        yield depth, "open", zone
        yield from _lines(case, zone.id, depth + 1)
        yield depth, "close", zone
    for asset in case.system.assets:
        if (asset.zone if asset.zone in case.system.zone_by_id else None) == parent:
            yield depth, "asset", asset
    for actor in case.system.actors:
        if (actor.zone if actor.zone in case.system.zone_by_id else None) == parent:
            yield depth, "actor", actor


def _numbers(system: System) -> dict[str, str]:
    """A name for each element that any of the languages takes."""
    elements: tuple[Zone | Asset | Actor, ...] = (*system.zones, *system.assets, *system.actors)
    return {one.id: f"n{number}" for number, one in enumerate(elements)}


# ------------------------------------------------------------ Mermaid
def _mermaid_text(text: str) -> str:
    """A label: everything that Mermaid, Markdown or HTML could take for its own is written as a character code."""
    said = " ".join(text.split())
    return '"' + "".join(one if one.isalnum() or one in " ._-/,()" else f"#{ord(one)};" for one in said) + '"'


def mermaid(case: Case) -> bytes:
    """A flowchart: zones as subgraphs, flows as arrows with their names."""
    system, numbers = case.system, _numbers(case.system)
    out = ["flowchart LR"]
    for depth, what, one in _lines(case, None, 1):
        space = "  " * depth
        if what == "close":
            out.append(f"{space}end")
            continue
        number, label = numbers[one.id], _mermaid_text(one.name or one.id)
        if what == "open":
            out.append(f"{space}subgraph {number}[{label}]")
        else:
            kind = (
                "actor"
                if isinstance(one, Actor)
                else "data"
                if isinstance(one, Asset) and case.is_data(one)
                else "other"
            )
            before, after = _SHAPES[kind]
            out.append(f"{space}{number}{before}{label}{after}")
    for flow in system.flows:
        arrow = "<-->" if flow.two_way else "-->"
        said = f"|{_mermaid_text(flow.name)}|" if flow.name else ""
        out.append(f"  {numbers[flow.origin]} {arrow}{said} {numbers[flow.target]}")
    for link in system.dependencies:
        out.append(f"  {numbers[link.origin]} -.->|{_mermaid_text(link.relation)}| {numbers[link.target]}")
    return ("\n".join(out) + "\n").encode()


# ------------------------------------------------------------ DOT
def _dot_text(text: str) -> str:
    said = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{said}"'


def dot(case: Case) -> bytes:
    """A directed graph for Graphviz: zones as clusters."""
    system, numbers = case.system, _numbers(case.system)
    out = [f"digraph {_dot_text(system.name)} {{", "  rankdir=LR;", "  node [shape=box];"]
    for depth, what, one in _lines(case, None, 1):
        space = "  " * depth
        if what == "close":
            out.append(f"{space}}}")
        elif what == "open":
            number, name = numbers[one.id], one.name
            out.append(f"{space}subgraph cluster_{number} {{")
            out.append(f"{space}  label={_dot_text(name)};")
        else:
            number, name = numbers[one.id], one.name or one.id
            shape = "oval" if what == "actor" else "cylinder" if isinstance(one, Asset) and case.is_data(one) else "box"
            out.append(f"{space}{number} [label={_dot_text(name)}, shape={shape}];")
    for flow in system.flows:
        said = f"label={_dot_text(flow.name)}, " if flow.name else ""
        way = "both" if flow.two_way else "forward"
        out.append(f"  {numbers[flow.origin]} -> {numbers[flow.target]} [{said}dir={way}];")
    for link in system.dependencies:
        said = _dot_text(link.relation)
        out.append(f"  {numbers[link.origin]} -> {numbers[link.target]} [label={said}, style=dashed];")
    return ("\n".join((*out, "}")) + "\n").encode()


# ------------------------------------------------------------ GraphML
def graphml(case: Case) -> bytes:
    """Everything that stands in relation, with likelihoods and expected losses, for Gephi, yEd, igraph and others."""
    from graphmodel.knowledge.vocabulary import View  # noqa: PLC0415 - for this one format

    system = case.system
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    results = {one.asset.id: one for one in case.assessment.assets}
    for zone in system.zones:
        graph.add_node(zone.id, kind="zone", label=_xml(zone.name), zone=zone.parent or "")
    for asset in system.assets:
        found = results[asset.id]
        graph.add_node(
            asset.id,
            kind="asset",
            label=_xml(asset.name),
            type=asset.type,
            zone=asset.zone or "",
            likelihood=found.likelihood[View.RESIDUAL].value,
            expected_loss=found.expected[View.RESIDUAL].value,
        )
    for actor in system.actors:
        graph.add_node(actor.id, kind="actor", label=_xml(actor.name), type=str(actor.kind), zone=actor.zone or "")
    for flow in system.flows:
        graph.add_edge(flow.origin, flow.target, key=flow.id, relation=flow.relation, label=_xml(flow.name))
        if flow.two_way:
            graph.add_edge(flow.target, flow.origin, key=f"{flow.id} back", relation=flow.relation, label="")
    for one in system.dependencies:
        graph.add_edge(one.origin, one.target, key=one.id, relation=one.relation, label="")
    out = io.BytesIO()
    nx.write_graphml(graph, out)
    return out.getvalue() + b"\n"


def _xml(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return "".join(one for one in text if one in "\t\n" or (one >= " " and one not in "\ufffe\uffff"))


MERMAID = Exporter(
    "mermaid",
    "Mermaid flowchart",
    ".mmd",
    mermaid,
    {**_HOLDS, **holding(dependencies="origin relation target", actors="id name zone")},
)
DOT = Exporter("dot", "Graphviz (DOT)", ".dot", dot, MERMAID.holds)
GRAPHML = Exporter(
    "graphml",
    "GraphML",
    ".graphml",
    graphml,
    {
        **holding(zones="id name parent", assets="id name type zone", flows="id origin target relation name two_way"),
        **holding(dependencies="origin relation target", actors="id name kind zone"),
    },
)
