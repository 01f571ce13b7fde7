"""The grammar of a Mermaid flowchart, one statement at a time: nodes with their shapes, subgraphs, chains of arrows."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

MOST_NESTED = 60
MOST_PAIRS = 400  # arrows that one “a & b --> c & d” may stand for
MOST_NODES = 100_000
MOST_LINES = 50_000  # of a text over all its charts, and statements of one chart

_SHAPES = (
    ("(((", ")))", ""), ("((", "))", ""), ("([", "])", ""), ("[[", "]]", ""), ("[(", ")]", "cylinder"),
    ("[/", "/]", ""), ("[/", "\\]", ""), ("[\\", "\\]", ""), ("[\\", "/]", ""), ("{{", "}}", ""), ("[", "]", ""),
    ("(", ")", ""), ("{", "}", ""), (">", "]", ""),
)  # fmt: skip
_NAMED_SHAPES = {"cyl": "cylinder", "db": "cylinder", "database": "cylinder", "cylinder": "cylinder", "das": "cylinder"}
_ID = re.compile(r"[^\s\[\](){}<>|&;:@\"'`,~=\-]+(?:[-.](?![-.>])[^\s\[\](){}<>|&;:@\"'`,~=\-]+)*")
_LINK = re.compile(r"(?P<start>[<ox](?=[-=]))?(?:(?P<dotted>-\.+-)|={2,}|-{2,}|~{3,})(?P<end>>|[ox](?!\w))?")
_OPEN = re.compile(r"(?P<start>[<ox](?=[-=]))?(?P<kind>--|==|-\.)(?=[^-=.>|])")
_CLOSE = {"--": re.compile(r"-{2,}(?P<end>[>ox])?"), "==": re.compile(r"={2,}(?P<end>[>ox])?"),
          "-.": re.compile(r"\.+-(?P<end>[>ox])?")}  # fmt: skip
_SKIPPED = re.compile(
    r"(?:style|linkStyle|classDef|class|click|direction|accTitle|accDescr|title|%%)\b|%%|(?:flowchart|graph)(?:-elk)?\b"
)
_TAG = re.compile(r"<[^<>]*>")


@dataclass
class Node:
    """A node, and the subgraph in which it is named first."""

    id: str
    line: int
    inside: str = ""
    label: str = ""
    shape: str = ""
    style: str = ""


@dataclass
class Zone:
    """A subgraph, and the one around it."""

    id: str
    title: str
    line: int
    inside: str = ""


@dataclass
class Edge:
    """An arrow; ``both`` has two heads, ``headless`` none."""

    origin: str
    target: str
    line: int
    label: str = ""
    both: bool = False
    headless: bool = False
    dotted: bool = False


@dataclass
class Chart:
    """What one flowchart says; ``left_out`` are lines that could not be understood, with the reason."""

    title: str = ""
    nodes: dict[str, Node] = field(default_factory=dict)
    zones: dict[str, Zone] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)


def plain(text: str) -> str:
    """A label without quotes, HTML and marks of Markdown, on one line."""
    said = text.strip()
    if len(said) >= 2 and said[0] == said[-1] and said[0] in "\"'":
        said = said[1:-1].strip()
    said = said.strip("`").replace("\\n", " ").replace("**", "")
    if "<" in said:
        said = _TAG.sub(" ", said)
    said = re.sub(r"#(\w{1,10});", r"&\1;", said)
    return " ".join(html.unescape(said).split())[:2_000]


def read_chart(lines: list[str], start: int) -> Chart:
    """Read a flowchart whose first line has the number ``start`` in its file."""
    reader = _Reader(Chart())
    fields, room = False, MOST_LINES
    for number, line in enumerate(lines):
        said = line.strip()
        if said == "---":
            fields = not fields
        elif fields:
            if said.startswith("title:"):
                reader.chart.title = plain(said.removeprefix("title:"))
        else:
            for statement in _statements(said[:20_000]):
                room -= 1
                if room < 0:
                    left = f"only the first {MOST_LINES:,} statements of a flowchart are read"
                    reader.chart.left_out.append((start + number, left))
                    return reader.chart
                reader.statement(statement, start + number)
    return reader.chart


def _statements(line: str) -> list[str]:
    """The statements of a line: parted by semicolons that are in no quotes."""
    if ";" not in line:
        return [line] if line else []
    parts = re.findall(r'(?:"[^"]*"|[^;"]|")+', line)
    return [one.strip() for one in parts if one.strip()]


class _Reader:
    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.around: list[str] = []
        self.fresh: list[str] = []  # nodes that the statement at hand named first

    def statement(self, said: str, line: int) -> None:
        self.fresh = []
        if said.startswith("subgraph"):
            self.subgraph(said.removeprefix("subgraph").strip(), line)
        elif said == "end":
            if self.around:
                self.around.pop()
        elif _SKIPPED.match(said):
            self.styled(said)
        elif not self.chain(said, line):
            for id_ in self.fresh:
                del self.chart.nodes[id_]
            self.chart.left_out.append((line, "it is no statement of a flowchart that is read here"))

    def styled(self, said: str) -> None:
        """``class a,b name`` is kept: people mark kinds of nodes so."""
        found = re.match(r"class\s+(\S+)\s+([\w-]+)$", said)
        for id_ in found[1].split(",") if found else ():
            if found and id_ in self.chart.nodes:
                self.chart.nodes[id_].style = found[2]

    def subgraph(self, said: str, line: int) -> None:
        if len(self.around) >= MOST_NESTED:
            self.chart.left_out.append((line, f"subgraphs are nested in more than {MOST_NESTED} others"))
            self.around.append(self.around[-1])
            return
        named = re.match(r"([^\s\[\"]+)\s*\[(.*)\]\s*$", said)
        id_, title = (named[1], plain(named[2])) if named else (plain(said), plain(said))
        id_ = id_ or f"subgraph {line}"
        if id_ not in self.chart.zones:
            self.chart.zones[id_] = Zone(id_, title, line, self.around[-1] if self.around else "")
        self.around.append(id_)

    # ------------------------------------------------------------ nodes and arrows
    def chain(self, said: str, line: int) -> bool:
        """Nodes joined by arrows, ``a & b --> c -.-> d``; False where the line is something else."""
        at, before, link = 0, list[str](), Edge("", "", line)
        while True:
            group, at = self.group(said, at, line)
            if not group:
                return False
            if before:
                self.join(before, group, link)
            at = _space(said, at)
            if at >= len(said):
                return True
            read = self.link(said, at, line)
            if read is None:
                return False
            link, at = read
            before = group

    def join(self, origins: list[str], targets: list[str], link: Edge) -> None:
        pairs = [(one, other) for one in origins for other in targets]
        if len(pairs) > MOST_PAIRS:
            self.chart.left_out.append((link.line, f"it stands for more than {MOST_PAIRS} arrows"))
        for origin, target in pairs[:MOST_PAIRS]:
            made = Edge(origin, target, link.line, link.label, link.both, link.headless, link.dotted)
            self.chart.edges.append(made)

    def group(self, said: str, at: int, line: int) -> tuple[list[str], int]:
        found = []
        while True:
            id_, at = self.node(said, _space(said, at), line)
            if not id_:
                return [], at
            found.append(id_)
            next_ = _space(said, at)
            if next_ >= len(said) or said[next_] != "&":
                return found, at
            at = next_ + 1

    def node(self, said: str, at: int, line: int) -> tuple[str, int]:
        edge_id = re.compile(r"[\w-]+@(?=[-=<~.])").match(said, at)
        at = edge_id.end() if edge_id else at
        match = _ID.match(said, at)
        if match is None:
            return "", at
        id_, at = match[0], match.end()
        label, shape = "", ""
        if said.startswith("@{", at):
            end = _closing(said, at + 2, "}")
            label, shape = self.attributes(said[at + 2 : end])
            at = end + 1
        else:
            for opening, closing, name in _SHAPES:
                if said.startswith(opening, at):
                    end = _closing(said, at + len(opening), closing)
                    if end >= len(said):
                        continue
                    label, shape, at = plain(said[at + len(opening) : end]), name, end + len(closing)
                    break
        style = ""
        if said.startswith(":::", at):
            found = re.compile(r"[\w-]+").match(said, at + 3)
            style, at = (found[0], found.end()) if found else ("", at + 3)
        if id_ in self.chart.zones:
            self.nest(id_)
        else:
            self.add(id_, line, label, shape, style)
        return id_, at

    def nest(self, id_: str) -> None:
        """A subgraph that is named within another one lies in it."""
        zone = self.chart.zones[id_]
        if self.around and not zone.inside and id_ not in self.around:
            zone.inside = self.around[-1]

    def attributes(self, said: str) -> tuple[str, str]:
        label = re.search(r"\blabel\s*:\s*(\"[^\"]*\"|[^,}]*)", said)
        shape = re.search(r"\bshape\s*:\s*\"?([\w-]+)", said)
        return plain(label[1]) if label else "", _NAMED_SHAPES.get(shape[1], "") if shape else ""

    def add(self, id_: str, line: int, label: str, shape: str, style: str) -> None:
        if id_ in self.chart.zones or len(self.chart.nodes) >= MOST_NODES:
            return
        if id_ not in self.chart.nodes:
            self.fresh.append(id_)
        node = self.chart.nodes.setdefault(id_, Node(id_, line))
        node.label, node.shape, node.style = label or node.label, shape or node.shape, style or node.style
        if self.around and not node.inside:
            node.inside = self.around[-1]

    def link(self, said: str, at: int, line: int) -> tuple[Edge, int] | None:
        """An arrow with its label, in either place where it may stand."""
        opened = _OPEN.match(said, at)
        whole = _LINK.match(said, at)
        if whole is None and opened is None:
            return None
        if opened is not None and (whole is None or (whole["end"] is None and not said.startswith("|", whole.end()))):
            close = _CLOSE[opened["kind"]].search(said, opened.end())
            if close is not None and close.start() > opened.end():
                label = plain(said[opened.end() : close.start()])
                made = Edge("", "", line, label, bool(opened["start"]) and bool(close["end"]), not close["end"])
                made.dotted = opened["kind"] == "-."
                return made, close.end()
        if whole is None:
            return None
        made = Edge("", "", line, "", bool(whole["start"] and whole["end"]), not whole["end"], bool(whole["dotted"]))
        at = _space(said, whole.end())
        if said.startswith("|", at):
            end = _closing(said, at + 1, "|")
            made.label, at = plain(said[at + 1 : end]), min(end + 1, len(said))
        return made, at


def _space(said: str, at: int) -> int:
    while at < len(said) and said[at].isspace():
        at += 1
    return at


def _closing(said: str, at: int, closing: str) -> int:
    """Where a label ends: at the closing mark that is in no quotes; the end of the text where there is none."""
    begin = _space(said, at)
    if begin < len(said) and said[begin] == '"':
        end = said.find('"', begin + 1)
        if end >= 0:
            at = end + 1
    end = said.find(closing, at)
    return end if end >= 0 else len(said)
