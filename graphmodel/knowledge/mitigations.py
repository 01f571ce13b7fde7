"""Which technique each mitigation of an outside vocabulary is published for: the edges, and which are followed here.

An edge is *followed* where a control that cites the mitigation mitigates a threat that cites the technique, and
*limiting* where such a control lowers the loss of what the threat gains instead. What is neither is refused with a
reason in ``ontology/frameworks/atlas-mitigations.yaml``, or open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graphmodel.knowledge.framework_files import Entry, read_entry
from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.knowledge.vocabulary import Catalogue, Control, ThreatPattern

Edge = tuple[str, str]
"""A mitigation and a technique that it is published for, by their ids."""


@dataclass(frozen=True, slots=True)
class PublishedEdges:
    """The edges of one edition, and those that are refused, each with the reason."""

    edition: str
    source: str
    edges: frozenset[Edge]
    refused: Mapping[Edge, str]


@dataclass(frozen=True, slots=True)
class EdgeCover:
    """What becomes of the edges on techniques that threats cite; ``elsewhere`` counts the edges on all others.

    ``open`` are neither followed nor limiting nor refused. ``idle`` are refused without need: followed or limiting
    all the same, or on a technique that no threat cites.
    """

    edition: str
    followed: tuple[Edge, ...]
    limiting: tuple[Edge, ...]
    refused: Mapping[Edge, str]
    open: tuple[Edge, ...]
    idle: tuple[Edge, ...]
    elsewhere: int

    @property
    def size(self) -> int:
        """How many edges are on techniques that threats cite."""
        return len(self.followed) + len(self.limiting) + len(self.refused) + len(self.open)


@cache
def published_edges() -> PublishedEdges:
    """The edges that are shipped; a file of ours, so what is wrong in it raises ``ValueError``."""
    return read_edges(ontology_directory() / "frameworks" / "atlas-mitigations.yaml")


def read_edges(path: Path) -> PublishedEdges:
    """The edges of a file; ``ValueError`` with the place for what is malformed, double, or refused and unpublished."""
    file = read_entry(path, {})
    edges: set[Edge] = set()
    for one in _edges(file.inner("edges")):
        if one in edges:
            raise file.wrong(f"has “{one[0]}” for “{one[1]}” twice")
        edges.add(one)
    refused: dict[Edge, str] = {}
    for value in file.take("refused", list):
        entry = Entry(path.name, value, {})
        because = entry.text("because")
        for one in _edges(entry.inner("edges")):
            if one in refused or one not in edges:
                raise entry.wrong(f"refuses “{one[0]}” for “{one[1]}” twice, or it is not published")
            refused[one] = because
        entry.close()
    found = PublishedEdges(file.text("edition"), file.text("source"), frozenset(edges), refused)
    file.close()
    return found


def _edges(entry: Entry) -> Iterator[Edge]:
    """The edges of a map from a mitigation to its techniques."""
    for mitigation in entry.values:
        for technique in entry.texts(mitigation, least=1):
            yield mitigation, technique
    entry.close()


def edge_cover(catalogue: Catalogue, published: PublishedEdges) -> EdgeCover:
    """What a catalogue makes of published edges."""
    threats: defaultdict[str, list[ThreatPattern]] = defaultdict(list)
    for pattern in catalogue.patterns.values():
        for technique in pattern.techniques if not pattern.propagation else ():
            if technique.edition == published.edition:
                threats[technique.id].append(pattern)
    controls: defaultdict[str, list[Control]] = defaultdict(list)
    for control in catalogue.controls.values():
        for technique in control.techniques:
            if technique.edition == published.edition:
                controls[technique.id].append(control)
    followed, limiting, refused, rest = [], [], {}, []
    on_cited = [one for one in sorted(published.edges) if one[1] in threats]
    for edge in on_cited:
        pairs = [(control, threat) for control in controls[edge[0]] for threat in threats[edge[1]]]
        if any(threat.id in control.mitigates for control, threat in pairs):
            followed.append(edge)
        elif any(control.limits_loss(threat.gains) for control, threat in pairs):
            limiting.append(edge)
        elif edge in published.refused:
            refused[edge] = published.refused[edge]
        else:
            rest.append(edge)
    return EdgeCover(
        published.edition,
        tuple(followed),
        tuple(limiting),
        refused,
        tuple(rest),
        tuple(sorted(published.refused.keys() - refused.keys())),
        len(published.edges) - len(on_cited),
    )


def edge_findings(catalogue: Catalogue, published: PublishedEdges) -> tuple[tuple[str, str], ...]:
    """What is wrong with the edges for a catalogue, and how to mend it: ids that the edition does not have, edges that
    nobody answers, and reasons without need."""
    ids = {one.id for one in catalogue.techniques.values() if one.edition == published.edition}
    named = sorted({one for edge in published.edges for one in edge if one not in ids})
    cover = edge_cover(catalogue, published)
    return (
        *((f"{published.edition} has no “{one}”", "Use an id that it has.") for one in named),
        *(
            (
                f"{edge[0]} is published for {edge[1]}, and no control follows it",
                "Let a control that cites the mitigation mitigate a threat of the technique, or say why not.",
            )
            for edge in cover.open
        ),
        *(
            (
                f"{edge[0]} for {edge[1]} is refused, and needs no reason: it is followed, or nothing cites it",
                "Drop it.",
            )
            for edge in cover.idle
        ),
    )
