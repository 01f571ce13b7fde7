"""Files of a folder that a person wants read or left, and files that are left aside with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Wishes:
    """Files that a person wants read or left, by patterns such as ``docs/*`` or the name of a folder."""

    take: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()

    def takes(self, name: str) -> bool:
        """Whether a file is asked for."""
        return _fits(name, self.take)

    def leaves(self, name: str) -> bool:
        """Whether a file is not wanted."""
        return _fits(name, self.leave)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    bare = name.partition(" with ")[0]
    return any(fnmatchcase(bare, one) or bare.startswith(one.rstrip("/") + "/") for one in patterns)


@dataclass(frozen=True)
class LeftAside:
    """A file that could be read and was not, and why; ``instead`` is the one that was read in its place."""

    file: str
    reason: str
    instead: str = ""
