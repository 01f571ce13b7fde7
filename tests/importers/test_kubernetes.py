"""Kubernetes manifests: workloads, who calls whom, what separates them and what they may do."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.system import Imported, System
from importers.registry import importer_of, read
from importers.source import Source
from tests.golden import samples

MANIFEST = Path(__file__).parent / "data" / "cluster.k8s.yaml"
CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]


def imported(data: bytes, name: str = "x.yaml") -> Imported:
    source = Source(data, name)
    assert importer_of(source).id == "kubernetes"  # type: ignore[union-attr]
    return read(source, CATALOGUE, TABLE)


@cache
def manifest() -> System:
    found = imported(MANIFEST.read_bytes())
    assert found.system is not None, found.problems
    return found.system


def test_workloads_call_by_the_names_of_services_also_across_namespaces() -> None:
    system = manifest()
    types = {id_: one.type for id_, one in system.asset_by_id.items()}
    assert (types["db"], types["vllm"], types["front"], types["openai"]) == (
        "Database", "LanguageModelEndpoint", "ApiGateway", "LanguageModelEndpoint",
    )  # fmt: skip
    assert {one.id for one in system.flows} == {
        "api->db", "api->vllm", "api->openai", "front->api", "internet-attacker->api", "internet-attacker->front",
    }  # fmt: skip
    flows = system.flow_by_id
    assert (flows["api->vllm"].encrypted, flows["api->vllm"].authenticated) == (True, True)
    assert flows["internet-attacker->front"].encrypted
    assert {one.id for one in system.zones} == {"namespace-shop", "namespace-models", "internet"}


def test_rights_secrets_and_what_separates() -> None:
    system = manifest()
    said = {one.id for one in system.dependencies}
    assert {
        "api usesSecret keys", "keys unlocks openai", "api mayRead keys", "api mayRun kubernetes-cluster",
        "vllm servesModel qwen-qwen2.5-7b-instruct", "api usesPackage image-envoyproxy-envoy",
        "db runsIn kubernetes-cluster",
    } <= said  # fmt: skip
    assert "api mayWrite keys" not in said
    assert [(one.control, one.protects) for one in system.controls] == [("network-segmentation", ("db",))]
    assert "not-a-real-value" not in repr(system)


def test_a_policy_that_lets_in_the_whole_namespace_separates_nothing() -> None:
    data = MANIFEST.read_bytes().replace(b"podSelector: {matchLabels: {app: api}}", b"podSelector: {}")
    found = imported(data)
    assert found.system is not None
    assert found.system.controls == ()


def test_pods_as_kubectl_lists_them_are_one_for_each_owner() -> None:
    def pod(name: str, **meta: object) -> dict[str, object]:
        return {"metadata": {"name": name, "namespace": "ai", **meta},
                "spec": {"containers": [{"image": "ollama/ollama:0.5"}]}}  # fmt: skip

    owned = {"ownerReferences": [{"kind": "ReplicaSet", "name": "llm-7f"}], "labels": {"pod-template-hash": "7f"}}
    items = [pod("llm-7f-a", **owned), pod("llm-7f-b", **owned), pod("alone")]
    found = imported(json.dumps({"apiVersion": "v1", "kind": "PodList", "items": items}).encode(), "pods.json")
    assert found.system is not None and found.account is not None
    endpoints = [one.name for one in found.system.assets if one.type == "LanguageModelEndpoint"]
    assert endpoints == ["llm", "alone"]
    assert [(one.taken, one.joined) for one in found.account.rows if one.kind == "Pod"] == [(2, 1)]


def test_patches_and_unknown_kinds_are_counted() -> None:
    data = b"""apiVersion: apps/v1
kind: Deployment
metadata: {name: p}
spec: {replicas: 3}
---
apiVersion: x.org/v1
kind: Widget
metadata: {name: w}
---
apiVersion: v1
kind: Pod
metadata: {generateName: a-}
spec: {containers: [{image: qdrant/qdrant}]}
"""
    found = imported(data)
    rows = {one.kind: (one.found, one.omitted) for one in found.account.rows}  # type: ignore[union-attr]
    assert (rows["Deployment"], rows["Widget"], rows["Pod"]) == ((1, 1), (1, 1), (1, 0))


def test_an_ai_gateway_with_limits_and_tools_that_are_let_through() -> None:
    data = b"""apiVersion: aigateway.envoyproxy.io/v1alpha1
kind: MCPRoute
metadata: {name: r}
spec:
  parentRefs: [{name: gw}]
  backendRefs: [{name: gh, kind: Backend, toolSelector: {include: [search]}}]
  securityPolicy: {oauth: {issuer: "https://id.example.net/realm"}}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: {name: gh}
spec: {endpoints: [{fqdn: {hostname: mcp.example.net, port: 443}}]}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: {name: limit}
spec: {targetRefs: [{kind: Gateway, name: gw}], rateLimit: {global: {rules: [{limit: {requests: 1}}]}}}
"""
    system = imported(data).system
    assert system is not None
    assert {(one.control, one.protects) for one in system.controls} == {
        ("tool-allowlist", ("mcp.example.net",)),
        ("rate-limiting", ("gw",)),
    }
    assert {one.id for one in system.dependencies} == {"gw authenticatedBy identity-provider-at-id.example.net"}
    assert system.asset_by_id["mcp.example.net"].type == "MCPServer"


needs_samples = pytest.mark.skipif(not samples().is_dir(), reason="the sample files of other projects are not here")


@needs_samples
def test_published_files_have_the_elements_that_were_counted() -> None:
    def rows(name: str) -> dict[str, int]:
        found = imported((samples() / name).read_bytes(), name)
        assert found.account is not None
        return {one.kind: one.found for one in found.account.rows}

    smoke = rows("kubernetes/k8s-aibom-smoke.yaml")
    assert (smoke["Deployment"], smoke["Job"]) == (10, 5)
    assert rows("kubernetes/kserve-graph-sequence.yaml")["step of a graph"] == 1
    assert rows("kubernetes/kubeflow-seaweedfs-networkpolicy.yaml")["allow rule"] == 3
    ray = rows("kubernetes/kuberay-rayservice-llm-serve.yaml")
    assert (ray["model"], ray["Secret"]) == (1, 1)
    assert rows("envoy-ai-gateway/token_ratelimit.yaml")["rate limit"] == 1
    assert rows("envoy-ai-gateway/mcp_oauth_keycloak.yaml")["authenticated by"] == 1
    assert rows("envoy-ai-gateway/aws-bedrock-openai-anthropic.yaml")["Secret"] == 1
