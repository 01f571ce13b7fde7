"""Systems assessed for tests."""

from __future__ import annotations

from graphmodel.assessment.assess import assess
from graphmodel.assessment.results import Assessment
from graphmodel.binding.compiled import compile_system
from graphmodel.engine.likelihood import Options
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue, View
from graphmodel.model.system import System

QUICK = Options(worlds=2_000)


def run(one: System, catalogue: Catalogue, table: Settings, **options: object) -> Assessment:
    return assess(compile_system(one, catalogue, table, **options), QUICK)  # type: ignore[arg-type]


def likelihoods(assessment: Assessment, view: View = View.RESIDUAL) -> dict[tuple[str, str], float]:
    return {
        (one.actor.id, fact): one.likelihood(fact, view).value for one in assessment.actors for fact in one.graph.facts
    }
