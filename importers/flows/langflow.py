"""Langflow flows: components with templates, and edges whose field names say what they mean.

Code of components is not read. Both generations: handles as maps, and as texts of the first versions. JSON only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.reading.values import Place
from importers.elements import Found
from importers.flows.assembling import assemble
from importers.flows.graph import PASSING, Credential, Edge, Flow, Node, Role, as_map, is_web, text_of
from importers.importer import two_stage
from importers.provenance import Reader
from importers.secrets import SecretValue, has_secret_shape, is_secret_name, value_kind
from importers.source import Source

ID = "langflow"
_LENT = frozenset({Role.MODEL, Role.EMBEDDING, Role.MEMORY, Role.MCP, Role.TOOL, Role.PROGRAM})
_LENT_FIELDS = frozenset(
    [
        "agent_llm",
        "llm",
        "model",
        "tools",
        "tool",
        "toolkit",
        "agent",
        "memory",
        "external_memory",
        "chat_memory",
        "embedding",
        "embeddings",
        "retriever",
        "vectorstore",
        "vector_store",
        "ingest_llm",
        "agents",
    ]
)
_ROLES: tuple[tuple[str, Role], ...] = (
    (r"note$|^note", Role.NOTE),
    (r"^ChatInput|^TextInput|^Webhook", Role.ENTRY),
    (r"^ChatOutput|^TextOutput", Role.GLUE),
    (r"MCP", Role.MCP),
    (r"Guardrail|Moderation|PromptGuard|LlamaGuard", Role.GUARDRAIL),
    (r"VectorStoreInfo|VectorStoreRouterToolkit|Toolkit$|Retriever$|SelfQuery|MultiQuery", Role.GLUE),
    (r"Agent|Crew(?!AITask)", Role.AGENT),
    (r"^Prompt|PromptTemplate|LangChainHubPrompt", Role.PROMPT),
    (r"Embedding", Role.EMBEDDING),
    (r"Memory|MessageHistory|StoreMessage|MessageStore", Role.MEMORY),
    (
        (
            r"VectorStore|^(?:Chroma|FAISS|Pinecone|Qdrant|Milvus|Weaviate|AstraDB|PGVector|pgvector|OpenSearch|Elasticsearch"
            r"|MongoDBAtlas|Cassandra|HCD|Redis|SupabaseVectorStore|Upstash|Vectara|Clickhouse|Couchbase|LocalDB)"
        ),
        Role.STORE,
    ),
    (r"PythonREPL|PythonCode|PythonFunction|CodeInterpreter|Python|RunCode|Terminal|Shell", Role.PROGRAM),
    (
        (
            r"^(?:File|Directory|URL|SQLLoader|APIRequest|WebBaseLoader|Docling|GitLoader|Confluence|S3Bucket|GoogleDrive|"
            r"Unstructured|RSS|NewsSearch|WebSearch|Knowledge|Airbyte|Firecrawl|Notion|Gmail|Outlook)"
        ),
        Role.LOADER,
    ),
    (r"Loader", Role.LOADER),
    (
        (
            r"LanguageModel|^(?:Chat)?(?:OpenAI|Anthropic|Ollama|Groq|Mistral|Cohere|GoogleGenerativeAI|AmazonBedrock|Bedrock|"
            r"AzureOpenAI|AzureChatOpenAI|HuggingFace|NVIDIA|OpenRouter|Perplexity|DeepSeek|VertexAI|LMStudio|Maritalk|xAI|"
            r"Novita|SambaNova|Qianfan|BaiduQianfan|CometAPI|WatsonX|AIML)\w*|Model(?:Component)?$"
        ),
        Role.MODEL,
    ),
    (
        r"Tool$|Tool(?:Component)?$|Calculator|Search|Serp|Wikipedia|Wolfram|Composio|Yahoo|Arxiv|Tavily|Glean",
        Role.TOOL,
    ),
    (r"Chain$|SmartFunction|LLMRouter|BatchRun|StructuredOutput|GuardrailsAI", Role.STEP),
)


def sniff(source: Source) -> bool:
    """Whether a file is a flow of Langflow."""
    value = source.value
    held = value.get("data") if isinstance(value, dict) else None
    nodes = held.get("nodes") if isinstance(held, dict) else None
    if not isinstance(nodes, list) or not isinstance(held, dict) or not isinstance(held.get("edges"), list):
        return False
    return any(isinstance(one, dict) and isinstance(as_map(one.get("data")).get("node"), dict) for one in nodes[:50])


def gather(source: Source) -> tuple[Found, Reader]:
    """The flow's components and ways; code of components is neither read nor run."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    held = reader.mapping(value.get("data"), ("data",))
    flow = Flow(
        reader.name(value.get("name"), ("name",)) or "Langflow flow",
        "Langflow",
        description=reader.word(value.get("description"), ("description",))[:1_000],
    )
    edges = list(_edges(reader, held))
    fed = {target for _, target, field, _ in edges if field in ("input_value", "message", "messages", "prompt")}
    filled = {target for _, target, field, _ in edges if field in ("ingest_data", "documents", "add_documents")}
    for place, one in reader.entries(held.get("nodes"), ("data", "nodes")):
        node = _node(reader, place, one, fed, filled)
        flow.nodes.setdefault(node.id, node)
    for origin, target, field, place in edges:
        first, second = flow.nodes.get(origin), flow.nodes.get(target)
        if first is None or second is None:
            continue
        lent = first.role in _LENT and second.role not in PASSING and (not field or field in _LENT_FIELDS)
        lent = lent or (
            field in _LENT_FIELDS and first.role in (Role.STORE, Role.AGENT, Role.LOADER, Role.GLUE, Role.STEP)
        )
        lent = lent or (not field and first.role is Role.STORE)
        flow.edges.append(Edge(origin, target, place, lent))
    return assemble(flow, reader), reader


def _edges(reader: Reader, held: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Place]]:
    """Source, target and the name of the field that it goes into; of old files the second part of the handle."""
    for place, one in reader.entries(held.get("edges"), ("data", "edges")):
        handle = as_map(one.get("data")).get("targetHandle") or one.get("targetHandle")
        field = ""
        if isinstance(handle, dict):
            field = text_of(handle.get("fieldName"))
        elif isinstance(handle, str):
            found = re.search(r"fieldName[œ\"]+:[œ\"]+(\w+)", handle[:2_000])
            parts = handle.split("|")
            field = found[1] if found else (parts[1] if len(parts) == 3 else "")
        yield (
            reader.word(one.get("source"), (*place, "source")),
            reader.word(one.get("target"), (*place, "target")),
            field.strip(),
            place,
        )


def _node(reader: Reader, place: Place, one: Mapping[str, Any], fed: set[str], filled: set[str]) -> Node:
    data = reader.mapping(one.get("data"), (*place, "data"))
    body = as_map(data.get("node"))
    template = as_map(body.get("template"))
    type_ = text_of(data.get("type"), one.get("type"))[:200]
    id_ = reader.word(one.get("id"), (*place, "id")) or text_of(data.get("id")) or str(place[-1])
    name = (text_of(body.get("display_name"), data.get("display_name")) or type_ or id_)[:200]

    def field(*names: str) -> str:
        return text_of(*(as_map(template.get(each)).get("value") for each in names))

    role = _role(type_, body, template)
    if role is Role.MODEL and id_ in fed:
        role = Role.STEP
    if one.get("type") == "noteNode":
        role = Role.NOTE
    if role in (Role.LOADER, Role.STORE, Role.STEP, Role.AGENT) and body.get("tool_mode") is True:
        role = Role.TOOL if role is Role.LOADER else role
    chosen = as_map(template.get("model")).get("value")
    picked = chosen[0] if isinstance(chosen, list) and chosen and isinstance(chosen[0], dict) else {}
    url = field(
        "base_url",
        "api_base",
        "url",
        "opensearch_url",
        "elasticsearch_url",
        "host",
        "api_endpoint",
        "server_url",
        "ollama_base_url",
        "endpoint",
        "azure_endpoint",
        "connection_string",
        "pg_server",
    )
    said = field("provider", "agent_llm", "model_provider") or text_of(picked.get("provider"))
    if role in (Role.MODEL, Role.EMBEDDING):
        said = said or type_
    elif role is Role.STEP:
        said = said or (type_ if _role(type_, body, template) is Role.MODEL else "")
    elif role is not Role.AGENT:
        said = type_
    spot = " ".join(
        filter(
            None,
            (
                url if url else field("host"),
                field("collection_name", "index_name", "table_name", "persist_directory", "database_name"),
            ),
        )
    )
    credentials = tuple(_secrets(template, (*place, "data", "node", "template"), id_))
    return Node(
        id_,
        name,
        type_,
        place,
        role,
        said=said,
        model=field("model_name", "model", "model_id", "deployment", "azure_deployment") or text_of(picked.get("name")),
        url="" if role in (Role.LOADER, Role.GLUE) else url,
        spot=(spot or id_) if role is Role.STORE else spot,
        credentials=credentials,
        instructed=bool(field("system_prompt", "system_message")),
        writes=role is Role.STORE and id_ in filled,
        web=role in (Role.TOOL, Role.LOADER) and is_web(type_),
        open_to="user" if role is Role.ENTRY else "",
    )


def _role(type_: str, body: Mapping[str, Any], template: Mapping[str, Any]) -> Role:
    for pattern, role in _ROLES:
        if re.search(pattern, type_):
            return role
    said = body.get("base_classes")
    classes = said if isinstance(said, list) else []
    for name, role in (
        ("LanguageModel", Role.MODEL),
        ("Embeddings", Role.EMBEDDING),
        ("BaseTool", Role.TOOL),
        ("Tool", Role.TOOL),
        ("VectorStore", Role.STORE),
    ):
        if name in classes:
            return role
    keeps = any(as_map(one).get("password") is True for one in list(template.values())[:200])
    return Role.SERVICE if keeps else Role.GLUE


def _secrets(template: Mapping[str, Any], place: Place, node: str) -> Iterator[Credential]:
    """Secrets of a component: by the name of a variable of Langflow, or, where they stand in the file, by the field."""
    for key, one in list(template.items())[:500]:
        entry = as_map(one)
        value = entry.get("value")
        if key == "code" or not entry:
            continue
        if isinstance(value, str) and value:
            if entry.get("load_from_db") is True and (entry.get("password") is True or is_secret_name(str(key))):
                yield Credential(value[:200], (*place, key, "value"), f"variable {value[:200]}", SecretValue.VARIABLE)
            elif has_secret_shape(value) or (
                (entry.get("password") is True or is_secret_name(str(key))) and value_kind(value) is SecretValue.LITERAL
            ):
                yield Credential(str(key)[:100], (*place, key, "value"), f"{key} {node}", SecretValue.LITERAL)
        elif isinstance(value, list | dict):
            for each in (value if isinstance(value, list) else [value])[:100]:
                held = as_map(each)
                named = text_of(held.get("key"), held.get("name"))
                inner = held.get("value")
                pairs = [(named, inner)] if named else list(held.items())[:50]
                for word, secret in pairs:
                    if isinstance(secret, str) and (is_secret_name(str(word)) or has_secret_shape(secret)):
                        yield Credential(str(word)[:100], (*place, key, "value"), f"{word} {node}", value_kind(secret))


IMPORTER = two_stage(ID, "Langflow flow (JSON)", sniff, gather, ("*langflow*.json", "flow*.json", "*flow*.json"))
