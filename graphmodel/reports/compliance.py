"""For who has to show it: every requirement with its answers, evidence and owners, and drafts for standards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from graphmodel.knowledge.standards import load_standards
from graphmodel.outputs.standards import SUGGESTION, WEAK
from graphmodel.outputs.text.posture import severity_said
from graphmodel.outputs.wording import few
from graphmodel.posture.maturity import AreaState, ItemState
from graphmodel.posture.standards import Support
from graphmodel.reports.document import Block, Bullets, Heading, Note, Paragraph
from graphmodel.reports.results import Results
from graphmodel.reports.risks import MOST_ROWS
from graphmodel.reports.texts import CODE, NUMBER, TEXT, table


def severity(results: Results) -> Iterator[Block]:
    """The severity of the use, with the criteria that are met."""
    rating = results.posture.severity
    yield Heading(2, "Severity of the use")
    yield Paragraph(severity_said(rating))
    if rating.fired:
        yield Bullets(tuple(f"{one.text} ({one.id}, from {', '.join((one.fact, *one.needs))})" for one in rating.fired))


def requirements(results: Results, areas: tuple[str, ...] | None = None) -> Iterator[Block]:
    """Every requirement of the framework, or of these areas, with its level and every item with its answer."""
    posture = results.posture
    yield Heading(2, "Requirements and answers")
    yield Paragraph(
        f"Levels from 0 to 5 against the target profile “{posture.profile.id}”: {posture.profile.title}. A level that "
        "nobody has chosen is the one that its items indicate."
    )
    for area in posture.areas:
        if areas is None or area.area.id in areas:
            yield from _area(area)


def _area(area: AreaState) -> Iterator[Block]:
    yield Heading(3, f"{area.area.id} {area.area.title}")
    columns = [
        ("requirement", TEXT),
        ("today", TEXT),
        ("target", NUMBER),
        ("owner", TEXT),
        ("due", TEXT),
        ("comment", TEXT),
    ]
    rows = []
    for one in area.requirements:
        today = "does not apply" if not one.applies else "not assessed" if one.today is None else str(one.today)
        indicated = " (indicated)" if one.level is None and one.today is not None else ""
        title = f"{one.requirement.id} {one.requirement.title}"
        rows.append([title, today + indicated, str(one.target), one.owner, one.due, one.comment])
    yield table(f"Levels: {area.area.title}", columns, rows)
    columns = [("item", CODE), ("asked", TEXT), ("answer", TEXT), ("evidence", TEXT), ("owner, due", TEXT)]
    yield table(f"Answers: {area.area.title}", columns, [_item(one) for one in area.items()])


def _item(one: ItemState) -> list[str]:
    answer = one.answer
    status = "not answered" if one.status is None else str(one.status)
    if one.from_graph and one.observed is not None:
        by = f": {few(one.observed.by)}" if one.observed.by else ""
        status += f" (by the graph{by})"
    if answer is None:
        return [one.item.id, one.item.ask, status, "", ""]
    proofs = [
        proof.reference + (f", {proof.date}" if proof.date else "") + (f", until {proof.until}" if proof.until else "")
        for proof in answer.evidence
    ]
    reason = f". {answer.reason}" if answer.reason else ""
    who = ", ".join(part for part in (answer.owner, answer.due) if part)
    return [one.item.id, one.item.ask, status + reason, "; ".join(proofs), who]


def findings(results: Results) -> Iterator[Block]:
    """Where answers, graph and calendar do not agree."""
    found = results.posture.findings
    yield Heading(2, "Contradictions, and what is overdue or expired")
    if not found:
        yield Paragraph("Answers, graph and calendar agree.")
        return
    columns = [("kind", TEXT), ("about", CODE), ("what", TEXT), ("what to do", TEXT), ("said in", CODE)]
    rows = [
        [
            str(one.kind),
            one.about,
            one.message,
            one.fix,
            f"{one.source.file} {one.source.place}".strip() if one.source else "",
        ]
        for one in found
    ]
    yield table("The gravest first", columns, rows, MOST_ROWS, "posture FILE")


def standards(results: Results) -> Iterator[Block]:
    """A draft for each standard: which entries are supported, by what, and with which evidence."""
    yield Heading(2, "Drafts for standards")
    yield Note(f"{SUGGESTION} Treat each draft as a start for a statement of applicability that people finish.")
    known = load_standards()
    for id_, (title, rows) in results.standards.items():
        counts = Counter(row.support for row in rows)
        yield Heading(3, title)
        yield Paragraph(f"{id_}: {', '.join(f'{counts[one]} {one}' for one in Support if counts[one])}.")
        notes = [known[id_].note if id_ in known else "", WEAK if any(row.weak for row in rows) else ""]
        if any(notes):
            yield Paragraph(" ".join(filter(None, notes)))
        techniques = any(row.steps is not None for row in rows)
        columns = [
            ("entry", CODE),
            ("title", TEXT),
            ("support", TEXT),
            ("by, with its level", CODE),
            ("evidence", TEXT),
        ]
        columns += [("steps covered", NUMBER)] if techniques else []
        cells = []
        for row in rows:
            by = few([f"{one.requirement.id} ({'?' if one.today is None else one.today})" for one in row.by], 4)
            covered = [f"{row.covered} of {row.steps}" if row.steps else ""] if techniques else []
            support = f"{row.support} (weak)" if row.weak else str(row.support)
            cells.append([row.id, row.title, support, by, few(row.evidence), *covered])
        yield table(title, columns, cells)
