"""From a ``System`` to its document, in a stable order that is good to review."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

import yaml

from graphmodel.knowledge.vocabulary import Range
from graphmodel.model.blocks import block
from graphmodel.model.system import ControlImplementation, Flow, Observation, Provenance, System
from graphmodel.reading.yaml_text import scalar


def write_document(system: System, heading: str = "") -> str:
    """The document of a system, in a stable order; reading it gives the same system again."""
    body = block(document_value(system), _Dumper)
    return heading + re.sub(r"\n(?=[a-z]+:(?: |$|\n))", "\n\n", body)


def document_value(system: System) -> dict[str, Any]:
    """What the document of a system says, as plain values."""
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
                    "identifiers": list(one.identifiers),
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
        "stated": {
            one.id: _clean(
                {
                    "name": one.name,
                    "on": list(one.on),
                    "threat": one.threat,
                    "status": one.status,
                    "likelihood": one.likelihood,
                    "severity": one.severity,
                    "answered_by": list(one.answered_by),
                    "description": one.description,
                },
                one.source,
            )
            for one in system.stated
        },
        "evidence": {one.id: observation_out(one) for one in system.evidence},
    }
    return {key: part for key, part in value.items() if part not in (None, [], {}) or key == "assets"}


def inline(value: Any) -> str:
    """A value on one line, as it is written inside a document."""
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=True)
    return text.removesuffix("...\n").strip()


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
        "budget": one.budget,
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


def observation_out(one: Observation) -> dict[str, Any]:
    """An entry of the section ``evidence`` as plain values."""
    scan = one.findings is not None and not one.attempts
    counts = {
        "threat": one.threat,
        "on": one.on,
        "attempts": None if scan else one.attempts,
        "hits": None if scan else one.hits,
        "errors": one.errors or None,
        "findings": one.findings,
    }
    fields = {
        "tool": one.tool,
        "version": one.version,
        "technique": one.technique,
        "target": one.target,
        "date": one.date,
        "until": one.until,
        "description": one.description,
    }
    controls = {} if one.controls is None else {"controls": list(one.controls)}
    return {**_clean(counts), **controls, **_clean(fields, one.source)}


def _clean(fields: Mapping[str, Any], source: Provenance | None = None) -> dict[str, Any]:
    kept = {key: value for key, value in fields.items() if value not in (None, "", [])}
    if source is not None:
        kept["source"] = _source_out(source)
    return kept


def _source_out(source: Provenance) -> dict[str, Any]:
    return _clean(
        {
            "file": source.file,
            "place": source.place,
            "importer": source.importer,
            "confidence": source.confidence if source.confidence != 1.0 else None,
            "note": source.note,
            "ground": source.ground,
            "also": [_source_out(one) for one in source.also],
        }
    )


def _range_out(value: Range | None) -> Any:
    if value is None:
        return None
    return value.low if value.low == value.high else [value.low, value.mode, value.high]


def _text_out(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
    style = '"' if _ambiguous(data) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style=style)


@lru_cache(10_000)
def _ambiguous(data: str) -> bool:
    """Whether plain style would come back as something other than this text."""
    return not isinstance(scalar(data), str)


class _Dumper(yaml.SafeDumper):
    """Plain YAML without aliases, with lists indented below their key."""

    yaml_representers: ClassVar[dict[Any, Any]] = {**yaml.SafeDumper.yaml_representers, str: _text_out}

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.analysed: dict[str, Any] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def analyze_scalar(self, scalar: str) -> Any:
        """What a text needs around it; most texts of a document stand in it many times."""
        found = self.analysed.get(scalar)
        if found is None:
            found = self.analysed[scalar] = super().analyze_scalar(scalar)
        return found
