"""Reports: what each audience reads, in which order, and that its numbers are those of the assessment."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from graphmodel.assessment.measures import cost_of, fix_first
from graphmodel.cli.main import main
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.wording import estimated, money
from graphmodel.posture.history import History, Moment
from graphmodel.posture.portfolio import loss_of
from graphmodel.posture.posture import Posture
from graphmodel.posture.recorded import Kind
from graphmodel.reports.document import Bullets, Document, Figure, Heading, Note, Paragraph, Small, Table
from graphmodel.reports.pdf import pdf
from graphmodel.reports.results import Audience, Results
from graphmodel.reports.risks import MOST_ROWS
from graphmodel.reports.texts import TEXT, table
from tests.cli.calls import run
from tests.conftest import ROOT
from tests.posture.systems import SYSTEM
from tests.reports.systems import DATE, document_of, everything, posture


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Posture:
    return posture(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def results(found: Posture) -> Results:
    return everything(found)


def _headings(document: Document) -> list[str]:
    return [one.text for one in document.blocks if isinstance(one, Heading) and one.level == 2]


def _text(document: Document) -> str:
    parts: list[str] = []
    for one in document.blocks:
        match one:
            case Heading() | Paragraph() | Small() | Note():
                parts.append(one.text)
            case Bullets():
                parts += one.items
            case Table():
                parts += [one.caption, *one.headers, *(cell for row in one.rows for cell in row), one.more]
            case Figure():
                parts += [one.caption, one.alt]
    return "\n".join(parts)


_SUMMARY = ["What is at stake", "Decisions to take", "What needs a second look", "Maturity against the target"]
_LAST = ["What these numbers rest on"]
_READS = {
    Audience.EXECUTIVE: [*_SUMMARY, *_LAST],
    Audience.CISO: [*_SUMMARY, "Risks", "Attacks", "Gaps", "Plan for the budget", "Accepted risks", *_LAST],
    Audience.ENGINEER: [
        "The system",
        "Attack paths",
        "Threats that no control covers",
        "What to put in place, and where",
        "Gaps",
        "Contradictions, and what is overdue or expired",
        *_LAST,
    ],
    Audience.COMPLIANCE: [
        "Severity of the use",
        "Requirements and answers",
        "Accepted risks",
        "Contradictions, and what is overdue or expired",
        "Drafts for standards",
        *_LAST,
    ],
    Audience.DATA_SCIENTIST: ["Attacks", "Threats that no control covers", "Gaps", "Requirements and answers", *_LAST],
}


@pytest.mark.parametrize("audience", Audience)
def test_each_audience_reads_its_parts_in_order(results: Results, audience: Audience) -> None:
    document = document_of(results, audience)
    if audience in _READS:
        assert _headings(document) == _READS[audience]
    else:
        whole = set(_headings(document))
        assert all(whole >= set(one) for one in _READS.values())
    level = 1
    for one in document.blocks:
        if isinstance(one, Heading):
            assert one.level <= level + 1
            level = one.level
    said = _text(document)
    for part in (f"Made on {DATE} by graphmodel 1.0 from desk.yaml", "no formula", "Reach policy", "indicate no more"):
        assert part in said
    assert ("do not add up" in said) is (audience is not Audience.EXECUTIVE)  # of gaps, which that page does not have


def test_the_executive_page_has_the_numbers_of_the_assessment(results: Results, found: Posture) -> None:
    said = _text(document_of(Results(**{**vars(results), "plan": None}), Audience.EXECUTIVE))
    assessment = found.assessment
    currency = assessment.compiled.system.currency
    for view in View:
        assert money(assessment.expected_loss(view).value, currency) in said
    measures = fix_first(assessment)[:3]
    assert len(measures) == 3
    for one in measures:
        cost, assumed = cost_of(assessment, one)
        assert one.control.name in said and money(one.saves.value, currency) in said
        assert cost is not None and money(cost, currency) + (" (assumed)" if assumed else "") in said
    contradictions = sum(one.kind is Kind.CONTRADICTION for one in found.findings)
    assert contradictions and f"{contradictions} contradiction" in said and "1 piece of evidence expired" in said
    assert "these end: GOV-1.g2 on 2026-12-31" in said
    for area in found.areas:
        today = "not assessed" if area.today is None else f"{area.today:.1f}"
        assert f"{area.area.title} {today}, target {area.target:.1f}" in said


def test_no_number_of_the_executive_page_is_of_nowhere(results: Results, found: Posture) -> None:
    document = document_of(results, Audience.EXECUTIVE)
    known = {money(found.assessment.expected_loss(view).value, "EUR") for view in View}
    assert results.plan is not None
    for one in results.plan.chosen:
        known |= {money(one.option.cost or 0.0, "EUR"), money(one.alone.value, "EUR")}
    shown = {
        amount
        for one in document.blocks
        if isinstance(one, Table)
        for row in one.rows
        for cell in row
        for amount in re.findall(r"[0-9.]+(?: [kM]| bn)? EUR", cell)
    }
    assert shown and shown <= known


def test_the_trend_is_from_the_first_snapshot_to_the_report_and_the_summary_stays_one_page(results: Results) -> None:
    now = loss_of(results.posture.assessment, View.RESIDUAL)

    def moment(date: str, times: float) -> Moment:
        loss = {View.RESIDUAL: now.scaled(times)}
        return Moment(f"{date}.json", date, "a review", "1.0", "EUR", loss, {"GOV": 1.25}, 3, 17, 0, 0, 0)

    moments = (moment("2026-01-01", 2.0), moment("2026-02-01", 1.5), moment("2026-03-01", 1.2), moment("2026-03-30", 1))
    history = History("desk", "campaign of each actor", moments)
    document = document_of(Results(**{**vars(results), "history": history}), Audience.EXECUTIVE)
    said = _text(document)
    assert f"went from {money(2 * now.value, 'EUR')} to {money(now.value, 'EUR')}: 50 % less." in said
    assert "went from 1.2 to" in said and "then 17." in said
    data = pdf(document, compress=False)
    assert data.count(b"/Type /Page\n") == 1
    assert _headings(document) == [*_SUMMARY[:1], "The trend", *_SUMMARY[1:], *_LAST]
    whole = _text(document_of(Results(**{**vars(results), "history": history}), Audience.CISO))
    assert "1 snapshot between is left out" in whole and "2026-03-01\na review" in whole
    other = History("desk", "year", moments)
    assert "The trend by snapshots" not in _text(
        document_of(Results(**{**vars(results), "history": other}), Audience.CISO)
    )


def test_risks_paths_and_gaps_have_the_numbers_of_their_commands(results: Results, found: Posture) -> None:
    said = _text(document_of(results, Audience.AUDITOR))
    for risk in found.assessment.risks:
        assert estimated(risk.expected[View.RESIDUAL], "EUR") in said
    (path, *_) = results.paths[0].paths
    for step in path.steps:
        assert step.gains in said
    techniques = {one.partition("@")[0] for one in re.findall(r"AML\.T[0-9.]+", said)}
    assert techniques
    assert results.plan is not None and results.plan.best is not None
    assert money(results.plan.best.cost, "EUR") in said


def test_compliance_has_every_requirement_item_and_standard(results: Results, found: Posture) -> None:
    said = _text(document_of(results, Audience.COMPLIANCE)).split("\n")
    for item in found.framework.items():
        assert item.id in said
    for one in found.framework.controls():
        assert f"{one.id} {one.title}" in said
    for id_, (_, rows) in results.standards.items():
        assert any(line.startswith(f"{id_}: ") for line in said)
        assert {row.id for row in rows} <= set(said)
    assert "policy-7, 2025-01-01, until 2026-01-01" in said and "Board" in said
    assert any("are suggestions" in line for line in said)


def test_every_drawing_says_in_words_what_is_to_be_seen(results: Results) -> None:
    figures = [one for one in document_of(results, Audience.AUDITOR).blocks if isinstance(one, Figure)]
    assert len(figures) >= 3
    assert all(len(one.alt) > 40 and one.shapes and one.width > 0 for one in figures)


def test_a_table_says_what_it_leaves_out_and_where_it_is() -> None:
    kinds = [("a", TEXT)]
    short = table("c", kinds, [["x"]] * 9, 4, "gaps FILE")
    assert len(short.rows) == 4 and short.more == "and 5 more: see `graphmodel gaps FILE --json`"
    assert table("c", kinds, [["x"]] * 4, 4, "gaps FILE").more == ""


def test_the_command_writes_each_format_the_same_twice(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(SYSTEM)
    written = []
    for ending, start in (("html", b"<!doctype html>"), ("pdf", b"%PDF-"), ("docx", b"PK"), ("xlsx", b"PK")):
        for again in (False, True):
            out = tmp_path / f"out.{ending}"
            result = run(
                "report",
                str(file),
                "-o",
                str(out),
                "--for",
                "executive",
                "--date",
                DATE,
                *(["--force"] if again else []),
            )
            assert result.exit_code == 0, result.output
            written.append(out.read_bytes())
        assert written[-1].startswith(start) and written[-1] == written[-2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "x.txt"], "does not end in"),
        (["-o", "there.html"], "--force"),
        (["-o", "x.html", "--date", "2026-02-30"], "--date takes a day"),
        (["-o", "x.html", "--date", "20260201"], "--date takes a day"),
        (["-o", "x.html", "--logo", "there.html"], "no PNG or JPEG"),
        (["-o", "x.html", "--logo", "nowhere.png"], "no such file"),
        (["-o", "x.html", "--title", "t" * 201], "at most 200"),
        (["-o", "nowhere/x.html", "--for", "executive"], "cannot be written"),
    ],
)
def test_what_is_wrong_with_a_call_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "desk.yaml").write_text(SYSTEM)
    (tmp_path / "there.html").write_text("mine")
    result = run("report", "desk.yaml", *arguments)
    assert result.exit_code == 2 and said in result.stderr, result.output
    assert not (tmp_path / "x.html").exists() and (tmp_path / "there.html").read_text() == "mine"


def _examples() -> list[str]:
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    return [line for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("line", _examples())
def test_the_examples_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    program, *arguments = shlex.split(line)
    assert program == "graphmodel" and len(_examples()) == 3
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert (tmp_path / arguments[arguments.index("-o") + 1]).stat().st_size > 5_000


def test_the_page_names_every_audience_and_option() -> None:
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    for one in Audience:
        assert one is Audience.AUDITOR or f"`{one}`" in page
    for option in main.commands["report"].params:
        shared = {"--reach", "--seed", "--worlds", "--precision", "--workers", "--time", "--no-cache"}
        if not shared & set(option.opts):
            assert any(flag in page for flag in option.opts) or option.name == "file", option.opts
    assert f"at most {MOST_ROWS} rows" in page
