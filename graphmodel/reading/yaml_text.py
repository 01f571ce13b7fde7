"""YAML as plain values with the line of every value.

Every file is hostile. Values are built straight from the parser's events, so that nothing is
constructed but mappings, lists, strings, numbers, booleans and None; size, depth and the number of
values *after* aliases are expanded are limited; explicit tags are refused. Scalars follow the core
schema of YAML 1.2: ``on`` and ``no`` are strings, and dates stay text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from graphmodel.reading.limits import MAX_DEPTH, MAX_PROBLEMS, MAX_VALUES, check_size, too_deep
from graphmodel.reading.problems import Problem, refusal
from graphmodel.reading.values import Place, Text, brief, dotted, unusable_number

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_NO_TEXT = frozenset("~nNtTfF+-.0123456789")  # what a plain scalar that is no text begins with
_PLAIN_TAGS = frozenset({"tag:yaml.org,2002:str", "!"})


Tagged = Callable[[str, Any], Any]
"""What a value under an explicit tag stands for; the tag comes as it is written, such as ``!Ref``."""


def read_yaml(data: bytes, file: str, tagged: Tagged | None = None) -> Text:
    """Read one YAML document; raises ``UnreadableError`` when there is no value to be had.

    Explicit tags are refused, unless the format has some: then ``tagged`` says what plain value each stands for.
    """
    check_size(data, file)
    try:
        return walked(data, file, tagged)
    except yaml.MarkedYAMLError as error:
        line = getattr(error.problem_mark, "line", -1) + 1
        if "nesting depth" in str(error.problem):
            raise too_deep(file, line) from error
        message = f"this is not valid YAML: {error.problem or error.context}."
        raise refusal(file, message, "Check indentation, colons and quotes at this line.", line) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"this is not readable text ({' '.join(str(error).split())[:200]})."
        raise refusal(file, message, "Save the file as UTF-8 text.") from error


def read_yaml_documents(data: bytes, file: str) -> tuple[Text, ...]:
    """Read all documents of a YAML file, those without a value left out; limits are for all of them together."""
    check_size(data, file)
    found: list[Text] = []
    builder = _Builder(file)
    try:
        events = yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                builder.lines, builder.problems, builder.anchors = {}, [], {}
            elif isinstance(event, yaml.NodeEvent):
                value = builder.node(event, events, ())
                if value is not None:
                    found.append(Text(value, file, builder.lines, tuple(builder.problems)))
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        message = f"this is not valid YAML: {' '.join(str(error).split())[:200]}."
        raise refusal(file, message, "Check indentation, colons and quotes at this line.", line) from error
    except UnicodeDecodeError as error:
        raise refusal(file, "this is not readable text.", "Save the file as UTF-8 text.") from error
    return tuple(found)


def walked(data: bytes, file: str, tagged: Tagged | None = None) -> Text:
    """The values of a YAML document and their lines; raises ``yaml.YAMLError`` where it is none."""
    builder = _Builder(file, tagged)
    value = builder.document(yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    return Text(value, file, builder.lines, tuple(builder.problems))


def scalar(text: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema of YAML 1.2, without hexadecimal, octal, infinity and NaN."""
    if text and text[0] not in _NO_TEXT:
        return text
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


def _is_leaf(event: Any) -> bool:
    return type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None


@dataclass
class _Builder:
    file: str
    tagged: Tagged | None = None
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int, int]] = field(default_factory=dict)
    values: int = 0
    reached: int = 0

    def document(self, events: Iterator[Any]) -> Any:
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    line = getattr(event.start_mark, "line", -1) + 1
                    raise refusal(self.file, "the file holds more than one document.", "Keep the first only.", line)
            elif isinstance(event, yaml.NodeEvent):
                value = self.node(event, events, ())
        return value

    def node(self, event: Any, events: Iterator[Any], place: Place) -> Any:
        line = event.start_mark.line + 1
        self.lines.setdefault(place, line)
        self.reach(len(place), line)
        value: Any
        if isinstance(event, yaml.AliasEvent):
            name = str(event.anchor)
            found = self.anchors.get(name)
            if found is None:
                message = f"the alias *{brief(name)} has no anchor before it."
                raise refusal(self.file, message, f"Define &{brief(name)} first.", line)
            value, values, levels = found
            self.count(values, line)
            self.reach(len(place) + levels, line)
            return value
        before, outside = self.values, self.reached
        # A long text that aliases repeat is as much as many values.
        self.count(1 + len(getattr(event, "value", "")) // 100, line)
        self.reached = len(place)
        tag = getattr(event, "tag", None)
        plain = tag is None or (isinstance(event, yaml.ScalarEvent) and tag in _PLAIN_TAGS)
        if not plain and (self.tagged is None or not str(tag).startswith("!")):
            raise refusal(
                self.file, f"the tag {brief(str(tag))} is not allowed.", "Write plain values without tags.", line
            )
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event, place, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            for inner in iter(lambda: next(events), None):
                if isinstance(inner, yaml.SequenceEndEvent):
                    break
                spot = (*place, len(value))
                value.append(self.leaf(inner, spot) if _is_leaf(inner) else self.node(inner, events, spot))
        else:
            value = self.mapping(events, place)
        if not plain and self.tagged is not None:
            value = self.tagged(str(tag), value)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.values - before, self.reached - len(place))
        self.reached = max(self.reached, outside)
        return value

    def leaf(self, event: Any, place: Place) -> Any:
        """A scalar without anchor and tag, as ``node`` takes it: most values of a document are one."""
        line = event.start_mark.line + 1
        self.lines.setdefault(place, line)
        self.reach(len(place), line)
        self.count(1 + len(event.value) // 100, line)
        return self.scalar(event, place, line)

    def scalar(self, event: Any, place: Place, line: int) -> Any:
        value = scalar(event.value) if event.implicit[0] and not event.style else event.value
        if isinstance(value, float) and not math.isfinite(value):
            self.tell(unusable_number(value, dotted(place), line, self.file))
            return None
        return value

    def mapping(self, events: Iterator[Any], place: Place) -> dict[str, Any]:
        value: dict[str, Any] = {}
        inherited: list[dict[str, Any]] = []
        for key_event in iter(lambda: next(events), None):
            if isinstance(key_event, yaml.MappingEndEvent):
                break
            line = key_event.start_mark.line + 1
            if not isinstance(key_event, yaml.ScalarEvent):
                raise refusal(self.file, "a key is not plain text.", "Use a word as the key.", line)
            key = str(key_event.value)
            spot = (*place, key)
            self.lines.setdefault(spot, line)
            event = next(events)
            inner = self.leaf(event, spot) if _is_leaf(event) else self.node(event, events, spot)
            if key == "<<" and not key_event.style:
                inherited.extend(
                    one for one in (inner if isinstance(inner, list) else [inner]) if isinstance(one, dict)
                )
            elif key in value:
                fix = "Remove or rename one of the two; the first is used."
                where = dotted((*place, key))
                said = f"the key “{brief(key)}” stands here twice."
                self.tell(Problem("error", said, fix, where, line, self.file))
            else:
                value[key] = inner
        for base in inherited:
            for key, inner in base.items():
                value.setdefault(key, inner)
        return value

    def tell(self, problem: Problem) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)

    def reach(self, level: int, line: int) -> None:
        self.reached = max(self.reached, level)
        if level > MAX_DEPTH:
            raise too_deep(self.file, line)

    def count(self, values: int, line: int) -> None:
        self.values += values
        if self.values > MAX_VALUES:
            message = f"the document holds more than {MAX_VALUES:,} values once its aliases are expanded."
            raise refusal(self.file, message, "Remove aliases that repeat each other, or split the file.", line)
