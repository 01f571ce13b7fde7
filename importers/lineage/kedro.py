"""Kedro catalogs (YAML): data sets, models, prompts and language models by type. Pipelines are code: no edges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.model.accounts import Question
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Text
from graphmodel.reading.yaml_text import read_yaml
from importers.elements import Found, Ground, Link, Part, Sign
from importers.importer import two_stage
from importers.provenance import Reader
from importers.services import Services, provider_of
from importers.source import Source

ID = "kedro"
_TYPE = re.compile(r"[\w.]+\.\w*(?:Dataset|DataSet)")
PIPELINE = "pipelines"
_TEMPLATE = re.compile(r"\{\{[^{}\n]{0,200}\}\}|^\s*\{%.{0,400}%\}\s*$", re.MULTILINE)


def _text(source: Source) -> Text:
    """The catalog; of a template (cookiecutter, Jinja) with what is to be filled in left open."""
    try:
        return source.text
    except UnreadableError:
        filled, count = _TEMPLATE.subn(lambda found: "template" if found[0].startswith("{{") else "", source.words)
        if not count:
            raise
        return read_yaml(filled.encode(), source.name)


def _typed(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("type"), str) and bool(_TYPE.fullmatch(value["type"][:200]))


def sniff(source: Source) -> bool:
    """Whether a file is a catalog of Kedro."""
    value = source.value
    if value is None and "{{" in source.words and "Dataset" in source.words:
        try:
            value = _text(source).value
        except UnreadableError:
            return False
    if not isinstance(value, dict) or not value:
        return False
    entries = [one for key, one in list(value.items())[:50] if not str(key).startswith("_")]
    return bool(entries) and sum(map(_typed, entries)) * 2 > len(entries)


def gather(source: Source) -> tuple[Found, Reader]:
    """What the catalog names, all of it within reach of the pipelines."""
    reader = Reader(_text(source), importer=ID)
    found = Found("Kedro catalog")
    services = Services(found)
    services.add(Part(PIPELINE, "Kedro pipelines", (), "pipelines", type="DataPipeline"))
    for place, one in reader.entries(reader.text.value, ()):
        name = str(place[-1])[:200]
        if name.startswith("_"):
            found.omit("anchor", place, "it is a piece that others copy")
        elif "{" in name:
            found.omit("factory", place, "it is a pattern of names, and no data set itself")
        else:
            _entry(found, services, reader, name.split("@", 1)[0], one)
    found.questions.append(Question(PIPELINE, "Which pipelines read and write each data set, and which train a model?"))
    return found, reader


def _entry(found: Found, services: Services, reader: Reader, name: str, one: Mapping[str, Any]) -> None:
    place = (name,)
    said = reader.word(one.get("type"), (*place, "type"))
    known = provider_of(said)
    if known and re.search(r"Chat|LLM|Embeddings", said):
        kwargs = reader.mapping(one.get("kwargs"), (*place, "kwargs"))
        embedding = "Embedding" in said
        endpoint = services.endpoint(place, said, embedding=embedding, counted="entry")
        services.call(PIPELINE, endpoint, place, "call")
        services.model(place, said, reader.word(kwargs.get("model"), (*place, "kwargs", "model")), endpoint, embedding)
        key = endpoint
    else:
        key = f"entry {name}"
        file = reader.word(one.get("filepath", one.get("table_name")), (*place, "filepath"))
        note = "a pickle: to load it runs code" if "pickle" in said.casefold() else ""
        type_ = ""
        if re.search(r"model|classifier|regressor", f"{name} {file}", re.IGNORECASE) and "pickle" in said.casefold():
            type_ = "Model"
        services.add(
            Part(
                key,
                name,
                place,
                "entry",
                (Sign("node", f"kedro:{said.rsplit('.', 1)[-1]}"), Sign("kind", "data set")),
                type_,
                note=note,
            ),
            again=True,
        )
        relation = "usesModel" if type_ else "retrievesFrom"
        found.links.append(Link(PIPELINE, relation, key, place, "use", Ground.GUESS))
    credentials = one.get("credentials")
    if isinstance(credentials, str) and credentials:
        services.secret((*place, "credentials"), credentials, PIPELINE, key, note="its value is in another file")
    elif isinstance(credentials, dict) and credentials:
        note = "it stands in the catalog itself"
        services.secret((*place, "credentials"), f"{name} credentials"[:200], PIPELINE, key, note=note)


IMPORTER = two_stage(ID, "Kedro catalog (YAML)", sniff, gather, ("catalog*.yml", "catalog*.yaml"))
