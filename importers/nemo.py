"""Configurations of NeMo Guardrails: the model that is guarded, the rails before and behind it, and what they ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.model.accounts import Question
from graphmodel.reading.addresses import address
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Place
from importers.deployment.outside import Outside
from importers.deployment.providers import PROVIDERS
from importers.elements import Found, Link, Measure, Part, Sign, call
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "nemo-guardrails"
RAILS = "rails"
_CONTROLS = {"input": "input-guardrail", "output": "output-guardrail"}
_MODEL = re.compile(r"\$model\s*=\s*[\"']?([\w-]+)")
_KNOWN = re.compile(
    r"^(?:self check|content safety check|topic safety check|jailbreak detection|llama ?guard|mask sensitive data|"
    r"detect sensitive data|check facts|alignscore|patronus|autoalign|cleanlab|activefence|gcpnlp|clavata|"
    r"prompt ?security|private ?ai|detect pii|mask pii|injection detection|fiddler|pangea|trend|guardrailsai|"
    r"hallucination|ai defense|crowdstrike|gliner)",
    re.IGNORECASE,
)
_NEEDS_PROMPT = re.compile(r"^self check (\w+)|^content safety check|^topic safety check|^llama ?guard", re.IGNORECASE)


def sniff(source: Source) -> bool:
    """Whether a file has rails, or models as NeMo Guardrails lists them."""
    value = source.value
    if not isinstance(value, dict) or {"services", "kind", "model_list"} & set(value):
        return False
    models = value.get("models")
    listed = isinstance(models, list) and any(
        isinstance(one, dict) and {"type", "engine"} <= set(one) for one in models
    )
    rails = value.get("rails")
    return listed or (
        isinstance(rails, dict) and bool({"input", "output", "dialog", "retrieval", "config"} & set(rails))
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """The rails and the models; Colang and actions are code, and are not read."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    found = Found("Model behind NeMo Guardrails")
    found.parts.append(Part(RAILS, "NeMo Guardrails", (), "rails", type="Guardrail"))
    types: dict[str, str] = {}
    outside = Outside(found)
    for place, one in reader.entries(value.get("models"), ("models",)):
        _model(found, reader, outside, types, place, one)
    main = types.get("main", "")
    _prompt(found, value, main)
    prompts = _prompts(source, value)
    rails = reader.mapping(value.get("rails"), ("rails",))
    for stage, said in rails.items():
        listed = said.get("flows") if isinstance(said, dict) else None
        for number, flow in enumerate(reader.words(listed, ("rails", stage, "flows"))):
            _rail(found, reader, types, main, str(stage), flow, ("rails", stage, "flows", number), prompts)
    if not main:
        text = "Which service or model do these rails protect? No main model is in the file."
        found.questions.append(Question(RAILS, text))
    reader.unread(value, ("models", "rails", "instructions", "prompts", "sample_conversation"), (), "the file")
    return found, reader


def _model(
    found: Found, reader: Reader, outside: Outside, types: dict[str, str], place: Place, one: Mapping[str, Any]
) -> None:
    role = reader.name(one.get("type"), (*place, "type"), "main")
    engine = reader.name(one.get("engine"), (*place, "engine")).lower()
    parameters = reader.mapping(one.get("parameters"), (*place, "parameters"))
    name = reader.name(one.get("model"), (*place, "model")) or reader.name(
        parameters.get("model_name", parameters.get("model")), (*place, "parameters")
    )
    url = next((str(said) for key, said in parameters.items() if key in _BASES and isinstance(said, str)), "")
    where = address(url) if url else None
    known = PROVIDERS.get(
        {"nim": "nvidia", "nvidia_ai_endpoints": "nvidia", "azure_openai": "azure"}.get(engine, engine)
    )
    host = where.host if where else known.host if known else ""
    local = bool(where and where.local)
    key = f"host {host}:{where.port}" if where and where.local else f"host {host}" if host else f"engine {engine}"
    label = f"{engine or 'model'} at {host}" if where else known.name if known else engine or "model endpoint"
    away = bool(host) and not local and "." in host
    if key not in types.values():
        signs = (Sign("provider", engine), *((Sign("host", host),) if host else ()))
        zone = outside.internet(place) if away else ""
        identifiers = (f"dns:{host}",) if host and not local else ()
        kind = "InferenceEndpoint" if role == "embeddings" else ""
        found.parts.append(
            Part(key, label, place, "endpoint", signs, kind, boundary=zone, identifiers=identifiers,
                 fallback="LanguageModelEndpoint")
        )  # fmt: skip
        encrypted = where.encrypted if where else True if known else None
        found.links.append(call(RAILS, "sendsTo", key, place, "endpoint", encrypted=encrypted))
    types[role] = key
    if name:
        model = f"model {name.lower()}"
        sign = (Sign("model", name.lower()),)
        found.parts.append(Part(model, name, place, "model", sign, fallback="LanguageModel", note=f"used as {role}"))
        found.links.append(Link(key, "servesModel", model, place, "serves model"))
    else:
        found.omit("model", place, "it has no name")


_BASES = frozenset({"openai_api_base", "base_url", "api_base", "endpoint", "azure_endpoint", "server_url", "url"})


def _prompt(found: Found, value: Mapping[str, Any], main: str) -> None:
    if value.get("instructions"):
        found.parts.append(Part("instructions", "Instructions", ("instructions",), "instructions", type="SystemPrompt"))
        if main:
            found.links.append(Link(main, "usesPrompt", "instructions", ("instructions",), "uses prompt"))


def _prompts(source: Source, value: Mapping[str, Any]) -> str | None:
    """The tasks that have prompts, as one text; None where that cannot be known."""
    held = " ".join(str(one.get("task")) for one in value.get("prompts") or () if isinstance(one, dict)) if isinstance(
        value.get("prompts"), list) else ""  # fmt: skip
    if source.beside is None:
        return held or None
    for name in ("prompts.yml", "prompts.yaml"):
        try:
            text = source.beside(name)
        except UnreadableError:
            continue
        return f"{held} {Source(text, name).words}"
    return held


def _rail(
    found: Found, reader: Reader, types: dict[str, str], main: str, stage: str, flow: str, place: Place,
    prompts: str | None,
) -> None:  # fmt: skip
    kind = f"{stage} rail"
    control = _CONTROLS.get(stage)
    asked = _MODEL.search(flow)
    plain = flow.partition("$")[0].strip()
    if asked and asked[1] not in types:
        text = f"the rail “{plain[:60]}” asks the model “{asked[1][:60]}”, which the file does not have."
        reader.report("warning", place, text, "Add the model, or correct its name: without it the rail does nothing.")
        found.omit(kind, place, "its model is not there: no credit")
        return
    if control is None:
        found.omit(kind, place, "no control stands for a rail at this place")
        return
    if not _KNOWN.match(plain):
        found.omit(kind, place, "a flow of one's own is code that is not read: no credit")
        return
    if prompts is not None and _NEEDS_PROMPT.match(plain) and plain.lower().replace(" ", "_") not in prompts:
        found.omit(kind, place, "the prompt that it needs is not there: no credit")
        return
    note = "" if prompts is not None else "whether the prompts that it needs are there is not known"
    protects = (RAILS, main) if main else (RAILS,)
    found.measures.append(Measure(f"{stage} {flow}", plain[:150], place, kind, control, protects, note=note))


IMPORTER = two_stage(ID, "NeMo Guardrails configuration (YAML)", sniff, gather, ("config.yml", "*config.yml"))
