"""The command line. Results go to standard output, problems and progress to standard error.

Exit status: 0 done, 1 done and a threshold that the caller set is exceeded, 2 the input or the call
is wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.importance import importance
from graphmodel.cli.loss import DRAWS, checked_draws, loss
from graphmodel.cli.options import (
    FILE,
    Method,
    assessed,
    fail,
    file_argument,
    json_option,
    method_options,
    opened,
    print_json,
    show_problems,
    simulation_options,
)
from graphmodel.cli.plan import plan
from graphmodel.cli.progress import Patience, doing
from graphmodel.version import __version__

if TYPE_CHECKING:
    from graphmodel.assessment.results import Assessment
    from graphmodel.engine.likelihood import Options


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="graphmodel")
@click.pass_context
def main(context: click.Context) -> None:
    """Threat modelling of AI systems: attack paths, likelihood, loss and gaps on one explained graph."""
    if context.invoked_subcommand != "app":
        context.obj = Patience()
        context.obj.begin()
        context.call_on_close(context.obj.end)


main.add_command(loss)


@main.command()
@click.argument("file", type=FILE, required=False)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8501, show_default=True, help="Port on the loopback address."
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def app(file: Path | None, port: int, no_browser: bool) -> None:
    """Open the app, on FILE or on an example system."""
    from graphmodel.ui.launch import launch

    sys.exit(launch(file, port, no_browser))


@main.command()
@click.argument("file", type=FILE, default=Path("system.yaml"))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def new(file: Path, force: bool) -> None:
    """Write a first System document to edit, with its schema for editors beside it."""
    from importlib import resources

    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.model.schema import document_schema
    from graphmodel.workspace import write_atomically

    schema = file.with_name("graphmodel.schema.json")
    if file.exists() and not force:
        fail(f"{file} is there already; choose another name, or write over it with --force.")
    if not file.parent.is_dir():
        fail(f"there is no directory {file.parent}.")
    text = (
        resources.files("graphmodel.model")
        .joinpath("starter.yaml")
        .read_text(encoding="utf-8")
        .replace("{file}", file.name)
    )
    catalogue, _ = load_catalogue()
    write_atomically(schema, json.dumps(document_schema(catalogue), indent=1) + "\n")
    write_atomically(file, f"# yaml-language-server: $schema={schema.name}\n{text}")
    click.echo(f"wrote {file} and {schema}; next: graphmodel check {file}")


@main.command()
def schema() -> None:
    """Print the JSON Schema of the System document."""
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.model.schema import document_schema

    print_json(document_schema(load_catalogue()[0]))


@main.command(name="import")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("-o", "--output", type=FILE, help="Where to write the System document; standard output without it.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def import_(files: tuple[Path, ...], output: Path | None, force: bool) -> None:
    """Read FILES of any known format, join them, and write one System document."""
    from graphmodel.model.document import write_document
    from graphmodel.model.merge import merge
    from graphmodel.workspace import write_atomically

    if output is not None and output.exists() and not force:
        fail(f"{output} is there already; choose another name, or write over it with --force.")
    models = [opened(file, quiet_notes=False) for file in files]
    system, problems = merge([model.system for model in models if model.system is not None])
    show_problems(problems, quiet_notes=False)
    heading = f"# Read by graphmodel {__version__} from {', '.join(file.name for file in files)}.\n"
    text = write_document(system, heading)
    if output is None:
        click.echo(text, nl=False)
        return
    write_atomically(output, text)
    click.echo(
        f"wrote {output}: {len(system.assets)} assets, {len(system.flows)} flows, {len(system.controls)} controls",
        err=True,
    )


@main.command()
@file_argument
@json_option
def check(file: Path, as_json: bool) -> None:
    """Report every problem of FILE with its place and what to do."""
    from graphmodel.outputs.assessment import problems_json
    from graphmodel.workspace import open_model

    model = open_model(file)
    if as_json:
        print_json(
            {
                "file": str(file),
                "format": model.format,
                "usable": model.usable,
                "problems": problems_json(model.problems),
            }
        )
    else:
        show_problems(model.problems, quiet_notes=False)
    if not model.usable or model.system is None:
        if not as_json:
            fail(f"{file} has errors.")
        sys.exit(2)
    if not as_json:
        one = model.system
        click.echo(
            f"{file}: usable; {len(one.assets)} assets, {len(one.flows)} flows, {len(one.actors)} actors, "
            f"{len(one.controls)} controls, {len(one.losses)} losses"
        )


@main.command()
@file_argument
@json_option
@method_options
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Rows of each table.")
@click.option(
    "--fail-above",
    help="Exit with 1 when a risk is above this band (Low, Medium, High) or a loss is likelier than this number.",
)
@click.option(
    "--draws",
    type=DRAWS,
    help="Draws of the inputs that are ranges; 0 for none. [default: 1000 where the numbers are exact, else none]",
)
def assess(file: Path, as_json: bool, method: Method, top: int, fail_above: str | None, draws: int | None) -> None:
    """Likelihood, loss, bands, top risks, and what to fix first."""
    from graphmodel.assessment.measures import fix_first
    from graphmodel.losses.uncertainty import is_exact, uncertainty
    from graphmodel.outputs.assessment import assessment_json
    from graphmodel.outputs.text import assessment_text

    threshold, count = _threshold(fail_above), checked_draws(draws)
    assessment = assessed(file, method)
    measures = fix_first(assessment)
    wanted = is_exact(assessment) if count is None else count > 0
    spread = uncertainty(assessment, draws=count) if wanted else None
    if as_json:
        print_json(assessment_json(assessment, measures, spread))
    else:
        click.echo(assessment_text(assessment, measures, top, spread))
    if threshold is not None and threshold(assessment):
        click.echo(f"above the threshold {fail_above}", err=True)
        sys.exit(1)


def _threshold(text: str | None) -> Callable[[Assessment], bool] | None:
    from graphmodel.knowledge.settings import RISK_BANDS

    if text is None:
        return None
    if text.capitalize() in RISK_BANDS[:-1]:
        limit = RISK_BANDS.index(text.capitalize())
        return lambda assessment: any(RISK_BANDS.index(risk.risk) > limit for risk in assessment.risks)
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        fail(f"--fail-above takes {', '.join(RISK_BANDS[:-1])} or a likelihood from 0 to 1, not “{text}”.")
    from graphmodel.knowledge.vocabulary import View

    return lambda assessment: any(risk.likelihood[View.RESIDUAL].value > number for risk in assessment.risks)


@main.command()
@file_argument
@json_option
@method_options
@click.option("--to", "target", help="An asset, a fact such as crm:read, or tag:NAME; without it, every loss.")
@click.option("--from", "actor", help="An actor; without it, each target's worst.")
@click.option("-k", "count", type=click.IntRange(1, 100), default=3, show_default=True, help="Paths for each target.")
@click.option("--view", type=click.Choice(["inherent", "residual", "target"]), default="residual", show_default=True)
def paths(
    file: Path,
    as_json: bool,
    method: Method,
    target: str | None,
    actor: str | None,
    count: int,
    view: str,
) -> None:
    """The most probable attack paths, and the choke points that they share."""
    from graphmodel.knowledge.vocabulary import View
    from graphmodel.outputs.assessment import paths_json
    from graphmodel.outputs.text import paths_text

    assessment, chosen = assessed(file, method), View(view)
    if actor is not None and actor not in assessment.actor_by_id:
        fail(f"there is no actor “{actor}”; there are {', '.join(assessment.actor_by_id) or 'none'}.")
    try:
        targets = assessment.targets(target)
    except KeyError as error:
        fail(str(error.args[0]))
    found, chokes = [], {}
    by_actor: dict[str, list[str]] = {}
    for fact in targets:
        worst, _ = assessment.worst(fact, chosen)
        one = actor or (worst.actor.id if worst else None)
        if one is not None:
            found.append((one, fact, assessment.paths(one, fact, count, chosen)))
            by_actor.setdefault(one, []).append(fact)
    for one, facts in sorted(by_actor.items()):
        chokes[one] = assessment.choke_points(one, facts, chosen)
    if as_json:
        print_json(paths_json(assessment, found, chokes, chosen))
    else:
        click.echo(paths_text(assessment, found, chokes, chosen))


@main.command()
@file_argument
@json_option
@method_options
@click.option("--top", type=click.IntRange(1, 1000), default=15, show_default=True, help="Rows of each table.")
def gaps(file: Path, as_json: bool, method: Method, top: int) -> None:
    """Threats without an implemented control, controls without effect or evidence, open flows."""
    from graphmodel.assessment.gaps import find_gaps
    from graphmodel.outputs.assessment import gaps_json
    from graphmodel.outputs.text import gaps_text

    assessment = assessed(file, method)
    found = find_gaps(assessment)
    if as_json:
        print_json(gaps_json(assessment, found))
    else:
        click.echo(gaps_text(assessment, found, top))


main.add_command(plan)
main.add_command(importance)


@main.command()
@file_argument
@click.argument("asset")
@json_option
@method_options
def explain(file: Path, asset: str, as_json: bool, method: Method) -> None:
    """Where the numbers of ASSET come from, hop by hop."""
    from graphmodel.assessment.explain import explain as explain_asset
    from graphmodel.outputs.assessment import explanation_json
    from graphmodel.outputs.text import explanation_text
    from graphmodel.reading.problems import nearest

    assessment = assessed(file, method)
    try:
        found = explain_asset(assessment, asset)
    except KeyError as error:
        fail(f"{error.args[0]} {nearest(asset, assessment.compiled.system.asset_by_id)}")
    if as_json:
        print_json(explanation_json(found))
    else:
        click.echo(explanation_text(assessment, found))


@main.command()
@file_argument
@json_option
@method_options
@click.option("--from", "actor", help="An actor; without it, the one whose campaign costs most.")
@click.option("--view", type=click.Choice(["inherent", "residual", "target"]), default="residual", show_default=True)
def attackgraph(file: Path, as_json: bool, method: Method, actor: str | None, view: str) -> None:
    """The attack graph of an actor; with --json in the format that solve reads."""
    from graphmodel.knowledge.vocabulary import View

    assessment = assessed(file, method)
    worst = assessment.worst_actor
    name = actor or (worst.actor.id if worst else "")
    if name not in assessment.actor_by_id:
        fail(f"there is no actor “{name}”; there are {', '.join(assessment.actor_by_id) or 'none'}.")
    graph = assessment.graph(name, View(view))
    click.echo(
        f"actor {name}, view {view}: {len(graph.facts)} facts, {len(graph.steps)} steps",
        err=True,
    )
    if as_json:
        print_json(graph.to_json())
        return
    for step in graph.steps:
        click.echo(f"{' + '.join(step.needs) or '(nothing)'} → {step.gains}  {step.chance:.3f}  {step.id}")


@main.command()
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
    options: Options,
    simulate: bool,
    weigh: bool,
    starts: tuple[str, ...],
    chances: tuple[str, ...],
) -> None:
    """The likelihood of each fact of any attack graph: our JSON, or one that mal-toolbox saved."""
    from graphmodel.assessment.importance import graph_influence
    from graphmodel.cli.importance import graph_influence_text
    from graphmodel.engine.graph import MAX_BYTES, MAX_VALUES, graph_from_json
    from graphmodel.engine.likelihood import Solver, solution_json
    from graphmodel.engine.mal import graph_from_mal, is_mal, started
    from graphmodel.outputs.importance import graph_influence_json
    from graphmodel.outputs.text import solution_text
    from graphmodel.reading.problems import has_errors
    from graphmodel.reading.values import UnreadableError, read_bytes, read_json, read_yaml

    doing(f"reading {file}")
    try:
        if file.suffix.lower() in (".yaml", ".yml"):
            text = read_yaml(read_bytes(file), str(file))
        else:
            text = read_json(read_bytes(file, MAX_BYTES), str(file), MAX_BYTES, MAX_VALUES)
    except UnreadableError as error:
        fail(str(error.problem))
    mal = is_mal(text)
    if chances and not mal:
        fail("--chance is for attack graphs of mal-toolbox; in others each step has its chance.")
    graph, problems = graph_from_mal(text, _chances(chances)) if mal else graph_from_json(text)
    if graph is not None:
        graph, unknown = started(graph, starts, str(file))
        problems = (*problems, *unknown)
    show_problems(problems, quiet_notes=not mal)
    if graph is None or has_errors(problems):
        fail(f"{file} is not a sound attack graph.")
    if mal and not graph.start:
        fail("an attack graph of mal-toolbox does not say where an attacker starts; name facts with --start.")
    del text  # of a large graph it takes as much memory as all that follows
    if simulate:
        options = replace(options, nodes=0)
    doing("working out likelihoods")
    solver = Solver(graph, options, changeable=[step.id for step in graph.steps] if weigh else ())
    (solution,) = solver.solve()
    doing("weighing steps, controls and starts")
    found = graph_influence(solver) if weigh else None
    if as_json:
        more = {"importance": graph_influence_json(found)} if found else {}
        print_json(solution_json(solution, graph.facts, options) | more)
    else:
        click.echo(solution_text(solution, graph.facts))
        if found:
            click.echo(f"\n{graph_influence_text(found)}")


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


@main.command()
@click.argument("file", type=FILE, required=False)
@click.argument("text", required=False)
@json_option
@method_options
@click.option("--saved", help="Run a saved query by its id.")
@click.option("--list", "listing", is_flag=True, help="List the saved queries.")
@click.option("--param", "parameters", multiple=True, help="A parameter as name=value; may be given more than once.")
@click.option("--store", envvar="NEO4J_URI", help="A Neo4j address, such as neo4j://user:password@host:7687/database.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 10),
    default=10.0,
    show_default=True,
    help="Seconds until a query is stopped.",
)
@click.option("--rows", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Rows at most.")
def query(
    file: Path | None,
    text: str | None,
    as_json: bool,
    method: Method,
    saved: str | None,
    listing: bool,
    parameters: tuple[str, ...],
    store: str | None,
    timeout: float,
    rows: int,
) -> None:
    """Cypher over the model and its results: graphmodel query FILE 'MATCH ...'."""
    from graphmodel.cli.query import list_saved, run_query

    if listing:
        list_saved(as_json)
        return
    if file is None or (text is None) == (saved is None):
        fail("give FILE and either a query or --saved ID; --list shows the saved queries.")
    run_query(lambda: assessed(file, method), text, saved, parameters, store, timeout, rows, as_json)


@main.command()
@json_option
@click.option("--file", type=FILE, help="A model whose own catalogue is to be shown as well.")
@click.option("--markdown", is_flag=True, help="Print Markdown, as in docs/catalogue.md.")
def catalogue(as_json: bool, file: Path | None, markdown: bool) -> None:
    """The asset types, threats and controls that models may use."""
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.outputs.text import catalogue_markdown, catalogue_text

    known = opened(file).catalogue if file is not None else load_catalogue()[0]
    if as_json:
        print_json(
            {
                "types": {name: one.label for name, one in known.types.items() if not one.abstract},
                "relations": {name: known.relations[name].label for name in known.declarable_relations()},
                "threats": {
                    one.id: {"name": one.name, "area": str(one.area), "techniques": [t.pinned for t in one.techniques]}
                    for one in known.patterns.values()
                    if not one.propagation
                },
                "controls": {
                    one.id: {
                        "name": one.name,
                        "function": str(one.function),
                        "area": str(one.area),
                        "mitigates": sorted(one.mitigates),
                    }
                    for one in known.controls.values()
                },
            }
        )
    else:
        click.echo(catalogue_markdown(known) if markdown else catalogue_text(known))
