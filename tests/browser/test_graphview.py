"""The graph component: what it is given, and what it does in a real browser."""

import math
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from graphmodel.drawing import theme
from graphmodel.knowledge.ontology import load_catalogue
from graphmodel.ui.graphview import GraphDrawing, GraphEdge, GraphNode, box_size
from graphmodel.ui.graphview.component import SCRIPTS, payload
from tests.browser.conftest import CHROMIUM

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NODES = {"left": (0, 0), "right": (400, 0)}
BOUNDS = (-80, -30, 480, 30)

# --- without a browser


@pytest.mark.parametrize("surface", [theme.LIGHT_SURFACE, theme.DARK_SURFACE])
def test_text_on_the_ground_can_be_read(surface: theme.Surface) -> None:
    assert theme.contrast(surface.text, surface.ground) >= 4.5
    assert theme.contrast(surface.muted, surface.ground) >= 4.5
    assert theme.contrast(surface.edge, surface.ground) >= 3


@pytest.mark.parametrize("tones", [theme.LIGHT_TONES, theme.DARK_TONES])
def test_text_on_every_tone_can_be_read(tones: dict[str, theme.Tone]) -> None:
    for tone in tones.values():
        assert theme.contrast(tone.text, tone.fill) >= 4.5


def test_tones_and_icons_stand_out() -> None:
    for tones, surface in ((theme.LIGHT_TONES, theme.LIGHT_SURFACE), (theme.DARK_TONES, theme.DARK_SURFACE)):
        for name in ("accent", "ok", "warn", "danger"):
            assert theme.contrast(tones[name].line, surface.ground) >= 3, name
    for kind in theme.KINDS.values():
        assert theme.contrast(kind.light, theme.LIGHT_SURFACE.icon) >= 4.5
        assert theme.contrast(kind.dark, theme.DARK_SURFACE.icon) >= 4.5


# Linear RGB as people see it who lack the red or the green cones (Machado, Oliveira, Fernandes 2009).
DEFICIENCIES = {
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
}


def lab_as_seen(colour: str, matrix: tuple[tuple[float, ...], ...]) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    r, g, b = (max(0.0, sum(a * c for a, c in zip(row, linear, strict=True))) for row in matrix)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("tones", [theme.LIGHT_TONES, theme.DARK_TONES])
def test_bands_stay_apart_for_colour_blind_eyes(tones: dict[str, theme.Tone], deficiency: str) -> None:
    seen = {name: lab_as_seen(tones[name].line, DEFICIENCIES[deficiency]) for name in ("ok", "warn", "danger")}
    for one, other in combinations(seen, 2):
        assert math.dist(seen[one], seen[other]) > 15, (one, other)


def test_both_themes_have_the_same_words() -> None:
    assert set(theme.LIGHT_TONES) == set(theme.DARK_TONES) >= set(theme.BAND_TONES.values())
    assert theme.tone_of_band("High") == "danger"
    assert theme.tone_of_band(None) == "plain"


def test_every_icon_is_drawn() -> None:
    text = (ROOT / "graphmodel/ui/graphview/shapes.js").read_text()
    for kind in theme.KINDS.values():
        assert f"\n  {kind.icon}: " in text


def test_concrete_types_of_the_ontology_have_a_kind() -> None:
    types = [name for name, described in load_catalogue()[0].types.items() if not described.abstract]
    assert types
    assert not [name for name in types if theme.kind_of(name) == "other"]
    assert theme.kind_of("ShopAgent", {"Agent", "Service"}) == "agent"
    assert theme.kind_of("Thing", {"Asset"}) == "other"


def test_ids_are_numbers_for_the_browser_and_text_is_short() -> None:
    nodes = (GraphNode("__proto__", "a" * 10_000, 0, 0, 100, 50), GraphNode("b", "b", 300, 0, 100, 50))
    data = payload(GraphDrawing(nodes, (GraphEdge("e", "__proto__", "b"), GraphEdge("f", "__proto__", "b"))))
    assert [node["id"] for node in data["nodes"]] == [0, 1]
    assert len(data["edges"]) == 2, "parallel edges both stay"
    assert len(str(data["nodes"][0])) < 1_500
    assert data["edges"][0]["route"]


def test_a_click_is_reported_in_the_run_that_it_causes() -> None:
    app = AppTest.from_file(str(HERE / "graphview_app.py"), default_timeout=30).run()
    assert [text.value for text in app.text] == ["one picked None", "two picked None"]
    app.session_state["one"] = {"picked": "left"}
    assert [text.value for text in app.run().text] == ["one picked 'left'", "two picked None"]
    app.session_state["one"] = {"picked": "no longer there"}
    assert app.run().text[0].value == "one picked None"


def test_ids_must_differ_and_edges_have_ends() -> None:
    node = GraphNode("a", "a", 0, 0, 100, 50)
    with pytest.raises(ValueError, match="must all differ"):
        GraphDrawing((node,), (GraphEdge("a", "a", "a"),))
    with pytest.raises(ValueError, match="needs both its nodes"):
        GraphDrawing((node,), (GraphEdge("e", "a", "b"),))


def test_boxes_grow_with_their_text() -> None:
    assert box_size("a") < box_size("A longer name that needs lines")
    assert box_size("x" * 10_000)[0] <= 196


def test_scripts_hold_no_way_to_markup() -> None:
    for name in (*SCRIPTS, "view.css"):
        text = (ROOT / "graphmodel/ui/graphview" / name).read_text()
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "http:", "https:", "document.write"):
            assert word not in text, f"{name} holds {word}"


# --- in a browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed")
    pytest.importorskip("playwright.sync_api")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true"}
    options |= {"browser.gatherUsageStats": "false", "server.fileWatcherType": "none"}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "graphview_app.py"), *flags]
    server = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(20)


def wait_for(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, color_scheme="light")
    page = context.new_page()
    page.bad = []
    page.on("pageerror", lambda error: page.bad.append(str(error)))
    page.on("dialog", lambda dialog: (page.bad.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: page.bad.append(request.url) if away(request.url) else None)
    yield page
    assert page.bad == []
    context.close()


def away(url: str) -> bool:
    return not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:http://127.0.0.1"))


def stage(page: Any, index: int = 0) -> Any:
    found = page.locator(".gm-stage[data-view]").nth(index)
    found.wait_for(timeout=30_000)
    return found


def colours(page: Any, index: int = 0) -> int:
    """How many different colours the canvas holds."""
    script = """canvas => {
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data, seen = new Set();
      for (let i = 0; i < data.length; i += 4) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
      return seen.size;
    }"""
    return int(page.locator(".gm-canvas canvas").nth(index).evaluate(script))


def point(page: Any, node: str, index: int = 0) -> tuple[float, float]:
    """Where a node is on screen, from the view that the drawing reports."""
    area = page.locator(".gm-canvas").nth(index).bounding_box()
    x, y, scale = (float(part) for part in stage(page, index).get_attribute("data-view").split())
    at = NODES[node]
    return (area["x"] + area["width"] / 2 + (at[0] - x) * scale, area["y"] + area["height"] / 2 + (at[1] - y) * scale)


def view_of(page: Any, index: int = 0) -> str:
    return str(stage(page, index).get_attribute("data-view"))


def expect_text(page: Any, text: str) -> None:
    page.get_by_text(text, exact=True).wait_for(timeout=15_000)


@pytest.mark.browser
def test_drawing_appears_and_names_itself(page: Any, address: str) -> None:
    page.goto(address)
    label = stage(page).get_attribute("aria-label")
    assert label.startswith("Plain: 2 nodes, 1 edge.")
    assert colours(page) > 20
    assert page.locator(".gm-legend").first.inner_text().split("\n") == ["Agent", "Store"]


@pytest.mark.browser
def test_clicks_on_two_drawings_come_back_apart(page: Any, address: str) -> None:
    page.goto(address)
    stage(page, 1)
    page.mouse.click(*point(page, "left"))
    expect_text(page, "one picked 'left'")
    expect_text(page, "two picked None")
    assert stage(page).get_attribute("data-picked") == "left"
    assert stage(page, 1).get_attribute("data-picked") == ""
    page.mouse.click(*point(page, "right", 1))
    expect_text(page, "two picked 'right'")
    expect_text(page, "one picked None")
    left, right = point(page, "left"), point(page, "right")
    page.mouse.click((left[0] + right[0]) / 2, left[1])
    expect_text(page, "one picked 'between'")
    page.mouse.click(left[0], left[1] + 90)
    expect_text(page, "one picked ''")


@pytest.mark.browser
def test_zoom_survives_runs_and_new_data_is_drawn(page: Any, address: str) -> None:
    page.goto(address)
    before = view_of(page)
    stage(page).focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    moved = view_of(page)
    assert moved != before
    other = view_of(page, 1)
    pixels = page.locator(".gm-canvas canvas").first.evaluate("c => c.toDataURL()")
    page.get_by_role("button", name="Run again").click()
    page.wait_for_timeout(800)
    assert (view_of(page), view_of(page, 1)) == (moved, other)
    page.get_by_text("Change label").click()
    page.wait_for_timeout(1200)
    assert view_of(page) == moved
    assert page.locator(".gm-canvas canvas").first.evaluate("c => c.toDataURL()") != pixels
    page.get_by_text("Select right").click()
    page.wait_for_timeout(800)
    assert stage(page).get_attribute("data-picked") == "right"
    stage(page).focus()
    page.keyboard.press("0")
    page.wait_for_timeout(400)
    assert [float(part) for part in view_of(page).split()] == pytest.approx([float(p) for p in before.split()], abs=0.2)


@pytest.mark.browser
def test_theme_is_followed_while_looking(page: Any, address: str) -> None:
    page.goto(address)
    stage(page)
    root = page.locator(".gm-view").first
    assert root.get_attribute("data-theme") == "light"
    page.emulate_media(color_scheme="dark")
    page.locator(".gm-view[data-theme=dark]").first.wait_for(timeout=10_000)
    assert colours(page) > 20


@pytest.mark.browser
def test_pointer_shows_text_and_picture_is_saved(page: Any, address: str) -> None:
    page.goto(address)
    page.mouse.move(*point(page, "left"))
    tip = page.locator(".gm-tip.gm-shown")
    tip.wait_for(timeout=5_000)
    assert tip.inner_text().split("\n") == ["Left", "The left one"]
    with page.expect_download() as saved:
        page.get_by_label("Save as picture").first.click()
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.browser
def test_hostile_text_is_only_text(page: Any, address: str) -> None:
    page.goto(f"{address}?case=hostile")
    stage(page)
    area = page.locator(".gm-canvas").bounding_box()
    for share in range(1, 20):
        page.mouse.move(area["x"] + area["width"] / 2 - 20, area["y"] + area["height"] * share / 20)
        page.wait_for_timeout(60)
    page.mouse.click(area["x"] + area["width"] / 2 - 20, area["y"] + area["height"] / 2)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.hit") is None
    assert page.locator(".gm-view img, .gm-view script").count() == 0
    assert colours(page) > 20
