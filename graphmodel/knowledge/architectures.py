"""Reference architectures: what a complete system of a kind has, and where something should stand in between."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from graphmodel.knowledge.framework_files import Entry, read_entry
from graphmodel.knowledge.ontology import load_catalogue, ontology_directory
from graphmodel.knowledge.vocabulary import Catalogue

ACTOR = "actor"
"""Among the types at the beginning of a passage: whoever attacks, from outside the drawing."""


@dataclass(frozen=True, slots=True)
class Related:
    """A relation from an asset of some types to one of others; without a relation, an asset of ``origins``."""

    origins: tuple[str, ...]
    relation: str = ""
    targets: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A part that a complete system has: an asset of ``types`` (and not of ``without``), or an implemented control."""

    id: str
    title: str
    why: str
    types: tuple[str, ...]
    without: tuple[str, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A relation that something should stand in: a mediator of the types ``by``, or an implemented control."""

    id: str
    title: str
    why: str
    related: Related
    by: tuple[str, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Architecture:
    """A kind of system: ``when`` says which systems are meant, except those that ``unless`` describes better."""

    id: str
    title: str
    kind: str
    when: Related
    unless: tuple[str, ...]
    roles: tuple[Role, ...]
    passages: tuple[Passage, ...]


@cache
def load_architectures() -> tuple[Architecture, ...]:
    """The architectures that are shipped; a file of ours, so what is wrong in it raises ``ValueError``."""
    catalogue = load_catalogue()[0]
    file = read_entry(ontology_directory() / "architectures.yaml", {})
    # Ids of roles are those of their architecture, so that each is read with ids of its own.
    found = tuple(_architecture(Entry(file.file, one, {}), catalogue) for one in file.take("architectures", list))
    file.close()
    return found


def _architecture(entry: Entry, known: Catalogue) -> Architecture:
    roles = tuple(_role(one, known) for one in entry.entries("roles"))
    passages = tuple(_passage(one, known) for one in entry.entries("passages"))
    when = entry.inner("when")
    related = Related(when.among("has", known.types, 1)) if "has" in when.values else _related(when, known.types, known)
    when.close()
    found = Architecture(
        entry.id, entry.text("title"), entry.text("kind"), related, entry.texts("unless"), roles, passages
    )
    entry.close()
    return found


def _role(entry: Entry, known: Catalogue) -> Role:
    role = Role(
        entry.id,
        entry.text("title"),
        entry.text("why"),
        entry.among("types", known.types),
        entry.among("except", known.types),
        entry.among("controls", known.controls),
    )
    entry.close()
    return role


def _passage(entry: Entry, known: Catalogue) -> Passage:
    passage = Passage(
        entry.id,
        entry.text("title"),
        entry.text("why"),
        _related(entry, {*known.types, ACTOR}, known),
        entry.among("by", known.types),
        entry.among("controls", known.controls, 1),
    )
    entry.close()
    return passage


def _related(entry: Entry, origins: Collection[str], known: Catalogue) -> Related:
    relation = entry.text("via")
    if relation not in known.relations:
        raise entry.wrong(f"names the unknown relation “{relation}”")
    return Related(
        entry.among("from", origins, 1),
        relation,
        entry.among("to", known.types, 1),
        entry.among("except", known.types),
    )
