"""What somebody's own files say otherwise than a shipped entry of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overridden:
    """That a field of a shipped threat, rule or control says ``now`` and not ``before``, both in words; ``file`` and
    ``line`` are where somebody wrote so. What is empty says nothing."""

    kind: str
    entry: str
    field: str
    before: str
    now: str
    file: str = ""
    line: int = 0

    @property
    def said(self) -> str:
        """What is otherwise, in a sentence."""
        now = f"“{self.now}”" if self.now else "nothing"
        return f"{self.field} of the {self.kind} “{self.entry}” is {now} here, and {self._before} as shipped."

    @property
    def _before(self) -> str:
        return f"“{self.before}”" if self.before else "nothing"
