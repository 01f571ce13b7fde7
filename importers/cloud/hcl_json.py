"""Terraform in JSON (``.tf.json``), as programs such as CDKTF write it, in the blocks in which HCL is read."""

from __future__ import annotations

import re
from typing import Any

from graphmodel.reading.values import Place, Text
from importers.cloud.hcl import Block, Computed, text_value
from importers.source import Source

_KINDS = frozenset({"resource", "data", "module", "variable", "output", "locals", "provider", "terraform", "//"})
_LABELS = {"resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1}
_WHOLE = re.compile(r"^\$\{\s*([A-Za-z_][\w-]*(?:\.[\w-]+)+)\s*\}$")
MOST = 20_000  # blocks of a file


def terraform_json(source: Source) -> Text | None:
    """The file, where it is Terraform in JSON; otherwise None."""
    if source.data.lstrip()[:1] != b"{" or (b'"resource"' not in source.data and b'"module"' not in source.data):
        return None
    text = source.single
    value = text.value if text is not None else None
    if not isinstance(value, dict) or not set(value) <= _KINDS:
        return None
    held = (value.get("resource"), value.get("module"))
    return text if any(isinstance(one, dict) and one and _maps(one) for one in held) else None


def _maps(value: dict[str, Any]) -> bool:
    return all(isinstance(one, dict | list) for one in value.values())


def read_hcl_json(text: Text) -> Block:
    """The file as one block."""
    root = Block("", (), 1)
    value = text.value if isinstance(text.value, dict) else {}
    for kind, held in value.items():
        _blocks(root, text, kind, held, (kind,), ())
    return root


def _blocks(root: Block, text: Text, kind: str, held: Any, place: Place, labels: tuple[str, ...]) -> None:
    for number, one in enumerate(held if isinstance(held, list) else [held]):
        spot = (*place, number) if isinstance(held, list) else place
        if not isinstance(one, dict) or len(root.blocks) >= MOST:
            continue
        if len(labels) < _LABELS.get(kind, 0):
            for name, inner in one.items():
                _blocks(root, text, kind, inner, (*spot, name), (*labels, name))
            continue
        attributes = {key: _value(inner) for key, inner in one.items() if key != "//"}
        root.blocks.append(Block(kind, labels, text.line_of(spot), attributes))


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _value(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_value(one) for one in value]
    if not isinstance(value, str):
        return value
    whole = _WHOLE.match(value)
    return Computed((whole[1],), same=whole[1]) if whole else text_value(value)
