"""What a command writes is never what it reads, and a failure to write says where."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.cli.calls import run
from tests.model.test_document import SMALL


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "small.yaml"
    found.write_text(SMALL)
    return found


@pytest.mark.parametrize(
    "call",
    [
        ("export", "{file}", "--to", "mermaid", "--force", "-o", "{same}"),
        ("roadmap", "{file}", "--to", "csv", "-o", "{same}"),
        ("diff", "{file}", "{other}", "--sarif", "{same}"),
        ("diff", "{other}", "{file}", "--sarif", "{same}"),
        ("report", "{page}", "--force", "-o", "{page}"),
    ],
    ids=lambda one: one[0],
)
@pytest.mark.parametrize("kind", ["itself", "link", "second name"])
def test_a_document_is_not_written_over_with_what_is_made_of_it(call: tuple[str, ...], kind: str, file: Path) -> None:
    same, page, other = file.with_name("same.yaml"), file.with_name("page.html"), file.with_name("other.yaml")
    other.write_text(SMALL)
    page.write_text(SMALL)
    if kind == "itself":
        same = file
    elif kind == "link":
        same.symlink_to(file)
    else:
        same.hardlink_to(file)
    result = run(*(one.format(file=file, same=same, page=page, other=other) for one in call))
    assert result.exit_code == 2
    assert "is what is read; name another file to write to" in result.stderr
    assert (file.read_text(), page.read_text(), other.read_text()) == (SMALL, SMALL, SMALL)


def test_a_snapshot_that_finds_no_room_says_where(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import graphmodel.snapshots

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(graphmodel.snapshots, "create_file", full)
    result = run("snapshot", str(file))
    assert result.exit_code == 2
    assert f"(No space left on device): {file.parent / 'snapshots'}." in result.stderr
