"""From results to drawings: the map of a system by zones, and attack paths from left to right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from graphmodel.assessment.explain import Hop, hop
from graphmodel.assessment.results import Assessment
from graphmodel.drawing.graphs import GraphDrawing, GraphEdge, GraphNode, GraphZone, box_size, zone_label_width
from graphmodel.drawing.layout import LayoutEdge, LayoutNode, LayoutZone, Positions, Route, layered, zoned
from graphmodel.drawing.theme import kind_of, tone_of_band
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.paths import Path
from graphmodel.knowledge.vocabulary import View
from graphmodel.model.system import Dependency, Flow
from graphmodel.outputs.wording import estimated, percent, share

MOST_NODES = 150
_MOST_HIDDEN = 50  # of what is drawn with all data only
_RIGHTS, _MOST_RIGHTS = frozenset({"mayRead", "mayWrite"}), 2  # drawn of one asset, where nothing else ties it


@dataclass(frozen=True)
class MapView:
    """A drawn map, and how much of the system it shows."""

    drawing: GraphDrawing
    shown: int
    total: int


def system_map(
    assessment: Assessment,
    zones: Collection[str] = (),
    with_data: bool = False,
    view: View = View.RESIDUAL,
    whole: bool = False,
) -> MapView:
    """The assets and actors of the chosen zones (all without a choice), joined by flows.

    Data, packages and prompts are drawn where something is lost with them, the others ``with_data``
    only; that moves nothing else. Of a large system the assets with the largest expected loss and
    likelihood are drawn, or all of it where ``whole`` is true.
    """
    compiled, system, catalogue = assessment.compiled, assessment.compiled.system, assessment.compiled.catalogue
    inside = {asset for zone in zones for asset in system.members.get(zone, ())}
    ends = {end for flow in system.flows for end in (flow.origin, flow.target)}
    candidates = [one for one in assessment.assets if not zones or one.asset.id in inside]
    candidates.sort(key=lambda one: (-one.expected[view].value, -one.likelihood[view].value, one.asset.id))
    always = {
        one.asset.id
        for one in candidates
        if one.risk or one.asset.id in ends or catalogue.is_any(one.asset.type, ("Component", "Person"))
    }
    ranked = [one for one in candidates if one.asset.id in always][: None if whole else MOST_NODES]
    hidden = [one for one in candidates if one.asset.id not in always][: None if whole else _MOST_HIDDEN]
    actors = [one for one in system.actors if not zones or one.zone in zones or one.zone is None]
    boxes: dict[str, tuple[float, float]] = {}
    captions: dict[str, str] = {}
    for one in (*ranked, *hidden):
        captions[one.asset.id] = catalogue.types[one.asset.type].label
        boxes[one.asset.id] = box_size(one.asset.name, captions[one.asset.id])
    for actor in actors:
        captions[actor.id] = f"{actor.kind}, {actor.skill}"
        boxes[actor.id] = box_size(actor.name, captions[actor.id])
    widest = max((width for width, _ in boxes.values()), default=0.0)
    boxes = {one: (widest, height) for one, (_, height) in boxes.items()}
    edges = _map_edges(assessment, boxes, True)
    shown = {one.asset.id for one in ranked} | {one.id for one in actors}
    aside = set(boxes) - shown
    aside |= {edge.id for edge in edges} - {edge.id for edge in _map_edges(assessment, shown, False)}
    used = {zone for one in boxes for zone in system.zone_chain(system.zone_of(one))}
    placed = zoned(
        [LayoutNode(one, *boxes[one], zone=system.zone_of(one)) for one in boxes],
        [LayoutEdge(edge.id, edge.source, edge.target) for edge in edges],
        [
            LayoutZone(zone.id, zone.parent, zone.trust, zone_label_width(_zone_label(zone.name, zone.trust)))
            for zone in system.zones
            if zone.id in used
        ],
        aside=aside,
        with_aside=with_data,
    )
    if with_data:
        ranked += hidden
    else:
        edges = [edge for edge in edges if edge.id not in aside]
    nodes = []
    for one in ranked:
        likelihood = one.likelihood[view]
        band = compiled.settings.likelihood_band(likelihood.value)
        nodes.append(
            GraphNode(
                one.asset.id,
                one.asset.name,
                *placed.nodes[one.asset.id],
                *boxes[one.asset.id],
                kind=kind_of(one.asset.type, catalogue.types[one.asset.type].ancestors),
                tone=tone_of_band(band) if likelihood.value > 0 else "plain",
                caption=captions[one.asset.id],
                title=f"{captions[one.asset.id]}\nlikelihood {percent(likelihood)} ({band})"
                + (
                    f"\nexpected loss {estimated(one.expected[view], system.currency)}"
                    if one.expected[view].value
                    else ""
                ),
                mark=one.risk,
            )
        )
    for actor in actors:
        nodes.append(
            GraphNode(
                actor.id,
                actor.name,
                *placed.nodes[actor.id],
                *boxes[actor.id],
                kind="actor",
                caption=captions[actor.id],
                title=actor.description,
            )
        )
    depth = {zone.id: len(tuple(system.zone_chain(zone.id))) - 1 for zone in system.zones}
    names = {zone.id: _zone_label(zone.name, zone.trust) for zone in system.zones}
    areas = tuple(
        GraphZone(id_, names.get(id_, "Outside any zone"), rect.x, rect.y, rect.width, rect.height, depth.get(id_, 0))
        for id_, rect in placed.zones.items()
    )
    routed = tuple(_routed(edge, placed.routes) for edge in edges)
    legend = tuple((tone_of_band(band), f"{band} likelihood") for band, _ in compiled.settings.likelihood_bands)
    drawing = GraphDrawing(
        tuple(nodes),
        routed,
        areas,
        (*legend, ("danger", "line: crosses a boundary in the open")),
        f"Map of {system.name}",
    )
    return MapView(drawing, len(ranked), len(system.assets))


def _zone_label(name: str, trust: int | None) -> str:
    return name if trust is None else f"{name} · trust {trust}"


def _map_edges(assessment: Assessment, boxes: Collection[str], with_data: bool) -> list[GraphEdge]:
    system = assessment.compiled.system
    edges = []
    for flow in system.flows:
        if flow.origin in boxes and flow.target in boxes:
            open_flow = system.crosses_boundary(flow) and not (flow.authenticated and flow.encrypted)
            said = [
                word for word, value in (("authenticated", flow.authenticated), ("encrypted", flow.encrypted)) if value
            ]
            carries = ", ".join(system.name_of(one) for one in (*flow.carries, *flow.returns))
            title = "\n".join(
                part
                for part in (
                    ", ".join(said) or "not known to be authenticated or encrypted",
                    f"carries {carries}" if carries else "",
                    flow.description,
                )
                if part
            )
            edges.append(
                GraphEdge(
                    f"flow {flow.id}",
                    flow.origin,
                    flow.target,
                    flow.name or _unnamed(assessment, flow),
                    "danger" if open_flow else "plain",
                    title=title,
                )
            )
    inside = [one for one in system.dependencies if one.origin in boxes and one.target in boxes]
    for one in inside if with_data else _ties(assessment, inside):
        label = assessment.compiled.catalogue.relations[one.relation].label
        edges.append(GraphEdge(f"dependency {one.id}", one.origin, one.target, label, "muted", dashed=True))
    unique = {edge.id: edge for edge in edges}
    return list(unique.values())


def _ties(assessment: Assessment, dependencies: Sequence[Dependency]) -> list[Dependency]:
    """The dependencies that show where that lies which is at stake and no flow joins. Who has a right to it is left
    out where something else ties it, and of many rights to one asset the first few are enough."""
    system = assessment.compiled.system
    joined = {end for flow in system.flows for end in (flow.origin, flow.target)}
    at_stake = {one.asset.id for one in assessment.assets if one.risk} - joined
    found = [one for one in dependencies if {one.origin, one.target} & at_stake]
    lies = {end for one in found if one.relation not in _RIGHTS for end in (one.origin, one.target)}
    rights: Counter[str] = Counter()
    kept = []
    for one in found:
        loose = {one.origin, one.target} & at_stake - lies
        if one.relation not in _RIGHTS or any(rights[end] < _MOST_RIGHTS for end in loose):
            kept.append(one)
            rights.update(loose if one.relation in _RIGHTS else ())
    return kept


def _unnamed(assessment: Assessment, flow: Flow) -> str:
    """What an unnamed flow is called: by what it carries, or how it is related; that it sends is plain to see."""
    system = assessment.compiled.system
    carried = ", ".join(system.name_of(one) for one in flow.carries)
    plain = flow.relation == "sendsTo"
    return carried or ("" if plain else assessment.compiled.catalogue.relations[flow.relation].label)


def _routed(edge: GraphEdge, routes: Mapping[str, Route]) -> GraphEdge:
    return replace(edge, route=routes.get(edge.id, ()))


def paths_drawing(
    assessment: Assessment,
    graph: AttackGraph,
    actor: str,
    paths: Sequence[Path],
    chosen: int | None = None,
    downwards: bool = False,
) -> GraphDrawing:
    """The paths as one graph: threats with what they gain, and the assets that they lead through.

    Consequences are dashed lines; those within one asset are not drawn. ``chosen`` is the number of
    the path whose lines stand out; ``downwards`` draws from top to bottom, as fits a page. Ids of nodes are those of
    facts and steps.
    """
    compiled, skill = assessment.compiled, assessment.actor_by_id[actor].actor.skill
    shown: dict[str, GraphNode] = {}
    edges: dict[str, GraphEdge] = {}
    on_chosen = {step.id for step in paths[chosen].steps} if chosen is not None and chosen < len(paths) else set()
    targets = {path.target for path in paths}

    def add(id_: str, label: str, caption: str, kind: str, tone: str, title: str) -> None:
        if id_ not in shown:
            shown[id_] = GraphNode(
                id_,
                label,
                0,
                0,
                *box_size(label, caption, max_width=290),
                kind=kind,
                tone=tone,
                caption=caption,
                title=title,
            )

    def add_fact(fact: str) -> None:
        if fact.startswith("actor@"):
            one = assessment.actor_by_id[actor].actor
            add(fact, one.name, f"{one.kind}, {one.skill}", "actor", "plain", one.description)
            return
        element, _, capability = fact.rpartition(":")
        likelihood = assessment.actor_by_id[actor].likelihood(fact)
        kind = kind_of(compiled.elements[element], compiled.catalogue.types[compiled.elements[element]].ancestors)
        caption = f"{capability} · {percent(likelihood)}" if fact in targets else capability
        tone = "danger" if fact in targets else "plain"
        add(
            fact,
            compiled.system.name_of(element),
            caption,
            kind,
            tone,
            f"{capability}: likelihood {share(likelihood.value)} as things stand",
        )

    def add_step(one: Hop) -> None:
        tone = "ok" if one.controls else "plain" if one.consequence else "warn"
        where = compiled.system.name_of(one.asset)
        chance = share(one.chance) if one.passes == one.chance else f"{share(one.chance)} → {share(one.passes)}"
        met = [f"meets {met.name}, which holds with {share(met.holds)}" for met in one.controls]
        lines = [one.meaning, one.because, *met, ", ".join(one.techniques)]
        caption = f"{where}, {one.gains.rpartition(':')[2]}, {chance}"
        add(one.step, one.name, caption, "step", tone, "\n".join(text for text in lines if text))

    def line(source: str, target: str, step_id: str, dashed: bool, label: str = "") -> None:
        id_ = f"{source} → {target} ({step_id})"
        edges[id_] = GraphEdge(id_, source, target, label, "accent" if step_id in on_chosen else "plain", dashed)

    for path in paths:
        stands_for: dict[str, str] = {}
        for step in path.steps:
            one = hop(assessment, graph, step, skill)
            needs = step.needs or tuple(graph.start[:1])
            for fact in needs:
                if fact not in stands_for:
                    add_fact(fact)
                    stands_for[fact] = fact
            certain = one.consequence and len(needs) == 1 and one.passes == 1
            if not certain:
                add_step(one)
                for fact in needs:
                    line(stands_for[fact], step.id, step.id, False)
                stands_for[step.gains] = step.id
            elif step.gains not in targets and step.gains.rpartition(":")[0] == needs[0].rpartition(":")[0]:
                stands_for[step.gains] = stands_for[needs[0]]
                continue
            if certain or step.gains in targets:
                add_fact(step.gains)
                line(stands_for[needs[0]] if certain else step.id, step.gains, step.id, certain)
                stands_for[step.gains] = step.gains
    lines = [LayoutEdge(one.id, one.source, one.target) for one in edges.values()]
    if downwards:
        placed = _turned(layered([LayoutNode(one.id, one.height, one.width) for one in shown.values()], lines))
    else:
        placed = layered([LayoutNode(one.id, one.width, one.height) for one in shown.values()], lines)
    nodes = tuple(
        GraphNode(
            one.id,
            one.label,
            *placed.nodes[one.id],
            one.width,
            one.height,
            one.kind,
            one.tone,
            one.title,
            one.shape,
            one.caption,
        )
        for one in shown.values()
    )
    legend = (
        ("warn", "no control in force"),
        ("ok", "meets a control"),
        ("danger", "target"),
        ("accent", "selected path"),
    )
    routed = tuple(_routed(one, placed.routes) for one in edges.values())
    focus = paths[chosen if chosen is not None and chosen < len(paths) else 0].target if paths else ""
    return GraphDrawing(nodes, routed, (), legend, "Attack paths", focus)


def _turned(placed: Positions) -> Positions:
    """A layout from left to right as one from top to bottom."""
    nodes = {one: (x, y) for one, (y, x) in placed.nodes.items()}
    routes = {one: tuple((x, y) for y, x in route) for one, route in placed.routes.items()}
    return replace(placed, nodes=nodes, routes=routes, width=placed.height, height=placed.width)


def view_height(drawing: GraphDrawing, least: int = 260, most: int = 620) -> int:
    """A height in pixels in which a drawing is not lost and not cut."""
    bottoms = [node.y + node.height / 2 for node in drawing.nodes]
    tops = [node.y - node.height / 2 for node in drawing.nodes]
    return int(min(most, max(least, max(bottoms, default=0.0) - min(tops, default=0.0) + 190)))
