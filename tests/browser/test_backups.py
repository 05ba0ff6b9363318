"""The tab of backups, and what everybody is told after a restore, in a real browser."""

import time

from playwright.sync_api import Page, expect

from console.lookups import BackupsDoc
from dispatch.access.words import EVERYWHERE, Office
from tests.browser.conftest import OPERATOR, Faults, log_in, start_shift
from tests.browser.stage import Stage
from tests.browser.test_accessibility import axe, in_both_languages

__all__ = ["axe"]

HOUR_MS = 3_600_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def open_tab(page: Page) -> None:
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    page.get_by_role("button", name="备份", exact=True).click()


def test_a_good_backup_is_told_without_alarm(page: Page, stage: Stage, axe: str) -> None:
    """When, where, and that it was read through."""
    newest = now_ms() - 3 * HOUR_MS
    stage.backups = BackupsDoc(to="/media/usb/yihu", newest=newest, checked=newest)
    start_shift(page, stage)
    open_tab(page)

    office = page.get_by_role("dialog")
    expect(office.get_by_text("/media/usb/yihu")).to_be_visible()
    expect(office.get_by_text("逐字节读过")).to_be_visible()
    expect(office.get_by_role("alert")).to_have_count(0)
    in_both_languages(page, axe, "backups")


def test_what_is_wrong_stands_above_it(page: Page, stage: Stage, faults: Faults) -> None:
    """An old one, one that failed, one that cannot be trusted."""
    del faults
    stage.backups = BackupsDoc(
        to="/media/usb/yihu",
        newest=now_ms() - 72 * HOUR_MS,
        checked=now_ms() - 71 * HOUR_MS,
        failed="the disk is full",
        wrong="a file is missing",
        stale=True,
    )
    start_shift(page, stage)
    open_tab(page)

    alerts = page.get_by_role("dialog").get_by_role("alert")
    expect(alerts.filter(has_text="the disk is full")).to_be_visible()
    expect(alerts.filter(has_text="a file is missing")).to_be_visible()
    expect(alerts.filter(has_text="最近两天没有备份")).to_be_visible()


def test_that_none_is_set_up_is_said(page: Page, stage: Stage, faults: Faults) -> None:
    """The most common of all."""
    del faults
    start_shift(page, stage)
    open_tab(page)

    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("没有设置每日备份")


def test_after_a_restore_every_operator_is_told_what_is_missing(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """The radio that was revoked yesterday may come in again."""
    del faults
    stage.let_in("乙", (Office.OPERATOR, EVERYWHERE))
    stage.backups = BackupsDoc(
        restored=now_ms(), restored_from="yihu-20261121-033000", restored_until=now_ms() - HOUR_MS
    )
    page.goto(stage.url)
    log_in(page, "乙")

    expect(page.locator(".bars").get_by_text("本中心刚从备份恢复")).to_be_visible()
    page.get_by_role("button", name="调度员 乙").click()
    expect(page.get_by_role("button", name="备份", exact=True)).to_have_count(0)
    page.get_by_role("button", name="回到调度").click()
    page.get_by_role("button", name="English", exact=True).click()
    expect(page.locator(".bars").get_by_text("Restored from a backup")).to_be_visible()
