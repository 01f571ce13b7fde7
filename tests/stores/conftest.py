from __future__ import annotations

from collections.abc import Iterator

import pytest

from graphmodel.stores.embedded import Embedded
from graphmodel.stores.session import Store
from tests.stores.graphs import small

LIMIT = 2.0
"""Seconds that the engine of the tests gives a query."""


@pytest.fixture(scope="package")
def embedded() -> Iterator[Store]:
    pytest.importorskip("arcadedb", reason="the embedded engine is not installed")
    with Store(Embedded(timeout=LIMIT)) as store:
        store.load(small())
        yield store
