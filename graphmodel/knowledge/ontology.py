"""Reads ``ontology/`` and users' own catalogue files into a ``Catalogue``.

Turtle is parsed by rdflib. Because that takes most of a second, what the shipped files amount to
is kept as JSON in the user's cache directory under a digest of their content; a change to any of
them, or to the program's version, makes a new entry.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmodel.knowledge.catalogue import FIELDS, Record, build_catalogue
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.problems import Problem, nearest
from graphmodel.reading.values import UnreadableError, check_size, read_yaml
from graphmodel.version import __version__

if TYPE_CHECKING:
    import rdflib

BASE = "https://w3id.org/graphmodel"
GM = f"{BASE}#"
MAX_CATALOGUE_BYTES = 1_000_000

_KIND_OF_CLASS = {
    "http://www.w3.org/2002/07/owl#Class": "type",
    "http://www.w3.org/2002/07/owl#ObjectProperty": "relation",
    f"{GM}ThreatPattern": "threat",
    f"{GM}Propagation": "rule",
    f"{GM}Control": "control",
    f"{GM}Technique": "technique",
}
# Individuals that stand in the Turtle for readers of the ontology; the program has them as enums.
_LISTS = frozenset(f"{GM}{one}" for one in ("Capability", "Maturity", "ControlFunction", "Area", "Attack", "Edition"))
_FIELD_OF_PREDICATE = {
    "http://www.w3.org/2000/01/rdf-schema#label": "label",
    "http://www.w3.org/2000/01/rdf-schema#comment": "comment",
    "http://www.w3.org/2000/01/rdf-schema#subClassOf": "parents",
    "http://www.w3.org/2000/01/rdf-schema#subPropertyOf": "parents",
    "http://www.w3.org/2000/01/rdf-schema#domain": "domain",
    "http://www.w3.org/2000/01/rdf-schema#range": "range",
    "http://www.w3.org/2002/07/owl#inverseOf": "inverse",
    "http://www.w3.org/2004/02/skos/core#notation": "notation",
}
_YAML_SECTIONS = {"threats": "threat", "rules": "rule", "controls": "control"}
_YAML_FIELDS = {
    "name": "label",
    "meaning": "comment",
    "asset": "on",
    "other_needs": "otherNeeds",
    "techniques": "technique",
    "defended_on": "defendedOn",
    "applies_to": "appliesTo",
}


def ontology_directory() -> Path:
    """Where the shipped ontology lies: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "_ontology"
    return installed if installed.is_dir() else package.parent / "ontology"


def load_catalogue(extra: Sequence[tuple[str, bytes]] = ()) -> tuple[Catalogue, tuple[Problem, ...]]:
    """The shipped catalogue, with users' own files (name, content) joined to it.

    Files whose name ends in ``.ttl`` are Turtle; all others are YAML. Own entries may add types,
    relations, threats, rules and controls; ids must be new.
    """
    shipped, problems = shipped_records()
    records = list(shipped)
    for name, data in extra:
        more, wrong = read_records(name, data)
        records.extend(more)
        problems = (*problems, *wrong)
    catalogue, wrong = build_catalogue(records)
    return catalogue, (*problems, *wrong)


def shipped_records() -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    """The records of the shipped Turtle, from the cache where it holds them."""
    files = sorted(ontology_directory().rglob("*.ttl"))
    contents = [(str(path.relative_to(ontology_directory())), path.read_bytes()) for path in files]
    digest = hashlib.sha256(__version__.encode())
    for name, data in contents:
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(data).digest())
    cache = _cache_directory() / f"catalogue-{digest.hexdigest()[:32]}.json"
    cached = _read_cache(cache)
    if cached is not None:
        return cached, ()
    records: list[Record] = []
    problems: list[Problem] = []
    for name, data in contents:
        found, wrong = read_records(name, data)
        records.extend(found)
        problems.extend(wrong)
    if not problems:
        _write_cache(cache, records)
    return tuple(records), tuple(problems)


def read_records(name: str, data: bytes) -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    """The records of one catalogue file; nothing but problems when it cannot be read."""
    try:
        check_size(data, name, MAX_CATALOGUE_BYTES)
        return _turtle(name, data) if name.endswith(".ttl") else _yaml(name, data)
    except UnreadableError as error:
        return (), (error.problem,)


# ---------------------------------------------------------------- Turtle
def _turtle(name: str, data: bytes) -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    import rdflib  # noqa: PLC0415 - a fifth of a second that the cache saves
    from rdflib.plugins.parsers.notation3 import BadSyntax  # noqa: PLC0415

    graph = rdflib.Graph(bind_namespaces="none")
    try:
        text = data.decode("utf-8")
        graph.parse(data=text, format="turtle")
    except BadSyntax as error:
        line = int(getattr(error, "lines", 0)) + 1
        raise UnreadableError(_unreadable(name, f"this is not valid Turtle ({error.message[:120]}).", line)) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UnreadableError(_unreadable(name, "this is not readable Turtle.", 0)) from error
    records: list[Record] = []
    problems: list[Problem] = []
    lines = _subject_lines(text)
    for subject in sorted(set(graph.subjects()), key=str):
        classes = {str(one) for one in graph.objects(subject, rdflib.RDF.type)}
        kinds = sorted({_KIND_OF_CLASS[one] for one in classes if one in _KIND_OF_CLASS})
        iri = str(subject)
        line = lines.get(_local(iri), 0)
        predicates = {str(one) for one in graph.predicates(subject)}
        if len(kinds) != 1:
            unknown = sorted(_local(one) for one in classes - _LISTS if one.startswith(GM))
            if unknown or (kinds == [] and not classes and any(one.startswith(GM) for one in predicates)):
                fix = f"Use one of {', '.join('gm:' + _local(one) for one in _KIND_OF_CLASS if one.startswith(GM))}."
                what = f"gm:{unknown[0]} is no class of the ontology" if unknown else "it has no class"
                problems.append(
                    Problem("error", f"“{_local(iri)}” is not understood: {what}.", fix, _local(iri), line, name)
                )
            continue
        values: dict[str, list[Any]] = {}
        for predicate, target in sorted(graph.predicate_objects(subject), key=str):
            field = _FIELD_OF_PREDICATE.get(str(predicate))
            if field is None and str(predicate).startswith(GM):
                field = str(predicate).removeprefix(GM)
            if field is not None:
                values.setdefault(field, []).append(_plain(graph, target, field))
        if kinds[0] == "technique":
            values["edition"] = [iri.removeprefix(f"{BASE}/").rpartition("/")[0]]
        records.append(
            Record(kinds[0], _technique_key(iri) if kinds[0] == "technique" else _local(iri), values, name, line)
        )
    return tuple(records), tuple(problems)


def _plain(graph: rdflib.Graph, target: Any, field: str) -> Any:
    import rdflib  # noqa: PLC0415

    if isinstance(target, rdflib.Literal):
        value = target.toPython()
        if isinstance(value, bool | str):
            return value
        try:
            return float(value)
        except (TypeError, ValueError):
            return str(value)
    if isinstance(target, rdflib.BNode):
        return [_plain(graph, one, field) for one in graph.items(target)]
    return _technique_key(str(target)) if field == "technique" else _local(str(target))


def _technique_key(iri: str) -> str:
    edition, _, local = iri.removeprefix(f"{BASE}/").rpartition("/")
    pinned = re.sub(r"^([A-Z]+\d+)-(\d{4})$", r"\1:\2", local)
    return f"{pinned}@{edition}"


def _local(iri: str) -> str:
    return re.split(r"[/#]", iri)[-1]


def _subject_lines(text: str) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = re.match(r"(?:[\w.-]*:([\w.-]+)|<([^>]+)>)\s", line)
        if match:
            found.setdefault(match[1] or _local(match[2]), number)
    return found


def _unreadable(name: str, message: str, line: int) -> Problem:
    return Problem("error", message, "Check the file; docs/catalogue.md shows both forms.", "", line, name)


# ---------------------------------------------------------------- YAML
def _yaml(name: str, data: bytes) -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    text = read_yaml(data, name)
    problems = list(text.problems)
    if not isinstance(text.value, dict):
        raise UnreadableError(_unreadable(name, "a catalogue file holds “threats”, “rules” or “controls”.", 0))
    records: list[Record] = []
    for section, entries in text.value.items():
        kind = _YAML_SECTIONS.get(section)
        if kind is None:
            problems.append(
                text.problem("error", (section,), f"there is no section “{section}”.", nearest(section, _YAML_SECTIONS))
            )
        elif not isinstance(entries, dict):
            problems.append(
                text.problem(
                    "error",
                    (section,),
                    f"“{section}” is a map from ids to entries.",
                    "Write an id, a colon and the fields.",
                )
            )
        else:
            for id_, entry in entries.items():
                if not isinstance(entry, dict):
                    problems.append(
                        text.problem(
                            "error", (section, id_), "an entry is a map of fields.", "Write the fields below the id."
                        )
                    )
                    continue
                values = {
                    _yaml_field(key, kind): _listed(key, value) for key, value in entry.items() if value is not None
                }
                records.append(Record(kind, str(id_), values, name, text.line_of((section, id_))))
    return tuple(records), tuple(problems)


def _yaml_field(key: str, kind: str) -> str:
    name = _YAML_FIELDS.get(key, key)
    return name if name in FIELDS[kind] else key


def _listed(key: str, value: Any) -> list[Any]:
    if key in ("chance", "strength"):
        return [value]
    return list(value) if isinstance(value, list) else [value]


# ---------------------------------------------------------------- cache
def _cache_directory() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(root) / "graphmodel"


def _read_cache(path: Path) -> tuple[Record, ...] | None:
    """What the cache holds; None where it holds nothing, or nothing sound."""
    try:
        return tuple(Record(**one) for one in json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _write_cache(path: Path, records: Iterable[Record]) -> None:
    """Keep the records; where the directory cannot be written the program is only slower."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump([asdict(record) for record in records], stream)
        os.replace(temporary, path)
    except OSError:
        return
