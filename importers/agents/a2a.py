"""A2A agent cards, of the versions 0.2 to 1.0: an agent that others may call, and whether it asks who they are."""

from __future__ import annotations

from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.model.accounts import Question
from importers.elements import Attacker, Found, Ground, Link, Part
from importers.importer import two_stage
from importers.provenance import Reader
from importers.services import Services, outside, where
from importers.source import Source

ID = "a2a"
AGENT = "agent"
_DONE = (
    "name",
    "description",
    "url",
    "supportedInterfaces",
    "additionalInterfaces",
    "securitySchemes",
    "security",
    "securityRequirements",
    "skills",
    "provider",
    "version",
    "protocolVersion",
    "capabilities",
    "defaultInputModes",
    "defaultOutputModes",
    "preferredTransport",
    "documentationUrl",
    "iconUrl",
)


def sniff(source: Source) -> bool:
    """Whether a file is a card of an agent."""
    value = source.value
    return (
        isinstance(value, dict)
        and isinstance(value.get("name"), str)
        and isinstance(value.get("skills"), list)
        and bool({"url", "supportedInterfaces"} & set(value))
        and bool({"capabilities", "defaultInputModes", "protocolVersion", "securitySchemes"} & set(value))
    )


def gather(source: Source) -> tuple[Found, Reader]:
    """The agent of the card, in a zone by its address, and who may speak to it."""
    reader = Reader(source.text, importer=ID)
    value = reader.mapping(source.text.value, ())
    name = reader.name(value.get("name"), ("name",)) or "Agent"
    found = Found(name, reader.word(value.get("description"), ("description",))[:1_000])
    services = Services(found)
    urls = [reader.word(value.get("url"), ("url",))]
    for field in ("supportedInterfaces", "additionalInterfaces"):
        for place, one in reader.entries(value.get(field), (field,)):
            urls.append(reader.word(one.get("url"), (*place, "url")))
    places = [at for url in urls if url and (at := where(url)) is not None]
    ids = tuple(dict.fromkeys(f"dns:{at.host}" for at in places if not at.local))
    public = any(outside(at) for at in places)
    zone = services.internet(("url",)) if public else ""
    skills = [
        reader.name(one.get("name", one.get("id")), (*place, "name"))
        for place, one in reader.entries(value.get("skills"), ("skills",))
    ]
    note = f"skills: {', '.join(skills)}"[:500] if skills else ""
    services.add(Part(AGENT, name, (), "agent", type="Agent", boundary=zone, identifiers=ids, note=note))
    for place, _ in reader.entries(value.get("skills"), ("skills",)):
        found.omit("skill", place, "a skill is what the agent says it can do; it is named in the note of the agent")
    schemes = reader.mapping(value.get("securitySchemes"), ("securitySchemes",))
    asked = bool(schemes) and bool(value.get("security") or value.get("securityRequirements"))
    for key in schemes:
        place = ("securitySchemes", key)
        services.add(
            Part(
                f"scheme {key}",
                f"Credential for {name} ({key})"[:200],
                place,
                "security scheme",
                type="Secret",
                note="callers hold it; how it is kept is not in the card",
            )
        )
        found.links.append(Link(f"scheme {key}", "unlocks", AGENT, place, "security scheme", Ground.REFERENCE))
    if schemes and not asked:
        reader.report(
            "warning",
            ("securitySchemes",),
            "the card names ways to sign in and requires none of them.",
            "Ask who runs the agent.",
        )
    _callers(found, name, asked, public)
    reader.unread(value, _DONE, (), "this card")
    found.questions.append(Question(AGENT, "Which agents call this one, and what may it do for them?"))
    return found, reader


def _callers(found: Found, name: str, asked: bool, public: bool) -> None:
    place: tuple[Any, ...] = ("securitySchemes",)
    if public and not asked:
        note = "the card declares a public address and no authentication"
        found.attackers.append(
            Attacker(
                "internet",
                "Internet",
                place,
                "caller",
                ActorKind.OUTSIDER,
                starts=((AGENT, Capability.CONNECT),),
                note=note,
            )
        )
    else:
        found.attackers.append(
            Attacker(
                "caller",
                f"Caller of {name}"[:200],
                place,
                "caller",
                ActorKind.USER,
                starts=((AGENT, Capability.REACH),),
                ground=Ground.REFERENCE,
            )
        )


IMPORTER = two_stage(ID, "A2A agent card (JSON)", sniff, gather, ("agent.json", "agent-card.json", "*agent-card*.json"))
