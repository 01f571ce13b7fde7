"""Terraform plans and CloudFormation: resources, references through modules, rights, and what stands open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.system import Imported
from importers.registry import importer_of, read
from importers.source import Source
from tests.golden import samples

CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
STACK = b"""AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Bot:
    Type: AWS::Bedrock::Agent
    Properties:
      AgentResourceRoleArn: !GetAtt Role.Arn
      KnowledgeBases: [{KnowledgeBaseId: !Ref Wiki}]
      GuardrailConfiguration: {GuardrailIdentifier: !GetAtt [Shield, GuardrailId]}
  Wiki: {Type: "AWS::Bedrock::KnowledgeBase", Properties: {}}
  Shield: {Type: "AWS::Bedrock::Guardrail"}
  Files:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "s3:GetObject", Resource: !Sub "${Files.Arn}/*"}
              - {Effect: Deny, Action: "s3:PutObject", Resource: !GetAtt Files.Arn}
  Edge: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer", Properties: {Scheme: internet-facing}}
"""


def imported(data: bytes) -> Imported:
    return read(Source(data, "x"), CATALOGUE, TABLE)


def plan() -> dict[str, Any]:
    """A module makes a bucket, whose name comes out of it and goes into another with a function."""
    return {
        "format_version": "1.2", "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"child_modules": [
            {"resources": [{"address": "module.store.aws_s3_bucket.b", "type": "aws_s3_bucket", "mode": "managed",
                            "values": {"bucket": "docs"}}]},
            {"resources": [{"address": "module.api.aws_lambda_function.f", "type": "aws_lambda_function",
                            "mode": "managed", "values": {"function_name": "answer"}},
                           {"address": "module.api.aws_iam_role_policy.p", "type": "aws_iam_role_policy",
                            "values": {"policy": json.dumps({"Statement": {
                                "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}})}},
                           {"address": "module.api.aws_iam_role.r", "type": "aws_iam_role", "values": {}}]},
        ]}},
        "configuration": {"root_module": {"module_calls": {
            "store": {"module": {"outputs": {"arn": {"expression": {"references": ["aws_s3_bucket.b.arn"]}}},
                                 "resources": [{"address": "aws_s3_bucket.b", "expressions": {}}]}},
            "api": {"expressions": {"bucket": {"references": ["module.store.arn", "module.store"]}},
                    "module": {"resources": [
                        {"address": "aws_lambda_function.f",
                         "expressions": {"role": {"references": ["aws_iam_role.r.arn", "aws_iam_role.r"]},
                                         "environment": [{"variables": {"references": ["var.bucket"]}}]}},
                        {"address": "aws_iam_role.r"},
                        {"address": "aws_iam_role_policy.p",
                         "expressions": {"role": {"references": ["aws_iam_role.r.id"]},
                                         "policy": {"references": ["var.bucket"]}}}]}},
        }}},
    }  # fmt: skip


def test_references_are_followed_through_modules_and_rights_through_roles() -> None:
    found = imported(json.dumps(plan()).encode())
    system = found.system
    assert system is not None, found.problems
    assert {id_: one.type for id_, one in system.asset_by_id.items()} == {"docs": "DataStore", "answer": "Application"}
    assert [one.id for one in system.flows] == ["answer->docs"]
    assert (system.flows[0].authenticated, system.flows[0].encrypted) == (True, True)  # the provider's own interface
    assert {one.id for one in system.dependencies} == {"answer mayRead docs", "answer mayWrite docs"}


def test_a_plan_in_utf_16_is_read_and_the_log_of_a_plan_refused() -> None:
    assert imported(json.dumps(plan()).encode("utf-16")).system is not None
    log = b'{"@level":"info","@message":"Terraform 1.9","@module":"terraform.ui"}\n{"@level":"info"}\n'
    (problem,) = imported(log).problems
    assert "terraform show -json" in problem.fix


def test_a_template_with_short_tags() -> None:
    found = imported(STACK)
    system = found.system
    assert system is not None, found.problems
    assert {one.id for one in system.dependencies} == {"bot retrievesFrom wiki", "bot mayRead files"}
    assert {(one.control, one.protects) for one in system.controls} == {
        ("input-guardrail", ("shield", "bot")), ("output-guardrail", ("shield", "bot")),
        ("store-access-control", ("files",)),
    }  # fmt: skip
    assert {one.id for one in system.flows} == {"bot->shield", "internet-attacker->edge"}


needs_samples = pytest.mark.skipif(not samples().is_dir(), reason="the sample files of other projects are not here")
COUNTS = {
    "cloudformation/bedrock-investment-research.yaml": 60, "cloudformation/bedrock-retail-agent.yml": 10,
    "cloudformation/bedrock-fine-grained-agent.yaml": 6, "cloudformation/bedrock-e2e-rag-kb.template": 2,
    "cloudformation/bedrock-e2e-rag-oss.template": 10, "cloudformation/managed-kb-agentic-gateway.yaml": 4,
    "cloudformation/onyx-model-server-inference.yaml": 7, "terraform/sagemaker-whisper.tfplan.json": 58,
    "terraform/checkov-nested-modules-connections.tfplan.json": 9, "terraform/checkov-utf16.tfplan.json": 1,
}  # fmt: skip


@needs_samples
@pytest.mark.parametrize("name", COUNTS)
def test_every_resource_of_published_files_is_accounted_for(name: str) -> None:
    source = Source((samples() / name).read_bytes(), name)
    assert importer_of(source).id == name.partition("/")[0]  # type: ignore[union-attr]
    account = read(source, CATALOGUE, TABLE).account
    assert account is not None
    counted = sum(one.found for one in account.rows if one.kind.startswith(("aws_", "AWS::", "Custom::")))
    assert counted == COUNTS[name]


def test_a_key_that_stands_twice_does_not_reject_a_template() -> None:
    data = b"Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: a, BucketName: b}\n"
    found = read(Source(data, "t.yaml"), CATALOGUE, TABLE)
    assert found.system is not None
    assert [(one.level, "stands here twice" in one.message) for one in found.problems] == [("warning", True)]
