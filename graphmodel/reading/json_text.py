"""JSON as plain values, within limits; the line of a value is looked for when somebody asks for it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import yaml

from graphmodel.reading.json_lines import JsonLines
from graphmodel.reading.limits import MAX_BYTES, MAX_DEPTH, MAX_PROBLEMS, MAX_VALUES, check_size, too_deep
from graphmodel.reading.problems import refusal
from graphmodel.reading.values import Place, Text, dotted, unusable_number
from graphmodel.reading.yaml_text import walked

_DIGITS = 40  # of a whole number, as in YAML


def read_json(data: bytes, file: str, most: int = MAX_BYTES, values: int = MAX_VALUES) -> Text:
    """Read one JSON document of at most so many bytes and values; raises ``UnreadableError`` when it cannot be.

    A line is looked for when it is asked for.
    """
    check_size(data, file, most)
    value, twice = _parsed(data, file)
    depth, count, sound = _measured(value)
    if count > values:
        raise refusal(file, f"the document holds more than {values:,} values.", "Split the file.")
    # What is wrong is looked for once more in a way that knows the line.
    lined = _lined(data, file) if twice or depth > MAX_DEPTH else None
    if depth > MAX_DEPTH:
        raise too_deep(file)
    if twice and lined is None:
        raise refusal(file, "a key stands twice in one object.", "Remove or rename one of the two.")
    text = Text(value, file, JsonLines(data), lined.problems if lined else ())
    return text if sound else _without_unusable_numbers(text)


_STRING = rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_COMMENTS = re.compile(_STRING + rb"|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_BLANKS = bytes(one if one == 10 else 32 for one in range(256))  # all but the ends of lines
_COMMAS = re.compile(_STRING + rb"|,(?=\s*[}\]])", re.DOTALL)


def without_comments(data: bytes) -> bytes:
    """JSON with comments and trailing commas as plain JSON: they become blanks, so that every line stays as it is."""

    def blanked(match: re.Match[bytes]) -> bytes:
        found = match[0]
        return found if found.startswith(b'"') else found.translate(_BLANKS)

    return _COMMAS.sub(blanked, _COMMENTS.sub(blanked, data))


def _parsed(data: bytes, file: str, whole: Callable[[str], int | float] | None = None) -> tuple[Any, bool]:
    """The value, in which a number too long to be read is infinite, and whether a key stands twice in one object."""
    twice = False

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        found = dict(pairs)
        twice = twice or len(found) < len(pairs)
        return found

    try:
        value = json.loads(data, object_pairs_hook=mapping, parse_int=whole)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        message = "the document holds half of a character (a lone surrogate)."
        raise refusal(file, message, "Correct the text.") from error
    except RecursionError as error:
        raise too_deep(file) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        said = " ".join(str(error).split())[:200]
        raise refusal(file, f"this is not valid JSON: {said}.", "Check the text at this line.", line) from error
    except ValueError:
        if whole is not None:
            raise
        return _parsed(data, file, _whole)  # Python takes 4,300 digits at most
    return value, twice


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS else math.inf


def _lined(data: bytes, file: str) -> Text | None:
    """A JSON document read as YAML, which knows its lines; None where YAML does not take it, or it is too large."""
    if len(data) > MAX_BYTES:
        return None
    try:
        return walked(data, file)
    except yaml.YAMLError:
        return None


def _measured(value: Any) -> tuple[int, int, bool]:
    """How deep a value is, how many there are in it, and whether all numbers are finite and of a usual length."""
    deepest = count = 0
    sound = True
    agenda = [(value, 0)]
    while agenda:
        one, depth = agenda.pop()
        count += 1
        deepest = max(deepest, depth)
        if isinstance(one, dict):
            agenda.extend([(inner, depth + 1) for inner in one.values()])
        elif isinstance(one, list):
            agenda.extend([(inner, depth + 1) for inner in one])
        elif not isinstance(one, str) and _is_unusable(one):
            sound = False
    return deepest, count, sound


def _is_unusable(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) >= 10**_DIGITS


def _without_unusable_numbers(text: Text) -> Text:
    """The same with null for every number that is none or too large, and a problem for each."""
    root = {"": text.value}
    agenda: list[tuple[Any, Place]] = [(root, ())]
    problems = {(one.path, one.message): one for one in text.problems}
    while agenda:
        container, around = agenda.pop()
        for key, inner in list(container.items() if isinstance(container, dict) else enumerate(container)):
            place = () if container is root else (*around, key)
            if isinstance(inner, dict | list):
                agenda.append((inner, place))
            elif _is_unusable(inner):
                container[key] = None
                if len(problems) < MAX_PROBLEMS:
                    number = inner if isinstance(inner, float) else math.inf
                    one = unusable_number(number, dotted(place), text.line_of(place), text.file)
                    problems.setdefault((one.path, one.message), one)
    return replace(text, value=root[""], problems=tuple(problems.values()))
