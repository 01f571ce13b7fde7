"""Networks of Compose files as zones, and the machine that everything runs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.reading.values import Place
from importers.compose.overlays import as_map
from importers.elements import Boundary, Found, Ground, Part
from importers.provenance import Reader

HOST, MACHINE = "host", "zone host"


class Networks:
    """Zones for the networks of services, each made when the first service is in it."""

    def __init__(self, found: Found, reader: Reader, top: Mapping[str, Any]) -> None:
        self.found, self.reader = found, reader
        said = top.get("networks")
        self.declared: Mapping[str, Any] = said if isinstance(said, dict) else {}
        self._zones: set[str] = set()

    def host(self) -> str:
        """The machine or cluster of machines that the containers run on."""
        self._zone(MACHINE, "Host of the containers", ("services",), "machine")
        self.found.parts.append(
            Part(
                HOST,
                "Container host",
                ("services",),
                "machine",
                type="ContainerPlatform",
                boundary=MACHINE,
                ground=Ground.GUESS,
            )
        )
        return HOST

    def zone_of(self, name: str, service: Mapping[str, Any], place: Place) -> tuple[str, str]:
        """The zone that a service is in, and what is to be noted about that."""
        mode = service.get("network_mode")
        if isinstance(mode, str):
            if mode == "host":
                return MACHINE, "it uses the network of the host: each of its ports is open there"
            if mode == "none":
                return "", "it has no network"
            if not mode.startswith(("bridge", "default")):
                return self._network("default", place), f"its network is that of “{mode[:60]}”"
        said = as_map(service.get("networks"))
        names = [str(one) for one in said] if isinstance(said, dict) else []
        first = next((one for one in names if one != "default"), names[0] if names else "default")
        zone = self._network(first, (*place, "networks") if names else place)
        note = ""
        if len(names) > 1:
            note = f"it bridges the networks {', '.join(one[:40] for one in names[:8])}"
        return zone, note

    def aliases(self, service: Mapping[str, Any]) -> list[str]:
        """Names by which others in its networks call it."""
        said = service.get("networks")
        found: list[str] = []
        for one in said.values() if isinstance(said, dict) else ():
            listed = one.get("aliases") if isinstance(one, dict) else None
            found += [str(alias) for alias in listed if isinstance(alias, str)] if isinstance(listed, list) else []
        return found[:50]

    def internal(self, name: str) -> bool:
        """Whether a network has no way out of the machine."""
        said = self.declared.get(name)
        return isinstance(said, dict) and said.get("internal") is True

    def _network(self, name: str, place: Place) -> str:
        key = f"network {name}"
        label = "Default network" if name == "default" else f"Network {name}"
        where: Place = ("networks", name) if name in self.declared else place
        self._zone(key, label, where, "network")
        return key

    def _zone(self, key: str, label: str, place: Place, kind: str) -> None:
        if key in self._zones:
            return
        self._zones.add(key)
        note = "no way out of the machine" if self.internal(key.removeprefix("network ")) else ""
        parent = "" if key == MACHINE else MACHINE if MACHINE in self._zones else ""
        self.found.boundaries.append(Boundary(key, label, place, kind, parent=parent, note=note))
