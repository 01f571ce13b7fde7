"""Puts a property graph in the place of what an engine holds of its system, in one transaction.

Only what differs is written, so a model that changed a little is loaded again quickly. Nodes are
found once, and named by their element ids from then on; what left is deleted last: once a transaction
has deleted nodes, every look-up in an index costs a Neo4j server as much as it has deleted so far.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from neo4j import ManagedTransaction, Session

from graphmodel.stores.graph import SCHEMA, Edge, PropertyGraph, Reference, Value

_BATCH = 1000
_Stored = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _HeldEdge:
    """A relationship as the engine holds it, its ends by their element ids."""

    id: str
    type: str
    source: str
    target: str
    stored: _Stored


def prepare(session: Session) -> None:
    """Make the constraints and indexes that loading and asking rest on, where they are missing."""
    for label in SCHEMA.label_by_name:
        name = f"graphmodel_{label.lower()}"
        for statement in (
            f"CREATE CONSTRAINT {name}_key IF NOT EXISTS FOR (n:{label}) REQUIRE (n.system, n.key) IS UNIQUE",
            f"CREATE INDEX {name}_id IF NOT EXISTS FOR (n:{label}) ON (n.id)",
        ):
            session.run(statement).consume()


def replace(transaction: ManagedTransaction, system: str, graph: PropertyGraph | None) -> None:
    """Make the engine hold exactly this of the system, or nothing of it without a graph."""
    _Replacing(transaction, system).run(graph)


@dataclass
class _Replacing:
    transaction: ManagedTransaction
    system: str
    ids: dict[Reference, str] = field(default_factory=dict)
    """Element ids of the nodes of the system."""

    def run(self, graph: PropertyGraph | None) -> None:
        # On a server, whoever loads the same system meanwhile waits here, and then sees what we have written.
        lock = "MERGE (n:System {system: $system, key: $system}) SET n.loading = true"
        self.transaction.run(lock, system=self.system).consume()
        held = self._held_nodes()
        self.ids = {reference: id_ for reference, (id_, _) in held.items()}
        wanted = {(node.label, node.key) for node in graph.nodes} if graph is not None else set()
        leaving = {id_ for reference, id_ in self.ids.items() if reference not in wanted}
        if graph is not None:
            self._write_nodes(graph, held)
            self._write_edges(graph, leaving)
        self._delete_nodes(sorted(leaving))

    def _held_nodes(self) -> dict[Reference, tuple[str, _Stored]]:
        """The nodes of the system with their properties; one that was given more labels goes at once."""
        held: dict[Reference, tuple[str, _Stored]] = {}
        odd: list[str] = []
        for label in SCHEMA.label_by_name:
            statement = (
                f"MATCH (n:{label} {{system: $system}}) "
                "RETURN elementId(n) AS id, n.key AS key, labels(n) AS labels, properties(n) AS properties"
            )
            for id_, key, labels, properties in self._rows(statement):
                if len(labels) > 1:
                    odd.append(id_)
                else:
                    held[label, key] = (id_, _stored(properties))
        self._delete_nodes(odd)
        return held

    def _write_nodes(self, graph: PropertyGraph, held: Mapping[Reference, tuple[str, _Stored]]) -> None:
        new: dict[str, list[dict[str, Any]]] = defaultdict(list)
        changed: list[dict[str, Any]] = []
        for node in graph.nodes:
            row = {**_plain(node.properties), "system": self.system, "key": node.key}
            id_, stored = held.get((node.label, node.key), ("", ()))
            if not id_:
                new[node.label].append(row)
            elif stored != _stored(row):
                changed.append({"id": id_, "p": row})
        self._run("UNWIND $rows AS row MATCH (n) WHERE elementId(n) = row.id SET n = row.p", changed)
        for label, rows in new.items():
            create = f"UNWIND $rows AS row CREATE (n:{label}) SET n = row RETURN n.key AS key, elementId(n) AS id"
            for key, id_ in self._run(create, rows):
                self.ids[label, key] = id_

    def _write_edges(self, graph: PropertyGraph, leaving: AbstractSet[str]) -> None:
        wanted: dict[tuple[str, str, str, _Stored], list[Edge]] = defaultdict(list)
        for edge in graph.edges:
            ends = self.ids[edge.source], self.ids[edge.target]
            wanted[edge.type, *ends, _stored(_plain(edge.properties))].append(edge)
        gone: list[_HeldEdge] = []
        degrees: Counter[tuple[str, str]] = Counter()
        for held in self._held_edges():
            same = wanted.get((held.type, held.source, held.target, held.stored))
            degrees.update([(held.type, held.source), (held.type, held.target)])
            if same:
                same.pop()
            elif held.source not in leaving and held.target not in leaving:
                gone.append(held)
        self._delete_edges(gone, degrees)
        new: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for (type_, source, target, _), edges in wanted.items():
            new[type_] += [{"a": source, "b": target, "p": _plain(edge.properties)} for edge in edges]
        for type_, rows in new.items():
            self._run(
                "UNWIND $rows AS row MATCH (a) WHERE elementId(a) = row.a MATCH (b) WHERE elementId(b) = row.b "
                f"CREATE (a)-[r:{type_}]->(b) SET r = row.p",
                rows,
            )

    def _held_edges(self) -> Iterator[_HeldEdge]:
        """The relationships of the system's nodes, also those with nodes that are not of the system."""
        columns = (
            "RETURN elementId(r) AS id, type(r) AS type, elementId(startNode(r)) AS source, "
            "elementId(endNode(r)) AS target, properties(r) AS properties"
        )
        own = set(self.ids.values())
        for label in SCHEMA.label_by_name:
            node = f"(n:{label} {{system: $system}})"
            for id_, type_, source, target, properties in self._rows(f"MATCH {node}-[r]->() {columns}"):
                yield _HeldEdge(id_, type_, source, target, _stored(properties))
            strange = "WHERE coalesce(m.system, '') <> $system OR NOT labels(m)[0] IN $labels"
            rows = self._rows(f"MATCH {node}<-[r]-(m) {strange} {columns}", labels=list(SCHEMA.label_by_name))
            for id_, type_, source, target, properties in rows:
                if source not in own:
                    yield _HeldEdge(id_, type_, source, target, _stored(properties))

    def _delete_edges(self, edges: Iterable[_HeldEdge], degrees: Mapping[tuple[str, str], int]) -> None:
        # The embedded engine finds a relationship only from a node, so from the end that has fewer of the type.
        rows: dict[tuple[str, bool], list[dict[str, str]]] = defaultdict(list)
        for edge in edges:
            forward = degrees[edge.type, edge.source] <= degrees[edge.type, edge.target]
            rows[edge.type, forward].append({"id": edge.id, "end": edge.source if forward else edge.target})
        for (type_, forward), some in rows.items():
            link = f"-[r:`{type_.replace('`', '``')}`]-"
            pattern = f"(n){link}>()" if forward else f"(n)<{link}()"
            where = "WHERE elementId(n) = row.end AND elementId(r) = row.id"
            self._run(f"UNWIND $rows AS row MATCH {pattern} {where} DELETE r", some)

    def _delete_nodes(self, ids: list[str]) -> None:
        self._run("UNWIND $rows AS row MATCH (n) WHERE elementId(n) = row DETACH DELETE n", ids)

    def _rows(self, statement: str, **parameters: Any) -> Iterator[list[Any]]:
        for record in self.transaction.run(statement, system=self.system, **parameters):
            yield list(record.values())

    def _run(self, statement: str, rows: list[Any]) -> list[list[Any]]:
        """Run a statement for rows in portions, as the embedded engine limits the time of each statement."""
        found: list[list[Any]] = []
        for start in range(0, len(rows), _BATCH):
            found += self._rows(statement, rows=rows[start : start + _BATCH])
        return found


def _plain(properties: Mapping[str, Value]) -> dict[str, Any]:
    """Properties as an engine takes them: no None, words as plain text, tuples as lists."""
    found: dict[str, Any] = {}
    for name, value in properties.items():
        if isinstance(value, str):
            found[name] = str(value)
        elif isinstance(value, bool | int | float):
            found[name] = value
        elif value is not None:
            found[name] = [str(one) for one in value]
    return found


def _stored(properties: Mapping[str, Any]) -> _Stored:
    """Properties to compare; as texts, since 1, 1.0 and true are equal otherwise."""
    return tuple(sorted((name, repr(value)) for name, value in properties.items()))
