"""Answering the questionnaire in a real browser: saved at once, by keyboard, beside others, and text stays text."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_app_in_browser import Visit, running
from tests.posture.systems import ANSWERS, answered

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("kept_answers")]
ITEM = "MS-5.4.1.g1"
PLACE = "assess?area=MS-5.4&requirement=MS-5.4.1"
HOSTILE = '<img src=x onerror="window.hit=1"> ![x](http://198.51.100.7/x.png) <script>window.hit=1</script> :red[x]'


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def status(visit: Visit, word: str) -> Any:
    group = visit.page.locator(f'[class*="st-key-answer"][class*="{ITEM.replace(".", "-")}-status"]')
    return group.get_by_role("radio", name=word, exact=True)


def is_on(visit: Visit, word: str) -> bool:
    return status(visit, word).get_attribute("aria-checked") == "true"


def test_answers_are_saved_and_survive_a_reload(browser: Any, tmp_path: Path) -> None:
    answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    visit = Visit(browser)
    with running(str(tmp_path / "desk.yaml")) as address:
        visit.open(f"{address}/{PLACE}")
        status(visit, "Partly").click()
        until(lambda: "status: partly" in path.read_text())
        visit.settle()
        visit.page.get_by_text("Reason, owner, due date, evidence, comment").first.click()
        visit.page.get_by_label("Owner", exact=True).first.fill("Ada")
        visit.page.get_by_label("Owner", exact=True).first.press("Enter")
        until(lambda: "owner: Ada" in path.read_text())
        visit.page.get_by_label("Reason", exact=True).first.fill("half of the models")
        visit.page.keyboard.press("Tab")
        until(lambda: "reason: half of the models" in path.read_text())
        visit.settle()
        visit.page.reload()
        status(visit, "Partly").wait_for(timeout=60_000)
        visit.settle()
        assert is_on(visit, "Partly")
        assert "Owner: Ada" in visit.text()
        visit.sound()


def test_the_keyboard_answers_and_keeps_its_place(browser: Any, tmp_path: Path) -> None:
    answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    visit = Visit(browser)
    with running(str(tmp_path / "desk.yaml")) as address:
        visit.open(f"{address}/{PLACE}")
        visit.page.locator("[data-testid=stMain] [data-testid=stExpander] summary").first.focus()
        words: list[str] = []
        for key in ("Shift+Tab", "Shift+Tab", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
            if words[-1:] != ["Not applicable"] or key != "Shift+Tab":
                visit.page.keyboard.press(key)
            words.append(str(visit.page.evaluate("document.activeElement.innerText")).strip())
        assert words[-4:] == ["Not applicable", "Not met", "Partly", "Met"], words
        visit.page.keyboard.press("Space")
        until(lambda: "status: met" in path.read_text())
        visit.settle()
        assert visit.page.evaluate("document.activeElement.innerText").strip() == "Met"
        visit.sound()


def test_two_who_answer_the_same_see_both(browser: Any, tmp_path: Path) -> None:
    answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    one, other = Visit(browser), Visit(browser)
    with running(str(tmp_path / "desk.yaml")) as address:
        for visit in (one, other):
            visit.open(f"{address}/{PLACE}")
        status(one, "Met").click()
        until(lambda: "status: met" in path.read_text())
        status(other, "Not met").click()
        other.page.get_by_text("somebody else has just answered").wait_for(timeout=20_000)
        assert "status: met" in path.read_text()
        other.page.get_by_role("button", name="Take theirs").click()
        other.page.get_by_role("button", name="Take theirs").wait_for(state="detached", timeout=20_000)
        other.settle()
        assert is_on(other, "Met")
        assert "status: met" in path.read_text()
        other.sound()


def test_what_is_hostile_in_answers_stays_text(browser: Any, tmp_path: Path) -> None:
    said = HOSTILE.replace('"', '\\"')
    fields = ", ".join(f'{one}: "{said}"' for one in ("reason", "owner", "comment"))
    proof = f'evidence: [{{reference: "{said}", until: "2020-01-01"}}]'
    answered(
        tmp_path,
        f'{ANSWERS}name: "{said}"\nanswers:\n  {ITEM}: {{status: met, due: "2020-01-01", {fields}, {proof}}}\n'
        f'  GEN-3.g1: {{status: partly, {fields}, accepted: {{by: "{said}", reason: "{said}"}}}}\n'
        f'maturity: {{MS-5.4.1: {{level: 3, owner: "{said}", comment: "{said}"}}}}\n',
    )
    visit = Visit(browser)
    with running(str(tmp_path / "desk.yaml")) as address:
        for place in (PLACE, *(f"assess?tab={one}" for one in ("maturity", "gaps", "contradictions"))):
            visit.open(f"{address}/{place}")
            visit.page.locator("[data-testid=stTab]").first.wait_for(timeout=60_000)
            visit.settle()
            if place == PLACE:
                assert "<script>window.hit=1</script>" in visit.text()
            visit.sound()
            assert visit.page.locator("[data-testid=stMain] img[src='x']").count() == 0


def test_a_link_to_an_item_leads_from_another_tab_to_its_question(browser: Any, tmp_path: Path) -> None:
    answered(tmp_path, f"{ANSWERS}answers: {{GEN-3.g1: {{status: met}}}}\n")
    visit = Visit(browser)
    with running(str(tmp_path / "desk.yaml")) as address:
        visit.open(f"{address}/assess?tab=attacks")
        visit.page.get_by_role("link", name="Answer it").click(timeout=60_000)
        visit.page.get_by_text("Maturity of this requirement").wait_for(timeout=60_000)
        visit.sound()


def test_a_control_put_in_place_is_said_to_wait_and_then_counts(browser: Any, tmp_path: Path) -> None:
    answered(tmp_path)
    path = tmp_path / "desk.assessment.yaml"
    visit = Visit(browser)
    with running(str(tmp_path / "desk.yaml")) as address:
        visit.open(f"{address}/assess?area=GEN&requirement=GEN-3")
        visit.page.get_by_role("radio", name="Met", exact=True).first.click()
        until(lambda: "status: met" in path.read_text())
        visit.settle()
        visit.page.get_by_text("Controls in place", exact=True).first.click()
        visit.settle()
        visit.page.get_by_role("combobox", name="is in place on").first.focus()
        visit.page.keyboard.type("everywhere")
        visit.page.wait_for_timeout(700)
        visit.page.keyboard.press("Enter")
        until(lambda: "least-privilege-tools" in path.read_text())
        # As long as the list is open, the rest of the page is hidden from whoever asks by role.
        visit.page.keyboard.press("Escape")
        visit.page.get_by_role("button", name="Work it out anew").click(timeout=20_000)
        visit.page.get_by_role("button", name="Work it out anew").wait_for(state="detached", timeout=60_000)
        visit.settle()
        assert "On the graph: met" in visit.text()
        visit.sound()
