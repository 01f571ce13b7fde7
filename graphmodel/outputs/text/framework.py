"""The assessment framework as the Markdown tables of ``docs/framework.md``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tabulate import tabulate

from graphmodel.knowledge.framework import EDITIONS, Area, AttackPrior, Framework


def framework_markdown(framework: Framework) -> str:
    """Areas, requirements, counterparts, facts, severity criteria, attacks and failure modes, a table each."""
    controls = list(framework.controls())
    facts = [[f"`{one.id}`", one.ask, one.explanation] for one in framework.facts]
    asked = [
        [one.id, one.title, one.asks, len(one.items), len(one.threats), ", ".join(one.attacks) or "–"]
        for one in controls
    ]
    counterparts = [
        [one.id, *("; ".join(one.counterparts.get(edition, ())) or "–" for edition in EDITIONS)] for one in controls
    ]
    criteria = [
        [one.id, one.severity, one.text, " and ".join(f"`{fact}`" for fact in (one.fact, *one.needs))]
        for one in framework.criteria
    ]
    modes = [
        [one.id, one.title, "yes" if one.intentional else "no", one.harms or "–", one.note]
        for one in framework.failure_modes
    ]
    rated = ("likelihood", "impact", "exploitability")
    parts = ("area", "title", "from", "requirements", "items", "objective")
    return "\n\n".join(
        (
            _block("Areas", parts, map(_area, framework.areas)),
            _block("Requirements", ("id", "title", "asks", "items", "threats", "attacks"), asked),
            _block("Counterparts", ("id", *(f"`{edition}`" for edition in EDITIONS)), counterparts),
            _block("Facts", ("fact", "question", "meaning"), facts),
            _block("Severity", ("criterion", "severity", "it holds where", "facts"), criteria),
            _block("Attacks", ("id", "attack", *rated, "threats", "modes", "note"), map(_attack, framework.attacks)),
            _block("Failure modes", ("id", "title", "intentional", "harms", "note"), modes),
        )
    )


def _area(one: Area) -> list[object]:
    items = sum(len(control.items) for control in one.controls)
    return [one.id, one.title, "this program" if one.ours else "source", len(one.controls), items, one.objective]


def _attack(one: AttackPrior) -> list[object]:
    rated = (level or "not rated" for level in (one.likelihood, one.impact, one.exploitability))
    return [f"`{one.id}`", one.title, *rated, len(one.threats), ", ".join(one.failure_modes), one.note]


def _block(title: str, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    said = [[str(cell) for cell in row] for row in rows]
    return f"### {title}\n\n" + tabulate(said, headers=headers, tablefmt="pipe", disable_numparse=True)
