"""From a document to numbers: what a description means, and what each part of it does to them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphmodel.assessment.paths import find_targets
from graphmodel.binding.compiled import compile_system
from graphmodel.binding.relations import Reach
from graphmodel.knowledge.settings import Settings, load_settings
from graphmodel.knowledge.vocabulary import Capability, Catalogue, Evidence, Range, Skill, Status, View
from graphmodel.model.document import read_document
from graphmodel.model.system import ControlImplementation, System
from graphmodel.reading.yaml_text import read_yaml
from tests.assessment.assessed import likelihoods, run
from tests.conftest import EXAMPLES, system
from tests.model.test_document import SMALL


def one_line(flow: str, catalogue: Catalogue, extra: str = "") -> System:
    """A system with one flow between two applications in two zones, and an actor who runs the first."""
    return system(
        f"""
graphmodel: 1
system: {{id: s}}
zones: {{left: {{}}, right: {{}}}}
assets:
  a: {{type: Application, zone: left}}
  b: {{type: Application, zone: right}}
  d: {{type: BusinessData}}
flows:
  - {flow}
actors:
  on-a: {{kind: insider, starts: ["a:run"]}}
  on-b: {{kind: insider, starts: ["b:run"]}}
  in-left: {{kind: outsider, zone: left}}
  in-right: {{kind: outsider, zone: right}}
{extra}
""",
        catalogue,
    )


def test_reach_follows_the_data_unless_both_ways_are_asked_for(catalogue: Catalogue, settings: Settings) -> None:
    one = one_line("{from: a, to: b, authenticated: true, encrypted: true}", catalogue)
    assert run(one, catalogue, settings).actor_by_id["on-a"].likelihood("b:reach").value == 1
    assert run(one, catalogue, settings).actor_by_id["on-b"].likelihood("a:reach").value == 0
    both = run(one, catalogue, settings, reach=Reach.BOTH)
    assert both.actor_by_id["on-b"].likelihood("a:reach").value == 1
    answered = one_line("{from: a, to: b, two_way: true, authenticated: true}", catalogue)
    assert run(answered, catalogue, settings).actor_by_id["on-b"].likelihood("a:reach").value == 1


def test_whoever_opens_a_connection_can_call_the_other_end(catalogue: Catalogue, settings: Settings) -> None:
    pulled = one_line("{from: a, to: b, opened_by: b, authenticated: true}", catalogue)
    assert run(pulled, catalogue, settings).actor_by_id["on-b"].likelihood("a:reach").value == 1


def test_what_is_not_known_to_be_authenticated_is_open_to_the_callers_zone(
    catalogue: Catalogue, settings: Settings
) -> None:
    for said, expected in (("", 1), ("authenticated: false,", 1), ("authenticated: true,", 0)):
        one = run(one_line(f"{{{said} from: a, to: b}}", catalogue), catalogue, settings)
        assert (one.actor_by_id["in-left"].likelihood("b:reach").value == 1) == bool(expected)
        pulled = run(one_line(f"{{{said} from: a, to: b, opened_by: b}}", catalogue), catalogue, settings)
        assert (pulled.actor_by_id["in-right"].likelihood("a:reach").value == 1) == bool(expected)


def test_what_is_not_known_to_be_encrypted_is_read_on_both_sides(catalogue: Catalogue, settings: Settings) -> None:
    open_flow = run(one_line("{from: a, to: b, carries: [d], authenticated: true}", catalogue), catalogue, settings)
    closed = run(
        one_line("{from: a, to: b, carries: [d], authenticated: true, encrypted: true}", catalogue), catalogue, settings
    )
    for actor in ("in-left", "in-right"):
        assert {s.id for s in open_flow.actor_by_id[actor].graph.steps} >= {
            f"eavesdropping:d<{actor.removeprefix('in-')}"
        }
        assert not any("eavesdropping" in s.id for s in closed.actor_by_id[actor].graph.steps)


def test_chances_come_from_maturity_skill_and_prevalence(catalogue: Catalogue, settings: Settings) -> None:
    assessment = run(system(SMALL, catalogue), catalogue, settings)
    graph = assessment.actor_by_id["visitor"].graph
    injection = graph.step_by_id["direct-prompt-injection:agent"]
    assert injection.chance == pytest.approx((0.4 + 4 * 0.6 + 0.8) / 6 * 0.8)
    # A default strength of 0.1 / 0.5 / 0.9 with declared evidence.
    assert graph.control_by_id["filter"].holds == pytest.approx(0.5 * 0.75)
    assert assessment.actor_by_id["visitor"].likelihood("agent:reach").value == pytest.approx(1)


def test_credit_goes_to_the_threats_that_a_control_mitigates_and_to_no_others(
    catalogue: Catalogue, settings: Settings
) -> None:
    for path in EXAMPLES:
        one = read_document(read_yaml(path.read_bytes(), path.name), catalogue).system
        assert one is not None
        compiled = compile_system(one, catalogue, settings)
        for step, controls in compiled.covers.items():
            binding = compiled.binding_by_id[step]
            for name in controls:
                control = one.control_by_id[name]
                assert binding.pattern.id in catalogue.controls[control.control or ""].mitigates
                near = {binding.asset, *binding.others, *binding.origins}
                # What is done to a model counts for what answers with it.
                near |= {model for end in near for model in compiled.credit.models_of.get(end, ())}
                zones = {zone for end in near if end in one.asset_by_id for zone in one.zone_chain(one.zone_of(end))}
                mediators = {m for o in binding.origins if o in one.flow_by_id for m in one.flow_by_id[o].mediated_by}
                assert set(control.protects) & (near | zones | mediators | {"*"})


def test_a_control_on_one_of_two_parallel_flows_does_not_cover_the_step(
    catalogue: Catalogue, settings: Settings
) -> None:
    text = """
graphmodel: 1
system: {id: s}
assets: {src: {type: UserContent}, bot: {type: Agent}}
flows: [{id: one, from: src, to: bot}, {id: two, from: src, to: bot}]
actors: {x: {kind: outsider, starts: ["src:reach"]}}
controls: {c: {control: content-isolation, protects: [%s]}}
losses: [{fact: "bot:run", severity: high}]
"""
    step = "indirect-prompt-injection:bot<src"
    assert step not in compile_system(system(text % "one", catalogue), catalogue, settings).covers
    assert compile_system(system(text % "one, two", catalogue), catalogue, settings).covers[step] == ("c",)


def test_unless_and_except_switch_a_rule_off(
    catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> None:
    ids = {one.id for one in compile_system(examples["credit-scoring"], catalogue, settings).bindings}
    assert not any(one.startswith("training-data-poisoning:credit-model") for one in ids)
    assert any(one.startswith("poisoned-training-run:training") for one in ids)
    agents = {one.id for one in compile_system(examples["support-assistant"], catalogue, settings).bindings}
    assert not any(one.startswith("delivers-content:support-agent") for one in agents)


def test_compiling_is_linear_in_the_size_of_the_model(
    catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> None:
    def copies(one: System, count: int) -> System:
        def named(text: str | None, n: int) -> str | None:
            return None if text is None else f"{text}-{n}"

        parts: dict[str, list[object]] = {"assets": [], "zones": [], "flows": [], "dependencies": []}
        for n in range(count):
            parts["zones"] += [replace(z, id=f"{z.id}-{n}") for z in one.zones]
            parts["assets"] += [replace(a, id=f"{a.id}-{n}", zone=named(a.zone, n)) for a in one.assets]
            inner = set(one.asset_by_id)
            for f in one.flows:
                if f.origin in inner and f.target in inner:
                    ends = {
                        "origin": f"{f.origin}-{n}",
                        "target": f"{f.target}-{n}",
                        "opened_by": named(f.opened_by, n),
                    }
                    data = {what: tuple(f"{c}-{n}" for c in getattr(f, what)) for what in ("carries", "returns")}
                    parts["flows"].append(replace(f, id=f"{f.id}-{n}", **ends, **data))  # type: ignore[arg-type]
            parts["dependencies"] += [
                replace(d, origin=f"{d.origin}-{n}", target=f"{d.target}-{n}") for d in one.dependencies
            ]
        return replace(one, actors=(), controls=(), losses=(), overrides=(), **{k: tuple(v) for k, v in parts.items()})  # type: ignore[arg-type]

    one = examples["support-assistant"]
    sizes = [len(compile_system(copies(one, n), catalogue, settings).bindings) for n in (1, 2, 4)]
    assert sizes[1] == 2 * sizes[0]
    assert sizes[2] == 4 * sizes[0]


def test_planned_controls_count_for_the_target_only_and_retired_for_nothing(
    catalogue: Catalogue, settings: Settings
) -> None:
    one = system(SMALL, catalogue)
    numbers = {}
    for status in Status:
        changed = replace(one, controls=(replace(one.controls[0], status=status),))
        assessment = run(changed, catalogue, settings)
        numbers[status] = [assessment.actor_by_id["visitor"].likelihood("agent:run", view).value for view in View]
    without, with_it = numbers[Status.RETIRED][0], numbers[Status.IMPLEMENTED][1]
    assert with_it < without
    assert numbers[Status.IMPLEMENTED] == [without, with_it, with_it]
    assert numbers[Status.PLANNED] == [without, without, with_it]
    assert numbers[Status.PROPOSED] == numbers[Status.RETIRED] == [without] * 3


def test_controls_that_detect_respond_and_recover_lower_the_loss_and_not_the_chance(
    catalogue: Catalogue, settings: Settings
) -> None:
    one = system(SMALL, catalogue)
    before = run(one, catalogue, settings)
    added = ControlImplementation(
        "ir", "incident-response", ("*",), strength=Range.point(0.5), evidence=Evidence.TESTED
    )
    after = run(replace(one, controls=(*one.controls, added)), catalogue, settings)
    assert likelihoods(after) == likelihoods(before)
    assert after.expected_loss().value == pytest.approx(before.expected_loss().value / 2)
    assert after.expected_loss(View.INHERENT) == before.expected_loss(View.INHERENT)


def test_expired_evidence_counts_less(catalogue: Catalogue, settings: Settings) -> None:
    one = system(SMALL, catalogue)
    control = replace(one.controls[0], evidence=Evidence.TESTED, evidence_until="2026-01-31")
    changed = replace(one, controls=(control,))
    for today, factor in (("", 1.0), ("2026-01-31", 1.0), ("2026-02-01", 0.6)):
        compiled = compile_system(changed, catalogue, settings, today=today)
        assert compiled.holds(control, Skill.SKILLED) == pytest.approx(0.5 * factor)


def test_an_override_replaces_a_chance_or_excludes_a_threat(catalogue: Catalogue, settings: Settings) -> None:
    text = SMALL + "overrides:\n  - {threat: direct-prompt-injection, asset: agent, reason: tried, %s}\n"
    half = run(system(text % "chance: 0.5", catalogue), catalogue, settings)
    assert half.actor_by_id["visitor"].graph.step_by_id["direct-prompt-injection:agent"].chance == 0.5
    none = run(system(text % "excluded: true", catalogue), catalogue, settings)
    assert "direct-prompt-injection:agent" not in none.actor_by_id["visitor"].graph.step_by_id
    unused = compile_system(
        system(text.replace("asset: agent", "asset: db") % "chance: 0.5", catalogue), catalogue, settings
    )
    assert [one.asset for one in unused.unused_overrides] == ["db"]


def test_yearly_figures(catalogue: Catalogue, settings: Settings) -> None:
    import math

    one = system(SMALL, catalogue)
    assert run(one, catalogue, settings).yearly_loss() is None
    rated = replace(one, actors=(replace(one.actors[0], attempts_per_year=Range.point(3)),))
    assessment = run(rated, catalogue, settings)
    campaign = assessment.expected_loss().value
    assert assessment.yearly_loss().value == pytest.approx(3 * campaign)  # type: ignore[union-attr]
    (risk,) = assessment.risks
    assert risk.yearly_chance is not None
    assert risk.yearly_chance.value == pytest.approx(1 - math.exp(-3 * risk.likelihood[View.RESIDUAL].value))


def test_users_own_settings(catalogue: Catalogue) -> None:
    table, problems = load_settings(
        b"chance: {realized: {skilled: [1, 1, 1]}}\nlikelihood_bands: {Low: 0, High: 0.5}\n", "s.yaml"
    )
    assert any("no cell for" in one.message for one in problems)
    table, problems = load_settings(b"chance: {realized: {skilled: [1, 1, 1]}}\n", "s.yaml")
    assert problems == ()
    assessment = run(system(SMALL, catalogue), catalogue, table)
    assert assessment.actor_by_id["visitor"].graph.step_by_id["direct-prompt-injection:agent"].chance == pytest.approx(
        0.8
    )
    for text in (
        "chance: {realised: {skilled: 1}}",
        "evidence: {tested: 2}",
        "severity_from: {low: 1e9}",
        "- a",
        "x: 1",
        "a: [",
    ):
        assert load_settings(text.encode(), "s.yaml")[1], text


def test_targets(catalogue: Catalogue, settings: Settings) -> None:
    text = SMALL.replace("db: {type: Database, zone: inside}", "db: {type: Database, zone: inside, tags: [core]}")
    assessment = run(system(text, catalogue), catalogue, settings)
    assert find_targets(assessment) == ("records:read",)
    assert find_targets(assessment, "records") == ("records:read",)
    assert find_targets(assessment, "agent:deny") == ("agent:deny",)
    assert find_targets(assessment, "tag:core")[0].startswith("db:")
    assert find_targets(assessment, "agent") == (f"agent:{Capability.RUN}",)
    for wrong in ("nothing", "tag:none", "agent:fly"):
        with pytest.raises(KeyError):
            find_targets(assessment, wrong)


def test_what_an_actor_holds_by_position_is_no_fall_of_an_asset(
    catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> None:
    assessment = run(examples["support-assistant"], catalogue, settings)
    staff = assessment.asset_by_id["support-staff"]
    assert staff.actor != "agent-staff"
    assert assessment.actor_by_id["agent-staff"].likelihood("support-staff:run").value == 1
