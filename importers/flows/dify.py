"""Dify apps (DSL in YAML): workflows and chatflows as graphs, and agents and assistants by their settings.

Old and new versions of the DSL; code nodes are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphmodel.reading.values import Place
from importers.elements import Found, Link, Measure, Part, Sign
from importers.flows.assembling import RUNTIME, assemble
from importers.flows.graph import (
    TAKING,
    Credential,
    Edge,
    Flow,
    Node,
    Role,
    as_map,
    is_web,
    literal_secrets,
    reads,
    text_of,
)
from importers.importer import two_stage
from importers.provenance import Reader
from importers.secrets import is_secret_name, value_kind
from importers.services import where
from importers.source import Source

ID = "dify"
_ROLES = {
    "start": Role.ENTRY,
    "trigger-webhook": Role.ENTRY,
    "llm": Role.STEP,
    "question-classifier": Role.STEP,
    "parameter-extractor": Role.STEP,
    "agent": Role.AGENT,
    "tool": Role.TOOL,
    "knowledge-retrieval": Role.GLUE,
    "http-request": Role.SERVICE,
    "human-input": Role.APPROVAL,
    "trigger-plugin": Role.MESSAGES,
    "datasource": Role.LOADER,
    "knowledge-index": Role.STORE,
}
_GLUE = frozenset(
    [
        "end",
        "answer",
        "code",
        "template-transform",
        "if-else",
        "variable-aggregator",
        "variable-assigner",
        "assigner",
        "iteration",
        "iteration-start",
        "loop",
        "loop-start",
        "loop-end",
        "list-operator",
        "document-extractor",
        "trigger-schedule",
    ]
)
_PIECES = 500  # tools and data sets of one node that are read
_VALUES = 5_000  # settings of one node that are looked through for variables
_LONGEST_TEXT = 50_000  # of one setting, in characters
_VARIABLE = re.compile(r"\{\{#([\w-]{1,64})\.")
_MODES = frozenset({"workflow", "advanced-chat", "agent-chat", "chat", "completion", "channel", "rag-pipeline"})


def sniff(source: Source) -> bool:
    """Whether a file is an app of Dify."""
    value = source.value
    if not isinstance(value, dict):
        return False
    app = as_map(value.get("app"))
    named = value.get("kind") in ("app", "rag_pipeline") or app.get("mode") in _MODES
    return named and (isinstance(value.get("workflow"), dict) or isinstance(value.get("model_config"), dict))


def gather(source: Source) -> tuple[Found, Reader]:
    """The app's nodes and ways."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    app = reader.mapping(value.get("app", value.get("rag_pipeline")), ("app",))
    flow = Flow(
        reader.name(app.get("name"), ("app", "name")) or "Dify app",
        "Dify",
        description=reader.word(app.get("description"), ("app", "description"))[:1_000],
    )
    workflow = reader.mapping(value.get("workflow"), ("workflow",))
    if workflow:
        graph = reader.mapping(workflow.get("graph"), ("workflow", "graph"))
        for place, one in reader.entries(graph.get("nodes"), ("workflow", "graph", "nodes")):
            _node(flow, reader, place, one)
        for place, one in reader.entries(graph.get("edges"), ("workflow", "graph", "edges")):
            ends = [reader.word(one.get(end), (*place, end)) for end in ("source", "target")]
            flow.edges.append(Edge(ends[0], ends[1], place))
    config = reader.mapping(value.get("model_config"), ("model_config",))
    if config:
        _assistant(flow, reader, config)
    _hearing(flow)
    found = assemble(flow, reader)
    _secrets(found, reader, workflow)
    _filters(
        found, as_map(workflow.get("features")) or config, ("workflow", "features") if workflow else ("model_config",)
    )
    _plugins(found, reader, value)
    return found, reader


def _node(flow: Flow, reader: Reader, place: Place, one: Mapping[str, Any]) -> None:
    data = reader.mapping(one.get("data"), (*place, "data"))
    at = (*place, "data")
    type_ = text_of(data.get("type"))
    id_ = reader.word(one.get("id"), (*place, "id")) or str(place[-1])
    title = (text_of(data.get("title")) or type_ or id_)[:200]
    role = _ROLES.get(type_, Role.GLUE if type_ in _GLUE else Role.SERVICE) if type_ else Role.NOTE
    model = as_map(data.get("model"))
    agent = as_map(data.get("agent_parameters"))
    picked = as_map(as_map(agent.get("model")).get("value"))
    provider = text_of(model.get("provider"), picked.get("provider"))
    credentials = tuple(literal_secrets({k: data[k] for k in ("headers", "authorization") if k in data}, at))
    headers = text_of(data.get("headers"))
    if re.search(r"^(?:authorization|x-api-key|api-key)\s*:\s*(?!\{\{)\S", headers, re.IGNORECASE | re.MULTILINE):
        credentials += (Credential("credential in the headers", (*at, "headers"), f"headers {id_}"),)
    node = Node(
        id_,
        title,
        f"dify:{type_}",
        place,
        role,
        said=provider.rsplit("/", 1)[-1] if provider else "",
        model=text_of(model.get("name"), picked.get("model"), picked.get("name")),
        url=text_of(data.get("url")) if role is Role.SERVICE else "",
        credentials=credentials,
        writes=role is Role.SERVICE and text_of(data.get("method")).casefold() in ("post", "put", "patch", "delete"),
        instructed=bool(text_of(as_map(agent.get("instruction")).get("value"))),
        web=role is Role.TOOL and is_web(text_of(data.get("provider_name")) + " " + text_of(data.get("tool_name"))),
        open_to="user" if role is Role.ENTRY else "",
        hears=frozenset(_named(data)),
    )
    if role is Role.TOOL:
        node = _tool(data, at, title, id_)
    flow.nodes.setdefault(id_, node)
    for number, dataset in enumerate(_list(data.get("dataset_ids"))):
        if isinstance(dataset, str) and dataset:
            own = f"dataset {dataset}"
            spot = (*at, "dataset_ids", number)
            flow.nodes.setdefault(
                own, Node(own, f"Knowledge {dataset[:8]}", "dify:dataset", spot, Role.KNOWLEDGE, spot=own)
            )
            flow.edges.append(Edge(own, id_, spot))
    for name in ("tools", "mcp_server", "mcp_servers", "mcp_servers_config", "servers_config"):
        _lend(flow, as_map(agent.get(name)).get("value"), (*at, "agent_parameters", name, "value"), id_, name)
    if as_map(data.get("memory")) and role is Role.AGENT:
        memory = f"memory {id_}"
        flow.nodes.setdefault(memory, Node(memory, "Conversation memory", "dify:memory", (*at, "memory"), Role.MEMORY))
        flow.edges.append(Edge(memory, id_, (*at, "memory"), True))


def _named(data: Mapping[str, Any]) -> Iterator[str]:
    """The nodes whose variables stand in the settings of a node, ``sys`` for what the user said."""
    stack: list[Any] = [data]
    left = _VALUES
    while stack and left > 0:
        left -= 1
        one = stack.pop()
        if isinstance(one, str):
            yield from _VARIABLE.findall(one[:_LONGEST_TEXT])
        elif isinstance(one, dict):
            stack.extend(one.values())
        elif isinstance(one, list):
            if 2 <= len(one) <= 5 and all(isinstance(part, str) for part in one):
                yield one[0]
            stack.extend(one)


def _hearing(flow: Flow) -> None:
    """What a node is given by others that only arrange content is what those are given."""
    entries = frozenset(one.id for one in flow.nodes.values() if one.role is Role.ENTRY)
    for node in list(flow.nodes.values()):
        if node.role not in TAKING or node.hears is None:
            continue
        seen, stack = set(node.hears), list(node.hears)
        while stack:
            there = flow.nodes.get(stack.pop())
            if there is not None and there.role is Role.GLUE and there.hears:
                stack.extend(there.hears - seen)
                seen |= there.hears
        flow.nodes[node.id] = replace(node, hears=frozenset(seen | entries if "sys" in seen else seen))


def _list(value: Any) -> list[Any]:
    return value[:_PIECES] if isinstance(value, list) else []


def _tool(data: Mapping[str, Any], at: Place, title: str, id_: str) -> Node:
    provider = text_of(data.get("provider_name"), data.get("provider_id")).rsplit("/", 1)[-1]
    kind = text_of(data.get("provider_type"), data.get("type"))
    role = Role.MCP if kind == "mcp" else Role.TOOL
    name = text_of(data.get("tool_label"), data.get("tool_name")) or title
    return Node(
        id_,
        name[:200],
        f"dify:tool:{provider}",
        at[:-1] if at[-1:] == ("data",) else at,
        role,
        spot=text_of(data.get("tool_name")) or title,
        web=is_web(f"{provider} {text_of(data.get('tool_name'))}"),
        note=f"a tool of {provider}" if provider else "",
        channel=provider if reads(text_of(data.get("tool_name"))) else "",
    )


def _lend(flow: Flow, value: Any, place: Place, user: str, what: str) -> None:
    """Tools and MCP servers that stand in the settings of an agent."""
    if isinstance(value, str) and value.strip() and what != "tools":
        at = where(value) if "://" in value[:200] and value.lstrip()[:1] != "{" else None
        name = at.host if at else "MCP servers of the agent"
        own = f"{user} {what}"
        kept = (Credential("credential in the address", place, f"address {user}"),) if _keyed(value) else ()
        url = f"{at.scheme}://{at.host}" if at else ""
        flow.nodes.setdefault(own, Node(own, name, "dify:mcp", place, Role.MCP, url=url, credentials=kept))
        flow.edges.append(Edge(own, user, place, True))
    for number, one in enumerate(_list(value)):
        entry = as_map(one)
        if not entry or entry.get("enabled") is False:
            continue
        own = f"{user} tool {number}"
        flow.nodes.setdefault(own, _tool(entry, (*place, number), "tool", own))
        flow.edges.append(Edge(own, user, (*place, number), True))


def _keyed(url: str) -> bool:
    return (
        re.search(r"[?&](?:key|api_?key|token|access_token|secret)=(?!\{\{)[^&\s]+", url[:2_000], re.IGNORECASE)
        is not None
    )


def _assistant(flow: Flow, reader: Reader, config: Mapping[str, Any]) -> None:
    """An app without a graph: one model with instructions, tools and data sets."""
    at: Place = ("model_config",)
    model = reader.mapping(config.get("model"), (*at, "model"))
    mode = as_map(config.get("agent_mode"))
    tools = [one for one in _list(mode.get("tools")) if as_map(one).get("enabled") is not False]
    agent = mode.get("enabled") is True and bool(tools)
    said = text_of(model.get("provider")).rsplit("/", 1)[-1]
    role = Role.AGENT if agent else Role.STEP
    flow.nodes["app"] = Node(
        "app",
        flow.title,
        f"dify:{role}",
        at,
        role,
        said=said,
        model=text_of(model.get("name")),
        instructed=bool(text_of(config.get("pre_prompt"))),
    )
    flow.nodes["entry"] = Node("entry", "Chat", "dify:start", at, Role.ENTRY, open_to="user")
    flow.edges.append(Edge("entry", "app", at))
    _lend(flow, tools, (*at, "agent_mode", "tools"), "app", "tools")
    held = as_map(as_map(config.get("dataset_configs")).get("datasets"))
    spot = (*at, "dataset_configs", "datasets", "datasets")
    for number, one in enumerate(_list(held.get("datasets"))):
        dataset = text_of(as_map(as_map(one).get("dataset")).get("id"))
        if dataset:
            own = f"dataset {dataset}"
            node = Node(own, f"Knowledge {dataset[:8]}", "dify:dataset", (*spot, number), Role.KNOWLEDGE, spot=own)
            flow.nodes.setdefault(own, node)
            flow.edges.append(Edge(own, "app", (*spot, number)))


def _secrets(found: Found, reader: Reader, workflow: Mapping[str, Any]) -> None:
    entries = reader.entries(workflow.get("environment_variables"), ("workflow", "environment_variables"))
    for place, one in entries:
        name = reader.name(one.get("name"), (*place, "name"))
        if name and (one.get("value_type") == "secret" or is_secret_name(name)):
            note = f"the value {value_kind(one.get('value'))}"
            found.parts.append(Part(f"secret {name}", name, place, "secret", type="Secret", note=note))
            found.links.append(Link(RUNTIME, "usesSecret", f"secret {name}", place, "secret"))


def _filters(found: Found, features: Mapping[str, Any], place: Place) -> None:
    """Dify's own moderation of inputs and outputs, where it is switched on."""
    held = as_map(features.get("sensitive_word_avoidance"))
    if held.get("enabled") is not True:
        return
    guarded = tuple(one.key for one in found.parts if one.kind == "model endpoint")
    settings = as_map(held.get("config"))
    for side, control in (("inputs_config", "input-guardrail"), ("outputs_config", "output-guardrail")):
        if as_map(settings.get(side)).get("enabled") is True and guarded:
            name = f"Moderation of {side.removesuffix('_config')} ({text_of(held.get('type')) or 'kind not said'})"
            at = (*place, "sensitive_word_avoidance", "config", side)
            found.measures.append(Measure(f"moderation {side}", name, at, "moderation", control, guarded))


def _plugins(found: Found, reader: Reader, value: Mapping[str, Any]) -> None:
    for place, one in reader.entries(value.get("dependencies"), ("dependencies",)):
        held = as_map(one.get("value"))
        said = text_of(
            held.get("marketplace_plugin_unique_identifier"),
            held.get("plugin_unique_identifier"),
            held.get("github_plugin_unique_identifier"),
        )
        if not said:
            found.omit("plugin", place, "it is not named")
            continue
        name = said.split("@", 1)[0]
        note = "pinned by its hash" if "@" in said else "not pinned"
        found.parts.append(
            Part(
                f"plugin {name}",
                name[:200],
                place,
                "plugin",
                (Sign("node", f"dify:plugin:{name}"),),
                "SoftwarePackage",
                note=note,
            )
        )
        found.links.append(Link(RUNTIME, "usesPackage", f"plugin {name}", place, "plugin"))


IMPORTER = two_stage(ID, "Dify app (YAML)", sniff, gather, ("*.yml", "*.yaml"))
