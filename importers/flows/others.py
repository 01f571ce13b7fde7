"""What people outside write and a flow reads: mailboxes, messengers, trackers, by what the node speaks to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.reading.values import Place
from importers.elements import Attacker, Ground, Part
from importers.flows.graph import TOOLS, Node, Role
from importers.mcp.known import KNOWN
from importers.services import Services

_WORDS = re.compile(r"[^a-z0-9]+")


class Others:
    """Adds the content of others that nodes read, each kind once, and whoever may write it."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.read: dict[str, Place] = {}
        self.taken: dict[str, dict[str, None]] = {}  # of content, the parts that are given it
        self.handed: dict[str, list[tuple[str, Place]]] = {}  # of model steps, the parts that are given what they say

    def content(self, node: Node) -> str:
        """What others write where a node reads, as the key of a part; empty where it reads nothing of the kind."""
        known = next((KNOWN[one] for one in _WORDS.split(node.channel.casefold()) if one in KNOWN), None)
        if known is None or known.type != "UserContent" or not known.outside:
            return ""
        key = self.services.add(
            Part(
                f"content {known.data}",
                known.data,
                node.place,
                "content",
                type="UserContent",
                ground=Ground.REFERENCE,
                boundary=self.services.internet(node.place),
                note="people outside may write there",
            )
        )
        self.read.setdefault(key, node.place)
        return key

    def given(self, source: Node) -> Iterator[str]:
        """The content of others that a tool or a service hands on."""
        if source.web and source.role in TOOLS:
            yield self.services.web(source.place)
        if (source.role is Role.SERVICE or source.role in TOOLS) and (content := self.content(source)):
            yield content

    def hand(self, source: Node, origin: str, end: str, place: Place) -> None:
        """A model step gives what it says to another: it may repeat what it was given."""
        if source.role is Role.STEP:
            self.handed.setdefault(origin, []).append((end, place))

    def spread(self) -> Iterator[tuple[str, str, Place]]:
        """The parts that content comes to through what model steps made of it, each with the content and where."""
        for content, takers in self.taken.items():
            seen, stack = set(takers), list(takers)
            while stack:
                for end, place in self.handed.get(stack.pop(), ()):
                    if end not in seen:
                        seen.add(end)
                        stack.append(end)
                        yield end, content, place

    def authors(self) -> None:
        """Whoever may write what the flow reads of others."""
        if self.read:
            self.services.found.attackers.append(
                Attacker(
                    "authors",
                    "Author of content from outside",
                    next(iter(self.read.values())),
                    "outsider",
                    ActorKind.OUTSIDER,
                    starts=tuple((key, Capability.REACH) for key in self.read),
                    ground=Ground.REFERENCE,
                    note="who may write what the flow puts before a model",
                )
            )
