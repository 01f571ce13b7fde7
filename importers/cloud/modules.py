"""Modules of Terraform as they are written: their files, which one calls which, and what variables are worth."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphmodel.reading.problems import UnreadableError
from importers.cloud.hcl import MOST_STEPS, MOST_TEXT, Block, Budget, Computed, Scope, read_hcl, references
from importers.cloud.hcl_json import read_hcl_json, terraform_json
from importers.source import Source

SETTINGS = "terraform.tfvars"
MOST_CALLS = 500  # of modules, in one configuration
_HEAD = re.compile(
    r"^[ \t]*(?:(?:resource|data)[ \t]+\"?[\w-]+\"?[ \t]+\"?[\w-]+\"?"
    r"|(?:module|variable|provider|output)[ \t]+\"?[\w-]+\"?|terraform|locals)[ \t]*\{",
    re.MULTILINE,
)
_GAP = re.compile(r"\$\{\s*((?:var|local)\.[\w.-]+)\s*\}")
_ORDER = frozenset({"depends_on", "lifecycle", "provisioner", "triggers", "triggers_replace"})
_PASSED = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})


def is_terraform(source: Source) -> bool:
    """Whether a file is written in HCL and has blocks of Terraform, or has them in JSON."""
    if source.data.lstrip()[:1] == b"{":
        return terraform_json(source) is not None
    return b"{" in source.data and source.data.lstrip()[:1] not in b"{[<" and bool(_HEAD.search(source.words))


@dataclass(frozen=True)
class Modules(Source):
    """The files of one folder as one module, with those of the folders whose modules it may call."""

    parts: tuple[Source, ...] = ()
    around: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)

    @cached_property
    def folder(self) -> str:
        """Where it lies."""
        return posixpath.dirname(self.name)


@dataclass
class Module(Scope):
    """A module as it is called: its blocks with their files, what is given to it, and by whom."""

    path: tuple[str, ...]
    blocks: list[tuple[str, Block]]
    given: Mapping[str, Any] = field(default_factory=dict)
    outer: Module | None = None
    budget: Budget = field(default_factory=Budget)

    def __post_init__(self) -> None:
        self.locals: dict[str, Any] = {}
        self.defaults: dict[str, Any] = {}
        for _, one in self.blocks:
            if one.type == "locals":
                self.locals.update(one.attributes)
            elif one.type == "variable" and one.labels and one.attributes.get("sensitive") is not True:
                self.defaults[one.labels[0]] = one.attributes.get("default", Computed())

    @property
    def prefix(self) -> str:
        """What stands before the addresses of its resources."""
        return "".join(f"module.{one}." for one in self.path)

    def worth(self, value: Any, left: int = MOST_STEPS) -> Any:
        """A value with what variables and locals stand for in this configuration, as far as it says so."""
        if not isinstance(value, Computed) or left <= 0 or self.budget.spent():
            return value
        if value.same:
            return self._named(value, value.same.split("."), left)
        if value.text and "${" in value.text:
            text = _GAP.sub(lambda gap: self.filled(gap, left), value.text)
            whole = "${" not in text and "%{" not in text and len(text) <= MOST_TEXT
            return text if whole else Computed(value.references, text[:MOST_TEXT])
        return value

    def _named(self, value: Computed, steps: list[str], left: int) -> Any:
        if steps[0] == "local" and steps[1] in self.locals:
            found = self.worth(self.locals[steps[1]], left - 1)
        elif steps[0] == "var" and steps[1] in self.given and self.outer is not None:
            found = self.outer.worth(self.given[steps[1]], left - 1)
        elif steps[0] == "var" and steps[1] in self.defaults:
            found = self.defaults[steps[1]]
        else:
            return value
        for step in steps[2:]:
            found = found.get(step, value) if isinstance(found, dict) else value
        return value if isinstance(found, Computed) and not found.references and not found.text else found


class Configuration:
    """All modules of a configuration, each as often as it is called."""

    def __init__(self, source: Source) -> None:
        self.odd: list[tuple[str, int, str]] = []
        self.unread: list[str] = []
        self.files: dict[str, Block] = {}
        self.modules: list[Module] = []
        self.elsewhere: dict[str, str] = {}  # the source of each call of a module that is not here, by its address
        self.missing: list[tuple[str, str]] = []  # calls of modules that should be here, with their files
        parts = source.parts if isinstance(source, Modules) else (source,)
        around = source.around if isinstance(source, Modules) else {}
        folder = posixpath.dirname(source.name)
        top = Module((), self._blocks(parts))
        top.defaults.update((key, one) for key, one in self._settings(source).items() if key in top.defaults)
        self.tree = self._read(top, folder, around, (folder,))

    def _settings(self, source: Source) -> dict[str, Any]:
        """What Terraform takes for the variables of a configuration by itself: ``terraform.tfvars`` beside it."""
        if source.beside is None:
            return {}
        try:
            data = source.beside(SETTINGS)
        except UnreadableError:  # there need be none
            return {}
        root, odd = read_hcl(Source(data, SETTINGS).words, SETTINGS)
        self.unread = [f"{SETTINGS}, line {line}: {said}" for line, said in odd]
        return root.attributes

    def _blocks(self, parts: Sequence[Source]) -> list[tuple[str, Block]]:
        found = []
        for one in parts:
            if one.name not in self.files:
                held = terraform_json(one)
                root, odd = (read_hcl_json(held), []) if held is not None else read_hcl(one.words, one.name)
                self.files[one.name] = root
                self.odd += [(one.name, line, said) for line, said in odd]
            found += [(one.name, block) for block in self.files[one.name].blocks]
        return found

    def _read(
        self, module: Module, folder: str, around: Mapping[str, tuple[Source, ...]], within: tuple[str, ...]
    ) -> dict[str, Any]:
        """The module in the form in which a plan has its configuration."""
        self.modules.append(module)
        resources: list[dict[str, Any]] = []
        calls: dict[str, Any] = {}
        outputs: dict[str, Any] = {}
        for file, one in module.blocks:
            address = address_of(one)
            if one.type in ("resource", "data") and address:
                resources.append({"address": address, "expressions": _named(_without_order(one.values()))})
            elif one.type == "output" and one.labels:
                outputs[one.labels[0]] = {"expression": _named(one.attributes.get("value"))}
            elif one.type == "module" and one.labels:
                name, said = one.labels[0], one.attributes.get("source")
                said = said if isinstance(said, str) else ""
                near = said.startswith(".")
                there = normal(folder, said) if near else ""
                given = {key: value for key, value in one.attributes.items() if key not in _PASSED}
                parts = around.get(there) if near else None
                if parts and there not in within and len(self.modules) < MOST_CALLS and len(within) < MOST_STEPS:
                    inner = Module((*module.path, name), self._blocks(parts), given, module, module.budget)
                    wired = {key: _named(value) for key, value in given.items()}
                    tree = self._read(inner, there, around, (*within, there))
                    calls[name] = {"expressions": wired, "module": tree}
                elif near:
                    self.missing.append((file, f"{module.prefix}module.{name}"))
                else:
                    self.elsewhere[f"{module.prefix}module.{name}"] = said
                    resources.append({"address": f"module.{name}", "expressions": _named(_without_order(one.values()))})
        held = {name: _named(value) for name, value in module.locals.items()}
        return {"resources": resources, "module_calls": calls, "outputs": outputs, "locals": held}


def normal(folder: str, said: str) -> str:
    """The folder that a path leads to from another one."""
    there = posixpath.normpath(posixpath.join(folder, said))
    return "" if there == "." else there


def address_of(block: Block) -> str:
    """The address of a resource or of data within its module; empty where it has none."""
    if len(block.labels) < 2:
        return ""
    return ("data." if block.type == "data" else "") + ".".join(block.labels[:2])


def _without_order(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a block says but for what is made before it: that is no use of it."""
    return {key: one for key, one in values.items() if key not in _ORDER}


def _named(value: Any) -> dict[str, list[str]]:
    return {"references": list(dict.fromkeys(references(value)))}


# ------------------------------------------------------------ in a folder
def as_modules(sources: Sequence[Source]) -> list[tuple[Modules, tuple[Source, ...]]]:
    """Files of a folder as the modules that nobody there calls, each with the files that it and those it calls have."""
    around: defaultdict[str, list[Source]] = defaultdict(list)
    for one in sources:
        around[posixpath.dirname(one.name)].append(one)
    folders = {name: tuple(parts) for name, parts in around.items()}
    calls = {name: set(_called(name, parts, folders)) for name, parts in folders.items()}
    called = set().union(*calls.values()) if calls else set()
    roots = [name for name in folders if name not in called] or list(folders)
    found = []
    for name in roots:
        reached, agenda = {name}, [name]
        while agenda:
            new = calls[agenda.pop()] - reached
            reached |= new
            agenda += sorted(new)
        parts = tuple(one for each in sorted(reached) for one in folders[each])
        label = folders[name][0].name if len(folders[name]) == 1 else posixpath.join(name, "*.tf")
        inside = {each: folders[each] for each in reached}
        found.append((Modules(b"", label, folders[name][0].beside, folders[name], inside), parts))
    return found


def declared(module: Modules) -> frozenset[str]:
    """The resources and calls of modules in the files of a module itself, by their labels."""
    heads = (re.findall(r"^(?:resource|module)[ \t]+[^{\n]*", one.words, re.MULTILINE) for one in module.parts)
    found = {each.strip() for said in heads for each in said}
    for one in module.parts:
        text = terraform_json(one)
        for block in read_hcl_json(text).blocks if text is not None else ():
            if block.type in ("resource", "module"):
                found.add(" ".join((block.type, *(f'"{label}"' for label in block.labels))))
    return frozenset(found)


def _called(folder: str, parts: Sequence[Source], folders: Mapping[str, object]) -> Iterator[str]:
    for one in parts:
        text = terraform_json(one)
        blocks = read_hcl_json(text).blocks if text is not None else ()
        calls = [str(block.attributes.get("source", "")) for block in blocks if block.type == "module"]
        if text is None:
            calls = re.findall(r"^[ \t]*source[ \t]*=[ \t]*\"(\.[^\"\n]*)\"", one.words, re.MULTILINE)
        for said in calls:
            there = normal(folder, said)
            if said.startswith(".") and there in folders and there != folder:
                yield there
