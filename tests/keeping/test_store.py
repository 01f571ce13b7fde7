"""Answers on the disk: what is written is what is read, and what nobody vouches for is not there."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graphmodel.engine.estimates import Estimate
from graphmodel.engine.likelihood import Solution
from graphmodel.keeping.opening import memory
from graphmodel.keeping.questions import Digests
from graphmodel.keeping.store import Answers, Remembering, UnsafeError
from graphmodel.keeping.values import answer, plain
from graphmodel.knowledge.vocabulary import View

NAME = "a" * 64
ONE = Estimate(0.1 + 0.2, 1e-300, 0.7, "simulated")
SOLUTIONS = (Solution({"crm:read": ONE}, ONE, Estimate.exactly(0.0), 7),)
KIND = tuple[Solution, ...]


@dataclass(frozen=True)
class Everything:
    view: View
    counts: Mapping[View, tuple[int, ...]]
    pair: tuple[str, float]
    part: Fraction
    names: frozenset[str]
    row: NDArray[np.float64]
    nothing: Estimate | None
    whole: bool


NAN, INFINITY = float("nan"), float("inf")
WRONG = [
    (NAN, 0.0, 1.0, "exact"),
    (0.5, NAN, 1.0, "enclosed"),
    (INFINITY, 0.0, INFINITY, "simulated"),
    (0.5, -INFINITY, 1.0, "simulated"),
    (0.5, 0.6, 0.7, "simulated"),
    (0.5, 0.1, 0.4, "simulated"),
    (0.5, 0.5, 0.5, "guessed"),
]
"""What no estimate is, and would be a traceback or a wrong figure further on."""


def changed(parts: tuple[float, float, float, str]) -> Any:
    (one,) = plain(SOLUTIONS)
    return [[[["crm:read", list(parts)]], *one[1:]]]


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    return Answers(tmp_path / "kept")


def test_an_answer_comes_back_to_the_last_bit() -> None:
    row = np.array([0.1, -0.0, 1e308, 5e-324])
    given = Everything(
        View.TARGET,
        {View.RESIDUAL: (1, 2)},
        ("ä\ud800", -1e308),
        Fraction(-1, 3),
        frozenset("ba"),
        row,
        None,
        True,
    )
    found = answer(Everything, json.loads(json.dumps(plain(given))))
    assert found.row.tobytes() == row.tobytes()
    assert (found.view, found.counts, found.pair, found.part) == (given.view, given.counts, given.pair, given.part)
    assert (found.names, found.nothing, found.whole) == (given.names, None, True)
    assert answer(KIND, json.loads(json.dumps(plain(SOLUTIONS)))) == SOLUTIONS


@pytest.mark.parametrize(
    "value",
    [None, {}, [[]], [["x"]], [[[["crm:read", [1.0, 0.0]]], [], [], 7]], plain(SOLUTIONS)[0], [*plain(SOLUTIONS), 1]],
    ids=repr,
)
def test_a_value_of_another_shape_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"in place of|another number"):
        answer(KIND, value)


@pytest.mark.parametrize("number", [NAN, INFINITY, -INFINITY])
def test_what_is_no_finite_number_is_no_answer(number: float) -> None:
    assert answer(float, 0.5) == 0.5
    row = plain(np.array([0.0, number]))
    for kind, value in ((float, number), (NDArray[np.float64], row), (tuple[float, ...], [1.0, number])):
        with pytest.raises(ValueError, match="no finite number"):
            answer(kind, value)


def body(value: Any, name: str = NAME) -> bytes:
    text = json.dumps([name, value]).encode()
    return hashlib.sha256(text).hexdigest().encode() + b"\n" + text


def test_what_is_damaged_cut_foreign_or_open_to_others_is_not_there_and_is_written_over(answers: Answers) -> None:
    path = answers.directory / f"{NAME}.json"
    answers.write(NAME, SOLUTIONS)
    sound = path.read_bytes()
    assert answers.read(NAME, KIND) == (SOLUTIONS,)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(answers.directory.stat().st_mode) == 0o700
    deep = b"[" * 100_000
    hostile = [
        b"",
        b"\n",
        sound[:-1],
        sound.replace(b"7]", b"8]"),
        b"\xff" * 100,
        body(plain(SOLUTIONS), "b" * 64),
        body({"a": 1}),
        body([[[["crm:read", ["NaN", 0, 1, "exact"]]], 1, 2, 3]]),
        *(body(changed(parts)) for parts in WRONG),
        hashlib.sha256(deep).hexdigest().encode() + b"\n" + deep,
    ]
    for data in hostile:
        path.write_bytes(data)
        assert answers.read(NAME, KIND) is None, data[:80]
    path.write_bytes(sound)
    path.chmod(0o622)
    assert answers.read(NAME, KIND) is None
    path.unlink()
    elsewhere = answers.directory.parent / "elsewhere"
    elsewhere.write_bytes(sound)
    path.symlink_to(elsewhere)
    assert answers.read(NAME, KIND) is None
    answers.write(NAME, ())
    assert answers.read(NAME, KIND) == ((),)
    assert not path.is_symlink()
    assert elsewhere.read_bytes() == sound
    path.unlink()
    os.mkfifo(path)
    assert answers.read(NAME, KIND) is None


def test_a_directory_that_others_may_write_or_a_link_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ = tmp_path / "open"
    open_.mkdir()
    open_.chmod(0o777)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "kept")
    (tmp_path / "kept").mkdir()
    for place in (open_, link):
        with pytest.raises(UnsafeError):
            Answers(place)
        monkeypatch.setenv("GRAPHMODEL_CACHE", str(place))
        assert memory(lambda: 0).recall(("question",), int, lambda: 1) == 1
        assert not list(place.iterdir())


def test_the_least_recently_used_answers_go(tmp_path: Path) -> None:
    answers = Answers(tmp_path, limit=10_000)
    names = [f"{number:064x}" for number in range(8)]
    for number, name in enumerate(names):
        answers.write(name, "x" * 1_800)
        os.utime(tmp_path / f"{name}.json", (number, number))
    assert answers.read(names[0], str) is not None
    answers.tidy()
    left = [name for name in names if (tmp_path / f"{name}.json").exists()]
    assert left == [names[0], *names[-3:]]
    answers.write("f" * 64, "x" * 20_000)
    assert answers.read("f" * 64, str) is None
    assert answers.clear().answers == 4
    assert answers.kept().size == 0


def test_a_question_is_another_one_where_anything_in_it_is() -> None:
    digests = Digests("program")
    questions = [(), ("a", "b"), ("ab",), (("a", "b"),), (1,), (1.0,), (True,), ("1",), (None,), (View.TARGET,), (ONE,)]
    questions += [(frozenset({"a"}),), (("a",),), ({"a": "b"},), ({"b": "a"},), (0.0,), (-0.0,)]
    found = [digests.of(one) for one in questions]
    assert len(set(found)) == len(found)
    assert digests.of((frozenset("abc"), [1, 2])) == digests.of((frozenset("cba"), (1, 2)))
    assert Digests("another program").of(()) != digests.of(())
    long = ("x" * 30_000,)
    assert digests.of((long,)) == digests.of((long,)) == digests.of((tuple(long),)) != digests.of((long, long))
    with pytest.raises(TypeError):
        digests.of((object(),))


def test_what_was_ended_early_is_unfit_or_raises_is_not_kept(answers: Answers) -> None:
    marks: list[object] = [0]
    kept = Remembering(answers, Digests(""), lambda: marks[-1])
    asked: list[int] = []

    def work() -> int:
        asked.append(1)
        return len(asked)

    def ended() -> int:
        marks.append(1)
        return work()

    def failing() -> int:
        raise KeyboardInterrupt

    assert kept.recall(("q",), int, ended) == 1
    marks.append(None)
    assert kept.recall(("q",), int, work) == 2
    marks.append(2)
    assert kept.recall(("q",), int, work, lambda one: one > 5) == 3
    with pytest.raises(KeyboardInterrupt):
        kept.recall(("q",), int, failing)
    assert kept.recall(("q",), int, work) == kept.recall(("q",), int, work) == 4
    assert kept.recall(("q",), int, work, lambda one: one > 4) == 5
