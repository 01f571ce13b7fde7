"""Reading files again: the files' part follows the files, and what people added, changed or took away stays so."""

from __future__ import annotations

from dataclasses import replace

from graphmodel.model.system import Asset, Dependency, Flow, Provenance, System
from graphmodel.posture.rereading import digests, reread

A, B, C = (Asset(one, one.upper(), "Database", source=Provenance("f", one)) for one in "abc")
READ = System(
    "s", "S", assets=(A, B, C), flows=(Flow("a->b", "a", "b"),), dependencies=(Dependency("a", "dependsOn", "c"),)
)


def with_assets(system: System, *assets: Asset) -> System:
    return replace(system, assets=assets)


def test_the_same_files_change_nothing_whatever_people_did() -> None:
    mine = with_assets(READ, replace(A, owner="Ada"), B, Asset("mine", "Mine", "Agent"))  # c is taken away
    mine = replace(mine, dependencies=())
    found = reread(mine, READ, digests(READ))
    assert found.system == mine
    assert not (found.added or found.updated or found.removed or found.kept or found.gone)


def test_what_the_files_say_anew_is_taken_and_what_people_changed_is_kept() -> None:
    mine = with_assets(READ, replace(A, owner="Ada"), B, C, Asset("mine", "Mine", "Agent"))
    now = with_assets(READ, replace(A, type="VectorStore"), replace(B, name="Better"), C, Asset("new", "New", "Tool"))
    found = reread(mine, now, digests(READ))
    assert {one.id: (one.name, one.type, one.owner) for one in found.system.assets} == {
        "a": ("A", "Database", "Ada"),
        "b": ("Better", "Database", ""),
        "c": ("C", "Database", ""),
        "mine": ("Mine", "Agent", ""),
        "new": ("New", "Tool", ""),
    }
    assert (found.added, found.updated, found.kept) == ((("asset", "new"),), (("asset", "b"),), (("asset", "a"),))


def test_what_vanished_goes_only_where_nobody_touched_or_needs_it() -> None:
    now = replace(READ, assets=(A,), flows=(), dependencies=())
    found = reread(READ, now, digests(READ))
    assert [one.id for one in found.system.assets] == ["a"] and not found.system.flows and not found.gone
    assert set(found.removed) == {("asset", "b"), ("asset", "c"), ("flow", "a->b"), ("dependency", "a dependsOn c")}
    touched = with_assets(READ, A, replace(B, owner="Ada"), C)
    touched = replace(touched, flows=(*touched.flows, Flow("mine", "a", "c")))
    found = reread(touched, now, digests(READ))
    assert [one.id for one in found.system.assets] == ["a", "b", "c"]  # b is somebody's, and a flow of theirs needs c
    assert set(found.gone) == {("asset", "b"), ("asset", "c")}
    assert [one.id for one in found.system.flows] == ["mine"]


def test_where_it_was_read_from_is_no_change() -> None:
    moved = with_assets(READ, replace(A, source=Provenance("g", "elsewhere")), B, C)
    found = reread(READ, moved, digests(READ))
    assert not (found.updated or found.kept)
    assert found.system.asset_by_id["a"].source == Provenance("g", "elsewhere")
