"""The output of ``graphmodel assess`` as text: losses, risks, assets, and what to fix first."""

from __future__ import annotations

from collections.abc import Sequence

from graphmodel.assessment.measures import Measure
from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.losses.inputs import input_name
from graphmodel.losses.uncertainty import Spread, Uncertainty
from graphmodel.outputs.advice import leans_on
from graphmodel.outputs.assessment import assumptions
from graphmodel.outputs.text.figures import chance, figure, folded, table
from graphmodel.outputs.text.look import band
from graphmodel.outputs.wording import estimated, few, money
from graphmodel.reading.printable import printable


def assessment_text(
    assessment: Assessment, measures: Sequence[Measure], top: int, spread: Uncertainty | None = None
) -> str:
    """The output of ``graphmodel assess``, with ``top`` rows in each table."""
    system, currency = assessment.compiled.system, assessment.compiled.system.currency
    parts = [printable(f"{system.name} ({system.id})"), ""]
    rows = []
    for view in View:
        yearly = assessment.yearly_loss(view)
        rows.append(
            [
                view,
                estimated(assessment.expected_loss(view), currency),
                estimated(yearly, currency) if yearly is not None else "no rate known",
            ]
        )
    parts.append(table(rows, ["view", "expected loss, worst campaign", "a year"]))
    leaning = [printable(one) for one in leans_on(assessment)]
    if leaning:
        parts += ["", *leaning]
    if spread is not None and spread.drivers:
        parts += ["", _spread_text(assessment, spread)]
    parts += ["", "At stake"]
    parts.append(
        table(
            [
                [
                    risk.fact,
                    f"{risk.severity} x {risk.band} = {band(risk.risk)}",
                    chance(risk.likelihood[View.INHERENT]),
                    chance(risk.likelihood[View.RESIDUAL]),
                    *([_inputs(spread.likelihood[risk.fact])] if spread is not None else []),
                    chance(risk.likelihood[View.TARGET]),
                    risk.actor,
                    estimated(risk.expected[View.RESIDUAL], currency),
                ]
                for risk in assessment.risks[:top]
            ],
            [
                "fact",
                "risk",
                "inherent",
                "residual",
                *(["from the inputs"] if spread is not None else []),
                "target",
                "worst actor",
                "expected loss",
            ],
        )
    )
    parts += ["", "Assets most likely to fall"]
    likely = sorted(assessment.assets, key=lambda one: (-one.likelihood[View.RESIDUAL].value, one.asset.id))[:top]
    parts.append(
        table(
            [
                [
                    one.asset.id,
                    one.asset.type,
                    band(one.band),
                    chance(one.likelihood[View.RESIDUAL]),
                    one.fact,
                    one.actor,
                ]
                for one in likely
            ],
            ["asset", "type", "band", "likelihood", "by", "worst actor"],
        )
    )
    parts += ["", f"Fix first (each alone; saved per {assessment.period})"]
    parts.append(
        table(
            [
                [
                    estimated(one.saves, currency),
                    one.control.name,
                    few(one.protects),
                    one.status + (f" ({one.implementation})" if one.implementation else ""),
                    few(one.threats),
                ]
                for one in measures[:top]
            ],
            ["saves", "control", "on", "status", "against"],
        )
    )
    parts += ["", "These numbers rest on:", *(f"- {one}" for one in assumptions(assessment))]
    return folded("\n".join(parts))


def _inputs(spread: Spread) -> str:
    return f"{figure(spread.low.value)}–{figure(spread.high.value)}"


def _spread_text(assessment: Assessment, spread: Uncertainty) -> str:
    """What the ranges of the inputs do to the expected loss as things stand, and which do most."""
    currency, found = assessment.compiled.system.currency, spread.headline
    period = "year" if spread.yearly is not None else "campaign"
    first = [printable(input_name(assessment.compiled, one.input)) for one in spread.drivers[:3]]
    error = f"; sampling error ±{money(found.sampling, currency)}" if found.sampling > 0 else ""
    return (
        f"As things stand, 90 % of {spread.draws:,} draws of the inputs give {money(found.low.value, currency)} to "
        f"{money(found.high.value, currency)} a {period}{error}.\nThat width comes most from: {'; '.join(first)}."
    )
