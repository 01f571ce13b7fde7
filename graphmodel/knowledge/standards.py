"""Standards beside the framework, each pinned to one edition: the ids and short titles of what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import yaml

from graphmodel.knowledge.ontology import ontology_directory


@dataclass(frozen=True, slots=True)
class Standard:
    """One edition of a standard. ``requirements`` maps ids to short titles, in the order of the standard.

    ``note`` says what the ids and titles leave open, where they do.
    """

    id: str
    title: str
    source: str
    licence: str
    requirements: Mapping[str, str]
    note: str = ""


@cache
def load_standards() -> Mapping[str, Standard]:
    """The standards that are shipped, by id; files of ours, so what is wrong in them raises."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = {}
    for path in sorted((ontology_directory() / "standards").glob("*.yaml")):
        value = yaml.load(path.read_bytes(), Loader=loader)  # noqa: S506 - a safe loader, of a file of ours
        found[value["id"]] = Standard(**value)
    return found
