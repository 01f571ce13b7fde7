"""What is to be drawn, as values. Text in them is never markup, here or in the browser."""

from __future__ import annotations

from dataclasses import dataclass

from graphmodel.drawing.layout import Point, Rect, Route
from graphmodel.drawing.text import text_width, wrap

TITLE_SIZE = 14.0
CAPTION_SIZE = 12.0
TITLE_LINE = 18.0
CAPTION_LINE = 16.0
ICON_ROOM = 46.0
MARGIN = 14.0
MAX_LINES = 3


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A box. ``x`` and ``y`` are its centre; ``caption`` is a smaller line below the label.

    ``kind`` picks icon and colour and ``tone`` the fill, both from ``graphmodel.drawing.theme``; an
    empty ``shape`` is that of the kind. ``mark`` is the risk band of what is at stake there, drawn as
    a crown in its colour. ``title`` is shown when the pointer rests on the box.
    """

    id: str
    label: str
    x: float
    y: float
    width: float
    height: float
    kind: str = "other"
    tone: str = "plain"
    title: str = ""
    shape: str = ""
    caption: str = ""
    mark: str = ""

    @property
    def box(self) -> Rect:
        return Rect(self.x - self.width / 2, self.y - self.height / 2, self.width, self.height)


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """An arrow. Without a ``route`` from a layout it is one curve between the boxes."""

    id: str
    source: str
    target: str
    label: str = ""
    tone: str = "plain"
    dashed: bool = False
    title: str = ""
    route: Route = ()


@dataclass(frozen=True, slots=True)
class GraphZone:
    """A labelled rectangle behind the boxes, by its top left corner; ``depth`` counts its parents."""

    id: str
    label: str
    x: float
    y: float
    width: float
    height: float
    depth: int = 0


@dataclass(frozen=True, slots=True)
class GraphDrawing:
    """A whole drawing. ``legend`` adds pairs of tone and its meaning to the list of kinds.

    ``focus`` is the id of the node that must be in view when the drawing opens.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...] = ()
    zones: tuple[GraphZone, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()
    name: str = "Graph"
    focus: str = ""

    def __post_init__(self) -> None:
        known = {node.id for node in self.nodes}
        if len(known | {edge.id for edge in self.edges}) < len(self.nodes) + len(self.edges):
            raise ValueError("Ids of nodes and edges must all differ, since a click is reported by id.")
        for edge in self.edges:
            if edge.source not in known or edge.target not in known:
                raise ValueError(f"Edge {edge.id!r} needs both its nodes in the drawing.")


def box_size(label: str, caption: str = "", *, max_width: float = 196, min_width: float = 108) -> Point:
    """Width and height of a box that holds its texts, for the layout."""
    room = max_width - ICON_ROOM - MARGIN
    lines = wrap(label, room, MAX_LINES, TITLE_SIZE)
    below = wrap(caption, room, 1, CAPTION_SIZE)
    widest = max(
        [text_width(line, TITLE_SIZE) for line in lines] + [text_width(line, CAPTION_SIZE) for line in below],
        default=0.0,
    )
    width = min(max_width, max(min_width, widest + ICON_ROOM + MARGIN))
    height = max(44.0, len(lines) * TITLE_LINE + len(below) * CAPTION_LINE + 18)
    return (float(round(width)), height)


def zone_label_width(label: str) -> float:
    """Room that a zone's label needs."""
    return min(360.0, text_width(label[:80], TITLE_SIZE) + 20)


def text_lines(node: GraphNode) -> tuple[tuple[str, ...], str]:
    """The label in lines that fit the box, and the caption shortened to it."""
    room = max(20.0, node.width - ICON_ROOM - MARGIN) + 2
    below = wrap(node.caption, room, 1, CAPTION_SIZE)
    left = node.height - 10 - (CAPTION_LINE if below else 0)
    return wrap(node.label, room, max(1, int(left / TITLE_LINE)), TITLE_SIZE), below[0] if below else ""
