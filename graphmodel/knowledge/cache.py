"""What the shipped Turtle amounts to, kept in the user's cache directory: parsing it takes most of a second.

Nothing there is trusted. An entry begins with the digest of the rest of it; one that is no regular file, that
others may write, is larger than records are, or does not read as records is not there, and is written anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from graphmodel.knowledge.records import KINDS, Record
from graphmodel.reading.files import is_own, read_bytes, replace_file
from graphmodel.reading.json_text import read_json
from graphmodel.reading.problems import UnreadableError

MAX_CACHE_BYTES = 10_000_000
_KEPT = frozenset({"kind", "id", "values", "file", "line"})  # what is shipped overrides nothing


def cache_directory() -> Path:
    """Where the user's programs keep what they can compute again; a relative ``XDG_CACHE_HOME`` counts for nothing, as
    its specification says."""
    root = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(root):
        root = os.path.join(os.path.expanduser("~"), ".cache")
    return Path(root) / "graphmodel"


def read_cache(path: Path) -> tuple[Record, ...] | None:
    """What the cache holds; None where it holds nothing, or nothing sound."""
    try:
        if not is_own(os.stat(path)):  # who shares the directory, as one below /tmp, could have put it there
            return None
        digest, _, body = read_bytes(path, MAX_CACHE_BYTES).partition(b"\n")
        if not body or hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        value = read_json(body, str(path)).value
    except (UnreadableError, OSError):
        return None
    if not isinstance(value, list) or not value:
        return None
    records = [_record(one) for one in value]
    found = tuple(one for one in records if one is not None)
    return found if len(found) == len(records) else None


def _record(value: Any) -> Record | None:
    if not isinstance(value, dict) or set(value) != _KEPT:
        return None
    kind, id_, values, file, line = (value[name] for name in ("kind", "id", "values", "file", "line"))
    if kind not in KINDS or not isinstance(id_, str) or not isinstance(file, str) or not isinstance(line, int):
        return None
    if not isinstance(values, dict) or not all(isinstance(one, list) for one in values.values()):
        return None
    return Record(kind, id_, values, file, line)


def write_cache(path: Path, records: Iterable[Record]) -> None:
    """Keep the records; where the directory cannot be written the program is only slower."""
    body = json.dumps([{name: one for name, one in asdict(record).items() if name in _KEPT} for record in records])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        data = body.encode()
        replace_file(path, hashlib.sha256(data).hexdigest().encode() + b"\n" + data, 0o600)
    except OSError:
        return
