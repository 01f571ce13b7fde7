"""Cards of models and data sets on a hub (front matter of a README): base model, training data, how it is published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.reading.limits import check_size
from graphmodel.reading.problems import Problem, UnreadableError
from graphmodel.reading.values import Text
from graphmodel.reading.yaml_text import read_yaml
from importers.elements import Found, Link, Part
from importers.importer import two_stage
from importers.lineage import hub
from importers.provenance import Reader
from importers.source import Source

ID = "card"
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_MODEL = {"base_model", "pipeline_tag", "model-index", "library_name", "base_model_relation", "inference"}
_DATASET = {"task_categories", "dataset_info", "size_categories", "annotations_creators", "source_datasets", "configs"}
_LANGUAGE = frozenset({"text-generation", "text2text-generation", "image-text-to-text", "conversational", "any-to-any"})


def _front(source: Source) -> Text | None:
    found = _FRONT.match(source.words[:500_000])
    if found is None:
        return None
    try:
        text = read_yaml(found[1].encode(), source.name)
    except UnreadableError:
        return None
    return Text(text.value, source.name, {place: line + 1 for place, line in text.lines.items()})


def sniff(source: Source) -> bool:
    """Whether a text begins with the front matter of a card."""
    text = _front(source) if source.data[:6].lstrip(b"\xef\xbb\xbf").startswith(b"---") else None
    value = text.value if text else None
    if not isinstance(value, dict):
        return False
    keys = set(map(str, value))
    return bool((_MODEL | _DATASET) & keys) or ({"license", "datasets"} <= keys) or ({"license", "tags"} <= keys)


def gather(source: Source) -> tuple[Found, Reader]:
    """The model with its base and its training data, or the data set with what it is made from."""
    check_size(source.data, source.name)
    text = _front(source)
    if text is None or not isinstance(text.value, dict):
        raise UnreadableError(Problem("error", "the front matter is no map.", "Correct it.", file=source.name))
    reader = Reader(text, importer=ID)
    value = reader.mapping(text.value, ())
    title = _title(source, value)
    found = Found(title)
    if _DATASET & set(map(str, value)) and not _MODEL & set(map(str, value)):
        found.parts.append(Part("dataset", title, (), "data set", type="Dataset"))
        for number, one in enumerate(reader.words(value.get("source_datasets"), ("source_datasets",))):
            name = one.removeprefix("extended|")
            if name and name not in ("original", "extended", "other"):
                key = hub.dataset(found, name, ("source_datasets", number), "source data set", True)
                found.links.append(Link("dataset", "derivedFrom", key, ("source_datasets", number), "origin"))
        return found, reader
    _model(found, reader, value, title)
    return found, reader


def _title(source: Source, value: Mapping[str, Any]) -> str:
    index = value.get("model-index")
    first = index[0] if isinstance(index, list) and index else None
    for said in (
        first.get("name") if isinstance(first, dict) else None,
        value.get("pretty_name"),
        value.get("model_name"),
    ):
        if isinstance(said, str) and said.strip():
            return said.strip()[:200]
    heading = re.search(r"^# (.{1,200})$", source.words[:100_000], re.MULTILINE)
    return heading[1].strip() if heading and heading[1].strip() else source.name.rsplit("/", 1)[-1][:200] or "model"


def _model(found: Found, reader: Reader, value: Mapping[str, Any], title: str) -> None:
    tags = reader.words(value.get("tags"), ("tags",))
    language = str(value.get("pipeline_tag", "")) in _LANGUAGE or bool(_LANGUAGE & set(tags))
    relation = reader.word(value.get("base_model_relation"), ("base_model_relation",))
    adapter = (
        relation == "adapter" or str(value.get("library_name", "")) == "peft" or bool({"lora", "peft"} & set(tags))
    )
    type_ = "ModelAdapter" if adapter else "LanguageModel" if language else "Model"
    found.parts.append(Part("model", title, (), "model", type=type_))
    for number, name in enumerate(reader.words(value.get("base_model"), ("base_model",))):
        if name:
            key = hub.model(found, name, ("base_model", number), "base model", "LanguageModel" if language else "Model")
            found.links.append(Link("model", "fineTunedFrom", key, ("base_model", number), "origin"))
    for number, name in enumerate(reader.words(value.get("datasets"), ("datasets",))):
        if name:
            key = hub.dataset(found, name, ("datasets", number), "training data", True)
            found.links.append(Link("model", "trainedOn", key, ("datasets", number), "training"))


IMPORTER = two_stage(
    ID, "card of a model or data set (Markdown with front matter)", sniff, gather, ("README.md", "*card*.md")
)
