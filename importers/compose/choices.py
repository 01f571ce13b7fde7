"""Which services of a Compose file run together: jobs that end, and profiles of which one is chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from importers.compose.overlays import as_map
from importers.compose.ports import port
from importers.deployment.images import image

_JOB = re.compile(
    r"(?:^|[-_])(?:init|migrate|migrations?|import|seed|pull|bootstrap|setup|createbuckets?|create-?buckets?)(?:$|[-_])"
)
_JOB_COMMAND = re.compile(
    r"\bollama pull\b|\balembic upgrade\b|\bprisma migrate\b|\bmanage\.py migrate\b|\bmc (?:mb|alias)\b|"
    r"\bn8n import:|\bhuggingface-cli download\b|\bdb:migrate\b"
)
_SERVERS = re.compile(r"\bserve\b|\bserver\b|uvicorn|gunicorn|\brunserver\b|\bstart\b")


def jobs(services: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The services that do one thing and end, with how that is known."""
    found: dict[str, str] = {}
    for one in services.values():
        for target, said in depends_on(one).items():
            if isinstance(said, dict) and said.get("condition") == "service_completed_successfully":
                found[target] = "others wait until it has ended"
    for name, one in services.items():
        command = " ".join(_text(one.get(key)) for key in ("entrypoint", "command"))[:4_000]
        if one.get("ports") or name in found:
            continue
        if _JOB_COMMAND.search(command) and not _SERVERS.search(command):
            found[name] = "its command prepares something and ends"
        elif _JOB.search(name) and one.get("restart", "no") in ("no", False, "on-failure") and command:
            found[name] = "its name and its command say that it prepares something"
    return {name: why for name, why in found.items() if name in services}


def depends_on(service: Mapping[str, Any]) -> dict[str, Any]:
    """Whom a service waits for, with the conditions."""
    said = as_map(service.get("depends_on"))
    return said if isinstance(said, dict) else {}


def profiles_of(service: Mapping[str, Any]) -> tuple[str, ...]:
    """The profiles of a service; without any, or with an empty name alone, it always runs."""
    said = service.get("profiles")
    named = (str(one).strip() for one in said if isinstance(one, str | int)) if isinstance(said, list) else ()
    return tuple(one for one in named if one)


def alternatives(services: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The services that take the place of one before them in another profile, with the name of that one.

    Two are alternatives where no profile has both, and they have the same image, name of container, host name or
    published port.
    """
    first: dict[tuple[str, str], list[str]] = {}
    found: dict[str, str] = {}
    chosen: dict[str, set[str]] = {}
    for name, one in services.items():
        profiles = set(profiles_of(one))
        if not profiles:
            continue
        marks = list(_marks(one))
        other = next(
            (kept for mark in marks for kept in first.get(mark, ()) if not chosen[kept] & profiles),
            None,
        )
        if other is not None:
            found[name] = other
            continue
        chosen[name] = profiles
        for mark in marks:
            held = first.setdefault(mark, [])
            if len(held) < 20:
                held.append(name)
    return found


def _marks(service: Mapping[str, Any]) -> list[tuple[str, str]]:
    marks = []
    known = image(_text(service.get("image")))
    if known is not None:
        command = _text(service.get("command"))
        marks.append(("image", f"{known.name} {command}"))
    elif service.get("image"):
        marks.append(("image", _text(service.get("image"))))
    for key in ("container_name", "hostname"):
        if isinstance(service.get(key), str):
            marks.append(("host", service[key]))
    ports = service.get("ports")
    for one in ports if isinstance(ports, list) else []:
        known_port = port(one)
        if known_port and known_port.host:
            marks.append(("port", known_port.host))
    return marks


def _text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(str(one) for one in value[:200] if isinstance(one, str | int | float))
    return str(value)[:4_000] if isinstance(value, str) else ""
