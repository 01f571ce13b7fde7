"""Agents and workflows of the Microsoft Agent Framework and Foundry (YAML): ``kind: Prompt`` and ``kind: Workflow``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.reading.values import Place
from importers.elements import Attacker, Found, Ground, Link, Measure, Part, Sign, call
from importers.importer import two_stage
from importers.provenance import Reader
from importers.services import Services, outside, where
from importers.source import Source

ID = "foundry-agent"
AGENT = "agent"
_ACTIONS = 20_000


def sniff(source: Source) -> bool:
    """Whether a file is an agent or a workflow of the Agent Framework."""
    value = source.value
    if not isinstance(value, dict):
        return False
    if value.get("kind") in ("Prompt", "Hosted"):
        return bool({"instructions", "model", "tools"} & set(value))
    trigger = value.get("trigger")
    return value.get("kind") == "Workflow" and isinstance(trigger, dict) and "actions" in trigger


def gather(source: Source) -> tuple[Found, Reader]:
    """The agent with model and tools, or the agents that a workflow calls."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    workflow = value.get("kind") == "Workflow"
    name = reader.name(value.get("name"), ("name",)) or ("Workflow" if workflow else "Agent")
    found = Found(name, reader.word(value.get("description"), ("description",))[:1_000])
    services = Services(found)
    services.add(
        Part(AGENT, name, (), "workflow" if workflow else "agent", type="Orchestrator" if workflow else "Agent")
    )
    found.attackers.append(
        Attacker("user", f"User of {name}"[:200], (), "user", ActorKind.USER, starts=((AGENT, Capability.REACH),))
    )
    if workflow:
        _workflow(found, services, reader, value)
    else:
        _agent(found, services, reader, value)
    return found, reader


def _agent(found: Found, services: Services, reader: Reader, value: Mapping[str, Any]) -> None:
    if value.get("instructions"):
        services.add(Part("prompt", "Instructions", ("instructions",), "instructions", type="SystemPrompt"))
        found.links.append(Link(AGENT, "usesPrompt", "prompt", ("instructions",), "instructions"))
    model = value.get("model")
    held = reader.mapping({"id": model} if isinstance(model, str) else model, ("model",))
    if held:
        place: Place = ("model",)
        connection = reader.mapping(held.get("connection"), (*place, "connection"))
        said = reader.word(held.get("provider"), (*place, "provider")) or "Microsoft Foundry"
        url = reader.word(connection.get("endpoint"), (*place, "connection", "endpoint"))
        endpoint = services.endpoint(place, said, url)
        services.call(AGENT, endpoint, place, "model")
        known = services.model(place, said, reader.word(held.get("id"), (*place, "id")), endpoint)
        if known:
            found.links.append(Link(AGENT, "usesModel", known, place, "model"))
    tools = reader.entries(value.get("tools"), ("tools",))
    for place, one in tools:
        _tool(found, services, reader, place, one, len(tools) == 1)


def _tool(found: Found, services: Services, reader: Reader, place: Place, one: Mapping[str, Any], alone: bool) -> None:
    kind = reader.word(one.get("kind", one.get("type")), (*place, "kind"))
    name = reader.name(one.get("name"), (*place, "name")) or kind or "tool"
    key = f"tool {name} {place[-1]}"
    url = reader.word(one.get("url", one.get("serverUrl")), (*place, "url"))
    at = where(url)
    if kind.casefold() in ("file_search", "filesearch"):
        services.add(Part(key, name, place, "tool", type="KnowledgeBase"))
        found.links.append(Link(AGENT, "retrievesFrom", key, place, "call"))
        return
    mcp = kind.casefold() == "mcp"
    zone = services.internet(place) if mcp and at and outside(at) else ""
    ids = (f"dns:{at.host}",) if mcp and at and not at.local else ()
    services.add(
        Part(
            key,
            name,
            place,
            "tool",
            (Sign("kind", kind),),
            "MCPServer" if mcp else "Tool",
            boundary=zone,
            identifiers=ids,
        )
    )
    encrypted = at.encrypted if at else None
    found.links.append(call(AGENT, "invokes", key, place, "call", encrypted=encrypted))
    if kind.casefold() in ("web_search", "websearch", "bing_grounding", "bing_custom_search"):
        found.links.append(Link(key, "retrievesFrom", services.web(place), place, "look-up"))
    if kind.casefold() in ("code_interpreter", "codeinterpreter"):
        services.add(Part("sandbox", "Sandbox of the code interpreter", place, "runtime", type="Sandbox"))
        found.links.append(Link(key, "runsIn", "sandbox", place, "runtime"))
    allowed = reader.words(one.get("allowedTools"), (*place, "allowedTools")) if mcp else []
    if allowed:
        found.measures.append(
            Measure(
                f"allowed {key}",
                f"Only the tools {', '.join(allowed)}"[:200],
                (*place, "allowedTools"),
                "allowed tools",
                "tool-allowlist",
                (key,),
            )
        )
    approval = one.get("approvalMode")
    mode = approval.get("kind") if isinstance(approval, dict) else approval
    if mode == "always":
        found.measures.append(
            Measure(
                f"approval {key}",
                f"Approval of every call of {name}"[:200],
                (*place, "approvalMode"),
                "approval",
                "human-approval" if alone else None,
                (AGENT,),
            )
        )


def _workflow(found: Found, services: Services, reader: Reader, value: Mapping[str, Any]) -> None:
    for place, one in _actions(value.get("trigger"), ("trigger",)):
        kind = one.get("kind")
        if kind in ("InvokeAzureAgent", "InvokeAgent"):
            held = one.get("agent")
            name = reader.name(held.get("name") if isinstance(held, dict) else held, (*place, "agent"))
            name = name.removeprefix("=").removeprefix("Env.")
            if not name or "(" in name or name.startswith("Local."):
                found.omit("call of an agent", place, "which agent it is is decided when it runs")
                continue
            key = f"agent {name}"
            services.add(Part(key, name, place, "agent", type="Agent", ground=Ground.REFERENCE))
            found.links.append(call(AGENT, "delegatesTo", key, place, "call of an agent"))
        elif kind == "InvokeMcpTool":
            url = reader.word(one.get("serverUrl"), (*place, "serverUrl"))
            name = reader.name(one.get("serverLabel", one.get("serverName")), (*place, "serverLabel")) or "MCP server"
            at = where(url)
            key = f"mcp {name} {url}"
            zone = services.internet(place) if at and outside(at) else ""
            ids = (f"dns:{at.host}",) if at and not at.local else ()
            services.add(Part(key, name, place, "MCP server", type="MCPServer", boundary=zone, identifiers=ids))
            found.links.append(call(AGENT, "invokes", key, place, "call"))
        elif isinstance(kind, str):
            found.omit("action", place, "it steers the workflow and calls nobody")


def _actions(value: Any, place: Place) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Every action of a workflow, however deep it lies in conditions and loops."""
    left, stack = _ACTIONS, [(place, value)]
    while stack and left:
        at, one = stack.pop()
        left -= 1
        inner = list(one.items()) if isinstance(one, dict) else list(enumerate(one)) if isinstance(one, list) else []
        if isinstance(one, dict) and at and isinstance(at[-1], int) and "kind" in one:
            yield at, one
        stack.extend(((*at, key), each) for key, each in reversed(inner) if isinstance(each, dict | list))


IMPORTER = two_stage(
    ID, "agent or workflow of the Microsoft Agent Framework (YAML)", sniff, gather, ("*agent*.yaml", "*workflow*.yaml")
)
