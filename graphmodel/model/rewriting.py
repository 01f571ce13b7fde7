"""A System document brought to another state of its system: only what differs is changed, comments and order stay."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from graphmodel.model.adding import dumped, loaded
from graphmodel.model.system import System
from graphmodel.model.writing import write_document
from graphmodel.reading.yaml_text import read_yaml

_NAMES = ("id", "from", "relation", "to", "asset", "capability", "threat", "impact")


def rewritten(document: str, before: System, after: System) -> str | None:
    """The document, which says ``before``, with what ``after`` says differently.

    None where it cannot be changed piece by piece, as with a key that stands twice; then write it anew.
    """
    old, new = (read_yaml(write_document(one).encode(), "system").value for one in (before, after))
    if old == new:
        return document
    try:
        root = loaded(document)
        if not isinstance(root, CommentedMap):
            return None
        _bring(root, old, new)
        return _restored(document, dumped(root))
    except YAMLError:
        return None


def _bring(held: CommentedMap, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Make of a part of the document, which says the old, what says the new."""
    for key in old:
        if key not in new and key in held:
            del held[key]
    last = -1
    for key, value in new.items():
        there = key in held
        if key in old and old[key] == value:
            pass
        elif (
            there and isinstance(held[key], CommentedMap) and isinstance(old.get(key), dict) and isinstance(value, dict)
        ):
            _bring(held[key], old[key], value)
        elif there and isinstance(held[key], CommentedSeq) and _entries(old.get(key)) and _entries(value):
            _bring_list(held, key, old[key], value)
        elif there:
            held[key] = value
        else:
            held.insert(last + 1, key, value)
        if key in held:
            last = list(held).index(key)


def _restored(document: str, text: str) -> str:
    """The text with the lines of comment of the document that went with what was taken out, each before what followed
    it and is still there."""
    left = Counter(line.strip() for line in text.splitlines())
    lines, out = document.splitlines(), text.splitlines()
    once = {line for line, count in Counter(out).items() if count == 1 and line.strip()}
    lost: dict[str, list[str]] = {}
    following = ""
    for line in reversed(lines):
        bare = line.strip()
        if not bare.startswith("#"):
            following = line if line in once else following
        elif left[bare] > 0:
            left[bare] -= 1
        else:
            lost.setdefault(following, []).insert(0, line)
    found: list[str] = []
    for line in out:
        found.extend(lost.pop(line, ()) if line in once else ())
        found.append(line)
    return "\n".join([*found, *(line for rest in lost.values() for line in rest)]) + "\n"


def _entries(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _bring_list(held: CommentedMap, key: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    """The same for a list of elements, which are told apart by what names them; new ones go to its end."""
    entries: CommentedSeq = held[key]
    if len(entries) != len(old):
        held[key] = new
        return
    wanted = {_name(one): one for one in new}
    known = {_name(one) for one in old}
    if len(wanted) != len(new) or len(known) != len(old):
        held[key] = new
        return
    for number in range(len(old) - 1, -1, -1):
        value = wanted.get(_name(old[number]))
        if value is None:
            del entries[number]
        elif value != old[number]:
            _bring(entries[number], old[number], value)
    entries.extend(one for one in new if _name(one) not in known)


def _name(one: dict[str, Any]) -> str:
    return repr([one.get(key) for key in _NAMES])
