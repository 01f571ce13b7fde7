"""What an error of the schema means to whoever wrote the document, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema

from graphmodel.reading.problems import nearest
from graphmodel.reading.values import Place


def mended(error: jsonschema.ValidationError, place: Place) -> Iterator[tuple[Place, str, str]]:
    """What an error of the schema at a place means: where each problem is, what is wrong, and what to do."""
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    expected: Any = error.validator_value
    wanted = schema.get("title", "")
    found: Any = error.instance
    shown = f"“{str(found)[:60]}”" if isinstance(found, str | int | float) else "this"
    if error.validator == "additionalProperties" and "properties" in schema:
        for key in sorted(set(found) - set(schema["properties"])):
            yield (*place, key), f"there is no field “{key}” here.", nearest(key, schema["properties"])
    elif error.validator == "required":
        missing = [key for key in expected if key not in found]
        for key in missing:
            title = schema.get("properties", {}).get(key, {}).get("title", "")
            yield place, f"“{key}” is missing.", f"Add “{key}:”" + (f" with {title}." if title else ".")
    elif error.validator == "enum":
        options = [str(one) for one in expected if one is not None]
        yield place, f"{shown} is not {wanted or 'a value known here'}.", nearest(str(found), options)
    elif "propertyNames" in error.absolute_schema_path:
        key = str(found)
        yield (
            (*place, key),
            f"“{key[:60]}” cannot be an id.",
            "Use letters, digits, dots, dashes and underscores, beginning with a letter or digit.",
        )
    elif error.validator == "anyOf" and not wanted:
        yield place, "a severity or an amount is missing.", "Add “severity:” or “amount:”."
    elif error.validator == "type" and not wanted:
        names = expected if isinstance(expected, list) else [expected]
        words = {
            "object": "a map",
            "array": "a list",
            "string": "text",
            "number": "a number",
            "boolean": "true or false",
        }
        yield (
            place,
            f"{shown} is not {' or '.join(words.get(str(one), str(one)) for one in names)}.",
            "Correct the value; quotes make a number text.",
        )
    elif error.validator in ("maxLength", "minItems", "maxItems", "minLength"):
        yield (
            place,
            f"{shown} is too {'long' if error.validator.startswith('max') else 'short'}.",
            f"The limit is {expected}.",
        )
    else:
        yield (
            place,
            f"{shown} is not {wanted or 'allowed here'}.",
            f"Write {wanted}." if wanted else "Correct the value.",
        )
