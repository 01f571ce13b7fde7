"""Trust boundaries, data assets, technical assets and runtimes of a Threagile model, as they are gathered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import Capability, Catalogue
from graphmodel.model.system import Asset, Dependency, Flow, Held, Loss, Zone
from graphmodel.reading.limits import MAX_DEPTH
from graphmodel.reading.values import Place
from importers.guessing import DATA_WORDS, TYPE_WORDS, guess
from importers.provenance import Reader
from importers.threagile_words import INTEGRITY, SECRECY, TECHNOLOGIES


class Elements:
    """What a model declares, as it is gathered; ids are ours, by those of the file."""

    def __init__(self, reader: Reader, catalogue: Catalogue) -> None:
        self.reader = reader
        self.catalogue = catalogue
        self.ids: dict[str, str] = {}
        self.zones: list[Zone] = []
        self.zone_of: dict[str, str] = {}
        self.assets: list[Asset] = []
        self.flows: list[Flow] = []
        self.dependencies: dict[str, Dependency] = {}
        self.losses: list[Loss] = []
        self.exposed: list[str] = []
        self.kind: dict[str, str] = {}

    def known(self, wanted: str, place: Place, what: str) -> str | None:
        if wanted in self.ids:
            return self.ids[wanted]
        near = self.reader.near(wanted, self.ids)
        if near is not None:
            self.reader.report(
                "warning", place, f"there is no {what} “{wanted}”; “{near}” was taken for it.", "Correct the id."
            )
            return self.ids[near]
        self.reader.report(
            "warning", place, f"there is no {what} “{wanted}”; it was left out.", "Declare it, or correct the id."
        )
        return None

    # ------------------------------------------------------------ zones
    def boundaries(self, value: Mapping[str, Any]) -> None:
        reader = self.reader
        entries = reader.entries(value.get("trust_boundaries"), ("trust_boundaries",))
        names: dict[str, str] = {}
        parents: dict[str, str] = {}
        known: set[str] = set()
        for place, one in entries:
            wanted = reader.word(one.get("id"), (*place, "id")) or str(place[-1])
            names.setdefault(wanted, reader.claim(wanted, place, "zone"))
        for place, one in entries:
            own = names[reader.word(one.get("id"), (*place, "id")) or str(place[-1])]
            for number, inner in enumerate(
                reader.words(one.get("trust_boundaries_nested"), (*place, "trust_boundaries_nested"))
            ):
                if inner in names:
                    parents[names[inner]] = own
                else:
                    reader.report(
                        "warning",
                        (*place, "trust_boundaries_nested", number),
                        f"there is no trust boundary “{inner}”.",
                        "Correct the id.",
                    )
            for number, inside in enumerate(
                reader.words(one.get("technical_assets_inside"), (*place, "technical_assets_inside"))
            ):
                asset = self.known(inside, (*place, "technical_assets_inside", number), "technical asset")
                if asset is not None and asset in self.zone_of:
                    reader.report(
                        "warning",
                        (*place, "technical_assets_inside", number),
                        f"“{inside}” is in two trust boundaries; the first is kept.",
                        "Keep one.",
                    )
                elif asset is not None:
                    self.zone_of[asset] = own
        for place, one in entries:
            own = names[reader.word(one.get("id"), (*place, "id")) or str(place[-1])]
            parent = parents.get(own)
            chain, around = {own}, parent
            while around is not None and around not in chain and len(chain) < MAX_DEPTH:
                chain.add(around)
                around = parents.get(around)
            if around is not None:
                reader.report(
                    "warning",
                    place,
                    f"the trust boundary “{own}” lies inside itself; it is put outside."
                    if around in chain
                    else f"the trust boundary “{own}” lies inside more than {MAX_DEPTH - 1} others; it is put outside.",
                    "Break the circle." if around in chain else "Leave out levels.",
                )
                parent = None
                parents.pop(own, None)
            title = reader.name(place[-1] if isinstance(place[-1], str) else own, place)
            description = reader.word(one.get("description"), (*place, "description"))
            if own not in known:
                known.add(own)
                self.zones.append(Zone(own, title, None, parent, description, reader.source(place)))

    # ------------------------------------------------------------ assets
    def distinct(self, entries: list[tuple[Place, Mapping[str, Any]]]) -> list[tuple[Place, Mapping[str, Any]]]:
        """The assets whose ids nothing before them has."""
        found = []
        for place, one in entries:
            wanted = self.reader.word(one.get("id"), (*place, "id")) or str(place[-1])
            if wanted in self.ids:
                said = f"“{wanted[:60]}” stands here twice; the first is kept."
                self.reader.report("warning", place, said, "Give it an id of its own.")
            else:
                self.ids[wanted] = self.reader.claim(wanted, place, "asset")
                found.append((place, one))
        return found

    def data_asset(self, place: Place, one: Mapping[str, Any]) -> None:
        reader = self.reader
        id_ = self.ids[reader.word(one.get("id"), (*place, "id")) or str(place[-1])]
        title = reader.name(place[-1] if isinstance(place[-1], str) else id_, place)
        found = guess(DATA_WORDS, title, id_)
        self.add(id_, title, found or "BusinessData", place, one, 0.6 if found else 0.8)
        self.rate(id_, place, one)

    def technical_asset(self, place: Place, one: Mapping[str, Any]) -> None:
        reader = self.reader
        id_ = self.ids[reader.word(one.get("id"), (*place, "id")) or str(place[-1])]
        title = reader.name(place[-1] if isinstance(place[-1], str) else id_, place)
        technologies = reader.words(one.get("technology"), (*place, "technology")) + reader.words(
            one.get("technologies"), (*place, "technologies")
        )
        found = next((TECHNOLOGIES[word] for word in technologies if word in TECHNOLOGIES), None)
        confidence = 0.9
        if found in (None, "Application", "Device"):
            special = guess(TYPE_WORDS, title, id_)
            allowed = {"Device": ("Sensor", "Actuator")}.get(found or "")
            if special is not None and (allowed is None or special in allowed) and special in self.catalogue.types:
                found, confidence = special, 0.6
        if found is None:
            found, confidence = "Application", 0.4
            said = (
                f"the technology “{', '.join(technologies)}” is not known" if technologies else "no technology is given"
            )
            reader.report(
                "warning",
                place,
                f"{said}; “{title}” was taken for an application.",
                "Set its type in the imported document.",
            )
        self.add(id_, title, found, place, one, confidence)
        if reader.truth(one.get("internet"), (*place, "internet")):
            self.exposed.append(id_)
        self.rate(id_, place, one)

    def add(
        self, id_: str, title: str, type_name: str, place: Place, one: Mapping[str, Any], confidence: float
    ) -> None:
        reader = self.reader
        self.kind[id_] = type_name
        self.assets.append(
            Asset(
                id=id_,
                name=title,
                type=type_name,
                zone=self.zone_of.get(id_),
                description=reader.word(one.get("description"), (*place, "description")),
                owner=reader.name(one.get("owner"), (*place, "owner")),
                tags=tuple(dict.fromkeys(reader.words(one.get("tags"), (*place, "tags")))),
                source=reader.source(place, confidence),
            )
        )

    def rate(self, id_: str, place: Place, one: Mapping[str, Any]) -> None:
        """Losses from the CIA rating; ratings that call for none stay without."""
        if self.reader.truth(one.get("out_of_scope"), (*place, "out_of_scope")):
            return
        for name, table, capability in (
            ("confidentiality", SECRECY, Capability.READ),
            ("integrity", INTEGRITY, Capability.WRITE),
            ("availability", INTEGRITY, Capability.DENY),
        ):
            severity = table.get(self.reader.word(one.get(name), (*place, name)))
            if severity is not None:
                self.losses.append(
                    Loss(Held(id_, capability), severity, source=self.reader.source((*place, name), 0.7))
                )

    def runtimes(self, value: Mapping[str, Any]) -> None:
        reader = self.reader
        for place, one in reader.entries(value.get("shared_runtimes"), ("shared_runtimes",)):
            wanted = reader.word(one.get("id"), (*place, "id")) or str(place[-1])
            id_ = reader.claim(wanted, place, "asset")
            title = reader.name(place[-1] if isinstance(place[-1], str) else id_, place)
            running = []
            for number, word in enumerate(
                reader.words(one.get("technical_assets_running"), (*place, "technical_assets_running"))
            ):
                asset = self.known(word, (*place, "technical_assets_running", number), "technical asset")
                if asset is not None and self.catalogue.is_a(self.kind.get(asset, ""), "Component"):
                    running.append(asset)
            zones = {self.zone_of.get(asset) for asset in running}
            if len(zones) == 1:
                zone = zones.pop()
                if zone is not None:
                    self.zone_of[id_] = zone
            self.add(id_, title, "Host", place, one, 0.9)
            for asset in running:
                self.depend(asset, "runsIn", id_, (*place, "technical_assets_running"))

    def depend(self, origin: str, relation: str, target: str, place: Place) -> None:
        one = Dependency(origin, relation, target, self.reader.source(place, 0.8))
        if origin != target:
            self.dependencies.setdefault(one.id, one)
