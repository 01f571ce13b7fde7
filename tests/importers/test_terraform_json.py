"""Terraform as programs write it, and the settings that Terraform takes by itself."""

from __future__ import annotations

import json
from typing import Any

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.system import System
from graphmodel.reading.problems import refusal
from importers.cloud.modules import as_modules
from importers.folder import read_folder
from importers.registry import importer_of, read
from importers.source import Source

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
HCL = """
variable "stage" { default = "test" }
resource "aws_s3_bucket" "docs" { bucket = "docs-${var.stage}" }
resource "aws_lambda_function" "answer" {
  function_name = "answer"
  role          = aws_iam_role.answer.arn
  environment { variables = { BUCKET = aws_s3_bucket.docs.id, OPENAI_API_KEY = "x" } }
}
resource "aws_iam_role" "answer" { name = "answer" }
"""
JSON: dict[str, Any] = {
    "//": {"metadata": {"stackName": "desk"}},
    "variable": {"stage": {"default": "test"}},
    "resource": {
        "aws_s3_bucket": {"docs": {"bucket": "docs-${var.stage}"}},
        "aws_lambda_function": {
            "answer": {
                "function_name": "answer",
                "role": "${aws_iam_role.answer.arn}",
                "environment": [{"variables": {"BUCKET": "${aws_s3_bucket.docs.id}", "OPENAI_API_KEY": "x"}}],
            }
        },
        "aws_iam_role": {"answer": {"name": "answer"}},
    },
}


def of(data: bytes, name: str, tfvars: bytes | None = None) -> System:
    def beside(path: str) -> bytes:
        if path == "terraform.tfvars" and tfvars is not None:
            return tfvars
        raise refusal(path, "it is not there.", "")

    found = read(Source(data, name, beside), CATALOGUE, TABLE)
    assert found.system is not None, found.problems
    return found.system


def shape(one: System) -> tuple[Any, ...]:
    flows = sorted((each.origin, each.relation, each.target) for each in one.flows)
    ties = sorted((each.origin, each.relation, each.target) for each in one.dependencies)
    return sorted((each.type, each.name) for each in one.assets), flows, ties


def test_json_says_what_hcl_says() -> None:
    found = of(json.dumps(JSON).encode(), "cdk.tf.json")
    assert shape(found) == shape(of(HCL.encode(), "main.tf"))
    assert ("DataStore", "docs-test") in shape(found)[0]
    assert all(one.source is not None and one.source.importer == "terraform-source" for one in found.assets)


def test_files_in_json_call_modules_and_stand_beside_others() -> None:
    calls = {"module": {"store": {"source": "./store"}}}
    sources = [
        Source(json.dumps(calls).encode(), "main.tf.json"),
        Source(b'resource "aws_s3_bucket" "docs" { bucket = "docs" }\n', "store/main.tf"),
        Source(b'resource "aws_dynamodb_table" "memory" { name = "memory" }\n', "more.tf"),
    ]
    ((root, parts),) = as_modules(sources)
    assert len(parts) == 3
    folder = read_folder(sources, CATALOGUE, TABLE)
    assert {one.name for one in folder.pieces[0].system.assets} >= {"docs", "memory"}
    assert root.name == "*.tf"


def test_other_json_is_no_terraform() -> None:
    for value in ({"resource": {"a": 1}}, {"resource": {}}, {"resource": {"a": {}}, "more": 1}, {"module": []}):
        importer = importer_of(Source(json.dumps(value).encode(), "x.json"))
        assert importer is None or importer.id != "terraform-source"


def test_terraform_takes_its_own_settings_before_defaults() -> None:
    settings = b'stage = "live"\nunknown = 1\n'
    assert ("DataStore", "docs-live") in shape(of(HCL.encode(), "main.tf", settings))[0]


def test_what_is_sensitive_is_not_taken_from_settings() -> None:
    text = HCL.replace('{ default = "test" }', "{\n  sensitive = true\n}")
    assert "live" not in str(shape(of(text.encode(), "main.tf", b'stage = "live"\n')))
