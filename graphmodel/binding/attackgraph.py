"""The attack graph of one actor: the steps of a system that it can come to, with their chances and controls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from graphmodel.binding.amounts import loss_amounts
from graphmodel.binding.compiled import Compiled
from graphmodel.binding.relations import FOREIGN, answers
from graphmodel.engine.graph import AttackGraph, Cover, GraphControl, Step
from graphmodel.knowledge.vocabulary import Capability, View
from graphmodel.model.system import Actor

GRANTED = "granted:"
ENTERS = "enters:"


def attack_graph(compiled: Compiled, actor: Actor, granting: Collection[str] = (), whole: bool = False) -> AttackGraph:
    """The attack graph of one actor, reduced to what the actor can ever come to.

    For each asset in ``granting`` it has steps by which the actor holds the asset from the start, and
    a control ``GRANTED`` + asset that stops them for certain unless it is given another chance to hold.

    Every preventing implementation that is not retired is in it, whatever its status, with the
    chance that it holds with; ``AttackGraph.with_holds`` leaves out those that do not count.
    Where it is weaker against the threat of a step than at its strongest, it covers that step in part. With
    ``whole`` it does not: then the graph says what is stopped while all controls hold against everything.
    Losses are those before any control.
    """
    shown, by_id = compiled.preventing, compiled.system.control_by_id
    start = f"actor@{actor.id}"
    steps = [Step(f"{ENTERS}{fact}", (start,), fact, 1.0) for fact in entry_facts(compiled, actor)]
    for binding in compiled.bindings:
        if not binding.pattern.works_for(actor.kind):
            continue
        chance = compiled.chance(binding, actor.skill).mean
        if chance <= 0:
            continue
        covers = []
        for name in compiled.covers.get(binding.id, ()):
            control = by_id[name]
            cover = compiled.cover(control, binding, actor.skill)
            covers.append(Cover(name, control.coverage * float(cover > 0) if whole else cover))
        technique = binding.pattern.techniques[0].id if binding.pattern.techniques else ""
        steps.append(Step(binding.id, binding.needs, binding.gains, chance, tuple(covers), technique, binding.trial))
    grants = [GraphControl(f"{GRANTED}{asset}", 1.0) for asset in sorted(granting)]
    steps += _granting_steps(compiled, start, granting)
    true, _ = AttackGraph((), (start,), tuple(steps)).derivable()
    kept = tuple(step for step in steps if all(fact in true for fact in step.needs))
    used = {cover.control for step in kept for cover in step.controls}
    controls = tuple(
        GraphControl(one.id, compiled.holds(one, actor.skill), one.independent) for one in shown if one.id in used
    )
    facts = tuple(sorted(true - {start}))
    losses = {fact: amount for fact, amount in loss_amounts(compiled, View.INHERENT).items() if fact in true}
    return AttackGraph((start, *facts), (start,), kept, (*controls, *grants), losses)


def _granting_steps(compiled: Compiled, start: str, granting: Collection[str]) -> list[Step]:
    facts: defaultdict[str, set[str]] = defaultdict(set)
    for binding in compiled.bindings if granting else ():
        for fact in (binding.gains, *binding.needs):
            facts[fact.rpartition(":")[0]].add(fact)
    return [
        Step(f"{GRANTED}{fact}", (start,), fact, 1.0, (Cover(f"{GRANTED}{asset}"),))
        for asset in sorted(granting)
        for fact in sorted(facts[asset])
    ]


def entry_facts(compiled: Compiled, actor: Actor) -> tuple[str, ...]:
    """The facts that an actor holds before the campaign, or gains by being where it is.

    Who is at the other end of a flow opens it themselves, so such an entry is a connection; so is a stated ``reach``.
    Content that arrives from outside by design is theirs where a flow of theirs carries it.
    """
    system = compiled.system
    held = {str(one) for one in actor.starts}
    held |= {f"{one.asset}:{Capability.CONNECT}" for one in actor.starts if one.capability is Capability.REACH}
    for flow in system.flows:
        if flow.origin == actor.id and flow.target in system.asset_by_id:
            held.add(f"{flow.target}:{Capability.CONNECT}")
        elif flow.target == actor.id and flow.origin in system.asset_by_id and answers(flow, compiled.reach):
            held.add(f"{flow.origin}:{Capability.CONNECT}")
        given = flow.carries if flow.origin == actor.id else flow.returns if flow.target == actor.id else ()
        foreign = (one for one in given if compiled.catalogue.is_any(system.asset_by_id[one].type, FOREIGN))
        held |= {f"{one}:{Capability.REACH}" for one in foreign}
    if actor.zone is not None:
        held.add(f"{actor.zone}:{Capability.REACH}")
    return tuple(sorted(held))


def certain_steps(compiled: Compiled) -> frozenset[str]:
    """The ids of the steps that are certain consequences, and of all entries: attack paths do not differ by them."""
    consequences = {
        one.id
        for one in compiled.bindings
        if one.pattern.propagation and one.pattern.chance is not None and one.pattern.chance.low == 1
    }
    starts = {f"{ENTERS}{fact}" for actor in compiled.system.actors for fact in entry_facts(compiled, actor)}
    return frozenset(consequences | starts)
