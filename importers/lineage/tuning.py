"""Configurations of fine-tuning (Axolotl, LLaMA-Factory, TRL) and of adapters (PEFT): base model, data, publication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.reading.values import Place
from importers.elements import Found, Ground, Link, Part
from importers.importer import two_stage
from importers.lineage import hub
from importers.provenance import Reader
from importers.source import Source

ID = "fine-tuning"
_TRAINS = {"datasets", "learning_rate", "num_epochs", "adapter", "micro_batch_size", "output_dir", "lora_r", "rl"}
_TRAINS_PATH = {"stage", "finetuning_type", "do_train", "dataset", "dataset_name", "dataset_mixer", "num_train_epochs",
                "per_device_train_batch_size", "learning_rate", "output_dir", "lora_target", "lora_r"}  # fmt: skip
"""What stands beside ``model_name_or_path``, the base model of LLaMA-Factory and of the trainers of Hugging Face."""
_ADAPTERS = frozenset({"lora", "qlora", "oft"})


def sniff(source: Source) -> bool:
    """Whether a file configures the fine-tuning of a model, or an adapter that came of it."""
    value = source.value
    if not isinstance(value, dict):
        return False
    if "peft_type" in value and "base_model_name_or_path" in value:
        return True
    keys = set(map(str, value))
    if isinstance(value.get("model_name_or_path"), str):
        return len(_TRAINS_PATH & keys) >= 3 and "export_dir" not in keys
    return isinstance(value.get("base_model"), str) and len(_TRAINS & keys) >= 2


def gather(source: Source) -> tuple[Found, Reader]:
    """The job, the model that it makes, its base and its data."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    if "peft_type" in value:
        return _adapter(reader, value), reader
    field = "model_name_or_path" if isinstance(value.get("model_name_or_path"), str) else "base_model"
    base = reader.name(value.get(field), (field,))
    found = Found(f"Fine-tuning of {base}"[:200])
    note = (
        "code that the base model brings is run (trust_remote_code)" if value.get("trust_remote_code") is True else ""
    )
    found.parts.append(Part("job", f"Fine-tuning of {base}"[:200], (), "job", type="TrainingPipeline", note=note))
    made = reader.name(value.get("hub_model_id"), ("hub_model_id",))
    adapter = bool(value.get("adapter")) or value.get("finetuning_type") in _ADAPTERS or value.get("use_peft") is True
    name = made or reader.name(value.get("output_dir"), ("output_dir",)) or f"{base} (fine-tuned)"[:200]
    ids = (f"pkg:huggingface/{made.lower()}",) if made and hub.on_hub(made) else ()
    found.parts.append(
        Part("model", name, (), "model", type="ModelAdapter" if adapter else "LanguageModel", identifiers=ids)
    )
    found.links.append(Link("model", "trainedBy", "job", (), "origin"))
    key = hub.model(found, base, (field,), "base model", "LanguageModel")
    found.links.append(Link("model", "fineTunedFrom", key, (field,), "origin"))
    for field in ("datasets", "pretraining_dataset"):
        _data(found, reader, value.get(field), field)
    for place, name in _named(reader, value):
        key = hub.dataset(found, name, place, "data set")
        found.links.append(Link("model", "trainedOn", key, place, "training"))
    for field in ("test_datasets", "eval_dataset"):
        if value.get(field):
            found.omit("test data", (field,), "it tests the model and does not train it")
    for field, label in (("wandb_project", "Weights & Biases"), ("mlflow_tracking_uri", "MLflow tracking server")):
        if value.get(field):
            found.parts.append(
                Part(f"log {field}", label, (field,), "tracker", type="Application", ground=Ground.REFERENCE)
            )
            found.links.append(
                Link(
                    "job", "sendsTo", f"log {field}", (field,), "tracking", Ground.REFERENCE, flow=True, opened_by="job"
                )
            )
    return found, reader


def _named(reader: Reader, value: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Data sets named in a text: by LLaMA-Factory several with commas between them, by TRL also with their shares."""
    for field in ("dataset", "dataset_name"):
        for number, said in enumerate(reader.words(value.get(field), (field,))):
            for name in said.split(","):
                if name.strip():
                    yield (field, number) if isinstance(value[field], list) else (field,), name.strip()
    mixer = value.get("dataset_mixer")
    for name in list(mixer)[:1_000] if isinstance(mixer, dict) else ():
        yield ("dataset_mixer", name), str(name)[:200]


def _data(found: Found, reader: Reader, value: Any, field: str) -> None:
    for place, one in reader.entries(value, (field,)):
        path = reader.name(one.get("path"), (*place, "path"))
        if not path:
            found.omit("data set", place, "it has no path")
            continue
        key = hub.dataset(found, path, place, "data set")
        found.links.append(Link("model", "trainedOn", key, place, "training"))


def _adapter(reader: Reader, value: Mapping[str, Any]) -> Found:
    found = Found("Adapter")
    kind = reader.name(value.get("peft_type"), ("peft_type",))
    found.parts.append(Part("adapter", f"Adapter ({kind})" if kind else "Adapter", (), "adapter", type="ModelAdapter"))
    base = reader.name(value.get("base_model_name_or_path"), ("base_model_name_or_path",))
    if base:
        key = hub.model(found, base, ("base_model_name_or_path",), "base model", "LanguageModel")
        found.links.append(Link("adapter", "fineTunedFrom", key, ("base_model_name_or_path",), "origin"))
    else:
        reader.report("note", ("base_model_name_or_path",), "the base model of the adapter is not named.")
    return found


IMPORTER = two_stage(
    ID, "fine-tuning or adapter configuration (YAML, JSON)", sniff, gather, ("adapter_config.json", "*lora*.y*ml")
)
