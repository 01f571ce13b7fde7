"""A document as an Excel workbook: its texts on the first sheet, and each table on a sheet of its own to filter."""

from __future__ import annotations

from graphmodel.reports.document import Bullets, Column, Document, Figure, Heading, Note, Paragraph, Small, Table
from graphmodel.reports.shown import seen
from graphmodel.workbooks.tables import Sheet, tables_workbook

_FIRST = "Report"


def excel(document: Document) -> bytes:
    """The file's bytes; the same document gives the same ones. Drawings are named, with what they show in words.

    A document for one page is one sheet, with its tables between its texts.
    """
    lines: list[tuple[str, ...]] = [(document.title, ""), (document.subtitle, "")]
    if document.organisation:
        lines.append((document.organisation, ""))
    lines += list(document.about)
    bold, tables = {0}, list[Sheet]()
    for block in document.blocks:
        if isinstance(block, Heading):
            lines += [("", ""), (block.text, "")]
            bold.add(len(lines) - 1)
        elif isinstance(block, Paragraph | Small | Note):
            lines.append((block.text, ""))
        elif isinstance(block, Bullets):
            lines += [(f"• {one}", "") for one in block.items]
        elif isinstance(block, Table) and document.one_page:
            bold |= {len(lines), len(lines) + 1}
            lines += [(block.caption, ""), block.headers, *block.rows, *([(block.more, "")] if block.more else [])]
        elif isinstance(block, Table):
            tables.append(_table(f"{len(tables) + 1} {block.caption}", block))
            lines.append((f"Table {len(tables)}: {block.caption}", f"{len(block.rows)} rows, on a sheet of its own"))
            lines += [(block.more, "")] if block.more else []
        elif isinstance(block, Figure):
            said = (f"{block.alt} (Drawn in the other formats.)",)
            lines.append(said if document.one_page else (f"Drawing, in the other formats: {block.caption}", block.alt))
    rows = [tuple(map(seen, line)) for line in lines]
    first = Sheet(_FIRST, rows, header=False, bold=frozenset(bold), one_page=document.one_page)
    return tables_workbook([first, *tables], document.date)


def _table(title: str, table: Table) -> Sheet:
    numbers = frozenset(number for number, kind in enumerate(table.kinds) if kind is Column.NUMBER)
    rows = [tuple(map(seen, row)) for row in (table.headers, *table.rows)]
    return Sheet(seen(title), rows, numbers=numbers)
