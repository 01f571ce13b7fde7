"""CloudFormation templates in YAML, with their short tags, and in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graphmodel.reading.problems import UnreadableError, refusal
from graphmodel.reading.values import Text
from graphmodel.reading.yaml_text import read_yaml
from importers.cloud.resources import Resource, actions_of, assemble
from importers.elements import Found
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "cloudformation"
_IN_TEXT = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")
MAX_LEVEL = 60


def _tagged(tag: str, value: Any) -> Any:
    name = tag.removeprefix("!")
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


def _text(source: Source) -> Text | None:
    if b"AWSTemplateFormatVersion" not in source.data and b"AWS::" not in source.data:
        return None
    try:
        return source.text
    except UnreadableError:
        try:
            return read_yaml(source.data, source.name, _tagged)
        except UnreadableError:
            return None


def sniff(source: Source) -> bool:
    """Whether a file has resources of AWS."""
    text = _text(source)
    value = text.value if text else None
    if not isinstance(value, dict) or not isinstance(value.get("Resources"), dict):
        return False
    found = value["Resources"]
    return "AWSTemplateFormatVersion" in value or any(
        isinstance(one, dict) and str(one.get("Type", "")).startswith("AWS::") for one in found.values()
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """The resources of a template, with what they refer to."""
    text = _text(source)
    if text is None:
        raise refusal(source.name, "this is no template.", "Give a template with resources.")
    reader = Reader(text, importer=ID)
    top = reader.mapping(text.value, ())
    found = Found("CloudFormation stack", reader.word(top.get("Description"), ("Description",))[:2_000])
    entries = reader.entries(top.get("Resources"), ("Resources",))
    names = {str(place[-1]) for place, _ in entries}
    resources = []
    for place, one in entries:
        kind = reader.name(one.get("Type"), (*place, "Type"))
        if not kind:
            found.omit("resource", place, "it has no type")
            continue
        properties = reader.mapping(one.get("Properties"), (*place, "Properties"))
        key = str(place[-1])
        near = tuple(dict.fromkeys(name for name in references(properties) if name in names and name != key))
        rights = tuple(_statements(properties, names))
        resources.append(Resource(key, kind, key, place, properties, near, rights))
    assemble(found, resources)
    reader.unread(top, ("Resources", "Description", "AWSTemplateFormatVersion", "Metadata"), (), "the template")
    return found, reader


def references(value: Any, level: int = 0) -> Iterator[str]:
    """The names that a value refers to by Ref, GetAtt and Sub."""
    if level > MAX_LEVEL:
        return
    if isinstance(value, list):
        for one in value:
            yield from references(one, level + 1)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key == "Ref" and isinstance(one, str):
                yield one
            elif key == "Fn::GetAtt":
                first = one[0] if isinstance(one, list) and one else one
                yield str(first).partition(".")[0]
            elif key == "Fn::Sub":
                words = one[0] if isinstance(one, list) and one else one
                yield from _IN_TEXT.findall(words[:20_000] if isinstance(words, str) else "")
                if isinstance(one, list):
                    yield from references(one[1:], level + 1)
            else:
                yield from references(one, level + 1)


def _statements(value: Any, names: set[str], level: int = 0) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What policies inside a resource allow, on which other resources."""
    if level > MAX_LEVEL:
        return
    if isinstance(value, dict):
        actions = actions_of(value)
        if actions and "Resource" in value:
            on = tuple(dict.fromkeys(name for name in references(value["Resource"]) if name in names))
            yield actions, on
            return
        for one in value.values():
            yield from _statements(one, names, level + 1)
    elif isinstance(value, list):
        for one in value:
            yield from _statements(one, names, level + 1)


CLOUDFORMATION = two_stage(
    ID, "CloudFormation template (YAML, JSON)", sniff, gather, ("*.template", "*cloudformation*.y*ml", "template.y*ml")
)
