"""The credit of a control: which steps an implementation covers, and which elements it protects.

A control implementation covers a step when its control *mitigates* the step's threat, and either

- it *protects* a part on which the threat is defended (``defended_on``): it names that element, the model that it
  answers with, a zone around it or ``*``, or what it applies to by name and that stands for the element: a guardrail
  or gateway before it (``guards_of``), or the hosted model behind it (``hosted_of``), by which training goes where the
  model is used; and its control *applies to* elements of that type against that threat. Of a part that must only
  exist it protects every element that can stand there: while one is left open, the attack goes over that one; or
- a relation of the step comes over flows only, and it covers every one of them, over all elements that can stand at
  its ends: it names the flow, whatever its control applies to, or it protects, as above, something that mediates
  the flow. Where a threat has several relations, all of one suffice, since the attack needs each of them; some of
  every relation do not. ``*`` and zones reach a flow only through its ends and mediators; a dependency or a
  membership in a zone beside the flows cannot be covered, since it stands when the flows are guarded.

Nothing else gives a control credit. How much credit, and whether it counts in a view, is said in ``compiled``:
``holds``, ``preventing`` and ``counts``; ``_near`` is an index of where the rule can be met at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from graphmodel.binding.patterns import Binding
from graphmodel.knowledge.vocabulary import Area, Catalogue, Control
from graphmodel.model.system import ControlImplementation, System

EVERYWHERE = "*"
_GATES = frozenset({"Guardrail", "ApiGateway"})  # what all that is sent to something can have to pass
_HOSTED = "LanguageModelEndpoint"


@dataclass(frozen=True)
class Credit:
    """What the control implementations of a system protect and cover; ``elements`` has the type of each by id."""

    system: System
    catalogue: Catalogue
    elements: Mapping[str, str]
    bindings: tuple[Binding, ...]

    def protects(self, control: ControlImplementation, element: str, threat: str | None = None) -> bool:
        """Whether an implementation protects an asset or zone, against a threat or at all: it names it, a zone
        around it or everything, or, against a threat, what stands for it; and its control applies to its type."""
        kind = self.catalogue.controls.get(control.control or "")
        if kind is None:
            return False
        applies = kind.applies_to if threat is None else kind.applies_against(threat)
        if not self.catalogue.is_any(self.elements[element], applies):
            return False
        if threat is None:
            return any(place in control.named for place in (EVERYWHERE, element, *self.zones_of[element]))
        return any(place in control.named for place in self._named_for(element, kind, applies))

    def covers(self, control: ControlImplementation, binding: Binding) -> bool:
        """Whether an implementation covers a step."""
        threat = binding.pattern.id
        if threat not in self.catalogue.controls[control.control or ""].mitigates:
            return False
        for name in binding.pattern.defended_on:
            ends = binding.ends.get(name, ())
            if ends and all(self.protects(control, one, threat) for one in ends):
                return True
        return any(self._guards(control, way, threat) for way in binding.ways)

    def _guards(self, control: ControlImplementation, way: Iterable[str], threat: str) -> bool:
        """Whether one relation of a step comes over flows only, and all of them are covered."""
        flows = [self.system.flow_by_id.get(one) for one in way]
        return bool(flows) and all(
            flow is not None
            and (flow.id in control.named or any(self.protects(control, one, threat) for one in flow.mediated_by))
            for flow in flows
        )

    def steps(self, control: ControlImplementation) -> frozenset[str]:
        """The ids of the steps that an implementation covers, whatever its status."""
        return frozenset(one.id for one in self._asked(control) if self.covers(control, one))

    def by_step(self, controls: Iterable[ControlImplementation]) -> dict[str, tuple[str, ...]]:
        """For each step that is covered the ids of the implementations that cover it, sorted."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for control in controls:
            for step in self.steps(control):
                found[step].append(control.id)
        return {step: tuple(sorted(found[step])) for step in sorted(found)}

    def _asked(self, control: ControlImplementation) -> Iterator[Binding]:
        """The steps near what an implementation protects: no other can be covered."""
        threats = self.catalogue.controls[control.control or ""].mitigates
        places = dict.fromkeys(control.protects)
        return (one for threat in sorted(threats) for place in places for one in self._near.get((threat, place), ()))

    @cached_property
    def _near(self) -> Mapping[tuple[str, str], tuple[Binding, ...]]:
        """The steps of a threat by what a control must name to protect a part of one."""
        found: defaultdict[tuple[str, str], list[Binding]] = defaultdict(list)
        mitigated = frozenset[str]().union(*(one.mitigates for one in self.catalogue.controls.values()))
        for binding in (one for one in self.bindings if one.pattern.id in mitigated):
            for place in dict.fromkeys(self._places(binding)):
                found[binding.pattern.id, place].append(binding)
        return {key: tuple(steps) for key, steps in found.items()}

    def _places(self, binding: Binding) -> Iterator[str]:
        yield from binding.origins
        flows = [self.system.flow_by_id[one] for one in binding.origins if one in self.system.flow_by_id]
        for element in (binding.asset, *binding.others, *(one for flow in flows for one in flow.mediated_by)):
            yield from self._named_for(element)

    def _named_for(self, element: str, kind: Control | None = None, applies: Iterable[str] = ()) -> Iterator[str]:
        """What a control names that protects an element against a threat on types; of no control, what any might."""
        yield EVERYWHERE
        yield element
        yield from self.zones_of[element]
        yield from self.models_of.get(element, ())
        gates = _GATES if kind is None else _GATES & {*applies}
        for guard in self.guards_of.get(element, ()):
            if self.catalogue.is_any(self.elements[guard], tuple(gates)):
                yield guard
        if kind is None or kind.area is Area.TRAINING:
            yield from self.hosted_of.get(element, ())

    @cached_property
    def guards_of(self) -> Mapping[str, tuple[str, ...]]:
        """The guardrails and gateways that stand before each component: all that is sent to it, but for content that
        it fetches and what its tools answer, comes from one of them or is mediated by it."""
        is_any, incoming = self.catalogue.is_any, defaultdict[str, list[set[str]]](list)
        for flow in self.system.flows:
            kind = self.elements.get(flow.origin)
            if kind is None or not is_any(kind, ("ContentSource", "Tool")):
                incoming[flow.target].append({flow.origin, *flow.mediated_by})
        found = {target: frozenset.intersection(*map(frozenset, ways)) for target, ways in incoming.items()}
        return {
            target: tuple(sorted(one for one in ways if is_any(self.elements.get(one, ""), tuple(_GATES))))
            for target, ways in found.items()
        }

    @cached_property
    def models_of(self) -> Mapping[str, tuple[str, ...]]:
        """The models that each component answers with."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for one in self.system.dependencies:
            relation = self.catalogue.relations.get(one.relation)
            if relation is not None and ("usesModel", False) in relation.implies:
                found[one.origin].append(one.target)
        return {component: tuple(sorted(models)) for component, models in found.items()}

    @cached_property
    def hosted_of(self) -> Mapping[str, tuple[str, ...]]:
        """The language model service that each agent gets its answers from, where it is one, and the models of that."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for flow in self.system.flows:
            for agent, service in ((flow.target, flow.origin), (flow.origin, flow.target)):
                answered = agent == flow.target or flow.two_way or bool(flow.returns)
                kinds = self.elements.get(agent, ""), self.elements.get(service, "")
                if answered and self.catalogue.is_a(kinds[0], "Agent") and self.catalogue.is_a(kinds[1], _HOSTED):
                    found[agent].add(service)
        single = {agent: one for agent, services in found.items() if len(services) == 1 for one in services}
        return {agent: (one, *self.models_of.get(one, ())) for agent, one in single.items()}

    @cached_property
    def zones_of(self) -> Mapping[str, tuple[str, ...]]:
        """The zones around each asset and zone, innermost first; a zone is in itself."""
        system = self.system
        return {
            one: tuple(system.zone_chain(system.zone_of(one) if one in system.asset_by_id else one))
            for one in self.elements
        }
