"""Where models and data come from: what trains on what, what is fetched, and whether it is fixed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.golden import samples
from tests.importers.fuzzing import dependencies, flows, holds_under_mutation, read, taken, told, types

SAMPLES = samples()
DVC = {
    "artifacts": {"m": {"path": "out/x.dat", "type": "model"}},
    "stages": {
        "clean": {"cmd": "python a.py", "deps": ["raw", "src/a.py"], "outs": [{"clean.csv": {"cache": False}}]},
        "train": {"cmd": "python t.py", "deps": ["clean.csv", "base/model.bin"], "outs": ["out/x.dat"]},
        "evaluate": {"cmd": "python e.py", "deps": ["out/x.dat"], "outs": ["scores"]},
        "each": {"foreach": ["a"], "do": {"cmd": "x ${item}", "outs": ["part-${item}"]}},
    },
}
MLMODEL = {
    "artifact_path": "runs/churn",
    "run_id": "abcdef0123456789",
    "model_uuid": "11-22",
    "flavors": {"python_function": {"python_model": "python_model.pkl"}, "xgboost": {"data": "model.xgb"}},
}
EVENT = {
    "eventType": "START",
    "producer": "p",
    "run": {"runId": "1"},
    "job": {"namespace": "n", "name": "load"},
    "inputs": [{"namespace": "s3://raw", "name": "orders"}],
    "outputs": [{"namespace": "db", "name": "orders"}],
}
CROISSANT = {
    "@context": {"@vocab": "https://schema.org/"},
    "@type": "sc:Dataset",
    "name": "Birds",
    "url": "https://huggingface.co/datasets/Org/Birds",
    "distribution": [{"name": "a", "contentUrl": "https://files.example.org/a.zip", "sha256": "0" * 64}],
}
TUNE = {
    "base_model": "org/base",
    "adapter": "lora",
    "learning_rate": 0.1,
    "datasets": [{"path": "org/talk"}, {"path": "./own.jsonl"}],
    "hub_model_id": "me/made",
    "trust_remote_code": True,
    "wandb_project": "w",
}
ADAPTER = {"peft_type": "LORA", "base_model_name_or_path": "org/base"}
MANIFEST = {
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "project_name": "shop"},
    "sources": {"source.s": {"resource_type": "source", "name": "events"}},
    "nodes": {
        "model.a": {"resource_type": "model", "name": "a", "depends_on": {"nodes": ["source.s"]}},
        "test.t": {"resource_type": "test", "depends_on": {"nodes": ["model.a"]}},
        "analysis.x": {"resource_type": "analysis"},
    },
    "exposures": {"exposure.m": {"name": "churn", "type": "ml", "depends_on": {"nodes": ["model.a"]}}},
}
KEDRO = {
    "_csv": {"type": "pandas.CSVDataset"},
    "orders": {"type": "pandas.CSVDataset", "filepath": "s3://x/o.csv", "credentials": "s3"},
    "regressor": {"type": "pickle.PickleDataset", "filepath": "data/06_models/r.pkl"},
    "chat": {"type": "langchain.ChatOpenAIDataset", "kwargs": {"model": "gpt-4o"}, "credentials": {"key": "x9-hidden"}},
    "table@pandas": {"type": "pandas.ParquetDataset"},
    "table@spark": {"type": "spark.SparkDataset"},
    "{name}_csv": {"type": "pandas.CSVDataset"},
}
FRONT = b"license: mit\r\nbase_model: [org/base]\r\ndatasets: beans\r\npipeline_tag: text-generation\r\n"
CARD = b"---\r\n" + FRONT + b"---\r\n# Mine\r\n"
FIXTURES: dict[str, Any] = {
    "dvc": DVC,
    "mlflow": MLMODEL,
    "openlineage": EVENT,
    "croissant": CROISSANT,
    "fine-tuning": TUNE,
    "dbt": MANIFEST,
    "kedro": KEDRO,
}


def test_each_is_told_by_content() -> None:
    assert {name: told(value) for name, value in FIXTURES.items()} == {name: name for name in FIXTURES}
    assert (told(ADAPTER), told(CARD), told([EVENT, EVENT])) == ("fine-tuning", "card", "openlineage")
    assert told((json.dumps(EVENT) + "\n" + json.dumps(EVENT) + "\n").encode()) == "openlineage"
    for other in ({"stages": ["build"]}, {"stages": {"a": {"script": "x"}}}, b"---\ntitle: x\n---\n# A page\n"):
        assert told(other) == ""


def test_a_job_of_llama_factory_and_its_adapter() -> None:
    job = {"model_name_or_path": "Org/Base-1B", "stage": "sft", "finetuning_type": "lora", "output_dir": "saves/x",
           "dataset": "identity, mine", "eval_dataset": "held_out", "trust_remote_code": True}  # fmt: skip
    assert told(job) == "fine-tuning"
    assert told({"model_name_or_path": "Org/Base-1B", "template": "t", "infer_backend": "vllm"}) == ""
    system = taken(job)
    assert types(system)["saves-x"] == "ModelAdapter"
    assert {"saves-x fineTunedFrom org-base-1b", "saves-x trainedOn identity", "saves-x trainedOn mine"} <= (
        dependencies(system)
    )
    assert "held-out" not in types(system)


def test_stages_train_and_test_by_what_they_read_and_write() -> None:
    system = taken(DVC)
    assert types(system) == {
        "clean": "DataPipeline",
        "raw": "Dataset",
        "src-a.py": "SourceCode",
        "clean.csv": "Dataset",
        "train": "TrainingPipeline",
        "base-model.bin": "Model",
        "out-x.dat": "Model",
        "evaluate": "EvaluationHarness",
        "scores": "Dataset",
        "each": "DataPipeline",
        "part--item": "Dataset",
    }
    assert {
        "out-x.dat trainedBy train",
        "out-x.dat trainedOn clean.csv",
        "out-x.dat fineTunedFrom base-model.bin",
        "clean.csv derivedFrom raw",
        "clean deployedFrom src-a.py",
        "evaluate usesModel out-x.dat",
    } <= dependencies(system)


def test_a_stored_model_tells_how_it_is_loaded() -> None:
    system = taken(MLMODEL)
    model = system.asset_by_id["churn"]
    assert model.identifiers == ("mlflow:11-22",)
    assert model.source is not None
    assert "pickle" in model.source.note
    assert "xgboost" not in model.source.note
    assert dependencies(system) == {"churn trainedBy training-run-abcdef01"}


def test_events_of_one_run_are_one_job() -> None:
    lines = "\n".join(json.dumps({**EVENT, "eventType": kind}) for kind in ("START", "COMPLETE")) + "\nnot json\n"
    found = read(lines.encode())
    system = found.system
    assert system is not None
    assert len(system.assets) == 3
    assert dependencies(system) == {"load retrievesFrom orders", "orders-2 derivedFrom orders"}
    assert any(one.line == 3 and "not valid JSON" in one.message for one in found.problems)


def test_a_checksum_on_all_files_is_provenance() -> None:
    system = taken(CROISSANT)
    assert system.asset_by_id["birds"].identifiers == ("pkg:huggingface/datasets/org/birds",)
    assert [one.control for one in system.controls] == ["dataset-provenance"]
    assert [str(held) for held in system.actors[0].starts] == ["files.example.org:reach"]
    more = [
        *CROISSANT["distribution"],
        {"name": "b", "contentUrl": "https://other.example.org/b", "sha256": "see readme"},
    ]
    assert not taken({**CROISSANT, "distribution": more}).controls


def test_fine_tuning_cards_and_adapters_name_their_base() -> None:
    system = taken(TUNE)
    assert {
        "me-made fineTunedFrom org-base",
        "me-made trainedOn org-talk",
        "me-made trainedOn own.jsonl",
        "org-base storedIn hugging-face-hub",
    } <= dependencies(system)
    assert system.asset_by_id["me-made"].identifiers == ("pkg:huggingface/me/made",)
    assert system.asset_by_id["own.jsonl"].identifiers == ()
    assert {str(held) for held in system.actors[0].starts} == {"org-base:reach", "org-talk:reach"}
    system = taken(CARD, "README.md")
    assert types(system) == {
        "hugging-face-hub": "PublicHub",
        "mine": "LanguageModel",
        "org-base": "LanguageModel",
        "beans": "Dataset",
    }
    assert system.asset_by_id["org-base"].source is not None
    assert "base_model" in system.asset_by_id["org-base"].source.place
    assert dependencies(taken(ADAPTER)) >= {"adapter-lora fineTunedFrom org-base"}


def test_a_manifest_and_a_catalog() -> None:
    system = taken(MANIFEST)
    assert {"a derivedFrom events", "a storedIn warehouse-warehouse", "churn retrievesFrom a"} <= dependencies(system)
    assert [(one.control, one.protects) for one in system.controls] == [("data-validation", ("a",))]
    found = read(KEDRO)
    assert found.system is not None and found.account is not None
    kinds = types(found.system)
    assert (kinds["regressor"], kinds["table"], kinds["openai"]) == ("Model", "Dataset", "LanguageModelEndpoint")
    rows = {one.kind: one for one in found.account.rows}
    assert (rows["entry"].found, rows["entry"].joined, rows["factory"].omitted, rows["anchor"].omitted) == (5, 1, 1, 1)
    assert "x9-hidden" not in repr(found)


@pytest.mark.parametrize("name", FIXTURES)
def test_junk_in_lineage_is_tolerated(name: str) -> None:
    holds_under_mutation(FIXTURES[name], name, 40)


ORACLES: dict[str, dict[str, int]] = {
    "dvc/example-get-started.dvc.yaml": {"DataPipeline": 2, "TrainingPipeline": 1, "EvaluationHarness": 1, "Model": 1},
    "kedro/spaceflights-pandas.catalog.yml": {"Dataset": 9, "Model": 1},
    "kedro/support-agent.catalog.yml": {"DataPipeline": 1, "Dataset": 2, "Database": 2, "Secret": 1},
    "kedro/support-agent.catalog_genai.yml": {"LanguageModelEndpoint": 1, "PromptArtifact": 3, "TelemetryLog": 1},
    "dbt/openlineage-duckdb.manifest.json": {"Dataset": 5},
    "openlineage/dbt-duckdb.result.json": {"DataPipeline": 1, "Dataset": 1},
    "openlineage/client-full-event.json": {"DataPipeline": 1},
    "croissant/movielens-0.8.json": {"Dataset": 1},
    "fine-tuning/axolotl-nemotron-qlora.yaml": {"ModelAdapter": 1, "LanguageModel": 1, "Dataset": 1},
    "model-cards/hfhub-simple_model_index.md": {"Model": 1, "Dataset": 1},
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample files of other projects are not here")
@pytest.mark.parametrize("path", ORACLES)
def test_published_files_have_what_was_counted_in_them(path: str) -> None:
    file = SAMPLES / path
    found = read(file.read_bytes(), file.name)
    assert found.system is not None
    kinds = [one.type for one in found.system.assets]
    assert {kind: kinds.count(kind) for kind in ORACLES[path]} == ORACLES[path]
    assert flows(found.system) or dependencies(found.system)
