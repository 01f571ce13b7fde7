"""Communication links of a Threagile model as flows, and where its data are kept and processed.

A communication link is declared by the end that opens it; ``data_assets_sent`` go from there to the
target and ``data_assets_received`` come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.model.system import Flow
from graphmodel.reading.values import Place
from importers.provenance import Reader
from importers.threagile_elements import Elements
from importers.threagile_words import CLOSED_PROTOCOLS, LOCAL_PROTOCOLS, OPEN_PROTOCOLS


def read_data(elements: Elements, place: Place, one: Mapping[str, Any]) -> None:
    """Where data are kept, and who may read or write them."""
    reader = elements.reader
    id_ = elements.ids[reader.word(one.get("id"), (*place, "id")) or str(place[-1])]
    stored = _items(elements, one.get("data_assets_stored"), (*place, "data_assets_stored"))
    processed = _items(elements, one.get("data_assets_processed"), (*place, "data_assets_processed"))
    is_store = elements.catalogue.is_a(elements.kind[id_], "DataStore")
    for data in stored:
        if is_store:
            elements.depend(data, "storedIn", id_, (*place, "data_assets_stored"))
        else:
            for right in ("mayRead", "mayWrite"):
                elements.depend(id_, right, data, (*place, "data_assets_stored"))
    for data in processed:
        if not is_store:
            elements.depend(id_, "mayRead", data, (*place, "data_assets_processed"))


def read_links(elements: Elements, place: Place, one: Mapping[str, Any]) -> None:
    """The flows that an asset opens."""
    reader = elements.reader
    own = elements.ids[reader.word(one.get("id"), (*place, "id")) or str(place[-1])]
    for where, link in reader.entries(one.get("communication_links"), (*place, "communication_links")):
        wanted = reader.name(link.get("target"), (*where, "target"))
        target = elements.known(wanted, (*where, "target"), "technical asset")
        if target is None:
            continue
        if target == own:
            reader.report("warning", where, "the link goes from an asset to itself; it was left out.", "Remove it.")
            continue
        sent = _items(elements, link.get("data_assets_sent"), (*where, "data_assets_sent"))
        received = _items(elements, link.get("data_assets_received"), (*where, "data_assets_received"))
        readonly = bool(reader.truth(link.get("readonly"), (*where, "readonly")))
        # A read-only link whose only data come back is a flow from the target, opened by its reader.
        back = readonly and not sent
        origin, end = (target, own) if back else (own, target)
        silent = not sent and not received
        if silent and not readonly:
            reader.report("note", where, "the link names no data; it was read as going both ways.")
        id_ = reader.free(f"{origin}->{end}", reader.taken)
        reader.taken[id_] = "flow"
        authentication = reader.word(link.get("authentication"), (*where, "authentication"))
        elements.flows.append(
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
                encrypted=_encrypted(reader, link, where),
                description=reader.word(link.get("description"), (*where, "description")),
                source=reader.source(where),
            )
        )


def _encrypted(reader: Reader, link: Mapping[str, Any], where: Place) -> bool | None:
    protocol = reader.word(link.get("protocol"), (*where, "protocol"))
    vpn = reader.truth(link.get("vpn"), (*where, "vpn"))
    if vpn or protocol.endswith("-encrypted") or protocol in CLOSED_PROTOCOLS or protocol in LOCAL_PROTOCOLS:
        return True
    return False if protocol in OPEN_PROTOCOLS else None


def _items(elements: Elements, value: Any, place: Place) -> list[str]:
    found = []
    for number, word in enumerate(elements.reader.words(value, place)):
        data = elements.known(word, (*place, number), "data asset")
        if data is not None and elements.catalogue.is_a(elements.kind.get(data, ""), "DataAsset"):
            found.append(data)
    return list(dict.fromkeys(found))
