"""Rules with several relations in users' own files: both formats mean the same, and what is wrong is said."""

from __future__ import annotations

import pytest

from graphmodel.knowledge.bodies import MAX_LINKS, MAX_PARTS
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.vocabulary import Absence, ActorKind, Capability, Link, Part, ThreatPattern

COMMON = "chance: [0.5, 0.5, 0.5], area: model-deployment, attack: data-leakage, name: A, meaning: A."
YAML = f"""
threats:
  trifecta:
    {
    COMMON.replace(", area", chr(10) + "    area")
    .replace(", attack", chr(10) + "    attack")
    .replace(", name", chr(10) + "    name")
    .replace(", meaning", chr(10) + "    meaning")
}
    asset: BusinessData
    gains: read
    parts:
      agent: Agent
      source: {{is: [UserContent, DataStore], except: VectorStore, needs: write, other_than: asset}}
      outside: {{is: Zone, trust_below: 1}}
    where:
      - asset handledBy agent
      - {{from: agent, via: contentFrom, to: source}}
      - agent sendsOutTo outside
    unless:
      - trainedBy
      - agent remembersIn
      - {{from: agent, via: runsIn, is: Sandbox}}
      - agent retrievesFrom source
    by: [user, tenant]
    defended_on: [agent, asset]
"""
TURTLE = """
@prefix gm: <https://w3id.org/graphmodel#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix threat: <https://w3id.org/graphmodel/threat/> .
threat:trifecta a gm:ThreatPattern ; rdfs:label "A" ; rdfs:comment "A." ;
    gm:chance ( 0.5 0.5 0.5 ) ; gm:area gm:model-deployment ; gm:attack gm:data-leakage ;
    gm:on gm:BusinessData ; gm:gains gm:read ;
    gm:part [ gm:named "agent" ; gm:is gm:Agent ] ,
        [ gm:named "source" ; gm:is gm:UserContent , gm:DataStore ; gm:except gm:VectorStore ; gm:needs gm:write ;
          gm:otherThan "asset" ] ,
        [ gm:named "outside" ; gm:is gm:Zone ; gm:trustBelow 1 ] ;
    gm:where [ gm:from "asset" ; gm:via gm:handledBy ; gm:to "agent" ] ,
        [ gm:from "agent" ; gm:via gm:contentFrom ; gm:to "source" ] ,
        [ gm:from "agent" ; gm:via gm:sendsOutTo ; gm:to "outside" ] ;
    gm:unless gm:trainedBy , [ gm:from "agent" ; gm:via gm:remembersIn ] ,
        [ gm:from "agent" ; gm:via gm:runsIn ; gm:is gm:Sandbox ] ,
        [ gm:from "agent" ; gm:via gm:retrievesFrom ; gm:to "source" ] ;
    gm:by gm:user , gm:tenant ; gm:defendedOn "agent" , gm:theAsset .
"""


def loaded(text: str, name: str = "own.yaml") -> ThreatPattern:
    catalogue, problems = load_catalogue([(name, text.encode())])
    assert problems == ()
    return catalogue.patterns["trifecta"]


def test_both_formats_say_the_same() -> None:
    pattern = loaded(YAML)
    assert pattern == loaded(TURTLE, "own.ttl")
    assert pattern.parts == (
        Part("agent", ("Agent",)),
        Part("outside", ("Zone",), trust_below=1, each=False),
        Part("source", ("DataStore", "UserContent"), ("VectorStore",), (Capability.WRITE,), None, ("asset",)),
    )
    assert pattern.links == (
        Link("asset", "handledBy", "agent"),
        Link("agent", "sendsOutTo", "outside"),
        Link("agent", "contentFrom", "source"),
    )
    assert set(pattern.unless) == {
        Absence("asset", "trainedBy"),
        Absence("agent", "remembersIn"),
        Absence("agent", "runsIn", None, ("Sandbox",)),
        Absence("agent", "retrievesFrom", "source"),
    }
    assert pattern.by == (ActorKind.USER, ActorKind.TENANT)
    assert pattern.defended_on == {"agent", "asset"}


def test_the_order_in_which_parts_are_written_is_nothing() -> None:
    first, *rest = YAML.split("      agent: Agent\n")
    moved = f"{first}{rest[0].replace('    where:', '      agent: Agent' + chr(10) + '    where:')}"
    assert moved != YAML
    assert loaded(moved) == loaded(YAML)


def test_one_relation_is_the_short_form_of_a_body() -> None:
    start = f"threats: {{trifecta: {{{COMMON}, asset: Agent, gains: run, "
    short = start + "via: contentFrom, other: Database, other_needs: write}}"
    long = start + "parts: {other: {is: Database, needs: write}}, where: asset contentFrom other}}"
    assert loaded(short) == loaded(long)
    assert loaded(short).simple
    assert not loaded(YAML).simple


def test_a_pattern_is_defended_on_all_its_parts_unless_it_names_some() -> None:
    pattern = loaded(YAML.replace("    defended_on: [agent, asset]\n", ""))
    assert pattern.defended_on == {"asset", "agent", "source", "outside"}
    assert {one.name for one in pattern.parts if one.each} == {"source"}
    pattern = loaded(YAML.replace("agent: Agent\n", "agent: {is: Agent, any: true}\n"))
    assert pattern.defended_on == {"asset", "agent"}
    assert {one.name for one in pattern.parts if one.each} == {"source"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("asset handledBy agent", "asset handledBy agnet", "there is no part “agnet”. Did you mean agent or asset?"),
        ("- agent remembersIn", "- agnet remembersIn", "there is no part “agnet”"),
        ("defended_on: [agent,", "defended_on: [agnet,", "“agnet” is none. Use agent, asset, outside, source."),
        ("other_than: asset", "other_than: agnet", "“source” is other than “agnet”, which is no other part"),
        ("other_than: asset", "other_than: source", "“source” is other than “source”, which is no other part"),
        ("other_than: asset", "unlike: asset", "there is no field “unlike” here"),
        ("via: contentFrom, to: source", "via: contentForm, to: source", "there is no relation “contentForm”"),
        ("via: contentFrom, to: source", "via: contentFrom", "a relation has two ends and one name"),
        ("asset handledBy agent", "asset handledBy", "a relation has two ends and one name"),
        ("asset handledBy agent", "handledBy", "“handledBy” is no relation between two parts"),
        ("asset handledBy agent", "a b c d", "“a b c d” is no relation between two parts"),
        ("agent sendsOutTo outside", "agent sendsOutTo agent", "the relation goes from “agent” to itself"),
        ("      - agent sendsOutTo outside\n", "", "nothing leads from the asset to “outside”"),
        ("      - asset handledBy agent\n", "", "nothing leads from the asset to “agent” and “outside” and “source”"),
        ("agent sendsOutTo outside", "outside sendsOutTo agent", "can never fire: nothing of type Zone stands at that"),
        (
            "via: runsIn, is: Sandbox",
            "via: runsIn, is: Secret",
            "can never fire: nothing of type Secret stands at that",
        ),
        (
            "- agent retrievesFrom source",
            "- agent retrievesFrom agent",
            "what must not hold is one relation of one part",
        ),
        ("agent: Agent", "agent: Agnet", "there is no asset type “Agnet”. Did you mean Agent or Asset?"),
        ("agent: Agent", "agent: {needs: reach}", "the part “agent” has no type"),
        ("agent: Agent", "asset: Agent", "“asset” is no name for a part"),
        ("agent: Agent", "a b: Agent", "“a b” is no name for a part"),
        ("agent: Agent", "agent: {is: Agent, except: Prompted}", "nothing is left that “agent” could be"),
        ("agent: Agent", "agent: {is: Agent, trust_below: 3}", "only zones have a level of trust"),
        ("trust_below: 1", "trust_below: 0", "this is no level of trust"),
        ("trust_below: 1", "trust_below: true", "this is no level of trust"),
        ("trust_below: 1", "trust_below: low", "this is no level of trust"),
        ("trust_below: 1", "needs: run", "over a zone there is only the capability reach"),
        ("needs: write", "needs: write, any: true", "“source” cannot be any element"),
        ("needs: write, ", "", "the pattern needs nothing"),
        ("by: [user, tenant]", "by: [user, tennant]", "“tennant” is not an actor kind. Did you mean tenant?"),
        ("    where:", "    via: handledBy\n    other: Agent\n    where:", "either parts or “via” and “other”"),
    ],
)
def test_a_broken_body_is_reported_with_its_place(old: str, new: str, says: str) -> None:
    assert YAML.count(old) == 1, old
    catalogue, problems = load_catalogue([("own.yaml", YAML.replace(old, new).encode())])
    assert says in " ".join(map(str, problems))
    assert "trifecta" not in catalogue.patterns
    assert all(one.path.startswith("trifecta") and one.line and one.file == "own.yaml" and one.fix for one in problems)


def test_a_body_has_at_most_so_many_parts_and_relations() -> None:
    parts = ", ".join(f"p{number}: Agent" for number in range(MAX_PARTS))
    where = [f"asset handledBy p{number}" for number in range(MAX_PARTS)]

    def problems(parts: str, where: list[str]) -> str:
        body = f"parts: {{{parts}}}, where: [{', '.join(where)}]"
        text = f"threats: {{x: {{{COMMON}, asset: DataAsset, needs: read, gains: read, {body}}}}}"
        return " ".join(map(str, load_catalogue([("own.yaml", text.encode())])[1]))

    assert problems(parts, where) == ""
    assert "at most 6 parts there, and this one 7" in problems(
        f"{parts}, more: Agent", [*where, "asset handledBy more"]
    )
    more = [f"p{number} delegatesTo p{number + 1}" for number in range(3)]
    assert problems(parts, [*where, *more[: MAX_LINKS - MAX_PARTS]]) == ""
    assert "at most 8 relations there, and this one 9" in problems(parts, [*where, *more])


def test_a_part_named_twice() -> None:
    text = YAML
    for old, new in (
        ("agent: Agent", "- {named: agent, is: Agent}"),
        ("source: {is", "- {named: agent, is"),
        ("outside: {is", "- {named: outside, is"),
    ):
        text = text.replace(old, new)
    (first, *_) = load_catalogue([("own.yaml", text.encode())])[1]
    assert "the part “agent” is named twice" in str(first)
    text = TURTLE.replace('gm:named "source"', 'gm:named "agent"')
    assert "the part “agent” is named twice" in str(load_catalogue([("own.ttl", text.encode())])[1][0])
    twice = TURTLE.replace('gm:named "agent" ;', 'gm:named "agent" , "bot" ;')
    assert "a part has one name and types" in str(load_catalogue([("own.ttl", twice.encode())])[1][0])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("gm:is gm:Agent ]", "gm:is [ gm:is gm:Agent ] ]", "it has no class"),
        ("gm:is gm:Agent ]", "gm:is ( gm:Agent ) ]", "there is no asset type"),
        ('[ gm:named "agent" ; gm:is gm:Agent ]', "( gm:Agent )", "a part has one name and types"),
        ('[ gm:named "agent" ; gm:is gm:Agent ]', "( gm:Agent gm:Tool )", "a part has one name and types"),
        ('[ gm:named "agent" ; gm:is gm:Agent ]', '"agent"', "a part has one name and types"),
        ('gm:named "agent" ;', ";".join(f'gm:x{n} "a"' for n in range(101)) + ";", "more than 100 things are said"),
        ('gm:from "asset" ; gm:via gm:handledBy ;', 'gm:from "asset" ;', "a relation has two ends and one name"),
    ],
)
def test_hostile_nodes_in_turtle(old: str, new: str, says: str) -> None:
    assert TURTLE.count(old) == 1
    problems = load_catalogue([("own.ttl", TURTLE.replace(old, new).encode())])[1]
    assert says in " ".join(map(str, problems))


@pytest.mark.parametrize("field", ["parts", "where", "unless", "by", "defended_on"])
@pytest.mark.parametrize(
    "value", ["3", "[3]", "[[a]]", "{a: {b: {c: d}}}", "{a: [[b]]}", "[{from: {a: b}}]", "true", '""', "[{}]"]
)
def test_anything_at_all_may_stand_in_a_body(field: str, value: str) -> None:
    text = f"threats: {{x: {{{COMMON}, asset: Agent, needs: reach, gains: read, {field}: {value}}}}}"
    problems = load_catalogue([("own.yaml", text.encode())])[1]
    assert problems
    assert all(one.path.startswith("x") for one in problems)
