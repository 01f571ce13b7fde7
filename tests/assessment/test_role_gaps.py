"""What a system lacks beside the reference architectures of its kinds, and nothing of kinds that it is not."""

from __future__ import annotations

import pytest

from graphmodel.assessment.architecture import RoleGap, role_gaps
from graphmodel.binding.compiled import compile_system
from graphmodel.knowledge.architectures import load_architectures
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import Catalogue
from tests.conftest import read

HEAD = "graphmodel: 1\nsystem: {id: case}\nzones: {inside: {trust: 7}}\nactors: {o: {kind: outsider}}\n"
AGENT = """
assets:
  chat: {type: WebApplication}
  agent: {type: Agent}
  mailer: {type: Tool}
  guard: {type: Guardrail}
flows: [{id: words, from: chat, to: agent}, {from: o, to: chat}]
dependencies: [agent invokes mailer]
"""


def gaps_of(text: str, catalogue: Catalogue) -> dict[str, RoleGap]:
    document = read(HEAD + text, catalogue)
    assert document.system is not None, document.problems
    found = role_gaps(compile_system(document.system, catalogue, load_settings()[0]))
    return {f"{one.architecture.id}/{one.gap.id}": one for one in found}


@pytest.mark.parametrize(
    ("parts", "kinds"),
    [
        ("assets: {web: {type: WebApplication}, db: {type: Database}}", set()),
        ("assets: {chat: {type: LanguageModelEndpoint}}", set()),
        ("assets: {score: {type: PredictiveEndpoint}}", {"classic-service"}),
        ("assets: {t: {type: Notebook}}", {"training-platform"}),
        (
            "assets: {score: {type: PredictiveEndpoint}, eye: {type: Sensor}}\nflows: [{from: eye, to: score}]",
            {"edge-vision"},
        ),
        (
            "assets: {a: {type: Agent}, i: {type: VectorStore}}\ndependencies: [a retrievesFrom i]",
            {"retrieval-system"},
        ),
        ("assets: {a: {type: Agent}, t: {type: MCPServer}}\ndependencies: [a invokes t]", {"agent-system"}),
    ],
)
def test_a_system_is_told_what_its_own_kinds_have(parts: str, kinds: set[str], catalogue: Catalogue) -> None:
    assert {one.partition("/")[0] for one in gaps_of(parts, catalogue)} == kinds


def test_a_role_is_filled_by_a_part_or_an_implemented_control(catalogue: Catalogue) -> None:
    bare = gaps_of(AGENT, catalogue)
    assert {"agent-system/records", "agent-system/stop", "agent-system/runtime"} <= bare.keys()
    part = gaps_of(AGENT.replace("  guard:", "  log: {type: TelemetryLog}\n  guard:"), catalogue)
    assert bare.keys() - part.keys() == {"agent-system/records"}
    control = "controls: {c: {control: kill-switch, protects: [agent], status: STATUS}}\n"
    done = gaps_of(AGENT + control.replace("STATUS", "implemented"), catalogue)
    assert bare.keys() - done.keys() == {"agent-system/stop"}
    assert gaps_of(AGENT + control.replace("STATUS", "planned"), catalogue).keys() == bare.keys()


def test_a_passage_is_closed_by_a_mediator_or_a_control_at_its_ends(catalogue: Catalogue) -> None:
    passage = "agent-system/words-to-agent"
    assert gaps_of(AGENT, catalogue)[passage].places == (("chat", "agent"),)
    between = AGENT.replace("to: agent}", "to: agent, mediated_by: [guard]}")
    assert passage not in gaps_of(between, catalogue)
    other = AGENT.replace("to: agent}", "to: agent, mediated_by: [mailer]}")
    assert passage in gaps_of(other, catalogue)
    for place, closed in (("agent", True), ("guard", False), ("words", True), ("mailer", False)):
        control = f"controls: {{c: {{control: input-guardrail, protects: [{place}]}}}}\n"
        assert (passage not in gaps_of(AGENT + control, catalogue)) is closed, place
    straight = AGENT.replace("to: chat}", "to: agent}")
    assert gaps_of(straight, catalogue)[passage].places == (("chat", "agent"), ("o", "agent"))


def test_architectures_name_controls_that_can_stand_there(catalogue: Catalogue) -> None:
    found = load_architectures()
    assert [one.id for one in found] == [
        "retrieval-system",
        "agent-system",
        "training-platform",
        "classic-service",
        "edge-vision",
    ]
    assert all({*one.unless} <= {other.id for other in found} for one in found)
    for one in found:
        for passage in one.passages:
            for control in passage.controls:
                places = {
                    name
                    for name in catalogue.concrete_types()
                    for end in (passage.related.origins, passage.related.targets)
                    if catalogue.is_any(name, end) and catalogue.is_any(name, catalogue.controls[control].applies_to)
                }
                assert places, (one.id, passage.id, control)
        for role in one.roles:
            assert role.types or role.controls
