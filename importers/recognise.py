"""Says what a file is that no importer reads, so that it is never called bad YAML: by its content, not by its name."""

from __future__ import annotations

import re
from typing import Any

from importers.recognise_text import text_format
from importers.recognise_values import value_format

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF87a", "a picture (GIF)"),
    (b"GIF89a", "a picture (GIF)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office or Visio document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\x00asm", "a WebAssembly program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"\x89HDF", "an HDF5 file"),
    (b"GGUF", "the weights of a model (GGUF)"),
    (b"\x80\x02", "a Python pickle, such as the weights of a model"),
    (b"\x80\x03", "a Python pickle, such as the weights of a model"),
    (b"\x80\x04", "a Python pickle, such as the weights of a model"),
    (b"\x80\x05", "a Python pickle, such as the weights of a model"),
)
# What an archive holds says what it is; names stand in it as they are.
_INSIDE: tuple[tuple[bytes, str], ...] = (
    (b"word/document.xml", "a Word document"),
    (b"ppt/presentation.xml", "a PowerPoint presentation"),
    (b"visio/document.xml", "a Visio drawing"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"META-INF/MANIFEST.MF", "a Java archive"),
    (b"data.pkl", "the weights of a model (PyTorch)"),
)
_ROOTS = {
    "mxlibrary": "a draw.io library",
    "html": "an HTML page",
    "svg": "a picture (SVG)",
    "rdf": "RDF in XML",
    "definitions": "a BPMN or WSDL description",
    "xmi": "a UML model (XMI)",
    "visiodocument": "a Visio drawing",
    "feed": "a news feed",
    "rss": "a news feed",
}
_HEAD = 100_000


def recognise(data: bytes, value: Any = None) -> str | None:
    """What a file is, in words such as “a draw.io diagram”; None where nobody here knows.

    ``value`` is what it says where it can be parsed as JSON or YAML.
    """
    if isinstance(value, dict | list):
        return value_format(value)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        ends = data[:_HEAD] + data[-_HEAD:]
        return next((label for mark, label in _INSIDE if mark in ends), "a zip archive")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "a picture (WebP)"
    found = next((label for mark, label in _MARKS if data.startswith(mark)), None)
    if found is not None and (b"\x00" in data[:_HEAD] or data.startswith(b"%PDF-")):
        return found
    text = _decoded(data[:_HEAD])
    return xml_format(text) or text_format(text)


def xml_format(text: str) -> str | None:
    """What an XML or HTML text is by the first element in it; None where it is no such text."""
    start = text.lstrip()
    if not re.match(r"<(?:\?|!|[A-Za-z_][\w.:-]*[\s/>])", start):
        return None
    while start.startswith(("<?", "<!--")):  # what comes before the first element says nothing
        start = start.partition("?>" if start.startswith("<?") else "-->")[2].lstrip()
    root = re.match(r"<(?:!DOCTYPE\s+)?([A-Za-z_][\w.:-]*)", start, re.IGNORECASE)
    if root is None:
        return "an XML file"
    prefix, _, local = root[1].lower().rpartition(":")
    return _ROOTS.get(local) or _ROOTS.get(prefix) or "an XML file"


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data[1:2] == b"\x00":
        return data.decode("utf-16-le", "replace")
    return data.decode("utf-8-sig", "replace")
