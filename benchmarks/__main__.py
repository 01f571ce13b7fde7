"""``python -m benchmarks``: runs every section, prints its tables, and writes the report with its curves."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    curves,
    exact,
    importing,
    losses,
    mal,
    pages,
    planning,
    questions,
    report,
    simulation,
    systems,
    threagile,
    waiting,
)
from benchmarks.model import Scale, Section

ROOT = Path(__file__).parent.parent
SECTIONS: dict[str, Callable[[Scale], Section]] = {
    "simulation": simulation.section,
    "exact": exact.section,
    "questions": questions.section,
    "planning": planning.section,
    "losses": losses.section,
    "mal": mal.section,
    "threagile": threagile.section,
    "importing": importing.section,
    "systems": systems.section,
    "waiting": waiting.section,
    "pages": pages.section,
}


def main() -> None:
    """Read the arguments, run, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, about a minute")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="this section; may be given repeatedly")
    parser.add_argument("--threagile", default="", help="the file attack_path_analyzer.py of automotive-threagile")
    parser.add_argument("--limit", type=float, default=40.0, help="seconds that a peer may take for one answer")
    parser.add_argument(
        "--out", type=Path, help="where benchmarks.md and images/ are written: docs, unless --quick or --only"
    )
    arguments = parser.parse_args()
    whole = not (arguments.quick or arguments.only)
    out = arguments.out or (ROOT / "docs" if whole else None)
    found: list[Section] = []
    start = time.perf_counter()
    for name in arguments.only or SECTIONS:
        section = SECTIONS[name](Scale(arguments.quick, arguments.threagile, arguments.limit))
        found.append(section)
        for table in section.tables:
            print("\n".join(report.table_lines(table)), flush=True)
        if out is not None:
            _write(out, found, (time.perf_counter() - start) / 60, arguments.quick)
    print(f"{out / 'benchmarks.md'} was written." if out else "Nothing was written: name a directory with --out.")


def _write(out: Path, found: list[Section], minutes: float, quick: bool) -> None:
    """The report of the sections that there are; a run that is ended leaves what it has found."""
    (out / "images").mkdir(parents=True, exist_ok=True)
    drawn = curves.draw([point for section in found for point in section.points], out / "images")
    (out / "benchmarks.md").write_text(report.markdown(found, drawn, minutes, quick), encoding="utf-8")


if __name__ == "__main__":
    main()
