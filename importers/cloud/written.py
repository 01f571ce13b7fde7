"""Terraform as it is written (``.tf``): what a repository has where nobody has printed a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place, Text
from importers.cloud.hcl import Block, Computed, references
from importers.cloud.modules import Configuration, Module, Modules, address_of, is_terraform
from importers.cloud.resources import Resource, actions_of, assemble
from importers.cloud.terraform import Wiring
from importers.elements import Found
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "terraform-source"
_PLAIN = frozenset({"this", "main", "default", "self", "it", "primary", "resource"})
_NAMES = ("name", "bucket", "function_name", "identifier", "agent_name", "display_name", "cluster_name", "service_name")
_KNOWN = re.compile(
    r"policy_document$|_secret$|_bucket$|_storage_account$|_db_instance$|_rds_cluster$|_dynamodb_table$|_ecr_repository$|"
    r"_eks_cluster$|aws_vpc$|_compute_network$|aws_lb$|_sqs_queue$|_key_vault$|_cognitive_account$|_foundation_model$|"
    r"_kubernetes_cluster$|_container_cluster$"
)
_HELPERS = re.compile(r"label|naming|(?:^|/)tags?(?:/|$)|utils|project-factory|project_services")


def gather(source: Source) -> tuple[Found, Reader]:
    """The resources of a configuration and of all modules in it that are here, each as often as it is called."""
    configuration = Configuration(source)
    reader = Reader(Text(None, source.name, {}), importer=ID)
    lines: dict[str, dict[Place, int]] = {name: {} for name in configuration.files}
    for name, line, _ in configuration.odd[:100]:
        lines[name][(f"line {line}",)] = line
    reader.beside = {name: Text(None, name, held) for name, held in lines.items()}
    for name, line, said in configuration.odd[:100]:
        reader.report("warning", (name, f"line {line}"), f"{said}.", "Correct it, and read it again.")
    for said in configuration.unread[:20]:
        reader.report("warning", (), f"{said}.", "Correct it, and read it again.")
    found = Found("Terraform configuration")
    wiring = Wiring(configuration.tree)
    written = list(_written(configuration, lines))
    off = [one for one in written if one.off]
    kit = 2 * len(off) > len(written)
    if kit:
        names = sorted({one.off for one in off})
        shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
        text = f"Which of these parts are switched on? Without settings {shown} leave out more than half; all are here."
        found.questions.append(Question("", text))
    kept = [one for one in written if kit or not one.off]
    for one in written if not kit else ():
        if one.off:
            found.omit(one.type, one.place, f"it is off unless {one.off} says otherwise")
    for file, address in configuration.missing:
        found.omit("module", (file, address), "its files were not given, or it calls itself")
    there = {one.key for one in kept}
    resources = []
    for one in kept:
        near = tuple(key for key in dict.fromkeys(wiring.near(one.key)) if key in there and key != one.key)
        rights = tuple(_rights(one, wiring, there))
        resources.append(Resource(one.key, one.type, one.name, one.place, one.values, near, rights, one.note))
    assemble(found, resources)
    return found, reader


class _Written:
    """A resource, data that are there already, or a call of a module of others."""

    def __init__(self, block: Block, file: str, module: Module, elsewhere: Mapping[str, str]) -> None:
        self.module, self.note = module, ""
        if block.type == "module":
            self.key = f"{module.prefix}module.{block.labels[0]}"
            self.type, own = module_type(elsewhere[self.key]), block.labels[0]
        else:
            self.key, self.type, own = module.prefix + address_of(block), block.labels[0], block.labels[1]
        if block.type == "data" and not self.type.endswith("policy_document"):
            self.note = "it is there already, and made elsewhere"
        self.place: Place = (file, self.key)
        raw = block.values()
        values = module.plain(raw)
        self.values: dict[str, Any] = values if isinstance(values, dict) else {}
        self.raw = raw
        if self.type in ("aws_lb", "aws_alb", "aws_elb") and "internal" not in raw:
            self.values["internal"] = False
        said = next((self.values[key] for key in _NAMES if isinstance(self.values.get(key), str)), "").strip()
        if not said:
            said = own if own not in _PLAIN else module.path[-1] if module.path else self._kind()
        self.name = said[:150]
        self.off = self._switch(module, raw)

    def _kind(self) -> str:
        return self.type.partition("_")[2].replace("_", " ") or self.type

    @staticmethod
    def _switch(module: Module, raw: Mapping[str, Any]) -> str:
        """The variable by which it is off; empty where it is on, or nobody knows."""
        outer: Module | None = module
        for key in ("count", "for_each"):
            said = raw.get(key)
            if not isinstance(said, Computed):
                if key in raw and said in (0, [], {}):
                    return "its count"
                continue
            name = said.switch or said.same
            value = outer.worth(Computed((name,), same=name)) if outer is not None and name else None
            if name and not isinstance(value, Computed) and value is not None and not value:
                return name
        return ""


def _written(configuration: Configuration, lines: Mapping[str, dict[Place, int]]) -> Iterator[_Written]:
    off: dict[tuple[str, ...], str] = {}
    missing = {address for _, address in configuration.missing}
    for module in configuration.modules:
        above = off.get(module.path, "") or off.get(module.path[:-1], "")
        if above:
            off[module.path] = above
        for file, block in module.blocks:
            named = block.type == "module" and bool(block.labels)
            if named and f"{module.prefix}module.{block.labels[0]}" in missing:
                continue
            if named and f"{module.prefix}module.{block.labels[0]}" not in configuration.elsewhere:
                said = _Written._switch(module, block.attributes) or above
                if said:
                    off[(*module.path, block.labels[0])] = said
                continue
            if not named and (block.type not in ("resource", "data") or not address_of(block)):
                continue
            if block.type == "data" and not _KNOWN.search(block.labels[0]):
                continue
            one = _Written(block, file, module, configuration.elsewhere)
            if named and _HELPERS.search(one.type):
                continue
            one.off = one.off or above
            lines[file][(one.key,)] = block.line
            yield one


def module_type(source: str) -> str:
    """By what the typing table knows a module of others: its source without version, credentials and options."""
    said = re.sub(r"^git(?:::|@)(?:https?://|ssh://)?|^https?://", "", source.partition("?")[0].strip())
    said = said.rpartition("@")[2].replace(".git", "")
    return f"module {said.lower()[:150]}".strip()


def _rights(one: _Written, wiring: Wiring, there: set[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What policies in a resource allow, and on what of this configuration."""
    for statement in _statements(one):
        actions = tuple(action for action in actions_of(statement) if not action.lower().startswith("sts:assume"))
        if actions:
            named = wiring.followed(references(statement.get("Resource")), one.module.path)
            yield actions, tuple(key for key in dict.fromkeys(named) if key in there)


def _statements(one: _Written) -> Iterator[dict[str, Any]]:
    if one.type == "aws_iam_policy_document":
        for each in one.raw.get("statement", ()):
            if isinstance(each, dict):
                effect, actions = each.get("effect", "Allow"), one.module.worth(each.get("actions"))
                yield {"Effect": effect, "Action": actions, "Resource": each.get("resources")}
    for key in ("policy", "inline_policy", "access_policy"):
        held = one.module.worth(one.raw.get(key))
        for policy in held if isinstance(held, list) else [held]:
            inner = one.module.worth(policy.get("policy", policy)) if isinstance(policy, dict) else None
            said = inner.get("Statement") if isinstance(inner, dict) else None
            for each in said if isinstance(said, list) else [said]:
                if isinstance(each, dict):
                    yield {**each, "Action": one.module.worth(each.get("Action"))}


def sniff(source: Source) -> bool:
    """Whether a file, or the files of a folder, are written for Terraform."""
    return isinstance(source, Modules) or is_terraform(source)


WRITTEN = two_stage(ID, "Terraform (.tf, .tf.json)", sniff, gather, ("*.tf", "*.tf.json"))
