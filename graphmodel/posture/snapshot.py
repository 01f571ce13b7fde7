"""A dated record of a system document and its results: what is in one, how it is written, and how it is read again.

The format is documented in ``docs/snapshots.md``. A snapshot names its own content: whoever reads one is told
where it is not what was written.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from graphmodel.posture.snapshot_schema import SCHEMA, VERSION
from graphmodel.reading.json_text import read_json
from graphmodel.reading.problems import refusal
from graphmodel.reading.quick_schema import surely_fits
from graphmodel.reading.values import brief, dotted
from graphmodel.version import __version__

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

MARK = "graphmodel_snapshot"
MAX_NOTE = 2_000  # characters
_SHORT = 16  # digits of the digest that a file's name has
_NAMED = re.compile(rf"-([0-9a-f]{{{_SHORT}}})\.json$")


@dataclass(frozen=True)
class Embedded:
    """A file as it was read."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Snapshot:
    """A record: the document with the files that it draws in, what else its results rest on, and these.

    ``date`` is an ISO date, what evidence expired against. ``format`` is that of the document. ``beside`` are its
    own catalogue and settings files. ``method`` has reach, seed, worlds, confidence and precision; ``catalogue`` the
    edition and each entry in a line; ``settings`` those in force; ``results`` is as ``record.results_value`` has it.
    """

    date: str
    note: str
    system: Mapping[str, str]
    format: str
    document: Embedded
    beside: tuple[Embedded, ...]
    answers: Embedded | None
    catalogue: Mapping[str, Any]
    settings: Mapping[str, Any]
    method: Mapping[str, Any]
    results: Mapping[str, Any]
    program: str = field(default=__version__)

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, in 64 digits."""
        return _digest(self._content())

    @property
    def name(self) -> str:
        """The name of the file: date, system and the first digits of the digest."""
        system = re.sub(r"[^A-Za-z0-9_-]+", "-", self.system["id"])[:60].strip("-") or "system"
        return f"{self.date}-{system}-{self.digest[:_SHORT]}.json"

    def to_text(self) -> str:
        """The file: JSON in a stable order, a line of the document on a line, so that two can be compared by eye."""
        value = {MARK: VERSION, "digest": f"sha256:{self.digest}", **self._content()}
        return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def _content(self) -> dict[str, Any]:
        return {
            "date": self.date,
            "note": self.note,
            "program": {"name": "graphmodel", "version": self.program},
            "system": dict(self.system),
            "method": dict(self.method),
            "results": dict(self.results),
            "document": {"format": self.format, **_file_out(self.document)},
            "beside": [_file_out(one) for one in self.beside],
            "answers": _file_out(self.answers) if self.answers is not None else None,
            "settings": dict(self.settings),
            "catalogue": dict(self.catalogue),
        }


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _file_out(one: Embedded) -> dict[str, Any]:
    try:
        return {"name": one.name, "lines": one.data.decode("utf-8").split("\n")}
    except UnicodeDecodeError:
        return {"name": one.name, "base64": base64.b64encode(one.data).decode()}


def is_snapshot(value: Any) -> bool:
    """Whether a value read from JSON is meant as a snapshot."""
    return isinstance(value, dict) and MARK in value


def read_snapshot(data: bytes, name: str) -> Snapshot:
    """Read a snapshot; raises ``UnreadableError`` for what is none, is damaged, or comes from a newer program."""
    text = read_json(data, name)
    if not is_snapshot(text.value):
        raise refusal(name, "this is no snapshot.", "`graphmodel snapshot FILE` takes one.")
    return snapshot_from(text.value, name)


def snapshot_from(value: Mapping[str, Any], name: str) -> Snapshot:
    """The snapshot in a value for which ``is_snapshot`` holds; raises ``UnreadableError`` as ``read_snapshot`` does."""
    version = value[MARK]
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        program = value.get("program")
        by = program.get("version") if isinstance(program, dict) else None
        which = f"graphmodel {brief(by)}" if isinstance(by, str) else "a newer graphmodel"
        message = f"this snapshot was written by {which} in version {version} of the format; this one reads {VERSION}."
        raise refusal(name, message, "Install that version of graphmodel, or a later one, and try again.")
    content = {key: inner for key, inner in value.items() if key not in (MARK, "digest")}
    digest = _digest(content)
    damaged = "Take it from a copy or from git again; nothing in it can be relied on."
    if value.get("digest") != f"sha256:{digest}":
        raise refusal(name, "this snapshot is damaged, or was changed: its digest is not that of its content.", damaged)
    stated = _NAMED.search(name)
    if stated is not None and stated[1] != digest[:_SHORT]:
        message = f"this snapshot is not the one that its name says: its content has the digest {digest[:_SHORT]}."
        raise refusal(name, message, damaged)
    for error in () if surely_fits(SCHEMA, value) else _validator().iter_errors(value):
        message = f"this snapshot is not as its format has it: {' '.join(error.message.split())[:200]}"
        raise refusal(name, f"{dotted(tuple(error.absolute_path))}: {message}.", "Take it anew.")
    return Snapshot(
        date=value["date"],
        note=value["note"],
        system=value["system"],
        format=value["document"]["format"],
        document=_file_in(value["document"], name),
        beside=tuple(_file_in(one, name) for one in value["beside"]),
        answers=_file_in(value["answers"], name) if value["answers"] is not None else None,
        catalogue=value["catalogue"],
        settings=value["settings"],
        method=value["method"],
        results=value["results"],
        program=value["program"]["version"],
    )


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to load, and for errors alone

    return Draft202012Validator(SCHEMA)


def _file_in(value: Mapping[str, Any], name: str) -> Embedded:
    if "lines" in value:
        return Embedded(value["name"], "\n".join(value["lines"]).encode("utf-8"))
    try:
        return Embedded(value["name"], base64.b64decode(value["base64"], validate=True))
    except binascii.Error as error:
        message = f"“{brief(value['name'])}” in this snapshot is no base64."
        raise refusal(name, message, "Take the snapshot anew.") from error
