"""Bicep, in which resources of Azure are written: declarations, what each expression names, and calls of modules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from graphmodel.reading.problems import refusal
from importers.cloud.hcl import MOST, Computed, Parser, references
from importers.cloud.tokens import Lexis, Token

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\f\v]+|//[^\n]*|/\*.*?(?:\*/|\Z)|\#[^\n]*)|(?P<newline>\n)|'''(?P<long>.*?)(?:'''|\Z)"
    r"|(?P<quote>')|(?P<name>[^\W\d]\w*)|(?P<number>\d+)|(?P<mark>[=!<>]=|=~|!~|=>|&&|\|\||\?\?|\.\?|::|.)",
    re.DOTALL,
)
_IN_STRING = re.compile(r"[^'\\${}\n]+|\\.|\$\{|.|\n", re.DOTALL)
_LEXIS = Lexis(_TOKEN, _IN_STRING, "'", ("${",))
_GAP = re.compile(r"\$\{([^{}]*)\}")
_NAMED = re.compile(r"(?<![\w.'])[A-Za-z_]\w*(?:\.\??\w+)*(?![\w(])")
_QUOTED = re.compile(r"'[^']*'")
_GOES_ON = frozenset({"?", ":", "&&", "||", "??", ".", ".?", "==", "!="})
_HEADS = re.compile(r"^[ \t]*(?:resource[ \t]+\w+[ \t]+'|module[ \t]+\w+[ \t]+'|targetScope[ \t]*=)", re.MULTILINE)


def is_bicep(words: str) -> bool:
    """Whether a text declares resources or modules in Bicep."""
    return _HEADS.search(words) is not None


@dataclass
class Declared:
    """A resource or a call of a module: its symbol, its type or the path of the module, and what it is given."""

    symbol: str
    type: str
    line: int
    value: dict[str, Any]
    module: bool = False
    existing: bool = False
    condition: Any = True
    each: Any = None  # what it is repeated for
    parent: str = ""  # the symbol of the resource inside which it is written
    inline: BicepFile | None = None  # what a module says that is written where it is called


@dataclass
class BicepFile:
    """What a file declares."""

    parameters: dict[str, Any] = field(default_factory=dict)
    secure: set[str] = field(default_factory=set)
    variables: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    declared: dict[str, Declared] = field(default_factory=dict)


def read_bicep(words: str, file: str) -> BicepFile:
    """Everything that a file declares. Raises ``UnreadableError`` for what is too large or too deep."""
    if len(words) > MOST:
        raise refusal(file, f"it has more than {MOST:,} characters.", "Split it.")
    return _Bicep(list(_LEXIS.tokens(words)), file).file_read()


class _Bicep(Parser):
    def __init__(self, tokens: list[Token], file: str) -> None:
        super().__init__(tokens, file)
        self.inside: list[tuple[BicepFile, Declared]] = []  # the declarations that are being read, the innermost last
        self.known: dict[tuple[int, bool], tuple[Any, int]] = {}

    def file_read(self) -> BicepFile:
        found = BicepFile()
        secure = False
        while (token := self.peek()).kind != "end":
            if token.text == "@" and token.kind == "mark":
                self.at += 1
                secure |= self.peek().text == "secure" or self.peek(2).text == "secure"
                self.expression(0, False)
                continue
            if token.kind == "name" and self.declares(token.text, found, secure):
                secure = False
                continue
            self.at += 1
        return found

    def declares(self, word: str, found: BicepFile, secure: bool) -> bool:
        name = self.peek(1)
        if word in ("param", "var", "output") and name.kind == "name":
            self.at += 2
            value = self.after_equals()
            if word == "param":
                found.parameters[name.text] = Computed() if value is None else value
                if secure:
                    found.secure.add(name.text)
            else:
                (found.variables if word == "var" else found.outputs)[name.text] = value
            return True
        if word in ("resource", "module") and name.kind == "name" and self.peek(2).kind == "string":
            self.declaration(found, "", 0)
            return True
        return False

    def after_equals(self) -> Any:
        """The value after what stands before an equals sign, such as a type; None where there is none."""
        level = 0
        while (token := self.peek()).kind != "end":
            if token.kind == "newline" and level <= 0:
                return None
            if token.text == "=" and token.kind == "mark" and level <= 0:
                self.at += 1
                return self.expression(0, False)
            level += {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}.get(token.text, 0) * (token.kind == "mark")
            self.at += 1
        return None

    def declaration(self, found: BicepFile, parent: str, level: int) -> None:
        word, symbol, type_ = self.next(), self.next(), self.next()
        existing = self.peek().text == "existing"
        self.at += existing
        if self.peek().text != "=":
            return
        self.at += 1
        one = Declared(symbol.text, type_.text, symbol.line, {}, word.text == "module", existing, parent=parent)
        self.inside.append((found, one))
        value = self.repeated(one, level)
        self.inside.pop()
        one.value = value if isinstance(value, dict) else {}
        found.declared[one.symbol] = one

    def repeated(self, one: Declared, level: int) -> Any:
        """The value of a declaration, after its condition and its loop."""
        level = self.deeper(level)
        if self.peek().text == "if" and self.peek(1).text == "(":
            self.at += 2
            given = self.items(")", level)
            one.condition = given[0] if len(given) == 1 else Computed(tuple(references(given)))
            return self.repeated(one, level)
        if self.peek().text == "[" and self.loops_at(1):
            self.at += 1
            self.skip_lines()
            while self.peek().kind != "end" and self.peek().text != "in":
                self.at += 1
            self.at += 1
            one.each = self.term(level)
            while self.peek().kind != "end" and self.peek().text != ":":
                self.at += 1
            self.at += 1
            self.skip_lines()
            value = self.repeated(one, level)
            while self.peek().kind == "newline" or self.peek().text == "]":
                self.at += 1
            return value
        return self.expression(level, False)

    def loops_at(self, ahead: int) -> bool:
        while self.peek(ahead).kind == "newline":
            ahead += 1
        return self.peek(ahead)[:2] == ("name", "for")

    def ends(self, wrapped: bool) -> bool:
        token = self.peek()
        if token.kind == "newline" and not wrapped:
            ahead = 1
            while self.peek(ahead).kind == "newline":
                ahead += 1
            return self.peek(ahead).text not in _GOES_ON or self.peek(ahead).kind != "mark"
        return super().ends(wrapped)

    def expression(self, level: int, wrapped: bool) -> Any:
        """A value; of a choice the branches together, where they are maps or lists."""
        start = self.at
        known = self.known.get((start, wrapped))  # so that what is read again as a branch costs nothing
        if known is not None:
            self.at = known[1]
            return known[0]
        value = self.chosen(level, wrapped)
        self.known[start, wrapped] = (value, self.at)
        return value

    def chosen(self, level: int, wrapped: bool) -> Any:
        start = self.at
        value = super().expression(level, wrapped)
        stop, self.at = self.at, start
        branches = self.branches(self.deeper(level), stop) if isinstance(value, Computed) else []
        self.at = stop
        if branches and all(isinstance(one, dict) for one in branches):
            return {key: each for one in reversed(branches) for key, each in one.items()}
        return [each for one in branches for each in one] if branches else value

    def branches(self, level: int, stop: int) -> list[Any]:
        """The maps, or the lists, between which the tokens from here on choose."""
        depth, found = 0, list[Any]()
        while self.at < stop:
            token = self.next()
            if token.kind == "mark":
                depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
            if token.kind == "mark" and token.text in ("?", ":") and depth == 0:
                self.skip_lines()
                if self.peek().text in ("{", "[") and self.peek().kind == "mark":
                    found.append(self.term(level))
        kinds = {type(one) for one in found}
        return found if kinds in ({dict}, {list}) and any(found) else []

    def wraps(self, closing: str) -> bool:
        return closing == ")"  # values of a list stand each on a line

    def object(self, level: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        level = self.deeper(level)
        while (token := self.peek()).kind != "end":
            if token.kind == "mark" and token.text == "}":
                self.at += 1
                break
            if token.text == "resource" and self.peek(2).kind == "string" and self.inside:
                file, one = self.inside[-1]
                self.declaration(file, one.symbol, level)
            elif token.kind in ("name", "string") and self.peek(1).text == ":" and self.peek(1).kind == "mark":
                self.at += 2
                found[token.text] = self.expression(level, False)
            else:
                self.at += 1
        return found

    def text(self, raw: str) -> Any:
        gaps = _GAP.findall(raw)
        if not gaps:
            return re.sub(r"\\(.)", r"\1", raw)
        said = (_QUOTED.sub("", one) for one in gaps)
        found = (name.replace("?", "") for one in said for name in _NAMED.findall(one))
        return Computed(tuple(dict.fromkeys(found)), raw[:1_000])

    def named(self, token: Token, level: int) -> Any:
        if token.text in ("true", "false"):
            return token.text == "true"
        if token.text == "null":
            return None
        if self.peek().kind == "mark" and self.peek().text == "(":
            self.at += 1
            given = self.items(")", level)
            flat = given and token.text in ("toLower", "string", "json", "any")
            return given[0] if flat else self.joined({"union": "merge"}.get(token.text, token.text), given)
        steps, more = [token.text], list[str]()
        while self.peek().kind == "mark" and self.peek().text in (".", ".?", "[", "!", "::"):
            mark = self.next().text
            if mark == "[":
                more += references(self.items("]", level))
            elif mark != "!" and self.peek().kind == "name":
                steps.append(self.next().text)
        whole = ".".join(steps)
        return Computed((whole, *more), same="" if more else whole)
