"""Attack graphs of mal-toolbox: what becomes of each kind of node, and files that are not sound."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from graphmodel.cli.main import main
from graphmodel.engine.graph import AttackGraph, graph_from_json
from graphmodel.engine.likelihood import Solver
from graphmodel.engine.mal import graph_from_mal, is_mal, started
from graphmodel.reading.json_text import read_json
from graphmodel.reading.limits import MAX_PROBLEMS
from graphmodel.reading.problems import Problem
from graphmodel.reading.yaml_text import read_yaml
from tests.oracles import enumerate_worlds

DATA = Path(__file__).parents[1] / "data" / "mal"


def read(value: dict[str, Any] | bytes, **chances: float) -> tuple[AttackGraph | None, tuple[Problem, ...]]:
    text = read_json(value if isinstance(value, bytes) else json.dumps(value).encode(), "graph.json")
    assert is_mal(text)
    return graph_from_mal(text, chances)


def nodes(**described: dict[str, Any]) -> dict[str, Any]:
    """A file of these nodes; ``parents`` are names, from which the links both ways follow."""
    ids = {name: number for number, name in enumerate(described)}
    found = {}
    for name, one in described.items():
        children = {str(ids[other]): other for other, its in described.items() if name in its.get("parents", ())}
        parents = {str(ids[other]): other for other in one.get("parents", ())}
        found[name] = {"id": ids[name], "name": name, "ttc": None, **one, "children": children, "parents": parents}
    return {"attack_steps": found}


def bernoulli(chance: float) -> dict[str, Any]:
    return {"name": "Bernoulli", "arguments": [chance], "type": "function"}


def likelihood(value: dict[str, Any], *starts: str, **chances: float) -> dict[str, float]:
    graph, problems = read(value, **chances)
    assert graph is not None, problems
    graph, unknown = started(graph, starts)
    assert not unknown
    (solution,) = Solver(graph).solve()
    found = {fact: solution.of(fact).value for fact in graph.facts}
    assert found == pytest.approx(enumerate_worlds(graph)[0], abs=1e-12)
    return found


def test_a_graph_that_mal_toolbox_saved_has_the_chances_worked_out_by_hand() -> None:
    graph, problems = read((DATA / "small.json").read_bytes())
    assert graph is not None
    assert [one.level for one in problems] == ["note", "note"]
    assert "Exponential" in problems[0].message
    assert "VeryHardAndUncertain" in problems[1].message
    graph, _ = started(graph, ["web:reach"])
    (solution,) = Solver(graph).solve()
    # Users of the three hosts in a cycle share their fate: six tries, three by exploits past a patch.
    user = 1 - ((1 - 0.4 * 0.5) * 0.5) ** 3
    expected = {
        "web:exploit": 0.4 * 0.5,
        "web:user": user,
        "files:user": user,
        "vault:user": 1 - ((1 - 0.4 * 0.5) * 0.5) ** 4,
        "web:root": user * 0.8,
        "files:privileges": user * 0.75,  # hardened with chance 0.25
        "vault:privileges": 0.0,  # hardened for certain
        "files:dump": user,  # it has a store
        "web:dump": 0.0,  # it has none
        "data:read": user * 0.5,
        "files:destroy": 0.0,  # it has a backup
        "work:destroy": user * 0.8,
        "tape:restore": 0.0,
    }
    for fact, value in expected.items():
        assert solution.of(fact).value == pytest.approx(value, abs=1e-12), fact


def test_yaml_and_json_are_the_same_graph() -> None:
    ours, _ = read((DATA / "small.json").read_bytes())
    other, _ = graph_from_mal(read_yaml((DATA / "small.yaml").read_bytes(), "small.yaml"))
    assert ours is not None
    assert other is not None
    assert sorted(ours.facts) == sorted(other.facts)
    assert {(one.id, frozenset(one.needs), one.chance, frozenset(one.controls)) for one in ours.steps} == {
        (one.id, frozenset(one.needs), one.chance, frozenset(one.controls)) for one in other.steps
    }
    assert {one.id: one.holds for one in ours.controls} == {one.id: one.holds for one in other.controls}


def test_an_and_node_needs_all_parents_and_a_cycle_does_not_hold_itself_up() -> None:
    found = likelihood(
        nodes(
            entry={"type": "or"},
            a={"type": "or", "parents": ["entry"], "ttc": bernoulli(0.5)},
            b={"type": "or", "parents": ["entry"], "ttc": bernoulli(0.4)},
            both={"type": "and", "parents": ["a", "b"]},
            waits={"type": "and", "parents": ["a", "later"]},
            later={"type": "or", "parents": ["waits"]},
        ),
        "entry",
    )
    assert found["both"] == pytest.approx(0.2)
    assert found["waits"] == found["later"] == 0.0


def test_an_or_node_is_tried_once_however_many_parents_lead_to_it() -> None:
    described = nodes(
        entry={"type": "or"},
        a={"type": "or", "parents": ["entry"]},
        target={"type": "or", "parents": ["entry", "a"], "ttc": bernoulli(0.5)},
    )
    assert likelihood(described, "entry")["target"] == pytest.approx(0.5)


def test_defenses_are_shared_and_what_exists_is_settled() -> None:
    found = likelihood(
        nodes(
            entry={"type": "or"},
            wall={"type": "defense", "ttc": bernoulli(0.7)},
            off={"type": "defense"},
            there={"type": "exist", "existence_status": True},
            gone={"type": "notExist", "existence_status": True},
            a={"type": "and", "parents": ["entry", "wall"]},
            b={"type": "and", "parents": ["entry", "wall", "off", "there"]},
            c={"type": "and", "parents": ["entry", "gone"]},
            both={"type": "and", "parents": ["a", "b"]},
            open={"type": "or", "parents": ["wall"]},
            standing={"type": "or", "parents": ["there", "gone"]},
        ),
        "entry",
    )
    assert [found[one] for one in ("a", "b", "both", "open")] == pytest.approx([0.3] * 4)
    assert found["c"] == 0.0
    assert found["standing"] == 1.0


def test_times_count_as_certain_unless_a_chance_is_given_for_them() -> None:
    product = {
        "type": "multiplication",
        "lhs": bernoulli(0.5),
        "rhs": {"name": "Exponential", "arguments": [0.1], "type": "function"},
    }
    described = nodes(entry={"type": "or"}, target={"type": "or", "parents": ["entry"], "ttc": product})
    assert likelihood(described, "entry")["target"] == 0.5
    assert likelihood(described, "entry", Exponential=0.2)["target"] == pytest.approx(0.1)
    _, problems = read(described, Gamma=0.2)
    assert [one.level for one in problems] == ["note", "warning"]


def broken(**changes: Any) -> dict[str, Any]:
    value = copy.deepcopy(
        nodes(entry={"type": "or"}, wall={"type": "defense"}, target={"type": "and", "parents": ["entry", "wall"]})
    )
    value["attack_steps"]["target"].update(changes)
    return value


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"attack_steps": []}, "must name the nodes"),
        ({"attack_steps": {"a": 7}}, "a node with an id"),
        ({**broken(), "attackers": {}}, "“attackers” is not a part"),
        (broken(id=0), "is that of “entry” too"),
        (broken(type="xor"), "no nodes of type “xor”"),
        (broken(type="exist"), "whether it exists is not said"),
        (broken(type="defense"), "has no parents"),
        (broken(parents=None), "a map from ids"),
        (broken(parents={"0": "entry", "9": "ghost"}), "no node “ghost”"),
        (broken(parents={"0": "entry"}), "does not have this node as a parent"),
        (broken(children={"0": "entry"}), "does not have this node as a parent"),
        (broken(ttc="soon"), "no distribution “None”"),
        (broken(ttc={"name": "Cauchy", "arguments": []}), "no distribution “Cauchy”"),
        (broken(ttc={"name": {"a": []}}), "no distribution “{'a': []}”"),
        (broken(type={"a": []}), "no nodes of type “{'a': []}”"),
        (broken(ttc=bernoulli(1.5)), "one chance from 0 to 1"),
        (broken(ttc={"name": "Bernoulli", "arguments": [True]}), "one chance from 0 to 1"),
        (broken(ttc={"type": "division", "lhs": bernoulli(0.5), "rhs": bernoulli(1)}), "no meaning here"),
        (
            nodes(wall={"type": "defense", "ttc": {"name": "Exponential", "arguments": [1]}}),
            "a chance, not a time",
        ),
    ],
)
def test_what_is_not_sound_is_refused_with_its_place(value: dict[str, Any], says: str) -> None:
    graph, problems = read(value)
    assert graph is None
    (found, *_) = [one for one in problems if says in one.message]
    assert found.level == "error"
    assert found.path.startswith("attack")
    assert found.line > 0


def test_fields_that_are_not_read_are_named() -> None:
    graph, problems = read(broken(detectors={"ids": {}}, extras={"position": [1, 2]}))
    assert graph is not None
    assert [one.message for one in problems] == ["the field “detectors” of 1 nodes is not read."]


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["solve", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("name", ["small.yaml", "small.json"])
def test_solve_reads_it(name: str) -> None:
    code, printed, said = run(str(DATA / name), "--start", "web:reach", "--chance", "Exponential=0.5", "--json")
    assert code == 0
    assert json.loads(printed)["facts"]["web:privileges"]["likelihood"] == pytest.approx(0.468)
    assert "VeryHardAndUncertain is a time" in said
    assert "Exponential is" not in said


def test_solve_wants_a_start_that_exists_and_chances_that_are_some(tmp_path: Path) -> None:
    file = str(DATA / "small.json")
    assert run(file)[0] == 2
    assert "name facts with --start" in run(file)[2]
    assert "no fact “web:reech”" in run(file, "--start", "web:reech")[2]
    assert "is not NAME=CHANCE" in run(file, "--start", "web:reach", "--chance", "Exponential=2")[2]
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"facts": ["a", "b"], "steps": [{"id": "s", "needs": ["a"], "gains": "b", "chance": 1}]}))
    assert run(str(own), "--start", "a", "--json")[0] == 0
    assert "is for attack graphs of mal-toolbox" in run(str(own), "--chance", "Exponential=0.5")[2]


def test_hostile_yaml_is_refused(tmp_path: Path) -> None:
    for number, content in enumerate(
        (
            "attack_steps: &a [*a]\n",
            "attack_steps: !!python/object/apply:os.system [id]\n",
            "attack_steps:\n" + "".join("  " * depth + "- \n" for depth in range(100)),
            yaml.safe_dump({"attack_steps": {"x": {"id": 1, "type": ["or"], "parents": {"__proto__": {}}}}}),
        )
    ):
        file = tmp_path / f"{number}.yaml"
        file.write_text(content, encoding="utf-8")
        code, printed, said = run(str(file), "--start", "x")
        assert (code, printed) == (2, ""), content
        assert "Traceback" not in said


def test_wrong_by_the_thousand_is_told_soon() -> None:
    count = 20_000
    hub = {
        "id": 0,
        "type": "or",
        "ttc": None,
        "children": {str(n): f"n{n}" for n in range(1, count)},
        "parents": {},
    }
    others = {
        f"n{n}": {"id": n, "type": "or", "ttc": None, "children": {}, "parents": {"0": "hub"}} for n in range(1, count)
    }
    before = time.process_time()
    graph, _ = graph_from_mal(read_json(json.dumps({"attack_steps": {"hub": hub, **others}}).encode(), "mal.json"))
    assert graph is not None
    assert len(graph.steps) == count - 1
    for one in others.values():
        one["type"] = "orr"
    _, problems = graph_from_mal(read_json(json.dumps({"attack_steps": {"hub": hub, **others}}).encode(), "mal.json"))
    assert MAX_PROBLEMS < len(problems) <= MAX_PROBLEMS + 2
    steps = [{"id": f"s{n}", "needs": [f"x{n}"], "gains": "a", "chance": 1, "chnce": 1} for n in range(count)]
    text = json.dumps({"facts": ["a", *(f"f{n}" for n in range(1000))], "steps": steps})
    none, problems = graph_from_json(read_json(text.encode(), "graph.json"))
    assert none is None
    assert len(problems) == MAX_PROBLEMS + 1
    assert "further problems" in problems[-1].message
    assert time.process_time() - before < 30
