"""Systems on Azure as Bicep declares them: modules of the repository followed, roles as rights of whoever has them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphmodel.reading.values import Place, Text
from importers.cloud.arm import template_of
from importers.cloud.azure_roles import MOST_OF_A_KIND, Made, roles_in
from importers.cloud.bicep import BicepFile, Declared, is_bicep
from importers.cloud.bicep_calls import REGISTRY, BicepFiles, Reading
from importers.cloud.hcl import MOST_STEPS, Computed, references
from importers.cloud.kinds import is_glue, is_secret
from importers.cloud.resources import Resource, assemble
from importers.elements import Found
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "bicep"
ARM_ID = "arm"
_RIGHTS = re.compile(r"roleassignments?$|^principalid|^accesspolicies$|^dependson$", re.IGNORECASE)
_SITE = re.compile(r"web/sites?$")


def sniff(source: Source) -> bool:
    """Whether a file, or the files of a folder, are written in Bicep."""
    return isinstance(source, BicepFiles) or (b"'" in source.data and is_bicep(source.words))


def sniff_arm(source: Source) -> bool:
    """Whether a file is an ARM template."""
    return template_of(source) is not None


def gather(source: Source) -> tuple[Found, Reader]:
    """The resources of a file and of the modules that it calls, with what roles let them do."""
    reading = Reading(source)
    template = template_of(source)
    reader = Reader(Text(None, source.name, {}), importer=ID if template is None else ARM_ID)
    lines: dict[str, dict[Place, int]] = {name: {} for name in reading.files}
    found = Found("Azure")
    reader.beside = {name: Text(None, name, held) for name, held in lines.items()}
    made = list(_made(reading, lines))
    for called, lost in reading.missing:
        lines[called.file][(called.key(lost.symbol),)] = lost.line
        found.omit("module", (called.file, called.key(lost.symbol)), "its file was not given")
    if reading.unread:
        found.omit("parameters", (), f"“{reading.unread}” is no JSON, so the defaults of the file count")
    same = _aliases(made, reading)
    named = {one.key: name for one, name in _named(made, same)}
    rights: defaultdict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = defaultdict(list)
    groups = frozenset(one.key for one in made if one.type == "microsoft.resources/resourcegroups")
    kinds: dict[str, list[str]] = {}
    for one in made:
        for who, actions, on in roles_in(one, reading, made, groups, kinds):
            for key in who:
                rights[same.get(key, key)].append((actions, tuple(same.get(each, each) for each in on)))
    if any(len(one) > MOST_OF_A_KIND for one in kinds.values()):
        found.omit("right", (), f"a role over all of a kind counts with the first {MOST_OF_A_KIND} only")
    settings = _settings(made, reading, same)
    finished = []
    for one in made:
        if one.off:
            found.omit(one.type, one.place, f"it is off unless {one.off} says otherwise")
        elif one.key in same:
            found.joined.append(one.type)
        else:
            near = reading.followed(references(_without_roles(one.raw)), one.called)
            near += [one.called.key(one.declared.parent)] if one.declared.parent else []
            near = [same.get(key, key) for key in (*near, *settings.get(one.key, ()))]
            kept = tuple(key for key in dict.fromkeys(near) if key in named and key != one.key)
            note = "it is there already, and made elsewhere" if one.declared.existing else ""
            plain = Resource(one.key, one.type, named[one.key], one.place, one.values, kept, note=note)
            finished.append(replace(plain, statements=tuple(rights[one.key])))
    assemble(found, finished)
    return found, reader


def _without_roles(value: Any) -> Any:
    """A value without who is given rights over it, and what is made before it: neither is used by it."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if not _RIGHTS.search(key)}
        return {key: _without_roles(one) for key, one in kept.items()}
    return [_without_roles(one) for one in value] if isinstance(value, list) else value


def _settings(made: Sequence[Made], reading: Reading, same: Mapping[str, str]) -> dict[str, list[str]]:
    """What the settings of a site name that are declared by themselves, by the site."""
    found: dict[str, list[str]] = {}
    sites = {one.key for one in made if _SITE.search(one.type)}
    for one in made:
        if one.type.endswith("/config") and not one.off:
            near = [same.get(key, key) for key in reading.followed(references(one.raw), one.called)]
            if one.declared.parent:
                near.insert(0, one.called.key(one.declared.parent))
            site = next((key for key in near if key in sites), "")
            if site:
                found.setdefault(site, []).extend(key for key in near if key != site)
    return found


def _made(reading: Reading, lines: Mapping[str, dict[Place, int]]) -> Iterator[Made]:
    off: dict[tuple[str, ...], str] = {}
    for called in reading.called:
        above = off.get(called.path, "") or (off.get(called.path[:-1], "") if called.path else "")
        if above:
            off[called.path] = above
        for one in called.says.declared.values():
            said = called.worth(one.condition)
            name = one.condition.same if isinstance(one.condition, Computed) else "its condition"
            switched = above or (name if said is False else "")
            if one.symbol in called.inner:
                if switched:
                    off[(*called.path, one.symbol)] = switched
                continue
            if one.module and not REGISTRY.match(one.type):
                continue
            key = called.key(one.symbol)
            lines[called.file][(key,)] = one.line
            raw = {**one.value, **({"for": one.each} if one.each is not None else {})}
            values = called.plain(one.value) or {}
            if one.type.lower().startswith("microsoft.cognitiveservices/accounts/deployments"):
                values["for"] = called.items(one.each)
            params = values.get("params")
            values = {**values, **params} if one.module and isinstance(params, dict) else values
            yield Made(called, one, key, _type(one, called.says), (called.file, key), raw, values, switched)


def _type(one: Declared, says: BicepFile, level: int = 0) -> str:
    """Its type, that of one that is written inside another with the type of that before it."""
    if one.module:
        return "module " + REGISTRY.sub("", one.type).rpartition(":")[0].lower()[:150]
    type_ = one.type.partition("@")[0].lower()[:150]
    around = says.declared.get(one.parent) if one.parent and "." not in type_ and level < MOST_STEPS else None
    return f"{_type(around, says, level + 1)}/{type_}" if around else type_


_PLAIN = ("resource", "this", "main", "account")


def _named(made: Sequence[Made], same: Mapping[str, str]) -> Iterator[tuple[Made, str]]:
    """What people call resources: the symbol of the module that makes this one alone, or their own."""
    kept = [one for one in made if one.key not in same and not one.off and not is_glue(one.type)]
    alone = Counter(one.called.path for one in kept if not is_secret(one.type))
    symbols = Counter(one.declared.symbol for one in kept)
    for one in made:
        symbol, path = one.declared.symbol, one.called.path
        name = symbol
        sole = alone[path] == 1 and not is_secret(one.type)
        if path and (sole or symbol.lower() in (*_PLAIN, path[-1].lower())):
            name = path[-1]
        elif path and symbols[symbol] > 1:
            name = f"{path[-1]} {symbol}"
        yield one, name[:150]


def _aliases(made: Sequence[Made], reading: Reading) -> dict[str, str]:
    """What declarations of existing resources stand for: the one that is made in their place where there is none yet,
    the one whose name they are given, or the only one of their type."""
    new: defaultdict[str, list[Made]] = defaultdict(list)
    old: defaultdict[str, list[Made]] = defaultdict(list)
    for one in made:
        (old if one.declared.existing else new)[one.type].append(one)
    beside = {(one.type, one.called.path): one.key for ones in new.values() for one in ones}
    types = {one.key: one.type for one in made}
    found: dict[str, str] = {}
    for type_, ones in old.items():
        for one in ones:
            if (type_, one.called.path) in beside:
                found[one.key] = beside[type_, one.called.path]
    for type_, ones in old.items():
        for one in ones:
            if one.key in found:
                continue
            named = reading.followed(references(one.declared.value.get("name")), one.called)
            meant = [found.get(key, key) for key in named if types.get(key) == type_ and key != one.key]
            made_here = [each.key for each in new[type_]]
            other = next((key for key in meant if key not in found), "")
            other = other or (made_here[0] if len(made_here) == 1 else "" if made_here else ones[0].key)
            if other and other != one.key:
                found[one.key] = other
    return found


ARM = two_stage(
    ARM_ID, "ARM template (Azure, JSON)", sniff_arm, gather, ("azuredeploy.json", "mainTemplate.json", "main.json")
)
BICEP = two_stage(ID, "Bicep (Azure)", sniff, gather, ("*.bicep",))
