"""How much of a system can be worked with: what would run for hours or fill the memory is refused by its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from graphmodel.model.findings import Finding
from graphmodel.model.system import System
from graphmodel.reading.limits import MAX_ACTORS, MAX_ENTRIES, MAX_PROTECTIONS, MAX_TOGETHER

_KINDS = ("zones", "assets", "flows", "dependencies", "actors", "controls", "losses", "overrides", "stated", "evidence")
_SPLIT = "Split the model, or leave out what is not a part of the system."


def excesses(system: System) -> Iterator[Finding]:
    """What there is too much of; nothing but numbers of elements is looked at."""
    for kind in _KINDS:
        count = len(getattr(system, kind))
        most = MAX_ACTORS if kind == "actors" else MAX_ENTRIES
        if count > most:
            message = f"there are {count:,} {kind}; at most {most:,} can be worked with."
            fix = "Each is worked out by itself: keep one of those that start alike." if kind == "actors" else _SPLIT
            yield Finding("error", (kind,), message, fix)
    together = sum(len(getattr(system, kind)) for kind in _KINDS)
    if together > MAX_TOGETHER:
        yield Finding(
            "error", (), f"there are {together:,} elements; at most {MAX_TOGETHER:,} can be worked with.", _SPLIT
        )
    total = 0
    sizes = {zone: len(inside) for zone, inside in system.members.items()}
    for control in system.controls:
        for place in dict.fromkeys(control.protects):
            total += len(system.assets) + len(system.zones) if place == "*" else 1 + sizes.get(place, 0)
    if total > MAX_PROTECTIONS:
        message = (
            f"the controls protect {total:,} elements, each control and element counted by itself; "
            f"at most {MAX_PROTECTIONS:,} can be worked with."
        )
        yield Finding("error", ("controls",), message, "Join controls that do the same, or name what they protect.")
