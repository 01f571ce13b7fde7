"""Ways from one page to another, and to the pages of outside vocabularies, which open only when they are clicked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from graphmodel.ui.safe import safe

SCREENS = Path(__file__).parent / "screens"
ROUTE, MAP, MODEL = ":material/route:", ":material/map:", ":material/edit_document:"
BOOK = ":material/menu_book:"
_PLACES = (
    ("atlas-", "https://atlas.mitre.org/techniques/{id}"),
    ("cwe-", "https://cwe.mitre.org/data/definitions/{number}.html"),
    ("owasp-llm-", "https://genai.owasp.org/llm-top-10/"),
    ("owasp-agentic-", "https://genai.owasp.org/initiatives/agentic-security-initiative/"),
    ("owasp-ml-", "https://owasp.org/www-project-machine-learning-security-top-10/"),
)


def go(page: str, label: str, icon: str | None = None, **asked: str) -> None:
    """A link to a page of the app, with what it is to show there, by id."""
    target = st.Page(SCREENS / f"{page}.py", default=page == "overview")
    st.page_link(target, label=label, icon=icon, query_params=asked or None)


def technique_address(pinned: str) -> str:
    """Where an entry ``id@edition`` of an outside vocabulary is described; empty for an edition that is not known."""
    id_, _, edition = pinned.rpartition("@")
    plain = "".join(one for one in id_ if one.isalnum() or one in ".-")
    for start, place in _PLACES:
        if edition.startswith(start):
            return place.format(id=plain, number=plain.rpartition("-")[2])
    return ""


def technique_links(pinned: Iterable[str]) -> str:
    """Entries of outside vocabularies as Markdown, each a link where there is a page for it."""
    return ", ".join(
        f"[{safe(one)}]({address})" if (address := technique_address(one)) else safe(one) for one in pinned
    )
