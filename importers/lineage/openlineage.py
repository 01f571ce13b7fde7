"""OpenLineage events: jobs with the data sets that they read and write; several events of a run are one job.

One event, a list of events, or JSON lines. Queries and code in facets are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.reading.json_text import read_json
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Place, Text
from importers.elements import Found, Ground, Link, Part
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "openlineage"
_LINES = 100_000
_LINKS = 100_000  # after which outputs are no longer tied to each input


def _event(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    if isinstance(value.get("job"), dict) and "namespace" in value["job"] and "name" in value["job"]:
        return bool({"run", "inputs", "outputs", "producer"} & set(value))
    held = value.get("dataset")
    return (
        isinstance(held, dict) and {"namespace", "name"} <= set(held) and bool({"eventTime", "producer"} & set(value))
    )


def _first_line(source: Source) -> Any:
    line = source.words[:200_000].split("\n", 1)[0].strip()
    if not line.startswith("{") or "\n" not in source.words:
        return None
    try:
        return read_json(line.encode(), source.name).value
    except UnreadableError:
        return None


def sniff(source: Source) -> bool:
    """Whether a file holds events of OpenLineage."""
    value = source.value
    if isinstance(value, list):
        value = next((one for one in value[:5] if isinstance(one, dict)), None)
    return _event(value) or (value is None and _event(_first_line(source)))


def gather(source: Source) -> tuple[Found, Reader]:
    """Jobs, data sets, and what is computed from what."""
    value = source.value
    events: list[tuple[Place, Any]]
    if value is None:
        lines: dict[Place, int] = {}
        reader = Reader(Text(None, source.name, lines), importer=ID)
        events = []
        for number, line in enumerate(source.words.split("\n")[:_LINES]):
            if not line.strip():
                continue
            lines[(number,)] = number + 1
            try:
                events.append(((number,), read_json(line.encode(), source.name).value))
            except UnreadableError:
                reader.report(
                    "warning", (number,), "this line is not valid JSON; it was left out.", "Correct the line."
                )
    else:
        reader = Reader(source.text, importer=ID)
        events = [((number,), one) for number, one in enumerate(value)] if isinstance(value, list) else [((), value)]
    found = Found("Lineage of data")
    for place, one in events[:_LINES]:
        event = reader.mapping(one, place)
        if isinstance(event.get("dataset"), dict):
            _dataset(found, reader, event["dataset"], (*place, "dataset"))
        elif event:
            _job(found, reader, event, place)
    return found, reader


def _dataset(found: Found, reader: Reader, one: Mapping[str, Any], place: Place) -> str:
    space = reader.name(one.get("namespace"), (*place, "namespace"))
    name = reader.name(one.get("name"), (*place, "name"))
    if not name:
        found.omit("data set", place, "it has no name")
        return ""
    key = f"dataset {space} {name}"
    ids = (f"openlineage:{space}/{name}"[:300],)
    found.parts.append(Part(key, name, place, "data set", type="Dataset", identifiers=ids))
    return key


def _job(found: Found, reader: Reader, event: Mapping[str, Any], place: Place) -> None:
    job = reader.mapping(event.get("job"), (*place, "job"))
    name = reader.name(job.get("name"), (*place, "job", "name"))
    if not name:
        found.omit("event", place, "it names no job")
        return
    key = f"job {reader.name(job.get('namespace'), (*place, 'job', 'namespace'))} {name}"
    found.parts.append(Part(key, name, (*place, "job"), "job", type="DataPipeline"))
    ends: dict[str, list[tuple[str, Place]]] = {"inputs": [], "outputs": []}
    for side, kept in ends.items():
        for spot, one in reader.entries(event.get(side), (*place, side)):
            found_key = _dataset(found, reader, one, spot)
            if found_key:
                kept.append((found_key, spot))
    for end, spot in ends["inputs"]:
        found.links.append(Link(key, "retrievesFrom", end, spot, "input", Ground.DECLARED))
    for end, spot in ends["outputs"]:
        found.links.append(Link(key, "sendsTo", end, spot, "output", flow=True, opened_by=key))
        if len(found.links) > _LINKS:
            found.omit("origin", spot, "there are too many pairs of inputs and outputs")
            continue
        for other, _ in ends["inputs"][:500]:
            if other != end:
                found.links.append(Link(end, "derivedFrom", other, spot, "origin"))


IMPORTER = two_stage(ID, "OpenLineage events (JSON, JSON lines)", sniff, gather, ("*lineage*.json*",))
