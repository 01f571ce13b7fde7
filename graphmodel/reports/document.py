"""A document as values: headings, paragraphs, lists, tables and figures, in reading order and in no format.

Texts in it are plain; what they hold is never markup. Whoever renders a document knows nothing of what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from graphmodel.drawing.layout import Route


class Column(StrEnum):
    """What a column of a table holds: words, which are folded; figures, which are aligned; ids, broken anywhere."""

    TEXT = "text"
    NUMBER = "number"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; those of a document go down by at most one level at a time, from 1."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Small:
    """Running text in small print: what has to be said, and is read once."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list without an order."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader must not overlook: a limit of what is said, or what to take care of."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headers. ``caption`` says what the table shows, ``more`` what is left out of it and where it is."""

    caption: str
    headers: tuple[str, ...]
    kinds: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.headers) for row in (*self.rows, self.kinds)):
            raise ValueError(f"The table “{self.caption}” has rows of different lengths.")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its top left corner, filled and outlined in the colours of a tone."""

    x: float
    y: float
    width: float
    height: float
    tone: str = "plain"
    radius: float = 0.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """A line in the colour of a tone: straight pieces or, where ``smooth``, a chain of cubic Bézier curves."""

    points: Route
    tone: str = "plain"
    smooth: bool = False
    dashed: bool = False
    arrow: bool = False
    width: float = 1.5


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; ``y`` is its baseline, ``x`` its left end, middle or right end as ``anchor`` says."""

    x: float
    y: float
    text: str
    size: float
    tone: str = "plain"
    bold: bool = False
    anchor: str = "start"


Shape = Box | Curve | Words


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing in pixels, from its top left corner; ``alt`` says in words what is to be seen."""

    caption: str
    alt: str
    width: float
    height: float
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What comes after begins on a new page, where there are pages."""


Block = Heading | Paragraph | Small | Bullets | Note | Table | Figure | PageBreak


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture of a checked kind, ``png`` or ``jpeg``, with its size in pixels."""

    kind: str
    data: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True)
class Document:
    """A whole document. ``date`` is the ISO date that it was made for; ``about`` are facts for its first page.

    ``one_page`` asks for everything on one page, in smaller type where it takes that.
    """

    title: str
    subtitle: str
    date: str
    about: tuple[tuple[str, str], ...]
    blocks: tuple[Block, ...]
    organisation: str = ""
    logo: Logo | None = None
    producer: str = "graphmodel"
    one_page: bool = False
