"""Which assets of several files are one thing, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Asset, System

_LETTERS = frozenset({"dns", "pkg", "sha256", "model"})  # schemes of identifiers in which capitals mean nothing

Node = tuple[int, str]
"""An asset by the number of its piece and its id there."""


@dataclass(frozen=True)
class Piece:
    """What one file gave; ``own`` where it is a System document, whose ids are those of people."""

    file: str
    system: System
    own: bool = False


@dataclass(frozen=True)
class Settlements:
    """What people decided about joins, by the names of elements as ``FILE#ID``: which are the same, which are not,
    and which type one has."""

    same: tuple[frozenset[str], ...] = ()
    apart: tuple[frozenset[str], ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)


def normal(identifier: str) -> str:
    """An identifier as it is compared: in small letters where its scheme does not tell capitals apart."""
    scheme = identifier.partition(":")[0].lower()
    return identifier.lower() if scheme in _LETTERS else identifier


class Sameness:
    """Unites the assets of pieces into classes; see ``importers.joining`` for the rules."""

    def __init__(self, pieces: Sequence[Piece], catalogue: Catalogue, by_name: bool, settlements: Settlements) -> None:
        self.pieces, self.catalogue, self.by_name, self.settlements = pieces, catalogue, by_name, settlements
        self.parent: dict[Node, Node] = {}
        self.reasons: dict[Node, str] = {}

    def root(self, node: Node) -> Node:
        """The first of the class of an asset."""
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def unite(self, one: Node, other: Node, reason: str) -> None:
        """Make one of two, unless a person said that they are not."""
        a, b = sorted((self.root(one), self.root(other)))
        if a != b and not self.kept_apart(a, b):
            self.parent[b] = a
            self.reasons.setdefault(a, reason)

    def called(self, node: Node) -> str:
        """What an asset is called where people settle things."""
        return f"{self.pieces[node[0]].file}#{node[1]}"

    def kept_apart(self, one: Node, other: Node) -> bool:
        if not self.settlements.apart:
            return False
        groups: dict[Node, set[str]] = defaultdict(set)
        for node in self.parent:
            groups[self.root(node)].add(self.called(node))
        return any(
            any(x in groups[one] and y in groups[other] for x in pair for y in pair if x != y)
            for pair in self.settlements.apart
        )

    def classes(self) -> list[list[Node]]:
        """The nodes of assets, those that are one together, in the order of the files."""
        nodes = [(number, one.id) for number, piece in enumerate(self.pieces) for one in piece.system.assets]
        self.parent = {node: node for node in nodes}
        by_call = {self.called(node): node for node in nodes}
        for group in self.settlements.same:
            known = [by_call[one] for one in sorted(group) if one in by_call]
            for other in known[1:]:
                self.unite(known[0], other, "a person said so")
        self.by_key(nodes, lambda _, asset: {normal(one) for one in asset.identifiers}, "{}")
        self.by_key([one for one in nodes if self.pieces[one[0]].own], lambda node, _: {node[1]}, "the id “{}”")
        if self.by_name:
            self.by_key(nodes, self.named, "the name “{}”")
        found: dict[Node, list[Node]] = {}
        for node in nodes:
            found.setdefault(self.root(node), []).append(node)
        return list(found.values())

    def by_key(self, nodes: Iterable[Node], keys: Callable[[Node, Asset], Iterable[str]], reason: str) -> None:
        seen: defaultdict[str, dict[tuple[str, str], Node]] = defaultdict(dict)
        for node in nodes:
            asset = self.asset(node)
            for key in sorted(keys(node, asset)):
                for other in seen[key].values():
                    if self.related(self.asset(other).type, asset.type) and self.one_place(key, other, node):
                        self.unite(other, node, reason.format(key))
                seen[key].setdefault(self.place(node), node)

    def place(self, node: Node) -> tuple[str, str]:
        """The folder and the importer that an element is from."""
        source, file = self.asset(node).source, self.pieces[node[0]].file
        return file.rpartition("/")[0], source.importer if source is not None else ""

    def one_place(self, key: str, one: Node, other: Node) -> bool:
        """Whether a name can mean one thing in two files: that of a service in a stack, ``dns:redis``, means another
        in the same kind of file of another folder."""
        if not key.startswith("dns:") or "." in key:
            return True
        (folder, importer), (elsewhere, by) = self.place(one), self.place(other)
        return folder == elsewhere or importer != by

    def named(self, node: Node, asset: Asset) -> Iterable[str]:
        return {" ".join(asset.name.lower().replace("-", " ").replace("_", " ").split())}

    def asset(self, node: Node) -> Asset:
        """The asset itself."""
        return self.pieces[node[0]].system.asset_by_id[node[1]]

    def related(self, one: str, other: str) -> bool:
        """Whether something can be of both types: information is never what runs."""
        data = [self.catalogue.is_a(each, "DataAsset") for each in (one, other)]
        return data[0] == data[1]
