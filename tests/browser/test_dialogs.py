"""What operators ask about an incident, each through its dialog, against the real hub."""

import re
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from dispatch.incident import Incident
from dispatch.words import AssignmentState, Disposition, FalseReason, Kind, Linked, Phase
from tests.browser.conftest import EXPECT_MS, OPERATOR, start_shift
from tests.browser.stage import DURESS_PIN, PIN, Stage

pytestmark = pytest.mark.browser

expect.set_options(timeout=EXPECT_MS)

NEAR_SCHOOL: Final = "xizi-v08"
CALL_SIGN: Final = "西子八间"
OLD_STREET: Final = "xizi-v20"
SECOND: Final = "调度二席"


def card(page: Page) -> Locator:
    """The incident on the right."""
    return page.locator("section.card")


def dialog(page: Page) -> Locator:
    """The one that is open."""
    return page.get_by_role("dialog")


def notices(page: Page) -> Locator:
    """What the page tells at the foot of the map."""
    return page.locator(".notices")


def select(page: Page, incident: str) -> None:
    """Look at an incident of the queue."""
    page.locator(f'[data-key="{incident}"]').click()


def take(page: Page, incident: str) -> None:
    """Select an incident that nobody has, and take it."""
    select(page, incident)
    card(page).get_by_role("button", name=re.compile("^接手")).click()
    expect(card(page)).to_contain_text(f"{OPERATOR} 于")


def press_button(page: Page, name: str) -> None:
    """A button of the card."""
    card(page).get_by_role("button", name=name, exact=True).click()
    expect(dialog(page)).to_be_visible()


def submit(page: Page, name: str) -> None:
    """The deed of the dialog; it closes when the hub has done it."""
    dialog(page).get_by_role("button", name=name, exact=True).click()
    expect(dialog(page)).to_be_hidden()


def held(stage: Stage, incident: str) -> Incident:
    """What the hub knows of it."""
    return stage.hub.incidents[incident]  # type: ignore[index]  # a test's plain text


@pytest.fixture
def second(context: BrowserContext, stage: Stage) -> Page:
    """Another operator at a console of their own."""
    browser = context.browser
    assert browser is not None
    page = browser.new_context(locale="zh-CN").new_page()
    page.set_default_timeout(EXPECT_MS)
    start_shift(page, stage, SECOND)
    return page


def test_what_another_holds_is_taken_over_with_a_reason_that_they_read(
    desk: Page, second: Page, stage: Stage
) -> None:
    """Two people who each think that they lead lose the one who called."""
    incident = stage.press(NEAR_SCHOOL, Kind.DISPUTE)
    take(desk, incident)
    select(second, incident)
    expect(card(second)).to_contain_text(f"{OPERATOR} 于")

    press_button(second, "改由我接手")
    go = dialog(second).get_by_role("button", name="接过来")
    expect(go).to_be_disabled()
    dialog(second).get_by_role("textbox").fill("我离现场近")
    second.keyboard.press("Enter")

    expect(dialog(second)).to_be_hidden()
    expect(card(second)).to_contain_text(f"{SECOND} 于")
    expect(notices(desk)).to_contain_text(f"{SECOND} 接过了您的 #001")
    expect(notices(desk)).to_contain_text("我离现场近")
    expect(card(desk).get_by_role("button", name="结束事件")).to_be_disabled()
    assert held(stage, incident).taken_by == SECOND
    expect(notices(second)).not_to_contain_text("交给了您")


def test_a_false_alarm_is_closed_with_its_reason_and_opened_again_from_the_notice(
    desk: Page, stage: Stage
) -> None:
    """The reason tells whether the radio or the training needs care; a slip costs one click."""
    incident = stage.press(NEAR_SCHOOL, Kind.DISPUTE)
    take(desk, incident)
    called = stage.called(incident)
    press_button(desk, "结束事件")
    expect(dialog(desk)).to_contain_text(f"解除 {len(called)} 人的任务")
    first = dialog(desk).get_by_role("radio").first
    expect(first).to_have_attribute("value", "by_phone")

    dialog(desk).get_by_text("误报", exact=True).first.click()
    expect(dialog(desk).get_by_role("button", name="结束", exact=True)).to_be_disabled()
    dialog(desk).get_by_text("误碰").click()
    expect(dialog(desk)).to_contain_text("会记入这部对讲机的误报次数")
    submit(desk, "结束")

    expect(card(desk)).to_contain_text("误报")
    assert held(stage, incident).disposition is Disposition.FALSE_ALARM
    assert held(stage, incident).false_reason is FalseReason.BY_ACCIDENT
    assert stage.called(incident) == []
    notices(desk).get_by_role("button", name="撤销").click()
    submit(desk, "重新打开")
    stage.until(lambda: held(stage, incident).open)


def test_two_that_are_one_are_merged_and_split_again(desk: Page, stage: Stage) -> None:
    """Who is on the way goes along; and what was merged by mistake comes apart."""
    first = stage.press(NEAR_SCHOOL, Kind.SUSPICIOUS)
    second = stage.press(OLD_STREET, Kind.DISPUTE)
    take(desk, second)
    coming = stage.called(second)[0]
    stage.answer(coming, AssignmentState.RECEIVED, AssignmentState.ACCEPTED)
    press_button(desk, "合并/关联")
    dialog(desk).get_by_text("#001").click()
    expect(dialog(desk)).to_contain_text("1 次报警转到 #001")
    expect(dialog(desk)).to_contain_text("1 人随之转去")

    submit(desk, "合并")

    expect(card(desk).get_by_role("heading", name=CALL_SIGN)).to_be_visible()
    assert held(stage, second).phase is Phase.DUPLICATE
    assert coming in stage.called(first)

    notices(desk).get_by_role("button", name="撤销").click()
    expect(dialog(desk).get_by_role("checkbox", checked=True)).to_have_count(1)
    submit(desk, "拆分 1 次报警")

    expect(notices(desk)).to_contain_text("已拆分 1 次报警")
    expect(desk.locator("[data-key]")).to_have_count(2)
    assert Linked.SPLIT in held(stage, first).links.values()
    assert len(held(stage, first).alarms) == 1


def test_a_recall_that_slipped_is_sent_again_from_the_notice(desk: Page, stage: Stage) -> None:
    """The small button stands beside those of twelve others."""
    incident = stage.press(NEAR_SCHOOL, Kind.DISPUTE)
    take(desk, incident)
    row = card(desk).locator("li.live").first
    unit = row.locator("button.name").inner_text()
    row.get_by_role("button", name="召回").click()
    expect(notices(desk)).to_contain_text(f"已召回 {unit}")

    notices(desk).get_by_role("button", name="撤销").click()

    expect(card(desk).locator("li.live", has_text=unit)).to_contain_text(f"{OPERATOR} 加派")


def test_closing_as_a_duplicate_may_turn_into_merging(desk: Page, stage: Stage) -> None:
    """Closed as a duplicate, those on the way would be sent home."""
    first = stage.press(NEAR_SCHOOL, Kind.SUSPICIOUS)
    second = stage.press(OLD_STREET, Kind.DISPUTE)
    take(desk, second)
    press_button(desk, "结束事件")
    dialog(desk).get_by_role("combobox").select_option("duplicate")
    dialog(desk).get_by_role("combobox").last.select_option(first)

    dialog(desk).get_by_role("button", name="合并/关联").click()

    expect(dialog(desk).locator(f'input[value="{first}"]')).to_be_checked()
    submit(desk, "合并")
    assert held(stage, second).phase is Phase.DUPLICATE


def test_telling_the_ambulance_is_recorded_with_what_was_said(desk: Page, stage: Stage) -> None:
    """The plan proposes 120; that somebody really called is what stands in the journal."""
    incident = stage.press(NEAR_SCHOOL, Kind.MEDICAL)
    take(desk, incident)
    press_button(desk, "移交 120 急救")
    chosen = dialog(desk).get_by_role("radio", checked=True)
    expect(chosen).to_have_attribute("value", "120")
    expect(dialog(desk)).to_contain_text("地点：三格 望荷学校")
    sheet = dialog(desk).get_by_role("link", name="打开移交单")
    expect(sheet).to_have_attribute("href", re.compile(r"handover\.html\?lang=zh&agency=120"))

    assert desk.request.get(f"{stage.url}{sheet.get_attribute('href')}").ok

    dialog(desk).get_by_role("textbox").first.fill("接警员 07")
    submit(desk, "已告知，记录")

    expect(notices(desk)).to_contain_text("已记录：告知 120 急救")
    expect(card(desk)).to_contain_text(f"{OPERATOR} 已告知 120 急救")


def test_the_next_shift_is_given_the_open_work_and_told_of_it(
    desk: Page, second: Page, stage: Stage
) -> None:
    """What nobody handed over is what nobody does."""
    incident = stage.press(NEAR_SCHOOL, Kind.DISPUTE)
    take(desk, incident)
    stage.press(OLD_STREET, Kind.HAZARD)
    desk.get_by_role("button", name="交班").click()
    expect(dialog(desk)).to_contain_text("交出 1 起进行中的事件")
    expect(dialog(desk)).to_contain_text(CALL_SIGN)
    expect(dialog(desk)).to_contain_text("另有 1 起待接手")

    dialog(desk).get_by_role("combobox").select_option(SECOND)
    dialog(desk).get_by_role("textbox").fill("双方约好明早调解")
    submit(desk, "交班")

    expect(notices(desk)).to_contain_text(f"已交班给 {SECOND}：1 起")
    expect(notices(desk)).not_to_contain_text("接过了您的")
    expect(notices(second)).to_contain_text(f"{OPERATOR} 把 #001 交给了您")
    expect(notices(second)).to_contain_text("双方约好明早调解")
    assert held(stage, incident).taken_by == SECOND


def test_an_exercise_begins_is_pressed_and_ends(desk: Page, stage: Stage) -> None:
    """While it is on a real press stays real; once it is over every press is."""
    desk.get_by_role("button", name="演练", exact=True).click()
    dialog(desk).get_by_role("textbox").fill("三号楼消防疏散")
    desk.keyboard.press("Enter")
    expect(dialog(desk)).to_be_hidden()
    expect(desk.get_by_text("演练开始：三号楼消防疏散")).to_be_visible()

    played = stage.press(NEAR_SCHOOL, Kind.FIRE, drill=True)
    real = stage.press(OLD_STREET, Kind.FIRE)

    assert held(stage, played).drill is not None
    assert held(stage, real).drill is None
    desk.keyboard.press("n")
    expect(dialog(desk).get_by_text("这是演练（三号楼消防疏散）")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.get_by_role("button", name="演练", exact=True).click()
    expect(dialog(desk)).to_contain_text("还有 1 起演练事件没有结束")
    dialog(desk).get_by_role("button", name="结束演练").click()

    expect(dialog(desk)).to_contain_text("演练结束：三号楼消防疏散")
    report = dialog(desk).get_by_role("link", name="打开演练报告").get_attribute("href")
    assert desk.request.get(f"{stage.url}{report}").ok
    after = stage.press("xizi-v15", Kind.FIRE, drill=True)
    assert held(stage, after).drill is None


def test_a_wish_to_call_it_off_is_answered_after_a_word(desk: Page, stage: Stage) -> None:
    """Whoever holds the radio may not be the one who pressed it."""
    incident = stage.press(NEAR_SCHOOL, Kind.DISPUTE)
    take(desk, incident)
    stage.call_off(NEAR_SCHOOL, PIN)
    press_button(desk, "答复")
    expect(dialog(desk)).to_contain_text("先通话核实，再同意")

    dialog(desk).get_by_text("同意，按误报结束").click()
    dialog(desk).get_by_text("误碰").click()
    submit(desk, "答复")

    assert held(stage, incident).phase is Phase.FALSE
    assert stage.called(incident) == []


def test_a_wish_under_duress_ends_nothing(desk: Page, stage: Stage) -> None:
    """The radio looks called off; people keep coming."""
    incident = stage.press(NEAR_SCHOOL, Kind.DISPUTE)
    take(desk, incident)
    coming = stage.called(incident)[0]
    stage.answer(coming, AssignmentState.RECEIVED, AssignmentState.ACCEPTED)
    stage.call_off(NEAR_SCHOOL, DURESS_PIN)
    press_button(desk, "答复")
    expect(dialog(desk).get_by_role("alert")).to_contain_text("胁迫：报警人是被迫取消的")
    expect(dialog(desk)).not_to_contain_text("按误报结束")

    dialog(desk).locator("input[value=granted]").check()
    submit(desk, "答复")

    expect(notices(desk)).to_contain_text("事件转为静默，继续处置")
    stage.until(lambda: held(stage, incident).covert)
    assert held(stage, incident).open
    assert coming in stage.called(incident)


def test_a_wish_that_turns_to_duress_asks_anew_what_was_chosen(desk: Page, stage: Stage) -> None:
    """An answer chosen for a plain wish must not be given to a forced one."""
    incident = stage.press(NEAR_SCHOOL, Kind.DISPUTE)
    take(desk, incident)
    stage.call_off(NEAR_SCHOOL, PIN)
    press_button(desk, "答复")
    dialog(desk).get_by_text("同意，按“报警已取消”结束").click()
    expect(dialog(desk).get_by_role("button", name="答复", exact=True)).to_be_enabled()

    stage.call_off(NEAR_SCHOOL, DURESS_PIN)

    expect(dialog(desk)).to_contain_text("胁迫")
    expect(dialog(desk).get_by_role("button", name="答复", exact=True)).to_be_disabled()
    assert held(stage, incident).open


def test_kind_place_plan_and_more_people_are_the_operators_to_say(desk: Page, stage: Stage) -> None:
    """Whatever the machine may do, a person may, with a reason."""
    incident = stage.press(NEAR_SCHOOL, Kind.HAZARD)
    take(desk, incident)

    press_button(desk, "改类型或等级")
    dialog(desk).get_by_text("火情").click()
    submit(desk, "更正")
    stage.until(lambda: held(stage, incident).kind is Kind.FIRE)

    press_button(desk, "更正位置")
    dialog(desk).get_by_text("网格", exact=True).click()
    dialog(desk).get_by_role("combobox").select_option(index=5)
    submit(desk, "更正位置")

    press_button(desk, "换预案")
    plan = dialog(desk).get_by_role("combobox")
    fire = plan.locator("option", has_text="火情").first.get_attribute("value")
    plan.select_option(fire)
    expect(dialog(desk).get_by_role("row")).not_to_have_count(0)
    dialog(desk).get_by_role("textbox").fill("闻到烟味")
    desk.keyboard.press("Enter")
    expect(dialog(desk)).to_be_hidden()
    stage.until(lambda: held(stage, incident).plan == fire)

    before = len(stage.called(incident))
    press_button(desk, "加叫")
    dialog(desk).get_by_role("spinbutton").fill("1")
    dialog(desk).get_by_role("combobox").first.select_option("volunteer")
    submit(desk, "呼叫")
    stage.until(lambda: sum(e.live for e in held(stage, incident).assignments.values()) > before)


def test_the_one_who_reported_is_asked_afterwards(desk: Page, stage: Stage) -> None:
    """And by telephone that one is known only if the desk wrote it down."""
    desk.keyboard.press("n")
    dialog(desk).get_by_text("纠纷", exact=True).click()
    dialog(desk).get_by_placeholder("谁来电").fill("楼下吵架")
    dialog(desk).get_by_label("姓名").fill("陈女士")
    dialog(desk).get_by_label("电话").fill("555 0142")
    dialog(desk).get_by_text("不明", exact=True).click()
    submit(desk, "立案")
    press_button(desk, "结束事件")
    dialog(desk).get_by_text("电话解决").first.click()
    submit(desk, "结束")

    press_button(desk, "记回访")
    expect(dialog(desk)).to_contain_text("陈女士 555 0142")
    dialog(desk).get_by_text("很满意").click()
    submit(desk, "记录回访")

    expect(card(desk)).to_contain_text("很满意")

    desk.get_by_role("button", name="导出").click()
    for name in ("打开档案", "下载档案"):
        link = dialog(desk).get_by_role("link", name=name).get_attribute("href")
        assert desk.request.get(f"{stage.url}{link}").ok
    expect(card(desk)).to_contain_text(f"{OPERATOR} 导出事件文件（不含姓名）")


def test_a_dialog_is_worked_by_keys_alone(desk: Page, stage: Stage) -> None:
    """Tab stays inside, Enter does it from a list, Ctrl+Enter from a text, Esc leaves."""
    incident = stage.press(NEAR_SCHOOL, Kind.DISPUTE)
    take(desk, incident)
    press_button(desk, "结束事件")
    for _ in range(30):
        desk.keyboard.press("Tab")
        assert desk.evaluate("document.activeElement.closest('[role=dialog]') !== null")
    for _ in range(30):
        desk.keyboard.press("Shift+Tab")
        assert desk.evaluate("document.activeElement.closest('[role=dialog]') !== null")
    desk.keyboard.press("Escape")
    expect(dialog(desk)).to_be_hidden()
    expect(card(desk).get_by_role("button", name="结束事件")).to_be_focused()

    press_button(desk, "结束事件")
    dialog(desk).get_by_role("combobox").select_option("resolved")
    dialog(desk).get_by_role("textbox").fill("双方和解")
    desk.keyboard.press("Control+Enter")

    expect(dialog(desk)).to_be_hidden()
    stage.until(lambda: not held(stage, incident).open)
