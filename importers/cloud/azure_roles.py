"""Roles of Azure: who may do what with which resources, by assignments of their own and by those of a module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphmodel.reading.values import Place
from importers.cloud.bicep import Declared
from importers.cloud.bicep_calls import Called, Reading
from importers.cloud.hcl import MOST_STEPS, Computed, references

_OVER = (("cognitive", "cognitive|ai-foundry"), ("azure ai", "cognitive|ai-foundry"), ("storage", "storage"),
         ("search", "search"), ("key vault", "vault"), ("acr", "containerregistry|container-registry"))  # fmt: skip
MOST_OF_A_KIND = 100  # that a role over all of them is counted with
_CALLS, _READS, _WRITES = "azure:invoke", "azure:get", "azure:put"
_ROLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", "cognitive services openai user", (_CALLS,)),
    ("a001fd3d-188f-4b5d-821b-7da978bf7442", "cognitive services openai contributor", (_CALLS, _WRITES)),
    ("a97b65f3-24c7-4388-baec-2e87135dc908", "cognitive services user", (_CALLS,)),
    ("53ca6127-db72-4b80-b1b0-d745d6d5456d", "azure ai user", (_CALLS,)),
    ("64702f94-c441-49e6-a78b-ef80e0188fee", "azure ai developer", (_CALLS,)),
    ("ba92f5b4-2d11-453d-a403-e96b0029c9fe", "storage blob data contributor", (_READS, _WRITES)),
    ("b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "storage blob data owner", (_READS, _WRITES)),
    ("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "storage blob data reader", (_READS,)),
    ("1407120a-92aa-4202-b7e9-c0e197c71c8f", "search index data reader", (_READS,)),
    ("8ebe5a00-799e-43f5-93ac-243d3dce84a7", "search index data contributor", (_READS, _WRITES)),
    ("7ca78c08-252a-4471-8644-bb5ff32d4ba0", "search service contributor", (_READS, _WRITES)),
    ("4633458b-17de-408a-b874-0445c86b69e6", "key vault secrets user", (_READS,)),
    ("b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "key vault secrets officer", (_READS, _WRITES)),
    ("7f951dda-4ed3-4680-a7ca-43fe172d538d", "acrpull", (_READS,)),
    ("8311e382-0749-4cb8-b61a-304f252e45ec", "acrpush", (_READS, _WRITES)),
    ("b24988ac-6180-42a0-ab88-20f7382dd24c", "contributor", (_READS, _WRITES)),
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "owner", (_READS, _WRITES)),
)


@dataclass
class Made:
    """A resource as a file declares it, each time that the file is called; ``off`` is what switches it off."""

    called: Called
    declared: Declared
    key: str
    type: str
    place: Place
    raw: dict[str, Any]
    values: dict[str, Any]
    off: str


def roles_in(
    one: Made, reading: Reading, made: Sequence[Made], groups: frozenset[str], kinds: dict[str, list[str]]
) -> Iterator[tuple[list[str], tuple[str, ...], tuple[str, ...]]]:
    """Who may do what with which resources, by an assignment of a role, or by those of a module; ``kinds`` is filled
    with the resources of each kind over which a role may be given as a whole."""
    value = one.raw
    if one.type == "microsoft.authorization/roleassignments":
        properties = value.get("properties")
        held = properties if isinstance(properties, dict) else {}
        who = reading.followed(references(held.get("principalId")), one.called)
        role, actions = _role(held.get("roleDefinitionId"), one.called)
        named = reading.followed(references(value.get("scope")), one.called)
        on = [key for key in named if key not in groups]
        kind = next((types for word, types in _OVER if role.startswith(word)), "")
        if not on and kind:  # over all of its kind in a group
            if kind not in kinds:
                kinds[kind] = [each.key for each in made if not each.declared.existing and re.search(kind, each.type)]
            on = kinds[kind][:MOST_OF_A_KIND]
        if who and on and actions and not one.off:
            yield who, actions, tuple(on)
    params = value.get("params")
    stack: list[Any] = [params] if one.declared.module and isinstance(params, dict) else []
    for _ in range(1_000):
        if not stack:
            return
        inner = stack.pop()
        if isinstance(inner, dict):
            if "principalId" in inner and "roleDefinitionIdOrName" in inner:
                who = reading.followed(references(inner["principalId"]), one.called)
                _, actions = _role(inner["roleDefinitionIdOrName"], one.called)
                if who and actions:
                    yield who, actions, (one.key,)
            stack.extend(each for each in inner.values() if isinstance(each, dict | list))
        elif isinstance(inner, list):
            stack.extend(each for each in inner if isinstance(each, dict | list))


def _role(said: Any, called: Called, left: int = MOST_STEPS) -> tuple[str, tuple[str, ...]]:
    """A role and what it allows; its id may stand in a call of a function, or in a variable."""
    value = called.worth(said)
    if isinstance(value, str):
        low = value.lower()
        return next(((name, actions) for id_, name, actions in _ROLES if id_ in low or name == low), ("", ()))
    if isinstance(value, Computed) and left > 0 and not called.budget.spent():
        for text in (value.text, *value.texts):
            if (found := _role(text, called, 0))[0]:
                return found
        for name in value.references:
            first = name.partition(".")[0]
            for held, there in (
                (called.says.variables.get(first), called),
                (called.given.get(first), called.outer or called),
                (called.says.parameters.get(first), called),
            ):
                if held is not None and (found := _role(held, there, left - 1))[0]:
                    return found
    return "", ()
