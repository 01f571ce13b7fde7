"""An own file with mistakes, as somebody meets it in a real browser: mended, lost by nobody, saved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import CHROMIUM
from tests.browser.test_app_in_browser import ROOT, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("kept_answers")]
MISTAKES = """\
# Triage assistant of our clinic
graphmodel: 1
system: {id: triage, name: Triage assistant, currency: EUR}

zones:
  outside: {trust: 0}   # the internet
  inside: {trust: 3}

assets:
  portal: {type: Aplication, name: Patient portal, zone: inside}
  agent: {type: Agent, name: Triage agent, zone: inside}
  ehr: {type: Database, name: Health records, zone: insde}

flows:
  - {from: portal, to: agent}
  - {from: agent, to: ehrs}

actors:
  patient: {kind: outsider, zone: outside, starts: ["portal:reach"]}

losses:
  - {fact: "ehr:read", impact: privacy, amount: 100000}
"""
FIXES = (("Aplication", "Application"), ("insde", "inside"), ("ehrs", "ehr"))


@contextmanager
def app_on(file: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "graphmodel", "app", "--no-browser", "--port", str(port), str(file)],
        cwd=ROOT,
        env={**os.environ, "XDG_STATE_HOME": str(file.parent / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[1]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "own.yaml"
    found.write_text(MISTAKES)
    return found


def at_editor(visit: Visit, address: str) -> Any:
    visit.page.goto(f"{address}/model")
    area = visit.page.get_by_label("Text of own.yaml")
    area.wait_for(timeout=30_000)
    visit.settle()
    return area


def mended() -> str:
    text = MISTAKES
    for wrong, right in FIXES:
        text = text.replace(wrong, right)
    return text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_problems_stand_beside_their_lines_and_lead_to_them(browser: Any, file: Path, scheme: str) -> None:
    with app_on(file) as (_, address):
        visit = Visit(browser, scheme)
        visit.page.goto(address)
        visit.page.get_by_text("own.yaml has 3 errors and cannot be assessed.").wait_for(timeout=30_000)
        assert "EUR" not in visit.text()
        visit.page.get_by_role("link", name="See and correct them").click()
        area = visit.page.get_by_label("Text of own.yaml")
        area.wait_for(timeout=30_000)
        visit.settle()
        assert area.input_value() == MISTAKES
        problems = visit.page.locator("button.gm-problem")
        assert [one.split(" · ")[1] for one in problems.locator(".gm-head").all_inner_texts()] == [
            "line 10",
            "line 12",
            "line 16",
        ]
        assert visit.page.locator(".gm-number.gm-error").all_inner_texts() == ["✕\n10", "✕\n12", "✕\n16"]
        problems.nth(1).focus()
        visit.page.keyboard.press("Enter")
        assert area.evaluate("t => t.value.slice(t.selectionStart, t.selectionEnd)") == MISTAKES.split("\n")[11]
        assert "mono" in area.evaluate("t => getComputedStyle(t).fontFamily").lower()
        for one in (problems.first, visit.page.locator(".gm-number").first, area):
            assert contrast(one) >= 4.5
        visit.page.keyboard.press("Tab")
        assert not area.evaluate("t => t.getRootNode().activeElement === t"), "Tab leaves the editor"
        visit.sound()


def contrast(element: Any) -> float:
    """The contrast of text to the first ground below it that is not transparent, as WCAG has it."""
    return float(
        element.evaluate(
            """element => {
              const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
              const linear = (v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
              const light = (rgb) => {
                const [r, g, b] = rgb.slice(0, 3).map((v) => linear(v / 255));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
              };
              let ground = element;
              const shade = (one) => parts(getComputedStyle(one).backgroundColor);
              while (shade(ground).length === 4 && shade(ground)[3] === 0)
                ground = ground.parentElement ?? ground.getRootNode().host;
              const [a, b] = [light(parts(getComputedStyle(element).color)), light(shade(ground))];
              return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            }"""
        )
    )


def test_what_is_typed_outlives_page_changes_reload_and_a_killed_server(browser: Any, file: Path) -> None:
    visit = Visit(browser)
    with app_on(file) as (process, address):
        area = at_editor(visit, address)
        area.focus()
        visit.page.keyboard.press("Control+End")
        visit.page.keyboard.type("# one")
        visit.page.get_by_role("link", name="Gaps", exact=True).click()  # at once, before anything was told
        visit.page.get_by_text("cannot be assessed").wait_for(timeout=30_000)
        area = back(visit)
        assert area.input_value().endswith("# one")
        area.press("Control+End")
        visit.page.keyboard.type(" # two")
        visit.page.reload()
        area.wait_for(timeout=30_000)
        visit.settle()
        assert area.input_value().endswith("# one # two")
        visit.page.wait_for_timeout(800)
        process.kill()
        process.wait()
    with app_on(file, port=int(address.rpartition(":")[2])) as (_, address):
        fresh = Visit(browser)
        area = at_editor(fresh, address)
        assert area.input_value().endswith("# one # two")
        assert "is here again" in fresh.text()
        assert file.read_text() == MISTAKES
        fresh.sound()


def back(visit: Visit) -> Any:
    visit.page.get_by_role("link", name="Model", exact=True).click()
    area = visit.page.get_by_label("Text of own.yaml")
    area.wait_for(timeout=30_000)
    visit.settle()
    return area


def test_a_mended_file_is_used_and_saved_with_its_comments(browser: Any, file: Path) -> None:
    with app_on(file) as (_, address):
        visit = Visit(browser)
        area = at_editor(visit, address)
        area.fill(mended())
        visit.page.get_by_text("No problems").or_(visit.page.get_by_text("warning")).first.wait_for(timeout=20_000)
        assert visit.page.locator("button.gm-error").count() == 0
        visit.page.get_by_role("button", name="Check and use").click()
        visit.page.get_by_text("It is not saved to own.yaml").wait_for(timeout=20_000)
        visit.page.get_by_role("button", name="Save to own.yaml").click()
        dialog = visit.page.get_by_role("dialog")
        dialog.get_by_text("+  portal: {type: Application").wait_for(timeout=20_000)
        assert file.read_text() == MISTAKES
        file.write_text(MISTAKES + "# theirs\n")
        dialog.get_by_role("button", name="Save", exact=True).click()
        dialog.get_by_text("has changed on disk since it was opened").wait_for(timeout=20_000)
        visit.settle()
        assert file.read_text() == MISTAKES + "# theirs\n"
        dialog.get_by_role("button", name="Save", exact=True).click()
        visit.page.get_by_test_id("stToast").get_by_text("Saved to own.yaml").wait_for(timeout=20_000)
        assert file.read_text() == mended()
        visit.page.get_by_role("link", name="Overview", exact=True).click()
        visit.page.get_by_test_id("stMetric").first.wait_for(timeout=60_000)
        visit.sound()


def test_a_dialog_that_is_left_by_escape_saves_nothing_and_stays_away(browser: Any, file: Path) -> None:
    with app_on(file) as (_, address):
        visit = Visit(browser)
        area = at_editor(visit, address)
        area.fill(mended())
        area.press("Control+s")
        visit.page.get_by_role("dialog").wait_for(timeout=20_000)
        visit.page.keyboard.press("Escape")
        visit.page.get_by_role("dialog").wait_for(state="detached", timeout=20_000)
        visit.page.get_by_role("button", name="Check and use").click()
        visit.settle()
        assert visit.page.get_by_role("dialog").count() == 0
        assert file.read_text() == MISTAKES


def test_what_is_hostile_in_a_text_stays_text(browser: Any, file: Path) -> None:
    bad = "<img src=x onerror='window.hit=1'><script>window.hit=1</script>"
    file.write_text(MISTAKES.replace("Aplication", f'"{bad}"') + f"# {bad}\n")
    with app_on(file) as (_, address):
        visit = Visit(browser)
        area = at_editor(visit, address)
        assert bad in area.input_value()
        assert bad[:50] in visit.page.locator("button.gm-problem").first.inner_text()
        visit.sound()


def test_a_name_that_was_made_to_point_here_reads_nothing(browser: Any, file: Path) -> None:
    """DNS rebinding, with a browser that takes the name for the address."""
    with app_on(file) as (_, address):
        rule = "--host-resolver-rules=MAP evil.example 127.0.0.1"
        options = ["--no-sandbox", "--disable-gpu", rule]
        launched = browser.browser_type.launch(executable_path=CHROMIUM, args=options)
        page = launched.new_page()
        answer = page.goto(address.replace("127.0.0.1", "evil.example"))
        assert answer is not None
        assert answer.status == 403
        assert "Triage" not in page.content()
        # From that page, as from any other, the app can neither be read nor framed nor spoken to.
        page.evaluate(
            """address => new Promise((done) => {
              const line = new WebSocket(address.replace('http', 'ws') + '/_stcore/stream');
              line.onopen = () => done('open');
              line.onerror = () => done('refused');
            }).then((result) => { window.result = result; })""",
            address,
        )
        assert page.evaluate("window.result") == "refused"
        page.evaluate(
            "a => { const f = document.createElement('iframe'); f.src = a; document.body.append(f); }", address
        )
        page.wait_for_timeout(1500)
        assert all("Streamlit" not in frame.content() for frame in page.frames[1:])
        launched.close()


def test_a_left_tab_and_a_slow_page_do_not_keep_the_app_from_ending(browser: Any, file: Path) -> None:
    file.write_text(mended())
    with app_on(file) as (process, address):
        visit = Visit(browser)
        visit.page.goto(f"{address}/importance")
        visit.page.get_by_text("Importance").first.wait_for(timeout=30_000)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
        assert time.monotonic() - began < 12
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(address, timeout=2)


@pytest.mark.store
def test_the_embedded_store_ends_with_the_app(browser: Any, file: Path) -> None:
    file.write_text(mended())
    with app_on(file) as (process, address):
        visit = Visit(browser)
        visit.page.goto(f"{address}/query")
        visit.page.get_by_role("button", name="Run").click(timeout=30_000)
        visit.page.get_by_text("rows in").or_(visit.page.get_by_text("row in")).first.wait_for(timeout=60_000)
        started = [int(one.name) for one in Path("/proc").glob("[0-9]*") if parent(one) == process.pid]
        assert started
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=15) == 0
        deadline = time.monotonic() + 5
        while any(Path(f"/proc/{one}").exists() for one in started) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not [one for one in started if Path(f"/proc/{one}").exists()]


def parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
