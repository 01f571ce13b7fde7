"""Configurations of MCP clients: an agent, the servers that it may call, what they open up, and secrets by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.model.accounts import Question
from graphmodel.reading.addresses import address
from graphmodel.reading.values import Place
from importers.deployment.workload import options
from importers.elements import Boundary, Found, Link, Part, Sign, call
from importers.importer import two_stage
from importers.mcp.known import known
from importers.mcp.packages import mounted, package_of
from importers.mcp.parts import Parts
from importers.provenance import Reader
from importers.secrets import SecretValue, has_secret_shape, is_secret_name, value_kind
from importers.source import Source

ID = "mcp"
AGENT, MACHINE, MACHINE_ZONE = "agent", "machine", "zone-machine"
_CLIENTS = (
    ("claude_desktop", "Claude Desktop"), (".claude", "Claude Code"), (".cursor", "Cursor"), ("cursor", "Cursor"),
    (".vscode", "VS Code"), ("vscode", "VS Code"), ("windsurf", "Windsurf"), ("cline", "Cline"), ("roo", "Roo Code"),
    ("continue", "Continue"), ("kiro", "Kiro"), ("goose", "Goose"), ("gemini", "Gemini CLI"), ("zed", "Zed"),
    ("junie", "Junie"), ("codex", "Codex"), ("opencode", "OpenCode"), ("librechat", "LibreChat"),
)  # fmt: skip
_KEYS = ("mcpServers",), ("mcp", "servers"), ("mcp.servers",), ("servers",), ("mcp",), ("context_servers",)
_KEYS_MORE = ("mcp_servers",), ("amp.mcpServers",), ("extensions",)
_READ = frozenset(
    {"command", "args", "env", "environment", "url", "httpUrl", "serverUrl", "uri", "headers", "name", "type",
     "transport", "disabled", "enabled", "alwaysAllow", "autoApprove", "alwaysAllowed", "cwd", "envs", "trust", "cmd"}
)  # fmt: skip


def servers_of(value: Any) -> list[tuple[Place, Any]]:
    """The entries of servers with their places, by the keys that the dialects use; empty where a file has none."""
    if not isinstance(value, dict):
        return []
    for place in (*_KEYS, *_KEYS_MORE):
        inner: Any = value
        for key in place:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            found = [((*place, key), one) for key, one in inner.items()]
        elif isinstance(inner, list):
            found = [((*place, number), one) for number, one in enumerate(inner)]
        else:
            continue
        if place == ("mcpServers",) or any(isinstance(one, dict) and _is_server(one) for _, one in found):
            return found
    return []


def _is_server(one: Mapping[str, Any]) -> bool:
    if "image" in one or "build" in one or "variables" in one or ("description" in one and "command" not in one):
        return "args" in one
    if isinstance(one.get("command"), dict | list):
        return "args" in one or isinstance(one["command"], dict) or one.get("type") in ("local", "stdio")
    if "command" in one or "cmd" in one:
        return not {"ports", "depends_on", "volumes", "healthcheck"} & set(one)
    return isinstance(one.get("url"), str) and bool({"type", "headers", "transport"} & set(one) or len(one) <= 2)


def sniff(source: Source) -> bool:
    """Whether a file names MCP servers for a client."""
    value = source.value
    if not isinstance(value, dict) or "openapi" in value or "asyncapi" in value:
        return False
    return isinstance(value.get("mcpServers"), dict | list) or bool(servers_of(value))


def gather(source: Source) -> tuple[Found, Reader]:
    """The agent of the file, its servers, packages, data and secrets; only running a server tells what it offers."""
    reader = Reader(source.text, importer=ID)
    client = _client(source)
    label = f"{client} agent" if client else "Agent"
    found = Found(f"{label} and its MCP servers")
    parts = Parts(found)
    found.boundaries.append(Boundary(MACHINE_ZONE, "Machine of the user", (), "machine", 5))
    parts.add(Part(AGENT, label, (), "client", type="Agent", boundary=MACHINE_ZONE))
    parts.add(Part(MACHINE, "User's machine", (), "machine", type="Host"))  # no neighbour of what runs on it
    found.links.append(Link(AGENT, "runsIn", MACHINE, (), "runs in"))
    served = 0
    left: dict[str, Any] = {}
    for place, one in servers_of(source.text.value):
        entry = reader.mapping(one, place)
        if entry:
            served += _Server(found, reader, parts, place, entry).gather()
            left.update({key: value for key, value in entry.items() if key not in _READ})
    reader.unread(left, _READ, (), "the servers")
    parts.authors()
    parts.publishers()
    if served:
        text = "Does a person approve what the agent does with these tools, and what may the tokens do?"
        found.questions.append(Question(AGENT, text))
    return found, reader


def _client(source: Source) -> str:
    name = source.name.lower().replace("\\", "/")
    words = re.split(r"[/\s]", name)
    for sign, client in _CLIENTS:
        if any(sign in one for one in words[-2:]):
            return client
    value = source.value
    if isinstance(value, dict) and ("mcp.servers" in value or isinstance(value.get("mcp"), dict)):
        return "VS Code" if any("editor." in key for key in value) else ""
    return ""


class _Server:
    def __init__(self, found: Found, reader: Reader, parts: Parts, place: Place, entry: Mapping[str, Any]) -> None:
        self.found, self.reader, self.parts, self.place, self.entry = found, reader, parts, place, entry
        self.name = reader.name(entry.get("name"), (*place, "name")) or str(place[-1])
        self.key = f"server {self.name}"
        self.command = list(self._command())
        url = next(
            (entry[key] for key in ("url", "httpUrl", "serverUrl", "uri") if isinstance(entry.get(key), str)), ""
        )
        self.url = url.strip()

    def gather(self) -> int:
        """Add the server; 1 where it is in use, 0 where it is switched off."""
        entry, place = self.entry, self.place
        if entry.get("disabled") is True or entry.get("enabled") is False:
            self._switched_off()
            return 0
        where = address(self.url) if self.url else None
        remote = bool(self.url) and (where is None or not where.local)
        host = where.host if where and "$" not in where.host else ""
        zone = self.parts.internet(place) if remote else MACHINE_ZONE
        package = package_of([text for _, text in self.command])
        note = self._approval()
        self.parts.add(
            Part(
                self.key,
                self.name,
                place,
                "server",
                (Sign("host", host),) if host else (),
                "MCPServer",
                boundary=zone,
                identifiers=(f"dns:{host}",) if remote and host else (),
                tags=("auto-approved",) if note else (),
                note=note,
            )
        )
        secrets = list(self._secrets())
        self.found.links.append(
            call(
                AGENT,
                "invokes",
                self.key,
                place,
                "call",
                encrypted=where.encrypted if where else None,
                authenticated=True if remote and secrets else None,
            )
        )
        if not remote:
            self.found.links.append(Link(self.key, "runsIn", MACHINE, place, "runs in"))
        if package is not None and not self.url:
            self.parts.package(self.key, package, (*place, "args"))
        said = known(package, host if remote else "")
        if said is not None:
            self.parts.opened(self.key, said, self.command[1:], place, not remote, AGENT, MACHINE)
        for path in mounted([text for _, text in self.command]):
            store = self.parts.add(Part(f"path {path}", path[:200], place, "directory", type="DataStore"))
            self.found.links.append(Link(self.key, "mayRead", store, place, "data"))
            self.found.links.append(Link(self.key, "mayWrite", store, place, "data"))
        holder = AGENT if remote else self.key
        for spot, secret, kind in secrets:
            self._secret(spot, secret, kind, holder)
        return 1

    def _secret(self, spot: Place, secret: str, kind: SecretValue, holder: str) -> None:
        own = f"secret {self.name} {secret}"
        note = f"the value {kind}"
        self.parts.add(Part(own, secret, spot, "secret", type="Secret", boundary=MACHINE_ZONE, note=note))
        self.found.links.append(Link(holder, "usesSecret", own, spot, "uses secret"))
        if holder != MACHINE:
            self.found.links.append(Link(own, "unlocks", self.key, spot, "unlocks"))

    def _switched_off(self) -> None:
        self.found.omit("server", self.place, "it is switched off")
        for spot, secret, kind in self._secrets():
            if kind in (SecretValue.LITERAL, SecretValue.DEFAULT):
                self._secret(spot, secret, kind, MACHINE)
            else:
                self.found.omit("secret", spot, "its server is switched off, and the value is not in the file")

    def _approval(self) -> str:
        for key in ("alwaysAllow", "autoApprove", "alwaysAllowed"):
            said = self.entry.get(key)
            if isinstance(said, list) and said:
                shown = ", ".join(str(one)[:40] for one in said[:8])
                return f"nobody is asked before it does: {shown}"
            if said is True:
                return "nobody is asked before it acts"
        return "nobody is asked before it acts" if self.entry.get("trust") is True else ""

    def _command(self) -> Iterator[tuple[Place, str]]:
        entry, place = self.entry, self.place
        said: Any = entry.get("command", entry.get("cmd"))
        if isinstance(said, dict):  # Zed: {path, args, env}
            yield (*place, "command", "path"), self.reader.word(said.get("path"), (*place, "command", "path"))
            entry, place = said, (*place, "command")
        elif isinstance(said, list):
            for number, one in enumerate(self.reader.words(said, (*place, "command"))):
                yield (*place, "command", number), one
        elif said is not None:
            for one in self.reader.word(said, (*place, "command")).split() if " " in str(said) else [str(said)]:
                yield (*place, "command"), one[:500]
        for number, one in enumerate(self.reader.words(entry.get("args"), (*place, "args"))):
            yield (*place, "args", number), one

    def _secrets(self) -> Iterator[tuple[Place, str, SecretValue]]:
        nested = self.entry.get("command")
        for field in ("env", "headers", "environment", "envs"):
            for key, value in self.reader.mapping(self.entry.get(field), (*self.place, field)).items():
                if is_secret_name(key) or (isinstance(value, str) and has_secret_shape(value)):
                    yield (*self.place, field, key), key[:200], value_kind(value)
        if isinstance(nested, dict):
            for key, value in self.reader.mapping(nested.get("env"), (*self.place, "command", "env")).items():
                if is_secret_name(key):
                    yield (*self.place, "command", "env", key), key[:200], value_kind(value)
        yield from _in_arguments(self.command[1:])
        query = self.url.partition("?")[2]
        for one in query.split("&")[:50] if query else ():
            key, _, value = one.partition("=")
            if is_secret_name(key):
                yield (*self.place, "url"), f"{key[:60]} in the address", value_kind(value)


def _in_arguments(arguments: list[tuple[Place, str]]) -> Iterator[tuple[Place, str, SecretValue]]:
    """Credentials among the arguments: options that are named for one, headers, and values with the shape of one."""
    seen: set[Place] = set()
    previous = ""
    for place, text in arguments:
        header, colon, value = text.partition(":")
        if previous in ("--header", "-H") and colon and is_secret_name(header.strip()):
            seen.add(place)
            yield place, header.strip()[:60], value_kind(value.strip())
        elif previous in ("-e", "--env") and is_secret_name(text.partition("=")[0]):
            seen.add(place)
            name, _, value = text.partition("=")
            yield place, name[:60], value_kind(value) if value else SecretValue.VARIABLE
        elif has_secret_shape(text):
            seen.add(place)
            number = place[-1] if isinstance(place[-1], int) else 0
            yield place, f"credential in argument {number + 1}", value_kind(text)
        previous = text
    for one in options(arguments):
        if one.value and one.key and one.place not in seen and is_secret_name(one.key):
            yield one.place, one.key[:60], value_kind(one.value)


IMPORTER = two_stage(
    ID,
    "MCP client configuration (JSON, JSON with comments, YAML)",
    sniff,
    gather,
    ("mcp.json", ".mcp.json", "claude_desktop_config.json", "*mcp*.json", "mcp*.yaml", "extensions_config.json"),
)
