"""MLflow models (MLmodel): the model as it is stored, how it is loaded, and the run that made it."""

from __future__ import annotations

import re

from importers.elements import Found, Ground, Link, Part
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "mlflow"
_PICKLED = re.compile(r"\.(?:pkl|pickle|joblib|pt|pth)$|cloudpickle", re.IGNORECASE)
_LANGUAGE = frozenset({"openai", "transformers", "langchain", "llama_index", "dspy"})


def sniff(source: Source) -> bool:
    """Whether a file is an MLmodel."""
    value = source.value
    return (
        isinstance(value, dict)
        and isinstance(value.get("flavors"), dict)
        and bool(
            {"run_id", "utc_time_created", "artifact_path", "model_uuid", "mlflow_version", "signature"} & set(value)
        )
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """The model, the endpoint that its signature is for, and the training run."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    flavors = reader.mapping(value.get("flavors"), ("flavors",))
    name = reader.name(value.get("artifact_path"), ("artifact_path",)) or "model"
    found = Found(f"MLflow model {name}")
    uuid = reader.word(value.get("model_uuid"), ("model_uuid",))
    language = bool(_LANGUAGE & set(flavors)) or "llm/v1" in str(value.get("metadata", ""))[:2_000]
    pickled = []
    for flavor, one in flavors.items():
        held = reader.mapping(one, ("flavors", flavor))
        if any(isinstance(inner, str) and _PICKLED.search(inner[:300]) for inner in held.values()):
            pickled.append(str(flavor)[:60])
    note = f"loaded from a pickle, which runs code ({', '.join(pickled)})" if pickled else ""
    found.parts.append(
        Part(
            "model",
            name.rsplit("/", 1)[-1],
            (),
            "model",
            type="LanguageModel" if language else "Model",
            note=note,
            identifiers=(f"mlflow:{uuid[:100]}",) if uuid else (),
        )
    )
    run = reader.word(value.get("run_id"), ("run_id",))
    if run:
        found.parts.append(
            Part("run", f"Training run {run[:8]}", ("run_id",), "run", type="TrainingPipeline", ground=Ground.REFERENCE)
        )
        found.links.append(Link("model", "trainedBy", "run", ("run_id",), "origin"))
    for flavor in flavors:
        found.omit(
            "flavor", ("flavors", flavor), "it says how the model is loaded; it is told in the note of the model"
        )
    reader.unread(
        value, ("artifact_path", "flavors", "run_id", "model_uuid", "metadata", "utc_time_created"), (), "this"
    )
    return found, reader


IMPORTER = two_stage(ID, "MLflow model (MLmodel, YAML)", sniff, gather, ("MLmodel",))
