"""An organisation's own figures in place of shipped ones, and what is told of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from graphmodel.knowledge.ontology import catalogue_findings, load_catalogue
from graphmodel.knowledge.vocabulary import Catalogue, Range, Skill
from graphmodel.outputs.catalogue import catalogue_json
from graphmodel.outputs.text.catalogue import catalogue_text
from graphmodel.revisions import revision_of
from graphmodel.snapshots import take
from graphmodel.workspace import model_from_bytes, open_model
from tests.model.test_document import SMALL

OWN = """
overrides:
  threats:
    jailbreak: {prevalence: 0.1, basis: Ours., source: judgement}
    indirect-prompt-injection: {chance: [0.1, 0.2, 0.3], basis: Ours., source: judgement}
  controls:
    input-guardrail:
      strength: [0.2, 0.5, 0.8]
      basis: Ours.
      source: judgement
      against:
        jailbreak: {strength: [0.1, 0.3, 0.6], basis: Ours., source: judgement}
        system-prompt-extraction: {strength: [0.2, 0.4, 0.6], basis: Ours., source: judgement}
  rules:
    run-gives-read: {meaning: Ours.}
"""


def test_a_field_is_replaced_and_everything_else_stays(catalogue: Catalogue) -> None:
    own, problems = load_catalogue([("own.yaml", OWN.encode())])
    assert problems == ()
    before, after = (one.patterns["jailbreak"] for one in (catalogue, own))
    assert (before.prevalence, after.prevalence, after.basis) == (0.7, 0.1, "Ours.")
    assert (after.maturity, after.asset_types, after.techniques) == (
        before.maturity,
        before.asset_types,
        before.techniques,
    )
    chance = own.patterns["indirect-prompt-injection"]
    assert (chance.chance, chance.maturity, chance.prevalence) == (Range(0.1, 0.2, 0.3), None, 1.0)
    shipped, guard = (one.controls["input-guardrail"] for one in (catalogue, own))
    assert shipped.strength.of(Skill.NOVICE) != shipped.strength.of(Skill.SKILLED)
    assert {guard.strength.of(skill) for skill in Skill} == {Range(0.2, 0.5, 0.8)}
    assert guard.strength_against("jailbreak").skilled == Range(0.1, 0.3, 0.6)
    assert "system-prompt-extraction" in shipped.against
    own_words = {"jailbreak", "system-prompt-extraction"}
    assert guard.strength_against("system-prompt-extraction").skilled == Range(0.2, 0.4, 0.6)
    assert {key: one for key, one in guard.against.items() if key not in own_words} == {
        key: one for key, one in shipped.against.items() if key not in own_words
    }
    assert {key for key, one in own.patterns.items() if one != catalogue.patterns[key]} == {
        "jailbreak",
        "indirect-prompt-injection",
        "run-gives-read",
    }


def test_what_is_otherwise_is_told_with_what_it_was() -> None:
    own = load_catalogue([("own.yaml", OWN.encode())])[0]
    told = {(one.entry, one.field): (one.before, one.now) for one in own.overridden}
    assert told["jailbreak", "prevalence"] == ("0.7", "0.1")
    assert told["indirect-prompt-injection", "chance"] == ("", "0.1 / 0.2 / 0.3")
    assert told["indirect-prompt-injection", "maturity"][1] == ""
    assert told["input-guardrail", "against.jailbreak"][1].startswith("strength 0.1 / 0.3 / 0.6")
    notes = [str(one) for one in catalogue_findings([("own.yaml", OWN.encode())])]
    assert any("own.yaml:4" in one and "is “0.1” here, and “0.7” as shipped" in one for one in notes), notes
    assert "Otherwise than shipped" in catalogue_text(own)
    assert {"kind": "threat", "id": "jailbreak", "field": "prevalence", "shipped": "0.7", "here": "0.1"}.items() <= (
        next(one for one in catalogue_json(own)["overridden"] if one["id"] == "jailbreak").items()
    )


def test_a_figure_does_not_inherit_the_reason_of_another() -> None:
    bare = "overrides: {threats: {jailbreak: {prevalence: 0.1}}}"
    own = load_catalogue([("own.yaml", bare.encode())])[0]
    assert (own.patterns["jailbreak"].basis, own.patterns["jailbreak"].source) == ("", "")
    notes = [one for one in catalogue_findings([("own.yaml", bare.encode())]) if "jailbreak.chance" in one.path]
    assert [one.level for one in notes] == ["note"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("overrides: {threats: {jailbrake: {prevalence: 0.1}}}", "Did you mean jailbreak"),
        ("overrides: {threats: {jailbreak: {prevalance: 0.1}}}", "Did you mean prevalence"),
        ("overrides: {threats: {jailbreak: {prevalence: 3}}}", "prevalence is not a share"),
        ("overrides: {threats: {input-guardrail: {prevalence: 0.1}}}", "there is no threat “input-guardrail”"),
        ("overrides: {figures: {jailbreak: {prevalence: 0.1}}}", "there is no section “figures”"),
        ("overrides: [jailbreak]", "there is no section “overrides”|is a map"),
        ("overrides: {controls: {input-guardrail: {strength: [0.9, 0.5, 0.1]}}}", "not a range of chances"),
    ],
)
def test_what_cannot_be_otherwise_is_an_error_with_its_place(text: str, says: str) -> None:
    import re

    problems = [str(one) for one in load_catalogue([("own.yaml", text.encode())])[1]]
    assert any(re.search(says, one) and "own.yaml" in one for one in problems), problems


def test_two_files_do_not_say_two_things_of_one_entry() -> None:
    bare = b"overrides: {threats: {jailbreak: {prevalence: 0.1}}}"
    problems = [str(one) for one in load_catalogue([("a.yaml", bare), ("b.yaml", bare)])[1]]
    assert len(problems) == 1
    assert "b.yaml" in problems[0]
    assert "said twice" in problems[0]


def test_a_folder_is_read_in_the_order_of_its_names_here_in_a_snapshot_and_in_git(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "b.yaml").write_text("overrides: {threats: {jailbreak: {prevalence: 0.1}}}")
    (folder / "a.yaml").write_text(OWN.replace("jailbreak: {prev", "phishing: {prev"))
    (folder / "notes.txt").write_text("not a catalogue")
    model = tmp_path / "m.yaml"
    model.write_text(SMALL + "\ncatalogue: [ours/]\n")
    opened = open_model(model)
    assert [name for name, _ in opened.beside] == ["ours/a.yaml", "ours/b.yaml"]
    assert opened.catalogue.patterns["jailbreak"].prevalence == 0.1
    assert opened.usable
    kept = take(opened, opened.assess(), "2026-03-01")
    again = model_from_bytes(kept.to_text().encode(), "kept.json")
    assert (again.beside, again.catalogue) == (opened.beside, opened.catalogue)
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    revision = revision_of(f"{model}@HEAD")
    assert [revision.beside("ours/").splitlines()] == [[b"a.yaml", b"b.yaml", b"notes.txt"]]
    assert model_from_bytes(model.read_bytes(), "m.yaml", beside=revision.beside).beside == opened.beside


def test_no_folder_leads_out_of_the_directory(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere.yaml"
    outside.write_text("overrides: {threats: {phishing: {prevalence: 0.1}}}")
    inner = tmp_path / "in"
    inner.mkdir()
    (inner / "m.yaml").write_text(SMALL + "\ncatalogue: [../ours/, none/, m.yaml/]\n")
    said = [str(one) for one in open_model(inner / "m.yaml").problems]
    assert any("lies outside the directory" in one for one in said)
    assert any("cannot be read" in one for one in said)
    (inner / "links").mkdir()
    (inner / "links" / "x.yaml").symlink_to(outside)
    (inner / "m.yaml").write_text(SMALL + "\ncatalogue: [links/]\n")
    assert any("lies outside the directory" in str(one) for one in open_model(inner / "m.yaml").problems)
