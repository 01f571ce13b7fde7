"""``python -m benchmarks``: runs every section, prints its tables, and writes the report with its curves."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import exact, losses, planning, questions, simulation, systems
from benchmarks.model import Scale, Section

SECTIONS: dict[str, Callable[[Scale], Section]] = {
    "simulation": simulation.section,
    "exact": exact.section,
    "systems": systems.section,
    "questions": questions.section,
    "planning": planning.section,
    "losses": losses.section,
}
if __name__ == "__main__":
    import sys

    s = SECTIONS[sys.argv[1]](Scale(quick="--quick" in sys.argv))
    for t in s.tables:
        print(t.title)
        print(t.columns)
        for r in t.rows:
            print(" | ".join(r))
