"""draw.io (diagrams.net) files, plain and compressed: pages of shapes, containers, dashed boxes and connectors.

XML is read with defusedxml, pages are unpacked with zlib, both within limits. No package among the usual ones reads it.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from xml.etree.ElementTree import Element

from graphmodel.model.accounts import Question
from graphmodel.reading.limits import MAX_BYTES
from graphmodel.reading.problems import UnreadableError, refusal
from graphmodel.reading.values import Place
from graphmodel.reading.xml_text import local, read_xml, root_name
from importers.drawio_page import Page
from importers.drawn import ask_about_twins
from importers.elements import Found
from importers.importer import two_stage
from importers.provenance import Reader, lined_reader
from importers.source import Source

ID = "drawio"
ROOTS = frozenset({"mxfile", "mxgraphmodel"})
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def sniff(source: Source) -> bool:
    """Whether the first element of an XML file is that of a drawing."""
    return root_name(source.data) in ROOTS


def gather(source: Source) -> tuple[Found, Reader]:
    """The elements of all pages; raises ``UnreadableError`` where a page unpacks to more than a file may hold."""
    xml = read_xml(source.data, source.name)
    reader, lines = lined_reader(source.name, ID)
    found = Found(source.name.rpartition("/")[2].partition(".")[0] or "Drawing")
    left = MAX_BYTES
    if local(xml.root.tag).lower() == "mxgraphmodel":
        pages: list[tuple[Element, str]] = [(xml.root, "")]
    else:
        pages = [(one, one.get("name", "")[:100]) for one in xml.root if local(one.tag) == "diagram"]
    for number, (element, title) in enumerate(pages):
        place: Place = ("diagram", number)
        lines[place] = xml.lines.get(element, 0)
        model, told = _model(element), xml.lines
        if model is None and (element.text or "").strip():
            try:
                data = unpacked(element.text or "", source.name, left)
                left -= len(data)
                inner = read_xml(data, source.name)
                model, told = inner.root, {}
            except _NotPackedError:
                found.omit("page", place, "what stands in it is neither XML nor compressed as draw.io does")
                continue
            except UnreadableError as error:
                if "larger" in error.problem.message or "entities" in error.problem.message:
                    raise
                found.omit("page", place, "what is compressed in it is no XML")
                continue
        if model is None:
            found.omit("page", place, "it is empty")
            continue
        Page(found, reader, lines, told, model, place, title if len(pages) > 1 else "").gather()
    ask_about_twins(found)
    if any(one.flow and not one.two_way for one in found.links):
        text = "Arrows were read as the direction of the data. Where one is a call that is answered, set “two_way”."
        found.questions.append(Question("", text))
    return found, reader


def _model(element: Element) -> Element | None:
    if local(element.tag).lower() == "mxgraphmodel":
        return element
    return next((one for one in element if local(one.tag) == "mxGraphModel"), None)


class _NotPackedError(Exception):
    """A text is not what draw.io makes of a page."""


def unpacked(text: str, file: str, most: int) -> bytes:
    """The XML of a compressed page: base64, raw deflate, and per cent signs, undone within ``most`` bytes."""
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        data = inflater.decompress(packed, most + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise _NotPackedError from error
    if len(data) > most or inflater.unconsumed_tail:
        said = "a compressed page is larger than what is read."
        raise refusal(file, said, "Save the file uncompressed, and split it.")
    return _PERCENT.sub(lambda match: bytes((int(match[1], 16),)), data)


IMPORTER = two_stage(ID, "draw.io diagram", sniff, gather, ("*.drawio", "*.drawio.xml", "*.dio"))
