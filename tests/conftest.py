from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import Settings, load_settings
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.document import read_document
from graphmodel.model.system import Imported, System
from graphmodel.reading.yaml_text import read_yaml

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    loaded, problems = load_catalogue()
    assert problems == ()
    return loaded


@pytest.fixture(scope="session")
def settings() -> Settings:
    loaded, problems = load_settings()
    assert problems == ()
    return loaded


def read(text: str, catalogue: Catalogue) -> Imported:
    return read_document(read_yaml(text.encode(), "model.yaml"), catalogue)


def system(text: str, catalogue: Catalogue) -> System:
    found = read(text, catalogue)
    assert found.system is not None, found.problems
    return found.system
