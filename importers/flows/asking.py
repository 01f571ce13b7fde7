"""Where a flow asks a person before it goes on, and what only a person can say of it."""

from __future__ import annotations

from collections.abc import Sequence

from graphmodel.model.accounts import Question
from importers.elements import Found, Measure
from importers.flows.graph import Flow, Role


def approve(flow: Flow, found: Found, agents: Sequence[str]) -> None:
    """Steps that wait for a person, as a control of the agents of which all that they do comes after one."""
    for node in flow.nodes.values():
        if node.role is not Role.APPROVAL:
            continue
        if not agents:
            found.omit("approval", node.place, "no agent is known to do all that it does after it")
            continue
        note = "a person decides before anything follows from what the agent answers"
        key = f"approval {node.id}"
        found.measures.append(
            Measure(key, node.name, node.place, "approval", "human-approval", tuple(agents), note=note)
        )


def ask(flow: Flow, found: Found) -> None:
    """Who reaches the flow, and what its agents may cost."""
    if any(one.role is Role.ENTRY and one.open_to for one in flow.nodes.values()):
        found.questions.append(
            Question("", f"Who can reach the {flow.tool} server: the internet, or signed-in people only?")
        )
    if any(one.role is Role.AGENT for one in flow.nodes.values()):
        found.questions.append(Question("", "What would it cost if an agent of this flow acted for an attacker?"))
