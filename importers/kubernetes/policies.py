"""What separates pods and what they may do in the cluster: network policies, mesh policies, roles and bindings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from graphmodel.reading.values import Place
from importers.elements import Link, Part
from importers.kubernetes.cluster import Cluster
from importers.kubernetes.objects import Object, listed, mapping, text

MAX_PAIRS = 100
_MESH = "security.istio.io"
_WRITES = frozenset({"create", "update", "patch", "delete", "*"})
_READS = frozenset({"get", "list", "watch", "*"})
_MAKES_PODS = frozenset(
    {"pods", "deployments", "daemonsets", "statefulsets", "jobs", "cronjobs", "replicasets", "pods/exec", "nodes/proxy"}
)


def network(cluster: Cluster, one: Object) -> None:
    """A network policy: its pods take only what it lists, if it does not list everything around them."""
    keys = cluster.selected.selector(one.namespace, mapping(one.spec, "podSelector"))
    types = [str(each) for each in listed(one.spec, "policyTypes")] or ["Ingress"]
    cluster.policies.add(one.namespace)
    if not keys:
        _unseen(cluster, one)
    open_ = "Ingress" not in types
    for number, rule in enumerate(listed(one.spec, "ingress")):
        place = (*one.place, "spec", "ingress", number)
        sources = listed(rule, "from") if isinstance(rule, dict) else []
        if not sources:
            open_ = True
            cluster.found.omit("allow rule", place, "it lets in everybody")
        for inner, source in enumerate(sources):
            open_ |= _allowed(cluster, one, keys, mapping(source), (*place, "from", inner))
    if open_:
        cluster.found.omit(one.kind, one.place, "it lets in all pods around, or limits only ways out: no separation")
    elif keys:
        cluster.control(f"Network policy {one.name}", one.place, "network policy", "network-segmentation", tuple(keys))


def _unseen(cluster: Cluster, one: Object) -> None:
    """Pods that a policy selects and that other files describe."""
    expressions = listed(one.spec, "podSelector", "matchExpressions")
    labels = mapping(one.spec, "podSelector", "matchLabels")
    names = [str(said) for key, said in labels.items() if str(key) in ("app", "app.kubernetes.io/name")]
    names += [str(said) for each in expressions if text(each, "operator") == "In" for said in listed(each, "values")]
    for name in names[:20]:
        zone = cluster.namespace(one.namespace, one.place)
        part = Part(f"{one.namespace}/selected/{name}", name, (*one.place, "spec", "podSelector"), "selected pods",
                    boundary=zone, identifiers=(f"dns:{name.lower()}",))  # fmt: skip
        cluster.add(part)
    if not names:
        cluster.found.omit("selected pods", one.place, "no pods of this file have these labels")


def _allowed(cluster: Cluster, one: Object, keys: list[str], source: Mapping[str, Any], place: Place) -> bool:
    """Add the calls that a rule allows; true where it allows the whole namespace, or everybody."""
    block = text(source, "ipBlock", "cidr")
    if block:
        cluster.found.omit("allow rule", place, "it names addresses and not pods")
        return block in ("0.0.0.0/0", "::/0")
    pods, namespaces = source.get("podSelector"), source.get("namespaceSelector")
    if isinstance(namespaces, dict):
        cluster.found.omit("allow rule", place, "it lets in pods of other namespaces, by their labels")
        return not namespaces and not mapping(source, "podSelector")
    if not isinstance(pods, dict) or not pods:
        cluster.found.omit("allow rule", place, "it lets in the whole namespace")
        return True
    origins = cluster.selected.selector(one.namespace, pods)
    if not origins:
        cluster.found.omit("allow rule", place, "no pods of this file have these labels")
    pairs = ((origin, key) for origin in origins[:MAX_PAIRS] for key in keys[:MAX_PAIRS] if origin != key)
    for origin, key in islice(pairs, MAX_PAIRS):
        if (origin, key) not in cluster.stack.pairs:
            cluster.call(
                origin, key, place, "allow rule", note="a network policy lets it through; that it is used is not said"
            )
    return False


def mesh(cluster: Cluster, one: Object) -> bool:
    """Mutual TLS of Istio for a namespace; false where the object is something else."""
    if one.group != _MESH:
        return False
    if one.kind == "PeerAuthentication" and text(one.spec, "mtls", "mode") == "STRICT" and not one.spec.get("selector"):
        cluster.strict.add(f"{one.namespace}/")
        cluster.found.omit(one.kind, one.place, "taken as encryption and authentication of what pods here are sent")
    else:
        cluster.found.omit(one.kind, one.place, "its rules are not read")
    return True


def encrypt(cluster: Cluster) -> None:
    """Mark the calls into namespaces with strict mutual TLS."""
    if not cluster.strict:
        return
    for number, link in enumerate(cluster.found.links):
        if link.flow and f"{link.target.partition('/')[0]}/" in cluster.strict and "/" in link.target:
            cluster.found.links[number] = replace(link, encrypted=True, authenticated=True)


def rights(cluster: Cluster, objects: list[Object]) -> None:
    """What service accounts may do, given to the workloads that have them."""
    roles = {(one.kind, one.namespace if one.kind == "Role" else "", one.name): one
             for one in objects if one.kind in ("Role", "ClusterRole")}  # fmt: skip
    for one in objects:
        if one.kind not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        kind, name = text(one.value, "roleRef", "kind"), text(one.value, "roleRef", "name")
        role = roles.get((kind, one.namespace if kind == "Role" else "", name))
        wide = one.kind == "ClusterRoleBinding"
        holders = []
        for subject in listed(one.value, "subjects"):
            if text(subject, "kind") == "ServiceAccount":
                namespace = text(subject, "namespace") or one.namespace
                holders += cluster.accounts.get((namespace, text(subject, "name")), [])
        if not holders:
            cluster.found.omit(one.kind, one.place, "no workload of this file has these accounts")
        elif role is None and name in ("cluster-admin", "admin", "edit"):
            _runs(cluster, one, holders, wide or name == "cluster-admin", (*one.place, "roleRef"), name)
        elif role is None:
            cluster.found.omit(one.kind, one.place, "its role is not in this file")
        else:
            for number, rule in enumerate(listed(role.value, "rules")):
                _rule(cluster, one, holders, mapping(rule), (*role.place, "rules", number), wide)


def _rule(cluster: Cluster, one: Object, holders: list[str], rule: Mapping[str, Any], place: Place, wide: bool) -> None:
    verbs = {str(each) for each in listed(rule, "verbs")}
    resources = {str(each) for each in listed(rule, "resources")}
    taken = False
    if verbs & {"escalate", "bind", "impersonate"} or (verbs & _WRITES and resources & {*_MAKES_PODS, "*"}):
        _runs(cluster, one, holders, wide, place, ", ".join(sorted(resources))[:100])
        taken = True
    if resources & {"secrets", "*"}:
        named = {str(each) for each in listed(rule, "resourceNames")}
        for said in cluster.secrets_in("" if wide else one.namespace, named):
            key = cluster.secret(said.namespace, said.name, said.place)
            for holder in holders:
                if verbs & _READS:
                    cluster.found.links.append(Link(holder, "mayRead", key, place, "right"))
                if verbs & _WRITES:
                    cluster.found.links.append(Link(holder, "mayWrite", key, place, "right"))
        taken = True
    if not taken:
        cluster.found.omit("rule of a role", place, "it gives no right over what is in this file")


def _runs(cluster: Cluster, one: Object, holders: list[str], wide: bool, place: Place, what: str) -> None:
    """The right to make pods, or to act in them: over the cluster, or over the workloads of the namespace."""
    note = f"by {one.kind} {one.name}: {what}"
    targets = [cluster.host(place)] if wide else cluster.workloads_in(one.namespace)[:MAX_PAIRS]
    for holder in holders:
        for target in targets:
            if holder != target:
                cluster.found.links.append(Link(holder, "mayRun", target, place, "right", note=note))
