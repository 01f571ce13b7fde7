"""The page History, run without a browser."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from graphmodel.workspace import Model, examples_directory, open_model
from tests.conftest import ROOT
from tests.posture.systems import SYSTEM
from tests.ui.test_app import texts

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
    moments, causes, risks = (one.value for one in test.dataframe)
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


def test_an_example_has_no_folder() -> None:
    assert "an example and an upload have none" in texts(page(open_model(examples_directory() / "credit-scoring.yaml")))
