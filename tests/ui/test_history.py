"""The page History, run without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from graphmodel.assessment.results import Assessment
from graphmodel.outputs.changed_map import changed_map
from graphmodel.posture.changes import system_changes
from graphmodel.posture.comparison import Version, compare, gone_paths
from graphmodel.workspace import Model, examples_directory, model_from_bytes, open_model
from tests.conftest import ROOT
from tests.posture.systems import SYSTEM
from tests.ui.test_app import texts

pytestmark = pytest.mark.usefixtures("kept_answers")

GUARD = "controls: {g: {control: content-isolation, protects: [bot], name: '<b>=1</b> [x](y)'}}\n"


def page(model: Model) -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    test.session_state["model"] = model
    test.run()
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / "history.py")).run()
    assert not test.exception, test.exception
    return test


def test_snapshots_are_taken_shown_and_compared(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(SYSTEM)
    test = page(open_model(file))
    assert "no snapshot of this system yet" in texts(test)
    test.text_input(key="history-note").set_value("before")
    test.button[0].click().run()
    assert not test.exception and "Kept as" in texts(test)
    assert len(list((tmp_path / "snapshots").iterdir())) == 1
    file.write_text(SYSTEM + GUARD)
    test = page(open_model(file))
    test.text_input(key="history-note").set_value("after *the* <i>review</i>")
    test.button[0].click().run()
    assert not test.exception
    moves, moments, causes, risks = (one.value for one in test.dataframe)
    assert list(moves["Note"]) == [1]
    (said,) = moves["What changed since the one before"]
    assert said == "control g: added"
    (test.session_state["history-tab"],) = ["In the paths"]
    test.run()
    assert not test.exception
    assert "Ways that are gone (0)" in texts(test) and "New ways to a loss (0)" in texts(test)
    assert list(moments["Note"]) == ["before", "after *the* <i>review</i>"] or list(moments["Note"])[::-1] == [
        "before",
        "after *the* <i>review</i>",
    ]
    names = {one.label: one for one in test.selectbox}
    old, new = names["From"], names["To"]
    notes = dict(zip([one.split("/")[-1] for one in old.options], old.options, strict=True))
    assert len(notes) == 2
    assert "control g" in causes["What changed"][0]
    assert abs(causes["Moved the loss by (EUR)"][0]) > 0
    assert set(risks["Because of"]) == {"control g"}
    old.set_value(new.value).run()
    assert "two different snapshots" in texts(test)


def test_what_changed_is_marked_on_the_map_and_what_is_gone_is_named() -> None:
    def assessed(text: str) -> Assessment:
        return model_from_bytes(text.encode(), "desk.yaml").assess()

    lines = SYSTEM.replace("  partner: {type: Application, zone: outside}\n", "").splitlines(keepends=True)
    smaller = "".join(line for line in lines if "to: partner" not in line)
    new = assessed(SYSTEM + GUARD)
    old = assessed(
        smaller.replace("  llm: {type: LanguageModelEndpoint", "  llm: {tags: [a], type: LanguageModelEndpoint")
    )
    changes = [one for one in system_changes(old.compiled.system, new.compiled.system) if one.bears]
    drawn = changed_map(old, new, changes)
    tones = {one.id: (one.tone, one.caption.partition(":")[0]) for one in drawn.drawing.nodes}
    assert tones["partner"] == ("ok", "new") and tones["bot"] == ("accent", "changed")
    assert {place for place, (tone, _) in tones.items() if tone != "muted"} == {"partner", "bot"}
    edges = {one.target: one.tone for one in drawn.drawing.edges if one.source == "tool"}
    assert edges["partner"] == "ok"
    back = changed_map(new, old, system_changes(new.compiled.system, old.compiled.system))
    assert {"asset partner", "control g"} <= set(back.gone)
    assert {one.id for one in back.drawing.nodes if one.tone == "accent"} >= {"bot"}


def test_paths_that_are_gone_are_the_new_ones_seen_from_the_other_side() -> None:
    shut = "controls: {g: {control: content-isolation, protects: [bot], strength: 1, evidence: tested}}\n"
    versions = [
        Version(text[-9:], model_from_bytes(text.encode(), "desk.yaml").assess()) for text in (SYSTEM, SYSTEM + shut)
    ]
    there, back = compare(*versions), compare(*reversed(versions))
    assert back.new_paths and not there.new_paths
    assert gone_paths(there) == back.new_paths and gone_paths(back) == there.new_paths


def test_an_example_has_no_folder() -> None:
    assert "an example and an upload have none" in texts(page(open_model(examples_directory() / "credit-scoring.yaml")))
