"""The output of ``graphmodel paths`` as text: attack paths hop by hop, and choke points."""

from __future__ import annotations

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.explain import Hop, hop
from graphmodel.assessment.paths import AttackPaths, route_of
from graphmodel.assessment.results import Assessment
from graphmodel.outputs.text.figures import chance, folded
from graphmodel.outputs.wording import UNMARKED, reason
from graphmodel.reading.printable import printable


def hop_text(number: int, one: Hop) -> str:
    """One hop of a path, with the reason for its chance and the controls that it meets."""
    lines = [f"  {number:>2}. {' + '.join(one.needs)} → {one.gains}   {one.passes:.3g}   {one.name}"]
    lines += [f"        over {link.words}" for link in one.over]
    if one.techniques:
        lines.append(f"        {', '.join(one.techniques)}")
    if not one.consequence or one.chance < 1:
        lines.append(f"        {one.because}{_bracketed(one.basis, one.source)}")
    for met in one.controls:
        share = f", coverage {met.coverage:g}" if met.coverage < 1 else ""
        lines.append(f"        meets {met.id}: holds {met.holds:.3g}{share} ({met.because})")
        if met.source:
            lines.append(f"          its strength: {reason(met.basis, met.source)}")
    return "\n".join(map(printable, lines))


def _bracketed(basis: str, source: str) -> str:
    said = reason(basis, source)
    return f" ({said})" if said else ""


def paths_text(assessment: Assessment, found: AttackPaths) -> str:
    """The output of ``graphmodel paths``."""
    parts = []
    for one in found.targets:
        parts.append(f"{one.actor} to {one.target}: likelihood {chance(one.likelihood)} ({found.view})")
        if not one.paths:
            parts.append("  no way leads there")
        graph = graph_in(assessment, one.actor, found.view)
        skill = assessment.actor_by_id[one.actor].actor.skill
        for rank, path in enumerate(one.paths, start=1):
            parts.append(f" path {rank}, chance {path.chance:.3g}: {' → '.join(route_of(assessment, path))}")
            parts += [
                hop_text(number, hop(assessment, graph, step, skill)) for number, step in enumerate(path.steps, start=1)
            ]
        if one.paths:
            parts.append(f" choke points on the way there: {', '.join(one.choke_points) or 'none'}")
        parts.append("")
    for actor, assets in found.choke_points.items():
        if sum(one.actor == actor for one in found.targets) > 1:
            parts.append(f"Choke points of {actor}, to all of its targets: {', '.join(assets) or 'none'}")
    return folded("\n".join([*parts, UNMARKED]))
