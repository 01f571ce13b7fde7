"""Terraform as it is written: modules, variables, policies, settings and what stands open; nothing is evaluated."""

from __future__ import annotations

import json

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.system import Imported
from graphmodel.model.writing import write_document
from graphmodel.reading.problems import UnreadableError
from importers.cloud.hcl import Computed, read_hcl
from importers.cloud.modules import as_modules
from importers.registry import importer_of, read
from importers.source import Source

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
ROOT = r"""
variable "model" { default = "anthropic.claude-3-haiku-20240307-v1:0" }
variable "extra" { default = false }
locals { name = "desk" }
# a comment with "quotes" and { braces
module "docs" {
  source = "./docs"
  label  = local.name
}
module "vpc" { source = "terraform-aws-modules/vpc/aws" }
resource "aws_lambda_function" "answer" {
  function_name = "${local.name}-answer"
  role          = aws_iam_role.this.arn
  vpc_config { subnet_ids = module.vpc.private_subnets }
  environment {
    variables = {
      OPENAI_API_KEY = "sk-not-to-be-kept"
      DB_PASSWORD    = var.password
      MODEL_ID       = var.model
      BUCKET         = module.docs.name
    }
  }
}
resource "aws_lambda_function_url" "open" {
  function_name      = aws_lambda_function.answer.function_name
  authorization_type = "NONE"
}
resource "aws_iam_role" "this" {
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole" }] })
}
data "aws_iam_policy_document" "may" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${module.docs.arn}/*"]
  }
  statement {
    actions   = ["bedrock:InvokeModel"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "may" { policy = data.aws_iam_policy_document.may.json }
resource "aws_iam_role_policy_attachment" "may" {
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.may.arn
}
resource "aws_bedrockagent_agent" "desk" {
  agent_name       = "desk"
  foundation_model = var.model
}
resource "aws_dynamodb_table" "first" { depends_on = [aws_lambda_function.answer] }
resource "aws_sqs_queue" "never" { count = var.extra ? 1 : 0 }
"""
DOCS = """
variable "label" {}
resource "aws_s3_bucket" "this" { bucket = "${var.label}-docs" }
output "arn" { value = aws_s3_bucket.this.arn }
output "name" { value = aws_s3_bucket.this.bucket }
"""


def folder(**files: str) -> Imported:
    sources = [Source(text.encode(), name.replace("__", "/") + ".tf") for name, text in files.items()]
    ((modules, _),) = as_modules(sources)
    return read(modules, CATALOGUE, TABLE)


@pytest.fixture(scope="module")
def desk() -> Imported:
    return folder(main=ROOT, docs__main=DOCS)


def test_resources_of_all_modules_with_names_as_far_as_variables_say_them(desk: Imported) -> None:
    assert desk.system is not None, desk.problems
    assert {one.name: one.type for one in desk.system.assets} == {
        "desk-answer": "Application", "desk": "Agent", "desk-docs": "DataStore", "first": "Database",
        "OpenAI": "LanguageModelEndpoint", "Amazon Bedrock": "LanguageModelEndpoint", "OPENAI_API_KEY": "Secret",
        "DB_PASSWORD": "Secret", "anthropic.claude-3-haiku-20240307-v1:0": "LanguageModel",
    }  # fmt: skip
    docs = desk.system.asset_by_id["desk-docs"].source
    assert docs is not None and (docs.file, docs.place) == ("docs/main.tf", "module.docs.aws_s3_bucket.this")
    assert desk.system.asset_by_id["desk-answer"].zone == "vpc"


def test_rights_go_through_attachments_documents_and_outputs(desk: Imported) -> None:
    assert desk.system is not None
    rights = {one.id for one in desk.system.dependencies if one.relation.startswith("may")}
    assert rights == {"desk-answer mayRead desk-docs"}
    flows = {(one.origin, one.target): one for one in desk.system.flows}
    assert set(flows) == {
        ("desk-answer", "desk-docs"), ("desk-answer", "openai"), ("desk-answer", "amazon-bedrock"),
        ("desk", "amazon-bedrock"), ("internet-attacker", "desk-answer"),
    }  # fmt: skip
    assert flows["desk-answer", "amazon-bedrock"].opened_by == "desk-answer"


def test_no_value_of_a_secret_is_kept_and_what_is_off_is_told(desk: Imported) -> None:
    assert desk.system is not None and desk.account is not None
    assert "sk-not-to-be-kept" not in write_document(desk.system) + repr(desk.problems)
    (queue,) = (one for one in desk.account.rows if one.kind == "aws_sqs_queue")
    assert [reason for reason, _ in queue.reasons] == ["it is off unless var.extra says otherwise"]


def test_expressions_are_values_or_say_what_they_name() -> None:
    words = """a "b" {
  x = [for k in y.z : k.id]
  n = cond.a ? b.c : 3
  t = <<-EOT
    hi
  EOT
  m = merge({q = 1}, {r = "s"})
}"""
    (block,) = read_hcl(words, "f")[0].blocks
    assert block.attributes["t"].strip() == "hi" and block.attributes["m"] == {"q": 1, "r": "s"}
    assert block.attributes["x"] == Computed(("y.z", "k.id")) and block.attributes["n"] == Computed(("cond.a", "b.c"))


@pytest.mark.parametrize("piece", ["[", "a={", "a b {", 'x = "${', "/*", "a = (", "x=<<E\n", '"', "}", "a.", "$", "\\"])
def test_broken_text_is_read_as_far_as_it_goes(piece: str) -> None:
    for words in (piece * 2_000, 'resource "a" "b" {\n' + piece * 2_000, f'resource "a" "b" {{\n  c = {piece}\n}}'):
        try:
            read_hcl(words, "f")
        except UnreadableError as error:
            assert "nested too deeply" in str(error.problem)


def test_a_module_that_calls_itself_ends_and_a_plan_is_no_source() -> None:
    found = folder(main='module "again" { source = "./" }\nresource "aws_s3_bucket" "docs" {}\n')
    assert found.system is not None and [one.type for one in found.system.assets] == ["DataStore"]
    assert importer_of(Source(json.dumps({"resource": {}}).encode(), "main.tf")) is None
