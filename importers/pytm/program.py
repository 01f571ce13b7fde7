"""A pytm program as the value that it would describe: its syntax tree is read, and nothing of it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from graphmodel.reading.limits import check_size
from graphmodel.reading.problems import refusal
from graphmodel.reading.values import Place
from importers.source import Source

MOST_BYTES = 1_000_000
ELEMENTS = frozenset({
    "Actor", "ExternalEntity", "Server", "Lambda", "Process", "SetOfProcesses", "Datastore", "LLM", "Agent",
})  # fmt: skip
LISTS = {"Boundary": "boundaries", "Data": "data", "Dataflow": "flows"}
CLASSES = ELEMENTS | set(LISTS) | {"TM"}
LeftOut = list[tuple[int, str]]


def value_of(source: Source, lines: dict[Place, int]) -> tuple[dict[str, Any], LeftOut]:
    """What the program describes, in the shape of the JSON form, and the lines that only running it would tell.

    Raises ``UnreadableError`` where it is no Python, or too large.
    """
    check_size(source.data, source.name, MOST_BYTES)
    try:
        tree = ast.parse(source.words)
    except SyntaxError as error:
        message = f"this is not valid Python: {str(error.msg)[:100]}."
        raise refusal(source.name, message, "Check it at this line.", error.lineno or 0) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise refusal(source.name, "this program is nested too deeply to be read.", "Simplify it.") from error
    program = _Program()
    program.statements(tree.body)
    value: dict[str, Any] = {"name": program.title, "elements": [], "boundaries": [], "data": [], "flows": []}
    value["description"] = program.description
    for entry in program.made:
        kept = value[LISTS.get(entry["__class__"], "elements")]
        lines[(LISTS.get(entry["__class__"], "elements"), len(kept))] = entry.pop("$line")
        kept.append(entry)
    return value, program.left_out


class _Program:
    def __init__(self) -> None:
        self.named = {name: name for name in CLASSES}  # what each name of a class stands for
        self.variables: dict[str, dict[str, Any]] = {}
        self.made: list[dict[str, Any]] = []
        self.left_out: LeftOut = []
        self.title, self.description = "pytm model", ""

    def statements(self, body: Iterable[ast.stmt]) -> None:
        for one in _flat(body):
            if isinstance(one, ast.ImportFrom) and one.module and one.module.split(".")[0] == "pytm":
                self.named.update(
                    {name.asname: name.name for name in one.names if name.asname and name.name in CLASSES}
                )
            elif isinstance(one, ast.ClassDef):
                base = next((self.class_of(base) for base in one.bases if self.class_of(base)), "")
                if base:
                    self.named[one.name] = base
            elif isinstance(one, ast.For | ast.While | ast.AsyncFor):
                self.left_out.append((one.lineno, "what a loop makes, only running the program would tell"))
            elif isinstance(one, ast.Assign):
                self.assign(one.targets[0], one.value, one.lineno)
            elif isinstance(one, ast.AnnAssign) and one.value is not None:
                self.assign(one.target, one.value, one.lineno)
            elif isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
                self.call(one.value, "")

    def class_of(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self.named.get(node.id, "")
        return node.attr if isinstance(node, ast.Attribute) and node.attr in CLASSES else ""

    def assign(self, target: ast.expr, value: ast.expr, line: int) -> None:
        if isinstance(target, ast.Name) and isinstance(value, ast.Call):
            self.call(value, target.id)
            return
        path, node = list[str](), target
        while isinstance(node, ast.Attribute):
            path.append(node.attr)
            node = node.value
        if not path or not isinstance(node, ast.Name) or node.id not in self.variables:
            return
        self.put(self.variables[node.id], path[0], value, line)

    def put(self, entry: dict[str, Any], field: str, node: ast.expr, line: int) -> None:
        """Set a field; ``controls.x`` is set as ``x``."""
        known, value = self.plain(node)
        if not known:
            self.left_out.append((line, f"the value of “{field[:40]}” is computed, and nothing is run"))
        elif entry["__class__"] == "TM":
            self.about(field, value)
        elif not field.startswith("$") and field != "__class__":
            entry[field] = value

    def about(self, field: str, value: Any) -> None:
        if isinstance(value, str):
            self.title = value if field == "name" else self.title
            self.description = value if field == "description" else self.description

    def call(self, node: ast.Call, variable: str) -> None:
        class_ = self.class_of(node.func)
        if not class_:
            return
        entry: dict[str, Any] = {"__class__": class_, "$key": variable or f"line {node.lineno}", "$line": node.lineno}
        names = ("source", "sink", "name") if class_ == "Dataflow" else ("name", "description")
        for field, value in zip(names, node.args, strict=False):
            self.put(entry, field, value, node.lineno)
        for keyword in node.keywords:
            if keyword.arg:
                self.put(entry, keyword.arg, keyword.value, node.lineno)
        if not isinstance(entry.get("name"), str):
            entry["name"] = variable
        if variable:
            self.variables[variable] = entry
        if class_ != "TM":
            self.made.append(entry)

    def plain(self, node: ast.expr) -> tuple[bool, Any]:
        """Whether an expression says its value by itself, and the value: references are the names of variables."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str | int | float | bool | None), node.value
        if isinstance(node, ast.Name):
            entry = self.variables.get(node.id)
            return entry is not None, entry["$key"] if entry else None
        if isinstance(node, ast.Attribute):
            return isinstance(node.value, ast.Name), node.attr
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            told = [self.plain(one) for one in node.elts[:1_000] if not isinstance(one, ast.List | ast.Tuple | ast.Set)]
            return True, [value for known, value in told if known]
        if isinstance(node, ast.Call) and self.class_of(node.func) not in ("", "TM"):
            self.call(node, "")
            return True, self.made[-1]["$key"]
        if isinstance(node, ast.JoinedStr):
            return True, "".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values[:100])
        return False, None


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements as they stand, those within conditions, functions and such among them."""
    waiting = list(body)[::-1]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, ast.For | ast.While | ast.AsyncFor | ast.ClassDef):
            continue
        inner: list[ast.stmt] = []
        for field in ("body", "orelse", "finalbody"):
            inner.extend(getattr(one, field, None) or [])
        waiting.extend(inner[::-1])
