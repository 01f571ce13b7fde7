"""Reads Kubernetes manifests with all their documents; what is no part of a system is counted and left out."""

from __future__ import annotations

from importers.elements import Found, Link, Part
from importers.importer import two_stage
from importers.kubernetes import gateways, policies, serving, workloads
from importers.kubernetes.cluster import Cluster
from importers.kubernetes.objects import Object, is_object, mapping, objects, of_one_owner, whole
from importers.provenance import Reader
from importers.source import Source

ID = "kubernetes"
_QUIET = frozenset({"Namespace", "ServiceAccount", "ConfigMap", "Secret", "GatewayClass", "BackendTLSPolicy", "Backend",
                    "AIServiceBackend", "BackendSecurityPolicy", "Role", "ClusterRole", "RoleBinding",
                    "ClusterRoleBinding", "PersistentVolumeClaim"})  # fmt: skip


def sniff(source: Source) -> bool:
    """Whether one of the first documents of a file is an object of Kubernetes."""
    return any(is_object(one.value) for one in source.documents[:20])


def gather(source: Source) -> tuple[Found, Reader]:
    """All objects of the file: first what others refer to, then workloads, then what joins them."""
    reader = Reader(whole(source), importer=ID)
    found = Found("Kubernetes manifest")
    cluster = Cluster(found, reader)
    everything, alike = of_one_owner(list(objects(reader.text.value)))
    found.joined.extend(["Pod"] * alike)
    for number, one in enumerate(reader.text.value):
        if not is_object(one):
            found.omit("document", (number,), "it is no object of Kubernetes")
    for each in everything:
        _first(cluster, each)
    rest = [each for each in everything if not _makes_parts(cluster, each)]
    for each in rest:
        if each.kind == "Service" and not each.group:
            gateways.service(cluster, each)
    cluster.stack.finish()
    _keys(cluster)
    routes = gateways.Routes(cluster, everything)
    for each in rest:
        if not _joins(cluster, each, routes) and each.kind not in (*_QUIET, "Service", "BackendTrafficPolicy"):
            found.omit(each.kind, each.place, "objects of this kind are not read")
    for each in rest:
        if each.kind == "BackendTrafficPolicy":
            routes.limit(each)
    for each in everything:
        if each.kind == "Secret":
            cluster.secret(each.namespace, each.name, each.place)
        elif each.kind in ("ServiceAccount", "Namespace", "GatewayClass", "ConfigMap"):
            found.omit(each.kind, each.place, "it stands behind other elements, and is none itself")
    policies.rights(cluster, everything)
    policies.encrypt(cluster)
    _claims(cluster)
    flat = sorted({each.scope for each in cluster.stack.workloads} - cluster.policies)
    if flat and cluster.stack.workloads:
        shown = ", ".join(flat[:8])
        cluster.ask("", f"Nothing in this file separates the pods of {shown}: do network policies lie elsewhere?")
    return found, reader


def _first(cluster: Cluster, one: Object) -> None:
    if one.kind == "ConfigMap":
        said = mapping(one.value, "data")
        cluster.configs[one.namespace, one.name] = {str(key): str(each) for key, each in said.items()}
    elif one.kind == "Secret":
        cluster.secrets[one.namespace, one.name] = one


def _makes_parts(cluster: Cluster, one: Object) -> bool:
    if one.kind in workloads.PODS:
        workloads.take(cluster, one)
        return True
    return serving.take(cluster, one)


def _joins(cluster: Cluster, one: Object, routes: gateways.Routes) -> bool:
    if one.kind == "Ingress":
        gateways.ingress(cluster, one)
    elif one.kind == "Gateway" and "networking.k8s.io" in one.group:
        gateways.gateway(cluster, one)
    elif gateways.is_route(one):
        routes.route(one)
    elif one.kind == "InferenceGraph":
        serving.graph(cluster, one)
    elif one.kind == "NetworkPolicy":
        policies.network(cluster, one)
    else:
        return policies.mesh(cluster, one)
    return True


def _keys(cluster: Cluster) -> None:
    """The providers whose keys workloads take from Secrets."""
    for key, own, provider, place in cluster.pending:
        target = cluster.stack.calls_provider(key, provider, place)
        cluster.found.links.append(Link(own, "unlocks", target, place, "unlocks"))


def _claims(cluster: Cluster) -> None:
    """Stores for the volumes that several workloads mount."""
    for (namespace, claim), users in cluster.claims.items():
        place = users[0][1]
        if len({key for key, _ in users}) < 2:
            cluster.found.omit("volume claim", place, "only one workload uses it: it is that workload's own storage")
            continue
        zone = cluster.namespace(namespace, place)
        part = Part(f"{namespace}/claim/{claim}", claim, place, "volume claim", type="DataStore", boundary=zone)
        key = cluster.add(part)
        for user, where in users:
            for relation in ("mayRead", "mayWrite"):
                cluster.found.links.append(Link(user, relation, key, where, "mount"))


IMPORTER = two_stage(
    ID,
    "Kubernetes manifest (YAML, JSON)",
    sniff,
    gather,
    ("*.k8s.yaml", "*deployment*.yaml", "*manifest*.yaml", "k8s*.yaml", "kustomize*.yaml", "*service*.yaml"),
)
