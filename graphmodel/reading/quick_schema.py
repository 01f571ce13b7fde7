"""A quick look at whether a value surely fits a JSON Schema, for many documents that nearly always do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _number,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
_RULES: Mapping[str, Callable[[Any, Any], bool]] = {
    "type": lambda kind, value: any(_TYPES[one](value) for one in ([kind] if isinstance(kind, str) else kind)),
    "required": lambda names, value: not isinstance(value, dict) or all(name in value for name in names),
    "properties": lambda known, value: (
        not isinstance(value, dict)
        or all(surely_fits(inner, value[name]) for name, inner in known.items() if name in value)
    ),
    "items": lambda inner, value: not isinstance(value, list) or _all_fit(inner, value),
    "anyOf": lambda options, value: any(surely_fits(one, value) for one in options),
    "minItems": lambda least, value: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda most, value: not isinstance(value, list) or len(value) <= most,
    "maxProperties": lambda most, value: not isinstance(value, dict) or len(value) <= most,
    "propertyNames": lambda inner, value: (
        not isinstance(value, dict) or all(isinstance(name, str) and surely_fits(inner, name) for name in value)
    ),
    "minLength": lambda least, value: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda most, value: not isinstance(value, str) or len(value) <= most,
    "minimum": lambda least, value: not _number(value) or value >= least,
    "maximum": lambda most, value: not _number(value) or value <= most,
    "exclusiveMinimum": lambda least, value: not _number(value) or value > least,
    "exclusiveMaximum": lambda most, value: not _number(value) or value < most,
    "pattern": lambda text, value: (
        not isinstance(value, str) or re.search(text.replace("$", r"\Z"), value, re.ASCII) is not None
    ),
    "enum": lambda options, value: (value is None or isinstance(value, str)) and value in options,
    "const": lambda wanted, value: type(value) is type(wanted) and value == wanted,
    "$schema": lambda _, __: True,
    "title": lambda _, __: True,
    "description": lambda _, __: True,
    "examples": lambda _, __: True,
    "x-rising": lambda wanted, value: (
        not wanted or not isinstance(value, list) or (all(map(_number, value)) and value == sorted(value))
    ),
}


def surely_fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value fits for certain. False also where a keyword is not known here, so that whoever wants to know
    what is wrong, or whether anything is, must ask a validator."""
    for keyword, said in schema.items():
        if keyword == "additionalProperties":
            if not isinstance(value, dict):
                continue
            known = schema.get("properties", {})
            others = [one for key, one in value.items() if key not in known]
            if others and (said is False or not _all_fit(said, others)):
                return False
        elif keyword == "oneOf":
            if sum(_is_certain(one, value) for one in said) != 1:
                return False
        elif keyword not in _RULES or not _RULES[keyword](said, value):
            return False
    return True


def _all_fit(schema: Mapping[str, Any], values: list[Any]) -> bool:
    if schema == {"type": "string"}:
        return all(isinstance(one, str) for one in values)
    return all(surely_fits(schema, one) for one in values)


def _is_certain(option: Mapping[str, Any], value: Any) -> bool:
    """Whether one of several exclusive options fits; only what has required keys alone is told apart for certain."""
    if option.keys() != {"required"}:
        raise ValueError("of “oneOf” only options that require keys are known here")
    return surely_fits(option, value)
