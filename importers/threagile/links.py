"""Communication links of a Threagile model as flows, and where its data are kept and processed.

A communication link is declared by the end that opens it; ``data_assets_sent`` go from there to the target and
``data_assets_received`` come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphmodel.reading.values import Place
from importers.drawn import one_line
from importers.elements import Found, Ground, Link
from importers.misspelt import meant
from importers.provenance import Reader

OPEN_PROTOCOLS = frozenset({
    "http", "ws", "jdbc", "odbc", "sql-access-protocol", "nosql-access-protocol", "binary", "text", "mqtt", "jms",
    "smtp", "pop3", "imap", "ftp", "ldap", "nfs", "smb", "nrpe", "xmpp", "iiop", "jrmp", "container-spawning",
    "reverse-proxy-web-protocol",
})  # fmt: skip
# Calls that never leave a machine cannot be overheard on a network.
LOCAL_PROTOCOLS = frozenset({"local-file-access", "in-process-library-call", "inter-process-communication"})
CLOSED_PROTOCOLS = frozenset({"https", "wss", "ssh", "ssh-tunnel", "sftp", "scp", "ftps", "ldaps"})
AUTHENTICATIONS = frozenset({
    "none", "credentials", "session-id", "token", "client-certificate", "two-factor", "externalized",
})  # fmt: skip
_SAID = {
    "target", "description", "protocol", "authentication", "authorization", "tags", "vpn", "ip_filtered", "readonly",
    "usage", "data_assets_sent", "data_assets_received", "diagram_tweak_weight", "diagram_tweak_constraint",
}  # fmt: skip


@dataclass(frozen=True)
class Ids:
    """The ids that a model declares, by which links refer to assets and data."""

    assets: frozenset[str]
    data: frozenset[str]


def read_links(found: Found, reader: Reader, place: Place, one: Mapping[str, Any], own: str, ids: Ids) -> None:
    """The data that an asset keeps and processes, and the flows that it opens."""
    key = f"asset {own}"
    stored = _words(reader, one, place, "data_assets_stored", ids)
    for spot, data in stored:
        rights = ((key, "mayRead", f"data {data}"), (key, "mayWrite", f"data {data}"))
        found.links.append(Link(f"data {data}", "storedIn", key, spot, "data stored", instead=rights))
    kept = {data for _, data in stored}
    store = one.get("type") == "datastore"
    for spot, data in _words(reader, one, place, "data_assets_processed", ids):
        if data in kept or store:
            found.joined.append("data processed")  # a store does not use what it keeps or passes
        else:
            found.links.append(Link(key, "mayRead", f"data {data}", spot, "data processed"))
    for where, link in reader.entries(one.get("communication_links"), (*place, "communication_links")):
        found.links.append(_link(reader, where, link, key, ids))
        reader.unread(link, _SAID, where, "a communication link")


def _link(reader: Reader, where: Place, link: Mapping[str, Any], own: str, ids: Ids) -> Link:
    spot = (*where, "target")
    target = f"asset {meant(reader, reader.name(link.get('target'), spot), ids.assets, spot, 'technical asset')}"
    sent = tuple(f"data {word}" for _, word in _words(reader, link, where, "data_assets_sent", ids))
    received = tuple(f"data {word}" for _, word in _words(reader, link, where, "data_assets_received", ids))
    readonly = bool(reader.truth(link.get("readonly"), (*where, "readonly")))
    silent = not sent and not received
    # A read-only link whose only data come back is a flow from the target, opened by its reader.
    back = readonly and not sent
    authentication = reader.word(link.get("authentication"), (*where, "authentication"))
    if authentication and authentication not in AUTHENTICATIONS:
        spot = (*where, "authentication")
        reader.report(
            "note", spot, f"the authentication “{authentication[:40]}” is not known: whether it is one is open."
        )
    known = authentication in AUTHENTICATIONS
    return Link(
        target if back else own,
        "sendsTo",
        own if back else target,
        where,
        "communication link",
        Ground.DECLARED if not silent else Ground.REFERENCE,
        flow=True,
        name=one_line(reader.name(where[-1] if isinstance(where[-1], str) else "", where)),
        carries=received if back else sent,
        returns=() if back else received,
        two_way=silent and not readonly,
        opened_by=own,
        authenticated=authentication != "none" if known else None,
        encrypted=_encrypted(reader, link, where),
        description=_about(reader, link, where, authentication),
        note="the link names no data: read as going both ways" if silent and not readonly else "",
    )


def _about(reader: Reader, link: Mapping[str, Any], where: Place, authentication: str) -> str:
    """The description, with what the format says of the link and a flow has no field for."""
    said = [reader.word(link.get("description"), (*where, "description"))]
    protocol = reader.word(link.get("protocol"), (*where, "protocol"))
    authorization = reader.word(link.get("authorization"), (*where, "authorization"))
    told = [protocol] if protocol and protocol != "unknown-protocol" else []
    told += [f"authentication: {authentication}"] if authentication not in ("", "none") else []
    told += [f"authorization: {authorization}"] if authorization not in ("", "none") else []
    told += ["over a VPN"] if link.get("vpn") is True else []
    told += ["filtered by address"] if link.get("ip_filtered") is True else []
    told += ["read-only"] if link.get("readonly") is True else []
    told += [f"tags: {', '.join(tags)}"] if (tags := reader.words(link.get("tags"), (*where, "tags"))) else []
    return " ".join(part for part in (*said, f"({'; '.join(told)})" if told else "") if part)


def _encrypted(reader: Reader, link: Mapping[str, Any], where: Place) -> bool | None:
    protocol = reader.word(link.get("protocol"), (*where, "protocol"))
    vpn = reader.truth(link.get("vpn"), (*where, "vpn"))
    if vpn or protocol.endswith("-encrypted") or protocol in CLOSED_PROTOCOLS or protocol in LOCAL_PROTOCOLS:
        return True
    return False if protocol in OPEN_PROTOCOLS else None


def _words(reader: Reader, one: Mapping[str, Any], place: Place, field: str, ids: Ids) -> list[tuple[Place, str]]:
    told = [
        ((*place, field, number), word) for number, word in enumerate(reader.words(one.get(field), (*place, field)))
    ]
    return [(spot, meant(reader, word, ids.data, spot, "data asset")) for spot, word in told]
