"""The roadmap as JSON and as tables that issue trackers take in; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.framework import Framework
from graphmodel.outputs.plan import option_json
from graphmodel.outputs.wording import money
from graphmodel.posture.maturity import AreaState
from graphmodel.posture.roadmap import Milestone, Roadmap, Task
from graphmodel.reading.cells import inert


def roadmap_json(assessment: Assessment, found: Roadmap) -> dict[str, Any]:
    """The output of ``graphmodel roadmap``."""
    best = found.plan.best
    return {
        "system": assessment.compiled.system.id,
        "currency": assessment.compiled.system.currency,
        "per": assessment.period,
        "budget": found.plan.budget,
        "optimal": best.optimal if best is not None else None,
        "gap": best.gap if best is not None else None,
        "loss_now": found.now.to_json("amount"),
        "maturity_now": _levels(found.areas),
        "phases": [
            {
                "name": one.phase.name,
                "until": one.phase.until or None,
                "budget": one.phase.budget,
                "over_budget": one.over,
                "cost": one.cost,
                "loss": one.loss.to_json("amount"),
                "saved": one.saved.to_json("amount"),
                "maturity": _levels(one.areas),
                "tasks": [
                    {
                        **option_json(task.option),
                        "due": task.due or None,
                        "owner": task.owner,
                        "overdue": task.overdue,
                        "slipping": task.slipping,
                        "requirements": list(task.requirements),
                    }
                    for task in one.tasks
                ],
            }
            for one in found.milestones
        ],
        "left": [one.id for one in found.left],
        "accepted": [
            {
                "item": one.item,
                "by": one.accepted.by,
                "reason": one.accepted.reason,
                "until": one.accepted.until or None,
                "compensating": one.accepted.compensating or None,
                "expired": one.expired,
            }
            for one in found.accepted
        ],
    }


def _levels(areas: tuple[AreaState, ...]) -> dict[str, float | None]:
    return {one.area.id: one.today for one in areas}


def tasks_table(assessment: Assessment, framework: Framework, found: Roadmap, form: str) -> str:
    """The tasks for an issue tracker: ``csv``, ``jira`` (its import of CSV), or ``github``: a JSON object a line, each
    the body of a request that creates an issue. No text is a formula in a spreadsheet."""
    tasks = [(one, task) for one in found.milestones for task in one.tasks]
    if form == "github":
        return "".join(json.dumps(_issue(assessment, framework, *one), ensure_ascii=False) + "\n" for one in tasks)
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if form == "jira":
        writer.writerow(["Summary", "Issue Type", "Description", "Due Date", "Labels", "Labels"])
        for one, task in tasks:
            writer.writerow(
                map(
                    inert,
                    [_title(task), "Task", _body(assessment, framework, task), task.due, *_labels(one, task)],
                )
            )
    else:
        head = [
            "phase",
            "until",
            "measure",
            "control",
            "name",
            "on",
            "cost a year",
            "assumed",
            "decided",
            "owner",
            "due",
        ]
        writer.writerow([*head, "overdue", "requires", "against", "requirements"])
        for one, task in tasks:
            made, option = task.option.implementation, task.option
            row = [
                one.phase.name,
                one.phase.until,
                option.id,
                made.control or "",
                option.name,
                ", ".join(made.protects),
            ]
            row += ["" if option.cost is None else f"{option.cost:g}", _yes(option.assumed), _yes(option.decided)]
            row += [task.owner, task.due, _yes(task.overdue), ", ".join(made.requires), ", ".join(option.threats)]
            writer.writerow(map(inert, [*row, ", ".join(task.requirements)]))
    return out.getvalue()


def _issue(assessment: Assessment, framework: Framework, one: Milestone, task: Task) -> dict[str, Any]:
    return {"title": _title(task), "body": _body(assessment, framework, task), "labels": list(_labels(one, task))}


def _title(task: Task) -> str:
    return f"{task.option.name}: {', '.join(task.option.implementation.protects)}"[:250]


def _labels(one: Milestone, task: Task) -> tuple[str, str]:
    return "ai-security", one.phase.name.replace(" ", "-")


def _body(assessment: Assessment, framework: Framework, task: Task) -> str:
    system, option = assessment.compiled.system, task.option
    lines = [option.control.meaning if option.control is not None else option.name]
    lines.append(f"On: {', '.join(system.name_of(one) for one in option.implementation.protects)}.")
    if option.threats:
        names = [assessment.compiled.catalogue.patterns[one].name for one in option.threats]
        lines.append(f"Against: {', '.join(names)}.")
    if option.cost is not None:
        lines.append(f"Cost a year: {money(option.cost, system.currency)}{' (assumed)' if option.assumed else ''}.")
    for requirement in task.requirements:
        lines.append(f"Bears on {requirement} {framework.control_by_id[requirement].title}.")
    lines.append(f"Measure {option.id} of system {system.id}.")
    return "\n".join(lines)


def _yes(value: bool) -> str:
    return "yes" if value else ""
