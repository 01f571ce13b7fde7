"""One AI system under assessment, as frozen values.

A ``System`` is what a document or an importer yields and what everything else is computed from.
It holds ids, never object references, so that it can be compared, merged and written back. Ids of
zones, assets, actors and flows share one namespace, because controls protect any of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Evidence, Range, Severity, Skill, Status
from graphmodel.model.accounts import Account
from graphmodel.reading.problems import Problem, has_errors

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an element came from, and how sure its reader is of it (1 is as stated in the file).

    ``ground`` is what the reader went by: ``declared``, ``reference``, ``start order`` or ``guess``; empty where it
    has only one. ``also`` are the other places, in this file and in others, that speak of the same element.
    """

    file: str = ""
    place: str = ""
    importer: str = ""
    confidence: float = 1.0
    note: str = ""
    ground: str = ""
    also: tuple[Provenance, ...] = ()


@dataclass(frozen=True, slots=True)
class Zone:
    """A trust boundary. ``trust`` runs from 0 (anyone) to 10 (most trusted); None is unknown."""

    id: str
    name: str
    trust: int | None = None
    parent: str | None = None
    description: str = ""
    source: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing worth protecting, or used to reach one.

    ``identifiers`` name it beyond this description, as ``pkg:oci/redis@7`` or ``dns:qdrant`` do: what has one in
    common in two files is one asset.
    """

    id: str
    name: str
    type: str
    zone: str | None = None
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    source: Provenance | None = None
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """Data or calls from ``origin`` to ``target``, in the direction of the data.

    ``carries`` names data assets sent along, ``returns`` those that come back; ``two_way`` says
    that something comes back even if no asset is named. ``opened_by`` is the end that opens the
    connection. ``authenticated`` and ``encrypted`` are None when nobody has said.
    """

    id: str
    origin: str
    target: str
    relation: str = "sendsTo"
    name: str = ""
    carries: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    two_way: bool = False
    opened_by: str | None = None
    authenticated: bool | None = None
    encrypted: bool | None = None
    mediated_by: tuple[str, ...] = ()
    description: str = ""
    source: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Dependency:
    """A typed relation that is not a flow, such as ``trainedOn`` or ``storedIn``."""

    origin: str
    relation: str
    target: str
    source: Provenance | None = None

    @property
    def id(self) -> str:
        return f"{self.origin} {self.relation} {self.target}"


@dataclass(frozen=True, slots=True)
class Held:
    """A capability over an asset, written ``asset:capability``."""

    asset: str
    capability: Capability

    def __str__(self) -> str:
        return f"{self.asset}:{self.capability}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who attacks. ``starts`` is what is held before the campaign; flows from the actor and the
    actor's zone add to it. ``attempts_per_year`` is None where no rate is known.
    """

    id: str
    name: str
    kind: ActorKind
    skill: Skill = Skill.SKILLED
    zone: str | None = None
    starts: tuple[Held, ...] = ()
    attempts_per_year: Range | None = None
    description: str = ""
    source: Provenance | None = None


@dataclass(frozen=True)
class ControlImplementation:
    """A catalogue control on assets, flows or zones of this system.

    ``control`` is None when an imported control has no known counterpart in the catalogue; it then
    covers nothing and is reported. ``strength`` None means the catalogue's default. ``protects``
    may hold ``*`` for the whole system. ``budget`` is how many requests of one caller it lets through in a campaign:
    against threats that take many, it says how strong the control is. ``cost`` is what it costs a year. ``requires``
    and ``excludes`` name other implementations: for plans, this one makes sense only with, or only without, them.
    """

    id: str
    control: str | None
    protects: tuple[str, ...]
    name: str = ""
    status: Status = Status.IMPLEMENTED
    strength: Range | None = None
    coverage: float = 1.0
    budget: float | None = None
    independent: bool = False
    evidence: Evidence = Evidence.DECLARED
    evidence_ref: str = ""
    evidence_until: str = ""
    cost: float | None = None
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    owner: str = ""
    due: str = ""
    description: str = ""
    source: Provenance | None = None

    @cached_property
    def named(self) -> frozenset[str]:
        """What it names to protect, to be asked for one element after the other."""
        return frozenset(self.protects)


@dataclass(frozen=True, slots=True)
class Loss:
    """What it costs when a fact comes true: a severity band, an amount of money, or both.

    Without an amount the band's amount stands for it; without a band the amount decides the band.
    """

    held: Held
    severity: Severity | None
    amount: Range | None = None
    impact: str = ""
    description: str = ""
    source: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """A judgement about one threat on one asset: another chance, or that it does not apply."""

    threat: str
    asset: str
    reason: str
    chance: Range | None = None
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """A threat or risk as another threat model states it, kept to be read beside what is computed here.

    ``on`` are the ids of the elements that it speaks of, ``answered_by`` those of control implementations that answer
    it there. ``threat`` is the catalogue's threat that it is, None where that is not known. ``status``, ``likelihood``
    and ``severity`` are the words of the source; nothing is computed from them.
    """

    id: str
    name: str
    on: tuple[str, ...] = ()
    threat: str | None = None
    status: str = ""
    likelihood: str = ""
    severity: str = ""
    answered_by: tuple[str, ...] = ()
    description: str = ""
    source: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What a test or a scan of one asset found of one threat; what follows from it is said in ``binding.evidence``.

    A trial has ``attempts`` prompts, ``hits`` of them with at least one success, and ``errors`` more that told
    nothing. A scan has ``findings``, weaknesses that are there, and no attempts. ``controls`` are the ids of the
    control implementations that were on; None is all that are implemented. ``date`` and ``until`` are ISO dates:
    of the test, and of the last day on which it counts (empty: as long as the settings say). ``version`` is that of
    the tool, ``technique`` what the tool calls the attack, ``target`` what it calls the asset.
    """

    id: str
    threat: str
    on: str
    attempts: int = 0
    hits: int = 0
    errors: int = 0
    findings: int | None = None
    controls: tuple[str, ...] | None = None
    tool: str = ""
    version: str = ""
    technique: str = ""
    target: str = ""
    date: str = ""
    until: str = ""
    description: str = ""
    source: Provenance | None = None


@dataclass(frozen=True)
class System:
    """A system as described. Order is that of the document; nothing computed depends on it."""

    id: str
    name: str
    description: str = ""
    currency: str = "EUR"
    zones: tuple[Zone, ...] = ()
    assets: tuple[Asset, ...] = ()
    flows: tuple[Flow, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    actors: tuple[Actor, ...] = ()
    controls: tuple[ControlImplementation, ...] = ()
    losses: tuple[Loss, ...] = ()
    overrides: tuple[Override, ...] = ()
    stated: tuple[Stated, ...] = ()
    evidence: tuple[Observation, ...] = ()
    catalogue_files: tuple[str, ...] = ()
    settings_file: str | None = None

    @cached_property
    def asset_by_id(self) -> Mapping[str, Asset]:
        return {asset.id: asset for asset in self.assets}

    @cached_property
    def zone_by_id(self) -> Mapping[str, Zone]:
        return {zone.id: zone for zone in self.zones}

    @cached_property
    def flow_by_id(self) -> Mapping[str, Flow]:
        return {flow.id: flow for flow in self.flows}

    @cached_property
    def actor_by_id(self) -> Mapping[str, Actor]:
        return {actor.id: actor for actor in self.actors}

    @cached_property
    def control_by_id(self) -> Mapping[str, ControlImplementation]:
        return {control.id: control for control in self.controls}

    def name_of(self, element: str) -> str:
        """The display name of a zone, asset, actor, flow or control; the id where it has none."""
        for index in (self.asset_by_id, self.zone_by_id, self.actor_by_id, self.flow_by_id, self.control_by_id):
            found = index.get(element)
            if found is not None:
                return str(found.name) or element
        return element

    def zone_chain(self, zone: str | None) -> Iterator[str]:
        """The zone and the zones around it, innermost first; a cycle of parents ends the walk."""
        seen: set[str] = set()
        while zone is not None and zone in self.zone_by_id and zone not in seen:
            seen.add(zone)
            yield zone
            zone = self.zone_by_id[zone].parent

    def zone_of(self, element: str) -> str | None:
        """The zone of an asset or actor; None where unknown."""
        owner = self.asset_by_id.get(element) or self.actor_by_id.get(element)
        return owner.zone if owner is not None else None

    def crosses_boundary(self, flow: Flow) -> bool:
        """Whether the two ends of a flow are known to lie in different zones."""
        origin, target = self.zone_of(flow.origin), self.zone_of(flow.target)
        return origin is not None and target is not None and origin != target

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """For every zone, the assets inside it or inside a zone nested in it, sorted."""
        inside: defaultdict[str, list[str]] = defaultdict(list)
        for asset in self.assets:
            for zone in self.zone_chain(asset.zone):
                inside[zone].append(asset.id)
        return {zone: tuple(sorted(ids)) for zone, ids in inside.items()}

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """The system as a directed multigraph.

        Nodes are zones, assets and actors with a ``kind``; edges are flows and dependencies with a
        ``relation`` and, for flows, their ``id``. Membership in a zone is the relation ``inZone``.
        """
        import networkx as nx  # noqa: PLC0415 - a fifth of a second, and few ask for this graph

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(id=self.id, name=self.name)
        for zone in self.zones:
            graph.add_node(zone.id, kind="zone", name=zone.name, trust=zone.trust)
        for actor in self.actors:
            graph.add_node(actor.id, kind="actor", name=actor.name, actor_kind=str(actor.kind))
        for asset in self.assets:
            graph.add_node(asset.id, kind="asset", name=asset.name, type=asset.type, zone=asset.zone)
            if asset.zone is not None:
                graph.add_edge(asset.id, asset.zone, key=f"{asset.id} inZone", relation="inZone")
        for flow in self.flows:
            graph.add_edge(
                flow.origin,
                flow.target,
                key=flow.id,
                id=flow.id,
                relation=flow.relation,
                authenticated=flow.authenticated,
                encrypted=flow.encrypted,
                carries=flow.carries,
            )
        for dependency in self.dependencies:
            graph.add_edge(dependency.origin, dependency.target, key=dependency.id, relation=dependency.relation)
        return graph


@dataclass(frozen=True, slots=True)
class Imported:
    """What a reader made of a file. ``system`` is None when nothing usable could be read.

    ``account`` says what became of each element of a foreign file, where its importer counts them.
    """

    system: System | None
    problems: tuple[Problem, ...] = field(default=())
    account: Account | None = None

    @property
    def usable(self) -> bool:
        return self.system is not None and not has_errors(self.problems)
