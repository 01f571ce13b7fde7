"""The errors of a document against its schema, of a multitude the first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from graphmodel.model.schema_parts import RISING
from graphmodel.reading.limits import MAX_PROBLEMS
from graphmodel.reading.quick_schema import surely_fits

if TYPE_CHECKING:
    from jsonschema import ValidationError


def schema_errors(value: Any, schema: Mapping[str, Any]) -> tuple[list[ValidationError], bool]:
    """The errors against a schema, in the order of their places, and whether these are all of them."""
    if surely_fits(schema, value):
        return [], True
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 - slow to load, and most documents fit

    own = {"pattern": _pattern, RISING: _rising}
    kind = validators.extend(Draft202012Validator, own)  # type: ignore[no-untyped-call]
    found = list(islice(kind(schema).iter_errors(value), MAX_PROBLEMS + 1))
    told = sorted(found[:MAX_PROBLEMS], key=lambda one: [str(part) for part in one.absolute_path])
    return told, len(found) <= MAX_PROBLEMS


def _error(said: str) -> ValidationError:
    from jsonschema import ValidationError  # noqa: PLC0415 - the same

    return ValidationError(said)


def _pattern(_: Any, pattern: str, found: Any, __: Any) -> Iterator[ValidationError]:
    """As JSON Schema has it: ``$`` is the end and not a line break before it, and digits are those of ASCII."""
    if isinstance(found, str) and not re.search(pattern.replace("$", r"\Z"), found, re.ASCII):
        yield _error("the text does not match")


def _rising(_: Any, wanted: bool, found: Any, __: Any) -> Iterator[ValidationError]:
    numbers = [one for one in found if isinstance(one, int | float)] if isinstance(found, list) else []
    if wanted and any(one > two for one, two in pairwise(numbers)):
        yield _error("the numbers do not rise")
