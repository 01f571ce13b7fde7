"""AND/OR attack graphs: likelihoods with their intervals, minimal derivations, choke points and what-ifs.

A library of its own: it knows no asset, no catalogue and no AI system, and reads no file. ``docs/engine.md``
shows its use, and says which algorithm answers what.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphmodel.engine.cases import Case, Solution
    from graphmodel.engine.estimates import Estimate
    from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step, graph_from_json
    from graphmodel.engine.importance import GraphImportance, graph_importance
    from graphmodel.engine.likelihood import Options, Solver
    from graphmodel.engine.paths import Path, best_paths, choke_points

__all__ = [
    "AttackGraph",
    "Case",
    "Cover",
    "Estimate",
    "GraphControl",
    "GraphImportance",
    "Options",
    "Path",
    "Solution",
    "Solver",
    "Step",
    "best_paths",
    "choke_points",
    "graph_from_json",
    "graph_importance",
]
_PLACES = ("cases", "estimates", "graph", "importance", "likelihood", "paths")


def __getattr__(name: str) -> Any:
    # Loaded when first asked for: who reads a graph needs no solver.
    if name in __all__:
        for place in _PLACES:
            module = import_module(f"{__name__}.{place}")
            if getattr(getattr(module, name, None), "__module__", "") == module.__name__:
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
