"""The JSON Schema of an answers document; one schema checks documents and serves editors."""

from __future__ import annotations

from typing import Any

from graphmodel.knowledge.vocabulary import Catalogue, Evidence
from graphmodel.model.schema_parts import ID_PATTERN, RISING
from graphmodel.posture.answers import AnswerStatus
from graphmodel.reading.limits import MAX_ENTRIES

VERSION = 1
MOST_LEVEL = 5


def answers_schema(catalogue: Catalogue) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of answers that may name the controls of this catalogue."""
    text = {"type": "string", "maxLength": 20_000}
    name = {"type": "string", "maxLength": 300}
    date = {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}$",
        "title": "a date of year, month and day",
        "examples": ["2027-01-31"],
    }
    share = {"type": "number", "minimum": 0, "maximum": 1, "title": "a share from 0 to 1", "examples": [0.5]}
    level = {
        "type": "integer",
        "minimum": 0,
        "maximum": MOST_LEVEL,
        "title": f"a level of maturity, a whole number from 0 to {MOST_LEVEL}",
        "examples": [3],
    }
    proof = _object({"reference": name, "date": date, "until": date}, "What shows it.", ["reference"])
    claim = _object(
        {
            "control": {"enum": sorted(catalogue.controls), "title": "the id of a catalogue control"},
            "on": {
                "type": "array",
                "items": {**name, "title": "an id or a type", "examples": ["chat-api"]},
                "minItems": 1,
                "maxItems": MAX_ENTRIES,
                "title": "a list of ids of assets, flows and zones, or of types of assets",
                "examples": [["chat-api", "Tool"]],
            },
            "coverage": share,
            "strength": {
                "anyOf": [share, {"type": "array", "items": share, "minItems": 3, "maxItems": 3, RISING: True}],
                "title": "a share from 0 to 1, or three in rising order",
                "examples": [[0.2, 0.5, 0.8]],
            },
            "evidence": {"enum": [str(one) for one in Evidence], "title": "how it is known to work"},
        },
        "A control that this answer says is in place, and where.",
        ["control", "on"],
    )
    accepted = _object(
        {"by": name, "reason": text, "until": date, "compensating": name},
        "That the risk of not meeting it is accepted.",
        ["by", "reason"],
    )
    answer = _object(
        {
            "status": {"enum": [str(one) for one in AnswerStatus], "title": "an answer"},
            "reason": text,
            "owner": name,
            "due": date,
            "comment": text,
            "evidence": {"type": "array", "items": proof, "maxItems": 100},
            "controls": {"type": "array", "items": claim, "maxItems": 100},
            "accepted": accepted,
        },
        "The answer to one guidance item.",
    )
    maturity = _object(
        {"level": level, "target": level, "owner": name, "due": date, "comment": text},
        "How far one requirement has come, on its scale from 0 to 5.",
    )
    keyed = {"propertyNames": {"pattern": ID_PATTERN, "title": "an id"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answers to the AI security questionnaire",
        **_object(
            {
                "graphmodel-answers": {"const": VERSION, "title": f"the version of this format, {VERSION}"},
                "framework": {**name, "description": "The edition of the framework that was answered."},
                "name": {**name, "description": "Whose answers these are."},
                "extends": {**name, "description": "A file of answers that these override, at or below this one's."},
                "profile": {**name, "description": "The target profile, such as by-severity."},
                "use": {"type": "object", "additionalProperties": {"type": "boolean"}, "maxProperties": 200},
                "maturity": {
                    "type": "object",
                    **keyed,
                    "maxProperties": 2_000,
                    "additionalProperties": {"anyOf": [level, maturity], "title": "a level, or a map with one"},
                },
                "answers": {"type": "object", **keyed, "maxProperties": 5_000, "additionalProperties": answer},
            },
            "What is answered to the questionnaire: `graphmodel questionnaire` shows the items and their ids.",
            ["graphmodel-answers"],
        ),
    }


def _object(properties: dict[str, Any], description: str, required: list[str] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required or [],
        "additionalProperties": False,
    }
