"""The output of ``graphmodel explain`` as text."""

from __future__ import annotations

from collections.abc import Sequence

from graphmodel.assessment.diagnosis import Diagnosis
from graphmodel.assessment.explain import Explanation
from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.text.figures import chance, figure, folded, table
from graphmodel.outputs.text.paths import hop_text
from graphmodel.outputs.wording import UNMARKED, reason
from graphmodel.reading.printable import printable


def explanation_text(assessment: Assessment, explanation: Explanation) -> str:
    """The output of ``graphmodel explain``."""
    parts = []
    for why in explanation.facts:
        numbers = ", ".join(f"{view} {chance(why.likelihood[view])}" for view in View)
        parts.append(f"{why.fact}: {numbers}; worst actor {why.actor}")
        for way, needs in why.ways:
            held = ", ".join(f"{need} {chance(one)}" for need, one in needs.items())
            parts.append(printable(f"  by {way.name}: {way.passes:.3g}, once {held or 'started'}"))
            parts += [printable(f"     over {link.words}") for link in way.over]
            parts.append(printable(f"     {way.because}"))
            if way.basis or way.source:
                parts.append(printable(f"       {reason(way.basis, way.source)}"))
            for met in way.controls:
                parts.append(printable(f"     meets {met.id}: holds {met.holds:.3g} ({met.because})"))
                if met.source:
                    parts.append(printable(f"       its strength: {reason(met.basis, met.source)}"))
        if why.path is not None:
            parts.append(f"  likeliest path, chance {why.path.chance:.3g}:")
            parts += [hop_text(number, one) for number, one in enumerate(why.hops, start=1)]
        parts.append("")
    parts = [*parts, UNMARKED] if parts else [f"Nothing can happen to {explanation.asset}: no actor comes to it."]
    return folded("\n".join(parts))


def diagnosis_text(selector: str, found: Sequence[Diagnosis], rows: int = 15) -> str:
    """The output of ``graphmodel explain --given``, with so many steps of each fact."""
    parts = []
    for one in found:
        parts.append(f"Given that {one.actor} comes to {one.fact} ({chance(one.likelihood)}):")
        if one.steps:
            steps = [
                [chance(step.chance), chance(step.before), printable(step.name), step.gains]
                for step in one.steps[:rows]
            ]
            parts += ["", table(steps, ["carried out", "anyway", "threat", "gains"])]
        if len(one.steps) > rows:
            parts.append(f"and {len(one.steps) - rows} less likely; --json has them all")
        if one.controls:
            controls = [[chance(each.chance), figure(each.before), each.id] for each in one.controls]
            parts += ["", table(controls, ["had failed", "anyway", "control"])]
        parts.append("")
    parts = [*parts, UNMARKED] if parts else [f"Nothing is known of “{selector}”: no actor comes to it."]
    return folded("\n".join(parts))
