"""The property graph of real assessments: sound, complete, and the answer to every saved question."""

from __future__ import annotations

import pytest

from graphmodel.knowledge.vocabulary import Capability, Catalogue, View
from graphmodel.stores.graph import SCHEMA
from graphmodel.stores.opening import open_store
from graphmodel.stores.projection import project, relation_type
from graphmodel.stores.saved import SAVED
from graphmodel.workspace import open_model
from tests.conftest import EXAMPLES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_graph_keeps_to_the_schema_and_leaves_nothing_out(path) -> None:  # type: ignore[no-untyped-def]
    assessment = open_model(path).assess()
    graph = project(assessment)
    graph.check()
    system = assessment.compiled.system
    count = {label: sum(node.label == label for node in graph.nodes) for label in SCHEMA.label_by_name}
    assert count["Asset"] == len(system.assets)
    assert count["Zone"] == len(system.zones)
    assert count["Actor"] == len(system.actors)
    assert count["Implementation"] == len(system.controls)
    assert count["Loss"] == len(assessment.compiled.stakes) >= len(system.losses)
    stored = [node.properties for node in graph.nodes if node.label == "Loss"]
    for loss in system.losses:
        inferred = f"{loss.held.asset}:infer" if loss.held.capability is Capability.READ else ""
        amounts = [one["amount"] for one in stored if one["fact"] in (str(loss.held), inferred)]
        if loss.amount is not None:
            assert sum(amounts) == pytest.approx(loss.amount.mean)
        else:
            assert len(amounts) == 1
    assert sum(edge.type == "FLOW" for edge in graph.edges) == len(system.flows)
    facts = {node.key: node.properties for node in graph.nodes if node.label == "Fact"}
    for risk in assessment.risks:
        if risk.likelihood[View.INHERENT].value > 0:
            assert facts[risk.fact]["likelihood"] == risk.likelihood[View.RESIDUAL].value
            assert facts[risk.fact]["method"] == "exact"


def test_every_relation_that_a_document_may_hold_is_in_the_schema(catalogue: Catalogue) -> None:
    known = {one.name for one in SCHEMA.relationships} | set(SCHEMA.dependencies)
    assert {relation_type(name) for name in catalogue.declarable_relations()} - {"SENDS_TO"} <= known


@pytest.mark.store
def test_every_saved_query_answers_on_a_real_model() -> None:
    with open_store() as store:
        answered = set()
        for path in EXAMPLES:
            store.load(project(open_model(path).assess()))
            for query in SAVED:
                if store.query(query.cypher, dict(query.parameters)).rows:
                    answered.add(query.id)
        assert answered == {query.id for query in SAVED}
