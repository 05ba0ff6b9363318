"""The tab of radios, in a real browser: a code in large type and to scan, revoking, undoing it."""

import json
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from dispatch.access.words import Office
from tests.browser.conftest import OPERATOR, Faults, log_in, start_shift
from tests.browser.stage import COMMUNITY, Stage
from tests.browser.test_accessibility import axe, in_both_languages

__all__ = ["axe"]

RADIO = "xizi-v01"
CALL_SIGN = "西子一间"


def open_tab(page: Page) -> None:
    """As whoever is logged in."""
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    page.get_by_role("button", name="对讲机", exact=True).click()
    expect(page.get_by_text(RADIO, exact=True)).to_be_visible()


def join(stage: Stage, code: str) -> Any:
    """As the radio that the code was read out to."""
    request = urllib.request.Request(
        f"{stage.url}api/v1/radios/join",
        data=json.dumps({"code": code}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_a_code_is_made_shown_and_used(page: Page, stage: Stage, faults: Faults) -> None:
    """From the click to the radio's secret; the list says whose code is open, and then not."""
    del faults
    start_shift(page, stage)
    open_tab(page)

    page.get_by_role("button", name=f"为 {CALL_SIGN} 生成入网码").click()
    expect(page.get_by_role("heading", name=f"{CALL_SIGN} 的入网码")).to_be_visible()
    page.wait_for_function("() => document.querySelector('img.qr').naturalWidth > 100")
    expect(page.get_by_text(f"入网码由 {OPERATOR} 生成")).to_have_count(1)
    shown = page.locator(".large").inner_text()
    assert join(stage, shown.lower())["radio"] == RADIO

    page.locator("input[name=radio]").fill(CALL_SIGN)
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_text(f"入网码由 {OPERATOR} 生成")).to_have_count(0)
    expect(page.locator("li b")).to_have_text([CALL_SIGN])


def test_a_radio_is_revoked_after_a_question_and_comes_back_by_a_code(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """A slip of the hand costs a second click, not a radio; and is undone where it was made."""
    del faults
    start_shift(page, stage)
    open_tab(page)
    row = page.locator("li").filter(has_text=RADIO)

    row.get_by_role("button", name=f"停用 {CALL_SIGN}").click()
    row.get_by_role("button", name="不停用").click()
    expect(row.get_by_text("它马上断开")).to_have_count(0)
    row.get_by_role("button", name=f"停用 {CALL_SIGN}").click()
    row.get_by_role("button", name="停用", exact=True).last.click()
    expect(page.get_by_text(f"{CALL_SIGN} 已停用并断开。")).to_be_visible()
    expect(row.get_by_text("已停用", exact=True)).to_be_visible()

    row.get_by_role("button", name=f"为 {CALL_SIGN} 生成入网码").click()
    expect(page.locator(".large")).to_be_visible()
    join(stage, page.locator(".large").inner_text())
    page.get_by_role("button", name="查找").click()
    expect(row.get_by_text("已停用", exact=True)).to_have_count(0)


def test_the_tab_can_be_read_by_everybody(
    page: Page, stage: Stage, faults: Faults, axe: str
) -> None:
    """With a code shown and the question open, in both languages."""
    del faults
    start_shift(page, stage)
    open_tab(page)
    page.get_by_role("button", name=f"为 {CALL_SIGN} 生成入网码").click()
    expect(page.locator("img.qr")).to_be_visible()
    page.get_by_role("button", name=f"停用 {CALL_SIGN}").click()

    in_both_languages(page, axe, "the radios, a code shown, one to be revoked")


def test_who_may_not_manage_radios_is_not_offered_them(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """An operator sees the page without the tab."""
    del faults
    stage.let_in(OPERATOR, (Office.OPERATOR, COMMUNITY))
    page.goto(stage.url)
    log_in(page)
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()

    expect(page.get_by_role("button", name="我的账号")).to_be_visible()
    expect(page.get_by_role("button", name="对讲机", exact=True)).to_have_count(0)
