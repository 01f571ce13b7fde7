"""Objects that serve models: KServe, its graphs and language models, Ray, and Seldon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.values import Place
from graphmodel.reading.yaml_text import read_yaml
from importers.elements import Ground, Link, Part, Sign
from importers.kubernetes.cluster import Cluster
from importers.kubernetes.objects import Object, labels_of, listed, mapping, text
from importers.kubernetes.workloads import pod
from importers.secrets import without_secrets

_FRAMEWORKS = ("sklearn", "xgboost", "lightgbm", "tensorflow", "pytorch", "onnx", "triton", "pmml", "paddle", "mlflow")
_LANGUAGE = frozenset({"huggingface", "vllm", "llm", "sglang", "tgi"})
_CODE_PORTS = frozenset({8265, 10001})


def take(cluster: Cluster, one: Object) -> bool:
    """Take in an object that serves models; false where it is none."""
    if one.kind == "InferenceService" and "kserve" in one.group:
        _kserve(cluster, one)
    elif one.kind == "LLMInferenceService":
        _llm(cluster, one)
    elif one.kind in ("RayService", "RayCluster", "RayJob"):
        _ray(cluster, one)
    elif one.kind == "SeldonDeployment" or (one.kind == "Model" and "seldon" in one.group):
        _endpoint(cluster, one, "PredictiveEndpoint")
        _stored(cluster, one, one.key, text(one.spec, "storageUri"), one.place)
    else:
        return False
    return True


def _endpoint(cluster: Cluster, one: Object, type: str) -> None:
    pod(cluster, one, {}, one.place, labels_of(one.value, "metadata", "labels"), type=type)


def _kserve(cluster: Cluster, one: Object) -> None:
    for part in ("predictor", "transformer", "explainer"):
        said, place = mapping(one.spec, part), (*one.place, "spec", part)
        if not said:
            continue
        key, name = (one.key, "") if part == "predictor" else (f"{one.key} {part}", f"{one.name} {part}")
        framework = next(
            (each for each in (*_FRAMEWORKS, "huggingface", "model") if isinstance(said.get(each), dict)), ""
        )
        server = mapping(said, framework) if framework else {}
        form = text(server, "modelFormat", "name") or text(server, "runtime") if framework == "model" else framework
        type_ = ""
        if part == "predictor" and framework:
            type_ = "LanguageModelEndpoint" if any(each in form for each in _LANGUAGE) else "PredictiveEndpoint"
        spec = (
            said if listed(said, "containers") else {**said, "containers": [{"image": text(server, "image"), **server}]}
        )
        signs = (Sign("kind", "kserve predictor" if part == "predictor" else part),)
        pod(cluster, one, spec, place, labels_of(one.value, "metadata", "labels"), key=key, name=name, signs=signs,
            type=type_)  # fmt: skip
        uri = text(server, "storageUri") or text(server, "storage", "path")
        if uri:
            _stored(cluster, one, key, uri, (*place, framework, "storageUri"))
        if part != "predictor":
            cluster.call(key, one.key, place, "component of an inference service")


def _stored(cluster: Cluster, one: Object, key: str, uri: str, place: Place, name: str = "", type: str = "") -> None:
    """The model that an endpoint serves, and where it is kept."""
    uri, label = without_secrets(uri), name or f"Model of {one.name}"
    model = f"model {name.lower()}" if name else f"{key} model"
    signs = (Sign("model", name.lower()),) if name else ()
    hub = uri.removeprefix("hf://") if uri.startswith("hf://") else name if name.count("/") == 1 else ""
    identifiers = (f"pkg:huggingface/{hub}",) if hub.count("/") == 1 else ()
    kind = type or ("" if name else "Model")
    cluster.add(Part(model, label, place, "model", signs, kind, identifiers=identifiers, fallback="Model"))
    cluster.found.links.append(Link(key, "servesModel", model, place, "serves model"))
    scheme, separator, rest = uri.partition("://")
    if separator and "$" not in rest:
        bucket = rest.split("/")[0] if scheme != "hf" else "huggingface.co"
        store = f"store {scheme}://{bucket}"
        away = scheme in ("hf", "https", "http")
        zone = cluster.stack.outside.internet(place) if away else ""
        kept = (Sign("scheme", scheme), Sign("host", bucket))
        cluster.add(
            Part(store, bucket, place, "storage", kept, ground=Ground.REFERENCE, boundary=zone, fallback="DataStore")
        )
        cluster.found.links.append(Link(model, "storedIn", store, place, "stored in"))


def _llm(cluster: Cluster, one: Object) -> None:
    model, place = mapping(one.spec, "model"), (*one.place, "spec", "model")
    spec = mapping(one.spec, "template")
    labels = labels_of(one.value, "metadata", "labels")
    pod(cluster, one, spec, (*one.place, "spec", "template"), labels, type="LanguageModelEndpoint")
    uri = text(model, "uri")
    name = text(model, "name") or uri.removeprefix("hf://")
    _stored(cluster, one, one.key, uri, place, name, "LanguageModel")


def _ray(cluster: Cluster, one: Object) -> None:
    config = mapping(one.spec, "rayClusterConfig") or mapping(one.spec, "rayClusterSpec") or one.spec
    part = next((key for key in ("rayClusterConfig", "rayClusterSpec") if key in one.spec), "")
    base: Place = (*one.place, "spec", part) if part else (*one.place, "spec")
    head, where = mapping(config, "headGroupSpec", "template", "spec"), (*base, "headGroupSpec", "template", "spec")
    key = f"{one.key} head" if one.kind == "RayService" else one.key
    labels = labels_of(config, "headGroupSpec", "template", "metadata", "labels")
    pod(cluster, one, head, where, labels, key=key, name=f"{one.name} Ray head", type="Host")
    ports = {at for each in listed(head, "containers") for said in listed(each, "ports")
             if isinstance(at := said.get("containerPort") if isinstance(said, dict) else None, int)}  # fmt: skip
    if ports & _CODE_PORTS:
        shown = " and ".join(str(each) for each in sorted(ports & _CODE_PORTS))
        text_ = f"Who comes to the ports {shown} of Ray? Whoever does runs code there, and nobody is asked who he is."
        cluster.ask(key, text_)
    for number, group in enumerate(listed(config, "workerGroupSpecs")):
        spec = mapping(group, "template", "spec")
        name = text(group, "groupName") or str(number)
        place = (*base, "workerGroupSpecs", number, "template", "spec")
        worker = pod(cluster, one, spec, place, {}, key=f"{one.key} worker {number}", name=f"{one.name} Ray {name}",
                     type="Host")  # fmt: skip
        cluster.call(key, worker, place, "Ray worker", note="the head has its workers run code")
    if one.kind != "RayService":
        return
    applications = _serve(cluster, one)
    configs = [said for each in applications for said in listed(each, "args", "llm_configs")]
    type_ = "LanguageModelEndpoint" if configs or "llm" in str(applications)[:2_000].lower() else "PredictiveEndpoint"
    place = (*one.place, "spec", "serveConfigV2")
    _endpoint(cluster, one, type_)
    cluster.found.links.append(Link(one.key, "runsIn", key, place, "runs in"))
    for said in configs:
        loading = mapping(said, "model_loading_config")
        name = text(loading, "model_source") or text(loading, "model_id")
        if name:
            _stored(cluster, one, one.key, "", place, name)


def _serve(cluster: Cluster, one: Object) -> list[Any]:
    """The applications of ``serveConfigV2``, which is YAML in a text."""
    said: Any = one.spec.get("serveConfigV2")
    if isinstance(said, str):
        try:
            said = read_yaml(said.encode(), cluster.reader.text.file).value
        except UnreadableError:
            cluster.found.omit("serveConfigV2", (*one.place, "spec", "serveConfigV2"), "it is no valid YAML")
            return []
    return listed(said, "applications") if isinstance(said, Mapping) else []


def graph(cluster: Cluster, one: Object) -> None:
    """The flows of a graph of inference services, in the order of its steps."""
    for node, said in mapping(one.spec, "nodes").items():
        place = (*one.place, "spec", "nodes", node, "steps")
        sequence = text(said, "routerType") == "Sequence"
        before = ""
        for number, step in enumerate(listed(said, "steps")):
            key = f"{one.namespace}/InferenceService/{text(step, 'serviceName')}"
            if before and sequence:
                cluster.call(before, key, (*place, number), "step of a graph")
            before = key
