"""AI bills of materials that scanners of code and clusters write (CycloneDX with their own prefixes and properties).

Told by ``agent:`` and ``tool:`` references, or by properties of k8s-aibom; other bills of materials are not read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.reading.values import Place
from importers.elements import Found, Ground, Link, Part, Sign, call
from importers.flows.graph import is_web
from importers.importer import two_stage
from importers.provenance import Reader
from importers.services import Services
from importers.source import Source

ID = "ai-bom"
_PREFIXES = ("agent:", "tool:", "application:", "mcp-server:", "model:", "dataset:", "pkg:")
_TYPES = {
    "agent": "Agent",
    "tool": "Tool",
    "mcp-server": "MCPServer",
    "model": "Model",
    "dataset": "Dataset",
    "pkg": "SoftwarePackage",
    "application": "Application",
}


def _entries(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in value[:2_000] if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one


def _properties(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(each.get("name"))[:100]: str(each.get("value"))[:300] for each in _entries(one.get("properties")) if each
    }


def sniff(source: Source) -> bool:
    """Whether a bill of materials was written by a scanner of AI code or clusters."""
    value = source.value
    if not isinstance(value, dict) or value.get("bomFormat") != "CycloneDX":
        return False
    meta = value.get("metadata")
    if isinstance(meta, dict) and any(name.startswith("aibom.") for name in _properties(meta)):
        return True
    refs = [str(one.get("bom-ref", "")) for one in _entries(value.get("components"))]
    return any(one.startswith(("agent:", "tool:", "mcp-server:", "application:Root")) for one in refs)


def gather(source: Source) -> tuple[Found, Reader]:
    """Agents, tools, models, data sets and packages, and what uses what by the list of dependencies."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    meta = reader.mapping(value.get("metadata"), ("metadata",))
    root = reader.mapping(meta.get("component"), ("metadata", "component"))
    found = Found(reader.name(root.get("name"), ("metadata", "component", "name")) or "AI bill of materials")
    services = Services(found)
    kinds: dict[str, str] = {}
    if root:
        serves = _properties(root).get("aibom.workload.category") == "inference"
        key = reader.word(root.get("bom-ref"), ("metadata", "component", "bom-ref")) or "root"
        kinds[key] = "InferenceEndpoint" if serves else "Application"
        type_ = "LanguageModelEndpoint" if serves and _of_text(value) else kinds[key]
        found.parts.append(Part(key, found.title, ("metadata", "component"), "component", type=type_))
        kinds[key] = type_
    for place, one in reader.entries(value.get("components"), ("components",)):
        _component(found, services, reader, kinds, place, one, next(iter(kinds), "") if root else "")
    for place, one in reader.entries(value.get("dependencies"), ("dependencies",)):
        user = reader.word(one.get("ref"), (*place, "ref"))
        for number, used in enumerate(reader.words(one.get("dependsOn"), (*place, "dependsOn"))):
            _depend(found, kinds, user, used, (*place, "dependsOn", number))
    return found, reader


def _of_text(value: Mapping[str, Any]) -> bool:
    """Whether a runtime of language models is among the components."""
    names = (str(one.get("name", ""))[:200].casefold() for one in _entries(value.get("components")))
    return any(word in name for name in names for word in ("vllm", "ollama", "text-generation", "sglang", "llama.cpp"))


def _component(
    found: Found,
    services: Services,
    reader: Reader,
    kinds: dict[str, str],
    place: Place,
    one: Mapping[str, Any],
    root: str,
) -> None:
    ref = reader.word(one.get("bom-ref"), (*place, "bom-ref"))
    name = reader.name(one.get("name"), (*place, "name")) or ref[:200] or f"component {place[-1]}"
    said = reader.word(one.get("type"), (*place, "type"))
    prefix = next((each[:-1] for each in _PREFIXES if ref.startswith(each)), "")
    model = said == "machine-learning-model" or prefix == "model"
    type_ = _TYPES.get(prefix, "")
    if not type_:
        type_ = {
            "machine-learning-model": "Model",
            "data": "Dataset",
            "library": "SoftwarePackage",
            "framework": "SoftwarePackage",
            "container": "SoftwarePackage",
        }.get(said, "")
    key = f"model {name.casefold()}" if model else ref or f"component {place[-1]}"
    ids: list[str] = []
    purl = reader.word(one.get("purl"), (*place, "purl"))
    if purl.startswith("pkg:") and not purl.startswith(("pkg:openai", "pkg:anthropic")) and len(purl) < 300:
        ids.append(purl)
    hashes = [
        str(each.get("content", ""))[:128] for each in _entries(one.get("hashes")) if each.get("alg") == "SHA-256"
    ]
    ids += [f"sha256:{each}" for each in hashes if each]
    if (
        (model or type_ == "Dataset")
        and "/" in name
        and "huggingface.co" in str(one.get("externalReferences", ""))[:2_000]
    ):
        ids.append(f"pkg:huggingface/{'' if model else 'datasets/'}{name.lower()}"[:300])
    evidence = one.get("evidence")
    seen = [
        f"{each.get('location', '')}:{each.get('line', '')}"
        for each in _entries(evidence.get("occurrences") if isinstance(evidence, dict) else None)
    ]
    note = f"found in {', '.join(seen[:3])}"[:300] if seen else _properties(one).get("aibom.confidence", "")
    if ref:
        kinds[ref] = type_ or "Application"
    found.parts.append(
        Part(
            key,
            name,
            place,
            said or "component",
            (Sign("kind", said), Sign("name", name)),
            type_,
            identifiers=tuple(ids),
            ground=Ground.REFERENCE if seen or "inferred" in note else Ground.DECLARED,
            note=note,
        )
    )
    if ref and key != ref:
        kinds[ref] = f"={key}"
    if prefix == "tool" and is_web(name):
        found.links.append(Link(key, "retrievesFrom", services.web(place), place, "look-up"))
    if root and not prefix:
        _depend(found, kinds, root, ref, place)


def _depend(found: Found, kinds: dict[str, str], user: str, used: str, place: Place) -> None:
    said = kinds.get(used, ""), kinds.get(user, "")
    end, origin = (kind[1:] if kind.startswith("=") else ref for kind, ref in zip(said, (used, user), strict=True))
    models = [kind.startswith("=") for kind in said]
    if all(models):
        found.links.append(Link(origin, "fineTunedFrom", end, place, "dependency"))
    elif models[0]:
        relation = "servesModel" if said[1].endswith("Endpoint") else "usesModel"
        found.links.append(Link(origin, relation, end, place, "dependency"))
    elif models[1] and said[0] == "Dataset":
        found.links.append(Link(origin, "trainedOn", end, place, "dependency"))
    elif said[0] in ("Tool", "MCPServer") and said[1] == "Agent":
        found.links.append(call(origin, "invokes", end, place, "dependency"))
    elif said[0] == "SoftwarePackage":
        found.links.append(Link(origin, "usesPackage", end, place, "dependency"))
    else:
        found.links.append(Link(origin, "dependsOn", end, place, "dependency"))


IMPORTER = two_stage(
    ID, "AI bill of materials of a scanner (CycloneDX, JSON)", sniff, gather, ("*aibom*.json", "*.cdx.json")
)
