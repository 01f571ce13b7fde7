"""Patterns with several parts: each clause of what they mean, and binding against a search through everything."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.assessment.assess import assess
from graphmodel.assessment.explain import explain
from graphmodel.assessment.importance import Kind, find_importance
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.bodies import MAX_STEPS, Bound, Room, TooManyError, bound
from graphmodel.binding.compiled import Compiled, compile_system
from graphmodel.binding.elements import Elements
from graphmodel.binding.patterns import Binding
from graphmodel.binding.relations import Reach, relations
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.vocabulary import ASSET, Absence, Capability, Catalogue, Link, Part, ThreatPattern
from graphmodel.model.system import ControlImplementation
from graphmodel.outputs.paths import hop_json
from graphmodel.outputs.text.catalogue import catalogue_markdown
from graphmodel.outputs.text.explain import explanation_text
from graphmodel.stores.projection import project
from graphmodel.workspace import model_from_bytes
from tests.conftest import read
from tests.thorough import cases, tries_more

COMMON = "chance: [0.5, 0.5, 0.5], area: model-deployment, attack: data-leakage, name: A, meaning: A."
TRIFECTA = f"""
  trifecta:
    {{asset: BusinessData, gains: read, {COMMON},
     parts: {{agent: Agent, source: {{is: UserContent, needs: write}}, outside: {{is: Zone, trust_below: 1}}}},
     where: [asset handledBy agent, agent contentFrom source, agent sendsOutTo outside]%s}}
"""
CONTROLS = """
controls:
  guard: &control
    {name: G, meaning: G., function: prevent, area: model-deployment, strength: [0.5, 0.5, 0.5], applies_to: Asset,
     mitigates: [trifecta]}
  for-zones: {<<: *control, applies_to: Zone}
  for-stores: {<<: *control, applies_to: BusinessData}
"""
MODEL = """
graphmodel: 1
system: {id: small}
zones:
  site: {trust: 5}
  web: {trust: 0}
  far: {trust: 0}
  dmz: {trust: 2}
assets:
  records: {type: BusinessData, zone: site}
  db: {type: Database, zone: site}
  bot: {type: Agent, zone: site}
  mail: {type: UserContent, zone: site}
  chat: {type: UserContent, zone: site}
  site-a: {type: Application, zone: web}
  site-b: {type: Application, zone: far}
  front: {type: WebApplication, zone: dmz}
  proxy: {type: ApiGateway, zone: site}
actors:
  guest: {kind: outsider, zone: web, starts: [mail:write]}
  other: {kind: tenant, zone: web, starts: [mail:write]}
flows:
  - {id: look, from: db, to: bot, carries: [records], opened_by: bot}
  - {id: post, from: mail, to: bot}
  - {id: out-a, from: bot, to: site-a, mediated_by: [proxy]}
losses:
  - {fact: records:read, severity: high}
"""
SECOND_WAY = MODEL.replace("losses:", "  - {id: out-b, from: bot, to: site-b}\nlosses:")


def compiled(more: str = "", text: str = MODEL, rule: str = TRIFECTA, controls: str = CONTROLS) -> Compiled:
    catalogue, problems = load_catalogue([("own.yaml", ("threats:\n" + rule % more + controls).encode())])
    assert problems == ()
    found = read(text, catalogue)
    assert found.system is not None, found.problems
    return compile_system(found.system, catalogue, load_settings()[0])


def own(one: Compiled) -> list[Binding]:
    return [binding for binding in one.bindings if binding.pattern.id == "trifecta"]


def covers(one: Compiled, control: str, *protects: str) -> bool:
    (binding,) = own(one)
    return one.credit.covers(ControlImplementation("c", control, protects), binding)


# ---------------------------------------------------------------- steps and witnesses
def test_one_step_for_each_assignment_of_the_parts_that_something_is_needed_on() -> None:
    (one,) = own(compiled())
    assert one.id == "trifecta:records<source=mail"
    assert (one.gains, one.needs) == ("records:read", ("mail:write",))
    assert one.ends == {"asset": ("records",), "agent": ("bot",), "source": ("mail",), "outside": ("web",)}
    assert one.ways == (("look",), ("out-a",), ("post",))
    two = MODEL.replace("losses:", "  - {id: talk, from: chat, to: bot}\nlosses:")
    assert [one.id for one in own(compiled(text=two))] == [
        "trifecta:records<source=chat",
        "trifecta:records<source=mail",
    ]


def test_more_witnesses_make_no_more_steps_and_raise_no_likelihood() -> None:
    first, second = compiled(), compiled(text=SECOND_WAY)
    (step,) = own(second)
    assert step.ends["outside"] == ("far", "web")
    assert step.ways[1] == ("out-a", "out-b")
    assert step.id == own(first)[0].id
    likelihoods = [assess(one).worst("records:read")[1].value for one in (first, second)]
    assert likelihoods[0] == likelihoods[1] > 0


def test_a_part_that_is_named_to_be_defended_distinguishes_steps_unless_any_will_do() -> None:
    named = compiled(", defended_on: [asset, outside]", SECOND_WAY)
    assert [one.id for one in own(named)] == [
        "trifecta:records<outside=far<source=mail",
        "trifecta:records<outside=web<source=mail",
    ]
    any_way = TRIFECTA.replace("trust_below: 1", "trust_below: 1, any: true")
    (one,) = own(compiled(", defended_on: [asset, outside]", SECOND_WAY, any_way))
    assert one.ends["outside"] == ("far", "web")


# ---------------------------------------------------------------- what makes a rule hold
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  - {id: look, from: db, to: bot, carries: [records], opened_by: bot}\n", ""),
        ("  - {id: post, from: mail, to: bot}\n", ""),
        ("  - {id: out-a, from: bot, to: site-a, mediated_by: [proxy]}\n", ""),
        ("bot: {type: Agent", "bot: {type: LanguageModelEndpoint"),
        ("web: {trust: 0}", "web: {trust: 1}"),  # trusted less than the site, but not below 1
        ("web: {trust: 0}", "web: {}"),  # unknown is not known to be out
    ],
)
def test_every_part_and_relation_must_be_there(old: str, new: str) -> None:
    assert MODEL.count(old) == 1
    assert own(compiled(text=MODEL.replace(old, new))) == []


@pytest.mark.parametrize(
    ("unless", "holds"),
    [
        ("agent runsIn", False),
        ("agent runsIn db", True),  # no part, so this is a broken rule; see below
        ("{from: agent, via: runsIn, is: Sandbox}", False),
        ("{from: agent, via: runsIn, is: Host}", False),
        ("source storedIn", True),
        ("trainedBy", True),
    ],
)
def test_unless(unless: str, holds: bool) -> None:
    text = MODEL.replace("  proxy:", "  box: {type: Sandbox, zone: site}\n  proxy:")
    text = text.replace("losses:", "dependencies:\n  - bot runsIn box\nlosses:")
    if unless == "agent runsIn db":
        problems = load_catalogue([("own.yaml", ("threats:" + TRIFECTA % f", unless: {unless}").encode())])[1]
        assert "there is no part “db”" in str(problems[0])
    else:
        more = f", unless: [{unless}]"
        assert bool(own(compiled(more, text))) is holds
        assert own(compiled(more)) != []


def test_unless_between_two_parts_looks_at_these_two() -> None:
    rule = TRIFECTA.replace("source: {is: UserContent, needs: write}", "source: {is: Asset, needs: write}")
    more = ", unless: [agent retrievesFrom source]"
    two = MODEL.replace(
        "losses:", "  - {id: log, from: front, to: bot}\ndependencies:\n  - bot retrievesFrom mail\nlosses:"
    )
    steps = {one.ends["source"][0] for one in own(compiled(more, two, rule))}
    assert "front" in steps
    assert "mail" not in steps
    assert {"front", "mail"} <= {one.ends["source"][0] for one in own(compiled("", two, rule))}


def test_parts_may_be_the_same_element_unless_they_are_said_to_be_others() -> None:
    rule = f"""
  trifecta:
    {{asset: Tool, gains: write, {COMMON}, parts: {{agent: Agent, shadow: {{is: Tool, needs: write%s}}}},
     where: [asset invokedBy agent, agent invokes shadow]}}
"""
    text = MODEL.replace("  proxy:", "  t1: {type: Tool}\n  t2: {type: Tool}\n  proxy:")
    text = text.replace("losses:", "dependencies:\n  - bot invokes t1\n  - bot invokes t2\nlosses:")
    all_pairs = {f"trifecta:{a}<shadow={b}" for a in ("t1", "t2") for b in ("t1", "t2")}
    assert {one.id for one in own(compiled("", text, rule, controls=""))} == all_pairs
    apart = {one.id for one in own(compiled(", other_than: asset", text, rule, controls=""))}
    assert apart == {"trifecta:t1<shadow=t2", "trifecta:t2<shadow=t1"}


def test_a_zone_of_unknown_trust_is_not_below_any() -> None:
    rule = f"""
  trifecta:
    {{asset: BusinessData, gains: read, {COMMON}%s, parts: {{source: {{is: Agent, needs: run}},
     room: {{is: Zone, trust_below: 6}}}}, where: [asset handledBy source, source inZone room]}}
"""
    assert [one.id for one in own(compiled(rule=rule))] == ["trifecta:records<source=bot"]
    assert own(compiled(text=MODEL.replace("site: {trust: 5}", "site: {}"), rule=rule)) == []
    assert own(compiled(text=MODEL.replace("site: {trust: 5}", "site: {trust: 6}"), rule=rule)) == []


def test_a_flow_that_is_one_of_two_ways_saves_nothing_by_itself() -> None:
    def saved(text: str) -> float:
        parts = find_importance(assess(compiled(text=text))).parts
        return sum(one.saves.value for one in parts if one.kind is Kind.FLOW and one.id == "out-a" and one.saves)

    assert saved(MODEL) > 0
    assert saved(SECOND_WAY) == 0


def test_a_rule_for_some_kinds_of_actors_is_a_step_of_theirs_alone() -> None:
    one = compiled(", by: [tenant, user]")
    (step,) = own(one)
    steps = {actor.id: {s.id for s in attack_graph(one, actor).steps} for actor in one.system.actors}
    assert step.id in steps["other"]
    assert step.id not in steps["guest"]
    result = assess(one)
    likelihoods = {name: one.likelihood("records:read").value for name, one in result.actor_by_id.items()}
    assert likelihoods["other"] > likelihoods["guest"]
    why = explain(result, "records")
    assert {fact.actor for fact in why.facts if fact.fact == "records:read"} == {"other"}
    assert "only for actors of the kind user or tenant" in " ".join(explanation_text(result, why).split())


# ---------------------------------------------------------------- the credit of controls
def test_a_control_on_a_part_that_must_only_exist_covers_when_it_protects_every_witness() -> None:
    assert covers(compiled(), "for-zones", "web")
    two = compiled(text=SECOND_WAY)
    assert not covers(two, "for-zones", "web")
    assert not covers(two, "for-zones", "far")
    assert covers(two, "for-zones", "web", "far")
    assert not covers(compiled(", defended_on: [asset]"), "for-zones", "web")


def test_a_control_on_flows_covers_when_it_covers_all_of_one_relation() -> None:
    one = compiled()
    for flow in ("look", "post", "out-a"):
        assert covers(one, "for-stores", flow)
    assert covers(one, "guard", "proxy")
    two = compiled(text=SECOND_WAY)
    assert not covers(two, "for-stores", "out-a")
    assert not covers(two, "guard", "proxy")
    assert covers(two, "for-stores", "out-a", "out-b")
    assert covers(two, "guard", "proxy", "out-b")
    beside = compiled(text=MODEL.replace("losses:", "dependencies:\n  - bot retrievesFrom mail\nlosses:"))
    assert not covers(beside, "for-stores", "post")  # the agent looks it up as well
    assert covers(beside, "for-stores", "out-a")


def test_steps_near_a_control_are_all_that_it_covers() -> None:
    two = compiled(text=SECOND_WAY)
    for control in ("guard", "for-zones", "for-stores"):
        for places in product(
            ("*", "site", "web", "far", "bot", "mail", "records", "out-a", "out-b", "proxy"), repeat=2
        ):
            one = ControlImplementation("c", control, places)
            assert two.credit.steps(one) == {step.id for step in two.bindings if two.credit.covers(one, step)}


# ---------------------------------------------------------------- the relation to the outside
@pytest.mark.parametrize(
    ("own_zone", "flow", "zones"),
    [
        ("site", "{from: bot, to: site-a}", {"web"}),
        ("site", "{from: bot, to: front}", {"dmz"}),  # trusted less
        ("site", "{from: site-a, to: bot}", set()),
        ("site", "{from: site-a, to: bot, two_way: true}", {"web"}),  # it answers
        ("site", "{from: site-a, to: bot, opened_by: bot}", {"web"}),  # it calls
        ("site", "{from: bot, to: guest}", {"web"}),  # an actor is outside too
        ("site", "{from: bot, to: db}", set()),
        ("web", "{from: bot, to: site-a}", set()),
        ("web", "{from: bot, to: site-b}", {"far"}),  # trusted by nobody
        ("web", "{from: bot, to: front}", set()),  # trusted more
    ],
)
def test_what_is_sent_out(own_zone: str, flow: str, zones: set[str], catalogue: Catalogue) -> None:
    head, _, _ = MODEL.partition("flows:")
    text = head.replace("bot: {type: Agent, zone: site}", f"bot: {{type: Agent, zone: {own_zone}}}")
    found = read(text + f"flows:\n  - {flow}\n", catalogue)
    assert found.system is not None, found.problems
    related = relations(found.system, catalogue, Reach.DATA)
    assert set(related.get("sendsOutTo", {}).get("bot", ())) == zones
    assert {zone for zone, senders in related.get("sentOutFrom", {}).items() if "bot" in senders} == zones


def test_a_tool_outside_is_a_way_out(catalogue: Catalogue) -> None:
    head, _, _ = MODEL.partition("flows:")
    head = head.replace("  proxy:", "  tool: {type: Tool, zone: web}\n  proxy:")
    found = read(head + "dependencies:\n  - bot invokes tool\n", catalogue)
    assert found.system is not None
    assert relations(found.system, catalogue, Reach.DATA)["sendsOutTo"]["bot"] == {"web": {"bot invokes tool"}}


# ---------------------------------------------------------------- in words
def test_it_reads_as_a_sentence_and_is_explained_relation_by_relation() -> None:
    one = compiled(", unless: [{from: agent, via: runsIn, is: Sandbox}]", SECOND_WAY)
    said = (
        "BusinessData: write on the source gains read, where it handledBy the agent, the agent sendsOutTo the outside, "
        "the agent contentFrom the source; the agent is any Agent; the outside is any Zone of trust below 1; "
        "the source is a UserContent, unless the agent runsIn a Sandbox"
    )
    assert said in catalogue_markdown(one.catalogue)
    result = assess(one)
    text = explanation_text(result, explain(result, "records"))
    for line in ("over records handled by bot (agent)", "over bot (agent) sends out to far or web (outside)"):
        assert line in text
    (way,) = [way for fact in explain(result, "records").facts for way, _ in fact.ways if way.threat == "trifecta"]
    assert hop_json(way)["over"][1] == {
        "from": {"part": "agent", "elements": ["bot"]},
        "relation": "sendsOutTo",
        "to": {"part": "outside", "elements": ["far", "web"]},
        "origins": ["out-a", "out-b"],
    }
    over = {
        edge.target[1]: edge.properties["parts"]
        for edge in project(result).edges
        if edge.type == "OVER" and edge.source[1] == way.step
    }
    assert over == {"bot": ["agent"], "mail": ["source"], "web": ["outside"], "far": ["outside"]}


# ---------------------------------------------------------------- against a search through everything
KINDS = ("Agent", "Tool", "Host", "Zone")
RELATIONS = ("r", "s")
NAMES = ("a", "b", "c", "d")


@st.composite
def bodies(draw: st.DrawFn) -> ThreatPattern:
    names = [ASSET, *NAMES[: draw(st.integers(1, 4))]]
    types = st.lists(st.sampled_from([*KINDS, "Element", "Component"]), min_size=1, max_size=2, unique=True).map(tuple)
    links: dict[Link, None] = {}
    for number, name in enumerate(names[1:], start=1):
        ends = [name, names[draw(st.integers(0, number - 1))]]
        if draw(st.booleans()):
            ends.reverse()
        links[Link(ends[0], draw(st.sampled_from(RELATIONS)), ends[1])] = None
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(lambda pair: pair[0] != pair[1])
    for one, two in draw(st.lists(pairs, max_size=2)):
        links[Link(one, draw(st.sampled_from(RELATIONS)), two)] = None
    never = st.builds(lambda pair, relation: Absence(pair[0], relation, pair[1]), pairs, st.sampled_from(RELATIONS))
    lacking = st.builds(
        lambda origin, relation, of: Absence(origin, relation, None, of),
        st.sampled_from(names),
        st.sampled_from(RELATIONS),
        st.sampled_from([(), ("Zone",), ("Agent", "Host")]),
    )
    unlike = dict(draw(st.lists(pairs.filter(lambda pair: pair[0] != ASSET), max_size=1)))
    parts = tuple(
        Part(
            name,
            draw(types),
            draw(st.sampled_from([(), (), ("Agent",)])),
            trust_below=draw(st.sampled_from([None, None, None, 2])),
            other_than=(unlike[name],) if name in unlike else (),
            each=draw(st.booleans()),
        )
        for name in names[1:]
    )
    unless = tuple(draw(st.lists(st.one_of(never, lacking), max_size=1)))
    return ThreatPattern(
        "x", "x", "", None, None, draw(types), Capability.RUN, parts=parts, links=tuple(links), unless=unless
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, dict[str, dict[str, set[str]]]], dict[str, int]]:
    names = [f"e{number}" for number in range(draw(st.integers(1, 5)))]
    types = {name: draw(st.sampled_from(KINDS)) for name in names}
    related: dict[str, dict[str, dict[str, set[str]]]] = {}
    for relation in RELATIONS:
        pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=14, unique=True))
        ends: defaultdict[str, dict[str, set[str]]] = defaultdict(dict)
        for one, two in pairs:
            ends[one][two] = {f"{one}{relation}{two}", draw(st.sampled_from(["f", "g"]))}
        related[relation] = dict(ends)
    trust = {name: draw(st.integers(0, 4)) for name in names if draw(st.booleans())}
    return types, related, trust


def everything(pattern: ThreatPattern, world: Elements) -> Iterator[dict[str, str]]:
    """All assignments of elements to all parts under which the pattern holds."""
    names = [ASSET, *(part.name for part in pattern.parts)]
    kinds = {ASSET: (pattern.asset_types, pattern.except_types)}
    kinds |= {part.name: (part.types, part.except_types) for part in pattern.parts}

    def holds(relation: str, one: str, two: str) -> bool:
        return two in world.relations.get(relation, {}).get(one, {})

    for chosen in product(sorted(world.types), repeat=len(names)):
        at = dict(zip(names, chosen, strict=True))
        good = all(
            world.catalogue.is_any(world.types[at[name]], of) and not world.catalogue.is_any(world.types[at[name]], but)
            for name, (of, but) in kinds.items()
        )
        good = good and all(holds(link.relation, at[link.origin], at[link.target]) for link in pattern.links)
        for part in pattern.parts:
            if part.trust_below is not None:
                good = good and at[part.name] in world.trust and world.trust[at[part.name]] < part.trust_below
            good = good and all(at[part.name] != at[other] for other in part.other_than)
        for one in pattern.unless:
            far = world.types if one.target is None else [at[one.target]]
            good = good and not any(
                holds(one.relation, at[one.origin], to)
                and (not one.types or world.catalogue.is_any(world.types[to], one.types))
                for to in far
            )
        if good:
            yield at


@tries_more
@given(bodies(), worlds())
@settings(max_examples=cases(60, 500), deadline=None)
def test_binding_is_what_a_search_through_everything_finds(
    pattern: ThreatPattern, world: tuple[dict[str, str], dict[str, dict[str, dict[str, set[str]]]], dict[str, int]]
) -> None:
    elements = Elements(SHIPPED, *world)
    steps: defaultdict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for at in everything(pattern, elements):
        steps[at[ASSET], *(at[part.name] for part in pattern.parts if part.each)].append(at)
    wanted = {
        Bound(
            key[0],
            tuple(tuple(sorted({at[part.name] for at in found})) for part in pattern.parts),
            tuple(
                tuple(sorted({o for at in found for o in world[1][link.relation][at[link.origin]][at[link.target]]}))
                for link in pattern.links
            ),
        )
        for key, found in steps.items()
    }
    made = list(bound(pattern, elements, Room()))
    assert len(made) == len(steps)
    assert set(made) == wanted


SHIPPED = load_catalogue()[0]


def test_what_must_only_exist_may_hang_together_in_a_circle() -> None:
    parts = tuple(Part(name, ("Host",), each=False) for name in "abc")
    links = (Link(ASSET, "s", "a"), Link("a", "r", "b"), Link("a", "r", "c"), Link("b", "r", "c"))
    pattern = ThreatPattern("x", "x", "", None, None, ("Agent",), Capability.RUN, parts=parts, links=links)
    types = {"bot": "Agent", "h0": "Host", "h1": "Host", "h2": "Host"}
    # Each host has a neighbour in this ring of two, so that pair by pair nothing is missing; a circle of three is.
    two = {"h0": {"h1": {"f"}}, "h1": {"h0": {"g"}}}
    related = {"s": {"bot": {"h0": {"f"}, "h1": {"f"}}}, "r": two}
    assert list(bound(pattern, Elements(SHIPPED, types, related, {}), Room())) == []
    three = {"h0": {"h1": {"f"}, "h2": {"g"}}, "h1": {"h0": {"h"}, "h2": {"i"}}}
    (one,) = bound(pattern, Elements(SHIPPED, types, related | {"r": three}, {}), Room())
    assert one == Bound("bot", (("h0", "h1"), ("h0", "h1"), ("h2",)), (("f",), ("f", "h"), ("g", "i"), ("g", "i")))


# ---------------------------------------------------------------- bodies that explode
def crowd(parts: str, where: str, more: str = "") -> tuple[str, str]:
    rule = f"""
threats:
  trifecta: {{asset: Application, gains: read, {COMMON}, parts: {{{parts}}}, where: [{where}]{more}}}
"""
    assets = "".join(f"  a{number}: {{type: Application}}\n" for number in range(2000))
    flows = "".join(f"  - {{from: a{number}, to: a0, two_way: true}}\n" for number in range(1, 2000))
    return rule, f"graphmodel: 1\nsystem: {{id: big}}\ncatalogue: [own.yaml]\nassets:\n{assets}flows:\n{flows}"


NEEDED = "{is: Application, needs: run}"
CHAIN = "asset sendsTo b, b sendsTo c, c sendsTo d"
EXPLODING = {
    "a star": (f"b: {NEEDED}, c: {NEEDED}, d: {NEEDED}", "asset sendsTo b, asset sendsTo c, asset sendsTo d"),
    "a chain": (f"b: {NEEDED}, c: {NEEDED}, d: {NEEDED}", CHAIN),
    "a circle": (
        f"b: {NEEDED}, c: {NEEDED}, d: {NEEDED}",
        "asset sendsTo b, b sendsTo c, c sendsTo d, d sendsTo asset",
    ),
    "over a hub": (f"hub: Application, b: {NEEDED}", "asset sendsTo hub, hub sendsTo b"),
    "others": (f"b: {NEEDED}, c: {{is: Application, needs: run, other_than: b}}", "asset sendsTo b, asset sendsTo c"),
}


@pytest.mark.parametrize("name", EXPLODING)
def test_a_body_that_explodes_is_refused_soon_and_told(name: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    rule, text = crowd(*EXPLODING[name])
    (tmp_path / "own.yaml").write_text(rule)
    began = time.process_time()
    model = model_from_bytes(text.encode(), "big.yaml", tmp_path)
    assert time.process_time() - began < 15
    assert model.system is None
    (problem,) = [one for one in model.problems if one.level == "error"]
    assert problem.path == "trifecta"
    assert "trifecta" in problem.message
    assert f"{MAX_STEPS:,}" in problem.message or "had to be looked at" in problem.message
    assert problem.fix
    if name == "a star":
        assert f"{1999**3 + 1999:,} steps" in problem.message


def test_witnesses_without_number_do_not_explode() -> None:
    rule, text = crowd(
        "b: Application, c: Application, d: Application",
        "asset sendsTo b, asset sendsTo c, c sendsTo d",
        ", needs: run",
    )
    catalogue, problems = load_catalogue([("own.yaml", rule.encode())])
    assert problems == ()
    found = read(text, catalogue)
    assert found.system is not None
    own_steps = own(compile_system(found.system, catalogue, load_settings()[0]))
    assert len(own_steps) == 2000
    assert max(len(one.ends["d"]) for one in own_steps) == 1999


def test_the_limit_is_one_for_all_rules_of_several_relations() -> None:
    two = (Part("b", ("Agent",), needs=(Capability.RUN,)), Part("c", ("Host",), each=False))
    links = (Link(ASSET, "r", "b"), Link("b", "s", "c"))
    pattern = ThreatPattern("x", "x", "", None, None, ("Agent",), Capability.RUN, parts=two, links=links)
    related = {"r": {"e0": {"e1": {"f"}, "e2": {"f"}}}, "s": {"e1": {"h": {"g"}}, "e2": {"h": {"g"}}}}
    elements = Elements(SHIPPED, {"e0": "Agent", "e1": "Agent", "e2": "Agent", "h": "Host"}, related, {})
    room = Room(steps=3)
    assert len(list(bound(pattern, elements, room))) == 2
    with pytest.raises(TooManyError, match="“x” would be 2 steps"):
        list(bound(pattern, elements, room))
    with pytest.raises(TooManyError, match="elements had to be looked at"):
        list(bound(pattern, elements, Room(tries=2)))
