"""What a TM-BOM file does not say but its flows show: which application serves a model, and what trains it."""

from __future__ import annotations

from graphmodel.model.system import Asset
from graphmodel.reading.values import Place
from importers.tmbom_elements import Elements


def infer_serving(elements: Elements) -> None:
    """An application that is given models from where they are kept answers with them."""
    for flow in elements.flows:
        models = _models_in(elements, flow.origin)
        target = elements.assets.get(flow.target)
        if (
            not models
            or target is None
            or not (target.type == "Application" or elements.is_a(target.id, "InferenceEndpoint"))
        ):
            continue
        place: Place = ("data_flows",)
        if target.type == "Application":
            language = any(elements.is_a(model, "LanguageModel") for model in models)
            type_name = "LanguageModelEndpoint" if language else "PredictiveEndpoint"
            source = elements.reader.source(place, 0.6, "a model flows to it")
            elements.assets[target.id] = Asset(
                target.id,
                target.name,
                type_name,
                target.zone,
                target.description,
                target.owner,
                target.tags,
                source,
            )
        for model in models:
            elements.depend(target.id, "servesModel", model, place, 0.6, "a model flows to it")
        elements.reader.report(
            "note", place, f"“{flow.id}” brings a model to “{target.id}”, which was taken to serve it."
        )


def infer_training(elements: Elements) -> None:
    """A training environment that writes where models are kept trains them, on the data that it is given."""
    place: Place = ("data_flows",)
    given: dict[str, set[str]] = {}
    for flow in elements.flows:
        given.setdefault(flow.target, set()).update(flow.carries)
    for flow in elements.flows:
        if not elements.is_a(flow.origin, "TrainingPipeline"):
            continue
        for model in _models_in(elements, flow.target):
            elements.depend(model, "trainedBy", flow.origin, place, 0.6, "it writes where the model is kept")
            data = sorted(one for one in given.get(flow.origin, ()) if elements.is_a(one, "Dataset"))
            for one in data:
                elements.depend(model, "trainedOn", one, place, 0.6, "it is given to what trains the model")
            elements.reader.report(
                "note",
                place,
                f"“{flow.origin}” was taken to train “{model}” on {', '.join(data) or 'nothing that is named'}.",
            )


def _models_in(elements: Elements, store: str) -> list[str]:
    return sorted(
        one.origin
        for one in elements.dependencies.values()
        if one.relation == "storedIn" and one.target == store and elements.is_a(one.origin, "Model")
    )
