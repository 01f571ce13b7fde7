"""What an error of the schema means to whoever wrote the document, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from graphmodel.model.writing import inline
from graphmodel.reading.problems import nearest
from graphmodel.reading.values import Place, brief

if TYPE_CHECKING:
    import jsonschema

# Words of the catalogue, by what the schema calls the field that they stand in.
_KINDS = {
    "an asset type": "asset type",
    "a relation": "relation",
    "the relation of a flow": "relation",
    "the id of a catalogue control": "control",
    "a threat": "threat",
}
_MISSING = {
    ("severity", "amount"): "a severity or an amount",
    ("attempts", "findings"): "a number of attempts or of findings",
}
_TYPES = {
    "object": "a map",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
}


def mended(
    error: jsonschema.ValidationError, place: Place, suggest: Callable[[str, str], str]
) -> Iterator[tuple[Place, str, str]]:
    """What an error of the schema at a place means: where each problem is, what is wrong, and what to do.

    ``suggest`` gives advice on a word that is not of a kind of the catalogue.
    """
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    expected: Any = error.validator_value
    wanted = schema.get("title", "")
    found: Any = error.instance
    shown = f"“{str(found)[:60]}”" if isinstance(found, str | int | float) else "this"
    if error.validator == "additionalProperties" and "properties" in schema:
        for key in sorted(set(found) - set(schema["properties"])):
            yield (*place, key), f"there is no field “{brief(key)}” here.", nearest(key, schema["properties"])
    elif error.validator == "required":
        missing = [key for key in expected if key not in found]
        for key in missing:
            title = schema.get("properties", {}).get(key, {}).get("title", "")
            yield place, f"“{key}” is missing.", f"Add “{key}:”" + (f" with {title}." if title else ".")
    elif error.validator == "enum":
        yield place, f"{shown} is not {wanted or 'a value known here'}.", _meant(found, wanted, expected, suggest)
    elif "propertyNames" in error.absolute_schema_path:
        key = str(found)
        yield (
            (*place, key),
            f"“{key[:60]}” cannot be an id.",
            "Use letters, digits, dots, dashes and underscores, beginning with a letter or digit.",
        )
    elif error.validator == "anyOf" and not wanted:
        fields = [field for one in expected for field in one.get("required", ())]
        advice = f"Add {' or '.join(f'“{one}:”' for one in fields)}."
        yield place, f"{_MISSING.get(tuple(fields), ' or '.join(fields))} is missing.", advice
    elif error.validator == "type" and not wanted:
        names = expected if isinstance(expected, list) else [expected]
        said = " or ".join(_TYPES.get(str(one), str(one)) for one in names)
        yield place, f"{shown} is not {said}.", "Correct the value; quotes make a number text."
    elif error.validator in ("maxLength", "minItems", "maxItems", "minLength", "maxProperties"):
        length = "long" if error.validator.startswith("max") else "short"
        yield place, f"{shown} is too {length}.", f"The limit is {expected:,}."
    else:
        examples = schema.get("examples")
        fix = f"Write it like this: {inline(examples[0])}" if examples else "Correct the value."
        yield place, f"{shown} is not {wanted or 'allowed here'}.", fix


def _meant(found: Any, wanted: str, expected: Any, suggest: Callable[[str, str], str]) -> str:
    options = [str(one) for one in expected if one is not None]
    if wanted not in _KINDS or not isinstance(found, str):
        return nearest(str(found)[:300], options)
    return suggest(found, _KINDS[wanted])
