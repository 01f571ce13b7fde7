"""One service of a Compose file after the other: workload, openings, mounts, secrets, and rights over the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.knowledge.vocabulary import ActorKind
from graphmodel.model.accounts import Question
from graphmodel.reading.values import Place
from importers.compose.choices import depends_on, profiles_of
from importers.compose.files import Project
from importers.compose.mounts import Mount, mounts, share
from importers.compose.networks import MACHINE, Networks
from importers.compose.overlays import entries_of
from importers.compose.ports import port
from importers.deployment.images import image
from importers.deployment.models import models_of
from importers.deployment.stack import Stack
from importers.deployment.variables import words
from importers.deployment.workload import Setting, Workload, options
from importers.elements import Attacker, Found, Ground, Link, Measure, Part, Sign, call
from importers.provenance import Reader
from importers.secrets import SecretValue

INTERNET = "internet"
_OVER_THE_HOST = words("ALL SYS_ADMIN SYS_MODULE SYS_PTRACE SYS_RAWIO DAC_READ_SEARCH BPF SYS_BOOT MAC_ADMIN")
_CONTAINED = frozenset({"runsc", "io.containerd.runsc.v1", "kata", "kata-runtime", "io.containerd.kata.v2"})


class Services:
    """Gathers the services that run together."""

    def __init__(self, found: Found, reader: Reader, project: Project, networks: Networks, host: str) -> None:
        self.found, self.reader, self.project, self.networks, self.host = found, reader, project, networks, host
        self.stack = Stack(found, reader)
        self.mounted: dict[str, list[tuple[str, Mount]]] = {}
        self.exposed = False
        self.pulled: list[tuple[Workload, Place, str]] = []

    def gather(self, services: Mapping[str, Mapping[str, Any]]) -> None:
        """All services: first what they are, then what each has to do with the others."""
        for name, one in services.items():
            self.stack.add(self._workload(name, one))
        for name in services:  # host names of containers and aliases come after the names of all services
            for host in self._hosts(name, services[name]):
                self.stack.alias("", host, f"service {name}")
        self.stack.finish()
        self._models(services)
        for name, one in services.items():
            key, place = f"service {name}", self.project.places[name]
            self._ports(key, one, place)
            self._mounts(key, one, place)
            self._secrets(key, one, place)
            self._rights(key, name, one, place)
            self._build(key, name, one, place)
        share(self.found, self.mounted, self.host, MACHINE)
        self._waiting(services)
        self._open_questions(services)

    def job(self, name: str, service: Mapping[str, Any]) -> None:
        """What a job that is left out still tells: the models that it loads for the others."""
        one = self._workload(name, service)
        for place, model, _ in models_of(one):
            self.pulled.append((one, place, model))

    # ------------------------------------------------------------ what a service is
    def _workload(self, name: str, one: Mapping[str, Any]) -> Workload:
        place = self.project.places[name]
        zone, note = self.networks.zone_of(name, one, place)
        reference = self.reader.word(one.get("image"), (*place, "image"))
        signs = (Sign("kind", "built here"),) if one.get("build") else ()
        provider = one.get("provider")
        if isinstance(provider, dict) and provider.get("type") == "model":
            signs = (Sign("kind", "model runner"),)
        profiles = profiles_of(one)
        return Workload(
            key=f"service {name}",
            name=name,
            place=place,
            kind="service",
            image=reference,
            image_place=(*place, "image"),
            hosts=(name,),
            settings=tuple(self._settings(one, place)),
            boundary=zone,
            host=self.host,
            signs=signs,
            tags=tuple(f"profile-{profile}"[:60] for profile in profiles[:5]),
            note=note,
            identifiers=(f"dns:{name.lower()}",),
        )

    def _hosts(self, name: str, one: Mapping[str, Any]) -> list[str]:
        said = [one.get("container_name"), one.get("hostname"), *self.networks.aliases(one)]
        return [host for host in said if isinstance(host, str) and host and "$" not in host]

    def _settings(self, one: Mapping[str, Any], place: Place) -> Iterator[Setting]:
        for where, key, value in entries_of(one.get("environment"), (*place, "environment")):
            if isinstance(value, dict | list):
                self.reader.report("warning", where, "text is expected here; it was left out.", "Correct the file.")
            else:
                yield Setting(where, key, None if value is None else str(value))
        said: list[tuple[Place, str]] = []
        for part in ("entrypoint", "command"):
            value = one.get(part)
            for number, word in enumerate(value if isinstance(value, list) else [value] if value is not None else []):
                if isinstance(word, str | int | float):
                    said.append(((*place, part, number) if isinstance(value, list) else (*place, part), str(word)))
        yield from options(said)

    def _models(self, services: Mapping[str, Mapping[str, Any]]) -> None:
        """The models that Docker itself runs, those of top level and those that jobs load."""
        for where, model in self.reader.entries(self.project.top.get("models"), ("models",)):
            name, key = str(where[-1]), f"model runner {where[-1]}"
            self.found.parts.append(
                Part(key, name, where, "model", (Sign("kind", "model runner"),), identifiers=(f"dns:{name.lower()}",))
            )
            said = self.reader.name(model.get("model"), (*where, "model"))
            if said:
                self.found.parts.append(
                    Part(
                        f"model {said.lower()}", said, where, "model", (Sign("model", said.lower()),), fallback="Model"
                    )
                )
                self.found.links.append(Link(key, "servesModel", f"model {said.lower()}", where, "model"))
        for name, one in services.items():
            for where, used, _ in entries_of(one.get("models"), (*self.project.places[name], "models")):
                self.stack.link(f"service {name}", f"model runner {used}", where)
        runners = {known.name: one for one in self.stack.workloads if (known := image(one.image))}
        for job, place, pulled in self.pulled:
            known = image(job.image)
            runner = runners.get(known.name) if known else None
            if runner is None:
                self.found.omit("model", place, "no service runs the image of the job that loads it")
                continue
            own = f"model {pulled.lower()}"
            sign = (Sign("model", pulled.lower()),)
            self.found.parts.append(
                Part(own, pulled, place, "model", sign, identifiers=(f"model:ollama/{pulled}",), fallback="Model")
            )
            self.found.links.append(Link(runner.key, "servesModel", own, place, "model", Ground.REFERENCE))

    def _build(self, key: str, name: str, one: Mapping[str, Any], place: Place) -> None:
        build = one.get("build")
        if not build:
            return
        context = build.get("context", ".") if isinstance(build, dict) else build
        folder = context.strip("./") if isinstance(context, str) else ""
        label = f"Source code in {folder[:100]}" if folder else f"Source code of {name}"
        code = f"code {folder or name}"
        self.found.parts.append(Part(code, label, (*place, "build"), "build", type="SourceCode"))
        self.found.links.append(Link(key, "deployedFrom", code, (*place, "build"), "build"))

    # ------------------------------------------------------------ who comes to it
    def _ports(self, key: str, one: Mapping[str, Any], place: Place) -> None:
        listed = one.get("ports")
        if one.get("network_mode") == "host":
            self.found.questions.append(Question(key, "It uses the host's network: who comes to its ports?"))
        for number, said in enumerate(listed if isinstance(listed, list) else []):
            where = (*place, "ports", number)
            known = port(said)
            if known is None:
                self.found.omit("port", where, "it is not written as a port")
            elif known.loopback:
                self.found.omit("port", where, "it is bound to the machine itself")
            else:
                self._expose(key, where, known.host or "chosen by Docker", known.inner)

    def _expose(self, key: str, place: Place, outer: str, inner: str) -> None:
        if not self.exposed:
            self.exposed = True
            zone = self.stack.outside.internet(place)
            note = "ports are published on every interface of the host; a firewall before it is not in the file"
            self.found.attackers.append(
                Attacker(INTERNET, "Internet attacker", place, "exposure", ActorKind.OUTSIDER, boundary=zone, note=note)
            )
        self.found.links.append(
            call(
                INTERNET,
                "sendsTo",
                key,
                place,
                "port",
                name=f"port {outer} to {inner}",
                authenticated=self.stack.asks(key),
                note="published on every interface",
            )
        )

    def _waiting(self, services: Mapping[str, Mapping[str, Any]]) -> None:
        for name, one in services.items():
            key, place = f"service {name}", self.project.places[name]
            listed = one.get("depends_on")
            for number, target in enumerate(depends_on(one)):
                where: Place = (*place, "depends_on", number if isinstance(listed, list) else target)
                other = f"service {target}"
                if target not in services:
                    known = target in self.project.services
                    reason = "it waits for a job or another profile" if known else "there is no such service here"
                    self.found.omit("depends_on", where, reason)
                elif (key, other) in self.stack.pairs or (other, key) in self.stack.pairs:
                    self.found.omit("depends_on", where, "the settings say who calls whom")
                else:
                    self._waits(key, other, where)
            links = one.get("links")
            for number, said in enumerate(links if isinstance(links, list) else []):
                other = f"service {str(said).partition(':')[0]}"
                if (key, other) not in self.stack.pairs:
                    self.stack.link(key, other, (*place, "links", number))

    def _waits(self, key: str, other: str, where: Place) -> None:
        self.found.links.append(
            call(
                key,
                "sendsTo",
                other,
                where,
                "depends_on",
                Ground.START_ORDER,
                note="it starts after it; that it calls it is likely, not said",
            )
        )

    # ------------------------------------------------------------ what it holds
    def _mounts(self, key: str, one: Mapping[str, Any], place: Place) -> None:
        for mount in mounts(one.get("volumes"), (*place, "volumes"), self.reader):
            reason, credentials = mount.gives_machine, mount.credentials
            if reason:
                self.found.links.append(
                    Link(key, "mayRun", self.host, mount.place, "rights over the host", note=reason)
                )
            elif credentials:
                own = self.stack.secret(f"credentials in {credentials}", mount.place, "lies in a directory of the host")
                self.found.links.append(Link(key, "usesSecret", own, mount.place, "uses secret"))
            else:
                self.mounted.setdefault(mount.source, []).append((key, mount))

    def _secrets(self, key: str, one: Mapping[str, Any], place: Place) -> None:
        declared = self.project.top.get("secrets")
        for part in ("secrets", "configs"):
            listed = one.get(part)
            for number, said in enumerate(listed if isinstance(listed, list) else []):
                where = (*place, part, number)
                name = said.get("source") if isinstance(said, dict) else said
                if not isinstance(name, str):
                    self.found.omit(part.removesuffix("s"), where, "it has no name")
                elif part == "configs":
                    self.found.omit("config", where, "what is in it is not in the file")
                else:
                    top = declared.get(name) if isinstance(declared, dict) else None
                    own = self.stack.secret(name, where, _kept(top), name)
                    self.found.links.append(Link(key, "usesSecret", own, where, "uses secret"))

    def _rights(self, key: str, name: str, one: Mapping[str, Any], place: Place) -> None:
        reasons = []
        if one.get("privileged") is True:
            reasons.append(((*place, "privileged"), "it is privileged"))
        if one.get("pid") == "host":
            reasons.append(((*place, "pid"), "it sees and may reach into the processes of the host"))
        added = one.get("cap_add")
        for number, said in enumerate(added if isinstance(added, list) else []):
            capability = str(said).upper().removeprefix("CAP_")
            if capability in _OVER_THE_HOST:
                reasons.append(((*place, "cap_add", number), f"it has the capability {capability}"))
        for where, reason in reasons:
            self._runs_host(key, where, reason)
        runtime = one.get("runtime")
        if isinstance(runtime, str) and runtime in _CONTAINED:
            self.found.measures.append(
                Measure(f"runtime {name}", f"{name} in {runtime}", (*place, "runtime"), "runtime", "sandboxing", (key,))
            )

    def _runs_host(self, key: str, where: Place, reason: str) -> None:
        self.found.links.append(Link(key, "mayRun", self.host, where, "rights over the host", note=reason))

    def _open_questions(self, services: Mapping[str, Mapping[str, Any]]) -> None:
        called = {origin for origin, _ in self.stack.pairs}
        dark = [
            name
            for name, one in services.items()
            if one.get("env_file") and (one.get("build") or depends_on(one)) and f"service {name}" not in called
        ]
        if dark:
            shown = ", ".join(dark[:8])
            text = f"Whom do {shown} call? Their settings are in a file (env_file) that is not read."
            self.found.questions.append(Question("", text))


def _kept(top: object) -> SecretValue | str:
    if not isinstance(top, dict):
        return SecretValue.ABSENT
    if "file" in top:
        return "lies in a file beside the Compose file"
    return SecretValue.VARIABLE if "environment" in top else SecretValue.VAULT
