"""Who withdrew a consent has what was promised, whatever broke off between word and deed."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.login.consent_states import uncalled
from console.login.promises import keep_all, keep_promises
from dispatch.access.words import Office
from dispatch.clock import DAY, HOUR, MINUTE, SECOND
from dispatch.errors import StoreDownError
from dispatch.gateways.book import load_book, radio_contact
from dispatch.gateways.forgetting import Numbers
from dispatch.ids import CommunityId, OperatorName, RadioId, UnitId
from dispatch.privacy.consent import ConsentFor
from dispatch.store.sql import SqlStore
from tests.console.builders import NOON
from tests.console.login.place import Browser, Place, open_place
from tests.dispatch.store.past import fixes
from tests.withdrawing import FIXES, kill_between, withdrawn

XIZI = CommunityId("xizi")
BEARER, R01 = OperatorName("李雷"), UnitId("r01")
NUMBER = "+8610000000011"
GATEWAYS = f"""\
[[gateways]]
name = "sms"
kind = "sms"
url = "json://127.0.0.1:9/{{phone}}"
after_s = 1

[contacts.r01]
phone = "{NUMBER}"
"""


async def bearer(place: Place) -> Browser:
    """Of r01, whose track of some seconds is on disk."""
    browser = await place.let_in(BEARER, (Office.LEADER, XIZI), unit="r01")
    place.store.submit_fixes(fixes(unit="r01", start=NOON, count=5), [])
    place.store.erase_fixes(UnitId("nobody"), from_t=0, to_t=NOON)  # behind them: they are on disk
    assert len(track(place)) == 5
    return browser


def track(place: Place) -> list[int]:
    """When the history has r01."""
    found = place.store.track(R01, from_t=NOON - HOUR, to_t=NOON + HOUR, fixes_max=1_000)
    return [t for t, *_ in found.fixes]


def gateway_file(folder: Path) -> Path:
    """With the number of r01's bearer."""
    file = folder / "gateways.toml"
    file.write_text(GATEWAYS, encoding="utf-8")
    file.chmod(0o600)
    return file


def on_disk(folder: Path) -> bytes:
    """All that the database has."""
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


async def test_a_hub_killed_between_word_and_deed_does_it_at_its_next_start(
    tmp_path: Path,
) -> None:
    """The withdrawal was on disk, and the process gone; nobody asks a second time."""
    home = tmp_path / "data"
    kill_between(home, BEARER, R01)
    file = gateway_file(tmp_path)
    now = time.time_ns() // 1000
    async with open_place(home, numbers=Numbers(load_book(file))) as place:
        place.time.t = now
        span = {"from_t": now - HOUR, "to_t": now + HOUR, "fixes_max": 1_000}
        assert len(place.store.track(R01, **span).fixes) == FIXES

        assert await keep_all(place.login)

        assert place.store.track(R01, **span).fixes == ()
        (erased,) = await place.facts("TrackErased")
        assert (erased.unit, erased.by) == (R01, BEARER)
        (told,) = await place.facts("NumberErased")
        assert (told.unit, told.count, told.by) == (R01, 1, BEARER)
        assert NUMBER not in file.read_text(encoding="utf-8")


async def test_where_all_is_done_nothing_is_told_again(place: Place) -> None:
    """Each start and each day looks; the journal is not filled with it."""
    browser = await bearer(place)
    for text in ("place", "call"):
        await browser.post(f"/api/v1/me/consents/{text}/withdraw")
    before = [len(await place.facts(name)) for name in ("TrackErased", "NumberErased")]

    assert await keep_all(place.login)

    assert [len(await place.facts(name)) for name in ("TrackErased", "NumberErased")] == before
    assert before == [1, 1]


async def test_what_was_withdrawn_goes_also_where_they_consented_again(place: Place) -> None:
    """What they consent to now begins now."""
    browser = await bearer(place)
    access = place.login.books.access
    t = NOON + 2 * SECOND
    fact = withdrawn(BEARER, R01, ConsentFor.PLACE, t)
    place.time.t = t + SECOND
    await place.login.books.change(lambda: ([fact], []))
    status, _ = await browser.post("/api/v1/me/consents/place/give", {"version": 1})
    assert status == 200

    assert await keep_all(place.login)

    assert track(place) == [NOON + 3 * SECOND, NOON + 4 * SECOND]
    account = access.find(BEARER)
    assert account is not None
    assert not account.withdrew(ConsentFor.PLACE)


async def test_a_store_that_is_down_is_asked_again_an_hour_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that is not, a day later."""
    await bearer(place)
    place.time.t = NOON + MINUTE
    fact = withdrawn(BEARER, R01, ConsentFor.PLACE, place.time())
    await place.login.books.change(lambda: ([fact], []))
    pauses: list[float] = []

    def down(*_: object, **__: object) -> int:
        raise StoreDownError("disk full")

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        monkeypatch.undo()
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(SqlStore, "erase_tracks", down)
    with pytest.raises(KeyboardInterrupt):
        await keep_promises(place.login, pause=pause)

    assert pauses == [HOUR / SECOND, DAY / SECOND]
    assert track(place) == []


@pytest.fixture(name="numbered")
def with_numbers(tmp_path: Path) -> Callable[[], Any]:
    """A server whose gateways' file has the number of r01's bearer."""
    return lambda: open_place(tmp_path / "data", numbers=Numbers(load_book(gateway_file(tmp_path))))


async def test_withdrawing_the_phone_takes_the_number_out_of_file_and_database(
    numbered: Callable[[], Any], tmp_path: Path
) -> None:
    """Told with how many values went; the number itself stands nowhere."""
    async with numbered() as place:
        browser = await bearer(place)
        await browser.post("/api/v1/me/consents/call/give", {"version": 1})

        status, _ = await browser.post("/api/v1/me/consents/call/withdraw")

        assert status == 200
        (told,) = await place.facts("NumberErased")
        assert (told.account, told.unit, told.count, told.by) == (BEARER, R01, 1, BEARER)
        assert track(place) != [], "each thing apart"
    assert NUMBER.encode() not in on_disk(tmp_path)


async def test_a_number_that_was_written_in_again_goes_at_the_next_start(
    numbered: Callable[[], Any], tmp_path: Path
) -> None:
    """A manager did not know: nobody is called by it, and it goes as before."""
    async with numbered() as place:
        browser = await bearer(place)
        await browser.post("/api/v1/me/consents/call/withdraw")
    async with numbered() as place:
        assert uncalled(place.login.books.access) == {RadioId("r01")}
        assert NUMBER.encode() in on_disk(tmp_path)

        assert await keep_all(place.login)

        assert len(await place.facts("NumberErased")) == 2
        assert NUMBER.encode() not in on_disk(tmp_path)


async def test_the_number_of_the_next_bearer_is_theirs(
    numbered: Callable[[], Any], tmp_path: Path
) -> None:
    """What was promised was done before: what stands there now is another's."""
    async with numbered() as place:
        browser = await bearer(place)
        await browser.post("/api/v1/me/consents/call/withdraw")
        manager = await place.let_in("王芳", (Office.MANAGER, XIZI))
        await manager.post(f"/api/v1/people/{BEARER}/unit", {"unit": None})
        await place.let_in("韩梅", (Office.LEADER, XIZI), unit="r01")
        assert uncalled(place.login.books.access) == frozenset()
    async with numbered() as place:
        assert await keep_all(place.login)

    assert NUMBER in (tmp_path / "gateways.toml").read_text(encoding="utf-8")


async def test_a_file_that_cannot_be_written_holds_nobody_up(
    numbered: Callable[[], Any], tmp_path: Path
) -> None:
    """Withdrawn is withdrawn: they are called no more, and what is left to do is said."""
    async with numbered() as place:
        browser = await bearer(place)
        (tmp_path / ".gateways.toml.part").mkdir()

        status, _ = await browser.post("/api/v1/me/consents/call/withdraw")

        assert status == 200
        assert await place.facts("NumberErased") == []
        assert "by hand" in place.login.numbers.words
        assert uncalled(place.login.books.access) == {RadioId("r01")}
        assert not await keep_all(place.login), "looked at again in an hour"
        (tmp_path / ".gateways.toml.part").rmdir()
        assert await keep_all(place.login)
        assert place.login.numbers.words == ""


def test_a_book_without_them_reaches_nobody_of_them(tmp_path: Path) -> None:
    """What the hub decides by, and what sends, have the same book."""
    book = load_book(gateway_file(tmp_path))
    used = [book]
    numbers = Numbers(book, used.append)

    numbers.silence([RadioId("r01")])

    (sms,) = book.gateways
    assert book.reaches(sms, radio_contact(RadioId("r01")))
    assert not used[-1].reaches(sms, radio_contact(RadioId("r01")))
    assert replace(used[-1], contacts={}) == replace(book, contacts={})
