"""Whether the tests notice when the engine is wrong: ``python -m tests.mutations [WORD...]``.

Each mutation is one plausible mistake, made in a copy of the source tree; then the tests that should
notice are run there until the first one fails. Words choose the mutations whose names hold one of them.
The exit status is the number of survivors: mistakes that no test noticed, each of which asks for a test.
``test_mutations.py`` sees to it that every mutation still applies.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutation_list import MUTATIONS

ROOT = Path(__file__).parent.parent
COPIED = ("graphmodel", "importers", "ontology", "tests", "examples", "docs", "pyproject.toml", "README.md")
LIMIT = 600  # seconds; a mistake that makes a loop endless is noticed, too


def run(folder: Path, tests: tuple[str, ...]) -> tuple[bool, str]:
    """Whether these tests pass in a source tree, and the first that does not."""
    files = [f"tests/{name}.py" for name in tests]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider", *files]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return False, f"no end after {LIMIT} s"
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(f"the tests did not run:\n{done.stdout}\n{done.stderr}")
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return done.returncode == 0, found.group(1).removeprefix("tests/") if found else done.stdout[-300:]


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
        passed, first = run(folder, tuple(sorted({test for one in chosen for test in one.tests})))
        if not passed:
            raise SystemExit(f"without any mutation {first} fails already")
        for one in chosen:
            path = folder / "graphmodel" / one.file
            text, times = path.read_text(), path.stat()
            path.write_text(one.applied(text))
            began = time.monotonic()
            passed, first = run(folder, one.tests)
            path.write_text(text)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            print(f"{'SURVIVED' if passed else 'caught  '}  {one.name}", end="", flush=True)
            print("" if passed else f"  <- {first}", f"({time.monotonic() - began:.0f} s)", flush=True)
            survivors += [one.name] if passed else []
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} mutations are caught")
    return len(survivors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
