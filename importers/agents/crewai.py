"""CrewAI agents and tasks (YAML): who there is and what they are told. Which tools they have, their code decides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.model.accounts import Question
from importers.elements import Attacker, Found, Ground, Link, Part, call
from importers.flows.graph import is_web
from importers.importer import two_stage
from importers.provenance import Reader
from importers.services import Services, provider_of_model
from importers.source import Source

ID = "crewai"
_HOLDER = re.compile(r"\{[A-Za-z_]\w*\}")


def _all(value: Any, keys: set[str]) -> bool:
    entries = list(value.values()) if isinstance(value, dict) else []
    return bool(entries) and all(isinstance(one, dict) and keys <= set(one) for one in entries[:50])


def sniff(source: Source) -> bool:
    """Whether a file is a list of agents or of tasks of CrewAI."""
    return _all(source.value, {"role", "goal"}) or _all(source.value, {"description", "expected_output"})


def gather(source: Source) -> tuple[Found, Reader]:
    """Agents with their instructions, model and tools where they are named; or tasks, and the agents that they name."""
    reader = Reader(source.text, importer=ID)
    agents = _all(source.text.value, {"role", "goal"})
    tasks = {} if agents else reader.mapping(source.text.value, ())
    found = Found("Crew")
    services = Services(found)
    asked = False
    for place, one in reader.entries(source.text.value, ()):
        key = str(place[-1])[:200]
        filled = (
            _agent(found, services, reader, key, one) if agents else _task(found, services, reader, key, one, tasks)
        )
        holds = any(isinstance(value, str) and _HOLDER.search(value[:20_000]) for value in one.values())
        if holds and filled and not asked:
            asked = True
            found.attackers.append(
                Attacker(
                    "user",
                    "Whoever fills in the inputs of the crew",
                    place,
                    "input",
                    ActorKind.USER,
                    starts=((filled, Capability.REACH),),
                    ground=Ground.REFERENCE,
                )
            )
    if agents and not any(link.relation == "invokes" for link in found.links):
        reader.report(
            "note", (), "no agent names tools here: what they may call stands in their code, which is not read."
        )
    found.questions.append(Question("", "Which tools does each agent of the crew have, and who runs the crew?"))
    return found, reader


def _agent(found: Found, services: Services, reader: Reader, name: str, one: Any) -> str:
    key = f"agent {name}"
    services.add(Part(key, name, (name,), "agent", type="Agent"))
    services.add(Part(f"prompt {name}", f"Role of {name}"[:200], (name, "role"), "instructions", type="SystemPrompt"))
    found.links.append(Link(key, "usesPrompt", f"prompt {name}", (name, "role"), "instructions"))
    llm = one.get("llm")
    said = reader.word(llm.get("model") if isinstance(llm, dict) else llm, (name, "llm"))
    if said:
        model = said.rpartition("/")[2]
        provider = provider_of_model(said) or model
        endpoint = services.endpoint((name, "llm"), provider)
        services.call(key, endpoint, (name, "llm"), "model")
        known = services.model((name, "llm"), provider, model, endpoint)
        if known:
            found.links.append(Link(key, "usesModel", known, (name, "llm"), "use of a model"))
    for number, tool in enumerate(reader.words(one.get("tools"), (name, "tools"))):
        place = (name, "tools", number)
        if not tool:
            found.omit("tool", place, "it has no name")
            continue
        services.add(Part(f"tool {tool}", tool, place, "tool", type="Tool"))
        found.links.append(call(key, "invokes", f"tool {tool}", place, "call"))
        if is_web(tool):
            found.links.append(Link(f"tool {tool}", "retrievesFrom", services.web(place), place, "look-up"))
    return key


def _task(found: Found, services: Services, reader: Reader, name: str, one: Any, tasks: Mapping[str, Any]) -> str:
    services.add(Part(f"task {name}", name, (name,), "task", type="PromptArtifact"))
    agent = reader.name(one.get("agent"), (name, "agent"))
    if agent:
        services.add(Part(f"agent {agent}", agent, (name, "agent"), "agent", type="Agent", ground=Ground.REFERENCE))
        found.links.append(Link(f"agent {agent}", "usesPrompt", f"task {name}", (name, "agent"), "task of an agent"))
    for number, other in enumerate(reader.words(one.get("context"), (name, "context"))):
        place = (name, "context", number)
        before = tasks.get(other)
        giver = reader.name(before.get("agent"), (other, "agent")) if isinstance(before, dict) else ""
        if not agent or not giver:
            found.omit("context of a task", place, "the file does not say which agents give it and take it")
        elif giver != agent:
            origin = f"agent {giver}"
            services.add(Part(origin, giver, (other, "agent"), "agent", type="Agent", ground=Ground.REFERENCE))
            found.links.append(
                Link(origin, "sendsTo", f"agent {agent}", place, "context of a task", flow=True, opened_by=origin,
                     name=f"result of {other}"[:200])
            )  # fmt: skip
    return f"agent {agent}" if agent else ""


IMPORTER = two_stage(ID, "CrewAI agents or tasks (YAML)", sniff, gather, ("agents.yaml", "tasks.yaml", "*agents.yaml"))
