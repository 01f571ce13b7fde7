"""The benchmarks' graphs are what they are said to be, and the report says what was measured. Nothing is timed here."""

from __future__ import annotations

import importlib
import math
import pkgutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import benchmarks
from benchmarks import exact, pages, single
from benchmarks.curves import FIGURES, exponents
from benchmarks.families import FAMILIES, and_share, defended, edges_of, enterprise, lattice, layered, narrow
from benchmarks.harness import Timing, child, repeat, seconds, size, two
from benchmarks.model import Point, Scale, Section, Table
from benchmarks.organisation import organisation
from benchmarks.questions import QUESTIONS
from benchmarks.report import markdown
from benchmarks.systems import ai_system
from benchmarks.waiting import CALLS, asked
from graphmodel.binding.attackgraph import attack_graph
from graphmodel.binding.compiled import compile_system
from graphmodel.cli.main import main
from graphmodel.engine.events import event_graph
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Options, Solver
from graphmodel.engine.worlds.simulation import Simulation
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue, View
from graphmodel.model.checks import check_system
from graphmodel.model.document import read_document
from graphmodel.model.writing import write_document
from graphmodel.posture.history import histories
from graphmodel.reading.yaml_text import read_yaml
from graphmodel.snapshots import FOLDER, kept
from graphmodel.workspace import open_model
from tests.conftest import EXAMPLES, ROOT
from tests.oracles import enumerate_worlds


def compromised(graph: AttackGraph, worlds: int = 2_048) -> float:
    """The share of the facts that come true."""
    simulation = Simulation(event_graph(graph), 1, "ints")
    (tally,) = simulation.run(simulation.graph.weights()[:, np.newaxis], [{}], worlds)
    return sum(tally.hits.values()) / worlds / len(graph.facts)


def largest_cycle(graph: AttackGraph) -> float:
    return max(len(one.facts) for one in event_graph(graph).components) / len(graph.facts)


@pytest.mark.parametrize("edges", [1_000, 10_000])
@pytest.mark.parametrize("ands", [0.0, 0.15])
def test_layered_graphs_have_the_edges_and_the_share_of_and_that_they_promise(edges: int, ands: float) -> None:
    graph = layered(edges, ands)
    assert edges_of(graph) == edges
    assert and_share(graph) == pytest.approx(ands, abs=0.03)
    layer = {fact: int(fact[1:].partition(".")[0]) for fact in graph.facts if fact != "start"}
    back = sum(layer[one.gains] < layer[one.needs[0]] for one in graph.steps if one.needs != ("start",))
    assert back / len(graph.steps) == pytest.approx(0.05, abs=0.02)
    assert 0.1 < compromised(graph) < 0.7


def test_an_enterprise_has_one_large_cycle_and_a_quarter_of_it_falls() -> None:
    graph = enterprise(10_000)
    assert len(graph.facts) == pytest.approx(10_000, rel=0.01)
    assert largest_cycle(graph) == pytest.approx(0.37, abs=0.02)
    assert 0.15 < and_share(graph) < 0.45
    assert 0.22 < compromised(graph) < 0.25


@pytest.mark.parametrize("cyclic", [False, True])
def test_narrow_graphs_have_cycles_only_where_they_are_asked_for(cyclic: bool) -> None:
    graph = narrow(200, 8, cyclic)
    assert (largest_cycle(graph) > 1 / len(graph.facts)) is cyclic
    assert 0.05 < and_share(graph) < 0.25
    small = narrow(5, 3, cyclic)
    (solution,) = Solver(small).solve()
    assert {fact: solution.of(fact).value for fact in small.facts} == pytest.approx(enumerate_worlds(small)[0])


@pytest.mark.parametrize("rows", [2, 3])
def test_a_lattice_is_one_loop(rows: int) -> None:
    graph = lattice(60, rows)
    assert largest_cycle(graph) == 1 - 1 / 60  # but for the start
    columns = 60 // rows
    assert len(graph.steps) == 2 * (rows * (columns - 1) + columns * (rows - 1))


def test_defended_graphs_have_a_price_for_every_control() -> None:
    front, choices = defended(1_000, 20)
    assert len(front.graph.steps) == 1_000
    assert {one.id for one in front.graph.controls} == set(choices.cost)


@pytest.mark.parametrize(
    "make",
    [
        *(lambda one=one: one(2_000) for one in FAMILIES.values()),
        lambda: narrow(50, 4, True),
        lambda: lattice(50, 2),
        lambda: defended(1_000, 9),
    ],
)
def test_the_same_seed_makes_the_same_graph(make: Callable[[], object]) -> None:
    assert make() == make()


@pytest.mark.parametrize("assets", [10, 100, 400])
def test_ai_systems_are_sound_and_survive_their_document(assets: int, catalogue: Catalogue, settings: Settings) -> None:
    system = ai_system(assets)
    assert system == ai_system(assets)
    assert len(system.assets) == pytest.approx(assets, rel=0.1, abs=2)
    assert [one for one in check_system(system, catalogue) if one.level == "error"] == []
    found = read_document(read_yaml(write_document(system).encode(), "bench.yaml"), catalogue)
    assert found.system is not None
    assert [one for one in found.problems if one.level == "error"] == []
    graphs = [
        attack_graph(compile_system(one, catalogue, settings), one.actor_by_id["visitor"])
        for one in (system, found.system)
    ]
    assert {one.id for one in graphs[0].steps} == {one.id for one in graphs[1].steps}
    assert len(graphs[0].losses) >= 1


@pytest.mark.slow
def test_a_folder_of_an_organisation_has_systems_answers_and_snapshots_that_can_be_used(
    tmp_path: Path, kept_answers: Path
) -> None:
    file = organisation(tmp_path, 4, 3)
    systems = [open_model(one) for one in sorted(tmp_path.glob("*.yaml")) if one.name != "assessment.yaml"]
    assert len(systems) == 4
    assert all(one.usable for one in systems)
    answered = open_model(file).answered
    assert answered is not None
    assert len(answered.given.answers) > 0.7 * len(answered.framework.item_by_id)
    (history,) = histories([(path.name, one) for path, one in kept(tmp_path / FOLDER)[0]])
    losses = [one.loss[View.RESIDUAL].value for one in history.moments]
    assert len(set(losses)) == 3  # they differ, or there would be nothing to see


def test_pages_are_said_not_to_be_measured_where_no_browser_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(pages, "CHROMIUM", "/nowhere/chromium")
    (table,) = pages.section(Scale(quick=True)).tables
    assert table.about.startswith("Not measured")
    assert "Not measured" in markdown([pages.section(Scale(quick=True))], [], 1.0, True)


@pytest.mark.parametrize("engine", single.ENGINES)
def test_searches_of_one_world_come_to_our_likelihoods(engine: str) -> None:
    if engine == "rustworkx":
        pytest.importorskip("rustworkx")
    graph = layered(300)
    played = single.play(engine, graph, 60.0, 3_000)
    (solution,) = Solver(graph, Options(nodes=0, worlds=50_000)).solve()
    for fact, hits in zip(graph.facts, played.hits, strict=True):
        chance = solution.of(fact).value
        error = math.sqrt(max(chance * (1 - chance), 1e-9) / played.worlds)
        assert abs(hits / played.worlds - chance) < 6 * error + 0.01, fact


def test_a_search_refuses_what_it_cannot_say() -> None:
    with pytest.raises(ValueError, match="OR only"):
        single.play("scipy", layered(300, 0.15), 0.1)


def test_nothing_that_a_child_started_outlives_it() -> None:
    """A compiler that is left running takes a processor from every measurement after it."""
    outcome = child(_starts_another, limit=30.0)
    assert isinstance(outcome.value, int), outcome.failure
    for _ in range(50):
        state = Path(f"/proc/{outcome.value}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX":
            return
        time.sleep(0.1)
    pytest.fail("the process that the child started still runs")


def _starts_another() -> int:
    return subprocess.Popen(["sleep", "60"]).pid


def test_a_child_gives_its_value_or_the_reason() -> None:
    assert child(math.sqrt, 4.0).value == 2.0
    assert child(math.sqrt, -1.0).failure.startswith("ValueError")
    assert "0.2 s" in child(_sleep, 30.0, limit=0.2).failure
    assert "GB" in child(_fill, limit=30, megabytes=100).failure


def _sleep(length: float) -> None:
    time.sleep(length)


def _fill() -> int:
    full = bytearray(1) * 300_000_000
    time.sleep(5)
    return len(full)


def test_whole_graphs_are_solved_as_in_an_assessment() -> None:
    worst = open_model(EXAMPLES[0]).assess().worst_actor
    assert worst is not None
    solved = exact.example(EXAMPLES[0].name, worst.actor.id)
    assert isinstance(solved, exact.Solved)
    known = {one.value for one in worst.solutions[View.RESIDUAL].likelihood.values()}
    assert any(solved.answer.value == pytest.approx(one, abs=1e-9) for one in known)
    small = exact.generated(10)
    assert isinstance(small, exact.Solved)
    assert 0 < small.answer.value < 1


def test_numbers_are_said_shortly() -> None:
    assert [seconds(one) for one in (0.0000021, 0.00034, 0.0421, 1.234, 123.4)] == [
        "2.1 µs", "340 µs", "42.1 ms", "1.2 s", "123 s",
    ]  # fmt: skip
    assert [two(one) for one in (0, 0.123, 4.56, 1234567.0)] == ["0", "0.12", "4.6", "1,200,000"]
    assert [size(one) for one in (0, 5_000_000, 1_500_000_000)] == ["not known", "5 MB", "1.50 GB"]
    timing, value = repeat(lambda: 7, 3)
    assert (value, len(timing.wall)) == (7, 3)
    assert str(Timing((1.0, 3.0, 2.0), (1.0, 1.0, 1.0))) == "2 s (1 s..3 s)"


def test_the_exponent_of_a_power_is_found() -> None:
    points = [Point("worlds-layered", "ours", n, 1e-6 * n**1.5) for n in (10, 100, 1_000)]
    assert exponents(points)["worlds-layered", "ours"] == (pytest.approx(1.5), 3)
    assert exponents(points[:1]) == {}


def test_the_report_says_machine_tables_growth_and_figures() -> None:
    points = tuple(Point("worlds-layered", "ours (ints)", n, n / 1e3) for n in (10, 100))
    table = Table("Some", "About it.", ("a", "b"), (("1", "x|y"),), ("A note.",))
    said = markdown([Section("Part", "What it is.", (table,), points)], FIGURES[:1], 3.0, False)
    for part in (
        "## Part",
        "### Some",
        "| 1 | x/y |",
        "A note.",
        "Processor:",
        "numpy",
        f"images/{FIGURES[0].file}.svg",
    ):
        assert part in said
    assert "| 10,000 sampled worlds: layered, OR only | ours (ints) | 1.00 | 2 |" in said


def test_the_committed_report_names_every_family_question_and_peer() -> None:
    said = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for name in (*FAMILIES, "Narrow graphs", "AI systems", "MAL", "Threagile models", *single.ENGINES):
        assert name in said, name
    for question in QUESTIONS:
        assert question.name in said, question.name
    for figure in FIGURES:
        assert f"images/{figure.file}.svg" in said
        assert (ROOT / "docs" / "images" / f"{figure.file}.svg").is_file()


def test_nothing_happens_on_import() -> None:
    for module in pkgutil.iter_modules(benchmarks.__path__):
        importlib.import_module(f"benchmarks.{module.name}")
    assert Scale(quick=True).sizes() == [1_000]
    assert Scale().sizes(start=10, end=100_000) == [10, 100, 1_000, 10_000, 100_000]


@pytest.mark.parametrize("quick", [True, False])
def test_what_a_person_waits_for_are_commands_that_take_what_they_are_called_with(quick: bool) -> None:
    calls = list(asked(quick))
    assert len(set(calls)) == len(calls)
    assert {assets for assets, _, _ in calls} == ({25} if quick else {25, 60, 100, 500, 1_000, 2_000, 10_000})
    for _, name, allowed in calls:
        command = main.commands[name]
        limits = () if allowed is None else ("--time", str(allowed))
        found = command.make_context(name, [__file__, *CALLS[name], *limits])
        assert found.params["file"] == Path(__file__)
