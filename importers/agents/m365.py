"""Agents of Microsoft 365 Copilot: the declarative agent with what it may look up, and the plugin with its functions.

The plugin that an agent names is read beside it. What an API offers beyond the functions that are listed is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.model.accounts import Question
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Place
from importers.elements import Attacker, Found, Ground, Link, Measure, Part, call
from importers.importer import two_stage
from importers.provenance import Reader
from importers.services import Services
from importers.source import Source

AGENT_ID, PLUGIN_ID = "m365-agent", "m365-plugin"
AGENT = "agent"
_KNOWLEDGE = {
    "OneDriveAndSharePoint": ("KnowledgeBase", "OneDrive and SharePoint"),
    "GraphConnectors": ("KnowledgeBase", "Graph connectors"),
    "CopilotConnectors": ("KnowledgeBase", "Copilot connectors"),
    "EmbeddedKnowledge": ("KnowledgeBase", "Embedded knowledge"),
    "Email": ("UserContent", "E-mail"),
    "TeamsMessages": ("UserContent", "Teams messages"),
    "Meetings": ("UserContent", "Meetings"),
    "People": ("BusinessData", "People"),
    "Dataverse": ("Database", "Dataverse"),
}
_DONE = (
    "name",
    "description",
    "instructions",
    "capabilities",
    "actions",
    "$schema",
    "version",
    "id",
    "conversation_starters",
)


def sniff_agent(source: Source) -> bool:
    """Whether a file declares an agent of Microsoft 365 Copilot."""
    value = source.value
    if not isinstance(value, dict) or "instructions" not in value:
        return False
    schema = str(value.get("$schema", ""))
    return "declarative-agent" in schema or (
        "name" in value
        and "kind" not in value
        and bool({"capabilities", "actions", "conversation_starters"} & set(value))
    )


def sniff_plugin(source: Source) -> bool:
    """Whether a file is the manifest of a plugin of Copilot."""
    value = source.value
    return isinstance(value, dict) and "name_for_human" in value and bool({"functions", "runtimes", "api"} & set(value))


def gather_agent(source: Source) -> tuple[Found, Reader]:
    """The agent, what it looks up, and the functions of its plugins."""
    reader = Reader(source.text, importer=AGENT_ID)
    value = reader.mapping(source.text.value, ())
    name = reader.name(value.get("name"), ("name",)) or "Copilot agent"
    found = Found(name, reader.word(value.get("description"), ("description",))[:1_000])
    services = Services(found)
    services.add(Part(AGENT, name, (), "agent", type="Agent"))
    found.attackers.append(
        Attacker("user", f"User of {name}"[:200], (), "user", ActorKind.USER, starts=((AGENT, Capability.REACH),))
    )
    if value.get("instructions"):
        place: Place = ("instructions",)
        services.add(Part("prompt", f"Instructions of {name}"[:200], place, "instructions", type="SystemPrompt"))
        found.links.append(Link(AGENT, "usesPrompt", "prompt", place, "instructions"))
    for place, one in reader.entries(value.get("capabilities"), ("capabilities",)):
        _capability(found, services, reader, place, one)
    for place, one in reader.entries(value.get("actions"), ("actions",)):
        file = reader.word(one.get("file"), (*place, "file"))
        plugin = _beside(source, file)
        if plugin is None:
            found.omit("action", place, "the plugin that it names is not beside this file")
            continue
        for problem in plugin.problems[:20]:
            reader.problems.append(problem)
        inner = Reader(plugin, importer=AGENT_ID)
        _plugin(found, services, inner, plugin.value if isinstance(plugin.value, dict) else {}, AGENT, place)
    reader.unread(value, _DONE, (), "this agent")
    ask = "Does the agent act with the rights of the user who is signed in, in everything that it looks up and calls?"
    found.questions.append(Question(AGENT, ask))
    return found, reader


def _beside(source: Source, file: str) -> Any:
    if not file or source.beside is None:
        return None
    try:
        return Source(source.beside(file), file).text
    except UnreadableError:
        return None


def _capability(found: Found, services: Services, reader: Reader, place: Place, one: Mapping[str, Any]) -> None:
    name = reader.name(one.get("name"), (*place, "name"))
    if name == "WebSearch":
        found.links.append(Link(AGENT, "retrievesFrom", services.web(place), place, "capability"))
    elif name in _KNOWLEDGE:
        type_, label = _KNOWLEDGE[name]
        key = f"capability {name}"
        services.add(Part(key, label, place, "capability", type=type_))
        found.links.append(Link(AGENT, "retrievesFrom", key, place, "look-up"))
        if name == "Email":
            note = "anybody can send mail that the agent then reads"
            found.attackers.append(
                Attacker(
                    "sender",
                    "Sender of mail",
                    place,
                    "outsider",
                    ActorKind.OUTSIDER,
                    starts=((key, Capability.REACH),),
                    ground=Ground.REFERENCE,
                    note=note,
                )
            )
    elif name in ("CodeInterpreter", "GraphicArt"):
        key = f"capability {name}"
        label = "Code interpreter" if name == "CodeInterpreter" else "Image generator"
        services.add(Part(key, label, place, "capability", type="Tool"))
        found.links.append(_invokes(AGENT, key, place, "call"))
        if name == "CodeInterpreter":
            services.add(Part("sandbox", "Sandbox of the code interpreter", place, "runtime", type="Sandbox"))
            found.links.append(Link(key, "runsIn", "sandbox", place, "runtime"))
    else:
        found.omit("capability", place, f"the capability “{name[:60]}” is not known")


def _invokes(agent: str, tool: str, place: Place, kind: str) -> Link:
    return call(agent, "invokes", tool, place, kind)


def gather_plugin(source: Source) -> tuple[Found, Reader]:
    """The functions of a plugin and the service behind them; the agent that calls them is declared elsewhere."""
    reader = Reader(source.text, importer=PLUGIN_ID)
    value = reader.mapping(source.text.value, ())
    found = Found(reader.name(value.get("name_for_human"), ("name_for_human",)) or "Copilot plugin")
    _plugin(found, Services(found), reader, value, "", ())
    return found, reader


def _plugin(found: Found, services: Services, reader: Reader, value: Mapping[str, Any], agent: str, at: Place) -> None:
    """Places are those of the plugin's own file where it is read for itself, of the agent's action otherwise."""

    def spot(place: Place) -> Place:
        return at or place

    name = reader.name(value.get("name_for_human"), ("name_for_human",)) or "Plugin"
    api = f"api {name}"
    services.add(Part(api, name, spot(("name_for_human",)), "service", type="Application", ground=Ground.REFERENCE))
    tools: dict[str, str] = {}
    confirmed = []
    for place, one in reader.entries(value.get("functions"), ("functions",)):
        said = reader.name(one.get("name"), (*place, "name"))
        if not said:
            found.omit("function", spot(place), "it has no name")
            continue
        tools[said] = f"function {name} {said}"
        services.add(Part(tools[said], said, spot(place), "function", type="Tool"))
        if agent:
            found.links.append(_invokes(agent, tools[said], spot(place), "call"))
        capabilities = one.get("capabilities")
        if isinstance(capabilities, dict) and isinstance(capabilities.get("confirmation"), dict):
            confirmed.append(said)
    authenticated: dict[str, bool] = {}
    for place, one in reader.entries(value.get("runtimes"), ("runtimes",)):
        auth = reader.mapping(one.get("auth"), (*place, "auth"))
        kind = reader.word(auth.get("type"), (*place, "auth", "type"))
        runs = reader.words(one.get("run_for_functions"), (*place, "run_for_functions")) or ["*"]
        for said in tools if "*" in runs else [each for each in runs if each in tools]:
            authenticated[said] = bool(kind) and kind.casefold() != "none"
        if auth.get("reference_id") and kind.casefold() != "none":
            secret = f"{kind} registration"
            holder = agent or next(iter(tools.values()), "")
            services.secret(spot((*place, "auth")), secret, holder, api, note="it is kept in the vault of the platform")
    for said, key in tools.items():
        found.links.append(
            call(
                key, "sendsTo", api, spot(("functions",)), "call of the service", authenticated=authenticated.get(said)
            )
        )
    if confirmed and agent:
        every = len(confirmed) == len(tools)
        found.measures.append(
            Measure(
                f"confirmation {name}",
                f"Confirmation of {', '.join(confirmed)}"[:200],
                spot(("functions",)),
                "confirmation",
                "human-approval" if every else None,
                (agent,),
                note="" if every else "only these functions ask the user",
            )
        )


AGENT_IMPORTER = two_stage(
    AGENT_ID,
    "declarative agent of Microsoft 365 Copilot (JSON)",
    sniff_agent,
    gather_agent,
    ("*declarativeAgent*.json",),
)
PLUGIN_IMPORTER = two_stage(
    PLUGIN_ID, "plugin of Microsoft 365 Copilot (JSON)", sniff_plugin, gather_plugin, ("*ai-plugin*.json",)
)
