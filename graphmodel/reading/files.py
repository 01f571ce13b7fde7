"""Files on a disk that nobody vouches for: read within limits and without waiting, written whole or not at all."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from graphmodel.reading.limits import MAX_BYTES, check_size, too_large
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import refusal

_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_ENDING = ".graphmodel"
_LEFT_BEHIND = 3600.0  # seconds after which nobody is still writing a temporary file


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file of at most ``limit`` bytes; raises ``UnreadableError``.

    Devices, pipes and directories are refused before they are opened, and what has nothing to give at once,
    as some files of the kernel have not, is refused instead of waited for.
    """
    name = printable(str(path))
    try:
        _check_kind(name, os.stat(path), limit)
        descriptor = os.open(path, os.O_RDONLY | _WITHOUT_WAITING)
        with os.fdopen(descriptor, "rb", buffering=0) as stream:
            _check_kind(name, os.fstat(descriptor), limit)
            data = _read(stream.fileno(), limit + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise refusal(name, "there is no such file.", "Check the path.") from error
    except BlockingIOError as error:
        raise refusal(name, "the file has nothing to read yet, and is not waited for.", "Copy it first.") from error
    except OSError as error:
        raise refusal(name, f"the file cannot be read ({error.strerror}).", "Check its permissions.") from error
    except ValueError as error:  # a name with a NUL in it
        raise refusal(name, "no file can have this name.", "Check the path.") from error
    check_size(data, name, limit)
    return data


def is_own(found: os.stat_result) -> bool:
    """Whether a file or directory is the user's, and nobody else may write it."""
    return not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)


def _check_kind(name: str, found: os.stat_result, limit: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise refusal(name, "this is a directory.", "Name a file in it.")
    if not stat.S_ISREG(found.st_mode):
        raise refusal(name, "this is a device or a pipe, not a regular file.", "Save what it gives as a file.")
    if found.st_size > limit:
        raise too_large(name, limit)


def read_stream(stream: BinaryIO, name: str, limit: int = MAX_BYTES) -> bytes:
    """What a stream gives until it ends, at most ``limit`` bytes; raises ``UnreadableError``, also for nothing at all.

    Waits as long as whoever writes it takes.
    """
    parts, left = [], limit + 1
    try:
        while left > 0 and (part := stream.read(min(left, 1 << 20))):
            parts.append(part)
            left -= len(part)
    except OSError as error:
        raise refusal(name, f"it cannot be read ({error.strerror}).", "Name a file.") from error
    data = b"".join(parts)
    if not data:
        raise refusal(name, "it is empty.", "See whether the program that should write it failed.")
    check_size(data, name, limit)
    return data


def _read(descriptor: int, most: int) -> bytes:
    parts, left = [], most
    while left > 0:
        part = os.read(descriptor, min(left, 1 << 20))
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a crash leaves the old content or the new, never a part of either.

    A link is written through to what it leads to. Raises ``OSError`` where the file cannot be written.
    """
    write_bytes_atomically(path, text.encode("utf-8"))


def write_bytes_atomically(path: Path, data: bytes) -> None:
    """The same for a file that is no text. What is no file, as a pipe or ``/dev/null``, is given the data."""
    if path.exists() and not path.is_file():
        _give(path, data)
        return
    target = Path(os.path.realpath(path))
    mode = target.stat().st_mode & 0o777 if target.exists() else usual_mode()
    replace_file(target, data, mode)


def _give(path: Path, data: bytes) -> None:
    # Who writes to a pipe that nobody reads is told so, and does not wait for ever.
    with os.fdopen(os.open(path, os.O_WRONLY | _WITHOUT_WAITING), "wb") as stream:
        os.set_blocking(stream.fileno(), True)
        stream.write(data)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def replace_file(path: Path, data: bytes, mode: int) -> None:
    """Write a file so that a crash leaves the old content or the new, never a part of either.

    What earlier writers of this file left behind when they were killed is removed. Raises ``OSError``.
    """
    beginning = f".{path.name[:50]}."
    _sweep(path.parent, beginning)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=beginning, suffix=_ENDING)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _keep_name(path.parent)


def create_file(path: Path, data: bytes, mode: int, beginning: str) -> bool:
    """Write a file that is not there yet, whole or not at all; False, and nothing written, where it is there.

    ``beginning`` is how the names of temporary files begin; what killed writers left behind under it is removed.
    Where a file system knows no links, somebody who writes the same name at the same moment is written over: so
    the name must say the content. Raises ``OSError``.
    """
    _sweep(path.parent, beginning)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=beginning, suffix=_ENDING)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        created = _named(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    _keep_name(path.parent)
    return created


def _named(temporary: str, path: Path) -> bool:
    """Give a temporary file its name for good, unless that is taken; the temporary one is gone afterwards."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        os.unlink(temporary)
        return False
    except OSError:  # no links here
        if os.path.lexists(path):
            os.unlink(temporary)
            return False
        os.replace(temporary, path)
        return True
    os.unlink(temporary)
    return True


def usual_mode() -> int:
    """The mode of a new file of this user."""
    return 0o666 & ~_umask()


def _sweep(directory: Path, beginning: str) -> None:
    """Remove temporary files of ours that nobody is writing any more."""
    ours = re.compile(re.escape(beginning) + r"[a-z0-9_]{8}" + re.escape(_ENDING))
    before = time.time() - _LEFT_BEHIND
    try:
        for entry in os.scandir(directory):
            if ours.fullmatch(entry.name) and _is_left_behind(entry.stat(follow_symlinks=False), before):
                os.unlink(entry.path)
    except OSError:  # another writer sweeps as well, or this directory cannot be listed: writing comes first
        return


def _is_left_behind(found: os.stat_result, before: float) -> bool:
    mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
    return mine and stat.S_ISREG(found.st_mode) and found.st_mtime < before


def _keep_name(directory: Path) -> None:
    """See to it that a file keeps its new name when the power fails."""
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError:  # Windows opens no directories, and a directory may be closed to readers; the file is whole
        return
    try:
        os.fsync(descriptor)
    except OSError:  # some network file systems promise this for no directory
        return
    finally:
        os.close(descriptor)
