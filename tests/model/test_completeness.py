"""What a sound description leaves out, or says in a way that is seldom meant."""

from __future__ import annotations

import pytest

from graphmodel.workspace import model_from_bytes
from tests.model.test_document import SMALL


@pytest.mark.parametrize(
    ("capability", "said"),
    [("reach", "can be reached"), ("connect", "can be connected to"), ("steer", ""), ("spend", ""), ("read", "")],
)
def test_a_loss_that_counts_as_soon_as_somebody_is_there_is_noted(capability: str, said: str) -> None:
    model = model_from_bytes(SMALL.replace("records:read", f"agent:{capability}").encode(), "small.yaml")
    assert model.usable
    noted = [one.message for one in model.problems if "counts as soon as" in one.message]
    assert noted == ([f"the loss on “agent:{capability}” counts as soon as the asset {said}."] if said else [])


@pytest.mark.parametrize(("kind", "noted"), [("Application", 1), ("WebApplication", 0), ("Database", 0)])
def test_an_application_in_front_of_an_agent_passes_on_nothing_and_check_says_so(kind: str, noted: int) -> None:
    text = f"""
graphmodel: 1
system: {{id: small}}
assets: {{front: {{type: {kind}}}, agent: {{type: Agent}}}}
flows: [{{from: visitor, to: front}}, {{from: front, to: agent}}]
actors: {{visitor: {{kind: outsider}}}}
losses: [{{fact: "agent:run", severity: high}}]
"""
    model = model_from_bytes(text.encode(), "small.yaml")
    assert model.usable
    assert sum("passes nothing on" in one.message for one in model.problems) == noted
