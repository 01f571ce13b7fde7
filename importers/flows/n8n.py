"""n8n workflows: triggers, agents with models, tools and memory, and the services that the steps speak to.

Node types of the own packages follow a fixed naming (``lmChat…``, ``embeddings…``, ``…Trigger``, ``…Tool``); JSON only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphmodel.reading.values import Place
from importers.elements import Found
from importers.flows.assembling import assemble
from importers.flows.graph import Credential, Edge, Flow, Node, Role, as_map, is_web, literal_secrets, reads, text_of
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "n8n"
_GLUE = frozenset(
    [
        "start",
        "manualTrigger",
        "scheduleTrigger",
        "cron",
        "interval",
        "executeWorkflowTrigger",
        "errorTrigger",
        "workflowTrigger",
        "n8nTrigger",
        "set",
        "if",
        "switch",
        "merge",
        "filter",
        "splitInBatches",
        "splitOut",
        "itemLists",
        "aggregate",
        "summarize",
        "sort",
        "limit",
        "removeDuplicates",
        "renameKeys",
        "compareDatasets",
        "noOp",
        "stopAndError",
        "dateTime",
        "html",
        "htmlExtract",
        "markdown",
        "xml",
        "crypto",
        "jwt",
        "compression",
        "convertToFile",
        "extractFromFile",
        "spreadsheetFile",
        "moveBinaryData",
        "editImage",
        "readPDF",
        "function",
        "functionItem",
        "code",
        "executeWorkflow",
        "respondToWebhook",
        "debugHelper",
        "executionData",
        "evaluation",
        "evaluationTrigger",
        "dataTable",
        "totp",
        "documentDefaultDataLoader",
        "documentBinaryInputLoader",
        "documentJsonInputLoader",
        "outputParserAutofixing",
        "outputParserStructured",
        "outputParserItemList",
        "memoryManager",
        "toolExecutor",
        "modelSelector",
        "chat",
        "respondToChat",
    ]
)
_STEPS = frozenset(
    [
        "openAi",
        "chainLlm",
        "chainRetrievalQa",
        "chainSummarization",
        "informationExtractor",
        "textClassifier",
        "sentimentAnalysis",
        "anthropic",
        "googleGemini",
        "ollama",
        "mistralAi",
        "perplexity",
    ]
)
_PROGRAMS = frozenset({"executeCommand", "ssh", "toolCode", "pythonFunction", "codeTool", "toolThinkCode"})
_ENTRIES = frozenset({"webhook", "chatTrigger", "formTrigger", "mcpTrigger", "form"})
_CALLS = frozenset({"httpRequest", "httpRequestTool", "toolHttpRequest", "graphql", "executeCommand", "ssh"})
_ITSELF = "the workflow itself"  # what a tool calls, in place of an address
_MODEL_API = re.compile(
    r"/api/(?:generate|chat)\b|/v1/(?:chat/)?completions\b|/v1/messages\b|/v1/responses\b|:generateContent\b|/invoke-model"
)
_FILES = frozenset({"localFileTrigger", "readWriteFile", "readBinaryFile", "readBinaryFiles", "documentGithubLoader"})
_MAIL = re.compile(
    r"(?:gmail|telegram|emailReadImap|slack|discord|whatsApp|microsoftOutlook|microsoftTeams|twilio|line|"
    r"facebook|typeform|jotForm|tally|calendly|intercom|zendesk|freshdesk|helpScout|rssFeedRead|webex|"
    r"mattermost|imap)(?:Trigger)?$",
    re.IGNORECASE,
)
_WRITES = re.compile(
    r"insert|upsert|update|delete|create|append|post|send|put|patch|remove|executeQuery", re.IGNORECASE
)


def sniff(source: Source) -> bool:
    """Whether a file is a workflow of n8n."""
    value = source.value
    if not isinstance(value, dict) or not isinstance(value.get("nodes"), list):
        return False
    if not isinstance(value.get("connections"), dict):
        return False
    nodes = value["nodes"][:50]
    return not nodes or any(isinstance(one, dict) and isinstance(one.get("type"), str) for one in nodes)


def gather(source: Source) -> tuple[Found, Reader]:
    """The workflow's nodes and ways; pinned data and code are not read, nothing is run."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    flow = Flow(reader.name(value.get("name"), ("name",)) or "n8n workflow", "n8n")
    names: dict[str, str] = {}
    sub = _lent(reader, value)
    for place, one in reader.entries(value.get("nodes"), ("nodes",)):
        node = _node(reader, place, one, sub)
        names.setdefault(node.name, node.id)
        flow.nodes.setdefault(node.id, node)
    for origin, target, place, lent in _edges(reader, value):
        flow.edges.append(Edge(names.get(origin, ""), names.get(target, ""), place, lent))
    called = [each.id for each in flow.nodes.values() if each.type.endswith(".executeWorkflowTrigger")]
    for tool in [each for each in flow.nodes.values() if each.role is Role.TOOL and each.url == _ITSELF]:
        flow.nodes[tool.id] = replace(tool, url="")
        flow.edges.extend(Edge(tool.id, start, tool.place) for start in called)
    if value.get("pinData"):
        reader.report("note", ("pinData",), "pinned data are not read: they are real content of a run.")
    return assemble(flow, reader), reader


def _edges(reader: Reader, value: Mapping[str, Any]) -> Iterator[tuple[str, str, Place, bool]]:
    for origin, outs in reader.mapping(value.get("connections"), ("connections",)).items():
        for kind, ports in reader.mapping(outs, ("connections", origin)).items():
            for number, port in enumerate(ports if isinstance(ports, list) else ()):
                for index, end in enumerate(port if isinstance(port, list) else ()):
                    if isinstance(end, dict) and isinstance(end.get("node"), str):
                        place = ("connections", origin, kind, number, index)
                        yield origin, end["node"], place, kind != "main"


def _lent(reader: Reader, value: Mapping[str, Any]) -> frozenset[str]:
    """The names of nodes that are lent as tools to others."""
    return frozenset(origin for origin, _, place, lent in _edges(reader, value) if lent and place[2] == "ai_tool")


def _node(reader: Reader, place: Place, one: Mapping[str, Any], lent: frozenset[str]) -> Node:
    name = reader.name(one.get("name"), (*place, "name")) or f"node {place[-1]}"
    type_ = reader.word(one.get("type"), (*place, "type"))[:200]
    settings = as_map(one.get("parameters"))
    credentials = tuple(_credentials(reader, place, one))
    literal = tuple(literal_secrets(settings, (*place, "parameters")))
    id_ = f"{place[-1]}"
    if one.get("disabled") is True:
        return Node(
            id_,
            name,
            type_,
            place,
            Role.GLUE,
            credentials=(*credentials, *literal),
            note="it is switched off; content passes it by",
        )
    short = type_.rsplit(".", 1)[-1]
    role = _role(short, name in lent, settings)
    url = text_of(
        settings.get("url"), settings.get("baseURL"), settings.get("endpointUrl"), settings.get("sseEndpoint")
    )
    if short == "httpRequest" and _MODEL_API.search(url):
        role, type_ = Role.STEP, f"{type_} of a model"
    elif short == "toolWorkflow" and "$workflow.id" in text_of(settings.get("workflowId")):
        url = _ITSELF
    operation = text_of(settings.get("operation"), settings.get("method"), "GET" if short in _CALLS else "")
    spot = next((cred.id for cred in credentials if cred.id), "")
    product = ""
    if (
        role is Role.TOOL
        and short.endswith("Tool")
        and type_.startswith("n8n-nodes-base.")
        and short != "httpRequestTool"
    ):
        product = f"n8n-nodes-base.{short.removesuffix('Tool')}"
    elif role is Role.MEMORY and re.fullmatch(r"memory(Postgres|Redis|MongoDb|Xata|Zep|Motorhead)\w*", short):
        product = f"n8n-nodes-base.{re.sub(r'^memory|Chat$', '', short)}"
        product = product.replace("base.P", "base.p").replace("base.R", "base.r").replace("base.M", "base.m")
    if role in (Role.TOOL, Role.PROGRAM, Role.MCP) and not product:
        spot = ""
    said = short
    if role is Role.STORE:
        collection = next(
            (
                text_of(settings[key])
                for key in settings
                if re.search(r"collection|index|table|memoryKey", key, re.I) and text_of(settings[key])
            ),
            "",
        )
        said, spot = type_, f"{spot} {collection}".strip() or "one"
    elif role is Role.SERVICE:
        spot = spot or ("" if short in _CALLS else "one")
        said = re.sub(r"(?:Trigger|Tool)$", "", type_)
    elif role is Role.STEP or role is Role.AGENT:
        said = short if short in _STEPS and not short.startswith("chain") and _is_provider(short) else ""
    instructed = bool(text_of(as_map(settings.get("options")).get("systemMessage"), settings.get("text")))
    return Node(
        id_,
        name,
        type_,
        place,
        role,
        said=said,
        model=text_of(settings.get("model"), settings.get("modelName"), settings.get("modelId"))
        if role is not Role.SERVICE
        else "",
        url=url,
        spot=spot,
        product=product,
        credentials=(*credentials, *literal),
        instructed=instructed,
        reads=not operation or not re.fullmatch(r"insert|upsert|delete|create", operation, re.IGNORECASE),
        writes=settings.get("mode") in ("insert", "update", "load-insert")
        if role is Role.STORE
        else bool(_WRITES.search(operation)) or operation.startswith("="),
        web=role in (Role.TOOL, Role.SERVICE, Role.LOADER) and is_web(short) and not url,
        open_to=_open_to(short, settings) if role is Role.ENTRY else "",
        channel=(url if short in _CALLS else re.sub(r"Tool$|^microsoft", "", short)) if reads(operation) else "",
    )


def _is_provider(short: str) -> bool:
    return short in ("openAi", "anthropic", "googleGemini", "ollama", "mistralAi", "perplexity")


def _open_to(short: str, settings: Mapping[str, Any]) -> str:
    asked = text_of(settings.get("authentication")) or "none"
    if short == "chatTrigger" and settings.get("public") is not True:
        return "user"  # the chat of the editor, for those who sign in there
    return "internet" if asked == "none" else "user"


def _role(short: str, lent: bool, settings: Mapping[str, Any]) -> Role:
    if short == "stickyNote":
        return Role.NOTE
    if short.startswith("lm"):
        return Role.MODEL
    if short.startswith(("embeddings", "reranker")):
        return Role.EMBEDDING
    if short.startswith("vectorStore"):
        return Role.STORE
    if short.startswith("memory") and short != "memoryManager":
        return Role.MEMORY
    if short.startswith(("textSplitter", "retriever")):
        return Role.GLUE
    if short.startswith("agent") or short in ("openAiAssistant",):
        return Role.AGENT
    if short in ("mcpClientTool", "mcpClient"):
        return Role.MCP
    if short == "guardrails":
        return Role.GUARDRAIL
    if short == "wait" and settings.get("resume", settings.get("mode")) in ("webhook", "form"):
        return Role.APPROVAL
    if settings.get("operation") in ("sendAndWait", "sendAndWaitForApproval"):
        return Role.APPROVAL
    if short in _PROGRAMS:
        return Role.PROGRAM
    if short.startswith("tool") or (lent and short.endswith("Tool")):
        return Role.TOOL
    if short in _STEPS:
        return Role.STEP
    if short in _ENTRIES:
        return Role.ENTRY
    if (short.endswith("Trigger") and _MAIL.match(short)) or short in ("emailReadImap", "rssFeedReadTrigger"):
        return Role.MESSAGES
    if short in _FILES:
        return Role.LOADER
    return Role.GLUE if short in _GLUE or short == "wait" else Role.SERVICE


def _credentials(reader: Reader, place: Place, one: Mapping[str, Any]) -> Iterator[Credential]:
    for kind, value in reader.mapping(one.get("credentials"), (*place, "credentials")).items():
        held = as_map(value)
        name = text_of(held.get("name"), value) or kind
        note = f"a credential of n8n of the kind {kind[:60]}; its value is not in the file"
        yield Credential(
            name[:200], (*place, "credentials", kind), f"{kind} {text_of(held.get('id')) or name}", note=note
        )


IMPORTER = two_stage(ID, "n8n workflow (JSON)", sniff, gather, ("*n8n*.json", "*workflow*.json"))
