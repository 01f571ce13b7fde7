"""``graphmodel evidence``: what tests and scans found, bound to a system, and what that changes in its numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from graphmodel.cli.files import FILE, OUTPUT, STANDARD_INPUT, called, content
from graphmodel.cli.options import (
    Method,
    date_option,
    fail,
    json_option,
    method_options,
    opened,
    print_json,
    show_problems,
    today,
    write,
)
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say
from graphmodel.reading.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphmodel.assessment.testing import Given, Intake
    from graphmodel.knowledge.vocabulary import Catalogue
    from graphmodel.model.system import System
    from graphmodel.workspace import Model
    from importers.evidence.table import Table


@click.command()
@click.argument("file", type=FILE, metavar="SYSTEM")
@click.argument("results", type=FILE, nargs=-1, required=True)
@json_option
@method_options
@click.option("--on", "asset", metavar="ASSET", help="The asset that was tested, where --tool-target does not say.")
@click.option(
    "--tool-target",
    "targets",
    multiple=True,
    metavar="NAME=ASSET",
    help="Which asset a target of a tool is, or - for none of this system; a target without a name goes by its file.",
)
@click.option("--controls", metavar="IDS", help="Which controls were on, by comma, or none; else all implemented ones.")
@date_option("--date", "The day of the test, for files that do not say.")
@date_option("--until", "The last day on which these results count.")
@click.option("--table", "table_file", type=FILE, help="Rows of your own: which threat a technique or finding is.")
@click.option("-o", "--output", type=OUTPUT, help="Write the evidence into this System document; else it is shown.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def evidence(
    file: Path,
    results: tuple[Path, ...],
    as_json: bool,
    method: Method,
    asset: str | None,
    targets: tuple[str, ...],
    controls: str | None,
    date: str | None,
    until: str | None,
    table_file: Path | None,
    output: Path | None,
    force: bool,
) -> None:
    """What RESULTS of tests and scans say of SYSTEM: which threats, on which assets, and what that changes."""
    if output is not None and output.exists() and output != file and not force:
        fail(f"{output} is there already; choose another name, or write over it with --force.")
    model = opened(file)
    if model.system is None:
        raise ValueError("a model that was opened for use has a system")
    if output is not None and model.format != "graphmodel":
        fail("only a System document holds evidence; make one first: graphmodel import FILE -o system.yaml")
    from graphmodel.assessment.testing import Bound, take_in, with_evidence

    bound = Bound(
        _targets(targets, model.system),
        _asset(asset, model.system) if asset else None,
        _controls(controls, model.system),
        date or "",
        until or "",
    )
    table = _table(table_file, model.catalogue)
    files = [_given(one) for one in results]
    doing("finding what the results speak of")
    compiled = model.compile(method.reach, today())
    found = take_in(compiled, files, table, bound)
    if found.unbound:
        _ask(found.unbound)
    system = replace(model.system, evidence=with_evidence(model.system.evidence, found.evidence))
    text = _document(model, system, found) if output is not None and found.evidence else None
    _show(model, system, found, method, as_json)
    if output is not None and text is not None:
        _save(output, text, model, file)
        say(f"wrote {called(output)}: {len(found.evidence)} entries of evidence", err=True)
    elif output is not None:
        say("nothing to write: no result speaks of a threat of this system.", err=True)


def _asset(named: str, system: System) -> str:
    from graphmodel.model.names import by_id_or_name

    try:
        return by_id_or_name(named, system.assets, "asset")
    except KeyError as error:
        fail(str(error.args[0]))


def _targets(given: tuple[str, ...], system: System) -> dict[str, str]:
    from graphmodel.assessment.testing import LEFT_OUT

    found = {}
    for one in given:
        name, equals, asset = one.rpartition("=")
        if not equals or not name or not asset:
            fail(f"“{one}” is no target with its asset; it reads NAME=ASSET, such as my-bot=support-agent.")
        found[name] = LEFT_OUT if asset == LEFT_OUT else _asset(asset, system)
    return found


def _controls(given: str | None, system: System) -> tuple[str, ...] | None:
    from graphmodel.reading.problems import nearest

    if given is None:
        return None
    ids = [one.strip() for one in given.split(",") if one.strip() and one.strip() != "none"]
    for one in ids:
        if one not in system.control_by_id:
            fail(f"there is no control “{one}”. {nearest(one, system.control_by_id)}")
    return tuple(sorted(ids))


def _table(path: Path | None, catalogue: Catalogue) -> Table:
    from graphmodel.reading.limits import MAX_BYTES
    from graphmodel.reading.problems import UnreadableError, has_errors
    from importers.evidence.table import load_table

    try:
        data = content(path, MAX_BYTES) if path is not None else None
    except UnreadableError as error:
        fail(str(error.problem))
    table, problems = load_table(catalogue, data, called(path) if path is not None else "evidence.yaml")
    show_problems(problems)
    if has_errors(problems):
        fail("the table cannot be used: errors above.")
    return table


def _given(path: Path) -> Given:
    from graphmodel.assessment.testing import given
    from graphmodel.reading.printable import printable
    from graphmodel.reading.problems import UnreadableError, has_errors
    from importers.evidence.registry import MAX_RESULTS, read_results

    doing(f"reading {called(path)}")
    try:
        data = content(path, MAX_RESULTS)
    except UnreadableError as error:
        fail(str(error.problem))
    name = called(path) if path == STANDARD_INPUT else printable(path.name)
    results = read_results(data, name)
    show_problems(results.problems, quiet_notes=False)
    if has_errors(results.problems):
        fail(f"{called(path)} cannot be used: errors above.")
    for reason, count in results.left_out.items():
        say(printable(f"{name}: note: {count:,} {reason}: left out."), err=True)
    return given(name, data, results)


def _ask(unbound: Mapping[str, tuple[str, ...]]) -> NoReturn:
    """Say which targets nobody has bound, and what each could be; exits with 2."""
    for name, assets in unbound.items():
        could = f"it could be {', '.join(assets[:12])}" if assets else "no asset of this system has such a threat"
        say(printable(f"error: which asset is “{name}”? {could}{', …' if len(assets) > 12 else ''}."), err=True)
    first, assets = next(iter(unbound.items()))
    quoted = first.replace("'", "'\\''")  # the name is anybody's, and the command is there to be copied into a shell
    fail(f"say it with --tool-target '{quoted}={assets[0] if assets else '-'}', or with --on ASSET for all of them.")


def _document(model: Model, system: System, found: Intake) -> str:
    """The document with the evidence in it, read again to be sure of it; exits with 2 where it cannot be made."""
    from ruamel.yaml.error import YAMLError

    from graphmodel.model.adding import with_observations
    from graphmodel.workspace import model_from_bytes

    beside = dict(model.beside)
    try:
        text = with_observations(model.data.decode("utf-8-sig"), found.evidence)
    except UnicodeDecodeError:
        fail(f"{model.name} is not in UTF-8; save it so first.")
    except YAMLError as error:
        fail(f"{model.name} cannot be edited as it is ({str(error).splitlines()[0]}); enter the evidence by hand.")
    after = model_from_bytes(text.encode(), model.name, model.directory, beside.__getitem__ if beside else None)
    if after.system != system:
        show_problems(after.problems)
        fail("nothing is written: the document would not say what it says now; enter the evidence by hand.")
    return text


def _save(place: Path, text: str, model: Model, file: Path) -> None:
    from graphmodel.workspace import ChangedOnDiskError, save_text

    if place != file:
        write(place, text)
        return
    try:
        save_text(place, text, model.data)
    except ChangedOnDiskError:
        fail(f"{place} was changed meanwhile; nothing is written. Run it again.")
    except OSError as error:
        fail(f"{place} cannot be written ({error.strerror}).")


def _show(model: Model, system: System, found: Intake, method: Method, as_json: bool) -> None:
    from graphmodel.outputs.evidence import Change, intake_json
    from graphmodel.outputs.text.evidence import intake_text

    doing("working out what changes")
    options = method.simulation.options()
    before = model.assess(method.reach, options, today())
    after = replace(model, system=system).assess(method.reach, options, today())
    change = Change(before, after)
    if as_json:
        print_json(intake_json(found, change))
    else:
        say(intake_text(found, change))
