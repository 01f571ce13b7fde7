"""Turtle, as the ontology and users' own catalogues are written, to records. rdflib does the parsing."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from graphmodel.knowledge.records import Record, unreadable
from graphmodel.reading.limits import check_size
from graphmodel.reading.problems import Problem

if TYPE_CHECKING:
    import rdflib

BASE = "https://w3id.org/graphmodel"
GM = f"{BASE}#"
MAX_TURTLE_BYTES = 300_000  # of one file; rdflib takes a second for 20,000 at worst
MAX_ITEMS = 100  # of a list

_KIND_OF_CLASS = {
    "http://www.w3.org/2002/07/owl#Class": "type",
    "http://www.w3.org/2002/07/owl#ObjectProperty": "relation",
    f"{GM}ThreatPattern": "threat",
    f"{GM}Propagation": "rule",
    f"{GM}Control": "control",
    f"{GM}Technique": "technique",
}
# Individuals that stand in the Turtle for readers of the ontology; the program has them as enums.
_LISTS = frozenset(
    f"{GM}{one}" for one in ("Capability", "Maturity", "ControlFunction", "Area", "Attack", "ActorKind", "Edition")
)
_INNER = ("part", "where", "unless", "against")  # what these hold has fields of its own
_FIELD_OF_PREDICATE = {
    "http://www.w3.org/2000/01/rdf-schema#label": "label",
    "http://www.w3.org/2000/01/rdf-schema#comment": "comment",
    "http://www.w3.org/2000/01/rdf-schema#subClassOf": "parents",
    "http://www.w3.org/2000/01/rdf-schema#subPropertyOf": "parents",
    "http://www.w3.org/2000/01/rdf-schema#domain": "domain",
    "http://www.w3.org/2000/01/rdf-schema#range": "range",
    "http://www.w3.org/2002/07/owl#inverseOf": "inverse",
    "http://www.w3.org/2004/02/skos/core#notation": "notation",
    "http://www.w3.org/2004/02/skos/core#altLabel": "synonyms",
}


def read_turtle(name: str, data: bytes) -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    """The records of a Turtle file; raises ``UnreadableError`` where it is none."""
    import rdflib  # noqa: PLC0415 - a fifth of a second that the cache saves

    from graphmodel.knowledge.rdf import BadSyntax, graph_of  # noqa: PLC0415

    check_size(data, name, MAX_TURTLE_BYTES)
    try:
        text = data.decode("utf-8")
        graph = graph_of(text)
    except BadSyntax as error:
        line = int(getattr(error, "lines", 0)) + 1
        raise unreadable(name, f"this is not valid Turtle ({error.message[:120]}).", line) from error
    except Exception as error:  # rdflib says in many ways, bare exceptions among them, that it cannot read a text
        raise unreadable(name, "this is not readable Turtle.") from error
    records: list[Record] = []
    problems: list[Problem] = []
    lines = _subject_lines(text)
    inner = {
        one
        for field in _INNER
        for one in graph.objects(None, rdflib.URIRef(GM + field))
        if isinstance(one, rdflib.BNode)
    }
    for subject in sorted(set(graph.subjects()) - inner, key=str):
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
        try:
            values = _values(graph, subject, inner)
        except ValueError as error:
            raise unreadable(name, f"“{_local(iri)}” has a list that is none: {error}.", line) from error
        if kinds[0] == "technique":
            values["edition"] = [iri.removeprefix(f"{BASE}/").rpartition("/")[0]]
        records.append(
            Record(kinds[0], _technique_key(iri) if kinds[0] == "technique" else _local(iri), values, name, line)
        )
    return tuple(records), tuple(problems)


def _field(predicate: Any) -> str | None:
    known = _FIELD_OF_PREDICATE.get(str(predicate))
    return str(predicate).removeprefix(GM) if known is None and str(predicate).startswith(GM) else known


def _values(graph: rdflib.Graph, subject: Any, inner: Collection[Any]) -> dict[str, list[Any]]:
    """All that is said of a subject by field, or of what stands in one; raises ``ValueError`` as ``_plain`` does, and
    where there is something inside what is ``inner``."""
    values: dict[str, list[Any]] = {}
    for number, (predicate, target) in enumerate(sorted(graph.predicate_objects(subject), key=str)):
        field = _field(predicate)
        if subject in inner and number == MAX_ITEMS:
            raise ValueError(f"more than {MAX_ITEMS} things are said of a part")
        if field is None:
            continue
        if target in inner and field in _INNER:
            if subject in inner:
                raise ValueError("a part holds another")
            values.setdefault(field, []).append(_values(graph, target, inner))
        else:
            values.setdefault(field, []).append(_plain(graph, target, field))
    for field in {*_INNER} & {*values}:  # blank nodes have no order of their own
        values[field].sort(key=repr)
    return values


def _plain(graph: rdflib.Graph, target: Any, field: str) -> Any:
    """A value as Python has it; raises ``ValueError`` for a list that holds others, itself or too much."""
    import rdflib  # noqa: PLC0415

    if isinstance(target, rdflib.Literal):
        value = target.toPython()
        if isinstance(value, bool | str):
            return value
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            return str(target)
    if isinstance(target, rdflib.BNode):
        items = list(islice(graph.items(target), MAX_ITEMS + 1))
        if len(items) > MAX_ITEMS:
            raise ValueError(f"it has more than {MAX_ITEMS} items")
        if any(isinstance(one, rdflib.BNode) for one in items):
            raise ValueError("it holds another list")
        return [_plain(graph, one, field) for one in items]
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
