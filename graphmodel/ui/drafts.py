"""Unsaved texts kept on disk, so that a reload or an ended server loses nothing.

Each lies in a file of its own below the user's state directory, readable by the user only. What is read
back is trusted no more than an upload: it is limited, checked field by field, and only ever shown in the
editor or read as a model.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from graphmodel.reading.files import is_own, read_bytes, replace_file
from graphmodel.reading.json_text import read_json
from graphmodel.reading.problems import UnreadableError

MAX_CHARACTERS = 4_000_000
MAX_DRAFTS = 40
MAX_AGE = 90 * 24 * 3600.0  # seconds
_MAX_BYTES = 6 * 4 * MAX_CHARACTERS  # three texts, escaped


@dataclass(frozen=True)
class Draft:
    """The unsaved text of one file.

    ``name`` is the path of the file, or of an upload its name; ``base`` the digest of the content that the
    text began from. ``text`` is what stood in the editor, ``used`` what the pages were about where that
    was another text than the file's. ``original`` is the content of a file that lies nowhere on this disk,
    and ``when`` the time in seconds since 1970.
    """

    name: str
    base: str
    text: str
    used: str | None = None
    original: str | None = None
    when: float = 0.0


def key_of(name: str, base: str, on_disk: bool) -> str:
    """What the draft of a file is kept under: its path, or name and content where it has no path."""
    return hashlib.sha256(repr(("file", name) if on_disk else ("upload", name, base)).encode()).hexdigest()[:32]


def directory() -> Path:
    """Where drafts are kept."""
    root = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(root) / "graphmodel" / "drafts"


def keep(key: str, draft: Draft) -> str:
    """Keep a draft in place of the one before; an empty string, or why that could not be done."""
    if max(len(draft.text), len(draft.used or ""), len(draft.original or "")) > MAX_CHARACTERS:
        return f"it has more than {MAX_CHARACTERS:,} characters"
    path = _path(key)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_own(os.lstat(path.parent)):
            return f"{path.parent} belongs to somebody else, or others may write there"
        # A link that lies there is replaced, and not followed to what it leads to.
        replace_file(path, json.dumps({"version": 1, **asdict(draft)}).encode(), 0o600)
        _prune()
    except OSError as error:
        return f"{error.filename or path.parent}: {error.strerror}"
    return ""


def find(key: str) -> Draft | None:
    """The draft under a key; None where there is none, or where it is not one that this program wrote."""
    return _read(_path(key))


def forget(key: str) -> None:
    """Remove a draft, if it is there."""
    try:
        _path(key).unlink(missing_ok=True)
    except OSError:
        return  # a directory that cannot be written holds no draft of ours


def kept() -> tuple[tuple[str, Draft], ...]:
    """All drafts with their keys, the latest first."""
    found = [(path.stem, draft) for path in _files() if (draft := _read(path)) is not None]
    return tuple(sorted(found, key=lambda one: -one[1].when))


def _path(key: str) -> Path:
    return directory() / f"{key}.json"


def _files() -> list[Path]:
    try:
        return [path for path in directory().iterdir() if path.suffix == ".json" and not path.name.startswith(".")]
    except OSError:
        return []


def _prune() -> None:
    """Remove drafts that are old, and the oldest of too many."""
    dated = sorted(((path.stat().st_mtime, path) for path in _files()), reverse=True)
    for number, (when, path) in enumerate(dated):
        if number >= MAX_DRAFTS or when < time.time() - MAX_AGE:
            path.unlink(missing_ok=True)


def _read(path: Path) -> Draft | None:
    try:
        if not all(is_own(os.lstat(one)) for one in (path.parent, path)) or path.is_symlink():
            return None  # others could have put it there
        value = read_json(read_bytes(path, _MAX_BYTES), path.name, _MAX_BYTES).value
    except (UnreadableError, OSError, ValueError):
        return None
    if not isinstance(value, dict) or value.pop("version", None) != 1 or set(value) != set(Draft.__dataclass_fields__):
        return None
    texts, optional, when = ("name", "base", "text"), ("used", "original"), value["when"]
    sound = (
        all(isinstance(value[one], str) for one in texts)
        and all(value[one] is None or isinstance(value[one], str) for one in optional)
        and isinstance(when, float)
        and 0 <= when < 1e11
        and max(len(value[one] or "") for one in (*texts, *optional)) <= MAX_CHARACTERS
    )
    return Draft(**value) if sound else None
