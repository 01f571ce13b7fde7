"""LangGraph configurations (langgraph.json): which graphs a server offers. What is in a graph, its code decides."""

from __future__ import annotations

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place
from importers.elements import Attacker, Found, Link, Part
from importers.importer import two_stage
from importers.provenance import Reader
from importers.secrets import is_secret_name, value_kind
from importers.services import Services
from importers.source import Source

ID = "langgraph"
HOST, CODE = "server", "code"
_DONE = (
    "graphs",
    "dependencies",
    "env",
    "auth",
    "store",
    "checkpointer",
    "http",
    "$schema",
    "python_version",
    "node_version",
    "dockerfile_lines",
    "image_distro",
)


def sniff(source: Source) -> bool:
    """Whether a file configures a LangGraph server."""
    value = source.value
    if not isinstance(value, dict) or not isinstance(value.get("graphs"), dict):
        return False
    return bool({"dependencies", "env", "python_version", "node_version", "dockerfile_lines"} & set(value))


def gather(source: Source) -> tuple[Found, Reader]:
    """An agent for each graph, and what the server keeps for them."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    found = Found("LangGraph server")
    services = Services(found)
    services.add(Part(HOST, "LangGraph server", (), "server", type="Host"))
    services.add(Part(CODE, "Code of the graphs", ("dependencies",), "code", type="SourceCode"))
    auth = reader.mapping(value.get("auth"), ("auth",))
    agents = []
    for name in reader.mapping(value.get("graphs"), ("graphs",)):
        key, place = f"graph {name}", ("graphs", name)
        agents.append(key)
        services.add(Part(key, name[:200], place, "graph", type="Agent"))
        found.links.append(Link(key, "runsIn", HOST, place, "runtime"))
        found.links.append(Link(key, "deployedFrom", CODE, place, "origin"))
    _keep(found, services, reader, value, agents)
    if agents:
        signed: Place = ("auth",) if auth else ()
        starts = tuple((key, Capability.REACH if auth.get("path") else Capability.CONNECT) for key in agents)
        note = "callers sign in" if auth.get("path") else "the server asks callers for nothing of its own"
        found.attackers.append(
            Attacker("caller", "Caller of the server", signed, "caller", ActorKind.USER, starts=starts, note=note)
        )
    env = value.get("env")
    for name, inner in env.items() if isinstance(env, dict) else ():
        if is_secret_name(str(name)):
            services.secret(("env", name), str(name)[:200], HOST, value=value_kind(inner))
    reader.report("note", ("graphs",), "tools, models and calls between graphs stand in their code, which is not read.")
    reader.unread(value, _DONE, (), "this configuration")
    found.questions.append(Question("", "Which tools and models do the graphs use, and which graph calls which?"))
    return found, reader


def _keep(found: Found, services: Services, reader: Reader, value: object, agents: list[str]) -> None:
    held = reader.mapping(value, ())
    store = reader.mapping(held.get("store"), ("store",))
    if store:
        services.add(Part("memory", "Store of the server", ("store",), "store", type="AgentMemory"))
        for key in agents:
            found.links.append(Link(key, "remembersIn", "memory", ("store",), "memory"))
        index = reader.mapping(store.get("index"), ("store", "index"))
        said = reader.word(index.get("embed"), ("store", "index", "embed"))
        provider, _, model = said.partition(":")
        if model and "/" not in provider:
            place: Place = ("store", "index", "embed")
            endpoint = services.endpoint(place, provider, embedding=True)
            services.model(place, provider, model, endpoint, embedding=True)
            services.call(HOST, endpoint, place, "call")
    if any("playwright" in line or "chromium" in line for line in reader.words(held.get("dockerfile_lines"), ())):
        place = ("dockerfile_lines",)
        services.add(Part("browser", "Browser", place, "installed tool", type="Tool"))
        found.links.append(Link("browser", "runsIn", HOST, place, "runtime"))
        found.links.append(Link("browser", "retrievesFrom", services.web(place), place, "look-up"))


IMPORTER = two_stage(ID, "LangGraph configuration (JSON)", sniff, gather, ("langgraph.json", "*langgraph*.json"))
