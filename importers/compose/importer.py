"""Reads Compose files: each service by its image, with the flows, secrets and openings that it tells of."""

from __future__ import annotations

from collections.abc import Mapping

from graphmodel.model.accounts import Answer, Question
from graphmodel.reading.problems import refusal
from importers.compose.choices import alternatives, jobs, profiles_of
from importers.compose.files import SERVICE_KEYS, gather_files, services_of
from importers.compose.networks import Networks
from importers.compose.overlays import compose_text, plain
from importers.compose.services import Services
from importers.deployment.variables import words
from importers.elements import Found
from importers.importer import two_stage
from importers.provenance import Reader
from importers.source import Source

ID = "compose"


def sniff(source: Source) -> bool:
    """Whether a file has services as Compose files have them, or includes such files."""
    text = compose_text(source)
    value = text.value if text else None
    if not isinstance(value, dict) or {"kind", "apiVersion", "graphmodel"} & set(value):
        return False
    services = services_of(value)
    if services:
        return any(isinstance(one, dict) and SERVICE_KEYS & set(one) for one in services.values())
    include = value.get("include")
    return isinstance(include, list) and set(value) <= _TOP and all(isinstance(one, str | dict) for one in include)


_TOP = frozenset({"include", "services", "name", "version", "networks", "volumes", "secrets", "configs"})


def gather(source: Source) -> tuple[Found, Reader]:
    """The services of the file and of those that it includes, as far as they run together."""
    text = compose_text(source)
    if text is None:
        raise refusal(source.name, "this is no Compose file.", "Give a file with services.")
    reader = Reader(text, importer=ID)
    top = plain(text.value)
    name = reader.name(top.get("name"), ("name",)) if isinstance(top, dict) else ""
    found = Found(name if name and "$" not in name else "Services of the Compose file")
    project = gather_files(source, found, reader)
    ending, other = jobs(project.services), alternatives(project.services)
    kept = {one: said for one, said in project.services.items() if one not in ending and one not in other}
    networks = Networks(found, reader, project.top)
    host = networks.host()
    services = Services(found, reader, project, networks, host)
    for one, why in ending.items():
        found.omit("service", project.places[one], f"it does its work and ends ({why})")
        services.job(one, project.services[one])
    for one, instead in other.items():
        if one not in ending:
            found.omit("service", project.places[one], f"in another profile it takes the place of “{instead[:60]}”")
    services.gather(kept)
    _questions(found, kept, project.missing)
    _rest(reader, project.top, kept)
    if not kept:
        found.parts = [one for one in found.parts if one.key != host]
    return found, reader


def _questions(found: Found, kept: Mapping[str, object], missing: bool) -> None:
    profiles = {profile for one in kept.values() if isinstance(one, dict) for profile in profiles_of(one)}
    if profiles:
        shown = ", ".join(sorted(profiles)[:12])
        found.questions.append(Question("", f"Which profiles are in use? Those of {shown} are all taken in."))
    built = [name for name, one in kept.items() if isinstance(one, dict) and one.get("build")]
    if built:
        shown = ", ".join(built[:8])
        text = f"Which of what is built here ({shown}) is an agent, or asks a language model by itself?"
        answers = tuple(Answer("type", name, "Agent") for name in built[:8])
        found.questions.append(Question("", text, answers))
    if missing:
        found.questions.append(Question("", "Files that it includes are not here: read them together with this one."))


_READ = SERVICE_KEYS | words(
    "secrets configs links hostname networks pid cap_add security_opt runtime models provider image volumes_from "
    "external_links domainname"
) - {"restart", "healthcheck", "deploy"}  # fmt: skip


def _rest(reader: Reader, top: object, kept: Mapping[str, object]) -> None:
    left = dict.fromkeys(key for one in kept.values() if isinstance(one, dict) for key in one if key not in _READ)
    if left:
        shown = ", ".join(sorted(str(one)[:40] for one in left)[:25])
        reader.report("note", ("services",), f"not read from services: {shown}.")
    if isinstance(top, dict):
        known = ("services", "include", "networks", "volumes", "secrets", "name", "version", "models", "configs")
        others = {key: one for key, one in top.items() if not str(key).startswith("x-") and "services" in top}
        reader.unread(others, known, (), "the file")


IMPORTER = two_stage(
    ID,
    "Docker Compose file (YAML)",
    sniff,
    gather,
    (
        "docker-compose*.yml",
        "docker-compose*.yaml",
        "compose*.yml",
        "compose*.yaml",
        "*.docker-compose.yml",
        "*.compose.yaml",
    ),
)
