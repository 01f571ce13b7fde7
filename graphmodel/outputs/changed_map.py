"""The map of a system with what changed in it since another version: what is new, what is otherwise, what is gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from graphmodel.assessment.results import Assessment
from graphmodel.drawing.graphs import GraphDrawing
from graphmodel.model.system import System
from graphmodel.outputs.drawings import system_map
from graphmodel.posture.changes import ADDED, REMOVED, Change

_NEW, _OTHERWISE, _SAME = "ok", "accent", "muted"


@dataclass(frozen=True)
class ChangedMap:
    """The drawing of the new system; ``gone`` names what the old one had and a map cannot show, ``elsewhere`` the
    changes that are at no place of the map, as those of settings are."""

    drawing: GraphDrawing
    gone: tuple[str, ...]
    elsewhere: tuple[Change, ...]


def changed_map(old: Assessment, new: Assessment, changes: Sequence[Change]) -> ChangedMap:
    """Mark the places of ``changes`` of the system, which lie between the two."""
    before, after = old.compiled.system, new.compiled.system
    drawing = system_map(new, with_data=True).drawing
    drawn = {node.id for node in drawing.nodes} | {edge.id for edge in drawing.edges}
    tones: dict[str, str] = {}
    gone: list[str] = []
    elsewhere: list[Change] = []
    for one in changes:
        places = list(dict.fromkeys(place for place in _places(one, before, after) if place in drawn))
        itself = one.what == ADDED and one.kind != "control"
        for place in places:
            tones[place] = _NEW if itself or tones.get(place) == _NEW else _OTHERWISE
        if one.what == REMOVED:
            gone.append(f"{one.kind} {one.id}")
        elif not places:
            elsewhere.append(one)
    said = {_NEW: "new", _OTHERWISE: "changed"}
    nodes = tuple(
        replace(
            node,
            tone=tones.get(node.id, _SAME),
            caption=f"{said[tones[node.id]]}: {node.caption}" if node.id in tones else node.caption,
            mark="",
        )
        for node in drawing.nodes
    )
    edges = tuple(
        replace(edge, tone=tones.get(edge.id, _SAME), title=f"{said[tones[edge.id]]}\n{edge.title}")
        if edge.id in tones
        else replace(edge, tone=_SAME)
        for edge in drawing.edges
    )
    legend = ((_NEW, "new"), (_OTHERWISE, "changed, or a control on it"), (_SAME, "as it was"))
    name = f"What changed in {after.name}"
    first = next((node.id for tone in (_NEW, _OTHERWISE) for node in nodes if node.tone == tone), "")
    shown = replace(drawing, nodes=nodes, edges=edges, legend=legend, name=name, focus=first)
    return ChangedMap(shown, tuple(gone), tuple(elsewhere))


def _places(one: Change, before: System, after: System) -> Iterator[str]:
    """The nodes and edges of a map that a change is at."""
    if one.kind in ("asset", "actor"):
        yield one.id
    elif one.kind in ("flow", "dependency"):
        yield f"{one.kind} {one.id}"
    elif one.kind == "loss":
        yield one.id.partition(" ")[0].rpartition(":")[0]
    elif one.kind == "override":
        yield one.id.rpartition(" on ")[2]
    elif one.kind == "zone":
        yield from sorted({*before.members.get(one.id, ()), *after.members.get(one.id, ())})
    elif one.kind == "control":
        for system in (before, after):
            known = system.control_by_id.get(one.id)
            for place in known.protects if known is not None else ():
                yield from (place, f"flow {place}", *system.members.get(place, ()))
