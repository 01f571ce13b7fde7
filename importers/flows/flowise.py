"""Flowise flows: chatflows, in which parts are lent to chains and agents, and agentflows with all in their settings.

JSON only; code of tools is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.reading.json_text import read_json
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Place
from importers.elements import Found
from importers.flows.assembling import assemble
from importers.flows.graph import Credential, Edge, Flow, Node, Role, as_map, is_web, literal_secrets, text_of
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "flowise"
_CATEGORIES = {
    "chat models": Role.MODEL,
    "llms": Role.MODEL,
    "embeddings": Role.EMBEDDING,
    "vector stores": Role.STORE,
    "memory": Role.MEMORY,
    "tools": Role.TOOL,
    "tools (mcp)": Role.MCP,
    "mcp": Role.MCP,
    "document loaders": Role.LOADER,
    "prompts": Role.PROMPT,
    "moderation": Role.GUARDRAIL,
    "agents": Role.AGENT,
    "multi agents": Role.AGENT,
    "sequential agents": Role.AGENT,
    "chains": Role.STEP,
    "engine": Role.STEP,
    "cache": Role.SERVICE,
    "graph": Role.SERVICE,
    "record manager": Role.SERVICE,
}
_GLUE = frozenset({"text splitters", "output parsers", "retrievers", "utilities", "response synthesizer"})
_NAMES = {
    "startAgentflow": Role.ENTRY,
    "agentAgentflow": Role.AGENT,
    "llmAgentflow": Role.STEP,
    "conditionAgentAgentflow": Role.STEP,
    "toolAgentflow": Role.TOOL,
    "retrieverAgentflow": Role.GLUE,
    "httpAgentflow": Role.SERVICE,
    "customFunctionAgentflow": Role.GLUE,
    "humanInputAgentflow": Role.APPROVAL,
    "stickyNoteAgentflow": Role.NOTE,
    "stickyNote": Role.NOTE,
    "executeFlowAgentflow": Role.SERVICE,
    "seqStart": Role.ENTRY,
    "seqEnd": Role.GLUE,
    "seqCondition": Role.GLUE,
    "seqToolNode": Role.GLUE,
    "seqState": Role.GLUE,
    "seqLLMNode": Role.STEP,
    "codeInterpreterE2B": Role.PROGRAM,
    "customTool": Role.PROGRAM,
    "pythonInterpreter": Role.PROGRAM,
    "customFunction": Role.GLUE,
    "chatflowTool": Role.TOOL,
    "customMCP": Role.MCP,
    "retrieverTool": Role.TOOL,
}
_ENTRY = "entry of the chat"
_PIECES = 200  # tools, stores and headers of one node that are read


def sniff(source: Source) -> bool:
    """Whether a file is a flow of Flowise."""
    value = source.value
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("nodes"), list)
        or not isinstance(value.get("edges"), list)
    ):
        return False
    marks = {"inputAnchors", "inputParams", "baseClasses", "category"}
    return any(isinstance(one, dict) and marks & set(as_map(one.get("data"))) for one in value["nodes"][:50])


def gather(source: Source) -> tuple[Found, Reader]:
    """The flow's nodes and ways."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    title = reader.name(value.get("name"), ("name",)) or source.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    description = reader.word(value.get("description"), ("description",))[:1_000]
    flow = Flow(title or "Flowise flow", "Flowise", description=description)
    agentflow = False
    for place, one in reader.entries(value.get("nodes"), ("nodes",)):
        data = reader.mapping(one.get("data"), (*place, "data"))
        node = _node(reader, place, one, data)
        flow.nodes.setdefault(node.id, node)
        agentflow = agentflow or one.get("type") == "agentFlow"
        _settings(flow, node, place, as_map(data.get("inputs")))
    lent_any: set[str] = set()
    for place, one in reader.entries(value.get("edges"), ("edges",)):
        ends = [reader.word(one.get(end), (*place, end)) for end in ("source", "target")]
        first, second = flow.nodes.get(ends[0]), flow.nodes.get(ends[1])
        if first is None or second is None:
            continue
        lent = not agentflow and first.role not in (Role.ENTRY, Role.GUARDRAIL)
        if lent and first.role is Role.LOADER and second.role is Role.STORE:
            lent = False
        if lent and first.role is Role.AGENT and second.name == first.name:
            lent = False
        lent_any.add(first.id)
        flow.edges.append(Edge(first.id, second.id, place, lent))
    if not agentflow and not any(one.role is Role.ENTRY for one in flow.nodes.values()):
        _chat(flow, lent_any)
    return assemble(flow, reader), reader


def _chat(flow: Flow, lent: set[str]) -> None:
    """A chatflow ends in the chain or agent that answers the chat; the chat itself is no node."""
    ends = [one for one in flow.nodes.values() if one.role in (Role.AGENT, Role.STEP) and one.id not in lent]
    if ends:
        flow.nodes[_ENTRY] = Node(_ENTRY, "Chat", _ENTRY, ends[0].place, Role.ENTRY, open_to="user")
        flow.edges.extend(Edge(_ENTRY, one.id, one.place) for one in ends)


def _node(reader: Reader, place: Place, one: Mapping[str, Any], data: Mapping[str, Any]) -> Node:
    type_ = text_of(data.get("name"), one.get("type"))[:200]
    id_ = reader.word(one.get("id"), (*place, "id")) or text_of(data.get("id")) or str(place[-1])
    inputs = as_map(data.get("inputs"))
    category = text_of(data.get("category")).casefold()
    role = _NAMES.get(type_)
    if role is None:
        role = Role.GLUE if category in _GLUE else _CATEGORIES.get(category, Role.GLUE)
    if type_.casefold().endswith("mcp"):
        role = Role.MCP
    config = next((as_map(inputs[key]) for key in inputs if key.endswith("ModelConfig")), {})
    said = next(
        (text_of(inputs[key]) for key in inputs if re.fullmatch(r"\w*(?:agent|llm|conditionAgent)Model", key)), ""
    )
    url = text_of(
        *(
            inputs.get(key)
            for key in (
                "baseUrl",
                "basepath",
                "baseURL",
                "basePath",
                "qdrantServerUrl",
                "chromaURL",
                "weaviateHost",
                "milvusServerUrl",
                "host",
                "url",
                "supabaseProjUrl",
                "opensearchURL",
                "cloudId",
                "httpUrl",
            )
        ),
        config.get("baseUrl"),
        config.get("basepath"),
        config.get("basePath"),
    )
    spot = text_of(
        *(
            inputs.get(key)
            for key in (
                "collectionName",
                "qdrantCollection",
                "indexName",
                "pineconeIndex",
                "milvusCollection",
                "weaviateIndex",
                "tableName",
                "basePath",
                "keyspace",
            )
        )
    )
    return Node(
        id_,
        (text_of(data.get("label"), data.get("name")) or id_)[:200],
        type_,
        place,
        role,
        said=said if role in (Role.AGENT, Role.STEP) else type_,
        model=text_of(
            config.get("customModelName"),
            config.get("modelName"),
            config.get("model"),
            inputs.get("modelName"),
            inputs.get("customModelName"),
            inputs.get("model") if role in (Role.MODEL, Role.EMBEDDING) else "",
        ),
        url=url if "{{" not in url else "",
        spot=f"{url} {spot}".strip() or id_,
        credentials=tuple(_credentials(data, inputs, place, id_)),
        instructed=bool(
            text_of(inputs.get("systemMessage"), inputs.get("agentInstructions"))
            or _has_system(inputs.get("agentMessages"))
        ),
        writes=role is Role.SERVICE
        and text_of(inputs.get("httpMethod"), inputs.get("method")).casefold() in ("post", "put", "patch", "delete"),
        web=role in (Role.TOOL, Role.LOADER) and is_web(type_),
        open_to="user" if role is Role.ENTRY else "",
        channel=re.sub(r"MCP$", "", type_) if role in (Role.TOOL, Role.MCP) else "",
    )


def _has_system(value: Any) -> bool:
    return isinstance(value, list) and any(as_map(one).get("role") in ("system", "developer") for one in value[:100])


def _credentials(data: Mapping[str, Any], inputs: Mapping[str, Any], place: Place, id_: str) -> Iterator[Credential]:
    for at, where in ((data, ("data",)), (inputs, ("data", "inputs"))):
        for key in ("credential", "FLOWISE_CREDENTIAL_ID"):
            value = at.get(key)
            if isinstance(value, str) and value:
                name = f"{text_of(data.get('label'), data.get('name')) or id_} credential"
                note = "a credential of Flowise; its value is not in the file"
                yield Credential(name[:200], (*place, *where, key), f"credential {value[:100]}", note=note)
    for key, value in inputs.items():
        if isinstance(value, dict) and (key.endswith("Config") or key == "headers"):
            yield from literal_secrets(value, (*place, "data", "inputs", key))
        elif (
            isinstance(value, str)
            and value.lstrip()[:1] == "{"
            and key in ("mcpServerConfig", "headers", "requestHeaders")
        ):
            inner = _json(value)
            yield from literal_secrets(inner, (*place, "data", "inputs", key))
    yield from literal_secrets({k: v for k, v in inputs.items() if isinstance(v, str)}, (*place, "data", "inputs"))


def _json(text: str) -> Any:
    try:
        return read_json(text.encode(), "setting").value
    except UnreadableError:
        return None


def _settings(flow: Flow, node: Node, place: Place, inputs: Mapping[str, Any]) -> None:
    """Tools, stores and memory that stand in the settings of a node of an agentflow."""

    def add(new: Node, lent: bool = True) -> None:
        flow.nodes.setdefault(new.id, new)
        flow.edges.append(Edge(new.id, node.id, new.place, lent))

    for key, value in inputs.items():
        at = (*place, "data", "inputs", key)
        if key.endswith("Tools") and isinstance(value, list):
            for number, one in enumerate(value[:_PIECES]):
                name = next((text_of(v) for k, v in as_map(one).items() if k.endswith("SelectedTool")), "")
                if name:
                    role = Role.MCP if name.casefold().endswith("mcp") else _NAMES.get(name, Role.TOOL)
                    settings = as_map(as_map(one).get("agentSelectedToolConfig"))
                    kept = tuple(_credentials({"label": name}, settings, (*at, number), f"{node.id} {name}"))
                    add(
                        Node(
                            f"{node.id} {name} {number}",
                            name[:200],
                            name,
                            (*at, number),
                            role,
                            web=is_web(name),
                            credentials=kept,
                            channel=re.sub(r"MCP$", "", name),
                        )
                    )
        elif key.endswith(("KnowledgeDocumentStores", "KnowledgeVSEmbeddings")) and isinstance(value, list):
            for number, one in enumerate(value[:_PIECES]):
                store = text_of(as_map(one).get("documentStore"), as_map(one).get("vectorStore"))
                if store:
                    name = store.split(":", 1)[-1]
                    add(
                        Node(
                            f"store {store}",
                            name[:200],
                            "documentStore",
                            (*at, number),
                            Role.KNOWLEDGE,
                            said="documentStore",
                            spot=store,
                        ),
                        node.role is not Role.GLUE,
                    )
        elif key.endswith("EnableMemory") and value is True and node.role is Role.AGENT:
            add(Node("memory of the flow", "Memory of the flow", "agentflowMemory", at, Role.MEMORY))
        elif node.type == "toolAgentflow" and key in ("toolAgentflowSelectedTool", "selectedTool") and text_of(value):
            tool = text_of(value)
            own = Node(f"{node.id} {tool}", tool[:200], tool, at, Role.TOOL, web=is_web(tool))
            add(own, True)


IMPORTER = two_stage(ID, "Flowise flow (JSON)", sniff, gather, ("*chatflow*.json", "*agentflow*.json", "*flow*.json"))
