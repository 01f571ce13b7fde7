"""The trend: what the snapshots beside a system say of the time since the first of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphmodel.engine.estimates import Estimate
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.wording import money
from graphmodel.posture.history import Moment
from graphmodel.posture.maturity import AreaState
from graphmodel.posture.portfolio import loss_of
from graphmodel.reports.document import Block, Heading
from graphmodel.reports.results import Results
from graphmodel.reports.texts import NUMBER, TEXT, certainty, short, table

_LAST = 2  # snapshots that are shown besides the first
_ALIKE = 5e-4  # share of a loss up to which it reads as unchanged


def trend_said(results: Results) -> str:
    """How loss and maturity moved from the first snapshot to this report; empty where there is none to compare."""
    moments = _comparable(results)
    if not moments:
        return ""
    assessment, areas = results.posture.assessment, results.posture.areas
    moved = _moved(moments[0], loss_of(assessment, View.RESIDUAL), moments[0].currency, assessment.period)
    return f"{moved} {_posture_moved(moments[0], _levels(areas), _open(areas))}"


def trend(results: Results) -> Iterator[Block]:
    """The first snapshot, the last ones and this report as a table; nothing where there is none to compare."""
    moments = _comparable(results)
    if not moments:
        return
    assessment, areas = results.posture.assessment, results.posture.areas
    currency, period = moments[0].currency, assessment.period
    now = loss_of(assessment, View.RESIDUAL)
    yield Heading(2, "The trend by snapshots")
    shown = [moments[0], *moments[1:][-_LAST:]]
    rows = [_row(one, currency) for one in shown]
    rows.append(
        [
            "this report",
            "",
            money(now.value, currency),
            certainty(now, currency),
            _mean(_levels(areas)),
            str(_open(areas)),
        ],
    )
    left = len(moments) - len(shown)
    caption = "First, last and today" + _left_out(left)
    columns = [
        ("", TEXT),
        ("taken for", TEXT),
        (f"expected loss per {period}", NUMBER),
        ("how sure", TEXT),
        ("mean maturity", NUMBER),
        ("questions open", NUMBER),
    ]
    yield table(caption, columns, rows)


def _comparable(results: Results) -> list[Moment]:
    """The snapshots whose losses are per what those of this report are per, and in its currency."""
    history, assessment = results.history, results.posture.assessment
    if history is None or (history.per == "year") != (assessment.period == "year"):
        return []
    return [one for one in history.moments if one.currency == assessment.compiled.system.currency]


def _levels(areas: Sequence[AreaState]) -> list[float]:
    return [one.today for one in areas if one.today is not None]


def _open(areas: Sequence[AreaState]) -> int:
    return sum(item.status is None for area in areas for item in area.items())


def _left_out(count: int) -> str:
    if not count:
        return ""
    return "; 1 snapshot between is left out" if count == 1 else f"; {count:,} snapshots between are left out"


def _moved(first: Moment, now: Estimate, currency: str, period: str) -> str:
    before = first.loss[View.RESIDUAL].value
    since = f"Since {first.date} the expected loss per {period}"
    if abs(now.value - before) <= _ALIKE * before:
        return f"{since} has not moved: {money(now.value, currency)}."
    said = f"{since} went from {money(before, currency)} to {money(now.value, currency)}"
    if not before:
        return f"{said}."
    share = abs(now.value - before) / before
    return f"{said}: {100 * share:.2g} % {'less' if now.value < before else 'more'}."


def _posture_moved(first: Moment, levels: list[float], open_: int) -> str:
    before, now = _mean(list(first.levels.values())), _mean(levels)
    level = f"Mean maturity is {now}, as then" if before == now else f"Mean maturity went from {before} to {now}"
    count = f"{open_} questions are open"
    return f"{level}; {count}{', as then' if open_ == first.open_items else f', then {first.open_items}'}."


def _row(one: Moment, currency: str) -> list[str]:
    loss = one.loss[View.RESIDUAL]
    levels = list(one.levels.values())
    amount = [money(loss.value, currency), certainty(loss, currency)]
    return [one.date, short(one.note, 60), *amount, _mean(levels), str(one.open_items)]


def _mean(levels: list[float]) -> str:
    return f"{sum(levels) / len(levels):.1f}" if levels else "not assessed"
