"""Whose session an attacker acts in, which ways out there are, and what stands in front: on the smallest systems."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Attack, Catalogue, Skill, View
from graphmodel.model.document import read_document
from graphmodel.reading.yaml_text import read_yaml
from tests.assessment.assessed import run
from tests.conftest import system

HEAD = """
graphmodel: 1
system: {id: small}
"""
TRIFECTA = (
    HEAD
    + """
zones: {inside: {trust: 7}, outside: {trust: 0}}
assets:
  bot: {type: Agent, zone: inside}
  mail: {type: UserContent, zone: inside}
  records: {type: Database, zone: inside}
  tool: {type: Tool, zone: inside}
  elsewhere: {type: Application, zone: %s}
flows:
  - {from: bot, to: tool, relation: invokes, authenticated: true, encrypted: true}
  - {from: tool, to: elsewhere, authenticated: true, encrypted: true}
dependencies:
  - {from: bot, to: mail, relation: retrievesFrom}
  - {from: bot, to: records, relation: retrievesFrom}
actors: {planter: {kind: outsider, skill: skilled, starts: ["mail:write"]}}
losses: [{fact: "records:read", severity: high}]
"""
)
RIGHTS = (
    HEAD
    + """
zones: {inside: {trust: 7}, outside: {trust: 0}}
assets:
  bot: {type: Agent, zone: inside}
  mail: {type: UserContent, zone: inside}
  tool: {type: Tool, zone: inside}
  records: {type: Database, zone: inside}
  partner: {type: Application, zone: outside}
flows:
  - {from: bot, to: tool, relation: invokes, authenticated: true, encrypted: true}
  - {from: records, to: tool, opened_by: tool, carries: [orders], authenticated: true, encrypted: true}
  - {from: bot, to: partner, authenticated: true, encrypted: true}
dependencies:
  - {from: bot, to: mail, relation: retrievesFrom}
  - {from: orders, to: records, relation: storedIn}
actors:
  asker: {kind: user, skill: skilled, starts: ["bot:reach"]}
  planter: {kind: outsider, skill: skilled, starts: ["mail:write"]}
losses: [{fact: "orders:read", severity: high}]
"""
).replace("  partner:", "  orders: {type: Dataset}\n  partner:")
BEHIND = (
    HEAD
    + """
assets:
  bot: {type: Agent}
  mail: {type: UserContent}
  tool: {type: Tool}
  records: {type: Database}
flows:
  - {from: bot, to: tool, relation: invokes, authenticated: true, encrypted: true}
  - {from: tool, to: records, authenticated: true, encrypted: true}
dependencies:
  - {from: bot, to: mail, relation: retrievesFrom}
  - {from: tool, to: records, relation: mayWrite}
actors:
  asker: {kind: user, skill: skilled, starts: ["bot:reach"]}
  planter: {kind: outsider, skill: skilled, starts: ["mail:write"]}
losses: [{fact: "records:write", severity: high}]
"""
)


def spoken(text: str, catalogue: Catalogue, settings: Settings) -> Assessment:
    """A system against what is done by words: without flaws, passwords and movement within a network."""
    by_words = {key: one for key, one in catalogue.patterns.items() if one.attack is not Attack.ACCESS}
    return run(system(text, catalogue), replace(catalogue, patterns=by_words), settings)


def chance(assessment: Assessment, actor: str, fact: str) -> float:
    """The likelihood of a fact for one actor, 0 where it never comes to it."""
    one = assessment.actor_by_id[actor]
    return one.likelihood(fact, View.RESIDUAL).value if fact in one.graph.facts else 0.0


def perfect(control: str, *places: str) -> str:
    return f"  {control}: {{control: {control}, protects: [{', '.join(places)}], strength: 1, evidence: tested}}\n"


# ---------------------------------------------------------------- private data, planted content, a way out
def test_a_hijacked_agent_gives_data_away_by_a_way_out_only(catalogue: Catalogue, settings: Settings) -> None:
    closed = spoken(TRIFECTA % "inside", catalogue, settings)
    opened = spoken(TRIFECTA % "outside", catalogue, settings)
    assert chance(closed, "planter", "bot:run") == pytest.approx(chance(opened, "planter", "bot:run"))
    assert chance(closed, "planter", "bot:run") > 0.5
    assert chance(closed, "planter", "records:read") == 0
    assert chance(opened, "planter", "records:read") > 0.1


def test_a_closed_way_out_is_none(catalogue: Catalogue, settings: Settings) -> None:
    text = TRIFECTA % "outside" + "controls:\n" + perfect("egress-control", "bot")
    assessed = spoken(text, catalogue, settings)
    assert chance(assessed, "planter", "bot:run") > 0.5
    assert chance(assessed, "planter", "records:read") == 0


# ---------------------------------------------------------------- rights per user
def test_rights_per_user_stop_who_asks_for_himself_and_hardly_a_hijacker(
    catalogue: Catalogue, settings: Settings
) -> None:
    before = spoken(RIGHTS, catalogue, settings)
    text = RIGHTS + "controls:\n" + perfect("per-user-permissions", "bot", "tool", "records")
    after = spoken(text, catalogue, settings)
    assert chance(before, "asker", "orders:read") > 0.1
    assert chance(after, "asker", "orders:read") == 0
    # The victim may see the data, and so may who acts in the victim's session: nearly as before.
    ratio = catalogue.controls["per-user-permissions"].ratio("tool-misuse", Skill.SKILLED)
    hijacked = chance(before, "planter", "orders:read")
    assert hijacked > 0.1
    assert ratio < 0.2
    assert chance(after, "planter", "orders:read") == pytest.approx(hijacked * (1 - ratio))


# ---------------------------------------------------------------- depth
def exploited(layers: int, catalogue: Catalogue, settings: Settings, front: str = "") -> float:
    """The chance that an outsider runs the last of so many applications, the first of which faces the web; or of one
    application behind components of another type."""
    names = [f"app{number}" for number in range(layers)]
    kinds = [*[front] * (layers - 1), "Application"] if front else ["WebApplication", *["Application"] * (layers - 1)]
    assets = "".join(f"  {one}: {{type: {kind}}}\n" for one, kind in zip(names, kinds, strict=True))
    flows = "".join(
        f"  - {{from: {one}, to: {other}, authenticated: true, encrypted: true}}\n"
        for one, other in zip(["anybody", *names], names, strict=False)
    )
    text = f"{HEAD}assets:\n{assets}flows:\n{flows}actors: {{anybody: {{kind: outsider, skill: skilled}}}}\n"
    text += f"losses: [{{fact: '{names[-1]}:run', severity: high}}]\n"
    return chance(run(system(text, catalogue), catalogue, settings), "anybody", f"{names[-1]}:run")


def test_each_component_in_front_makes_an_exploit_less_likely(catalogue: Catalogue, settings: Settings) -> None:
    chances = [exploited(layers, catalogue, settings) for layers in (1, 2, 3, 4)]
    assert chances[-1] > 0
    for near, far in pairwise(chances):
        assert far < near / 3


def test_each_of_five_gateways_counts(catalogue: Catalogue, settings: Settings) -> None:
    chances = [exploited(layers, catalogue, settings, "ApiGateway") for layers in range(1, 7)]
    assert chances[-1] > 0
    for near, far in pairwise(chances):
        assert far < near * 0.9


# ---------------------------------------------------------------- all that is done to a tool
def test_behind_a_tool_with_all_its_controls_nothing_can_be_written(catalogue: Catalogue, settings: Settings) -> None:
    ways = ("tool-misuse", "tool-misuse-by-user", "code-in-a-tool", "code-in-a-tool-by-user")
    fitting = sorted(
        one.id
        for one in catalogue.controls.values()
        if one.function == "prevent" and any(way in one.mitigates for way in ways)
    )
    assert {"least-privilege-tools", "human-approval"} <= {*fitting}
    before = spoken(BEHIND, catalogue, settings)
    controls = "controls:\n" + "".join(perfect(one, "bot", "tool") for one in fitting)
    after = spoken(BEHIND + controls, catalogue, settings)
    for actor in ("asker", "planter"):
        assert chance(before, actor, "records:write") > 0.1
        assert chance(after, actor, "records:write") == 0


# ---------------------------------------------------------------- inference
INFERENCE = (
    HEAD
    + """
assets:
  records: {type: Dataset}
  model: {type: Model}
  scores: {type: PredictiveEndpoint}
dependencies:
  - {from: model, to: records, relation: trainedOn}
  - {from: scores, to: model, relation: servesModel}
actors:
  asker: {kind: user, skill: skilled, starts: ["scores:reach"]}
  thief: {kind: insider, skill: skilled, starts: ["records:read"]}
losses: [{fact: "records:read", amount: 1000}]
"""
)


def test_who_infers_costs_a_share_and_who_reads_costs_all(catalogue: Catalogue, settings: Settings) -> None:
    assert settings.inferred_share == 0.1
    assessed = run(system(INFERENCE, catalogue), catalogue, settings)
    inferred = chance(assessed, "asker", "records:infer")
    assert inferred > 0.1
    losses = {one.actor.id: one.solutions[View.RESIDUAL].loss.value for one in assessed.actors}
    read = chance(assessed, "asker", "records:read")
    assert losses["asker"] == pytest.approx(1000 * (0.1 * inferred + 0.9 * read))
    assert losses["thief"] == pytest.approx(1000)


# ---------------------------------------------------------------- a session of one's own
ALONE = (
    HEAD
    + """
zones: {inside: {trust: 7}}
assets:
  chat: {type: WebApplication}
  llm: {type: LanguageModelEndpoint}
  clerk: {type: Person}
  notes: {type: UserContent}
flows:
  - {from: chat, to: llm, two_way: true, authenticated: true, encrypted: true}
  - {from: llm, to: clerk, authenticated: true, encrypted: true}
dependencies:
  - {from: llm, to: notes, relation: retrievesFrom}
actors:
  asker: {kind: user, skill: skilled, starts: ["llm:reach"]}
  planter: {kind: outsider, skill: skilled, starts: ["notes:write"]}
losses: [{fact: "clerk:run", severity: high}]
"""
)


def test_a_jailbreak_in_a_session_of_ones_own_misleads_nobody_else(catalogue: Catalogue, settings: Settings) -> None:
    assessed = spoken(ALONE, catalogue, settings)
    assert chance(assessed, "asker", "llm:steer") > 0.3
    assert chance(assessed, "asker", "llm:write") == 0
    assert chance(assessed, "asker", "clerk:run") == 0
    # What is planted is told to everybody.
    assert chance(assessed, "planter", "llm:write") > 0.3
    assert chance(assessed, "planter", "clerk:run") > 0.1


# ---------------------------------------------------------------- words and code
WORDS_AND_CODE = (
    HEAD
    + """
zones: {inside: {trust: 7}}
assets:
  bot: {type: Agent, zone: inside}
  key: {type: Secret}
  pages: {type: UserContent}
  records: {type: Database, zone: inside}
  library: {type: SoftwarePackage}
  server: {type: Host, zone: inside}
  app: {type: Application, zone: inside}
flows:
  - {from: bot, to: app, authenticated: true, encrypted: true}
dependencies:
  - bot usesSecret key
  - bot usesPackage library
  - bot retrievesFrom pages
  - bot retrievesFrom records
  - bot runsIn server
  - app usesPackage library
actors:
  words: {kind: outsider, skill: skilled, starts: ["pages:write"]}
  code: {kind: supplier, skill: skilled, starts: ["library:write"]}
losses: [{fact: "records:read", severity: high}]
"""
)


def test_words_in_an_agent_are_not_code(catalogue: Catalogue, settings: Settings) -> None:
    assessed = spoken(WORDS_AND_CODE, catalogue, settings)
    for actor in ("words", "code"):
        assert chance(assessed, actor, "bot:run") > 0.5
        assert chance(assessed, actor, "app:reach") > 0.5  # content, which whoever runs it has it send
    for beyond in ("bot:execute", "bot:steer", "key:read", "records:read", "app:connect"):
        assert chance(assessed, "words", beyond) == 0
        assert chance(assessed, "code", beyond) > 0.4
    # Nor is it a position, where no application runs what the agent says.
    apart = spoken(WORDS_AND_CODE.replace("{from: bot, to: app,", "{from: app, to: records,"), catalogue, settings)
    assert chance(apart, "words", "inside:reach") == 0
    assert chance(apart, "code", "inside:reach") > 0.4


def test_words_become_code_where_the_agent_runs_what_it_writes(catalogue: Catalogue, settings: Settings) -> None:
    boxed = spoken(WORDS_AND_CODE.replace("type: Host", "type: Sandbox"), catalogue, settings)
    assert 0 < chance(boxed, "words", "bot:execute") < chance(boxed, "words", "bot:run")
    assert chance(boxed, "words", "key:read") > 0.1


def test_of_what_takes_no_instructions_code_is_control(catalogue: Catalogue, settings: Settings) -> None:
    assessed = spoken(WORDS_AND_CODE, catalogue, settings)
    facts = assessed.actor_by_id["code"].graph.facts
    assert "app:run" in facts
    assert "app:execute" not in facts
    read = read_document(
        read_yaml(WORDS_AND_CODE.replace("library:write", "app:execute").encode(), "s.yaml"), catalogue
    )
    (problem,) = [one for one in read.problems if one.level == "error"]
    assert problem.fix == "Write app:run."


# ---------------------------------------------------------------- credentials are no content
KEYS = (
    HEAD
    + """
assets:
  fetcher: {type: DataPipeline}
  drawer: {type: DataStore}
  key: {type: Secret}
  bot: {type: Agent}
flows: [{from: drawer, to: fetcher, carries: [key%s], authenticated: true, encrypted: true}]
dependencies: [key storedIn drawer, bot retrievesFrom key]
actors: {insider: {kind: insider, skill: skilled, starts: ["drawer:write"]}}
losses: [{fact: "fetcher:write", severity: high}]
"""
)


def test_who_changes_a_credential_changes_no_content(catalogue: Catalogue, settings: Settings) -> None:
    keys = spoken(KEYS % "", catalogue, settings)
    assert chance(keys, "insider", "key:write") == 1
    assert chance(keys, "insider", "fetcher:write") == chance(keys, "insider", "bot:run") == 0
    more = KEYS.replace("  bot:", "  pages: {type: Dataset}\n  bot:") % ", pages"
    assert chance(spoken(more, catalogue, settings), "insider", "fetcher:write") > 0.5


def test_one_agent_deceives_one_person_once(catalogue: Catalogue, settings: Settings) -> None:
    text = ALONE.replace("type: LanguageModelEndpoint", "type: Agent")
    steps = run(system(text, catalogue), catalogue, settings).actor_by_id["planter"].graph.step_by_id
    assert "misled-person:clerk<llm" in steps
    # It would be phished as well, if what the agent says to it counted as mail beside the answer.
    assert "sends-as-hijacked-agent:clerk<llm" not in steps
