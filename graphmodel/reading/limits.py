"""How large, how deep and how full a file may be that is read at all."""

from __future__ import annotations

from graphmodel.reading.problems import UnreadableError, refusal

MAX_BYTES = 20_000_000
MAX_DEPTH = 60
MAX_VALUES = 1_000_000


def check_size(data: bytes, file: str, limit: int = MAX_BYTES) -> None:
    """Refuse data beyond the limit; raises ``UnreadableError``."""
    if len(data) > limit:
        size = f"the file is larger than the limit of {limit // 1_000_000} MB."
        raise refusal(file, size, "Split the model, or leave out what is not a part of the system.")


def too_deep(file: str, line: int = 0) -> UnreadableError:
    """That a document is nested beyond ``MAX_DEPTH``, to be raised."""
    return refusal(file, "the document is nested too deeply.", f"At most {MAX_DEPTH} levels are read.", line)
