"""Evidence written into a System document: its entries are put in, and all else, comments too, stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from graphmodel.model.system import Observation
from graphmodel.model.writing import observation_out

SECTION = "evidence"


def with_observations(document: str, evidence: Iterable[Observation]) -> str:
    """The document with these entries, in place of those of the same ids; it must be free of errors."""
    root = loaded(document)
    if root.get(SECTION) is None:
        root[SECTION] = CommentedMap()
        root.yaml_set_comment_before_after_key(SECTION, before="\n")
    for one in evidence:
        root[SECTION][one.id] = observation_out(one)
    return dumped(root)


def loaded(document: str) -> CommentedMap:
    """A document with its comments; raises ``YAMLError`` of ruamel.yaml where it is none."""
    root: CommentedMap = _yaml().load(document)
    return root


def dumped(root: CommentedMap) -> str:
    """The text of a document with its comments."""
    out = StringIO()
    _yaml().dump(root, out)
    return out.getvalue()


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
