"""What a machine can check of accessibility, on every state that an operator may sit before.

axe-core (console/web/node_modules) knows names, roles, contrast and order; that
everything works by keyboard alone is in test_console.py.
"""

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from console.api import STATIC_DIR
from dispatch.words import AssignmentState, Kind
from tests.browser.conftest import Faults, start_shift
from tests.browser.stage import DURESS_PIN, Stage
from tests.browser.test_plan import ask
from tests.system import PASSWORD

pytestmark = pytest.mark.browser

AXE: Final = STATIC_DIR.parent / "web" / "node_modules" / "axe-core" / "axe.min.js"
NEAR_SCHOOL: Final = "xizi-v08"

RUN: Final = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.map(({ id, help, nodes }) => ({
    id,
    help,
    where: nodes.map((node) => `${node.target.join(' ')}: ${node.html.slice(0, 120)}`),
  }));
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's own text; skipped plainly where the page was built without its tools."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (make test installs it)")
    return Path(AXE).read_text(encoding="utf-8")


def in_both_languages(page: Page, axe: str, state: str) -> None:
    """Fail with what axe found, and where. Leaves the page in Chinese."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(RUN)
    # The last one: before a shift begins, the top bar's own lies under the first page.
    page.get_by_role("button", name="English").last.click()
    found += page.evaluate(RUN)
    page.get_by_role("button", name="中文").last.click()
    said = [f"{each['id']}: {each['help']}\n    " + "\n    ".join(each["where"]) for each in found]
    assert not said, f"{state}:\n" + "\n".join(said)


def test_sitting_down(page: Page, stage: Stage, axe: str) -> None:
    """The first page, before any name was given."""
    page.goto(stage.url)
    page.locator("input[name=operator]").wait_for()

    in_both_languages(page, axe, "start of shift")


def test_the_first_link_and_a_link_that_was_used(
    page: Page, stage: Stage, axe: str, faults: Faults
) -> None:
    """What whoever installs it sees first."""
    faults.expected = ("403",)
    link = stage.url.rstrip("/") + stage.first_link()
    page.goto(link)
    page.locator("input[name=twice]").wait_for()
    in_both_languages(page, axe, "first link")

    page.goto("about:blank")
    page.goto(link + "x")
    page.get_by_text("这条链接已经用过或过期了").wait_for()
    in_both_languages(page, axe, "bad link")


def test_the_account_people_and_the_audit(desk: Page, stage: Stage, axe: str) -> None:
    """With a second factor being set, a person unfolded, and rows of the audit."""
    stage.let_in("调度二席")
    desk.get_by_role("button", name="调度员 调度一席").click()
    desk.locator("input[name=again]").fill(PASSWORD)
    desk.get_by_role("button", name="启用").click()
    desk.locator("img.qr").wait_for()
    in_both_languages(desk, axe, "own account")

    desk.get_by_role("button", name="人员").click()
    desk.get_by_role("button", name="调度二席").click()
    desk.get_by_role("button", name="重置口令（一次性链接）").click()
    desk.locator(".secret").wait_for()
    in_both_languages(desk, axe, "people")
    desk.get_by_role("button", name="调度一席", exact=True).click()
    desk.get_by_role("button", name="停用", exact=True).click()
    desk.get_by_role("button", name="保留").wait_for()
    in_both_languages(desk, axe, "closing one's own account")

    desk.get_by_role("button", name="审计").click()
    desk.locator("tbody tr").first.wait_for()
    in_both_languages(desk, axe, "audit")


def test_a_login_over_the_page(desk: Page, stage: Stage, axe: str, faults: Faults) -> None:
    """The console stays to be seen behind it."""
    faults.expected = ("WebSocket",)
    stage.press(NEAR_SCHOOL)
    stage.end_logins("调度一席")
    desk.get_by_role("dialog", name="登录已结束").wait_for()
    in_both_languages(desk, axe, "login over the page")


def test_a_calm_evening_and_the_help(desk: Page, axe: str) -> None:
    """Nothing open; then each thing that a key opens."""
    expect(desk.get_by_text("没有待接手的报警")).to_be_visible()
    in_both_languages(desk, axe, "calm")

    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_be_visible()
    in_both_languages(desk, axe, "help")
    desk.keyboard.press("Escape")
    desk.get_by_role("button", name="演示").click()
    in_both_languages(desk, axe, "demo panel")


def test_a_call_and_its_whole_card(desk: Page, stage: Stage, axe: str) -> None:
    """Fresh, with every mark; then on its way, unfolded, with a unit's card."""
    stage.press("xizi-v20", late_s=900)
    expect(desk.locator("section.card")).to_contain_text("迟到的报警")
    in_both_languages(desk, axe, "late alarm")
    desk.locator(".banner").get_by_role("button", name="接手").click()
    expect(desk.locator(".banner")).to_be_hidden()
    incident = stage.press(NEAR_SCHOOL, covert=True, fix=False)
    expect(desk.locator(".banner")).to_be_visible()
    in_both_languages(desk, axe, "fresh silent alarm")

    desk.locator(".banner").get_by_role("button", name="接手").click()
    expect(desk.locator(".banner")).to_be_hidden()
    first, second, *_ = stage.called(incident)
    stage.answer(first, AssignmentState.RECEIVED, AssignmentState.ACCEPTED)
    stage.answer(second, AssignmentState.RECEIVED, AssignmentState.DECLINED, reason="看护孩子")
    expect(desk.locator("section.card")).to_contain_text("谢绝")
    folded = desk.locator("section.card details:not([open]) > summary")
    while folded.count():
        folded.first.click()
    desk.locator("section.card li.live button.name").first.click()
    desk.keyboard.press("1")
    in_both_languages(desk, axe, "taken, unfolded, a unit's card, one picked")


def test_a_plan_a_forced_wish_a_neighbour_and_an_exercise(
    desk: Page, stage: Stage, axe: str
) -> None:
    """Everything of a long night at once: strips, tiers, checklist, links, hatches, what ended."""
    first = stage.press("xizi-v24", Kind.MEDICAL)
    desk.locator(".banner").get_by_role("button", name="接手").click()
    expect(desk.locator(".banner")).to_be_hidden()
    lon, lat = stage.places["xizi-v24"]  # type: ignore[index]
    stage.move("xizi-v26", lon + 0.0001, lat)
    second = stage.press("xizi-v26", Kind.MEDICAL)
    desk.locator(".banner").get_by_role("button", name="接手").click()
    desk.locator(f"[data-key='{second}']").click()
    card = desk.locator("section.card")
    expect(card).to_contain_text("是同一起")
    card.get_by_role("button", name="全部 8 项").click()
    card.get_by_role("checkbox").first.click()
    card.get_by_role("button", name="停止呼叫").click()
    in_both_languages(desk, axe, "offered link, checklist, asking for a reason")

    stage.call_off("xizi-v24", DURESS_PIN)
    desk.locator(f"[data-key='{first}']").click()
    expect(card).to_contain_text("胁迫")
    in_both_languages(desk, axe, "duress")

    ask(desk, "communities/xizi/drills", {"name": "秋季演练"})
    drill = stage.press(NEAR_SCHOOL, drill=True)
    desk.locator(f"[data-key='{drill}']").click()
    expect(card).to_contain_text("演练：秋季演练")
    in_both_languages(desk, axe, "exercise, called")
    ask(desk, f"incidents/{drill}/close", {"disposition": "resolved"})
    expect(card).to_contain_text("已处置")
    in_both_languages(desk, axe, "exercise, ended")


def test_the_dialogs(desk: Page, stage: Stage, axe: str) -> None:
    """Opening by hand, closing, what has ended, opening again."""
    stage.press(NEAR_SCHOOL, Kind.HAZARD)
    stage.press("xizi-v20", Kind.DISPUTE)
    card = desk.locator("section.card")
    expect(card.get_by_role("button", name="结束事件")).to_be_visible()
    expect(desk.locator("[data-key]")).to_have_count(2)
    desk.keyboard.press("n")
    for choice in ("地图上点选", "网格", "单元"):
        desk.get_by_role("dialog").get_by_text(choice, exact=True).click()
        in_both_languages(desk, axe, f"open by hand, {choice}")
    desk.keyboard.press("Escape")

    card.get_by_role("button", name="结束事件").click()
    desk.get_by_role("dialog").get_by_role("combobox").first.select_option("duplicate")
    in_both_languages(desk, axe, "close")
    desk.get_by_role("dialog").get_by_role("combobox").first.select_option("resolved")
    desk.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    desk.get_by_role("button", name="已结束").click()
    in_both_languages(desk, axe, "ended")
    card.get_by_role("button", name="重新打开").click()
    in_both_languages(desk, axe, "reopen")


def test_every_dialog_about_an_incident(desk: Page, stage: Stage, axe: str) -> None:
    """Each as the card opens it, with what it shows once something is chosen."""
    stage.press("xizi-v20", Kind.DISPUTE)
    stage.press(NEAR_SCHOOL, Kind.MEDICAL)
    card, dialog = desk.locator("section.card"), desk.get_by_role("dialog")
    desk.locator(".banner").get_by_role("button", name="接手").click()
    expect(card.get_by_role("button", name="换预案")).to_be_enabled()
    for button, choice in (
        ("合并/关联", "input[name=into]"),
        ("换预案", ""),
        ("加叫", ""),
        ("移交 120 急救", ""),
        ("改类型或等级", "input[value=fire]"),
        ("更正位置", "input[value=grid]"),
        ("结束事件", "input[value=false_alarm]"),
    ):
        card.get_by_role("button", name=button, exact=True).click()
        if choice:
            dialog.locator(choice).first.check()
        if button == "换预案":
            dialog.get_by_role("combobox").select_option(index=4)
        in_both_languages(desk, axe, button)
        desk.keyboard.press("Escape")
    for button in ("交班", "演练"):
        desk.get_by_role("button", name=button, exact=True).click()
        in_both_languages(desk, axe, button)
        desk.keyboard.press("Escape")


def test_a_wish_to_call_it_off(desk: Page, stage: Stage, axe: str) -> None:
    """Plain, then forced; then what comes after the end."""
    stage.press(NEAR_SCHOOL, Kind.DISPUTE)
    card, dialog = desk.locator("section.card"), desk.get_by_role("dialog")
    card.get_by_role("button", name="接手").click()
    stage.call_off(NEAR_SCHOOL)
    card.get_by_role("button", name="答复", exact=True).click()
    dialog.locator("input[value=false]").check()
    in_both_languages(desk, axe, "wish")
    stage.call_off(NEAR_SCHOOL, DURESS_PIN)
    expect(dialog.get_by_role("alert")).to_be_visible()
    in_both_languages(desk, axe, "wish under duress")
    desk.keyboard.press("Escape")

    card.get_by_role("button", name="结束事件").click()
    in_both_languages(desk, axe, "closing with a wish unanswered")
    dialog.get_by_role("combobox").first.select_option("resolved")
    dialog.get_by_role("button", name="结束", exact=True).click()
    card.get_by_role("button", name="记回访").click()
    in_both_languages(desk, axe, "callback")


def test_trouble(page: Page, stage: Stage, axe: str) -> None:
    """The bars of a bad night: no storage, no radios."""
    start_shift(page, stage)
    stage.store("disk full")
    stage.broker("connection refused")
    expect(page.get_by_text("对讲机链路中断")).to_be_visible()

    in_both_languages(page, axe, "store and broker down")
