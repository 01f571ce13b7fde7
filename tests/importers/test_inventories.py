"""Inventories that scanners made: agents with their servers and tools, AI bills of materials, graphs of identities."""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden import samples
from tests.importers.fuzzing import dependencies, flows, holds_under_mutation, read, taken, told, types

SAMPLES = samples()
SERVER = {
    "name": "files",
    "command": "npx files",
    "env": {"API_KEY": "q7Zp-not-shown-9", "MODE": "x"},
    "tools": [{"name": "open"}],
    "packages": [{"name": "pg", "version": "8.1", "ecosystem": "npm"}],
}
INVENTORY = {
    "agents": [
        {"name": "one", "mcp_servers": [SERVER, {"name": "far", "url": "https://mcp.example.org/x"}]},
        {"name": "two", "mcp_servers": [SERVER]},
    ]
}
SNAPSHOT = {
    "schema": "agent-bom.graph-snapshot/v1",
    "nodes": [
        {"id": "a", "kind": "agent", "label": "A"},
        {"id": "s", "kind": "server", "label": "S"},
        {"id": "v", "kind": "vulnerability", "label": "OSV-1"},
    ],
    "edges": [
        {"kind": "uses", "source": "a", "target": "s"},
        {"kind": "vulnerable_to", "source": "s", "target": "v"},
    ],
}
BOM = {
    "bomFormat": "CycloneDX",
    "components": [
        {"bom-ref": "agent:x.Agent", "name": "x.Agent", "type": "application"},
        {"bom-ref": "tool:x.WebSearchTool", "name": "x.WebSearchTool", "type": "application"},
        {"bom-ref": "model:Org/Small", "name": "Org/Small", "type": "machine-learning-model"},
        {"bom-ref": "second", "name": "org/small", "type": "machine-learning-model", "purl": "pkg:openai/small"},
        {"bom-ref": "model:Org/Big", "name": "Org/Big", "type": "machine-learning-model"},
        {"bom-ref": "pkg:torch", "name": "torch", "type": "library"},
    ],
    "dependencies": [
        {"ref": "agent:x.Agent", "dependsOn": ["tool:x.WebSearchTool", "model:Org/Small", "pkg:torch", "nothing"]},
        {"ref": "model:Org/Small", "dependsOn": ["model:Org/Big"]},
    ],
}


def edge(kind: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "start": {"value": start}, "end": {"value": end}, **more}


GRAPH = {
    "graph": {
        "nodes": [
            {"id": "u", "kinds": ["User"], "properties": {"name": "Ann"}},
            {"id": "g", "kinds": ["Group"], "properties": {"name": "Admins"}},
            {"id": "h", "kinds": ["Group"], "properties": {"name": "Inner"}},
            {"id": "c", "kinds": ["Computer"], "properties": {"name": "Box"}},
            {"id": "a", "kinds": ["AgentInstance"], "properties": {"name": "Bot"}},
            {"id": "m", "kinds": ["MCPServer"], "properties": {"name": "Srv"}},
            {"id": "t", "kinds": ["MCPTool"], "properties": {"name": "run"}},
            {"id": "i", "kinds": ["Identity"]},
            {"id": "k", "kinds": ["Credential"], "properties": {"name": "KEY"}},
            {"id": "q", "kinds": ["Unheard"], "properties": {"name": "Odd"}},
        ],
        "edges": [
            edge("MemberOf", "u", "h"),
            edge("MemberOf", "h", "g"),
            edge("MemberOf", "g", "h"),
            edge("AdminTo", "g", "c"),
            edge("ReadSecrets", "u", "k"),
            {"kind": "TRUSTS_SERVER", "source": "a", "target": "m", "properties": {"auth_assurance": "none"}},
            {"kind": "PROVIDES_TOOL", "source": "m", "target": "t"},
            {"kind": "AUTHENTICATES_WITH", "source": "m", "target": "i"},
            {"kind": "USES_CREDENTIAL", "source": "i", "target": "k"},
            {"kind": "AdminTo", "start": {"value": "ANN", "match_by": "name"}, "end": {"value": "elsewhere"}},
        ],
    }
}
FIXTURES: dict[str, tuple[str, Any]] = {
    "inventory": ("agent-bom", INVENTORY),
    "snapshot": ("agent-bom", SNAPSHOT),
    "bom": ("ai-bom", BOM),
    "graph": ("opengraph", GRAPH),
}


def test_each_is_told_by_content() -> None:
    assert {name: told(value) for name, (_, value) in FIXTURES.items()} == {
        name: format for name, (format, _) in FIXTURES.items()
    }
    plain = {"bomFormat": "CycloneDX", "components": [{"bom-ref": "pkg:npm/a@1", "name": "a", "type": "library"}]}
    assert told(plain) != "ai-bom"


def test_a_server_of_two_agents_is_one() -> None:
    found = read(INVENTORY)
    system = found.system
    assert system is not None and found.account is not None
    rows = {one.kind: one for one in found.account.rows}
    assert (rows["server"].taken, rows["server"].joined, rows["tool"].taken) == (2, 1, 1)
    assert flows(system) == {"one <-> files", "one <-> open", "one <-> far", "two <-> files", "two <-> open"}
    assert {"open dependsOn files", "files usesPackage pg-8.1", "files usesSecret api_key"} <= dependencies(system)
    assert system.asset_by_id["pg-8.1"].identifiers == ("pkg:npm/pg@8.1",)
    assert system.asset_by_id["far"].identifiers == ("dns:mcp.example.org",)
    assert "q7Zp" not in repr(found)
    system = taken(SNAPSHOT)
    assert [(one.name, one.on) for one in system.stated] == [("OSV-1", ("s",))]


def test_a_scanner_s_bill_of_materials() -> None:
    system = taken(BOM)
    assert {
        "x.agent usesModel org-small",
        "x.agent usesPackage torch",
        "org-small fineTunedFrom org-big",
        "x.websearchtool retrievesFrom web-pages",
    } <= dependencies(system)
    assert flows(system) == {"x.agent <-> x.websearchtool"}
    assert types(system)["org-big"] == "Model"
    assert not any("pkg:openai" in id_ for one in system.assets for id_ in one.identifiers)


def test_rights_of_groups_go_to_their_members() -> None:
    found = read(GRAPH)
    system = found.system
    assert system is not None and found.account is not None
    assert dependencies(system) == {
        "ann mayRun box",
        "ann mayRead key",
        "run dependsOn srv",
        "srv mayRun run",
        "srv usesSecret key",
    }
    (call,) = system.flows
    assert (call.relation, call.authenticated) == ("invokes", False)
    assert [one.asset for one in found.account.untyped] == ["odd"]
    assert any("elsewhere" in one.message for one in found.problems)


@pytest.mark.parametrize("name", FIXTURES)
def test_junk_in_an_inventory_is_tolerated(name: str) -> None:
    format, value = FIXTURES[name]
    holds_under_mutation(value, format, 40)


ORACLES: dict[str, dict[str, int]] = {
    "agent-bom/agent-mesh-inventory.json": {"Agent": 5, "MCPServer": 8, "Tool": 30},
    "agent-bom/first-run-inventory.json": {"Agent": 2, "MCPServer": 2},
    "agent-bom/security-graph.snapshot.json": {"Agent": 1, "MCPServer": 8},
    "aibom/snyk-juice-shop-ai-chat.cdx.json": {"Agent": 1, "Tool": 2, "Model": 9, "SoftwarePackage": 5, "Dataset": 22},
    "aibom/k8s-aibom-vllm.cdx.json": {"Model": 1, "LanguageModelEndpoint": 1},
    "opengraph/agenthound-merged_scan.json": {"Agent": 3, "MCPServer": 2, "Secret": 1},
    "opengraph/datahound-arrows-iam.json": {"IdentityProvider": 3, "Application": 2, "WebApplication": 2},
    "opengraph/datahound-bhce-rbac.json": {"Person": 5},
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of other projects are not here")
@pytest.mark.parametrize("path", ORACLES)
def test_published_inventories_have_what_was_counted_in_them(path: str) -> None:
    file = SAMPLES / path
    found = read(file.read_bytes(), file.name)
    assert found.system is not None
    kinds = [one.type for one in found.system.assets]
    assert {kind: kinds.count(kind) for kind in ORACLES[path]} == ORACLES[path]
