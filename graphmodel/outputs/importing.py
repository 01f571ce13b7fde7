"""What an import found, joined and asks, as JSON; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphmodel.posture.asking import Weighed
    from graphmodel.posture.rereading import Reread
    from importers.folder import FileRead
    from importers.joining import Joined
    from importers.wishes import LeftAside


def importing_json(
    joined: Joined,
    read: Sequence[FileRead],
    left: Sequence[LeftAside],
    asked: Sequence[Weighed],
    again: Reread | None,
) -> dict[str, Any]:
    """The account of each file, the joins, the conflicts, the questions, and what reading again changed."""
    value: dict[str, Any] = {
        "system": joined.system.id,
        "assets": len(joined.system.assets),
        "flows": len(joined.system.flows),
        "files": [
            {
                "file": one.file,
                "importer": one.importer,
                "assets": one.assets,
                "elements": [
                    {
                        "kind": row.kind,
                        "found": row.found,
                        "taken": row.taken,
                        "joined": row.joined,
                        "omitted": row.omitted,
                        "reasons": dict(row.reasons),
                    }
                    for row in (one.account.rows if one.account else ())
                ],
                "untyped": [
                    {
                        "asset": each.asset,
                        "signs": [list(sign) for sign in each.signs],
                        "may_be": list(each.suggestions),
                    }
                    for each in (one.account.untyped if one.account else ())
                ],
                "errors": [each.message for each in one.problems if each.level == "error"],
            }
            for one in read
        ],
        "left_aside": [{"file": one.file, "reason": one.reason, "instead": one.instead} for one in left],
        "joins": [{"asset": one.asset, "reason": one.reason, "members": list(one.members)} for one in joined.joins],
        "conflicts": [
            {"element": one.element, "field": one.field, "values": [list(each) for each in one.values]}
            for one in joined.conflicts
        ],
        "questions": [
            {"about": one.question.about, "question": one.question.question, "moves": one.moves} for one in asked
        ],
    }
    if again is not None:
        for name in ("added", "updated", "removed", "kept", "gone"):
            value[name] = [" ".join(key) for key in getattr(again, name)]
    return value
