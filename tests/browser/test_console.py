"""What an operator sees and does on the page, against the real hub and server."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from console.api import STATIC_DIR
from dispatch.decide import Choice, Prospects
from dispatch.rules.call import Call
from dispatch.words import AssignmentState, Kind
from tests.browser.conftest import EXPECT_MS, OPERATOR, Faults, start_shift
from tests.browser.stage import Stage, staged
from tests.system import PASSWORD

pytestmark = pytest.mark.browser

expect.set_options(timeout=EXPECT_MS)

NEAR_SCHOOL = "xizi-v08"
CALL_SIGN = "西子八间"


def card(page: Page) -> Locator:
    """The incident on the right."""
    return page.locator("section.card")


def banner(page: Page) -> Locator:
    """The level 1 call across the map."""
    return page.locator(".banner")


def take(page: Page) -> None:
    """Answer what calls, as soon as the page lets a key do that."""
    expect(banner(page)).to_be_visible()
    page.wait_for_timeout(500)  # the page itself ignores Enter for 0.4 s
    page.keyboard.press("Enter")
    expect(banner(page)).to_be_hidden()


def leave_text(page: Page) -> None:
    """Step out of a text field, as Esc does."""
    page.keyboard.press("Escape")


def test_a_quiet_evening_is_said_in_words(desk: Page) -> None:
    """An empty list could be a broken page; calm is told."""
    expect(desk.get_by_text("没有待接手的报警")).to_be_visible()
    expect(desk.get_by_text("36 / 36")).to_be_visible()
    expect(desk.get_by_role("heading", name="西子社区")).to_be_visible()
    expect(desk.locator(".bars .bar")).to_have_count(0)


def test_starting_a_shift_plays_the_test(desk: Page) -> None:
    """An operator who heard nothing now would hear nothing at three in the morning."""
    desk.wait_for_function("window.tones.length >= 2")

    assert desk.evaluate("window.tones.slice(0, 2)") == [800, 1000]


def test_a_press_rings_and_shows_who_and_where(desk: Page, stage: Stage) -> None:
    """The first second of an SOS."""
    desk.evaluate("window.tones = []")

    stage.press(NEAR_SCHOOL)

    expect(banner(desk)).to_contain_text(f"求救 {CALL_SIGN}")
    expect(banner(desk)).to_contain_text("三格 望荷学校")
    expect(desk.locator("[data-key]").first).to_contain_text(CALL_SIGN)
    expect(card(desk).get_by_role("heading", name=CALL_SIGN)).to_be_visible()
    expect(card(desk)).to_contain_text(re.compile(r"报警时定位.*误差 12 米"))
    expect(desk).to_have_title(re.compile(CALL_SIGN))
    expect(desk.get_by_role("alert")).to_contain_text(CALL_SIGN)
    desk.wait_for_function("window.tones.includes(800) && window.tones.includes(1000)")


def test_the_sound_stops_once_a_named_operator_takes_it(desk: Page, stage: Stage) -> None:
    """And the radio of whoever pressed is told by whom."""
    incident = stage.press(NEAR_SCHOOL)

    take(desk)

    expect(card(desk)).to_contain_text(f"{OPERATOR} 于")
    stage.until(lambda: stage.hub.incidents[incident].taken_by == OPERATOR)  # type: ignore[index]
    desk.evaluate("window.tones = []")
    desk.wait_for_timeout(2_500)  # longer than the 2 s between two rounds
    assert desk.evaluate("window.tones") == []


def test_those_called_are_followed_and_explained(desk: Page, stage: Stage) -> None:
    """Who was called, how far each has come, and why not the others."""
    incident = stage.press(NEAR_SCHOOL)
    take(desk)
    first, second, *_ = stage.called(incident)

    stage.answer(first, AssignmentState.RECEIVED, AssignmentState.ACCEPTED)
    stage.answer(first, AssignmentState.EN_ROUTE, AssignmentState.ON_SCENE)
    stage.answer(second, AssignmentState.RECEIVED, AssignmentState.DECLINED, reason="正在看护孩子")

    expect(card(desk)).to_contain_text("到场 1")
    expect(card(desk).locator("li.live").first).to_contain_text("到场")
    expect(card(desk)).to_contain_text("谢绝：正在看护孩子")
    expect(card(desk)).to_contain_text(re.compile(r"第 1 波呼叫 \d+ 人"))
    expect(card(desk)).to_contain_text("报警人本人 1 人")


def test_a_note_an_added_unit_a_recall_and_the_end(desk: Page, stage: Stage) -> None:
    """Everything that an operator does to an incident, and it stays after a reload."""
    incident = stage.press(NEAR_SCHOOL)
    take(desk)

    desk.keyboard.press("l")
    desk.keyboard.type("报警人称有人受伤")
    desk.keyboard.press("Enter")
    expect(card(desk)).to_contain_text(f"{OPERATOR}：报警人称有人受伤")
    leave_text(desk)

    card(desk).get_by_role("searchbox").fill("西子三十间")
    card(desk).locator("li", has_text="西子三十间").get_by_role("button", name="派").click()
    row = card(desk).locator("li.live", has_text="西子三十间")
    expect(row).to_contain_text(f"{OPERATOR} 加派")
    row.get_by_role("button", name="召回").click()
    expect(row).to_have_count(0)

    card(desk).get_by_role("button", name="结束事件").click()
    desk.get_by_role("dialog").get_by_role("combobox").select_option("resolved_on_spot")
    desk.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    expect(card(desk)).to_contain_text("现场化解")
    assert stage.called(incident) == []

    desk.reload()
    desk.get_by_role("button", name="已结束").click()
    desk.locator("li", has_text=CALL_SIGN).get_by_role("button").click()
    expect(card(desk)).to_contain_text("报警人称有人受伤")
    card(desk).get_by_role("button", name="重新打开").click()
    desk.get_by_role("dialog").get_by_role("button", name="重新打开").click()
    expect(card(desk).get_by_role("button", name="结束事件")).to_be_visible()


def test_a_reload_keeps_the_operator_and_the_alarm(desk: Page, stage: Stage) -> None:
    """An emergency survives whatever an operator does to the page."""
    stage.press(NEAR_SCHOOL)
    expect(banner(desk)).to_be_visible()

    desk.reload()

    expect(banner(desk)).to_contain_text(CALL_SIGN)
    expect(desk.get_by_text(f"调度员 {OPERATOR}")).to_be_visible()


def test_the_nearest_free_are_picked_by_digits(desk: Page, stage: Stage) -> None:
    """One digit each and Enter: faster than any mouse."""
    incident = stage.press("xizi-v20", Kind.HAZARD)
    expect(card(desk).get_by_role("heading")).to_contain_text(["西子二十间"])
    expect(card(desk)).to_contain_text("第 1 波叫")  # whoever it calls is free no more
    before = len(stage.called(incident))

    desk.keyboard.press("1")
    desk.keyboard.press("2")
    expect(card(desk).get_by_role("button", name="派出 2 人")).to_be_visible()
    desk.keyboard.press("Enter")

    expect(card(desk).locator("li.live").get_by_text(f"{OPERATOR} 加派")).to_have_count(2)
    assert len(stage.called(incident)) == before + 2


def test_an_alarm_never_takes_the_focus_from_a_text(desk: Page, stage: Stage) -> None:
    """What somebody types must not acknowledge what they have not read."""
    stage.press("xizi-v20", Kind.DISPUTE)
    expect(card(desk).get_by_role("heading")).to_contain_text(["西子二十间"])
    note = desk.locator("#note")
    note.click()
    desk.keyboard.type("双方")

    stage.press(NEAR_SCHOOL)
    expect(banner(desk)).to_contain_text(CALL_SIGN)
    desk.keyboard.type("已分开")

    expect(note).to_be_focused()
    expect(note).to_have_value("双方已分开")
    expect(card(desk).get_by_role("heading")).to_contain_text(["西子二十间"])
    expect(desk.get_by_role("button", name="转到报警位置")).to_be_visible()
    desk.keyboard.press("Enter")
    expect(card(desk)).to_contain_text("双方已分开")
    expect(banner(desk)).to_be_visible()


def test_a_silent_alarm_and_a_missing_fix_are_marked(desk: Page, stage: Stage) -> None:
    """Calling aloud could cost a life; an old place could cost the search."""
    stage.press(NEAR_SCHOOL, covert=True, fix=False)

    expect(banner(desk)).to_contain_text("静默报警：不要出声呼叫")
    expect(card(desk)).to_contain_text("静默报警：不要出声呼叫")
    expect(card(desk)).to_contain_text("报警时无定位，用最后一次定位")


def test_a_late_alarm_is_not_shown_as_live(desk: Page, stage: Stage) -> None:
    """Out of a backlog: handled, but everybody must know."""
    stage.press(NEAR_SCHOOL, late_s=900)

    expect(card(desk)).to_contain_text("迟到的报警，非实时")


def test_a_second_press_rings_again(desk: Page, stage: Stage) -> None:
    """The operator who has it hears that it got worse."""
    stage.press(NEAR_SCHOOL)
    take(desk)

    stage.press(NEAR_SCHOOL)

    expect(banner(desk)).to_contain_text("知道了")
    expect(desk.locator("[data-key]").first).to_contain_text("再次报警")
    take(desk)
    expect(card(desk)).to_contain_text("按下 2 次")


def test_an_incident_is_opened_by_hand_on_the_map(desk: Page, stage: Stage) -> None:
    """Somebody phones: what, and a click where."""
    desk.keyboard.press("n")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_text("急病", exact=True).click()
    dialog.get_by_role("textbox").first.fill("老人晕倒，家属来电")
    desk.locator(".map .target").click(position={"x": 520, "y": 640})
    expect(dialog).to_contain_text("已选")
    dialog.get_by_role("button", name="立案").click()

    expect(card(desk).get_by_role("heading")).to_contain_text(["急病"])
    expect(card(desk)).to_contain_text("调度员指定")
    expect(card(desk)).to_contain_text("老人晕倒，家属来电")
    [held] = stage.hub.incidents.values()
    assert held.opened_by == OPERATOR
    assert held.lon is not None


def test_a_unit_on_the_map_tells_who_it_is(desk: Page, stage: Stage) -> None:
    """The mark under the pointer, found by the page's own hit test."""
    stage.press(NEAR_SCHOOL)
    take(desk)

    box = desk.locator(".map .target").bounding_box()
    assert box is not None
    desk.mouse.click(box["x"] + 4, box["y"] + box["height"] - 120)  # nothing is there
    expect(desk.get_by_role("region", name="西子七间")).to_have_count(0)
    card(desk).get_by_role("button", name="西子七间", exact=True).click()

    unit = desk.get_by_role("region", name="西子七间")
    expect(unit).to_contain_text("志愿者")
    expect(unit).to_contain_text("电量 76%")


def test_the_demo_panel_presses_a_red_button(desk: Page) -> None:
    """A newcomer's first look at the whole."""
    desk.get_by_role("button", name="演示").click()
    desk.get_by_placeholder("查找呼号").fill(CALL_SIGN)
    desk.get_by_role("button", name=f"按红键 {CALL_SIGN}").click()

    expect(banner(desk)).to_contain_text(CALL_SIGN)


def test_everything_is_said_in_english_too(desk: Page, stage: Stage) -> None:
    """Names stay as they are; every other word changes, without a reload."""
    stage.press(NEAR_SCHOOL, covert=True)
    expect(banner(desk)).to_be_visible()

    desk.get_by_role("button", name="English").click()

    expect(desk.locator("html")).to_have_attribute("lang", "en")
    expect(banner(desk)).to_contain_text("Silent alarm: do not call aloud")
    expect(card(desk)).to_contain_text("Fix sent with the press")
    expect(card(desk)).to_contain_text("Why these")
    desk.reload()
    expect(card(desk)).to_contain_text("Not taken for")


def test_hostile_text_stays_text(page: Page, stage: Stage) -> None:
    """Names and notes come from people; none of them is markup here."""
    hostile = "<img src=x onerror=window.hacked=1>"
    start_shift(page, stage, operator=hostile[:40])
    stage.press(NEAR_SCHOOL)
    take(page)

    page.locator("#note").fill(f"{hostile}<script>window.hacked=1</script>")
    page.keyboard.press("Enter")

    expect(card(page)).to_contain_text("<script>window.hacked=1</script>")
    expect(page.get_by_text(f"调度员 {hostile}")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator("img").count() == 0


def test_all_of_it_by_keyboard_alone(page: Page, stage: Stage) -> None:
    """A broken mouse at night: from sitting down to the end of an incident."""
    stage.let_in(OPERATOR)
    page.goto(stage.url)
    expect(page.locator("input[name=operator]")).to_be_focused()
    page.keyboard.type(OPERATOR)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("已连接").wait_for()
    stage.press(NEAR_SCHOOL)
    take(page)

    page.keyboard.press("l")
    page.keyboard.type("处理完毕")
    page.keyboard.press("Enter")
    expect(card(page)).to_contain_text(f"{OPERATOR}：处理完毕")
    leave_text(page)
    tab_to(page, "结束事件")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("radio").first).to_be_focused()
    page.keyboard.press("Space")  # the likeliest outcome
    tab_to(page, "结束")
    page.keyboard.press("Enter")

    expect(card(page)).to_contain_text("电话解决")
    expect(page.get_by_text("没有待接手的报警")).to_be_visible()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the button of this name has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"no button {name!r} can be reached by Tab")


def test_without_a_decision_every_view_says_call_by_hand(
    page: Page, tmp_path: Path, faults: Faults
) -> None:
    """Deciding may fail; the alarm may not disappear with it."""

    def failing(call: Call, near: Prospects) -> Choice:
        raise KeyError("a fault of ours")

    with staged(tmp_path, choose=failing) as stage:
        start_shift(page, stage)

        stage.press(NEAR_SCHOOL)

        expect(banner(page)).to_contain_text("未能自动派警：请人工呼叫")
        expect(page.locator("[data-key]").first).to_contain_text("请人工呼叫")
        expect(card(page)).to_contain_text("未能自动派警：请人工呼叫")


def test_an_unknown_store_or_radio_trouble_is_said(desk: Page, stage: Stage) -> None:
    """Both go on without us; the operator must know what is not there."""
    stage.broker("connection refused")
    expect(desk.get_by_text("对讲机链路中断")).to_be_visible()

    stage.broker("")
    expect(desk.get_by_text("对讲机链路中断")).to_be_hidden()

    stage.store("disk full")
    expect(desk.get_by_text("存储写不进去")).to_contain_text("disk full")
    stage.store("")
    expect(desk.get_by_text("存储写不进去")).to_be_hidden()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_red_within_three_seconds_of_a_dead_server(
    page: Page, stage: Stage, faults: Faults, language: str
) -> None:
    """A calm page of a dead server is the worst thing that a screen can show."""
    faults.expected = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "WebSocket connection")
    page.clock.install()
    start_shift(page, stage)
    if language == "en":
        page.get_by_role("button", name="English", exact=True).click()
    says = "数据中断。最后数据" if language == "zh" else "No data. Last data"
    red = page.locator(".bars .bar.red", has_text=says)
    expect(red).to_be_hidden()

    stage.hang_up()
    page.clock.run_for(3_000)

    assert red.is_visible()


@pytest.mark.slow
def test_positions_that_give_way_are_said_until_they_do_no_more(desk: Page, stage: Stage) -> None:
    """Dots that lag by seconds must not be taken for where people are."""
    bar = desk.locator(".bars").get_by_text("位置来得太多")

    stage.shed(1_000)

    expect(bar).to_be_visible()
    desk.get_by_role("button", name="English", exact=True).click()
    expect(desk.locator(".bars").get_by_text("Too many positions")).to_be_visible()
    expect(desk.locator(".bars .bar")).to_have_count(0)


def test_a_lost_link_is_said_and_nothing_stale_can_be_acted_on(
    desk: Page, stage: Stage, faults: Faults
) -> None:
    """3 s: a red bar. 10 s: a hatched frame, times for ages, no actions. Then all comes back."""
    faults.expected = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "WebSocket connection")
    stage.press(NEAR_SCHOOL)
    expect(banner(desk)).to_be_visible()

    stage.hang_up()
    expect(desk.get_by_text("数据中断。最后数据")).to_be_visible()
    expect(desk.locator(".page.lost")).to_be_visible(timeout=15_000)

    expect(desk.get_by_text("操作已停用")).to_be_visible()
    expect(banner(desk).get_by_role("button", name="接手")).to_be_disabled()
    expect(card(desk)).to_contain_text(re.compile(r"\d\d:\d\d:\d\d 时，误差"))

    stage.press("xizi-v20")
    stage.pick_up()
    expect(desk.locator(".page.lost")).to_have_count(0)
    expect(desk.locator("[data-key]")).to_have_count(2)


@pytest.mark.slow
def test_a_page_that_was_open_over_an_update_goes_on_and_a_reload_brings_the_new_one(
    desk: Page, stage: Stage, faults: Faults, tmp_path: Path
) -> None:
    """Nobody reloads in the middle of a call; who does must not get half of each build."""
    faults.expected = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "WebSocket connection")
    newer = another_build(tmp_path / "newer")
    expect(desk.locator("script[src]")).to_have_attribute("src", re.compile("index-"))

    stage.hang_up()
    expect(desk.get_by_text("数据中断。最后数据")).to_be_visible()
    stage.pick_up(newer)
    expect(desk.get_by_text("已连接")).to_be_visible(timeout=20_000)
    stage.press(NEAR_SCHOOL)
    take(desk)
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="按键")).to_be_visible()

    desk.reload()
    expect(desk.locator("script[src]")).to_have_attribute("src", re.compile("newer-"))
    desk.locator("[data-key]").first.click()
    expect(card(desk)).to_contain_text(f"{OPERATOR} 于")


def another_build(folder: Path) -> Path:
    """The page as built, but every file of other content has another name, as Vite names them."""
    shutil.copytree(STATIC_DIR, folder)
    index = folder / "index.html"
    html = index.read_text(encoding="utf-8")
    for file in sorted((folder / "assets").iterdir()):
        renamed = file.with_name(file.name.replace("index-", "newer-"))
        html = html.replace(file.name, renamed.name)
        file.rename(renamed)
    index.write_text(html, encoding="utf-8")
    return folder


def test_two_operators_see_the_same(browser: Browser, desk: Page, stage: Stage) -> None:
    """Whoever takes it first has it; the other is told without asking."""
    second_pc = browser.new_context()
    other = second_pc.new_page()
    start_shift(other, stage, operator="调度二席")
    stage.press(NEAR_SCHOOL)
    expect(banner(other)).to_be_visible()

    take(desk)

    expect(banner(other)).to_be_hidden()
    expect(card(other)).to_contain_text(f"{OPERATOR} 于")
    second_pc.close()


def test_on_a_narrow_screen_the_card_is_a_sheet(desk: Page, stage: Stage) -> None:
    """Below 1200 px; the answer to a call is never under it."""
    desk.set_viewport_size({"width": 1100, "height": 768})
    expect(card(desk)).to_be_hidden()

    stage.press(NEAR_SCHOOL)

    expect(card(desk)).to_be_visible()
    banner(desk).get_by_role("button", name="接手").click()
    expect(banner(desk)).to_be_hidden()
    card(desk).get_by_role("button", name="收起").click()
    expect(card(desk)).to_be_hidden()


def test_on_a_narrow_screen_no_dialog_lies_under_the_card(desk: Page, stage: Stage) -> None:
    """A second call comes by phone while the first is shown: its form can be sent."""
    desk.set_viewport_size({"width": 1024, "height": 768})
    stage.press(NEAR_SCHOOL)
    expect(card(desk)).to_be_visible()

    desk.keyboard.press("n")

    expect(desk.get_by_role("dialog")).to_be_visible()
    expect(card(desk)).to_be_hidden()
    desk.keyboard.press("Escape")
    expect(card(desk)).to_be_visible()


def test_that_everybody_free_was_asked_is_said_beside_the_wave(desk: Page, stage: Stage) -> None:
    """Five are there for three: enough by their heads, and hardly two of them come."""
    for number in (6, 7, *range(9, 31)):
        stage.go_offline(f"xizi-v{number:02d}")

    stage.press(NEAR_SCHOOL)
    take(desk)

    expect(card(desk).get_by_text("空闲的人都已呼叫")).to_be_visible()
