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


RIGHTS = """graphmodel: 1
system: {id: rights}
zones: {net: {trust: 0}, inside: {trust: 5}}
assets:
  stored: {type: BusinessData}
  loose: {type: BusinessData}
  db: {type: Database, zone: inside}
  a: {type: Application, zone: inside}
  b: {type: Application, zone: inside}
  c: {type: Application, zone: inside}
flows:
  - {from: visitor, to: a}
dependencies:
  - stored storedIn db
  - a mayRead stored
  - b mayWrite stored
  - a mayRead loose
  - b mayRead loose
  - c mayWrite loose
actors:
  visitor: {kind: outsider, skill: skilled, zone: net}
losses:
  - {fact: "stored:read", severity: high}
  - {fact: "loose:read", severity: high}
"""


def test_of_many_rights_to_what_is_at_stake_only_as_many_are_drawn_as_tie_it(tmp_path: Path) -> None:
    file = tmp_path / "rights.yaml"
    file.write_text(RIGHTS)
    assessment = open_model(file).assess()
    few, all_ = (
        [(one.source, one.label, one.target) for one in system_map(assessment, (), with_data).drawing.edges]
        for with_data in (False, True)
    )
    assert [one for one in few if "stored" in one] == [("stored", "stored in", "db")]
    assert [one for one in few if "loose" in one] == [("a", "may read", "loose"), ("b", "may read", "loose")]
    assert len(all_) == 7
