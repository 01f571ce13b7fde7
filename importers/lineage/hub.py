"""Models and data sets by their names on a public hub, once each in a file, with the hub and who publishes there."""

from __future__ import annotations

import re
from dataclasses import replace

from graphmodel.knowledge.vocabulary import ActorKind, Capability
from graphmodel.reading.values import Place
from importers.elements import Attacker, Found, Ground, Link, Part

HUB = "hub"
_STARTS = 2_000  # of the publisher: who changes one of so many has them all
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?")


def on_hub(name: str, plain: bool = False) -> bool:
    """Whether a name is one of the hub, such as ``org/name``; with ``plain`` a bare name is one too."""
    if not _NAME.fullmatch(name) or len(name) > 200:
        return False
    return plain or "/" in name


def model(found: Found, name: str, place: Place, kind: str, type_: str = "Model", plain: bool = False) -> str:
    """A model by its name; one of the hub is stored there, and its publisher can change it."""
    return _thing(found, f"model {name}", name, place, kind, type_, "", plain)


def dataset(found: Found, name: str, place: Place, kind: str, plain: bool = False) -> str:
    """A data set by its name."""
    return _thing(found, f"dataset {name}", name, place, kind, "Dataset", "datasets/", plain)


def _thing(found: Found, key: str, name: str, place: Place, kind: str, type_: str, realm: str, plain: bool) -> str:
    hub = on_hub(name, plain)
    ids = (f"pkg:huggingface/{realm}{name.lower()}",) if hub else ()
    found.parts.append(Part(key, name[:200], place, kind, type=type_, ground=Ground.REFERENCE, identifiers=ids))
    if hub:
        if all(one.key != HUB for one in found.parts[:50]):
            found.parts.insert(
                0, Part(HUB, "Hugging Face Hub", place, "hub", type="PublicHub", ground=Ground.REFERENCE)
            )
        found.links.append(Link(key, "storedIn", HUB, place, "place", Ground.REFERENCE))
        _publisher(found, key, place)
    return key


def _publisher(found: Found, key: str, place: Place) -> None:
    held = (key, Capability.REACH)
    for number, one in enumerate(found.attackers):
        if one.key == "publisher":
            if held not in one.starts[-200:] and len(one.starts) < _STARTS:
                found.attackers[number] = replace(one, starts=(*one.starts, held))
            return
    found.attackers.append(
        Attacker(
            "publisher",
            "Publisher on the hub",
            place,
            "publisher",
            ActorKind.SUPPLIER,
            starts=(held,),
            ground=Ground.REFERENCE,
            note="whoever publishes there can change what is fetched",
        )
    )
