"""graphmodel: threat modelling of AI systems by likelihood and loss on an attack graph.

From Python: ``open`` a model, ``check`` and ``assess`` it, and ask ``paths``, ``explain``, ``gaps``, ``fix_first``,
``plan``, ``loss``, ``importance`` and ``query`` of the assessment; ``to_networkx`` gives its graph.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from graphmodel.version import __version__

if TYPE_CHECKING:
    from graphmodel.api import (
        assess,
        check,
        explain,
        fix_first,
        gaps,
        importance,
        loss,
        open,
        paths,
        plan,
        query,
        to_networkx,
    )

__all__ = [
    "__version__",
    "assess",
    "check",
    "explain",
    "fix_first",
    "gaps",
    "importance",
    "loss",
    "open",
    "paths",
    "plan",
    "query",
    "to_networkx",
]


def __getattr__(name: str) -> Any:
    # Loaded when first asked for: parts of the program that need none of it start at once.
    if name in __all__:
        return getattr(import_module("graphmodel.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
