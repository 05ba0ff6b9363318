"""The hand-over sheet and the report of an exercise in a browser: real hub, real store, A4."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dispatch.words import AssignmentState
from tests.browser.stage import COMMUNITY, Stage

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


def ask(page: Page, stage: Stage, path: str, body: dict[str, Any]) -> str:
    """A command by the desk; gives back what it is about."""
    key = path.replace("/", ":")  # each address is asked once in a test
    answer = page.request.post(
        f"{stage.url}api/v1/{path}",
        data=body,
        headers={**stage.headers("desk"), "Idempotency-Key": key},
    )
    assert answer.ok, answer.text()
    return str(answer.json()["subject"])


def check_paper(page: Page) -> int:
    """Nothing is cut off on A4; gives back how many sheets it is."""
    page.set_viewport_size({"width": A4_WIDTH_PX, "height": 1123})
    page.emulate_media(media="print")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= A4_WIDTH_PX, "something would be cut off on paper"
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", pdf)
    assert boxes
    for box in boxes:
        assert tuple(map(float, box)) == pytest.approx(A4_POINTS, abs=0.1)
    return pdf.count(b"/Type /Page\n")


def test_a_sheet_is_read_out_and_printed(page: Page, stage: Stage) -> None:
    """Two sheets of paper at most for an ordinary incident, and its sketch on the first."""
    incident = stage.press(SENDER)
    nearest = stage.called(incident)[0]
    stage.until(lambda: nearest in {str(radio) for radio in stage.orders.of})
    stage.answer(nearest, AssignmentState.ACCEPTED, AssignmentState.ON_SCENE)
    ask(page, stage, f"incidents/{incident}/take", {})
    hostile = '"><img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
    ask(page, stage, f"incidents/{incident}/notes", {"words": hostile})

    page.goto(f"{stage.url}api/v1/incidents/{incident}/handover.html?agency=110")

    expect(page.locator("h1")).to_contain_text("移交给 110 公安")
    expect(page.locator(".say")).to_contain_text("现场有我方 1 人")
    expect(page.locator("figure svg polygon")).to_be_attached()
    expect(page.locator("blockquote")).to_contain_text(hostile)
    assert page.evaluate("window.hurt") is None
    assert page.locator("img, script").count() == 0
    assert check_paper(page) <= 2


def test_an_exercise_from_its_beginning_to_its_report(page: Page, stage: Stage) -> None:
    """Begun, an incident for it answered and ended, the exercise ended, the report read."""
    before = page.request.get(f"{stage.url}metrics").text()
    drill = ask(page, stage, f"communities/{COMMUNITY}/drills", {"name": "夜间演练"})
    incident = ask(
        page,
        stage,
        "incidents",
        {"community": COMMUNITY, "kind": "sos", "unit": SENDER, "words": "演练", "drill": True},
    )
    during = page.request.get(f"{stage.url}metrics").text()
    nearest = stage.called(incident)[0]
    stage.until(lambda: nearest in {str(radio) for radio in stage.orders.of})
    stage.answer(nearest, AssignmentState.ACCEPTED, AssignmentState.ON_SCENE)

    page.goto(f"{stage.url}api/v1/incidents/{incident}/handover.html?agency=110&lang=en")
    expect(page.locator(".warn").first).to_contain_text("DRILL - NOT A REAL CALL")
    expect(page.locator(".stamp")).to_be_attached()
    ask(page, stage, f"incidents/{incident}/close", {"disposition": "resolved"})
    ask(page, stage, f"drills/{drill}/end", {})
    page.goto(f"{stage.url}api/v1/drills/{drill}.html")

    assert "yihu_incidents_open 0" in before
    assert "yihu_incidents_open 0" in during
    assert "yihu_drill_incidents_open 1" in during
    report = page.request.get(f"{stage.url}api/v1/drills/{drill}").json()
    assert [each["id"] for each in report["incidents"]] == [incident]
    assert report["incidents"][0]["met"] is True
    assert report["ended_t"] is not None
    expect(page.locator("h1")).to_contain_text("演练报告")
    expect(page.locator("dl")).to_contain_text("夜间演练")
    expect(page.locator("dl")).to_contain_text("1 / 1")
    assert check_paper(page) <= 2


def test_two_hundred_letters_without_a_gap_stay_on_the_paper(page: Page, stage: Stage) -> None:
    """A pasted address or a key held down, wherever somebody may write: it wraps."""
    endless = "W" * 200
    drill = ask(page, stage, f"communities/{COMMUNITY}/drills", {"name": endless[:40]})
    body = {"community": COMMUNITY, "kind": "fire", "unit": SENDER, "drill": True}
    caller = {"caller_name": endless[:60], "caller_phone": "1" * 40}
    incident = ask(page, stage, "incidents", {**body, **caller, "words": endless})
    ask(page, stage, f"incidents/{incident}/notes", {"words": endless})
    ask(page, stage, f"incidents/{incident}/place", {"unit": SENDER, "words": endless})

    for path in (
        f"incidents/{incident}/handover.html?agency=119",
        f"incidents/{incident}/file.html?names=1",
        f"drills/{drill}.html",
    ):
        page.goto(f"{stage.url}api/v1/{path}")
        check_paper(page)
        page.emulate_media(media="screen")
        assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH_PX, path
