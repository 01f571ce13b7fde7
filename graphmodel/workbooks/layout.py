"""What the sheets of a workbook are called, and which columns they have; the same for writing and for reading."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from graphmodel.posture.answers import AnswerStatus
from graphmodel.posture.answers_schema import MOST_LEVEL
from graphmodel.posture.merging import EVIDENCE, NO, USE, YES

VERSION = "1"
"""Of this layout, which a workbook carries."""

ABOUT, ANSWERS, MATURITY, FACTS, BASE = "About", "Answers", "Maturity", "Use", "Base"
ID = "Id"
BASE_COLUMNS = (ID, "Field", "Value")
STATUSES = tuple(str(one) for one in AnswerStatus)
YES_OR_NO = (YES, NO)
LEVELS = tuple(str(one) for one in range(MOST_LEVEL + 1))


class Kind(Enum):
    """What may be entered in a cell."""

    STATUS = auto()
    LEVEL = auto()
    YES_OR_NO = auto()
    DATE = auto()
    NAME = auto()  # up to 300 characters, as the schema of answers has it
    TEXT = auto()  # up to 20,000


CHOICES = {Kind.STATUS: STATUSES, Kind.LEVEL: LEVELS, Kind.YES_OR_NO: YES_OR_NO}
LONGEST = {Kind.NAME: 300, Kind.TEXT: 20_000}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet. ``field`` is that of the answers which it holds, ``part`` which of its texts; without a
    field it is there to be read. ``width`` is in characters."""

    title: str
    width: int
    field: str = ""
    part: int = 0
    kind: Kind = Kind.TEXT


ANSWER_COLUMNS = (
    Column(ID, 13),
    Column("Area", 18),
    Column("Requirement", 20),
    Column("Guidance", 38),
    Column("Question", 42),
    Column("Evidence wanted", 34),
    Column("The graph says", 26),
    Column("Answer", 15, "status", kind=Kind.STATUS),
    Column("Reason", 30, "reason"),
    Column("Owner", 18, "owner", kind=Kind.NAME),
    Column("Evidence", 26, EVIDENCE, 0, Kind.NAME),
    Column("Evidence date", 13, EVIDENCE, 1, Kind.DATE),
    Column("Evidence until", 13, EVIDENCE, 2, Kind.DATE),
    Column("Due", 13, "due", kind=Kind.DATE),
    Column("Comment", 30, "comment"),
    Column("Also on record", 26),
)
MATURITY_COLUMNS = (
    Column(ID, 13),
    Column("Area", 18),
    Column("Requirement", 24),
    *(Column(f"Level {one}", 30) for one in LEVELS),
    Column("Indicated", 11),
    Column("Profile asks", 11),
    Column("Level", 9, "level", kind=Kind.LEVEL),
    Column("Target", 9, "target", kind=Kind.LEVEL),
    Column("Owner", 18, "owner", kind=Kind.NAME),
    Column("Due", 13, "due", kind=Kind.DATE),
    Column("Comment", 30, "comment"),
)
USE_COLUMNS = (
    Column(ID, 22),
    Column("Question", 50),
    Column("What counts", 60),
    Column("Bears on", 50),
    Column("Holds", 9, USE, kind=Kind.YES_OR_NO),
)
SHEETS = {ANSWERS: ANSWER_COLUMNS, MATURITY: MATURITY_COLUMNS, FACTS: USE_COLUMNS}


def base_name(column: Column) -> str:
    """What a cell of this column is called on the sheet of base values."""
    return f"{column.field}.{column.part}" if column.field == EVIDENCE else column.field


def cell_name(row: int, column: int) -> str:
    """What a cell is called, such as ``H12``; both count from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"
