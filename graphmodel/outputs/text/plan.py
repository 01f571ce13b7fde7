"""The output of ``graphmodel plan`` as text: the best set, its order, the frontier, and what leaves no path."""

from __future__ import annotations

from collections.abc import Sequence

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.explain import hop
from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.plan import plan_assumptions
from graphmodel.outputs.text.figures import chance, folded, table
from graphmodel.outputs.text.paths import hop_text
from graphmodel.outputs.wording import estimated, few, money
from graphmodel.planning.breaking import BreakPlan
from graphmodel.planning.budgets import Best
from graphmodel.planning.options import Field, Option
from graphmodel.planning.plan import Plan


def plan_text(assessment: Assessment, found: Plan | None, broken: BreakPlan | None, frontier: bool) -> str:
    """The output of ``graphmodel plan``."""
    parts: list[str] = []
    if broken is not None:
        parts += [*_break_text(assessment, broken), ""]
    if found is not None:
        parts += [*_budget_text(assessment, found, frontier), ""]
    parts += ["These plans rest on:", *(f"- {one}" for one in plan_assumptions(assessment, found, broken))]
    return folded("\n".join(parts))


def _budget_text(assessment: Assessment, found: Plan, frontier: bool) -> list[str]:
    currency, per = assessment.compiled.system.currency, assessment.period
    parts = [f"Expected loss per {per} as things stand: {estimated(found.now, currency)}"]
    best = found.best
    if best is None:
        decided = found.field.choices.total(found.field.choices.decided)
        least = f"the decided measures alone cost {money(decided, currency)} a year"
        parts.append(f"No plan for {money(found.budget or 0.0, currency)} a year: {least}.")
    else:
        why = f"the budget of {money(found.budget, currency)} a year" if found.budget is not None else _unasked(per)
        parts.append(
            f"Best set for {why}: costs {money(best.cost, currency)} a year, "
            f"loss {estimated(found.loss, currency)}, saves {estimated(found.saved, currency)}"
        )
        parts += [
            _proven(best, currency, found.exact),
            "",
            table(
                [
                    [
                        one.option.id,
                        one.option.name,
                        few(one.option.implementation.protects),
                        _status(one.option),
                        _cost(one.option, currency),
                        estimated(one.alone, currency),
                        estimated(one.last, currency),
                        few(one.option.threats) or "the loss, once it happens",
                    ]
                    for one in found.chosen
                ],
                ["measure", "control", "on", "status", "a year", "saves alone", "lost without it", "against"],
            ),
            "",
            "Order (most saved per cost next; a rule, not an optimum)",
            table(
                [
                    [
                        stage.phase,
                        " + ".join(one.id for one in stage.measures),
                        money(stage.cost, currency),
                        estimated(stage.loss, currency),
                    ]
                    for stage in found.order
                ],
                ["phase", "take", "cost by then", "loss then"],
            ),
        ]
    if frontier and found.frontier:
        parts += ["", f"Frontier: cost a year against expected loss per {per}", _frontier_table(found, currency)]
    parts += _apart(found.field)
    return parts


def _unasked(per: str) -> str:
    return "the least sum of yearly cost and yearly loss" if per == "year" else "the least loss of a campaign"


def _proven(best: Best, currency: str, exact: bool) -> str:
    where = "" if exact else " in the simulated worlds"
    if best.optimal:
        return f"Proven{where}: no set of the measures considered loses less at this cost or below (gap 0)."
    return (
        f"Proven{where}: no set of the measures considered loses less than {money(best.bound, currency)} at this cost "
        f"or below; the gap is {money(best.gap, currency)} at most."
    )


def _frontier_table(found: Plan, currency: str) -> str:
    rows = []
    before = frozenset[str]()
    for point in found.frontier:
        chosen = point.best.chosen
        change = [f"+{one}" for one in sorted(chosen - before)] + [f"-{one}" for one in sorted(before - chosen)]
        rows.append(
            [
                money(point.best.cost, currency),
                estimated(point.loss, currency),
                estimated(point.saved, currency),
                "0" if point.best.optimal else money(point.best.gap, currency),
                " ".join(change) or "nothing",
            ]
        )
        before = chosen
    return table(rows, ["cost", "loss", "saves", "gap", "change from the row above"])


def _break_text(assessment: Assessment, found: BreakPlan) -> list[str]:
    currency, answer = assessment.compiled.system.currency, found.found
    parts = [f"Leave no path to {', '.join(found.targets)} for {', '.join(found.actors)}"]
    parts += [f"- {actor} holds {fact} by position: there is no path to break." for actor, fact in found.by_position]
    if found.chosen is None:
        parts.append("No set of measures does that.")
        if found.path is None:
            parts.append("Only measures that exclude each other would; see “excludes” in the model.")
        else:
            actor, path = found.path
            pairs = [f"{fact} ({found.actors[number]})" for number, fact in answer.open]
            parts.append(f"Reached with every possible measure holding: {', '.join(pairs)}")
            parts.append(f"One path of {actor} to {path.target} that no measure breaks:")
            graph, skill = graph_in(assessment, actor, View.RESIDUAL), assessment.actor_by_id[actor].actor.skill
            parts += [
                hop_text(number, hop(assessment, graph, step, skill)) for number, step in enumerate(path.steps, start=1)
            ]
        return [*parts, *_apart(found.field)]
    if not found.chosen:
        parts.append("Nothing needs to be added: with the implemented controls holding no path is left.")
    else:
        parts.append(
            f"Cheapest set: costs {money(answer.cost, currency)} a year. While all of it holds, no path is left"
            + (" and no measure that is still open can be dropped." if found.minimal else ".")
        )
        parts.append(
            "Proven: no cheaper set of the measures does it."
            if answer.optimal
            else f"Proven: no set costs less than {money(answer.bound, currency)}."
        )
        rows = [
            [one.id, one.name, few(one.implementation.protects), _status(one), _cost(one, currency), few(one.threats)]
            for one in found.chosen
        ]
        parts += ["", table(rows, ["measure", "control", "on", "status", "a year", "against"])]
    if found.relies_on:
        parts += ["", f"It relies on these implemented controls as well: {', '.join(found.relies_on)}"]
    rows = [[one.target, chance(one.now), chance(one.then)] for one in found.remaining]
    parts += ["", "No measure holds for sure. Likelihood of the worst actor's campaign:"]
    parts.append(table(rows, ["fact", "as things stand", "with this set"]))
    return [*parts, *_apart(found.field)]


def _apart(given: Field) -> list[str]:
    parts: list[str] = []
    if given.unpriced:
        parts += ["", "Without a cost, so not in the sums or not chosen; give them one in the model or the settings:"]
        parts.append(f"  {_names(given.unpriced)}")
    if given.unmet:
        parts += ["", "Cannot be chosen, for what they require or exclude:", f"  {_names(given.unmet)}"]
    return parts


def _names(options: Sequence[Option]) -> str:
    return few([one.id for one in options], 10)


def _status(one: Option) -> str:
    return f"{one.status}, decided" if one.decided else one.status


def _cost(one: Option, currency: str) -> str:
    if one.cost is None:
        return "unknown"
    return money(one.cost, currency) + (" (assumed)" if one.assumed else "")
