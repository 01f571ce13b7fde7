"""Descriptions that are too large or wrong a thousand times: said clearly, and soon."""

from __future__ import annotations

import time

import pytest

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.model.document import soundness
from graphmodel.reading.limits import MAX_ACTORS, MAX_ENTRIES, MAX_PROBLEMS, MAX_TOGETHER
from graphmodel.reading.yaml_text import read_yaml
from graphmodel.workspace import model_from_bytes

HEAD = "graphmodel: 1\nsystem: {id: x}\n"
ASSET = "assets: {a: {type: Agent}}\n"


def assets(count: int, extra: str = "") -> str:
    return HEAD + "assets: {" + ", ".join(f"a{n}: {{type: Agent{extra}}}" for n in range(count)) + "}\n"


def listed(section: str, entry: str, count: int) -> str:
    return f"{HEAD}{ASSET}{section}: [{', '.join([entry] * count)}]\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (assets(MAX_ENTRIES + 1), "assets"),
        (listed("losses", "a", MAX_ENTRIES + 1), "losses"),
        (HEAD + "assets: {a: {type: Agent, tags: [" + "x," * (MAX_ENTRIES + 1) + "]}}", "assets.a.tags"),
        (HEAD + ASSET + "".join(f"k{n}: 1\n" for n in range(MAX_ENTRIES + 1)), ""),
    ],
    ids=["one asset too many", "a long list of losses", "tags", "fields"],
)
def test_more_entries_than_can_be_worked_with_are_one_clear_problem(text: str, place: str) -> None:
    before = time.process_time()
    model = model_from_bytes(text.encode(), "x.yaml")
    assert time.process_time() - before < 30
    (problem,) = model.problems
    assert problem.path == place
    assert f"at most {MAX_ENTRIES:,}" in problem.message
    assert problem.fix


def test_all_kinds_together_are_limited_too() -> None:
    text = HEAD + ASSET + "".join(f"{kind}: [{'a,' * 70_000}]\n" for kind in ("losses", "flows", "dependencies"))
    (problem,) = model_from_bytes(text.encode(), "x.yaml").problems
    assert problem.message == f"there are 210,002 entries here; at most {MAX_TOGETHER:,} are read."


@pytest.mark.parametrize(
    "text",
    [
        assets(5000, ", nmae: x"),
        assets(5000).replace("Agent", "Agnt"),
        listed("losses", "7", 15_000),
        assets(2000) + "flows:\n" + "".join(f"- {{from: zz{n}, to: yy{n}}}\n" for n in range(2000)),
        assets(2000) + "flows:\n" + "- {from: a0, to: a1, carries: [" + ",".join(f"q{n}" for n in range(5000)) + "]}\n",
        assets(1) + "controls:\n" + "".join(f"  c{n}: {{control: x{n}, protects: [y{n}]}}\n" for n in range(3000)),
        HEAD + "assets:\n  ? " + "k" * 90_000 + "\n  : {" + ", ".join(f"f{n}: 1" for n in range(5000)) + "}\n",
        HEAD + "x: &x " + "y" * 90_000 + "\nassets:\n" + "".join(f"  a{n}: {{type: *x}}\n" for n in range(900)),
    ],
    ids=["unknown fields", "types", "junk", "ends", "data", "controls", "a very long key", "a text repeated"],
)
def test_a_thousand_problems_are_told_and_that_there_are_more(text: str) -> None:
    before = time.process_time()
    model = model_from_bytes(text.encode(), "x.yaml")
    assert time.process_time() - before < 30
    assert not model.usable
    assert MAX_PROBLEMS // 2 < len(model.problems) <= MAX_PROBLEMS + 1
    if len(model.problems) > MAX_PROBLEMS:
        assert any("further problems" in one.message for one in model.problems)
    assert sum(len(str(one)) for one in model.problems) < 2_000_000


def nested(count: int, first: str = "trust: 1") -> str:
    return f"zones:\n  z0: {{{first}}}\n" + "".join(f"  z{n}: {{parent: z{n - 1}}}\n" for n in range(1, count))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + ASSET + nested(60), None),
        (HEAD + ASSET + nested(61), "the zone “z60” lies inside more than 59 others."),
        (HEAD + ASSET + nested(20_000), "the zone “z60” lies inside more than 59 others"),
        (HEAD + ASSET + nested(20_000, "parent: z19999"), "the zone “z0” lies inside more than 59 others"),
        (HEAD + ASSET + nested(40, "parent: z39"), "the zone “z0” lies inside itself"),
    ],
    ids=["60", "61", "20,000", "a circle of 20,000", "a circle of 40"],
)
def test_zones_lie_in_one_another_to_some_depth(text: str, says: str | None) -> None:
    before = time.process_time()
    model = model_from_bytes(text.encode(), "x.yaml")
    assert time.process_time() - before < 30
    assert model.usable == (says is None)
    if says is not None:
        assert any(says in one.message for one in model.problems)


def test_many_losses_and_endpoints_are_read() -> None:
    """None of them is compared with all others, which would take minutes."""
    half = 12_000
    facts = [f"a{n}:{one}" for n in range(half) for one in ("read", "write")]
    text = HEAD + "assets:\n  docs: {type: Database}\n"
    text += "".join(f"  a{n}: {{type: LanguageModelEndpoint}}\n" for n in range(half))
    text += "dependencies:\n" + "".join(f"- a{n} retrievesFrom docs\n" for n in range(half))
    text += "losses:\n" + "".join(f"- {{fact: {one}, amount: {n + 1}}}\n" for n, one in enumerate(facts))
    before = time.process_time()
    model = model_from_bytes(text.encode(), "x.yaml")
    assert time.process_time() - before < 30
    assert model.usable, model.problems[0]


def test_as_many_assets_as_are_allowed_are_read() -> None:
    text = assets(5000) + "flows:\n" + "".join(f"- {{from: a{n}, to: a{n + 1}}}\n" for n in range(4999))
    before = time.process_time()
    model = model_from_bytes(text.encode(), "x.yaml")
    assert time.process_time() - before < 30
    assert model.usable
    assert model.system is not None
    assert len(model.system.assets) == 5000


ACTOR = "{kind: outsider, starts: ['a0:reach']}"
ACTORS = "actors: {" + ", ".join(f"p{n}: {ACTOR}" for n in range(MAX_ACTORS + 1)) + "}\n"
EVERYWHERE = "controls:\n" + "".join(f"  c{n}: {{control: input-guardrail, protects: ['*']}}\n" for n in range(2000))
NESTED = "zones:\n" + "".join(f"  z{n}: {{parent: z{n + 1}}}\n" for n in range(15_000)) + "  z15000: {}\n"


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        (assets(3) + ACTORS, "actors", "there are 101 actors"),
        (assets(2000) + EVERYWHERE, "controls", "protect 4,000,000 elements"),
        (assets(3) + NESTED, "zones.z0.parent", "lies inside more than 59 others"),
    ],
    ids=["actors", "controls everywhere", "zones in zones"],
)
def test_what_would_run_for_hours_is_refused_at_once(text: str, place: str, says: str) -> None:
    before = time.process_time()
    model = model_from_bytes(text.encode(), "x.yaml")
    assert time.process_time() - before < 30
    assert not model.usable
    assert any(one.path == place and says in one.message and one.fix for one in model.problems)


def test_what_is_written_is_looked_at_as_values_with_the_same_problems_as_its_text() -> None:
    catalogue = load_catalogue()[0]
    text = assets(3) + "flows:\n- {from: a0, to: zz}\n- {from: a1, to: a2, encrypted: perhaps}\n"
    told = {(one.level, one.path, one.message) for one in model_from_bytes(text.encode(), "x.yaml").problems}
    value = read_yaml(text.encode(), "x.yaml").value
    assert {(one.level, one.path, one.message) for one in soundness(value, len(text), catalogue)} == told


@pytest.mark.parametrize(
    ("value", "size", "says"),
    [
        ({"graphmodel": 1}, 20_000_001, "has 20,000,001 bytes"),
        ({"graphmodel": 1, "x": [["a"] * 99_999] * 10 + ["b" * 2000]}, 1, "more than 1,000,000 values"),
    ],
    ids=["bytes", "values"],
)
def test_what_would_not_be_read_again_is_told_before_it_is_written(value: object, size: int, says: str) -> None:
    (problem,) = soundness(value, size, load_catalogue()[0])
    assert problem.level == "error"
    assert says in problem.message
