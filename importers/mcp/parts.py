"""Parts that clients and the registry have in common: packages with their hubs, and what well known servers open up."""

from __future__ import annotations

from collections.abc import Sequence

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Skill
from graphmodel.reading.addresses import address
from graphmodel.reading.values import Place
from importers.elements import Attacker, Boundary, Found, Ground, Link, Measure, Part, Sign, call
from importers.mcp.known import Known
from importers.mcp.packages import Package

INTERNET = "zone internet"
AUTHORS = "authors of outside content"
PUBLISHERS = "publishers of packages"
_HUBS = {
    "npm": ("npm registry", "registry.npmjs.org"),
    "pypi": ("Python Package Index", "pypi.org"),
    "nuget": ("NuGet Gallery", "www.nuget.org"),
    "oci": ("Registry of container images", "hub.docker.com"),
    "cargo": ("crates.io", "crates.io"),
    "git": ("Public git repositories", "github.com"),
}


class Parts:
    """Makes each part when it is first named."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self._made: set[str] = set()
        self._authors: dict[str, Place] = {}
        self._published: dict[str, Place] = {}

    def internet(self, place: Place) -> str:
        """The zone of what anybody can come to."""
        if INTERNET not in self._made:
            self._made.add(INTERNET)
            self.found.boundaries.append(Boundary(INTERNET, "Internet", place, "zone", 0))
        return INTERNET

    def add(self, part: Part) -> str:
        """The key of a part, which is added when it is new."""
        if part.key not in self._made:
            self._made.add(part.key)
            self.found.parts.append(part)
        return part.key

    def package(self, server: str, package: Package, place: Place) -> None:
        """The package that a server is, with where it is fetched from, and that it is pinned."""
        key = f"package {package.registry}:{package.name}@{package.version or package.digest}"
        new = key not in self._made
        note = "pinned" if package.pinned else "not pinned: whatever is newest there is run"
        signs = (Sign("package", f"{package.registry}:{package.name}"),)
        purl = (package.purl,) if package.purl else ()
        self.add(Part(key, package.name, place, "package", signs, "SoftwarePackage", identifiers=purl, note=note))
        self.found.links.append(Link(server, "usesPackage", key, place, "uses package"))
        self._published.setdefault(key, place)
        if new and package.pinned:
            name = f"Version of {package.name} is fixed"
            self.found.measures.append(Measure(f"pin {key}", name, place, "pinning", "dependency-pinning", (key,)))
        if package.registry in _HUBS:
            label, host = _HUBS[package.registry]
            hub = self.add(
                Part(
                    f"host {host}",
                    label,
                    place,
                    "hub",
                    type="PublicHub",
                    ground=Ground.REFERENCE,
                    boundary=self.internet(place),
                    identifiers=(f"dns:{host}",),
                )
            )
            self.found.links.append(Link(server, "deployedFrom", hub, place, "fetched from", Ground.REFERENCE))
            self._published.setdefault(hub, place)

    def opened(self, server: str, known: Known, arguments: Sequence[tuple[Place, str]], place: Place, local: bool,
               agent: str, machine: str) -> None:  # fmt: skip
        """What a well known server gives access to: directories, a database, content of others, commands."""
        if known.paths:
            for where, path in arguments:
                if path.startswith(("/", "~", "./", "../", "$", "C:", "D:")) or path == ".":
                    self._rights(server, Part(f"path {path}", path[:200], where, "directory", type="DataStore"), known)
        elif known.store:
            self._store(server, known, arguments, place, local, machine)
        elif known.data:
            self._content(server, known, place, local, agent)
        if known.code and local and machine:
            note = "this server runs commands"
            self.found.links.append(Link(server, "mayRun", machine, place, "commands", Ground.REFERENCE, note=note))

    def _rights(self, server: str, part: Part, known: Known) -> None:
        key = self.add(part)
        self.found.links.append(Link(server, "mayRead", key, part.place, "access", Ground.REFERENCE))
        if known.writes:
            self.found.links.append(Link(server, "mayWrite", key, part.place, "access", Ground.REFERENCE))
        self.found.links.append(Link(server, "retrievesFrom", key, part.place, "access", Ground.REFERENCE))

    def _store(
        self,
        server: str,
        known: Known,
        arguments: Sequence[tuple[Place, str]],
        place: Place,
        local: bool,
        machine: str,
    ) -> None:
        name, where, zone = known.store, place, ""
        identifiers: tuple[str, ...] = ()
        encrypted: bool | None = None
        for spot, text in arguments:
            found = address(text) if "://" in text else None
            if found is not None:
                where = spot
                encrypted = found.encrypted
                if not found.local:
                    name = f"{known.store} at {found.host}"
                    identifiers = (f"dns:{found.host}",)
                    zone = self.internet(spot) if "." in found.host else ""
                break
            if text.endswith((".db", ".sqlite", ".sqlite3", ".duckdb")):
                name, where = f"{known.store} {text[-120:]}", spot
                break
        key = self.add(
            Part(f"store {name}", name, where, "data", type=known.type, boundary=zone, identifiers=identifiers)
        )
        self.found.links.append(call(server, "sendsTo", key, where, "access", Ground.REFERENCE, encrypted=encrypted))
        for relation in ("mayRead", "mayWrite", "retrievesFrom"):
            self.found.links.append(Link(server, relation, key, where, "access", Ground.REFERENCE))

    def _content(self, server: str, known: Known, place: Place, local: bool, agent: str) -> None:
        zone = self.internet(place) if known.outside else ""
        note = "what this server is known for; people outside may write there" if known.outside else ""
        key = self.add(
            Part(
                f"content {known.data}",
                known.data,
                place,
                "content",
                type=known.type,
                ground=Ground.REFERENCE,
                boundary=zone,
                note=note,
            )
        )
        if known.type == "AgentMemory" and agent:
            self.found.links.append(Link(agent, "remembersIn", key, place, "access", Ground.REFERENCE))
        self.found.links.append(Link(server, "retrievesFrom", key, place, "access", Ground.REFERENCE))
        if known.writes:
            self.found.links.append(Link(server, "mayWrite", key, place, "access", Ground.REFERENCE))
        if known.outside:
            self._authors.setdefault(key, place)
        if local and known.host:
            away = self.add(
                Part(
                    f"host {known.host}",
                    known.host,
                    place,
                    "service behind a server",
                    (Sign("host", known.host),),
                    ground=Ground.REFERENCE,
                    boundary=self.internet(place),
                    identifiers=(f"dns:{known.host}",),
                )
            )
            self.found.links.append(call(server, "sendsTo", away, place, "access", Ground.REFERENCE, encrypted=True))
        elif local and known.outside:
            note = "whatever address the agent gives it"
            self.found.links.append(call(server, "sendsTo", key, place, "access", Ground.REFERENCE, note=note))

    def publishers(self) -> None:
        """Whoever may publish where packages come from, and whoever may take one over."""
        if self._published:
            self.found.attackers.append(
                Attacker(
                    PUBLISHERS,
                    "Publisher of packages",
                    next(iter(self._published.values())),
                    "package",
                    ActorKind.SUPPLIER,
                    Skill.SKILLED,
                    starts=tuple((key, Capability.REACH) for key in self._published),
                    ground=Ground.REFERENCE,
                    note="anybody may publish there, under any free name",
                )
            )

    def authors(self) -> None:
        """Whoever may write the content of others that servers bring in."""
        if self._authors:
            starts = tuple((key, Capability.REACH) for key in self._authors)
            place = next(iter(self._authors.values()))
            self.found.attackers.append(
                Attacker(
                    AUTHORS,
                    "Author of content from outside",
                    place,
                    "outside content",
                    ActorKind.OUTSIDER,
                    Skill.SKILLED,
                    starts=starts,
                    ground=Ground.REFERENCE,
                    note="who may write what these servers bring before the model",
                )
            )
