"""Published attacks on AI systems, each as a small system of our own: their steps come out in order on a best path."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from graphmodel.assessment.paths import paths_to
from graphmodel.engine.paths import Path as AttackPath
from graphmodel.knowledge.vocabulary import Attack, ThreatPattern
from graphmodel.workspace import Model, model_from_bytes

CASES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("case_studies.yaml").read_text("utf-8"))
OFF_THE_WAY = {"off", "start", "look", "form", "keep", "aside", "harm"}
BEST = 5  # paths to a target that are looked at
# What the edition of the case studies called what the pinned one has under another id.
SINCE = {"T0019": "T0115.000", "T0058": "T0115.001", "T0104": "T0115.002"}


def system_of(case: dict[str, Any]) -> str:
    """The document of a case."""
    flows, dependencies = [], []
    for link in case["links"]:
        drawn = re.fullmatch(r"(\w+) (>|<>|~>) (\w+)(?:: (.*))?", link)
        if drawn:
            origin, arrow, target, data = drawn.groups()
            flow = {"from": origin, "to": target, "two_way": arrow == "<>", "encrypted": True}
            flows.append({**flow, "authenticated": arrow != "~>", "carries": data.split(", ") if data else []})
        else:
            dependencies.append(link)
    assets = {}
    for name, kind in case["parts"].items():
        type_name, _, place = kind.partition(" ")
        assets[name] = {"type": type_name, "zone": "out" if place else "inside"}
    if any(one["to"] == "world" for one in flows):
        assets["world"] = {"type": "Application", "zone": "out"}
    return yaml.safe_dump(
        {
            "graphmodel": 1,
            "system": {"id": "case"},
            "zones": {"out": {"trust": 0}, "inside": {"trust": 7}},
            "assets": assets,
            "flows": [one for one in flows if one["to"] != "o"],
            "dependencies": dependencies,
            "actors": {"o": {"kind": "outsider", "zone": "out", "starts": case.get("starts", [])}},
            "losses": [{"fact": fact, "severity": "high"} for fact in case["ways"]],
        }
    )


@cache
def model_of(name: str) -> Model:
    model = model_from_bytes(system_of(CASES[name]).encode(), "case.yaml")
    assert model.usable, model.problems
    return model


def cites(pattern: ThreatPattern, published: str) -> bool:
    """Whether a threat cites a published technique, or one of its sub-techniques."""
    wanted = "AML." + SINCE.get(published, published)
    return any(one.id == wanted or one.id.startswith(f"{wanted}.") for one in pattern.techniques)


def patterns_on(model: Model, path: AttackPath) -> list[ThreatPattern]:
    bindings = model.assess().compiled.binding_by_id
    return [bindings[step.id].pattern for step in path.steps if step.id in bindings]


def comes_out(patterns: list[ThreatPattern], steps: list[str], known: set[str]) -> str:
    """What of the published steps is missing or out of order on a path; nothing where they come out."""
    strange = [one.id for one in patterns if not one.propagation and not any(cites(one, code) for code in known)]
    if strange:
        return f"{strange} have no published step"
    at = 0
    for step in steps:
        technique, _, rule = step.partition(" = ")
        fits = [n for n, one in enumerate(patterns) if (one.id == rule if rule else cites(one, technique)) and n >= at]
        if not fits:
            return f"{step} is missing after {[one.id for one in patterns[:at]]}"
        at = fits[0]
    return ""


@pytest.mark.parametrize("name", CASES)
def test_the_published_steps_come_out_in_order(name: str) -> None:
    case, model = CASES[name], model_of(name)
    known = {step.split(" ")[0] for steps in case["ways"].values() for step in steps}
    for fact, published in case["ways"].items():
        assert {step.partition(" ")[2] for step in published if "=" not in step} <= {*OFF_THE_WAY, ""}
        steps = [step for step in published if " " not in step or "=" in step]
        assert steps
        wrong = {}
        for path in paths_to(model.assess(), "o", fact, BEST):
            found = patterns_on(model, path)
            through = case.get("through", {}).get(fact)
            missing = comes_out(found, steps, known) if not through or through in [one.id for one in found] else through
            wrong[" > ".join(one.id for one in found)] = missing
            if not missing:
                break
        else:
            pytest.fail(f"{fact}: {wrong}")


def test_all_attacks_of_the_mission_and_agents_are_replayed() -> None:
    replayed = {one["attack"] for one in CASES.values()}
    mission = {*list(Attack)[:6], Attack.AGENT_MISUSE, Attack.SUPPLY_CHAIN}
    assert mission <= replayed
    assert sum(name.startswith("CS") for name in CASES) >= 30
