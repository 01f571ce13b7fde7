"""What a TM-BOM file does not say but its flows show, once types are known: which package or model is used, and what
trains a model. Each is a guess, with a note."""

from __future__ import annotations

from dataclasses import replace

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.system import Dependency, Provenance, System
from importers.elements import SURENESS, Ground
from importers.provenance import Reader

SURE = SURENESS[Ground.GUESS]


def infer(system: System, reader: Reader, catalogue: Catalogue) -> System:
    """The system with what its flows show of packages and models."""
    return _Inferring(system, reader, catalogue).result()


class _Inferring:
    def __init__(self, system: System, reader: Reader, catalogue: Catalogue) -> None:
        self.system, self.reader, self.catalogue = system, reader, catalogue
        self.made = {one.id: one for one in system.dependencies}
        self.models: dict[str, list[str]] = {}  # that a store keeps
        for one in system.dependencies:
            if one.relation == "storedIn" and self.is_a(one.origin, "Model"):
                self.models.setdefault(one.target, []).append(one.origin)
        self.given: dict[str, set[str]] = {}  # data that flows to each
        for flow in system.flows:
            self.given.setdefault(flow.target, set()).update(flow.carries)

    def is_a(self, element: str, wanted: str) -> bool:
        asset = self.system.asset_by_id.get(element)
        return asset is not None and self.catalogue.is_a(asset.type, wanted)

    def result(self) -> System:
        flows = []
        for flow in self.system.flows:
            place = flow.source
            if self.is_a(flow.origin, "SoftwarePackage"):
                if self.is_a(flow.target, "Component"):
                    self.depend(flow.target, "usesPackage", flow.origin, "a package is used, it sends nothing", place)
                    continue
            elif self.is_a(flow.origin, "TrainingPipeline"):
                self.training(flow.origin, flow.target, place)
            elif flow.origin in self.models:
                self.use(flow.origin, flow.target, place)
            flows.append(flow)
        return replace(self.system, flows=tuple(flows), dependencies=tuple(self.made.values()))

    def use(self, store: str, target: str, place: Provenance | None) -> None:
        """An endpoint that is given models from where they are kept serves them; an application uses them."""
        asset = self.system.asset_by_id.get(target)
        if asset is None:
            return
        serves = self.is_a(target, "InferenceEndpoint")
        if serves or self.is_a(target, "Application"):
            for model in self.models[store]:
                self.depend(target, "servesModel" if serves else "usesModel", model, "a model flows to it", place)

    def training(self, pipeline: str, store: str, place: Provenance | None) -> None:
        """What trains and writes where models are kept trains them, on the data that it is given."""
        for model in self.models.get(store, ()):
            self.depend(model, "trainedBy", pipeline, "it writes where the model is kept", place)
            for data in sorted(self.given.get(pipeline, ())):
                if self.is_a(data, "Dataset"):
                    self.depend(model, "trainedOn", data, "it is given to what trains the model", place)

    def depend(self, origin: str, relation: str, target: str, note: str, place: Provenance | None) -> None:
        source = replace(
            place or Provenance(importer=self.reader.importer), confidence=SURE, note=note, ground=str(Ground.GUESS)
        )
        made = Dependency(origin, relation, target, source)
        self.made.setdefault(made.id, made)
