"""What would show that a control of the catalogue works: what to ask for before it counts as tested."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.reading.yaml_text import read_yaml

FILE = "proofs.yaml"


@cache
def shipped_proofs() -> Mapping[str, str]:
    """By control, what would show that it works. Raises ``ValueError`` where the shipped file is not a map of texts."""
    value = read_yaml((ontology_directory() / FILE).read_bytes(), FILE).value
    if not isinstance(value, dict) or not all(isinstance(one, str) and one for one in value.values()):
        raise ValueError(f"{FILE} is not a map of texts")
    return {str(key): str(one) for key, one in value.items()}
