from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.stores.graph import SCHEMA, Edge, Node, PropertyGraph
from graphmodel.stores.saved import SAVED
from tests.stores.graphs import small

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "queries.md").read_text()


def test_the_hand_made_graph_fits_the_schema() -> None:
    graph = small()
    graph.check()
    assert graph.system == "shop"
    assert {node.label for node in graph.nodes} == set(SCHEMA.label_by_name)
    types = {edge.type for edge in graph.edges}
    assert {one.name for one in SCHEMA.relationships} <= types
    assert types - {one.name for one in SCHEMA.relationships} <= set(SCHEMA.dependencies)
    for node in graph.nodes:
        assert set(node.properties) <= {one.name for one in SCHEMA.label_by_name[node.label].properties}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"nodes": (Node("System", "s"), Node("Intruder", "x"))}, "Intruder"),
        ({"nodes": (Node("System", "s"), Node("Asset", "x"), Node("Asset", "x"))}, "two Asset"),
        ({"edges": (Edge("X]->() DETACH DELETE n //", ("Asset", "chat"), ("Asset", "agent")),)}, "relationship type"),
        ({"edges": (Edge("OF", ("Fact", "no"), ("Asset", "agent")),)}, "not in the graph"),
    ],
)
def test_what_cannot_be_stored_is_named(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        replace(small(), **change).check()


def test_a_graph_is_of_one_system() -> None:
    with pytest.raises(ValueError, match="one System"):
        _ = PropertyGraph((), ()).system


def test_labels_and_relationship_types_never_share_a_name() -> None:
    """The embedded engine keeps both in one namespace."""
    types = {one.name for one in SCHEMA.relationships} | set(SCHEMA.dependencies)
    assert not types & set(SCHEMA.label_by_name)


def test_every_relation_of_the_catalogue_is_described(catalogue: Catalogue) -> None:
    names = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one).upper() for one in catalogue.declarable_relations()}
    assert names == set(SCHEMA.dependencies)


def test_saved_queries_are_well_formed() -> None:
    assert len({one.id for one in SAVED}) == len(SAVED) >= 14
    for one in SAVED:
        assert one.title.endswith("?") and one.shows.endswith(".") and "$system" in one.cypher
        used = set(re.findall(r"\$(\w+)", one.cypher)) - {"system"}
        assert used == set(one.parameters), one.id
        assert "ORDER BY" in one.cypher, "answers must not depend on the engine's order"


def test_saved_queries_keep_to_the_schema() -> None:
    types = {one.name for one in SCHEMA.relationships} | set(SCHEMA.dependencies)
    for one in SAVED:
        for names in re.findall(r"\[\w*:([A-Z_|]+)", one.cypher):
            assert set(names.split("|")) <= types, one.id
        assert set(re.findall(r"\(\w*:(\w+)", one.cypher)) <= set(SCHEMA.label_by_name), one.id


def test_docs_name_everything() -> None:
    for label in SCHEMA.labels:
        section = re.search(rf"^### `{label.name}`\n(.*?)(?=^##)", DOCS, re.DOTALL | re.MULTILINE)
        assert section is not None, label.name
        for one in label.properties:
            assert f"| `{one.name}` | {one.kind} | {one.meaning} |" in section[1], (label.name, one.name)
    for common in SCHEMA.common:
        assert f"| `{common.name}` | {common.kind} | {common.meaning} |" in DOCS
    for kind in SCHEMA.relationships:
        assert f"| `{kind.name}` | {kind.source} | {kind.target} | {kind.meaning} |" in DOCS
        for one in kind.properties:
            assert f"| `{kind.name}.{one.name}` | {one.kind} | {one.meaning} |" in DOCS
    for dependency in SCHEMA.dependencies:
        assert f"`{dependency}`" in DOCS
    for query in SAVED:
        assert f"| `{query.id}` | {query.title} |" in DOCS


def test_describing_and_saving_need_no_driver() -> None:
    code = (
        "import sys, graphmodel.stores.graph, graphmodel.stores.saved, graphmodel.stores.opening, "
        "graphmodel.stores.errors; sys.exit(any(m.split('.')[0] in ('neo4j', 'arcadedb') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
