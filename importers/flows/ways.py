"""Which nodes of a flow reach which: through what only rearranges content, from end to end."""

from __future__ import annotations

from collections.abc import Iterator

from graphmodel.reading.values import Place
from importers.flows.graph import PASSING, Flow, Node, Role

STEPS = 300_000  # that are followed in one flow


def ways(flow: Flow) -> Iterator[tuple[Node, Node, Place, bool, bool]]:
    """Pairs of kept nodes with the place of the first edge, whether the first is lent, and whether a person approves.

    A flow that would take more than ``STEPS`` steps is followed no further; the last thing given is then a way from a
    node to itself.
    """
    out: dict[str, list[tuple[str, Place, bool]]] = {}
    for edge in flow.edges:
        if edge.source in flow.nodes and edge.target in flow.nodes:
            out.setdefault(edge.source, []).append((edge.target, edge.place, edge.part))
    left = STEPS
    for node in flow.nodes.values():
        if node.role in (Role.GLUE, Role.NOTE, Role.APPROVAL):
            continue
        seen: set[tuple[str, bool, bool]] = set()
        stack = [(target, place, part, False) for target, place, part in reversed(out.get(node.id, ()))]
        while stack:
            left -= 1
            if left < 0:
                yield node, node, node.place, False, False
                return
            at, place, part, approved = stack.pop()
            if (at, part, approved) in seen:
                continue
            seen.add((at, part, approved))
            there = flow.nodes[at]
            if there.role is Role.NOTE:
                continue
            if there.role not in PASSING:
                if at != node.id:
                    yield node, there, place, part, approved
                continue
            approved = approved or there.role is Role.APPROVAL
            for target, _, more in reversed(out.get(at, ())):
                stack.append((target, place, part or more, approved))
