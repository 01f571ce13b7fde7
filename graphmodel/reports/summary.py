"""The page for who decides: what is at stake, three decisions, maturity, and what does not fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from graphmodel.assessment.measures import Measure, cost_of
from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.text.posture import severity_said
from graphmodel.outputs.wording import few, money
from graphmodel.posture.recorded import Kind
from graphmodel.reports.document import Block, Bullets, Heading, Paragraph
from graphmodel.reports.figures import maturity_chart
from graphmodel.reports.results import Results
from graphmodel.reports.texts import NUMBER, TEXT, certainty, table, worth

DECISIONS = 3
_VIEWS = {
    View.INHERENT: "Without any control",
    View.RESIDUAL: "As things stand",
    View.TARGET: "With what is planned",
}


def summary(results: Results) -> Iterator[Block]:
    """What is at stake, severity, decisions, maturity, contradictions and accepted risks, on one page."""
    posture = results.posture
    yield Heading(2, "What is at stake")
    yield Paragraph(severity_said(posture.severity))
    yield _at_stake(results)
    yield Heading(2, "Decisions to take")
    yield _decisions(results)
    yield Heading(2, "Maturity against the target")
    yield maturity_chart(posture.areas)
    yield Heading(2, "What needs a second look")
    yield Bullets(tuple(_second_look(results)))


def _at_stake(results: Results) -> Block:
    assessment = results.posture.assessment
    currency = assessment.compiled.system.currency
    rows = []
    for view, said in _VIEWS.items():
        yearly, campaign = assessment.yearly_loss(view), assessment.expected_loss(view)
        row = [said, money(campaign.value, currency), certainty(campaign, currency)]
        if yearly is not None:
            row = [said, money(yearly.value, currency), certainty(yearly, currency), *row[1:]]
        rows.append(row)
    columns = [("loss per campaign of the worst attacker", NUMBER), ("how sure", TEXT)]
    if assessment.rated:
        columns = [("expected loss a year", NUMBER), ("how sure", TEXT), *columns]
    return table("Expected loss, by the controls that count", [("", TEXT), *columns], rows)


def _decisions(results: Results) -> Block:
    assessment = results.posture.assessment
    currency, period = assessment.compiled.system.currency, assessment.period
    rows = []
    if results.plan is not None and results.plan.best is not None:
        for chosen in results.plan.chosen[:DECISIONS]:
            option = chosen.option
            cost = _cost(option.cost, option.assumed, currency)
            rows.append(
                [
                    option.name,
                    few(_names(results, option.implementation.protects)),
                    cost,
                    *_saves(chosen.alone, currency),
                ]
            )
    else:
        for one in results.measures[:DECISIONS]:
            cost = _cost(*cost_of(assessment, one), currency)
            rows.append([one.control.name, few(_names(results, one.protects)), cost, *_saves(one.saves, currency)])
    if not rows:
        return Paragraph("No measure that this program knows would save anything here.")
    caption = f"Whether to put these in place; each alone saves so much per {period}, and savings overlap"
    columns = [("put in place", TEXT), ("on", TEXT), ("costs a year", NUMBER), ("saves", NUMBER), ("how sure", TEXT)]
    return table(caption, columns, rows)


def _saves(saves: Estimate, currency: str) -> tuple[str, str]:
    return money(saves.value, currency), certainty(saves, currency)


def _names(results: Results, ids: tuple[str, ...]) -> list[str]:
    system = results.posture.assessment.compiled.system
    return ["the whole system" if one == "*" else system.name_of(one) for one in ids]


def _cost(cost: float | None, assumed: bool, currency: str) -> str:
    if cost is None:
        return "unknown"
    return money(cost, currency) + (" (assumed)" if assumed else "")


def measure_row(results: Results, one: Measure) -> list[str]:
    """A measure as a row: what it is, where, whether it is planned, against what, its cost and what it saves."""
    assessment = results.posture.assessment
    currency = assessment.compiled.system.currency
    return [
        one.control.name,
        ", ".join(_names(results, one.protects)),
        one.status + (f" ({one.implementation})" if one.implementation else ""),
        few(one.threats) or "the loss, once it happens",
        _cost(*cost_of(assessment, one), currency),
        worth(one.saves, currency),
    ]


def _second_look(results: Results) -> Iterator[str]:
    posture = results.posture
    counts = Counter(one.kind for one in posture.findings)
    contradictions = counts[Kind.CONTRADICTION]
    yield (
        f"{contradictions} {'contradiction' if contradictions == 1 else 'contradictions'} between answers and the graph"
        + (f"; {counts[Kind.EXPIRED]} expired evidence; {counts[Kind.OVERDUE]} overdue." if counts else ".")
    )
    accepted = [one for one in posture.answers.answers.values() if one.accepted is not None]
    ending = sorted((one.accepted.until, one.item) for one in accepted if one.accepted and one.accepted.until)
    if ending:
        told = few([f"{item} on {until}" for until, item in ending], 4)
        yield f"{len(accepted)} accepted {'risk' if len(accepted) == 1 else 'risks'}; these end: {told}."
    else:
        yield f"{len(accepted)} accepted risks{', none with an end' if accepted else ''}."
    open_ = sum(one.today is None and one.applies for area in posture.areas for one in area.requirements)
    if open_:
        yield f"{open_} requirements are not assessed yet; maturity is the mean over those that are."
