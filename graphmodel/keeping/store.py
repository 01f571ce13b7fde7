"""Answers as files in a directory of the user's own, the least recently used of which go when there are too many.

Each answer is a file that is named by the digest of its question, and begins with the digest of the rest. Nothing is
trusted: what is no regular file of this user, what others may write, what is damaged, or was written for another
question or in another shape, is not there, and is written anew. Any number of processes may read and write at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphmodel.engine.memory import Answer, Memory, sound
from graphmodel.keeping.questions import Digests
from graphmodel.keeping.values import answer, plain
from graphmodel.reading.files import is_own

LIMIT = 200_000_000
MOST = 20_000  # answers
MAX_ANSWER = 50_000_000
_LEFT = 0.8  # of the limit, when answers have to go
_LEFT_BEHIND = 3600.0  # seconds after which nobody is still writing a temporary file
_EVERY = 200  # answers written between two looks at the whole directory
_NAME = re.compile(r"[0-9a-f]{64}\.json")
_TEMPORARY = re.compile(r"\.[a-z0-9_]{8}\.graphmodel")
_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

Mark = Callable[[], object]
"""What was done to end work early so far: None while it is being ended, and otherwise equal to what it was before
where nothing was."""


class UnsafeError(Exception):
    """That others than the user could put answers into a directory; the text says why and what to do."""


@dataclass(frozen=True)
class Kept:
    """How many answers are kept, and how many bytes they take."""

    answers: int
    size: int


class Answers:
    """The answers in a directory, which is made where it is not there.

    Raises ``UnsafeError`` where it is not the user's alone, ``OSError`` where it cannot be had.
    """

    def __init__(self, directory: Path, limit: int = LIMIT) -> None:
        self.directory, self.limit = directory, limit
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = os.lstat(directory)
        if not stat.S_ISDIR(found.st_mode):
            raise UnsafeError(f"{directory} is a link or no directory; name a directory itself.")
        if not is_own(found):
            raise UnsafeError(f"{directory} belongs to somebody else, or others may write there; take it for yourself.")
        self._written = 0
        self._lock = threading.Lock()

    def read(self, name: str, kind: Any) -> tuple[Any] | None:
        """The answer under a name, as the only part of a tuple; None where there is none, or nothing sound."""
        path = self._path(name)
        try:
            data = _content(path)
            digest, _, body = data.partition(b"\n")
            if hashlib.sha256(body).hexdigest().encode() != digest:
                return None
            value = json.loads(body)
            if type(value) is not list or len(value) != 2 or value[0] != name:
                return None
            found = answer(kind, value[1])
        except (OSError, ValueError, RecursionError):
            return None
        return (found,)

    def write(self, name: str, value: Any) -> None:
        """Keep an answer; where it cannot be written, it is worked out again the next time."""
        body = json.dumps([name, plain(value)], separators=(",", ":")).encode()
        data = hashlib.sha256(body).hexdigest().encode() + b"\n" + body
        if len(data) > min(MAX_ANSWER, self.limit):
            return
        try:
            _replace(self._path(name), data)
        except OSError:
            return
        with self._lock:
            self._written += 1
            due = self._written % _EVERY == 1
        if due:
            self.tidy()

    def tidy(self) -> None:
        """Let the least recently used answers go until the rest are well within the limit."""
        found = sorted(self._entries(), key=lambda one: one[1].st_mtime)
        size, count = sum(one.st_size for _, one in found), len(found)
        if size <= self.limit and count <= MOST:
            return
        for path, one in found:
            if size <= _LEFT * self.limit and count <= _LEFT * MOST:
                return
            _remove(path)
            size, count = size - one.st_size, count - 1

    def kept(self) -> Kept:
        """What is there now."""
        found = list(self._entries())
        return Kept(len(found), sum(one.st_size for _, one in found))

    def clear(self) -> Kept:
        """Forget all answers; what was there."""
        before = self.kept()
        for path, _ in self._entries():
            _remove(path)
        return before

    def _path(self, name: str) -> Path:
        return self.directory / f"{name}.json"

    def _entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        """The files of answers; temporary ones of writers that were killed are removed."""
        try:
            with os.scandir(self.directory) as entries:
                for entry in entries:
                    try:
                        found = entry.stat(follow_symlinks=False)
                    except OSError:  # another process has let it go
                        continue
                    if _NAME.fullmatch(entry.name):
                        yield Path(entry.path), found
                    elif _TEMPORARY.fullmatch(entry.name) and found.st_mtime < time.time() - _LEFT_BEHIND:
                        _remove(Path(entry.path))
        except OSError:  # gone, or closed to us by now: then nothing is kept
            return


class Remembering(Memory):
    """A memory of answers on the disk. ``mark`` tells whether work was ended early, whose answer is not kept."""

    def __init__(self, answers: Answers, digests: Digests, mark: Mark) -> None:
        self._answers, self._digests, self._mark = answers, digests, mark

    def recall(
        self,
        question: Sequence[Any],
        kind: Any,
        work: Callable[[], Answer],
        fit: Callable[[Answer], bool] = sound,
    ) -> Answer:
        """The answer that is kept, or else what ``work`` gives, which is kept unless it was ended early."""
        name = self._digests.of(question)
        known = self._answers.read(name, kind)
        if known is not None and fit(known[0]):
            found: Answer = known[0]
            return found
        before = self._mark()
        result = work()
        if before is not None and self._mark() == before and fit(result):
            self._answers.write(name, result)
        return result


def _content(path: Path) -> bytes:
    descriptor = os.open(path, _READING)
    with os.fdopen(descriptor, "rb") as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode) or not is_own(found) or found.st_size > MAX_ANSWER:
            raise ValueError("no file of an answer")
        if os.utime in os.supports_fd:  # when it was last used; elsewhere those go first that were written first
            os.utime(stream.fileno())
        return stream.read(MAX_ANSWER + 1)


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. It need not outlive a power failure: what is then damaged is not taken."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".graphmodel")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        os.replace(temporary, path)
    except BaseException:
        _remove(Path(temporary))
        raise


def _remove(path: Path) -> None:
    try:
        os.unlink(path)
    except OSError:  # another process was first
        return
