"""dbt manifests: models, seeds and sources of a warehouse, what is computed from what, and the tests on them."""

from __future__ import annotations

from importers.elements import Found, Ground, Link, Measure, Part, call
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "dbt"
_DATA = frozenset({"model", "seed", "snapshot", "source"})


def sniff(source: Source) -> bool:
    """Whether a file is a manifest of dbt."""
    value = source.value
    if not isinstance(value, dict) or not isinstance(value.get("nodes"), dict):
        return False
    meta = value.get("metadata")
    return isinstance(meta, dict) and "/manifest/" in str(meta.get("dbt_schema_version", ""))[:200]


def gather(source: Source) -> tuple[Found, Reader]:
    """The data sets of the warehouse, what they come from, and which are tested."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    meta = reader.mapping(value.get("metadata"), ("metadata",))
    project = reader.name(meta.get("project_name"), ("metadata", "project_name")) or "dbt project"
    found = Found(project)
    store = reader.name(meta.get("adapter_type"), ("metadata", "adapter_type")) or "warehouse"
    found.parts.append(Part("warehouse", f"{store} warehouse", ("metadata",), "warehouse", type="Database"))
    found.parts.append(Part("dbt", f"dbt runs of {project}"[:200], ("metadata",), "pipeline", type="DataPipeline"))
    found.links.append(call("dbt", "sendsTo", "warehouse", ("metadata",), "pipeline"))
    tested: dict[str, int] = {}
    for field in ("sources", "nodes"):
        for place, one in reader.entries(value.get(field), (field,)):
            kind = reader.word(one.get("resource_type"), (*place, "resource_type")) or field[:-1]
            key = str(place[-1])
            held = reader.mapping(one.get("depends_on"), (*place, "depends_on"))
            origins = [each for each in reader.words(held.get("nodes"), (*place, "depends_on", "nodes")) if each]
            if kind == "test":
                for each in origins:
                    tested[each] = tested.get(each, 0) + 1
                found.omit("test", place, "it is told with the data set that it tests")
            elif kind not in _DATA:
                found.omit(kind, place, "it is no data set")
            else:
                name = reader.name(one.get("name"), (*place, "name")) or key[:200]
                type_ = "DataSource" if kind == "source" else "Dataset"
                found.parts.append(Part(key, name, place, kind, type=type_))
                found.links.append(Link(key, "storedIn", "warehouse", place, "place"))
                for each in origins:
                    found.links.append(Link(key, "derivedFrom", each, (*place, "depends_on"), "origin"))
    _exposures(found, reader, value.get("exposures"))
    present = {one.key for one in found.parts}
    for key, count in tested.items():
        if key in present:
            found.measures.append(
                Measure(
                    f"tests {key}",
                    f"{count} tests of {key.rsplit('.', 1)[-1]}"[:200],
                    ("nodes", key),
                    "tests",
                    "data-validation",
                    (key,),
                )
            )
    return found, reader


def _exposures(found: Found, reader: Reader, value: object) -> None:
    for place, one in reader.entries(value, ("exposures",)):
        name = reader.name(one.get("name"), (*place, "name")) or "exposure"
        kind = reader.word(one.get("type"), (*place, "type"))
        key = f"exposure {place[-1]}"
        type_ = "TrainingPipeline" if kind == "ml" else "Application"
        found.parts.append(Part(key, name, place, "exposure", type=type_, ground=Ground.REFERENCE))
        held = reader.mapping(one.get("depends_on"), (*place, "depends_on"))
        for each in reader.words(held.get("nodes"), (*place, "depends_on", "nodes")):
            found.links.append(Link(key, "retrievesFrom", each, place, "use"))


IMPORTER = two_stage(ID, "dbt manifest (JSON)", sniff, gather, ("manifest.json",))
