"""From a System document, as read from YAML or JSON, to the ``System`` that it describes, with all its problems."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

from graphmodel.knowledge.search import suggestion
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Evidence, Range, Severity, Skill, Status
from graphmodel.model.checks import check_system
from graphmodel.model.mending import mended
from graphmodel.model.schema import MAX_CATALOGUES, document_schema
from graphmodel.model.system import (
    Actor,
    Asset,
    ControlImplementation,
    Dependency,
    Flow,
    Held,
    Imported,
    Loss,
    Observation,
    Override,
    Provenance,
    Stated,
    System,
    Zone,
)
from graphmodel.model.validation import schema_errors
from graphmodel.reading.limits import MAX_ENTRIES, MAX_PROBLEMS, MAX_TOGETHER, beyond_limits
from graphmodel.reading.problems import Problem, has_errors
from graphmodel.reading.values import Place, Text, dotted

_SECTIONS = (
    "zones",
    "assets",
    "flows",
    "dependencies",
    "actors",
    "controls",
    "losses",
    "overrides",
    "stated",
    "evidence",
)
_SPLIT = "Split the model, or leave out what is not a part of the system."


def is_document(value: Any) -> bool:
    """Whether a value read from YAML is meant as a System document."""
    return isinstance(value, dict) and "graphmodel" in value


def companions(value: Any) -> tuple[tuple[str, ...], str | None]:
    """The catalogue files and the settings file that a document names, before it is checked."""
    if not isinstance(value, dict):
        return (), None
    files, settings = value.get("catalogue"), value.get("settings")
    names = [one for one in files[:MAX_CATALOGUES] if isinstance(one, str)] if isinstance(files, list) else []
    return tuple(dict.fromkeys(names)), settings if isinstance(settings, str) else None


def read_document(text: Text, catalogue: Catalogue) -> Imported:
    """The system that a document describes, and everything that is wrong or odd in it, at once.

    Of a document with thousands of problems the first are told. Problems come in no order.
    """
    problems = list(text.problems)
    if not is_document(text.value):
        fix = "Begin it with “graphmodel: 1”; `graphmodel new` writes one to start from."
        return Imported(None, (*problems, text.problem("error", (), "this is not a System document.", fix)))
    crowded = [text.problem("error", place, message, _SPLIT) for place, message in _crowded(text.value)]
    if crowded:
        return Imported(None, (*problems, *crowded))
    broken, wrong = _against_schema(text, catalogue)
    problems += wrong
    if () in broken or ("graphmodel",) in broken or any(place[:1] == ("system",) for place in broken):
        return Imported(None, tuple(problems))
    if any((section,) in broken for section in _SECTIONS):
        return Imported(None, tuple(problems))
    system = _system(text.value, broken)
    declared = {str(place[1]) for place in broken if len(place) == 2}
    for finding in check_system(system, catalogue, declared, whole=not broken):
        problems.append(text.problem(finding.level, finding.place, finding.message, finding.fix))
    return Imported(None if has_errors(problems) else system, tuple(problems))


def soundness(value: Any, size: int, catalogue: Catalogue) -> tuple[Problem, ...]:
    """The problems that a document of this value and as many bytes has when it is read, without its lines: for one
    that is about to be written. Where it is beyond what is read at all, that is the one problem."""
    wrong = beyond_limits(value, size)
    if wrong:
        return (Problem("error", wrong, _SPLIT),)
    return read_document(Text(value, "", {}), catalogue).problems


def _crowded(value: Any) -> Iterator[tuple[Place, str]]:
    """Lists and maps with more entries than are read, and sections that hold too many together."""
    together = sum(len(one) for one in value.values() if isinstance(one, dict | list))
    if together > MAX_TOGETHER:
        yield (), f"there are {together:,} entries here; at most {MAX_TOGETHER:,} are read."
        return
    agenda: list[tuple[Any, Place]] = [(value, ())]
    while agenda:
        one, place = agenda.pop()
        if len(one) > MAX_ENTRIES:
            yield place, f"there are {len(one):,} entries here; at most {MAX_ENTRIES:,} are read."
            continue
        entries = one.items() if isinstance(one, dict) else enumerate(one)
        agenda.extend(((*place, key), inner)[::-1] for key, inner in entries if isinstance(inner, dict | list))


def _against_schema(text: Text, catalogue: Catalogue) -> tuple[set[Place], list[Problem]]:
    """The entries that are not as the schema has them, and what is wrong in each.

    Where not all errors are told, the whole document counts as broken.
    """
    broken: set[Place] = set()
    problems: list[Problem] = []
    numbers = {one.path for one in text.problems if one.level == "error"}  # told already
    suggest = cache(lambda word, kind: suggestion(word, catalogue, kind))  # one mistake is often made many times
    errors, complete = schema_errors(text.value, document_schema(catalogue))
    for error in errors:
        place = tuple(error.absolute_path)
        broken.add(place[:2])
        path = dotted(place)
        if path in numbers or (error.validator == "anyOf" and any(one.startswith(f"{path}[") for one in numbers)):
            continue
        found = islice(mended(error, place, suggest), MAX_PROBLEMS + 1)
        problems += [text.problem("error", where, message, fix) for where, message, fix in found]
    if not complete or len(problems) > MAX_PROBLEMS:
        broken.add(())
        fix = "Correct these, and check again."
        more = text.problem("error", (), "there are further problems, which are not listed.", fix)
        problems = [*problems[:MAX_PROBLEMS], more]
    return broken, problems


def _system(value: Mapping[str, Any], broken: set[Place]) -> System:
    def entries(section: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
        for key, entry in (value.get(section) or {}).items():
            if (section, key) not in broken:
                yield key, entry

    def items(section: str) -> Iterable[Any]:
        for number, entry in enumerate(value.get(section) or ()):
            if (section, number) not in broken:
                yield entry

    head = value["system"]
    return System(
        id=head["id"],
        name=head.get("name", head["id"]),
        description=head.get("description", ""),
        currency=head.get("currency", "EUR"),
        zones=tuple(
            Zone(
                key, one.get("name", key), one.get("trust"), one.get("parent"), one.get("description", ""), _source(one)
            )
            for key, one in entries("zones")
        ),
        assets=tuple(
            Asset(
                id=key,
                name=one.get("name", key),
                type=one["type"],
                zone=one.get("zone"),
                description=one.get("description", ""),
                owner=one.get("owner", ""),
                tags=tuple(one.get("tags", ())),
                identifiers=tuple(one.get("identifiers", ())),
                source=_source(one),
            )
            for key, one in entries("assets")
        ),
        flows=tuple(_flow(one) for one in items("flows")),
        dependencies=tuple(_dependency(one) for one in items("dependencies")),
        actors=tuple(
            Actor(
                id=key,
                name=one.get("name", key),
                kind=ActorKind(one["kind"]),
                skill=Skill(one.get("skill", Skill.SKILLED)),
                zone=one.get("zone"),
                starts=tuple(_held(fact) for fact in one.get("starts", ())),
                attempts_per_year=_range(one.get("attempts_per_year")),
                description=one.get("description", ""),
                source=_source(one),
            )
            for key, one in entries("actors")
        ),
        controls=tuple(_control(key, one) for key, one in entries("controls")),
        losses=tuple(_loss(one) for one in items("losses")),
        overrides=tuple(
            Override(one["threat"], one["asset"], one["reason"], _range(one.get("chance")), one.get("excluded", False))
            for one in items("overrides")
        ),
        stated=tuple(_stated(key, one) for key, one in entries("stated")),
        evidence=tuple(_observation(key, one) for key, one in entries("evidence")),
        catalogue_files=tuple(value.get("catalogue", ())),
        settings_file=value.get("settings"),
    )


def _flow(one: Mapping[str, Any]) -> Flow:
    return Flow(
        id=one.get("id", f"{one['from']}->{one['to']}"),
        origin=one["from"],
        target=one["to"],
        relation=one.get("relation", "sendsTo"),
        name=one.get("name", ""),
        carries=tuple(one.get("carries", ())),
        returns=tuple(one.get("returns", ())),
        two_way=one.get("two_way", False),
        opened_by=one.get("opened_by"),
        authenticated=one.get("authenticated"),
        encrypted=one.get("encrypted"),
        mediated_by=tuple(one.get("mediated_by", ())),
        description=one.get("description", ""),
        source=_source(one),
    )


def _dependency(one: Any) -> Dependency:
    if isinstance(one, str):
        origin, relation, target = one.split(" ")
        return Dependency(origin, relation, target)
    return Dependency(one["from"], one["relation"], one["to"], _source(one))


def _control(key: str, one: Mapping[str, Any]) -> ControlImplementation:
    return ControlImplementation(
        id=key,
        control=one["control"],
        protects=tuple(one["protects"]),
        name=one.get("name", ""),
        status=Status(one.get("status", Status.IMPLEMENTED)),
        strength=_range(one.get("strength")),
        coverage=float(one.get("coverage", 1.0)),
        budget=one.get("budget"),
        independent=one.get("independent", False),
        evidence=Evidence(one.get("evidence", Evidence.DECLARED)),
        evidence_ref=one.get("evidence_ref", ""),
        evidence_until=one.get("evidence_until", ""),
        cost=one.get("cost"),
        requires=tuple(one.get("requires", ())),
        excludes=tuple(one.get("excludes", ())),
        owner=one.get("owner", ""),
        due=one.get("due", ""),
        description=one.get("description", ""),
        source=_source(one),
    )


def _loss(one: Mapping[str, Any]) -> Loss:
    severity = Severity(one["severity"]) if "severity" in one else None
    return Loss(
        _held(one["fact"]),
        severity,
        _range(one.get("amount")),
        one.get("impact", ""),
        one.get("description", ""),
        _source(one),
    )


def _stated(key: str, one: Mapping[str, Any]) -> Stated:
    return Stated(
        id=key,
        name=one["name"],
        on=tuple(one.get("on", ())),
        threat=one.get("threat"),
        status=one.get("status", ""),
        likelihood=one.get("likelihood", ""),
        severity=one.get("severity", ""),
        answered_by=tuple(one.get("answered_by", ())),
        description=one.get("description", ""),
        source=_source(one),
    )


def _observation(key: str, one: Mapping[str, Any]) -> Observation:
    return Observation(
        id=key,
        threat=one["threat"],
        on=one["on"],
        attempts=int(one.get("attempts", 0)),
        hits=int(one.get("hits", 0)),
        errors=int(one.get("errors", 0)),
        findings=int(one["findings"]) if "findings" in one else None,
        controls=tuple(one["controls"]) if "controls" in one else None,
        tool=one.get("tool", ""),
        version=one.get("version", ""),
        technique=one.get("technique", ""),
        target=one.get("target", ""),
        date=one.get("date", ""),
        until=one.get("until", ""),
        description=one.get("description", ""),
        source=_source(one),
    )


def _held(fact: str) -> Held:
    asset, _, capability = fact.partition(":")
    return Held(asset, Capability(capability))


def _range(value: Any) -> Range | None:
    if value is None:
        return None
    return Range(*map(float, value)) if isinstance(value, list) else Range.point(float(value))


def _source(one: Mapping[str, Any]) -> Provenance | None:
    source = one.get("source")
    if not source:
        return None
    also = tuple(Provenance(**inner) for inner in source.get("also", ()))
    return Provenance(**{**source, "also": also})
