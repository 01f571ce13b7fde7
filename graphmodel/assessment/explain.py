"""Explanations: the reason for each step's chance, and the steps that each fact of an asset comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphmodel.assessment.cases import graph_in
from graphmodel.assessment.measured import strength_because, three, update_because
from graphmodel.assessment.paths import paths_to
from graphmodel.assessment.results import Assessment
from graphmodel.binding.compiled import Compiled
from graphmodel.binding.evidence import Update
from graphmodel.binding.patterns import Binding
from graphmodel.engine.estimates import Estimate
from graphmodel.engine.graph import AttackGraph, Step
from graphmodel.engine.paths import Path
from graphmodel.knowledge.vocabulary import ASSET, Capability, Evidence, Range, Skill, View
from graphmodel.model.names import by_id_or_name
from graphmodel.reading.problems import an

_SAME = 1e-9  # two strengths that differ by less are one
_WITNESSES = 5  # elements of one part that are named


@dataclass(frozen=True)
class MetControl:
    """A control that covers a step: with which chance it holds against the step's threat, and how that comes about.

    ``basis`` and ``source`` are the catalogue's for the strength; empty where the model states one.
    """

    id: str
    name: str
    holds: float
    coverage: float
    because: str
    basis: str
    source: str


@dataclass(frozen=True)
class PartOf:
    """A part of a pattern: its name, and the ids of what stands there, several where any of them will do."""

    name: str
    elements: tuple[str, ...]


@dataclass(frozen=True)
class Related:
    """One relation that a step comes over: what makes it hold, and the whole in words."""

    origin: PartOf
    relation: str
    target: PartOf
    origins: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Hop:
    """One step in words. ``chance`` is before controls; ``passes`` after those that count in the view.

    ``over`` has the relations of a pattern with several; ``measured`` is what tests made of its chance.
    """

    step: str
    threat: str
    name: str
    meaning: str
    asset: str
    other: str | None
    gains: str
    needs: tuple[str, ...]
    chance: float
    because: str
    basis: str
    source: str
    controls: tuple[MetControl, ...]
    passes: float
    techniques: tuple[str, ...]
    consequence: bool
    over: tuple[Related, ...] = ()
    measured: Update | None = None


@dataclass(frozen=True)
class FactWhy:
    """One fact of an asset: its likelihood for its worst actor, the ways that lead to it, the best path."""

    fact: str
    actor: str
    likelihood: Mapping[View, Estimate]
    ways: tuple[tuple[Hop, Mapping[str, Estimate]], ...]
    path: Path | None
    hops: tuple[Hop, ...]


@dataclass(frozen=True)
class Explanation:
    """Everything that an asset's numbers rest on."""

    asset: str
    facts: tuple[FactWhy, ...]


def hop(assessment: Assessment, graph: AttackGraph, step: Step, skill: Skill) -> Hop:
    """One step of an actor's graph with the reason for its chance."""
    compiled = assessment.compiled
    passes = step.chance
    for cover in step.controls:
        passes *= 1.0 - graph.control_by_id[cover.control].holds * cover.coverage
    binding = compiled.binding_by_id.get(step.id)
    if binding is None:
        name = "Where the actor starts"
        because = "certain: this is the actor's position"
        asset = step.gains.rpartition(":")[0]
        return Hop(
            step=step.id,
            threat="",
            name=name,
            meaning="",
            asset=asset,
            other=None,
            gains=step.gains,
            needs=step.needs,
            chance=step.chance,
            because=because,
            basis="",
            source="",
            controls=(),
            passes=passes,
            techniques=(),
            consequence=True,
        )
    pattern = binding.pattern
    controls = tuple(_met(compiled, graph, cover.control, binding, skill) for cover in step.controls)
    return Hop(
        step=step.id,
        threat=pattern.id,
        name=pattern.name,
        meaning=pattern.meaning,
        asset=binding.asset,
        other=binding.other,
        gains=step.gains,
        needs=step.needs,
        chance=step.chance,
        because=chance_because(assessment, binding, skill),
        basis=pattern.basis,
        source=pattern.source,
        controls=controls,
        passes=passes,
        techniques=tuple(one.pinned for one in pattern.techniques),
        consequence=pattern.propagation,
        over=related(assessment, binding),
        measured=_update(compiled, binding, skill),
    )


def _update(compiled: Compiled, binding: Binding, skill: Skill) -> Update | None:
    overridden = (binding.pattern.id, binding.asset) in compiled.override_of
    return None if overridden else compiled.measurements.update(binding, skill)


def related(assessment: Assessment, binding: Binding) -> tuple[Related, ...]:
    """The relations of a step whose pattern has several, in the order of a walk from its asset."""
    if binding.pattern.simple:
        return ()
    compiled, found = assessment.compiled, []
    for link, origins in zip(binding.pattern.links, binding.ways, strict=True):
        origin, target = (PartOf(name, binding.ends[name]) for name in (link.origin, link.target))
        label = compiled.catalogue.relations[link.relation].label
        words = f"{_standing(assessment, origin)} {label} {_standing(assessment, target)}"
        found.append(Related(origin, link.relation, target, origins, words))
    return tuple(found)


def _standing(assessment: Assessment, part: PartOf) -> str:
    names = [assessment.compiled.system.name_of(one) for one in part.elements]
    shown = " or ".join(names[:_WITNESSES])
    more = f" or {len(names) - _WITNESSES} more" if len(names) > _WITNESSES else ""
    return f"{shown}{more}" if part.name == ASSET else f"{shown}{more} ({part.name})"


def chance_because(assessment: Assessment, binding: Binding, skill: Skill) -> str:
    """The arithmetic behind a step's chance, in one line, and for whom alone the pattern works."""
    kinds = f"; only for actors of the kind {' or '.join(binding.pattern.by)}" if binding.pattern.by else ""
    ways = assessment.compiled.ways_of.get((binding.gains, binding.trial), ()) if binding.trial else ()
    others = f"; one try with {len(ways) - 1} other way{'s' if len(ways) > 2 else ''} to it: {binding.pattern.trial}"
    return _arithmetic(assessment, binding, skill) + kinds + (others if len(ways) > 1 else "")


def _arithmetic(assessment: Assessment, binding: Binding, skill: Skill) -> str:
    compiled, pattern = assessment.compiled, binding.pattern
    used = compiled.chance(binding, skill)
    override = compiled.override_of.get((pattern.id, binding.asset))
    if override is not None:
        return f"set in the model to {three(used)}, mean {used.mean:.3g}: {override.reason}"
    update = compiled.measurements.update(binding, skill)
    stated = compiled.stated_chance(binding, skill)
    said = _stated(compiled, binding, skill, stated)
    return said if update is None else update_because(compiled, update, said)


def _stated(compiled: Compiled, binding: Binding, skill: Skill, used: Range) -> str:
    pattern = binding.pattern
    if pattern.propagation and used.low == 1:
        return "certain: it follows from what is held"
    if pattern.chance is not None:
        source, base = "the pattern's own chance", pattern.chance
    else:
        assert pattern.maturity is not None  # noqa: S101 - a pattern without chance has a maturity; the loader sees to it
        source = f"a {pattern.maturity} technique against {an(skill)} actor"
        base = compiled.settings.chance[pattern.maturity, skill]
    share = f" x prevalence {pattern.prevalence:g}" if pattern.prevalence != 1 else ""
    if share and binding.id in compiled.measurements.weaknesses:
        share = f" x 1, since the weakness was found (usual prevalence {pattern.prevalence:g})"
    return f"{source}: {three(base)}, mean {base.mean:.3g}{share} = {used.mean:.3g}"


def _met(compiled: Compiled, graph: AttackGraph, control: str, binding: Binding, skill: Skill) -> MetControl:
    threat = binding.pattern.id
    one = compiled.system.control_by_id[control]
    kind = compiled.catalogue.controls[one.control or ""]
    ratio, factor = compiled.ratio(one, threat, skill), compiled.evidence_factor(one)
    figures = kind.strength_against(threat)
    default = figures.of(skill)
    against = [
        words
        for words, said in (
            (f"{an(skill)} actor", default != figures.skilled),
            ("this threat", threat in kind.against),
        )
        if said
    ]
    said = f" against {' and '.join(against)}" if against else ""
    mean = compiled.strength(one, skill).mean * ratio
    measured, share = compiled.measured_strength(one), compiled.covered_share(one, binding, skill)
    if measured is not None:
        because = strength_because(measured, skill)
        shown = measured.effects[skill].range.mean
        if shown > 0 and abs(mean - shown) > _SAME:
            because += f" x {mean / shown:.3g} against this threat by the catalogue = {mean:.3g}"
    elif threat in compiled.budgeted(one):
        rule = compiled.settings.queries
        because = (
            f"a budget of {one.budget:,.0f} queries for each of {rule.accounts[skill]:,} accounts of {an(skill)} "
            f"actor, where {three(rule.needed[threat])} are needed: {mean:.3g}"
        )
    elif one.strength is None:
        because = f"default strength {three(default)}{said}, mean {mean:.3g}"
    else:
        because = f"stated strength {three(one.strength)}, mean {one.strength.mean:.3g}"
        if mean != one.strength.mean:
            part = mean / one.strength.mean
            because += f" x {part:.3g} for the catalogue's {three(default)}{said} = {mean:.3g}"
    kind_of = Evidence.TESTED if measured is not None else one.evidence
    word = "no evidence" if kind_of is Evidence.NONE else f"{kind_of} evidence"
    because += f" x {factor:g} for {word} = {mean * factor:.3g}"
    if share < 1:
        because += f" x {share:.3g} of its cover, by the test = {mean * factor * share:.3g}"
    if one.independent:
        because += ", drawn anew for each step"
    own = one.strength is not None or measured is not None or threat in compiled.budgeted(one)
    return MetControl(
        id=control,
        name=one.name or kind.name,
        holds=graph.control_by_id[control].holds * ratio * share,
        coverage=one.coverage,
        because=because,
        basis="" if own else figures.basis,
        source="" if own else figures.source,
    )


def explain(assessment: Assessment, asset: str, view: View = View.RESIDUAL) -> Explanation:
    """Where the numbers of an asset, named by id or name, come from, the likeliest fact first; of a fact such as
    ``crm:read`` those of that fact.

    Raises ``KeyError`` with a message when there is no such asset.
    """
    head, _, tail = asset.rpartition(":")
    only = [one for one in Capability if head and one == tail.strip()]
    asset = by_id_or_name(head if only else asset, assessment.compiled.system.assets, "asset")
    found = []
    for capability in only or Capability:
        fact = f"{asset}:{capability}"
        actor, now = assessment.worst(fact, view)
        if actor is None or now.value <= 0:
            continue
        graph = graph_in(assessment, actor.actor.id, view)
        skill = actor.actor.skill
        ways = tuple(
            (hop(assessment, graph, step, skill), {need: actor.likelihood(need, view) for need in step.needs})
            for step in graph.producers.get(fact, ())
        )
        ways = tuple(sorted(ways, key=lambda way: (-way[0].passes * _least(way[1].values()), way[0].step)))
        paths = paths_to(assessment, actor.actor.id, fact, 1, view)
        hops = tuple(hop(assessment, graph, step, skill) for step in paths[0].steps) if paths else ()
        found.append(
            FactWhy(
                fact=fact,
                actor=actor.actor.id,
                likelihood={one: assessment.worst(fact, one)[1] for one in View},
                ways=ways,
                path=paths[0] if paths else None,
                hops=hops,
            )
        )
    return Explanation(asset, tuple(sorted(found, key=lambda one: (-one.likelihood[view].value, one.fact))))


def _least(needs: Iterable[Estimate]) -> float:
    return min((one.value for one in needs), default=1.0)
