"""Consent in a real browser: read, given and withdrawn as easily; noted from paper by a manager."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from dispatch.access.words import Office
from dispatch.ids import UnitId
from dispatch.privacy.consent import default_consent
from tests.browser.conftest import OPERATOR, Faults, log_in, start_shift
from tests.browser.stage import COMMUNITY, Stage
from tests.browser.test_accessibility import axe, in_both_languages

__all__ = ["axe"]

RADIO = "xizi-v01"
PLACE, CALL = default_consent()


def open_own(page: Page, stage: Stage) -> None:
    """The account of somebody who carries a radio."""
    stage.let_in(OPERATOR, (Office.OPERATOR, COMMUNITY), unit=RADIO)
    page.goto(stage.url)
    log_in(page)
    page.get_by_text("已连接").wait_for()
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    page.get_by_role("button", name="我的账号").click()
    expect(page.get_by_role("heading", name="同意", exact=True)).to_be_visible()


def asked(page: Page, purpose: str) -> Any:
    """The part of the page about this."""
    return page.get_by_role("group", name=purpose)


def test_consent_is_given_and_withdrawn_after_a_question(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """With the words before one's eyes; a slip of the hand deletes nothing."""
    del faults
    open_own(page, stage)
    place, call = asked(page, "上岗定位"), asked(page, "电话联系")
    expect(place.get_by_text(PLACE.zh)).to_be_visible()
    expect(call.get_by_text(CALL.zh)).to_be_visible()
    expect(place.get_by_text("没有表示过")).to_be_visible()

    place.get_by_role("button", name="同意", exact=True).click()
    expect(place.get_by_text("已同意")).to_be_visible()
    expect(place.get_by_role("button", name="同意", exact=True)).to_have_count(0)
    (given,) = stage.facts("ConsentGiven")
    assert (given.account, given.digest) == (OPERATOR, PLACE.digest)

    place.get_by_role("button", name="撤回", exact=True).click()
    expect(place.get_by_role("alert")).to_contain_text("全部行踪随即删除")
    place.get_by_role("button", name="不撤回").click()
    expect(place.get_by_role("alert")).to_have_count(0)
    expect(place.get_by_text("已同意")).to_be_visible()

    place.get_by_role("button", name="撤回", exact=True).click()
    place.get_by_role("button", name="确定撤回").click()
    expect(place.get_by_text("已撤回")).to_be_visible()
    expect(place.get_by_role("button", name="撤回", exact=True)).to_have_count(0)
    expect(call.get_by_text("没有表示过")).to_be_visible()
    stage.until(lambda: stage.hub.live.last_fix(UnitId(RADIO)) is None)
    assert [each.unit for each in stage.facts("TrackErased")] == [RADIO]


def test_the_phone_is_withdrawn_with_what_follows_from_it(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """The number goes, and the page says so before."""
    del faults
    open_own(page, stage)
    call = asked(page, "电话联系")

    call.get_by_role("button", name="撤回", exact=True).click()
    expect(call.get_by_role("alert")).to_contain_text("您的号码随即从通讯设置里删除")
    call.get_by_role("button", name="确定撤回").click()

    expect(call.get_by_text("已撤回")).to_be_visible()
    (told,) = stage.facts("NumberErased")
    assert (told.account, told.unit, told.count) == (OPERATOR, RADIO, 0)
    assert stage.facts("TrackErased") == []


def test_the_words_can_be_read_by_everybody(
    page: Page, stage: Stage, faults: Faults, axe: str, tmp_path: Path
) -> None:
    """One given, one about to be withdrawn; in both languages."""
    del faults
    open_own(page, stage)
    asked(page, "上岗定位").get_by_role("button", name="同意", exact=True).click()
    expect(asked(page, "上岗定位").get_by_text("已同意")).to_be_visible()
    asked(page, "电话联系").get_by_role("button", name="撤回", exact=True).click()
    page.screenshot(path=tmp_path / "consent.png", full_page=True)

    in_both_languages(page, axe, "what one consents to")


def test_a_manager_sees_who_has_not_and_notes_paper(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """In the list of people, with who noted it."""
    del faults
    stage.let_in("李雷", (Office.LEADER, COMMUNITY), unit=RADIO)
    start_shift(page, stage)
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    page.get_by_role("button", name="人员").click()
    row = page.locator("section").filter(has_text="李雷").last
    expect(row.get_by_text("没有全部同意")).to_be_visible()
    row.get_by_role("button", name="李雷").click()

    row.get_by_role("button", name="纸上已同意").first.click()

    expect(row.get_by_text(f"已同意 {OPERATOR}")).to_be_visible()
    (given,) = stage.facts("ConsentGiven")
    assert (given.account, given.how, given.by) == ("李雷", "paper", OPERATOR)
    row.get_by_role("button", name="纸上已撤回（删除号码）").click()
    expect(row.get_by_text(f"已撤回 {OPERATOR}")).to_be_visible()
    assert [each.by for each in stage.facts("NumberErased")] == [OPERATOR]
