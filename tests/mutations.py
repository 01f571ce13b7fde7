"""Whether the tests notice when the engine is wrong: ``python -m tests.mutations [WORD...]``.

Each mutation is one plausible mistake, made in a copy of the source tree; then the tests that should
notice are run there until the first one fails: as ``make test`` runs them, and in full if none of those does.
Words choose the mutations whose names hold one of them. The exit status is the number of survivors: mistakes
that no test noticed, each of which asks for a test. ``test_mutations.py`` sees to it that every mutation still
applies.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.mutation_list import MUTATIONS
from tests.thorough import ALL, QUICK, VARIABLE

ROOT = Path(__file__).parent.parent
COPIED = ("graphmodel", "importers", "ontology", "tests", "examples", "docs", "pyproject.toml", "README.md")
LIMIT = 600  # seconds; a mistake that makes a loop endless is noticed, too


def run(folder: Path, tests: Iterable[str], in_full: bool) -> tuple[bool, str]:
    """Whether these tests pass in a source tree, and the first that does not: the slow ones in full, or the others."""
    files = [f"tests/{name}.py" for name in dict.fromkeys(tests)]
    chosen = ("-m", "slow" if in_full else "not slow", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", *chosen, *files]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", VARIABLE: ALL if in_full else QUICK}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"no end after {LIMIT} s"
    if done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED:
        return True, ""
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(f"the tests did not run:\n{done.stdout}\n{done.stderr}")
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return done.returncode == 0, found.group(1).removeprefix("tests/") if found else done.stdout[-300:]


@contextmanager
def mistaken(path: Path, change: Callable[[str], str]) -> Iterator[None]:
    """A source file with a mistake in it; afterwards as it was, down to its time, which compiled code is kept by."""
    text, times = path.read_text(), path.stat()
    path.write_text(change(text))
    yield
    path.write_text(text)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def main(words: list[str]) -> int:
    chosen = [one for one in MUTATIONS if not words or any(word in one.name for word in words)]
    survivors = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in COPIED:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, folder / part)

        @cache
        def sound(in_full: bool) -> None:
            passed, first = run(folder, (test for one in chosen for test in one.tests), in_full)
            if not passed:
                raise SystemExit(f"without any mutation {first} fails already")

        sound(False)
        for one in chosen:
            began = time.monotonic()
            for in_full in (False, True):
                sound(in_full)
                with mistaken(folder / "graphmodel" / one.file, one.applied):
                    passed, first = run(folder, one.tests, in_full)
                if not passed:
                    break
            said = "SURVIVED" if passed else "in full " if in_full else "caught  "
            seconds = f"({time.monotonic() - began:.0f} s)"
            print(f"{said}  {one.name}", *([] if passed else [f"<- {first}"]), seconds, flush=True)
            survivors += [one.name] if passed else []
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutations are caught")
    return len(survivors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
