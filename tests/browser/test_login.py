"""Logging in, in a real browser: the first time, wrongly, with a phone, and again over the page."""

import base64
import json
import re
import time
import urllib.request
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dispatch.access import totp
from dispatch.access.accounts import Held
from dispatch.access.words import EVERYWHERE, Office
from dispatch.ids import CommunityId
from tests.browser.conftest import OPERATOR, Faults, log_in, start_shift
from tests.browser.stage import COMMUNITY, Stage
from tests.dispatch.tls.certificates import shown
from tests.system import PASSWORD

SENDER = "xizi-v08"


def number(spelled: str, *, later_s: int = 0) -> str:
    """What the phone shows."""
    secret = base64.b32decode(spelled + "=" * (-len(spelled) % 8))
    return totp.code(secret, totp.step_of(int(time.time()) + later_s))


def test_the_first_link_leads_to_the_console(page: Page, stage: Stage, faults: Faults) -> None:
    """From what the server printed to a picture of the community, in one page."""
    faults.expected = ("422",)
    page.goto(stage.url)
    expect(page.get_by_text("这里还没有账号")).to_be_visible()

    page.goto("about:blank")
    page.goto(stage.url.rstrip("/") + stage.first_link())
    assert "#" not in page.url  # it stays in no history
    page.locator("input[name=operator]").fill("王站长")
    page.locator("input[name=password]").fill("1380013800013800")
    page.locator("input[name=twice]").fill("1380013800013800")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="只有数字")).to_be_visible()
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=twice]").fill(PASSWORD)
    page.keyboard.press("Enter")

    page.get_by_text("已连接").wait_for()
    expect(page.get_by_text("调度员 王站长")).to_be_visible()
    page.reload()
    page.get_by_text("已连接").wait_for()


def test_six_wrong_passwords_are_told_to_wait(page: Page, stage: Stage, faults: Faults) -> None:
    """With how long, and who can help."""
    faults.expected = ("403", "429")
    stage.let_in(OPERATOR)
    page.goto(stage.url)

    for left in ("不对。", "再错 3 次", "再错 2 次", "再错 1 次", "不对。"):
        log_in(page, password="wrong but long")
        expect(page.get_by_role("alert").filter(has_text=left)).to_be_visible()
        expect(page.get_by_role("button", name="登录并试音")).to_be_enabled()
    log_in(page)

    expect(page.get_by_role("alert").filter(has_text="请等")).to_contain_text("秒")


def test_a_phone_is_set_and_asked_for(page: Page, stage: Stage, faults: Faults) -> None:
    """By the key that the QR code holds; the next login asks for its number."""
    faults.expected = ("403",)
    start_shift(page, stage)
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    page.locator("input[name=again]").fill(PASSWORD)
    page.get_by_role("button", name="启用").click()
    expect(page.locator("img.qr")).to_be_visible()
    page.wait_for_function(
        "() => document.querySelector('img.qr').naturalWidth > 100"
    )  # it is drawn
    spelled = page.locator(".secret").first.inner_text()
    page.locator("input[name=factor]").fill(number(spelled))
    page.get_by_role("button", name="确认").click()
    expect(page.get_by_text("已启用，还有 8 个恢复码。")).to_be_visible()
    expect(page.locator("ul.secret li")).to_have_count(8)

    page.get_by_role("button", name="退出登录（换班）").click()
    log_in(page)
    page.locator("input[name=code]").fill(number(spelled, later_s=totp.STEP_S))
    page.keyboard.press("Enter")

    page.get_by_text("已连接").wait_for()


def test_a_link_leads_on_to_the_phone(
    page: Page, stage: Stage, context: BrowserContext, faults: Faults
) -> None:
    """The link set the password; the login says why it asks for more, with the name filled in."""
    faults.expected = ("403", "401", "WebSocket")
    start_shift(page, stage)
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    page.locator("input[name=again]").fill(PASSWORD)
    page.get_by_role("button", name="启用").click()
    spelled = page.locator(".secret").first.inner_text()
    page.locator("input[name=factor]").fill(number(spelled))
    page.get_by_role("button", name="确认").click()
    page.get_by_text("已启用，还有 8 个恢复码。").wait_for()
    page.get_by_role("button", name="人员").click()
    page.get_by_role("button", name=OPERATOR, exact=True).click()
    page.get_by_role("button", name="重置口令（一次性链接）").click()
    link = page.locator(".secret").inner_text()

    other = context.new_page()
    other.goto(link)
    fresh = "另一个很长的口令 2026"
    other.locator("input[name=password]").fill(fresh)
    other.locator("input[name=twice]").fill(fresh)
    other.keyboard.press("Enter")

    expect(other.get_by_text("链接不能代替它")).to_be_visible()
    expect(other.locator("input[name=operator]")).to_have_value(OPERATOR)
    expect(other.locator("input[name=password]")).to_be_focused()
    other.locator("input[name=password]").fill(fresh)
    other.locator("input[name=code]").fill(number(spelled, later_s=totp.STEP_S))
    other.keyboard.press("Enter")
    other.get_by_text("已连接").wait_for()


def test_a_login_ended_elsewhere_is_renewed_over_the_page(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """What was being written stays, and goes on under the same name."""
    faults.expected = ("401", "WebSocket")
    start_shift(page, stage)
    stage.press(SENDER)
    page.locator(".banner").get_by_role("button", name="接手").click()
    page.locator("#note").fill("家属说他带着药")

    stage.end_logins(OPERATOR)

    expect(page.get_by_role("dialog", name="登录已结束")).to_be_visible()
    assert page.locator("#note").input_value() == "家属说他带着药"
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="登录已结束")).to_have_count(0)
    page.get_by_text("已连接").wait_for()
    page.locator("#note").press("Enter")
    expect(page.locator("section.card")).to_contain_text("家属说他带着药")
    expect(page.locator("#note")).to_have_value("")


def test_a_console_whose_login_ended_says_loudly_that_it_is_deaf(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """No alarm reaches a page without a login: title, bar, dialog and a knock say so, and nothing
    claims to connect again by itself. What came meanwhile rings once somebody is back."""
    faults.expected = ("401", "WebSocket")
    start_shift(page, stage)
    page.wait_for_function("() => window.tones.length >= 2")  # of the test
    page.evaluate("window.tones.length = 0")

    stage.end_logins(OPERATOR)

    expect(page).to_have_title("已退出登录：这里收不到报警")
    page.wait_for_function("() => window.tones.includes(140)")  # of trouble
    dialog = page.get_by_role("dialog", name="登录已结束")
    expect(dialog.get_by_role("alert").first).to_have_text("已退出登录：这里收不到报警")
    expect(page.locator(".bars")).to_contain_text("已退出登录：这里收不到报警。以下都是")
    expect(page.get_by_text("重新连接")).to_have_count(0)
    expect(page.get_by_text("失去连接")).to_have_count(0)

    stage.press(SENDER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.locator(".banner")).to_be_visible()
    expect(page).to_have_title(re.compile("求救"))
    expect(page.locator(".bars")).not_to_contain_text("已退出登录")
    page.wait_for_function("() => window.tones.includes(800)")


def test_a_login_in_another_window_brings_the_console_back(
    page: Page, context: BrowserContext, stage: Stage, faults: Faults
) -> None:
    """Two windows of one desk: neither stays deaf because somebody typed into the other."""
    faults.expected = ("401", "WebSocket")
    start_shift(page, stage)
    stage.end_logins(OPERATOR)
    page.get_by_role("dialog", name="登录已结束").wait_for()

    other = context.new_page()
    other.goto(stage.url)
    expect(other).to_have_title("没有登录：这里收不到报警")
    log_in(other)
    other.get_by_text("已连接").wait_for()

    expect(page.get_by_role("dialog", name="登录已结束")).to_have_count(0)
    page.get_by_text("已连接").wait_for()


def test_an_administrator_lets_somebody_in(
    page: Page, stage: Stage, context: BrowserContext, faults: Faults
) -> None:
    """A link on the screen, followed in another window; and the audit knows."""
    faults.expected = ()
    start_shift(page, stage)
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    page.get_by_role("button", name="人员").click()
    page.locator("input[name=person]").fill("调度二席")
    expect(page.get_by_role("button", name="新增并生成链接")).to_be_disabled()
    expect(page.get_by_label("范围").first).to_have_value("")
    page.get_by_label("范围").first.select_option("*")
    page.get_by_role("button", name="新增并生成链接").click()
    link = page.locator(".secret").inner_text()
    page.get_by_role("button", name="审计").click()
    expect(page.locator("tbody tr").filter(has_text="新增账号").first).to_contain_text("调度二席")

    browser = context.browser
    assert browser is not None
    other = browser.new_context(locale="zh-CN").new_page()
    other.goto(link)
    expect(other.get_by_text("为账号“调度二席”设置口令")).to_be_visible()
    other.locator("input[name=password]").fill(PASSWORD)
    other.locator("input[name=twice]").fill(PASSWORD)
    other.keyboard.press("Enter")
    other.get_by_text("已连接").wait_for()
    other.context.close()


def test_an_alarm_is_seen_and_answered_from_the_account_page(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """It rang there, and nothing showed for what."""
    start_shift(page, stage)
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    office = page.get_by_role("dialog", name="账号")
    office.get_by_role("heading", name="修改口令").wait_for()

    stage.press(SENDER)

    expect(office.locator(".banner")).to_contain_text("求救")
    office.locator(".banner").get_by_role("button", name="接手").click()
    expect(office).to_have_count(0)
    expect(page.locator(".banner")).to_have_count(0)
    expect(page.locator("section.card")).to_contain_text("求救")


def test_who_may_see_the_situation_no_more_is_told_so(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """A page that is another one from one moment to the next would be taken for a fault."""
    faults.expected = ("403", "WebSocket connection")
    stage.let_in("管理二席")
    start_shift(page, stage)
    taken = {"give": [], "take": [{"office": "operator", "where": "*"}]}
    request = urllib.request.Request(
        f"{stage.url}api/v1/people/{quote(OPERATOR)}/offices",
        data=json.dumps(taken).encode(),
        headers={**stage.headers("管理二席"), "Content-Type": "application/json"},
    )

    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200

    said = page.get_by_role("alert").filter(has_text="您查看调度情况的权限刚刚被撤去")
    expect(said).to_be_visible(timeout=20_000)
    page.get_by_role("dialog").get_by_role("button", name="English").click()
    expect(page.get_by_role("alert").filter(has_text="was just taken away")).to_be_visible()
    page.reload()
    page.get_by_role("dialog").get_by_role("heading").first.wait_for()
    expect(said).to_have_count(0)


def test_who_takes_their_own_office_is_asked_first(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """Only somebody else could give it back. What is another person's is done at once."""
    faults.expected = ("403",)
    stage.let_in("管理二席")
    start_shift(page, stage)
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    page.get_by_role("button", name="人员").click()

    def offices(name: str) -> set[Office]:
        account = stage.login.books.access.find(name)
        assert account is not None
        return {office for office, _ in account.offices}

    def take(name: str, office: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()
        page.get_by_label("职务").last.select_option(office)
        page.get_by_label("范围").last.select_option("*")
        page.get_by_role("button", name="撤去", exact=True).click()

    take("管理二席", "operator")
    expect(page.get_by_role("status").filter(has_text="已完成")).to_be_visible()
    assert offices("管理二席") == {Office.ADMINISTRATOR}

    take(OPERATOR, "administrator")
    asked = page.get_by_role("alert").filter(has_text="这是您自己的职务：管理员 · 所有社区")
    expect(asked).to_contain_text("最后一个能管理人员的职务")
    page.get_by_role("button", name="保留").click()
    expect(asked).to_have_count(0)
    assert Office.ADMINISTRATOR in offices(OPERATOR)

    page.get_by_role("button", name="停用", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="这是您自己的账号")).to_be_visible()
    page.get_by_role("button", name="保留").click()

    page.get_by_role("button", name="撤去", exact=True).click()
    page.get_by_role("button", name="仍然撤去").click()
    expect(page.locator(".said").filter(has_text="没有做这件事的权限")).to_be_visible()
    assert offices(OPERATOR) == {Office.OPERATOR}


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_beside_the_console_is_wider_than_a_phone(
    page: Page, stage: Stage, faults: Faults, width: int
) -> None:
    """An administrator is called at night, and has the phone."""
    faults.expected = ("No map visible",)  # the console itself needs a screen
    stage.let_in("一位名字很长很长的调度员甲乙丙丁戊己庚辛壬癸")
    start_shift(page, stage)
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()
    page.set_viewport_size({"width": width, "height": 800})
    page.locator("input[name=again]").fill(PASSWORD)
    page.get_by_role("button", name="启用").click()
    page.locator("img.qr").wait_for()

    for tab, there in (
        ("我的账号", ".choices"),
        ("人员", "input[name=person]"),
        ("审计", "tbody tr"),
    ):
        page.get_by_role("button", name=tab, exact=True).click()
        page.locator(there).first.wait_for()
        if tab == "人员":
            page.get_by_role("button", name=OPERATOR, exact=True).click()
            page.get_by_role("button", name="停用").wait_for()
        for language in ("English", "中文"):
            page.get_by_role("button", name=language).last.click()
            wide = page.evaluate(
                "[document.documentElement, document.querySelector('.room')]"
                ".map((each) => each.scrollWidth)"
            )
            assert wide == [width, width], (tab, language)


def test_what_a_token_may_do_is_ticked_beside_its_words(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """A box over or between two rights would be ticked for the wrong one."""
    start_shift(page, stage)
    page.get_by_role("button", name=f"调度员 {OPERATOR}").click()

    choices = page.locator(".choices label")
    choices.first.wait_for()

    assert choices.count() > 10
    for label in choices.all():
        row, box = label.bounding_box(), label.locator("input").bounding_box()
        assert row is not None
        assert box is not None
        assert box["x"] - row["x"] < 2
        assert abs(box["y"] + box["height"] / 2 - row["y"] - row["height"] / 2) < 3


def test_an_auditor_sees_the_audit_and_no_map(page: Page, stage: Stage, faults: Faults) -> None:
    """No stream is asked for, and what they may not do is not on the page; asked for all the same,
    it is in the audit."""
    faults.expected = ("403",)
    stage.let_in("审计", (Office.AUDITOR, EVERYWHERE))
    page.goto(stage.url)
    log_in(page, "审计")

    page.get_by_role("button", name="审计", exact=True).wait_for()
    denied = page.evaluate("fetch('api/v1/people').then(({ status }) => status)")
    assert len(stage.facts("RequestDenied")) == 1  # on disk: it was noted, and not waited for
    page.get_by_role("button", name="审计", exact=True).click()

    assert denied == 403
    expect(page.locator("tbody tr").filter(has_text="登录").first).to_be_visible()
    row = page.locator("tbody tr").filter(has_text="越权请求被拒")
    expect(row).to_contain_text("请求 GET /api/v1/people · 没有权限 管理人员")
    expect(page.get_by_role("button", name="回到调度")).to_have_count(0)
    expect(page.get_by_role("button", name="人员")).to_have_count(0)


@pytest.mark.parametrize(
    "held",
    [
        [(Office.MANAGER, EVERYWHERE)],
        [(Office.MANAGER, COMMUNITY), (Office.OPERATOR, CommunityId("elsewhere"))],
    ],
    ids=["manager", "operator elsewhere"],
)
def test_who_may_only_look_on_here_is_offered_nothing_else(
    page: Page, stage: Stage, faults: Faults, held: list[Held]
) -> None:
    """They see the alarm, and it rings until they heard it; taking it is an operator's."""
    stage.let_in("主任", *held)
    page.goto(stage.url)
    log_in(page, "主任")
    page.get_by_text("已连接").wait_for()

    stage.press(SENDER)

    card = page.locator("section.card")
    expect(card).to_contain_text("您在这个社区只能查看")
    taking = page.locator(".banner, section.card").get_by_role("button", name="接手")
    expect(taking).to_have_count(0)
    expect(page.locator("#note")).to_have_count(0)
    expect(page.get_by_role("button", name="手动立案")).to_have_count(0)
    expect(page.get_by_role("button", name="演示")).to_have_count(0)
    expect(card.get_by_role("button", name="导出")).to_have_count(1)
    page.locator(".banner").get_by_role("button", name="知道了").click()
    expect(page.locator(".banner")).to_have_count(0)
    expect(card).to_contain_text("无人接手")


def test_who_is_warned_by_the_browser_finds_the_centres_own_authority(
    page: Page, stage: Stage, faults: Faults
) -> None:
    """On the page to log in, before anybody is known; where none was made, nothing is offered."""
    del faults
    link = page.get_by_role("link", name="给这台设备安装本中心的根证书")
    stage.let_in(OPERATOR)
    page.goto(stage.url)
    expect(page.get_by_text("忘了口令")).to_be_visible()
    expect(link).to_have_count(0)

    shown(stage.data_dir)
    page.reload()
    link.click()

    expect(page.get_by_role("heading", name="安装本中心的根证书")).to_be_visible()
