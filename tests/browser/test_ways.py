"""Using the app with keyboard, address bar and Back; and the rules of accessibility that every page keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_app_in_browser import PAGES, Visit, running
from tests.model.test_document import SMALL

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("kept_answers")]
CHOSEN = (
    "map?node=crm&data=yes",
    "paths?switched=isolate-content&node=direct-prompt-injection%3Asupport-agent",
    "gaps?tab=flows",
    "assess?area=GEN&requirement=GEN-3",
    "assess?tab=maturity",
    "assess?tab=gaps",
    "assess?tab=attacks",
    "assess?tab=contradictions",
    "plan?budget=130000&target=customer-records%3Aread",
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_opens_by_its_address_asks_nobody_outside_and_breaks_no_rule_of_accessibility_seriously(
    browser: Any, address: str, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visit, found = Visit(browser, scheme), []
    for page in (*PAGES, *CHOSEN):
        visit.open(f"{address}/{page}")
        visit.sound()
        assert visit.page.locator("[data-testid=stTopNavLinkContainer], [data-testid=stTopNavLink]").count() >= 5
        ground = visit.page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
        shade = sum(int(part) for part in ground[ground.index("(") + 1 : -1].split(",")[:3])
        assert (shade < 200) == (scheme == "dark"), (page, ground)
        if not page:
            visit.page.get_by_text("Why this range is wide").click(timeout=60_000)
            visit.page.get_by_text("Nine tenths of").wait_for(timeout=20_000)
        for one in Axe().run(visit.page).response["violations"]:
            if one["impact"] in ("serious", "critical") or one["id"] in (
                "heading-order",
                "label-content-name-mismatch",
            ):
                found.append((page, one["id"], [node["html"][:120] for node in one["nodes"]]))
    assert found == []


def test_the_keyboard_comes_to_the_navigation_first_and_walks_the_nodes_of_a_drawing(
    browser: Any, address: str
) -> None:
    visit = Visit(browser)
    visit.open(f"{address}/map")
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Tab")
    first = visit.page.evaluate("document.activeElement.closest('[data-testid=stSidebar]') === null")
    assert first, "a folded sidebar holds the focus"
    stage = visit.page.locator(".gm-stage[data-view]").first
    stage.focus()
    said = visit.page.locator(".gm-said").first
    heard = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        visit.page.keyboard.press(key)
        visit.page.wait_for_timeout(150)
        heard.append(said.text_content())
    assert len(set(heard)) == 3 and all(heard), heard
    assert " of " in heard[0]
    visit.page.keyboard.press("Enter")
    visit.settle()
    assert stage.get_attribute("data-picked")
    assert f"node={stage.get_attribute('data-picked')}".replace(" ", "+") in visit.page.url
    visit.sound()


def test_the_address_says_what_is_looked_at_survives_a_reload_and_back_undoes(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.open(f"{address}/paths?target=crm%3Adeny&switched=isolate-content")
    assert "Likelihood of CRM · deny" in visit.text()
    assert visit.page.get_by_role("button", name="Retrieved text cannot call tools (planned)").is_visible()
    visit.page.get_by_role("combobox", name="Target").first.click()
    visit.page.get_by_role("option", name="Payment system · write").click()
    visit.settle()
    assert "target=payments%3Awrite" in visit.page.url
    visit.page.reload()
    visit.page.wait_for_selector("[data-testid=stMain] [data-testid=stHeading]")
    visit.settle()
    assert "Likelihood of Payment system · write" in visit.text()
    assert "switched=isolate-content" in visit.page.url
    visit.page.go_back()
    visit.settle()
    assert "Likelihood of CRM · deny" in visit.text()
    visit.sound()


def test_back_leads_out_of_a_page_and_undoes_one_choice_at_a_time(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.open(f"{address}/map?node=crm")
    visit.page.get_by_role("link", name="How one gets to").first.click()
    visit.page.get_by_text("Path 1, hop by hop").wait_for(timeout=30_000)
    visit.settle()
    visit.page.go_back()
    visit.page.get_by_role("heading", name="Map").wait_for(timeout=30_000)
    visit.settle()
    assert visit.page.url.endswith("/map?node=crm")
    visit.open(f"{address}/gaps?tab=idle&areas=nothing-like-it")
    visit.page.get_by_role("tab", name="Open flows").click()
    visit.settle()
    assert "tab=flows" in visit.page.url
    visit.page.go_back()
    visit.settle()
    assert visit.page.url.endswith("/gaps?tab=idle&areas=nothing-like-it")
    assert visit.page.get_by_role("tab", selected=True).inner_text().startswith("Controls that change nothing")
    visit.open(f"{address}/plan?budget=130000")
    assert "Costs a year 130 k EUR" in visit.text().replace("\n\n", " ")
    visit.sound()


def test_all_data_on_the_map_are_shown_without_moving_what_is_there(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.open(f"{address}/map")
    stage = visit.page.locator(".gm-stage[data-view]").first
    stage.focus()
    visit.page.keyboard.press("+")  # somebody chose this place to look from
    before = at_rest(visit, stage)
    visit.page.get_by_text("Show all data and dependencies").click()
    visit.settle()
    assert "28 nodes" in str(stage.get_attribute("aria-label"))
    assert at_rest(visit, stage) == before
    visit.sound()


def at_rest(visit: Visit, stage: Any) -> str:
    """Where a drawing is looked at from, once it moves no more."""
    seen = [str(stage.get_attribute("data-view"))]
    for _ in range(40):
        visit.page.wait_for_timeout(400)
        seen.append(str(stage.get_attribute("data-view")))
        if len(seen) > 3 and len(set(seen[-3:])) == 1:
            break
    return seen[-1]


def test_a_risk_leads_to_its_paths_and_switches_survive_the_way_back(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.open(f"{address}/paths?switched=isolate-content")
    visit.page.get_by_role("link", name="Gaps").first.click()
    visit.page.get_by_role("heading", name="Gaps").wait_for(timeout=30_000)
    visit.settle()
    visit.page.get_by_role("link", name="Paths").first.click()
    visit.page.get_by_text("Path 1, hop by hop").wait_for(timeout=30_000)
    visit.settle()
    assert "switched=isolate-content" in visit.page.url
    visit.sound()


def test_what_matters_first_stands_above_the_fold(browser: Any, address: str) -> None:
    visit = Visit(browser)
    visit.page.set_viewport_size({"width": 1440, "height": 900})
    visit.open(address)
    advice = visit.page.get_by_text("it saves about").first.bounding_box()
    assert advice["y"] + advice["height"] < 450
    assert visit.page.get_by_role("heading", name="At stake").bounding_box()["y"] < 900


def test_a_long_name_without_a_space_widens_no_page_and_no_address_in_it_is_a_link(
    browser: Any, tmp_path: Path
) -> None:
    name = "\U0001f600" * 140 + "www.example.com a@example.com https://example.com/x"
    text = SMALL
    for asset in ("app", "agent", "records", "db"):
        text = text.replace(f"{asset}: {{type", f'{asset}: {{name: "{asset} {name}", description: "{name}", type')
    file = tmp_path / "long.yaml"
    file.write_text(text, encoding="utf-8")
    visit = Visit(browser)
    with running(str(file)) as address:
        for page in PAGES:
            visit.open(f"{address}/{page}")
            wide = visit.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
            assert wide <= 0, page
            assert visit.page.locator("[data-testid=stMain] a[href*='example.com']").count() == 0, page
            visit.sound()
