"""A flow as its tool draws it: nodes with what they do in it, and edges that pass content on or lend a part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from graphmodel.reading.values import Place
from importers.secrets import SecretValue, has_secret_shape, is_secret_name, value_kind


class Role(StrEnum):
    """What a node does in its flow; also the sign of kind ``kind`` by which the typing table knows it."""

    AGENT = "agent"
    STEP = "model step"
    MODEL = "language model"
    EMBEDDING = "embedding model"
    STORE = "vector store"
    KNOWLEDGE = "knowledge base"
    MEMORY = "memory"
    TOOL = "tool"
    MCP = "MCP server"
    PROGRAM = "program"
    LOADER = "document loader"
    ENTRY = "entry"
    MESSAGES = "incoming messages"
    PROMPT = "prompt"
    GUARDRAIL = "guardrail"
    APPROVAL = "approval"
    SERVICE = "service"
    GLUE = "glue"
    NOTE = "note"


PASSING = frozenset({Role.GLUE, Role.LOADER, Role.PROMPT, Role.APPROVAL})
"""What hands content on to the next node, so that the way is drawn from end to end."""
PASSIVE = frozenset({Role.SERVICE, Role.STORE, Role.KNOWLEDGE, Role.MEMORY, Role.MESSAGES, Role.MODEL, Role.EMBEDDING})
"""What is called and never calls."""
TOOLS = frozenset({Role.TOOL, Role.MCP, Role.PROGRAM})
SPEAKING = frozenset({Role.ENTRY, Role.MESSAGES})
"""What brings in what people write, which later steps are given as well as the first."""
ONWARD = frozenset({Role.STEP, Role.SERVICE, Role.TOOL, Role.MCP, Role.PROGRAM})
"""What stands between, so that later steps may still be given what people wrote before it."""
TAKING = frozenset({Role.STEP, Role.AGENT})
"""What puts what it is given before a model."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret by name; ``id`` tells two of one name apart."""

    name: str
    place: Place
    id: str = ""
    value: SecretValue | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a flow.

    ``said`` is what names the provider or product behind it, ``spot`` what tells two of one product apart (an address,
    a credential, a collection). ``product`` is the node type of a service behind a tool or a memory. ``open_to`` is
    ``internet`` or ``user`` for who may speak to an entry. ``hears`` are the nodes whose content stands in what it is
    given, where the file says so. ``channel`` is the mailbox, messenger or the like that the node reads.
    """

    id: str
    name: str
    type: str
    place: Place
    role: Role
    said: str = ""
    model: str = ""
    url: str = ""
    spot: str = ""
    product: str = ""
    credentials: tuple[Credential, ...] = ()
    instructed: bool = False
    reads: bool = False
    writes: bool = False
    web: bool = False
    open_to: str = ""
    authenticated: bool | None = None
    note: str = ""
    hears: frozenset[str] | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """Content goes from source to target; with ``part`` the source is lent to the target, which calls it."""

    source: str
    target: str
    place: Place
    part: bool = False


@dataclass
class Flow:
    """One export: the tool that runs it, its nodes by id, its edges, and nodes of which it says that they are off."""

    title: str
    tool: str
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    description: str = ""


_WEB = re.compile(
    r"search|serp|scrap|crawl|brows|wikipedia|duckduckgo|ddg|tavily|exa\b|jinareader|url|webbase|cheerio|puppeteer|"
    r"playwright|spider|rss|sitemap|arxiv|webpage|hackernews|reddit|youtube|news",
    re.IGNORECASE,
)
_NOT_WEB = re.compile(r"azure(?:ai)?search|opensearch|elasticsearch|vectorsearch|searchfile|workflow", re.IGNORECASE)


def is_web(type_: str) -> bool:
    """Whether a node of this type brings in what strangers publish."""
    return _WEB.search(type_) is not None and _NOT_WEB.search(type_) is None


_READS = re.compile(r"get|search|list|read|look|fetch|find|query", re.IGNORECASE)


def reads(operation: str) -> bool:
    """Whether an operation of a mailbox, a messenger or the like brings in what is in it."""
    return _READS.search(operation) is not None


def literal_secrets(value: Any, place: Place, limit: int = 2_000) -> Iterator[Credential]:
    """Secrets that stand in the settings of a node, by where they stand; never their values."""
    stack: list[tuple[Place, Any]] = [(place, value)]
    while stack and limit > 0:
        at, one = stack.pop()
        limit -= 1
        if isinstance(one, Mapping):
            named = one.get("name")
            for key, inner in one.items():
                secret = isinstance(inner, str) and (
                    (is_secret_name(str(key)) and value_kind(inner) is SecretValue.LITERAL)
                    or (
                        key == "value"
                        and isinstance(named, str)
                        and is_secret_name(named)
                        and value_kind(inner) is SecretValue.LITERAL
                        and not inner.startswith("=")
                    )
                    or has_secret_shape(inner)
                )
                if secret and not str(inner).startswith("={{"):
                    name = named if key == "value" and isinstance(named, str) else str(key)
                    yield Credential(name[:100], (*at, key), value=SecretValue.LITERAL)
                elif isinstance(inner, Mapping | list):
                    stack.append(((*at, key), inner))
        elif isinstance(one, list):
            stack.extend(((*at, number), inner) for number, inner in enumerate(one[:200]))


def as_map(value: Any) -> Mapping[str, Any]:
    """The value where it is a map; an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def text_of(*values: Any) -> str:
    """The first of the values that is a text and not empty; of n8n's resource locators the value."""
    for one in values:
        found = one.get("value") if isinstance(one, dict) else one
        if isinstance(found, str) and found.strip():
            return found.strip()[:1_000]
    return ""
