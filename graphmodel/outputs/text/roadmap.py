"""The output of ``graphmodel roadmap`` as text."""

from __future__ import annotations

from graphmodel.assessment.results import Assessment
from graphmodel.outputs.text.figures import folded, table
from graphmodel.outputs.wording import UNMARKED, estimated, few, money
from graphmodel.posture.maturity import AreaState
from graphmodel.posture.roadmap import Roadmap, Task
from graphmodel.reading.printable import printable


def roadmap_text(assessment: Assessment, found: Roadmap) -> str:
    """The output of ``graphmodel roadmap``."""
    currency = assessment.compiled.system.currency
    rows = [["today", "", "", estimated(found.now, currency), *_changed(found.areas, found.areas)]]
    before = found.areas
    for one in found.milestones:
        cost = money(one.cost, currency) + (" (over its budget)" if one.over else "")
        rows.append(
            [one.phase.name, one.phase.until, cost, estimated(one.loss, currency), *_changed(one.areas, before)]
        )
        before = one.areas
    names = [one.area.id for one in found.areas]
    parts = [_in_short(assessment, found), ""]
    parts += [f"Loss per {assessment.period}, and maturity by area where it is assessed (0 to 5), after each phase"]
    parts.append(table(rows, ["phase", "until", "costs a year", "loss then", *names]))
    for one in found.milestones:
        parts += ["", printable(f"{one.phase.name}{f', until {one.phase.until}' if one.phase.until else ''}")]
        parts += [f"- {_task(task, currency)}" for task in one.tasks] or ["- nothing"]
    if any(one.tasks for one in found.milestones) and all(
        _changed(one.areas, found.areas) == _changed(found.areas, found.areas) for one in found.milestones
    ):
        parts += [
            "",
            "No area's maturity moves by these: levels that somebody has chosen stay until they are chosen anew.",
        ]
    if found.left:
        parts += ["", "In no phase, as neither budget nor capacity is left:"]
        parts += [printable(f"- {one.name} on {few(one.implementation.protects)}") for one in found.left]
    if found.accepted:
        parts += ["", "Deliberately accepted"]
        for risk in found.accepted:
            end = f"until {risk.accepted.until}" if risk.accepted.until else "without an end"
            late = ": this has ended" if risk.expired else ""
            stands = f"; {risk.accepted.compensating} stands in for it" if risk.accepted.compensating else ""
            said = f"- {risk.item}, by {risk.accepted.by} {end}{late}: {risk.accepted.reason}{stands}"
            parts.append(printable(said))
    best = found.plan.best
    if best is not None and not best.optimal:
        parts += [
            "",
            f"No set of these measures within the budget loses over {money(best.gap, currency)} less (proven).",
        ]
    return folded("\n".join([*parts, "", UNMARKED]))


def _in_short(assessment: Assessment, found: Roadmap) -> str:
    currency, period = assessment.compiled.system.currency, assessment.period
    tasks = sum(len(one.tasks) for one in found.milestones)
    if not tasks:
        return "No measure is worth its place here."
    cost = money(sum(one.cost for one in found.milestones), currency)
    lost = f"{estimated(found.now, currency)} to {estimated(found.milestones[-1].loss, currency)}"
    measures = "1 measure" if tasks == 1 else f"{tasks} measures"
    return f"{measures} for {cost} a year: the expected loss per {period} goes from {lost}."


def _task(task: Task, currency: str) -> str:
    option = task.option
    said = f"{option.name} on {few(option.implementation.protects)}"
    if option.cost is not None:
        said += f", {money(option.cost, currency)} a year{' (assumed)' if option.assumed else ''}"
    said += ", decided" if option.decided else ""
    said += f", with {task.owner}" if task.owner else ""
    said += f", due {task.due}" if task.due else ""
    said += ", OVERDUE" if task.overdue else ", later than its date" if task.slipping else ""
    return printable(said + (f" ({', '.join(task.requirements)})" if task.requirements else ""))


def _changed(areas: tuple[AreaState, ...], before: tuple[AreaState, ...]) -> list[str]:
    return [
        "-" if one.today is None else f"{one.today:.1f}{'+' if (was.today or 0) < one.today else ''}"
        for one, was in zip(areas, before, strict=True)
    ]
