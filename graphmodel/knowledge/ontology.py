"""Reads ``ontology/`` and users' own catalogue files into a ``Catalogue``.

What the shipped files amount to is kept in the user's cache directory under a digest of their
content; a change to any of them, or to the program's version, makes a new entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

from graphmodel.knowledge.cache import cache_directory, read_cache, write_cache
from graphmodel.knowledge.catalogue import build_catalogue
from graphmodel.knowledge.entries import read_entries
from graphmodel.knowledge.lint import lint
from graphmodel.knowledge.records import Record
from graphmodel.knowledge.turtle import read_turtle
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.reading.limits import MAX_PROBLEMS, check_size
from graphmodel.reading.problems import Problem, UnreadableError
from graphmodel.version import __version__

MAX_CATALOGUE_BYTES = 1_000_000  # of all own files of a model together
MAX_OWN_ENTRIES = 5_000  # in them


def ontology_directory() -> Path:
    """Where the shipped ontology lies: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "_ontology"
    return installed if installed.is_dir() else package.parent / "ontology"


def shipped_digest() -> str:
    """Names the edition of the shipped catalogue: the SHA-256 of its files."""
    digest = hashlib.sha256()
    for path in sorted(ontology_directory().rglob("*.ttl")):
        name = path.relative_to(ontology_directory()).as_posix()
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def load_catalogue(extra: Sequence[tuple[str, bytes]] = ()) -> tuple[Catalogue, tuple[Problem, ...]]:
    """The shipped catalogue, with users' own files (name, content) joined to it.

    Files whose name ends in ``.ttl`` are Turtle; all others are YAML. Own entries may add types,
    relations, threats, rules and controls, whose ids must be new; what is otherwise in shipped ones a YAML file
    says under ``overrides``.
    """
    shipped, problems = shipped_records()
    own: list[Record] = []
    size = 0
    for name, data in extra:
        size += len(data)
        if size > MAX_CATALOGUE_BYTES >= len(data):
            message = f"with this file the catalogue files are larger than {MAX_CATALOGUE_BYTES // 1_000_000} MB."
            problems = (*problems, Problem("error", message, "Leave out what this model does not need.", file=name))
            break
        more, wrong = read_records(name, data)
        problems = (*problems, *wrong[:MAX_PROBLEMS])
        if len(own) + len(more) > MAX_OWN_ENTRIES:
            message = f"with this file there are more than {MAX_OWN_ENTRIES:,} entries of your own."
            problems = (*problems, Problem("error", message, "Leave out what this model does not need.", file=name))
            break
        own.extend(more)
    catalogue, wrong = build_catalogue([*shipped, *own])
    return catalogue, (*problems, *wrong)


def shipped_catalogue() -> tuple[Catalogue, tuple[Problem, ...]]:
    """``load_catalogue`` without own files, read once for as long as the shipped ones are what they were."""
    found = [(path, path.stat()) for path in ontology_directory().rglob("*.ttl")]
    return _shipped(tuple(sorted((str(path), one.st_size, one.st_mtime_ns) for path, one in found)))


@lru_cache(maxsize=1)
def _shipped(_stamps: tuple[tuple[str, int, int], ...]) -> tuple[Catalogue, tuple[Problem, ...]]:
    return load_catalogue()


def catalogue_findings(extra: Sequence[tuple[str, bytes]] = ()) -> tuple[Problem, ...]:
    """What sound entries say that cannot be so, see ``lint``: errors of the shipped catalogue or, with users' own
    files, warnings of theirs, and notes of what they leave out and of what they say otherwise than the shipped
    catalogue. Entries that are not sound are left to the loader.
    """
    shipped = shipped_records()[0]
    own = [record for name, data in extra for record in read_records(name, data)[0]] if extra else shipped
    catalogue = build_catalogue([*shipped, *own] if extra else shipped)[0]
    places = {record.id: record for record in reversed(own)}
    found = []
    for one in islice(lint(catalogue, build_catalogue(shipped)[0] if extra else None), MAX_PROBLEMS):
        level = "error" if not extra else "note" if one.minor else "warning"
        record = places.get(one.entry)
        path = f"{one.entry}.{one.field}" if one.field else one.entry
        line, file = (record.line, record.file) if record is not None else (0, "")
        found.append(Problem(level, one.message, one.fix, path, line, file))
    for change in catalogue.overridden[:MAX_PROBLEMS]:
        where = f"{change.entry}.{change.field}"
        found.append(Problem("note", change.said, "", where, change.line, change.file))
    return tuple(found)


def shipped_records() -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    """The records of the shipped Turtle, from the cache where it holds them."""
    files = sorted(ontology_directory().rglob("*.ttl"))
    contents = [(str(path.relative_to(ontology_directory())), path.read_bytes()) for path in files]
    digest = hashlib.sha256(__version__.encode())
    for name, data in contents:
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(data).digest())
    cache = cache_directory() / f"catalogue-{digest.hexdigest()[:32]}.json"
    cached = read_cache(cache)
    if cached is not None:
        return cached, ()
    records: list[Record] = []
    problems: list[Problem] = []
    for name, data in contents:
        found, wrong = read_records(name, data)
        records.extend(found)
        problems.extend(wrong)
    if not problems:
        write_cache(cache, records)
    return tuple(records), tuple(problems)


def read_records(name: str, data: bytes) -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    """The records of one catalogue file; nothing but problems when it cannot be read."""
    try:
        check_size(data, name, MAX_CATALOGUE_BYTES)
        return read_turtle(name, data) if name.endswith(".ttl") else read_entries(name, data)
    except UnreadableError as error:
        return (), (error.problem,)
