"""The map of a system as values."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.drawings import system_map
from graphmodel.workspace import open_model
from tests.conftest import EXAMPLES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_showing_all_data_moves_nothing_that_was_drawn_before(path: Path) -> None:
    assessment = open_model(path).assess()
    few, all_ = (system_map(assessment, (), with_data).drawing for with_data in (False, True))
    places = {node.id: (node.x, node.y, node.width, node.height) for node in all_.nodes}
    assert len(few.nodes) < len(all_.nodes) == len(assessment.assets) + len(assessment.actors)
    assert all(places[node.id] == (node.x, node.y, node.width, node.height) for node in few.nodes)
    assert {edge.id for edge in few.edges} < {edge.id for edge in all_.edges}
    at_stake = {risk.held.asset for risk in assessment.risks}
    assert at_stake == {node.id for node in few.nodes if node.mark}
    planned = system_map(assessment, (), False, View.TARGET).drawing
    assert {(node.id, node.x, node.y) for node in planned.nodes} == {(node.id, node.x, node.y) for node in few.nodes}
