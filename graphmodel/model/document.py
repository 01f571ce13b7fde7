"""From a System document, as read from YAML or JSON, to the ``System`` that it describes, with all its problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Evidence, Range, Severity, Skill, Status
from graphmodel.model.checks import check_system
from graphmodel.model.mending import mended
from graphmodel.model.schema import document_schema
from graphmodel.model.system import (
    Actor,
    Asset,
    ControlImplementation,
    Dependency,
    Flow,
    Held,
    Imported,
    Loss,
    Override,
    Provenance,
    System,
    Zone,
)
from graphmodel.reading.problems import has_errors
from graphmodel.reading.values import Place, Text

_SECTIONS = ("zones", "assets", "flows", "dependencies", "actors", "controls", "losses", "overrides")


def is_document(value: Any) -> bool:
    """Whether a value read from YAML is meant as a System document."""
    return isinstance(value, dict) and "graphmodel" in value


def companions(value: Any) -> tuple[tuple[str, ...], str | None]:
    """The catalogue files and the settings file that a document names, before it is checked."""
    if not isinstance(value, dict):
        return (), None
    files, settings = value.get("catalogue"), value.get("settings")
    names = tuple(one for one in files if isinstance(one, str)) if isinstance(files, list) else ()
    return names, settings if isinstance(settings, str) else None


def read_document(text: Text, catalogue: Catalogue) -> Imported:
    """The system that a document describes, and everything that is wrong or odd in it, at once."""
    problems = list(text.problems)
    if not is_document(text.value):
        fix = "Begin it with “graphmodel: 1”; `graphmodel new` writes one to start from."
        return Imported(None, (*problems, text.problem("error", (), "this is not a System document.", fix)))
    validator = jsonschema.Draft202012Validator(document_schema(catalogue))
    broken: set[Place] = set()
    for error in sorted(validator.iter_errors(text.value), key=lambda one: [str(part) for part in one.absolute_path]):
        place = tuple(error.absolute_path)
        broken.add(place[:2])
        problems += [text.problem("error", where, message, fix) for where, message, fix in mended(error, place)]
    if () in broken or ("graphmodel",) in broken or any(place[:1] == ("system",) for place in broken):
        return Imported(None, tuple(problems))
    if any((section,) in broken for section in _SECTIONS):
        return Imported(None, tuple(problems))
    system = _system(text.value, broken)
    declared = {str(place[1]) for place in broken if len(place) == 2}
    for finding in check_system(system, catalogue, declared):
        problems.append(text.problem(finding.level, finding.place, finding.message, finding.fix))
    return Imported(None if has_errors(problems) else system, tuple(problems))


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


def _held(fact: str) -> Held:
    asset, _, capability = fact.partition(":")
    return Held(asset, Capability(capability))


def _range(value: Any) -> Range | None:
    if value is None:
        return None
    return Range(*map(float, value)) if isinstance(value, list) else Range.point(float(value))


def _source(one: Mapping[str, Any]) -> Provenance | None:
    source = one.get("source")
    return Provenance(**source) if source else None
