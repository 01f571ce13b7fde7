"""From a document to numbers: what a description means, and what must hold of every assessment."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.assessment.assess import assess
from graphmodel.assessment.cases import case_of
from graphmodel.assessment.explain import explain
from graphmodel.assessment.gaps import find_gaps
from graphmodel.assessment.measures import RECOMMENDED, all_measures, fix_first
from graphmodel.assessment.paths import find_targets, paths_to
from graphmodel.assessment.results import Assessment
from graphmodel.assessment.whatif import saved_by
from graphmodel.binding.compiled import compile_system
from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.knowledge.settings import Settings, load_settings
from graphmodel.knowledge.vocabulary import Capability, Catalogue, ControlFunction, Evidence, Range, Status, View
from graphmodel.model.document import read_document
from graphmodel.model.system import ControlImplementation, System
from graphmodel.reading.yaml_text import read_yaml
from tests.conftest import EXAMPLES, system
from tests.model.test_document import SMALL
from tests.thorough import cases, tries_more

QUICK = Options(worlds=2_000)


@pytest.fixture(scope="module")
def examples(catalogue: Catalogue) -> dict[str, System]:
    found = {}
    for path in EXAMPLES:
        one = read_document(read_yaml(path.read_bytes(), path.name), catalogue).system
        assert one is not None
        found[path.stem] = one
    return found


@pytest.fixture(scope="module")
def before(
    catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> Callable[[str, Options], Assessment]:
    """Examples as they are, assessed once for all that is compared with them."""
    return cache(lambda name, options: assess(compile_system(examples[name], catalogue, settings), options))


def run(one: System, catalogue: Catalogue, table: Settings, **options: object) -> Assessment:
    return assess(compile_system(one, catalogue, table, **options), QUICK)  # type: ignore[arg-type]


def likelihoods(assessment: Assessment, view: View = View.RESIDUAL) -> dict[tuple[str, str], float]:
    return {
        (one.actor.id, fact): one.likelihood(fact, view).value for one in assessment.actors for fact in one.graph.facts
    }


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
    # A default strength of 0.3 / 0.55 / 0.8 with declared evidence.
    assert graph.control_by_id["filter"].holds == pytest.approx(0.55 * 0.75)
    assert assessment.actor_by_id["visitor"].likelihood("agent:reach").value == 1


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
                near = {binding.asset, binding.other, *binding.origins}
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


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_views_are_in_order_and_everything_is_exact(
    name: str, catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> None:
    assessment = run(examples[name], catalogue, settings)
    assert not assessment.worlds
    inherent, residual, target = (likelihoods(assessment, view) for view in View)
    for key, value in residual.items():
        assert target[key] - 1e-12 <= value <= inherent[key] + 1e-12
    losses = [assessment.expected_loss(view).value for view in View]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > losses[1] > losses[2] > 0


@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_paths_explanations_measures_and_gaps_agree(
    name: str, catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> None:
    assessment = run(examples[name], catalogue, settings)
    for risk in assessment.risks:
        for actor in assessment.actors:
            for path in paths_to(assessment, actor.actor.id, risk.fact, 3):
                assert path.chance <= actor.likelihood(risk.fact).value + 1e-12
    for asset in assessment.compiled.system.assets:
        for why in explain(assessment, asset.id).facts:
            assert why.ways
            assert why.path is not None
            assert why.path.chance <= why.likelihood[View.RESIDUAL].value + 1e-12
            assert all(hop.because for hop in why.hops)
    now = sum(
        weight * assessment.actor_by_id[one].solutions[View.RESIDUAL].loss.value
        for one, weight in assessment.weights.items()
    )
    for measure in fix_first(assessment):
        assert 0 < measure.saves.value <= now
    gaps = find_gaps(assessment)
    assert gaps.threats
    assert all(gap.saves.value >= 0 for gap in gaps.threats)
    assert [gap.saves.value for gap in gaps.threats] == sorted((gap.saves.value for gap in gaps.threats), reverse=True)


@tries_more
@pytest.mark.parametrize("name", [path.stem for path in EXAMPLES])
def test_a_recommended_measure_saves_what_it_says_once_it_is_written_down(
    name: str,
    catalogue: Catalogue,
    settings: Settings,
    examples: dict[str, System],
    before: Callable[[str, Options], Assessment],
) -> None:
    one = examples[name]
    now = before(name, QUICK)
    for measure in all_measures(now)[: cases(3, 12)]:
        if measure.status == RECOMMENDED:
            added = ControlImplementation("new", measure.control.id, measure.protects, evidence=Evidence.DECLARED)
            changed = replace(one, controls=(*one.controls, added))
        else:
            changed = replace(
                one,
                controls=tuple(
                    replace(c, status=Status.IMPLEMENTED) if c.id == measure.implementation else c for c in one.controls
                ),
            )
        after = run(changed, catalogue, settings)
        saved = now.yearly_loss().value - after.yearly_loss().value  # type: ignore[union-attr]
        assert measure.saves.value == pytest.approx(saved, rel=1e-9, abs=1e-6), measure.id


@tries_more
@settings(max_examples=cases(12, 40), deadline=None)
@given(data=st.data())
def test_an_implemented_control_never_raises_a_likelihood(
    data: st.DataObject,
    catalogue: Catalogue,
    examples: dict[str, System],
    before: Callable[[str, Options], Assessment],
) -> None:
    table, _ = load_settings()
    name = data.draw(st.sampled_from(sorted(examples)))
    one = examples[name]
    control = data.draw(st.sampled_from(sorted(catalogue.controls)))
    places = [*one.asset_by_id, *one.zone_by_id, *one.flow_by_id, "*"]
    added = ControlImplementation(
        id="new",
        control=control,
        protects=tuple(data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True))),
        strength=data.draw(st.none() | st.floats(0, 1).map(Range.point)),
        coverage=data.draw(st.sampled_from([1.0, 0.5])),
        independent=data.draw(st.booleans()),
        evidence=data.draw(st.sampled_from(Evidence)),
    )
    first = before(name, QUICK)
    after = run(replace(one, controls=(*one.controls, added)), catalogue, table)
    was, now = likelihoods(first), likelihoods(after)
    assert all(now[key] <= was[key] + 1e-12 for key in was)
    assert after.expected_loss().value <= first.expected_loss().value + 1e-6
    if catalogue.controls[control].function in (ControlFunction.ASSURE, ControlFunction.DETECT):
        assert now == was


@tries_more
@settings(max_examples=cases(3, 15), deadline=None)
@given(
    seed=st.integers(0, 1000),
    name=st.sampled_from([path.stem for path in EXAMPLES]),
    nodes=st.sampled_from([0, 60_000]),
)
def test_order_of_elements_changes_nothing(
    seed: int,
    name: str,
    nodes: int,
    catalogue: Catalogue,
    examples: dict[str, System],
    before: Callable[[str, Options], Assessment],
) -> None:
    table, _ = load_settings()
    rng, one = random.Random(seed), examples[name]
    mixed = replace(
        one,
        **{
            part: tuple(rng.sample(getattr(one, part), len(getattr(one, part))))
            for part in ("zones", "assets", "flows", "dependencies", "actors", "controls", "losses", "overrides")
        },
    )
    options = Options(nodes=nodes, worlds=1_000)
    first, second = before(name, options), assess(compile_system(mixed, catalogue, table), options)
    assert likelihoods(first) == likelihoods(second)
    assert first.expected_loss() == second.expected_loss()
    assert [risk.fact for risk in first.risks] == [risk.fact for risk in second.risks]
    assert [a.asset.id for a in first.assets] == [a.asset.id for a in second.assets]
    assert [m.id for m in fix_first(first)] == [m.id for m in fix_first(second)]
    fact = first.risks[0].fact
    for actor in first.actor_by_id:
        assert paths_to(first, actor, fact) == paths_to(second, actor, fact)


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
        assert compiled.holds(control) == pytest.approx(0.55 * factor)


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


def test_savings_of_a_simulated_model_agree_with_the_exact_ones(
    catalogue: Catalogue, settings: Settings, examples: dict[str, System]
) -> None:
    compiled = compile_system(examples["support-assistant"], catalogue, settings)
    exact = {one.id: one.saves.value for one in all_measures(assess(compiled))}
    simulated = all_measures(assess(compiled, Options(nodes=0)))
    outside = [one.id for one in simulated if not one.saves.low <= exact.get(one.id, 0.0) <= one.saves.high]
    assert len(simulated) > 30
    assert not outside
    assert all(one.saves.method == "simulated" for one in simulated)


def test_what_is_not_worked_out_has_a_bound_that_holds(
    catalogue: Catalogue, settings: Settings, examples: dict[str, System], monkeypatch: pytest.MonkeyPatch
) -> None:
    assessment = assess(compile_system(examples["credit-scoring"], catalogue, settings), Options(nodes=0))
    active = assessment.compiled.in_force(View.RESIDUAL)
    threats = [one for one in assessment.compiled.bindings if not one.pattern.propagation]
    cases = [case_of(assessment.compiled, active, blocked=[one.id]) for one in threats]
    everything = saved_by(assessment, cases, most=len(cases))
    monkeypatch.setattr("graphmodel.assessment.whatif._BATCH", 4)
    monkeypatch.setattr("graphmodel.assessment.whatif._CASES", 8)
    some = saved_by(assessment, cases, most=3)
    bounded = [number for number, one in enumerate(some) if one.method == "bound"]
    assert len(bounded) > 10
    for number in bounded:
        assert some[number].low == 0
        assert everything[number].value <= some[number].high + 1e-6
    for number in set(range(len(cases))) - set(bounded):
        assert some[number].value == pytest.approx(everything[number].value)
