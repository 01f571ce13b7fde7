"""The strength of a control by threat and by skill, held against numbers worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphmodel.assessment.assess import assess
from graphmodel.assessment.explain import Hop, explain
from graphmodel.assessment.measures import all_measures
from graphmodel.assessment.results import Assessment
from graphmodel.assessment.whatif import switch
from graphmodel.binding.compiled import compile_system
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.likelihood import Case
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import Range, Skill, View
from graphmodel.losses.contributions import contributions
from graphmodel.losses.propagation import Propagation
from graphmodel.losses.uncertainty import uncertainty
from graphmodel.losses.year import loss_distributions
from graphmodel.model.document import read_document
from graphmodel.outputs.explain import explanation_json
from graphmodel.outputs.text.explain import explanation_text
from graphmodel.planning.breaking import break_plan
from graphmodel.planning.options import Ask
from graphmodel.planning.plan import Planner
from graphmodel.reading.yaml_text import read_yaml

OWN = """
threats:
  plain: &threat
    {name: Plain, meaning: A., asset: Agent, gains: write, needs: reach, chance: [0.5, 0.5, 0.5],
     area: model-deployment, attack: access}
  odd: {<<: *threat, gains: read}
  later: {<<: *threat, gains: run, needs: write}
controls:
  guard:
    name: Guard
    meaning: G.
    function: prevent
    area: model-deployment
    strength: [0.8, 0.8, 0.8]
    against_novice: [0.9, 0.9, 0.9]
    against_expert: [0.4, 0.4, 0.4]
    against:
      odd: [0.2, 0.2, 0.2]
      later: {strength: [0.6, 0.6, 0.6], against_expert: [0.1, 0.1, 0.1], basis: It tires., source: judgement}
    applies_to: Agent
    mitigates: [plain, odd, later]
"""
TURTLE = """
@prefix gm: <https://w3id.org/graphmodel#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix my: <https://example.org/own/> .
my:guard a gm:Control ; rdfs:label "Guard" ; rdfs:comment "G." ; gm:function gm:prevent ; gm:area gm:model-deployment ;
    gm:strength 0.8 ; gm:againstNovice 0.9 ; gm:againstExpert ( 0.4 0.4 0.4 ) ;
    gm:appliesTo gm:Agent ; gm:mitigates my:plain , my:odd , my:later ;
    gm:against [ gm:threat my:odd ; gm:strength ( 0.2 0.2 0.2 ) ] ,
        [ gm:threat my:later ; gm:strength 0.6 ; gm:againstExpert 0.1 ; gm:basis "It tires." ; gm:source "judgement" ] .
"""
MODEL = """
graphmodel: 1
system: {id: small}
assets: {bot: {type: Agent}}
actors:
  a: {kind: outsider, skill: %s, starts: ["bot:reach"], attempts_per_year: 1}
controls:
  c: {control: guard, protects: [bot], evidence: tested%s}
losses:
  - {fact: "bot:run", amount: 100}
  - {fact: "bot:read", amount: 10}
"""


def assessed(skill: str, more: str = "") -> Assessment:
    catalogue, problems = load_catalogue([("own.yaml", OWN.encode())])
    assert not [one for one in problems if one.level == "error"], problems
    known = {"plain", "odd", "later"}  # and the consequences; nothing else is to happen here
    catalogue = replace(
        catalogue,
        patterns={key: one for key, one in catalogue.patterns.items() if one.id in known},
        controls={"guard": catalogue.controls["guard"]},
    )
    read = read_document(read_yaml((MODEL % (skill, more)).encode(), "small.yaml"), catalogue)
    assert read.system is not None, read.problems
    return assess(compile_system(read.system, catalogue, load_settings()[0]))


@pytest.mark.parametrize(
    ("skill", "more", "plain", "odd", "later"),
    [
        # The strengths against each threat: in general, and where an entry speaks for the threat.
        ("novice", "", 0.9, 0.2, 0.6),
        ("skilled", "", 0.8, 0.2, 0.6),
        ("expert", "", 0.4, 0.2, 0.1),
        # A stated strength is that against a skilled actor and the threat it is best against; the rest follows.
        ("skilled", ", strength: 0.4", 0.4, 0.1, 0.3),
        ("expert", ", strength: 0.4", 0.2, 0.1, 0.05),
        ("novice", ", strength: [1, 1, 1]", 1.0, 0.2 / 0.9, 0.6 / 0.9),  # no more than certain
        # A partial coverage comes on top.
        ("skilled", ", coverage: 0.5", 0.4, 0.1, 0.3),
    ],
)
def test_each_step_meets_the_against_its_threat(skill: str, more: str, plain: float, odd: float, later: float) -> None:
    one = assessed(skill, more)
    graph = one.actor_by_id["a"].graph
    for threat, strength in (("plain", plain), ("odd", odd), ("later", later)):
        (cover,) = graph.step_by_id[f"{threat}:bot"].controls
        assert graph.control_by_id["c"].holds * cover.coverage == pytest.approx(strength)
    assert one.actor_by_id["a"].likelihood("bot:read").value == pytest.approx(0.5 * (1 - odd))


def test_one_draw_serves_all_threats() -> None:
    """0.8 of the time the guard is up: then no “plain” at all, so no “later” either."""
    one = assessed("skilled")
    likelihood = one.actor_by_id["a"].likelihood
    assert likelihood("bot:write").value == pytest.approx(0.2 * 0.5)
    assert likelihood("bot:run").value == pytest.approx(0.2 * 0.5 * 0.5)
    # Against an expert it is up 0.4 of the time, and then stops “later” one time in four.
    assert assessed("expert").actor_by_id["a"].likelihood("bot:run").value == pytest.approx(0.6 * 0.25)


@pytest.mark.parametrize("skill", Skill)
def test_all_answers_rest_on_the_same_strengths(skill: Skill) -> None:
    one = assessed(str(skill))
    loss = one.expected_loss().value
    up = {Skill.NOVICE: 0.9, Skill.SKILLED: 0.8, Skill.EXPERT: 0.4}[skill]
    assert loss == pytest.approx(100 * 0.25 * (1 - up) + 10 * 0.5 * 0.8)
    assert loss_distributions(one)[View.RESIDUAL].expected.value == pytest.approx(loss)
    assert uncertainty(one, draws=200).campaign.value == pytest.approx(loss)
    assert contributions(one).whole.value == pytest.approx(loss)
    assert switch(one, "a", {"c"}, ()).now.loss.value == pytest.approx(loss)
    assert switch(one, "a", set(), ()).now.loss.value == pytest.approx(100 * 0.25 + 10 * 0.5)
    plan = Planner(one, Ask(only_model=True)).plan()
    assert plan.now.value == pytest.approx(loss)


@pytest.mark.parametrize("skill", Skill)
def test_what_a_measure_of_the_catalogue_saves_is_what_it_saves_once_it_is_there(skill: Skill) -> None:
    """By a candidate's own event on the one hand, and with the control in the model on the other."""
    with_it, without = assessed(str(skill)), assessed(str(skill), ", status: retired")
    (measure,) = all_measures(without)
    factor = 0.75  # recommended controls count as declared
    up, later = {Skill.NOVICE: (0.9, 0.6), Skill.SKILLED: (0.8, 0.6), Skill.EXPERT: (0.4, 0.1)}[skill]
    held = 100 * 0.25 * (1 - up * factor) + 10 * 0.5 * (1 - 0.2 * factor)
    assert without.expected_loss().value - measure.saves.value == pytest.approx(held)
    assert measure.holds == pytest.approx(0.8 * factor)
    assert later > 0
    assert with_it.expected_loss().value < held
    plan = Planner(without, Ask(fix=("guard@bot",))).plan(1e9)
    assert plan.loss.value == pytest.approx(held)


def test_breaking_counts_on_a_control_also_where_it_is_weaker() -> None:
    found = break_plan(assessed("expert", ", status: proposed, cost: 5"), ["bot:read"], Ask(only_model=True))
    assert found.chosen is not None
    assert [one.id for one in found.chosen] == ["c"]
    (left,) = found.remaining
    assert (left.now.value, left.then.value) == (pytest.approx(0.5), pytest.approx(0.5 * 0.8))
    half = break_plan(
        assessed("expert", ", status: proposed, cost: 5, coverage: 0.5"), ["bot:read"], Ask(only_model=True)
    )
    assert half.chosen is None
    assert half.path is not None


def test_the_ranges_of_all_skills_are_one_input() -> None:
    one = assessed("expert")
    compiled = one.compiled
    kind = compiled.catalogue.controls["guard"]
    wide = replace(kind, strength=replace(kind.strength, expert=Range(0.3, 0.4, 0.5)))
    changed = replace(compiled, catalogue=replace(compiled.catalogue, controls={"guard": wide}))
    (found,) = [entry for entry in Propagation(assess(changed), View.RESIDUAL, 0).inputs if entry.kind == "strength"]
    assert (found.id, found.ranges) == ("default:guard", (Range(0.3, 0.4, 0.5),))


def ways_of(one: Assessment) -> dict[str, Hop]:
    return {way.threat: way for fact in explain(one, "bot").facts for way, _ in fact.ways}


def test_explanations_say_which_strength_was_used_and_why() -> None:
    one = assessed("expert")
    ways = ways_of(one)
    (met,) = ways["later"].controls
    assert met.holds == pytest.approx(0.1)
    assert met.because == (
        "default strength 0.1 against an expert actor and this threat, mean 0.1 x 1 for tested evidence = 0.1"
    )
    assert (met.basis, met.source) == ("It tires.", "judgement")
    assert ways["later"].passes == pytest.approx(0.5 * 0.9)
    assert "this threat" not in ways["plain"].controls[0].because
    text = explanation_text(one, explain(one, "bot"))
    assert "its strength: It tires. Judgement." in text
    hops = [hop for fact in explanation_json(explain(one, "bot"))["facts"] for hop in fact["ways"]]
    assert {"judgement"} == {c["source"] for hop in hops for c in hop["controls"] if hop["threat"] == "later"}
    (stated,) = ways_of(assessed("expert", ", strength: 0.4"))["later"].controls
    assert stated.because == (
        "stated strength 0.4, mean 0.4 x 0.125 for the catalogue's 0.1 against an expert actor and this threat = 0.05 "
        "x 1 for tested evidence = 0.05"
    )


def test_turtle_says_the_same_as_yaml() -> None:
    yaml = load_catalogue([("own.yaml", OWN.encode())])[0].controls["guard"]
    threats = OWN.split("controls:", maxsplit=1)[0]
    catalogue, problems = load_catalogue([("threats.yaml", threats.encode()), ("guard.ttl", TURTLE.encode())])
    assert not [one for one in problems if one.level == "error"], problems
    assert catalogue.controls["guard"] == yaml


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("odd: [0.2, 0.2, 0.2]", "phishing: [0.2, 0.2, 0.2]", "does not mitigate “phishing”"),
        ("odd: [0.2, 0.2, 0.2]", "odd: [0.2, 0.1, 0.2]", "not a range of chances"),
        ("odd: [0.2, 0.2, 0.2]", "odd: {basis: none}", "the strength is missing"),
        ("odd: [0.2, 0.2, 0.2]", "odd: {strength: 0.2, against_exprt: 0.1}", "no field “against_exprt”"),
        ("    strength: [0.8, 0.8, 0.8]\n", "", "the strength against a skilled actor is missing"),
        ("against:\n", "against: [odd]\n    ignored:\n", "names no threat"),
        ("function: prevent", "function: detect\n    limits: read", "differs by the skill"),
    ],
)
def test_what_is_wrong_in_strengths_is_told(old: str, new: str, says: str) -> None:
    assert old in OWN
    problems = load_catalogue([("own.yaml", OWN.replace(old, new, 1).encode())])[1]
    assert any(says in str(one) and "own.yaml" in str(one) for one in problems), problems


def test_nested_strengths_in_turtle_end_somewhere() -> None:
    text = TURTLE.replace("gm:strength ( 0.2 0.2 0.2 ) ]", "gm:against [ gm:threat my:odd ] ]")
    (problem,) = load_catalogue([("guard.ttl", text.encode())])[1]
    assert "a part holds another" in problem.message


def test_a_share_may_be_taken_from_the_chance_of_a_step() -> None:
    solver = assessed("skilled", ", status: retired").actor_by_id["a"].solver
    whole, half, none = solver.solve(Case(), Case(blocked={"odd:bot": 0.5}), Case(blocked=["odd:bot"]))
    assert [one.of("bot:read") for one in (whole, half, none)] == [
        Estimate.exactly(pytest.approx(chance))
        for chance in (0.5, 0.25, 0.0)  # type: ignore[arg-type]
    ]
