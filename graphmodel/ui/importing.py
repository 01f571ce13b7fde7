"""Imports on page Model: files and zip archives, what each gave, and nothing taken in before it is asked for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from graphmodel.gathering import beside_within, gather_archive, is_archive
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.settings import load_settings
from graphmodel.knowledge.typing_table import load_typing
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import System
from graphmodel.model.writing import write_document
from graphmodel.posture.asking import Weighed, weighed
from graphmodel.reading.printable import printable
from graphmodel.reading.problems import Problem, UnreadableError, refusal
from graphmodel.ui import state
from graphmodel.ui.pieces import problem_table, safe
from graphmodel.ui.previewing import show_preview
from graphmodel.ui.tables import chance, plain_table
from graphmodel.ui.work import Work
from graphmodel.workbooks.systems import is_workbook, table_of
from graphmodel.workspace import model_from_bytes
from importers.folder import FileRead, Folder, questions, read_folder
from importers.joining import Joined, join
from importers.registry import IMPORTERS
from importers.sameness import Piece, Settlements
from importers.source import Source
from importers.wishes import Wishes

_BEFORE, _FOUND, _TAKEN = "import-before", "import-found", "import-taken"
_NAME = "imported.yaml"
_SHOWN = 40  # untyped elements that can be typed here, and lines of each list


def show_import(work: Work) -> None:
    """The expander with everything in it, and the way back after something was taken in."""
    before: Work | None = st.session_state.get(_BEFORE)
    if before is not None and work.name == _NAME:
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.info(f"Taken in; {safe(printable(before.name))} was open before.")
        if right.button("Undo", key="import-undo", width="stretch"):
            st.session_state.pop(_BEFORE)
            state.put(before)
            st.rerun()
    with st.expander("Bring several files, or a zip of a folder", expanded=_FOUND in st.session_state):
        uploads = st.file_uploader(
            "Drop files of any kind that is read: what is one thing in several of them becomes one",
            accept_multiple_files=True,
            key="import-files",
            help=f"Formats that are read: {', '.join(one.label for one in IMPORTERS)}.",
        )
        if not uploads:
            st.session_state.pop(_FOUND, None)
            return
        _offer(work, _read(uploads, st.session_state.get(_TAKEN, ())))


@dataclass(frozen=True)
class _Dropped:
    """What somebody dropped: System documents, sources of all other files, those of an archive by themselves where
    another one has files of the same names, which files were dropped one by one, and what could not be had."""

    own: tuple[Piece, ...]
    folders: tuple[tuple[Source, ...], ...]
    named: tuple[str, ...]
    problems: tuple[Problem, ...]


def _read(uploads: Sequence[Any], take: Sequence[str]) -> tuple[Folder, tuple[Problem, ...]]:
    """What the files give, with those that somebody takes in as well; read once for the same files and wishes."""
    key = (tuple(one.file_id for one in uploads), tuple(take))
    known = st.session_state.get(_FOUND)
    if known is not None and known[0] == key:
        found: tuple[Folder, tuple[Problem, ...]] = known[1]
        return found
    catalogue = load_catalogue()[0]
    dropped = _dropped(uploads)
    wishes = Wishes((*dropped.named, *take))
    read = [read_folder(one, catalogue, load_typing(catalogue)[0], wishes) for one in dropped.folders]
    folder = Folder(
        (*dropped.own, *(piece for one in read for piece in one.pieces)),
        tuple(file for one in read for file in one.files),
        tuple(problem for one in read for problem in one.aside),
        tuple(left for one in read for left in one.left),
    )
    result = (folder, dropped.problems)
    st.session_state[_FOUND] = (key, result)
    return result


def _dropped(uploads: Sequence[Any]) -> _Dropped:
    files: dict[str, bytes] = {}
    folders: list[tuple[Source, ...]] = []
    sources: list[Source] = []
    problems: list[Problem] = []
    own: list[Piece] = []
    for upload in uploads:
        data, name = upload.getvalue(), printable(upload.name)
        if is_workbook(data):
            try:
                files[name] = table_of(data, name)
            except UnreadableError as error:
                problems.append(error.problem)
        elif is_archive(data):
            try:
                gathered = gather_archive(io.BytesIO(data), name)
            except UnreadableError as error:
                problems.append(error.problem)
                continue
            if {one.name for one in gathered.sources} & {one.name for one in sources}:
                folders.append(gathered.sources)
            else:
                sources.extend(gathered.sources)
            problems.extend(gathered.problems)
        else:
            files[name] = data

    def beside(name: str) -> bytes:
        if name not in files:
            raise refusal(name, "this file was not given.", "Drop it together with the others.")
        return files[name]

    for name, data in files.items():
        source = Source(data, name, beside_within(name, beside))
        model = model_from_bytes(data, name) if _is_document(source) else None
        if model is not None and model.system is not None:
            own.append(Piece(name, model.system, True))
        else:
            sources.append(source)
    return _Dropped(tuple(own), (tuple(sources), *folders), tuple(files), tuple(problems))


def _is_document(source: Source) -> bool:
    return isinstance(source.value, dict) and "graphmodel" in source.value


def _offer(work: Work, found: tuple[Folder, tuple[Problem, ...]]) -> None:
    folder, problems = found
    _files(folder.files)
    _aside(folder)
    told = [*problems, *folder.aside, *(one for each in folder.files for one in each.problems if one.level != "note")]
    if told:
        problem_table(told, "import-told")
    if not folder.pieces:
        st.warning("Nothing that was given is in a format that is read.")
        return
    catalogue = load_catalogue()[0]
    left, right = st.columns(2)
    by_name = left.checkbox("Join what has one name", key="import-by-name", help="Not only what has one identifier.")
    into = right.checkbox(
        f"Join with {safe(printable(work.name))}", key="import-into", disabled=work.model.system is None
    )
    pieces = list(folder.pieces)
    if into and work.model.system is not None:
        pieces.insert(0, Piece(work.name, work.model.system, True))
    joined = join(pieces, catalogue, by_name, Settlements(types=_typed(folder, catalogue)), _title(pieces))
    joined = replace(joined, system=replace(joined.system, id=joined.system.id if pieces[0].own else "imported"))
    _joins(joined)
    _asked(weighed(questions(joined, folder.files), joined.system, catalogue, load_settings()[0]))
    st.markdown(f"**Together:** {_counts(joined.system)}")
    text = write_document(joined.system, "# Read by graphmodel from files of other tools.\n")
    model = model_from_bytes(text.encode(), _NAME)
    if model.usable:
        show_preview(model, work.model if into and work.model.usable else None)
    if st.button("Take it in", type="primary", key="import-take", disabled=not model.usable):
        st.session_state[_BEFORE] = work
        st.session_state.pop(_FOUND, None)
        state.open_file(model)
        st.rerun()
    if not model.usable:
        problem_table(model.problems, "import-unsound")


def _title(pieces: Sequence[Piece]) -> str:
    return "" if len(pieces) == 1 or pieces[0].own else "Imported system"


def _counts(system: System) -> str:
    counts = (
        ("assets", system.assets),
        ("flows", system.flows),
        ("zones", system.zones),
        ("controls", system.controls),
    )
    return ", ".join(f"{len(elements)} {what}" for what, elements in counts)


def _files(files: Sequence[FileRead]) -> None:
    rows = [
        {
            "file": printable(one.file),
            "read as": one.label or one.importer,
            "assets": one.assets,
            "elements in it": sum(row.found for row in one.account.rows) if one.account else None,
            "left out": sum(row.omitted for row in one.account.rows) if one.account else None,
            "why": "; ".join(f"{number} {row.kind}: {why}" for row in one.account.rows for why, number in row.reasons)[
                :500
            ]
            if one.account
            else "",
        }
        for one in files
    ]
    if rows:
        plain_table(rows, "import-read")


def _aside(folder: Folder) -> None:
    """What could be read and was not, to be taken in as well."""
    taken = list(st.session_state.get(_TAKEN, ()))
    if not (folder.left or taken):
        return
    st.markdown(f"**Left aside** ({len(folder.left)})")
    left = [{"file": printable(one.file), "because": printable(one.reason)} for one in folder.left]
    plain_table(left, "import-left")
    options = list(dict.fromkeys((*taken, *(one.file for one in folder.left))))
    st.multiselect("Take in as well, in place of what runs the same", options, key=_TAKEN, format_func=printable)


def _typed(folder: Folder, catalogue: Catalogue) -> dict[str, str]:
    """What a person says of elements whose type nobody knows."""
    unknown = [(one.file, each) for one in folder.files if one.account for each in one.account.untyped]
    if not unknown:
        return {}
    st.markdown(f"**What are these?** ({len(unknown)})")
    types = sorted(name for name, one in catalogue.types.items() if not one.abstract)
    said = {}
    for number, (file, one) in enumerate(unknown[:_SHOWN]):
        options = [*one.suggestions, *(name for name in types if name not in one.suggestions)]
        shown = ", ".join(f"{kind} {value}" for kind, value in one.signs[:3])
        label = f"{printable(one.asset)} ({printable(shown)[:80]})" if shown else printable(one.asset)
        key = f"import-type-{number}-{file}-{one.asset}"  # two archives may hold files of one name
        chosen = st.selectbox(safe(label), options, index=None, placeholder="Not known", key=key)
        if chosen is not None:
            said[f"{file}#{one.asset}"] = chosen
    return said


def _joins(joined: Joined) -> None:
    if joined.joins:
        st.markdown(f"**One thing in several files** ({len(joined.joins)})")
        rows = [
            {"asset": one.asset, "because of": printable(one.reason), "in": printable(", ".join(one.members))}
            for one in joined.joins[:_SHOWN]
        ]
        plain_table(rows, "import-joins")
    if joined.conflicts:
        st.markdown(f"**Where the files differ; the first is used** ({len(joined.conflicts)})")
        rows = [
            {
                "element": one.element,
                "what": one.field,
                "said": printable(" | ".join(f"{value} ({place})" for place, value in one.values)),
            }
            for one in joined.conflicts[:_SHOWN]
        ]
        plain_table(rows, "import-conflicts")


def _asked(asked: Sequence[Weighed]) -> None:
    if asked:
        st.markdown(f"**What only you can say, by how far an answer moves what may be lost** ({len(asked)})")
        rows = [
            {
                "Moves it by": chance(one.moves),
                "About": printable(one.question.about),
                "Question": printable(one.question.question),
            }
            for one in asked[:_SHOWN]
        ]
        st.caption("1000 % is tenfold and more, or something where there was nothing.")
        plain_table(rows, "import-questions", Question=st.column_config.TextColumn(width="large"))
