"""CycloneDX 1.2 to 1.7, JSON and XML: models with their cards and data sets, services, packages, what depends on what.

The package of the format cannot be used: it drops model cards, and refuses files that tools write.
"""

from __future__ import annotations

from graphmodel.reading.xml_text import read_xml, root_name
from importers.cyclonedx.blueprint import IMPORTER as BLUEPRINT_IMPORTER
from importers.cyclonedx.bom import Bom
from importers.cyclonedx.of_xml import value_of
from importers.elements import Found
from importers.importer import two_stage
from importers.provenance import Reader, lined_reader
from importers.source import Source

ID = "cyclonedx"


def sniff(source: Source) -> bool:
    """Whether a file says that it is a bill of materials of this format; threat models of 2.0 are another format."""
    if root_name(source.data) == "bom":
        return b"cyclonedx.org/schema/bom" in source.data[:5_000]
    value = source.value
    return isinstance(value, dict) and value.get("bomFormat") == "CycloneDX"


def gather(source: Source) -> tuple[Found, Reader]:
    """The models, data, services and packages of the file; raises ``UnreadableError`` for XML that is refused."""
    if root_name(source.data) == "bom":
        xml = read_xml(source.data, source.name)
        reader, lines = lined_reader(source.name, ID)
        return Bom(reader, value_of(xml, lines)).gather(), reader
    reader = Reader(source.text, importer=ID)
    return Bom(reader, reader.mapping(source.text.value, ())).gather(), reader


IMPORTER = two_stage(
    ID,
    "CycloneDX bill of materials (JSON, XML)",
    sniff,
    gather,
    ("*.cdx.json", "*.cdx.xml", "bom.json", "bom.xml", "*aibom*.json", "*sbom*.json", "*.cyclonedx.json"),
)

__all__ = ["BLUEPRINT_IMPORTER", "IMPORTER"]
