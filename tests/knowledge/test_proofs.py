"""What would show that a control works."""

from __future__ import annotations

from graphmodel.knowledge.framework import load_framework
from graphmodel.knowledge.proofs import shipped_proofs
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue, ControlFunction
from graphmodel.outputs.entries import CONTROL, entry_of


def test_every_control_has_its_proof_and_a_rough_cost(catalogue: Catalogue, settings: Settings) -> None:
    assert shipped_proofs().keys() == catalogue.controls.keys()
    assert settings.control_costs.keys() <= catalogue.controls.keys()
    for one in catalogue.controls.values():
        parts = {
            part.title: part.text for part in entry_of(catalogue, load_framework(), settings, CONTROL, one.id).parts
        }
        assert parts["Would be shown by"].endswith(".")
        assert ("Costs, roughly" in parts) == (one.function is not ControlFunction.ASSURE)
