"""What a run yields: sections with tables and points of curves, as plain values that can be written down."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scale:
    """How much is measured: sizes, repeats, and the limits of children."""

    quick: bool = False
    threagile: str = ""
    seconds: float = 40.0

    def sizes(self, *, start: int = 1_000, end: int = 1_000_000) -> list[int]:
        """Powers of ten."""
        found = [start]
        while found[-1] * 10 <= (start if self.quick else end):
            found.append(found[-1] * 10)
        return found

    @property
    def limit(self) -> float:
        """Seconds that a peer may take."""
        return min(10.0, self.seconds) if self.quick else self.seconds

    @property
    def long(self) -> float:
        """Seconds for what is allowed to take long: building graphs of a million edges."""
        return 60.0 if self.quick else 600.0


@dataclass(frozen=True)
class Table:
    """A table of texts; ``notes`` stand below it."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """The cost of one engine at one size, for a curve in the figure of that name."""

    figure: str
    engine: str
    size: float
    seconds: float


@dataclass(frozen=True)
class Section:
    """A part of the report."""

    title: str
    about: str
    tables: tuple[Table, ...]
    points: tuple[Point, ...] = ()
    findings: tuple[str, ...] = field(default=())
