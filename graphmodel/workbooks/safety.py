"""A workbook from a stranger, looked at before it is read: a zip archive of XML within limits, and nothing else in it.

Every part is unpacked here once, in pieces, and its markup is walked with defusedxml, which refuses declarations of
entities and of document types; so what reads it afterwards meets no bomb, whichever parser that one uses.
"""

from __future__ import annotations

import io
import zipfile
from typing import NoReturn

from graphmodel.reading.limits import check_size
from graphmodel.reading.problems import UnreadableError, refusal

MAX_WORKBOOK_BYTES = 10_000_000
MAX_MEMBERS = 300
MAX_UNPACKED = 40_000_000
MAX_RATIO = 200  # of unpacked to packed bytes, of what is larger than a megabyte
MAX_ELEMENTS = 200_000  # of XML, in all parts together
MAX_NESTING = 60
_MARKUP = (".xml", ".rels", ".vml")
_TAKE_OUT = "Save the questionnaire again as an Excel workbook (.xlsx), without anything added to it."


def check_workbook(data: bytes, name: str) -> None:
    """Refuse what is no workbook or beyond the limits; raises ``UnreadableError``."""
    check_size(data, name, MAX_WORKBOOK_BYTES)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        said = "this is an Excel file of before 2007, or one with a password."
        raise refusal(name, said, "Save it as an Excel workbook (.xlsx) without a password.")
    if not data.startswith(b"PK"):
        raise refusal(name, "this is no Excel workbook (.xlsx).", "Save it as an Excel workbook.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive.infolist(), name)
            _check_content(archive, name)
    except UnreadableError:
        raise
    except Exception as error:  # zipfile and zlib raise a dozen kinds for what is broken or made up
        raise refusal(name, f"the workbook is broken ({_said(error)}).", _TAKE_OUT) from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200] if str(error) else type(error).__name__


def _check_members(members: list[zipfile.ZipInfo], name: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise refusal(name, f"the workbook has {len(members):,} parts; at most {MAX_MEMBERS} are read.", _TAKE_OUT)
    names = [one.filename for one in members]
    if len(set(names)) < len(names):
        raise refusal(name, "the workbook has two parts of the same name.", _TAKE_OUT)
    if "xl/workbook.xml" not in names:
        raise refusal(name, "this archive holds no Excel workbook.", "Save it as an Excel workbook (.xlsx).")
    for one in members:
        if one.flag_bits & 1:
            raise refusal(name, "the workbook is encrypted.", "Save it without a password.")
        if one.file_size > 1_000_000 and one.file_size > MAX_RATIO * max(1, one.compress_size):
            raise refusal(name, "the workbook unpacks to far more than it may.", _TAKE_OUT)
    if sum(one.file_size for one in members) > MAX_UNPACKED:
        _too_much(name)


def _check_content(archive: zipfile.ZipFile, name: str) -> None:
    unpacked = elements = 0
    for member in archive.infolist():
        with archive.open(member) as stream:
            content = stream.read(MAX_UNPACKED - unpacked + 1)
        unpacked += len(content)
        if unpacked > MAX_UNPACKED:
            _too_much(name)
        if member.filename.lower().endswith(_MARKUP):
            elements += _check_markup(content, name, MAX_ELEMENTS - elements)


def _too_much(name: str) -> NoReturn:
    most = f"{MAX_UNPACKED // 1_000_000} MB"
    raise refusal(name, f"the workbook unpacks to more than the limit of {most}.", _TAKE_OUT)


def _check_markup(content: bytes, name: str, most: int) -> int:
    """How many elements a part has."""
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - who reads no workbook needs no XML
    from defusedxml.ElementTree import iterparse  # noqa: PLC0415

    count = depth = 0
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                count, depth = count + 1, depth + 1
                if count > most or depth > MAX_NESTING:
                    what = "nested too deeply" if depth > MAX_NESTING else "too full"
                    raise refusal(name, f"the workbook is {what}.", _TAKE_OUT)
            else:
                depth -= 1
                element.clear()
    except DefusedXmlException as error:
        said = "the workbook declares entities or a document type, which no spreadsheet program does."
        raise refusal(name, said, "Do not use this file; ask who sent it.") from error
    return count
