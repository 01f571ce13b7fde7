"""What the shipped Turtle amounts to, kept in the user's cache directory: parsing it takes most of a second."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from graphmodel.knowledge.records import Record


def cache_directory() -> Path:
    """Where the user's programs keep what they can compute again."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(root) / "graphmodel"


def read_cache(path: Path) -> tuple[Record, ...] | None:
    """What the cache holds; None where it holds nothing, or nothing sound."""
    try:
        return tuple(Record(**one) for one in json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def write_cache(path: Path, records: Iterable[Record]) -> None:
    """Keep the records; where the directory cannot be written the program is only slower."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump([asdict(record) for record in records], stream)
        os.replace(temporary, path)
    except OSError:
        return
