"""Addresses of services as files write them: scheme, host and port, whatever else stands in them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

_HERE = frozenset({"localhost", "host.docker.internal", "gateway.docker.internal", "host.containers.internal"})
_SECURE = frozenset({"https", "wss", "grpcs", "rediss", "amqps", "mongodb+srv", "ssh", "sftp", "ldaps"})


@dataclass(frozen=True, slots=True)
class Address:
    """``host`` is in small letters; ``port`` is None where none, or no number, is written."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def local(self) -> bool:
        """Whether it is the machine on which the file is used."""
        if self.host in _HERE:
            return True
        try:
            found = ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return found.is_loopback or found.is_unspecified

    @property
    def encrypted(self) -> bool | None:
        """Whether the scheme says so; None where there is none."""
        return self.scheme in _SECURE if self.scheme else None


def address(text: str) -> Address | None:
    """What an address names; None where it is none. A user name and password in it are left out."""
    written = text.strip()[:2_000]
    if "://" not in written:
        written = f"//{written}"
    try:
        parts = urlsplit(written)
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return None
    try:
        port = parts.port
    except ValueError:
        port = None
    return Address(parts.scheme.lower(), host, port, parts.path) if host else None
