"""What a catalogue says that cannot be so: nothing in the shipped one but what is known, and each kind in one's own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from graphmodel.knowledge.lint import lint
from graphmodel.knowledge.ontology import catalogue_findings, load_catalogue
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.problems import Problem
from graphmodel.workspace import open_model
from tests.cli.calls import run
from tests.model.test_document import SMALL


def test_the_shipped_catalogue_has_no_findings(catalogue: Catalogue) -> None:
    assert lint(catalogue) == ()
    assert catalogue_findings() == ()


OWN = """
threats:
  badge-cloning:
    name: Cloned badge
    meaning: A copied badge opens the server room.
    asset: Host
    needs: reach
    gains: run
    maturity: realized
    prevalence: 0.2
    area: governance
    attack: access
    techniques: [AML.T0012@atlas-2026.09]
    basis: Seen now and then.
    source: judgement
rules:
  left-open:
    name: Left open
    asset: Host
    needs: run
    gains: deny
    chance: [0.1, 0.2, 0.3]
    basis: It happens.
controls:
  guards:
    name: Guards
    meaning: Somebody looks at faces.
    function: prevent
    area: governance
    strength: [0.2, 0.4, 0.6]
    basis: They know everybody.
    source: "measured: a week at the door (2026)"
    applies_to: Host
    mitigates: [badge-cloning, account-takeover]
"""


def found(text: str, name: str = "own.yaml") -> tuple[Problem, ...]:
    problems = load_catalogue([(name, text.encode())])[1]
    assert problems == ()
    return catalogue_findings([(name, text.encode())])


def test_nothing_is_said_of_sound_entries() -> None:
    assert found(OWN) == ()


@pytest.mark.parametrize(
    ("old", "new", "level", "path", "says"),
    [
        ("applies_to: Host", "applies_to: [Host, Person]", "warning", "guards.badge-cloning.Person", "on Person"),
        (
            "needs: reach\n    gains: run",
            "needs: run\n    gains: read",
            "warning",
            "badge-cloning.gains",
            "“run-gives-read” gains read",
        ),
        ("[badge-cloning, account-takeover]", "left-open", "warning", "guards.mitigates", "no threat"),
        (
            "maturity: realized",
            "maturity: feasible",
            "warning",
            "badge-cloning.maturity",
            "AML.T0012@atlas",
        ),
        ("    source: judgement\n", "", "note", "badge-cloning.chance", "where this figure comes from"),
        ("    basis: Seen now and then.\n", "", "note", "badge-cloning.chance", "where this figure comes from"),
        ("    basis: It happens.\n", "", "note", "left-open.chance", "where this figure comes from"),
        ("    basis: They know everybody.\n", "", "note", "guards.strength", "where this figure comes from"),
        ("measured: a week", "told by a neighbour, a week", "warning", "guards.strength", "neither “judgement” nor"),
        ("    basis: They", "    against_expert: 0.5\n    basis: They", "warning", "guards.strength", "more skilled"),
        (
            "    basis: They",
            "    against: {badge-cloning: 0.3}\n    basis: They",
            "note",
            "guards.against.badge-cloning",
            "where this figure comes from",
        ),
    ],
)
def test_each_kind_of_finding_in_ones_own_entries(old: str, new: str, level: str, path: str, says: str) -> None:
    assert old in OWN
    text = OWN.replace(old, new, 1)
    problems = [one for one in found(text) if one.path == path]
    assert [one.level for one in problems] == [level]
    assert says in problems[0].message
    assert problems[0].file == "own.yaml"
    assert problems[0].line == text.splitlines().index(f"  {path.partition('.')[0]}:") + 1
    assert problems[0].fix


def test_reasons_and_places_silence_findings() -> None:
    reasoned = OWN.replace("maturity: realized", "maturity: feasible\n    maturity_basis: Ours are good.")
    assert found(reasoned) == ()
    placed = OWN.replace("applies_to: Host", "applies_to: [Host, Person]\n    against:\n%s")
    both = "".join(f"      {one}: {{applies_to: Host}}\n" for one in ("badge-cloning", "account-takeover"))
    assert found(placed % both) == ()


def test_a_threat_without_a_control_says_why(catalogue: Catalogue) -> None:
    bare = OWN.replace("mitigates: [badge-cloning, ", "mitigates: [")
    (note,) = found(bare)
    assert (note.level, note.path) == ("note", "badge-cloning")
    assert "no control mitigates it" in note.message
    said = "source: judgement\n    without_control: Badges are what the doors know.\nrules"
    assert found(bare.replace("source: judgement\nrules", said)) == ()
    (both,) = found(OWN.replace("source: judgement\nrules", said))
    assert (both.level, both.path) == ("warning", "badge-cloning.without_control")
    mitigated = {threat for one in catalogue.controls.values() for threat in one.mitigates}
    threats = [one for one in catalogue.patterns.values() if not one.propagation]
    assert {one.id for one in threats if one.without_control} == {one.id for one in threats} - mitigated


def test_a_threat_to_which_nothing_leads_is_found(catalogue: Catalogue) -> None:
    """Model theft from a service wants somebody who runs one; without the threats that give that, nobody does."""
    ways = {"artifact-theft", "service-exploit"}
    some = {key: one for key, one in catalogue.patterns.items() if key in ways}
    bare = replace(catalogue, patterns=some, controls={})
    assert "out-of-reach" not in {one.check for one in lint(bare)}
    found = lint(replace(bare, patterns={"artifact-theft": some["artifact-theft"]}))
    (lonely,) = [one for one in found if one.check != "uncontrolled"]
    assert (lonely.check, lonely.entry) == ("out-of-reach", "artifact-theft")
    elsewhere = replace(some["service-exploit"], asset_types=("Dataset",))
    assert "out-of-reach" in {one.check for one in lint(replace(bare, patterns={**some, "service-exploit": elsewhere}))}


def test_an_edition_is_shipped_whole() -> None:
    text = """
    @prefix gm: <https://w3id.org/graphmodel#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    <https://w3id.org/graphmodel/atlas-2026.09/AML.T9999> a gm:Technique ; skos:notation "AML.T9999" ;
        rdfs:label "Made up" .
    """
    (problem,) = found(text, "own.ttl")
    assert "the edition atlas-2026.09 has no “AML.T9999”" in problem.message


def test_a_consequence_that_a_control_stops_is_not_certain(catalogue: Catalogue) -> None:
    control = replace(catalogue.controls["patching"], mitigates=frozenset({"store-write", "service-exploit"}))
    changed = replace(catalogue, controls={**catalogue.controls, "patching": control})
    assert not [one for one in lint(changed) if one.check == "true-anyway"]


def test_check_tells_findings_in_the_catalogue_of_a_model(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN.replace("applies_to: Host", "applies_to: [Host, Person]"))
    (tmp_path / "model.yaml").write_text(SMALL + "catalogue: [own.yaml]\n")
    model = open_model(tmp_path / "model.yaml")
    assert model.usable
    told = [one for one in model.problems if one.file == "own.yaml"]
    assert {one.level for one in told} == {"warning"}
    assert any("on Person" in one.message for one in told)


def test_the_command(tmp_path: Path) -> None:
    shipped = run("catalogue", "lint", "--json")
    assert shipped.exit_code == 0
    assert json.loads(shipped.stdout)["error"] == 0
    own = tmp_path / "own.yaml"
    own.write_text(OWN)
    clean = run("catalogue", "lint", str(own))
    assert (clean.exit_code, clean.stdout) == (0, "0 errors, 0 warnings, 0 notes\n")
    own.write_text(OWN.replace("    source: judgement\n", ""))
    noted = run("catalogue", "lint", str(own))
    assert (noted.exit_code, noted.stdout) == (0, "0 errors, 0 warnings, 1 note\n")
    own.write_text(OWN.replace("gains: run", "gains: fly"))
    broken = run("catalogue", "lint", str(own))
    assert broken.exit_code == 2
    assert "“fly” is not a capability" in broken.stderr
    assert run("catalogue", "lint", str(tmp_path / "gone.yaml")).exit_code == 2
