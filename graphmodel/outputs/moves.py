"""What lies between two snapshots, in words, without working anything out anew: for notes on a curve."""

from __future__ import annotations

from collections.abc import Iterator

from graphmodel.model.system import System
from graphmodel.outputs.difference import change_text
from graphmodel.posture.changes import setting_changes, system_changes
from graphmodel.posture.snapshot import Snapshot


def move_texts(before: Snapshot, after: Snapshot, old: System, new: System) -> Iterator[str]:
    """Whatever could have moved a number. ``old`` and ``new`` are the systems of the two, with their answers."""
    yield from (change_text(one) for one in system_changes(old, new) if one.bears)
    yield from (change_text(one) for one in setting_changes(before.settings, after.settings))
    if before.catalogue != after.catalogue:
        yield "the catalogue"
    if before.program != after.program:
        yield f"the program: {before.program} → {after.program}"
    if before.method != after.method:
        yield "the method: reach, seed or worlds"
    if before.date != after.date and any(one.evidence_until for one in (*old.controls, *new.controls)):
        expired = [
            f"{one.id}" for one in new.controls if one.evidence_until and before.date <= one.evidence_until < after.date
        ]
        if expired:
            yield f"evidence that expired: {', '.join(expired)}"
