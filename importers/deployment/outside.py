"""What a deployment calls and does not run: services of third parties, and those that other files describe."""

from __future__ import annotations

import re

from graphmodel.reading.values import Place
from importers.deployment.providers import PROVIDERS, Provider
from importers.deployment.references import Named, key_words
from importers.deployment.variables import words
from importers.deployment.workload import Setting
from importers.elements import Boundary, Found, Ground, Part, Sign

INTERNET = "zone internet"
_OWN = words(
    "public external webhook callback redirect cors origin origins domain frontend site nextauth allowed whitelist "
    "proxy mirror index docs schema image homepage terms privacy noproxy repo repository website"
)
_NUMBER = re.compile(r"^[0-9.:]+$")
_HOSTS = {one.host: one for one in PROVIDERS.values()}


class Outside:
    """Parts for what is elsewhere, each made when it is first named."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self._known: dict[str, str] = {}

    def internet(self, place: Place) -> str:
        """The zone of what anybody can come to."""
        if INTERNET not in self._known:
            self._known[INTERNET] = INTERNET
            self.found.boundaries.append(Boundary(INTERNET, "Internet", place, "zone", 0, ground=Ground.REFERENCE))
        return INTERNET

    def provider(self, one: Provider, place: Place) -> str:
        """The part of a provider's service."""
        key = f"host {one.host}"
        if key not in self._known:
            self._known[key] = key
            signs = (Sign("provider", one.id), Sign("host", one.host))
            self._add(key, one.name, place, "provider", signs, self.internet(place), f"dns:{one.host}")
        return key

    def part(self, setting: Setting, at: Named) -> str:
        """The part that an address in a setting names; empty where the address is the system's own, or no name."""
        host = at.host.strip(".")
        if not host or _NUMBER.match(host) or host.endswith((".example", "example.com", "example.org", ".invalid")):
            return ""
        if _OWN & set(key_words(setting.key)):
            return ""
        if host in _HOSTS:
            return self.provider(_HOSTS[host], setting.place)
        key = f"host {host}"
        if key not in self._known:
            self._known[key] = key
            away = "." in host and not host.endswith((".local", ".internal", ".svc", ".lan", ".cluster.local"))
            zone = self.internet(setting.place) if away else ""
            signs = (Sign("host", host), Sign("scheme", at.scheme))
            kind = "address elsewhere" if away else "service of another file"
            self._add(key, host, setting.place, kind, signs, zone, f"dns:{host}")
        return key

    def _add(
        self, key: str, name: str, place: Place, kind: str, signs: tuple[Sign, ...], zone: str, identifier: str
    ) -> None:
        self.found.parts.append(
            Part(
                key,
                name,
                place,
                kind,
                signs,
                ground=Ground.REFERENCE,
                boundary=zone,
                identifiers=(identifier,),
            )
        )
