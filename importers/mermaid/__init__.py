"""Mermaid flowcharts, alone or in the fenced blocks of a Markdown text: subgraphs, nodes and arrows.

Read line by line with a reader of our own: no package reads the format without a browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphmodel.model.accounts import Question
from graphmodel.reading.limits import check_size
from graphmodel.reading.values import Place
from importers.drawn import (
    ask_about_twins,
    attacker,
    drawn_flow,
    is_attacker,
    is_internet,
    let_in_the_internet,
    plain,
    protocol_encrypts,
)
from importers.elements import Boundary, Found, Part, Sign
from importers.importer import two_stage
from importers.mermaid.flowchart import MOST_LINES, Chart, read_chart
from importers.provenance import Reader, lined_reader
from importers.source import Source

ID = "mermaid"
_START = re.compile(r"(?:flowchart|graph)(?:-elk)?(?:[ \t]+(?:TB|TD|BT|RL|LR)\b|[ \t]*;|[ \t]*$)")
_MARK = re.compile(r"[A-Z]{1,3}[-_ ]?\d{1,3}")
_LEGEND = frozenset({"legend", "key", "notation"})
_FENCE = re.compile(r"[ \t]{0,8}(`{3,}|~{3,})[ \t]*\{?\.?mermaid\b", re.IGNORECASE)
MOST_CHARTS = 100


def charts_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """The flowcharts of a text, each with the number of its first line and its lines: all, or its fenced blocks."""
    lines = text.splitlines()
    first = _first(lines)
    if first is not None:
        yield 1, lines
        return
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        number += 1
        if fence is None:
            continue
        block, start = [], number + 1
        while number < len(lines) and not lines[number].lstrip().startswith(fence[1]):
            block.append(lines[number])
            number += 1
        if _first(block) is not None:
            yield start, block


def _first(lines: list[str]) -> int | None:
    """The line on which a flowchart begins, after fields between dashes, comments and directives."""
    fields = False
    for number, line in enumerate(lines[:2_000]):
        said = line.strip()
        if said == "---":
            fields = not fields
        elif not fields and said and not said.startswith("%%"):
            return number if _START.match(said) else None
    return None


def sniff(source: Source) -> bool:
    """Whether a text is a flowchart, or holds one in a fenced block."""
    words = source.words
    if "graph" not in words and "flowchart" not in words:
        return False
    return next(charts_of(words), None) is not None


def gather(source: Source) -> tuple[Found, Reader]:
    """The nodes, subgraphs and arrows of all flowcharts in the text."""
    check_size(source.data, source.name)
    reader, lines = lined_reader(source.name, ID)
    found = Found(source.name.rpartition("/")[2].partition(".")[0] or "Flowchart")
    room = MOST_LINES
    for number, (start, block) in enumerate(charts_of(source.words)):
        if number >= MOST_CHARTS:
            found.omit("flowchart", (), f"only the first {MOST_CHARTS} of a text are read")
            break
        place: Place = ("flowchart", number)
        lines[place] = start
        if len(block) > room:
            left = f"only the first {MOST_LINES:,} lines of flowcharts are read"
            found.omit("line of a flowchart", place, f"{left}, {len(block) - room:,} of this one are not")
        chart = read_chart(block[:room], start)
        room -= min(room, len(block))
        found.title = chart.title or found.title
        _elements(found, lines, chart, place)
    ask_about_twins(found)
    if found.links:
        text = "Arrows were read as the direction of the data. Where one is a call that is answered, set “two_way”."
        found.questions.append(Question("", text))
    return found, reader


def _elements(found: Found, lines: dict[Place, int], chart: Chart, place: Place) -> None:
    def key(id_: str) -> str:
        return f"{place[-1]}:{id_}"

    def spot(kind: str, id_: str | int, line: int) -> Place:
        lines[(*place, kind, id_)] = line
        return (*place, kind, id_)

    joined = {end for edge in chart.edges for end in (edge.origin, edge.target)}
    legend = {zone.id for zone in chart.zones.values() if plain(zone.title) in _LEGEND}
    members = {one.inside for one in chart.nodes.values()}
    for zone in chart.zones.values():
        where = spot("subgraph", zone.id, zone.line)
        if zone.id in legend:
            found.omit("subgraph", where, "it is a legend")
            continue
        parent = key(zone.inside) if zone.inside else ""
        found.boundaries.append(Boundary(key(zone.id), (zone.title or zone.id)[:200], where, "subgraph", None, parent))
    for node in chart.nodes.values():
        where = spot("node", node.id, node.line)
        name, around = (node.label or node.id)[:200], key(node.inside) if node.inside else ""
        if node.inside in legend or (node.id not in joined and _MARK.fullmatch(name)):
            reason = "it is in a legend" if node.inside in legend else "it is a mark that no arrow joins"
            found.omit("node", where, reason)
            continue
        if is_attacker(name) or is_internet(name):
            found.attackers.append(attacker(key(node.id), name, where, "node", around))
            continue
        signs = [Sign("name", name), Sign("name", node.id)]
        if node.shape:
            signs.append(Sign("stencil", node.shape))
        tags = (f"class: {node.style}",) if node.style else ()
        found.parts.append(Part(key(node.id), name, where, "node", tuple(signs), boundary=around, tags=tags))
    for order, edge in enumerate(chart.edges):
        where = spot("edge", order, edge.line)
        ends = (edge.origin, edge.target)
        at_zone = next((end for end in ends if end in chart.zones), None)
        if at_zone is not None:
            found.omit("arrow", where, "it ends at a subgraph, not at a node")
            continue
        note = "drawn dotted" if edge.dotted else ""
        note = "drawn without a head: taken to go both ways" if edge.headless else note
        found.links.append(
            drawn_flow(
                key(edge.origin),
                key(edge.target),
                where,
                "arrow",
                edge.label[:200],
                two_way=edge.both or edge.headless,
                encrypted=protocol_encrypts(edge.label),
                note=note,
            )
        )
    for zone in chart.zones.values():
        if is_internet(zone.title) and zone.id in members:
            let_in_the_internet(found, (*place, "subgraph", zone.id), key(zone.id), zone.title)
    for line, reason in chart.left_out:
        found.omit("line", spot("line", line, line), reason)


IMPORTER = two_stage(ID, "Mermaid flowchart (also in Markdown)", sniff, gather, ("*.mmd", "*.mermaid", "*.md"))
