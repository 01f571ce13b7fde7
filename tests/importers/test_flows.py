"""Exports of flow tools: what content reaches which model, and what agents may call, on one core."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from graphmodel.model.system import System
from tests.golden import samples
from tests.importers.fuzzing import dependencies, flows, holds_under_mutation, read, taken, told, types

SAMPLES = samples()


def n8n_node(name: str, type_: str, **more: Any) -> dict[str, Any]:
    package = (
        "@n8n/n8n-nodes-langchain" if type_[:2] in ("ag", "lm", "em", "ve", "me", "to", "ch") else "n8n-nodes-base"
    )
    return {"name": name, "type": f"{package}.{type_}", "position": [0, 0], **more}


def to(kind: str, *names: str) -> dict[str, Any]:
    return {kind: [[{"node": name, "type": kind, "index": 0} for name in names]]}


DB = {"postgres": {"id": "7", "name": "Orders DB"}}
N8N = {
    "name": "Desk",
    "nodes": [
        n8n_node("Note", "stickyNote"),
        n8n_node("Hook", "webhook", parameters={"path": "x"}),
        n8n_node("Mail", "gmailTrigger", credentials={"gmailOAuth2": {"id": "1", "name": "Mailbox"}}),
        n8n_node("Tidy", "set"),
        n8n_node("Helper", "agent", parameters={"options": {"systemMessage": "Be kind to {{ $json.x }}"}}),
        n8n_node(
            "Model",
            "lmChatOpenAi",
            parameters={"model": {"value": "gpt-4o"}},
            credentials={"openAiApi": {"id": "2", "name": "Key"}},
        ),
        n8n_node("Old model", "lmChatAnthropic", disabled=True),
        n8n_node("Memory", "memoryPostgresChat", credentials=DB),
        n8n_node("Look up", "postgresTool", parameters={"operation": "select"}, credentials=DB),
        n8n_node("Wiki", "toolWikipedia"),
        n8n_node(
            "Docs", "vectorStoreQdrant", parameters={"mode": "retrieve-as-tool", "qdrantCollection": {"value": "d"}}
        ),
        n8n_node("Fill", "vectorStoreQdrant", parameters={"mode": "insert", "qdrantCollection": {"value": "d"}}),
        n8n_node("Embed", "embeddingsOllama", parameters={"model": "nomic"}),
        n8n_node("Ask boss", "slack", parameters={"operation": "sendAndWait"}),
        n8n_node(
            "Answer",
            "httpRequest",
            parameters={
                "url": "=https://api.shop.example/{{ $json.id }}",
                "method": "POST",
                "headerParameters": {"parameters": [{"name": "Authorization", "value": "Bearer abcdefgh12345"}]},
            },
        ),
    ],
    "connections": {
        "Hook": to("main", "Tidy"),
        "Mail": to("main", "Fill"),
        "Tidy": to("main", "Helper"),
        "Model": to("ai_languageModel", "Helper"),
        "Old model": to("ai_languageModel", "Helper"),
        "Memory": to("ai_memory", "Helper"),
        "Look up": to("ai_tool", "Helper"),
        "Wiki": to("ai_tool", "Helper"),
        "Docs": to("ai_tool", "Helper"),
        "Embed": to("ai_embedding", "Docs", "Fill"),
        "Helper": to("main", "Ask boss", "Nobody"),
        "Ask boss": to("main", "Answer"),
    },
    "pinData": {"Hook": [{"json": {"name": "Somebody Real"}}]},
}


def langflow_node(id_: str, type_: str, tool_mode: bool = False, **template: Any) -> dict[str, Any]:
    fields = {key: value if isinstance(value, dict) else {"value": value} for key, value in template.items()}
    node = {"template": {**fields, "code": {"value": "import os"}}, "display_name": type_, "tool_mode": tool_mode}
    return {"id": id_, "type": "genericNode", "data": {"id": id_, "type": type_, "node": node}}


def langflow_edge(source: str, target: str, field: str) -> dict[str, Any]:
    return {"source": source, "target": target, "data": {"targetHandle": {"fieldName": field, "id": target}}}


KEY = {"value": "OPENAI_API_KEY", "load_from_db": True, "password": True}
LANGFLOW = {
    "name": "Answers",
    "data": {
        "nodes": [
            langflow_node("in", "ChatInput"),
            langflow_node("ag", "Agent", agent_llm="OpenAI", model_name="gpt-4o", system_prompt="x", api_key=KEY),
            langflow_node("mcp", "MCPTools", headers={"value": [{"key": "x-api-key", "value": "q7Zp-not-shown-9"}]}),
            langflow_node(
                "os",
                "OpenSearchVectorStoreComponent",
                opensearch_url="https://opensearch:9200",
                password={"value": "q7Zp-not-shown-9", "password": True, "load_from_db": False},
            ),
            langflow_node("emb", "EmbeddingModel", provider="OpenAI", model="text-embedding-3-small", api_key=KEY),
            langflow_node("url", "URLComponent"),
            langflow_node("split", "SplitText"),
            langflow_node("out", "ChatOutput"),
            {"id": "n", "type": "noteNode", "data": {"type": "note", "node": {}}},
        ],
        "edges": [
            langflow_edge("in", "ag", "input_value"),
            langflow_edge("mcp", "ag", "tools"),
            langflow_edge("os", "ag", "tools"),
            langflow_edge("emb", "os", "embedding"),
            langflow_edge("url", "split", "data_inputs"),
            langflow_edge("split", "os", "ingest_data"),
            langflow_edge("ag", "out", "input_value"),
        ],
    },
}


def flowise_node(id_: str, name: str, category: str, type_: str = "customNode", **inputs: Any) -> dict[str, Any]:
    return {"id": id_, "type": type_, "data": {"name": name, "label": id_, "category": category, "inputs": inputs}}


FLOWISE_CHAT = {
    "nodes": [
        flowise_node("Agent", "toolAgent", "Agents", systemMessage="x"),
        flowise_node("LLM", "chatOllama", "Chat Models", baseUrl="http://ollama:11434", modelName="qwen"),
        flowise_node("Runner", "customTool", "Tools"),
        flowise_node("Mem", "mem0", "Memory"),
        flowise_node("Shield", "inputModerationOpenAI", "Moderation"),
    ],
    "edges": [{"source": one, "target": "Agent"} for one in ("LLM", "Runner", "Mem", "Shield")],
}
FLOWISE_AGENTS = {
    "nodes": [
        flowise_node("Start", "startAgentflow", "Agent Flows", "agentFlow"),
        flowise_node(
            "First",
            "agentAgentflow",
            "Agent Flows",
            "agentFlow",
            agentModel="chatAnthropic",
            agentModelConfig={"modelName": "claude"},
            agentTools=[{"agentSelectedTool": "googleCustomSearch"}],
            agentKnowledgeDocumentStores=[{"documentStore": "12:Papers"}],
        ),
        flowise_node("Check", "humanInputAgentflow", "Agent Flows", "agentFlow"),
        flowise_node("Second", "agentAgentflow", "Agent Flows", "agentFlow", agentModel="groqChat"),
    ],
    "edges": [
        {"source": "Start", "target": "First"},
        {"source": "First", "target": "Check"},
        {"source": "Check", "target": "Second"},
    ],
}


def dify_node(id_: str, type_: str, **data: Any) -> dict[str, Any]:
    return {"id": id_, "data": {"type": type_, "title": id_, **data}}


MODEL = {"provider": "langgenius/deepseek/deepseek", "name": "deepseek-chat"}
DIFY = {
    "app": {"name": "Reader", "mode": "advanced-chat"},
    "kind": "app",
    "dependencies": [{"type": "marketplace", "value": {"marketplace_plugin_unique_identifier": "a/b:1@0f"}}],
    "workflow": {
        "environment_variables": [{"name": "TOKEN", "value_type": "secret", "value": ""}],
        "features": {
            "sensitive_word_avoidance": {
                "enabled": True,
                "type": "keywords",
                "config": {"inputs_config": {"enabled": True}, "outputs_config": {"enabled": False}},
            }
        },
        "graph": {
            "nodes": [
                dify_node("start", "start"),
                dify_node("sort", "question-classifier", model=MODEL),
                dify_node("look", "knowledge-retrieval", dataset_ids=["aaaa-1"]),
                dify_node("shape", "code"),
                dify_node("again", "knowledge-retrieval", dataset_ids=["aaaa-1"]),
                dify_node("write", "llm", model=MODEL),
                dify_node("crawl", "tool", provider_name="webscraper", tool_name="w"),
                dify_node(
                    "agent",
                    "agent",
                    agent_parameters={
                        "tools": {"value": [{"provider_name": "time", "tool_name": "t"}]},
                        "mcp_server": {"value": "https://mcp.maps.example/sse?key=abcdef"},
                        "model": {"value": {"provider": "openai_api_compatible", "model": "own"}},
                    },
                ),
                {"id": "n", "data": {"type": "", "title": "note"}},
            ],
            "edges": [
                {"source": a, "target": b}
                for a, b in (
                    ("start", "sort"),
                    ("sort", "look"),
                    ("look", "shape"),
                    ("shape", "write"),
                    ("sort", "again"),
                    ("again", "agent"),
                    ("write", "crawl"),
                    ("crawl", "agent"),
                )
            ],
        },
    },
}
FIXTURES = {"n8n": N8N, "langflow": LANGFLOW, "flowise": FLOWISE_CHAT, "flowise agents": FLOWISE_AGENTS, "dify": DIFY}


def starts(system: System) -> dict[str, list[str]]:
    return {one.id: [str(held) for held in one.starts] for one in system.actors}


def test_each_tool_is_told_by_content() -> None:
    assert {name: told(value) for name, value in FIXTURES.items()} == {name: name.split()[0] for name in FIXTURES}
    for other in ({"nodes": [], "edges": []}, {"nodes": [{"id": "a"}], "connections": []}, {"app": {}, "kind": "app"}):
        assert told(other) == ""


def test_n8n_agent_with_its_parts() -> None:
    system = taken(N8N)
    assert types(system) == {
        "n8n-server": "Host",
        "hook": "ApiGateway",
        "mail": "UserContent",
        "mailbox": "Secret",
        "helper": "Agent",
        "instructions-of-helper": "SystemPrompt",
        "openai": "LanguageModelEndpoint",
        "gpt-4o": "LanguageModel",
        "key": "Secret",
        "memory": "BusinessData",
        "postgres": "Database",
        "orders-db": "Secret",
        "look-up": "Tool",
        "wiki": "Tool",
        "web-pages": "DataSource",
        "docs": "VectorStore",
        "ollama-embeddings": "InferenceEndpoint",
        "nomic": "Model",
        "api.shop.example": "Application",
        "authorization": "Secret",
        "ingestion-into-fill": "DataPipeline",
    }
    assert flows(system) == {
        "look-up <-> postgres",
        "n8n-server <-> postgres",
        "hook <-> helper",
        "helper <-> openai",
        "helper <-> look-up",
        "helper <-> wiki",
        "ingestion-into-fill -> docs",
        "helper <-> ollama-embeddings",
        "ingestion-into-fill <-> ollama-embeddings",
        "helper -> api.shop.example",
    }
    assert {
        "memory storedIn postgres",
        "helper retrievesFrom docs",
        "helper usesModel gpt-4o",
        "ingestion-into-fill retrievesFrom mail",
        "look-up mayRead postgres",
        "wiki retrievesFrom web-pages",
        "orders-db unlocks postgres",
        "helper usesPrompt instructions-of-helper",
    } <= dependencies(system)
    assert "look-up mayWrite postgres" not in dependencies(system)
    assert starts(system) == {
        "internet-2": ["hook:connect"],
        "sender-of-messages-mail": ["mail:reach"],
        "author-of-web-pages": ["web-pages:reach"],
    }


def test_n8n_says_what_it_left_out_and_shows_no_value() -> None:
    found = read(N8N)
    assert found.account is not None
    rows = {one.kind: one for one in found.account.rows}
    assert (rows["node"].found, rows["node"].joined, rows["node"].omitted) == (13, 1, 2)
    assert rows["note"].omitted == 1
    assert rows["approval"].reasons  # the agent has tools, so not all that it does waits for the boss
    text = repr(found)
    for hidden in ("Somebody Real", "abcdefgh12345", "Be kind"):
        assert hidden not in text
    bare = read({**N8N, "connections": {}})
    assert any("no edges" in one.message for one in bare.problems)


def test_langflow_edges_mean_what_their_fields_say() -> None:
    system = taken(LANGFLOW)
    kinds = types(system)
    assert (kinds["agent"], kinds["mcptools"], kinds["urlcomponent"]) == ("Agent", "MCPServer", "DataSource")
    assert system.asset_by_id["opensearchvectorstorecomponent"].identifiers == ("dns:opensearch",)
    assert {
        "agent retrievesFrom opensearchvectorstorecomponent",
        "agent usesModel gpt-4o",
        "ingestion-into-opensearchvectorstorecomponent retrievesFrom urlcomponent",
        "mcptools usesSecret x-api-key",
        "agent usesSecret openai_api_key",
        "password unlocks opensearchvectorstorecomponent",
    } <= dependencies(system)
    assert {"chatinput <-> agent", "agent <-> mcptools", "agent <-> openai"} <= flows(system)
    assert "q7Zp-not-shown-9" not in repr(read(LANGFLOW))
    secrets = {one.id: one.source.note for one in system.assets if one.type == "Secret" and one.source}
    assert secrets["password"] == "the value stands in the file"
    assert secrets["openai_api_key"] == "the value comes from the environment"


def test_flowise_of_both_kinds() -> None:
    system = taken(FLOWISE_CHAT)
    assert flows(system) == {"agent <-> ollama-at-ollama", "agent <-> runner", "shield -> agent", "chat <-> agent"}
    assert {"agent remembersIn mem", "ollama-at-ollama servesModel qwen"} <= dependencies(system)
    assert system.asset_by_id["ollama-at-ollama"].identifiers == ("dns:ollama",)
    assert types(system)["shield"] == "Guardrail"
    index = flowise_node("Index", "pineconeLlamaIndex", "Vector Stores")
    joined = {"nodes": [*FLOWISE_CHAT["nodes"], index], "edges": [{"source": "LLM", "target": "Index"}]}
    assert "flowise-server <-> ollama-at-ollama" in flows(taken(joined))  # what runs there calls for a store
    system = taken(FLOWISE_AGENTS)
    assert {"start <-> first", "first -> second", "first <-> googlecustomsearch", "first <-> anthropic"} <= flows(
        system
    )
    assert {"first retrievesFrom papers", "first usesModel claude"} <= dependencies(system)
    assert not system.controls  # the first agent has a tool that no person is asked about
    first = {**FLOWISE_AGENTS["nodes"][1]}
    first["data"] = {**first["data"], "inputs": {"agentModel": "chatAnthropic"}}
    nodes = [FLOWISE_AGENTS["nodes"][0], first, *FLOWISE_AGENTS["nodes"][2:]]
    (control,) = taken({**FLOWISE_AGENTS, "nodes": nodes}).controls
    assert (control.control, control.protects) == ("human-approval", ("first",))


def test_a_model_that_is_lent_to_a_store_is_called_for_it() -> None:
    nodes = [
        flowise_node("Index", "pineconeLlamaIndex", "Vector Stores"),
        flowise_node("LLM", "chatOpenAI_LlamaIndex", "Chat Models"),
        flowise_node("Memory", "RedisBackedChatMemory", "Memory"),
    ]
    edges = [{"source": one, "target": "Index"} for one in ("LLM", "Memory")]
    assert "flowise-server <-> openai" in flows(taken({"nodes": nodes, "edges": edges}))


def test_dify_graph_data_sets_and_moderation() -> None:
    system = taken(DIFY)
    kinds = types(system)
    assert [one for one, kind in kinds.items() if kind == "KnowledgeBase"] == ["knowledge-aaaa-1"]
    assert kinds["openai-compatible-endpoint"] == "LanguageModelEndpoint"
    assert kinds["mcp.maps.example"] == "MCPServer"
    assert {"write retrievesFrom knowledge-aaaa-1", "agent retrievesFrom knowledge-aaaa-1"} <= dependencies(system)
    assert {"start <-> sort", "write -> w", "w -> agent", "agent <-> mcp.maps.example", "agent <-> t"} <= flows(system)
    assert (kinds["sort"], kinds["write"]) == ("LanguageModelEndpoint", "LanguageModelEndpoint")
    (control,) = system.controls
    assert (control.control, control.protects) == ("input-guardrail", ("deepseek", "openai-compatible-endpoint"))
    assert "abcdef" not in repr(system)
    chat = {
        "app": {"mode": "agent-chat", "name": "Old"},
        "kind": "app",
        "model_config": {
            "model": {"provider": "openai", "name": "gpt-4"},
            "pre_prompt": "x",
            "agent_mode": {
                "enabled": True,
                "tools": [
                    {"enabled": True, "provider_id": "google", "tool_name": "google_search"},
                    {"enabled": False, "provider_id": "x", "tool_name": "off"},
                ],
            },
        },
    }
    system = taken(chat)
    assert types(system)["old"] == "Agent"
    assert "old <-> google_search" in flows(system)
    assert "off" not in types(system)


def test_what_people_write_is_put_before_the_steps_after_the_first() -> None:
    """A classifier in front is no wall: in Dify the prompts name what the user said, elsewhere it is taken to be so."""
    nodes = [
        dify_node("start", "start"),
        dify_node("sort", "question-classifier", model=MODEL, query_variable_selector=["start", "text"]),
        dify_node("shape", "template-transform", variables=[{"value_selector": ["sys", "query"]}]),
        dify_node("answer", "llm", model=MODEL, prompt_template=[{"text": "Answer {{#shape.output#}}"}]),
        dify_node("sum", "llm", model=MODEL, prompt_template=[{"text": "Shorten {{#answer.text#}}"}]),
    ]
    ways = ("start", "sort"), ("sort", "shape"), ("shape", "answer"), ("answer", "sum")
    graph = {"nodes": nodes, "edges": [{"source": a, "target": b} for a, b in ways]}
    system = taken({"app": {"mode": "workflow"}, "kind": "app", "workflow": {"graph": graph}})
    assert {"start <-> sort", "start <-> answer", "answer -> sum"} <= flows(system)
    assert "start <-> sum" not in flows(system)
    nodes = [n8n_node("Chat", "chatTrigger"), n8n_node("Mail", "gmailTrigger"), n8n_node("Sort", "textClassifier")]
    nodes.append(n8n_node("Log", "postgres", parameters={"operation": "insert"}))
    joins = {"Chat": to("main", "Log"), "Log": to("main", "Sort"), "Mail": to("main", "Sort")}
    joins["Sort"] = to("main", "Helper")
    read = taken({"nodes": [*nodes, n8n_node("Helper", "agent")], "connections": joins})
    (passed,) = [one for one in read.flows if (one.origin, one.target) == ("chat", "helper")]
    assert passed.two_way and passed.source is not None and passed.source.ground == "guess"
    assert {"sort retrievesFrom mail", "helper retrievesFrom mail"} <= dependencies(read)


def test_n8n_memory_of_a_conversation_is_nobody_elses() -> None:
    """It is no memory of the agent's from one session to the next, but data where a database keeps it."""
    nodes = [n8n_node("Helper", "agent"), n8n_node("Window", "memoryBufferWindow"), n8n_node("Long", "memoryZep")]
    joins = {"Window": to("ai_memory", "Helper"), "Long": to("ai_memory", "Helper")}
    found = taken({"nodes": nodes, "connections": joins})
    assert "window" not in types(found)
    assert {one for one in dependencies(found) if "remembersIn" in one} == {"helper remembersIn long"}
    kept = next(one for one in taken(N8N).flows if (one.origin, one.target) == ("n8n-server", "postgres"))
    assert kept.carries == kept.returns == ("memory",)


def test_n8n_what_others_write_and_steps_bring_out() -> None:
    """A mailbox that is read brings in what anybody sends, one that only sends does not; what a step says is posted."""
    nodes = [
        n8n_node("Mail", "gmail", parameters={"operation": "getAll"}, credentials={"gmailOAuth2": {"name": "Mailbox"}}),
        n8n_node("Sum", "chainLlm"),
        n8n_node("Post", "github", parameters={"operation": "create"}),
        n8n_node("Tell", "slack", parameters={"operation": "post"}),
        n8n_node("Box", "gmailTool", parameters={"operation": "getAll"}),
        n8n_node("Helper", "agent"),
    ]
    joins = {"Mail": to("main", "Sum"), "Sum": to("main", "Post", "Tell", "Final"), "Box": to("ai_tool", "Helper")}
    nodes.append(n8n_node("Final", "chainLlm"))
    found = taken({"nodes": nodes, "connections": joins})
    assert {
        "sum retrievesFrom e-mail", "final retrievesFrom e-mail",
        "box retrievesFrom e-mail", "sum mayWrite post", "n8n-server usesSecret mailbox",
    } <= dependencies(found)  # fmt: skip
    assert starts(found)["author-of-content-from-outside"] == ["e-mail:reach"]
    assert not [one for one in types(found) if "slack" in one]


def test_n8n_tools_that_are_the_workflow_itself_and_models_that_are_called_by_address() -> None:
    comments = "=https://www.googleapis.com/youtube/v3/commentThreads?videoId={{ $json.id }}"
    nodes = [
        n8n_node("Helper", "agent"),
        n8n_node("Comments", "toolWorkflow", parameters={"workflowId": {"value": "={{ $workflow.id }}"}}),
        n8n_node("Called", "executeWorkflowTrigger"),
        n8n_node("Fetch", "httpRequest", parameters={"url": comments}),
        n8n_node("Mail", "gmailTrigger"),
        n8n_node("Sort", "httpRequest", parameters={"url": "http://localhost:11434/api/generate", "method": "POST"}),
        n8n_node("Move", "microsoftOutlook", parameters={"operation": "move"}),
        n8n_node("Mark", "microsoftOutlook", parameters={"operation": "update"}),
    ]
    joins = {"Comments": to("ai_tool", "Helper"), "Called": to("main", "Fetch"), "Mail": to("main", "Sort")}
    found = taken({"nodes": nodes, "connections": {**joins, "Sort": to("main", "Move"), "Helper": to("main", "Mark")}})
    assert "comments <-> www.googleapis.com" in flows(found)
    assert {"comments retrievesFrom transcripts-on-youtube", "sort retrievesFrom mail"} <= dependencies(found)
    assert types(found)["sort"] == "LanguageModelEndpoint"
    assert [one for one in types(found) if one in ("move", "mark")] == ["move"]  # one mailbox, as far as is told


@pytest.mark.parametrize("name", FIXTURES)
def test_junk_in_a_flow_is_tolerated(name: str) -> None:
    holds_under_mutation(FIXTURES[name], name.split(maxsplit=1)[0], 60)


def test_a_large_flow_is_read_in_time() -> None:
    count = 1_000
    nodes = [n8n_node(f"s{n}", "httpRequest") for n in range(count)] + [n8n_node(f"g{n}", "set") for n in range(count)]
    all_glue = to("main", *(f"s{n}" for n in range(count)))
    joins = {f"s{n}": to("main", "g0") for n in range(count)} | {f"g{n}": to("main", f"g{n + 1}") for n in range(count)}
    value = {"name": "x", "nodes": nodes, "connections": {**joins, f"g{count - 1}": all_glue}}
    before = time.process_time()
    found = read(json.dumps(value).encode())
    assert time.process_time() - before < 10
    assert any("too many ways" in one.message for one in found.problems)


# nodes that are no notes, and of the assets: agents, tools and MCP servers, stores, memories that outlast a
# conversation, distinct models
ORACLES = {
    "n8n/local-rag-agent-v3.json": (35, 1, 3, 1, 0, 2),
    "n8n/woocommerce-rag.json": (21, 1, 3, 1, 0, 0),
    "n8n/proxmox-agent.json": (27, 2, 3, 0, 0, 1),
    "n8n/handbooks-multi-agent.json": (36, 0, 0, 0, 0, 1),
    "langflow/openrag-nudges.json": (7, 0, 0, 1, 0, 2),
    "langflow/openrag-url-mcp.json": (9, 0, 0, 1, 0, 1),
    "langflow/v0-multiple-vector-stores.json": (12, 1, 0, 2, 0, 2),
    "flowise/agenticrag-v2.json": (9, 0, 0, 0, 0, 1),
    "flowise/agents-handoff-v2.json": (5, 3, 1, 0, 0, 4),
    "flowise/conversational-retrieval-qa.json": (7, 0, 0, 1, 0, 2),
    "flowise/local-ai-web-search-n8n.json": (9, 1, 5, 0, 0, 1),
    "dify/document-chat.yml": (23, 0, 0, 0, 0, 1),
    "dify/deep-researcher.yml": (57, 0, 1, 0, 0, 2),
    "dify/mcp-amap-agent.yml": (3, 1, 2, 0, 0, 1),
    "dify/simple-kimi.yml": (38, 0, 2, 0, 0, 3),
}

# what stands in the settings of nodes, and the chat of a chatflow, which is none
SETTINGS = {
    "flowise/conversational-retrieval-qa.json": 1,
    "flowise/local-ai-web-search-n8n.json": 1,
    "flowise/agenticrag-v2.json": 1,
    "flowise/agents-handoff-v2.json": 2,
    "dify/document-chat.yml": 1,
    "dify/deep-researcher.yml": 1,
    "dify/mcp-amap-agent.yml": 2,
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of other projects are not here")
@pytest.mark.parametrize("path", ORACLES)
def test_published_flows_have_the_parts_that_were_counted_in_them(path: str) -> None:
    file = SAMPLES / path
    found = read(file.read_bytes(), file.name)
    assert found.system is not None and found.account is not None
    kinds = [one.type for one in found.system.assets]
    listed = {one.kind: one.found for one in found.account.rows}
    settings = SETTINGS.get(path, 0)
    assert (
        listed["node"] + listed.get("approval", 0) - settings,
        kinds.count("Agent"),
        kinds.count("Tool") + kinds.count("MCPServer"),
        kinds.count("VectorStore"),
        kinds.count("AgentMemory"),
        kinds.count("Model") + kinds.count("LanguageModel"),
    ) == ORACLES[path]
