"""A drawing of a graph in the app: boxes, lines and zones on a canvas that answers clicks."""

from graphmodel.drawing.graphs import GraphDrawing, GraphEdge, GraphNode, GraphZone, box_size, zone_label_width
from graphmodel.ui.graphview.component import graph_view, picked_in

__all__ = [
    "GraphDrawing",
    "GraphEdge",
    "GraphNode",
    "GraphZone",
    "box_size",
    "graph_view",
    "picked_in",
    "zone_label_width",
]
