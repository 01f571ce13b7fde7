"""``graphmodel import``: files and folders of any known format, joined into one System document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphmodel.cli.files import FILE, OUTPUT, STANDARD_INPUT, called
from graphmodel.cli.options import fail, json_option, opened, print_json, show_problems, write
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say
from graphmodel.version import __version__

if TYPE_CHECKING:
    from graphmodel.knowledge.vocabulary import Catalogue
    from graphmodel.model.accounts import Question
    from graphmodel.model.system import System
    from graphmodel.posture.asking import Weighed
    from graphmodel.posture.rereading import Reread
    from importers.folder import FileRead
    from importers.joining import Joined
    from importers.sameness import Piece, Settlements
    from importers.wishes import LeftAside, Wishes

SETTLED = "graphmodel-import.yaml"
TYPES = "graphmodel-types.yaml"
_LONG = 4_000_000  # characters of a document
_SHOWN = 12  # joins, conflicts and questions that are told on a terminal


@click.command(name="import")
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option("-o", "--output", type=OUTPUT, help="Where to write the System document; standard output without it.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--into", type=FILE, help="A System document to bring up to date: what people added or changed stays.")
@click.option("--by-name", is_flag=True, help="Join what has one name in several files, not only one identifier.")
@click.option("--types", type=FILE, multiple=True, help="Own rows of the typing table; repeatable.")
@click.option("--settled", type=FILE, help=f"What was settled about joins; {SETTLED} in a folder that is read.")
@click.option("--take", multiple=True, help="Read files of a folder that would be left aside, by pattern; repeatable.")
@click.option("--leave", multiple=True, help="Leave files of a folder aside, by pattern such as 'docs/*'; repeatable.")
@json_option
def import_(
    files: tuple[Path, ...],
    output: Path | None,
    force: bool,
    into: Path | None,
    by_name: bool,
    types: tuple[Path, ...],
    settled: Path | None,
    take: tuple[str, ...],
    leave: tuple[str, ...],
    as_json: bool,
) -> None:
    """Read FILES, folders or zip archives of any known format, join them, and write one System document."""
    from graphmodel.model.writing import write_document
    from graphmodel.reading.lasting import many_lasting_objects
    from graphmodel.reading.printable import printable
    from importers.folder import questions
    from importers.joining import join

    size = sum(file.stat().st_size for file in files if file.is_file())
    click.get_current_context().with_resource(many_lasting_objects(size))
    if output is not None and output.exists() and not force:
        fail(f"{output} is there already; choose another name, or write over it with --force.")
    from importers.wishes import Wishes

    settlements = _settlements(files, settled)
    before = (settlements.take, settlements.leave) if settlements else ((), ())
    wishes = Wishes((*take, *before[0]), (*leave, *before[1]))
    pieces, read, left = _read(files, types, wishes)
    if not pieces and left:
        from graphmodel.outputs.text.importing import aside

        fail(f"there is nothing to import. Left aside: {'; '.join(aside(left))}. --take FILE reads one all the same.")
    if not pieces:
        fail(
            "nothing that was given is in a format that is read; code by itself says little of how a system runs. Add "
            "a Compose file, manifests, a plan, a drawing or a table of it: docs/importers.md has all formats."
        )
    title = _title(files) if (len(pieces) > 1 or files[0].is_dir()) and not pieces[0].own else ""
    from graphmodel.knowledge.ontology import load_catalogue

    joined = join(pieces, load_catalogue()[0], by_name, settlements, title)
    if title:
        joined = replace(joined, system=replace(joined.system, id=_slug(title)))
    system, again, mine = joined.system, None, None
    if into is not None:
        mine = _mine(into)
        again = _again(into, mine, system)
        system = again.system
    doing("trying what answers would change")
    catalogue = load_catalogue()[0]
    asked = _weighed(questions(replace(joined, system=system), read), system, catalogue)
    names = printable(", ".join(called(file) if file == STANDARD_INPUT else file.name or str(file) for file in files))
    text = write_document(system, f"# Read by graphmodel {__version__} from {names}.\n")
    if into is not None and mine is not None:
        text = _kept(into, mine, system, text)
    _check(system, text)
    show_problems(joined.problems, quiet_notes=False)
    if as_json:
        print_json(_account(joined, read, left, asked, again))
    else:
        _tell(joined, read, left, asked, again)
    where = output or into
    if where is None:
        if not as_json:
            say(text, nl=False)
        return
    write(where, text)
    from graphmodel.posture.rereading import digests

    write(_digests_of(where), json.dumps(digests(joined.system), indent=0, sort_keys=True) + "\n")
    counts = f"{len(system.assets)} assets, {len(system.flows)} flows, {len(system.controls)} controls"
    say(f"wrote {called(where)}: {counts}", err=True)


def _read(
    files: tuple[Path, ...], types: tuple[Path, ...], wishes: Wishes
) -> tuple[list[Piece], list[FileRead], list[LeftAside]]:
    """What the files and folders give, in pieces, and what was left aside of them."""
    from graphmodel.cli.files import content
    from graphmodel.gathering import gather_archive, gather_folder, is_archive
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.knowledge.typing_table import load_typing
    from graphmodel.reading.limits import MAX_BYTES
    from graphmodel.reading.problems import UnreadableError, has_errors
    from importers.folder import FileRead, read_folder
    from importers.sameness import Piece
    from importers.threagile import RISKS

    catalogue = load_catalogue()[0]
    own = [*types, *(file / TYPES for file in files if (file / TYPES).is_file())]
    try:
        rows = [(str(file), content(file, MAX_BYTES)) for file in own]
    except UnreadableError as error:
        fail(str(error.problem))
    table, wrong = load_typing(catalogue, rows)
    show_problems(wrong)
    if has_errors(wrong):
        fail("the typing table has errors.")
    pieces: list[Piece] = []
    read: list[FileRead] = []
    left: list[LeftAside] = []
    for file in files:
        archive = file.is_file() and file.suffix.lower() != ".xlsx" and is_archive(_head(file))
        if not (file.is_dir() or archive):
            if file.name == RISKS and any(one.parent == file.parent and one != file for one in files):
                continue  # they are read with the model beside them
            model = opened(file, quiet_notes=False, bound=False)
            if model.system is not None:
                pieces.append(Piece(model.name, model.system, model.format == "graphmodel"))
                if model.account is not None:
                    read.append(FileRead(model.name, model.format, "", len(model.system.assets), (), model.account))
            continue
        doing(f"looking through {file}")
        try:
            found = gather_archive(file, str(file)) if archive else gather_folder(file)
        except UnreadableError as error:
            fail(str(error.problem))
        show_problems(found.problems)
        doing(f"reading {len(found.sources)} files")
        folder = read_folder(found.sources, catalogue, table, wishes)
        for one in (*folder.aside, *(problem for each in folder.files for problem in each.problems)):
            if one.level != "note":
                show_problems((one,))
        pieces.extend(folder.pieces)
        read.extend(folder.files)
        left.extend(folder.left)
    return pieces, read, left


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(4)
    except OSError:
        return b""  # it is told where the file is opened


def _title(files: tuple[Path, ...]) -> str:
    first = files[0]
    return first.resolve().name if first != STANDARD_INPUT and (first.is_dir() or len(files) == 1) else "System"


def _slug(title: str) -> str:
    return (
        "-".join("".join(one if one.isascii() and one.isalnum() else " " for one in title.lower()).split())[:60]
        or "system"
    )


def _settlements(files: tuple[Path, ...], settled: Path | None) -> Settlements | None:
    """What people settled before; exits with 2 where the file is wrong."""
    from graphmodel.cli.files import content
    from graphmodel.reading.limits import MAX_BYTES
    from graphmodel.reading.problems import UnreadableError
    from importers.settlements import read_settlements

    beside = [file / SETTLED for file in files if (file / SETTLED).is_file()]
    path = settled or (beside[0] if beside else None)
    if path is None:
        return None
    try:
        found, problems = read_settlements(content(path, MAX_BYTES), str(path))
    except UnreadableError as error:
        fail(str(error.problem))
    show_problems(problems)
    if problems:
        fail(f"{path} has errors.")
    return found


def _digests_of(path: Path) -> Path:
    """Where it is kept what the files said when they were last read."""
    return path.with_name(f"{path.stem}.imported.json")


def _mine(path: Path) -> System:
    """The document of a person that is brought up to date; exits with 2 where it cannot be used."""
    mine = opened(path).system
    if mine is None:
        fail(f"{path} cannot be used.")
    return mine


def _again(path: Path, mine: System, system: System) -> Reread:
    from graphmodel.posture.rereading import reread
    from graphmodel.reading.files import read_bytes
    from graphmodel.reading.json_text import read_json
    from graphmodel.reading.problems import UnreadableError

    try:
        text = read_json(read_bytes(_digests_of(path)), str(_digests_of(path)))
    except UnreadableError as error:
        fail(f"{error.problem.message} Without it nobody knows what of {path} people changed: import anew.")
    if not isinstance(text.value, dict) or not all(isinstance(one, str) for one in text.value.values()):
        fail(f"{_digests_of(path)} is not what import wrote.")
    return reread(mine, system, text.value)


def _kept(path: Path, mine: System, system: System, anew: str) -> str:
    """The person's document with what is different now, its comments and order kept; the text written anew, and a word
    about it, where that does not say the same."""
    from graphmodel.model.rewriting import rewritten
    from graphmodel.model.writing import write_document
    from graphmodel.reading.files import read_bytes
    from graphmodel.workspace import model_from_bytes

    text = rewritten(read_bytes(path).decode("utf-8-sig"), mine, system)
    if text is not None:
        now = model_from_bytes(text.encode(), str(path)).system
        if now is not None and set(write_document(now).splitlines()) == set(write_document(system).splitlines()):
            return text
    say(f"{path} cannot be changed piece by piece: it is written anew, without its comments.", err=True)
    return anew


def _weighed(found: Sequence[Question], system: System, catalogue: Catalogue) -> tuple[Weighed, ...]:
    """The questions in the order of what an answer would move."""
    if not found:
        return ()
    from graphmodel.knowledge.settings import load_settings
    from graphmodel.posture.asking import weighed

    return weighed(found, system, catalogue, load_settings()[0])


def _check(system: System, text: str) -> None:
    """That what is written can be read again; exits with 2 otherwise, before anything is written.

    A long document is looked at as the values that it says: to read 16 MB takes longer than all the rest.
    """
    from graphmodel.knowledge.ontology import load_catalogue
    from graphmodel.model.document import soundness
    from graphmodel.model.writing import document_value
    from graphmodel.reading.problems import has_errors
    from graphmodel.workspace import model_from_bytes

    if len(text) > _LONG and not system.catalogue_files:
        problems = soundness(document_value(system), len(text.encode()), load_catalogue()[0])
    else:
        problems = model_from_bytes(text.encode(), "the System document").problems
    if has_errors(problems):
        show_problems(problems)
        fail("what the files say together is no sound System document; nothing was written.")


def _tell(joined: Joined, read: list[FileRead], left: list[LeftAside], asked: Any, again: Reread | None) -> None:
    from graphmodel.outputs.text.importing import importing_text

    for line in importing_text(joined, read, left, asked, again, _SHOWN).splitlines():
        say(line, err=True)


def _account(
    joined: Joined, read: list[FileRead], left: list[LeftAside], asked: Any, again: Reread | None
) -> dict[str, Any]:
    from graphmodel.outputs.importing import importing_json

    return importing_json(joined, read, left, asked, again)
