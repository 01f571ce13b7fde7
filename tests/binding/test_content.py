"""What a store gives on of what strangers wrote, and to whom what is written in it comes."""

from __future__ import annotations

import pytest

from graphmodel.binding.relations import Reach, relations
from graphmodel.workspace import model_from_bytes

SYSTEM = """
graphmodel: 1
system: {{id: small}}
zones: {{inside: {{trust: 7}}, outside: {{trust: 0}}}}
assets:
  bot: {{type: Agent, zone: inside}}
  tool: {{type: Tool, zone: inside}}
  share: {{type: DataStore, zone: inside}}
  note: {{type: {kind}, zone: inside}}
  plans: {{type: BusinessData, zone: inside}}
flows:
  - {{from: share, to: tool, carries: [{named}]}}
  - {{from: stranger, to: note, two_way: {answered}}}
dependencies:
  - note storedIn share
  - plans storedIn share
  - bot invokes tool
  - tool mayWrite share
actors: {{stranger: {{kind: outsider, zone: outside}}}}
losses: [{{fact: "bot:run", severity: high}}]
"""


def relations_of(kind: str = "UserContent", named: str = "", answered: str = "false") -> dict[str, set[str]]:
    text = SYSTEM.format(kind=kind, named=named, answered=answered)
    model = model_from_bytes(text.encode(), "small.yaml")
    assert model.system is not None, model.problems
    found = relations(model.system, model.catalogue, Reach.DATA)
    return {
        "taken": set(found.get("contentFrom", {}).get("tool", ())) - {"bot"},
        "out": set(found.get("letsOutThrough", {}).get("bot", ())),
    }


@pytest.mark.parametrize(
    ("kind", "named", "taken"),
    [
        ("UserContent", "", {"share", "note"}),
        ("UserContent", "plans", {"share", "plans"}),
        ("BusinessData", "", {"share"}),
    ],
)
def test_what_strangers_wrote_is_taken_in_from_the_store_that_keeps_it(kind: str, named: str, taken: set[str]) -> None:
    assert relations_of(kind, named)["taken"] == taken


def test_what_is_written_where_a_stranger_is_answered_is_out() -> None:
    assert relations_of(answered="true")["out"] == {"tool"}
    assert relations_of(answered="false")["out"] == set()
