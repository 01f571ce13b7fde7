"""Published attacks on AI systems, each as a small system of our own: their steps come out in order on a best path."""

from __future__ import annotations

import pytest

from graphmodel.assessment.paths import paths_to
from graphmodel.workspace import model_from_bytes

HEAD = "graphmodel: 1\nsystem: {id: case}\nzones: {internet: {trust: 0}, inside: {trust: 7}}\n"
CASES = {
    "AML.CS0012 face identification": (
        """
assets:
  scoring: {type: PredictiveEndpoint, zone: inside}
  camera: {type: Sensor, zone: inside}
  model: {type: Model, zone: inside}
flows: [{from: camera, to: scoring}]
dependencies: [scoring usesModel model]
actors: {o: {kind: outsider, zone: internet, starts: ["camera:reach", "model:read"]}}
losses: [{fact: "scoring:write", severity: high}]
""",
        "scoring:write",
        ["physical-evasion-with-a-copy"],
        ["AML.T0041"],
    ),
    "AML.CS0026 assistant that answers with planted bank details": (
        """
assets:
  assistant: {type: Agent, zone: inside}
  inbox: {type: UserContent, zone: inside}
  clerk: {type: Person, zone: inside}
flows:
  - {from: o, to: inbox}
  - {from: assistant, to: clerk, authenticated: true, encrypted: true}
dependencies: [assistant retrievesFrom inbox]
actors: {o: {kind: outsider, zone: internet}}
losses: [{fact: "clerk:run", severity: high}]
""",
        "clerk:run",
        ["content-from-outside", "indirect-prompt-injection", "misled-person"],
        ["AML.T0093", "AML.T0051.001", "AML.T0067"],
    ),
    "AML.CS0031 model replaced on a hub": (
        """
assets:
  hub: {type: ModelRegistry, zone: internet}
  model: {type: Model, zone: inside}
  notebook: {type: Notebook, zone: inside}
dependencies: [model storedIn hub, notebook usesModel model]
actors: {o: {kind: outsider, zone: internet, starts: ["hub:reach"]}}
losses: [{fact: "notebook:run", severity: high}]
""",
        "notebook:run",
        ["lookalike-model", "unsafe-model-loading"],
        ["AML.T0115.001", "AML.T0011.000"],
    ),
    "AML.CS0035 workspace assistant that renders links": (
        """
assets:
  assistant: {type: LanguageModelEndpoint, zone: inside}
  public: {type: UserContent, zone: inside}
  private: {type: KnowledgeBase, zone: inside}
  client: {type: Client, zone: inside}
flows: [{from: client, to: assistant, two_way: true, authenticated: true, encrypted: true}]
dependencies: [assistant retrievesFrom public, assistant retrievesFrom private]
actors: {o: {kind: outsider, zone: internet, starts: ["public:reach"]}}
losses: [{fact: "private:read", severity: high}]
""",
        "private:read",
        ["content-from-outside", "leak-by-rendered-answer"],
        ["AML.T0093", "AML.T0077"],
    ),
    "AML.CS0045 agent that scrapes a planted page": (
        """
assets:
  agent: {type: Agent, zone: inside}
  scraper: {type: Tool, zone: inside}
  page: {type: DataSource, zone: internet}
  notes: {type: BusinessData, zone: inside}
  office: {type: Application, zone: inside}
flows:
  - {from: page, to: scraper, opened_by: scraper}
  - {from: agent, to: office, carries: [notes], authenticated: true, encrypted: true}
dependencies: [agent invokes scraper]
actors: {o: {kind: outsider, zone: internet, starts: ["page:write"]}}
losses: [{fact: "notes:read", severity: high}]
""",
        "notes:read",
        ["fetched-injection", "disclosure-by-agent"],
        ["AML.T0051.001", "AML.T0057"],
    ),
    "AML.CS0053 mail server of the Model Context Protocol turned bad": (
        """
assets:
  agent: {type: Agent, zone: inside}
  server: {type: MCPServer, zone: inside}
  package: {type: SoftwarePackage, zone: internet}
  mails: {type: BusinessData, zone: inside}
flows: [{from: agent, to: server, relation: invokes, carries: [mails], authenticated: true, encrypted: true}]
dependencies: [server usesPackage package]
actors: {o: {kind: supplier, zone: internet, starts: ["package:write"]}}
losses: [{fact: "mails:read", severity: high}]
""",
        "mails:read",
        ["malicious-package"],
        ["AML.T0010.001"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_published_steps_come_out_in_order(name: str) -> None:
    text, fact, threats, techniques = CASES[name]
    model = model_from_bytes((HEAD + text).encode(), "case.yaml")
    assert model.usable, model.problems
    assessment = model.assess()
    bindings = assessment.compiled.binding_by_id
    found = []
    for path in paths_to(assessment, "o", fact, 3):
        patterns = [bindings[step.id].pattern for step in path.steps if step.id in bindings]
        found.append([one.id for one in patterns if not one.propagation])
        if found[-1] == threats:
            cited = [{technique.id for technique in one.techniques} for one in patterns if not one.propagation]
            assert all(wanted in own for wanted, own in zip(techniques, cited, strict=True))
            return
    pytest.fail(f"{threats} is none of {found}")
