"""Ports that a Compose file publishes: on every interface of the machine, or for the machine alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from importers.deployment.variables import with_defaults

_SHORT = re.compile(
    r"^(?:(?P<ip>\[[0-9A-Fa-f:]*\]|[0-9.]*|\$\w+):)?(?:(?P<host>[\w$-]*):)?(?P<inner>[\w$-]+)(?:/(?P<protocol>\w+))?$"
)


@dataclass(frozen=True, slots=True)
class Port:
    """``host`` is empty where Docker chooses it; ``loopback`` where only the machine itself comes to it."""

    host: str
    inner: str
    loopback: bool


def port(value: Any) -> Port | None:
    """A published port of its short or long form; None where it is neither."""
    if isinstance(value, dict):
        inner = value.get("target")
        host, ip = value.get("published"), value.get("host_ip")
        if not isinstance(inner, str | int) or not isinstance(host, str | int | None):
            return None
        return Port(with_defaults(str(host if host is not None else "")), str(inner), _loopback(str(ip or "")))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = _SHORT.match(with_defaults(str(value)).strip())
    if found is None:
        return None
    ip, host = found["ip"] or "", found["host"] or ""
    if ip and found["host"] is None and not (ip.startswith("[") or "." in ip):
        ip, host = "", ip  # “3000:3000”: what looks like an address without dots is the port
    return Port(host, found["inner"], _loopback(ip))


def _loopback(ip: str) -> bool:
    bare = with_defaults(ip).strip("[]")
    return bare.startswith("127.") or bare in ("::1", "localhost")
