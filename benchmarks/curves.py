"""Curves of cost over size, on two logarithmic axes, as SVG; and how cost grows, as the exponent of a fitted power."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.model import Point

_INK, _FAINT = "#22272e", "#d8dde3"
_COLOURS = ("#0b62c4", "#c2410c", "#15803d", "#7c3aed", "#a16207", "#be185d", "#0e7490", "#57606a")
_SECONDS = (
    *((10.0**power, f"{10 ** (power + 6)} µs") for power in (-6, -5, -4)),
    *((10.0**power, f"{10 ** (power + 3)} ms") for power in (-3, -2, -1)),
    *((10.0**power, f"{10**power:,} s") for power in range(6)),
)
_WIDTH = 3.3  # inches of a pair of axes


@dataclass(frozen=True)
class Figure:
    """A picture: its file, title, axis of sizes, and the names of the figures of points that it draws side by side."""

    file: str
    title: str
    sizes: str
    panels: tuple[tuple[str, str], ...]  # figure of points, heading of its panel


FIGURES = (
    Figure(
        "bench-worlds",
        "10,000 sampled worlds",
        "edges (facts for enterprise)",
        (
            ("worlds-layered", "layered, OR only"),
            ("worlds-layered, 15 % AND", "layered, 15 % AND"),
            ("worlds-enterprise", "enterprise, one large cycle"),
        ),
    ),
    Figure("bench-whole", "A whole solution, from graph to likelihoods", "edges", (("whole", "10,000 worlds"),)),
    Figure(
        "bench-exact",
        "Exact likelihoods of narrow graphs",
        "facts",
        (("exact-acyclic-4", "window 4"), ("exact-acyclic-8", "window 8"), ("exact-acyclic-0", "window √n")),
    ),
    Figure(
        "bench-exact-cyclic",
        "Exact likelihoods of narrow graphs with cycles",
        "facts",
        (("exact-cyclic-4", "window 4"), ("exact-cyclic-8", "window 8"), ("exact-cyclic-0", "window √n")),
    ),
    Figure(
        "bench-exact-loop",
        "Exact likelihoods of narrow graphs with one large loop",
        "facts",
        (("exact-loop-2", "two rows"), ("exact-loop-3", "three rows")),
    ),
    Figure("bench-systems", "AI systems", "assets", (("systems", "compile and solve"),)),
)


def exponents(points: Iterable[Point]) -> Mapping[tuple[str, str], tuple[float, int]]:
    """For each figure and engine the least-squares slope of log seconds over log size, and of how many sizes."""
    found = {}
    for key, line in _lines(points).items():
        if len(line) < 2:
            continue
        xs, ys = [math.log(x) for x, _ in line], [math.log(max(y, 1e-9)) for _, y in line]
        mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((x - mean_x) ** 2 for x in xs)
        slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
        found[key] = (slope, len(line))
    return found


def _lines(points: Iterable[Point]) -> Mapping[tuple[str, str], list[tuple[float, float]]]:
    lines: defaultdict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for one in points:
        lines[one.figure, one.engine].append((one.size, one.seconds))
    return {key: sorted(line) for key, line in lines.items()}


def draw(points: Sequence[Point], directory: Path, kind: str = "svg") -> list[Figure]:
    """Draw every figure that has points into a directory; those that were drawn."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    mpl.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "graphmodel", "font.size": 10, "font.family": "sans-serif"}
    )
    drawn = []
    lines = _lines(points)
    for figure in FIGURES:
        panels = [(name, heading) for name, heading in figure.panels if any(key[0] == name for key in lines)]
        if not panels:
            continue
        canvas, axes = plt.subplots(
            1,
            len(panels),
            figsize=(1.4 + max(5.0, 3.9 * len(panels)), 4.2),
            sharey=True,
            squeeze=False,
            layout="constrained",
        )
        engines = sorted(
            {engine for name, engine in lines if name in dict(panels)},
            key=lambda one: (not one.startswith("ours"), one),
        )
        colour = {engine: _COLOURS[n % len(_COLOURS)] for n, engine in enumerate(engines)}
        for axis, (name, heading) in zip(axes[0], panels, strict=True):
            own = {engine: line for (shown, engine), line in lines.items() if shown == name}
            _panel(axis, own, colour, heading, figure.sizes)
        axes[0][0].set_ylabel("time (logarithmic)")
        canvas.suptitle(figure.title, x=0.01, ha="left", fontweight="bold", color=_INK)
        canvas.savefig(
            directory / f"{figure.file}.{kind}", facecolor="white", metadata={"Date": None} if kind == "svg" else None
        )
        plt.close(canvas)
        drawn.append(figure)
    return drawn


def _panel(
    axis, lines: Mapping[str, list[tuple[float, float]]], colour: Mapping[str, str], heading: str, sizes: str
) -> None:  # type: ignore[no-untyped-def]
    """One pair of axes with a line for each engine and its name at the end of the line."""
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_title(heading, fontsize=10, color=_INK, loc="left")
    axis.set_xlabel(sizes, color=_INK)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axis.spines[side].set_color(_FAINT)
    axis.grid(visible=True, which="major", color=_FAINT, linewidth=0.6)
    axis.minorticks_off()
    xs = [x for line in lines.values() for x, _ in line]
    ys = [y for line in lines.values() for _, y in line]
    for engine, line in lines.items():
        ours = engine.startswith("ours")
        axis.plot(
            *zip(*line, strict=True), marker="o", markersize=4, color=colour[engine], linewidth=2.4 if ours else 1.3
        )
    low, high = min(xs), max(xs)
    # Room for the longest name on the right, at some 0.08 inches a letter.
    share = min(0.6, (0.08 * max(map(len, lines)) + 0.35) / _WIDTH)
    axis.set_xlim(low / 1.3, high * max(10.0, high / low) ** (share / (1 - share)))
    round_sizes = (
        sorted(set(xs)) if len(set(xs)) < 6 else [10.0**power for power in range(8) if low <= 10.0**power <= high]
    )
    axis.set_xticks(round_sizes, [f"{x:,.0f}" for x in round_sizes], fontsize=8)
    ticks = [(at, text) for at, text in _SECONDS if min(ys) / 12 <= at <= max(ys) * 12]
    axis.set_yticks([at for at, _ in ticks], [text for _, text in ticks], fontsize=8)
    _names(axis, lines, colour, min(ys), max(ys))


def _names(
    axis, lines: Mapping[str, list[tuple[float, float]]], colour: Mapping[str, str], low: float, high: float
) -> None:  # type: ignore[no-untyped-def]
    """Each engine's name in a column on the right, joined to its last point, moved up where names would overlap."""
    least = max(1.0, math.log10(high / low)) / 15
    column = max(x for line in lines.values() for x, _ in line) * 1.45
    at = -math.inf
    for engine, line in sorted(lines.items(), key=lambda item: item[1][-1][1]):
        x, y = line[-1]
        at = max(at + least, math.log10(y))
        axis.plot((x, column), (y, 10**at), color=colour[engine], linewidth=0.7, linestyle=":")
        axis.text(
            column * 1.05, 10**at, engine, color=colour[engine], fontsize=8.5, va="center",
            fontweight="bold" if engine.startswith("ours") else "normal",
        )  # fmt: skip
