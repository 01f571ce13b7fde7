"""The whole app as a newcomer meets it: started from the command line, used in a real browser."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from graphmodel.knowledge.vocabulary import View
from graphmodel.outputs.wording import percent
from graphmodel.ui.state import FIRST_EXAMPLE
from graphmodel.workspace import examples_directory, open_model
from tests.conftest import ROOT
from tests.model.test_document import SMALL

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("kept_answers")]
PAGES = ("", "assess", "losses", "map", "paths", "importance", "gaps", "plan", "history", "catalogue", "query", "model")
HOSTILE = '<img src=x onerror=\\"window.hit=1\\"> ![x](http://198.51.100.7/x.png) <script>window.hit=1</script> :red[x]'


@contextmanager
def running(*arguments: str) -> Iterator[str]:
    """The app as ``graphmodel app`` starts it, on a free port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-m", "graphmodel", "app", "--no-browser", "--port", str(port), *arguments]
    drafts = tempfile.TemporaryDirectory()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "XDG_STATE_HOME": drafts.name},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).read()
                break
            except OSError:
                time.sleep(0.25)
        else:
            raise AssertionError("the app did not start")
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)
        drafts.cleanup()


class Visit:
    """A page with everything noted that must not happen on it."""

    def __init__(self, browser: Any, scheme: str = "light") -> None:
        self.context = browser.new_context(viewport={"width": 1500, "height": 1100}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.outside: list[str] = []
        self.dialogs: list[str] = []
        self.page.on("request", self._request)
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def _request(self, request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.outside.append(request.url)

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_selector("[data-testid=stMain] [data-testid=stHeading]", timeout=30_000)
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_timeout(800)
        state = "document.querySelector('[data-testid=stApp]').dataset.testScriptState == 'notRunning'"
        self.page.wait_for_function(state, timeout=120_000)
        self.page.wait_for_timeout(700)

    def sound(self) -> None:
        assert self.page.locator("[data-testid=stException]").count() == 0
        assert self.page.evaluate("window.hit") is None
        assert self.outside == []
        assert self.dialogs == []

    def text(self) -> str:
        return str(self.page.locator("[data-testid=stMain]").inner_text())


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as found:
        yield found


def test_a_newcomer_finds_what_to_fix_first_and_why(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.open(address)
    visit.page.get_by_test_id("stMetric").first.wait_for(timeout=60_000)
    visit.page.get_by_text("Most likely to fall").wait_for(timeout=60_000)
    said = visit.text()
    for words in ("Support assistant", "Expected loss a year", "At stake", "Fix first", "Likelihood against impact"):
        assert words in said
    visit.page.get_by_role("link", name="Paths").click()
    visit.page.get_by_text("Path 1, hop by hop").wait_for(timeout=30_000)
    visit.settle()
    worst = open_model(examples_directory() / FIRST_EXAMPLE).assess().risks[0]
    likelihood = visit.page.locator("[data-testid=stMetricValue]").first
    assert likelihood.inner_text() == percent(worst.likelihood[View.RESIDUAL])
    visit.page.get_by_text("Switch controls and see the difference").click()
    visit.page.get_by_role("button", name="Retrieved text cannot call tools (planned)").click()
    visit.settle()
    fallen = float(likelihood.inner_text().removesuffix(" %")) / 100
    assert worst.likelihood[View.TARGET].value - 0.005 <= fallen < worst.likelihood[View.RESIDUAL].value - 0.03
    assert "points" in visit.text()
    visit.sound()


def test_a_step_that_is_chosen_in_the_drawing_says_why(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.open(f"{address}/paths")
    visit.page.locator(".gm-stage[data-view]").focus()
    for _ in range(12):
        visit.page.keyboard.press("ArrowRight")
        visit.page.wait_for_timeout(150)
        if "Direct prompt injection" in str(visit.page.locator(".gm-said").text_content()):
            break
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_timeout(600)
    visit.settle()
    assert "realized technique against a skilled actor" in visit.text()
    visit.sound()


def test_bad_files_are_shown_with_their_problems_and_good_ones_opened(browser: Any, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.yaml", tmp_path / "good.yaml"
    bad.write_text(SMALL.replace("type: Agent", "type: Agnet"))
    good.write_text(SMALL)
    visit = Visit(browser)
    with running() as address:
        visit.open(f"{address}/model")
        upload = visit.page.locator("input[type=file]").first
        upload.set_input_files(bad)
        visit.page.get_by_label("Text of bad.yaml").wait_for(timeout=20_000)
        visit.settle()
        assert visit.page.locator("button.gm-error").count() == 1
        assert "upport assistant" not in visit.text()
        visit.page.get_by_text("Open a file or an example").click()
        upload.set_input_files(good)
        visit.page.get_by_text("4 assets, 3 flows").wait_for(timeout=20_000)
        visit.page.reload()
        visit.page.get_by_text("4 assets, 3 flows").wait_for(timeout=20_000)
        visit.sound()


@pytest.mark.store
def test_a_saved_query_is_answered(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.open(f"{address}/query")
    visit.page.get_by_role("button", name="Run").click()
    visit.page.get_by_text("2 rows in").wait_for(timeout=60_000)
    visit.sound()


def test_the_first_start_on_a_machine_asks_no_questions_and_opens_a_browser(tmp_path: Path) -> None:
    """Streamlit asks a new user for an address unless it is told not to; then nothing would come up."""
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "BROWSER": str(browser), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "graphmodel", "app", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for _ in range(100):
            if opened.exists() and opened.read_text().strip():
                break
            assert process.poll() is None
            time.sleep(0.1)
        urllib.request.urlopen(opened.read_text().strip(), timeout=10).read()
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=20)
    assert said.splitlines() == [f"graphmodel: {opened.read_text().strip()} (Ctrl-C ends it)"]


def test_names_in_a_model_are_text_and_nothing_else(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "hostile.yaml"
    text = SMALL.replace("id: small}", f'id: small, name: "{HOSTILE}", description: "{HOSTILE}"}}')
    for asset in ("app", "agent", "records", "db"):
        text = text.replace(
            f"{asset}: {{type", f'{asset}: {{name: "{HOSTILE}", description: "{HOSTILE}", owner: "{HOSTILE}", type'
        )
    file.write_text(text)
    visit = Visit(browser)
    with running(str(file)) as address:
        for page in PAGES:
            visit.open(f"{address}/{page}")
            visit.sound()
            assert visit.page.locator("[data-testid=stMain] img[src='x']").count() == 0
