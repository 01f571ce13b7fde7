"""The page for who decides: what is at stake, three decisions, maturity, and what does not fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from graphmodel.assessment.measures import Measure, cost_of
from graphmodel.engine.estimates import BOUND, Estimate
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.wording import few, money
from graphmodel.posture.recorded import Kind
from graphmodel.posture.severity import UseRating
from graphmodel.reports.document import Block, Bullets, Heading, Paragraph
from graphmodel.reports.figures import maturity_chart
from graphmodel.reports.results import Results
from graphmodel.reports.texts import NUMBER, TEXT, certainty, table, worth
from graphmodel.reports.trend import trend_said

DECISIONS = 3
_VIEWS = {
    View.INHERENT: "Without any control",
    View.RESIDUAL: "As things stand",
    View.TARGET: "With what is planned",
}


def summary(results: Results) -> Iterator[Block]:
    """What is at stake, severity, decisions, trend, maturity, contradictions and accepted risks, on one page."""
    posture = results.posture
    yield Heading(2, "What is at stake")
    yield Paragraph(" ".join(filter(None, (_expected(results), _severity(posture.severity)))))
    yield _at_stake(results)
    if moved := trend_said(results):
        yield Heading(2, "The trend")
        yield Paragraph(moved)
    yield Heading(2, "Decisions to take")
    yield from _decisions(results)
    yield Heading(2, "What needs a second look")
    yield Bullets(tuple(_second_look(results)))
    yield Heading(2, "Maturity against the target")
    yield maturity_chart(posture.areas)


def _expected(results: Results) -> str:
    """What attacks are expected to cost, in a sentence that can be read aloud."""
    assessment = results.posture.assessment
    system = assessment.compiled.system
    if not system.losses:
        return "No loss is stated for this system, so nothing can be said in money."
    if assessment.rated:
        amounts, per = [assessment.yearly_loss(one) for one in View], "a year on average"
    else:
        amounts, per = [assessment.expected_loss(one) for one in View], "for each campaign of the worst attacker"
    without, now, planned = (_about(one, system.currency) for one in amounts)
    said = f"As things stand, attacks are expected to cost {now} {per}"
    said += f"; without any control it would be {without}"
    return (
        f"{said}, and with what is planned {planned}." if planned != now else f"{said}. Nothing planned changes that."
    )


def _about(amount: Estimate | None, currency: str) -> str:
    if amount is None:
        return "an unknown amount"
    return f"at most {money(amount.high, currency)}" if amount.method == BOUND else money(amount.value, currency)


def _severity(rating: UseRating) -> str:
    """How severe a compromise would be, without the ids of facts."""
    could = rating.could if not rating.settled and rating.unsaid else None
    number = len(rating.unsaid)
    open_ = ("1 question is" if number == 1 else f"{number} questions are") + " open about its use"
    if rating.severity is None:
        return f"How severe a compromise of the system would be is not known: {open_}" + (
            f"; it could be {could}." if could else "."
        )
    said = f"The use of the system is rated {rating.severity}"
    return f"{said}; it could be {could}, as {open_}." if could else f"{said}."


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


def _decisions(results: Results) -> Iterator[Block]:
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
        yield Paragraph("No measure that this program knows would save anything here.")
        return
    if (told := _for_the_budget(results)) is not None:
        yield Paragraph(told)
    caption = f"Whether to put these in place; each alone saves so much per {period}, and savings overlap"
    columns = [("put in place", TEXT), ("on", TEXT), ("costs a year", NUMBER), ("saves", NUMBER), ("how sure", TEXT)]
    yield table(caption, columns, rows)


def _for_the_budget(results: Results) -> str | None:
    """What the whole plan costs and leaves, of which the decisions are the first."""
    plan, assessment = results.plan, results.posture.assessment
    if plan is None or plan.best is None or plan.budget is None:
        return None
    currency, count = assessment.compiled.system.currency, len(plan.chosen)
    some = "one measure would cost" if count == 1 else f"{count} measures would cost"
    first = f" The first {DECISIONS} of them:" if count > DECISIONS else ""
    return (
        f"With {money(plan.budget, currency)} a year to spend, {some} {money(plan.best.cost, currency)} a year and "
        f"leave an expected loss of {money(plan.loss.value, currency)} per {assessment.period}.{first}"
    )


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
    expired, overdue = counts[Kind.EXPIRED], counts[Kind.OVERDUE]
    said = [
        f"{contradictions} {'contradiction' if contradictions == 1 else 'contradictions'} between answers and the graph"
    ]
    said += [f"{expired} {'piece' if expired == 1 else 'pieces'} of evidence expired"] if expired else []
    said += [f"{overdue} overdue"] if overdue else []
    yield f"{'; '.join(said)}."
    accepted = [one for one in posture.answers.answers.values() if one.accepted is not None]
    ending = sorted((one.accepted.until, one.item) for one in accepted if one.accepted and one.accepted.until)
    if ending:
        told = few([f"{item} on {until}" for until, item in ending], 4)
        yield f"{len(accepted)} accepted {'risk' if len(accepted) == 1 else 'risks'}; these end: {told}."
    elif accepted:
        yield f"{len(accepted)} accepted {'risk' if len(accepted) == 1 else 'risks'}, none with an end."
    open_ = sum(one.today is None and one.applies for area in posture.areas for one in area.requirements)
    if open_:
        said_open = "1 requirement is" if open_ == 1 else f"{open_} requirements are"
        yield f"{said_open} not assessed yet; maturity is the mean over those that are."
