"""The open file in the app, run without a browser: shown whatever is wrong with it, kept, used, and saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from graphmodel.ui import state
from tests.conftest import ROOT
from tests.model.test_document import BOMB, SMALL
from tests.ui.test_app import PAGES, texts

pytestmark = pytest.mark.slow  # real processes, or many files: .ci/run has the time

WRONG = SMALL.replace("type: Agent", "type: Agnet").replace("to: app}", "to: ap}")


def app(page: str = "model", file: Path | None = None) -> AppTest:
    """A new session of a server that was started on a file."""
    if file is not None:
        state.start_with(file)
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=90).run()
    return go(test, page)


def go(test: AppTest, page: str) -> AppTest:
    test.switch_page(str(ROOT / "graphmodel" / "ui" / "screens" / f"{page}.py")).run()
    assert not test.exception, test.exception
    return test


def type_in(test: AppTest, text: str) -> AppTest:
    test.session_state["editor"] = {"typed": {"version": test.session_state["work"].edition, "text": text}}
    test.run()
    assert not test.exception, test.exception
    return test


def press(test: AppTest, label: str) -> AppTest:
    next(one for one in test.button if one.label.replace("\\", "") == label).click().run()
    assert not test.exception, test.exception
    return test


def said(test: AppTest) -> str:
    return texts(test).replace("\\", "")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "own.yaml"
    found.write_text(SMALL)
    return found


def test_a_broken_file_is_shown_with_its_problems_and_no_page_has_numbers(file: Path) -> None:
    file.write_text(WRONG)
    test = app("model", file)
    work = test.session_state["work"]
    assert work.text == WRONG
    assert work.errors == 2
    for page in PAGES:
        go(test, page)
        if page != "model":
            assert "own.yaml has 2 errors and cannot be assessed." in said(test)
            assert not test.metric
            assert not test.dataframe
        assert "Example" not in said(test)
        assert "upport assistant" not in said(test)


def test_one_error_is_one_error(file: Path) -> None:
    file.write_text(SMALL.replace("type: Agent", "type: Agnet"))
    assert "own.yaml has 1 error and cannot be assessed." in said(app("gaps", file))


def test_a_file_without_assets_is_told_what_to_add(file: Path) -> None:
    file.write_text("graphmodel: 1\nsystem: {id: mine}\nassets: {}\n")
    test = app("model", file)
    for page in PAGES[:-1]:
        assert "own.yaml has no assets yet" in said(go(test, page))
        assert not test.metric


def test_an_example_says_on_every_page_that_it_is_one(file: Path) -> None:
    test = app("model")
    for page in ("map", "paths", "gaps", "query", "model"):
        assert "Example: Support assistant" in said(go(test, page)).replace("*", "")
    assert "Example:" not in said(app("map", file)).replace("*", "")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.yaml", b"a: [1\nb"),
        ("bomb.yaml", BOMB.encode()),
        ("type.yaml", SMALL.replace("type: Agent", "type: Agnet").encode()),
        ("flow.yaml", SMALL.replace("to: app}", "to: ap}").encode()),
        ("other.bin", bytes(range(256))),
        ("empty.yaml", b""),
        ("surrogate.json", b'{"graphmodel": 1, "x": "\\ud800"}'),
        ("nan.json", b'{"graphmodel": 1, "losses": NaN}'),
        ("deep.json", b"[" * 100_000),
        ("tags.yaml", b"a: !!python/object/apply:os.system [id]\n"),
        ("utf16.yaml", WRONG.encode("utf-16")),
        ("latin.yaml", "graphmodel: 1 # é".encode("latin-1")),
        ("companion.yaml", SMALL.encode() + b"catalogue: [../../etc/passwd]\n"),
        ("esc\x1b]0;x\x07\n.yaml", WRONG.encode()),
        ("threagile.yaml", b"threagile_version: 1.0.0\ntechnical_assets: 3\n"),
    ],
)
def test_a_bad_upload_is_what_is_open(name: str, content: bytes) -> None:
    test = app("model")
    test.file_uploader[0].set_value((name, content, "application/yaml")).run()
    assert not test.exception, test.exception
    work = test.session_state["work"]
    assert work.errors
    assert work.path is None
    assert not [one for one in work.name if ord(one) < 32]
    assert work.name.replace("\\", "") in said(test)
    go(test, "overview")
    assert "cannot be assessed" in said(test)
    assert not test.metric


@pytest.mark.parametrize("typed", ["", "\x00", "a: [1", BOMB, "\ud800: 1", "]" * 5000, "graphmodel: 1\rsystem: x"])
def test_nothing_that_is_typed_ends_in_a_traceback(typed: str, file: Path) -> None:
    test = type_in(app("model", file), typed)
    press(test, "Check and use")
    assert "cannot be assessed" in said(go(test, "map"))
    press(go(test, "model"), "Discard changes")
    assert test.session_state["model"].usable


def test_a_good_file_replaces_what_is_open() -> None:
    test = app("model")
    test.file_uploader[0].set_value(("small.yaml", SMALL.encode(), "application/yaml")).run()
    assert not test.exception
    assert test.session_state["model"].system.id == "small"
    assert "Example" not in said(test)
    assert app("model").session_state["model"].system.id == "small"  # a reload


def test_edits_are_in_use_when_that_is_asked_for_and_outlive_reload_and_server(file: Path, drafts: Path) -> None:
    edited = SMALL + "# a thought\n"
    test = type_in(app("model", file), edited)
    assert "until you press" in said(test)
    assert test.session_state["model"].data.decode() == SMALL
    again = app("model", file)
    assert again.session_state["work"].text == edited
    assert "is here again" in said(again)
    press(again, "Check and use")
    assert again.session_state["model"].data.decode() == edited
    kept = list(drafts.iterdir())
    assert len(kept) == 1
    assert kept[0].stat().st_mode & 0o777 == 0o600
    assert drafts.stat().st_mode & 0o777 == 0o700
    third = app("gaps", file)
    assert third.session_state["model"].data.decode() == edited
    assert "with edits that are not saved" in said(third)
    assert file.read_text() == SMALL
    press(go(third, "model"), "Discard changes")
    assert third.session_state["work"].text == SMALL
    assert list(drafts.iterdir()) == []
    # What the browser still holds of the text that was thrown away does not come back.
    third.run()
    assert third.session_state["work"].text == SMALL


def test_what_is_typed_for_another_text_is_not_taken(file: Path) -> None:
    test = app("model", file)
    for value in ({"typed": {"version": "other", "text": "x"}}, {"typed": {"text": 3}}, {"typed": "x"}, {}):
        test.session_state["editor"] = value
        test.run()
        assert not test.exception
        assert test.session_state["work"].text == SMALL


def test_saving_shows_the_difference_and_keeps_comments_line_ends_and_mode(file: Path, drafts: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode() + b"# kept\r\n")
    file.chmod(0o640)
    test = app("model", file)
    assert "\r" not in test.session_state["work"].text
    type_in(test, test.session_state["work"].text + "# mine\n")
    press(test, "Save to own.yaml")
    assert "+# mine" in test.code[0].value
    assert b"# mine" not in file.read_bytes()
    press(test, "Save")
    expected = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode() + b"# kept\r\n# mine\r\n"
    assert file.read_bytes() == expected
    assert file.stat().st_mode & 0o777 == 0o640
    assert not test.session_state["work"].unsaved
    assert list(drafts.iterdir()) == []


def test_a_file_that_changed_meanwhile_is_not_written_over_unasked(file: Path) -> None:
    test = type_in(app("model", file), SMALL + "# mine\n")
    press(test, "Save to own.yaml")
    file.write_text(SMALL + "# theirs\n")
    press(test, "Save")
    assert file.read_text() == SMALL + "# theirs\n"
    press(test, "Cancel")
    assert "has changed on disk" in said(test)
    press(test, "Save to own.yaml")
    assert "-# theirs" in test.code[0].value
    assert "has changed on disk since it was opened" in said(test)
    press(test, "Save")
    assert file.read_text() == SMALL + "# mine\n"


def test_a_newer_file_is_read_again_and_the_unsaved_text_offered(file: Path) -> None:
    test = type_in(app("model", file), SMALL + "# mine\n")
    file.write_text(SMALL + "# theirs\n")
    press(go(test, "model"), "Read it again")
    assert test.session_state["work"].text == SMALL + "# theirs\n"
    assert "There is an unsaved text of" in said(test)
    press(test, "Take it up")
    assert test.session_state["work"].text == SMALL + "# mine\n"
    press(go(test, "model"), "Discard changes")
    assert test.session_state["work"].text == SMALL + "# theirs\n"


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "own.yaml").write_text(SMALL)
    test = type_in(app("model", place / "own.yaml"), SMALL + "# mine\n")
    place.rename(tmp_path / "elsewhere")
    press(test, "Save to own.yaml")
    assert "is gone from the disk" in said(test)
    press(test, "Save")
    assert "cannot be written" in said(test)
    assert test.session_state["work"].text.endswith("# mine\n")


def test_a_missing_or_unreadable_file_cannot_be_saved_to(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        test = app("model", path)
        assert test.session_state["work"].path is None
        assert "cannot be assessed" in said(go(test, "overview"))
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 20_000_001)
    assert app("model", large).session_state["work"].path is None


def test_an_edited_upload_is_gone_on_with_after_the_server_ended() -> None:
    test = app("model")
    test.file_uploader[0].set_value(("small.yaml", SMALL.encode(), "application/yaml")).run()
    type_in(test, SMALL + "# mine\n")
    state.start_with(None)
    test = app("model")
    assert "Unsaved texts of other files" in said(test)
    press(test, "Go on")
    assert test.session_state["work"].text == SMALL + "# mine\n"
    assert test.session_state["model"].system.id == "small"
    press(test, "Discard changes")
    assert test.session_state["work"].text == SMALL


def test_an_imported_file_is_edited_as_a_document_and_never_saved_over(tmp_path: Path) -> None:
    source = next((ROOT / "tests" / "importers").rglob("*threagile*.yaml"))
    copy = tmp_path / "theirs.yaml"
    copy.write_bytes(source.read_bytes())
    test = app("model", copy)
    work = test.session_state["work"]
    assert work.imported
    assert work.text.startswith("# Read by graphmodel from theirs.yaml.\ngraphmodel: 1")
    assert not any("Save to" in one.label for one in test.button)


def test_drafts_are_not_trusted(file: Path, drafts: Path) -> None:
    type_in(app("model", file), SMALL + "# mine\n")
    kept = next(drafts.iterdir())
    sound = json.loads(kept.read_text())
    for change in ({"text": 3}, {"version": 2}, {"when": "x"}, {"when": float("nan")}, {"used": []}, {"more": 1}):
        kept.write_text(json.dumps({**sound, **change}))
        assert app("model", file).session_state["work"].text == SMALL, change
    for content in (b"", b"[]", b"{", b"\x00", b"[" * 100_000, b'{"version": ' + b"9" * 5000 + b"}"):
        kept.write_bytes(content)
        assert app("model", file).session_state["work"].text == SMALL
    kept.unlink()
    kept.symlink_to(file)
    assert app("model", file).session_state["work"].text == SMALL
    kept.unlink()
    kept.write_text(json.dumps({**sound, "text": "]" * 9, "used": "\x00"}))
    assert app("model", file).session_state["work"].text == "]" * 9
    kept.chmod(0o666)
    assert app("model", file).session_state["work"].text == SMALL
    kept.chmod(0o600)
    drafts.chmod(0o777)
    assert app("model", file).session_state["work"].text == SMALL
    assert "No draft of this text can be kept" in said(type_in(app("model", file), SMALL + "# again\n"))


def test_a_link_in_the_place_of_a_draft_is_not_followed(tmp_path: Path, drafts: Path) -> None:
    from graphmodel.ui import drafts as kept

    mine = tmp_path / "mine"
    mine.write_text("mine")
    drafts.mkdir(parents=True, mode=0o700)
    (drafts / "key.json").symlink_to(mine)
    draft = kept.Draft("name", "", "text")
    assert kept.keep("key", draft) == ""
    assert (mine.read_text(), kept.find("key")) == ("mine", draft)


def test_drafts_are_limited_in_number_and_size(drafts: Path) -> None:
    from graphmodel.ui import drafts as kept

    for number in range(kept.MAX_DRAFTS + 5):
        assert kept.keep(f"key{number}", kept.Draft(f"{number}", "", "text", when=float(number))) == ""
    assert len(list(drafts.iterdir())) == kept.MAX_DRAFTS
    assert "characters" in kept.keep("long", kept.Draft("long", "", "x" * (kept.MAX_CHARACTERS + 1)))
    assert kept.find("long") is None


def test_a_draft_that_cannot_be_kept_is_said(file: Path, drafts: Path) -> None:
    drafts.parent.parent.mkdir(parents=True, exist_ok=True)
    drafts.parent.write_text("in the way")
    assert "No draft of this text can be kept" in said(type_in(app("model", file), SMALL + "# mine\n"))
