"""Risks, attacks, gaps with what closing them is worth, the plan for a budget, and accepted risks."""

from __future__ import annotations

from collections.abc import Iterator

from graphmodel.assessment.results import Risk
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.plan import plan_assumptions
from graphmodel.outputs.wording import few, money
from graphmodel.posture.attacks import AttackRow
from graphmodel.posture.findings import compensated
from graphmodel.posture.posture import Gap
from graphmodel.reports.document import Block, Bullets, Heading, Note, Paragraph
from graphmodel.reports.results import Results
from graphmodel.reports.texts import CODE, NUMBER, TEXT, likely, table, worth

MOST_ROWS = 25


def risks(results: Results) -> Iterator[Block]:
    """Every fact that costs something, the largest expected loss first."""
    assessment = results.posture.assessment
    yield Heading(2, "Risks")
    period = "year" if assessment.rated else "campaign of the worst attacker"
    columns = [
        ("what is lost", TEXT), ("severity", TEXT), ("risk", TEXT), ("likelihood per campaign", NUMBER),
        ("without controls", NUMBER), ("worst attacker", CODE), (f"expected loss per {period}", NUMBER),
    ]  # fmt: skip
    rows = [_risk(results, one) for one in assessment.risks]
    yield table("Risks as things stand", columns, rows, MOST_ROWS, "assess FILE")


def _risk(results: Results, one: Risk) -> list[str]:
    system = results.posture.assessment.compiled.system
    now = View.RESIDUAL
    return [
        f"{system.name_of(one.held.asset)}: {one.held.capability}"
        + (f". {one.description}" if one.description else ""),
        str(one.severity),
        one.risk,
        likely(one.likelihood[now]),
        likely(one.likelihood[View.INHERENT]),
        one.actor or "nobody",
        worth((one.yearly or one.expected)[now], system.currency),
    ]


def attacks(results: Results, only: tuple[str, ...] | None = None) -> Iterator[Block]:
    """The matrix of attacks, or only those with these ids."""
    yield Heading(2, "Attacks")
    yield Paragraph(
        "The framework rates attacks by likelihood, impact and exploitability and has no formula for them. The "
        "numbers are this program's own, from the attack graphs of this system; the framework's starter values "
        "stand in brackets."
    )
    columns = [
        ("attack", TEXT), ("likelihood", NUMBER), ("exploitability", NUMBER), ("impact each time", NUMBER),
        ("likeliest by", CODE), ("steps open", NUMBER), ("controls in force", CODE),
    ]  # fmt: skip
    found = [one for one in results.posture.attacks if only is None or one.prior.id in only]
    currency = results.posture.assessment.compiled.system.currency
    yield table("Attacks on this system", columns, [_attack(one, currency) for one in found])


def _attack(one: AttackRow, currency: str) -> list[str]:
    prior, now = one.prior, one.now
    rated = (prior.likelihood, prior.exploitability, prior.impact)
    starter = [f"[{one}]" if one is not None else "[none]" for one in rated]
    if not now.actor:
        return [prior.title, f"not possible here {starter[0]}", starter[1], starter[2], "", "", ""]
    impact = "nothing that is stated to be lost"
    if now.impact is not None and now.impact.high > 0:
        impact = f"{one.impact_band} {worth(now.impact, currency)}"
    return [
        prior.title,
        f"{one.likelihood_band} {likely(now.likelihood)} {starter[0]}",
        f"{one.exploitability_band} {likely(now.exploitability)} {starter[1]}",
        f"{impact} {starter[2]}",
        now.actor,
        f"{one.open} of {one.steps}",
        few(one.controls, 4) or "none",
    ]


def gaps(results: Results, areas: tuple[str, ...] | None = None, places: bool = False) -> Iterator[Block]:
    """Gaps that an attack could use, by what closing each is worth, and those of compliance; ``places`` names every
    measure that is missing."""
    posture = results.posture
    period = posture.assessment.period
    kept = [one for one in posture.gaps if areas is None or one.state.requirement.area in areas]
    found = [one for one in kept if one.is_risk]
    rest = [one for one in kept if not one.is_risk]
    yield Heading(2, "Gaps")
    if found:
        columns = [
            ("requirement", TEXT), ("today", TEXT), ("target", NUMBER), (f"saves per {period}", NUMBER),
            ("costs a year", NUMBER), ("missing, and where", CODE),
        ]  # fmt: skip
        rows = [_gap(results, one, 12 if places else 3) for one in found]
        caption = "Gaps that an attack could use; what closing each alone saves"
        yield table(caption, columns, rows, MOST_ROWS, "posture FILE")
    if rest:
        rows = [[_title(one), level(one), str(one.state.target)] for one in rest]
        columns = [("requirement", TEXT), ("today", TEXT), ("target", NUMBER)]
        yield table("Gaps that move no number here: compliance", columns, rows, MOST_ROWS, "posture FILE")
    if not kept:
        yield Paragraph("There are none.")


def _gap(results: Results, one: Gap, most: int) -> list[str]:
    currency = results.posture.assessment.compiled.system.currency
    said = _title(one)
    if one.worth is None:
        return [said, level(one), str(one.state.target), "", "", ""]
    cost = "unknown" if one.worth.cost is None else money(one.worth.cost, currency)
    return [
        said + (" (at its target, and still exposed)" if one.exposed else ""),
        level(one),
        str(one.state.target),
        worth(one.worth.saves, currency),
        cost + (" (assumed)" if one.worth.assumed and one.worth.cost is not None else ""),
        few(one.worth.measures, most),
    ]


def _title(one: Gap) -> str:
    return f"{one.state.requirement.id} {one.state.requirement.title}"


def level(one: Gap) -> str:
    """The level of today in words."""
    if one.state.level is not None:
        return str(one.state.level)
    return "not assessed" if one.state.today is None else f"{one.state.today} (indicated)"


def plan(results: Results) -> Iterator[Block]:
    """The best set for the budget that was given; nothing where none was."""
    found = results.plan
    if found is None or found.budget is None:
        return
    assessment = results.posture.assessment
    currency, period = assessment.compiled.system.currency, assessment.period
    yield Heading(2, "Plan for the budget")
    budget = money(found.budget, currency)
    if found.best is None:
        yield Note(f"There is no plan for {budget} a year: what is decided already costs more.")
        return
    yield Paragraph(
        f"The best set of measures for {budget} a year costs {money(found.best.cost, currency)} and leaves an expected "
        f"loss of {worth(found.loss, currency)} per {period}, which is {worth(found.saved, currency)} less than now."
    )
    columns = [
        ("measure", CODE),
        ("control", TEXT),
        ("costs a year", NUMBER),
        ("saves alone", NUMBER),
        ("lost without it", NUMBER),
    ]
    rows = [
        [
            one.option.id,
            one.option.name,
            money(one.option.cost or 0.0, currency) + (" (assumed)" if one.option.assumed else ""),
            worth(one.alone, currency),
            worth(one.last, currency),
        ]
        for one in found.chosen
    ]
    yield table("The measures of the plan", columns, rows, MOST_ROWS, f"plan FILE --budget {found.budget:.0f}")
    columns = [("phase", TEXT), ("take", CODE), ("cost by then", NUMBER), (f"loss per {period} then", NUMBER)]
    rows = [
        [
            stage.phase,
            " + ".join(one.id for one in stage.measures),
            money(stage.cost, currency),
            worth(stage.loss, currency),
        ]
        for stage in found.order
    ]
    yield table("In which order", columns, rows, MOST_ROWS, f"plan FILE --budget {found.budget:.0f}")
    known = len(plan_assumptions(assessment, found, None)) - len(plan_assumptions(assessment, None, None))
    yield Bullets(tuple(plan_assumptions(assessment, found, None)[:known]))


def accepted(results: Results) -> Iterator[Block]:
    """The risks that somebody accepts: who, why, until when, and whether what stands in for them is in place."""
    posture = results.posture
    yield Heading(2, "Accepted risks")
    rows = []
    for one in posture.answers.answers.values():
        if one.accepted is None:
            continue
        stands = compensated(one, posture.assessment)
        told = (
            "nothing named"
            if stands is None
            else f"{one.accepted.compensating}, {'in place' if stands else 'not in place'}"
        )
        rows.append([one.item, one.accepted.by, one.accepted.reason, one.accepted.until or "without an end", told])
    rows.sort(key=lambda row: (row[3], row[0]))
    if not rows:
        yield Paragraph("Nobody has accepted a risk.")
        return
    columns = [("item", CODE), ("by", TEXT), ("reason", TEXT), ("until", TEXT), ("instead", TEXT)]
    yield table("Accepted risks, the first to end first", columns, rows, MOST_ROWS, "posture FILE")
