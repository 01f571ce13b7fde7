"""Files as a git revision has them, read by git itself and without anything of the repository being run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from graphmodel.knowledge.ontology import MAX_CATALOGUE_BYTES
from graphmodel.reading.limits import MAX_BYTES, too_large
from graphmodel.reading.printable import OBEYED, printable
from graphmodel.reading.problems import MissingError, Problem, UnreadableError, refusal
from graphmodel.reading.values import brief

_SECONDS = 60
_LONGEST = 250  # characters of the name of a revision
# What a repository's own settings could have git run or fetch; a hook's environment names another repository.
_SAFELY = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never")
# The settings may also allow what these forbid, by name of the protocol; the environment has the last word, and
# older versions of git know nothing else that keeps them from fetching what a partial clone has not.
_WITHIN = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
_ELSEWHERE = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
)


@dataclass(frozen=True)
class Revision:
    """A file in a commit: ``directory`` is where git is asked, ``date`` (ISO) when it was committed."""

    directory: Path
    name: str
    label: str
    commit: str
    date: str

    def content(self, name: str, limit: int = MAX_BYTES) -> bytes:
        """The content of a file of this commit beside the named one; raises ``UnreadableError``."""
        what = f"{self.commit}:./{name}"
        kind = _git(self.directory, "cat-file", "-t", what)
        if kind.returncode or kind.stdout.strip() != b"blob":
            message = f"there is no file “{brief(name)}” in the revision {self.commit[:12]}."
            fix = "Check the path, and that the file was committed by then."
            raise MissingError(Problem("error", message, fix, file=self.label))
        size = _git(self.directory, "cat-file", "-s", what)
        if int(size.stdout or b"0") > limit:
            raise too_large(self.label, limit)
        found = _git(self.directory, "cat-file", "blob", what)
        if found.returncode:
            raise refusal(
                self.label, f"git cannot read it: {_said(found)}.", "Ask git: `git fsck` checks a repository."
            )
        return found.stdout

    def beside(self, name: str) -> bytes:
        """The content of a file that a model in this commit names; raises ``UnreadableError``."""
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if not parts or ".." in parts or parts[0].startswith("/") or "\0" in name:
            message = f"“{brief(name)}” lies outside the directory of the model."
            raise refusal("", message, "Put the file beside the model.")
        if name.endswith("/"):
            return self._listing("/".join(parts))
        try:
            return self.content("/".join(parts), MAX_CATALOGUE_BYTES)
        except UnreadableError as error:
            raise type(error)(replace(error.problem, file=name)) from error

    def _listing(self, folder: str) -> bytes:
        """The names of the files in a folder, a line each."""
        found = _git(self.directory, "ls-tree", "-z", f"{self.commit}:./{folder}")
        if found.returncode:
            message = f"there is no folder “{brief(folder)}” in the revision {self.commit[:12]}."
            raise refusal(self.label, message, "Check the path, and that its files were committed by then.")
        entries = [one.split(b"\t", 1) for one in found.stdout.split(b"\0") if b"\t" in one]
        return b"\n".join(name for kind, name in entries if kind.split(b" ")[1:2] == [b"blob"])


def revision_of(text: str) -> Revision:
    """The file that ``FILE@GITREV`` names, in its commit; raises ``UnreadableError`` where there is no such.

    The file ends at the first ``@`` before which there is a file now, or else at the first in the last folder that
    there is.
    """
    label, at = printable(text), _end_of_file(text)
    path, name = Path(text[:at]), text[at + 1 :]
    if not path.name or not name or len(name) > _LONGEST or name.startswith("-") or OBEYED.search(name):
        raise refusal(label, "this names no revision of a file.", "Write FILE@REVISION, such as system.yaml@HEAD~1.")
    directory = path.parent
    if not directory.is_dir():
        raise refusal(label, "there is no such directory.", "Check the path.")
    found = _git(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found.returncode == 128 and b"not a git repository" in found.stderr:
        raise refusal(label, "this directory is in no git repository.", "Name a file of a repository, or a snapshot.")
    commit = found.stdout.decode("ascii", "replace").strip()
    if found.returncode or not commit:
        said = _said(found)
        message = f"git knows no revision “{brief(name)}” here" + (f" ({said})." if said else ".")
        raise refusal(label, message, "`git log` shows what there is; in CI, see that enough history is fetched.")
    date = _git(directory, "show", "--no-patch", "--no-show-signature", "--format=%cs", commit).stdout
    return Revision(directory, path.name, label, commit, date.decode("ascii", "replace").strip()[:10])


def names_revision(text: str) -> bool:
    """Whether a text can only mean a file of a revision: there is an ``@`` in it, and no file of that name."""
    return "@" in text and not _is(Path.exists, Path(text))


def _end_of_file(text: str) -> int:
    places = [number for number, one in enumerate(text) if one == "@"]
    for number in places:
        if _is(Path.is_file, Path(text[:number])):
            return number
    inside = [number for number in places if _is(Path.is_dir, Path(text[:number]).parent)]
    return max(inside or places, key=lambda number: len(Path(text[:number]).parts), default=len(text))


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    try:
        return kind(path)
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        return False


def _git(directory: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    environment |= _WITHIN
    try:
        return subprocess.run(  # noqa: S603 - a fixed command, and arguments that are no options
            [_program(), *_SAFELY, "--no-pager", "-C", str(directory), *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
            env=environment,
        )
    except _NoGitError as error:
        fix = "Install git, or save the old file or a snapshot of it and name that."
        raise refusal(str(directory), "git is not installed, so no revision can be read.", fix) from error
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise refusal(str(directory), f"git cannot be asked ({brief(str(error))}).", "Name a file instead.") from error


class _NoGitError(Exception):
    """That there is no git."""


def _program() -> str:
    """Git as the user has it, and never one of the current directory: that may be a checkout of anybody's, and Windows,
    or a search path with a dot in it, would take it first."""
    names = [f"git{ending}" for ending in ((".exe", ".cmd", ".bat") if os.name == "nt" else ("",))]
    for folder in os.get_exec_path():
        for name in names if os.path.isabs(folder) else ():
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    raise _NoGitError


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return printable(brief(done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]))
