"""The table of edges: whole, each row with its reason, and the same in its three forms."""

from __future__ import annotations

import csv
import io

import rdflib

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.outputs.edges import Edge, edges, edges_csv, edges_sssom, edges_turtle
from tests.cli.calls import run

ODD = Edge("own", "X 1", "=SUM(A1)", "t", "Host", "run", "Host", "", "reach", "", "", 'a "quoted"\n\\ text', "")


def test_every_citation_and_control_is_an_edge_with_a_reason(catalogue: Catalogue) -> None:
    found = edges(catalogue)
    threats = [one for one in catalogue.patterns.values() if not one.propagation]
    cited = {(one.id, technique.pinned) for one in threats for technique in one.techniques}
    assert {(one.threat, f"{one.technique}@{one.edition}") for one in found} == cited
    mitigated = {(one.id, threat) for one in catalogue.controls.values() for threat in one.mitigates}
    told = {(one.control, one.threat) for one in found if one.control}
    assert told == {pair for pair in mitigated if not catalogue.patterns[pair[1]].propagation}
    assert all(one.reason and one.control_reason and one.need for one in found)
    (first, *_) = [one for one in found if one.threat == "rag-poisoning" and one.control == "data-validation"]
    assert (first.on, first.gain, first.part, first.relation, first.need, first.strength) == (
        "VectorStore",
        "write",
        "ContentSource",
        "derivedFrom",
        "write",
        "0.55",
    )


def test_the_forms_hold_the_same(catalogue: Catalogue) -> None:
    found = edges(catalogue)
    rows = list(csv.reader(io.StringIO(edges_csv(found))))
    assert len(rows) == len(found) + 1
    some = [one for one in found if one.threat == "rag-poisoning"]
    graph = rdflib.Graph().parse(data=edges_turtle([*some, ODD]), format="turtle")
    gm = rdflib.Namespace("https://w3id.org/graphmodel#")
    assert len(set(graph.subjects(rdflib.RDF.type, gm.Edge))) == len(some) + 1
    assert str(ODD.reason) in {str(one) for one in graph.objects(None, rdflib.RDFS.comment)}
    assert next(csv.reader(io.StringIO(edges_csv([ODD]).split("\n", 1)[1])))[2] == "'=SUM(A1)"


def test_mappings_pin_both_editions(catalogue: Catalogue) -> None:
    lines = [one for one in edges_sssom(catalogue).splitlines() if not one.startswith("#")]
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == sum(len(one.techniques) for one in (*catalogue.patterns.values(), *catalogue.controls.values()))
    assert all(all(row.values()) for row in rows)
    assert {"threat:rag-poisoning", "control:red-teaming"} <= {row["subject_id"] for row in rows}
    assert run("catalogue", "edges", "--format", "sssom").stdout == edges_sssom(catalogue)
    assert run("catalogue", "edges").stdout == edges_csv(edges(catalogue))
