"""The report: what was measured on which machine, as Markdown that stands by itself."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.curves import FIGURES, Figure, exponents
from benchmarks.model import Section, Table
from graphmodel.version import __version__

PACKAGES = (
    "numpy", "scipy", "ortools", "numba", "oxidd", "networkx", "rustworkx", "problog", "pgmpy", "dd",
    "pysdd", "pyganak", "d4solver", "mal-toolbox", "mal-simulator", "pyfair", "cyclonedx-python-lib", "stix2",
)  # fmt: skip
_NOT_COMPARED = """\
- **Attack graphs are not Bayesian networks.** pgmpy answers for graphs without a cycle only, and its tables have a row
  for each combination of parents. The graphs that it is asked about have none of either trouble.
- **Graph libraries search, they do not simulate.** NetworkX, rustworkx and SciPy have no AND, no shared controls and no
  random worlds; the loop around their search is ours, as short as we could make it.
- **mal-simulator is made for agents that learn.** A run of it is one sampled world, so the ratio is what a world costs,
  not what the program is worth. mal-toolbox and mal-simulator compute no likelihood.
- **automotive-threagile has no likelihoods**, only bands of its own, and is not on PyPI: it is measured where a copy
  is given.
- **pyfair has no graph** and no years without a loss; only the mean of a year is the same question.
- **agent-bom, BloodHound, MulVAL, Spyderisk, securiCAD** are not here: they compute scores, counts or ordinal levels,
  or cannot be had.
"""


def machine() -> list[str]:
    """The machine, system and versions, a line each."""
    found = []
    for one in PACKAGES:
        try:
            found.append(f"{one} {version(one)}")
        except PackageNotFoundError:
            found.append(f"{one} not installed")
    memory = _meminfo()
    return [
        f"- Processor: {_processor()}" + (f"; {memory} of memory" if memory else ""),
        f"- System: {platform.platform()}; Python {platform.python_version()} ({platform.python_implementation()})",
        f"- graphmodel {__version__}; {', '.join(found)}",
    ]


def _processor() -> str:
    import os

    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} × {names[0] if names else platform.processor() or platform.machine()}"


def _meminfo() -> str:
    try:
        first = Path("/proc/meminfo").read_text().splitlines()[0]
    except (OSError, IndexError):
        return ""
    return f"{int(first.split()[1]) / 1e6:.0f} GB"


def markdown(sections: Sequence[Section], drawn: Iterable[Figure], minutes: float, quick: bool) -> str:
    """The whole report."""
    out = [
        "# Benchmarks",
        "",
        "Written by `make bench`; do not edit. Our engines beside every peer that answers the same question, on the",
        "same graphs, in the same run. A ratio is given only beside the agreement of the two answers.",
        "",
        *machine(),
        f"- The run took {minutes:.0f} minutes." + (" **It was a `--quick` run: sizes are small.**" if quick else ""),
        "",
        "Times are on the clock, medians of the repeats (least..most), unless a table says otherwise. Every engine",
        "runs in a process of its own, with a limit of time and memory; one that fails is shown with the reason.",
        "",
    ]
    for one in drawn:
        out += [f"![{one.title}, time over size on logarithmic axes](images/{one.file}.svg)", ""]
    out += _growth(sections)
    for section in sections:
        out += [f"## {section.title}", "", *section.about.strip().splitlines(), ""]
        for table in section.tables:
            out += table_lines(table)
    out += ["## What cannot be compared, and why", "", *_NOT_COMPARED.splitlines(), ""]
    return "\n".join(out).rstrip() + "\n"


def _growth(sections: Sequence[Section]) -> list[str]:
    headings = {name: f"{one.title}: {heading}" for one in FIGURES for name, heading in one.panels}
    rows = [
        (headings.get(figure, figure), engine, f"{slope:.2f}", str(sizes))
        for (figure, engine), (slope, sizes) in exponents(
            point for section in sections for point in section.points
        ).items()
    ]
    about = "Time grows with size to this power (least squares on logarithms over the sizes that were reached)."
    return ["## Growth", "", *table_lines(Table("", about, ("what", "engine", "exponent", "sizes"), tuple(rows)))]


def table_lines(table: Table) -> list[str]:
    """A table with its title and notes."""
    out = [f"### {table.title}", ""] if table.title else []
    out += [table.about, ""] if table.about else []
    out.append(f"| {' | '.join(table.columns)} |")
    out.append("|" + "---|" * len(table.columns))
    out += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in table.rows]
    out.append("")
    for note in table.notes:
        out += [note, ""]
    return out
