"""Pods and what makes them: images, settings, secrets, volumes, and what gives the node away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmodel.reading.values import Place
from importers.deployment.providers import provider_of
from importers.deployment.workload import Setting, Workload, options
from importers.elements import Link, Sign
from importers.kubernetes.cluster import Cluster
from importers.kubernetes.objects import Object, labels_of, listed, mapping, text

PODS = {
    "Deployment": ("spec", "template"), "StatefulSet": ("spec", "template"), "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"), "ReplicationController": ("spec", "template"), "Rollout": ("spec", "template"),
    "DeploymentConfig": ("spec", "template"),
    "Job": ("spec", "template"), "CronJob": ("spec", "jobTemplate", "spec", "template"), "Pod": (),
    "LeaderWorkerSet": ("spec", "leaderWorkerTemplate", "workerTemplate"),
    "PyTorchJob": ("spec", "pytorchReplicaSpecs", "Worker", "template"),
    "TFJob": ("spec", "tfReplicaSpecs", "Worker", "template"), "Notebook": ("spec", "template"),
    "Sandbox": ("spec", "podTemplate"),
}  # fmt: skip
_TRAINING = frozenset({"PyTorchJob", "TFJob", "TrainJob", "MPIJob"})
_OVER_THE_NODE = frozenset({"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF"})
_CONTAINED = frozenset({"gvisor", "runsc", "kata", "kata-qemu", "kata-containers", "kata-clh"})
_HELD_BY_NODE = ("/", "/etc", "/root", "/var/lib/kubelet", "/var/run", "/run", "/var/lib/docker", "/proc", "/dev")


def take(cluster: Cluster, one: Object) -> None:
    """Take in an object that makes pods."""
    path = PODS[one.kind]
    template, place = mapping(one.value, *path) if path else one.value, (*one.place, *path)
    spec, where = mapping(template, "spec"), (*place, "spec")
    if not listed(spec, "containers"):
        cluster.found.omit(one.kind, one.place, "it names no containers: a patch of something else")
        return
    kind = Sign("kind", one.kind)
    signs = (kind,) if one.kind in (*_TRAINING, "Notebook", "Sandbox") else ()
    type_ = "TrainingPipeline" if one.kind in _TRAINING else "Notebook" if one.kind == "Notebook" else ""
    pod(cluster, one, spec, where, labels_of(template, "metadata", "labels"), signs=signs, type=type_)


def pod(
    cluster: Cluster,
    one: Object,
    spec: Mapping[str, Any],
    place: Place,
    labels: Mapping[str, str],
    *,
    key: str = "",
    name: str = "",
    signs: tuple[Sign, ...] = (),
    type: str = "",
) -> str:
    """The workload of a pod, typed by the image of its first container; the others are packages of it."""
    key = key or one.key
    containers: list[tuple[Place, Mapping[str, Any]]] = [
        ((*place, part, number), said)
        for part in ("containers", "initContainers")
        for number, said in enumerate(listed(spec, part))
        if isinstance(said, dict)
    ]
    settings: list[Setting] = []
    for where, said in containers:
        settings += _settings(cluster, one, key, said, where)
    main = containers[0] if containers else (place, {})
    cluster.stack.add(
        Workload(
            key=key,
            name=name or one.name,
            place=one.place,
            kind=one.kind,
            image=text(main[1], "image"),
            image_place=(*main[0], "image"),
            hosts=(name or one.name,) if one.kind in ("InferenceService", "LLMInferenceService") else (),
            scope=one.namespace,
            settings=tuple(settings),
            boundary=cluster.namespace(one.namespace, one.place),
            host=cluster.host(one.place),
            signs=signs,
            type=type,
            identifiers=(f"k8s:{one.namespace}/{one.name}",) if not name else (),
        )
    )
    cluster.selected.add(one.namespace, key, labels)
    cluster.accounts.setdefault((one.namespace, text(spec, "serviceAccountName") or "default"), []).append(key)
    for where, said in containers[1:]:
        cluster.stack.more_images.append((key, text(said, "image"), (*where, "image")))
    _rights(cluster, key, spec, containers, place)
    _volumes(cluster, one, key, spec, place)
    runtime = text(spec, "runtimeClassName")
    if runtime in _CONTAINED:
        cluster.control(f"{one.name} in {runtime}", (*place, "runtimeClassName"), "runtime class", "sandboxing", (key,))
    return key


def _settings(cluster: Cluster, one: Object, key: str, container: Mapping[str, Any], place: Place) -> Iterator[Setting]:
    for number, said in enumerate(listed(container, "env")):
        where, name = (*place, "env", number), text(said, "name")
        secret, config = mapping(said, "valueFrom", "secretKeyRef"), mapping(said, "valueFrom", "configMapKeyRef")
        if secret:
            cluster.uses_secret(one.namespace, text(secret, "name"), key, where, provider_of(name))
        elif config:
            value = cluster.configured(one.namespace, text(config, "name")).get(text(config, "key"))
            if value is not None:
                yield Setting(where, name, value)
        elif name and "valueFrom" not in said:
            yield Setting(where, name, text(said, "value"))
    for number, said in enumerate(listed(container, "envFrom")):
        where = (*place, "envFrom", number)
        if mapping(said, "secretRef"):
            cluster.uses_secret(one.namespace, text(said, "secretRef", "name"), key, where, None)
        for name, value in cluster.configured(one.namespace, text(said, "configMapRef", "name")).items():
            yield Setting(where, name, value)
    words: list[tuple[Place, str]] = []
    for part in ("command", "args"):
        for number, said in enumerate(listed(container, part)):
            if isinstance(said, str | int | float):
                words.append(((*place, part, number), str(said)))
    yield from options(words)


def _rights(
    cluster: Cluster, key: str, spec: Mapping[str, Any], containers: list[tuple[Place, Mapping[str, Any]]], place: Place
) -> None:
    reasons: list[tuple[Place, str]] = []
    if spec.get("hostPID") is True:
        reasons.append(((*place, "hostPID"), "it sees the processes of the node"))
    for where, said in containers:
        context = mapping(said, "securityContext")
        if context.get("privileged") is True:
            reasons.append(((*where, "securityContext", "privileged"), "it is privileged"))
        for one in listed(context, "capabilities", "add"):
            if str(one).upper().removeprefix("CAP_") in _OVER_THE_NODE:
                reasons.append(((*where, "securityContext", "capabilities"), f"it has the capability {one}"))
    for number, one in enumerate(listed(spec, "volumes")):
        path = text(one, "hostPath", "path")
        if path.endswith(".sock") or (path and (path.rstrip("/") or "/") in _HELD_BY_NODE):
            reasons.append(((*place, "volumes", number), f"it mounts {path} of the node"))
    for where, reason in reasons:
        host = cluster.host(where)
        cluster.found.links.append(Link(key, "mayRun", host, where, "rights over the node", note=reason))


def _volumes(cluster: Cluster, one: Object, key: str, spec: Mapping[str, Any], place: Place) -> None:
    for number, said in enumerate(listed(spec, "volumes")):
        where = (*place, "volumes", number)
        claim = text(said, "persistentVolumeClaim", "claimName")
        secret = text(said, "secret", "secretName")
        if claim:
            cluster.claims.setdefault((one.namespace, claim), []).append((key, where))
        if secret:
            cluster.uses_secret(one.namespace, secret, key, where, None)
        for inner in listed(said, "projected", "sources"):
            if text(inner, "secret", "name"):
                cluster.uses_secret(one.namespace, text(inner, "secret", "name"), key, where, None)
