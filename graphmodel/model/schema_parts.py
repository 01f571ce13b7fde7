"""Parts of the JSON Schema of a System document: maps, lists and ranges, and the sections that stand apart."""

from __future__ import annotations

from typing import Any

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.limits import MAX_ENTRIES, MAX_TRIALS

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$"
RISING = "x-rising"  # a keyword of ours: the items of a list do not fall


def stated_schema(
    catalogue: Catalogue, refs: dict[str, Any], name: dict[str, Any], text: dict[str, Any], source: dict[str, Any]
) -> dict[str, Any]:
    """A threat as another threat model states it."""
    return object_of(
        {
            "name": name,
            "on": {**refs, "description": "Ids of the elements that it speaks of."},
            "threat": {
                "type": ["string", "null"],
                "enum": [*sorted(catalogue.patterns), None],
                "title": "a threat",
                "description": "The catalogue's threat that it is, where that is known.",
            },
            "status": name,
            "likelihood": name,
            "severity": name,
            "answered_by": {**refs, "description": "Ids of controls that answer it in its source."},
            "description": text,
            "source": source,
        },
        "A threat as another threat model states it; nothing is computed from it.",
        ["name"],
    )


def observation_schema(
    catalogue: Catalogue,
    ref: dict[str, Any],
    refs: dict[str, Any],
    name: dict[str, Any],
    text: dict[str, Any],
    date: dict[str, Any],
    source: dict[str, Any],
) -> dict[str, Any]:
    """What a test or a scan found of one threat on one asset."""

    def count(said: str) -> dict[str, Any]:
        return {"type": "integer", "minimum": 0, "maximum": MAX_TRIALS, "title": said, "examples": [40]}

    schema = object_of(
        {
            "threat": {"enum": sorted(catalogue.patterns), "title": "a threat"},
            "on": {**ref, "description": "The asset that was tested."},
            "attempts": count("a number of prompts that were tried"),
            "hits": count("a number of prompts that succeeded at least once"),
            "errors": count("a number of prompts that told nothing"),
            "findings": count("a number of weaknesses that a scan found"),
            "controls": {**refs, "description": "Ids of the controls that were on; all implemented ones without it."},
            "tool": name,
            "version": name,
            "technique": name,
            "target": name,
            "date": date,
            "until": date,
            "description": text,
            "source": source,
        },
        "What a test or a scan of an asset found of a threat.",
        ["threat", "on"],
    )
    schema["anyOf"] = [{"required": ["attempts"]}, {"required": ["findings"]}]
    return schema


def object_of(properties: dict[str, Any], description: str, required: list[str] | None = None) -> dict[str, Any]:
    """A map of these fields and no others."""
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    if description:
        schema["description"] = description
    return schema


def by_id(inner: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """A map from ids to such things, or nothing."""
    return {
        "type": ["object", "null"],
        "propertyNames": {"pattern": ID_PATTERN},
        "additionalProperties": inner,
        "maxProperties": MAX_ENTRIES,
        "title": "a map from ids to entries",
        "examples": [example],
    }


def list_of(inner: dict[str, Any], example: Any) -> dict[str, Any]:
    """A list of such things, or nothing."""
    return {
        "type": ["array", "null"],
        "items": inner,
        "maxItems": MAX_ENTRIES,
        "title": "a list of entries",
        "examples": [[example]],
    }


def range_of(most: float, title: str, example: list[float]) -> dict[str, Any]:
    """One number up to the most, or three in rising order."""
    number: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": most}
    three = {"type": "array", "items": number, "minItems": 3, "maxItems": 3}
    return {"anyOf": [number, {**three, RISING: True}], "title": title, "examples": [example]}
