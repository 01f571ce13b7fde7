"""The shipped catalogue, its limits, and every way in which a user's own catalogue can be broken."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from graphmodel.knowledge import turtle
from graphmodel.knowledge.ontology import load_catalogue, ontology_directory, read_records
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import ActorKind, Area, Attack, Capability, Catalogue, ControlFunction, Maturity
from graphmodel.reading.limits import MAX_PROBLEMS


def broken(text: str, name: str = "own.yaml") -> list[str]:
    return [str(one) for one in load_catalogue([(name, text.encode())])[1]]


def test_the_catalogue_covers_what_it_promises(catalogue: Catalogue) -> None:
    threats = [one for one in catalogue.patterns.values() if not one.propagation]
    assert len(threats) >= 25
    assert {one.attack for one in threats} == set(Attack)
    # Governance threatens through people; every other area has threats of its own, or controls.
    areas = {one.area for one in threats} | {one.area for one in catalogue.controls.values()}
    assert areas == set(Area)
    assert all(one.techniques and one.area and one.basis for one in threats)
    editions = {technique.edition for one in threats for technique in one.techniques}
    assert {"atlas-2026.09", "owasp-llm-2025", "owasp-llm-2026", "owasp-agentic-2026", "owasp-ml-2023"} <= editions
    assert len(catalogue.controls) >= 25
    assert {one.function for one in catalogue.controls.values()} == set(ControlFunction)


def test_every_threat_but_few_has_a_control(catalogue: Catalogue) -> None:
    mitigated = {threat for one in catalogue.controls.values() for threat in one.mitigates}
    open_threats = {one.id for one in catalogue.patterns.values() if not one.propagation} - mitigated
    # Sending a message is what a channel is for; stolen embeddings are protected where they are stored, packages by
    # those who keep them; whoever runs the identity provider is anybody; running code is what a code tool is for, and
    # is stopped before it is called or in its sandbox; and an agent does what its model says, which nobody signs.
    assert open_threats <= {
        "answers-changed-on-the-way",
        "code-tool",
        "code-tool-by-user",
        "content-from-outside",
        "content-in-logs",
        "embedding-inversion",
        "false-model-steers-agent",
        "identity-provider-abuse",
        "package-takeover",
    }


def test_enumerations_in_turtle_and_in_code_are_the_same() -> None:
    import rdflib

    graph = rdflib.Graph().parse(ontology_directory() / "core.ttl")
    for name, words in {
        "Capability": Capability,
        "ActorKind": ActorKind,
        "Maturity": Maturity,
        "ControlFunction": ControlFunction,
        "Area": Area,
        "Attack": Attack,
    }.items():
        found = {
            str(one).rpartition("#")[2] for one in graph.subjects(rdflib.RDF.type, rdflib.URIRef(turtle.GM + name))
        }
        assert found == {str(one) for one in words}


def test_patterns_use_their_own_words(catalogue: Catalogue) -> None:
    for pattern in catalogue.patterns.values():
        assert pattern.needs or any(part.needs for part in pattern.parts)
        assert pattern.propagation or pattern.meaning
        linked = {end for link in pattern.links for end in (link.origin, link.target)}
        assert {part.name for part in pattern.parts} <= linked


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
controls:
  guards:
    name: Guards
    synonyms: [bouncers, door men]
    meaning: Somebody looks at faces.
    function: prevent
    area: governance
    strength: [0.2, 0.4, 0.6]
    applies_to: Host
    mitigates: [badge-cloning, account-takeover]
"""


def test_a_users_own_file_adds_threats_and_controls() -> None:
    catalogue, problems = load_catalogue([("own.yaml", OWN.encode())])
    assert problems == ()
    assert catalogue.patterns["badge-cloning"].prevalence == 0.2
    assert catalogue.patterns["badge-cloning"].techniques[0].pinned == "AML.T0012@atlas-2026.09"
    assert catalogue.controls["guards"].mitigates == {"badge-cloning", "account-takeover"}
    assert catalogue.controls["guards"].synonyms == ("bouncers", "door men")


def test_the_same_in_turtle() -> None:
    text = """
    @prefix gm: <https://w3id.org/graphmodel#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix my: <https://example.org/own/> .
    my:Drone a <http://www.w3.org/2002/07/owl#Class> ; rdfs:subClassOf gm:Device ;
        rdfs:label "drone" ; rdfs:comment "Flies." .
    my:jamming a gm:ThreatPattern ; rdfs:label "Jamming" ; rdfs:comment "Radio is jammed." ; gm:on my:Drone ;
        gm:needs gm:reach ; gm:gains gm:deny ; gm:maturity gm:realized ;
        gm:area gm:business-continuity ; gm:attack gm:availability .
    """
    catalogue, problems = load_catalogue([("own.ttl", text.encode())])
    assert problems == ()
    assert catalogue.is_a("Drone", "Component")
    assert catalogue.patterns["jamming"].asset_types == ("Drone",)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("asset: Host", "asset: Hots", "Did you mean Host"),
        ("gains: run", "gains: fly", "“fly” is not a capability"),
        ("gains: run", "gain: run", "there is no field “gain”|a threat has no field “gain”"),
        ("    needs: reach\n", "", "needs nothing"),
        ("maturity: realized", "maturity: certain", "is not a maturity"),
        ("    maturity: realized\n", "", "neither maturity nor chance"),
        ("prevalence: 0.2", "prevalence: 3", "prevalence"),
        ("area: governance\n    attack", "area: nowhere\n    attack", "is not an area"),
        ("AML.T0012@atlas-2026.09", "AML.T9999@atlas-2026.09", "there is no technique"),
        ("AML.T0012@atlas-2026.09", "AML.T0012@atlas-1999", "there is no technique"),
        ("needs: reach", "needs: reach\n    via: runsIn\n    other: Dataset\n    other_needs: write", "can never fire"),
        ("needs: reach", "needs: reach\n    via: runsIn", "belong together"),
        ("strength: [0.2, 0.4, 0.6]", "strength: [0.6, 0.4, 0.2]", "not a range of chances"),
        ("applies_to: Host", "applies_to: Dataset", "can never cover"),
        ("mitigates: [badge-cloning, account-takeover]", "mitigates: badge-clonning", "Did you mean badge-cloning"),
        ("function: prevent", "function: pray", "is not a control function"),
        ("badge-cloning:", "phishing:", "defined twice"),
        ("controls:", "control:", "there is no section"),
        ("name: Guards", "synonym: [bouncers]", "Did you mean synonyms"),
    ],
)
def test_a_broken_entry_is_reported_and_never_silently_dead(old: str, new: str, says: str) -> None:
    import re

    assert old in OWN
    problems = broken(OWN.replace(old, new, 1))
    assert any(re.search(says, one) for one in problems), problems
    assert any("own.yaml" in one for one in problems)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@prefix gm: <https://w3id.org/graphmodel#> .\ngm:x a gm:ThreatPatern .", "no class of the ontology"),
        ("this is no turtle", "not valid Turtle"),
        (
            "@prefix gm: <https://w3id.org/graphmodel#> .\n<urn:x> a gm:ThreatPattern ; gm:gain gm:run .",
            "no field “gain”",
        ),
        ("@prefix gm: <https://w3id.org/graphmodel#> .\n<urn:x> gm:gains gm:run .", "it has no class"),
        ("[" * 5000, "Turtle"),
        ("\x00\xff", "Turtle"),
        ('<a:b> <a:c> "\\U0011FFFF" .', "Turtle"),
        ("@prefix gm: <https://w3id.org/graphmodel#> .\ngm:x a gm:Control ; gm:strength " + "9" * 400 + " .", "range"),
    ],
)
def test_broken_turtle_is_reported(text: str, says: str) -> None:
    problems = broken(text, "own.ttl")
    assert any(says in one for one in problems), problems


def test_catalogue_files_have_a_limit() -> None:
    assert "larger than the limit" in broken("#" * 1_100_000)[0]


def test_reading_the_cache_does_not_import_rdflib() -> None:
    load_catalogue()
    load = "from graphmodel.knowledge.ontology import load_catalogue; load_catalogue()"
    code = f"import sys; {load}; print('rdflib' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )


def test_line_numbers_of_turtle() -> None:
    records, _ = read_records("threats.ttl", (ontology_directory() / "threats.ttl").read_bytes())
    lines = (ontology_directory() / "threats.ttl").read_text().splitlines()
    for record in records:
        assert f"threat:{record.id} a gm:ThreatPattern" in lines[record.line - 1]


HOSTILE = (
    "@prefix : <https://w3id.org/graphmodel#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)


@pytest.mark.parametrize(
    "text",
    [
        ':t a :ThreatPattern ; :chance "1e999999999"^^xsd:decimal .',
        ':t a :ThreatPattern ; :chance "\\u001b]0;x\\u0007"^^xsd:date .',
        '<http://x/\\u001b[2J ^> a :ThreatPattern ; :chance "<a>&b;"^^rdf:XMLLiteral .',
        ":t a :ThreatPattern ; :chance _:x . _:x rdf:first 1 ; rdf:rest _:x .",
        ":t a :ThreatPattern ; :chance _:x . _:x rdf:first _:x .",
        ":t a :ThreatPattern ; :chance _:x0 .\n"
        + "".join(
            f"_:x{n} rdf:first _:x{n + 1} ; rdf:rest _:y{n} . _:y{n} rdf:first _:x{n + 1} ; rdf:rest rdf:nil .\n"
            for n in range(40)
        ),
        ":t a :ThreatPattern ; :chance (" + "1 " * 500 + ") .",
        ":t a :ThreatPattern ; :chance " + "(" * 400 + "1" + ")" * 400 + " .",
        "".join(f":T{n} a owl:Class ; rdfs:subClassOf :T{n + 1} .\n" for n in range(4000)) + ":T4000 a owl:Class .",
        "".join(f":T{n} a owl:Class ; rdfs:subClassOf :Agnt{n} .\n" for n in range(4000)),
        "".join(f":T{n} a owl:Class .\n" for n in range(6000)),
        "# " + "x" * 400_000,
    ],
    ids=[
        "a decimal that would fill the memory", "a text for a terminal", "XML and an odd name", "a list in a circle",
        "a list in itself", "lists that double", "a long list", "a deep list", "a long line of types",
        "types of types that are not there", "too many types", "too large a file",
    ],
)  # fmt: skip
def test_hostile_turtle_is_reported_soon_and_prints_nothing(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    before = time.process_time()
    _, problems = load_catalogue([("own.ttl", (HOSTILE + text).encode())])
    assert time.process_time() - before < 15
    assert 0 < len(problems) <= MAX_PROBLEMS + 1
    assert all(one.level == "error" and one.fix and len(str(one)) < 2000 for one in problems)
    assert capfd.readouterr() == ("", "")


def test_own_files_have_limits_together() -> None:
    text = ("# " + "x" * 290_000 + "\n").encode()
    files = [(f"{n}.ttl", text) for n in range(6)]
    _, problems = load_catalogue(files)
    assert [one.file for one in problems] == ["3.ttl"]
    assert load_catalogue(files[:3])[1] == ()


def test_wrong_settings_by_the_thousand_are_told_soon() -> None:
    text = "control_costs:\n" + "".join(f"  c{n}: -1\n" for n in range(40_000))
    before = time.process_time()
    _, problems = load_settings(text.encode())
    assert time.process_time() - before < 15
    assert len(problems) == MAX_PROBLEMS + 1
    assert "further problems" in problems[-1].message
