"""What takes long on a page does not keep back what is known; and the tool that measures pages measures them."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import pages
from benchmarks.organisation import FILE
from graphmodel.workspace import examples_directory
from tests.browser.test_app_in_browser import Visit

pytestmark = pytest.mark.browser


def test_plan_importance_and_losses_show_what_is_known_while_the_rest_is_worked_out(browser: Any) -> None:
    with pages.app(examples_directory() / FILE) as address:  # where nothing has been kept
        for path, meanwhile, whole in (
            ("plan", "Being worked out: the best set for every budget", "Proven"),
            ("importance", "Being worked out: what each asset", "Shares do not add up"),
            ("losses", "ranges of the inputs: being worked out", "Why the interval is wide"),
        ):
            visit = Visit(browser)
            visit.page.goto(f"{address}/{path}")
            visit.page.get_by_text(meanwhile).first.wait_for(timeout=120_000)
            assert visit.page.get_by_text(whole).count() == 0
            visit.page.get_by_text(whole).first.wait_for(timeout=120_000)
            visit.settle()
            assert visit.page.get_by_text("eing worked out").count() == 0
            visit.sound()


def test_pages_and_choices_are_timed_to_their_end(browser: Any) -> None:
    titles = ("Overview", "Gaps")
    chosen = [one for one in pages.PAGES if one.title in titles]
    with pages.app(examples_directory() / FILE) as address:
        visitor = pages.Visitor(browser.new_page(), address)
        first, whole = visitor.arrive(chosen[0].first)
        assert 0 < first <= whole
        for one in chosen[1:]:
            first, whole = visitor.turn_to(one.title, one.first)
            assert 0 < first <= whole
            assert one.choose is not None
            assert visitor.choose(one.choose) > 0
