"""Files of the Attack Flow Builder (``.afb``): the objects of a flow as STIX has them, without how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.reading.values import Place
from importers.provenance import Reader

_DRAWN = frozenset({"generic_latch", "generic_handle", "vertical_anchor", "horizontal_anchor"})
_LINES = frozenset({"dynamic_line", "dynamic-line", "line"})
_NAMES = {
    "flow": "attack-flow", "action": "attack-action", "asset": "attack-asset", "condition": "attack-condition",
    "and-operator": "attack-operator", "or-operator": "attack-operator",
}  # fmt: skip
_MANY = 200  # of the properties of an object


def is_builder_file(value: Any) -> bool:
    """Whether a value is a flow as the builder keeps it."""
    if not isinstance(value, dict) or not str(value.get("schema", "")).startswith("attack_flow_v"):
        return False
    return isinstance(value.get("objects"), list)


def builder_entries(reader: Reader, value: Mapping[str, Any]) -> list[tuple[Place, Mapping[str, Any]]]:
    """The objects with their places, in the words of STIX; an action has the assets to which lines lead from it."""
    entries = reader.entries(value.get("objects"), ("objects",))
    owner: dict[str, str] = {}  # of latches, the anchor; of anchors, the object
    for _, one in entries:
        key = str(one.get("instance", ""))
        latches, anchors = one.get("latches"), one.get("anchors")
        for latch in latches if isinstance(latches, list) else ():
            if isinstance(latch, str):
                owner[latch] = key
        for anchor in anchors.values() if isinstance(anchors, dict) else ():
            if isinstance(anchor, str):
                owner[anchor] = key

    def joined(end: Any) -> str:
        return owner.get(owner.get(str(end), ""), "")

    made: list[tuple[Place, dict[str, Any]]] = []
    by_id: dict[str, dict[str, Any]] = {}
    for place, one in entries:
        said = str(one.get("id", ""))
        if said in _DRAWN or said in _LINES:
            continue
        kind = said.replace("_", "-").lower()
        fields = _fields(one.get("properties"))
        fields["type"], fields["id"] = _NAMES.get(kind, kind), str(one.get("instance", ""))
        made.append((place, fields))
        by_id.setdefault(fields["id"], fields)
    for _, one in entries:
        if str(one.get("id", "")) in _LINES:
            ends = [joined(one.get("source")), joined(one.get("target"))]
            for here, there in (ends, ends[::-1]):
                action, asset = by_id.get(here, {}), by_id.get(there, {})
                if action.get("type") == "attack-action" and asset.get("type") in ("attack-asset", "infrastructure"):
                    action.setdefault("asset_refs", []).append(there)
    return list(made)


def _fields(value: Any) -> dict[str, Any]:
    """The properties of an object, which are pairs in a list; inner ones are kept where they say a technique."""
    found: dict[str, Any] = {}
    for one in value[:_MANY] if isinstance(value, list) else ():
        if isinstance(one, list) and len(one) == 2 and isinstance(one[0], str):
            inner = _technique(one[1]) if one[0] == "ttp" else one[1]
            if inner not in (None, "") and not isinstance(inner, list | dict):
                found["technique_id" if one[0] == "ttp" else one[0]] = inner
    return found


def _technique(value: Any) -> Any:
    pairs = value if isinstance(value, list) else []
    return next((one[1] for one in pairs if isinstance(one, list) and len(one) == 2 and one[0] == "technique"), None)
