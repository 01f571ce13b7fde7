"""The app in a real browser: how long each page takes to its first answer and to its last, and a click to its answer.

The app is started on its own, with nothing kept from before, and its pages are opened one after the other from their
links, as somebody would who looks through all of them; then once more; then something is chosen on each. A page has
its *first answer* when the first figure, drawing or table of its own is there, and is *whole* when nothing on it is
worked on any more. Behind each time stands how many plain loops of ten million rounds it is long.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import child, seconds
from benchmarks.model import Scale, Section, Table
from benchmarks.organisation import FILE, organisation
from benchmarks.systems import ai_system
from benchmarks.waiting import loop
from graphmodel.model.writing import write_document
from graphmodel.workspace import examples_directory

CHROMIUM = "/usr/bin/chromium"
_EXAMPLE = 25  # assets of the example
_SIZES = (_EXAMPLE, 100, 500)
_MANY, _FEW = (50, 200), (5, 8)  # systems and snapshots of a folder
_LIMIT = 900.0  # seconds for all pages of one file
_PATIENCE = 180_000  # milliseconds for one page
_START = 60.0  # seconds for the server
_ROW, _FIRST_COLUMN = 35, 14  # pixels of a table: the height of a row, and where its mark is

# Streamlit says when a page has been drawn to its end; a script that was begun by a click says so a moment later.
_COUNTING = """
window.drawn = 0;
new MutationObserver(all => {
  for (const one of all) {
    const app = one.target;
    const begun = !['notRunning', 'initial', null].includes(one.oldValue);
    if (begun && app.dataset.testScriptState === 'notRunning') window.drawn += 1;
  }
}).observe(document, {subtree: true, attributes: true, attributeOldValue: true,
                      attributeFilter: ['data-test-script-state']});
"""
_HERE = """title => {
  const main = document.querySelector('[data-testid=stMain]');
  const head = main && main.querySelector('[data-testid=stHeading]');
  return Boolean(head) && head.innerText.trim() === title && !head.closest('[data-stale=true]');
}"""
_WHOLE = """count => {
  const app = document.querySelector('[data-testid=stApp]');
  if (!app || app.dataset.testScriptState !== 'notRunning' || window.drawn <= count) return false;
  if (document.querySelector('[data-testid=stMain] [data-stale=true]')) return false;
  return !document.querySelector('[data-testid=stMain]').innerText.toLowerCase().includes('being worked out');
}"""


@dataclass(frozen=True)
class Page:
    """A page: its title, what is its first answer, and something that people choose on it, in words and as done."""

    title: str
    first: str
    said: str = ""
    choose: Callable[[Any], None] | None = None


def _row(key: str, number: int = 0) -> Callable[[Any], None]:
    def choose(page: Any) -> None:
        place = page.locator(f"[class*=st-key-{key}] [data-testid=stDataFrame]").first
        place.scroll_into_view_if_needed()
        place.click(position={"x": _FIRST_COLUMN, "y": _ROW * (number + 1) + _ROW // 2})

    return choose


def _button(key: str, number: int = 0) -> Callable[[Any], None]:
    return lambda page: page.locator(f".st-key-{key} button").nth(number).click()


def _tab(number: int) -> Callable[[Any], None]:
    return lambda page: page.get_by_role("tab").nth(number).click()


def _what_if(page: Any) -> None:
    if page.locator(".st-key-switched").count() == 0 or not page.locator(".st-key-switched").is_visible():
        page.get_by_text("Switch controls and see the difference").click()
    page.locator(".st-key-switched button").first.click()


def _less(page: Any) -> None:
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowLeft")


def _search(page: Any) -> None:
    page.locator("[data-testid=stMain] input[type=text]").first.fill("prompt injection")
    page.keyboard.press("Enter")


PAGES = (
    Page("Overview", "[data-testid=stMetric]", "a risk", _row("risks")),
    Page("Assess", "[role=tab]", "the tab Maturity", _tab(1)),
    Page("Losses", "[data-testid=stMetric]", "another view", _button("losses-view", 2)),
    Page("Map", ".gm-stage[data-view]", "an asset", _row("map-table")),
    Page("Paths", ".gm-stage[data-view]", "a path", _row("paths-", 1)),
    Page("Paths", ".gm-stage[data-view]", "a control switched", _what_if),
    Page("Importance", "[data-testid=stDataFrame]", "the tab Steps", _tab(4)),
    Page("Gaps", "[data-testid=stDataFrame]", "a lifecycle area", _button("gap-areas")),
    Page("Gaps", "[data-testid=stDataFrame]", "a threat", _row("gap-threats")),
    Page("Plan", "[data-testid=stDataFrame], [data-testid=stMetric]", "a smaller budget", _less),
    Page("Catalogue", "[data-testid=stDataFrame]", "a search", _search),
    Page("Query", "[data-testid=stTextArea]"),
    Page("Model", ".gm-area"),
)


# Of a folder with snapshots and many systems; elsewhere there is nothing to be seen there.
OF_A_FOLDER = (
    Page("History", "[data-testid=stVegaLiteChart]", "the difference in the paths", _tab(1)),
    Page("Assess", "[role=tab]", "the tab All systems", _tab(5)),
)


@dataclass(frozen=True)
class Times:
    """Seconds of one page: the first answer and the whole of the first visit, those of the second, and a click."""

    first: float
    whole: float
    again: float
    clicked: float | None


class Visitor:
    """Somebody in front of a browser with one window."""

    def __init__(self, page: Any, address: str) -> None:
        self._page, self._address = page, address
        page.add_init_script(_COUNTING)

    def arrive(self, first: str) -> tuple[float, float]:
        """Open the app; seconds to its first answer and to its last."""
        begin = time.perf_counter()
        self._page.goto(self._address)
        return self._answered(begin, "Overview", first, 0)

    def turn_to(self, title: str, first: str) -> tuple[float, float]:
        """Follow the link to a page; seconds to its first answer and to its last."""
        link = self._page.get_by_test_id("stTopNavLink").filter(has_text=title).first
        if not link.is_visible():  # what has no room stands behind a button
            link = self._page.locator(f"a[href$='/{title.lower()}']").first
        before = self._drawn()
        begin = time.perf_counter()
        link.click()
        return self._answered(begin, title, first, before)

    def choose(self, do: Callable[[Any], None]) -> float:
        """Seconds from a choice to the end of what it sets off."""
        before = self._drawn()
        begin = time.perf_counter()
        do(self._page)
        self._page.wait_for_function(_WHOLE, arg=before, timeout=_PATIENCE)
        return time.perf_counter() - begin

    def _drawn(self) -> int:
        return int(self._page.evaluate("window.drawn"))

    def _answered(self, begin: float, title: str, first: str, before: int) -> tuple[float, float]:
        self._page.wait_for_function(_HERE, arg=title, timeout=_PATIENCE)
        self._page.get_by_test_id("stMain").locator(first).first.wait_for(timeout=_PATIENCE)
        shown = time.perf_counter() - begin
        self._page.wait_for_function(_WHOLE, arg=before, timeout=_PATIENCE)
        return shown, time.perf_counter() - begin


@contextmanager
def app(file: Path) -> Iterator[str]:
    """The app on a file, in a home of its own where nothing has been kept; its address."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-m", "graphmodel", "app", str(file), "--no-browser", "--port", str(port)]
    with tempfile.TemporaryDirectory() as home:
        own = {"HOME": home, "XDG_STATE_HOME": home, "GRAPHMODEL_CACHE": f"{home}/answers"}
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env={**os.environ, **own}, stdout=quiet, stderr=quiet)
        try:
            yield _started(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            process.wait(20)


def _started(address: str, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + _START
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).read()
        except OSError:
            time.sleep(0.05)
        else:
            return address
    raise RuntimeError(f"the app did not start; status {process.poll()}")


@contextmanager
def window(address: str) -> Iterator[Visitor]:
    """A window of a browser, in which nothing has been looked at."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 1500, "height": 1100}).new_page()
        yield Visitor(page, address)
        browser.close()


def chromium() -> str | None:
    """Where Debian's browser is; None where it is not installed."""
    found = shutil.which("chromium") or CHROMIUM
    return found if Path(found).exists() else None


def visits(file: str, of_a_folder: bool = False) -> Mapping[tuple[str, str], Times]:
    """The times of all pages on a file, by title and choice; with those about what lies beside it, if asked."""
    pages = (*PAGES, *OF_A_FOLDER) if of_a_folder else PAGES
    with app(Path(file)) as address, window(address) as visitor:
        firsts: dict[str, tuple[float, float]] = {}
        again: dict[str, float] = {}
        for one in pages:
            if one.title not in firsts:
                asked = visitor.turn_to(one.title, one.first) if firsts else visitor.arrive(one.first)
                firsts[one.title] = asked
        found = {}
        for one in pages:
            if one.title not in again:
                again[one.title] = visitor.turn_to(one.title, one.first)[1]
            clicked = visitor.choose(one.choose) if one.choose is not None else None
            found[one.title, one.said] = Times(*firsts[one.title], again[one.title], clicked)
    return found


def _file(assets: int, folder: Path) -> Path:
    """The support assistant, or a larger system of the generator."""
    if assets <= _EXAMPLE:
        return examples_directory() / FILE
    path = folder / f"{assets}.yaml"
    path.write_text(write_document(ai_system(assets)), encoding="utf-8")
    return path


def section(scale: Scale) -> Section:
    """Pages of the support assistant, of larger systems, and of a folder of many systems and snapshots."""
    title, about = "The app", __doc__ or ""
    if chromium() is None:
        said = Table("Pages", "Not measured: Debian's chromium is not installed here.", ("page",), ())
        return Section(title, about, (said,))
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        subjects = [(f"{one:,}", one, _file(one, Path(folder))) for one in _SIZES[: 1 if scale.quick else None]]
        many = Path(folder, "many")
        many.mkdir()
        systems, snapshots = _FEW if scale.quick else _MANY
        file = organisation(many, systems, snapshots)
        subjects.append((f"{systems} systems, {snapshots} snapshots", 0, file))
        for name, assets, path in subjects:
            unit = loop()
            found = child(visits, str(path), not assets, limit=_LIMIT)
            if found.value is None:
                rows.append((name, f"**fails**: {found.failure}", *("–" for _ in range(5))))
                continue
            for number, ((page, said), one) in enumerate(found.value.items()):
                rows.append((name if number == 0 else "", page, *_cells(one, unit), said or "–"))
    columns = ("assets", "page", "first answer", "whole", "second visit", "choice to answer", "what is chosen")
    table = Table("Pages", "On the clock, and in brackets in loops.", columns, tuple(rows))
    return Section(title, about, (table,))


def _cells(one: Times, unit: float) -> tuple[str, ...]:
    times = (one.first, one.whole, one.again, one.clicked)
    return tuple("–" if time is None else f"{seconds(time)} ({time / unit:.1f})" for time in times)
