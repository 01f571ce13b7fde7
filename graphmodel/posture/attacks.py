"""The framework's matrix of attacks, filled from the attack graphs of a system, beside its starter values.

The framework rates an attack by likelihood, impact and exploitability, and names two parts of likelihood: whether the
attacker can get at the model at all, and whether the technique is to be had. Here an attack is the threat patterns that
it consists of, and for each actor's campaign

- *likelihood* is the chance that at least one step of these patterns succeeds,
- *availability* is the chance that at least one of them can be tried, whether it then succeeds or not,
- *exploitability*, which the framework does not define, is likelihood over availability: how often the technique
  succeeds where it can be tried, against the controls that stand there,
- *impact* is what is lost less where all these steps are impossible, for each campaign in which one succeeds.

All are of the actor for whom the attack is likeliest. To ask for the chance that a step succeeds, each is taken apart:
what it needs leads to its success with its own chance and controls, and its success leads, for certain, both to what
it gains and to a fact of its own. That changes no other likelihood.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

from graphmodel.assessment.cases import case_of, graph_in
from graphmodel.assessment.results import ActorResult, Assessment
from graphmodel.engine.estimates import EXACT, SIMULATED, Estimate
from graphmodel.engine.graph import AttackGraph, Step
from graphmodel.engine.likelihood import WHAT_IF_WORLDS, Case, Solution, Solver
from graphmodel.engine.parallel import in_parallel
from graphmodel.engine.trials import written_out
from graphmodel.knowledge.framework import AttackPrior, Framework
from graphmodel.knowledge.vocabulary import Severity, View

_DID, _COULD, _TRIED = "attack done:", "attack possible:", "step done:"
NEVER = Estimate.exactly(0.0)
WORDS = ("Low", "Medium", "High")
_IMPACT = {
    Severity.CRITICAL: "High",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
    Severity.INFORMATIONAL: "Low",
}


@dataclass(frozen=True)
class Rated:
    """One attack in one view, of its likeliest actor; ``actor`` is empty where nobody can ever try it.

    ``impact`` is in the system's currency for each campaign in which the attack succeeds; None where it never does.
    """

    actor: str
    likelihood: Estimate
    available: Estimate
    exploitability: Estimate
    impact: Estimate | None


@dataclass(frozen=True)
class AttackRow:
    """One attack: its starter values, what the graph says with the controls in force and with none, and what makes the
    difference. ``places`` are the assets on which it can be tried, ``controls`` the implementations in force that cover
    its steps, ``open`` the number of its steps, of ``steps``, that none covers."""

    prior: AttackPrior
    now: Rated
    inherent: Rated
    places: tuple[str, ...]
    controls: tuple[str, ...]
    steps: int
    open: int
    likelihood_band: str
    impact_band: str
    exploitability_band: str


def attack_matrix(assessment: Assessment, framework: Framework) -> tuple[AttackRow, ...]:
    """Every attack of the framework on this system, in the framework's order."""
    compiled, settings = assessment.compiled, assessment.compiled.settings
    now, inherent = assessment.recall(
        ("attacks", tuple((one.id, one.threats) for one in framework.attacks)),
        tuple[Mapping[str, Rated], Mapping[str, Rated]],
        lambda: _rated(assessment, framework),
        lambda found: all(one.keys() == {prior.id for prior in framework.attacks} for one in found),
    )
    active = compiled.in_force(View.RESIDUAL)
    able = {step.id for one in assessment.actors for step in one.graph.steps}
    rows = []
    for prior in framework.attacks:
        steps = [one for one in compiled.bindings if one.pattern.id in prior.threats and one.id in able]
        covers = {one.id: active.intersection(compiled.covers.get(one.id, ())) for one in steps}
        rated = now[prior.id]
        impact = rated.impact
        rows.append(
            AttackRow(
                prior=prior,
                now=rated,
                inherent=inherent[prior.id],
                places=tuple(sorted({one.asset for one in steps})),
                controls=tuple(sorted(frozenset().union(*covers.values()))),
                steps=len(steps),
                open=sum(not one for one in covers.values()),
                likelihood_band=settings.likelihood_band(rated.likelihood.value) if rated.actor else "",
                impact_band=_IMPACT[settings.severity_band(impact.value)] if impact is not None else "",
                exploitability_band=settings.likelihood_band(rated.exploitability.value) if rated.actor else "",
            )
        )
    return tuple(rows)


def _rated(assessment: Assessment, framework: Framework) -> tuple[Mapping[str, Rated], Mapping[str, Rated]]:
    """The rating of every attack by its likeliest actor, as things stand and without controls; of equals, by the first
    by id."""
    by_actor = in_parallel([partial(_of_actor, assessment, framework, one) for one in assessment.actors])
    found: list[dict[str, Rated]] = []
    for view in range(2):
        best: dict[str, Rated] = {one.id: Rated("", NEVER, NEVER, NEVER, None) for one in framework.attacks}
        for ratings in by_actor:
            for attack, rated in ratings[view].items():
                if not best[attack].actor or rated.likelihood.value > best[attack].likelihood.value:
                    best[attack] = rated
        found.append(best)
    return found[0], found[1]


def _of_actor(
    assessment: Assessment, framework: Framework, actor: ActorResult
) -> tuple[Mapping[str, Rated], Mapping[str, Rated]]:
    compiled, graph = assessment.compiled, graph_in(assessment, actor.actor.id, View.RESIDUAL)
    attacks: dict[str, frozenset[str]] = {}
    for one in framework.attacks:
        steps = (step.id for step in graph.steps if step.id in compiled.binding_by_id)
        found = frozenset(step for step in steps if compiled.binding_by_id[step].pattern.id in one.threats)
        if found:
            attacks[one.id] = found
    if not attacks:
        return {}, {}
    solver = Solver(_apart(graph, attacks), assessment.options)
    without = Case(holds=dict.fromkeys((one.id for one in graph.controls), 0.0))
    both = solver.solve(Case(), without, worlds=WHAT_IF_WORLDS, facts=list(solver.graph.losses))
    rated = [
        _ratings(assessment, actor, attacks, view, solved)
        for view, solved in zip((View.RESIDUAL, View.INHERENT), both, strict=True)
    ]
    return rated[0], rated[1]


def _ratings(
    assessment: Assessment, actor: ActorResult, attacks: Mapping[str, Collection[str]], view: View, solved: Solution
) -> Mapping[str, Rated]:
    active, skill = assessment.compiled.in_force(view), actor.actor.skill
    cases = [case_of(assessment.compiled, active, skill, steps) for steps in ((), *attacks.values())]
    saved = actor.solver.solve(*cases, worlds=WHAT_IF_WORLDS, facts=())[1:]
    ratings = {}
    for attack, less in zip(attacks, saved, strict=True):
        likelihood, available = solved.of(f"{_DID}{attack}"), solved.of(f"{_COULD}{attack}")
        share = likelihood.share_of(available)
        ratings[attack] = Rated(actor.actor.id, likelihood, available, share, _over(less.saved, likelihood))
    return ratings


def _apart(graph: AttackGraph, attacks: Mapping[str, Collection[str]]) -> AttackGraph:
    """The graph with a fact for each attack that one of its steps makes true, and one that any could."""
    named = {
        step: [attack for attack, ids in attacks.items() if step in ids]
        for step in frozenset().union(*attacks.values())
    }
    told, steps = written_out(graph, graph.steps), list[Step]()
    meant = {told.last.get(one, one): one for one in named}
    for step in told.steps:
        if step.id not in meant:
            steps.append(step)
            continue
        one = meant[step.id]
        done = f"{_TRIED}{one}"
        steps += [replace(step, gains=done), Step(f"{done}!", (done,), step.gains, 1.0)]
        for attack in named[one]:
            steps.append(Step(f"{done}!{attack}", (done,), f"{_DID}{attack}", 1.0))
            steps.append(Step(f"{_COULD}{one}!{attack}", graph.step_by_id[one].needs, f"{_COULD}{attack}", 1.0))
    facts = (*graph.facts, *told.facts, *(f"{_TRIED}{one}" for one in sorted(named)))
    asked = [f"{kind}{one}" for one in attacks for kind in (_DID, _COULD)]
    # As losses of nothing, since what solves the facts with losses is far less than what solves all.
    return replace(graph, facts=(*facts, *asked), steps=tuple(steps), losses=dict.fromkeys(asked, 0.0))


def _over(amount: Estimate, chance: Estimate) -> Estimate | None:
    """An expected amount for each time that an event of this chance happens."""
    if chance.value <= 0 or chance.low <= 0:
        return None
    exact = amount.is_exact and chance.is_exact
    low, high = max(amount.low, 0.0) / chance.high, max(amount.high, 0.0) / chance.low
    return Estimate(max(amount.value, 0.0) / chance.value, low, high, EXACT if exact else SIMULATED)
