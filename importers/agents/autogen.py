"""AutoGen components as AutoGen Studio writes them: teams, agents, models, tools and workbenches, one in the other.

The code of tools is neither read nor run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.reading.values import Place
from importers.elements import Attacker, Found, Link, Part, Sign, call
from importers.flows.graph import is_web, literal_secrets
from importers.importer import two_stage
from importers.provenance import Reader
from importers.services import Services, outside, where
from importers.source import Source

ID = "autogen"
_KINDS = frozenset({"team", "agent", "model", "tool", "workbench", "termination", "code_executor"})
_DEPTH = 12  # of components in components


def _component(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("provider"), str) and isinstance(value.get("config"), dict)


def sniff(source: Source) -> bool:
    """Whether a file holds components of AutoGen."""
    value = source.value
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict) and isinstance(value.get("components"), dict):
        held = [one for each in value["components"].values() if isinstance(each, list) for one in each[:5]]
        return any(_component(one) for one in held)
    return _component(value) and (str(value.get("component_type")) in _KINDS or "autogen" in value["provider"])


def gather(source: Source) -> tuple[Found, Reader]:
    """The components of the file, each once; entries of a gallery that are not in use stand for themselves."""
    reader = Reader(source.text, importer=ID)
    value = source.text.value
    held = value if isinstance(value, dict) else {}
    found = Found(reader.name(held.get("name", held.get("label")), ("name",)) or "AutoGen components")
    reading = _Reading(found, reader)
    if isinstance(held.get("components"), dict):
        for kind, entries in held["components"].items():
            for place, one in reader.entries(entries, ("components", kind)):
                reading.component(one, place, "", 0)
    elif isinstance(value, list):
        for place, one in reader.entries(value, ()):
            reading.component(one, place, "", 0)
    else:
        reading.component(held, (), "", 0)
    return found, reader


class _Reading:
    def __init__(self, found: Found, reader: Reader) -> None:
        self.found, self.reader = found, reader
        self.services = Services(found)

    def component(self, one: Mapping[str, Any], place: Place, owner: str, depth: int) -> str:
        """Take a component in and tie it to its owner; its key, empty where it becomes nothing."""
        config = self.reader.mapping(one.get("config"), (*place, "config"))
        provider = self.reader.word(one.get("provider"), (*place, "provider"))
        kind = self.reader.word(one.get("component_type"), (*place, "component_type")) or _kind_of(provider)
        short = provider.rsplit(".", 1)[-1]
        if depth > _DEPTH:
            self.found.omit(kind or "component", place, "it lies too deep in others")
            return ""
        match kind:
            case "team":
                return self.team(config, one, place, short, depth)
            case "agent":
                return self.agent(config, one, place, short, owner, depth)
            case "model":
                return self.model(config, place, short, owner)
            case "tool":
                return self.tool(config, one, place, short, owner, depth)
            case "workbench":
                return self.workbench(config, one, place, short, owner, depth)
            case "code_executor":
                return self.executor(config, place, short, owner)
        self.found.omit(kind or "component", place, "it says how a team works, and is nothing that can be attacked")
        return ""

    def key(self, place: Place) -> str:
        return "component " + "/".join(map(str, place))

    def named(self, config: Mapping[str, Any], one: Mapping[str, Any], place: Place, short: str) -> str:
        for value in (config.get("name"), one.get("label")):
            if isinstance(value, str) and value.strip():
                return value.strip()[:200]
        return short or "component"

    def team(self, config: Mapping[str, Any], one: Mapping[str, Any], place: Place, short: str, depth: int) -> str:
        key = self.key(place)
        directed = short in ("SelectorGroupChat", "MagenticOneGroupChat") or bool(config.get("model_client"))
        name = self.named({}, one, place, short)
        self.services.add(
            Part(
                key,
                name,
                place,
                "team",
                (Sign("kind", short),),
                "Orchestrator",
                note="" if directed else "agents take turns; nothing decides who is next",
            )
        )
        self.user(key, name, place)
        members = self.reader.entries(config.get("participants"), (*place, "config", "participants"))
        for where_, each in members:
            inner = self.component(each, where_, key, depth + 1)
            if inner:
                self.found.links.append(call(key, "delegatesTo", inner, where_, "member"))
        self.inner(config, place, key, depth, ("model_client", "termination_condition"))
        return key

    def user(self, key: str, name: str, place: Place) -> None:
        self.found.attackers.append(
            Attacker(
                f"user {key}", f"User of {name}"[:200], place, "user", ActorKind.USER, starts=((key, Capability.REACH),)
            )
        )

    def inner(self, config: Mapping[str, Any], place: Place, key: str, depth: int, fields: tuple[str, ...]) -> None:
        for field in fields:
            held = config.get(field)
            entries = held if isinstance(held, list) else [held] if isinstance(held, dict) else []
            for number, each in enumerate(entries[:2_000]):
                where_: Place = (
                    (*place, "config", field, number) if isinstance(held, list) else (*place, "config", field)
                )
                if isinstance(each, dict) and "provider" in each:
                    self.component(each, where_, key, depth + 1)

    def agent(
        self, config: Mapping[str, Any], one: Mapping[str, Any], place: Place, short: str, owner: str, depth: int
    ) -> str:
        key, name = self.key(place), self.named(config, one, place, short)
        if short == "UserProxyAgent":
            self.services.add(Part(key, name, place, "agent", type="Person", note="a person who is asked"))
            return key if not owner else ""
        self.services.add(Part(key, name, place, "agent", (Sign("kind", short),), "Agent"))
        if config.get("system_message"):
            spot = (*place, "config", "system_message")
            own = f"{key} prompt"
            self.services.add(Part(own, f"Instructions of {name}"[:200], spot, "instructions", type="SystemPrompt"))
            self.found.links.append(Link(key, "usesPrompt", own, spot, "instructions"))
        if is_web(short) or "Surfer" in short:
            self.found.links.append(Link(key, "retrievesFrom", self.services.web(place), place, "look-up"))
        if not owner:
            self.user(key, name, place)
        self.inner(config, place, key, depth, ("model_client", "tools", "workbench", "memory", "code_executor"))
        return key

    def model(self, config: Mapping[str, Any], place: Place, short: str, owner: str) -> str:
        url = next(
            (
                config[key]
                for key in ("base_url", "azure_endpoint", "host", "endpoint")
                if isinstance(config.get(key), str)
            ),
            "",
        )
        name = config.get("model", config.get("azure_deployment"))
        endpoint = self.services.endpoint(place, short, url, counted="model")
        known = self.services.model(place, short, name if isinstance(name, str) else "", endpoint)
        if owner:
            self.services.call(owner, endpoint, place, "call of a model")
            if known:
                self.found.links.append(Link(owner, "usesModel", known, place, "use of a model"))
        self.secrets(config, place, owner or endpoint, endpoint)
        return endpoint

    def secrets(self, config: Mapping[str, Any], place: Place, holder: str, opened: str) -> None:
        for one in literal_secrets({k: v for k, v in config.items() if k != "source_code"}, (*place, "config")):
            self.services.secret(one.place, one.name, holder, opened, one.value, spot=self.key(one.place))

    def tool(
        self, config: Mapping[str, Any], one: Mapping[str, Any], place: Place, short: str, owner: str, depth: int
    ) -> str:
        key, name = self.key(place), self.named(config, one, place, short)
        self.services.add(Part(key, name, place, "tool", (Sign("kind", short),), "Tool"))
        if owner:
            self.found.links.append(call(owner, "invokes", key, place, "call"))
        if is_web(name):
            self.found.links.append(Link(key, "retrievesFrom", self.services.web(place), place, "look-up"))
        if short == "HttpTool" and isinstance(config.get("host"), str):
            host = self.services.host(f"{config.get('scheme', 'https')}://{config['host']}", place)
            if host:
                self.services.call(key, host, place, "call")
        self.secrets(config, place, key, "")
        self.inner(config, place, key, depth, ("executor",))
        return key

    def workbench(
        self, config: Mapping[str, Any], one: Mapping[str, Any], place: Place, short: str, owner: str, depth: int
    ) -> str:
        if "Mcp" not in short:
            self.inner(config, place, owner, depth, ("tools",))
            self.found.omit("workbench", place, "it only holds tools, which are taken one by one")
            return ""
        key = self.key(place)
        spot = (*place, "config", "server_params")
        params = self.reader.mapping(config.get("server_params"), spot)
        url = self.reader.word(params.get("url"), (*spot, "url"))
        at = where(url)
        args = self.reader.words(params.get("args"), (*spot, "args"))
        name = at.host if at else next((one for one in args if not one.startswith("-")), "") or "MCP server"
        zone = self.services.internet(place) if at and outside(at) else ""
        ids = (f"dns:{at.host}",) if at and not at.local else ()
        self.services.add(Part(key, name[:200], place, "workbench", type="MCPServer", boundary=zone, identifiers=ids))
        if owner:
            self.found.links.append(call(owner, "invokes", key, place, "call", encrypted=at.encrypted if at else None))
        self.secrets(params, spot, owner or key, key)
        return key

    def executor(self, config: Mapping[str, Any], place: Place, short: str, owner: str) -> str:
        key = self.key(place)
        local = "Local" in short or "Jupyter" in short
        self.services.add(
            Part(
                key,
                "Machine that runs generated code" if local else "Container for generated code",
                place,
                "code executor",
                (Sign("kind", short),),
                "Host" if local else "Sandbox",
                note="code of the model runs on the machine itself, in no sandbox" if local else "",
            )
        )
        if owner:
            self.found.links.append(Link(owner, "runsIn", key, place, "runtime"))
        return key


def _kind_of(provider: str) -> str:
    for word, kind in (
        ("teams.", "team"),
        (".agents.", "agent"),
        (".models.", "model"),
        ("workbench", "workbench"),
        (".tools.", "tool"),
        ("code_executors", "code_executor"),
    ):
        if word in provider.casefold():
            return kind
    return ""


IMPORTER = two_stage(
    ID, "AutoGen components (JSON)", sniff, gather, ("*team*.json", "*gallery*.json", "*autogen*.json")
)
