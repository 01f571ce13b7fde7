"""Volumes of services: stores that several share, directories of the machine, and mounts that give the machine away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphmodel.reading.values import Place
from importers.deployment.variables import with_defaults
from importers.elements import Found, Link, Part
from importers.provenance import Reader

SOCKETS = ("docker.sock", "podman.sock", "containerd.sock", "crio.sock")
_MACHINE = frozenset({"/", "/etc", "/root", "/var", "/var/lib", "/var/lib/docker", "/var/run", "/run", "/boot", "/dev"})
_CREDENTIALS = (".ssh", ".aws", ".kube", ".docker", ".config/gcloud", ".azure", ".gnupg", ".netrc")


@dataclass(frozen=True, slots=True)
class Mount:
    """``source`` is a directory or file of the machine where ``bind`` is true, else the name of a volume."""

    place: Place
    source: str
    target: str
    bind: bool
    read_only: bool

    @property
    def gives_machine(self) -> str:
        """Why whoever is in the container is on the machine as well; empty where not."""
        if not self.bind:
            return ""
        if self.source.endswith(SOCKETS):
            return f"it holds the socket of the container engine ({self.source})"
        if (self.source.rstrip("/") or "/") in _MACHINE and not self.read_only:
            return f"it may write to {self.source} of the machine"
        return ""

    @property
    def credentials(self) -> str:
        """The directory of credentials that it is; empty where it is none."""
        trimmed = self.source.rstrip("/")
        return next((one for one in _CREDENTIALS if self.bind and trimmed.endswith(f"/{one}")), "")


def mounts(value: Any, place: Place, reader: Reader) -> Iterator[Mount]:
    """The mounts of a service, in short and long form; temporary ones are none."""
    for number, one in enumerate(value if isinstance(value, list) else []):
        where = (*place, number)
        if isinstance(one, dict):
            kind, source = one.get("type"), one.get("source")
            if kind in ("tmpfs", "image") or not isinstance(source, str):
                continue
            bind = kind == "bind" or source.startswith(("/", ".", "~", "$"))
            yield Mount(where, with_defaults(source), str(one.get("target")), bind, one.get("read_only") is True)
        elif isinstance(one, str):
            parts = with_defaults(one).split(":")
            if len(parts) == 1:
                continue
            if len(parts[0]) == 1 and parts[0].isalpha() and parts[1].startswith(("\\", "/")):
                parts = [f"{parts[0]}:{parts[1]}", *parts[2:], ""]  # a drive of Windows
            flags = parts[2].split(",") if len(parts) > 2 else []
            bind = parts[0].startswith(("/", ".", "~", "$")) or ":" in parts[0]
            yield Mount(where, parts[0], parts[1], bind, "ro" in flags)
        else:
            reader.report("warning", where, "a mount is expected here; it was left out.", "Correct the file.")


def share(found: Found, users: dict[str, list[tuple[str, Mount]]], host: str, boundary: str) -> None:
    """Stores for what several services mount: each of them reads there what the others have written."""
    for source, those in users.items():
        place = those[0][1].place
        if len({key for key, _ in those}) < 2:
            for _, mount in those:
                reason = "only one service uses it: it is that service's own storage"
                found.omit("mount" if mount.bind else "volume", mount.place, reason)
            continue
        key = f"volume {source}"
        kind = "shared directory" if those[0][1].bind else "shared volume"
        found.parts.append(Part(key, source, place, kind, type="DataStore", boundary=boundary))
        if all(one.bind for _, one in those):
            found.links.append(Link(key, "runsIn", host, place, "runs in"))
        for user, mount in those:
            found.links.append(Link(user, "mayRead", key, mount.place, "mount"))
            if not mount.read_only:
                found.links.append(Link(user, "mayWrite", key, mount.place, "mount"))
