"""Which assets of several files are one thing, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Asset, System

_LETTERS = frozenset({"dns", "pkg", "sha256", "model"})  # schemes of identifiers in which capitals mean nothing

_MACHINES = {
    "compose": "container host",
    "kubernetes": "kubernetes cluster",
    "n8n": "n8n server",
    "langflow": "langflow server",
    "flowise": "flowise server",
    "dify": "dify server",
    "mcp": "user's machine",
}
_FLOWS = frozenset({"n8n", "langflow", "flowise", "dify"})

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
    """What people decided: by the names of elements as ``FILE#ID`` which are the same, which are not, and which type
    one has; and by patterns which files are to be taken and which left."""

    same: tuple[frozenset[str], ...] = ()
    apart: tuple[frozenset[str], ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    take: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()


def normal(identifier: str) -> str:
    """An identifier as it is compared: in small letters where its scheme does not tell capitals apart."""
    scheme = identifier.partition(":")[0].lower()
    if scheme == "model":
        identifier = identifier.removesuffix(":latest")
    return identifier.lower() if scheme in _LETTERS else identifier


class Sameness:
    """Unites the assets of pieces into classes; see ``importers.joining`` for the rules."""

    def __init__(self, pieces: Sequence[Piece], catalogue: Catalogue, by_name: bool, settlements: Settlements) -> None:
        self.pieces, self.catalogue, self.by_name, self.settlements = pieces, catalogue, by_name, settlements
        self.serves = self.servers()
        self.parent: dict[Node, Node] = {}
        self.reasons: dict[Node, str] = {}
        self.apart: dict[str, set[str]] = {}  # what each element that a person spoke of is not
        self.settled: dict[Node, set[str]] = {}  # by the first of a class, those of whom a person spoke

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
            if b in self.settled:
                self.settled.setdefault(a, set()).update(self.settled.pop(b))
            self.reasons.setdefault(a, reason)

    def called(self, node: Node) -> str:
        """What an asset is called where people settle things."""
        return f"{self.pieces[node[0]].file}#{node[1]}"

    def kept_apart(self, one: Node, other: Node) -> bool:
        mine, theirs = self.settled.get(one, set()), self.settled.get(other, set())
        fewer, more = sorted((mine, theirs), key=len)
        return any(not self.apart[call].isdisjoint(more) for call in fewer)

    def classes(self) -> list[list[Node]]:
        """The nodes of assets, those that are one together, in the order of the files."""
        nodes = [(number, one.id) for number, piece in enumerate(self.pieces) for one in piece.system.assets]
        self.parent = {node: node for node in nodes}
        by_call = {self.called(node): node for node in nodes}
        for group in self.settlements.apart:
            for call in group:
                self.apart.setdefault(call, set()).update(group - {call})
        self.settled = {by_call[call]: {call} for call in self.apart if call in by_call}
        for group in self.settlements.same:
            known = [by_call[one] for one in sorted(group) if one in by_call]
            for other in known[1:]:
                self.unite(known[0], other, "a person said so")
        self.by_key(nodes, lambda _, asset: {normal(one) for one in asset.identifiers}, "{}")
        self.by_key([one for one in nodes if self.pieces[one[0]].own], lambda node, _: {node[1]}, "the id “{}”")
        self.by_key(nodes, self.runs_there, "{}")
        self.by_key(nodes, self.of_one_tool, "{}")
        self.by_key(nodes, self.packed, "the package “{}”")
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
                seen[key].setdefault(self.slot(key, node), node)

    def place(self, node: Node) -> tuple[str, str]:
        """The folder and the importer that an element is from."""
        source, file = self.asset(node).source, self.pieces[node[0]].file
        return file.rpartition("/")[0], source.importer if source is not None else ""

    def slot(self, key: str, node: Node) -> tuple[str, str]:
        """Where the first with a key is kept: for each place where places matter, otherwise once for data and once for
        what runs."""
        if key.startswith("dns:") and "." not in key:
            return self.place(node)
        return "", str(self.catalogue.is_a(self.asset(node).type, "DataAsset"))

    def one_place(self, key: str, one: Node, other: Node) -> bool:
        """Whether a name can mean one thing in two files: that of a service in a stack, ``dns:redis``, means another
        in the same kind of file of another folder."""
        if not key.startswith("dns:") or "." in key:
            return True
        (folder, importer), (elsewhere, by) = self.place(one), self.place(other)
        return folder == elsewhere or importer != by

    def runs_there(self, node: Node, asset: Asset) -> Iterable[str]:
        """The machine that everything in files of one kind runs on: of a Compose file that of its folder, of manifests
        the cluster, of flows the server, of clients that of their user."""
        source = asset.source
        if source is None or self.pieces[node[0]].own:
            return ()
        if node in self.serves:
            return {self.serves[node]}
        if not self.catalogue.is_a(asset.type, "Host"):
            return ()
        folder = f" of “{self.place(node)[0] or '.'}”" if source.importer == "compose" else ""
        name = _MACHINES.get(source.importer)
        return {f"{name}{folder}"} if name is not None and name.startswith(asset.name.lower().split()[0]) else ()

    def servers(self) -> dict[Node, str]:
        """The service that runs flows of a tool, where there is one such service, by its image."""
        found: dict[str, list[Node]] = {}
        for number, piece in enumerate(self.pieces):
            for one in piece.system.dependencies:
                package = piece.system.asset_by_id.get(one.target) if one.relation == "usesPackage" else None
                image = package.name.rpartition("/")[2].rpartition(" ")[2].lower() if package is not None else ""
                tool = image.removesuffix("-api")
                if tool in _FLOWS and package is not None and package.name.startswith("Image "):
                    found.setdefault(_MACHINES[tool], []).append((number, one.origin))
        named = {key: [one for one in nodes if one[1] == key.split()[0]] or nodes for key, nodes in found.items()}
        return {nodes[0]: key for key, nodes in named.items() if len(nodes) == 1}

    def of_one_tool(self, node: Node, asset: Asset) -> Iterable[str]:
        """Credentials by the names that they have on the server of flows, what clients of one user have, and what the
        files of one crew name alike."""
        importer = asset.source.importer if asset.source is not None else ""
        if importer in _FLOWS and asset.type == "Secret":
            return {f"{importer}: the credential “{asset.name}”"}
        if importer == "mcp" and not self.catalogue.is_a(asset.type, "Prompted"):
            return {f"clients of one user: “{asset.name.lower()}”"}
        if importer == "crewai":
            return {f"the crew of “{self.place(node)[0] or '.'}”: “{asset.name}”"}
        return ()

    def packed(self, node: Node, asset: Asset) -> Iterable[str]:
        """The name of a package: that of an image or of a package of a registry says which one it is."""
        return {asset.name} if asset.type == "SoftwarePackage" and not self.pieces[node[0]].own else ()

    def named(self, node: Node, asset: Asset) -> Iterable[str]:
        return {" ".join(asset.name.lower().replace("-", " ").replace("_", " ").split())}

    def asset(self, node: Node) -> Asset:
        """The asset itself."""
        return self.pieces[node[0]].system.asset_by_id[node[1]]

    def related(self, one: str, other: str) -> bool:
        """Whether something can be of both types: information is never what runs."""
        data = [self.catalogue.is_a(each, "DataAsset") for each in (one, other)]
        return data[0] == data[1]
