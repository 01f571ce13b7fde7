"""The shipped assessment framework, and every way in which its files can be broken."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from graphmodel.cli.main import main
from graphmodel.knowledge.framework import (
    EDITIONS,
    ROLES,
    Framework,
    UseSeverity,
    framework_findings,
    load_framework,
    read_framework,
)
from graphmodel.knowledge.ontology import ontology_directory
from graphmodel.knowledge.vocabulary import Attack, Catalogue
from graphmodel.outputs.text.framework import framework_markdown
from graphmodel.reading.yaml_text import read_yaml
from tests.conftest import ROOT

# Section by section of the source, how many guidance items it has.
SOURCE = {
    "MS-5.2": {"1": 6, "2": 2, "3": 8, "4": 4, "5": 3},
    "MS-5.3": {"1": 5, "2": 5},
    "MS-5.4": {"1": 4, "2": 4, "3": 3, "4": 1},
    "MS-5.5": {"1": 5, "2": 6},
    "MS-5.6": {"1": 3},
    "MS-5.7": {"1": 3},
    "MS-5.8": {"1": 4},
}
DIRECTORY = ontology_directory() / "framework"


@pytest.fixture(scope="module")
def framework() -> Framework:
    return load_framework()


def threats(catalogue: Catalogue) -> set[str]:
    return {key for key, one in catalogue.patterns.items() if not one.propagation}


def test_it_has_every_control_and_guidance_item_of_the_source(framework: Framework) -> None:
    source = [area for area in framework.areas if not area.ours]
    found = {area.id: {one.id.removeprefix(f"{area.id}."): len(one.items) for one in area.controls} for area in source}
    assert found == SOURCE
    assert sum(len(one) for one in found.values()) == 16
    assert sum(count for one in found.values() for count in one.values()) == 66
    assert [area.id for area in framework.areas if area.ours] == ["GOV", "GEN"]
    assert all(one.area == area.id for area in framework.areas for one in area.controls)


def test_ids_count_up_and_lead_back(framework: Framework) -> None:
    for area in framework.areas:
        dot = "-" if area.ours else "."
        assert [one.id for one in area.controls] == [f"{area.id}{dot}{n + 1}" for n in range(len(area.controls))]
        assert framework.area_by_id[area.id] is area
    for control in framework.controls():
        assert [one.id for one in control.items] == [f"{control.id}.g{n + 1}" for n in range(len(control.items))]
        assert framework.control_by_id[control.id] is control
        for item in control.items:
            assert framework.item_by_id[item.id] is item
            assert framework.parent_of(item) is control


def test_everything_that_it_names_is_in_the_catalogue(framework: Framework, catalogue: Catalogue) -> None:
    assert framework_findings(framework, catalogue) == ()
    poorer = replace(
        catalogue,
        patterns={key: one for key, one in catalogue.patterns.items() if key != "published-poison"},
        controls={key: one for key, one in catalogue.controls.items() if key != "human-approval"},
        techniques={key: one for key, one in catalogue.techniques.items() if key != "AML.M0031@atlas-2026.09"},
    )
    assert sorted(framework_findings(framework, poorer)) == [
        "GEN-5: the catalogue has no technique “AML.M0031@atlas-2026.09”",
        "GEN-8.g1: the catalogue has no control “human-approval”",
        "MS-5.2.1: the catalogue has no threat “published-poison”",
        "poisoning: the catalogue has no threat “published-poison”",
    ]


def test_every_threat_of_the_catalogue_is_borne_on_by_a_requirement(framework: Framework, catalogue: Catalogue) -> None:
    assert threats(catalogue) - {threat for one in framework.controls() for threat in one.threats} == set()


def test_every_mitigation_of_atlas_has_a_requirement(framework: Framework, catalogue: Catalogue) -> None:
    known = {one.id for one in catalogue.techniques.values() if one.edition == "atlas-2026.09"}
    named = {one for control in framework.controls() for one in control.counterparts.get("atlas-2026.09", ())}
    assert {one for one in known if one.startswith("AML.M")} - named == set()
    assert len(named) == 40


def test_controls_that_answer_no_item_are_few(framework: Framework, catalogue: Catalogue) -> None:
    answering = {control for item in framework.items() for control in item.controls}
    # Rights over components, copies, an earlier version, a signature, a scan and a screening are parts of what an item
    # asks for, and an item is answered only by a control that is the whole of it. The framework asks for no filter of
    # mail, of floods or of requests to the web, and for nothing that holds machines or ends an attack by itself.
    parts = {"access-control", "artifact-scanning", "backups", "code-signing", "content-screening", "model-rollback"}
    parts |= {"mail-filtering", "flood-protection", "web-application-firewall"}
    parts |= {"command-interlocks", "automatic-containment"}
    assert catalogue.controls.keys() - answering == parts


def test_the_criteria_are_those_of_the_source_and_every_fact_is_used(framework: Framework) -> None:
    assert list(Counter(one.severity for one in framework.criteria).values()) == [4, 3, 4, 2, 2]
    assert [one.severity for one in framework.criteria] == sorted(
        (one.severity for one in framework.criteria), key=[*UseSeverity].index
    )
    used = {fact for one in framework.criteria for fact in (one.fact, *one.needs)}
    assert used == {one.id for one in framework.facts}
    assert len(used) == 14


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ("", None),
        ("impact-spreads", None),
        ("knows-production", None),
        ("regulated-data outside-production", "Critical"),
        ("business-critical large-impact impact-spreads", "Critical"),
        ("business-critical large-impact", "High"),
        ("business-critical impact-spreads", "High"),
        ("large-impact", "High"),
        ("sensitive-data open-data", "High"),
        ("physical-harm", "Critical"),
        ("critical-infrastructure", "Critical"),
        ("sensitive-subset", "Medium"),
        ("affects-production outside-production", "Medium"),
        ("business-facing data-outside-production", "Medium"),
        ("outside-production knows-production", "Medium"),
        ("outside-production open-data", "Low"),
        ("data-outside-production", "Low"),
        ("open-data", "Informational"),
    ],
)
def test_the_severity_is_the_highest_that_a_criterion_gives(
    framework: Framework, facts: str, severity: str | None
) -> None:
    assert framework.use_severity(facts.split()) == severity
    found = framework.reasons(facts.split())
    assert (found[0].severity if found else None) == severity


def test_one_more_fact_never_lowers_the_severity(framework: Framework) -> None:
    order = [*UseSeverity, None]
    names = [one.id for one in framework.facts]
    for some in range(2 ** len(names)):
        facts = {name for number, name in enumerate(names) if some >> number & 1}
        rank = order.index(framework.use_severity(facts))
        assert all(order.index(framework.use_severity({*facts, name})) <= rank for name in names[::5])


def test_the_matrix_is_that_of_the_source_and_covers_the_six_attacks(
    framework: Framework, catalogue: Catalogue
) -> None:
    rated = {one.id: (one.likelihood, one.impact, one.exploitability) for one in framework.attacks}
    assert rated == {
        "extraction": ("High", "Low", "High"),
        "evasion": ("High", "Medium", "High"),
        "inference": ("Medium", "Medium", "Medium"),
        "inversion": ("Medium", "High", "Medium"),
        "poisoning": ("Low", "High", "Low"),
        "prompt-injection": (None, None, None),
        "data-leakage": (None, None, None),
    }
    rows = {threat: one.id for one in framework.attacks for threat in one.threats}
    assert len(rows) == sum(len(one.threats) for one in framework.attacks)  # no threat is two attacks
    expected = {
        Attack.DATA_POISONING: {"poisoning"},
        Attack.MODEL_THEFT: {"extraction"},
        Attack.PROMPT_INJECTION: {"prompt-injection"},
        Attack.DATA_LEAKAGE: {"data-leakage", "inversion"},  # what was learned or embedded is got back by inversion
        Attack.ADVERSARIAL: {"evasion"},
        Attack.MODEL_INFERENCE: {"inference", "inversion"},
    }
    for attack, ids in expected.items():
        own = {key for key in threats(catalogue) if catalogue.patterns[key].attack is attack}
        assert {rows[key] for key in own} == ids
    assert {one for control in framework.controls() for one in control.attacks} == set(rated)


def test_the_failure_modes_are_the_seventeen(framework: Framework) -> None:
    assert [one.id for one in framework.failure_modes] == [f"FM-{n}" for n in range(1, 18)]
    assert [one.harms for one in framework.failure_modes if one.intentional] == [
        *("I", "I", "C", "C", "C", "IA", "I", "C", "I", "CI", "CIA")
    ]
    assert not any(one.harms for one in framework.failure_modes if not one.intentional)


def test_nothing_is_said_twice(framework: Framework) -> None:
    said = [text for one in framework.controls() for text in (one.asks, one.objective, one.threat, one.impact)]
    said += [level for one in framework.controls() for level in one.maturity]
    said += [text for one in framework.items() for text in (one.text, one.ask)]
    assert [text for text, count in Counter(said).items() if count > 1] == []


def test_texts_are_sentences_and_questions_are_questions(framework: Framework) -> None:
    for control in framework.controls():
        for text in (control.asks, control.objective, control.threat, control.impact, *control.maturity):
            assert re.fullmatch(r"[A-Z“].{20,}\.", text), (control.id, text)
        assert set(control.counterparts) <= set(EDITIONS)
        assert len(control.counterparts) >= 4, control.id
    for item in framework.items():
        assert re.fullmatch(r"[A-Z].{20,}\.", item.text), item.id
        assert re.fullmatch(r"[A-Z][^?]{20,}\?", item.ask), item.id
        assert set(item.roles) <= set(ROLES)
        assert not any(one.endswith(".") for one in item.evidence), item.id


def test_the_notes_tell_of_every_defect_of_the_source(framework: Framework) -> None:
    assert [one.id for one in framework.controls() if one.notes] == [
        "MS-5.2.4",
        "MS-5.4.2",
        "MS-5.4.3",
        "MS-5.4.4",
        "MS-5.5.1",
        "MS-5.5.2",
        "MS-5.7.1",
    ]


def test_the_files_are_sound_yaml_without_doubled_keys() -> None:
    files = sorted(DIRECTORY.glob("*.yaml"))
    assert len(files) == 13
    for path in files:
        assert read_yaml(path.read_bytes(), path.name).problems == (), path.name


def test_the_page_is_what_the_program_makes(framework: Framework) -> None:
    page = (ROOT / "docs" / "framework.md").read_text(encoding="utf-8")
    assert page.split("## What ships\n\n")[1].strip() == framework_markdown(framework).strip()


def test_the_lint_looks_at_it_too(monkeypatch: pytest.MonkeyPatch, framework: Framework) -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["catalogue", "lint"]).output == "0 errors, 0 warnings, 0 notes\n"
    (first, *rest) = framework.attacks
    wrong = replace(framework, attacks=(replace(first, threats=("no-such",)), *rest))
    monkeypatch.setattr("graphmodel.knowledge.framework.load_framework", lambda: wrong)
    found = runner.invoke(main, ["catalogue", "lint"])
    assert found.exit_code == 2
    assert "extraction: the catalogue has no threat “no-such”" in found.output


BROKEN = [
    ("data-collection.yaml", "    title: Data sources\n", "    titel: Data sources\n", "MS-5.2.1 needs “title”"),
    ("data-collection.yaml", "    title: Data sources\n", "    title: x\n    hue: y\n", "has the unknown field “hue”"),
    ("data-collection.yaml", "    title: Data sources\n", "    title: ' '\n", "MS-5.2.1 has an empty “title”"),
    ("data-collection.yaml", "    title: Data sources\n", "    title: [x]\n", "MS-5.2.1 needs “title”, as a text"),
    ("data-collection.yaml", "id: MS-5.2.1.g2", "id: MS-5.2.1.g1", "MS-5.2.1.g1 stands twice, here and in data-coll"),
    ("generative-ai.yaml", "id: GEN-1\n", "id: GOV-1\n", "GOV-1 stands twice, here and in governance.yaml"),
    ("data-collection.yaml", "id: MS-5.2.1.g2", "id: MS-5.3.1.g2", "MS-5.3.1.g2 does not belong to MS-5.2.1"),
    ("data-collection.yaml", "id: MS-5.2.1\n", "id: MS-5.9.1\n", "MS-5.9.1 does not belong to MS-5.2 by its id"),
    ("data-collection.yaml", "ours: false", "ours: 0", "MS-5.2 needs “ours”, as true or false"),
    ("data-collection.yaml", "attacks: [poisoning]", "attacks: [poison]", "MS-5.2.1 names “poison” in “attacks”"),
    ("data-collection.yaml", "roles: [data-scientist]", "roles: [clerk]", "names “clerk” in “roles”, which"),
    ("data-collection.yaml", "[A.7.2, A.7.3", "[A.1.2, A.7.3", "names “A.1.2”, which is no id of iso-42001-2023"),
    ("data-collection.yaml", "iso-42001-2023:", "iso-42001-2022:", "MS-5.2.1 has the unknown field “iso-42001-2022”"),
    ("data-collection.yaml", "    maturity:\n", "    maturity:\n      - Seven.\n", "has 7 levels of maturity"),
    ("severity.yaml", "severity: High", "severity: Huge", "high-1 has “Huge” as “severity”; it is one of Critical"),
    ("severity.yaml", "fact: sensitive-data", "fact: secret-data", "high-1 rests on the fact “secret-data”"),
    ("severity.yaml", "needs: [large-impact,", "needs: [business-critical,", "names “business-critical” in “needs”"),
    ("attacks.yaml", "    likelihood: High\n", "", "extraction has some of the three ratings"),
    ("attacks.yaml", "harms: IA", "harms: AI", "FM-6 harms “AI”; write the letters of C, I and A in this order"),
    ("attacks.yaml", "failure_modes: [FM-5, FM-8]", "failure_modes: [FM-5, FM-5]", "says the same twice in “failure"),
    ("attacks.yaml", "attacks:\n", "attacks: []\nothers:\n", "attacks.yaml: has nothing in “attacks”"),
    ("framework.yaml", "edition: ", "edition: [", "framework.yaml: this is no YAML"),
    ("framework.yaml", "id: micro", "- id: micro", "framework.yaml: "),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), BROKEN, ids=[one[3][:40] for one in BROKEN])
def test_a_broken_file_is_refused_with_its_name_and_the_id(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    shutil.copytree(DIRECTORY, tmp_path / "framework")
    path = tmp_path / "framework" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(message)) as refused:
        read_framework(tmp_path / "framework")
    assert str(refused.value).startswith(f"{name}: ")
