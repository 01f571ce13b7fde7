"""YAML and JSON as plain values with the line of every value, within limits.

Every file is hostile. Values are built straight from the parser's events, so that nothing is
constructed but mappings, lists, strings, numbers, booleans and None; size, depth and the number of
values *after* aliases are expanded are limited; explicit tags are refused. Scalars follow the core
schema of YAML 1.2: ``on`` and ``no`` are strings, and dates stay text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from graphmodel.reading.problems import Problem

MAX_BYTES = 20_000_000
MAX_DEPTH = 60
MAX_VALUES = 1_000_000

_DEEP = "the document is nested too deeply."
_LEVELS = f"At most {MAX_DEPTH} levels are read."

Place = tuple[str | int, ...]

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_PLAIN_TAGS = frozenset({"tag:yaml.org,2002:str", "!"})


class UnreadableError(Exception):
    """A file that cannot be read at all; ``problem`` says where, why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Text:
    """What a file says: the value, the line of each place in it, and what was odd on the way."""

    value: Any
    file: str
    lines: Mapping[Place, int]
    problems: tuple[Problem, ...] = ()

    def line_of(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it; 0 where nothing is known."""
        for length in range(len(place), -1, -1):
            line = self.lines.get(place[:length])
            if line is not None:
                return line
        return 0

    def problem(self, level: str, place: Place, message: str, fix: str = "") -> Problem:
        """A problem at a place of this file."""
        return Problem(level, message, fix, dotted(place), self.line_of(place), self.file)


def dotted(place: Place) -> str:
    """A place as people write it: ``flows[2].carries[0]``."""
    out = ""
    for part in place:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a file, refused by its size before it is read."""
    try:
        if not path.is_file():
            raise _refusal(str(path), "there is no such file.", "Check the path.")
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise _refusal(str(path), f"the file cannot be read ({error.strerror}).", "Check its permissions.") from error
    check_size(data, str(path), limit)
    return data


def check_size(data: bytes, file: str, limit: int = MAX_BYTES) -> None:
    """Refuse data beyond the limit."""
    if len(data) > limit:
        size = f"the file is larger than the limit of {limit // 1_000_000} MB."
        raise _refusal(file, size, "Split the model, or leave out what is not a part of the system.")


def read_yaml(data: bytes, file: str) -> Text:
    """Read one YAML document; raises ``UnreadableError`` when there is no value to be had."""
    check_size(data, file)
    try:
        builder = _Builder(file)
        value = builder.document(yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.MarkedYAMLError as error:
        line = getattr(error.problem_mark, "line", -1) + 1
        if "nesting depth" in str(error.problem):
            raise _refusal(file, _DEEP, _LEVELS, line) from error
        message = f"this is not valid YAML: {error.problem or error.context}."
        raise _refusal(file, message, "Check indentation, colons and quotes at this line.", line) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"this is not readable text ({_one_line(error)})."
        raise _refusal(file, message, "Save the file as UTF-8 text.") from error
    return Text(value, file, builder.lines, tuple(builder.problems))


def read_json(data: bytes, file: str, most: int = MAX_BYTES, values: int = MAX_VALUES) -> Text:
    """Read one JSON document of at most so many bytes and values; raises ``UnreadableError`` when it cannot be.

    Lines are looked for when the first of them is asked for, and are not known beyond ``MAX_BYTES``.
    """
    check_size(data, file, most)
    twice = False

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        found = dict(pairs)
        twice = twice or len(found) < len(pairs)
        return found

    try:
        value = json.loads(data, object_pairs_hook=mapping)
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise _refusal(
            file, "the document holds half of a character (a lone surrogate).", "Correct the text."
        ) from error
    except RecursionError as error:
        raise _refusal(file, _DEEP, _LEVELS) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        raise _refusal(
            file, f"this is not valid JSON: {_one_line(error)}.", "Check the text at this line.", line
        ) from error
    depth, count = _measured(value)
    # What is wrong is looked for once more in a way that knows the line.
    walked = _walked(data, file) if twice or depth > MAX_DEPTH or count > values else None
    if depth > MAX_DEPTH:
        raise _refusal(file, _DEEP, _LEVELS)
    if count > values:
        raise _refusal(file, f"the document holds more than {values:,} values.", "Split the file.")
    if twice and walked is None:
        raise _refusal(file, "a key stands twice in one object.", "Remove or rename one of the two.")
    return Text(value, file, _LateLines(data, file), tuple(walked.problems) if walked else ())


def _walked(data: bytes, file: str) -> _Builder | None:
    """A JSON document read as YAML, which knows its lines; None where YAML does not take it, or it is too large."""
    if len(data) > MAX_BYTES:
        return None
    builder = _Builder(file)
    try:
        builder.document(yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError:
        return None
    return builder


def _measured(value: Any) -> tuple[int, int]:
    """How deep a value is, and how many there are in it."""
    deepest = count = 0
    agenda = [(value, 0)]
    while agenda:
        one, depth = agenda.pop()
        count += 1
        deepest = max(deepest, depth)
        if isinstance(one, dict):
            agenda.extend([(inner, depth + 1) for inner in one.values()])
        elif isinstance(one, list):
            agenda.extend([(inner, depth + 1) for inner in one])
    return deepest, count


class _LateLines(Mapping[Place, int]):
    """The line of each place of a JSON document, read when the first is asked for."""

    def __init__(self, data: bytes, file: str) -> None:
        self.data, self.file = data, file

    @cached_property
    def known(self) -> Mapping[Place, int]:
        try:
            walked = _walked(self.data, self.file)
        except UnreadableError:  # a good document with more values than lines are kept for
            return {}
        return walked.lines if walked else {}

    def __getitem__(self, place: Place) -> int:
        return self.known[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


def _refusal(file: str, message: str, fix: str, line: int = 0) -> UnreadableError:
    return UnreadableError(Problem("error", message, fix, "", line, file))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def scalar(text: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema of YAML 1.2, without hexadecimal, octal, infinity and NaN."""
    if text in _NULLS:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if len(text) <= 40:
        if _INT.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return float(text)
    return text


@dataclass
class _Builder:
    file: str
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    values: int = 0

    def document(self, events: Iterator[Any]) -> Any:
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    line = getattr(event.start_mark, "line", -1) + 1
                    raise _refusal(self.file, "the file holds more than one document.", "Keep the first only.", line)
            elif isinstance(event, yaml.NodeEvent):
                value = self.node(event, events, ())
        return value

    def node(self, event: Any, events: Iterator[Any], place: Place) -> Any:
        line = event.start_mark.line + 1
        self.lines.setdefault(place, line)
        if len(place) > MAX_DEPTH:
            raise _refusal(self.file, _DEEP, _LEVELS, line)
        if isinstance(event, yaml.AliasEvent):
            found = self.anchors.get(str(event.anchor))
            if found is None:
                message = f"the alias *{event.anchor} has no anchor before it."
                raise _refusal(self.file, message, f"Define &{event.anchor} first.", line)
            self.count(found[1], line)
            return found[0]
        before = self.values
        self.count(1, line)
        tag = getattr(event, "tag", None)
        if tag is not None and not (isinstance(event, yaml.ScalarEvent) and tag in _PLAIN_TAGS):
            raise _refusal(self.file, f"the tag {tag} is not allowed.", "Write plain values without tags.", line)
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = scalar(event.value) if event.implicit[0] and not event.style else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            for inner in iter(lambda: next(events), None):
                if isinstance(inner, yaml.SequenceEndEvent):
                    break
                value.append(self.node(inner, events, (*place, len(value))))
        else:
            value = self.mapping(events, place)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.values - before)
        return value

    def mapping(self, events: Iterator[Any], place: Place) -> dict[str, Any]:
        value: dict[str, Any] = {}
        inherited: list[dict[str, Any]] = []
        for key_event in iter(lambda: next(events), None):
            if isinstance(key_event, yaml.MappingEndEvent):
                break
            line = key_event.start_mark.line + 1
            if not isinstance(key_event, yaml.ScalarEvent):
                raise _refusal(self.file, "a key is not plain text.", "Use a word as the key.", line)
            key = str(key_event.value)
            self.lines.setdefault((*place, key), line)
            inner = self.node(next(events), events, (*place, key))
            if key == "<<" and not key_event.style:
                inherited.extend(
                    one for one in (inner if isinstance(inner, list) else [inner]) if isinstance(one, dict)
                )
            elif key in value:
                fix = "Remove or rename one of the two; the first is used."
                where = dotted((*place, key))
                self.problems.append(
                    Problem("error", f"the key “{key}” stands here twice.", fix, where, line, self.file)
                )
            else:
                value[key] = inner
        for base in inherited:
            for key, inner in base.items():
                value.setdefault(key, inner)
        return value

    def count(self, values: int, line: int) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            message = f"the document holds more than {MAX_VALUES:,} values once its aliases are expanded."
            raise _refusal(self.file, message, "Remove aliases that repeat each other, or split the file.", line)
