"""The catalogue as Markdown pages: one a threat, a control and an asset type, each with links to its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphmodel.knowledge.framework import Framework
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.outputs.entries import CONTROL, THREAT, TYPE, Entry, Part, entries, entry_of

_FOLDERS = {THREAT: "threats", CONTROL: "controls", TYPE: "types"}
_TITLES = {THREAT: "Threats", CONTROL: "Controls", TYPE: "Asset types"}


def catalogue_pages(catalogue: Catalogue, framework: Framework, settings: Settings) -> Mapping[str, str]:
    """The text of each page by its path under the directory that they are written to."""
    known = [(kind, id_) for kind, id_, _, _ in entries(catalogue)]
    pages = {
        f"{_FOLDERS[kind]}/{id_}.md": _page(entry_of(catalogue, framework, settings, kind, id_)) for kind, id_ in known
    }
    lists = [
        f"## {title}\n\n{_links(kind, [id_ for its, id_ in known if its == kind], '')}"
        for kind, title in _TITLES.items()
    ]
    pages["index.md"] = "\n\n".join(["# The catalogue", *lists]) + "\n"
    return pages


def _page(one: Entry) -> str:
    said = [f"## {part.title}\n\n{_said(part)}" for part in one.parts]
    return "\n\n".join([f"# {one.title}", f"`{one.id}`. {one.meaning}", *said]) + "\n"


def _said(part: Part) -> str:
    lines = (*part.lines, *(f"{one.pinned} {one.name}" for one in part.techniques))
    return part.text or _links(part.kind, part.entries) or "\n".join(f"- {one}" for one in lines)


def _links(kind: str, ids: Iterable[str], up: str = "../") -> str:
    return ", ".join(f"[{one}]({up}{_FOLDERS[kind]}/{one}.md)" for one in ids)
