"""The JSON Schema of the System document; one schema checks documents and serves editors."""

from __future__ import annotations

from typing import Any

from graphmodel.knowledge.vocabulary import (
    ActorKind,
    Capability,
    Catalogue,
    ControlFunction,
    Evidence,
    Severity,
    Skill,
    Status,
)
from graphmodel.model.schema_parts import (
    ID_PATTERN,
    by_id,
    list_of,
    object_of,
    observation_schema,
    range_of,
    stated_schema,
)
from graphmodel.reading.limits import MAX_AMOUNT, MAX_ENTRIES, MAX_RATE

VERSION = 1
MAX_CATALOGUES = 20
IMPACTS = ("financial", "privacy", "safety", "legal", "reputation", "operations")


def document_schema(catalogue: Catalogue) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) for documents that use this catalogue."""
    capabilities = "|".join(Capability)
    types = catalogue.concrete_types()
    flow_relations, other_relations = relation_names(catalogue)
    text = {"type": "string", "maxLength": 20_000}
    name = {"type": "string", "maxLength": 300}
    ref = {"type": "string", "maxLength": 300, "title": "an id", "examples": ["order-db"]}
    refs = {
        "type": "array",
        "items": ref,
        "maxItems": MAX_ENTRIES,
        "title": "a list of ids",
        "examples": [["order-db", "chat"]],
    }
    fact = {
        "type": "string",
        "maxLength": 300,
        "pattern": f"^[^:]+:({capabilities})$",
        "title": f"a fact: an asset's id, a colon and one of {', '.join(Capability)}",
        "examples": ["order-db:read"],
    }
    date = {
        "type": "string",
        "pattern": r"^\d{4}-\d{2}-\d{2}$",
        "title": "a date of year, month and day",
        "examples": ["2027-01-31"],
    }
    yes_no = {
        "type": ["boolean", "null"],
        "title": "true, false, or nothing where it is not known",
        "examples": [True],
    }
    found_at = {
        "file": text,
        "place": text,
        "importer": name,
        "confidence": {"type": "number", "minimum": 0, "maximum": 1, "title": "a share from 0 to 1"},
        "note": text,
        "ground": {**name, "description": "What it rests on: declared, reference, start order or guess."},
    }
    also = {"type": "array", "items": object_of(found_at, "A further place."), "maxItems": MAX_ENTRIES}
    source = object_of(
        {**found_at, "also": {**also, "description": "Other places that speak of the same element."}},
        "Where an importer found this.",
    )
    share = range_of(1, "a share from 0 to 1, or three in rising order", [0.2, 0.5, 0.8])
    amount = range_of(
        MAX_AMOUNT, f"an amount from 0 to {MAX_AMOUNT:g}, or three in rising order", [10_000, 50_000, 250_000]
    )
    rate = range_of(MAX_RATE, f"a number a year from 0 to {MAX_RATE:,.0f}, or three in rising order", [0.5, 2, 6])
    zone = object_of(
        {
            "name": name,
            "trust": {
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": 10,
                "title": "a trust level, a whole number from 0 (anyone) to 10",
                "examples": [5],
            },
            "parent": {**ref, "description": "The zone around this one."},
            "description": text,
            "source": source,
        },
        "A trust boundary.",
    )
    asset = object_of(
        {
            "type": {
                "enum": list(types),
                "title": "an asset type",
                "description": "What it is; see docs/catalogue.md for each type.",
            },
            "name": name,
            "zone": ref,
            "description": text,
            "owner": name,
            "tags": {
                "type": "array",
                "items": name,
                "maxItems": MAX_ENTRIES,
                "title": "a list of tags",
                "examples": [["customer-facing"]],
            },
            "identifiers": {
                "type": "array",
                "items": name,
                "maxItems": MAX_ENTRIES,
                "title": "a list of identifiers",
                "description": "What it is called beyond this file; files that name the same are joined by it.",
                "examples": [["pkg:oci/redis@7"]],
            },
            "source": source,
        },
        "A thing worth protecting, or used to reach one.",
        ["type"],
    )
    flow = object_of(
        {
            "id": {
                **name,
                "description": "Needed only where two flows join the same two ends; otherwise it is from->to.",
            },
            "name": name,
            "from": ref,
            "to": ref,
            "relation": {"enum": flow_relations, "title": "the relation of a flow"},
            "carries": {**refs, "description": "Data assets sent along."},
            "returns": {**refs, "description": "Data assets that come back."},
            "two_way": {"type": "boolean", "description": "Something comes back even where no asset is named."},
            "opened_by": {**ref, "description": "The end that opens the connection."},
            "authenticated": yes_no,
            "encrypted": yes_no,
            "mediated_by": {**refs, "description": "Gateways, proxies or guardrails on the way."},
            "description": text,
            "source": source,
        },
        "Data or calls, in the direction of the data.",
        ["from", "to"],
    )
    dependency = {
        "anyOf": [
            {"type": "string", "maxLength": 1000, "pattern": r"^\S+ \S+ \S+$"},
            object_of(
                {
                    "from": ref,
                    "relation": {"enum": other_relations, "title": "a relation"},
                    "to": ref,
                    "source": source,
                },
                "",
                ["from", "relation", "to"],
            ),
        ],
        "title": "a dependency such as “credit-model trainedOn loan-history”",
        "examples": ["credit-model trainedOn loan-history"],
    }
    actor = object_of(
        {
            "kind": {"enum": list(ActorKind), "title": "a kind of actor"},
            "name": name,
            "skill": {"enum": list(Skill), "title": "a skill"},
            "zone": {**ref, "description": "A network position: what is open to this zone is open to the actor."},
            "starts": {
                "type": "array",
                "items": fact,
                "maxItems": MAX_ENTRIES,
                "title": "a list of facts",
                "examples": [["chat:reach"]],
                "description": "What the actor holds before the campaign, as asset:capability.",
            },
            "attempts_per_year": rate,
            "description": text,
            "source": source,
        },
        "Who attacks, or who holds access.",
        ["kind"],
    )
    control = object_of(
        {
            "control": {
                "type": ["string", "null"],
                "title": "the id of a catalogue control",
                "enum": [*sorted(catalogue.controls), None],
            },
            "name": name,
            "protects": {**refs, "description": "Ids of assets, flows or zones; * is the whole system.", "minItems": 1},
            "status": {"enum": list(Status), "title": "a status"},
            "strength": share,
            "coverage": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "title": "a share from 0 to 1",
                "examples": [0.9],
            },
            "budget": {
                "type": "number",
                "minimum": 0,
                "maximum": MAX_AMOUNT,
                "title": f"a number of requests from 0 to {MAX_AMOUNT:g}",
                "description": "How many requests of one caller get through in a campaign.",
                "examples": [10_000],
            },
            "independent": {
                "type": "boolean",
                "description": "Each step that it covers meets it anew, instead of one draw for all.",
            },
            "evidence": {"enum": list(Evidence), "title": "a kind of evidence"},
            "evidence_ref": text,
            "evidence_until": date,
            "cost": {
                "type": "number",
                "minimum": 0,
                "maximum": MAX_AMOUNT,
                "title": f"a yearly cost from 0 to {MAX_AMOUNT:g}",
                "examples": [20_000],
            },
            "requires": {**refs, "description": "Ids of controls without which a plan does not take this one."},
            "excludes": {**refs, "description": "Ids of controls that a plan does not take together with this one."},
            "owner": name,
            "due": date,
            "description": text,
            "source": source,
        },
        "A catalogue control on parts of this system.",
        ["control", "protects"],
    )
    loss = object_of(
        {
            "fact": fact,
            "severity": {"enum": list(Severity), "title": "a severity"},
            "amount": amount,
            "impact": {"enum": list(IMPACTS), "title": "a type of impact"},
            "description": text,
            "source": source,
        },
        "What it costs when a fact comes true: a severity, an amount, or both.",
        ["fact"],
    )
    loss["anyOf"] = [{"required": ["severity"]}, {"required": ["amount"]}]
    override = object_of(
        {
            "threat": {"enum": sorted(catalogue.patterns), "title": "a threat"},
            "asset": ref,
            "reason": {
                "type": "string",
                "minLength": 1,
                "maxLength": 20_000,
                "title": "a reason",
                "examples": ["no such service is exposed"],
            },
            "chance": share,
            "excluded": {"type": "boolean"},
        },
        "A judgement of your own about one threat on one asset.",
        ["threat", "asset", "reason"],
    )
    stated = stated_schema(catalogue, refs, name, text, source)
    observation = observation_schema(catalogue, ref, refs, name, text, date, source)
    schema = object_of(
        {
            "graphmodel": {"const": VERSION, "title": f"the version of the format, {VERSION}", "examples": [VERSION]},
            "system": object_of(
                {
                    "id": {
                        "type": "string",
                        "pattern": ID_PATTERN,
                        "title": "an id of letters, digits, dots, dashes and underscores",
                        "examples": ["web-shop"],
                    },
                    "name": name,
                    "description": text,
                    "currency": {
                        "type": "string",
                        "pattern": "^[A-Z]{3}$",
                        "title": "a currency code",
                        "examples": ["EUR"],
                    },
                },
                "The system under assessment.",
                ["id"],
            ),
            "catalogue": {
                "type": "array",
                "items": name,
                "maxItems": MAX_CATALOGUES,
                "title": "a list of files",
                "examples": [["own-threats.yaml"]],
                "description": "Own threats and controls, beside this file (Turtle or YAML); a folder ends in a slash.",
            },
            "settings": {**name, "description": "Own table of bands and chances, beside this file."},
            "zones": by_id(zone, {"inside": {"trust": 5}}),
            "assets": by_id(asset, {"chat": {"type": "WebApplication"}}),
            "flows": list_of(flow, {"from": "chat", "to": "agent"}),
            "dependencies": list_of(dependency, "orders storedIn order-db"),
            "actors": by_id(actor, {"visitor": {"kind": "outsider"}}),
            "controls": by_id(control, {"filter": {"control": "input-guardrail", "protects": ["chat"]}}),
            "losses": list_of(loss, {"fact": "orders:read", "severity": "high"}),
            "overrides": list_of(
                override, {"threat": "phishing", "asset": "chat", "reason": "no mail", "excluded": True}
            ),
            "stated": by_id(stated, {"t-1": {"name": "Prompts are manipulated", "on": ["chat"]}}),
            "evidence": by_id(
                observation, {"red-team": {"threat": "jailbreak", "on": "llm", "attempts": 40, "hits": 3}}
            ),
        },
        "",
        ["graphmodel", "system", "assets"],
    )
    functions = ", ".join(ControlFunction)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "graphmodel System document",
        "description": f"One AI system: assets, flows, zones, actors, losses, and controls that {functions}.",
        **schema,
    }


def relation_names(catalogue: Catalogue) -> tuple[list[str], list[str]]:
    """The relations of flows, which all mean that something is sent, and those of dependencies."""
    names = catalogue.declarable_relations()
    flows = [name for name in names if ("sendsTo", False) in catalogue.relations[name].implies]
    return flows, [name for name in names if name != "sendsTo"]
