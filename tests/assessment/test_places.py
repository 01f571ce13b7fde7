"""Advice compares like with like: a control of the catalogue stands at one place, whatever its function."""

from __future__ import annotations

from graphmodel.assessment.measures import RECOMMENDED, all_measures, candidates, fix_first
from graphmodel.assessment.paths import attack_paths
from graphmodel.knowledge.settings import Settings
from graphmodel.knowledge.vocabulary import Catalogue, ControlFunction, Evidence, Skill
from tests.assessment.assessed import run
from tests.conftest import system

DESKS = 6
ASSETS = "\n".join(f"  app{n}: {{type: Application}}" for n in range(DESKS))
STARTS = ", ".join(f'"app{n}:connect"' for n in range(DESKS))
LOSSES = ", ".join(f'{{fact: "app{n}:run", amount: 1000}}' for n in range(DESKS))
SYMMETRIC = f"""
graphmodel: 1
system: {{id: desks}}
assets:
{ASSETS}
actors: {{caller: {{kind: outsider, skill: skilled, starts: [{STARTS}]}}}}
losses: [{LOSSES}]
"""


def test_no_control_leads_because_it_is_proposed_for_everything(catalogue: Catalogue, settings: Settings) -> None:
    assessment = run(system(SYMMETRIC, catalogue), catalogue, settings)
    measures = [one for one in all_measures(assessment) if one.status == RECOMMENDED]
    assert all(len(one.protects) == 1 and one.protects != ("*",) for one in measures)
    best = fix_first(assessment)
    assert best[0].control.id == "patching"
    answer = next(one for one in best if one.control.id == "incident-response")
    # What it takes off is a share of what is lost at one of six equal places.
    whole = assessment.expected_loss().value
    holds = catalogue.controls["incident-response"].greatest(Skill.SKILLED).mean * settings.evidence[Evidence.DECLARED]
    assert abs(answer.saves.value - whole * holds / DESKS) < 1e-9 * whole


def test_what_limits_losses_is_proposed_where_losses_are_that_it_limits(
    catalogue: Catalogue, settings: Settings
) -> None:
    text = SYMMETRIC + "controls: {ir: {control: incident-response, protects: [app0], status: implemented}}\n"
    assessment = run(system(text, catalogue), catalogue, settings)
    found = {
        (one.control, place)
        for one in candidates(assessment.compiled, frozenset())
        for place in one.protects
        if catalogue.controls[one.control or ""].function is not ControlFunction.PREVENT
    }
    # Not where it stands, and elsewhere still; and no monitoring of models for what is lost by running code.
    assert {place for control, place in found if control == "incident-response"} == {f"app{n}" for n in range(1, DESKS)}
    assert not any(control in ("drift-monitoring", "failover", "backups") for control, _ in found)


def test_each_target_has_choke_points_of_its_own(catalogue: Catalogue, settings: Settings) -> None:
    text = """
graphmodel: 1
system: {id: two}
assets:
  left: {type: Application}
  hall: {type: Application}
  vault: {type: Database}
  right: {type: Application}
  stock: {type: Database}
flows: [{from: left, to: hall, authenticated: true, encrypted: true}]
dependencies: [hall mayRead vault, right mayRead stock]
actors: {x: {kind: outsider, skill: skilled, starts: ["left:connect", "right:connect"]}}
losses: [{fact: "vault:read", severity: high}, {fact: "stock:read", severity: high}]
"""
    found = attack_paths(run(system(text, catalogue), catalogue, settings))
    assert {one.target: one.choke_points for one in found.targets} == {"vault:read": ("hall",), "stock:read": ()}
    assert found.choke_points == {"x": ()}


def test_of_two_places_that_save_the_same_the_natural_one_is_named(catalogue: Catalogue, settings: Settings) -> None:
    text = """
graphmodel: 1
system: {id: served}
assets:
  a-weights: {type: LanguageModel}
  b-service: {type: LanguageModelEndpoint}
dependencies: [b-service servesModel a-weights]
actors: {caller: {kind: outsider, starts: ["b-service:connect"]}}
losses: [{fact: "a-weights:read", amount: 1000}]
"""
    found = {one.control.id: one.protects for one in fix_first(run(system(text, catalogue), catalogue, settings))}
    assert found["rate-limiting"] == ("b-service",)  # it is set where requests come in
