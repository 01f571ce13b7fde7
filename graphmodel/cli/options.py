"""What the commands share: arguments, options, opening and assessing a model, and exit with an error."""

from __future__ import annotations

import datetime
import functools
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast
from urllib.parse import urlsplit

import click

from graphmodel.cli.files import FILE, called, read_model
from graphmodel.cli.numbers import Number
from graphmodel.cli.progress import Watch, doing
from graphmodel.cli.terminal import encodes_everything, put, say
from graphmodel.reading.printable import OBEYED, printable

if TYPE_CHECKING:
    from graphmodel.assessment.results import Assessment
    from graphmodel.binding.relations import Reach
    from graphmodel.engine.likelihood import Options
    from graphmodel.engine.worlds.chunks import Players
    from graphmodel.reading.problems import Problem
    from graphmodel.workspace import Model

Command = TypeVar("Command", bound=Callable[..., Any])
DRAWS = click.IntRange(0, 10_000)
LEAST_DRAWS = 110  # fewer do not enclose a 5 % point with 99 % confidence
MOST_WORLDS = 10_000_000


def file_argument(function: Command) -> Command:
    """The FILE argument of most commands."""
    return click.argument("file", type=FILE)(function)


def json_option(function: Command) -> Command:
    """The --json option of every command with results."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")(function)


def view_option(function: Command) -> Command:
    """Which controls count: none, the implemented ones, or the planned ones too."""
    views = click.Choice(["inherent", "residual", "target"])
    return click.option("--view", type=views, default="residual", show_default=True)(function)


def top_option(rows: int) -> Callable[[Command], Command]:
    """How many rows of each table are shown."""
    return click.option(
        "--top", type=click.IntRange(1, 1000), default=rows, show_default=True, help="Rows of each table."
    )


@dataclass(frozen=True)
class Simulation:
    """The options of a simulation as they were given. The engine is loaded once it is to use them."""

    seed: int
    worlds: int | None
    precision: float | None
    watch: Watch
    players: Players | None = None
    seconds: float | None = None
    keep: bool = True

    def options(self) -> Options:
        from graphmodel.engine.likelihood import Options
        from graphmodel.engine.memory import FORGETFUL
        from graphmodel.keeping.opening import memory

        self.watch.begin()
        count = self.worlds or (MOST_WORLDS if self.precision else 100_000)
        found = Options(
            seed=self.seed,
            worlds=count,
            precision=self.precision,
            progress=self.watch,
            hurried=self.watch.hurried,
            memory=memory(self._ended) if self.keep else FORGETFUL,
        )
        return found if self.players is None else replace(found, players=self.players)

    def _ended(self) -> object:
        """None where an answer may be less than the whole one: what is worked out then is not kept."""
        return None if self.watch.stopped or self.seconds is not None else "whole"


@dataclass(frozen=True)
class Method:
    """How numbers are to be computed."""

    reach: Reach
    simulation: Simulation


def _address(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    """The address of a scheduler, such as ``tcp://10.0.0.5:8786`` or ``tls://...``."""
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("tcp", "tls") and bool(parts.hostname and parts.port) and parts.username is None
    except ValueError:  # the port is no number, or too large
        sound = False
    if not sound or parts.path or parts.query or parts.fragment:
        raise click.BadParameter(
            f"“{text}” is no address of a Dask scheduler; it reads tcp://HOST:PORT or tls://HOST:PORT."
        )
    return text


def simulation_options(function: Command) -> Command:
    """The options of a simulation; the command gets them as ``simulation``."""

    @functools.wraps(function)
    def command(
        *args: Any,
        seed: int,
        worlds: int | None,
        precision: float | None,
        seconds: float | None,
        workers: str | None,
        no_cache: bool,
        **others: Any,
    ) -> Any:
        simulation = Simulation(seed, worlds, precision, Watch(seconds=seconds), seconds=seconds, keep=not no_cache)
        if workers is None:
            return function(*args, simulation=simulation, **others)
        return _with_workers(
            workers, lambda players: function(*args, simulation=replace(simulation, players=players), **others)
        )

    wrapped: Any = command
    for option in (
        click.option("--no-cache", is_flag=True, help="Work everything out anew, and keep none of it."),
        click.option(
            "--workers",
            metavar="ADDRESS",
            callback=_address,
            help="Play the worlds on the Dask cluster whose scheduler is at this address, such as tcp://127.0.0.1:8786.",
        ),
        click.option(
            "--time",
            "seconds",
            type=Number(1, 86_400),
            help="Seconds for the answer: what is not known after half of them is simulated, until they are over; "
            "a search for measures has as long again, 60 without it.",
        ),
        click.option(
            "--precision",
            type=Number(0.0001, 0.5),
            help="Simulate until likelihoods are known this closely, such as 0.005, or --worlds are played.",
        ),
        click.option(
            "--worlds",
            type=click.IntRange(100, MOST_WORLDS),
            help=f"Worlds of a simulation; 100,000 without it, or at most {MOST_WORLDS:,} with --precision.",
        ),
        click.option("--seed", type=int, default=1, show_default=True, help="Seed of a simulation."),
    ):
        wrapped = option(wrapped)
    return cast(Command, wrapped)


def _with_workers(address: str, run: Callable[[Players], Any]) -> Any:
    """Run with a cluster that plays the worlds; exits with 2 where there is none or it cannot play."""
    try:
        from graphmodel.cluster import ClusterError, connected
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("dask", "distributed"):
            raise
        fail("--workers needs Dask: pip install 'graphmodel[cluster]'")
    try:
        with connected(address) as cluster:
            return run(cluster)
    except ClusterError as error:
        fail(str(error))


def method_options(function: Command) -> Command:
    """The options that every command with numbers takes; the command gets them as ``method``."""

    @functools.wraps(function)
    def command(*args: Any, reach: str, simulation: Simulation, **others: Any) -> Any:
        from graphmodel.binding.relations import Reach

        return function(*args, method=Method(Reach(reach), simulation), **others)

    wrapped: Any = simulation_options(command)
    for option in (
        click.option(
            "--reach",
            type=click.Choice(["data", "both"]),
            default="data",
            show_default=True,
            help="Whether attackers get along a link only the way the data go, or both ways.",
        ),
    ):
        wrapped = option(wrapped)
    return cast(Command, wrapped)


def date_option(name: str, says: str) -> Callable[[Command], Command]:
    """An option that takes a date, such as 2027-03-31."""
    return click.option(name, metavar="DATE", callback=_date, help=says)


def _date(_context: click.Context, _parameter: click.Parameter, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        found = datetime.date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise click.BadParameter(f"“{text}” is no date; it reads YEAR-MONTH-DAY, such as 2027-03-31.")
    return text


def fail(message: str) -> NoReturn:
    """Say what is wrong and exit with 2."""
    say(printable(f"error: {message}"), err=True)
    sys.exit(2)


def show_problems(problems: Sequence[Problem], quiet_notes: bool = True) -> None:
    """Problems on standard error, each on a line of its own; notes only on request."""
    for one in problems:
        if one.level != "note" or not quiet_notes:
            say(printable(str(one)), err=True)


def opened(file: Path, quiet_notes: bool = True, answers: Path | None = None, bound: bool = True) -> Model:
    """Open a model for use, with the answers beside it or these; exits with 2 when it has errors. Without ``bound``
    nobody looks whether each pattern can be bound to it."""
    model = read_model(file, bound)
    if answers is not None:
        model = model.with_answers_of(answers)
    show_problems(model.problems, quiet_notes)
    if not model.usable:
        errors = sum(one.level == "error" for one in model.problems)
        fail(f"{called(file)} cannot be used: {errors} error{'s' if errors != 1 else ''} above.")
    return model


def assessed(file: Path, method: Method) -> Assessment:
    """Open and assess a model; exits with 2 when it cannot be used.

    Commands import what else they need after this, so that what is wrong with a file is told at once.
    """
    model = opened(file)
    doing("working out likelihoods")
    assessment = model.assess(method.reach, method.simulation.options(), today=today())
    doing("working out the results")
    from graphmodel.outputs.advice import without_effect

    for one in without_effect(assessment):
        say(f"warning: {one}", err=True)
    return assessment


def actor_of(assessment: Assessment, actor: str | None) -> str | None:
    """The id of an actor that is named by id or name; exits with 2 when the model does not have it."""
    from graphmodel.model.names import by_id_or_name

    if actor is None:
        return None
    try:
        return by_id_or_name(actor, assessment.compiled.system.actors, "actor")
    except KeyError as error:
        fail(str(error.args[0]))


def checked_draws(draws: int | None) -> int | None:
    """The number of draws of the inputs; exits with 2 when it is too small to say anything."""
    if draws is not None and 0 < draws < LEAST_DRAWS:
        fail(f"--draws takes 0 for none, or at least {LEAST_DRAWS}: fewer do not say where nine tenths lie.")
    return draws


def write(path: Path, content: str | bytes) -> None:
    """Write a file, whole or not at all; exits with 2 when it cannot be written."""
    from graphmodel.reading.files import write_bytes_atomically

    try:
        write_bytes_atomically(path, content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        fail(f"{path} cannot be written ({error.strerror}).")


def never_over(output: Path | None, *inputs: Path | None) -> None:
    """Exits with 2 when what is to be written is one of the files that are read."""
    for one in inputs:
        try:
            same = output is not None and one is not None and output.samefile(one)
        except (OSError, ValueError):  # one of them is not there, or can be no file
            same = False
        if same:
            fail(f"{output} is what is read; name another file to write to.")


def today() -> str:
    """The date here, which evidence expires against."""
    return datetime.datetime.now().astimezone().date().isoformat()


def print_json(value: Any) -> None:
    """One JSON document on standard output; what a terminal would obey in it is escaped as JSON does."""
    text = json.dumps(value, indent=2, ensure_ascii=not encodes_everything(), allow_nan=False)
    put(OBEYED.sub(lambda one: one[0] if one[0] == "\n" else json.dumps(one[0])[1:-1], text))
