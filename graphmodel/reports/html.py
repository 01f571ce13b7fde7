"""A document as one HTML file: no scripts, nothing from elsewhere, for screens light and dark, readers and printers."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html import escape

from graphmodel.reports.document import (
    Block,
    Bullets,
    Column,
    Document,
    Figure,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Small,
    Table,
)
from graphmodel.reports.shown import seen
from graphmodel.reports.style import STYLE
from graphmodel.reports.svg import svg

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_JOINTS = re.compile(r"(?<=...[-@/_])|(?<=[.:])(?=[A-Za-z]{3})")


def html(document: Document) -> bytes:
    """The file's bytes. Headings have ids by their number, so that the contents can lead to them."""
    return ("\n".join(_lines(document)) + "\n").encode("utf-8")


def _lines(document: Document) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">'
    yield f'<meta name="generator" content="{_text(document.producer)}">'
    yield f"<title>{_text(document.title)}</title><style>{STYLE}</style></head>"
    yield '<body class="one-page">' if document.one_page else "<body>"
    yield '<a class="skip" href="#content">To the content</a>'
    yield from _top(document)
    headings = [one for one in document.blocks if isinstance(one, Heading)]
    if sum(one.level == 2 for one in headings) > 4:
        yield from _contents(headings)
    yield '<main id="content">'
    number = figure = 0
    for one in document.blocks:
        number += isinstance(one, Heading)
        figure += isinstance(one, Figure)
        yield from _block(one, number, figure)
    yield "</main>"
    of = f" for {_text(document.organisation)}" if document.organisation else ""
    yield f"<footer><p>{_text(document.producer)}, {_text(document.date)}{of}</p></footer></body></html>"


def _top(document: Document) -> Iterator[str]:
    yield "<header>"
    if document.logo is not None:
        data = base64.b64encode(document.logo.data).decode("ascii")
        alt = f"Logo of {document.organisation}" if document.organisation else "Logo"
        yield f'<img class="logo" alt="{_text(alt)}" src="data:image/{document.logo.kind};base64,{data}">'
    yield f'<h1>{_text(document.title)}</h1><p class="subtitle">{_text(document.subtitle)}</p><dl>'
    about = (*document.about, *((("Organisation", document.organisation),) if document.organisation else ()))
    for name, value in about:
        yield f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>"
    yield "</dl></header>"


def _contents(headings: list[Heading]) -> Iterator[str]:
    yield '<nav aria-label="Contents"><ol>'
    for number, one in enumerate(headings, start=1):
        if one.level == 2:
            yield f'<li><a href="#part-{number}">{_text(one.text)}</a></li>'
    yield "</ol></nav>"


def _block(one: Block, number: int, figure: int) -> Iterator[str]:
    match one:
        case Heading():
            yield f'<h{one.level} id="part-{number}">{_text(one.text)}</h{one.level}>'
        case Paragraph():
            yield f"<p>{_text(one.text)}</p>"
        case Small():
            yield f'<p class="small">{_text(one.text)}</p>'
        case Note():
            yield f'<p class="note" role="note"><strong>Note.</strong> {_text(one.text)}</p>'
        case Bullets():
            yield f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in one.items)}</ul>"
        case Table():
            yield from _table(one)
        case Figure():
            caption = _text(one.caption)
            yield f'<figure><div class="wide" role="group" aria-label="{caption}" tabindex="0">{svg(one, figure)}</div>'
            yield f"<figcaption>{caption}</figcaption></figure>"
        case PageBreak():
            yield '<div class="break"></div>'


def _table(one: Table) -> Iterator[str]:
    caption = _text(one.caption)
    yield f'<div class="wide" role="group" aria-label="{caption}" tabindex="0"><table><caption>{caption}</caption>'
    names = [(_text(header), kind) for header, kind in zip(one.headers, one.kinds, strict=True)]
    heads = "".join(
        f'<th scope="col" class="{kind}">{name}</th>' if name else f'<td class="{kind}"></td>' for name, kind in names
    )
    yield f"<thead><tr>{heads}</tr></thead><tbody>"
    for row in one.rows:
        cells = []
        for place, (cell, kind) in enumerate(zip(row, one.kinds, strict=True)):
            text = _breakable(cell) if kind is Column.CODE else _text(cell)
            cells.append(f'<th scope="row">{text}</th>' if not place else f'<td class="{kind}">{text}</td>')
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></div>"
    if one.more:
        yield f'<p class="more">{_text(one.more)}</p>'


def _breakable(text: str) -> str:
    """Ids may be broken after what joins their words, so that a column need not be as wide as the longest."""
    return "<wbr>".join(map(_text, _JOINTS.split(text)))


def _text(text: str) -> str:
    return escape(seen(text), quote=True)
