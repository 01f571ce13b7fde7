"""What the settings of a resource name: images, models, and variables with secrets and providers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphmodel.reading.json_text import read_json
from graphmodel.reading.problems import UnreadableError

_ENVIRONMENTS = frozenset(
    {"environment", "environmentvariables", "environment_variables", "env", "variables", "app_settings", "appsettings",
     "secrets", "secret", "secret_environment_variables", "environment_variable"}
)  # fmt: skip
_MODELS = frozenset(
    {"foundation_model", "foundationmodel", "embedding_model_arn", "embeddingmodelarn", "modelarn", "model_arn",
     "foundationmodelarn"}
)  # fmt: skip
_IMAGES = frozenset({"image", "image_uri", "imageuri", "containerimage", "dockerimage"})
_HOLDS = frozenset({"container_definitions", "containerdefinitions"})
_MODEL = re.compile(r"^(?:[a-z]{2,6}\.)?(?:[a-z0-9]+)\.[a-z][a-z0-9.:-]*$")
MOST = 5_000  # values of one resource
LEVELS = 12


def settings_of(pairs: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The variables that a resource gives to what runs in it, with their values."""
    for key, value in pairs:
        if key.lower() in _ENVIRONMENTS:
            yield from _pairs(value)


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        name = value.get("name", value.get("Name", value.get("key")))
        if isinstance(name, str):
            yield name, value.get("value", value.get("Value", value.get("valueFrom")))
            return
        for key, one in value.items():
            if key.lower() not in _ENVIRONMENTS:
                yield str(key), one
    elif isinstance(value, list):
        for one in value[:500]:
            if isinstance(one, Mapping):
                yield from _pairs(one)


def images_of(pairs: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """The container images that a resource runs."""
    for key, value in pairs:
        if key.lower() in ("image", "image_uri", "imageuri", "containerimage", "dockerimage") and isinstance(
            value, str
        ):
            yield value


def deployed_of(pairs: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """The models that an account of Azure is told to serve."""
    for key, value in pairs:
        if key.lower() == "model" and isinstance(value, Mapping) and isinstance(value.get("name"), str):
            yield value["name"]


def models_of(pairs: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """The foundation models of Amazon Bedrock that a resource names, without what only an address of them has."""
    for key, value in pairs:
        if key.lower() in _MODELS:
            said = _words(value).rpartition("foundation-model/")[2].rpartition("inference-profile/")[2]
            if _MODEL.match(said):
                yield said


def _words(value: Any) -> str:
    if isinstance(value, Mapping) and len(value) == 1:
        inner = next(iter(value.values()))
        return _words(inner[0] if isinstance(inner, list) and inner else inner)
    return value if isinstance(value, str) else str(getattr(value, "text", ""))


def walk(values: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, however deep; containers that stand in a text as JSON are read."""
    stack: list[tuple[Any, int]] = [(values, 0)]
    for _ in range(MOST):
        if not stack:
            return
        one, level = stack.pop()
        if level > LEVELS:
            continue
        if isinstance(one, Mapping):
            for key, value in one.items():
                if str(key).lower() in _HOLDS and isinstance(value, str):
                    value = _parsed(value)
                yield str(key), value
                stack.append((value, level + 1))
        elif isinstance(one, list):
            stack.extend((each, level + 1) for each in reversed(one))


def _parsed(text: str) -> Any:
    try:
        return read_json(text.encode(), "containers").value
    except UnreadableError:
        return None
