from __future__ import annotations

from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def kept_answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory of answers that all tests which ask for it share in one run, and nobody before: what several of them
    need is worked out once."""
    base = tmp_path_factory.getbasetemp()
    directory = (base.parent if base.name.startswith("popen-") else base) / "answers"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRAPHMODEL_CACHE", str(directory))
        yield directory


def read(text: str, catalogue: Catalogue) -> Imported:
    return read_document(read_yaml(text.encode(), "model.yaml"), catalogue)


def system(text: str, catalogue: Catalogue) -> System:
    found = read(text, catalogue)
    assert found.system is not None, found.problems
    return found.system
