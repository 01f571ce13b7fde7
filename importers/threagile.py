"""Threagile YAML models.

A communication link is declared by the end that opens it; ``data_assets_sent`` go from there to the
target and ``data_assets_received`` come back. ``docs/importers.md`` has the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Evidence, Skill, Status
from graphmodel.model.system import (
    Actor,
    Asset,
    ControlImplementation,
    Dependency,
    Flow,
    Held,
    Imported,
    Loss,
    System,
    Zone,
)
from graphmodel.reading.values import Place, Text, UnreadableError, read_yaml
from importers.reading import CONTROL_WORDS, DATA_WORDS, TYPE_WORDS, Reader, guess
from importers.threagile_words import (
    CLOSED_PROTOCOLS,
    INTEGRITY,
    LOCAL_PROTOCOLS,
    OPEN_PROTOCOLS,
    READ_TOP,
    SECRECY,
    TECHNOLOGIES,
)

ID = "threagile"
ACTOR = "internet-attacker"


def sniff(value: Any) -> bool:
    """Whether a value read from YAML looks like a Threagile model."""
    return isinstance(value, dict) and ("technical_assets" in value or "threagile_version" in value)


def read(data: bytes, name: str, catalogue: Catalogue) -> Imported:
    """Read a Threagile model; a file that is none, or cannot be read, is one error."""
    try:
        text = read_yaml(data, name)
    except UnreadableError as error:
        return Imported(None, (error.problem,))
    if not sniff(text.value):
        problem = text.problem("error", (), "this is not a Threagile model.", "It has no technical_assets.")
        return Imported(None, (problem,))
    return _Threagile(Reader(text, ID), catalogue).read(text)


class _Threagile:
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

    def read(self, text: Text) -> Imported:
        reader, value = self.reader, text.value
        title = reader.name(value.get("title"), ("title",), "Threagile model")
        data = self.distinct(reader.entries(value.get("data_assets"), ("data_assets",)))
        technical = self.distinct(reader.entries(value.get("technical_assets"), ("technical_assets",)))
        self.boundaries(value)
        for place, one in data:
            self.data_asset(place, one)
        for place, one in technical:
            self.technical_asset(place, one)
        for place, one in technical:
            self.data_of(place, one)
            self.links(place, one)
        self.runtimes(value)
        controls = self.controls(value)
        actors = self.actors(technical)
        reader.unread(value, READ_TOP, (), "the file")
        risks = value.get("individual_risk_categories")
        if risks:
            reader.report(
                "note",
                ("individual_risk_categories",),
                "risks found by other tools are not taken over: they are computed anew.",
            )
        if not self.assets:
            reader.report(
                "error", ("technical_assets",), "there is no technical asset.", "Check that this is a whole model."
            )
            return Imported(None, (*text.problems, *reader.problems))
        overview = reader.mapping(value.get("business_overview"), ("business_overview",))
        system = System(
            id=reader.claim("-".join(title.lower().split())[:60] or "system", ("title",), "system"),
            name=title,
            description=reader.word(overview.get("description"), ("business_overview", "description")),
            zones=tuple(self.zones),
            assets=tuple(self.assets),
            flows=tuple(self.flows),
            dependencies=tuple(self.dependencies.values()),
            actors=actors,
            controls=controls,
            losses=tuple(self.losses),
        )
        return Imported(system, (*text.problems, *reader.problems))

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
            while around is not None and around not in chain:
                chain.add(around)
                around = parents.get(around)
            if around is not None:
                reader.report(
                    "warning",
                    place,
                    f"the trust boundary “{own}” lies inside itself; it is put outside.",
                    "Break the circle.",
                )
                parent = None
                parents.pop(own, None)
            title = reader.name(place[-1] if isinstance(place[-1], str) else own, place)
            description = reader.word(one.get("description"), (*place, "description"))
            if not any(zone.id == own for zone in self.zones):
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

    def data_of(self, place: Place, one: Mapping[str, Any]) -> None:
        reader = self.reader
        id_ = self.ids[reader.word(one.get("id"), (*place, "id")) or str(place[-1])]
        stored = self.items(one.get("data_assets_stored"), (*place, "data_assets_stored"))
        processed = self.items(one.get("data_assets_processed"), (*place, "data_assets_processed"))
        is_store = self.catalogue.is_a(self.kind[id_], "DataStore")
        for data in stored:
            if is_store:
                self.depend(data, "storedIn", id_, (*place, "data_assets_stored"))
            else:
                for right in ("mayRead", "mayWrite"):
                    self.depend(id_, right, data, (*place, "data_assets_stored"))
        for data in processed:
            if not is_store:
                self.depend(id_, "mayRead", data, (*place, "data_assets_processed"))

    def items(self, value: Any, place: Place) -> list[str]:
        found = []
        for number, word in enumerate(self.reader.words(value, place)):
            data = self.known(word, (*place, number), "data asset")
            if data is not None and self.catalogue.is_a(self.kind.get(data, ""), "DataAsset"):
                found.append(data)
        return list(dict.fromkeys(found))

    def depend(self, origin: str, relation: str, target: str, place: Place) -> None:
        one = Dependency(origin, relation, target, self.reader.source(place, 0.8))
        if origin != target:
            self.dependencies.setdefault(one.id, one)

    # ------------------------------------------------------------ flows
    def links(self, place: Place, one: Mapping[str, Any]) -> None:
        reader = self.reader
        own = self.ids[reader.word(one.get("id"), (*place, "id")) or str(place[-1])]
        for where, link in reader.entries(one.get("communication_links"), (*place, "communication_links")):
            wanted = reader.name(link.get("target"), (*where, "target"))
            target = self.known(wanted, (*where, "target"), "technical asset")
            if target is None:
                continue
            if target == own:
                reader.report("warning", where, "the link goes from an asset to itself; it was left out.", "Remove it.")
                continue
            sent = self.items(link.get("data_assets_sent"), (*where, "data_assets_sent"))
            received = self.items(link.get("data_assets_received"), (*where, "data_assets_received"))
            readonly = bool(reader.truth(link.get("readonly"), (*where, "readonly")))
            # A read-only link whose only data come back is a flow from the target, opened by its reader.
            back = readonly and not sent
            origin, end = (target, own) if back else (own, target)
            silent = not sent and not received
            if silent and not readonly:
                reader.report("note", where, "the link names no data; it was read as going both ways.")
            wanted_id = f"{origin}->{end}"
            id_, number = wanted_id, 2
            while id_ in reader.taken:
                id_ = f"{wanted_id}-{number}"
                number += 1
            reader.taken[id_] = "flow"
            authentication = reader.word(link.get("authentication"), (*where, "authentication"))
            self.flows.append(
                Flow(
                    id=id_,
                    origin=origin,
                    target=end,
                    name=reader.name(where[-1] if isinstance(where[-1], str) else "", where),
                    carries=tuple(received if back else sent),
                    returns=() if back else tuple(received),
                    two_way=silent and not readonly,
                    opened_by=own,
                    authenticated=authentication != "none" if authentication else None,
                    encrypted=self.encrypted(link, where),
                    description=reader.word(link.get("description"), (*where, "description")),
                    source=reader.source(where),
                )
            )

    def encrypted(self, link: Mapping[str, Any], where: Place) -> bool | None:
        protocol = self.reader.word(link.get("protocol"), (*where, "protocol"))
        vpn = self.reader.truth(link.get("vpn"), (*where, "vpn"))
        if vpn or protocol.endswith("-encrypted") or protocol in CLOSED_PROTOCOLS or protocol in LOCAL_PROTOCOLS:
            return True
        return False if protocol in OPEN_PROTOCOLS else None

    # ------------------------------------------------------------ the rest
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

    def controls(self, value: Mapping[str, Any]) -> tuple[ControlImplementation, ...]:
        """Mitigations recorded in risk tracking, where a title says which control they are."""
        reader = self.reader
        found: list[ControlImplementation] = []
        for place, one in reader.entries(value.get("risk_tracking"), ("risk_tracking",)):
            status = reader.word(one.get("status"), (*place, "status"))
            if status not in ("mitigated", "in-progress"):
                continue
            words = f"{place[-1]} {reader.word(one.get('justification'), (*place, 'justification'))}"
            control = guess(CONTROL_WORDS, words)
            assets = [self.ids[part] for part in str(place[-1]).replace(">", "@").split("@") if part in self.ids]
            if control not in self.catalogue.controls or not assets:
                reader.report(
                    "note",
                    place,
                    "which control mitigates this risk is not said; it counts for nothing.",
                    "Add the control to the imported document.",
                )
                continue
            number = sum(one.id.startswith(f"tracked-{control}") for one in found) + 1
            found.append(
                ControlImplementation(
                    id=f"tracked-{control}-{number}",
                    control=control,
                    protects=tuple(dict.fromkeys(assets)),
                    name=words[:200],
                    status=Status.IMPLEMENTED if status == "mitigated" else Status.PLANNED,
                    evidence=Evidence.DECLARED,
                    source=reader.source(place, 0.4),
                )
            )
        return tuple(found)

    def actors(self, technical: list[tuple[Place, Mapping[str, Any]]]) -> tuple[Actor, ...]:
        reader = self.reader
        if not self.exposed:
            reader.report(
                "warning",
                ("technical_assets",),
                "no asset is on the internet, so there is nobody who attacks.",
                "Add actors to the imported document.",
            )
            return ()
        starts = tuple(
            Held(asset, Capability.REACH)
            for asset in sorted(self.exposed)
            if self.catalogue.is_a(self.kind[asset], "Asset")
        )
        id_ = reader.claim(ACTOR, ("technical_assets",), "actor")
        reader.report(
            "note",
            ("technical_assets",),
            f"an outsider “{id_}” was added, who reaches what is on the internet: {', '.join(sorted(self.exposed))}.",
        )
        note = "added for the assets that are on the internet"
        return (
            Actor(
                id_,
                "Attacker on the internet",
                ActorKind.OUTSIDER,
                Skill.SKILLED,
                None,
                starts,
                source=reader.source(("technical_assets",), 0.7, note),
            ),
        )
