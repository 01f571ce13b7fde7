"""What people settled about joins, as the file ``graphmodel-import.yaml`` has it."""

from __future__ import annotations

from graphmodel.reading.limits import MAX_PATTERNS
from graphmodel.reading.problems import Problem
from graphmodel.reading.values import Place
from graphmodel.reading.yaml_text import read_yaml
from importers.sameness import Settlements

_KEYS = ("same", "apart", "types", "take", "leave")


def read_settlements(data: bytes, name: str) -> tuple[Settlements, tuple[Problem, ...]]:
    """Elements are named ``FILE#ID``: ``same`` and ``apart`` are lists of lists of them, ``types`` a map from one to
    its asset type, and ``take`` and ``leave`` are lists of patterns of files. Raises
    ``UnreadableError`` where it is no YAML; what else is wrong is a problem at its place.
    """
    text = read_yaml(data, name)
    problems: list[Problem] = []

    def wrong(place: Place, message: str) -> None:
        problems.append(text.problem("error", place, message, "Elements are named FILE#ID; see docs/importers.md."))

    value = text.value if isinstance(text.value, dict) else {}
    if not isinstance(text.value, dict):
        wrong((), "a map with “same”, “apart”, “types”, “take” and “leave” is expected.")
    for key in value:
        if key not in _KEYS:
            wrong((key,), f"there is no field “{key[:60]}”.")
    groups: dict[str, list[frozenset[str]]] = {"same": [], "apart": []}
    for key, found in groups.items():
        entries = value.get(key) or []
        if not isinstance(entries, list):
            wrong((key,), "a list of lists is expected.")
            continue
        for number, one in enumerate(entries):
            if isinstance(one, list) and len(one) > 1 and all(isinstance(each, str) and "#" in each for each in one):
                found.append(frozenset(one))
            else:
                wrong((key, number), "a list of at least two elements is expected.")
    types = value.get("types") or {}
    if not isinstance(types, dict) or not all(isinstance(one, str) for one in types.values()):
        wrong(("types",), "a map from elements to asset types is expected.")
        types = {}
    patterns: dict[str, tuple[str, ...]] = {}
    for key in ("take", "leave"):
        listed = value.get(key) or []
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            wrong((key,), "a list of files or patterns such as “docs/*” is expected.")
            listed = []
        if len(listed) > MAX_PATTERNS:
            wrong((key,), f"there are {len(listed):,} patterns here; at most {MAX_PATTERNS:,} are read.")
            listed = []
        patterns[key] = tuple(listed)
    return Settlements(tuple(groups["same"]), tuple(groups["apart"]), types, **patterns), tuple(problems)
