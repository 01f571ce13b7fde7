from __future__ import annotations

import pytest

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.document import read_document
from graphmodel.model.system import System
from graphmodel.reading.yaml_text import read_yaml
from tests.conftest import EXAMPLES


@pytest.fixture(scope="module")
def examples(catalogue: Catalogue) -> dict[str, System]:
    found = {}
    for path in EXAMPLES:
        one = read_document(read_yaml(path.read_bytes(), path.name), catalogue).system
        assert one is not None
        found[path.stem] = one
    return found
