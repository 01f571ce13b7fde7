"""The command ``loss``: what a campaign and a year cost, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphmodel.cli.options import Method, assessed, fail, file_argument, json_option, method_options, print_json
from graphmodel.cli.progress import doing

if TYPE_CHECKING:
    from graphmodel.assessment.results import Assessment
    from graphmodel.losses.contributions import Part
    from graphmodel.losses.report import LossReport
    from graphmodel.losses.uncertainty import Spread, Uncertainty

DRAWS = click.IntRange(0, 10_000)
LEAST_DRAWS = 110  # fewer do not enclose a 5 % point with 99 % confidence


def checked_draws(draws: int | None) -> int | None:
    """The number of draws of the inputs; exits with 2 when it is too small to say anything."""
    if draws is not None and 0 < draws < LEAST_DRAWS:
        fail(f"--draws takes 0 for none, or at least {LEAST_DRAWS}: fewer do not say where nine tenths lie.")
    return draws


@click.command()
@file_argument
@json_option
@method_options
@click.option("--view", type=click.Choice(["inherent", "residual", "target"]), default="residual", show_default=True)
@click.option(
    "--years", type=click.IntRange(1000, 1_000_000), default=100_000, show_default=True, help="Years to play."
)
@click.option("--draws", type=DRAWS, help="Draws of the inputs that are ranges; 0 for none. [default: as many as help]")
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Rows of each table.")
def loss(file: Path, as_json: bool, method: Method, view: str, years: int, draws: int | None, top: int) -> None:
    """What a campaign and a year cost: distribution, value at risk, parts, and how sure that is."""
    from graphmodel.knowledge.vocabulary import View
    from graphmodel.losses.report import loss_report
    from graphmodel.losses.year import TooManyCampaignsError
    from graphmodel.outputs.loss import loss_json

    count = checked_draws(draws)
    assessment = assessed(file, method)
    doing("drawing losses")
    try:
        report = loss_report(assessment, View(view), years, count)
    except TooManyCampaignsError as error:
        fail(str(error))
    if as_json:
        print_json(loss_json(assessment, report))
    else:
        click.echo(loss_text(assessment, report, top))


def loss_text(assessment: Assessment, report: LossReport, top: int) -> str:
    """The output of ``graphmodel loss``, with ``top`` rows in each table."""
    from graphmodel.outputs.loss import loss_assumptions

    system = assessment.compiled.system
    parts = [f"{system.name} ({system.id}), view {report.view}", ""]
    parts += [*_year(assessment, report), "", *_campaigns(assessment, report), "", *_parts(assessment, report, top)]
    if report.uncertainty is not None:
        parts += ["", *drivers_text(assessment, report.uncertainty, top)]
    parts += ["", "These numbers rest on:", *(f"- {one}" for one in loss_assumptions(assessment, report))]
    return "\n".join(parts)


def _year(assessment: Assessment, report: LossReport) -> list[str]:
    from graphmodel.losses.year import LEVELS
    from graphmodel.outputs.text import chance, table
    from graphmodel.outputs.wording import estimated, money

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
    from graphmodel.outputs.text import chance, table
    from graphmodel.outputs.wording import estimated, money

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
    from graphmodel.outputs.text import table
    from graphmodel.outputs.wording import estimated, few, percent

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
    from graphmodel.losses.inputs import input_name
    from graphmodel.outputs.text import table
    from graphmodel.outputs.wording import money

    currency = assessment.compiled.system.currency
    if not found.drivers:
        return ["No input is a range that the expected loss depends on."]
    rows = [
        [
            input_name(assessment.compiled, one.input),
            one.input.stated,
            f"{money(min(one.low, one.high), currency)} – {money(max(one.low, one.high), currency)}",
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
    from graphmodel.outputs.wording import money

    return "" if spread is None else f"{money(spread.low.value, currency)} – {money(spread.high.value, currency)}"


def _range(spread: Spread | None) -> str:
    from graphmodel.outputs.text import figure

    return "" if spread is None else f"{figure(spread.low.value)}–{figure(spread.high.value)}"
