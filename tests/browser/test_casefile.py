"""An incident's file in a browser: read on the screen, printed as A4, checked beside."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from dispatch.casefile import verify_file
from dispatch.words import AssignmentState
from tests.browser.stage import Stage

pytestmark = pytest.mark.browser

A4_WIDTH_PX = 794
"""210 mm at 96 dots an inch."""
A4_POINTS = (594.96, 841.92)
SENDER = "xizi-v08"


@pytest.fixture(autouse=True)
def known(page: Page, stage: Stage) -> None:
    """Whoever sits here has logged in."""
    name, _, value = stage.headers("desk")["Cookie"].partition("=")
    page.context.add_cookies([{"name": name, "value": value, "url": stage.url}])


def incident_with_tracks(stage: Stage) -> str:
    """Pressed; the nearest came."""
    incident = stage.press(SENDER)
    nearest = stage.called(incident)[0]
    stage.until(lambda: nearest in {str(radio) for radio in stage.orders.of})
    stage.answer(nearest, AssignmentState.ACCEPTED, AssignmentState.EN_ROUTE)
    lon, lat = stage.places[SENDER]  # type: ignore[index]  # a test's plain text
    for step in range(5):
        stage.move(nearest, lon + 0.0005 - step * 0.0001, lat + 0.0003)
    stage.answer(nearest, AssignmentState.ON_SCENE)
    return incident


def read_once_history_is_written(page: Page, url: str) -> None:
    """Fixes are gathered for some seconds before they are written down."""
    for _ in range(100):
        page.goto(url)
        if page.locator("figure svg polyline").count():
            return
        page.wait_for_timeout(100)


def test_the_page_is_read_printed_and_checked(page: Page, stage: Stage) -> None:
    """The faults of the page, its own content policy included, fail the test (conftest)."""
    incident = incident_with_tracks(stage)
    page.set_viewport_size({"width": A4_WIDTH_PX, "height": 1123})

    at = f"{stage.url}api/v1/incidents/{incident}/file.html"
    read_once_history_is_written(page, f"{at}")

    expect(page.locator("h1")).to_contain_text("警情档案")
    expect(page.locator("header")).to_contain_text(incident)
    expect(page.locator("figure svg polyline").first).to_be_attached()
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") != "32px"
    page.emulate_media(media="print")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= A4_WIDTH_PX, "something would be cut off on paper"

    pdf = page.pdf(prefer_css_page_size=True)

    title = f"警情档案 {incident}".encode("utf-16-be").hex().upper()
    assert f"/Title <FEFF{title}>".encode() in pdf
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", pdf)
    assert boxes
    for box in boxes:
        assert tuple(map(float, box)) == pytest.approx(A4_POINTS, abs=0.1)

    answer = page.request.get(f"{stage.url}api/v1/incidents/{incident}/file")
    assert verify_file(answer.body()).faults == ()
    seal = json.loads(answer.body())["seal"]
    shown = page.locator(".seal").inner_text()
    assert re.fullmatch(r"([0-9a-f]{4} ?){16}", shown)
    assert len(seal) == len(shown.replace(" ", ""))


def test_a_hostile_note_does_nothing_on_the_page(page: Page, stage: Stage) -> None:
    """A note may be written by whoever sits at the desk, out of any caller's mouth."""
    incident = stage.press(SENDER)
    hostile = '"><img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
    answer = page.request.post(
        f"{stage.url}api/v1/incidents/{incident}/notes",
        data={"words": hostile},
        headers={**stage.headers("desk"), "Idempotency-Key": "n-1"},
    )
    assert answer.ok, answer.text()

    page.goto(f"{stage.url}api/v1/incidents/{incident}/file.html?lang=en")

    expect(page.locator("blockquote")).to_contain_text(hostile)
    assert page.evaluate("window.hurt") is None
    assert page.locator("img, script").count() == 0
