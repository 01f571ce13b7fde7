"""What each published sample file gives, as the table of ``docs/importers-samples.md``.

``python -m tests.importers.samples_table`` prints it, where the sample files of other projects are at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.knowledge.typing_table import load_typing
from importers.registry import importer_of
from importers.source import Source
from tests.golden import samples

HEADING = """# What sample files give

Files that other projects published, each read alone: its elements by kind (how many were taken or joined of how many
there are), and why the rest was left out. `python -m tests.importers.samples_table` prints this page.

| file | importer | elements | left out |
|---|---|---|---|"""


def rows(folder: Path) -> Iterator[str]:
    """A line for each file, in the order of their names."""
    catalogue = load_catalogue()[0]
    table = load_typing(catalogue)[0]
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        source = Source(path.read_bytes(), path.name)
        importer = importer_of(source)
        if importer is None:
            continue
        found = importer.read(source, catalogue, table)
        kinds, left = [], []
        for row in found.account.rows if found.account else ():
            kinds.append(f"{row.kind} {row.taken + row.joined}" + (f" of {row.found}" if row.omitted else ""))
            left.extend(f"{number} {row.kind}: {reason}" for reason, number in row.reasons)
        if found.system is None:
            kinds = [next(one.message for one in found.problems if one.level == "error")]
        cells = (name, f"`{importer.id}`", "; ".join(kinds), "; ".join(left))
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


if __name__ == "__main__":
    print(HEADING)
    for line in rows(samples()):
        print(line)
