"""For who builds: the map, the best attack paths hop by hop, what is open, and what to put where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.explain import Hop, hop
from graphmodel.assessment.paths import TargetPaths, route_of
from graphmodel.engine.estimates import BOUND
from graphmodel.engine.paths import Path
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.drawings import paths_drawing, system_map
from graphmodel.outputs.wording import few, share
from graphmodel.posture.standards import technique_editions
from graphmodel.reports.document import Block, Heading, Note, Paragraph
from graphmodel.reports.figures import graph_figure
from graphmodel.reports.results import Results
from graphmodel.reports.risks import MOST_ROWS
from graphmodel.reports.summary import measure_row
from graphmodel.reports.texts import CODE, NUMBER, TEXT, likely, short, table, worth

_MAP_SIGNS = {
    "ok": ("L", "low likelihood to fall"),
    "warn": ("M", "medium"),
    "danger": ("H", "high; a red line crosses a boundary in the open"),
}
_PATH_SIGNS = {
    "warn": ("!", "no control in force"),
    "ok": ("C", "meets a control"),
    "danger": ("T", "target"),
}


def system(results: Results) -> Iterator[Block]:
    """The map by zones."""
    assessment = results.posture.assessment
    view = system_map(assessment)
    name = short(assessment.compiled.system.name, 160)
    yield Heading(2, "The system")
    caption = f"Map of {name}: assets by zone, with the likelihood that each falls in a campaign"
    alt = (
        f"{caption}. {len(view.drawing.nodes)} boxes in {len(view.drawing.zones)} zones, joined by "
        f"{len(view.drawing.edges)} flows; the likeliest assets are in the table before it."
    )
    likely_ = sorted(assessment.assets, key=lambda one: (-one.likelihood[View.RESIDUAL].value, one.asset.id))
    rows = [
        [one.asset.name, one.asset.type, one.band, likely(one.likelihood[View.RESIDUAL]), one.fact, one.actor]
        for one in likely_
        if one.likelihood[View.RESIDUAL].value > 0
    ]
    columns = [
        ("asset", TEXT),
        ("type", CODE),
        ("band", TEXT),
        ("likelihood", NUMBER),
        ("by", CODE),
        ("attacker", CODE),
    ]
    yield table("Assets most likely to fall", columns, rows, MOST_ROWS, "assess FILE")
    yield graph_figure(view.drawing, caption, alt, _MAP_SIGNS)
    if view.shown < view.total:
        left = view.total - view.shown
        yield Note(f"{left} data assets and assets with the least expected loss are not drawn.")


def paths(results: Results) -> Iterator[Block]:
    """The best path to each of the largest risks, hop by hop."""
    yield Heading(2, "Attack paths")
    yield _editions(results)
    told = [one for one in results.paths if one.paths]
    if not told:
        yield Paragraph("No attacker has a way to anything with a loss.")
    for one in told:
        yield from _path(results, one, one.paths[0])


def _path(results: Results, target: TargetPaths, path: Path) -> Iterator[Block]:
    assessment = results.posture.assessment
    described = assessment.compiled.system
    graph = graph_in(assessment, target.actor, View.RESIDUAL)
    skill = assessment.actor_by_id[target.actor].actor.skill
    element, _, capability = target.target.rpartition(":")
    who = assessment.actor_by_id[target.actor].actor.name
    route = map(described.name_of, route_of(assessment, path))
    title = short(f"{who} to {described.name_of(element)}: {capability}", 160)
    yield Heading(3, title)
    yield Paragraph(
        f"The likelihood of {capability} over all ways is {likely(target.likelihood)}; this way alone succeeds with "
        f"{share(path.chance)} (exact). It runs through {', '.join(route)}."
    )
    drawing = paths_drawing(assessment, graph, target.actor, [path], downwards=True)
    alt = f"Attack path: {title}, in {len(path.steps)} steps, which the table that follows tells one by one."
    yield graph_figure(drawing, f"The likeliest path of {title}", alt, _PATH_SIGNS)
    columns = [
        ("step", NUMBER), ("what the attacker does", TEXT), ("gains", CODE), ("succeeds", NUMBER),
        ("techniques", CODE), ("controls met", TEXT),
    ]  # fmt: skip
    rows = [_hop(number, hop(assessment, graph, step, skill)) for number, step in enumerate(path.steps, start=1)]
    yield table(f"Steps: {title}", columns, rows, MOST_ROWS, f"paths FILE --to {target.target}")


def _hop(number: int, one: Hop) -> list[str]:
    met = "; ".join(f"{control.name} ({control.id}), holds with {share(control.holds)}" for control in one.controls)
    chance = (
        share(one.passes) if one.passes == one.chance else f"{share(one.passes)}, without controls {share(one.chance)}"
    )
    return [
        str(number),
        one.name if one.consequence else f"{one.name}: {one.because}",
        one.gains,
        chance,
        few(_ids(one.techniques), 6),
        met or ("follows" if one.consequence else "none"),
    ]


def _ids(techniques: Sequence[str]) -> list[str]:
    """Ids of techniques without their editions, which are named once for all tables."""
    return list(dict.fromkeys(one.partition("@")[0] for one in techniques))


def _editions(results: Results) -> Paragraph:
    known = technique_editions(results.posture.assessment)
    return Paragraph(f"Ids of techniques are those of {', '.join(known)}.")


def open_steps(results: Results, only: tuple[str, ...] | None = None) -> Iterator[Block]:
    """Threats on a way to a loss that no control covers, on assets of these types or all; and flows in the open."""
    gaps, compiled = results.gaps, results.posture.assessment.compiled
    if gaps is None:
        return
    period, system = results.posture.assessment.period, compiled.system
    kept = [
        one for one in gaps.threats if only is None or compiled.catalogue.is_any(compiled.elements[one.asset], only)
    ]
    yield Heading(2, "Threats that no control covers")
    columns = [
        ("threat", TEXT), ("on", TEXT), (f"saves per {period} if impossible", NUMBER), ("techniques", CODE),
        ("controls that would cover it", CODE),
    ]  # fmt: skip
    rows = [
        [
            one.threat.name,
            system.name_of(one.asset)
            + (f", over {few([system.name_of(other) for other in one.others])}" if one.others else ""),
            worth(one.saves, system.currency) if one.saves.high > 0 or one.saves.method == BOUND else "nothing alone",
            few(_ids([technique.pinned for technique in one.threat.techniques])),
            few(one.controls, 5),
        ]
        for one in kept
    ]
    if rows:
        yield _editions(results)
        yield table("Open threats, by what their absence would save", columns, rows, MOST_ROWS, "gaps FILE")
    else:
        yield Paragraph("There are none.")
    if only is None and gaps.flows:
        columns = [("flow", CODE), ("from", TEXT), ("to", TEXT), ("missing", TEXT)]
        rows = [
            [
                one.flow.id,
                system.name_of(one.flow.origin),
                system.name_of(one.flow.target),
                ", ".join(one.missing) + ("" if one.stated else " (nobody has said)"),
            ]
            for one in gaps.flows
        ]
        yield table("Flows between zones in the open", columns, rows, MOST_ROWS, "gaps FILE")


def implement(results: Results) -> Iterator[Block]:
    """What to put in place, and where, the most saving first."""
    yield Heading(2, "What to put in place, and where")
    if not results.measures:
        yield Paragraph("No measure that this program knows would save anything here.")
        return
    period = results.posture.assessment.period
    columns = [
        ("control", TEXT), ("on", TEXT), ("status", TEXT), ("against", CODE), ("costs a year", NUMBER),
        (f"saves per {period}", NUMBER),
    ]  # fmt: skip
    rows = [measure_row(results, one) for one in results.measures]
    yield table("Measures, each alone; savings overlap", columns, rows, MOST_ROWS, "assess FILE")
