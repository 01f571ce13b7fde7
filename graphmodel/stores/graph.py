"""The property graph as plain values, and its schema: labels, relationship types and properties.

``SCHEMA`` is the one description of labels, relationship types and properties; ``docs/queries.md``
is held to it by a test, and a store refuses labels that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

Value = str | int | float | bool | None | Sequence[str]
Reference = tuple[str, str]
_TYPE = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Node:
    """A thing with one label; ``key`` is unique among the nodes of that label in one system."""

    label: str
    key: str
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """A relationship between two nodes, each named by its label and key."""

    type: str
    source: Reference
    target: Reference
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class PropertyGraph:
    """One system with its results. Properties that are None are not stored."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def system(self) -> str:
        """The id of the system; raises ``ValueError`` unless there is exactly one System node."""
        found = [node.key for node in self.nodes if node.label == "System"]
        if len(found) != 1:
            raise ValueError(f"a property graph holds one System node, not {len(found)}")
        return found[0]

    def check(self) -> None:
        """Raise ``ValueError`` at the first label, type, key or end of an edge that cannot be stored."""
        seen: set[Reference] = set()
        for node in self.nodes:
            if node.label not in SCHEMA.label_by_name:
                raise ValueError(f"the schema has no label {node.label!r}")
            if (node.label, node.key) in seen:
                raise ValueError(f"two {node.label} nodes have the key {node.key!r}")
            seen.add((node.label, node.key))
        for edge in self.edges:
            if not _TYPE.fullmatch(edge.type):
                raise ValueError(f"{edge.type!r} is no relationship type: capitals, digits and underscores")
            for end in (edge.source, edge.target):
                if end not in seen:
                    raise ValueError(f"{edge.type} refers to {end[0]} {end[1]!r}, which is not in the graph")


@dataclass(frozen=True, slots=True)
class Property:
    """A property: its kind (text, number, whole, yes/no, texts) and its meaning with unit."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Label:
    """A kind of node."""

    name: str
    meaning: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Relationship:
    """A kind of relationship with the labels at its two ends."""

    name: str
    source: str
    target: str
    meaning: str
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True)
class Schema:
    """Everything a query can name. ``common`` properties are on every node."""

    common: tuple[Property, ...]
    labels: tuple[Label, ...]
    relationships: tuple[Relationship, ...]
    dependencies: tuple[str, ...]

    @cached_property
    def label_by_name(self) -> Mapping[str, Label]:
        return {label.name: label for label in self.labels}


def _properties(*rows: tuple[str, str, str]) -> tuple[Property, ...]:
    return tuple(Property(*row) for row in rows)


_LIKELIHOODS = (
    ("likelihood_inherent", "number", "chance per campaign of its worst actor with no control, 0 to 1"),
    ("likelihood", "number", "the same with implemented controls (residual), 0 to 1"),
    ("likelihood_target", "number", "the same with planned controls as well, 0 to 1"),
)

_LABELS = (
    Label(
        "System",
        "the system under assessment; one node for each system in the store",
        _properties(
            ("id", "text", "id of the system"),
            ("name", "text", "display name"),
            ("currency", "text", "currency of every amount"),
            ("expected_loss_inherent", "number", "expected loss with no control, in the currency"),
            ("expected_loss", "number", "expected loss with implemented controls, in the currency"),
            ("expected_loss_target", "number", "expected loss with planned controls as well, in the currency"),
        ),
    ),
    Label(
        "Zone",
        "a trust boundary",
        _properties(
            ("id", "text", "id of the zone"),
            ("name", "text", "display name"),
            ("trust", "whole", "0 (anyone) to 10 (most trusted); absent where unknown"),
        ),
    ),
    Label(
        "Asset",
        "a thing worth protecting, or used to reach one",
        _properties(
            ("id", "text", "id of the asset"),
            ("name", "text", "display name"),
            ("type", "text", "asset type"),
            ("types", "texts", "the type and everything it is a kind of, such as Agent, Service, Component"),
            ("zone", "text", "id of its zone; absent where unknown"),
            ("owner", "text", "who answers for it"),
            ("tags", "texts", "the tags of the document"),
            *_LIKELIHOODS,
            ("band", "text", "the band of the residual likelihood"),
            ("worst_actor", "text", "id of the actor that the likelihood is for"),
            ("expected_loss", "number", "expected loss through this asset, residual, in the currency"),
        ),
    ),
    Label(
        "Actor",
        "who attacks, or holds access",
        _properties(
            ("id", "text", "id of the actor"),
            ("name", "text", "display name"),
            ("kind", "text", "outsider, user, tenant, insider or supplier"),
            ("skill", "text", "novice, skilled or expert"),
            ("attempts_per_year", "number", "mean campaigns per year; absent where no rate is known"),
        ),
    ),
    Label(
        "Fact",
        "a capability that an attacker can hold over an asset or zone",
        _properties(
            ("id", "text", "asset and capability, as in crm:read"),
            ("asset", "text", "id of the asset, or of the zone"),
            ("capability", "text", "connect, reach, infer, read, write, steer, hijack, run, execute, deny or spend"),
            *_LIKELIHOODS,
            ("low", "number", "lower end of the interval of the residual likelihood, 0 to 1"),
            ("high", "number", "upper end of the interval, 0 to 1"),
            ("method", "text", "exact, enclosed or simulated"),
        ),
    ),
    Label(
        "Step",
        "a threat on real assets: all that it needs, then a chance of success",
        _properties(
            ("id", "text", "id of the step"),
            ("threat", "text", "id of the threat"),
            ("name", "text", "name of the threat"),
            ("chance", "number", "chance of success of the best placed actor before controls, 0 to 1"),
            ("techniques", "texts", "technique ids with their edition, as in AML.T0051.000@atlas-2026.09"),
            ("area", "text", "lifecycle area; empty for a propagation"),
            ("attack", "text", "attack class; empty for a propagation"),
            ("propagation", "yes/no", "true where the step is a consequence and not a threat"),
        ),
    ),
    Label(
        "Threat",
        "a threat of the catalogue",
        _properties(
            ("id", "text", "id in the catalogue"),
            ("name", "text", "display name"),
            ("area", "text", "lifecycle area"),
            ("attack", "text", "attack class"),
            ("relations", "texts", "the relations between its parts, as in asset storedIn other"),
        ),
    ),
    Label(
        "Technique",
        "an entry of an outside vocabulary; its key is the id with the edition",
        _properties(
            ("id", "text", "id in the vocabulary, such as AML.T0051.000"),
            ("edition", "text", "edition of the vocabulary, such as atlas-2026.09"),
            ("name", "text", "name in the vocabulary"),
        ),
    ),
    Label(
        "Control",
        "a measure of the catalogue",
        _properties(
            ("id", "text", "id in the catalogue"),
            ("name", "text", "display name"),
            ("function", "text", "prevent, detect, respond, recover or assure"),
            ("area", "text", "lifecycle area"),
        ),
    ),
    Label(
        "Implementation",
        "a control as it is, or will be, in this system",
        _properties(
            ("id", "text", "id of the implementation"),
            ("name", "text", "display name"),
            ("status", "text", "implemented, planned, proposed or retired"),
            (
                "strength",
                "number",
                "greatest chance that it holds against a skilled actor, or share of loss avoided, 0 to 1",
            ),
            ("coverage", "number", "chance that each step it is meant for is in fact covered, 0 to 1"),
            ("evidence", "text", "tested, reviewed, declared or none"),
            ("owner", "text", "who answers for it"),
            ("due", "text", "date it is due, as YYYY-MM-DD; empty where none"),
        ),
    ),
    Label(
        "Loss",
        "what it costs when a fact comes true",
        _properties(
            ("id", "text", "fact and number, as in crm:read#0"),
            ("fact", "text", "id of the fact"),
            ("severity", "text", "critical, high, medium, low or informational"),
            (
                "amount",
                "number",
                "mean amount in the currency of the system; what reading costs is split between read and infer",
            ),
            ("impact", "text", "kind of impact"),
        ),
    ),
    Label(
        "Path",
        "one of the best attack paths of an actor to a loss",
        _properties(
            ("id", "text", "actor, target and rank"),
            ("actor", "text", "id of the actor"),
            ("target", "text", "id of the fact that it leads to"),
            ("rank", "whole", "1 is the most probable"),
            ("chance", "number", "chance of the whole path with implemented controls, 0 to 1"),
            ("route", "texts", "the assets on the way"),
        ),
    ),
)

_RELATIONSHIPS = (
    Relationship(
        "FLOW",
        "Asset, Actor",
        "Asset, Actor",
        "data or calls, in the direction of the data",
        _properties(
            ("id", "text", "id of the flow"),
            ("relation", "text", "sendsTo, invokes or another relation"),
            ("authenticated", "yes/no", "absent where nobody has said"),
            ("encrypted", "yes/no", "absent where nobody has said"),
            ("crosses_boundary", "yes/no", "true where the ends are known to lie in different zones"),
            ("carries", "texts", "ids of the data assets sent along"),
        ),
    ),
    Relationship("IN_ZONE", "Asset, Actor, Zone", "Zone", "lies in the zone"),
    Relationship("STARTS", "Actor", "Fact", "the actor holds the fact before the campaign"),
    Relationship("OF", "Fact", "Asset, Zone", "the fact is about it"),
    Relationship("NEEDS", "Step", "Fact", "must be held; a step needs all of its facts"),
    Relationship("GAINS", "Step", "Fact", "is held when the step succeeds"),
    Relationship("ON", "Step", "Asset, Zone", "the step is taken there"),
    Relationship(
        "OVER",
        "Step",
        "Asset, Zone",
        "stands for another part of the threat than its asset; of a part of which any will do, one of several",
        _properties(("parts", "texts", "the names of the parts")),
    ),
    Relationship("BY", "Step", "Threat", "the step applies the threat"),
    Relationship("USES", "Threat", "Technique", "the threat uses the technique"),
    Relationship("MITIGATES", "Control", "Threat", "the control works against the threat"),
    Relationship("IMPLEMENTS", "Implementation", "Control", "is that control"),
    Relationship("PROTECTS", "Implementation", "Asset, Zone", "stands in front of it"),
    Relationship("COVERS", "Implementation", "Step", "the step must get past it"),
    Relationship("OF_FACT", "Loss", "Fact", "the loss follows from the fact"),
    Relationship(
        "USES_STEP",
        "Path",
        "Step",
        "the step is on the path",
        _properties(("hop", "whole", "place on the path, from 1")),
    ),
    Relationship("BY_ACTOR", "Path", "Actor", "the actor takes the path"),
    Relationship("TO_FACT", "Path", "Fact", "the path ends there"),
)

_DEPENDENCIES = (
    "AUTHENTICATED_BY",
    "BUILT_BY",
    "DELEGATES_TO",
    "DEPENDS_ON",
    "DEPLOYED_FROM",
    "DERIVED_FROM",
    "FINE_TUNED_FROM",
    "INVOKES",
    "MAY_READ",
    "MAY_RUN",
    "MAY_WRITE",
    "REMEMBERS_IN",
    "RETRIEVES_FROM",
    "RUNS_IN",
    "SENDS_TO",
    "SERVES_MODEL",
    "STORED_IN",
    "TRAINED_BY",
    "TRAINED_ON",
    "UNLOCKS",
    "USES_MODEL",
    "USES_PACKAGE",
    "USES_PROMPT",
    "USES_SECRET",
)

SCHEMA = Schema(
    common=_properties(
        ("system", "text", "id of the system that the node belongs to; every query should ask for $system"),
        ("key", "text", "unique for the label within the system; equals id except for Technique"),
    ),
    labels=_LABELS,
    relationships=_RELATIONSHIPS,
    dependencies=_DEPENDENCIES,
)
