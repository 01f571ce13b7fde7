"""Sound ids of what a file calls its elements."""

from __future__ import annotations

import re


def sound(id_: str, also: str = "") -> str:
    """A sound id as close to one of the file as can be; empty where nothing is left of it."""
    return re.sub(rf"[^A-Za-z0-9._{also}-]+", "-", id_).strip("-._")[:100].strip("-._")


def slug(text: str, otherwise: str) -> str:
    """A sound id of a name, in small letters; the other text where nothing is left of it."""
    found = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:60].strip("-._")
    return found or otherwise
