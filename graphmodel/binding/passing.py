"""What a component gets from another through gateways, routers, guardrails and queues that stand between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import System

PASSING = ("ApiGateway", "Router", "Guardrail", "MessageQueue")
"""Types that hand on what they are given and add nothing to it. A user interface is none: what it shows is its own."""
_TOLD = ("Application", "Client", "InferenceEndpoint", "Prompted", "Sensor")  # of whom it matters what passes from them
_REQUEST, _ANSWER, _PUSH = "request", "answer", "push"

Hop = tuple[str, str, str]  # who is given it, as what, by which flow


def passed_on(
    system: System, catalogue: Catalogue, answered: Callable[[str], bool], add: Callable[[str, str, str, str], None]
) -> None:
    """Adds ``hearsFrom`` for whatever is given something by way of what only passes it on.

    The flow that is told is the last one. A gateway that asks two services does not tell the one what the other
    answers, nor one of two callers what the other asked; what a model says is an answer, whoever drew the flow
    first. What a sensor reports is handed on by devices as well.
    ``answered`` tells of a flow whether something comes back along it.
    """
    kinds = {one.id: one.type for one in system.assets}
    hops = _hops(system, answered)
    for giver, kind in kinds.items():
        if catalogue.is_any(kind, _TOLD) and not catalogue.is_any(kind, PASSING):
            model = catalogue.is_a(kind, "InferenceEndpoint")
            passing = (*PASSING, "Device") if catalogue.is_a(kind, "Sensor") else PASSING
            for taker, flow in _through(giver, model, hops, partial(_is_any, kinds, catalogue, passing)):
                add(taker, "hearsFrom", giver, flow)


def _is_any(kinds: Mapping[str, str], catalogue: Catalogue, types: tuple[str, ...], asset: str) -> bool:
    return catalogue.is_any(kinds.get(asset, ""), types)


def _hops(system: System, answered: Callable[[str], bool]) -> Mapping[str, list[Hop]]:
    found: defaultdict[str, list[Hop]] = defaultdict(list)
    for flow in system.flows:
        both = answered(flow.id)
        found[flow.origin].append((flow.target, _REQUEST if both else _PUSH, flow.id))
        if both:
            found[flow.target].append((flow.origin, _ANSWER, flow.id))
    return found


def _through(
    giver: str, model: bool, hops: Mapping[str, list[Hop]], passes: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """Who is given what the giver says, by at least one component between, and over which flow."""
    waiting = [(giver, _PUSH)]
    seen = {*waiting}
    while waiting:
        place, came = waiting.pop()
        for taker, goes, flow in hops.get(place, ()):
            if taker == giver or {came, goes} == {_REQUEST, _ANSWER}:
                continue
            if place != giver:
                yield taker, flow
            state = (taker, _PUSH if model and place == giver else goes)
            if passes(taker) and state not in seen:
                seen.add(state)
                waiting.append(state)
