"""The System document: YAML to ``System`` and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema
import yaml

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Evidence, Range, Severity, Skill, Status
from graphmodel.model.checks import check_system
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
from graphmodel.reading.problems import has_errors, nearest
from graphmodel.reading.values import Place, Text, scalar

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
        problems += [text.problem("error", where, message, fix) for where, message, fix in _explain(error, place)]
    if () in broken or ("graphmodel",) in broken or any(place[:1] == ("system",) for place in broken):
        return Imported(None, tuple(problems))
    if any((section,) in broken for section in _SECTIONS):
        return Imported(None, tuple(problems))
    system = _system(text.value, broken)
    declared = {str(place[1]) for place in broken if len(place) == 2}
    for finding in check_system(system, catalogue, declared):
        problems.append(text.problem(finding.level, finding.place, finding.message, finding.fix))
    return Imported(None if has_errors(problems) else system, tuple(problems))


def _explain(error: jsonschema.ValidationError, place: Place) -> Iterable[tuple[Place, str, str]]:
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    expected: Any = error.validator_value
    wanted = schema.get("title", "")
    found: Any = error.instance
    shown = f"“{str(found)[:60]}”" if isinstance(found, str | int | float) else "this"
    if error.validator == "additionalProperties" and "properties" in schema:
        for key in sorted(set(found) - set(schema["properties"])):
            yield (*place, key), f"there is no field “{key}” here.", nearest(key, schema["properties"])
    elif error.validator == "required":
        missing = [key for key in expected if key not in found]
        for key in missing:
            title = schema.get("properties", {}).get(key, {}).get("title", "")
            yield place, f"“{key}” is missing.", f"Add “{key}:”" + (f" with {title}." if title else ".")
    elif error.validator == "enum":
        options = [str(one) for one in expected if one is not None]
        yield place, f"{shown} is not {wanted or 'a value known here'}.", nearest(str(found), options)
    elif "propertyNames" in error.absolute_schema_path:
        key = str(found)
        yield (
            (*place, key),
            f"“{key[:60]}” cannot be an id.",
            "Use letters, digits, dots, dashes and underscores, beginning with a letter or digit.",
        )
    elif error.validator == "anyOf" and not wanted:
        yield place, "a severity or an amount is missing.", "Add “severity:” or “amount:”."
    elif error.validator == "type" and not wanted:
        names = expected if isinstance(expected, list) else [expected]
        words = {
            "object": "a map",
            "array": "a list",
            "string": "text",
            "number": "a number",
            "boolean": "true or false",
        }
        yield (
            place,
            f"{shown} is not {' or '.join(words.get(str(one), str(one)) for one in names)}.",
            "Correct the value; quotes make a number text.",
        )
    elif error.validator in ("maxLength", "minItems", "maxItems", "minLength"):
        yield (
            place,
            f"{shown} is too {'long' if error.validator.startswith('max') else 'short'}.",
            f"The limit is {expected}.",
        )
    else:
        yield (
            place,
            f"{shown} is not {wanted or 'allowed here'}.",
            f"Write {wanted}." if wanted else "Correct the value.",
        )


# ---------------------------------------------------------------- to values
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


# ---------------------------------------------------------------- to text
def write_document(system: System, heading: str = "") -> str:
    """The document of a system, in a stable order; reading it gives the same system again."""
    value: dict[str, Any] = {
        "graphmodel": 1,
        "system": _clean(
            {"id": system.id, "name": system.name, "description": system.description, "currency": system.currency}
        ),
        "catalogue": list(system.catalogue_files),
        "settings": system.settings_file,
        "zones": {
            one.id: _clean(
                {"name": one.name, "trust": one.trust, "parent": one.parent, "description": one.description}, one.source
            )
            for one in system.zones
        },
        "assets": {
            one.id: _clean(
                {
                    "type": one.type,
                    "name": one.name,
                    "zone": one.zone,
                    "description": one.description,
                    "owner": one.owner,
                    "tags": list(one.tags),
                },
                one.source,
            )
            for one in system.assets
        },
        "flows": [_flow_out(one) for one in system.flows],
        "dependencies": [
            _clean({"from": one.origin, "relation": one.relation, "to": one.target}, one.source)
            if one.source
            else one.id
            for one in system.dependencies
        ],
        "actors": {
            one.id: _clean(
                {
                    "kind": str(one.kind),
                    "name": one.name,
                    "skill": str(one.skill),
                    "zone": one.zone,
                    "starts": [str(held) for held in one.starts],
                    "attempts_per_year": _range_out(one.attempts_per_year),
                    "description": one.description,
                },
                one.source,
            )
            for one in system.actors
        },
        "controls": {one.id: _control_out(one) for one in system.controls},
        "losses": [
            _clean(
                {
                    "fact": str(one.held),
                    "severity": str(one.severity) if one.severity else None,
                    "amount": _range_out(one.amount),
                    "impact": one.impact,
                    "description": one.description,
                },
                one.source,
            )
            for one in system.losses
        ],
        "overrides": [
            _clean(
                {
                    "threat": one.threat,
                    "asset": one.asset,
                    "reason": one.reason,
                    "chance": _range_out(one.chance),
                    "excluded": one.excluded or None,
                }
            )
            for one in system.overrides
        ],
    }
    body = yaml.dump(
        {key: part for key, part in value.items() if part not in (None, [], {}) or key == "assets"},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=110,
    )
    return heading + re.sub(r"\n(?=[a-z]+:(?: |$|\n))", "\n\n", body)


def _flow_out(one: Flow) -> dict[str, Any]:
    default = f"{one.origin}->{one.target}"
    fields = {
        "id": one.id if one.id != default else None,
        "from": one.origin,
        "to": one.target,
        "relation": one.relation if one.relation != "sendsTo" else None,
        "name": one.name,
        "carries": list(one.carries),
        "returns": list(one.returns),
        "two_way": one.two_way or None,
        "opened_by": one.opened_by,
        "authenticated": one.authenticated,
        "encrypted": one.encrypted,
        "mediated_by": list(one.mediated_by),
        "description": one.description,
    }
    return _clean(fields, one.source)


def _control_out(one: ControlImplementation) -> dict[str, Any]:
    fields = {
        "name": one.name,
        "protects": list(one.protects),
        "status": str(one.status),
        "strength": _range_out(one.strength),
        "coverage": one.coverage if one.coverage != 1.0 else None,
        "independent": one.independent or None,
        "evidence": str(one.evidence),
        "evidence_ref": one.evidence_ref,
        "evidence_until": one.evidence_until,
        "cost": one.cost,
        "requires": list(one.requires),
        "excludes": list(one.excludes),
        "owner": one.owner,
        "due": one.due,
        "description": one.description,
    }
    return {"control": one.control, **_clean(fields, one.source)}


def _clean(fields: Mapping[str, Any], source: Provenance | None = None) -> dict[str, Any]:
    kept = {key: value for key, value in fields.items() if value not in (None, "", [])}
    if source is not None:
        kept["source"] = _clean(
            {
                "file": source.file,
                "place": source.place,
                "importer": source.importer,
                "confidence": source.confidence if source.confidence != 1.0 else None,
                "note": source.note,
            }
        )
    return kept


def _range_out(value: Range | None) -> Any:
    if value is None:
        return None
    return value.low if value.low == value.high else [value.low, value.mode, value.high]


class _Dumper(yaml.SafeDumper):
    """Plain YAML without aliases, with lists indented below their key."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text_out(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    style = '"' if _ambiguous(data) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


def _ambiguous(data: str) -> bool:
    """Whether plain style would come back as something other than this text."""
    return not isinstance(scalar(data), str)


_Dumper.add_representer(str, _text_out)
