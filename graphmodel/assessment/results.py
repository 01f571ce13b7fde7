"""What a system's attack graphs amount to: likelihood and loss of every asset, for every actor and view."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from graphmodel.binding.compile import Compiled
from graphmodel.engine.derivations import relevant_steps
from graphmodel.engine.graph import AttackGraph
from graphmodel.engine.likelihood import Case, Estimate, Options, Solution, Solver
from graphmodel.engine.paths import Path, PathFinder, best_paths, unavoidable
from graphmodel.knowledge.vocabulary import Capability, Severity, View
from graphmodel.model.system import Actor, Asset, Held

# To be reached is not yet to be harmed; an asset falls when one of these is lost.
HARMS = (Capability.READ, Capability.WRITE, Capability.RUN, Capability.DENY)
_NEVER = Estimate.exactly(0.0)
_FINDERS = 4  # graphs in numbers that are kept for the next question


@dataclass(frozen=True)
class ActorResult:
    """One actor's attack graph with its solution in each view.

    The graph holds every preventing implementation that is not retired, whether it counts or not.
    """

    actor: Actor
    graph: AttackGraph
    solver: Solver
    solutions: Mapping[View, Solution]

    @property
    def rate(self) -> float | None:
        """Campaigns a year; None where the model gives no rate."""
        return self.actor.attempts_per_year.mean if self.actor.attempts_per_year else None

    def likelihood(self, fact: str, view: View = View.RESIDUAL) -> Estimate:
        return self.solutions[view].of(fact)


@dataclass(frozen=True)
class Risk:
    """One fact that costs something: how likely its worst actor makes it true, and what that costs.

    ``amount`` is what it costs once, in each view; ``expected`` is likelihood times amount for the
    worst actor's campaign; ``yearly`` sums rate times likelihood times amount over the actors whose
    rate is known, None where there is none.
    """

    held: Held
    severity: Severity
    amount: Mapping[View, float]
    likelihood: Mapping[View, Estimate]
    actor: str
    band: str
    risk: str
    expected: Mapping[View, Estimate]
    yearly: Mapping[View, Estimate] | None
    yearly_chance: Estimate | None
    impacts: tuple[str, ...]
    description: str

    @property
    def fact(self) -> str:
        return str(self.held)


@dataclass(frozen=True)
class AssetResult:
    """One asset: the likelihood that it falls to its worst actor, and the losses on its facts.

    It falls when somebody reads, writes, runs or denies it who does not hold that by position; the
    likelihood is that of the likeliest of these, which ``fact`` names.
    """

    asset: Asset
    likelihood: Mapping[View, Estimate]
    band: str
    actor: str
    fact: str
    facts: Mapping[str, Estimate]
    expected: Mapping[View, Estimate]
    risk: str


@dataclass(frozen=True)
class Assessment:
    """The result for a whole system. Results are computed once; paths and what-ifs on request."""

    compiled: Compiled
    options: Options
    actors: tuple[ActorResult, ...]

    @cached_property
    def actor_by_id(self) -> Mapping[str, ActorResult]:
        return {one.actor.id: one for one in self.actors}

    def worst(self, fact: str, view: View = View.RESIDUAL) -> tuple[ActorResult | None, Estimate]:
        """The actor who makes a fact true most likely; of equals, the first by id."""
        best: ActorResult | None = None
        for one in self.actors:
            if best is None or one.likelihood(fact, view).value > best.likelihood(fact, view).value:
                best = one
        return (best, best.likelihood(fact, view)) if best else (None, _NEVER)

    def expected_loss(self, view: View = View.RESIDUAL) -> Estimate:
        """The expected loss of one campaign of the worst actor."""
        losses = [one.solutions[view].loss for one in self.actors]
        return max(losses, key=lambda one: one.value) if losses else _NEVER

    @property
    def worst_actor(self) -> ActorResult | None:
        """The actor whose campaign costs most as things stand."""
        return max(self.actors, key=lambda one: one.solutions[View.RESIDUAL].loss.value) if self.actors else None

    @property
    def rated(self) -> tuple[ActorResult, ...]:
        """The actors whose yearly rate is known."""
        return tuple(one for one in self.actors if one.rate is not None)

    def yearly_loss(self, view: View = View.RESIDUAL) -> Estimate | None:
        """Expected loss a year: campaigns arrive independently at each actor's rate, and losses add up."""
        if not self.rated:
            return None
        return Estimate.total(one.solutions[view].loss.scaled(one.rate or 0.0) for one in self.rated)

    @cached_property
    def risks(self) -> tuple[Risk, ...]:
        """Every fact with a loss, the largest expected loss first: a year's where rates are known."""
        system = self.compiled.system
        facts = sorted({str(loss.held): loss.held for loss in system.losses}.items())
        found = [self._risk(held) for _, held in facts]
        now = View.RESIDUAL
        return tuple(
            sorted(
                found,
                key=lambda one: (-(one.yearly or one.expected)[now].value, -one.expected[now].value, one.fact),
            )
        )

    def _risk(self, held: Held) -> Risk:
        compiled, fact = self.compiled, str(held)
        losses = [loss for loss in compiled.system.losses if loss.held == held]
        amount = {view: compiled.losses(view)[fact] for view in View}
        severity = self.severity(fact)
        likelihood = {view: self.worst(fact, view)[1] for view in View}
        actor, now = self.worst(fact)
        yearly, chance = None, None
        if self.rated:
            often = {
                view: Estimate.total(one.likelihood(fact, view).scaled(one.rate or 0.0) for one in self.rated)
                for view in View
            }
            yearly = {view: often[view].scaled(amount[view]) for view in View}
            once = often[View.RESIDUAL]
            some, least, most = (1.0 - math.exp(-rate) for rate in (once.value, once.low, once.high))
            chance = Estimate(some, least, most, once.method)
        return Risk(
            held=held,
            severity=severity,
            amount=amount,
            likelihood=likelihood,
            actor=actor.actor.id if actor and now.value > 0 else "",
            band=compiled.settings.likelihood_band(now.value),
            risk=compiled.settings.risk_band(severity, now.value),
            expected={view: likelihood[view].scaled(amount[view]) for view in View},
            yearly=yearly,
            yearly_chance=chance,
            impacts=tuple(sorted({loss.impact for loss in losses if loss.impact})),
            description=" ".join(loss.description for loss in losses if loss.description),
        )

    def severity(self, fact: str) -> Severity:
        """The highest severity stated for a fact, or that of its amount where none is stated."""
        order = list(Severity)
        found = [
            loss.severity or self.compiled.settings.severity_band(loss.amount.mean if loss.amount else 0.0)
            for loss in self.compiled.system.losses
            if str(loss.held) == fact
        ]
        return min(found, key=order.index) if found else Severity.INFORMATIONAL

    @cached_property
    def assets(self) -> tuple[AssetResult, ...]:
        """Every asset, the largest expected loss first, then the likeliest."""
        found = [self._asset(asset) for asset in self.compiled.system.assets]
        return tuple(
            sorted(
                found,
                key=lambda one: (
                    -one.expected[View.RESIDUAL].value,
                    -one.likelihood[View.RESIDUAL].value,
                    one.asset.id,
                ),
            )
        )

    @cached_property
    def asset_by_id(self) -> Mapping[str, AssetResult]:
        return {one.asset.id: one for one in self.assets}

    def given(self, actor: str) -> frozenset[str]:
        """What an actor holds by position: the start and what follows from it for certain."""
        graph = self.actor_by_id[actor].graph
        steps = tuple(step for step in graph.steps if step.id in self.trivial)
        return frozenset(AttackGraph(graph.facts, graph.start, steps).derivable()[0])

    @cached_property
    def _given(self) -> Mapping[str, frozenset[str]]:
        return {one.actor.id: self.given(one.actor.id) for one in self.actors}

    def _taken(self, fact: str, view: View) -> tuple[str, Estimate]:
        """The worst actor among those who do not hold the fact by position."""
        best, worst = "", _NEVER
        for one in self.actors:
            estimate = one.likelihood(fact, view)
            if estimate.value > worst.value and fact not in self._given[one.actor.id]:
                best, worst = one.actor.id, estimate
        return best, worst

    def _asset(self, asset: Asset) -> AssetResult:
        facts = {f"{asset.id}:{one}": self._taken(f"{asset.id}:{one}", View.RESIDUAL) for one in HARMS}
        fact = max(facts, key=lambda one: facts[one][1].value)
        actor, now = facts[fact]
        likelihood = {}
        for view in View:
            estimates = [self._taken(one, view)[1] for one in facts]
            likelihood[view] = max(estimates, key=lambda one: one.value)
        amounts = {view: self.compiled.losses(view) for view in View}
        priced = (*facts, f"{asset.id}:{Capability.REACH}")
        expected = {
            view: max(
                (
                    Estimate.total(
                        one.likelihood(f, view).scaled(amounts[view][f]) for f in priced if f in amounts[view]
                    )
                    for one in self.actors
                ),
                key=lambda one: one.value,
                default=_NEVER,
            )
            for view in View
        }
        order = ("Critical", "High", "Medium", "Low")
        risks = [risk.risk for risk in self.risks if risk.held.asset == asset.id]
        return AssetResult(
            asset=asset,
            likelihood=likelihood,
            band=self.compiled.settings.likelihood_band(now.value),
            actor=actor,
            fact=fact if now.value > 0 else "",
            facts={one: estimate for one, (_, estimate) in facts.items()},
            expected=expected,
            risk=min(risks, key=order.index) if risks else "",
        )

    # ------------------------------------------------------------ paths
    def targets(self, selector: str | None = None) -> tuple[str, ...]:
        """The facts that a selector means: a fact, an asset, ``tag:NAME``; without one, every loss.

        For an asset these are its facts with a loss, or else the strongest capability that an actor
        can come to. Raises ``KeyError`` with a message when nothing has that name.
        """
        losses = [risk.fact for risk in self.risks]
        if selector is None:
            return tuple(losses)
        system = self.compiled.system
        if selector.startswith("tag:"):
            tagged = [asset.id for asset in system.assets if selector.removeprefix("tag:") in asset.tags]
            if not tagged:
                raise KeyError(f"no asset has the tag “{selector.removeprefix('tag:')}”.")
            return tuple(fact for asset in sorted(tagged) for fact in self._of_asset(asset, losses))
        asset, _, capability = selector.rpartition(":")
        if asset in self.compiled.elements and capability in list(Capability):
            return (selector,)
        if selector in system.asset_by_id:
            return self._of_asset(selector, losses)
        raise KeyError(
            f"there is no asset, fact or tag “{selector}”; write an asset's id, asset:capability or tag:NAME."
        )

    def _of_asset(self, asset: str, losses: Sequence[str]) -> tuple[str, ...]:
        own = tuple(fact for fact in losses if fact.rpartition(":")[0] == asset and self.worst(fact)[1].value > 0)
        if own:
            return own
        for capability in (Capability.RUN, Capability.WRITE, Capability.READ, Capability.DENY):
            if self.worst(f"{asset}:{capability}", View.INHERENT)[1].value > 0:
                return (f"{asset}:{capability}",)
        return (f"{asset}:{Capability.RUN}",)

    def graph(self, actor: str, view: View = View.RESIDUAL) -> AttackGraph:
        """The attack graph of an actor with the controls of a view."""
        return self.graph_under(actor, self.active(view))

    def graph_under(self, actor: str, active: Iterable[str]) -> AttackGraph:
        """The attack graph of an actor with exactly these control implementations in force."""
        case, whole = self.case(active), self.actor_by_id[actor].graph
        losses = {fact: amount for fact, amount in (case.losses or {}).items() if fact in whole.losses}
        return replace(whole.with_holds(case.holds), losses=losses)

    @cached_property
    def trivial(self) -> frozenset[str]:
        """Steps that are consequences and certain: paths do not differ by them."""
        plain = {
            one.id
            for one in self.compiled.bindings
            if one.pattern.propagation and one.pattern.chance is not None and one.pattern.chance.low == 1
        }
        plain |= {f"enters:{fact}" for one in self.actors for fact in self.compiled.entries(one.actor)}
        return frozenset(plain)

    def paths(self, actor: str, target: str, k: int = 5, view: View = View.RESIDUAL) -> tuple[Path, ...]:
        """The k most probable paths of an actor to a fact."""
        key = (actor, view)
        finder = self._finders.pop(key, None) or PathFinder(self.graph(actor, view), self.trivial)
        self._finders[key] = finder
        for oldest in list(self._finders)[:-_FINDERS]:
            self._finders.pop(oldest, None)
        return finder.best(target, k)

    @cached_property
    def _finders(self) -> dict[tuple[str, View], PathFinder]:
        """Of the actors and views that were asked for last."""
        return {}

    def paths_under(self, graph: AttackGraph, target: str, k: int = 5) -> tuple[Path, ...]:
        """The k most probable paths in a graph, such as one with controls switched."""
        return best_paths(graph, target, k, trivial=self.trivial)

    def route(self, path: Path) -> tuple[str, ...]:
        """The assets that a path runs through, in order, each once."""
        return tuple(
            dict.fromkeys(
                one
                for one in (step.gains.rpartition(":")[0] for step in path.steps)
                if one in self.compiled.system.asset_by_id
            )
        )

    def choke_points(self, actor: str, targets: Collection[str], view: View = View.RESIDUAL) -> tuple[str, ...]:
        """Assets that every path of the actor to any of the targets runs through.

        The assets of the targets themselves, and those that the actor enters by, are not counted.
        """
        graph = self.graph(actor, view)
        outside = {target.rpartition(":")[0] for target in targets}
        outside |= {fact.rpartition(":")[0] for fact in self.compiled.entries(self.actor_by_id[actor].actor)}
        groups: dict[str, list[str]] = {}
        for fact in graph.facts:
            asset = fact.rpartition(":")[0]
            if asset in self.compiled.system.asset_by_id and asset not in outside:
                groups.setdefault(asset, []).append(fact)
        return unavoidable(graph, targets, groups)

    # ------------------------------------------------------------ what if
    @cached_property
    def weights(self) -> Mapping[str, float]:
        """How much a campaign of each actor counts when measures are compared.

        Where any yearly rate is known it is the rate, so that sums are losses a year; otherwise
        only the actor counts whose campaign costs most.
        """
        if self.rated:
            return {one.actor.id: one.rate for one in self.rated if one.rate}
        return {self.worst_actor.actor.id: 1.0} if self.worst_actor else {}

    @property
    def period(self) -> str:
        """What the compared sums are per: ``year`` or ``campaign``."""
        return "year" if self.rated else "campaign"

    def active(self, view: View) -> frozenset[str]:
        """The ids of all control implementations that count in a view."""
        return frozenset(one.id for one in self.compiled.system.controls if self.compiled.counts(one, view))

    def case(self, active: Iterable[str], blocked: Collection[str] = ()) -> Case:
        """The case in which exactly these implementations are in force."""
        chosen = frozenset(active)
        holds = {one.id: self.compiled.holds(one) if one.id in chosen else 0.0 for one in self.compiled.preventing}
        return Case(holds=holds, blocked=blocked, losses=self.compiled.losses(View.RESIDUAL, chosen))

    def relevant(self, view: View = View.RESIDUAL) -> Mapping[str, frozenset[str]]:
        """For each actor the steps that lie on some way to a loss."""
        return {
            one.actor.id: frozenset(
                step.id for step in relevant_steps(self.graph(one.actor.id, view), [risk.fact for risk in self.risks])
            )
            for one in self.actors
        }

    @property
    def worlds(self) -> int:
        """The fewest worlds that any simulated number rests on; none where all numbers are exact."""
        played = [solution.worlds for one in self.actors for solution in one.solutions.values() if solution.worlds]
        return min(played, default=0)


def assess(compiled: Compiled, options: Options | None = None) -> Assessment:
    """Solve the attack graph of every actor in every view."""
    chosen = options or Options()
    results = []
    changeable = {
        one.id for one in compiled.bindings if not one.pattern.propagation or one.pattern.id in _mitigated(compiled)
    }
    losses = {view: compiled.losses(view) for view in View}
    for actor in sorted(compiled.system.actors, key=lambda one: one.id):
        graph = compiled.attack_graph(actor)
        solver = Solver(graph, chosen, changeable)
        cases = []
        for view in View:
            holds = {one.id: compiled.holds(one) if compiled.counts(one, view) else 0.0 for one in compiled.preventing}
            cases.append(Case(holds=holds, losses=losses[view]))
        results.append(ActorResult(actor, graph, solver, dict(zip(View, solver.solve(*cases), strict=True))))
    return Assessment(compiled, chosen, tuple(results))


def _mitigated(compiled: Compiled) -> frozenset[str]:
    return frozenset(threat for control in compiled.catalogue.controls.values() for threat in control.mitigates)
