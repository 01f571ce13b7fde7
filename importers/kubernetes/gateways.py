"""What lets calls in and routes them: services, ingresses, gateways, and the AI gateway of Envoy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.reading.addresses import address
from graphmodel.reading.values import Place
from importers.elements import Ground, Link, Part, Sign
from importers.kubernetes.cluster import Cluster
from importers.kubernetes.objects import Object, labels_of, listed, mapping, text

_SCHEMAS = {
    "openai": "openai", "awsbedrock": "bedrock", "awsanthropic": "bedrock", "azureopenai": "azure", "anthropic":
    "anthropic", "gcpvertexai": "vertex_ai", "gcpanthropic": "vertex_ai", "cohere": "cohere",
}  # fmt: skip
_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "AIGatewayRoute", "MCPRoute"})


def service(cluster: Cluster, one: Object) -> None:
    """The names by which pods are called, and whether they are open to the outside."""
    keys = cluster.selected.by(one.namespace, labels_of(one.spec, "selector"))
    external = text(one.spec, "externalName")
    if external:
        key = cluster.add(_away(cluster, external, one.place))
        keys = [key]
    for alias in ("", ".svc", ".svc.cluster.local"):
        for key in keys[:1]:
            cluster.stack.alias("", f"{one.name}.{one.namespace}{alias}", key)
    for key in keys[:1]:
        cluster.stack.alias(one.namespace, one.name, key)
    if not keys:
        cluster.found.omit("Service", one.place, "it selects no pods of this file")
    cluster.services[one.namespace, one.name] = keys
    type_ = text(one.spec, "type")
    if type_ in ("LoadBalancer", "NodePort"):
        internal = any("internal" in f"{key}={said}".lower() for key, said in
                       mapping(one.value, "metadata", "annotations").items())  # fmt: skip
        for key in keys[:20]:
            if internal:
                cluster.found.omit("exposed", one.place, "its load balancer is said to be internal")
            else:
                cluster.expose(key, (*one.place, "spec", "type"), f"Service {one.name} ({type_})")


def ingress(cluster: Cluster, one: Object) -> None:
    """An ingress as a gateway, open to the outside, in front of the services that it names."""
    key = cluster.add(
        Part(one.key, one.name, one.place, one.kind, (Sign("kind", "ingress"),), "ApiGateway",
             boundary=cluster.namespace(one.namespace, one.place))
    )  # fmt: skip
    cluster.expose(key, one.place, f"Ingress {one.name}", True if listed(one.spec, "tls") else None)
    names: list[tuple[Place, str]] = []
    default = text(one.spec, "defaultBackend", "service", "name")
    if default:
        names.append(((*one.place, "spec", "defaultBackend"), default))
    for number, rule in enumerate(listed(one.spec, "rules")):
        for inner, path in enumerate(listed(rule, "http", "paths")):
            place = (*one.place, "spec", "rules", number, "http", "paths", inner)
            names.append((place, text(path, "backend", "service", "name") or text(path, "backend", "serviceName")))
    for place, name in names:
        _to_service(cluster, key, one.namespace, name, place, "route")


def gateway(cluster: Cluster, one: Object) -> None:
    """A gateway with its listeners, which are open to the outside."""
    key = cluster.add(
        Part(one.key, one.name, one.place, one.kind, (Sign("kind", "gateway"),), "ApiGateway",
             boundary=cluster.namespace(one.namespace, one.place))
    )  # fmt: skip
    for number, listener in enumerate(listed(one.spec, "listeners")):
        protocol = text(listener, "protocol").upper()
        encrypted = protocol in ("HTTPS", "TLS") if protocol else None
        name = f"listener {text(listener, 'name') or number} on {text(listener, 'port')}"
        cluster.expose(key, (*one.place, "spec", "listeners", number), name, encrypted)


class Routes:
    """Routes of gateways to services, to model providers and to MCP servers."""

    def __init__(self, cluster: Cluster, objects: list[Object]) -> None:
        self.cluster = cluster
        self.by: dict[tuple[str, str, str], Object] = {(one.kind, one.namespace, one.name): one for one in objects}
        self.tls = {
            (one.namespace, text(ref, "name"))
            for one in objects
            if one.kind == "BackendTLSPolicy"
            for ref in listed(one.spec, "targetRefs")
        }
        self.policies: dict[tuple[str, str], Object] = {}
        for one in objects:
            if one.kind == "BackendSecurityPolicy":
                for ref in listed(one.spec, "targetRefs"):
                    self.policies[one.namespace, text(ref, "name")] = one
        self.behind: dict[str, list[str]] = {}

    def route(self, one: Object) -> None:
        """The flows of one route, from every gateway that it hangs on."""
        parents = [self._parent(one, ref) for ref in listed(one.spec, "parentRefs") if isinstance(ref, dict)]
        place: Place = (*one.place, "spec")
        backends: list[tuple[Place, Mapping[str, Any], Mapping[str, Any]]] = []
        for number, ref in enumerate(listed(one.spec, "backendRefs")):
            backends.append(((*place, "backendRefs", number), mapping(ref), {}))
        for number, rule in enumerate(listed(one.spec, "rules")):
            for inner, ref in enumerate(listed(rule, "backendRefs")):
                backends.append(((*place, "rules", number, "backendRefs", inner), mapping(ref), mapping(rule)))
        if not parents:
            self.cluster.found.omit(one.kind, one.place, "it hangs on no gateway")
        for where, ref, rule in backends:
            target, encrypted, authenticated = self._target(one, ref, rule, where)
            for parent in parents:
                if target:
                    self.behind.setdefault(parent, []).append(target)
                    self.cluster.call(parent, target, where, one.kind, encrypted=encrypted,
                                      authenticated=authenticated)  # fmt: skip
                else:
                    self.cluster.found.omit(one.kind, where, "what it leads to is not in this file")
        issuer = text(one.spec, "securityPolicy", "oauth", "issuer")
        if issuer:
            self._identity(issuer, parents, (*place, "securityPolicy", "oauth"))

    def _parent(self, one: Object, ref: Mapping[str, Any]) -> str:
        namespace = text(ref, "namespace") or one.namespace
        key = f"{namespace}/Gateway/{text(ref, 'name')}"
        place = (*one.place, "spec", "parentRefs")
        zone = self.cluster.namespace(namespace, place)
        name = text(ref, "name") or "gateway"
        self.cluster.add(Part(key, name, place, "Gateway", type="ApiGateway", ground=Ground.REFERENCE, boundary=zone))
        return key

    def _target(
        self, one: Object, ref: Mapping[str, Any], rule: Mapping[str, Any], place: Place
    ) -> tuple[str, bool | None, bool | None]:
        namespace, name = text(ref, "namespace") or one.namespace, text(ref, "name")
        ai = self.by.get(("AIServiceBackend", namespace, name))
        authenticated: bool | None = None
        signs: tuple[Sign, ...] = ()
        type_ = "MCPServer" if one.kind == "MCPRoute" else ""
        if ai is not None:
            schema = text(ai.spec, "schema", "name").lower()
            signs = (Sign("provider", _SCHEMAS.get(schema, schema)),)
            type_ = "LanguageModelEndpoint"
            policy = self.policies.get((namespace, name))
            authenticated = True if policy is not None else None
            inner = mapping(ai.spec, "backendRef")
            namespace, name = text(inner, "namespace") or namespace, text(inner, "name")
            kind = text(inner, "kind") or "Service"
        else:
            kind = text(ref, "kind") or "Service"
        backend = self.by.get(("Backend", namespace, name))
        encrypted: bool | None = True if (namespace, name) in self.tls else None
        if kind == "Backend" or backend is not None:
            target = self._backend(backend, name, signs, type_, place) if backend is not None else ""
        else:
            keys = self.cluster.services.get((namespace, name), [])
            target = keys[0] if keys else ""
            if not target and kind in ("InferenceService", "LLMInferenceService"):
                target = f"{namespace}/{kind}/{name}"
            if not target and type_:
                target = self._named(namespace, name, signs, type_, place)
        if target and ai is not None:
            self._models(target, rule, place)
            if authenticated:
                self._credentials(self.policies[ai.namespace, ai.name], target)
        tools = mapping(ref, "toolSelector")
        if target and tools:
            shown = f"Tools of {name} that the route lets through"
            self.cluster.control(shown, (*place, "toolSelector"), "tool selector", "tool-allowlist", (target,))
        return target, encrypted, authenticated

    def _named(self, namespace: str, name: str, signs: tuple[Sign, ...], type: str, place: Place) -> str:
        zone = self.cluster.namespace(namespace, place)
        return self.cluster.add(
            Part(f"{namespace}/Service/{name}", name, place, "Backend", signs, type, Ground.REFERENCE, zone,
                 (f"dns:{name}.{namespace}",))
        )  # fmt: skip

    def _backend(self, backend: Object, name: str, signs: tuple[Sign, ...], type: str, place: Place) -> str:
        endpoint = next((one for one in listed(backend.spec, "endpoints") if isinstance(one, dict)), {})
        host = (
            text(endpoint, "fqdn", "hostname") or text(endpoint, "hostname") or text(endpoint, "ip", "address")
        ).lower()
        known = self.cluster.stack.called(backend.namespace, host)
        if known:
            return known
        if not host:
            return self._named(backend.namespace, name, signs, type, place)
        inside = host.endswith((".svc", ".local", ".internal")) or "." not in host
        zone = "" if inside else self.cluster.stack.outside.internet(place)
        return self.cluster.add(
            Part(f"host {host}", host, backend.place, "Backend", (*signs, Sign("host", host)), type, boundary=zone,
                 identifiers=(f"dns:{host}",))
        )  # fmt: skip

    def _models(self, target: str, rule: Mapping[str, Any], place: Place) -> None:
        for match in listed(rule, "matches"):
            for header in listed(match, "headers"):
                if text(header, "name").lower() == "x-ai-eg-model" and text(header, "value"):
                    name = text(header, "value")
                    model = f"model {name.lower()}"
                    self.cluster.add(Part(model, name, place, "model", type="LanguageModel"))
                    self.cluster.found.links.append(Link(target, "servesModel", model, place, "serves model"))

    def _credentials(self, policy: Object, target: str) -> None:
        spec = policy.spec
        for path in (("apiKey", "secretRef"), ("azureAPIKey", "secretRef"), ("anthropicAPIKey", "secretRef"),
                     ("awsCredentials", "credentialsFile", "secretRef"),
                     ("gcpCredentials", "credentialsFile", "secretRef"),
                     ("azureCredentials", "clientSecretRef")):  # fmt: skip
            name = text(spec, *path, "name")
            if name:
                own = self.cluster.secret(text(spec, *path, "namespace") or policy.namespace, name, policy.place)
                place = (*policy.place, "spec", *path)
                self.cluster.found.links.append(Link(own, "unlocks", target, place, "unlocks"))

    def _identity(self, issuer: str, parents: list[str], place: Place) -> None:
        where = address(issuer)
        if where is None:
            return
        key = self.cluster.add(
            Part(f"host {where.host}", f"Identity provider at {where.host}", place, "issuer", type="IdentityProvider",
                 identifiers=() if where.local else (f"dns:{where.host}",),
                 note="" if where.encrypted else "its address is not encrypted")
        )  # fmt: skip
        for parent in parents:
            self.cluster.found.links.append(Link(parent, "authenticatedBy", key, place, "authenticated by"))

    def limit(self, one: Object) -> None:
        """A limit of calls or of tokens on a gateway or a route: the setting is the control."""
        limits = mapping(one.spec, "rateLimit")
        if not limits:
            self.cluster.found.omit(one.kind, one.place, "it limits nothing that is known here")
            return
        targets = [self._limited(one, ref) for ref in (listed(one.spec, "targetRefs") or [one.spec.get("targetRef")])]
        keys = tuple(dict.fromkeys(key for each in targets for key in each))
        place = (*one.place, "spec", "rateLimit")
        self.cluster.control(f"Rate limit {one.name}", place, "rate limit", "rate-limiting", keys)
        rules = [*listed(limits, "global", "rules"), *listed(limits, "local", "rules")]
        if any(mapping(rule, "cost") for rule in rules):
            behind = tuple(dict.fromkeys(each for key in keys for each in self.behind.get(key, ())))
            self.cluster.control(f"Token limit {one.name}", place, "token limit", "resource-limits", behind)

    def _limited(self, one: Object, ref: Any) -> list[str]:
        kind, name = text(ref, "kind"), text(ref, "name")
        if kind in _ROUTES:
            route = self.by.get((kind, one.namespace, name))
            parents = listed(route.spec, "parentRefs") if route is not None else []
            return [f"{one.namespace}/Gateway/{text(each, 'name')}" for each in parents]
        return [f"{one.namespace}/{kind or 'Gateway'}/{name}"] if name else []


def is_route(one: Object) -> bool:
    """Whether an object routes calls of a gateway."""
    return one.kind in _ROUTES


def _to_service(cluster: Cluster, key: str, namespace: str, name: str, place: Place, kind: str) -> None:
    targets = cluster.services.get((namespace, name)) or []
    if not targets:
        cluster.found.omit(kind, place, "what it leads to is not in this file")
    for target in targets[:20]:
        if (key, target) not in cluster.stack.pairs:
            cluster.call(key, target, place, kind)


def _away(cluster: Cluster, host: str, place: Place) -> Part:
    host = host.lower()
    zone = cluster.stack.outside.internet(place)
    return Part(f"host {host}", host, place, "external name", (Sign("host", host),), boundary=zone,
                identifiers=(f"dns:{host}",))  # fmt: skip
