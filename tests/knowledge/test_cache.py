"""The cache of the catalogue: it changes nothing, and nothing in it is trusted."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from graphmodel.knowledge.cache import MAX_CACHE_BYTES, cache_directory
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.vocabulary import Catalogue


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    load_catalogue()
    (file,) = (tmp_path / "graphmodel").iterdir()
    return file


def sealed(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def half(file: Path) -> bytes:
    records = json.loads(file.read_bytes().partition(b"\n")[2])
    return json.dumps(records[: len(records) // 2]).encode()


def test_the_cache_is_used_and_changes_nothing(cache: Path, catalogue: Catalogue) -> None:
    before = cache.stat()
    assert load_catalogue() == (catalogue, ())
    assert cache.stat().st_mtime_ns == before.st_mtime_ns
    assert before.st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda file: b"",
        lambda file: b"[]",
        lambda file: b"[1]",
        lambda file: b'{"a": 1}',
        lambda file: b"\x00",
        lambda file: half(file),
        lambda file: file.read_bytes()[:-20],
        lambda file: file.read_bytes().replace(b"realized", b"feasible", 1),
        lambda file: file.read_bytes() + b" ",
        lambda file: sealed(b"[]"),
        lambda file: sealed(b"null"),
        lambda file: sealed(b"[1]"),
        lambda file: sealed(b"[" * 100_000),
        lambda file: sealed(b'[{"kind": "type"}]'),
        lambda file: sealed(b'[{"kind": "sort", "id": "x", "values": {}, "file": "", "line": 0}]'),
        lambda file: sealed(b'[{"kind": "type", "id": "x", "values": {"label": 3}, "file": "", "line": 0}]'),
        lambda file: b"0" * (MAX_CACHE_BYTES + 1),
    ],
)
def test_a_spoilt_cache_is_written_anew(spoilt: Callable[[Path], bytes], cache: Path, catalogue: Catalogue) -> None:
    good = cache.read_bytes()
    cache.write_bytes(spoilt(cache))
    assert load_catalogue() == (catalogue, ())
    assert cache.read_bytes() == good


def test_what_others_may_write_is_not_read(cache: Path, catalogue: Catalogue) -> None:
    good = cache.read_bytes()
    cache.write_bytes(sealed(good.partition(b"\n")[2].replace(b"realized", b"feasible", 1)))
    assert load_catalogue() != (catalogue, ())
    cache.chmod(0o666)
    assert load_catalogue() == (catalogue, ())


@pytest.mark.parametrize("kind", ["pipe", "zero", "loop", "directory"])
def test_what_is_no_file_is_not_read(kind: str, cache: Path, catalogue: Catalogue) -> None:
    cache.unlink()
    if kind == "pipe":
        os.mkfifo(cache)
    elif kind == "directory":
        cache.mkdir()
    else:
        cache.symlink_to("/dev/zero" if kind == "zero" else cache)
    before = time.monotonic()
    assert load_catalogue() == (catalogue, ())
    assert time.monotonic() - before < 20
    assert cache.is_file() == (kind != "directory")


def test_without_a_place_for_it_the_program_is_only_slower(
    monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert load_catalogue()[0] == catalogue


def test_a_relative_cache_directory_counts_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert cache_directory() == tmp_path / "home" / ".cache" / "graphmodel"
