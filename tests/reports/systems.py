"""A small system with answers as a report, and a document with everything that a renderer can meet."""

from __future__ import annotations

from pathlib import Path

from graphmodel.posture.posture import Posture, find_posture
from graphmodel.reports.document import (
    Block,
    Box,
    Bullets,
    Column,
    Curve,
    Document,
    Figure,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Small,
    Table,
    Words,
)
from graphmodel.reports.report import Facts, report
from graphmodel.reports.results import Audience, Results, gather
from tests.posture.systems import ANSWERS, stands

DATE = "2026-03-31"
GIVEN = (
    ANSWERS
    + """\
answers:
  GOV-1.g1: {status: met, evidence: [{reference: policy-7, date: 2025-01-01, until: 2026-01-01}], owner: Ada}
  GOV-1.g2: {status: not met, accepted: {by: Board, reason: small, until: 2026-12-31}}
  GEN-3.g1: {status: met}
"""
)


def posture(directory: Path, answers: str = GIVEN) -> Posture:
    assessment, found, standing = stands(directory, answers, today=DATE)
    return find_posture(assessment, found.framework, found.given, standing)


def facts(**others: str) -> Facts:
    return Facts(DATE, "1.0", "the catalogue", "desk.yaml", **others)


def everything(found: Posture, budget: float | None = 100_000) -> Results:
    return gather(found, Audience.AUDITOR, budget)


def document_of(results: Results, audience: Audience) -> Document:
    return report(Results(**{**vars(results), "audience": audience}), facts())


def hostile(text: str) -> Document:
    """Every kind of block and shape with this text in each place that holds any."""
    shapes = (
        Box(0, 0, 90, 40, "danger", 8, dashed=True),
        Curve(((0, 0), (10, 0), (20, 30), (80, 30)), "edge", True, True, True),
        Words(4, 20, text, 12, "danger", True, "middle"),
    )
    blocks: tuple[Block, ...] = (
        Heading(2, text),
        Paragraph(text),
        Small(text),
        Bullets((text, text)),
        Note(text),
        Table(text, (text, "", text), (Column.TEXT, Column.NUMBER, Column.CODE), ((text, text, text),) * 3, text),
        Figure(text, text, 120, 60, shapes),
        PageBreak(),
        Heading(3, text),
    )
    return Document(text, text, DATE, ((text, text),), blocks, text, producer="graphmodel 1.0")
