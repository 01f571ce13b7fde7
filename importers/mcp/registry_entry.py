"""Entries of the MCP registry (server.json): a server, the packages and addresses that it comes as, and its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.reading.addresses import address
from graphmodel.reading.values import Place
from importers.deployment.images import image
from importers.elements import Found, Link, Part
from importers.importer import two_stage
from importers.mcp.known import known
from importers.mcp.packages import Package
from importers.mcp.parts import Parts
from importers.provenance import Reader
from importers.secrets import SecretValue, is_secret_name, value_kind
from importers.source import Source

ID = "mcp-registry"
SERVER = "server"
_REGISTRIES = {"npm": "npm", "pypi": "pypi", "oci": "oci", "docker": "oci", "nuget": "nuget", "cargo": "cargo"}


def sniff(source: Source) -> bool:
    """Whether a file is an entry of the MCP registry, in any of its generations."""
    value = source.value
    if not isinstance(value, dict):
        return False
    inner = value.get("server")
    if isinstance(inner, dict) and "_meta" in value:
        value = inner
    schema = value.get("$schema")
    if isinstance(schema, str) and "modelcontextprotocol" in schema and "server" in schema and "name" in value:
        return True
    listed = any(isinstance(value.get(key), list) for key in ("packages", "remotes"))
    return listed and "name" in value and bool({"version", "version_detail"} & set(value)) and "repository" in value


def gather(source: Source) -> tuple[Found, Reader]:
    """The server with its packages; its addresses are the same server where somebody else runs it."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    base: Place = ()
    if "_meta" in value and isinstance(value.get("server"), dict):
        value, base = value["server"], ("server",)
    name = reader.name(value.get("title"), (*base, "title")) or reader.name(
        value.get("name"), (*base, "name"), "server"
    )
    found = Found(f"MCP server {name}", reader.word(value.get("description"), (*base, "description"))[:2_000])
    parts = Parts(found)
    identifiers = (f"mcp:{value['name']}"[:200],) if isinstance(value.get("name"), str) else ()
    packages = reader.entries(value.get("packages"), (*base, "packages"))
    if packages or not value.get("remotes"):
        parts.add(Part(SERVER, name, base, "server", type="MCPServer", identifiers=identifiers))
    for place, entry in packages:
        _package(found, reader, parts, place, entry)
    for place, entry in reader.entries(value.get("remotes"), (*base, "remotes")):
        _remote(found, reader, parts, place, entry, name)
    read = ("name", "title", "description", "packages", "remotes", "$schema", "version", "version_detail", "_meta")
    reader.unread(value, read, base, "the entry")
    parts.authors()
    parts.publishers()
    return found, reader


def _first(entry: Mapping[str, Any], *keys: str) -> Any:
    return next((entry[key] for key in keys if entry.get(key) is not None), None)


def _package(found: Found, reader: Reader, parts: Parts, place: Place, entry: Mapping[str, Any]) -> None:
    said = reader.word(_first(entry, "registryType", "registry_type", "registry_name"), (*place, "registryType"))
    registry = _REGISTRIES.get(said.strip("<>").lower(), said.lower() or "unknown")
    name = reader.name(_first(entry, "identifier", "name"), (*place, "identifier"), "package")
    version = reader.word(entry.get("version"), (*place, "version"))
    package = Package(registry, name, "" if "$" in version else version)
    if registry == "oci":
        at = image(name)
        if at is not None:
            package = Package("oci", f"{at.registry}/{at.name}".strip("/"), at.tag, at.digest)
    elif "fileSha256" in entry or "file_sha256" in entry:
        package = Package(registry, name, version or "0.0")
    parts.package(SERVER, package, place)
    opened = known(package, "")
    if opened is not None and not opened.paths:
        parts.opened(SERVER, opened, [], place, True, "", "")
    for field in ("environmentVariables", "environment_variables"):
        for where, one in reader.entries(entry.get(field), (*place, field)):
            _secret(found, reader, parts, where, one, SERVER)
    for field in ("runtimeArguments", "runtime_arguments", "packageArguments", "package_arguments"):
        for where, one in reader.entries(entry.get(field), (*place, field)):
            for spot, variable in reader.entries(one.get("variables"), (*where, "variables")):
                _secret(found, reader, parts, spot, {"name": _named(one, spot), **variable}, SERVER)


def _named(argument: Mapping[str, Any], spot: Place) -> str:
    value = argument.get("value")
    name = value.partition("=")[0] if isinstance(value, str) and "=" in value else ""
    return name or str(spot[-1])


def _remote(found: Found, reader: Reader, parts: Parts, place: Place, entry: Mapping[str, Any], name: str) -> None:
    where = address(reader.word(entry.get("url"), (*place, "url")))
    if where is None:
        found.omit("remote", place, "it has no address")
        return
    zone = "" if where.local else parts.internet(place)
    key = f"remote {where.host}"
    identifiers = () if where.local else (f"dns:{where.host}",)
    parts.add(
        Part(key, f"{name} at {where.host}", place, "remote", type="MCPServer", boundary=zone, identifiers=identifiers)
    )
    opened = known(None, where.host)
    if opened is not None:
        parts.opened(key, opened, [], place, False, "", "")
    for spot, one in reader.entries(entry.get("headers"), (*place, "headers")):
        _secret(found, reader, parts, spot, one, key)


def _secret(found: Found, reader: Reader, parts: Parts, place: Place, one: Mapping[str, Any], key: str) -> None:
    name = reader.name(one.get("name"), (*place, "name"), str(place[-1]))
    stated = _first(one, "isSecret", "is_secret")
    if stated is not True and not is_secret_name(name):
        return
    value = _first(one, "value", "default")
    kind = value_kind(value) if value else SecretValue.PROMPT
    needed = "" if _first(one, "isRequired", "is_required") else "; it may be left out"
    own = parts.add(
        Part(f"secret {key} {name}", name, place, "secret", type="Secret", note=f"the value {kind}{needed}")
    )
    if key == SERVER:
        found.links.append(Link(key, "usesSecret", own, place, "uses secret"))
    found.links.append(Link(own, "unlocks", key, place, "unlocks"))


REGISTRY_IMPORTER = two_stage(
    ID, "Entry of the MCP registry (server.json)", sniff, gather, ("server.json", "*.server.json")
)
