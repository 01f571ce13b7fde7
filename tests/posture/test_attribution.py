"""Which change moved what: against the whole program run on every text with some of the edits, in every order."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.binding.relations import Reach
from graphmodel.engine.likelihood import Options
from graphmodel.outputs.difference import cause_text
from graphmodel.posture.causes import fewer, find_causes
from graphmodel.posture.comparison import IncomparableError, Version, compare
from tests.posture.versions import EDITS, MODEL, by_orders, compared, edited, parts, version, yearly
from tests.thorough import cases, tries_more


@cache
def worth(chosen: frozenset[str]) -> float:
    return yearly(edited(*(EDITS[one] for one in sorted(chosen))))


def total(found) -> Fraction:  # type: ignore[no-untyped-def]
    return sum((one.value for one in found), Fraction(0))


@tries_more
@settings(max_examples=cases(6, 40), deadline=None)
@given(st.sets(st.sampled_from(sorted(EDITS)), min_size=1, max_size=4))
def test_parts_are_the_means_over_all_orders_of_edits(chosen: set[str]) -> None:
    comparison = compared(MODEL, edited(*(EDITS[one] for one in sorted(chosen))))
    assert parts(comparison) == pytest.approx(by_orders(sorted(chosen), worth), rel=1e-9, abs=1e-4)
    attribution, (old, new) = comparison.attribution, comparison.figures
    assert total(attribution.total) == Fraction(new.total.value) - Fraction(old.total.value)
    assert old.total.value == worth(frozenset())
    assert new.total.value == worth(frozenset(chosen))
    for fact in comparison.facts:
        for before, after, found in (
            (old.loss[fact], new.loss[fact], attribution.loss[fact]),
            (old.likelihood[fact], new.likelihood[fact], attribution.likelihood[fact]),
        ):
            assert total(found) == Fraction(after.value) - Fraction(before.value)
    assert attribution.mixtures == 2 ** len(chosen)
    assert (attribution.joined, attribution.orders) == ("", 0)


def test_two_controls_on_one_path_act_together_and_the_way_back_is_the_same() -> None:
    new = edited(EDITS["control filter"], EDITS["control rights"])
    there, back = parts(compared(MODEL, new)), parts(compared(new, MODEL))
    filters, rights = (worth(frozenset({one})) - worth(frozenset()) for one in ("control filter", "control rights"))
    both = worth(frozenset({"control filter", "control rights"})) - worth(frozenset())
    assert filters < 0
    assert rights < 0
    assert both > filters + rights  # what one has stopped the other cannot stop again
    assert there["control filter"] == pytest.approx((filters + both - rights) / 2)
    assert there["control rights"] == pytest.approx((rights + both - filters) / 2)
    assert back == pytest.approx({name: -part for name, part in there.items()})


def test_changes_that_act_alike_have_equal_parts() -> None:
    text = edited(("  rights:", "  second: {control: input-guardrail, protects: [agent], status: planned}\n  rights:"))
    new = text.replace("protects: [agent], status: planned", "protects: [agent], status: implemented")
    found = parts(compared(text, new))
    assert set(found) == {"control filter", "control second"}
    assert found["control filter"] == pytest.approx(found["control second"], rel=1e-12)


def test_nothing_changed_and_words_alone_are_no_causes() -> None:
    same = compared(MODEL, MODEL)
    assert not same.changed
    assert same.attribution.causes == ()
    assert same.figures[0] == same.figures[1]
    assert same.new_paths == same.expired == ()
    words = compared(
        MODEL,
        edited(
            ("name: Shop", "name: A shop"),
            ("db: {type: Database,", "db: {type: Database, owner: IT, name: Store,"),
            ("status: proposed", "status: proposed, cost: 100, owner: IT"),
        ),
    )
    assert words.changed
    assert [one.bears for one in words.system] == [False] * 3
    assert words.attribution.causes == ()
    assert words.figures[0] == words.figures[1]


def test_a_control_that_counts_in_neither_version_is_no_cause() -> None:
    new = edited(
        ("status: proposed", "status: planned, coverage: 0.5"),
        (
            "  rights:",
            "  later: {control: input-guardrail, protects: [agent], status: proposed, requires: [rights]}\n  rights:",
        ),
        EDITS["control filter"],
    )
    assert set(parts(compared(MODEL, new))) == {"control filter"}


NEW_ASSET = (
    ("  db: {type", "  shop-mail: {type: DataPipeline, zone: inside}\n  db: {type"),
    ("dependencies:", "  - {from: visitor, to: shop-mail}\n  - {from: shop-mail, to: agent}\ndependencies:"),
    ("  - {fact: agent:write", "  - {fact: shop-mail:deny, amount: 5000}\n  - {fact: agent:write"),
    ("protects: [agent], status: planned", "protects: [agent, shop-mail], status: implemented"),
)


def test_a_new_asset_comes_with_all_that_names_it() -> None:
    new = edited(*NEW_ASSET, EDITS["actor visitor"])
    comparison = compared(MODEL, new)
    assert [sorted(f"{kind} {id_}" for kind, id_ in one.keys) for one in comparison.attribution.causes] == [
        [
            "asset shop-mail",
            "control filter",
            "flow shop-mail->agent",
            "flow visitor->shop-mail",
            "loss shop-mail:deny",
        ],
        ["actor visitor"],
    ]
    assert total(comparison.attribution.total) == Fraction(yearly(new)) - Fraction(yearly(MODEL))
    assert {one.path.target for one in comparison.new_paths} >= {"shop-mail:deny"}


def test_zones_that_change_places_make_no_valid_mixture_and_are_put_together() -> None:
    old = edited(("  inside: {trust: 5}", "  inside: {trust: 5, parent: hall}\n  hall: {trust: 4}"))
    new = edited(("  inside: {trust: 5}", "  inside: {trust: 5}\n  hall: {trust: 4, parent: inside}"))
    comparison = compared(old, edited(EDITS["control filter"], EDITS["actor visitor"], text=new))
    attribution = comparison.attribution
    assert attribution.joined == "invalid"
    assert [one.family for one in attribution.causes] == ["system", "control"]
    difference = Fraction(comparison.figures[1].total.value) - Fraction(comparison.figures[0].total.value)
    assert total(attribution.total) == difference


def test_more_causes_than_are_counted_are_put_together_by_family_or_sampled() -> None:
    new = edited(*EDITS.values())
    few = compared(MODEL, new, most=3)
    assert few.attribution.joined == "many"
    assert len(few.attribution.causes) <= 3
    assert sum(len(one.changes) for one in few.attribution.causes) == len(EDITS)
    exact = compared(MODEL, new)
    assert exact.attribution.joined == ""
    drawn = compared(MODEL, new, most=3, orders=40)
    assert (drawn.attribution.orders, drawn.attribution.joined) == (40, "")
    difference = Fraction(exact.figures[1].total.value) - Fraction(exact.figures[0].total.value)
    for one in (few, exact, drawn):
        assert total(one.attribution.total) == difference
    for one, other in zip(exact.attribution.total, drawn.attribution.total, strict=True):
        assert other.low <= float(one.value) <= other.high
        assert other.method == "simulated"
    assert drawn.attribution.total == compared(MODEL, new, most=3, orders=40).attribution.total


def test_causes_are_put_together_no_further_than_it_takes() -> None:
    found = find_causes(version(MODEL).state, version(edited(*EDITS.values())).state)
    assert len(found) == len(EDITS)
    for most in range(1, len(EDITS) + 1):
        less = fewer(found, most)
        assert len(less) <= most
        assert {key for one in less for key in one.keys} == {key for one in found for key in one.keys}
    assert [one.family for one in fewer(found, 5)].count("control") == 2


EXPIRING = ("protects: [agent], status: planned", "protects: [agent], evidence: tested, evidence_until: 2027-01-31")


def test_evidence_that_expires_by_the_date_alone_is_a_cause() -> None:
    text = edited(EXPIRING)
    old, new = version(text, "2027-01-31"), version(text, "2027-02-01")
    comparison = compare(old, new)
    assert [one.name for one in comparison.attribution.causes] == ["date"]
    assert [one.id for one in comparison.expired] == ["filter"]
    assert comparison.figures[1].total.value > comparison.figures[0].total.value
    assert compare(new, version(text, "2027-02-02")).expired == ()


OWN = """\
threats:
  guessing:
    name: Guessed keys
    meaning: Somebody guesses the key of the database.
    asset: Database
    needs: reach
    gains: read
    chance: [0.2, 0.4, 0.6]
    area: governance
    attack: access
    basis: Short keys.
    source: judgement
controls:
  long-keys:
    name: Long keys
    meaning: Keys that nobody guesses.
    function: prevent
    area: governance
    strength: [0.5, 0.7, 0.9]
    basis: Sixteen signs.
    source: judgement
    applies_to: [Database]
    mitigates: [guessing]
"""


def test_settings_knowledge_and_reach_are_causes() -> None:
    files = {"s.yaml": "inferred_share: 0.4\nevidence: {declared: 0.5}\n", "own.yaml": OWN}
    old = edited(EDITS["control filter"])
    new = edited(("system: {id", "settings: s.yaml\nsystem: {id"), text=old)
    comparison = compare(version(old), version(new, files=files))
    assert [one.name for one in comparison.attribution.causes] == ["settings"]
    assert {one.id for one in comparison.settings} == {"inferred_share", "evidence.declared"}
    reach = compare(version(old), version(old, reach=Reach.BOTH))
    assert [one.name for one in reach.attribution.causes] == ["reach"]
    known = edited(("system: {id", "catalogue: [own.yaml]\nsystem: {id"), text=old)
    learnt = compare(version(old), version(known, files=files))
    assert [one.name for one in learnt.attribution.causes] == ["knowledge"]
    assert {f"{one.kind} {one.id} {one.what}" for one in learnt.knowledge} == {
        "pattern guessing added",
        "control long-keys added",
    }
    weaker = compare(
        version(known, files=files),
        version(known, files={**files, "own.yaml": OWN.replace("[0.2, 0.4, 0.6]", "[0.1, 0.2, 0.3]")}),
    )
    (change,) = weaker.knowledge
    assert change.id == "guessing"
    assert str(change.fields[0].old).startswith("0.2/0.4/0.6 #")
    assert str(change.fields[0].new).startswith("0.1/0.2/0.3 #")


def test_changed_entries_of_a_catalogue_of_ones_own_are_told_apart() -> None:
    """Each has the part that enumeration of all orders gives it, beside a change of the system."""
    held = edited(
        ("system: {id", "catalogue: [own.yaml]\nsystem: {id"),
        ("  rights:", "  keys: {control: long-keys, protects: [db], status: implemented}\n  rights:"),
    )
    changes = {
        "knowledge pattern guessing": ("[0.2, 0.4, 0.6]", "[0.5, 0.6, 0.7]"),
        "knowledge control long-keys": ("[0.5, 0.7, 0.9]", "[0.2, 0.3, 0.4]"),
    }

    def mixed(chosen: frozenset[str]) -> Version:
        own = edited(*(edit for name, edit in changes.items() if name in chosen), text=OWN)
        edits = [EDITS["actor visitor"]] if "actor visitor" in chosen else []
        return version(edited(*edits, text=held), files={"own.yaml": own})

    def loss(chosen: frozenset[str]) -> float:
        found = mixed(chosen).assessment.yearly_loss()
        assert found is not None
        return found.value

    names = (*changes, "actor visitor")
    comparison = compare(mixed(frozenset()), mixed(frozenset(names)))
    found = parts(comparison)
    assert found == pytest.approx(by_orders(names, cache(loss)), rel=1e-9, abs=1e-4)
    assert all(found.values())
    said = {cause_text(comparison, number) for number in range(3)}
    assert any(one.startswith("the catalogue, pattern guessing: 0.2/0.4/0.6 #") for one in said)
    assert any(one.startswith("the catalogue, control long-keys: ") for one in said)


def test_judgements_are_mixed_with_changes_of_the_system() -> None:
    text = edited(EXPIRING, ("system: {id", "settings: s.yaml\nsystem: {id"))
    tables = ("inferred_share: 0.1\n", "inferred_share: 0.4\nevidence: {tested: 0.8}\n")

    def mixed(chosen: frozenset[str]) -> Version:
        return version(
            edited(*([EDITS["control rights"]] if "control rights" in chosen else []), text=text),
            "2027-02-01" if "date" in chosen else "2027-01-01",
            files={"s.yaml": tables["settings" in chosen]},
            reach=Reach.BOTH if "reach" in chosen else Reach.DATA,
        )

    def loss(chosen: frozenset[str]) -> float:
        found = mixed(chosen).assessment.yearly_loss()
        assert found is not None
        return found.value

    names = ("control rights", "date", "reach", "settings")
    found = parts(compare(mixed(frozenset()), mixed(frozenset(names))))
    assert found == pytest.approx(by_orders(names, cache(loss)), rel=1e-9, abs=1e-4)
    assert all(found.values())


def test_a_control_of_a_catalogue_of_ones_own_is_tied_to_it() -> None:
    new = edited(
        ("system: {id", "catalogue: [own.yaml]\nsystem: {id"),
        ("  rights:", "  keys: {control: long-keys, protects: [db]}\n  rights:"),
        EDITS["actor visitor"],
    )
    comparison = compare(version(MODEL), version(new, files={"own.yaml": OWN}))
    assert [sorted(kind for kind, _ in one.keys) for one in comparison.attribution.causes] == [
        ["actor"],
        ["control", "knowledge"],
    ]


def test_simulated_parts_add_up_and_their_intervals_hold_the_exact_ones() -> None:
    new = edited(EDITS["control filter"], EDITS["control rights"], EDITS["actor visitor"])
    exact, played = (
        compared(MODEL, new),
        compared(MODEL, new, Options(nodes=0, width=0, pairs=0, parts=False, worlds=20_000)),
    )
    assert not played.figures[0].total.is_exact
    difference = Fraction(played.figures[1].total.value) - Fraction(played.figures[0].total.value)
    assert total(played.attribution.total) == difference
    for one, other in zip(exact.attribution.total, played.attribution.total, strict=True):
        assert other.method == "simulated"
        assert other.low <= float(one.value) <= other.high


def test_without_rates_sums_are_those_of_a_campaign_of_each_actor() -> None:
    old = MODEL.replace(", attempts_per_year: 2", "").replace(", attempts_per_year: 0.5", "")
    new = edited(EDITS["control filter"], text=old)
    comparison = compared(old, new)
    assert comparison.period == "campaign of each actor"
    sums = [
        sum(one.solutions["residual"].loss.value for one in side.assessment.actors)
        for side in (comparison.old, comparison.new)
    ]
    assert [one.total.value for one in comparison.figures] == sums
    assert compared(old, MODEL).period == "campaign of each actor"


def test_amounts_in_two_currencies_are_not_compared() -> None:
    with pytest.raises(IncomparableError, match="State both in one currency"):
        compared(MODEL, edited(("currency: EUR", "currency: USD")))


def test_what_was_recorded_otherwise_is_a_part_of_its_own() -> None:
    one = compared(MODEL, edited(EDITS["control filter"]))
    old = one.figures[0]
    recorded = replace(old, total=replace(old.total, value=old.total.value - 1000))
    again = replace(one, figures=(recorded, one.figures[1])).again(lambda figures: figures.total)
    assert again.value + total(one.attribution.total) == Fraction(one.figures[1].total.value) - Fraction(
        recorded.total.value
    )
    assert float(again.value) == pytest.approx(1000)
