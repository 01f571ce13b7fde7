"""Attack paths as JSON, hop by hop; keys are documented in ``docs/cli.md``."""

from __future__ import annotations

from typing import Any

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.explain import Hop, hop
from graphmodel.assessment.paths import AttackPaths, route_of
from graphmodel.assessment.results import Assessment
from graphmodel.engine.paths import Path
from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.evidence import update_json


def paths_json(assessment: Assessment, found: AttackPaths) -> dict[str, Any]:
    """The output of ``graphmodel paths``."""
    return {
        "view": str(found.view),
        "reach": str(assessment.compiled.reach),
        "targets": [
            {
                "actor": one.actor,
                "target": one.target,
                "likelihood": one.likelihood.to_json("likelihood"),
                "paths": [
                    path_json(assessment, one.actor, path, rank, found.view) for rank, path in enumerate(one.paths, 1)
                ],
                "choke_points": list(one.choke_points),
            }
            for one in found.targets
        ],
        "choke_points": {actor: list(assets) for actor, assets in found.choke_points.items()},
    }


def path_json(assessment: Assessment, actor: str, path: Path, rank: int, view: View) -> dict[str, Any]:
    """One path with its hops."""
    graph, skill = graph_in(assessment, actor, view), assessment.actor_by_id[actor].actor.skill
    return {
        "actor": actor,
        "target": path.target,
        "rank": rank,
        "chance": path.chance,
        "route": list(route_of(assessment, path)),
        "hops": [hop_json(hop(assessment, graph, step, skill)) for step in path.steps],
    }


def hop_json(one: Hop) -> dict[str, Any]:
    """One step of a path; ``over`` is there where its pattern has several relations, ``evidence`` where tests count."""
    over = [
        {
            "from": {"part": link.origin.name, "elements": list(link.origin.elements)},
            "relation": link.relation,
            "to": {"part": link.target.name, "elements": list(link.target.elements)},
            "origins": list(link.origins),
        }
        for link in one.over
    ]
    return {
        "step": one.step,
        "threat": one.threat,
        "name": one.name,
        "asset": one.asset,
        "other": one.other,
        "needs": list(one.needs),
        "gains": one.gains,
        "chance": one.chance,
        "because": one.because,
        "basis": one.basis,
        "source": one.source,
        "controls": [
            {
                "id": met.id,
                "name": met.name,
                "holds": met.holds,
                "coverage": met.coverage,
                "because": met.because,
                "basis": met.basis,
                "source": met.source,
            }
            for met in one.controls
        ],
        "passes": one.passes,
        "techniques": list(one.techniques),
        "consequence": one.consequence,
        **({"over": over} if over else {}),
        **({"evidence": update_json(one.measured)} if one.measured is not None else {}),
    }
