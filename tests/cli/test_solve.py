"""Attack graphs on the command line: solved, simulated, exported and read back."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from graphmodel.cli.main import main
from tests.cli.calls import ASSISTANT, CHEAPEST, printed, run
from tests.conftest import ROOT


def test_the_attack_graph_of_a_file_solves_to_the_numbers_of_its_assessment(tmp_path: Path) -> None:
    (assessed,) = [one for one in printed("assess", ASSISTANT, "--draws", "0")["actors"] if one["id"] == "visitor"]
    for view in ("inherent", "residual", "target"):
        graph = printed("attackgraph", ASSISTANT, "--from", "visitor", "--view", view)
        file = tmp_path / "graph.json"
        file.write_text(json.dumps(graph))
        solved = printed("solve", str(file))
        assert solved["expected_loss"]["amount"] == pytest.approx(assessed["expected_loss"][view]["amount"], rel=1e-12)
        assert solved["facts"]["customer-records:read"]["method"] == "exact"
    simulated = printed("solve", str(file), "--simulate", "--worlds", "20000", "--seed", "7")
    outside = [
        fact
        for fact, estimate in simulated["facts"].items()
        if not estimate["low"] <= solved["facts"][fact]["likelihood"] <= estimate["high"]
    ]
    assert len(outside) <= 0.05 * len(simulated["facts"])  # 99 % intervals, of numbers that hang together
    assert simulated == printed("solve", str(file), "--simulate", "--worlds", "20000", "--seed", "7")


def test_the_format_of_the_documentation_is_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "method.md").read_text().split("```json\n")[1].split("```")[0]
    file = tmp_path / "graph.json"
    file.write_text(text)
    facts = printed("solve", str(file))["facts"]
    dearest = json.loads(text)["losses"][0]["fact"]
    assert facts[dearest] == {"likelihood": 0.24, "low": 0.24, "high": 0.24, "method": "exact"}


@pytest.mark.parametrize(
    ("graph", "says"),
    [
        ("[]", "not an attack graph"),
        ("{}", "not an attack graph"),
        (
            '{"facts": ["a"], "steps": [{"id": "s", "needs": ["b"], "gains": "a", "chance": 1}]}',
            "“b” is not among the facts",
        ),
        ('{"facts": ["a"], "steps": [{"id": "s", "needs": [], "gains": "a", "chance": 2}]}', "number from 0 to 1"),
        (
            '{"facts": ["a"], "steps": [{"id": "s", "gains": "a", "chance": 1, "controls": ["c"]}]}',
            "there is no control “c”",
        ),
        ('{"facts": ["a", "a"], "steps": []}', "stands here twice"),
        ('{"facts": ["a"], "steps": [{"id": "s", "gains": "a", "chance": NaN}]}', "number"),
        ('{"facts": ["a"], "steps": 3}', "list"),
        ('{"facts": [1], "steps": [null]}', "object"),
        ('{"facts": ["a"], "steps": [{"id": "s", "gains": "a", "chance": 1, "chanse": 1}]}', "no field “chanse”"),
        ('{"facts": ["a"], "losses": [{"fact": "a", "amount": -1}], "steps": []}', "number from 0"),
        ("{", "not valid JSON"),
    ],
)
def test_solve_refuses_what_is_not_sound(graph: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "graph.json"
    file.write_text(graph)
    result = run("solve", str(file))
    assert result.exit_code == 2
    assert says in result.stderr
    assert not result.stdout


def test_a_simulation_ends_at_the_precision_that_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "coin.json"
    steps = [{"id": "s", "needs": ["a"], "gains": "b", "chance": 0.5}]
    file.write_text(
        json.dumps({"facts": ["a", "b"], "start": ["a"], "steps": steps, "losses": [{"fact": "b", "amount": 1}]})
    )
    found = printed("solve", str(file), "--simulate", "--precision", "0.01")
    assert 16_384 < found["worlds"] < 200_000
    assert found["facts"]["b"]["high"] - found["facts"]["b"]["low"] <= 0.02
    assert printed("solve", str(file))["worlds"] == 0


def test_a_long_simulation_tells_how_far_it_is_and_can_be_ended(tmp_path: Path) -> None:
    """A real process gets a real Ctrl-C and prints what it has."""
    file = tmp_path / "coin.json"
    steps = [{"id": f"s{n}", "needs": [f"f{n}"], "gains": f"f{n + 1}", "chance": 0.9995} for n in range(2000)]
    graph = {"facts": [f"f{n}" for n in range(2001)], "start": ["f0"], "steps": steps}
    file.write_text(json.dumps(graph))
    command = [sys.executable, "-m", "graphmodel", "solve", str(file), "--simulate", "--precision", "0.0001", "--json"]
    with (
        (tmp_path / "out.json").open("w") as out,
        subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True) as process,
    ):
        assert process.stderr is not None
        heard = []
        for line in process.stderr:  # on a slow machine it is said first that work goes on
            heard.append(line)
            if "of 10,000,000 worlds" in line:
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert "of 10,000,000 worlds" in heard[-1], heard
    assert process.returncode == 0, err
    assert "ending early" in err
    assert 0 < json.loads((tmp_path / "out.json").read_text())["worlds"] < 10_000_000


def test_solve_says_how_much_hangs_on_each_step_and_control(tmp_path: Path) -> None:
    file = tmp_path / "graph.json"
    file.write_text(
        json.dumps(
            {
                "facts": ["start", "a", "b"],
                "start": ["start"],
                "controls": [{"id": "filter", "holds": 0.5}],
                "steps": [
                    {"id": "first", "needs": ["start"], "gains": "a", "chance": 1.0, "controls": ["filter"]},
                    {"id": "second", "needs": ["a"], "gains": "b", "chance": 0.4},
                ],
                "losses": [{"fact": "b", "amount": 100}],
            }
        )
    )
    found = json.loads(CliRunner().invoke(main, ["solve", str(file), "--importance", "--json"]).stdout)["importance"]
    assert found["steps"]["second"]["saves"]["value"] == pytest.approx(20.0)
    assert found["controls"]["filter"]["saves"]["value"] == pytest.approx(20.0)
    assert found["controls"]["filter"]["costs"]["value"] == pytest.approx(20.0)
    said = CliRunner().invoke(main, ["solve", str(file), "--importance"]).output
    assert "saved if impossible" in said
    assert "lost if absent" in said
    assert "importance" not in json.loads(CliRunner().invoke(main, ["solve", str(file), "--json"]).stdout)


def test_what_has_no_interval_is_said_to_be_exact() -> None:
    for command, *more in (
        ["assess"],
        ["paths"],
        ["gaps"],
        ["importance", "--worlds", "2000"],
        ["explain", "rejector"],
    ):
        result = run(command, CHEAPEST, *more)
        assert result.exit_code == 0, result.output
        assert " exact" in result.stdout.splitlines()[-1] or "are exact" in result.stdout.split("rest on:")[-1], command


def test_a_time_ends_a_simulation_with_the_worlds_that_were_played(tmp_path: Path) -> None:
    rng = random.Random(3)
    steps = [{"id": f"s{n}", "needs": ["start"], "gains": f"f{n}", "chance": 0.3} for n in range(100)]
    for n in range(100, 4000):
        need = f"f{rng.randrange(max(0, n // 2 - 300), n // 2)}"
        steps.append({"id": f"s{n}", "needs": [need], "gains": f"f{n // 2}", "chance": 0.6})
    facts = sorted({"start", *(step["gains"] for step in steps)})
    file = tmp_path / "graph.json"
    file.write_text(json.dumps({"facts": facts, "start": ["start"], "steps": steps}))
    words = ["solve", str(file), "--simulate", "--worlds", "10000000", "--time", "1", "--json"]
    found = CliRunner().invoke(main, words)
    assert found.exit_code == 0, found.output
    assert 64 <= json.loads(found.stdout)["worlds"] < 10_000_000
    assert CliRunner().invoke(main, ["solve", str(file), "--time", "0.5"]).exit_code == 2
