"""How large, how deep and how full a file may be that is read at all, and how large a number in it."""

from __future__ import annotations

from typing import Any

from graphmodel.reading.problems import UnreadableError, refusal

MAX_BYTES = 20_000_000
MAX_DEPTH = 60
MAX_VALUES = 1_000_000
MAX_ENTRIES = 100_000  # of one list or map in a description of a system
MAX_TOGETHER = 200_000  # elements of all kinds in a system
MAX_ACTORS = 100  # of a system: each has an attack graph of its own
MAX_PROTECTIONS = 500_000  # controls times what they protect
MAX_PROBLEMS = 1_000  # of one file that are told; who mends these sees the next
MAX_AMOUNT = 1e18  # of money, in whatever currency: more than the world earns in a year in any of them
MAX_RATE = 1e6  # campaigns a year: two a minute
MAX_PATTERNS = 2_000  # of a file in which people say which names mean what: each is tried on each name
MAX_TRIALS = 1_000_000_000  # prompts of one test


def check_size(data: bytes, file: str, limit: int = MAX_BYTES) -> None:
    """Refuse data beyond the limit; raises ``UnreadableError``."""
    if len(data) > limit:
        raise too_large(file, limit)


def too_large(file: str, limit: int) -> UnreadableError:
    """That a file has more bytes than are read, to be raised."""
    most = f"{limit // 1_000_000} MB" if limit >= 1_000_000 else f"{limit // 1_000} kB"
    size = f"the file is larger than the limit of {most}."
    return refusal(file, size, "Split the model, or leave out what is not a part of the system.")


def too_deep(file: str, line: int = 0) -> UnreadableError:
    """That a document is nested beyond ``MAX_DEPTH``, to be raised."""
    return refusal(file, "the document is nested too deeply.", f"At most {MAX_DEPTH} levels are read.", line)


def beyond_limits(value: Any, size: int) -> str:
    """Why a document of this value and as many bytes would not be read again; empty where it would."""
    if size > MAX_BYTES:
        return f"the document has {size:,} bytes; at most {MAX_BYTES:,} are read."
    left, agenda = MAX_VALUES, [value]
    while agenda:
        one = agenda.pop()
        left -= 1
        if isinstance(one, str):
            left -= len(one) // 100
        elif isinstance(one, dict):
            agenda.extend(one.values())
        elif isinstance(one, list):
            agenda.extend(one)
    return f"the document holds more than {MAX_VALUES:,} values." if left < 0 else ""
