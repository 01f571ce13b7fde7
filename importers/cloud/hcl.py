"""HCL, in which Terraform is written: blocks with their attributes, and what an expression names.

Nothing is evaluated. python-hcl2 takes 16 s for a megabyte, gives up a file at its first fault, and leaves expressions
as texts, in which references would have to be looked for once more; hence this reader.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphmodel.reading.limits import MAX_DEPTH
from graphmodel.reading.problems import refusal
from importers.cloud.tokens import Lexis, Token

MOST = 4_000_000  # characters of a file
MOST_TEXT = 2_000  # characters of a text whose gaps are filled
MOST_STEPS = 12  # from a name to what it stands for
MOST_LEVELS = 40  # of values in values, with what variables stand for
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\f\v]+|\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<newline>\n)"
    r"|<<-?[ \t]*(?P<heredoc>[A-Za-z_][\w-]*)[ \t]*\r?\n|(?P<name>[^\W\d][\w-]*)"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<quote>\")|(?P<mark>\.\.\.|[=!<>]=|=>|&&|\|\||.)",
    re.DOTALL,
)
_IN_STRING = re.compile(r"[^\"\\$%{}\n]+|\\.|\$\$\{|%%\{|[$%]\{|.|\n", re.DOTALL)
_LEXIS = Lexis(_TOKEN, _IN_STRING, '"', ("${", "%{"))
_INSIDE = re.compile(r"[$%]\{([^{}]*)\}")
_NAMED = re.compile(r"(?<![\w.\"-])[A-Za-z_][\w-]*(?:\[[^\]\[]*\])?(?:\.[\w*-]+(?:\[[^\]\[]*\])?)+")
_INDEX = re.compile(r"\[[^\]]*\]")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_CLOSING = {"[": "]", "{": "}", "(": ")"}
_SAME = frozenset({"jsonencode", "toset", "tolist", "tomap", "tostring", "sensitive", "nonsensitive", "yamlencode"})


@dataclass(frozen=True, slots=True)
class Computed:
    """What is known only when it runs: what it names, and its text where it is a text with gaps; ``same`` is the one
    thing whose value it has, ``switch`` the one on which it depends whether it is anything else than 0, and ``texts``
    are those that a function is given."""

    references: tuple[str, ...] = ()
    text: str = ""
    switch: str = ""
    same: str = ""
    texts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it names anything that is there: what only a variable says may as well be nothing."""
        return not all(one.startswith(("var.", "local.", "each.")) for one in self.references)


@dataclass
class Budget:
    """How many values may still be looked up in a configuration, so that no few lines stand for a million."""

    left: int = 60_000

    def spent(self) -> bool:
        """Takes one; whether none is left."""
        self.left -= 1
        return self.left < 0


class Scope(ABC):
    """What the names in expressions stand for in one file or module, as far as the files say it."""

    budget: Budget

    @abstractmethod
    def worth(self, value: Any, left: int = MOST_STEPS) -> Any:
        """A value with what it names in its place, through ``left`` others at most."""

    def filled(self, gap: re.Match[str], left: int) -> str:
        """What stands in a gap of a text; the gap itself where nothing is known."""
        found = self.worth(Computed((gap[1],), same=gap[1]), left - 1)
        return str(found) if isinstance(found, str | int) else gap[0]

    def plain(self, value: Any, level: int = 0) -> Any:
        """A value with everything in it as a plan would have it."""
        value = self.worth(value)
        if isinstance(value, dict | list) and (level >= MOST_LEVELS or self.budget.spent()):
            return None
        if isinstance(value, dict):
            return {key: self.plain(one, level + 1) for key, one in value.items()}
        return [self.plain(one, level + 1) for one in value] if isinstance(value, list) else value


@dataclass
class Block:
    """A block: its type and labels, attributes with their lines, and the blocks in it."""

    type: str
    labels: tuple[str, ...]
    line: int
    attributes: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def values(self) -> dict[str, Any]:
        """Attributes, and the blocks in it as lists of such maps, as a plan has them."""
        found = dict(self.attributes)
        for one in self.blocks:
            inner, name = one, one.type
            if one.type == "dynamic" and one.labels:
                name = one.labels[0]
                inner = next((each for each in one.blocks if each.type == "content"), one)
            held = found.setdefault(name, [])
            if isinstance(held, list):
                held.append(inner.values())
        return found


def references(value: Any) -> Iterator[str]:
    """Everything that a value names, however deep inside."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, Computed):
            yield from one.references
        elif isinstance(one, dict):
            stack.extend(reversed(list(one.values())))
        elif isinstance(one, list):
            stack.extend(reversed(one))


def read_hcl(words: str, file: str) -> tuple[Block, list[tuple[int, str]]]:
    """The file as one block, and what is odd by line. Raises ``UnreadableError`` for what is too large or too deep."""
    if len(words) > MOST:
        raise refusal(file, f"it has more than {MOST:,} characters.", "Give a plan instead.")
    return Parser(list(_LEXIS.tokens(words)), file).run()


def text_value(raw: str) -> Any:
    """What is between quotes: the text itself, or what it names where there are gaps in it."""
    gaps = _INSIDE.findall(raw)
    if gaps:
        return Computed(named(gaps), raw[:1_000])
    if "${" in raw or "%{" in raw:
        return Computed(named([raw]), raw[:1_000])
    return re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[0]), raw, flags=re.DOTALL)


def named(texts: Iterable[str]) -> tuple[str, ...]:
    """The references in expressions as they are written, without indices."""
    return tuple(dict.fromkeys(_INDEX.sub("", one) for text in texts for one in _NAMED.findall(text)))


class Parser:
    """Reads blocks and expressions from tokens; languages that are written alike say where they differ."""

    def __init__(self, tokens: list[Token], file: str) -> None:
        self.tokens, self.at, self.file = tokens, 0, file
        self.odd: list[tuple[int, str]] = []

    def run(self) -> tuple[Block, list[tuple[int, str]]]:
        root = Block("", (), 1)
        self.body(root, 0)
        return root, self.odd

    def peek(self, ahead: int = 0) -> Token:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else Token("end", "", 0)

    def next(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def deeper(self, level: int) -> int:
        if level > MAX_DEPTH:
            raise refusal(self.file, "it is nested too deeply.", "Make it flatter, or leave it out.")
        return level + 1

    def body(self, block: Block, level: int) -> None:
        level = self.deeper(level)
        while (token := self.peek()).kind != "end":
            if token.kind == "newline":
                self.at += 1
            elif token.text == "}" and token.kind == "mark":
                self.at += 1
                if level > 1:
                    return
            elif token.kind in ("name", "string") and self.peek(1).text in ("=", ":") and self.peek(1).kind == "mark":
                self.at += 2
                block.attributes[token.text] = self.expression(level, False)
                block.lines[token.text] = token.line
            elif token.kind == "name" and self.opens():
                self.inner(block, level)
            else:
                self.odd.append((token.line, f"“{token.text[:40]}” is not understood here; the line is left out"))
                while self.peek().kind not in ("newline", "end"):
                    self.at += 1

    def opens(self) -> bool:
        ahead = 1
        while self.peek(ahead).kind in ("name", "string") and ahead < 6:
            ahead += 1
        return self.peek(ahead).text == "{" and self.peek(ahead).kind == "mark"

    def inner(self, block: Block, level: int) -> None:
        first, labels = self.next(), []
        while (token := self.next()).text != "{" or token.kind != "mark":
            labels.append(token.text)
        found = Block(first.text, tuple(labels), first.line)
        block.blocks.append(found)
        self.body(found, level)

    def ends(self, wrapped: bool) -> bool:
        token = self.peek()
        if token.kind == "newline":
            return not wrapped
        return token.kind == "end" or (token.kind == "mark" and token.text in (",", ")", "]", "}"))

    def skip_lines(self) -> None:
        while self.peek().kind == "newline":
            self.at += 1

    def expression(self, level: int, wrapped: bool) -> Any:
        """A value; whatever is put together of several is computed."""
        level = self.deeper(level)
        if wrapped:
            self.skip_lines()
        start = self.at
        if self.ends(wrapped):
            return None
        value = self.term(level)
        if wrapped:
            self.skip_lines()
        if self.ends(wrapped):
            return value
        found = list(references(value))
        while not self.ends(wrapped):
            if self.peek().kind in ("newline", "mark") and self.peek().text not in _CLOSING:
                self.at += 1
            else:
                found += references(self.term(level))
        said = [one.text for one in self.tokens[start : self.at] if one.kind != "newline"]
        switch = found[0] if len(found) == 1 and said[-4:-3] == ["?"] and said[-1] == "0" and "!" not in said else ""
        return Computed(tuple(dict.fromkeys(found)), switch=switch)

    def term(self, level: int) -> Any:
        level = self.deeper(level)
        token = self.next()
        if token.kind == "string":
            return self.text(token.text)
        if token.kind == "number":
            return float(token.text) if set(token.text) & set(".eE") else int(token.text[:15])
        if token.kind == "name":
            return self.named(token, level)
        if token.kind == "mark" and token.text in _CLOSING:
            if self.loops():
                return self.computed(token.text, level)
            if token.text == "{":
                return self.object(level)
            items = self.items(_CLOSING[token.text], level)
            return items if token.text == "[" else items[0] if len(items) == 1 else Computed(tuple(references(items)))
        return Computed()

    def loops(self) -> bool:
        ahead = 0
        while self.peek(ahead).kind == "newline":
            ahead += 1
        return self.peek(ahead)[:2] == ("name", "for")

    def computed(self, opening: str, level: int) -> Computed:
        return Computed(tuple(dict.fromkeys(references(self.pieces(_CLOSING[opening], level)))))

    def pieces(self, closing: str, level: int) -> list[Any]:
        found = []
        while self.peek().kind != "end":
            if self.peek().kind == "mark" and self.peek().text == closing:
                self.at += 1
                break
            found.append(self.term(level))
        return found

    def wraps(self, closing: str) -> bool:
        """Whether a value between commas goes on over the ends of lines, up to this closing mark."""
        return True

    def items(self, closing: str, level: int) -> list[Any]:
        """The values of a list or a call."""
        found = []
        while self.peek().kind != "end":
            self.skip_lines()
            if self.peek().kind == "mark" and self.peek().text in (",", ")", "]", "}"):
                if self.next().text == closing:
                    break
                continue
            found.append(self.expression(level, self.wraps(closing)))
        return found

    def object(self, level: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (token := self.peek()).kind != "end":
            if token.kind == "newline" or (token.kind == "mark" and token.text in (",", ")", "]")):
                self.at += 1
            elif token.kind == "mark" and token.text == "}":
                self.at += 1
                break
            else:
                key = self.term(level)
                name = token.text if token.kind in ("name", "string", "number") else f"({len(found)})"
                if self.peek().kind == "mark" and self.peek().text in ("=", ":"):
                    self.at += 1
                    found[name] = self.expression(level, False)
                else:
                    found[f"({len(found)})"] = Computed(tuple(references(key)))
        return found

    def text(self, raw: str) -> Any:
        """A text, which may have gaps."""
        return text_value(raw)

    def named(self, token: Token, level: int) -> Any:
        if token.text in ("true", "false"):
            return token.text == "true"
        if token.text == "null":
            return None
        if self.peek().kind == "mark" and self.peek().text == "(":
            self.at += 1
            given = self.items(")", level)
            return given[0] if token.text in _SAME and given else self.joined(token.text, given)
        steps, more = [token.text], list[str]()
        while self.peek().kind == "mark" and self.peek().text in (".", "["):
            if self.next().text == "[":
                more += references(self.items("]", level))
            elif self.peek().kind in ("name", "number") or self.peek().text == "*":
                steps.append(self.next().text)
        whole = ".".join(steps)
        if len(steps) < 2:
            return Computed(tuple(more))
        return Computed((whole, *more), same="" if more else whole)

    def joined(self, function: str, given: list[Any]) -> Any:
        if function == "merge" and given and all(isinstance(one, dict) for one in given):
            return {key: value for one in given for key, value in one.items()}
        if function == "concat" and given and all(isinstance(one, list) for one in given):
            return [value for one in given for value in one]
        texts = tuple(one for one in given if isinstance(one, str))
        return Computed(tuple(dict.fromkeys(references(given))), texts=texts)
