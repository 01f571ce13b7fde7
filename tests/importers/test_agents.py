"""Agents that are declared in files: what they may look up and call, and who may speak to them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.golden import samples
from tests.importers.fuzzing import dependencies, flows, holds_under_mutation, read, taken, told, types

SAMPLES = samples()
PLUGIN = {
    "name_for_human": "Tickets",
    "functions": [{"name": "list"}, {"name": "remove", "capabilities": {"confirmation": {"type": "AdaptiveCard"}}}],
    "runtimes": [
        {"type": "OpenApi", "auth": {"type": "None"}, "run_for_functions": ["list"]},
        {
            "type": "OpenApi",
            "auth": {"type": "OAuthPluginVault", "reference_id": "${{X}}"},
            "run_for_functions": ["remove"],
        },
    ],
}
M365 = {
    "$schema": "https://developer.microsoft.com/json-schemas/copilot/declarative-agent/v1.4/schema.json",
    "name": "Desk",
    "instructions": "Help",
    "capabilities": [{"name": "WebSearch"}, {"name": "Email"}, {"name": "CodeInterpreter"}, {"name": "Telepathy"}],
    "actions": [{"id": "a", "file": "plugin.json"}],
}
PROMPT = {
    "kind": "Prompt",
    "name": "Learner",
    "instructions": "x",
    "model": {"id": "gpt-4o", "provider": "AzureOpenAI", "connection": {"endpoint": "=Env.ENDPOINT"}},
    "tools": [
        {
            "kind": "mcp",
            "name": "docs",
            "url": "https://docs.example.com/mcp",
            "allowedTools": ["search"],
            "approvalMode": {"kind": "always"},
        },
    ],
}
WORKFLOW = {
    "kind": "Workflow",
    "trigger": {
        "kind": "OnConversationStart",
        "actions": [
            {"kind": "InvokeAzureAgent", "agent": {"name": "First"}},
            {
                "kind": "ConditionGroup",
                "conditions": [
                    {
                        "actions": [
                            {"kind": "InvokeAzureAgent", "agent": {"name": "=Env.SECOND"}},
                            {"kind": "InvokeAzureAgent", "agent": {"name": "=First(Local.X).name"}},
                        ]
                    }
                ],
            },
        ],
    },
}
CARD = {
    "name": "Analyst",
    "url": "https://analyst.example.com/a2a",
    "capabilities": {},
    "securitySchemes": {"oauth": {"type": "oauth2"}},
    "security": [{"oauth": []}],
    "skills": [{"id": "a", "name": "Analyse"}],
}


def component(kind: str, provider: str, **config: Any) -> dict[str, Any]:
    return {"provider": f"autogen.{provider}", "component_type": kind, "config": config}


LLM = component("model", "models.OpenAIChatCompletionClient", model="gpt-4o", api_key="sk-0123456789abcdefghijkl")
CODE = component("code_executor", "code_executors.LocalCommandLineCodeExecutor")
TEAM = {
    **component(
        "team",
        "teams.SelectorGroupChat",
        model_client=LLM,
        participants=[
            component(
                "agent",
                "agents.AssistantAgent",
                name="writer",
                system_message="x",
                model_client=LLM,
                workbench=[
                    component(
                        "workbench",
                        "tools.StaticWorkbench",
                        tools=[component("tool", "tools.PythonCodeExecutionTool", name="run", executor=CODE)],
                    ),
                    component("workbench", "tools.mcp.McpWorkbench", server_params={"url": "https://m.example.org/x"}),
                ],
            ),
            component("agent", "agents.UserProxyAgent", name="boss"),
        ],
        termination_condition=component("termination", "conditions.MaxMessageTermination"),
    ),
    "label": "Team",
}
CREW = {
    "analyst": {"role": "r", "goal": "about {topic}", "backstory": "b", "llm": "openai/gpt-4o", "tools": ["SerperDev"]}
}
TASKS = {"report": {"description": "d {topic}", "expected_output": "e", "agent": "analyst"}}
GRAPHS = {
    "dependencies": ["."],
    "graphs": {"lead": "./a.py:graph", "cron": "./b.py:graph"},
    "env": {"OPENAI_API_KEY": "sk-0123456789abcdefghijkl", "MODE": "x"},
    "store": {"index": {"embed": "openai:text-embedding-3-small"}},
    "auth": {"path": "./auth.py:auth"},
}
FIXTURES: dict[str, tuple[str, Any]] = {
    "plugin": ("m365-plugin", PLUGIN),
    "m365": ("m365-agent", M365),
    "prompt": ("foundry-agent", PROMPT),
    "workflow": ("foundry-agent", WORKFLOW),
    "card": ("a2a", CARD),
    "team": ("autogen", TEAM),
    "gallery": ("autogen", {"name": "g", "components": {"teams": [TEAM], "models": [LLM]}}),
    "crew": ("crewai", CREW),
    "tasks": ("crewai", TASKS),
    "graphs": ("langgraph", GRAPHS),
}


def test_each_is_told_by_content() -> None:
    assert {name: told(value) for name, (_, value) in FIXTURES.items()} == {
        name: format for name, (format, _) in FIXTURES.items()
    }


def test_a_declarative_agent_with_its_plugin_beside_it() -> None:
    found = read(M365, files={"plugin.json": json.dumps(PLUGIN).encode()})
    system = found.system
    assert system is not None
    assert types(system) == {
        "desk": "Agent",
        "instructions-of-desk": "SystemPrompt",
        "web-pages": "DataSource",
        "e-mail": "UserContent",
        "code-interpreter": "Tool",
        "sandbox-of-the-code-interpreter": "Sandbox",
        "tickets": "Application",
        "list": "Tool",
        "remove": "Tool",
        "oauthpluginvault-registration": "Secret",
    }
    calls = {one.origin: one.authenticated for one in system.flows if one.target == "tickets"}
    assert calls == {"list": False, "remove": True}
    assert {one.id for one in system.actors} == {"user-of-desk", "author-of-web-pages", "sender-of-mail"}
    (control,) = system.controls
    assert control.control is None  # only one of the functions asks the user
    assert any("Telepathy" in one.message for one in found.problems)
    alone = read(M365)
    assert any("not beside" in one.message for one in alone.problems)


def test_agents_and_workflows_of_foundry() -> None:
    system = taken(PROMPT)
    assert system.asset_by_id["docs"].identifiers == ("dns:docs.example.com",)
    assert {one.control for one in system.controls} == {"tool-allowlist", "human-approval"}
    assert "learner usesModel gpt-4o" in dependencies(system)
    two = {**PROMPT, "tools": [*PROMPT["tools"], {"kind": "web_search"}]}  # type: ignore[misc]
    assert {one.control for one in taken(two).controls} >= {"tool-allowlist"}
    system = taken(WORKFLOW)
    assert flows(system) == {"workflow <-> first", "workflow <-> second"}


def test_a_card_says_who_may_call() -> None:
    system = taken(CARD)
    assert [(one.id, [str(held) for held in one.starts]) for one in system.actors] == [
        ("caller-of-analyst", ["analyst:reach"])
    ]
    assert "credential-for-analyst-oauth unlocks analyst" in dependencies(system)
    system = taken({**CARD, "security": []})
    assert [str(held) for held in system.actors[0].starts] == ["analyst:connect"]
    system = taken({**CARD, "url": "http://localhost:1/", "security": None, "securitySchemes": None})
    assert (system.zones, system.asset_by_id["analyst"].identifiers) == ((), ())


def test_a_team_of_autogen() -> None:
    found = read(TEAM)
    system = found.system
    assert system is not None
    assert types(system) == {
        "team": "Orchestrator",
        "writer": "Agent",
        "instructions-of-writer": "SystemPrompt",
        "run": "Tool",
        "machine-that-runs-generated-code": "Host",
        "m.example.org": "MCPServer",
        "openai": "LanguageModelEndpoint",
        "gpt-4o": "LanguageModel",
        "boss": "Person",
        "api_key": "Secret",
        "api_key-2": "Secret",
    }
    assert flows(system) == {
        "team <-> writer",
        "team <-> openai",
        "writer <-> openai",
        "writer <-> run",
        "writer <-> m.example.org",
    }
    assert {"run runsIn machine-that-runs-generated-code", "writer usesModel gpt-4o"} <= dependencies(system)
    assert "0123456789" not in repr(found)


def test_crews_and_graphs_say_what_their_code_decides() -> None:
    system = taken(CREW)
    assert {"analyst <-> serperdev", "analyst <-> openai"} <= flows(system)
    assert [str(held) for held in system.actors[0].starts] == ["analyst:reach"] or system.actors[0].id.startswith(
        "author"
    )
    assert dependencies(taken(TASKS)) == {"analyst usesPrompt report"}
    found = read(GRAPHS)
    assert found.system is not None and found.account is not None
    assert [one.id for one in found.system.assets if one.type == "Agent"] == ["lead", "cron"]
    assert {"lead remembersIn store-of-the-server", "langgraph-server usesSecret openai_api_key"} <= dependencies(
        found.system
    )
    assert {str(held) for held in found.system.actors[0].starts} == {"lead:reach", "cron:reach"}
    assert found.account.questions
    assert "0123456789" not in repr(found)


@pytest.mark.parametrize("name", FIXTURES)
def test_junk_in_a_declaration_is_tolerated(name: str) -> None:
    format, value = FIXTURES[name]
    holds_under_mutation(value, format, 40)


# agents, tools and MCP servers
ORACLES = {
    "autogen/default_gallery.json": (4, 11, {"Orchestrator": 4, "Host": 1, "MCPServer": 2}),
    "autogen/travel_team.json": (4, 4, {"Orchestrator": 1, "LanguageModel": 1}),
    "langgraph/social-media-agent.langgraph.json": (0, 14, {}),
    "langgraph/executive-ai-assistant.langgraph.json": (0, 4, {"AgentMemory": 1}),
    "langgraph/deer-flow.langgraph.json": (0, 1, {}),
    "declarative-agents/maf-customer_support.workflow.yaml": (0, 6, {"Orchestrator": 1}),
    "declarative-agents/pnp-ithelpdesk.ai-plugin.json": (0, 0, {"Tool": 6}),
    "crewai/stock_analysis.agents.yaml": (0, 3, {}),
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of other projects are not here")
@pytest.mark.parametrize("path", ORACLES)
def test_published_declarations_have_what_was_counted_in_them(path: str) -> None:
    file = SAMPLES / path
    found = read(file.read_bytes(), file.name)
    assert found.system is not None
    kinds = [one.type for one in found.system.assets]
    _, agents, others = ORACLES[path]
    assert kinds.count("Agent") == agents
    assert {kind: kinds.count(kind) for kind in others} == others
