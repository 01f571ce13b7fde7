"""Configurations of MCP clients in all dialects: an agent, the servers that it may call, and their secrets by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.reading.addresses import address
from graphmodel.reading.values import Place
from importers.elements import Boundary, Found, Link, Part, Sign
from importers.importer import two_stage
from importers.provenance import Reader
from importers.secrets import SecretValue, has_secret_shape, is_secret_name, value_kind
from importers.source import Source

ID = "mcp"
AGENT, MACHINE, INTERNET, MACHINE_ZONE = "agent", "machine", "zone-internet", "zone-machine"


def servers_of(value: Any) -> list[tuple[Place, Any]]:
    """The entries of servers with their places, by the keys that the dialects use; empty where a file has none."""
    if not isinstance(value, dict):
        return []
    for place in (("mcpServers",), ("mcp", "servers"), ("mcp.servers",), ("servers",)):
        inner: Any = value
        for key in place:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            found = [((*place, key), one) for key, one in inner.items()]
        elif isinstance(inner, list):
            found = [((*place, number), one) for number, one in enumerate(inner)]
        else:
            continue
        if place == ("mcpServers",) or any(isinstance(one, dict) and {"command", "url"} & set(one) for _, one in found):
            return found
    return []


def sniff(source: Source) -> bool:
    """Whether a file names MCP servers for a client."""
    value = source.value
    return isinstance(value, dict) and (isinstance(value.get("mcpServers"), dict | list) or bool(servers_of(value)))


def gather(source: Source) -> tuple[Found, Reader]:
    """The agent of the file, its servers, packages and secrets; what each server offers only running it would tell."""
    text = source.text
    reader = Reader(text, importer=ID)
    found = Found("Agent and its MCP servers")
    entries = servers_of(text.value)
    found.boundaries.append(Boundary(MACHINE_ZONE, "Machine of the user", (), "machine", 5))
    found.parts.append(Part(AGENT, "Agent", (), "client", type="Agent", boundary=MACHINE_ZONE))
    found.parts.append(Part(MACHINE, "User's machine", (), "machine", type="Host", boundary=MACHINE_ZONE))
    found.links.append(Link(AGENT, "runsIn", MACHINE, (), "client"))
    for place, one in entries:
        entry = reader.mapping(one, place)
        if entry:
            _server(found, reader, place, entry)
    return found, reader


def _server(found: Found, reader: Reader, place: Place, entry: Mapping[str, Any]) -> None:
    name = reader.name(entry.get("name"), (*place, "name")) or str(place[-1])
    if entry.get("disabled") is True or entry.get("enabled") is False:
        found.omit("server", place, "it is switched off; a secret in it still lies in the file")
        return
    key, url = f"server {name}", reader.word(entry.get("url"), (*place, "url"))
    where = address(url)
    host, remote = (where.host, not where.local) if where else ("", False)
    if remote and all(one.key != INTERNET for one in found.boundaries):
        found.boundaries.append(Boundary(INTERNET, "Internet", place, "zone", 0))
    signs = (Sign("host", host),) if host else ()
    zone = INTERNET if remote else MACHINE_ZONE
    found.parts.append(
        Part(
            key,
            name,
            place,
            "server",
            signs,
            "MCPServer",
            boundary=zone,
            identifiers=(f"dns:{host}",) if remote else (),
        )
    )
    found.links.append(
        Link(
            AGENT,
            "invokes",
            key,
            place,
            "server",
            flow=True,
            two_way=True,
            opened_by=AGENT,
            encrypted=where.encrypted if where else None,
        )
    )
    if not url:
        found.links.append(Link(key, "runsIn", MACHINE, place, "server"))
    holder = AGENT if remote else key
    for spot, secret, kind in _secrets(reader, place, entry):
        own = f"secret {name} {secret}"
        found.parts.append(
            Part(own, secret, spot, "secret", type="Secret", note=f"the value {kind}", boundary=MACHINE_ZONE)
        )
        found.links.append(Link(holder, "usesSecret", own, spot, "secret"))
        found.links.append(Link(own, "unlocks", key, spot, "secret"))


def _secrets(reader: Reader, place: Place, entry: Mapping[str, Any]) -> Iterator[tuple[Place, str, SecretValue]]:
    for field in ("env", "headers"):
        for key, value in reader.mapping(entry.get(field), (*place, field)).items():
            if is_secret_name(key) or (isinstance(value, str) and has_secret_shape(value)):
                yield (*place, field, key), key[:200], value_kind(value)
    for number, one in enumerate(reader.words(entry.get("args"), (*place, "args"))):
        if has_secret_shape(one):
            yield (*place, "args", number), f"credential in argument {number + 1}", value_kind(one)


IMPORTER = two_stage(
    ID,
    "MCP client configuration (JSON, JSON with comments, YAML)",
    sniff,
    gather,
    ("mcp.json", ".mcp.json", "claude_desktop_config.json", "*mcp*.json"),
)
