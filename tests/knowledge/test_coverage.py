"""What the catalogue covers, what of each vocabulary nothing cites and why, and what newer releases of ATLAS change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphmodel.knowledge.atlas import changes_of, read_release
from graphmodel.knowledge.coverage import coverage, not_modelled
from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.vocabulary import Capability, Catalogue
from graphmodel.reading.problems import UnreadableError
from tests.cli.calls import printed, run

OLD = """
id: ATLAS
name: a release
version: 9.9.9
matrices:
  - id: ATLAS
    techniques:
      - {id: AML.T0051, name: LLM Prompt Injection, maturity: realized}
      - {id: AML.T0051.000, name: Straight, subtechnique-of: AML.T0051, maturity: feasible}
      - {id: AML.T0999, name: Something New}
    mitigations:
      - {id: AML.M0020, name: Generative AI Guardrails}
"""
NEW = """
format-version: 6.0.0
collection: {id: ATLAS, version: "2099.01"}
techniques:
  AML.T0051: {name: LLM Prompt Injection, maturity: Realized}
  AML.T0051.000: {name: Straight, maturity: Feasible}
  AML.T0999: {name: Something New}
mitigations:
  AML.M0020: {name: Generative AI Guardrails}
"""


CHAT = """
graphmodel: 1
system: {id: chat}
assets: {chat: {type: Agent}, records: {type: BusinessData}}
flows: [{from: o, to: chat}, {from: chat, to: o, carries: [records]}]
actors: {o: {kind: outsider}}
losses: [{fact: "chat:steer", severity: high}]
"""


def stix(id_: str, name: str, type_: str = "attack-pattern", **more: object) -> dict[str, object]:
    return {"type": type_, "name": name, "external_references": [{"external_id": id_}], **more}


BUNDLE = json.dumps(
    {
        "type": "bundle",
        "objects": [
            stix("AML.T0051", "LLM Prompt Injection"),
            stix("AML.T0051.000", "Straight"),
            stix("AML.T0999", "Something New"),
            stix("AML.T0012", "Valid Accounts", revoked=True),
            stix("AML.M0020", "Generative AI Guardrails", "course-of-action"),
            stix("AML.TA0002", "Reconnaissance", "x-mitre-tactic"),
            {"type": "relationship", "id": "one"},
        ],
    }
)


def test_every_entry_of_atlas_is_cited_or_says_why_not(catalogue: Catalogue) -> None:
    found = coverage(catalogue, load_framework())
    assert {one.edition: one.without for one in found.editions if one.without} == {}
    (atlas,) = [one for one in found.editions if one.edition == "atlas-2026.09"]
    assert atlas.size == 248
    # A reason that stands although something cites the entry would never be seen.
    assert not_modelled()["atlas-2026.09"].keys() == atlas.reasons.keys()
    assert all(found.uncontrolled.values())


def test_threats_are_counted_by_type_and_gain(catalogue: Catalogue) -> None:
    types = coverage(catalogue, load_framework()).types
    assert types.keys() == set(catalogue.concrete_types())
    assert "black-box-evasion" in types["PredictiveEndpoint"][Capability.WRITE]
    assert "direct-prompt-injection" not in {one for ids in types["PredictiveEndpoint"].values() for one in ids}
    assert "process-to-host" not in types["Sandbox"][Capability.RUN]
    assert all(any(gained.values()) for gained in types.values())


@pytest.mark.parametrize(("text", "version"), [(OLD, "9.9.9"), (NEW, "2099.01"), (BUNDLE, "")])
def test_a_release_is_read_in_its_three_forms(text: str, version: str, catalogue: Catalogue) -> None:
    release = read_release(text.encode(), "atlas")
    assert release.version == version
    changes = changes_of(release, catalogue)
    assert [(one.id, one.now) for one in changes.new] == [("AML.T0999", "Something New")]
    assert [(one.id, one.was, one.now) for one in changes.renamed] == [
        ("AML.T0051.000", "LLM Prompt Injection: Direct", "LLM Prompt Injection: Straight")
    ]
    assert "direct-prompt-injection" in changes.renamed[0].cited
    gone = {one.id: one.cited for one in changes.gone}
    assert len(gone) == 248 - 3
    assert "account-takeover" in gone["AML.T0012"]
    assert gone["AML.T0000"] == ()
    assert [one.id for one in changes.matured] == ([] if text is BUNDLE else ["AML.T0051.000"])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "techniques: {AML.T1: 3, x: [1]}", '{"objects": [1, {}]}', "a: [", "{"]
)
def test_what_is_no_release_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_release(text.encode(), "atlas")


def test_the_commands_say_the_same_in_both_forms(tmp_path: Path) -> None:
    said = printed("catalogue", "coverage")
    assert said["threats_without_control"]["code-tool"] in run("catalogue", "coverage").stdout
    assert len(said["items_without_control"]) < said["items"]
    file = tmp_path / "release.yaml"
    file.write_text(NEW)
    loaded = run("catalogue", "load", "atlas", str(file))
    system = tmp_path / "chat.yaml"
    system.write_text(CHAT)
    losses = printed("catalogue", "load", "atlas", str(file), "--system", str(system))["losses"]
    assert losses == [{"fact": "chat:steer", "on": ["direct-prompt-injection", "forwarded-exploit", "service-exploit"]}]
    assert "- AML.T0999 Something New" in loaded.stdout
    file.write_text("x: 1")
    refused = run("catalogue", "load", "atlas", str(file))
    assert refused.exit_code == 2
    assert "no release of MITRE ATLAS" in refused.output
