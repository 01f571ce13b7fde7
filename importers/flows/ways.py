"""Which nodes of a flow reach which: through what only rearranges content, from end to end.

What people write goes further than to the first model: it also stands in the prompts of the steps after that, and after
what is called in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graphmodel.reading.values import Place
from importers.flows.graph import ONWARD, PASSING, SPEAKING, TAKING, Flow, Node, Role

STEPS = 300_000  # that are followed in one flow


class Way(NamedTuple):
    """From one kept node to another: the place of its first edge, whether the first is ``lent``, whether a person
    ``approved``, and whether it leads ``through`` steps and what is called in between."""

    source: Node
    target: Node
    place: Place
    lent: bool = False
    approved: bool = False
    through: bool = False


def ways(flow: Flow) -> Iterator[Way]:
    """The ways of a flow, those of what people write also through the steps of the flow to what follows.

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
        seen: set[tuple[str, bool, bool, bool]] = set()
        stack = [(target, place, part, False, False) for target, place, part in reversed(out.get(node.id, ()))]
        while stack:
            left -= 1
            if left < 0:
                yield Way(node, node, node.place)
                return
            at, place, part, approved, through = stack.pop()
            if (at, part, approved, through) in seen:
                continue
            seen.add((at, part, approved, through))
            there = flow.nodes[at]
            if there.role is Role.NOTE:
                continue
            if there.role not in PASSING:
                if at != node.id and not (through and unheard(node, there)):
                    yield Way(node, there, place, part, approved, through)
                if node.role not in SPEAKING or there.role not in ONWARD or part:
                    continue
                through = True
            approved = approved or there.role is Role.APPROVAL
            for target, _, more in reversed(out.get(at, ())):
                stack.append((target, place, part or more, approved, through))


def unheard(source: Node, target: Node) -> bool:
    """Whether what a node says is known not to stand in what another is given."""
    return target.role not in TAKING or (target.hears is not None and source.id not in target.hears)
