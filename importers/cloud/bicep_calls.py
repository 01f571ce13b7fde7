"""Files of Bicep that call each other: what is given to each, and to what a name in one of them leads."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphmodel.reading.json_text import read_json
from graphmodel.reading.problems import UnreadableError
from importers.cloud.arm import read_arm, template_of
from importers.cloud.bicep import BicepFile, Declared, read_bicep
from importers.cloud.hcl import MOST_STEPS, MOST_TEXT, Budget, Computed, Scope, references
from importers.source import Source

MOST_CALLS = 500
_DEFAULT = re.compile(r"^\$\{\w+=([^}]*)\}$")
_GAP = re.compile(r"\$\{([A-Za-z_]\w*)\}")
REGISTRY = re.compile(r"^(?:br|ts)[:/](?:public|[\w.-]+)[:/]")
"""How the path of a module begins that others publish."""


@dataclass(frozen=True)
class BicepFiles(Source):
    """A file with all others of the folder, which it may call."""

    main: Source | None = None
    around: Mapping[str, Source] = field(default_factory=dict)


@dataclass
class Called(Scope):
    """A file as it is called: what is given to it, by whom, and what it calls in turn."""

    path: tuple[str, ...]
    file: str
    says: BicepFile
    given: Mapping[str, Any]
    outer: Called | None = None
    inner: dict[str, Called] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    def key(self, symbol: str) -> str:
        return "/".join((*self.path, symbol))

    def worth(self, value: Any, left: int = MOST_STEPS) -> Any:
        """A value with what parameters and variables stand for, as far as the files say it."""
        if not isinstance(value, Computed) or left <= 0 or self.budget.spent():
            return value
        if value.same:
            first, *steps = value.same.split(".")
            if first in self.given and first not in self.says.secure:
                found = self.outer.worth(self.given[first], left - 1) if self.outer else self.given[first]
            elif first in self.says.parameters or first in self.says.variables:
                held = self.says.variables.get(first, self.says.parameters.get(first))
                found = Computed() if first in self.says.secure else self.worth(held, left - 1)
            else:
                return value
            for step in steps:
                found = found.get(step, value) if isinstance(found, dict) else value
            return value if found is None or (isinstance(found, Computed) and not found.references) else found
        if value.text:
            text = _GAP.sub(lambda gap: self.filled(gap, left), value.text)
            return text if "${" not in text and len(text) <= MOST_TEXT else value
        return value

    def items(self, value: Any, left: int = MOST_STEPS) -> list[Any]:
        """Everything that may be in a list, whatever it is put together of."""
        if isinstance(value, list):
            return [self.plain(one) for one in value]
        found: list[Any] = []
        if not isinstance(value, Computed) or left <= 0 or self.budget.spent():
            return []
        for name in value.references:
            first = name.partition(".")[0]
            if first in self.given and self.outer is not None:
                found += self.outer.items(self.given[first], left - 1)
            elif first in self.says.variables:
                found += self.items(self.says.variables[first], left - 1)
            elif first in self.says.parameters:
                found += self.items(self.says.parameters[first], left - 1)
        return found[:200]


class Reading:
    """All declarations of a file and of those that it calls, each as often as it is called."""

    def __init__(self, source: Source) -> None:
        main = source.main if isinstance(source, BicepFiles) and source.main else source
        self.around = source.around if isinstance(source, BicepFiles) else {}
        self.files: dict[str, BicepFile] = {}
        self.called: list[Called] = []
        self.missing: list[tuple[Called, Declared]] = []
        self.left = MOST_CALLS * 100
        given, self.unread = _given(main)
        self.call(main, (), given, None)

    def call(
        self,
        source: Source,
        path: tuple[str, ...],
        given: Mapping[str, Any],
        outer: Called | None,
        inline: BicepFile | None = None,
    ) -> Called:
        if source.name not in self.files:
            template = template_of(source)
            read = read_arm(template) if template is not None else read_bicep(source.words, source.name)
            self.files[source.name] = read
        one = Called(path, source.name, inline or self.files[source.name], given, outer)
        one.budget = outer.budget if outer else one.budget
        self.called.append(one)
        for each in one.says.declared.values():
            if not each.module or REGISTRY.match(each.type):
                continue
            there = self.around.get(posixpath.normpath(posixpath.join(posixpath.dirname(source.name), each.type)))
            there = source if each.inline is not None else there
            if there is None or len(self.called) >= MOST_CALLS or len(path) >= MOST_STEPS:
                self.missing.append((one, each))
                continue
            params = each.value.get("params")
            one.inner[each.symbol] = self.call(
                there, (*path, each.symbol), params if isinstance(params, dict) else {}, one, each.inline
            )
        return one

    def followed(self, names: Iterable[str], start: Called) -> list[str]:
        """The keys of the resources to which names lead, through parameters, variables and outputs of modules."""
        found: dict[str, None] = {}
        front, seen = [(one, start) for one in names], set[tuple[str, int]]()
        for _ in range(MOST_STEPS):
            following: list[tuple[str, Called]] = []
            for name, at in front:
                self.left -= 1
                if (name, id(at)) in seen or self.left < 0:
                    continue
                seen.add((name, id(at)))
                following += self._step(name.split("."), at, found)
            front = following
        return list(found)

    def _step(self, steps: Sequence[str], at: Called, found: dict[str, None]) -> list[tuple[str, Called]]:
        first = steps[0]
        if first in at.inner:
            inner = at.inner[first]
            output = inner.says.outputs.get(steps[2]) if len(steps) > 2 and steps[1] == "outputs" else None
            return [(one, inner) for one in references(output)]
        if first in at.says.declared:
            found[at.key(first)] = None
        elif first in at.says.variables:
            return [(one, at) for one in references(at.says.variables[first])]
        elif first in at.given and at.outer is not None:
            return [(one, at.outer) for one in references(at.given[first])]
        elif first in at.says.parameters:
            return [(one, at) for one in references(at.says.parameters[first])]
        return []


def _given(source: Source) -> tuple[dict[str, Any], str]:
    """What the file of parameters beside a main file says, with the defaults that stand in it; and the name of one that
    is damaged."""
    if source.beside is None:
        return {}, ""
    name = posixpath.splitext(posixpath.basename(source.name))[0] + ".parameters.json"
    try:
        data = source.beside(name)
    except UnreadableError:  # there need be none
        return {}, ""
    try:
        value = read_json(data, name).value
    except UnreadableError:
        return {}, name
    held = value.get("parameters") if isinstance(value, dict) else None
    found: dict[str, Any] = {}
    for key, one in held.items() if isinstance(held, dict) else ():
        said = one.get("value") if isinstance(one, dict) else None
        default = _DEFAULT.match(said) if isinstance(said, str) else None
        said = default[1] if default else said
        if isinstance(said, str) and (said.startswith("${") or said in ("true", "false")):
            said = None if said.startswith("${") else said == "true"
        if said is not None:
            found[str(key)] = said
    return found, ""


def as_bicep(sources: Sequence[Source]) -> tuple[list[tuple[BicepFiles, Source]], list[Source]]:
    """Files that nobody calls, each with all that it may call; and those that nobody calls and that call nobody."""
    around = {one.name: one for one in sources}
    calls: dict[str, set[str]] = {}
    for one in sources:
        said = re.findall(r"^[ \t]*module[ \t]+\w+[ \t]+'([^'\n:]+)'", one.words, re.MULTILINE)
        paths = (posixpath.normpath(posixpath.join(posixpath.dirname(one.name), each)) for each in said)
        calls[one.name] = {path for path in paths if path in around and path != one.name}
    called = set().union(*calls.values()) if calls else set()
    roots = [one for one in sources if one.name not in called] or list(sources)
    tops = [one for one in roots if calls[one.name]]
    kept = [one for one in roots if not any(_below(one, top, bool(calls[one.name])) for top in tops if top is not one)]
    unused = [one for one in roots if one not in kept]
    return [(BicepFiles(b"", one.name, one.beside, one, around), one) for one in kept], unused


def _below(one: Source, top: Source, calls: bool) -> bool:
    """Whether a file lies in the folder of another that calls files; one that calls some itself, deeper in it."""
    here, there = posixpath.dirname(one.name) + "/", posixpath.dirname(top.name) + "/"
    deeper = here != there or not calls
    return deeper and (there == "/" or here.startswith(there))
