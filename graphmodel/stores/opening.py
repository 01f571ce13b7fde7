"""Opens the store that an address names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphmodel.stores.address import parse_address
from graphmodel.stores.embedded import Embedded

if TYPE_CHECKING:
    from graphmodel.stores.session import Store

EMBEDDED = "embedded"


def open_store(address: str = "", *, system: str = "", environment: Mapping[str, str] | None = None) -> Store:
    """The store at a Neo4j address, or the embedded one.

    ``address`` is ``neo4j://user:password@host:port/database``, ``embedded``, or empty: then
    ``NEO4J_URI`` decides, and without it the store is embedded. ``system`` is what queries see as
    ``$system`` until a system is loaded. Nothing is contacted or started yet. Raises ``StoreError``
    for an address that is none.
    """
    from graphmodel.stores.session import Server, Store  # noqa: PLC0415 - the driver is slow to import

    variables = os.environ if environment is None else environment
    if address == EMBEDDED or not (address or variables.get("NEO4J_URI")):
        return Store(Embedded(), system)
    return Store(Server(parse_address(address, variables)), system)
