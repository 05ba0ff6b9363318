"""Sealed tips on the page: a teller, a manager who reads, a caller with a code and no account."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dispatch.access.words import Office
from dispatch.ids import CommunityId
from tests.browser.conftest import Faults, log_in
from tests.browser.stage import Stage
from tests.browser.test_accessibility import axe, in_both_languages
from tests.dispatch.tips.tips import PLACE, WORDS

__all__ = ["axe"]

pytestmark = pytest.mark.browser

XIZI = CommunityId("xizi")
LI, WANG, ZHAO = "李大爷", "王主任", "赵调度"


def shot(page: Page, name: str) -> None:
    """Kept where somebody wants to look."""
    folder = os.environ.get("YIHU_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=False)


def sit_down(page: Page, stage: Stage, name: str, *offices: Office) -> None:
    """Logged in."""
    stage.let_in(name, *((each, XIZI) for each in offices))
    page.goto(stage.url)
    log_in(page, name)


def give(page: Page) -> str:
    """By the page's form; its code."""
    page.get_by_role("button", name="密报", exact=True).click()
    page.get_by_label("赌博").check()
    page.locator("textarea[name=tip-words]").fill(WORDS)
    page.locator("input[name=tip-place]").fill(PLACE)
    page.get_by_role("button", name="封好交出去").click()
    page.get_by_role("heading", name="已经封好").wait_for()
    return page.locator(".code").inner_text()


def test_from_the_stairwell_to_the_end(
    page: Page, context: BrowserContext, stage: Stage, faults: Faults, axe: str
) -> None:
    """Somebody of seventy tells it, without a name; the manager is told that one
    came, opens it with a reason, writes down what was done, and closes it."""
    faults.expected = ()
    sit_down(page, stage, LI, Office.AUDITOR)  # who sees no console
    page.get_by_role("button", name="密报", exact=True).click()
    page.locator("textarea[name=tip-words]").wait_for()
    shot(page, "1-give")
    in_both_languages(page, axe, "giving a tip")
    page.get_by_role("button", name="封好交出去").click()
    expect(page.get_by_role("alert").filter(has_text="请先写几句")).to_be_visible()
    shot(page, "2-missing")
    code = give(page)
    shot(page, "3-code")
    expect(page.locator("textarea[name=tip-words]")).to_have_count(0)
    in_both_languages(page, axe, "the code of a tip")

    browser = context.browser
    assert browser is not None
    other = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    manager = other.new_page()
    sit_down(manager, stage, WANG, Office.MANAGER)
    manager.get_by_role("button", name="密报 1").click()
    manager.get_by_text("1 条还没有人看").wait_for()
    expect(manager.get_by_text(WORDS)).to_have_count(0)
    shot(manager, "4-list")
    in_both_languages(manager, axe, "the list of tips")
    manager.get_by_role("button", name="打开 赌博").click()
    manager.locator("input[name=tip-why]").fill("核实三号楼的线索")
    shot(manager, "5-why")
    manager.get_by_role("button", name="记下理由并打开").click()
    manager.get_by_text(WORDS).wait_for()
    expect(manager.get_by_text("您是第一个")).to_be_visible()
    shot(manager, "6-open")
    in_both_languages(manager, axe, "an opened tip")
    manager.locator("textarea[name=tip-note]").fill("派民警去看过，确有其事")
    manager.locator("input[name=tip-acted]").check()
    manager.get_by_role("button", name="记下", exact=True).click()
    manager.get_by_text("派民警去看过，确有其事").wait_for()
    manager.locator("select[name=tip-outcome]").select_option("handed_over")
    manager.get_by_role("button", name="办结", exact=True).click()
    manager.get_by_text(f"由 {WANG} 办结").wait_for()
    shot(manager, "7-closed")
    manager.emulate_media(media="print")
    shot(manager, "8-print")
    expect(manager.get_by_text(f"{WANG} 于")).to_be_visible()
    expect(manager.locator("select[name=tip-outcome]")).to_have_count(0)
    expect(manager.get_by_text("打开前请写明理由")).to_be_hidden()
    other.close()

    nobody = browser.new_context(viewport={"width": 400, "height": 800}, locale="zh-CN")
    outside = nobody.new_page()
    outside.goto(stage.url)
    outside.get_by_role("button", name="查密报的进展").click()
    outside.locator("input[name=tip-code]").fill(code.lower())
    outside.keyboard.press("Enter")
    outside.get_by_text("已经办结").wait_for()
    shot(outside, "9-state")
    in_both_languages(outside, axe, "what became of a tip")
    outside.get_by_role("button", name="返回登录").click()
    expect(outside.locator("input[name=operator]")).to_be_visible()
    nobody.close()


def test_an_operator_writes_down_a_call_on_a_small_screen(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """And is offered no list."""
    faults.expected = ()
    page.set_viewport_size({"width": 420, "height": 860})
    sit_down(page, stage, ZHAO, Office.OPERATOR)
    page.get_by_role("button", name=f"调度员 {ZHAO}").click()
    page.get_by_role("button", name="密报", exact=True).click()
    page.get_by_label("我在替打电话来的人记录").check()
    page.locator("input[name=tip-caller]").fill("孙阿姨")
    shot(page, "10-call-small")
    expect(page.get_by_text("不记您是谁")).to_have_count(0)
    page.locator("textarea[name=tip-words]").fill("隔壁夜里打孩子")
    page.get_by_role("button", name="封好交出去").click()
    page.get_by_role("heading", name="已经封好").wait_for()
    shot(page, "11-code-small")

    expect(page.get_by_role("button", name="查看密报")).to_have_count(0)
