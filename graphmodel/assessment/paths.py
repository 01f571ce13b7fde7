"""Attack paths of an assessment: the facts that are meant, the most probable paths to them, and choke points."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.results import HARMS, Assessment
from graphmodel.binding.attackgraph import entry_facts
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.paths import Path, PathFinder, best_paths, choke_points_of_each
from graphmodel.knowledge.vocabulary import Capability, View
from graphmodel.model.names import by_id_or_name

_FINDERS = 4  # graphs in numbers that are kept of an assessment, for the next question
_finders: WeakKeyDictionary[Assessment, dict[tuple[str, View], PathFinder]] = WeakKeyDictionary()
_BY_DEFAULT = (  # of an asset without a loss, the first of these that can be had
    Capability.RUN,
    Capability.WRITE,
    Capability.READ,
    Capability.DENY,
    Capability.HIJACK,
    Capability.STEER,
    Capability.INFER,
    Capability.SPEND,
)


@dataclass(frozen=True)
class TargetPaths:
    """The most probable paths of an actor to one fact, none where nothing leads there, and the assets that all paths
    there run through."""

    actor: str
    target: str
    likelihood: Estimate
    paths: tuple[Path, ...]
    choke_points: tuple[str, ...] = ()


@dataclass(frozen=True)
class AttackPaths:
    """How actors get to targets; ``choke_points`` are, by actor, the assets that all its paths to any target run
    through."""

    view: View
    targets: tuple[TargetPaths, ...]
    choke_points: Mapping[str, tuple[str, ...]]


def attack_paths(
    assessment: Assessment,
    selector: str | None = None,
    actor: str | None = None,
    k: int = 3,
    view: View = View.RESIDUAL,
) -> AttackPaths:
    """The k most probable paths to each fact that a selector means, of one actor or of each target's worst.

    Raises ``KeyError`` with a message where ``find_targets`` does.
    """
    found: list[TargetPaths] = []
    by_actor: dict[str, dict[str, tuple[Path, ...]]] = {}
    for fact in find_targets(assessment, selector):
        worst, _ = assessment.worst(fact, view)
        one = actor or (worst.actor.id if worst else None)
        if one is not None:
            likelihood = assessment.actor_by_id[one].likelihood(fact, view)
            ways = paths_to(assessment, one, fact, k, view)
            found.append(TargetPaths(one, fact, likelihood, ways))
            by_actor.setdefault(one, {})[fact] = ways
    chokes = {one: _choke_points(assessment, one, ways, view) for one, ways in sorted(by_actor.items())}
    told = (replace(one, choke_points=chokes[one.actor].get(one.target, ())) for one in found)
    return AttackPaths(view, tuple(told), {one: _shared(each) for one, each in chokes.items()})


def reachable_facts(assessment: Assessment) -> tuple[str, ...]:
    """Every fact that is worth a look: those with a loss, then all harms that any actor can do without controls."""
    harms = sorted(f"{one.asset.id}:{harm}" for one in assessment.assets for harm in HARMS)
    open_ = [fact for fact in harms if assessment.worst(fact, View.INHERENT)[1].value > 0]
    return tuple(dict.fromkeys([*(risk.fact for risk in assessment.risks), *open_]))


def find_targets(assessment: Assessment, selector: str | None = None) -> tuple[str, ...]:
    """The facts that a selector means: a fact, an asset (by id or name), ``tag:NAME``; without one, every loss.

    For an asset these are its facts with a loss, or else the strongest capability that an actor
    can come to. Raises ``KeyError`` with a message when nothing has that name.
    """
    if selector is None:
        return tuple(risk.fact for risk in assessment.risks)
    system = assessment.compiled.system
    if selector.startswith("tag:"):
        tagged = [asset.id for asset in system.assets if selector.removeprefix("tag:") in asset.tags]
        if not tagged:
            raise KeyError(f"no asset has the tag “{selector.removeprefix('tag:')}”.")
        return tuple(fact for asset in sorted(tagged) for fact in _of_asset(assessment, asset))
    asset, _, capability = selector.rpartition(":")
    if asset in assessment.compiled.elements and capability in list(Capability):
        return (selector,)
    try:
        if capability in list(Capability):
            return (f"{by_id_or_name(asset, system.assets, 'asset')}:{capability}",)
        return _of_asset(assessment, by_id_or_name(selector, system.assets, "asset"))
    except KeyError as error:
        raise KeyError(f"{error.args[0]} Write an asset, asset:capability or tag:NAME.") from None


def _of_asset(assessment: Assessment, asset: str) -> tuple[str, ...]:
    own = tuple(
        risk.fact for risk in assessment.risks if risk.held.asset == asset and assessment.worst(risk.fact)[1].value > 0
    )
    if own:
        return own
    for capability in _BY_DEFAULT:
        if assessment.worst(f"{asset}:{capability}", View.INHERENT)[1].value > 0:
            return (f"{asset}:{capability}",)
    return (f"{asset}:{Capability.RUN}",)


def paths_to(
    assessment: Assessment, actor: str, target: str, k: int = 5, view: View = View.RESIDUAL
) -> tuple[Path, ...]:
    """The k most probable paths of an actor to a fact."""
    return _finder(assessment, actor, view).best(target, k)


def _finder(assessment: Assessment, actor: str, view: View) -> PathFinder:
    kept = _finders.setdefault(assessment, {})
    finder = kept.pop((actor, view), None) or PathFinder(graph_in(assessment, actor, view), assessment.certain)
    kept[actor, view] = finder
    for oldest in list(kept)[:-_FINDERS]:
        kept.pop(oldest, None)
    return finder


def paths_under(assessment: Assessment, graph: AttackGraph, target: str, k: int = 5) -> tuple[Path, ...]:
    """The k most probable paths in a graph, such as one with controls switched."""
    return best_paths(graph, target, k, trivial=assessment.certain)


def route_of(assessment: Assessment, path: Path) -> tuple[str, ...]:
    """The assets that a path runs through, in order, each once."""
    known = assessment.compiled.system.asset_by_id
    assets = (step.gains.rpartition(":")[0] for step in path.steps)
    return tuple(dict.fromkeys(one for one in assets if one in known))


def choke_points(
    assessment: Assessment, actor: str, targets: Collection[str], view: View = View.RESIDUAL
) -> tuple[str, ...]:
    """Assets that every path of the actor to any of the targets runs through.

    The assets of the targets themselves, and those that the actor enters by, are not counted.
    """
    ways = {target: paths_to(assessment, actor, target, 1, view) for target in targets}
    return _shared(_choke_points(assessment, actor, ways, view))


def _choke_points(
    assessment: Assessment, actor: str, ways: Mapping[str, Sequence[Path]], view: View
) -> dict[str, tuple[str, ...]]:
    """For each target to which there are ways the assets that every path of the actor to it runs through."""
    compiled, graph = assessment.compiled, _finder(assessment, actor, view).graph
    entered = {fact.rpartition(":")[0] for fact in entry_facts(compiled, assessment.actor_by_id[actor].actor)}
    groups: dict[str, list[str]] = {}
    for fact in graph.facts:
        asset = fact.rpartition(":")[0]
        if asset in compiled.system.asset_by_id and asset not in entered:
            groups.setdefault(asset, []).append(fact)
    each = choke_points_of_each(graph, {target: paths for target, paths in ways.items() if paths}, groups)
    return {target: tuple(one for one in found if one != target.rpartition(":")[0]) for target, found in each.items()}


def _shared(each: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """What all targets have in common, but for the assets of the targets themselves."""
    if not each:
        return ()
    own = {target.rpartition(":")[0] for target in each}
    return tuple(sorted(set[str].intersection(*map(set, each.values())) - own))
