"""ARM templates (JSON), in which Azure is described, and to which Bicep compiles: read into what a file of Bicep says.

There is no library that reads the expressions of templates for Python. They are not evaluated: what is kept is which
resources, parameters and variables each of them names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.reading.values import Place, Text
from importers.cloud.arm_text import Call, parsed, written
from importers.cloud.bicep import BicepFile, Declared
from importers.cloud.hcl import Computed, references
from importers.cloud.kinds import is_glue
from importers.source import Source

MOST = 20_000  # resources of one file
_LEVELS = 30
_SCHEMA = re.compile(r"schema\.management\.azure\.com/.*deploymentTemplate\.json", re.IGNORECASE)
_DEPLOYMENT = "microsoft.resources/deployments"
_IDS = frozenset({"resourceid", "subscriptionresourceid", "tenantresourceid", "extensionresourceid"})
_SAME = frozenset({"tolower", "toupper", "string", "json", "any", "trim", "bool", "int", "createarray"})
_WORD = re.compile(r"[^A-Za-z0-9_]+")


def template_of(source: Source) -> Text | None:
    """The ARM template that a file is; None where it is none."""
    text = source.single if b"deploymentTemplate.json" in source.data else None
    value: Any = text.value if text is not None else None
    fits = isinstance(value, dict) and _SCHEMA.search(str(value.get("$schema", ""))[:300]) is not None
    return text if fits and isinstance(value.get("resources"), list | dict) else None


def read_arm(text: Text) -> BicepFile:
    """Everything that a template declares, in the form in which a file of Bicep declares it."""
    return _Template(text, text.value, ()).read()


class _Template:
    def __init__(self, text: Text, value: Mapping[str, Any], place: Place, level: int = 0) -> None:
        self.text, self.value, self.place, self.level = text, value, place, level
        self.says = BicepFile()
        self.symbols: dict[tuple[str, str], str] = {}  # by type and name, as they are written
        self.named: dict[str, str] = {}  # by the name alone, where it is no plain text
        self.taken: set[str] = set()

    def read(self) -> BicepFile:
        says, value = self.says, self.value
        parameters, variables = _map(value.get("parameters")), _map(value.get("variables"))
        self.taken = {*parameters, *variables}
        resources = list(self.resources(value.get("resources"), (*self.place, "resources"), "", "", 0))[:MOST]
        for symbol, one, type_, name, _, _ in resources:
            self.symbols.setdefault((type_, name.lower()), symbol)
            if "${" in name and not is_glue(type_) and not one.get("existing"):
                self.named.setdefault(name, symbol)
        for key, one in parameters.items():
            held = _map(one)
            if str(held.get("type", "")).lower().startswith("secure"):
                says.secure.add(key)
            default = held.get("defaultValue")
            says.parameters[key] = Computed() if default is None else self.plain(default)
        says.variables.update((key, self.plain(one)) for key, one in variables.items() if key != "copy")
        for symbol, one, type_, name, parent, place in resources:
            says.declared[symbol] = self.declared(symbol, one, type_, name, parent, place)
        for key, one in _map(value.get("outputs")).items():
            says.outputs[key] = self.plain(_map(one).get("value"))
        return says

    # ------------------------------------------------------------ resources
    def resources(
        self, value: Any, place: Place, parent: str, around: str, level: int
    ) -> Iterator[tuple[str, dict[str, Any], str, str, str, Place]]:
        """Each resource with its symbol, type, name as written, the symbol that it lies in, and its place."""
        entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, one in entries:
            if not isinstance(one, dict) or not isinstance(one.get("type"), str) or level > _LEVELS:
                continue
            spot = (*place, key)
            name, type_ = written(parsed(one.get("name"))), one["type"].lower()
            if parent and "." not in type_.partition("/")[0]:
                type_ = f"{parent.partition(' ')[0]}/{type_}"
                name = f"{around}/{name}"
            properties = _map(one.get("properties"))
            if type_ == _DEPLOYMENT and _outer(properties):
                inner = _map(properties.get("template")).get("resources")
                yield from self.resources(inner, (*spot, "properties", "template", "resources"), "", "", level + 1)
                continue
            symbol = self.symbol(key if isinstance(key, str) else self.title(one.get("name"), type_), type_)
            up = parent.partition(" ")[2]
            yield symbol, one, type_, name, up, spot
            yield from self.resources(one.get("resources"), (*spot, "resources"), f"{type_} {symbol}", name, level + 1)

    def title(self, name: Any, type_: str) -> str:
        """What people may call a resource: its own name where that is a text, or what the expression says of it."""
        said = parsed(name)
        if isinstance(said, Call) and said.function in ("parameters", "variables") and said.given:
            held = _map(self.value.get(said.function)).get(str(said.given[0]))
            default = _map(held).get("defaultValue") if said.function == "parameters" else held
            if isinstance(default, str) and not default.startswith("["):
                return default
            return re.sub(r"(?:resource|service|account)?name$", "", str(said.given[0]), flags=re.IGNORECASE)
        text = re.sub(r"\$\{[^}]*\}+", " ", written(said)).strip(" /-_)}")
        return text.rpartition("/")[2] if re.search("[A-Za-z]{3}", text) else type_.rpartition("/")[2]

    def symbol(self, wanted: str, type_: str) -> str:
        base = _WORD.sub("-", wanted).strip("-")[:100] or type_.rpartition("/")[2]
        found, number = base, 2
        if found in self.taken:
            found = base = f"{base}-{type_.rpartition('/')[2]}"
        while found in self.taken:
            found, number = f"{base}-{number}", number + 1
        self.taken.add(found)
        return found

    def declared(
        self, symbol: str, one: Mapping[str, Any], type_: str, name: str, parent: str, place: Place
    ) -> Declared:
        line, properties = self.text.line_of(place), _map(one.get("properties"))
        made = Declared(symbol, f"{type_}@", line, {}, parent=parent, existing=one.get("existing") is True)
        if "condition" in one:
            made.condition = self.plain(one["condition"])
        copy = _map(one.get("copy"))
        if "count" in copy:
            made.each = Computed(tuple(dict.fromkeys(references(self.plain(copy["count"])))))
        if type_ == _DEPLOYMENT:
            made.module, made.type = True, "a linked template"
            inner = _map(properties.get("template"))
            if inner and self.level < _LEVELS:
                spot = (*place, "properties", "template")
                made.inline = _Template(self.text, inner, spot, self.level + 1).read()
            given = _map(properties.get("parameters"))
            made.value["params"] = {key: self.plain(_map(held).get("value")) for key, held in given.items()}
            return made
        if not parent and type_.count("/") > 1:
            above = self.symbols.get((type_.rpartition("/")[0], name.rpartition("/")[0].lower()), "")
            made.parent = above if above != symbol else ""
        skipped = ("type", "apiVersion", "resources", "dependsOn", "tags", "location", "condition", "copy")
        made.value = {key: self.plain(held, symbol) for key, held in one.items() if key not in skipped}
        if isinstance(one.get("scope"), str):
            made.value["scope"] = Computed(tuple(self.scoped(written(parsed(one["scope"])))))
        return made

    def scoped(self, text: str) -> Iterator[str]:
        """The resource over which a right is given, by its path ``Provider/type/name``."""
        provider, *rest = re.split(r"/(?![^{]*\})", text)
        type_ = "/".join([provider, *rest[0::2]]).lower()
        yield from self.known(type_, "/".join(rest[1::2]))

    def known(self, type_: str, name: str) -> Iterator[str]:
        """The symbol of a resource; one that the template does not make is declared as one that is there already."""
        key = (type_.lower(), name.lower())
        if key not in self.symbols and "." in type_ and "authorization" not in key[0] and key[0] != _DEPLOYMENT:
            if len(self.symbols) >= MOST:
                return
            called = re.sub(r"\$\{\w+\('([^']*)'\)\}", r"\1", name)
            symbol = self.symbol(called.rpartition("/")[2], key[0])
            self.symbols[key] = symbol
            raw = {"name": Computed(tuple(re.findall(r"\w+\('([^']*)'\)", name)))}
            line = self.text.line_of(self.place)
            self.says.declared[symbol] = Declared(symbol, f"{key[0]}@", line, raw, existing=True)
        if key in self.symbols:
            yield self.symbols[key]

    # ------------------------------------------------------------ values
    def plain(self, value: Any, within: str = "") -> Any:
        """A value with the expressions in it as what they name."""
        if isinstance(value, dict):
            return {key: self.plain(one, within) for key, one in value.items()}
        if isinstance(value, list):
            return [self.plain(one, within) for one in value]
        said = parsed(value)
        if not isinstance(said, Call):
            return Computed() if said is None and value is not None else said
        meant = self.named.get(written(said), "")
        found = self.called(said)
        if meant and meant != within and isinstance(found, Computed) and meant not in found.references:
            return Computed((meant, *found.references), found.text, same=found.same, texts=found.texts)
        return found

    def called(self, one: Call) -> Any:
        function, given, steps = one.function, one.given, one.steps
        if function in ("parameters", "variables") and given and isinstance(given[0], str):
            whole = ".".join((given[0], *steps))
            return Computed((whole,), same="" if "*" in steps else whole)
        if function in ("true", "false", "null"):
            return None if function == "null" else function == "true"
        if function in _IDS:
            return Computed(tuple(self.of_id(given)), texts=tuple(each for each in given if isinstance(each, str)))
        values = [self.called(each) if isinstance(each, Call) else each for each in given]
        if function == "reference" and values:
            return self.referenced(given[0], values[0], steps)
        if function == "createobject":
            pairs = zip(values[0::2], values[1::2], strict=False)
            return {key: each for key, each in pairs if isinstance(key, str)}
        if function == "createarray":
            return values
        if function in _SAME and len(values) == 1 and not steps:
            return values[0]
        branches = values[1:] if function == "if" else values
        maps = bool(branches) and all(isinstance(each, dict) for each in branches)
        if maps and function in ("if", "union", "shallowmerge"):
            order = reversed(branches) if function == "if" else branches
            return {key: held for each in order for key, held in each.items()}
        if function in ("if", "union", "concat") and branches and all(isinstance(each, list) for each in branches):
            return [held for each in branches for held in each]
        text = ""
        if function in ("format", "concat"):
            text = re.sub(r"\$\{(?:parameters|variables)\('(\w+)'\)\}", r"${\1}", written(one))[:1_000]
        texts = tuple(each for each in values if isinstance(each, str))
        return Computed(tuple(dict.fromkeys(references(values))), text, texts=texts)

    def of_id(self, given: tuple[Any, ...]) -> Iterator[str]:
        """The resource that a call of ``resourceId`` names: its type, before which a group may stand, and its names."""
        at = next((n for n, one in enumerate(given) if isinstance(one, str) and "." in one and "/" in one), None)
        if at is not None:
            yield from self.known(str(given[at]), "/".join(written(one) for one in given[at + 1 :]))

    def referenced(self, said: Any, value: Any, steps: tuple[str, ...]) -> Computed:
        """What ``reference`` gives: of a deployment one of its outputs, otherwise something of a resource."""
        symbols = [said] if isinstance(said, str) and said in self.taken else list(references(value))
        if isinstance(said, str) and said not in self.taken:
            symbols = [each for (_, name), each in self.symbols.items() if name == said.lower()]
        if len(steps) > 1 and steps[0] == "outputs" and symbols:
            return Computed((".".join((symbols[0], *(one for one in steps if one != "value"))),))
        return Computed(tuple(symbols))


def _outer(properties: Mapping[str, Any]) -> bool:
    """Whether a nested template is written in the words of the one around it."""
    inner = _map(properties.get("expressionEvaluationOptions")).get("scope")
    return isinstance(properties.get("template"), dict) and str(inner).lower() != "inner"


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
