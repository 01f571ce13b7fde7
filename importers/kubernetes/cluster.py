"""What the readers of single objects share: namespaces, the cluster, services by name, secrets and openings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from graphmodel.knowledge.vocabulary import ActorKind
from graphmodel.model.accounts import Question
from graphmodel.reading.problems import refusal
from graphmodel.reading.values import Place
from importers.deployment.providers import Provider
from importers.deployment.stack import Stack
from importers.elements import Attacker, Boundary, Found, Ground, Link, Measure, Part, call
from importers.kubernetes.objects import MOST_LOOKED_AT, Object, Selected
from importers.provenance import Reader

HOST, INTERNET = "cluster", "internet"


@dataclass
class Cluster:
    """Elements are made when they are first named."""

    found: Found
    reader: Reader
    selected: Selected = field(default_factory=Selected)
    accounts: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    claims: dict[tuple[str, str], list[tuple[str, Place]]] = field(default_factory=dict)
    configs: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    secrets: dict[tuple[str, str], Object] = field(default_factory=dict)
    services: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    strict: set[str] = field(default_factory=set)
    policies: set[str] = field(default_factory=set)
    pending: list[tuple[str, str, Provider, Place]] = field(default_factory=list)
    _made: set[str] = field(default_factory=set)
    _secrets: dict[tuple[str, str], list[Object]] = field(default_factory=dict)
    _workloads: dict[str, list[str]] = field(default_factory=dict)
    _looked_at: int = 0

    def __post_init__(self) -> None:
        self.stack = Stack(self.found, self.reader)

    def namespace(self, name: str, place: Place) -> str:
        """The zone of a namespace."""
        key = f"namespace {name}"
        if key not in self._made:
            self._made.add(key)
            self.found.boundaries.append(Boundary(key, f"Namespace {name}", place, "namespace"))
        return key

    def host(self, place: Place) -> str:
        """The cluster on whose nodes the pods run."""
        self.add(Part(HOST, "Kubernetes cluster", place, "cluster", type="ContainerPlatform", ground=Ground.REFERENCE))
        return HOST

    def add(self, part: Part) -> str:
        """The key of a part, which is added when it is new."""
        if part.key not in self._made:
            self._made.add(part.key)
            self.found.parts.append(part)
        return part.key

    def control(self, name: str, place: Place, kind: str, control: str, protects: tuple[str, ...]) -> None:
        """A setting that is a control."""
        self.found.measures.append(Measure(f"{control} {name}", name, place, kind, control, protects))

    def secrets_in(self, namespace: str, names: Iterable[str]) -> list[Object]:
        """The Secrets of a namespace, or of all where it is empty; of these names only, where there are any.

        Raises ``UnreadableError`` where thousands of roles meet thousands of Secrets.
        """
        if not self._secrets:
            for one in self.secrets.values():
                for key in ((one.namespace, ""), ("", ""), (one.namespace, one.name), ("", one.name)):
                    self._secrets.setdefault(key, []).append(one)
        found = [one for name in sorted(names) or [""] for one in self._secrets.get((namespace, name), ())]
        self._looked_at += len(found)
        if self._looked_at > MOST_LOOKED_AT:
            said = f"the roles of this file give rights to more than {MOST_LOOKED_AT:,} Secrets, counted each time."
            raise refusal("", said, "Split the file by namespaces, or leave out what is not a part of the system.")
        return found

    def workloads_in(self, namespace: str) -> list[str]:
        """The keys of the workloads of a namespace, once all are gathered."""
        if not self._workloads:
            for one in self.stack.workloads:
                self._workloads.setdefault(one.key.partition("/")[0], []).append(one.key)
        return self._workloads.get(namespace, [])

    def ask(self, key: str, question: str) -> None:
        """What only a person can say."""
        self.found.questions.append(Question(key, question))

    def configured(self, namespace: str, name: str) -> dict[str, str]:
        """What a ConfigMap of the file says."""
        return self.configs.get((namespace, name), {})

    def secret(self, namespace: str, name: str, place: Place) -> str:
        """The part of a Secret, whether the file has it or only names it."""
        said = self.secrets.get((namespace, name))
        note = "only its name is in the file"
        if said is not None:
            place = said.place
            held = {**_map(said.value.get("data")), **_map(said.value.get("stringData"))}
            filled = [
                one for one in held.values() if isinstance(one, str) and one and "<" not in one and "$" not in one
            ]
            note = "its values stand in the file, and base64 hides nothing" if filled else "its values are left open"
        return self.add(
            Part(
                f"secret {namespace}/{name}",
                name,
                place,
                "Secret",
                type="Secret",
                boundary=self.namespace(namespace, place),
                note=note,
            )
        )

    def uses_secret(self, namespace: str, name: str, key: str, place: Place, provider: Provider | None) -> None:
        """That a workload holds a Secret, and for whose service it is."""
        if not name:
            return
        own = self.secret(namespace, name, place)
        self.found.links.append(Link(key, "usesSecret", own, place, "uses secret"))
        if provider is not None:
            self.pending.append((key, own, provider, place))

    def expose(self, key: str, place: Place, name: str, encrypted: bool | None = None, note: str = "") -> None:
        """That whoever is outside may call something."""
        if INTERNET not in self._made:
            self._made.add(INTERNET)
            zone = self.stack.outside.internet(place)
            self.found.attackers.append(
                Attacker(INTERNET, "Internet attacker", place, "exposure", ActorKind.OUTSIDER, boundary=zone)
            )
        self.found.links.append(
            call(INTERNET, "sendsTo", key, place, "exposed", name=name, encrypted=encrypted, note=note)
        )

    def call(
        self,
        origin: str,
        target: str,
        place: Place,
        kind: str,
        *,
        encrypted: bool | None = None,
        authenticated: bool | None = None,
        note: str = "",
    ) -> None:
        """A call that the file declares."""
        self.stack.pairs.add((origin, target))
        self.found.links.append(
            call(origin, "sendsTo", target, place, kind, encrypted=encrypted, authenticated=authenticated, note=note)
        )


def _map(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
