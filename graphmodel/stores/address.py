"""Where a Neo4j server is and who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from graphmodel.stores.errors import StoreError

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
_HINT = "Write it as neo4j://user:password@host:7687/database, or set NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD."


@dataclass(frozen=True, slots=True)
class Address:
    """A server with its users; passwords are never shown.

    ``reader`` is the user of ad hoc queries and falls back to ``user``; ``uri`` holds no password.
    ``database`` None is the user's home database. ``reader_uri`` differs only for the embedded store.
    """

    uri: str
    user: str = ""
    password: str = field(default="", repr=False)
    database: str | None = None
    reader: str = ""
    reader_password: str = field(default="", repr=False)
    reader_uri: str = ""


def parse_address(text: str, environment: Mapping[str, str]) -> Address:
    """An address from text, from the ``NEO4J_*`` variables where the text leaves something open.

    Raises ``StoreError`` when it is no address; the message never repeats a password.
    """
    text = text or environment.get("NEO4J_URI", "")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise StoreError("The address of the Neo4j server cannot be read.", _HINT) from error
    if parts.scheme not in SCHEMES or not host:
        raise StoreError("This is no address of a Neo4j server.", _HINT)
    if "/" in parts.path.lstrip("/") or parts.fragment:
        raise StoreError("The address has more than a database after the host.", _HINT)
    host = f"[{host}]" if ":" in host else host
    uri = f"{parts.scheme}://{host}" + (f":{port}" if port else "") + (f"?{parts.query}" if parts.query else "")
    user = unquote(parts.username or "") or environment.get("NEO4J_USER", "") or environment.get("NEO4J_USERNAME", "")
    password = unquote(parts.password or "") or environment.get("NEO4J_PASSWORD", "")
    database = unquote(parts.path.strip("/")) or environment.get("NEO4J_DATABASE") or None
    reader, secret = environment.get("NEO4J_READER_USER", ""), environment.get("NEO4J_READER_PASSWORD", "")
    if not reader:
        reader, secret = user, password
    return Address(uri, user, password, database, reader, secret, uri)
