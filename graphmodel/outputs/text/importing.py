"""What an import found, joined and asks, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graphmodel.model.accounts import MOST_MOVED
from graphmodel.reading.printable import printable

if TYPE_CHECKING:
    from graphmodel.posture.asking import Weighed
    from graphmodel.posture.rereading import Reread
    from importers.folder import FileRead
    from importers.joining import Joined
    from importers.wishes import LeftAside

_LEAST = 0.005  # of the sum, below which a change is not told
_NAMED = 5  # files that are left aside for one reason
_TITLE = "what only you can say, by how far an answer moves what may be lost"
_AGAIN = (
    ("added", "new in the files"),
    ("updated", "changed in the files"),
    ("removed", "no longer in the files, and taken out"),
    ("kept", "changed by you and in the files: yours is kept"),
    ("gone", "no longer in the files, kept since you changed or need it"),
)


def importing_text(
    joined: Joined,
    read: Sequence[FileRead],
    left: Sequence[LeftAside],
    asked: Sequence[Weighed],
    again: Reread | None,
    most: int,
) -> str:
    """Of each list the first; the whole is in the JSON."""
    out: list[str] = []
    for one in read:
        out.append(f"{one.file} ({one.importer}): {one.assets} assets")
        for row in one.account.rows if one.account else ():
            if row.omitted:
                reasons = "; ".join(f"{number} × {reason}" for reason, number in row.reasons[:4])
                out.append(f"  {row.kind}: {row.taken + row.joined} of {row.found} taken; left out: {reasons}")
    _list(out, "left aside; --take FILE reads one of them", aside(left), most)
    _list(
        out,
        "one thing in several files",
        [f"{one.asset} ({one.reason}): {', '.join(one.members)}" for one in joined.joins],
        most,
    )
    _list(
        out,
        "the files differ; the first is used",
        [
            f"{one.element}, {one.field}: " + " | ".join(f"{value} ({place})" for place, value in one.values)
            for one in joined.conflicts
        ],
        most,
    )
    if again is not None:
        for name, said in _AGAIN:
            _list(out, said, [" ".join(key) for key in getattr(again, name)], most)
    _list(out, _TITLE, [_asked(one) for one in asked], most)
    return printable_lines(out)


def aside(left: Sequence[LeftAside]) -> list[str]:
    """The files that were left aside by the reason, the first of each named."""
    by_reason: dict[str, list[str]] = {}
    for one in left:
        by_reason.setdefault(one.reason, []).append(one.file)
    return [
        f"{reason}: {', '.join(files[:_NAMED])}" + (f" and {len(files) - _NAMED} more" if len(files) > _NAMED else "")
        for reason, files in by_reason.items()
    ]


def _asked(one: Weighed) -> str:
    asked = one.question
    text = f"{asked.about}: {asked.question}" if asked.about else asked.question
    return f"{text} {moved_text(one.moves)}".rstrip()


def moved_text(moves: float | None) -> str:
    """How far an answer moves what may be lost; nothing where that is not known, or is nothing."""
    if moves is None or moves < _LEAST:
        return ""
    return f"[moves it by {moves:.0%}]" if moves < MOST_MOVED else "[moves it tenfold and more]"


def _list(out: list[str], title: str, lines: Sequence[str], most: int) -> None:
    if lines:
        out.append(f"{title} ({len(lines)}):")
        out.extend(f"  {line}" for line in lines[:most])
        if len(lines) > most:
            out.append(f"  and {len(lines) - most} more; --json has all")


def printable_lines(lines: Sequence[str]) -> str:
    """Lines free of what drives a terminal."""
    return "\n".join(printable(line) for line in lines)
