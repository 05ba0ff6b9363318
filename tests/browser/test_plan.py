"""What the card shows of plan, lease, a wish to cancel and an exercise, against the real hub."""

import re
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dispatch.words import AssignmentState, Kind
from tests.browser.conftest import OPERATOR, start_shift
from tests.browser.stage import DURESS_PIN, Stage
from tests.browser.test_console import banner, card, take

pytestmark = pytest.mark.browser

NEAR_SCHOOL: Final = "xizi-v08"
NEAR_PARK: Final = "xizi-v24"
ALSO_NEAR_PARK: Final = "xizi-v26"
OTHER: Final = "调度二席"


def row(page: Page, incident: str) -> Locator:
    """The incident in the queue."""
    return page.locator(f"[data-key='{incident}']")


def colour(locator: Locator, of: str) -> str:
    """A computed style."""
    said: str = locator.evaluate(f"(element) => getComputedStyle(element)['{of}']")
    return said


def test_the_plan_says_where_it_stands_and_is_carried_up_by_hand(desk: Page, stage: Stage) -> None:
    """Nobody should wonder at night what happens next, or have to wait for it."""
    incident = stage.press(NEAR_SCHOOL)
    take(desk)
    plan = card(desk).get_by_role("region", name="预案")

    expect(plan).to_contain_text(re.compile(r"2:\d\d 后升到社区"))
    expect(plan.locator("[aria-current=step]")).to_contain_text("网格")
    expect(row(desk, incident)).to_contain_text("后升社区")
    expect(plan).to_contain_text("志愿者 0/3")
    volunteer = next(unit for unit in stage.called(incident) if unit.startswith("xizi-v"))
    stage.answer(volunteer, AssignmentState.RECEIVED, AssignmentState.ACCEPTED)
    expect(plan).to_contain_text("志愿者 1/3")

    plan.get_by_role("button", name="立即升级").click()
    desk.keyboard.type("人手不够")
    desk.keyboard.press("Enter")
    expect(plan.locator("[aria-current=step]")).to_contain_text("社区")
    expect(row(desk, incident)).to_contain_text("社区")

    plan.get_by_role("button", name="停止呼叫").click()
    desk.keyboard.type("报警人已脱险")
    desk.keyboard.press("Enter")
    expect(plan).to_contain_text("自动呼叫已停")
    expect(card(desk)).to_contain_text(f"{OPERATOR} 停止自动呼叫：报警人已脱险")
    plan.get_by_role("button", name="继续呼叫").click()
    expect(plan).not_to_contain_text("自动呼叫已停")


def test_the_checklist_is_ticked_by_keyboard_and_everybody_sees_by_whom(
    desk: Page, stage: Stage
) -> None:
    """Two operators must not ask the caller the same thing twice."""
    stage.press(NEAR_SCHOOL)
    take(desk)
    card(desk).get_by_role("button", name="全部 8 项").click()
    first = card(desk).get_by_role("checkbox").first

    first.focus()
    desk.keyboard.press("Space")

    expect(first).to_be_checked()
    expect(card(desk).get_by_role("region", name="核对清单")).to_contain_text(f"{OPERATOR} ")
    expect(card(desk)).to_contain_text("完成：呼叫报警人")
    desk.keyboard.press("Space")
    expect(first).not_to_be_checked()


def test_how_far_an_order_came_is_seen_person_by_person(desk: Page, stage: Stage) -> None:
    """A phone that never got it needs a call; one that showed it needs patience."""
    incident = stage.press(NEAR_SCHOOL)
    take(desk)
    called = card(desk).locator("li.live")
    expect(called.get_by_role("img").first).to_have_attribute("aria-label", re.compile("送达进度"))

    first, *_ = stage.called(incident)  # once the page tells that people were
    stage.answer(first, AssignmentState.RECEIVED)

    expect(called.get_by_role("img", name="送达进度：到对讲机")).to_have_count(1)


def test_another_ones_incident_is_taken_over_with_a_reason(
    browser: Browser, desk: Page, stage: Stage
) -> None:
    """Who looks on sees who has it, and may not steer it beside them."""
    incident = stage.press(NEAR_SCHOOL)
    take(desk)
    second_pc = browser.new_context(locale="zh-CN")
    other = second_pc.new_page()
    start_shift(other, stage, operator=OTHER)
    row(other, incident).click()
    expect(card(other).get_by_role("button", name="结束事件")).to_be_disabled()
    expect(card(other).get_by_role("button", name="立即升级")).to_be_disabled()
    expect(card(desk)).to_contain_text("由您负责")

    card(other).get_by_role("button", name="改由我接手").click()
    other.get_by_role("dialog").get_by_role("textbox").fill("您在处理另一起")
    other.keyboard.press("Enter")

    expect(card(other)).to_contain_text("由您负责")
    expect(card(desk)).to_contain_text(f"{OTHER} 于")
    expect(card(desk)).to_contain_text(f"{OTHER} 从 {OPERATOR} 接过：您在处理另一起")
    second_pc.close()
    expect(card(desk)).to_contain_text(re.compile(f"{OTHER} 不在席位，0:\\d\\d 后自动放开"))
    expect(row(desk, incident)).to_contain_text(f"{OTHER} 离席")


def test_duress_stands_above_everything_and_does_not_scroll_away(desk: Page, stage: Stage) -> None:
    """Who forces the sender stands beside the radio: one careless word may cost a life."""
    incident = stage.press(NEAR_SCHOOL)
    take(desk)
    stage.call_off(NEAR_SCHOOL)
    expect(card(desk)).to_contain_text("请求取消。先与其通话，再答复。")
    expect(row(desk, incident)).to_contain_text("请求取消")

    stage.call_off(NEAR_SCHOOL, DURESS_PIN)

    strip = card(desk).get_by_text("胁迫！按平时口吻说话，不要提及")
    expect(strip).to_be_visible()
    expect(row(desk, incident)).to_contain_text("胁迫")
    card(desk).locator(".body").evaluate("(body) => body.scrollTo(0, body.scrollHeight)")
    expect(strip).to_be_in_viewport()


def test_two_that_may_be_one_are_told_apart_and_that_is_taken_back(
    desk: Page, stage: Stage
) -> None:
    """Two red buttons beside each other: one matter or two, and nobody hides either."""
    first = stage.press(NEAR_PARK, Kind.MEDICAL)
    take(desk)
    lon, lat = stage.places[NEAR_PARK]  # type: ignore[index]
    stage.move(ALSO_NEAR_PARK, lon + 0.0001, lat)
    second = stage.press(ALSO_NEAR_PARK, Kind.MEDICAL)
    take(desk)
    row(desk, second).click()
    number = f"#{first.rsplit('-', 1)[1]}"
    expect(card(desk)).to_contain_text(f"可能与 {number} 是同一起")
    expect(row(desk, first)).to_contain_text("可能同 #")

    card(desk).get_by_role("button", name="不是").click()
    expect(card(desk).get_by_role("button", name=f"不是同一起 {number}")).to_be_visible()
    desk.get_by_role("button", name="撤销").click()

    linked = card(desk).get_by_role("button", name=f"已关联 {number}")
    linked.click()
    expect(row(desk, first)).to_have_attribute("aria-current", "true")


def test_an_exercise_is_never_taken_for_real(desk: Page, stage: Stage) -> None:
    """It is hatched and says so everywhere, rings by its own soft tune and counts nowhere."""
    ask(desk, "communities/xizi/drills", {"name": "秋季演练"})
    expect(desk.locator(".bars")).to_contain_text("演练进行中：秋季演练")
    desk.wait_for_timeout(600)  # the tones of the start of the shift
    desk.evaluate("window.tones = []")

    incident = stage.press(NEAR_SCHOOL, drill=True)

    expect(banner(desk)).to_contain_text("演练")
    expect(row(desk, incident)).to_contain_text("演练")
    expect(card(desk)).to_contain_text("演练：秋季演练")
    expect(desk).to_have_title(re.compile("演练"))
    expect(desk.get_by_role("button", name="进行中 0 · 演练 1")).to_be_visible()
    expect(desk.locator("header").first).to_contain_text("10 分钟告警 0")
    red = "rgb(198, 40, 40)"
    assert colour(banner(desk), "backgroundColor") != red
    desk.wait_for_function("window.tones.includes(520)")
    assert 800 not in desk.evaluate("window.tones")

    real = stage.press(NEAR_PARK, Kind.FIRE)
    expect(banner(desk)).not_to_contain_text("演练")
    expect(desk.locator("[data-key]").first).to_have_attribute("data-key", real)
    assert colour(banner(desk), "backgroundColor") == red
    desk.wait_for_function("window.tones.includes(800)")


def test_what_ended_tells_how_long_each_step_took(desk: Page, stage: Stage) -> None:
    """The next evening somebody asks why it took so long."""
    incident = stage.press(NEAR_SCHOOL)
    take(desk)
    first, *_ = stage.called(incident)
    stage.answer(
        first,
        AssignmentState.RECEIVED,
        AssignmentState.ACCEPTED,
        AssignmentState.EN_ROUTE,
        AssignmentState.ON_SCENE,
        AssignmentState.CLEAR,
    )
    said = {"disposition": "false_alarm", "false_reason": "by_accident"}
    ask(desk, f"incidents/{incident}/close", said)

    expect(card(desk)).to_contain_text("误报（误碰）")
    took = card(desk).locator("table")
    for name in ("收到到接手", "收到到首个接受", "收到到首个到场", "收到到结束"):
        expect(took).to_contain_text(name)
    expect(card(desk)).to_contain_text("还没有回访。")


def ask(page: Page, path: str, body: dict[str, Any]) -> None:
    """What a dialog would ask, by the page's own operator."""
    status = page.evaluate(
        """async ([path, body]) => {
          const headers = {
            'Content-Type': 'application/json',
            'X-CSRF': (await (await fetch('api/v1/me')).json()).csrf,
            'Idempotency-Key': `test-${performance.now()}`,
          };
          const asked = { method: 'POST', headers, body: JSON.stringify(body) };
          return (await fetch(`api/v1/${path}`, asked)).status;
        }""",
        [path, body],
    )
    assert status == 200
