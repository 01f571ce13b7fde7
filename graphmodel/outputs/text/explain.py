"""The output of ``graphmodel explain`` as text."""

from __future__ import annotations

from graphmodel.assessment.explain import Explanation
from graphmodel.assessment.results import Assessment
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.text.figures import chance, folded
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
            parts.append(f"  by {way.name}: {way.passes:.3g}, once {held or 'started'}")
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
