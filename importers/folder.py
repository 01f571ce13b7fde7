"""From the files of a folder to one System: which are read, which belong together, and what each of them gave."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from graphmodel.knowledge.typing_table import TypingTable
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.accounts import Account, Answer, Question
from graphmodel.model.system import Asset, System
from graphmodel.reading.problems import Problem, has_errors
from importers.choosing import Candidate, by_place, without_alternatives
from importers.joining import NOBODY_KNOWS, Joined
from importers.registry import importer_of
from importers.sameness import Piece
from importers.source import Source
from importers.stacks import relocated, stacked
from importers.threagile.gathered import with_risks
from importers.wishes import LeftAside, Wishes


@dataclass(frozen=True)
class FileRead:
    """One file that was read: by which importer, with what problems, and what became of its elements."""

    file: str
    importer: str
    label: str
    assets: int
    problems: tuple[Problem, ...]
    account: Account | None


@dataclass(frozen=True)
class Folder:
    """What sources gave: pieces to be joined, the files that were read, those ``aside`` that are no description of
    a system, with what they are, and those ``left`` that could be read and were not, with the reason.
    """

    pieces: tuple[Piece, ...]
    files: tuple[FileRead, ...]
    aside: tuple[Problem, ...]
    left: tuple[LeftAside, ...] = ()


def read_folder(
    sources: Sequence[Source], catalogue: Catalogue, table: TypingTable, wishes: Wishes | None = None
) -> Folder:
    """Read what says how the system runs: of all sources that are in a format those that ``importers.choosing`` and
    the wishes of a person leave, each override with the file that it overrides."""
    wishes = wishes or Wishes()
    aside: list[Problem] = []
    candidates: list[Candidate] = []
    for source in with_risks(sources):
        if isinstance(source.value, dict) and "graphmodel" in source.value:
            message = "this is a System document; name it beside the folder to join it."
            aside.append(Problem("note", message, file=source.name))
            continue
        importer = importer_of(source)
        if importer is not None:
            candidates.append((source, importer))
    near, left = by_place(candidates, wishes)
    together, overlays = stacked(near, wishes)
    left.extend(overlays)
    pieces: list[Piece] = []
    kinds: list[str] = []
    files: list[FileRead] = []
    for source, importer in together:
        found = relocated(importer.read(source, catalogue, table), source)
        usable = found.system is not None and not has_errors(found.problems)
        if found.system is None and found.account is not None:
            left.append(LeftAside(source.name, "nothing in it becomes an asset"))
            continue
        count = len(found.system.assets) if found.system is not None and usable else 0
        files.append(FileRead(source.name, importer.id, importer.label, count, found.problems, found.account))
        if usable and found.system is not None:
            pieces.append(Piece(source.name, found.system))
            kinds.append(importer.id)
    tops = {one.name.partition("/")[0] + "/" for one in sources}
    archived = len(tops) == 1 and any(one.name.count("/") == 1 for one in sources)  # in the one folder of a repository
    top = tops.pop() if archived else ""
    pieces, others = without_alternatives(pieces, kinds, wishes, catalogue, top)
    gone = {one.file for one in others}
    return Folder(tuple(pieces), tuple(one for one in files if one.file not in gone), tuple(aside), (*left, *others))


_AT_STAKE = ("BusinessData", "KnowledgeBase", "Dataset", "AgentMemory")
_ALIKE = 20  # with one word in their names that are compared
_MANY = 5  # parts that have nothing in common
_EVERYWHERE = ("SoftwarePackage", "LanguageModel", "Model", "LanguageModelEndpoint")
_DEPLOY = ("compose", "kubernetes", "cloudformation", "terraform", "terraform-source", "bicep", "arm")
_TRIED = 2  # of the twins of one part
_TWINS = 20  # that are asked about


def questions(joined: Joined, files: Sequence[FileRead]) -> tuple[Question, ...]:
    """What only a person can say: stakes, who attacks, what things are (the most connected first), trust of zones (the
    fullest first), what may be one thing, and what the importers ask; with answers that can be tried, for
    ``graphmodel.posture.asking`` to put them in order."""
    system = joined.system
    asked = []
    if not system.losses:
        data = list(dict.fromkeys(one.name for one in system.assets if one.type in _AT_STAKE))[:4]
        shown = f" Candidates: {', '.join(data)}." if data else ""
        text = f"What is at stake? Without a loss nothing is worth anything.{shown}"
        asked.append(Question("", text, first=True))
    if not system.actors:
        text = "Who may attack, and where do they begin? Without an actor nothing is likely."
        asked.append(Question("", text, first=True))
    asked.extend(_apart(joined))
    asked.extend(_ways(files))
    degree = degrees(system)
    unsure = [one for one in system.assets if one.source is not None and one.source.confidence < NOBODY_KNOWS]
    may_be = _suggestions(joined, files)
    for one in sorted(unsure, key=lambda each: (-degree.get(each.id, 0), each.id)):
        text = f"What is “{one.name}”? It counts as {one.type}; {degree.get(one.id, 0)} relations hang on it."
        types = may_be.get(one.id) or (_DATA if one.type in _DATA else _RUNNING)
        answers = tuple(Answer("type", one.id, type_) for type_ in types if type_ != one.type)
        asked.append(Question(one.id, text, answers))
    for zone in sorted(system.zones, key=lambda each: (-len(system.members.get(each.id, ())), each.id)):
        if zone.trust is None:
            text = f"How far is “{zone.name}” trusted, from 0 (anyone) to 10?"
            asked.append(Question(zone.id, text, tuple(Answer("trust", zone.id, one) for one in ("0", "10"))))
    asked.extend(_twins(joined))
    now = {call: id_ for id_, calls in joined.calls.items() for call in calls}
    told = {(one.about, one.question) for one in asked}
    for file in files:
        for own in file.account.questions if file.account else ():
            answers = tuple(replace(one, about=now.get(f"{file.file}#{one.about}", one.about)) for one in own.answers)
            found = replace(own, about=now.get(f"{file.file}#{own.about}", own.about), answers=answers)
            if (found.about, found.question) not in told:
                told.add((found.about, found.question))
                asked.append(found)
    return tuple(asked)


_RUNNING = ("Agent", "LanguageModelEndpoint", "ApiGateway", "Database", "Tool")
_DATA = ("BusinessData", "Secret", "Model", "Dataset", "KnowledgeBase")


def _suggestions(joined: Joined, files: Sequence[FileRead]) -> dict[str, tuple[str, ...]]:
    """For assets of unknown type the types that they may be, by the id that they have now."""
    now = {call: id_ for id_, calls in joined.calls.items() for call in calls}
    untyped = ((f"{file.file}#{one.asset}", one) for file in files if file.account for one in file.account.untyped)
    return {now[call]: one.suggestions for call, one in untyped if call in now and one.suggestions}


def _ways(files: Sequence[FileRead]) -> Iterator[Question]:
    """Which way to deploy is in use, where files of several ways are read together."""
    ways: dict[str, list[str]] = {}
    for file in files:
        if file.importer in _DEPLOY and file.assets:
            ways.setdefault(file.label.partition(" (")[0], []).append(file.file)
    if len(ways) > 1:
        shown = "; ".join(f"{way}: {found[0]}" + (", …" if len(found) > 1 else "") for way, found in ways.items())
        yield Question(
            "", f"Do these run together ({shown})? If they are ways to run the same, leave all but one.", first=True
        )


def _apart(joined: Joined) -> Iterator[Question]:
    """Whether files that have nothing in common but packages and models are of one system, where there are many."""
    around: dict[str, str] = {}

    def root(file: str) -> str:
        while around.setdefault(file, file) != file:
            file = around[file]
        return file

    for asset in joined.system.assets:
        files = [call.partition("#")[0] for call in joined.calls.get(asset.id, ())]
        if not files:
            continue  # a person's own, in a document that is brought up to date
        first, *others = files
        root(first)
        if asset.type not in _EVERYWHERE:
            for other in others:
                around[root(other)] = root(first)
    groups = sorted({root(file) for file in around})
    if len(groups) > _MANY:
        tops = list(dict.fromkeys(one.partition("/")[0] for one in groups))
        shown = tops if len(tops) > 1 else [one.rpartition("/")[2] for one in groups]
        names = ", ".join(f"“{one}”" for one in shown[:6]) + (", …" if len(shown) > 6 else "")
        text = (
            f"Is this one system? {len(groups)} parts have nothing in common ({names}); import one of them by itself."
        )
        yield Question("", text, first=True)


def _twins(joined: Joined) -> Iterator[Question]:
    """Which parts of different files, of one type and with one name inside the other, are one thing."""
    by_word: defaultdict[str, list[Asset]] = defaultdict(list)
    assets = [one for one in joined.system.assets if one.id in joined.calls]
    words = {one.id: frozenset(re.findall(r"[a-z0-9]+", one.name.lower())) for one in assets}
    files = {id_: {call.partition("#")[0] for call in calls} for id_, calls in joined.calls.items()}
    for one in assets:
        for word in sorted(words[one.id]):
            by_word[word].append(one)
    twins: dict[str, dict[str, None]] = {}
    asked: set[str] = set()
    for group in by_word.values():
        for one, other in itertools.combinations(group[:_ALIKE], 2):
            nested = words[one.id] <= words[other.id] or words[other.id] <= words[one.id]
            if one.type != other.type or not nested or files[one.id] & files[other.id] or one.id in asked:
                continue
            first, second = joined.calls[one.id][0], joined.calls[other.id][0]
            if not any({first, second} <= each for each in joined.apart):
                twins.setdefault(one.id, {})[other.id] = None
                asked.add(other.id)
    for id_, others in itertools.islice(twins.items(), _TWINS):
        shown = ", ".join(f"“{one}”" for one in others)
        calls = ", ".join(joined.calls[one][0] for one in (id_, *others))
        answers = tuple(Answer("same", id_, one) for one in itertools.islice(others, _TRIED))
        yield Question(id_, f"Is it the same as {shown}? Settle it: same or apart: [[{calls}]].", answers)


def degrees(system: System) -> dict[str, int]:
    """How many flows and dependencies each element is an end of."""
    found: dict[str, int] = {}
    ends = [
        *((one.origin, one.target) for one in system.flows),
        *((one.origin, one.target) for one in system.dependencies),
    ]
    for end in (end for pair in ends for end in pair):
        found[end] = found.get(end, 0) + 1
    return found
