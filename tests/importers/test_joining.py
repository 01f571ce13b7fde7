"""Joining: what is one thing in several files, what is not, what people settled, and that order changes nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmodel.knowledge.typing_table import load_typing
from graphmodel.knowledge.vocabulary import ActorKind, Capability, Catalogue, Severity
from graphmodel.model.checks import check_system
from graphmodel.model.system import (
    Actor,
    Asset,
    ControlImplementation,
    Dependency,
    Flow,
    Held,
    Loss,
    Provenance,
    Stated,
    System,
    Zone,
)
from graphmodel.reading.limits import MAX_PATTERNS
from graphmodel.reading.problems import UnreadableError
from importers.folder import questions
from importers.joining import join
from importers.sameness import Piece
from importers.settlements import read_settlements
from tests.thorough import cases


def at(file: str, importer: str = "compose", confidence: float = 1.0, place: str = "x") -> Provenance:
    return Provenance(file, place, importer, confidence)


def asset(id_: str, type_: str, file: str, *names: str, importer: str = "compose", confidence: float = 1.0) -> Asset:
    return Asset(id_, id_.title(), type_, source=at(file, importer, confidence), identifiers=names)


def piece(file: str, *assets: Asset, own: bool = False, **more: object) -> Piece:
    return Piece(file, replace(System("s", file, assets=assets), **more), own)  # type: ignore[arg-type]


def test_a_common_identifier_makes_one_of_two_and_keeps_both_places(catalogue: Catalogue) -> None:
    stack = piece(
        "compose.yml",
        asset("store", "DataStore", "compose.yml", "dns:qdrant"),
        asset("app", "Application", "compose.yml", "dns:app"),
        flows=(Flow("app->store", "app", "store", authenticated=True, source=at("compose.yml")),),
    )
    flow = piece(
        "flow.json",
        asset("vectors", "VectorStore", "flow.json", "dns:QDRANT", importer="n8n"),
        asset("agent", "Agent", "flow.json", importer="n8n"),
        flows=(Flow("f", "agent", "vectors", source=at("flow.json")),),
        dependencies=(Dependency("agent", "retrievesFrom", "vectors", at("flow.json")),),
        losses=(Loss(Held("vectors", Capability.READ), Severity.HIGH),),
        stated=(Stated("t", "Theft", ("vectors",)),),
    )
    found = join([flow, stack], catalogue)
    system = found.system
    assert [one.id for one in system.assets] == ["store", "app", "agent"]
    store = system.asset_by_id["store"]
    assert store.type == "VectorStore" and store.identifiers == ("dns:qdrant", "dns:QDRANT")
    assert store.source is not None and store.source.file == "compose.yml"
    assert [one.file for one in store.source.also] == ["flow.json"]
    assert {(one.origin, one.target) for one in system.flows} == {("app", "store"), ("agent", "store")}
    assert [one.id for one in system.dependencies] == ["agent retrievesFrom store"]
    assert system.losses[0].held.asset == "store" and system.stated[0].on == ("store",)
    (joined,) = found.joins
    assert (joined.asset, joined.reason) == ("store", "dns:qdrant")
    assert joined.members == ("compose.yml#store", "flow.json#vectors")
    assert not found.conflicts


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (("a/compose.yml", "compose"), ("b/compose.yml", "compose"), False),  # the redis of another stack
        (("a/compose.yml", "compose"), ("a/more.yml", "compose"), True),
        (("a/compose.yml", "compose"), ("b/flow.json", "n8n"), True),
    ],
)
def test_the_name_of_a_service_means_another_one_in_another_stack(
    catalogue: Catalogue, first: tuple[str, str], second: tuple[str, str], one: bool
) -> None:
    pieces = [
        piece(file, asset("redis", "DataStore", file, "dns:redis", importer=importer))
        for file, importer in (first, second)
    ]
    found = join(pieces, catalogue)
    assert [each.id for each in found.system.assets] == (["redis"] if one else ["redis", "redis-2"])


def test_names_join_only_when_asked_and_never_data_with_what_runs(catalogue: Catalogue) -> None:
    pieces = [
        piece("a", asset("chat-agent", "Agent", "a")),
        piece("b", asset("chat agent", "Application", "b"), asset("chat_agent", "Dataset", "b")),
    ]
    assert len(join(pieces, catalogue).system.assets) == 3
    assert sorted(one.type for one in join(pieces, catalogue, by_name=True).system.assets) == ["Agent", "Dataset"]


def test_documents_of_people_go_first_and_join_by_id(catalogue: Catalogue) -> None:
    read = piece("a.yml", asset("app", "Application", "a.yml", "dns:app"))
    own = [
        piece("mine.yaml", Asset("app", "My app", "WebApplication", identifiers=("dns:app",)), own=True),
        piece("yours.yaml", Asset("app", "Your app", "WebApplication", owner="Ada"), own=True),
    ]
    (found,) = join([read, *own], catalogue).system.assets
    assert (found.name, found.type, found.owner) == ("My app", "WebApplication", "Ada")


def test_what_differs_is_told_with_both_places(catalogue: Catalogue) -> None:
    pieces = [
        piece("a", asset("x", "Database", "a", "arn:x"), zones=(Zone("z", "Z", 3, source=at("a")),)),
        piece("b", asset("x", "VectorStore", "b", "arn:x"), zones=(Zone("z", "z", 5, source=at("b")),)),
        piece("c", asset("x", "Application", "c", "arn:x", confidence=0.1)),
    ]
    found = join(pieces, catalogue)
    assert [(one.element, one.field, one.values) for one in found.conflicts] == [
        ("z", "trust", (("a x", "3"), ("b x", "5"))),
        ("x", "type", (("a x", "Database"), ("b x", "VectorStore"))),
    ]
    assert found.system.zones[0].trust == 3 and found.system.assets[0].type == "Database"


def test_what_nobody_knew_takes_the_type_of_who_does(catalogue: Catalogue) -> None:
    pieces = [
        piece("a", asset("x", "Application", "a", "arn:x", confidence=0.1)),
        piece("b", asset("y", "VectorStore", "b", "arn:x", confidence=0.9)),
    ]
    joined = join(pieces, catalogue)
    (found,) = joined.system.assets
    assert found.type == "VectorStore" and found.source is not None and found.source.confidence == 0.9
    assert not [one for one in questions(joined, ()) if one.about]


def test_a_person_settles_what_is_one_what_is_not_and_of_which_type(catalogue: Catalogue) -> None:
    pieces = [piece("a", asset("x", "Database", "a", "arn:x")), piece("b", asset("x", "VectorStore", "b", "arn:x"))]
    pieces.append(piece("c", asset("other", "DataStore", "c")))
    text = b"""
same: [[a#x, c#other]]
apart: [[a#x, b#x]]
types: {a#x: VectorStore}
"""
    settlements, problems = read_settlements(text, "s.yaml")
    assert not problems
    found = join(pieces, catalogue, settlements=settlements)
    assert [(one.id, one.type) for one in found.system.assets] == [("x", "VectorStore"), ("x-2", "VectorStore")]
    assert not found.conflicts and found.joins[0].reason == "a person said so"


@pytest.mark.parametrize("text", [b"- 1", b"same: 3", b"same: [[a]]", b"same: [[a#b, 3]]", b"types: [1]", b"odd: 1"])
def test_what_is_wrong_with_settlements(text: bytes) -> None:
    assert read_settlements(text, "s.yaml")[1][0].level == "error"
    with pytest.raises(UnreadableError):
        read_settlements(b"a: [", "s.yaml")


def test_of_patterns_no_more_are_tried_than_have_an_end(catalogue: Catalogue) -> None:
    many = ", ".join(f"'*a{number}*b'" for number in range(MAX_PATTERNS + 1))
    found, problems = read_settlements(f"leave: [{many}]".encode(), "s.yaml")
    assert found.leave == () and "at most 2,000" in str(problems[0])
    for rows in (f"rows: [{{type: Agent, image: [{many}]}}]", f"rows: [{'{type: Agnt, image: a}, ' * 3_000}]"):
        (problem,) = load_typing(catalogue, [("t.yaml", rows.encode())])[1]
        assert "more than 2,000 rows and patterns" in problem.message


def test_controls_actors_and_flows_are_kept_apart_or_joined(catalogue: Catalogue) -> None:
    def one(file: str, protects: str) -> Piece:
        internet = Actor("internet", "Internet", ActorKind.OUTSIDER, starts=(Held("app", Capability.CONNECT),))
        return piece(
            file,
            asset("app", "Application", file, "arn:app"),
            asset(protects, "Database", file),
            actors=(internet,),
            flows=(Flow("f", "app", protects, name="rows", encrypted=file == "a"), Flow("g", "internet", "app")),
            controls=(ControlImplementation("limit", "rate-limiting", (protects, "app")),),
        )

    found = join([one("a", "db"), one("b", "db2")], catalogue).system
    assert [one.id for one in found.actors] == ["internet"]
    assert [(each.id, each.protects) for each in found.controls] == [
        ("limit", ("db", "app")),
        ("limit-2", ("db2", "app")),
    ]
    assert [each.id for each in found.flows] == ["app->db", "internet->app", "app->db2"]
    again = join([one("a", "db"), one("b", "db")], catalogue)
    assert len(again.system.assets) == 3  # the databases have nothing in common but a name


def test_a_zone_that_stands_before_the_one_around_it_stays_inside_it(catalogue: Catalogue) -> None:
    def one(file: str, name: str) -> Piece:
        zones = (Zone("inner", f"{name} inner", parent="outer"), Zone("outer", name))
        return piece(file, asset("x", "Agent", file), zones=zones)

    zones = join([one("a", "A"), one("b", "B")], catalogue).system.zones
    assert [(each.id, each.parent) for each in zones] == [
        ("inner", "outer"),
        ("outer", None),
        ("inner-2", "outer-2"),
        ("outer-2", None),
    ]


def test_what_may_be_one_thing_is_asked_until_it_is_settled(catalogue: Catalogue) -> None:
    pieces = [
        piece("a", asset("ollama-cpu", "LanguageModelEndpoint", "a"), asset("api", "Application", "a")),
        piece("b", asset("ollama", "LanguageModelEndpoint", "b"), asset("ollama api", "Agent", "b")),
    ]
    found = join(pieces, catalogue)
    asked = [one for one in questions(found, ()) if "the same as" in one.question]
    assert [(one.about, one.question) for one in asked] == [
        ("ollama-cpu", "Is it the same as “ollama”? Settle it: same or apart: [[a#ollama-cpu, b#ollama]].")
    ]
    for text, left in ((b"same: [[a#ollama-cpu, b#ollama]]", 3), (b"apart: [[a#ollama-cpu, b#ollama]]", 4)):
        settled = join(pieces, catalogue, settlements=read_settlements(text, "s.yaml")[0])
        assert len(settled.system.assets) == left
        assert not [one for one in questions(settled, ()) if "the same as" in one.question]


def test_a_flow_of_two_files_has_what_either_says(catalogue: Catalogue) -> None:
    def one(file: str, **said: Any) -> Piece:
        ends = (asset("app", "Application", file, "arn:app"), asset("db", "Database", file, "arn:db"))
        return piece(file, *ends, flows=(Flow("f", "app", "db", source=at(file), **said),))

    first = one("a", authenticated=True, name="rows")
    second = one("b", encrypted=False, two_way=True, opened_by="app", name="rows")
    found = join([first, second], catalogue)
    (flow,) = found.system.flows
    assert (flow.authenticated, flow.encrypted, flow.two_way, flow.opened_by) == (True, False, True, "app")
    assert not found.conflicts
    third = one("c", authenticated=False, name="rows")
    (conflict,) = join([first, second, third], catalogue).conflicts
    assert (conflict.element, conflict.field, conflict.values) == (
        "app->db",
        "authenticated",
        (("a x", "True"), ("c x", "False")),
    )


names = st.sampled_from(["dns:a.b", "arn:x", "pkg:npm/y", "dns:one", "dns:two"])


@settings(max_examples=cases(30, 300), deadline=None)
@given(st.data())
def test_the_order_of_files_changes_nothing_and_the_result_is_sound(data: st.DataObject) -> None:
    from graphmodel.knowledge.ontology import load_catalogue

    catalogue = load_catalogue()[0]
    pieces = []
    for number in range(data.draw(st.integers(1, 4))):
        file = f"d{data.draw(st.integers(0, 1))}/f{number}"
        types = data.draw(
            st.lists(st.sampled_from(["Database", "VectorStore", "Agent", "Dataset"]), min_size=1, max_size=4)
        )
        assets = [
            asset(
                f"x{each}",
                kind,
                file,
                *data.draw(st.lists(names, max_size=2)),
                importer=data.draw(st.sampled_from(["i", "j"])),
            )
            for each, kind in enumerate(types)
        ]
        ends = [(a.id, b.id) for a, b in itertools.pairwise(assets)]
        flows = tuple(Flow(f"{a}->{b}", a, b, source=at(file)) for a, b in ends)
        pieces.append(piece(file, *assets, flows=flows))
    first = join(pieces, catalogue)
    assert join(list(reversed(pieces)), catalogue) == first
    assert not [one for one in check_system(first.system, catalogue) if one.level == "error"]
    total = sum(len(one.system.assets) for one in pieces)
    assert len(first.system.assets) == total - sum(len(one.members) - 1 for one in first.joins)


def test_many_flows_between_two_parts_have_ids_of_their_own_at_once(catalogue: Catalogue) -> None:
    names = [f"call {one}" for one in range(5_000)]
    flows = tuple(Flow(f"f{one}", "a", "b", name=one, source=at("x")) for one in names)
    ends = (asset("a", "Application", "x"), asset("b", "Database", "x"))
    found = join([piece("x", *ends, flows=flows)], catalogue).system.flows  # compared each with each, it takes minutes
    assert [one.id for one in (found[0], found[1], found[-1])] == ["a->b", "a->b-2", "a->b-5000"]


def test_an_element_of_many_files_has_all_its_places_once(catalogue: Catalogue) -> None:
    def one(file: str) -> Piece:
        ends = (asset("a", "Application", file, "dns:a.b"), asset("b", "Database", file, "dns:b.b"))
        return piece(file, *ends, flows=(Flow("a->b", "a", "b", source=at(file)),))

    system = join([one(f"f{number:03}") for number in range(300)], catalogue).system
    for element in (*system.assets, *system.flows):
        assert element.source is not None
        assert (element.source.file, len(element.source.also)) == ("f000", 299)
        assert [each.file for each in element.source.also[:2]] == ["f001", "f002"]
