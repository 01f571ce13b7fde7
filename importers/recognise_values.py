"""What a value in JSON or YAML is, by the keys in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Map = Mapping[str, Any]


def value_format(value: Any) -> str | None:
    """What a value is, in words such as “a Docker Compose file”; None where it shows no sign of anything known."""
    if isinstance(value, list):
        value = value[0] if value and isinstance(value[0], dict) else {}
    if not isinstance(value, dict):
        return None
    return next((label for label, tells in _FORMATS if tells(value)), None)


def _has(*keys: str) -> Callable[[Map], bool]:
    return lambda value: all(key in value for key in keys)


def _any(*keys: str) -> Callable[[Map], bool]:
    return lambda value: any(key in value for key in keys)


def _says(key: str, *words: str) -> Callable[[Map], bool]:
    """Whether a field, or something in its list, holds one of these words."""

    def tells(value: Map) -> bool:
        found = value.get(key)
        texts = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)]
        return any(word in text for text in texts[:20] for word in words)

    return tells


def _entries(value: Any) -> list[Map]:
    """The maps of a map or a list, the first of them."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in list(items)[:50] if isinstance(one, dict)]


def _schema(value: Map) -> bool:
    return _says("$schema", "json-schema.org")(value) or (
        value.get("type") == "object" and isinstance(value.get("properties"), dict)
    )


def _helm_values(value: Map) -> bool:
    """Whether it names images as charts do, in parts, beside other settings of charts."""
    held = [value, *(one for one in value.values() if isinstance(one, dict))]
    images = [one["image"] for one in held if isinstance(one.get("image"), dict)]
    named = any({"repository"} <= set(one) and {"tag", "pullPolicy", "registry"} & set(one) for one in images)
    settings = {"replicaCount", "resources", "service", "ingress", "nodeSelector", "tolerations", "autoscaling"}
    return named and any(settings & set(one) for one in held)


def _either(*tells: Callable[[Map], bool]) -> Callable[[Map], bool]:
    return lambda value: any(one(value) for one in tells)


# The first that fits is told, so what is said outright comes before what is guessed from several keys.
_FORMATS: tuple[tuple[str, Callable[[Map], bool]], ...] = (
    ("a CycloneDX document", _any("bomFormat", "specFormat")),
    (
        "the risks that Threagile found: as risks.json beside their model they are read with it. Alone it is a list",
        _has("synthetic_id", "category"),
    ),
    ("an SPDX 2 bill of materials", _any("spdxVersion", "SPDXVersion")),
    ("a report of findings (SARIF)", lambda value: isinstance(value.get("runs"), list) and "version" in value),
    ("an OpenAPI description", _any("openapi", "swagger")),
    ("an AsyncAPI description", _has("asyncapi")),
    ("a file of parameters of an Azure template", _says("$schema", "deploymentParameters")),
    ("a topic of Copilot Studio", lambda value: value.get("kind") == "AdaptiveDialog"),
    ("a file of values for a Helm chart (give what “helm template” prints)", _helm_values),
    ("a Terraform state as it is stored", _has("terraform_version")),
    ("a Jupyter notebook", _has("nbformat", "cells")),
    ("a report of promptfoo", _has("evalId", "results")),
    ("a report of Trivy", _either(_has("ArtifactName", "Results"), _has("ClusterName"))),
    ("a workflow of GitHub Actions", lambda value: "jobs" in value and bool({"on", "name"} & set(value))),
    ("an attack graph as `graphmodel solve` reads it", _either(_has("facts", "steps"), _has("attack_steps"))),
    ("a JSON schema", _schema),
)
