"""Container images as deployments name them: registry, name, tag and digest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from importers.deployment.variables import with_defaults

_DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Image:
    """``name`` is without registry host, tag and digest: what the typing table knows images by."""

    registry: str
    name: str
    tag: str = ""
    digest: str = ""

    @property
    def pinned(self) -> bool:
        """Whether the content is fixed: a tag can be moved, a digest cannot."""
        return bool(_DIGEST.match(self.digest))

    @property
    def purl(self) -> str:
        """The purl of exactly this image; empty where only a tag is known."""
        return f"pkg:oci/{self.name.rpartition('/')[2]}@{self.digest}" if self.pinned else ""


def image(text: str) -> Image | None:
    """An image of a reference to it, such as ``ghcr.io/org/name:1.2``; None where its name is a variable."""
    written = with_defaults(text.strip()[:500])
    written, _, digest = written.partition("@")
    head, slash, last = written.rpartition("/")
    last, _, tag = last.partition(":")
    name = f"{head}{slash}{last}".lower()
    first, slash, rest = name.partition("/")
    registry = ""
    if slash and ("." in first or ":" in first or first == "localhost" or first.startswith("$")):
        registry, name = first, rest
    name = name.removeprefix("library/")
    if not name or "$" in name or any(one.isspace() for one in name):
        return None
    return Image(registry, name, tag, digest)
