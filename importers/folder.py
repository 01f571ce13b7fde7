"""From the files of a folder to one System: which are read, which belong together, and what each of them gave."""

from __future__ import annotations

import itertools
import json
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphmodel.knowledge.typing_table import TypingTable
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.accounts import Account, Question
from graphmodel.model.system import Asset, System
from graphmodel.reading.problems import Problem, has_errors, refusal
from importers import threagile
from importers.compose.overlays import compose_text, overlaid
from importers.joining import NOBODY_KNOWS, Joined
from importers.registry import importer_of
from importers.sameness import Piece
from importers.source import Beside, Source


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
    """What sources gave: pieces to be joined, the files that were read, and those ``aside`` that are no description of
    a system, with what they are.
    """

    pieces: tuple[Piece, ...]
    files: tuple[FileRead, ...]
    aside: tuple[Problem, ...]


def read_folder(sources: Sequence[Source], catalogue: Catalogue, table: TypingTable) -> Folder:
    """Read all sources that are in a format, each override with the file that it overrides."""
    pieces: list[Piece] = []
    files: list[FileRead] = []
    aside: list[Problem] = []
    for source in _grouped(sources):
        if isinstance(source.value, dict) and "graphmodel" in source.value:
            message = "this is a System document; name it beside the folder to join it."
            aside.append(Problem("note", message, file=source.name))
            continue
        importer = importer_of(source)
        if importer is None:
            continue
        found = importer.read(source, catalogue, table)
        usable = found.system is not None and not has_errors(found.problems)
        count = len(found.system.assets) if found.system is not None and usable else 0
        files.append(FileRead(source.name, importer.id, importer.label, count, found.problems, found.account))
        if usable and found.system is not None:
            pieces.append(Piece(source.name, found.system))
    return Folder(tuple(pieces), tuple(files), tuple(aside))


def _grouped(sources: Sequence[Source]) -> list[Source]:
    """The sources, with each Compose file that Compose itself lays over another one joined with that."""
    by_name = {one.name: one for one in sources}
    found: dict[str, Source] = dict(by_name)
    for one in sources:
        folder, base = posixpath.split(one.name)
        stem, ending = posixpath.splitext(base)
        if stem not in _BASES or ending not in _ENDINGS:
            continue
        for other in _ENDINGS:
            over = by_name.get(posixpath.join(folder, f"{stem}.override{other}"))
            texts = [compose_text(each) for each in (one, over)] if over is not None else []
            if over is not None and all(texts):
                below, above = (text.value for text in texts if text is not None)
                data = json.dumps(overlaid(below, above)).encode()
                found[one.name] = Source(data, f"{one.name} with {posixpath.basename(over.name)}", one.beside)
                found.pop(over.name, None)
                break
    return _with_risks(list(found.values()))


def _with_risks(sources: list[Source]) -> list[Source]:
    """The sources without what a Threagile model among them includes, each model with the risks found for it.

    Risks lie beside their model, or else where most of the assets that they name are its own.
    """
    models = {one.name: one for one in sources if threagile.IMPORTER.sniff(one)}
    if not models:
        return sources
    taken = {
        posixpath.normpath(posixpath.join(posixpath.dirname(one.name), name))
        for one in models.values()
        for name in threagile.belonging(one)
    }
    models = {name: one for name, one in models.items() if name not in taken}
    names = {one.name for one in sources}
    for one in sources if models else ():
        if not threagile.is_risks(one.value) or posixpath.dirname(one.name) in map(posixpath.dirname, models):
            continue
        model = max(models.values(), key=lambda each: threagile.spoken_of(one.value, each.value))
        beside_it = posixpath.join(posixpath.dirname(model.name), threagile.RISKS)
        if beside_it not in names and (len(models) == 1 or threagile.spoken_of(one.value, model.value)):
            models[model.name] = Source(model.data, model.name, _also(model.beside, one.data))
    return [models.get(one.name, one) for one in sources if one.name not in taken]


def _also(beside: Beside | None, risks: bytes) -> Beside:
    """What lies beside a model, and the risks as if they lay there."""

    def content(name: str) -> bytes:
        if name == threagile.RISKS:
            return risks
        if beside is None:
            raise refusal(name, "this file was not given.", "Give it together with the others.")
        return beside(name)

    return content


_AT_STAKE = ("BusinessData", "KnowledgeBase", "Dataset", "AgentMemory")
_ALIKE = 20  # with one word in their names that are compared
_TWINS = 20  # that are asked about
_BASES = ("docker-compose", "compose")
_ENDINGS = (".yml", ".yaml")


def questions(joined: Joined, files: Sequence[FileRead]) -> tuple[Question, ...]:
    """What only a person can say, that first on which most of the numbers hang: stakes, who attacks, what things are
    (the most connected first), trust of zones (the fullest first), and what the importers ask."""
    system = joined.system
    asked = []
    if not system.losses:
        data = [one.name for one in system.assets if one.type in _AT_STAKE][:4]
        shown = f" Candidates: {', '.join(data)}." if data else ""
        asked.append(Question("", f"What is at stake? Without a loss nothing is worth anything.{shown}"))
    if not system.actors:
        asked.append(Question("", "Who may attack, and where do they begin? Without an actor nothing is likely."))
    degree = degrees(system)
    unsure = [one for one in system.assets if one.source is not None and one.source.confidence < NOBODY_KNOWS]
    for one in sorted(unsure, key=lambda each: (-degree.get(each.id, 0), each.id)):
        asked.append(
            Question(
                one.id, f"What is “{one.name}”? It counts as {one.type}; {degree.get(one.id, 0)} relations hang on it."
            )
        )
    for zone in sorted(system.zones, key=lambda each: (-len(system.members.get(each.id, ())), each.id)):
        if zone.trust is None:
            asked.append(Question(zone.id, f"How far is “{zone.name}” trusted, from 0 (anyone) to 10?"))
    asked.extend(_twins(joined))
    told = {(one.about, one.question) for one in asked}
    for file in files:
        for own in file.account.questions if file.account else ():
            if (own.about, own.question) not in told:
                told.add((own.about, own.question))
                asked.append(own)
    return tuple(asked)


def _twins(joined: Joined) -> Iterator[Question]:
    """Whether two parts of different files, of one type and with one name inside the other, are one thing."""
    by_word: defaultdict[str, list[Asset]] = defaultdict(list)
    words = {one.id: frozenset(re.findall(r"[a-z0-9]+", one.name.lower())) for one in joined.system.assets}
    for one in joined.system.assets:
        for word in sorted(words[one.id]):
            by_word[word].append(one)
    asked: set[tuple[str, str]] = set()
    for group in by_word.values():
        for one, other in itertools.combinations(group[:_ALIKE], 2):
            pair = (one.id, other.id)
            files = [{call.partition("#")[0] for call in joined.calls[id_]} for id_ in pair]
            nested = words[one.id] <= words[other.id] or words[other.id] <= words[one.id]
            if one.type != other.type or not nested or files[0] & files[1] or pair in asked:
                continue
            asked.add(pair)
            first, second = (joined.calls[id_][0] for id_ in pair)
            if any({first, second} <= each for each in joined.apart):
                continue
            yield Question(one.id, f"Is it the same as “{other.id}”? Settle it: same or apart: [[{first}, {second}]].")
            if len(asked) == _TWINS:
                return


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
