"""From a flow to neutral elements: what content reaches which model, what an agent may call, who may speak to it."""

from __future__ import annotations

import re
from dataclasses import replace

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.reading.values import Place
from importers.elements import Attacker, Found, Ground, Link, Part, Sign, call
from importers.flows.asking import approve, ask
from importers.flows.graph import PASSIVE, TAKING, TOOLS, Flow, Node, Role
from importers.flows.others import Others
from importers.flows.ways import ways
from importers.provenance import Reader
from importers.services import Services, outside, where

RUNTIME = "runtime"
DECLARED = Ground.DECLARED
_CALLED = frozenset({Role.MODEL, Role.EMBEDDING})
_HOSTED = frozenset({Role.AGENT, Role.STEP, Role.TOOL, Role.MCP, Role.PROGRAM, Role.ENTRY, Role.GUARDRAIL})
_LASTING = re.compile(r"mem0|zep|long_?term|graphiti|letta", re.IGNORECASE)  # memory of more than one conversation
_GLUE = "it only arranges what passes; the ways through it are drawn from end to end"


def assemble(flow: Flow, reader: Reader) -> Found:
    """What the flow says, in neutral elements."""
    return _Assembly(flow, reader).found


class _Assembly:
    def __init__(self, flow: Flow, reader: Reader) -> None:
        self.flow, self.reader = flow, reader
        self.found = Found(flow.title, flow.description)
        self.services = Services(self.found)
        self.keys: dict[str, str] = {}  # of nodes, the part that each became
        self.behind: dict[str, str] = {}  # of nodes, the service that they speak to
        self.pipelines: dict[str, str] = {}
        self.embedded: dict[str, list[str]] = {}  # of stores, the endpoints that embed for them
        self.retrievers: dict[str, list[tuple[str, Place]]] = {}
        self.approved: dict[str, None] = {}  # agents after which a person is asked
        self.open: list[tuple[str, Capability]] = []  # entries that ask nobody who they are
        self.armed, self.others = set[str](), Others(self.services)
        self.sent: set[tuple[str, str]] = set()
        self.parts()
        self.links()
        self.others.authors()
        approve(flow, self.found, [f"node {one}" for one in self.approved if one not in self.armed])
        ask(flow, self.found)

    # ------------------------------------------------------------ nodes
    def parts(self) -> None:
        found = self.found
        found.parts.append(Part(RUNTIME, f"{self.flow.tool} server", (), "runtime", type="Host"))
        for node in self.flow.nodes.values():
            if node.role is Role.NOTE:
                found.omit("note", node.place, "it is a comment on the canvas")
            elif node.role is Role.GLUE:
                found.omit("node", node.place, node.note or _GLUE)
            elif node.role is Role.MEMORY and not _LASTING.search(node.type):
                self.conversation(node)
            elif node.role is not Role.APPROVAL:
                self.keys[node.id] = self.part(node)
            self.secrets(node)
        found.attackers[:] = [
            replace(one, starts=tuple(self.open)) if one.key == "internet" else one for one in found.attackers
        ]

    def conversation(self, node: Node) -> None:
        """Memory of one conversation: nobody else is given anything of it, unless they come to where it is kept."""
        if not node.product:
            self.found.omit("node", node.place, "it keeps one conversation, of which nobody else is given anything")
            return
        key = self.keys[node.id] = f"node {node.id}"
        self.found.parts.append(Part(key, node.name, node.place, "node", (Sign("kind", "conversation"),)))
        kept = self.behind[node.id] = self.product(key, node)
        way = call(RUNTIME, "sendsTo", kept, node.place, "way", Ground.REFERENCE, carries=(key,))
        self.found.links.append(replace(way, returns=(key,)))

    def part(self, node: Node) -> str:
        match node.role:
            case Role.MODEL | Role.EMBEDDING:
                return self.endpoint(node)
            case Role.STORE | Role.KNOWLEDGE | Role.SERVICE:
                return self.service(node)
            case _:
                return self.own(node)

    def signs(self, node: Node) -> tuple[Sign, ...]:
        return Sign("node", node.type), Sign("kind", str(node.role))

    def own(self, node: Node) -> str:
        key = (
            f"tool {node.type} {node.spot}"
            if node.spot and not node.product and node.role in TOOLS
            else f"node {node.id}"
        )
        at = where(node.url)
        remote = node.role is Role.MCP and at is not None and not at.local
        ids = (f"dns:{at.host}",) if remote and at is not None else ()
        host = self.services.host(node.url, node.place) if node.url and node.role is Role.TOOL else ""
        zone = ""
        if (node.role is Role.LOADER and node.web) or (remote and at is not None and outside(at)):
            zone = self.services.internet(node.place)
        self.found.parts.append(
            Part(key, node.name, node.place, "node", self.signs(node), note=node.note, boundary=zone, identifiers=ids)
        )
        if node.role in _HOSTED and not remote:
            self.found.links.append(Link(key, "runsIn", RUNTIME, node.place, "way"))
        if node.role in (Role.AGENT, Role.STEP) and (node.said or node.model):
            self.use(key, node)
        if host:
            self.behind[node.id] = host
            self.services.call(key, host, node.place, "way", node.url)
        if node.product:
            self.behind[node.id] = self.product(key, node)
        if node.role in TOOLS and (content := self.others.content(node)):
            self.depend(key, "retrievesFrom", content, node.place, Ground.REFERENCE)
        if node.web and node.role is not Role.LOADER:
            self.found.links.append(Link(key, "retrievesFrom", self.services.web(node.place), node.place, "way"))
        elif node.web:
            self.attacker(
                node,
                f"author {node.id}",
                f"Author of {node.name}",
                Capability.REACH,
                "anybody can publish what is read here",
                zone,
            )
        if node.instructed and node.role is Role.AGENT:
            own = f"instructions {node.id}"
            self.services.add(
                Part(own, f"Instructions of {node.name}"[:200], node.place, "prompt", type="SystemPrompt")
            )
            self.depend(key, "usesPrompt", own, node.place)
        if node.role is Role.MESSAGES:
            self.attacker(node, "sender", "Sender of messages", Capability.REACH, "anybody can send what arrives here")
        if node.role is Role.ENTRY:
            self.entry(node, key)
        return key

    def entry(self, node: Node, key: str) -> None:
        if node.open_to == "internet":
            self.open.append((key, Capability.CONNECT))
            if len(self.open) > 1:
                return
            note = "the entry asks for no credentials; who can reach the server is not in the file"
            self.found.attackers.append(
                Attacker("internet", "Internet", node.place, "outsider", ActorKind.OUTSIDER,
                         ground=Ground.REFERENCE, note=note)
            )  # fmt: skip
        elif node.open_to == "user":
            starts, name = ((key, Capability.REACH),), f"User of {node.name}"[:200]
            self.found.attackers.append(
                Attacker(f"user {node.id}", name, node.place, "outsider", ActorKind.USER, starts=starts)
            )

    def attacker(self, node: Node, key: str, name: str, held: Capability, note: str, zone: str = "") -> None:
        own = key if key != "sender" else f"sender {node.id}"
        self.found.attackers.append(
            Attacker(
                own,
                f"{name} ({node.name})"[:200] if key == "sender" else name[:200],
                node.place,
                "outsider",
                ActorKind.OUTSIDER,
                boundary=zone,
                starts=((f"node {node.id}", held),),
                ground=Ground.REFERENCE,
                note=note,
            )
        )

    def endpoint(self, node: Node) -> str:
        embedding = node.role is Role.EMBEDDING
        said = node.said or node.type
        type_ = node.type if node.role in _CALLED else ""
        kind = "node" if type_ else "model endpoint"
        key = self.services.endpoint(node.place, said, node.url, embedding, type_, kind)
        self.services.model(node.place, said, node.model, key, embedding)
        return key

    def use(self, key: str, node: Node) -> None:
        """The model that stands in a node's own settings."""
        endpoint = self.services.endpoint(node.place, node.said, node.url)
        self.call(key, endpoint, node.place)
        model = self.services.model(node.place, node.said, node.model, endpoint)
        if model:
            self.depend(key, "usesModel", model, node.place)
        self.behind.setdefault(node.id, endpoint)

    def service(self, node: Node) -> str:
        product = node.said or node.type
        if node.role is Role.SERVICE and node.url:
            at_host = self.services.host(node.url, node.place, "web service", "node")
            if at_host:
                return at_host
        apart = node.spot or node.url or (node.id if node.role is Role.SERVICE else "")
        key = f"{node.role} {product.casefold()} {apart}"
        at = where(node.url)
        ids = (f"dns:{at.host}",) if at and not at.local else ()
        zone = self.services.internet(node.place) if at and outside(at) else ""
        signs = (Sign("node", product), *self.signs(node)) if product != node.type else self.signs(node)
        self.found.parts.append(
            Part(key, node.name, node.place, "node", signs, identifiers=ids, boundary=zone, note=node.note)
        )
        return key

    def product(self, key: str, node: Node) -> str:
        """The service behind a tool or a memory."""
        own = f"{Role.SERVICE} {node.product.casefold()} {node.spot}"
        name = node.product.rsplit(".", 1)[-1]
        self.services.add(
            Part(
                own,
                name[:1].upper() + name[1:],
                node.place,
                "service",
                (Sign("node", node.product), Sign("kind", "service")),
                ground=Ground.REFERENCE,
            )
        )
        if node.role is Role.MEMORY:
            self.found.links.append(Link(key, "storedIn", own, node.place, "way", Ground.REFERENCE))
            return own
        self.services.call(key, own, node.place, "way")
        for wanted, relation in ((node.reads, "mayRead"), (node.writes, "mayWrite")):
            if wanted:
                self.found.links.append(Link(key, relation, own, node.place, "right", Ground.REFERENCE))
        return own

    def secrets(self, node: Node) -> None:
        key = self.keys.get(node.id, "")
        passive = node.role in PASSIVE or node.role in (Role.GLUE, Role.APPROVAL, Role.LOADER, Role.PROMPT, Role.NOTE)
        for one in node.credentials:
            stored = one.value is None and bool(one.note)  # by the tool itself, which shows it to no node
            opens = node.role in PASSIVE and node.role not in (Role.MESSAGES, Role.MEMORY)
            opened = self.behind.get(node.id, "") or (key if opens else "")
            self.services.secret(
                one.place,
                one.name,
                RUNTIME if passive or stored else key,
                opened,
                one.value,
                one.note,
                one.id or (f"{one.name} {node.id}" if one.value else one.name),
            )

    # ------------------------------------------------------------ edges
    def links(self) -> None:
        for source, target, place, lent, approved, through in ways(self.flow):
            if source is target:
                self.reader.report(
                    "warning",
                    place,
                    "there are too many ways through this flow; some are not drawn.",
                    "Split the flow.",
                )
                continue
            if source.id not in self.keys or target.id not in self.keys:
                continue
            if source.role is Role.AGENT and approved:
                self.approved[source.id] = None
            if through:
                self.hear(source, target, place)
            else:
                (self.lend if lent else self.pass_on)(source, target, place)
        for taker, content, place in self.others.spread():
            self.depend(taker, "retrievesFrom", content, place, Ground.GUESS)
        for store, endpoints in self.embedded.items():
            callers = [pipeline] if (pipeline := self.pipelines.get(store)) else []
            for caller, place in [*((one, ()) for one in callers), *self.retrievers.get(store, ())[:50]]:
                for endpoint in dict.fromkeys(endpoints):
                    self.call(caller, endpoint, place)
        if len(self.flow.nodes) > 1 and not self.flow.edges:
            self.reader.report(
                "warning",
                (),
                "no node of this flow is joined to another: the file has no edges.",
                "Export the flow again, with its connections.",
            )

    def call(self, caller: str, called: str, place: Place) -> None:
        if (caller, called) not in self.sent:
            self.sent.add((caller, called))
            self.services.call(caller, called, place, "way")

    def send(
        self, origin: str, target: str, place: Place, opener: str, answered: bool = False, ground: Ground = DECLARED
    ) -> None:
        if (origin, target) not in self.sent and origin != target:
            self.sent.add((origin, target))
            self.found.links.append(
                Link(origin, "sendsTo", target, place, "way", ground, flow=True, two_way=answered, opened_by=opener)
            )

    def depend(self, origin: str, relation: str, target: str, place: Place, ground: Ground = DECLARED) -> None:
        self.found.links.append(Link(origin, relation, target, place, "way", ground))

    def lend(self, source: Node, target: Node, place: Place) -> None:
        """The source is a part that the target uses."""
        lent, user = self.keys[source.id], self.keys[target.id]
        if target.role is Role.STORE and source.role is Role.EMBEDDING:
            self.embedded.setdefault(user, []).append(lent)
        elif target.role is Role.STORE and source.role not in (*_CALLED, Role.MEMORY):
            self.pass_on(source, target, place)
        elif source.role in _CALLED:
            self.call(self.caller(target), lent, place)
            model = self.services.model(source.place, source.said or source.type, source.model, lent)
            if model:
                self.depend(self.caller(target), "usesModel", model, place)
        elif source.role is Role.MEMORY:
            if _LASTING.search(source.type):
                self.depend(user, "remembersIn" if target.role is Role.AGENT else "retrievesFrom", lent, place)
        elif source.role in (Role.STORE, Role.KNOWLEDGE, Role.LOADER, Role.MESSAGES):
            self.depend(self.caller(target), "retrievesFrom", lent, place)
            self.retrievers.setdefault(lent, []).append((self.caller(target), place))
        elif source.role in TOOLS and target.role is Role.AGENT:
            self.armed.add(target.id)
            self.found.links.append(call(user, "invokes", lent, place, "way"))
        elif source.role is Role.AGENT and target.role is Role.AGENT:
            self.found.links.append(call(user, "delegatesTo", lent, place, "way"))
        elif source.role is Role.PROMPT:
            self.prompt(source, target, place)
        elif source.role is Role.GUARDRAIL:
            self.send(lent, user, place, lent)
        else:
            self.call(self.caller(target), lent, place)

    def caller(self, node: Node) -> str:
        """The part that calls for a node: itself, or what runs it where it never calls."""
        return RUNTIME if node.role in PASSIVE else self.keys[node.id]

    def prompt(self, source: Node, target: Node, place: Place) -> None:
        user = self.keys[target.id]
        if target.role in (Role.AGENT, Role.STEP, Role.MODEL):
            self.depend(user, "usesPrompt", self.keys[source.id], place)

    def pass_on(self, source: Node, target: Node, place: Place) -> None:
        """Content goes from the source to the target."""
        origin, end = self.keys[source.id], self.keys[target.id]
        if source.role is Role.PROMPT:
            self.prompt(source, target, place)
        elif target.role is Role.STORE and (target.writes or source.role is Role.LOADER):
            pipeline = self.pipeline(target, end)
            if source.role in (Role.LOADER, Role.MESSAGES, Role.STORE, Role.KNOWLEDGE):
                self.depend(pipeline, "retrievesFrom", origin, place)
            elif origin != end:
                self.send(origin, pipeline, place, pipeline if source.role in PASSIVE else origin)
        elif source.role in (Role.LOADER, Role.MESSAGES, Role.STORE, Role.KNOWLEDGE):
            if source.role is Role.STORE and source.writes:
                return  # it hands on what went into it
            if target.role in PASSIVE:
                self.depend(RUNTIME, "retrievesFrom", origin, place)
                self.send(RUNTIME, end, place, RUNTIME)
            else:
                self.depend(end, "retrievesFrom", origin, place)
                self.retrievers.setdefault(origin, []).append((end, place))
        elif source.role in (*_CALLED, Role.MEMORY) and target.role is Role.STORE:
            self.call(self.caller(target), origin, place)
        elif source.role in (*_CALLED, Role.MEMORY):
            self.lend(source, target, place)
        elif source.role in PASSIVE and target.role in PASSIVE:
            self.send(origin, RUNTIME, place, RUNTIME)
            self.send(RUNTIME, end, place, RUNTIME)
        else:
            asks = source.role in TOOLS and target.role is Role.SERVICE
            answered = asks or source.role is Role.ENTRY  # who speaks to a flow hears its answer
            self.send(origin, end, place, end if source.role in PASSIVE else origin, answered)
            if target.role is Role.SERVICE and target.writes and source.role in TAKING:
                self.depend(origin, "mayWrite", end, place, Ground.REFERENCE)
            if target.role in TAKING:
                self.take(source, end, place)
                self.others.hand(source, origin, end, place)
            elif asks:
                self.take(target, origin, place)

    def take(self, source: Node, taker: str, place: Place) -> None:
        for content in self.others.given(source):
            self.others.taken.setdefault(content, {}).setdefault(taker)
            self.depend(taker, "retrievesFrom", content, place, Ground.REFERENCE)

    def hear(self, source: Node, target: Node, place: Place) -> None:
        """What people write is put before a later step as well; where the file does not say so, this is a guess."""
        origin, end = self.keys[source.id], self.keys[target.id]
        ground = Ground.GUESS if target.hears is None else Ground.REFERENCE
        if source.role is Role.MESSAGES:
            self.depend(end, "retrievesFrom", origin, place, ground)
        else:
            self.send(origin, end, place, origin, True, ground)

    def pipeline(self, store: Node, key: str) -> str:
        found = self.pipelines.get(key)
        if found is None:
            found = self.pipelines[key] = f"ingestion {key}"
            name = f"Ingestion into {store.name}"[:200]
            self.services.add(Part(found, name, store.place, "ingestion", type="DataPipeline"))
            self.found.links.append(Link(found, "runsIn", RUNTIME, store.place, "way"))
            self.found.links.append(Link(found, "sendsTo", key, store.place, "way", flow=True, opened_by=found))
        return found
