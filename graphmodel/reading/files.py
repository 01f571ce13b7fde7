"""Files on a disk that nobody vouches for, read within limits."""

from __future__ import annotations

from pathlib import Path

from graphmodel.reading.limits import MAX_BYTES, check_size
from graphmodel.reading.problems import refusal


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a file, refused by its size before it is read; raises ``UnreadableError``."""
    try:
        if not path.is_file():
            raise refusal(str(path), "there is no such file.", "Check the path.")
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise refusal(str(path), f"the file cannot be read ({error.strerror}).", "Check its permissions.") from error
    check_size(data, str(path), limit)
    return data
