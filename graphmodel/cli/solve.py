"""``graphmodel solve``: the likelihood of each fact of any attack graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.files import STANDARD_INPUT, called, content
from graphmodel.cli.options import (
    Simulation,
    fail,
    file_argument,
    json_option,
    print_json,
    show_problems,
    simulation_options,
)
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.reading.values import Text


@click.command()
@file_argument
@json_option
@simulation_options
@click.option("--simulate", is_flag=True, help="Simulate everything, even what could be exact.")
@click.option("--importance", "weigh", is_flag=True, help="Also how much hangs on each step and control.")
@click.option("--start", "starts", multiple=True, help="A fact that the attacker starts with; may be given repeatedly.")
@click.option("--chance", "chances", multiple=True, help="The chance of a distribution of time, as NAME=CHANCE.")
def solve(
    file: Path,
    as_json: bool,
    simulation: Simulation,
    simulate: bool,
    weigh: bool,
    starts: tuple[str, ...],
    chances: tuple[str, ...],
) -> None:
    """The likelihood of each fact of any attack graph: our JSON, or one that mal-toolbox saved."""
    from graphmodel.engine.graph import graph_from_json
    from graphmodel.engine.importance import graph_importance
    from graphmodel.engine.likelihood import Solver
    from graphmodel.engine.mal import graph_from_mal, is_mal, started
    from graphmodel.outputs.importance import graph_importance_json
    from graphmodel.outputs.solve import solution_json
    from graphmodel.outputs.text.solve import graph_importance_text, solution_text
    from graphmodel.reading.problems import UnreadableError, has_errors

    name = called(file)
    doing(f"reading {name}")
    try:
        text = _parsed(file)
    except UnreadableError as error:
        fail(str(error.problem))
    mal = is_mal(text)
    if chances and not mal:
        fail("--chance is for attack graphs of mal-toolbox; in others each step has its chance.")
    graph, problems = graph_from_mal(text, _chances(chances)) if mal else graph_from_json(text)
    if graph is not None:
        graph, unknown = started(graph, starts, name)
        problems = (*problems, *unknown)
    show_problems(problems, quiet_notes=not mal)
    if graph is None or has_errors(problems):
        fail(f"{name} is not a sound attack graph.")
    if mal and not graph.start:
        fail("an attack graph of mal-toolbox does not say where an attacker starts; name facts with --start.")
    del text  # of a large graph it takes as much memory as all that follows
    options = simulation.options()
    if simulate:
        options = replace(options, nodes=0)
    doing("working out likelihoods")
    solver = Solver(graph, options, changeable=[step.id for step in graph.steps] if weigh else ())
    (solution,) = solver.recalled()
    doing("weighing steps, controls and starts")
    found = graph_importance(solver) if weigh else None
    if as_json:
        more = {"importance": graph_importance_json(found)} if found else {}
        print_json(solution_json(solution, graph.facts, options) | more)
    else:
        say(solution_text(solution, graph.facts))
        if found:
            say(f"\n{graph_importance_text(found)}")


def _parsed(file: Path) -> Text:
    """A file by its name as YAML or JSON, standard input by how it begins."""
    from graphmodel.engine.graph import MAX_BYTES, MAX_VALUES
    from graphmodel.reading import limits
    from graphmodel.reading.json_text import read_json
    from graphmodel.reading.yaml_text import read_yaml

    in_yaml = file.suffix.lower() in (".yaml", ".yml")
    data = content(file, limits.MAX_BYTES if in_yaml else MAX_BYTES)
    if in_yaml or (file == STANDARD_INPUT and data.lstrip()[:1] not in (b"{", b"[")):
        return read_yaml(data, called(file))
    return read_json(data, called(file), MAX_BYTES, MAX_VALUES)


def _chances(pairs: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = -1.0
        if not 0 <= found[name] <= 1:
            fail(f"“{pair}” is not NAME=CHANCE with a chance from 0 to 1.")
    return found
