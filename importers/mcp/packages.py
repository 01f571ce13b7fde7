"""The package behind a command that starts an MCP server: what is fetched from where, and whether it is pinned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from importers.deployment.images import image
from importers.deployment.variables import words

_EXACT = re.compile(r"^v?\d+\.\d+(?:\.\d+)?[\w.+-]*$")
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:$|#)")
_NPM = re.compile(r"^(?:npm:)?((?:@[\w.-]+/)?[\w.-]+)(?:@([^@/]+))?$")
_PYPI = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[\w,.-]*\])?(?:(?:==|@)([\w.*+-]+))?$")
_NPX = frozenset({"npx", "bunx", "dlx", "npx.cmd", "pnpx", "bun x"})
_PY = frozenset({"uvx", "pipx"})
_IMAGES = frozenset({"docker", "podman", "nerdctl"})
_WITH_VALUE = words(
    "-e --env -v --volume --mount -p --publish --name --network --net --entrypoint -w --workdir -u --user --platform "
    "--env-file -h --hostname -l --label -m --memory --cpus --add-host --pull --gpus --cap-add --cap-drop --tmpfs "
    "--security-opt --log-driver --restart --runtime --pid --ipc --dns --ulimit --device"
)


@dataclass(frozen=True, slots=True)
class Package:
    """``registry`` is npm, pypi, oci, nuget, cargo, git or another; ``version`` is empty where none is named."""

    registry: str
    name: str
    version: str = ""
    digest: str = ""

    @property
    def pinned(self) -> bool:
        """Whether the same content is fetched each time: an exact version, a digest or a commit."""
        if self.registry == "oci":
            return bool(self.digest)
        return bool(_COMMIT.search(self.name)) if self.registry == "git" else bool(_EXACT.match(self.version))

    @property
    def purl(self) -> str:
        """The purl, with the version where it is exact; empty for what has none."""
        if self.registry not in ("npm", "pypi", "oci", "nuget", "cargo"):
            return ""
        name = self.name.replace("@", "%40", 1) if self.registry == "npm" else self.name.rpartition("/")[2]
        if self.registry == "oci":
            return f"pkg:oci/{name}@{self.digest}" if self.digest else ""
        return f"pkg:{self.registry}/{name}" + (f"@{self.version.removeprefix('v')}" if self.pinned else "")


def package_of(command: Sequence[str]) -> Package | None:
    """The package that a command runs; None where it runs something of the machine."""
    if not command:
        return None
    program = re.split(r"[\\/]", command[0])[-1].lower().removesuffix(".exe").removesuffix(".cmd")
    rest = list(command[1:])
    if program in ("cmd", "wsl") and rest:
        rest = rest[1:] if rest[0].lower() in ("/c", "--") else rest
        return package_of(rest) if rest and rest[0].lower() != "cmd" else None
    if program in ("pnpm", "yarn", "npm", "bun") and rest and rest[0] in ("dlx", "exec", "x"):
        program, rest = "npx", rest[1:]
    if program in ("pipx", "uv") and rest and rest[0] in ("run", "tool"):
        tool = program == "pipx" or rest[0] == "tool"
        rest = rest[2:] if rest[0] == "tool" else rest[1:]
        if not tool and "--with" not in rest and "--from" not in rest:
            return None
        program = "uvx"
    if program in _NPX:
        return _npm(_named(rest, ("-p", "--package")))
    if program in _PY:
        return _python(_named(rest, ("--from", "--with", "--spec")))
    if program in _IMAGES:
        known = image(_image_argument(rest))
        return Package("oci", f"{known.registry}/{known.name}".strip("/"), known.tag, known.digest) if known else None
    if program == "dnx":
        name, _, version = _named(rest, ()).partition("@")
        return Package("nuget", name, version) if name else None
    if program == "deno":
        return next((_npm(one) for one in rest if one.startswith("npm:")), None)
    return None


def _named(rest: Sequence[str], options: tuple[str, ...]) -> str:
    """The package among the arguments of a runner: the value of its option, or the first that is no option."""
    for number, one in enumerate(rest):
        option, equals, value = one.partition("=")
        if option in options:
            return value if equals else next(iter(rest[number + 1 :]), "")
        if not one.startswith("-"):
            return one
    return ""


def _npm(text: str) -> Package | None:
    if text.startswith(("git+", "github:", "https://")):
        return Package("git", text[:200])
    found = _NPM.match(text)
    return Package("npm", found[1], found[2] or "") if found else None


def _python(text: str) -> Package | None:
    if text.startswith("git+"):
        return Package("git", text[:200])
    found = _PYPI.match(text)
    return Package("pypi", found[1].lower().replace("_", "-"), found[2] or "") if found else None


def _image_argument(rest: Sequence[str]) -> str:
    """The image among the arguments of ``docker run``."""
    skip = False
    seen_run = False
    for one in rest:
        if skip:
            skip = False
        elif not seen_run:
            seen_run = one == "run"
        elif one.startswith("-"):
            skip = one in _WITH_VALUE
        else:
            return one
    return ""


def mounted(command: Sequence[str]) -> Iterator[str]:
    """The directories of the machine that ``docker run`` mounts."""
    for before, one in pairwise(command):
        if before in ("-v", "--volume"):
            source = one.split(":")[0]
            if source.startswith(("/", ".", "~", "$")):
                yield source
        elif before == "--mount":
            parts = dict(part.partition("=")[::2] for part in one.split(","))
            source = parts.get("src") or parts.get("source") or ""
            if parts.get("type") == "bind" and source:
                yield source
