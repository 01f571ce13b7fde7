"""DVC pipelines (dvc.yaml, dvc.lock): stages with what they read and write. Templates are not filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place
from importers.elements import Found, Ground, Link, Part
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "dvc"
_MODEL = re.compile(r"(?:^|[/_.-])model|\.(?:pkl|pickle|joblib|onnx|pt|pth|h5|keras|safetensors|gguf|ckpt|bin)$", re.I)
_CODE = re.compile(r"\.(?:py|ipynb|r|sh|jl|scala|java|js|ts|sql)$|(?:^|/)src(?:/|$)", re.IGNORECASE)
_TRAIN = re.compile(r"(?:^|[^a-z])(?:train|fit|fine_?tune)", re.IGNORECASE)
_EVALUATE = re.compile(r"(?:^|[^a-z])(?:eval|evaluate|test|validate|benchmark|score)", re.IGNORECASE)
_LINKS = 100_000  # after which outputs are no longer tied to each input
_PICKLE = re.compile(r"\.(?:pkl|pickle|joblib|pt|pth|bin|ckpt)$", re.IGNORECASE)


def sniff(source: Source) -> bool:
    """Whether a file is a pipeline of DVC."""
    value = source.value
    stages = value.get("stages") if isinstance(value, dict) else None
    if not isinstance(stages, dict) or not stages:
        return False
    bodies = [one.get("do", one) if isinstance(one, dict) else None for one in list(stages.values())[:50]]
    return all(isinstance(one, dict) for one in bodies) and any(
        isinstance(one, dict) and "cmd" in one and ({"deps", "outs", "params", "metrics", "plots"} & set(one))
        for one in bodies
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """Stages as pipelines, what they read and write as data, models and code, and what comes from what."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    found = Found("DVC pipeline")
    said = {
        path: reader.word(one.get("type"), (*place, "type"))
        for place, one in reader.entries(value.get("artifacts"), ("artifacts",))
        if (path := reader.word(one.get("path"), (*place, "path")))
    }
    for place, one in reader.entries(value.get("stages"), ("stages",)):
        body, at = one, place
        if isinstance(one.get("do"), dict):
            body, at = one["do"], (*place, "do")
            reader.report("note", place, "a stage that is repeated counts once; its template is not filled in.")
        _stage(found, reader, body, at, str(place[-1])[:200], said)
    found.questions.append(
        Question("", "Who can change the data that the first stages read, and where do they come from?")
    )
    return found, reader


def _paths(reader: Reader, value: Any, place: Place) -> Iterator[tuple[str, Place]]:
    for number, one in enumerate(value[:5_000] if isinstance(value, list) else ()):
        spot = (*place, number)
        # a map in dvc.lock, and of an output with options
        name = one.get("path", next(iter(one), "")) if isinstance(one, dict) else reader.word(one, spot)
        if isinstance(name, str) and name.strip():
            yield name.strip(), spot


def _kind(path: str, said: dict[str, str]) -> str:
    if said.get(path) == "model":
        return "Model"
    if said.get(path) == "dataset":
        return "Dataset"
    return "SourceCode" if _CODE.search(path) else "Model" if _MODEL.search(path) else "Dataset"


def _pairs(found: Found, place: Place, ends: list[str]) -> list[str]:
    """The ends that an output is tied to: all, as long as the file does not tie everything to everything."""
    if len(found.links) < _LINKS:
        return ends[:500]
    found.omit("origin", place, "there are too many pairs of what is read and what is written")
    return []


def _stage(found: Found, reader: Reader, body: Any, place: Place, name: str, said: dict[str, str]) -> None:
    key = f"stage {name}"
    ins = list(_paths(reader, body.get("deps"), (*place, "deps")))
    outs = list(_paths(reader, body.get("outs"), (*place, "outs")))
    models = [path for path, _ in outs if _kind(path, said) == "Model"]
    reads = [path for path, _ in ins if _kind(path, said) == "Model"]
    type_ = (
        "TrainingPipeline" if models and not (_EVALUATE.search(name) and not _TRAIN.search(name)) else "DataPipeline"
    )
    if not models and (reads or _EVALUATE.search(name)):
        type_ = "EvaluationHarness" if _EVALUATE.search(name) else "DataPipeline"
    found.parts.append(Part(key, name, place, "stage", type=type_, note="by what it reads and writes"))
    for path, spot in (*ins, *outs):
        kind = _kind(path, said)
        note = "a pickle: to load it runs code" if kind == "Model" and _PICKLE.search(path) else ""
        found.parts.append(
            Part(f"file {path}", path[:200], spot, "file", type=kind, ground=Ground.REFERENCE, note=note)
        )
    for path, spot in ins:
        relation = {"SourceCode": "deployedFrom", "Model": "usesModel"}.get(_kind(path, said), "retrievesFrom")
        found.links.append(Link(key, relation, f"file {path}", spot, "dep"))
    data = [path for path, _ in ins if _kind(path, said) == "Dataset"]
    for path, spot in outs:
        if _kind(path, said) == "Model" and type_ == "TrainingPipeline":
            found.links.append(Link(f"file {path}", "trainedBy", key, spot, "out"))
            for one in _pairs(found, spot, data):
                found.links.append(Link(f"file {path}", "trainedOn", f"file {one}", spot, "origin"))
            for one in _pairs(found, spot, reads):
                found.links.append(Link(f"file {path}", "fineTunedFrom", f"file {one}", spot, "origin"))
        else:
            found.links.append(Link(key, "sendsTo", f"file {path}", spot, "out", flow=True, opened_by=key))
            for one in _pairs(found, spot, data):
                found.links.append(Link(f"file {path}", "derivedFrom", f"file {one}", spot, "origin"))


IMPORTER = two_stage(ID, "DVC pipeline (YAML)", sniff, gather, ("dvc.yaml", "dvc.lock"))
