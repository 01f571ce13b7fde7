"""MCP configurations: servers, what they open up, whose words come in through them, and secrets by name."""

from __future__ import annotations

import json

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.system import Imported
from importers.mcp.packages import Package, package_of
from importers.registry import importer_of, read
from importers.source import Source
from tests.golden import samples

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
CONFIG = b"""{
  // of a project
  "mcpServers": {
    "files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2025.1.14", "/srv/notes"],
              "autoApprove": ["read_file"]},
    "db": {"command": "uvx", "args": ["mcp-server-postgres", "postgresql://u:hunter22@db.corp:5432/x"]},
    "tickets": {"type": "http", "url": "https://mcp.linear.app/mcp?apiKey=abcdef",
                "headers": {"X-API-Key": "${input:k}"}},
    "code": {"command": "docker", "args": ["run", "-i", "--rm", "-e", "GITHUB_TOKEN", "-v", "/home/me:/work",
             "ghcr.io/github/github-mcp-server"]},
    "shell": {"command": "npx -y @wonderwhy-er/desktop-commander@latest"},
    "local": {"url": "http://127.0.0.1:9/mcp"},
    "off": {"command": "x", "disabled": true, "env": {"A_TOKEN": "live", "B_TOKEN": "$B_TOKEN"}},
  }
}"""


def imported(data: bytes, name: str = "x") -> Imported:
    return read(Source(data, name), CATALOGUE, TABLE)


def test_servers_open_up_data_and_bring_in_what_others_write() -> None:
    found = imported(CONFIG, "home/.cursor/mcp.json")
    system = found.system
    assert system is not None, found.problems
    types = {id_: one.type for id_, one in system.asset_by_id.items()}
    assert types["cursor-agent"] == "Agent"
    assert {id_ for id_, type_ in types.items() if type_ == "MCPServer"} == {
        "files", "db", "tickets", "code", "shell", "local",
    }  # fmt: skip
    said = {one.id for one in system.dependencies}
    assert {
        "files mayWrite srv-notes", "files retrievesFrom srv-notes", "db mayRead postgresql-at-db.corp",
        "tickets retrievesFrom tickets-in-linear", "code mayRead home-me", "shell mayRun user-s-machine",
        "code retrievesFrom issues-comments-and-code-on-github", "files deployedFrom npm-registry",
        "code usesSecret github_token", "cursor-agent usesSecret x-api-key", "x-api-key unlocks tickets",
    } <= said  # fmt: skip
    assert system.asset_by_id["tickets"].zone == "internet"
    assert "local runsIn user-s-machine" in said
    assert {one.id: one.encrypted for one in system.flows}["cursor-agent->tickets"]
    author, publisher = system.actors
    assert {str(one) for one in author.starts} == {
        "tickets-in-linear:reach", "issues-comments-and-code-on-github:reach",
    }  # fmt: skip
    assert publisher.kind == "supplier"
    assert "npm-registry:reach" in {str(one) for one in publisher.starts}
    assert system.zone_of("user-s-machine") is None  # no neighbour to move on to for what runs on it
    assert [one.control for one in system.controls] == ["dependency-pinning"]
    assert "read_file" in system.asset_by_id["files"].source.note  # type: ignore[union-attr]


def test_no_value_of_a_secret_is_kept_and_one_that_is_switched_off_still_lies_there() -> None:
    found = imported(CONFIG)
    assert "hunter22" not in repr(found)
    assert "abcdef" not in repr(found)
    assert found.system is not None
    assert "user-s-machine usesSecret a_token" in {one.id for one in found.system.dependencies}
    rows = {one.kind: one for one in found.account.rows}  # type: ignore[union-attr]
    assert (rows["server"].found, rows["server"].omitted) == (7, 1)
    assert (rows["secret"].found, rows["secret"].omitted) == (6, 1)


@pytest.mark.parametrize(
    ("command", "package", "pinned"),
    [
        ("npx -y @playwright/mcp@0.0.78 --headless", Package("npm", "@playwright/mcp", "0.0.78"), True),
        ("npx -p a-b@latest run", Package("npm", "a-b", "latest"), False),
        ("cmd /c npx tavily-mcp", Package("npm", "tavily-mcp"), False),
        ("pnpm dlx x@1.2.3", Package("npm", "x", "1.2.3"), True),
        ("uvx --from mcp_atlassian==0.1.2 run", Package("pypi", "mcp-atlassian", "0.1.2"), True),
        ("uv tool run mcp-server-git", Package("pypi", "mcp-server-git"), False),
        ("uv run python server.py", None, False),
        (f"uvx git+https://x.org/y@{'a' * 40}", Package("git", f"git+https://x.org/y@{'a' * 40}"), True),
        ("docker run -i --rm -e A=1 mcp/github:1", Package("oci", "mcp/github", "1"), False),
        (f"docker run x@sha256:{'b' * 64}", Package("oci", "x", "", f"sha256:{'b' * 64}"), True),
        ("dnx Hex1b.McpServer@0.47.0 --yes", Package("nuget", "Hex1b.McpServer", "0.47.0"), True),
        ("node server.js", None, False),
        ("npx", None, False),
    ],
)
def test_packages_behind_commands(command: str, package: Package | None, pinned: bool) -> None:
    found = package_of(command.split())
    assert found == package
    assert found is None or found.pinned is pinned


@pytest.mark.parametrize(
    "value",
    [
        {"mcp": {"servers": {"a": {"command": "x"}}}, "editor.fontSize": 1},
        {"mcp.servers": {"a": {"command": "x"}}},
        {"servers": {"a": {"type": "stdio", "command": "x"}}, "inputs": []},
        {"context_servers": {"a": {"command": {"path": "x", "args": [], "env": {"K_TOKEN": "v"}}}}},
        {"mcp": {"a": {"type": "local", "command": ["npx", "x"]}}},
        {"mcpServers": [{"name": "a", "url": "https://a.example.net/sse"}]},
    ],
)
def test_dialects(value: object) -> None:
    found = imported(json.dumps(value).encode())
    assert found.system is not None
    assert found.account is not None
    assert found.account.importer == "mcp"
    assert "a" in found.system.asset_by_id


def test_other_files_with_servers_are_none() -> None:
    for value in (
        {"openapi": "3.1.0", "servers": [{"url": "https://a"}]},
        {"servers": [{"url": "https://a", "description": "production"}]},
        {"services": {"a": {"command": "x", "image": "y"}}},
    ):
        chosen = importer_of(Source(json.dumps(value).encode(), "x"))
        assert chosen is None or chosen.id != "mcp"


def test_an_entry_of_the_registry() -> None:
    value = {
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": "io.github.me/slack", "version": "1.0.0", "description": "d",
        "packages": [{"registryType": "npm", "identifier": "@me/slack-mcp", "version": "1.0.2",
                      "environmentVariables": [{"name": "SLACK_BOT", "isSecret": True, "isRequired": True},
                                               {"name": "PORT"}]}],
        "remotes": [{"type": "sse", "url": "https://mcp.me.dev/sse", "headers": [{"name": "Authorization"}]}],
    }  # fmt: skip
    found = imported(json.dumps(value).encode())
    assert found.system is not None
    assert found.account is not None
    assert found.account.importer == "mcp-registry"
    types = {id_: one.type for id_, one in found.system.asset_by_id.items()}
    assert sorted(id_ for id_, type_ in types.items() if type_ == "Secret") == ["authorization", "slack_bot"]
    assert types["messages-in-slack"] == "UserContent"
    assert [one.control for one in found.system.controls] == ["dependency-pinning"]
    assert [one.id for one in found.system.flows] == ["io.github.me-slack->slack.com"]


needs_samples = pytest.mark.skipif(not samples().is_dir(), reason="the sample files of other projects are not here")
COUNTS = {  # servers, remote ones, secrets
    "onyx.mcp.json": (4, 3, 0), "aspire.vscode-mcp.jsonc": (5, 1, 0), "deerflow-extensions_config.json": (4, 0, 2),
    "agenthound-claude_desktop.json": (2, 1, 1), "agenthound-continue.yaml": (2, 0, 0),
    "agenthound-vscode_settings.json": (2, 0, 0), "agentscan-multiple_transport.json": (2, 0, 0),
    "agentbom-first-run.cursor-mcp.json": (2, 0, 3), "pnp-m365galleries.vscode-mcp.json": (1, 1, 0),
}  # fmt: skip


@needs_samples
@pytest.mark.parametrize("name", COUNTS)
def test_published_files_have_the_elements_that_were_counted(name: str) -> None:
    found = imported((samples() / "mcp" / name).read_bytes(), name)
    assert found.system is not None
    rows = {one.kind: one.found for one in found.account.rows}  # type: ignore[union-attr]
    away = [one for one in found.system.assets if one.type == "MCPServer" and one.zone == "internet"]
    assert (rows["server"], len(away), rows.get("secret", 0)) == COUNTS[name]
