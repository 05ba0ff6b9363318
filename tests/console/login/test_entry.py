"""console/login/entry.py over HTTP: who comes in, who waits, and what the journal says of it."""

import asyncio
import base64
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import WSMsgType

from console.login.first import first_link
from console.login.guarding import COOKIE
from console.login.hashing import Hasher
from console.login.sessions import ABSOLUTE, IDLE
from console.stream import LOGGED_OUT
from dispatch.access import totp
from dispatch.access.attempts import place_of
from dispatch.access.facts import Ended, How, Why
from dispatch.access.totp import STEP_S
from dispatch.access.words import EVERYWHERE, Office
from dispatch.clock import SECOND
from dispatch.ids import OperatorName
from tests.console.login.place import PASSWORD, TOKEN, Browser, Place, open_place
from tests.console.samples import FIRST

DESK = "调度一席"
OPERATOR = (Office.OPERATOR, EVERYWHERE)


async def second_factor(place: Place, browser: Browser) -> tuple[bytes, list[str]]:
    """Set one; its secret and the recovery codes."""
    _, told = await browser.post("/api/v1/me/second-factor/begin", {"password": PASSWORD})
    secret = base64.b32decode(told["secret"] + "=" * (-len(told["secret"]) % 8))
    assert told["qr"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    status, codes = await browser.post("/api/v1/me/second-factor", {"code": number(place, secret)})
    assert status == 200, codes
    return secret, codes["codes"]


def number(place: Place, secret: bytes) -> str:
    """What the phone shows now."""
    return totp.code(secret, totp.step_of(place.time() // SECOND))


async def test_nobody_is_let_in_before_they_are_known(place: Place) -> None:
    """No default password, nothing to guess; the page itself and whether we live are open."""
    stranger = place.browser()

    assert (await stranger.get("/api/v1/snapshot"))[0] == 401
    assert (await stranger.get("/metrics"))[0] == 401
    assert (await stranger.get("/health"))[0] == 200
    door = (await stranger.get("/api/v1/login"))[1]
    assert (door["first"], door["authority"]) == (True, False)


async def test_the_first_link_opens_the_first_account_once(place: Place) -> None:
    """Whoever started the server follows it, chooses a name and a password, and is in."""
    link = (await first_link(place.login)).partition("=")[2]
    first, second = place.browser(), place.browser()

    status, me = await first.follow(link, name="王站长")

    assert (status, me["name"], me["by"]) == (200, "王站长", "session")
    assert me["rights"]["manage_settings"] == ["*"]
    assert me["rights"]["handle"] == ["*"]
    assert (await first.get("/api/v1/snapshot"))[0] == 200
    status, told = await second.follow(link, name="路人")
    assert (status, told["code"]) == (403, "bad_link")
    assert await first_link(place.login) == ""
    assert (await second.get("/api/v1/login"))[1]["first"] is False


async def test_a_link_runs_out_after_a_day(place: Place) -> None:
    """What was printed long ago opens nothing."""
    link = (await first_link(place.login)).partition("=")[2]
    place.time.wind(24 * 3600)

    status, told = await place.browser().follow(link, name="王站长")

    assert (status, told["code"]) == (403, "bad_link")


async def test_a_newer_link_voids_the_older_one(place: Place) -> None:
    """Whoever asks for another one lost the first."""
    old = (await first_link(place.login)).partition("=")[2]
    new = (await place.machine("/api/v1/links", {"account": ""}))[1]["path"].partition("=")[2]

    assert (await place.browser().follow(old, name="王站长"))[0] == 403
    assert (await place.browser().follow(new, name="王站长"))[0] == 200


async def test_a_password_that_others_guess_first_is_refused(place: Place) -> None:
    """And the link is still good."""
    link = (await first_link(place.login)).partition("=")[2]
    browser = place.browser()

    status, told = await browser.follow(link, password="13800138000", name="王站长")

    assert (status, told["code"], told["facts"]["why"]) == (422, "bad_password", "digits")
    assert (await browser.follow(link, name="王站长"))[0] == 200


async def test_a_login_lets_in_and_its_cookie_is_out_of_reach(place: Place) -> None:
    """No script reads it, no other site sends it."""
    await place.let_in(DESK, OPERATOR)
    browser = place.browser()

    async with browser.client.post(
        place.url("/api/v1/login"), json={"name": DESK, "password": PASSWORD}
    ) as answer:
        cookie = answer.headers["Set-Cookie"]

    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert (await browser.get("/api/v1/me"))[1]["name"] == DESK


async def test_a_hash_of_weaker_years_is_made_anew(place: Place) -> None:
    """When somebody logs in, and at no other time is their password known."""
    await place.let_in_by_hand(DESK, OPERATOR)
    weak = await Hasher(memory_kib=32).hash(PASSWORD)
    books = place.login.books
    books.note([], [replace(books.secret(OperatorName(DESK)), password=weak)])

    assert (await place.browser().log_in(DESK))[0] == 200

    assert "m=64," in books.secret(OperatorName(DESK)).password
    assert (await place.browser().log_in(DESK))[0] == 200


async def test_commands_are_by_whoever_is_logged_in(place: Place) -> None:
    """Whatever a page says of itself."""
    desk = await place.let_in(DESK, OPERATOR)

    status, _ = await desk.post(f"/api/v1/incidents/{FIRST}/take", {}, **{"X-Operator": "another"})

    assert status == 200
    assert [each.by for each in place.shell.asked] == [DESK]


@pytest.mark.parametrize("token", ["", "0" * 32, "ÿ"])
async def test_a_request_without_the_logins_own_token_changes_nothing(
    place: Place, token: str
) -> None:
    """Another site's form has the cookie at best, never this."""
    desk = await place.let_in(DESK, OPERATOR)
    desk.csrf = token

    status, told = await desk.post(f"/api/v1/incidents/{FIRST}/take")

    assert (status, told["code"]) == (403, "no_csrf")
    assert place.shell.asked == []


@pytest.mark.parametrize(("name", "password"), [(DESK, "wrong but long"), ("路人", PASSWORD)])
async def test_a_wrong_name_and_a_wrong_password_look_alike(
    place: Place, name: str, password: str
) -> None:
    """Nobody learns who works here by guessing."""
    await place.let_in(DESK, OPERATOR)

    status, told = await place.browser().log_in(name, password)

    assert (status, told["code"], told["facts"]) == (403, "wrong_login", {"tries_left": 4})


async def test_the_sixth_try_waits_and_is_told_how_long(place: Place) -> None:
    """Growing, fifteen minutes at most; the right password waits as well, then comes in."""
    await place.let_in(DESK, OPERATOR)
    browser = place.browser()
    for _ in range(5):
        assert (await browser.log_in(DESK, "wrong but long"))[0] == 403

    status, told = await browser.log_in(DESK)
    assert (status, told["code"], told["facts"]) == (429, "wait", {"wait_s": 5})
    for _ in range(12):
        place.time.wind(900)
        await browser.log_in(DESK, "wrong but long")
    place.time.wind(900)

    assert (await browser.log_in(DESK))[0] == 200


async def test_who_guesses_links_holds_up_nobody_who_has_a_password(place: Place) -> None:
    """And is slowed themselves."""
    await place.let_in(DESK, OPERATOR)
    guesser = place.browser()
    for _ in range(5):
        assert (await guesser.follow("x" * 20, name="路人"))[1]["code"] == "bad_link"

    assert (await guesser.follow("x" * 20, name="路人"))[1]["code"] == "wait"
    assert (await place.browser().log_in(DESK))[0] == 200


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_house_is_one_place(address: str, counted: str) -> None:
    """With IPv6 a guesser has more addresses than there are grains of sand."""
    assert place_of(address) == counted


async def test_an_administrator_lifts_a_wait(place: Place) -> None:
    """At the start of a shift nobody has a quarter of an hour."""
    admin = await place.administrator()
    await place.let_in(DESK, OPERATOR)
    browser = place.browser()
    for _ in range(5):
        await browser.log_in(DESK, "wrong but long")
    _, told = await admin.get("/api/v1/people")
    assert [each["wait_s"] for each in told["people"] if each["name"] == DESK] == [5]

    waits = [each["waits"] for each in told["people"] if each["name"] == DESK]
    assert [[each["wait_s"] for each in some] for some in waits] == [[5]]

    await admin.post(f"/api/v1/people/{DESK}/lift")

    _, told = await admin.get("/api/v1/people")
    assert [each["waits"] for each in told["people"] if each["name"] == DESK] == [[]]

    assert (await browser.log_in(DESK))[0] == 200
    assert [each.account for each in await place.facts("WaitLifted")] == [DESK]


async def test_refusals_are_noted_once_a_minute_and_no_strange_name(place: Place) -> None:
    """Somebody may have typed a password into the field for the name."""
    await place.let_in(DESK, OPERATOR)
    browser = place.browser()
    for _ in range(3):
        await browser.log_in(DESK, "wrong but long")
    await browser.log_in("my-password-by-mistake", "x")

    refused = await place.facts("LoginRefused")

    assert [(each.account, each.why, each.times) for each in refused] == [
        (DESK, Why.PASSWORD, 1),
        ("", Why.UNKNOWN, 1),
    ]
    assert refused[0].address is not None


async def test_logins_go_on_after_a_restart(tmp_path: Path) -> None:
    """A server that was killed in the night asks nobody for a password at the worst moment."""
    async with open_place(tmp_path) as place:
        desk = await place.let_in(DESK, OPERATOR)
        cookie = desk.cookie
    async with open_place(tmp_path) as place:
        again = place.browser()
        again.client.cookie_jar.update_cookies({COOKIE: cookie})

        status, me = await again.get("/api/v1/me")

        assert (status, me["name"]) == (200, DESK)
        again.csrf = me["csrf"]
        assert (await again.post("/api/v1/logout"))[0] == 200


async def test_a_login_ends_when_its_time_is_up(place: Place) -> None:
    """Twelve hours at most, eight without anybody doing anything."""
    desk = await place.let_in(DESK, OPERATOR)
    place.time.wind(IDLE / SECOND - 60)
    assert (await desk.get("/api/v1/me"))[0] == 200

    place.time.wind((ABSOLUTE - IDLE) / SECOND + 60)

    assert (await desk.get("/api/v1/me"))[0] == 401


async def test_whoever_does_nothing_for_eight_hours_is_out(place: Place) -> None:
    """A phone in a drawer is not a way in."""
    desk = await place.let_in(DESK, OPERATOR)

    place.time.wind(IDLE / SECOND)

    assert (await desk.get("/api/v1/me"))[0] == 401


async def test_a_console_with_an_open_stream_is_not_idle(place: Place) -> None:
    """A quiet night logs nobody out of the alarm console."""
    desk = await place.let_in(DESK, OPERATOR)

    async with desk.client.ws_connect(place.url("/api/v1/stream")):
        place.time.wind(IDLE / SECOND + 60)
        place.login.books.sweep()
        assert (await desk.get("/api/v1/me"))[0] == 200


async def test_logging_out_is_at_once_and_for_good(place: Place) -> None:
    """The same cookie opens nothing any more, and the open stream ends."""
    desk = await place.let_in(DESK, OPERATOR)
    async with desk.client.ws_connect(place.url("/api/v1/stream")) as stream:
        await stream.receive(timeout=5.0)
        cookies = {COOKIE: desk.cookie}

        await desk.post("/api/v1/logout")

        while (message := await stream.receive(timeout=5.0)).type is not WSMsgType.CLOSE:
            pass
    desk.client.cookie_jar.update_cookies(cookies)
    assert message.data == LOGGED_OUT
    assert (await desk.get("/api/v1/me"))[0] == 401
    assert [each.why for each in await place.facts("LoggedOut")] == [Ended.LOGOUT]


async def test_logging_in_anew_leaves_the_login_that_this_browser_had(place: Place) -> None:
    """Nobody could end it from its desk any more; logins elsewhere go on."""
    desk, elsewhere = await place.let_in(DESK, OPERATOR), place.browser()
    await elsewhere.log_in(DESK)
    former = {COOKIE: desk.cookie}

    assert (await desk.log_in(DESK))[0] == 200

    assert (await desk.get("/api/v1/me"))[0] == 200
    assert (await elsewhere.get("/api/v1/me"))[0] == 200
    thief = place.browser()
    thief.client.cookie_jar.update_cookies(former)
    assert (await thief.get("/api/v1/me"))[0] == 401


async def test_another_password_ends_every_other_login(place: Place) -> None:
    """Whoever had the old one is out; who changed it goes on."""
    here = await place.let_in(DESK, OPERATOR)
    there = place.browser()
    await there.log_in(DESK)

    status, _ = await here.post(
        "/api/v1/me/password", {"old": PASSWORD, "new": "另一个很长的口令 2026"}
    )

    assert status == 200
    assert (await here.get("/api/v1/me"))[0] == 200
    assert (await there.get("/api/v1/me"))[0] == 401
    assert (await there.log_in(DESK))[0] == 403
    assert (await there.log_in(DESK, "另一个很长的口令 2026"))[0] == 200


async def test_a_second_factor_is_asked_for_once_it_was_confirmed(place: Place) -> None:
    """The password alone is then half of the way; each number counts once."""
    desk = await place.let_in(DESK, OPERATOR)
    secret, _ = await second_factor(place, desk)
    browser = place.browser()
    used = number(place, secret)

    assert (await browser.log_in(DESK))[1]["code"] == "code_needed"
    assert (await browser.log_in(DESK, code=used))[1]["code"] == "wrong_login"  # it set the factor
    place.time.wind(STEP_S)
    assert (await browser.log_in(DESK, code=number(place, secret)))[0] == 200
    assert (await browser.log_in(DESK, code=number(place, secret)))[0] == 403
    assert (await place.facts("LoggedIn"))[-1].how is How.PASSWORD_AND_CODE


async def test_a_link_stands_for_the_password_and_not_for_the_phone(place: Place) -> None:
    """Whoever finds a link in somebody's messages is half in; the other half is as ever."""
    admin = await place.administrator()
    desk = await place.let_in(DESK, OPERATOR)
    secret, _ = await second_factor(place, desk)
    _, made = await admin.post(f"/api/v1/people/{DESK}/link")
    link, fresh = made["path"].partition("=")[2], "另一个很长的口令 2026"
    browser = place.browser()

    status, told = await browser.follow(link, fresh)

    assert (status, told["code"]) == (403, "code_needed")
    assert (await browser.get("/api/v1/me"))[0] == 401
    assert (await desk.get("/api/v1/me"))[0] == 401  # as with any other password
    assert (await browser.follow(link, fresh))[1]["code"] == "bad_link"
    assert (await browser.log_in(DESK, fresh))[1]["code"] == "code_needed"
    place.time.wind(STEP_S)
    assert (await browser.log_in(DESK, fresh, number(place, secret)))[0] == 200
    assert (await place.facts("LoggedIn"))[-1].how is How.PASSWORD_AND_CODE
    assert (await place.facts("PasswordChanged"))[-1].by_link


async def test_numbers_cannot_be_tried_without_end(place: Place) -> None:
    """Whoever has the password meets the same waits, also if they ask without one in between."""
    desk = await place.let_in(DESK, OPERATOR)
    await second_factor(place, desk)
    browser = place.browser()

    told = [
        (await browser.log_in(DESK, code=code))[1]["code"]
        for code in ("000000", "", "000001", "", "000002", "000003")
    ]

    assert told[-1] == "wait"


async def test_a_recovery_code_opens_once(place: Place) -> None:
    """For the day the phone fell into the lake; however it is written."""
    desk = await place.let_in(DESK, OPERATOR)
    _, codes = await second_factor(place, desk)
    browser = place.browser()

    assert (await browser.log_in(DESK, code=codes[0].upper().replace("-", " ")))[0] == 200
    assert browser.me["recovery_codes"] == 7
    assert (await browser.log_in(DESK, code=codes[0]))[0] == 403
    assert (await place.facts("LoggedIn"))[-1].how is How.PASSWORD_AND_RECOVERY


async def test_a_factor_is_not_set_by_a_wrong_number_or_too_late(place: Place) -> None:
    """Or somebody would lock themselves out with a phone that shows something else."""
    desk = await place.let_in(DESK, OPERATOR)

    assert (await desk.post("/api/v1/me/second-factor", {"code": "123456"}))[0] == 422
    await desk.post("/api/v1/me/second-factor/begin", {"password": PASSWORD})
    for _ in range(6):  # as often as one mistypes: no try is counted, and none is said to be left
        status, told = await desk.post("/api/v1/me/second-factor", {"code": "12345"})
        assert (status, told["code"], told["facts"]) == (403, "wrong_login", {})
    assert (await place.browser().log_in(DESK))[0] == 200


async def test_what_is_grave_asks_for_the_password_again(place: Place) -> None:
    """A page left open at lunch is not enough."""
    desk = await place.let_in(DESK, OPERATOR)
    token = {"label": "报表", "rights": ["see_situation"], "days": 30}
    wrong = {"password": "wrong but long"}

    for path, body in (
        ("second-factor/begin", wrong),
        ("second-factor/remove", wrong),
        ("recovery", wrong),
        ("tokens", token | wrong),
    ):
        assert (await desk.post(f"/api/v1/me/{path}", body))[1]["code"] == "wrong_login", path


async def test_a_token_may_what_it_was_made_for_until_it_is_revoked(place: Place) -> None:
    """A program reads; it neither handles nor looks after people, and is told once."""
    desk = await place.let_in(DESK, OPERATOR)
    wanted = {"label": "报表", "rights": ["see_situation"], "days": 30, "password": PASSWORD}
    _, made = await desk.post("/api/v1/me/tokens", wanted)
    headers = {"Authorization": f"Bearer {made['token']}"}
    program = place.browser()

    assert (await program.get("/api/v1/snapshot", headers=headers))[0] == 200
    take = f"/api/v1/incidents/{FIRST}/take"
    assert (await program.post(take, {}, **headers))[1]["code"] == "no_right"
    assert (await program.post("/api/v1/me/password", {"old": "", "new": ""}, **headers))[0] == 403
    assert made["token"] not in str(await desk.get("/api/v1/me"))
    await desk.post(f"/api/v1/me/tokens/{made['id']}/revoke")
    assert (await program.get("/api/v1/snapshot", headers=headers))[0] == 401


async def test_a_token_runs_out(place: Place) -> None:
    """What is forgotten ends by itself."""
    desk = await place.let_in(DESK, OPERATOR)
    wanted = {"label": "报表", "rights": ["see_situation"], "days": 1, "password": PASSWORD}
    _, made = await desk.post("/api/v1/me/tokens", wanted)
    place.time.wind(24 * 3600)

    headers = {"Authorization": f"Bearer {made['token']}"}
    assert (await place.browser().get("/api/v1/snapshot", headers=headers))[0] == 401


async def test_the_machines_token_opens_everything_from_here(place: Place) -> None:
    """For `yihu watch` and `yihu link`; the audit says who it was."""
    status, me = await place.machine("/api/v1/me")

    assert (status, me["name"], me["by"]) == (200, "this machine", "machine")
    stranger = place.browser()
    for wrong in ("Bearer ", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x"):
        assert (await stranger.get("/api/v1/me", headers={"Authorization": wrong}))[0] == 401


async def test_a_flood_of_logins_holds_up_nobody_else(place: Place) -> None:
    """Hashing waits in a line with an end; who is in goes on meanwhile."""
    desk = await place.let_in(DESK, OPERATOR)
    browsers = [place.browser() for _ in range(40)]

    flood = [
        asyncio.create_task(each.log_in(f"u{number}", "wrong but long"))
        for number, each in enumerate(browsers)
    ]
    assert (await desk.get("/api/v1/snapshot"))[0] == 200
    told = [code["code"] for _, code in await asyncio.gather(*flood)]

    assert set(told) <= {"wrong_login", "busy", "wait"}


async def test_a_password_is_no_community_with_a_date(place: Place) -> None:
    """Everybody who works there would guess it."""
    desk = await place.let_in(DESK, OPERATOR)

    asked = {"old": PASSWORD, "new": "Xizi20261122"}
    status, told = await desk.post("/api/v1/me/password", asked)

    assert (status, told["code"], told["facts"]["why"]) == (422, "bad_password", "name")
