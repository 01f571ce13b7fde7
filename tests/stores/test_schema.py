"""What the projection of a real system writes is what the schema describes, property by property."""

from __future__ import annotations

import pytest

from graphmodel.assessment.assess import assess
from graphmodel.binding.compiled import compile_system
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.stores.graph import SCHEMA, PropertyGraph
from graphmodel.stores.projection import project
from tests.conftest import ROOT, system


@pytest.fixture(scope="module")
def graph(catalogue: Catalogue, settings: Settings) -> PropertyGraph:
    text = (ROOT / "examples" / "support-assistant.yaml").read_text()
    return project(assess(compile_system(system(text, catalogue), catalogue, settings)))


def test_the_projection_keeps_to_the_schema(graph: PropertyGraph) -> None:
    graph.check()
    for node in graph.nodes:
        known = {one.name for one in SCHEMA.label_by_name[node.label].properties}
        assert set(node.properties) == known, node
    ends = {one.name: (one.source.split(", "), one.target.split(", ")) for one in SCHEMA.relationships}
    names = {one.name: {p.name for p in one.properties} for one in SCHEMA.relationships}
    for edge in graph.edges:
        if edge.type in SCHEMA.dependencies:
            assert not edge.properties and (edge.source[0], edge.target[0]) == ("Asset", "Asset"), edge
            continue
        assert edge.source[0] in ends[edge.type][0] and edge.target[0] in ends[edge.type][1], edge
        assert set(edge.properties) == names[edge.type], edge
