"""Whatever stands in a file of a deployment, reading it gives a document or an error, and never an exception."""

from __future__ import annotations

import copy
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.model.document import read_document
from graphmodel.model.writing import write_document
from graphmodel.reading.yaml_text import read_yaml
from importers.registry import IMPORTERS
from importers.source import Source
from tests.importers.test_cloud import plan
from tests.importers.test_gateways import LITELLM, NEMO
from tests.importers.test_importers import JUNK
from tests.importers.test_mcp import CONFIG

DATA = Path(__file__).parent / "data"
CATALOGUE = load_catalogue()[0]
TABLE = load_typing(CATALOGUE)[0]
STACK = {"Resources": {
    "A": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["R", "Arn"]}}},
    "R": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [
        {"Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": {"Ref": "B"}}]}]}},
    "B": {"Type": "AWS::S3::Bucket"}}}  # fmt: skip


def _values() -> dict[str, list[Any]]:
    compose = yaml.safe_load((DATA / "stack.compose.yml").read_text().replace("!reset", ""))
    config = "\n".join(
        line.split("//")[0] if line.lstrip().startswith("//") else line for line in CONFIG.decode().split("\n")
    )
    return {
        "compose": [compose], "kubernetes": list(yaml.safe_load_all((DATA / "cluster.k8s.yaml").read_text())),
        "litellm": [yaml.safe_load(LITELLM)], "nemo-guardrails": [yaml.safe_load(NEMO)], "terraform": [plan()],
        "cloudformation": [STACK], "mcp": [json.loads(config.replace('"}},\n  }', '"}}\n  }'))],
    }  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += _places(inner, (*path, key))
    return found


VALUES = _values()


@pytest.mark.parametrize("format", VALUES)
def test_a_mutated_file_is_a_document_or_an_error(format: str) -> None:
    rng = random.Random(7)
    chosen = next(one for one in IMPORTERS if one.id == format)
    documents = VALUES[format]
    for _ in range(25):
        mutated = copy.deepcopy(documents)
        for _ in range(rng.randint(1, 4)):
            path = rng.choice(_places(mutated)[1:])
            inner: Any = mutated
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = copy.deepcopy(rng.choice(JUNK))
        data = yaml.safe_dump_all(mutated).encode()
        found = chosen.read(Source(data, "x"), CATALOGUE, TABLE)
        if found.system is None:
            assert any(one.level == "error" for one in found.problems)
            continue
        again = read_document(read_yaml(write_document(found.system).encode(), "x.yaml"), CATALOGUE)
        assert again.system == found.system, again.problems


def _read(format: str, value: Any) -> Any:
    chosen = next(one for one in IMPORTERS if one.id == format)
    before = time.process_time()
    found = chosen.read(Source(json.dumps(value).encode(), "x.json"), CATALOGUE, TABLE)
    assert time.process_time() - before < 5
    return found


def test_what_follows_from_everything_about_everything_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importers.elements.MOST_LINKS", 5_000)
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": [{"Ref": f"B{n}"} for n in range(60)]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"Statement": [allow]}]}}
    calls = {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Ref": "R"}}}
    stack = {f"F{n}": calls for n in range(60)} | {f"B{n}": {"Type": "AWS::S3::Bucket"} for n in range(60)}
    (problem,) = _read("cloudformation", {"Resources": {"R": role, **stack}}).problems
    assert (problem.level, problem.file) == ("error", "x.json")
    assert "more than 5,000 relations" in problem.message


def test_long_chains_of_zones_are_walked_once() -> None:
    zones = [{"id": f"z{n}", "name": f"Z{n}", "parent": {"trustZone": f"z{n + 1}"}} for n in range(10_000)]
    parts = [{"id": f"c{n}", "name": "c", "parent": {"component": f"c{n + 1}"}} for n in range(500)]
    found = _read("otm", {"otmVersion": "0.2.0", "project": {"id": "x"}, "trustZones": zones, "components": parts})
    assert len(found.system.zones) == 10_000
    circle = _read("otm", {"otmVersion": "0.2.0", "project": {"id": "x"}, "components": parts[:1],
                           "trustZones": [*zones[:2], {**zones[2], "parent": {"trustZone": "z0"}}]})  # fmt: skip
    assert [one.parent for one in circle.system.zones] == [None, "z2", "z0"]


def _cluster(*more: dict[str, Any], pods: int = 800) -> Any:
    metadata = [{"name": f"d{one}"} for one in range(pods)]
    spec = {"template": {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}}
    made = [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": one, "spec": spec} for one in metadata]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": [*made, *more]})
    importer = next(one for one in IMPORTERS if one.id == "kubernetes")
    return importer.read(Source(listed.encode(), "x.json"), CATALOGUE, TABLE)


def test_hundreds_of_policies_for_hundreds_of_pods_are_refused_before_they_fill_the_memory() -> None:
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    rule = {"ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "b"}}}]}]}
    many = [
        {**policy, "metadata": {"name": f"n{one}"}, "spec": {**rule, "podSelector": {"matchLabels": {"app": "a"}}}}
        for one in range(800)
    ]
    found = _cluster(*many)
    assert found.system is None
    assert "protect more than 500,000 elements" in found.problems[0].message
    few = _cluster(*many[:3], pods=4).system
    assert [len(one.protects) for one in few.controls] == [4, 4, 4]


def test_selectors_that_all_differ_are_compared_with_so_many_pods_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importers.kubernetes.objects.MOST_LOOKED_AT", 1_000)
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    expressions = [[{"key": "app", "operator": "NotIn", "values": [f"b{one}"]}] for one in range(200)]
    many = [
        {**policy, "metadata": {"name": f"n{one}"}, "spec": {"podSelector": {"matchExpressions": said},
         "policyTypes": ["Egress"]}}
        for one, said in enumerate(expressions)
    ]  # fmt: skip
    assert "compared with more than 1,000 labels" in _cluster(*many, pods=9).problems[0].message
