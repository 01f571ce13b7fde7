"""Which relations between assets and zones the flows, dependencies and zones of a description stand for.

What each of them implies is set out in ``docs/method.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from enum import StrEnum

from graphmodel.binding.passing import passed_on
from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Flow, System


class Reach(StrEnum):
    """How far an attacker gets along a flow.

    ``data``: only the way the data go, and back where something comes back. ``both``: every link
    is open at both ends, as on a bus; threat models that draw links without direction mean this.
    """

    DATA = "data"
    BOTH = "both"


FOREIGN = ("UserContent", "DataSource")  # what strangers write by design
_OUTSIDE = 3  # of ten: what is trusted less may be anybody's
Relations = Mapping[str, Mapping[str, Mapping[str, set[str]]]]
"""Relation -> subject -> object -> ids of the flows, dependencies and memberships that make it hold."""


def relations(system: System, catalogue: Catalogue, reach: Reach) -> Relations:
    """Every relation that holds between assets and zones of a system, implied ones included."""
    found: dict[str, dict[str, dict[str, set[str]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))

    def add(subject: str, relation: str, target: str, origin: str) -> None:
        for implied, backwards in catalogue.relations[relation].implies:
            first, second = (target, subject) if backwards else (subject, target)
            found[implied][first][second].add(origin)

    for dependency in system.dependencies:
        add(dependency.origin, dependency.relation, dependency.target, dependency.id)
    for flow in system.flows:
        _of_flow(system, flow, reach, add)
    for asset in system.assets:
        if asset.zone is not None:
            add(asset.id, "inZone", asset.zone, f"{asset.id} inZone {asset.zone}")
    back = {flow.id for flow in system.flows if answers(flow, reach)}
    passed_on(system, catalogue, back.__contains__, add)
    _called(system, catalogue, found, add)
    _asked(system, catalogue, reach, found, add)
    _kept(system, catalogue, found, add)
    _loads(system, catalogue, found, add)
    _out(system, catalogue, found, add)
    _ways_out(system, catalogue, found, add)
    _no_content(system, catalogue, found)
    # Actors are no assets: what they send is an entry, not a relation that patterns speak of.
    known = system.asset_by_id.keys() | system.zone_by_id.keys()
    return {
        relation: {
            subject: {target: origins for target, origins in targets.items() if target in known}
            for subject, targets in subjects.items()
            if subject in known
        }
        for relation, subjects in found.items()
    }


def _called(
    system: System,
    catalogue: Catalogue,
    found: Mapping[str, Mapping[str, Mapping[str, set[str]]]],
    add: Callable[[str, str, str, str], None],
) -> None:
    """A tool that an agent or a language model sends to is one that it invokes, whatever the flow is called."""
    kinds = {one.id: one.type for one in system.assets}
    for flow in system.flows:
        caller, tool = kinds.get(flow.origin, ""), kinds.get(flow.target, "")
        known = flow.target in found.get("invokes", {}).get(flow.origin, {})
        if not known and catalogue.is_a(tool, "Tool") and catalogue.is_a(caller, "Prompted"):
            add(flow.origin, "invokes", flow.target, flow.id)


def _asked(
    system: System,
    catalogue: Catalogue,
    reach: Reach,
    found: Mapping[str, Mapping[str, Mapping[str, set[str]]]],
    add: Callable[[str, str, str, str], None],
) -> None:
    """What a store gives that nobody has named is looked up by who is given it, who can so ask for the rest of it.

    Where it is named what the store keeps, and not what of it comes over the flow, all of it passes through the taker;
    but for a vault, out of which each is given its own.
    """
    kinds = {one.id: one.type for one in system.assets}
    keeping = found.get("stores", {})
    for flow in system.flows:
        ways = [(flow.origin, flow.target, flow.carries)]
        if answers(flow, reach):
            ways.append((flow.target, flow.origin, flow.returns))
        for giver, taker, data in ways:
            kind = kinds.get(giver, "")
            fits = catalogue.is_a(kind, "DataStore") and catalogue.is_a(kinds.get(taker, ""), "Component")
            if fits and not data and not keeping.get(giver):
                add(taker, "retrievesFrom", giver, flow.id)
            elif fits and not flow.carries and not flow.returns and not catalogue.is_a(kind, "SecretStore"):
                for item in list(keeping[giver]):
                    add(taker, "handles", item, flow.id)


def _no_content(system: System, catalogue: Catalogue, found: Mapping[str, Mapping[str, dict[str, set[str]]]]) -> None:
    """A credential is used and not taken in: what gives nothing but credentials gives no content."""
    secret = {one.id for one in system.assets if catalogue.is_a(one.type, "Secret")}
    stores = {one.id for one in system.assets if catalogue.is_a(one.type, "DataStore")}
    keys = secret | {one.id for one in system.assets if catalogue.is_a(one.type, "SecretStore")}
    handed = {(one.id, one.origin): one.carries for one in system.flows}
    handed |= {(one.id, one.target): one.returns for one in system.flows}

    def only_keys(source: str, origin: str) -> bool:
        data = handed.get((origin, source), ())
        return source in stores and bool(data) and secret.issuperset(data)

    for relation, source in (("contentFrom", 1), ("contentTo", 0)):
        for subject, targets in found.get(relation, {}).items():
            for target, origins in list(targets.items()):
                giving = (subject, target)[source]
                if giving in keys or all(only_keys(giving, origin) for origin in origins):
                    del targets[target]


def _kept(
    system: System,
    catalogue: Catalogue,
    found: Mapping[str, Mapping[str, Mapping[str, set[str]]]],
    add: Callable[[str, str, str, str], None],
) -> None:
    """What arrives from outside by design is taken in by whoever takes content from the store that keeps it.

    Not by a flow that names other data. Only what strangers write without writing the store counts: of all else,
    both would be tried, though it is one attack.
    """
    kinds = {one.id: one.type for one in system.assets}
    named = {one.id: {*one.carries, *one.returns} for one in system.flows}
    for item, stores in list(found.get("storedIn", {}).items()):
        if not catalogue.is_any(kinds.get(item, ""), FOREIGN):
            continue
        for relation, backwards in (("contentFrom", "contentTo"), ("derivedFrom", "givesRiseTo")):
            for store in stores:
                for taker, origins in list(found.get(backwards, {}).get(store, {}).items()):
                    for origin in origins:
                        if item in (named.get(origin) or {item}):
                            add(taker, relation, item, origin)


def _loads(
    system: System,
    catalogue: Catalogue,
    found: Mapping[str, Mapping[str, Mapping[str, set[str]]]],
    add: Callable[[str, str, str, str], None],
) -> None:
    """What has a model's file in its process: who serves the model; pipelines, which work on it; and others where
    nothing serves it. An agent that asks a hosted model has neither its weights nor what is hidden in its file."""
    pipelines = {one.id for one in system.assets if catalogue.is_a(one.type, "Pipeline")}
    served = {model for models in found.get("servesModel", {}).values() for model in models}
    for user in sorted(found.get("usesModel", {})):
        own = found.get("servesModel", {}).get(user, {})
        for model, origins in found["usesModel"][user].items():
            if model in own or model not in served or user in pipelines:
                for origin in origins:
                    add(user, "loads", model, origin)


def _out(
    system: System,
    catalogue: Catalogue,
    found: Mapping[str, Mapping[str, Mapping[str, set[str]]]],
    add: Callable[[str, str, str, str], None],
) -> None:
    """What each party sends, or may call, out of its zone: into one that is known to be trusted less, or not at all."""
    parties = {one.id for one in system.assets if catalogue.is_a(one.type, "Party")}
    for relation in ("sendsTo", "connectsTo"):
        for sender in sorted(parties & {*found.get(relation, ())}):
            for target, origins in found[relation][sender].items():
                zone = system.zone_of(target)
                if zone is not None and _is_out(system, system.zone_of(sender), zone):
                    for origin in origins:
                        add(sender, "sendsOutTo", zone, origin)


def _ways_out(
    system: System,
    catalogue: Catalogue,
    found: Mapping[str, Mapping[str, Mapping[str, set[str]]]],
    add: Callable[[str, str, str, str], None],
) -> None:
    """What each agent or language model can send data out by: itself, a tool that it invokes, or an agent that it
    hands work to, where that sends to, may call or may write something outside, or stands outside itself; or where it
    writes data, or a store of data, that somebody outside is given.

    Outside is another zone than that of the sender, of little trust or of none that anybody has stated. An answer to
    whoever talks to an agent, directly or by what passes it on, is no way out: what it says in a session stays there.
    """
    kinds = {one.id: one.type for one in system.assets}
    given = _given_out(system, catalogue, found)
    sending: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for relation in ("sendsTo", "connectsTo", "mayWrite"):
        for sender, targets in found.get(relation, {}).items():
            prompted = catalogue.is_a(kinds.get(sender, ""), "Prompted")
            for target, origins in targets.items():
                answers_only = prompted and (target not in kinds or catalogue.is_a(kinds[target], "Conduit"))
                ends = (target, *given.get(target, ()))
                own = system.zone_of(sender)
                if not answers_only and any(_is_outside(system, own, system.zone_of(end)) for end in ends):
                    called = prompted and catalogue.is_any(kinds[target], ("Tool", "Prompted"))
                    sending[sender][target if called else sender] |= origins
    for agent in (one.id for one in system.assets if catalogue.is_a(one.type, "Prompted")):
        calls = [other for one in ("invokes", "delegatesTo") for other in found.get(one, {}).get(agent, {})]
        for party in (agent, *calls):
            for through, origins in sending.get(party, {}).items():
                for origin in origins:
                    add(agent, "letsOutThrough", party if party != agent else through, origin)


def _given_out(
    system: System, catalogue: Catalogue, found: Mapping[str, Mapping[str, Mapping[str, set[str]]]]
) -> Mapping[str, set[str]]:
    """The actors that are sent what is in a piece of data, or in something that a store keeps."""
    given: dict[str, set[str]] = defaultdict(set)
    for asset in system.assets:
        if catalogue.is_a(asset.type, "DataAsset"):
            actors = found.get("sendsTo", {}).get(asset.id, {}).keys() & system.actor_by_id.keys()
            for place in (asset.id, *found.get("storedIn", {}).get(asset.id, ())) if actors else ():
                given[place] |= actors
    return given


def _is_outside(system: System, own: str | None, other: str | None) -> bool:
    if other is None or other == own or other not in system.zone_by_id:
        return False
    trust = system.zone_by_id[other].trust
    return trust is None or trust < _OUTSIDE


def _is_out(system: System, own: str | None, other: str) -> bool:
    trust = system.zone_by_id[other].trust if other in system.zone_by_id else None
    if trust is None or own == other:
        return False
    around = system.zone_by_id[own].trust if own is not None and own in system.zone_by_id else None
    return trust == 0 or (around is not None and trust < around)


def answers(flow: Flow, reach: Reach) -> bool:
    """Whether something comes back along a flow."""
    return reach is Reach.BOTH or flow.two_way or bool(flow.returns)


def _of_flow(system: System, flow: Flow, reach: Reach, add: Callable[[str, str, str, str], None]) -> None:
    opener = flow.opened_by or flow.origin
    opened = flow.target if opener == flow.origin else flow.origin
    add(flow.origin, flow.relation, flow.target, flow.id)
    if answers(flow, reach):
        add(flow.target, "sendsTo", flow.origin, flow.id)
    elif opener == flow.target:
        add(opener, "connectsTo", opened, flow.id)
    for items, receiver in ((flow.carries, flow.target), (flow.returns, flow.origin)):
        for data in items:
            add(flow.origin, "handles", data, flow.id)
            add(flow.target, "handles", data, flow.id)
            add(data, "carriedTo", receiver, flow.id)
    ends = ((opener, opened), (opened, opener)) if reach is Reach.BOTH else ((opener, opened),)
    for caller, called in ends:
        zone = system.zone_of(caller)
        if zone is not None and not flow.authenticated:
            add(called, "openTo", zone, flow.id)
    if not flow.encrypted:
        for end in (flow.origin, flow.target):
            zone = system.zone_of(end)
            if zone is not None:
                for data in (*flow.carries, *flow.returns):
                    add(data, "exposedOn", zone, flow.id)
