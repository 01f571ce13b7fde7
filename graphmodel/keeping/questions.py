"""Questions as digests: two questions have the same one if all that decides their answers is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from threading import Lock
from typing import Any

_LARGE = 20_000  # characters from which a value is worth being known again
_KNOWN = 8
_PIECE = 5_000


class Digests:
    """Digests of questions. Large parts that stand in many of them, such as a catalogue, are read once."""

    def __init__(self, program: str) -> None:
        """``program`` tells the versions of the program apart, which may answer otherwise."""
        self._program = program
        self._known: dict[int, tuple[Any, str]] = {}
        self._lock = Lock()

    def of(self, question: Sequence[Any]) -> str:
        """The digest of a question, in 64 hexadecimal digits; raises ``TypeError`` for what is no plain value."""
        whole = hashlib.sha256(self._program.encode())
        for part in question:
            whole.update(self._part(part).encode())
        return whole.hexdigest()

    def _part(self, part: Any) -> str:
        with self._lock:
            known = self._known.get(id(part))
        if known is not None and known[0] is part:
            return known[1]
        text = _Text()
        _write(part, text)
        found = text.digest()
        if text.length >= _LARGE:
            with self._lock:
                self._known[id(part)] = part, found
                for oldest in list(self._known)[:-_KNOWN]:
                    del self._known[oldest]
        return found


class _Text:
    """The canonical text of a value, of which no more than a piece is ever there."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self._digest = hashlib.sha256()

    def add(self, part: str) -> None:
        self.parts.append(part)
        if len(self.parts) >= _PIECE:
            self._flush()

    def digest(self) -> str:
        self._flush()
        return self._digest.hexdigest()

    def _flush(self) -> None:
        text = "".join(self.parts)
        self.length += len(text)
        self._digest.update(text.encode("utf-8", "surrogatepass"))
        self.parts.clear()


def _write(value: Any, out: _Text) -> None:
    """Add the canonical text of a value: every part says its kind and its length, so that no two values share one."""
    if value is None or value is True or value is False:
        out.add(f"{value};")
    elif isinstance(value, Enum):
        out.add(f"e{type(value).__name__}.{value.name};")
    elif isinstance(value, str):
        out.add(f"s{len(value)}:{value}")
    elif isinstance(value, float):
        out.add(f"f{float.__repr__(value)};")
    elif isinstance(value, int):
        out.add(f"i{int(value)};")
    elif is_dataclass(value):
        kind: type = type(value)
        out.add(f"<{kind.__module__}.{kind.__qualname__};")
        for name in _decisive(kind):
            _write(getattr(value, name), out)
    elif isinstance(value, Mapping):
        out.add(f"m{len(value)}:")
        for key, one in value.items():
            _write(key, out)
            _write(one, out)
    elif isinstance(value, frozenset | set):
        out.add(f"u{len(value)}:")
        for digest in sorted(_digest(one) for one in value):
            out.add(digest)
    elif isinstance(value, list | tuple):
        out.add(f"t{len(value)}:")
        for one in value:
            _write(one, out)
    else:
        raise TypeError(f"a question cannot hold a {type(value).__name__}")


def _digest(value: Any) -> str:
    text = _Text()
    _write(value, text)
    return text.digest()


@cache
def _decisive(kind: type) -> tuple[str, ...]:
    """The fields by which values of a class differ."""
    return tuple(one.name for one in fields(kind) if one.compare)
