"""Croissant descriptions of data sets (JSON-LD): where the data are fetched, and whether a checksum fixes them."""

from __future__ import annotations

import re

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from importers.elements import Attacker, Found, Ground, Link, Measure, Part
from importers.importer import two_stage
from importers.provenance import Reader
from importers.services import Services, where
from importers.source import Source

ID = "croissant"
_SHA = re.compile(r"[0-9a-fA-F]{64}")
_DONE = (
    "@context",
    "@type",
    "@id",
    "name",
    "description",
    "url",
    "distribution",
    "recordSet",
    "conformsTo",
    "license",
    "creator",
    "keywords",
    "citeAs",
    "sameAs",
    "version",
    "datePublished",
    "inLanguage",
    "alternateName",
    "isLiveDataset",
    "publisher",
    "citation",
    "personalSensitiveInformation",
)


def sniff(source: Source) -> bool:
    """Whether a file describes a data set by Croissant."""
    value = source.value
    if not isinstance(value, dict) or "@context" not in value:
        return False
    if "croissant" in str(value.get("conformsTo", ""))[:500]:
        return True
    kind = str(value.get("@type", ""))[:100]
    return kind.rsplit(":", 1)[-1].rsplit("/", 1)[-1] == "Dataset" and bool({"distribution", "recordSet"} & set(value))


def gather(source: Source) -> tuple[Found, Reader]:
    """The data set, and the sources that it is fetched from."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    name = reader.name(value.get("name"), ("name",)) or "Data set"
    found = Found(name, reader.word(value.get("description"), ("description",))[:1_000])
    services = Services(found)
    personal = next((key for key in value if str(key).endswith("personalSensitiveInformation") and value[key]), "")
    url = reader.word(value.get("url"), ("url",))
    at = where(url)
    ids: tuple[str, ...] = ()
    if at and at.host == "huggingface.co" and at.path.startswith("/datasets/"):
        ids = (f"pkg:huggingface/datasets/{at.path.removeprefix('/datasets/').strip('/').lower()}"[:300],)
    note = "it says that it holds personal or sensitive data" if personal else ""
    services.add(Part("dataset", name, (), "data set", type="Dataset", note=note, identifiers=ids))
    total = fixed = 0
    publishers: set[str] = set()
    for place, one in reader.entries(value.get("distribution"), ("distribution",)):
        total += 1
        checked = any(isinstance(one.get(key), str) and _SHA.fullmatch(one[key]) for key in ("sha256", "sc:sha256"))
        fixed += checked
        said = reader.word(one.get("contentUrl", one.get("sc:contentUrl")), (*place, "contentUrl"))
        host = where(said) if "://" in said else None
        if host is None or host.local:
            found.omit("file", place, "it lies within another file of the data set, or names no address")
            continue
        key = f"source {host.host}"
        zone = services.internet(place)
        services.add(
            Part(
                key,
                host.host,
                place,
                "file",
                type="DataSource",
                boundary=zone,
                ground=Ground.REFERENCE,
                identifiers=(f"dns:{host.host}",),
            ),
            again=True,
        )
        found.links.append(Link("dataset", "derivedFrom", key, place, "origin"))
        if key not in publishers:
            publishers.add(key)
            found.attackers.append(
                Attacker(
                    key + " publisher",
                    f"Publisher at {host.host}"[:200],
                    place,
                    "publisher",
                    ActorKind.SUPPLIER,
                    starts=((key, Capability.REACH),),
                    ground=Ground.REFERENCE,
                )
            )
    if total and fixed == total:
        found.measures.append(
            Measure(
                "checksums",
                "Checksums of all files",
                ("distribution",),
                "checksums",
                "dataset-provenance",
                ("dataset",),
            )
        )
    elif fixed:
        reader.report("note", ("distribution",), f"{fixed} of {total} files have a checksum; the others may change.")
    reader.unread(value, _DONE, (), "this description")
    return found, reader


IMPORTER = two_stage(ID, "Croissant data set (JSON-LD)", sniff, gather, ("croissant.json", "*croissant*.json"))
