"""Every test of the app begins without drafts, and without a file that another one opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphmodel.ui import state


@pytest.fixture(autouse=True)
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    state.start_with(None)
    return tmp_path / "state" / "graphmodel" / "drafts"
