"""Snapshots and git revisions on the disk: nothing is lost, replaced or run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from graphmodel.knowledge.ontology import MAX_CATALOGUE_BYTES
from graphmodel.posture.snapshot import read_snapshot
from graphmodel.reading.files import create_file
from graphmodel.reading.problems import UnreadableError
from graphmodel.revisions import revision_of
from graphmodel.snapshots import is_later, keep, kept, open_version
from tests.conftest import ROOT
from tests.posture.test_snapshot import snapshot
from tests.posture.versions import EDITS, MODEL, edited
from tests.thorough import cases, tries_more

WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from graphmodel.posture.snapshot import read_snapshot
from graphmodel.snapshots import keep
one = read_snapshot(Path(sys.argv[1]).read_bytes(), "one.json")
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[4]), int(sys.argv[3])):
    print(*keep(replace(one, note=f"number {number}"), Path(sys.argv[2])), flush=True)
"""


def writer(tmp_path: Path, folder: Path, count: int, first: int = 0) -> subprocess.Popen[str]:
    file = tmp_path / "one.json"
    if not file.exists():
        file.write_text(snapshot().to_text(), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file), str(folder), str(count), str(first)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def begin(*writers: subprocess.Popen[str]) -> None:
    for one in writers:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in writers:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()


def test_the_same_content_is_one_file_and_nothing_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "snapshots"
    path, new = keep(snapshot(), folder)
    assert new
    before = path.stat()
    assert keep(snapshot(), folder) == (path, False)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [one.name for one in folder.iterdir()] == [snapshot().name]
    path.write_text("spoilt")
    with pytest.raises(UnreadableError, match="not this snapshot"):
        keep(snapshot(), folder)
    assert path.read_text() == "spoilt"


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    writers = [writer(tmp_path, folder, 30) for _ in range(2)]
    begin(*writers)
    said = [one.communicate(timeout=120)[0].split() for one in writers]
    assert [one.returncode for one in writers] == [0, 0]
    files = sorted(folder.iterdir())
    assert len(files) == 30
    assert {read_snapshot(one.read_bytes(), one.name).note for one in files} == {f"number {n}" for n in range(30)}
    assert said[0][::2] == said[1][::2]
    assert [sorted(pair) for pair in zip(said[0][1::2], said[1][1::2], strict=True)] == [["False", "True"]] * 30


@tries_more
def test_a_killed_writer_leaves_no_file_or_a_whole_one(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    for number in range(cases(6, 60)):
        killed = writer(tmp_path, folder, 1_000_000, number * 10_000)
        begin(killed)
        assert killed.stdout is not None
        killed.stdout.readline()
        time.sleep(0.003 * (number % 11))
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
        for one in folder.iterdir():
            if not one.name.startswith(".snapshot."):
                read_snapshot(one.read_bytes(), one.name)
    left = [one for one in folder.iterdir() if one.name.startswith(".snapshot.")]
    for one in left:
        os.utime(one, (1, 1))
    keep(replace(snapshot(), note="after all"), folder)
    assert not [one for one in folder.iterdir() if one.name.startswith(".snapshot.")]


def test_a_file_system_without_links_is_written_to_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    assert create_file(tmp_path / "a", b"x", 0o600, ".t.")
    assert not create_file(tmp_path / "a", b"y", 0o600, ".t.")
    assert (tmp_path / "a").read_bytes() == b"x"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space"):
        keep(snapshot(), tmp_path / "s")
    assert list((tmp_path / "s").iterdir()) == []


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    large = replace(snapshot(), note="x" * 21_000_000)
    with pytest.raises(UnreadableError, match="larger than the limit"):
        keep(large, tmp_path / "s")
    assert list((tmp_path / "s").iterdir()) == []


# ------------------------------------------------------------ git


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.email=a@example.org", "-c", "user.name=A", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, "GIT_AUTHOR_DATE": "2026-03-04T12:00:00Z", "GIT_COMMITTER_DATE": "2026-03-04T12:00:00Z"},
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repo" / "models@home"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "s.yaml").write_text("inferred_share: 0.3\n")
    (folder / "shop.yaml").write_text(edited(("system: {id", "settings: s.yaml\nsystem: {id")))
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    git(folder, "tag", "v1")
    (folder / "s.yaml").write_text("inferred_share: 0.5\n")
    (folder / "shop.yaml").write_text(edited(("system: {id", "settings: s.yaml\nsystem: {id"), EDITS["control filter"]))
    return folder


def test_a_revision_has_the_file_and_what_it_draws_in_of_then(repository: Path) -> None:
    for name in ("v1", "HEAD", "main", "HEAD@{0}", "v1^{commit}"):
        found = open_version(f"{repository}/shop.yaml@{name}")
        assert found.model.usable, found.model.problems
        assert found.model.settings.inferred_share == 0.3
        assert found.date == "2026-03-04"
        assert found.path == repository / "shop.yaml"
    now = open_version(f"{repository}/shop.yaml")
    assert now.model.settings.inferred_share == 0.5
    assert now.date == ""
    (repository / "shop.yaml").unlink()
    assert revision_of(f"{repository}/shop.yaml@v1").content("shop.yaml").startswith(b"graphmodel: 1")


def test_a_revision_has_the_answers_of_then_whatever_it_is_called_and_says_where_they_cannot_be_read(
    repository: Path,
) -> None:
    answers = repository / "shop.assessment.yaml"
    answers.write_text("graphmodel-answers: 1\nanswers: {GEN-1.g3: {status: met}}\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "two")
    for name in ("v1.2", "feature/new.rules"):
        git(repository, "tag", name)
        found = open_version(f"{repository}/shop.yaml@{name}").model
        assert found.answered is not None and set(found.answered.given.answers) == {"GEN-1.g3"}
    assert open_version(f"{repository}/shop.yaml@v1").model.answered is None
    answers.write_bytes(b"graphmodel-answers: 1\n#" + b"x" * MAX_CATALOGUE_BYTES)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "three")
    found = open_version(f"{repository}/shop.yaml@HEAD").model
    assert not found.usable
    (wrong,) = (one for one in found.problems if one.level == "error")
    assert wrong.file == "shop.assessment.yaml" and "larger than" in wrong.message


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("shop.yaml@v2", "no revision"),
        ("nothing.yaml@v1", "no file"),
        ("shop.yaml@--help", "names no revision"),
        ("shop.yaml@", "names no revision"),
        ("shop.yaml@v1:../x", "no revision"),
        ("shop.yaml@a\nb", "names no revision"),
        ("shop.yaml@" + "x" * 300, "names no revision"),
        ("gone/shop.yaml@v1", "no such directory|in no git repository"),
    ],
)
def test_what_is_no_revision_is_told(repository: Path, what: str, says: str) -> None:
    with pytest.raises(UnreadableError, match=says) as caught:
        open_version(f"{repository}/{what}")
    assert caught.value.problem.fix


def test_nothing_outside_the_folder_of_the_model_is_read_of_a_revision(repository: Path) -> None:
    revision = revision_of(f"{repository}/shop.yaml@v1")
    assert revision.beside("s.yaml") == b"inferred_share: 0.3\n"
    for name in ("../x", "/etc/passwd", "a/../../b", "", "..\\x", "s\0.yaml"):
        with pytest.raises(UnreadableError, match="outside the directory"):
            revision.beside(name)
    with pytest.raises(UnreadableError, match="no file"):
        revision.beside("t.yaml")


def test_nothing_of_the_repository_is_run(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark, script = tmp_path / "ran", tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    script.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "diff.external", "diff.y.textconv", "filter.y.smudge", "gpg.program"):
        git(repository, "config", name, str(script))
    git(repository, "config", "log.showSignature", "true")
    (repository / ".gitattributes").write_text("*.yaml diff=y filter=y\n")
    for hook in ("post-checkout", "reference-transaction"):
        place = repository / ".git" / "hooks" / hook
        place.parent.mkdir(exist_ok=True)
        place.write_text(script.read_text())
        place.chmod(0o755)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    mark.unlink(missing_ok=True)
    assert open_version(f"{repository}/shop.yaml@v1").model.usable
    assert not mark.exists()


def test_a_git_in_the_current_directory_is_not_run(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, planted = tmp_path / "ran", repository / "git"
    planted.write_text(f"#!/bin/sh\ntouch {mark}\n")
    planted.chmod(0o755)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", os.pathsep.join(["", ".", os.environ["PATH"]]))
    assert open_version("shop.yaml@v1").model.usable
    monkeypatch.setenv("PATH", ".")
    with pytest.raises(UnreadableError, match="git is not installed"):
        open_version("shop.yaml@v1")
    assert not mark.exists()


def test_a_partial_clone_fetches_nothing_whatever_its_settings_allow(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, older = tmp_path / "ran", tmp_path / "older" / "git"
    settings = {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "protocol.ext.allow": "always",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::touch {mark}",
    }
    lost = subprocess.check_output(["git", "-C", str(repository), "rev-parse", "v1:shop.yaml"], text=True).strip()
    for name, value in settings.items():
        git(repository, "config", name, value)
    (repository / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    older.parent.mkdir()
    older.write_text(f'#!/bin/sh\nunset GIT_NO_LAZY_FETCH\nexec {shutil.which("git")} "$@"\n')  # which knew it not
    older.chmod(0o755)
    monkeypatch.setenv("PATH", f"{older.parent}:{os.environ['PATH']}")
    with pytest.raises(UnreadableError, match="no file"):
        open_version(f"{repository}/shop.yaml@v1")
    assert not mark.exists()


def test_without_git_or_a_repository_it_is_told(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.yaml").write_text(MODEL)
    with pytest.raises(UnreadableError, match="in no git repository"):
        open_version(f"{tmp_path}/shop.yaml@HEAD")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreadableError, match="git is not installed"):
        open_version(f"{repository}/shop.yaml@v1")


def test_a_file_with_that_name_comes_first(repository: Path) -> None:
    (repository / "shop.yaml@v1").write_text(MODEL)
    assert open_version(f"{repository}/shop.yaml@v1").model.settings.inferred_share == 0.1


def test_of_snapshots_of_one_day_the_one_that_was_written_later_comes_later(tmp_path: Path) -> None:
    notes = [f"number {one}" for one in range(6)]
    for age, note in enumerate(notes):
        path, _ = keep(replace(snapshot(), note=note), tmp_path)
        os.utime(path, ns=(age, age))
    assert [one.note for _, one in kept(tmp_path)[0]] == notes
    first, *_, last = (open_version(str(path)) for path, _ in kept(tmp_path)[0])
    assert is_later(last, first) and not is_later(first, last) and not is_later(first, first)
