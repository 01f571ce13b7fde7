"""A small system with answers, opened as a user's files are."""

from __future__ import annotations

from pathlib import Path

from graphmodel.answering import Answered
from graphmodel.assessment.results import Assessment
from graphmodel.posture.standing import Standing
from graphmodel.workspace import Model, open_model

SYSTEM = """\
graphmodel: 1
system: {id: desk, name: Help desk}
zones: {outside: {trust: 0}, inside: {trust: 7}}
assets:
  bot: {type: Agent, zone: inside}
  llm: {type: LanguageModelEndpoint, zone: inside}
  wiki: {type: KnowledgeBase, zone: inside}
  mail: {type: UserContent, zone: inside}
  tool: {type: Tool, zone: inside}
  records: {type: Database, zone: inside}
  partner: {type: Application, zone: outside}
flows:
  - {from: asker, to: bot, two_way: true}
  - {from: bot, to: tool, relation: invokes, authenticated: true, encrypted: true}
  - {from: records, to: tool, opened_by: tool, authenticated: true, encrypted: true}
  - {from: tool, to: partner, authenticated: true, encrypted: true}
  - {from: bot, to: llm, two_way: true, authenticated: true, encrypted: true}
dependencies:
  - {from: bot, to: mail, relation: retrievesFrom}
  - {from: bot, to: wiki, relation: retrievesFrom}
actors:
  asker: {kind: user, skill: skilled, zone: outside}
  planter: {kind: outsider, skill: skilled, starts: ["mail:write"]}
losses: [{fact: "records:read", amount: 100000, severity: high}]
"""

ANSWERS = """\
graphmodel-answers: 1
framework: microsoft-ai-security-risk-assessment
"""


def answered(tmp_path: Path, answers: str = ANSWERS, system: str = SYSTEM) -> tuple[Model, Answered]:
    """The files as written and opened; the system must be free of errors."""
    (tmp_path / "desk.yaml").write_text(system)
    (tmp_path / "desk.assessment.yaml").write_text(answers)
    model = open_model(tmp_path / "desk.yaml")
    assert model.system is not None and model.answered is not None, model.problems
    return model, model.answered


def stands(
    tmp_path: Path, answers: str = ANSWERS, system: str = SYSTEM, today: str = ""
) -> tuple[Assessment, Answered, Standing]:
    """The system as its answers have it, assessed."""
    model, found = answered(tmp_path, answers, system)
    assert model.usable, model.problems
    return model.assess(today=today), found, model.standing
