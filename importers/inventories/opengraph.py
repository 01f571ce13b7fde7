"""BloodHound OpenGraph and scans of AgentHound: identities, agents and servers, and who has which rights on what.

Rights of groups and roles are given to their members. Ends that lie in other files are left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.reading.values import Place
from importers.elements import Found, Ground, Link, Part, Sign
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "opengraph"
_GROUP = re.compile(r"(?:Group|Role|Team|Permission|Authority|OU|Container|GPO|Identity)$")
_MEMBER = re.compile(r"(?:MemberOf|AssignedTo|BelongsTo|HasRole|AUTHENTICATES_WITH)$", re.IGNORECASE)
_RELATIONS = {
    "TRUSTS_SERVER": "invokes",
    "DELEGATES_TO": "delegatesTo",
    "USES_CREDENTIAL": "usesSecret",
    "RUNS_ON": "runsIn",
    "PROVIDES_RESOURCE": "retrievesFrom",
    "INGESTS_UNTRUSTED": "retrievesFrom",
    "PROVIDES_TOOL": "dependsOn",
    "AuthenticatesFrom": "authenticatedBy",
    "UsesSAML2": "authenticatedBy",
    "UsesCAS": "authenticatedBy",
    "UsesOIDC": "authenticatedBy",
}
_FLOWS = frozenset({"invokes", "delegatesTo"})
_STEPS = 200_000  # from groups to their members


def sniff(source: Source) -> bool:
    """Whether a file is a graph of BloodHound or of AgentHound."""
    value = source.value
    graph = value.get("graph") if isinstance(value, dict) else None
    if not isinstance(graph, dict) or not isinstance(graph.get("nodes"), list):
        return False
    if not graph["nodes"]:
        return isinstance(graph.get("edges"), list)
    return any(
        isinstance(one, dict) and "id" in one and isinstance(one.get("kinds"), list) for one in graph["nodes"][:50]
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """Nodes by their kinds, and edges by theirs."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    graph = reader.mapping(value.get("graph"), ("graph",))
    found = Found("Graph of identities")
    groups: set[str] = set()
    names: dict[str, str] = {}
    for place, one in reader.entries(graph.get("nodes"), ("graph", "nodes")):
        _node(found, reader, place, one, groups, names)
    edges = [
        (place, reader.word(one.get("kind"), (*place, "kind")), _end(one, "start", names), _end(one, "end", names), one)
        for place, one in reader.entries(graph.get("edges"), ("graph", "edges"))
    ]
    members: dict[str, list[str]] = {}
    for _, kind, start, end, _ in edges:
        if _MEMBER.search(kind):
            members.setdefault(end, []).append(start)
    left = [_STEPS]
    for place, kind, start, end, one in edges:
        _edge(found, place, kind, start, end, one, groups, members, left)
    if left[0] <= 0:
        reader.report(
            "warning",
            ("graph", "edges"),
            "there are too many members of groups; some rights are left out.",
            "Split the file.",
        )
    return found, reader


def _node(
    found: Found, reader: Reader, place: Place, one: Mapping[str, Any], groups: set[str], names: dict[str, str]
) -> None:
    key = reader.word(one.get("id"), (*place, "id"))
    kinds = [kind for kind in reader.words(one.get("kinds"), (*place, "kinds")) if kind]
    held = reader.mapping(one.get("properties"), (*place, "properties"))
    said = (held.get(field) for field in ("displayname", "name", "hostname", "uri", "path"))
    name = next((text.strip() for text in said if isinstance(text, str) and text.strip()), "")[:200]
    names.setdefault(name.casefold(), key)
    if key and any(_GROUP.search(kind) for kind in kinds):
        groups.add(key)
        found.omit("group", place, "there is no type for a group; its rights are given to its members")
    elif not key:
        found.omit("node", place, "it has no id")
    else:
        found.parts.append(Part(key, name or key[:60], place, "node", tuple(Sign("kind", kind) for kind in kinds[:5])))


def _end(one: Mapping[str, Any], side: str, names: Mapping[str, str]) -> str:
    held = one.get(side)
    if isinstance(held, dict):
        value = str(held.get("value", ""))[:1_000]
        return names.get(value.casefold(), value) if held.get("match_by") == "name" else value
    other = one.get("source" if side == "start" else "target")
    return str(other)[:1_000] if isinstance(other, str) else ""


def _relation(kind: str) -> str:
    if kind in _RELATIONS:
        return _RELATIONS[kind]
    for pattern, relation in (
        (r"AdminTo|Owns|Owner|GenericAll|AllExtendedRights|Manage|Execute|CanRDP|PSRemote|Impersonat", "mayRun"),
        (r"Write|Add|Set|Reset|Mutate|Modify|Delete|Wipe|Ingest|Push|Force", "mayWrite"),
        (r"Read|Get|List|Sync|Dump", "mayRead"),
    ):
        if re.search(pattern, kind):
            return relation
    return ""


def _edge(
    found: Found,
    place: Place,
    kind: str,
    start: str,
    end: str,
    one: Mapping[str, Any],
    groups: set[str],
    members: Mapping[str, list[str]],
    left: list[int],
) -> None:
    relation = _relation(kind)
    if _MEMBER.search(kind) and (end in groups or start in groups):
        found.omit("membership", place, "it is followed to give members the rights of their groups")
        return
    if not relation:
        found.omit("edge", place, "this kind of edge says nothing about calls or rights")
        return
    if end in groups:
        found.omit("edge", place, "it ends at a group, for which there is no type")
        return
    held = one.get("properties")
    assurance = held.get("auth_assurance") if isinstance(held, dict) else None
    known = None if assurance is None else assurance != "none"
    if kind == "PROVIDES_TOOL":  # the tool needs the server that offers it
        start, end = end, start
        found.links.append(Link(end, "mayRun", start, place, "code of a tool"))  # and is code in it
    for who in _who(start, groups, members, left):
        found.links.append(
            Link(
                who,
                relation,
                end,
                place,
                "edge",
                Ground.DECLARED,
                flow=relation in _FLOWS,
                two_way=relation in _FLOWS,
                opened_by=who if relation in _FLOWS else "",
                authenticated=known if relation in _FLOWS else None,
            )
        )


def _who(start: str, groups: set[str], members: Mapping[str, list[str]], left: list[int]) -> list[str]:
    """Who stands at the start of an edge: the node itself, or of a group all its members."""
    if start not in groups:
        return [start]
    seen, stack = {start}, [start]
    found: list[str] = []
    while stack and left[0] > 0:
        for one in members.get(stack.pop(), ()):
            left[0] -= 1
            if one in seen:
                continue
            seen.add(one)
            (stack if one in groups else found).append(one)
    return found


IMPORTER = two_stage(ID, "graph of BloodHound or AgentHound (OpenGraph, JSON)", sniff, gather, ("*opengraph*.json",))
