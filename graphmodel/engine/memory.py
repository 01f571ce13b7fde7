"""Memory: what answers may be kept in, so that a question that was answered once is not worked out again.

What keeps them is handed in with the options. To ask it changes no number: an answer that is remembered is the one
that would be worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Answer = TypeVar("Answer")


def sound(_answer: object) -> bool:
    """Whether an answer is fit to be kept; any, where nothing else is asked for."""
    return True


class Memory:
    """What remembers answers; this one remembers nothing, and every question is worked out."""

    def recall(
        self,
        question: Sequence[Any],
        kind: Any,
        work: Callable[[], Answer],
        fit: Callable[[Answer], bool] = sound,
    ) -> Answer:
        """The answer to a question: the one that is remembered, or else what ``work`` gives.

        ``question`` holds everything that decides the answer, as frozen values; ``kind`` is the type of the answer.
        Only an answer that is ``fit`` is kept, or taken from what was kept.
        """
        return work()


FORGETFUL = Memory()
