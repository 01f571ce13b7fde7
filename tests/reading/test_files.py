"""What lies on a disk: read where it is a regular file and within limits, written whole or not at all."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graphmodel.reading.files import read_bytes, replace_file, write_atomically
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import UnreadableError
from graphmodel.workspace import open_model


def refused(path: Path, limit: int = 1000) -> str:
    before = time.monotonic()
    with pytest.raises(UnreadableError) as caught:
        read_bytes(path, limit)
    assert time.monotonic() - before < 5
    assert caught.value.problem.fix
    assert caught.value.problem.file == printable(str(path))
    return caught.value.problem.message


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"x" * 1000)
    assert read_bytes(file, 1000) == b"x" * 1000
    assert "larger than the limit" in refused(file, 999)
    link = tmp_path / "link"
    link.symlink_to(file)
    assert read_bytes(link, 1000) == b"x" * 1000


def test_what_is_no_file_is_said_to_be_that(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "nowhere")
    assert "no such file" in refused(tmp_path / "nowhere" / "x")
    assert "is a directory" in refused(tmp_path)
    assert "no file can have this name" in refused(tmp_path / "a\x00b")
    assert "cannot be read" in refused(tmp_path / ("a" * 300))
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert "cannot be read" in refused(loop)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "a device or a pipe" in refused(pipe)
    zero = tmp_path / "zero"
    zero.symlink_to("/dev/zero")
    assert "a device or a pipe" in refused(zero)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc here")
def test_files_of_the_kernel_neither_block_nor_fill_the_memory() -> None:
    assert read_bytes(Path("/proc/self/status"), 100_000)
    for name in ("/proc/kmsg", "/proc/kcore", "/proc/self/mem", "/proc/self/pagemap", "/dev/kmsg"):
        if Path(name).exists():
            assert refused(Path(name))


def test_a_directory_opened_as_a_model_is_said_to_be_one(tmp_path: Path) -> None:
    (problem,) = open_model(tmp_path).problems
    assert "is a directory" in problem.message


def test_writing_replaces_keeps_the_mode_and_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    write_atomically(file, "one")
    assert file.read_text() == "one"
    assert not file.stat().st_mode & stat.S_IXUSR
    file.chmod(0o640)
    write_atomically(file, "zwei ü")
    assert file.read_text(encoding="utf-8") == "zwei ü"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["a.yaml"]


def test_writing_goes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    target, link = tmp_path / "store" / "a.yaml", tmp_path / "link.yaml"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    later = tmp_path / "later.yaml"
    later.symlink_to(tmp_path / "store" / "b.yaml")
    write_atomically(later, "b")
    assert (tmp_path / "store" / "b.yaml").read_text() == "b"


def test_what_is_no_file_is_given_the_data_and_stays_what_it_is(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        write_atomically(path, "text")
        assert os.read(reader, 10) == b"text"
        os.close(reader)
    with pytest.raises(OSError, match="No such device"):  # nobody reads it
        write_atomically(pipe, "text")
    assert pipe.is_fifo()
    write_atomically(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path, "text")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link", "pipe"]


def test_what_killed_writers_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    left, young = tmp_path / ".a.yaml.abcd_123.graphmodel", tmp_path / ".a.yaml.abcd_124.graphmodel"
    others = [".a.yaml.swp", ".a.yaml.abcd_123", ".b.yaml.abcd_123.graphmodel", ".a.yaml.abcd-123.graphmodel", "x"]
    for one in (left, young, *(tmp_path / name for name in others)):
        one.write_text("")
        os.utime(one, (1, 1))
    os.utime(young)
    folder = tmp_path / ".a.yaml.abcd_125.graphmodel"
    folder.mkdir()
    os.utime(folder, (1, 1))
    write_atomically(file, "new")
    assert {one.name for one in tmp_path.iterdir()} == {"a.yaml", young.name, folder.name, *others}


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "a.yaml"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(folder, "x")
    assert [one.name for one in tmp_path.iterdir()] == ["a.yaml"]
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "nowhere" / "a.yaml", "x")


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / ("é" * 120 + ".yaml")
    write_atomically(file, "x")
    assert file.read_text() == "x"


def test_the_directory_is_made_durable_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        kinds.append(stat.S_IFMT(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    replace_file(tmp_path / "a", b"x", 0o600)
    assert kinds == [stat.S_IFREG, stat.S_IFDIR]


WRITER = """
import sys
from pathlib import Path
from graphmodel.reading.files import write_atomically
number = 0
while True:
    number += 1
    write_atomically(Path(sys.argv[1]), f"{number}\\n" * 40_000)
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_leaves_a_whole_file_and_later_no_rubbish(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    versions = set()
    for kill in range(30):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.003 * (kill % 10))
            writer.send_signal(signal.SIGKILL)
        lines = file.read_text().splitlines()
        assert len(lines) == 40_000
        assert len(set(lines)) == 1
        versions.add(lines[0])
    assert versions
    names = [one.name for one in tmp_path.iterdir() if one != file]
    assert all(re.fullmatch(r"\.a\.yaml\.[a-z0-9_]{8}\.graphmodel", one) for one in names)
    for name in names:
        os.utime(tmp_path / name, (1, 1))
    write_atomically(file, "end")
    assert [one.name for one in tmp_path.iterdir()] == ["a.yaml"]
