"""Inventories, reports and graph snapshots of agent-bom: agents, MCP servers, their tools and packages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.reading.values import Place
from importers.elements import Claim, Found, Ground, Link, Part, call
from importers.importer import two_stage
from importers.provenance import Reader
from importers.secrets import has_secret_shape, is_secret_name, value_kind
from importers.services import Services, outside, where
from importers.source import Source

ID = "agent-bom"
HOST = "host"


def sniff(source: Source) -> bool:
    """Whether a file is an inventory, a report or a snapshot of agent-bom."""
    value = source.value
    if not isinstance(value, dict):
        return False
    if str(value.get("schema", ""))[:100].startswith("agent-bom."):
        return isinstance(value.get("nodes"), list)
    agents = value.get("agents")
    return isinstance(agents, list) and any(
        isinstance(one, dict) and "mcp_servers" in one and "name" in one for one in agents[:50]
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """Agents with their servers, tools, packages and secrets; or the nodes of a snapshot."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    found = Found("Inventory of agents")
    services = Services(found)
    if isinstance(value.get("nodes"), list) and "agents" not in value:
        _snapshot(found, services, reader, value)
        return found, reader
    services.add(Part(HOST, "Machine of the agents", (), "machine", type="Host", ground=Ground.REFERENCE))
    for place, one in reader.entries(value.get("agents"), ("agents",)):
        name = reader.name(one.get("name"), (*place, "name")) or f"agent {place[-1]}"
        key = f"agent {name}"
        found.parts.append(Part(key, name, place, "agent", type="Agent"))
        found.links.append(Link(key, "runsIn", HOST, place, "place", Ground.GUESS))
        for spot, server in reader.entries(one.get("mcp_servers"), (*place, "mcp_servers")):
            _server(found, services, reader, key, spot, server)
    findings = value.get("findings")
    if isinstance(findings, list):
        for number, _ in enumerate(findings[:20_000]):
            found.omit("finding", ("findings", number), "findings are read as evidence, and not here")
    return found, reader


def _server(found: Found, services: Services, reader: Reader, agent: str, place: Place, one: Mapping[str, Any]) -> None:
    name = reader.name(one.get("name"), (*place, "name")) or f"server {place[-1]}"
    url = reader.word(one.get("url"), (*place, "url"))
    at = where(url)
    remote = at is not None and not at.local
    key = f"server {name} {reader.word(one.get('command'), (*place, 'command'))} {url}"[:1_000]
    zone = services.internet(place) if at and outside(at) else ""
    ids = (f"dns:{at.host}",) if at and remote else ()
    found.parts.append(Part(key, name, place, "server", type="MCPServer", boundary=zone, identifiers=ids))
    found.links.append(call(agent, "invokes", key, place, "call", encrypted=at.encrypted if at else None))
    if not remote:
        found.links.append(Link(key, "runsIn", HOST, place, "place"))
    for spot, tool in reader.entries(one.get("tools"), (*place, "tools")):
        said = reader.name(tool.get("name"), (*spot, "name"))
        if not said:
            found.omit("tool", spot, "it has no name")
            continue
        own = f"tool {key} {said}"
        found.parts.append(Part(own, said, spot, "tool", type="Tool", note=f"offered by {name}"[:300]))
        found.links.append(call(agent, "invokes", own, spot, "call"))
        found.links.append(Link(own, "dependsOn", key, spot, "offer"))
        found.links.append(Link(key, "mayRun", own, spot, "code of a tool"))
    for spot, package in reader.entries(one.get("packages"), (*place, "packages")):
        _package(found, reader, key, spot, package)
    for env, inner in reader.mapping(one.get("env"), (*place, "env")).items():
        if is_secret_name(str(env)) or (isinstance(inner, str) and has_secret_shape(inner)):
            services.secret((*place, "env", env), str(env), key, key, value_kind(inner), spot=f"{env} {key}")


def _package(found: Found, reader: Reader, server: str, place: Place, one: Mapping[str, Any]) -> None:
    name = reader.name(one.get("name"), (*place, "name"))
    if not name:
        found.omit("package", place, "it has no name")
        return
    system = reader.name(one.get("ecosystem"), (*place, "ecosystem")).casefold()
    version = reader.name(one.get("version"), (*place, "version"))
    purl = f"pkg:{system}/{name}" + (f"@{version}" if version else "")
    ids = (purl,) if system and len(purl) < 300 else ()
    found.parts.append(
        Part(f"package {purl}", f"{name} {version}".strip(), place, "package", type="SoftwarePackage", identifiers=ids)
    )
    found.links.append(Link(server, "usesPackage", f"package {purl}", place, "use"))


def _snapshot(found: Found, services: Services, reader: Reader, value: Mapping[str, Any]) -> None:
    types = {
        "agent": "Agent",
        "server": "MCPServer",
        "tool": "Tool",
        "package": "SoftwarePackage",
        "credential": "Secret",
    }
    relations = {
        "uses": "invokes",
        "depends_on": "usesPackage",
        "uses_credential": "usesSecret",
    }
    names: dict[str, str] = {}
    holes: dict[str, list[str]] = {}
    for place, one in reader.entries(value.get("edges"), ("edges",)):
        ends = [reader.word(one.get(end), (*place, end)) for end in ("source", "target")]
        kind = reader.word(one.get("kind"), (*place, "kind"))
        if kind == "vulnerable_to":
            holes.setdefault(ends[1], []).append(ends[0])
        elif kind == "uses":
            found.links.append(call(ends[0], "invokes", ends[1], place, "edge"))
        elif kind == "provides_tool":  # the tool is code in the server
            found.links.append(Link(ends[1], "dependsOn", ends[0], place, "edge"))
            found.links.append(Link(ends[0], "mayRun", ends[1], place, "code of a tool"))
        elif kind in relations:
            found.links.append(Link(ends[0], relations[kind], ends[1], place, "edge"))
        else:
            found.omit("edge", place, "this kind of edge says nothing here")
    for place, one in reader.entries(value.get("nodes"), ("nodes",)):
        key = reader.word(one.get("id"), (*place, "id"))
        kind = reader.word(one.get("kind"), (*place, "kind"))
        names[key] = reader.name(one.get("label"), (*place, "label")) or key[:200] or f"node {place[-1]}"
        if kind == "vulnerability":
            found.claims.append(
                Claim(
                    f"claim {key}", names[key], place, "vulnerability", tuple(holes.get(key, ())[:500]), status="found"
                )
            )
        else:
            found.parts.append(Part(key or names[key], names[key], place, kind or "node", type=types.get(kind, "")))


IMPORTER = two_stage(ID, "agent-bom inventory (JSON)", sniff, gather, ("*inventory*.json", "*agent-bom*.json"))
