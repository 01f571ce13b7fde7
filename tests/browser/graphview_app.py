"""Two drawings on one page, as the browser test drives them."""

from itertools import pairwise

import streamlit as st

from graphmodel.ui.graphview import GraphDrawing, GraphEdge, GraphNode, GraphZone, graph_view

HOSTILE = (
    '<img src=x onerror="window.hit=1;alert(1)">',
    "</script><script>window.hit=2</script>",
    "javascript:window.hit=3",
    "![beacon](http://attacker.example/beacon.png)",
    "x" * 10_000,
    "\u202egnp.exe\u202c مرحبا بالعالم",
    "a\u200b\u200d\ufeffb",
    "__proto__",
    "constructor",
    "${window.hit=4}{{7*7}}",
)


def plain(suffix: str = "") -> GraphDrawing:
    return GraphDrawing(
        nodes=(
            GraphNode("left", f"Left{suffix}", 0, 0, 160, 60, "agent", "danger", title="The left one"),
            GraphNode("right", "Right", 400, 0, 160, 60, "store", caption="a store"),
        ),
        edges=(GraphEdge("between", "left", "right", "flow"),),
        name="Plain",
    )


def hostile() -> GraphDrawing:
    nodes = tuple(
        GraphNode(text, text, 0, 90 * index, 190, 62, text, text, text + " href", text, text)
        for index, text in enumerate(HOSTILE)
    )
    edges = tuple(
        GraphEdge(f"edge {one.id}", one.id, other.id, one.label, one.label, title=one.label)
        for one, other in pairwise(nodes)
    )
    zone = GraphZone(HOSTILE[0], HOSTILE[0], -140, -60, 280, 950)
    return GraphDrawing(nodes, edges, (zone,), (("danger", HOSTILE[0]),), HOSTILE[0])


def main() -> None:
    st.set_page_config(layout="wide")
    if st.query_params.get("case") == "hostile":
        st.text(f"picked {graph_view(hostile(), key='hostile', height=700)!r}"[:60])
        return
    selected = "right" if st.toggle("Select right") else None
    graph = plain(" changed" if st.toggle("Change label") else "")
    first = graph_view(graph, key="one", height=300, selected=selected)
    st.text(f"one picked {first!r}")
    second = graph_view(plain(), key="two", height=300)
    st.text(f"two picked {second!r}")
    st.button("Run again")


main()
