"""Plans and states of Terraform as ``terraform show -json`` prints them; references are followed through modules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphmodel.reading.json_text import read_json
from graphmodel.reading.problems import UnreadableError, refusal
from graphmodel.reading.values import Place
from importers.cloud.resources import Resource, actions_of, assemble
from importers.elements import Found
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "terraform"
_INDEX = re.compile(r"\[[^\]]*\]")
MAX_STEPS = 12
MAX_EACH = 5
MOST_NAMES = 1_000_000  # that are followed through modules, in one plan


def _source(source: Source) -> Source:
    """A file that PowerShell wrote as UTF-16, as UTF-8."""
    if source.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return Source(source.data.decode("utf-16").encode(), source.name, source.beside)
        except UnicodeDecodeError:
            return source
    return source


def sniff(source: Source) -> bool:
    """Whether a file is a plan or a state as JSON, or the log of a plan, which is refused."""
    if _log(source):
        return True
    value = _source(source).value
    return isinstance(value, dict) and "terraform_version" in value and ("planned_values" in value or "values" in value)


def _log(source: Source) -> bool:
    first = source.data[:2_000].split(b"\n")[0]
    return first.startswith(b'{"@level"') and b"terraform" in first


def gather(source: Source) -> tuple[Found, Reader]:
    """The planned resources, with the references that only the configuration holds."""
    if _log(source):
        message = "this is the log of a plan (`terraform plan -json`), which names resources only."
        raise refusal(source.name, message, "Run `terraform show -json PLANFILE > plan.json`, and read that file.")
    reader = Reader(_source(source).text, importer=ID)
    top = reader.mapping(reader.text.value, ())
    found = Found("Terraform plan" if "planned_values" in top else "Terraform state")
    part = "planned_values" if "planned_values" in top else "values"
    values: Place = (part,)
    if part == "values":
        advice = "Read the plan instead where you can."
        reader.report("warning", values, "a state holds secrets in clear text; none of its values are kept.", advice)
    root = reader.mapping(reader.mapping(top.get(part), values).get("root_module"), (*values, "root_module"))
    planned = list(_planned(root, (*values, "root_module"), reader, 0))
    configuration = reader.mapping(top.get("configuration"), ("configuration",))
    wiring = Wiring(configuration.get("root_module"))
    instances: dict[str, list[str]] = {}
    for _, one in planned:
        address = str(one.get("address"))
        instances.setdefault(_INDEX.sub("", address), []).append(address)
    resources = []
    for place, one in planned:
        address, kind = str(one.get("address")), str(one.get("type"))
        near = [key for name in wiring.near(_INDEX.sub("", address)) for key in instances.get(name, ())[:MAX_EACH]]
        held = one.get("values")
        said = held if isinstance(held, dict) else {}
        label = next((str(said[key]) for key in ("name", "bucket", "function_name", "identifier") if
                      isinstance(said.get(key), str) and said[key].strip()), address)  # fmt: skip
        near = [key for key in dict.fromkeys(near) if key != address]
        rights = tuple((actions, tuple(near)) for actions in _allowed(said))
        resources.append(Resource(address, kind, label[:150], place, said, tuple(near), rights))
    assemble(found, resources)
    for place, one in reader.entries(top.get("resource_changes"), ("resource_changes",)):
        change = one.get("change")
        actions = change.get("actions") if isinstance(change, dict) else None
        if actions == ["delete"]:
            found.omit("resource", place, "the plan deletes it")
    return found, reader


def _planned(
    module: Mapping[str, Any], place: Place, reader: Reader, level: int
) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    for where, one in reader.entries(module.get("resources"), (*place, "resources")):
        if one.get("mode") == "data":
            continue
        if isinstance(one.get("address"), str) and isinstance(one.get("type"), str):
            yield where, one
        else:
            message = "a resource has no address or no type; it was left out."
            reader.report("warning", where, message, "Correct the file.")
    if level < MAX_STEPS:
        for where, one in reader.entries(module.get("child_modules"), (*place, "child_modules")):
            yield from _planned(one, where, reader, level + 1)


def _allowed(values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The actions of policies, which are JSON in a text; assuming a role is none."""
    said = values.get("policy")
    if not isinstance(said, str) or not said.lstrip().startswith("{"):
        return
    try:
        policy = read_json(said.encode(), "policy").value
    except UnreadableError:
        return
    listed = policy.get("Statement") if isinstance(policy, dict) else None
    for one in listed if isinstance(listed, list) else [listed]:
        if isinstance(one, dict) and (actions := actions_of(one)):
            yield actions


class Wiring:
    """Which resources a resource names, found through the inputs and outputs of modules."""

    def __init__(self, root: Any) -> None:
        self.modules: dict[tuple[str, ...], Mapping[str, Any]] = {}
        self.calls: dict[tuple[str, ...], Mapping[str, Any]] = {}
        self.expressions: dict[str, tuple[tuple[str, ...], Any]] = {}
        self.left = MOST_NAMES
        self._module(root, ())

    def _module(self, module: Any, path: tuple[str, ...]) -> None:
        if not isinstance(module, dict) or len(path) > MAX_STEPS:
            return
        self.modules[path] = module
        prefix = "".join(f"module.{name}." for name in path)
        resources = module.get("resources")
        for one in resources if isinstance(resources, list) else ():
            if isinstance(one, dict):
                self.expressions[f"{prefix}{one.get('address')}"] = (path, one.get("expressions"))
        calls = module.get("module_calls")
        for name, call in calls.items() if isinstance(calls, dict) else ():
            if isinstance(call, dict):
                inner = (*path, str(name))
                self.calls[inner] = call
                self._module(call.get("module"), inner)

    def near(self, address: str) -> list[str]:
        """The addresses of what a resource names, without indices."""
        path, expressions = self.expressions.get(address, ((), None))
        return self.followed(_names(expressions), path)

    def followed(self, names: Iterable[str], path: tuple[str, ...]) -> list[str]:
        """The addresses of what is named in a module."""
        found: dict[str, None] = {}
        seen: set[tuple[str, tuple[str, ...]]] = set()
        front = [(one, path) for one in names]
        for _ in range(MAX_STEPS):
            following: list[tuple[str, tuple[str, ...]]] = []
            for said in front:
                if said not in seen and self.left > 0:
                    seen.add(said)
                    following += self._step(*said, found)
            self.left -= len(following)
            front = following
        return list(found)

    def _step(self, name: str, path: tuple[str, ...], found: dict[str, None]) -> list[tuple[str, tuple[str, ...]]]:
        parts = _INDEX.sub("", name).split(".")
        if parts[0] == "var" and path and len(parts) > 1:
            expressions = self.calls[path].get("expressions")
            said = expressions.get(parts[1]) if isinstance(expressions, dict) else None
            return [(one, path[:-1]) for one in _names(said)]
        prefix = "".join(f"module.{one}." for one in path)
        if parts[0] == "local" and len(parts) > 1:
            held = self.modules.get(path, {}).get("locals")
            return [(one, path) for one in _names(held.get(parts[1]) if isinstance(held, dict) else None)]
        if parts[0] == "module" and len(parts) > 1 and (*path, parts[1]) not in self.modules:
            found[f"{prefix}module.{parts[1]}"] = None
        if parts[0] == "data" and len(parts) > 2:
            found[prefix + ".".join(parts[:3])] = None
        if parts[0] == "module" and len(parts) > 2:
            inner = (*path, parts[1])
            outputs = self.modules.get(inner, {}).get("outputs")
            output = outputs.get(parts[2]) if isinstance(outputs, dict) else None
            said = output.get("expression") if isinstance(output, dict) else None
            return [(one, inner) for one in _names(said)]
        if len(parts) > 1 and parts[0] not in ("var", "module", "local", "each", "count", "path", "data", "self"):
            found[prefix + ".".join(parts[:2])] = None
        return []


def _names(expression: Any, level: int = 0) -> list[str]:
    """The references inside an expression."""
    found: list[str] = []
    if level > MAX_STEPS:
        return found
    if isinstance(expression, dict):
        for key, one in expression.items():
            if key == "references" and isinstance(one, list):
                found += [name for name in one if isinstance(name, str)]
            else:
                found += _names(one, level + 1)
    elif isinstance(expression, list):
        for one in expression:
            found += _names(one, level + 1)
    return found


TERRAFORM = two_stage(
    ID, "Terraform plan (JSON of `terraform show`)", sniff, gather, ("*tfplan*.json", "plan.json", "*plan*.json")
)
