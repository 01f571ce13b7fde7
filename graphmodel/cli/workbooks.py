"""The questionnaire as files that go out to people and come back; a part of ``graphmodel questionnaire``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from graphmodel.cli.files import called, content
from graphmodel.cli.options import fail, print_json, show_problems
from graphmodel.cli.progress import doing
from graphmodel.cli.terminal import say

if TYPE_CHECKING:
    from graphmodel.answering import Answered
    from graphmodel.posture.merging import Merged
    from graphmodel.posture.questionnaire import Questionnaire, Wanted
    from graphmodel.reading.problems import Problem
    from graphmodel.workbooks.reading import Returned
    from graphmodel.workspace import Model


def give_out(found: Questionnaire, wanted: Wanted, place: Path, by: str | None, force: bool, as_json: bool) -> None:
    """Write one workbook, or one for each owner or role into a directory; exits with 2 when one cannot be written."""
    from graphmodel.knowledge.framework import ROLES
    from graphmodel.posture.questionnaire import facts, owners, parts
    from graphmodel.workbooks.writing import file_name

    files: dict[Path, Wanted] = {}
    if by is None:
        if place.suffix.lower() != ".xlsx":
            fail(f"{place} does not end in .xlsx; a directory needs --by owner or --by role.")
        files[place] = wanted
    else:
        everybody = ROLES if by == "role" else owners(found.areas)
        mine = [one for one in everybody if getattr(wanted, by) in (None, one)]
        for one in mine:
            whose = replace(wanted, role=one) if by == "role" else replace(wanted, owner=one)
            if parts(found.areas, whose) or facts(found.framework, found.answers, whose):
                files[place / file_name(one, [path.name for path in files])] = whose
    if not force:
        there = next((path for path in files if path.exists()), None)
        if there is not None:
            fail(f"{there} is there already, and may have been filled in; choose another name, or --force.")
    if by is not None:
        _make_directory(place)
    written = [_write(found, whose, path) for path, whose in files.items()]
    if as_json:
        print_json({"written": written})
        return
    for done in written:
        use = f", {done['facts']} facts about the use" if done["facts"] else ""
        say(f"wrote {done['file']} for {done['for']}: {done['items']} items, {done['levels']} levels of maturity{use}")
    if not written:
        say("nothing to write: no part of the questionnaire is left with these options.")


def _make_directory(place: Path) -> None:
    try:
        place.mkdir(exist_ok=True)
    except OSError as error:
        fail(f"the directory {place} cannot be made ({error.strerror}).")


def _write(found: Questionnaire, wanted: Wanted, path: Path) -> dict[str, object]:
    from graphmodel.posture.merging import digest
    from graphmodel.posture.questionnaire import facts, parts
    from graphmodel.reading.files import write_bytes_atomically
    from graphmodel.workbooks.writing import Given, TooLongError, workbook

    doing(f"writing {path}")
    mine, use = parts(found.areas, wanted), facts(found.framework, found.answers, wanted)
    given = Given(found.system, _whose(wanted), found.file, digest(found.answers, found.framework))
    try:
        write_bytes_atomically(path, workbook(found.framework, found.answers, mine, use, given))
    except TooLongError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{path} cannot be written ({error.strerror}).")
    items, levels = sum(len(one.items) for one in mine), sum(one.level for one in mine)
    return {"file": str(path), "for": given.whose, "items": items, "levels": levels, "facts": len(use)}


def _whose(wanted: Wanted) -> str:
    said = [f"role {wanted.role}"] if wanted.role is not None else []
    if wanted.owner is not None:
        said.append(f"owner {wanted.owner}" if wanted.owner else "what nobody owns")
    return (", ".join(said) or "everybody") + (", what is open" if wanted.open_only else "")


def take_back(
    model: Model, answered: Answered, place: Path, names: Sequence[Path], as_json: bool, write_out: bool
) -> None:
    """Merge workbooks into the answers. Exits with 1 where anything is in conflict, and with 2 where a workbook or
    an entry in one is wrong: then nothing is written."""
    from graphmodel.outputs.questionnaire import merged_json
    from graphmodel.outputs.text.questionnaire import merged_text
    from graphmodel.posture.merging import merge
    from graphmodel.reading.problems import has_errors

    if answered.answers is None:
        raise ValueError("answers that were opened for use are there")
    returned, problems = _read(model, answered, names)
    merged = merge(answered.answers, answered.framework, [entered for one in returned for entered in one.entered])
    problems = [*problems, *merged.problems]
    show_problems(problems, quiet_notes=False)
    if has_errors(problems):
        errors = sum(one.level == "error" for one in problems)
        fail(f"nothing is taken: {errors} error{'s' if errors != 1 else ''} above.")
    text = _document(model, answered, merged, place)
    written = write_out and bool(merged.changes)
    if written:
        _save(place, text, answered)
    if as_json:
        print_json(merged_json(merged, problems, str(place), written))
    else:
        say(merged_text(merged, str(place), written))
    if merged.conflicts:
        sys.exit(1)


def _read(model: Model, answered: Answered, names: Sequence[Path]) -> tuple[list[Returned], list[Problem]]:
    from graphmodel.posture.merging import digest
    from graphmodel.reading.problems import Problem, UnreadableError
    from graphmodel.reading.values import brief
    from graphmodel.workbooks.reading import read_workbook
    from graphmodel.workbooks.safety import MAX_WORKBOOK_BYTES

    if answered.answers is None or model.system is None:
        raise ValueError("what was opened for use is there")
    returned: list[Returned] = []
    problems: list[Problem] = []
    now = digest(answered.answers, answered.framework)
    for name in dict.fromkeys(names):
        doing(f"reading {called(name)}")
        try:
            found = read_workbook(content(name, MAX_WORKBOOK_BYTES), called(name), answered.framework)
        except UnreadableError as error:
            problems.append(error.problem)
            continue
        returned.append(found)
        problems += found.problems
        system = found.head.get("system", "")
        if system != model.system.name:
            said = f"it was made for “{brief(system)}”, not for “{brief(model.system.name)}”."
            problems.append(Problem("warning", said, "See that it is the right one before you write.", file=found.name))
        if found.head.get("digest") != now:
            said = "the answers were changed since it was given out."
            problems.append(Problem("note", said, "Both sides are merged.", file=found.name))
    return returned, problems


def _document(model: Model, answered: Answered, merged: Merged, place: Path) -> str:
    """The document with what came back in it, read again to be sure of it; exits with 2 where it cannot be made."""
    from ruamel.yaml.error import YAMLError

    from graphmodel.posture.answers_document import read_answers
    from graphmodel.posture.answers_writing import first_document, with_changes
    from graphmodel.reading.yaml_text import read_yaml

    if model.system is None:
        raise ValueError("a model that was opened for use has a system")
    framework = answered.framework
    try:
        before = answered.data.decode("utf-8") if answered.path else first_document(framework, model.system.name)
        text = with_changes(before, framework, merged.answers, merged.levels, merged.use) if merged.changes else before
    except UnicodeDecodeError:
        fail(f"{place} is not in UTF-8; save it so first.")
    except YAMLError as error:
        fail(f"{place} cannot be edited as it is ({str(error).splitlines()[0]}); enter the changes by hand.")
    after, problems = read_answers(read_yaml(text.encode(), called(place)), framework, model.catalogue)
    if after is None:
        show_problems(problems)
        fail("nothing is taken: the answers would have the errors above.")
    return text


def _save(place: Path, text: str, answered: Answered) -> None:
    from graphmodel.workspace import ChangedOnDiskError, save_text

    try:
        save_text(place, text, answered.data if answered.path is not None else None)
    except ChangedOnDiskError:
        fail(f"{place} was changed meanwhile; nothing is written. Run it again.")
    except OSError as error:
        fail(f"{place} cannot be written ({error.strerror}).")
