"""What people outside write and a flow reads: mailboxes, messengers, trackers, by what the node speaks to."""

from __future__ import annotations

import re

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.reading.values import Place
from importers.elements import Attacker, Ground, Part
from importers.flows.graph import Node
from importers.mcp.known import KNOWN
from importers.services import Services

_WORDS = re.compile(r"[^a-z0-9]+")


class Others:
    """Adds the content of others that nodes read, each kind once, and whoever may write it."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.read: dict[str, Place] = {}

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
