"""The schema of snapshots, version 1: what a reader may rely on once the digest is right."""

from __future__ import annotations

from typing import Any

from graphmodel.engine.estimates import BOUND, ENCLOSED

VERSION = 1

_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_FIGURE: dict[str, Any] = {
    "anyOf": [
        {"type": "number"},
        {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3},
        {
            "type": "object",
            "required": ["value", "low", "high", "method"],
            "properties": {
                **{name: {"type": "number"} for name in ("value", "low", "high")},
                "method": {"enum": [ENCLOSED, BOUND]},
            },
            "additionalProperties": False,
        },
    ]
}


def _map(inner: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": inner}


def _object(required: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": required}


def _or_null(inner: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [inner, {"type": "null"}]}


_VIEWS = _object(dict.fromkeys(("inherent", "residual", "target"), _FIGURE))
_FILE: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": _TEXT, "lines": {"type": "array", "items": _TEXT, "minItems": 1}, "base64": _TEXT},
    "oneOf": [{"required": ["lines"]}, {"required": ["base64"]}],
}
_RATED = {"risk": _TEXT, "band": _TEXT, "actor": _TEXT, "likelihood": _VIEWS, "expected_loss": _VIEWS}
_RESULTS = _object(
    {
        "period": _TEXT,
        "worlds": _COUNT,
        "expected_loss": _VIEWS,
        "yearly_loss": _or_null(_VIEWS),
        "campaigns_loss": _FIGURE,
        "actors": _map(_object({"campaigns_a_year": _or_null({"type": "number"}), "expected_loss": _VIEWS})),
        "risks": _map(
            _object(
                {
                    **_RATED,
                    "severity": _TEXT,
                    "amount": _object({view: {"type": "number"} for view in ("inherent", "residual", "target")}),
                    "yearly_loss": _or_null(_VIEWS),
                    "campaigns_loss": _FIGURE,
                }
            )
        ),
        "assets": _map(_object({**_RATED, "fact": _TEXT})),
        "posture": _object(
            {
                "framework": _TEXT,
                "profile": _TEXT,
                "severity": _or_null(_TEXT),
                "levels": _map(_object({"area": _TEXT, "today": _or_null(_COUNT), "target": _COUNT})),
                "items": _map(_COUNT),
                "findings": _map(_COUNT),
            }
        ),
    }
)
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A snapshot of graphmodel",
    **_object(
        {
            "graphmodel_snapshot": {"const": VERSION},
            "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
            "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "note": _TEXT,
            "program": _object({"name": _TEXT, "version": _TEXT}),
            "system": _object({"id": _TEXT, "name": _TEXT, "currency": _TEXT}),
            "method": _object(
                {
                    "reach": {"enum": ["data", "both"]},
                    "seed": {"type": "integer"},
                    "worlds": {"type": "integer", "minimum": 1},
                    "confidence": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                    "precision": _or_null({"type": "number"}),
                }
            ),
            "results": _RESULTS,
            "document": {**_FILE, "required": ["name", "format"]},
            "beside": {"type": "array", "items": _FILE, "maxItems": 100},
            "answers": _or_null(_FILE),
            "settings": {"type": "object"},
            "catalogue": _object(
                {
                    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                    "patterns": _map(_TEXT),
                    "controls": _map(_TEXT),
                }
            ),
        }
    ),
}
