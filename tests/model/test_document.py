"""System documents: reading, every kind of problem with its place, and writing back."""

from __future__ import annotations

import random
import re
from copy import deepcopy
from typing import Any

import pytest
import yaml

from graphmodel.knowledge.vocabulary import Catalogue
from graphmodel.model.blocks import block
from graphmodel.model.document import read_document
from graphmodel.model.schema import document_schema
from graphmodel.model.writing import _Dumper, write_document
from graphmodel.reading.json_text import read_json
from graphmodel.reading.limits import MAX_BYTES
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.yaml_text import read_yaml, scalar
from graphmodel.workspace import model_from_bytes
from tests.conftest import EXAMPLES, read, system

SMALL = """\
graphmodel: 1
system: {id: small}
zones:
  outside: {trust: 0}
  inside: {trust: 5}
assets:
  app: {type: WebApplication, zone: inside}
  agent: {type: Agent, zone: inside}
  records: {type: BusinessData}
  db: {type: Database, zone: inside}
flows:
  - {from: visitor, to: app}
  - {from: app, to: agent, two_way: true}
  - {from: db, to: agent, carries: [records]}
dependencies:
  - records storedIn db
actors:
  visitor: {kind: outsider, zone: outside}
controls:
  filter: {control: input-guardrail, protects: [agent]}
losses:
  - {fact: records:read, severity: high}
"""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_free_of_problems_and_survive_a_round_trip(path, catalogue: Catalogue) -> None:  # type: ignore[no-untyped-def]
    found = read_document(read_yaml(path.read_bytes(), path.name), catalogue)
    assert [one for one in found.problems if one.level != "note"] == []
    assert found.system is not None
    again = read(write_document(found.system), catalogue)
    assert again.system == found.system


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("type: Agent", "type: Agnet", "assets.agent.type", "Did you mean Agent"),
        ("to: app}", "to: ap}", "flows[0].to", "there is no asset or actor “ap”.*app"),
        ("carries: [records]", "carries: [app]", "flows[2].carries[0]", "not data"),
        ("records storedIn db", "records storedIn agent", "dependencies[0].to", "storedIn.*DataStore"),
        ("records storedIn db", "records storredIn db", "dependencies[0].relation", "Did you mean storedIn"),
        ("records storedIn db", "records storedIn", "dependencies[0]", "a dependency such as"),
        ("kind: outsider", "kind: hacker", "actors.visitor.kind", "not a kind of actor"),
        ("control: input-guardrail", "control: input-gardrail", "controls.filter.control", "input-guardrail"),
        ("protects: [agent]", "protects: [agnt]", "controls.filter.protects[0]", "agent"),
        ("protects: [agent]}", "protects: [agent], strength: 1.5}", "controls.filter.strength", "a share from 0 to 1"),
        ("protects: [agent]}", "protects: [db]}", "controls.filter.protects[0]", "does not apply to a Database"),
        ("fact: records:read", "fact: records:steal", "losses[0].fact", "a fact"),
        ("fact: records:read", "fact: record:read", "losses[0].fact", "records"),
        ("severity: high", "severity: huge", "losses[0].severity", "not a severity"),
        (", severity: high", "", "losses[0]", "a severity or an amount is missing"),
        ("zone: inside}\n  agent", "zone: insde}\n  agent", "assets.app.zone", "there is no zone"),
        ("trust: 5", "trust: 11", "zones.inside.trust", "trust level"),
        ("trust: 5", "parent: inside", "zones.inside.parent", "inside itself"),
        ("  db: {type: Database, zone: inside}", "  outside: {type: Database}", "assets.outside", "used twice"),
        (
            "  - {from: visitor, to: app}",
            "  - {from: visitor, to: app}\n  - {from: visitor, to: app}",
            "flows[1]",
            "used twice",
        ),
        ("two_way: true", "twoway: true", "flows[1].twoway", "Did you mean two_way"),
        ("two_way: true", "two_way: 3", "flows[1].two_way", "not true or false"),
        ("  app:", "  app app:", "assets.app app", "cannot be an id"),
        ("graphmodel: 1", "graphmodel: 2", "graphmodel", "version"),
        ("system: {id: small}", "system: {}", "system", "“id” is missing"),
        ("losses:", "lossess:", "lossess", "Did you mean losses"),
        ("type: Agent", "type: LLM", "assets.agent.type", "Did you mean LanguageModelEndpoint"),
        (
            "control: input-guardrail",
            "control: prompt shield",
            "controls.filter.control",
            "Did you mean input-guardrail",
        ),
        (
            "control: input-guardrail",
            "control: prompt-shield",
            "controls.filter.control",
            "Did you mean input-guardrail",
        ),
        (
            "protects: [agent]",
            "protects: agent",
            "controls.filter.protects",
            r"not a list of ids. .*\[order-db, chat\]",
        ),
        ("{from: app, to: agent", "{from: [app], to: agent", "flows[1].from", "not an id"),
        ("fact: records:read", 'fact: "records:read\\n"', "losses[0].fact", "not a fact"),
        ("{id: small}", '{id: "small\\n"}', "system.id", "not an id"),
        (
            "kind: outsider",
            "kind: outsider, attempts_per_year: [3, 2, 1]",
            "actors.visitor.attempts_per_year",
            "rising",
        ),
    ],
)
def test_each_problem_has_its_line_its_place_and_advice(
    old: str, new: str, place: str, says: str, catalogue: Catalogue
) -> None:
    assert SMALL.count(old) >= 1
    text = SMALL.replace(old, new, 1)
    problems = [one for one in read(text, catalogue).problems if one.level != "note"]
    match = [one for one in problems if one.path == place and re.search(says, f"{one.message} {one.fix}")]
    assert match, problems
    assert match[0].file == "model.yaml"
    assert match[0].fix
    changed = {
        number
        for number, (a, b) in enumerate(zip(SMALL.splitlines(), text.splitlines(), strict=False), start=1)
        if a != b
    }
    assert match[0].line == min(changed) or new == "" or match[0].line in range(min(changed) - 1, max(changed) + 2)


def test_all_problems_are_reported_at_once(catalogue: Catalogue) -> None:
    text = (
        SMALL.replace("type: Agent", "type: Agnet")
        .replace("to: app}", "to: ap}")
        .replace("severity: high", "severity: huge")
    )
    paths = {one.path for one in read(text, catalogue).problems if one.level == "error"}
    assert paths == {"assets.agent.type", "flows[0].to", "losses[0].severity"}


def test_a_broken_element_is_not_reported_again_wherever_it_is_named(catalogue: Catalogue) -> None:
    problems = read(SMALL.replace("type: Agent", "type: Agnet"), catalogue).problems
    assert [one.path for one in problems if one.level == "error"] == ["assets.agent.type"]


def test_nothing_is_said_to_be_missing_beside_what_is_wrong(catalogue: Catalogue) -> None:
    for old, new in (("severity: high", "severity: huge"), ("kind: outsider", "kind: hacker")):
        problems = read(SMALL.replace(old, new), catalogue).problems
        assert [one.level for one in problems] == ["error"]
    problems = read(SMALL.split("losses:", maxsplit=1)[0], catalogue).problems
    assert any("nothing is at stake" in one.message for one in problems)


def test_problems_come_in_the_order_of_their_lines() -> None:
    text = SMALL.replace("severity: high", "severity: huge").replace("two_way: true", "twoway: true")
    text = text.replace("trust: 5", "trust: 50").replace("records storedIn db", "records storedIn dbb")
    lines = [one.line for one in model_from_bytes(text.encode(), "x.yaml").problems]
    assert lines == [5, 13, 16, 22]


def test_every_field_with_a_shape_of_its_own_has_an_example_that_fits(catalogue: Catalogue) -> None:
    import jsonschema

    shown = 0
    agenda: list[object] = [document_schema(catalogue)]
    while agenda:
        one = agenda.pop()
        if isinstance(one, list):
            agenda += one
        elif isinstance(one, dict):
            agenda += one.values()
            for example in one.get("examples", ()):
                jsonschema.validate(example, one)
                shown += 1
            if isinstance(one.get("title"), str) and {"pattern", "anyOf", "items"} & set(one):
                assert one.get("examples"), one["title"]
    assert shown > 30


def test_order_in_a_file_changes_no_element(catalogue: Catalogue) -> None:
    value = yaml.safe_load(SMALL)
    rng = random.Random(1)
    for section, entries in value.items():
        if isinstance(entries, dict) and section != "system":
            items = list(entries.items())
            rng.shuffle(items)
            value[section] = dict(items)
        elif isinstance(entries, list):
            rng.shuffle(entries)
    one, two = system(SMALL, catalogue), system(yaml.safe_dump(value, sort_keys=False), catalogue)
    for name in ("zones", "assets", "flows", "dependencies", "actors", "controls", "losses"):
        assert sorted(getattr(one, name), key=repr) == sorted(getattr(two, name), key=repr)


def test_the_networkx_view(catalogue: Catalogue) -> None:
    graph = system(SMALL, catalogue).to_networkx()
    assert graph.nodes["agent"]["type"] == "Agent"
    assert graph.has_edge("app", "agent", key="app->agent")
    assert graph.edges["records", "db", "records storedIn db"]["relation"] == "storedIn"


def test_the_schema_is_a_schema_and_describes_the_examples(catalogue: Catalogue) -> None:
    import jsonschema

    schema = document_schema(catalogue)
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in EXAMPLES:
        jsonschema.validate(read_yaml(path.read_bytes(), path.name).value, schema)


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "on",
        "1e3x",
        "0123",
        "12:30",
        "2026-11-24",
        "0x10",
        ".inf",
        "null",
        "~",
        "true",
        "1.5",
        "-7",
        "- a",
        "a: b",
        "",
        " x ",
        "# c",
        "'",
        '"',
    ],
)
def test_texts_that_look_like_something_else_survive_writing(text: str, catalogue: Catalogue) -> None:
    from dataclasses import replace

    one = system(SMALL, catalogue)
    changed = replace(one, assets=(replace(one.assets[0], name=text, description=text, tags=(text,)), *one.assets[1:]))
    again = system(write_document(changed), catalogue)
    assert again.assets[0].tags == (text,) or text == ""
    assert again.assets[0].description == text


def test_scalars_follow_the_core_schema() -> None:
    values = {
        "1": 1,
        "-0.5": -0.5,
        "1e3": 1000.0,
        "yes": "yes",
        "no": "no",
        "true": True,
        "~": None,
        "0x1": "0x1",
        "1_000": "1_000",
    }
    for text, value in values.items():
        assert scalar(text) == value
        assert type(scalar(text)) is type(value)
    assert read_yaml(b"a: 1\nb: on\nc: '1'\nd: &x [1]\ne: *x\n", "f").value == {
        "a": 1,
        "b": "on",
        "c": "1",
        "d": [1],
        "e": [1],
    }


def nested(levels: int) -> str:
    return "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, levels))


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a: [1, 2\nb: 3", "not valid YAML"),
        (b"\xff\xfe\x00", "not readable text|not valid YAML"),
        (BOMB.encode(), "more than 1,000,000 values"),
        (b"[" * 5000, "nested too deeply"),
        (nested(900).encode(), "nested too deeply"),
        (b"a: &a " + b"x" * 100_000 + b"\nb: [" + b"*a," * 2000 + b"]", "values once its aliases are expanded"),
        (b"a: !!python/object/apply:os.system [id]", "tag"),
        (b"a: !!binary aGk=", "tag"),
        (b"a: 1\n---\nb: 2", "more than one document"),
        (b"a: *nowhere", "anchor|alias"),
        (b"? [a]\n: b", "key is not plain text"),
        (b"x" * (MAX_BYTES + 1), "larger than the limit"),
    ],
    ids=[
        "malformed",
        "binary",
        "bomb",
        "deep",
        "deep by aliases",
        "long by aliases",
        "python-tag",
        "binary-tag",
        "two-documents",
        "alias",
        "complex-key",
        "huge",
    ],
)
def test_hostile_yaml_is_refused_with_advice(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_yaml(data, "bad.yaml")
    assert re.search(says, caught.value.problem.message)
    assert caught.value.problem.fix
    assert caught.value.problem.file == "bad.yaml"


def test_levels_that_aliases_reach_are_counted_like_others(catalogue: Catalogue) -> None:
    assert read_yaml(nested(57).encode(), "x").value["a56"]
    with pytest.raises(UnreadableError):
        read_yaml(nested(60).encode(), "x")


def test_a_key_that_stands_twice_is_an_error(catalogue: Catalogue) -> None:
    problems = read(SMALL + "system: {id: other}\n", catalogue).problems
    assert any("stands here twice" in one.message and one.level == "error" for one in problems)


@pytest.mark.parametrize("text", ['{"a": ', "[1,]", "\x00", "[" * 100_000, '{"a": "\\ud800"}'])
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_json(text.encode(), "bad.json")


def test_another_kind_of_file_is_said_to_be_one(catalogue: Catalogue) -> None:
    found = read("hello: world", catalogue)
    assert found.system is None
    assert "not a System document" in found.problems[0].message


def test_junk_in_any_place_is_a_problem_and_never_an_exception(catalogue: Catalogue) -> None:
    junk = [None, 7, "x", [], {}, [[]], {"a": {"b": []}}, True, -1.5, "a b c", "a:b", ["*"]]
    base = yaml.safe_load(SMALL)

    def places(value, path=()):  # type: ignore[no-untyped-def]
        yield path
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from places(inner, (*path, key))
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                yield from places(inner, (*path, number))

    for path in list(places(base)):
        for bad in junk:
            value = deepcopy(base)
            if not path:
                value = bad
            else:
                inner = value
                for key in path[:-1]:
                    inner = inner[key]
                inner[path[-1]] = bad
            found = read(yaml.safe_dump(value), catalogue)
            assert found.system is not None or any(one.level == "error" for one in found.problems)


def test_days_are_those_of_the_calendar(catalogue: Catalogue) -> None:
    for name in ("evidence_until", "due"):
        for day, right in (("2028-02-29", True), ("2027-02-29", False), ("2027-13-01", False), ("2027-04-31", False)):
            value = yaml.safe_load(SMALL)
            asset = next(iter(value["assets"]))
            value["controls"] = {"g": {"control": "telemetry", "protects": [asset], name: day}}
            found = read(yaml.safe_dump(value), catalogue)
            said = [one for one in found.problems if "there is no day" in one.message]
            assert [one.path for one in said] == ([] if right else [f"controls.g.{name}"])
            assert (found.system is not None) == right


ODD = (
    *("a b", "x: y", "#", "a #b", "- a", "yes", "No", "1", "~", "", "é", "a\nb", "\x85", "\x00", "'", '"', " a", "a:"),
    *("x" * 105, "word " * 30, "null", "2024-01-01", ".5", "? a", "!t", "*", "{a}", "=", "<<", "a\tb", "a  b", "---"),
)


def test_documents_are_written_as_pyyaml_writes_them() -> None:
    rng = random.Random(5)

    def some(level: int) -> Any:
        kind = rng.randint(0, 9 - level)
        if kind < 2:
            return None if rng.random() < 0.2 else rng.choice([True, 3, 0.4, 1e-9, 1e16])
        if kind < 6:
            return "".join(rng.choice(ODD) for _ in range(rng.randint(1, 3)))
        inner = [some(level + 1) for _ in range(rng.randint(0, 3))]
        return inner if kind == 6 else {"".join(rng.sample(ODD, 2)): one for one in inner}

    for _ in range(150):
        value = {rng.choice(ODD): some(0) for _ in range(3)}
        wanted = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
        assert block(value, _Dumper) == wanted


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("assets: {a: {type: Agent, odd: 1}}", "assets.a.odd"),
        ("assets: {a: {type: Agent, tags: [[]]}}", "assets.a.tags[0]"),
        ("assets: {a: {type: Nothing}}", "assets.a.type"),
        ('assets: {"a\\n": {type: Agent}}', "assets.a\n"),
        ("assets: {a: {type: Agent}}\nlosses: [{asset: a, capability: read, amount: [3, 2, 1]}]", "losses[0].amount"),
        ("assets: {a: {type: Agent}}\nlosses: [{asset: a, capability: read, amount: true}]", "losses[0].amount"),
    ],
)
def test_a_document_that_seems_to_fit_is_held_to_the_whole_schema(text: str, path: str) -> None:
    model = model_from_bytes(f"graphmodel: 1\nsystem: {{id: x}}\n{text}\n".encode(), "x.yaml")
    assert path in {problem.path for problem in model.problems if problem.level == "error"}
