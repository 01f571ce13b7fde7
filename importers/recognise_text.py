"""What a text is that is neither XML nor a value in JSON or YAML: programs, drawings in words, prose, tables.

The patterns are tried on texts of strangers: each takes time in proportion to the text, so none spans
lines with a repetition that another one could share.
"""

from __future__ import annotations

import re

_MERMAID = (
    r"(?:flowchart|graph)[ \t]+(?:TB|TD|BT|RL|LR)\b|(?:sequence|class|state|er|block|packet|requirement)Diagram\b"
    r"|stateDiagram-v2\b|C4(?:Context|Container|Component|Dynamic|Deployment)\b|mindmap\b|journey\b|gantt\b"
    r"|architecture-beta\b|block-beta\b|gitGraph\b|timeline\b|quadrantChart\b"
)
# What a text is when each of these is found somewhere in it; the first that fits is told.
_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("a PlantUML diagram", (r"^@startuml\b",)),
    ("a Graphviz drawing", (r"^[ \t]*(?:strict[ \t]+)?(?:di)?graph\b[^\n{]*\{",)),
    ("a Python program", (r"^(?:from [\w.]+ import |import [\w.]+[ \t]*$|def \w+\(|class \w+[(:]|if __name__ ==)",)),
    ("a threatcl model (HCL)", (r"^[ \t]*threatmodel[ \t]+\"[^\"\n]*\"[ \t]*\{",)),
    ("a Structurizr workspace", (r"^[ \t]*workspace\b[^\n{]*\{[ \t]*$",)),
    ("RDF in Turtle", (r"^@prefix[ \t]+[\w.-]*:[ \t]+<",)),
    ("an SPDX bill of materials", (r"^SPDXVersion:[ \t]",)),
    ("a CloudFormation template", (r"^['\"]?AWSTemplateFormatVersion\b|\bType['\"]?:[ \t]*['\"]?AWS::",)),
    ("a Kubernetes manifest", (r"^apiVersion:[ \t]*\S", r"^kind:[ \t]*\S")),
    ("a Docker Compose file", (r"^services:[ \t]*$", r"^[ \t]+(?:image|build):")),
    ("an OpenAPI description", (r"^(?:openapi|swagger):[ \t]",)),
    ("a CycloneDX bill of materials", (r"\"(?:bomFormat|specFormat)\"[ \t]*:[ \t]*\"CycloneDX\"",)),
    ("an MCP configuration", (r"\"mcpServers\"[ \t]*:",)),
    ("an MCP configuration", (r"\"servers\"[ \t]*:[ \t]*\{", r"\"(?:command|url)\"[ \t]*:")),
    ("a topic of Copilot Studio", (r"^kind:[ \t]*AdaptiveDialog\b",)),
    ("a Dockerfile", (r"^FROM[ \t]+\S", r"^(?:RUN|CMD|COPY|ENTRYPOINT|ADD|ENV|WORKDIR)[ \t]")),
    ("a script", (r"\A#!",)),
    ("a TOML or INI file", (r"^\[[\w.\" -]+\][ \t]*$", r"^[\w.\"-]+[ \t]*=")),
)
_PROSE = (
    r"^#{1,6}[ \t]+\S",
    r"^[ \t]*[-*+][ \t]\S",
    r"^\|.*\|[ \t]*$",
    r"\]\([^)\s]{1,300}\)",
    r"^```",
    r"\*\*[^*\n]{1,300}\*\*",
)


def text_format(text: str) -> str | None:
    """What a text is, in words such as “a Mermaid diagram”; None where it shows no sign of anything known."""
    body = _after_fields(text)
    drawing = "\n".join(one for one in body.splitlines() if one.strip() and not one.lstrip().startswith("%%"))
    if re.match(_MERMAID, drawing.lstrip()):
        return "a Mermaid diagram"
    for label, patterns in _SIGNS:
        if all(re.search(one, text, re.MULTILINE) for one in patterns):
            return label
    return _lines_of_json(text) or _prose(body, body != text) or _table(text)


def _after_fields(text: str) -> str:
    """The text without the fields between two lines of dashes that it may begin with."""
    if not text.lstrip().startswith("---\n"):
        return text
    _, _, rest = text.lstrip()[4:].partition("\n---")
    return rest.partition("\n")[2]


def _lines_of_json(text: str) -> str | None:
    lines = [one.strip() for one in text.splitlines() if one.strip()][:2]
    if len(lines) < 2 or not all(one.startswith("{") for one in lines) or not lines[0].endswith("}"):
        return None
    if any(word in lines[0] for word in ('"entry_type"', '"probe"', '"generator"')):
        return "a report of garak (JSON lines)"
    return "a log of Terraform (JSON lines)" if '"terraform' in lines[0] else "a file of JSON lines"


def _prose(body: str, has_fields: bool) -> str | None:
    """Two signs of Markdown make one; below a heading of fields one does, where no more fields follow."""
    if re.search(r"^```mermaid\b", body, re.MULTILINE):
        return "a Markdown text with a Mermaid diagram"
    signs = sum(bool(re.search(one, body, re.MULTILINE)) for one in _PROSE)
    enough = 1 if has_fields and not re.search(r"^[\w-]+:(?:[ \t]|$)", body, re.MULTILINE) else 2
    return "a Markdown text" if signs >= enough else None


def _table(text: str) -> str | None:
    rows = [one for one in text.splitlines() if one.strip()][:4]
    if not rows or re.search(r"[:{}\[\]]", rows[0]):  # a heading of columns holds none of these
        return None
    for mark in (",", ";", "\t"):
        if len(rows) >= 2 and rows[0].count(mark) >= 2 and len({row.count(mark) for row in rows}) == 1:
            return "a table (CSV)"
    return None
