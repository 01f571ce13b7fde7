"""The output of ``graphmodel loss`` as text: a year, campaigns, parts, and why intervals are wide."""

from __future__ import annotations

from graphmodel.assessment.results import Assessment
from graphmodel.losses.contributions import Part
from graphmodel.losses.inputs import input_name
from graphmodel.losses.report import LossReport
from graphmodel.losses.uncertainty import Spread, Uncertainty
from graphmodel.losses.year import LEVELS
from graphmodel.outputs.loss import loss_assumptions
from graphmodel.outputs.text.figures import chance, figure, folded, table
from graphmodel.outputs.wording import estimated, few, money, percent, sums
from graphmodel.reading.printable import printable


def loss_text(assessment: Assessment, report: LossReport, top: int) -> str:
    """The output of ``graphmodel loss``, with ``top`` rows in each table."""
    system = assessment.compiled.system
    parts = [printable(f"{system.name} ({system.id}), view {report.view}"), ""]
    parts += [*_year(assessment, report), "", *_campaigns(assessment, report), "", *_parts(assessment, report, top)]
    if report.uncertainty is not None:
        parts += ["", *drivers_text(assessment, report.uncertainty, top)]
    parts += ["", "These numbers rest on:", *(f"- {one}" for one in loss_assumptions(assessment, report))]
    return folded("\n".join(parts))


def _year(assessment: Assessment, report: LossReport) -> list[str]:
    year, tails, found = report.losses.year, report.tails, report.uncertainty
    currency = assessment.compiled.system.currency
    if year is None:
        return ["No actor has attempts_per_year, so there is nothing to say about a year."]
    rows = [
        [
            "expected loss",
            estimated(report.losses.expected, currency),
            _between(found.yearly if found else None, currency),
        ],
        ["chance of any loss", chance(year.exceedance(0.0)), _range(tails.exceedance[0.0] if tails else None)],
    ]
    for level in LEVELS:
        spread = tails.value_at_risk[level] if tails else None
        name = f"value at risk {level:.0%}"
        rows.append([name, estimated(year.quantile(level), currency), _between(spread, currency)])
    rows += [[f"mean beyond it, {level:.0%}", estimated(year.tail_mean(level), currency), ""] for level in LEVELS]
    headers = ["a year", "with inputs at their means (sampling)", "from the inputs"]
    curve = [
        [money(loss, currency), chance(year.exceedance(loss)), _range(tails.exceedance[loss] if tails else None)]
        for loss in year.round_losses()
    ]
    exceeded = ["to lose more than", "chance in a year (sampling)", "from the inputs"]
    return [table(rows, headers), "", table(curve, exceeded)]


def _campaigns(assessment: Assessment, report: LossReport) -> list[str]:
    currency = assessment.compiled.system.currency
    rows = [
        [
            one.actor,
            "unknown" if one.rate is None else f"{one.rate:.3g}",
            estimated(one.expected, currency),
            chance(one.campaign.exceedance(0.0)),
            money(one.campaign.quantile(0.95).value, currency),
            money(one.campaign.quantile(0.99).value, currency),
        ]
        for one in sorted(report.losses.campaigns, key=lambda one: (-one.expected.value, one.actor))
    ]
    headers = ["one campaign of", "a year", "expected loss", "any loss", "95 % below", "99 % below"]
    return [table(rows, headers)]


def _parts(assessment: Assessment, report: LossReport, top: int) -> list[str]:
    found, currency = report.contributions, assessment.compiled.system.currency

    def rows(parts: tuple[Part, ...]) -> list[list[str]]:
        return [[one.id, estimated(one.amount, currency), percent(one.share)] for one in parts[:top]]

    paths = [
        [
            few(one.targets, 2),
            one.actor,
            " → ".join(one.route),
            f"{one.path.chance:.3g}",
            estimated(one.amount, currency),
            percent(one.share),
        ]
        for one in found.paths[:top]
    ]
    share = f"expected loss a {found.period}"
    return [
        table(rows(found.assets), ["asset", share, "share"]),
        "",
        table(rows(found.actors), ["actor", share, "share"]),
        "",
        table(paths, ["to", "actor", "path", "chance", "lost when all of it succeeds", "share"]),
        "Paths overlap, so their shares do not add up.",
    ]


def drivers_text(assessment: Assessment, found: Uncertainty, top: int) -> list[str]:
    """Which inputs the width of the expected loss comes from."""
    currency = assessment.compiled.system.currency
    if not found.drivers:
        return ["No input is a range that the expected loss depends on."]
    rows = [
        [
            input_name(assessment.compiled, one.input),
            one.input.stated,
            sums(min(one.low, one.high), max(one.low, one.high), currency),
            "" if one.share is None else f"{one.share:.0%}",
        ]
        for one in found.drivers[:top]
    ]
    period = "year" if found.yearly is not None else "campaign"
    return [
        f"Why the interval is wide: what the expected loss a {period} becomes when one input moves alone",
        table(rows, ["input", "stated", "from its 5 % to its 95 % point", "share of the spread"]),
    ]


def _between(spread: Spread | None, currency: str) -> str:
    return "" if spread is None else sums(spread.low.value, spread.high.value, currency)


def _range(spread: Spread | None) -> str:
    return "" if spread is None else f"{figure(spread.low.value)}–{figure(spread.high.value)}"
