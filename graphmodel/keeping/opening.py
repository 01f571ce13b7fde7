"""Opens the answers of this user: where they are kept, and which program they are of."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from graphmodel.engine.memory import FORGETFUL, Memory
from graphmodel.keeping.questions import Digests
from graphmodel.keeping.store import Answers, Mark, Remembering, UnsafeError
from graphmodel.knowledge.cache import cache_directory
from graphmodel.version import __version__

VARIABLE = "GRAPHMODEL_CACHE"
OFF = "off"
_FORMAT = 1
_PACKAGES = ("numpy", "scipy", "numba", "oxidd", "networkx", "ortools", "highspy")


def directory() -> Path | None:
    """Where answers are kept: in the directory that the environment names, or the user's cache; None where it says
    that none are."""
    named = os.environ.get(VARIABLE, "")
    if named == OFF:
        return None
    return Path(named) if named else cache_directory() / "answers"


def memory(mark: Mark) -> Memory:
    """The user's memory; a forgetful one where none is wanted, or its directory cannot be used.

    ``mark`` tells whether work was ended early.
    """
    place = directory()
    if place is None:
        return FORGETFUL
    try:
        return Remembering(Answers(place), _digests(), mark)
    except (OSError, UnsafeError):  # ``graphmodel cache`` says what is wrong with it; here it is only slower
        return FORGETFUL


@cache
def _digests() -> Digests:
    return Digests(program())


@cache
def program() -> str:
    """Names what answers: the program with each of its files, what it computes with, and the machine."""
    root = Path(__file__).parent.parent
    files = [f"{one.relative_to(root)} {one.stat().st_size} {one.stat().st_mtime_ns}" for one in root.rglob("*.py")]
    packages = [f"{one} {_version(one)}" for one in _PACKAGES]
    return "\n".join(
        [f"answers {_FORMAT} of graphmodel {__version__}", sys.version, platform.machine(), *packages, *sorted(files)]
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
