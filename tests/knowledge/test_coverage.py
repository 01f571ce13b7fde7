"""What the catalogue covers, what of each vocabulary nothing cites and why, and what newer releases of ATLAS change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from graphmodel.knowledge.atlas import changes_of, matured, read_release
from graphmodel.knowledge.coverage import coverage, item_findings, not_modelled
from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.mitigations import edge_cover, edge_findings, published_edges, read_edges
from graphmodel.knowledge.vocabulary import Capability, Catalogue, Maturity
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


LESS = "".join(f"  {one}: {{name: X, maturity: Demonstrated}}\n" for one in ("AML.T0054", "AML.T0068", "AML.T0093"))
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


EDGES = """
edition: atlas-2026.09
source: a release
edges: {AML.M0015: [AML.T0015, AML.T0029], AML.M0024: [AML.T0053, AML.T0114], AML.M0999: [AML.T0051.000]}
refused: [{because: It is another matter., edges: {AML.M0015: [AML.T0015]}}]
"""


def test_mitigations_of_atlas_are_followed_or_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    shipped = edge_cover(catalogue, published_edges())
    assert (shipped.size + shipped.elsewhere, shipped.open, shipped.idle) == (361, (), ())
    assert ("AML.M0015", "AML.T0015") in shipped.followed
    assert ("AML.M0024", "AML.T0053") in shipped.limiting
    file = tmp_path / "edges.yaml"
    file.write_text(EDGES)
    found = edge_cover(catalogue, read_edges(file))
    assert found.open == (("AML.M0015", "AML.T0029"), ("AML.M0999", "AML.T0051.000"))
    assert (found.idle, found.elsewhere) == ((("AML.M0015", "AML.T0015"),), 1)
    assert [message for message, _ in edge_findings(catalogue, read_edges(file))] == [
        "atlas-2026.09 has no “AML.M0999”",
        "AML.M0015 is published for AML.T0029, and no control follows it",
        "AML.M0999 is published for AML.T0051.000, and no control follows it",
        "AML.M0015 for AML.T0015 is refused, and needs no reason: it is followed, or nothing cites it",
    ]
    file.write_text(EDGES.replace("{AML.M0015: [AML.T0015]}", "{AML.M0015: [AML.T0016]}"))
    with pytest.raises(ValueError, match=r"refuses .*AML.M0015.* for .*AML.T0016"):
        read_edges(file)


def test_items_of_the_framework_have_a_control_or_say_why_not() -> None:
    framework = load_framework()
    assert item_findings(framework) == ()
    area = framework.area_by_id["GOV"]
    first = area.controls[0].items[0]
    swapped = replace(
        area.controls[0], items=(replace(first, controls=("telemetry",)), replace(first, id="X.g1", controls=()))
    )
    short = replace(framework, areas=(replace(area, controls=(swapped,)),))
    found = item_findings(short)
    assert found[:2] == ("X.g1: neither a control nor a reason", f"{first.id}: a control, and a reason for having none")
    assert "GEN-13.g4: no such item" in found


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
    assert said["items_without_control"]["GOV-1.g1"]["organisational"] is True
    # All but standards of which much is no matter of this framework is mapped whole.
    open_ = [key for key, one in said["mapped"].items() if one["without"]]
    assert open_ == ["iso-27001-2022", "iso-42001-2023", "nist-ai-rmf-1.0", "nist-csf-2.0"]
    assert said["mapped"]["nist-ai-100-2-e2025"]["no_term"] == ["NISTAML.034"]
    assert len(said["mapped"]["eu-ai-act-2024-1689"]["mapped"]) == 19
    file = tmp_path / "release.yaml"
    file.write_text(NEW)
    loaded = run("catalogue", "load", "atlas", str(file))
    system = tmp_path / "chat.yaml"
    system.write_text(CHAT)
    found = printed("catalogue", "load", "atlas", str(file), "--system", str(system))
    assert found["losses"] == [
        {"fact": "chat:steer", "on": ["direct-prompt-injection", "forwarded-exploit", "service-exploit"]}
    ]
    assert found["moved"] == []  # other techniques that the threat cites are still as mature as it is
    file.write_text(NEW.replace("  AML.T0999", LESS + "  AML.T0999"))
    (moved,) = printed("catalogue", "load", "atlas", str(file), "--system", str(system))["moved"]
    assert moved["fact"] == "chat:steer"
    assert moved["now"]["likelihood"] < 0.8 * moved["was"]["likelihood"]
    assert "- chat:steer: " in run("catalogue", "load", "atlas", str(file), "--system", str(system)).stdout
    assert "- AML.T0999 Something New" in loaded.stdout
    file.write_text("x: 1")
    refused = run("catalogue", "load", "atlas", str(file))
    assert refused.exit_code == 2
    assert "no release of MITRE ATLAS" in refused.output


def test_threats_follow_the_maturity_of_their_techniques_unless_they_say_why_not(catalogue: Catalogue) -> None:
    threats = ("indirect-prompt-injection", "account-takeover")
    cited = {one.id for threat in threats for one in catalogue.patterns[threat].techniques}
    text = "techniques:\n" + "".join(
        f"  {one}: {{name: X, maturity: feasible}}\n" for one in cited if one.startswith("AML.T")
    )
    changes = changes_of(read_release(text.encode(), "atlas"), catalogue)
    then = matured(changes, catalogue)
    moved = {key for key, one in then.patterns.items() if one.maturity is not catalogue.patterns[key].maturity}
    assert "account-takeover" in moved
    assert then.patterns["account-takeover"].maturity is Maturity.FEASIBLE
    assert "indirect-prompt-injection" not in moved
    assert all(one.pinned in then.techniques for one in then.patterns["account-takeover"].techniques)
