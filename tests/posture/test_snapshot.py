"""What a snapshot holds comes back as it was; what was damaged, changed or is from later is told."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from graphmodel.answering import answers_from
from graphmodel.engine.estimates import BOUND, SIMULATED, Estimate
from graphmodel.engine.likelihood import Options
from graphmodel.knowledge.settings import load_settings
from graphmodel.posture.knowledge import entries_value, settings_value
from graphmodel.posture.record import figure_value, recorded_figures
from graphmodel.posture.recorded import recorded
from graphmodel.posture.snapshot import Embedded, Snapshot, read_snapshot
from graphmodel.posture.snapshot_schema import SCHEMA
from graphmodel.reading.problems import UnreadableError
from graphmodel.reading.quick_schema import surely_fits
from graphmodel.snapshots import take
from graphmodel.workspace import Model, model_from_bytes
from tests.posture.versions import MODEL, edited, model, version

FILES = {"s.yaml": "inferred_share: 0.4\ncontrol_costs: {telemetry: 5}\nfunction_costs: {detect: null}\n"}
TEXT = edited(("system: {id", "settings: s.yaml\nsystem: {id"), ("name: Shop", "name: “Läden”\u2028"))


@cache
def snapshot() -> Snapshot:
    opened = answered()
    return take(opened, opened.assess(today="2027-01-01"), "2027-01-01", "before the audit")


def answered() -> Model:
    opened = model(TEXT, FILES)
    text = (
        b"graphmodel-answers: 1\nextends: house.yaml\nanswers: {GEN-1.g4: {status: met,"
        b" controls: [{control: input-guardrail, on: [app]}]}}\n"
    )
    shared = {"house.yaml": b"graphmodel-answers: 1\nuse: {open-data: true}\n"}
    return opened.with_answers(answers_from(text, "answers.yaml", opened.catalogue, shared.__getitem__))


def refused(data: bytes, name: str = "x.json") -> str:
    with pytest.raises(UnreadableError) as caught:
        read_snapshot(data, name)
    assert caught.value.problem.fix
    return caught.value.problem.message


def test_what_is_written_comes_back_and_has_a_digest_and_a_name() -> None:
    one = snapshot()
    text = one.to_text()
    again = read_snapshot(text.encode(), one.name)
    assert again == one
    assert again.to_text() == text
    assert one.name == f"2027-01-01-shop-{one.digest[:16]}.json"
    assert f'"digest": "sha256:{one.digest}"' in text
    assert one.document.data == TEXT.encode()
    assert [(each.name, each.data.decode()) for each in one.beside][:-1] == list(FILES.items())
    assert one.beside[-1].name == "house.yaml"
    assert replace(one, note="another").digest != one.digest
    assert "/" not in replace(one, system={**one.system, "id": "../../x y/é"}).name


def test_the_model_in_it_is_the_model_with_the_settings_of_then() -> None:
    one = snapshot()
    opened = model_from_bytes(one.to_text().encode(), one.name)
    before = answered()
    assert opened.usable
    assert opened.answered is not None and before.answered is not None
    assert opened.answered.given.use == {"open-data": True}
    assert list(opened.standing.made) == ["GEN-1.g4.input-guardrail"]
    assert opened.format == "snapshot"
    assert (opened.system, opened.catalogue, opened.settings) == (before.system, before.catalogue, before.settings)
    assert opened.assess(today="2027-01-01").yearly_loss() == before.assess(today="2027-01-01").yearly_loss()


def test_settings_come_back_from_their_values() -> None:
    for data in (
        None,
        b"evidence: {none: 0.1}\nfunction_costs: {prevent: null}\nlikelihood_bands: {Low: 0, High: 0.5}\n",
    ):
        known = load_settings()[0] if data is None else load_settings(data)[0]
        value = settings_value(known)
        again, problems = load_settings(json.dumps(value).encode())
        assert problems == ()
        assert {one.name for one in fields(known)} == set(value)
        assert again == known


def test_every_changed_byte_is_noticed() -> None:
    data, dice = snapshot().to_text().encode(), random.Random(7)
    for _ in range(200):
        place = dice.randrange(len(data))
        changed = data[:place] + bytes([data[place] ^ 1 << dice.randrange(7)]) + data[place + 1 :]
        try:
            again = read_snapshot(changed, "x.json")
        except UnreadableError:
            continue
        assert again == snapshot()  # white space between values
    for length in (0, 1, 500, len(data) // 2, len(data) - 3):
        assert refused(data[:length])


def test_a_digest_that_was_adapted_is_noticed_by_the_name() -> None:
    changed = replace(snapshot(), note="never mind")
    assert read_snapshot(changed.to_text().encode(), "renamed.json") == changed
    assert "not the one that its name says" in refused(changed.to_text().encode(), snapshot().name)


def test_one_from_later_is_told_what_to_do() -> None:
    value = json.loads(snapshot().to_text())
    value |= {"graphmodel_snapshot": 2, "program": {"name": "graphmodel", "version": "9.1"}, "more": []}
    assert "graphmodel 9.1 in version 2" in refused(json.dumps(value).encode())
    assert "a newer graphmodel" in refused(json.dumps({"graphmodel_snapshot": 99}).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1]",
        b"{}",
        b'{"graphmodel_snapshot": 1}',
        b'{"graphmodel_snapshot": true}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_snapshot_is_told(data: bytes) -> None:
    assert refused(data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("results", {}),
        ("document", {"name": "x", "format": "graphmodel", "lines": []}),
        ("document", {"name": "x", "format": "graphmodel", "lines": ["a"], "base64": ""}),
        ("document", {"name": "x", "format": "graphmodel", "base64": "*"}),
        ("method", {"reach": "up"}),
        ("date", "soon"),
        ("beside", [1]),
        ("settings", 3),
    ],
)
def test_a_right_digest_over_a_wrong_content_is_refused(field: str, value: object) -> None:
    from graphmodel.posture.snapshot import _digest

    content = {key: one for key, one in json.loads(snapshot().to_text()).items() if key not in ("digest",)}
    content[field] = value
    mark = content.pop("graphmodel_snapshot")
    made = {"graphmodel_snapshot": mark, "digest": f"sha256:{_digest(content)}", **content}
    assert refused(json.dumps(made).encode())


def test_a_document_that_is_no_utf8_and_a_snapshot_inside_a_snapshot() -> None:
    odd = replace(snapshot(), document=Embedded("latin.yaml", b"\xe4\xff"))
    assert '"base64": "5P8="' in odd.to_text()
    assert read_snapshot(odd.to_text().encode(), "x.json") == odd
    inside = replace(snapshot(), document=Embedded("s.json", snapshot().to_text().encode()))
    (problem,) = model_from_bytes(inside.to_text().encode(), "x.json").problems
    assert "a snapshot of a snapshot" in problem.message
    lacking = replace(snapshot(), beside=())
    assert not model_from_bytes(lacking.to_text().encode(), "x.json").usable


def test_simulated_results_keep_their_intervals() -> None:
    from graphmodel.posture.mixtures import figures_of

    options = Options(nodes=0, width=0, pairs=0, parts=False, worlds=2_000)
    assessment = version(MODEL, options=options).assessment
    one = take(model(MODEL), assessment, "2027-01-01")
    facts = [risk.fact for risk in assessment.risks]
    found = figures_of(assessment, facts, yearly=True)
    assert not found.total.is_exact
    again = read_snapshot(one.to_text().encode(), one.name)
    assert recorded_figures(again.results, figures_of(assessment, facts, yearly=False), yearly=True) == found
    assert again.method["worlds"] == 2_000


@pytest.mark.parametrize(
    "figure",
    [
        Estimate.exactly(0.25),
        Estimate(0.2, 0.1, 0.4, SIMULATED),
        Estimate.between(0.25, 0.5),
        Estimate(0.0, 0.0, 0.5, BOUND),
    ],
)
def test_a_figure_keeps_its_interval_and_its_method(figure: Estimate) -> None:
    kept = json.loads(json.dumps(figure_value(figure)))
    assert recorded(kept) == figure
    Draft202012Validator(SCHEMA["properties"]["results"]["properties"]["campaigns_loss"]).validate(kept)


def test_the_knowledge_of_a_snapshot_is_the_same_in_every_process() -> None:
    import subprocess
    import sys

    code = (
        "import json; from graphmodel.knowledge.ontology import load_catalogue; "
        "from graphmodel.posture.knowledge import entries_value; print(json.dumps(entries_value(load_catalogue()[0])))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert json.loads(said[0]) == entries_value(model(MODEL).catalogue)


def test_the_quick_look_at_a_snapshot_agrees_with_the_schema_whatever_is_changed_in_it() -> None:
    whole = json.loads(snapshot().to_text())
    validator, seen = Draft202012Validator(SCHEMA), {True: 0, False: 0}
    assert surely_fits(SCHEMA, whole)

    def places(value: Any, around: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        yield around
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value[:2]):
            if isinstance(inner, dict | list):
                yield from places(inner, (*around, key))
            else:
                yield (*around, key)

    chance = random.Random(4)
    for place in chance.sample(list(places(whole))[1:], 150):
        for other in chance.sample([None, True, 1, -1, 1.5, "x", [], [1.0, 2.0, 3.0], [1.0], {}, {"name": "x"}], 3):
            value = copy.deepcopy(whole)
            inner = value
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = other
            right = validator.is_valid(value)
            # “Surely” may be wrong in one direction only.
            assert right or not surely_fits(SCHEMA, value), (place, other)
            seen[right] += 1
            assert surely_fits(SCHEMA, value) == right or place[-1] in ("date", "digest", "reach"), (place, other)
    assert min(seen.values()) > 50
