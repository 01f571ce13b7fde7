"""The objects of a manifest, with where each stands, and how selectors find them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphmodel.reading.problems import refusal
from graphmodel.reading.values import Place, Text
from importers.source import Source

MAX_NESTED = 5


@dataclass(frozen=True)
class Object:
    """One object: ``group`` is that of its apiVersion, empty for the core."""

    place: Place
    group: str
    kind: str
    namespace: str
    name: str
    value: Mapping[str, Any]

    @property
    def spec(self) -> Mapping[str, Any]:
        return mapping(self.value, "spec")

    @property
    def key(self) -> str:
        """Its key among the elements of the file."""
        return f"{self.namespace}/{self.kind}/{self.name}"


def mapping(value: Any, *path: str | int) -> Mapping[str, Any]:
    """The map at a path; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, dict) else {}


def listed(value: Any, *path: str | int) -> list[Any]:
    """The list at a path; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def text(value: Any, *path: str | int) -> str:
    """The text at a path; empty where there is none."""
    found = at(value, *path)
    return str(found)[:2_000] if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def at(value: Any, *path: str | int) -> Any:
    """What stands at a path of keys and numbers; None where nothing does."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def is_object(value: Any) -> bool:
    """Whether a document is an object of Kubernetes."""
    return isinstance(value, dict) and isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str)


def whole(source: Source) -> Text:
    """All documents of a file as one list, with the lines of all."""
    lines = _Lines(tuple(one.lines for one in source.documents))
    problems = tuple(problem for one in source.documents for problem in one.problems)
    return Text([one.value for one in source.documents], source.name, lines, problems)


class _Lines(Mapping[Place, int]):
    """The lines of several documents, whose number is the first step of a place."""

    def __init__(self, parts: tuple[Mapping[Place, int], ...]) -> None:
        self.parts = parts

    def __getitem__(self, place: Place) -> int:
        if not place or not isinstance(place[0], int) or not 0 <= place[0] < len(self.parts):
            raise KeyError(place)
        return self.parts[place[0]][place[1:]]

    def __iter__(self) -> Iterator[Place]:
        return ((number, *place) for number, one in enumerate(self.parts) for place in one)

    def __len__(self) -> int:
        return sum(map(len, self.parts))


def objects(documents: list[Any]) -> Iterator[Object]:
    """Every object of a file, those inside lists too."""
    for number, one in enumerate(documents):
        yield from _inside(one, (number,), 0)


def _inside(value: Any, place: Place, level: int) -> Iterator[Object]:
    if not is_object(value) or level > MAX_NESTED:
        return
    if value["kind"].endswith("List") and isinstance(value.get("items"), list):
        # Items of a list of one kind, such as PodList, may leave to it what they are.
        said = {"apiVersion": value["apiVersion"], "kind": value["kind"].removesuffix("List")}
        for number, one in enumerate(value["items"]):
            whole_ = {**said, **one} if isinstance(one, dict) and said["kind"] else one
            yield from _inside(whole_, (*place, "items", number), level + 1)
        return
    name = text(value, "metadata", "name") or text(value, "metadata", "generateName").strip("-")
    group = value["apiVersion"].rpartition("/")[0]
    yield Object(
        place, group, value["kind"], text(value, "metadata", "namespace") or "default", name or "unnamed", value
    )


def of_one_owner(everything: list[Object]) -> tuple[list[Object], int]:
    """The objects with the pods of one owner as one, called as what made them; and how many pods that left out."""
    kept: list[Object] = []
    seen: set[tuple[str, str]] = set()
    for one in everything:
        owner = mapping(one.value, "metadata", "ownerReferences", 0)
        name = text(owner, "name")
        if one.kind != "Pod" or one.group or not name:
            kept.append(one)
            continue
        made = text(one.value, "metadata", "labels", "pod-template-hash")
        name = name.removesuffix(f"-{made}") if made else name
        if (one.namespace, name) not in seen:
            seen.add((one.namespace, name))
            kept.append(replace(one, name=name))
    return kept, len(everything) - len(kept)


Labels = Mapping[str, str]


def labels_of(value: Any, *path: str | int) -> dict[str, str]:
    """The labels at a path."""
    return {str(key): str(one) for key, one in mapping(value, *path).items()}


MOST_LOOKED_AT = 1_000_000  # times that something with labels is compared with a selector


class Selected:
    """Finds what has labels, within a namespace, without looking at everything each time."""

    def __init__(self) -> None:
        self._by_label: dict[tuple[str, str, str], list[str]] = {}
        self._all: dict[str, list[str]] = {}
        self._labels: dict[str, Labels] = {}
        self._known: dict[tuple[str, str], list[str]] = {}
        self._looked_at = 0

    def add(self, namespace: str, key: str, labels: Labels) -> None:
        """Something that has labels."""
        self._all.setdefault(namespace, []).append(key)
        self._labels[key] = labels
        self._known.clear()
        for label, value in labels.items():
            self._by_label.setdefault((namespace, label, value), []).append(key)

    def by(self, namespace: str, wanted: Labels) -> list[str]:
        """What has all of these labels; nothing where none is wanted."""
        return self.selector(namespace, {"matchLabels": wanted}) if wanted else []

    def selector(self, namespace: str, selector: Mapping[str, Any]) -> list[str]:
        """What a selector with ``matchLabels`` and ``matchExpressions`` finds; everything where it is empty."""
        asked = (namespace, repr(selector))
        found = self._known.get(asked)
        if found is None:
            found = self._known[asked] = self._looked_for(namespace, selector)
        return found

    def _looked_for(self, namespace: str, selector: Mapping[str, Any]) -> list[str]:
        """As ``selector``; raises ``UnreadableError`` where a file has too many selectors for what has labels in it."""
        items = list(labels_of(selector, "matchLabels").items())
        expressions = [one for one in listed(selector, "matchExpressions") if isinstance(one, dict)]
        first = self._by_label.get((namespace, *items[0]), []) if items else self._all.get(namespace, [])
        self._looked_at += len(first)
        if self._looked_at > MOST_LOOKED_AT:
            said = f"the selectors of this file have to be compared with more than {MOST_LOOKED_AT:,} labels."
            raise refusal("", said, "Split the file by namespaces, or leave out what is not a part of the system.")
        found = [key for key in first if all(self._labels[key].get(one) == said for one, said in items[1:])]
        for one in expressions:
            holds = _condition(one)
            found = [key for key in found if holds(self._labels[key])]
        return found


def _condition(expression: Mapping[str, Any]) -> Callable[[Labels], bool]:
    """Whether labels are as an entry of ``matchExpressions`` has them."""
    key, operator = text(expression, "key"), text(expression, "operator")
    values = {str(one) for one in listed(expression, "values")}
    if operator == "In":
        return lambda labels: labels.get(key) in values
    if operator == "NotIn":
        return lambda labels: labels.get(key) not in values
    return lambda labels: (labels.get(key) is not None) == (operator == "Exists")
