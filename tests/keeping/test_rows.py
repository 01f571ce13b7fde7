"""Rows of many systems: kept while every file that they rest on is as it was, and no longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel import portfolios
from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.keeping.questions import Digests
from graphmodel.keeping.store import Answers, Remembering
from graphmodel.portfolios import UnusableError, row_of
from graphmodel.posture.portfolio import SystemRow
from tests.posture.systems import ANSWERS, SYSTEM

SHARED = ANSWERS + "use: {regulated-data: true}\n"
OWN = ANSWERS + "extends: organisation.yaml\nanswers: {GOV-1.g1: {status: met}}\n"


def test_a_row_is_kept_until_a_file_that_it_rests_on_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "systems"
    place.mkdir()
    file = place / "desk.yaml"
    options = Options(memory=Remembering(Answers(tmp_path / "kept"), Digests("one program"), lambda: 0))

    def row(called: str = "desk.yaml") -> SystemRow:
        return row_of(file, called, Reach.DATA, options, "2026-06-01")

    def put(name: str, text: str) -> None:
        before = row()
        (place / name).write_text(text)
        fresh = row_of(file, "desk.yaml", Reach.DATA, Options(), "2026-06-01")
        assert row() == fresh != before, name

    file.write_text(SYSTEM)
    put("assessment.yaml", SHARED)
    (place / "organisation.yaml").write_text(SHARED)
    put("desk.assessment.yaml", OWN)
    put("organisation.yaml", ANSWERS)
    put("desk.yaml", SYSTEM.replace("100000", "200000"))
    with monkeypatch.context() as patched:
        patched.delattr(portfolios, "model_from_bytes")  # what is kept opens nothing
        assert row("renamed").file == "renamed"
        file.write_text(SYSTEM.replace("100000", "300000"))
        with pytest.raises(NameError):
            row()
    file.write_text(SYSTEM.replace("type: Agent", "type: Agnet"))
    with pytest.raises(UnusableError) as found:
        row()
    assert "Agnet" in str(found.value.model.problems)


def test_a_system_with_a_catalogue_of_its_own_is_worked_out_each_time(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    (tmp_path / "ours").mkdir()
    override = "overrides:\n  controls:\n    {name}: {{strength: [0.2, 0.5, 0.8], basis: As was tried in March.}}\n"
    (tmp_path / "ours" / "figures.yaml").write_text(override.format(name="input-guardrail"))
    file.write_text(SYSTEM.replace("graphmodel: 1\n", "graphmodel: 1\ncatalogue: [ours/]\n"))
    kept = Answers(tmp_path / "kept")
    memory = Remembering(kept, Digests("one program"), lambda: 0)
    row = row_of(file, "desk.yaml", Reach.DATA, Options(memory=memory), "")
    (tmp_path / "ours" / "more.yaml").write_text(override.format(name="no-such-control"))
    assert row.loss.value > 0
    with pytest.raises(UnusableError):
        row_of(file, "desk.yaml", Reach.DATA, Options(memory=memory), "")
