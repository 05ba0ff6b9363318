"""Consent is given and withdrawn as easily, and withdrawing deletes what rests on it (PIPL 15)."""

from dataclasses import replace
from typing import Any

from console.login.consent_states import barred, unfollowed
from dispatch.access.words import Office
from dispatch.ids import CommunityId
from tests.console.login.place import Browser, Place

XIZI, HUBIN = CommunityId("xizi"), CommunityId("hubin")
BEARER = "李雷"


async def _bearer(place: Place) -> Browser:
    return await place.let_in(BEARER, (Office.LEADER, XIZI), unit="r01")


async def _states(browser: Browser) -> dict[str, str]:
    _, told = await browser.get("/api/v1/me/consents")
    return {each["text"]: each["state"] for each in told["consents"]}


async def test_a_bearer_is_asked_and_consents_to_each_thing_apart(place: Place) -> None:
    """With the words, and their digest in the fact."""
    browser = await _bearer(place)
    assert await _states(browser) == {"place": "never", "call": "never"}

    status, _ = await browser.post("/api/v1/me/consents/place/give", {"version": 1})

    assert status == 200
    assert await _states(browser) == {"place": "given", "call": "never"}
    (given,) = await place.facts("ConsentGiven")
    assert (given.account, given.where, given.version, given.how) == (BEARER, XIZI, 1, "page")
    assert len(given.digest) == 64


async def test_consenting_twice_is_told_once(place: Place) -> None:
    """A second click is no second consent."""
    browser = await _bearer(place)

    for _ in range(2):
        await browser.post("/api/v1/me/consents/place/give", {"version": 1})

    assert len(await place.facts("ConsentGiven")) == 1


async def test_a_version_that_is_not_in_force_is_not_consented_to(place: Place) -> None:
    """A page that was open while the words changed shows other words."""
    browser = await _bearer(place)

    status, told = await browser.post("/api/v1/me/consents/place/give", {"version": 7})

    assert (status, told["code"]) == (422, "unfit")
    assert await place.facts("ConsentGiven") == []


async def test_a_newer_version_asks_again(place: Place) -> None:
    """Other words are another question."""
    browser = await _bearer(place)
    await browser.post("/api/v1/me/consents/place/give", {"version": 1})
    communities = place.login.roster.communities
    before = communities[XIZI]

    communities[XIZI] = replace(
        before, consent=tuple(replace(each, version=2) for each in before.consent)
    )

    assert (await _states(browser))["place"] == "older"
    status, _ = await browser.post("/api/v1/me/consents/place/give", {"version": 2})
    assert status == 200
    assert (await _states(browser))["place"] == "given"


async def test_withdrawing_ends_following_and_deletes_the_track(place: Place) -> None:
    """Told before it is done; once more goes on where it failed."""
    browser = await _bearer(place)
    await browser.post("/api/v1/me/consents/place/give", {"version": 1})
    assert unfollowed(place.login.books.access) == frozenset()

    status, _ = await browser.post("/api/v1/me/consents/place/withdraw")

    assert status == 200
    assert (await _states(browser))["place"] == "withdrawn"
    assert unfollowed(place.login.books.access) == {"r01"}
    (erased,) = await place.facts("TrackErased")
    assert (erased.unit, erased.by) == ("r01", BEARER)
    await browser.post("/api/v1/me/consents/place/give", {"version": 1})
    assert unfollowed(place.login.books.access) == frozenset()


async def test_withdrawing_the_phone_leaves_the_track(place: Place) -> None:
    """Each thing apart."""
    browser = await _bearer(place)

    await browser.post("/api/v1/me/consents/call/withdraw")

    assert (await _states(browser)) == {"place": "never", "call": "withdrawn"}
    assert unfollowed(place.login.books.access) == frozenset()
    assert await place.facts("TrackErased") == []


async def test_a_manager_sees_who_has_not_consented_and_notes_paper(place: Place) -> None:
    """Where they manage people, and nowhere else."""
    await _bearer(place)
    manager = await place.let_in("王芳", (Office.MANAGER, XIZI))

    async def listed() -> dict[str, Any]:
        _, told = await manager.get("/api/v1/consents")
        (one,) = told["bearers"]
        assert (one["account"], one["unit"], one["community"]) == (BEARER, "r01", XIZI)
        return {each["text"]: (each["state"], each["how"], each["by"]) for each in one["consents"]}

    assert (await listed())["place"] == ("never", "", "")
    status, _ = await manager.post(f"/api/v1/people/{BEARER}/consents/place/give", {"version": 1})

    assert status == 200
    assert (await listed())["place"] == ("given", "paper", "王芳")
    status, _ = await manager.post(f"/api/v1/people/{BEARER}/consents/place/withdraw")
    assert status == 200
    assert (await listed())["place"] == ("withdrawn", "paper", "王芳")


async def test_a_manager_of_another_community_neither_sees_nor_notes_it(place: Place) -> None:
    """Nobody consents in another's name from elsewhere."""
    await place.let_in(BEARER, unit="r01")
    elsewhere = await place.let_in("赵强", (Office.MANAGER, HUBIN))

    _, told = await elsewhere.get("/api/v1/consents")
    status, refused = await elsewhere.post(
        f"/api/v1/people/{BEARER}/consents/place/give", {"version": 1}
    )

    assert told["bearers"] == []
    assert (status, refused["code"]) == (403, "no_right")


async def test_whoever_carries_no_radio_is_asked_nothing(place: Place) -> None:
    """Nobody follows them."""
    browser = await place.let_in(BEARER, (Office.LEADER, XIZI))

    _, told = await browser.get("/api/v1/me/consents")
    status, refused = await browser.post("/api/v1/me/consents/place/give", {"version": 1})

    assert told == {"community": "", "consents": []}
    assert (status, refused["code"]) == (422, "unfit")


async def test_a_copy_of_ones_data_tells_of_consents(place: Place) -> None:
    """Everything that is held of them is in it."""
    browser = await _bearer(place)
    await browser.post("/api/v1/me/consents/place/give", {"version": 1})

    _, told = await browser.get("/api/v1/me/data")

    assert "ConsentGiven" in {each["what"] for each in told["facts"]}


async def test_it_stands_after_a_restart(place: Place) -> None:
    """Read back from the journal like all of an account."""
    browser = await _bearer(place)
    await browser.post("/api/v1/me/consents/place/withdraw")
    await place.facts("ConsentWithdrawn")

    facts, _ = place.store.accounts()

    assert unfollowed(type(place.login.books.access)(facts)) == {"r01"}


async def test_signing_on_is_refused_only_where_the_community_asks_for_it(place: Place) -> None:
    """Told is the default; refused are those with an account who have not consented."""
    browser = await _bearer(place)
    access, roster = place.login.books.access, place.login.roster
    assert barred(access, roster) == frozenset()

    roster.communities[XIZI] = replace(roster.communities[XIZI], must_consent=True)

    assert barred(access, roster) == {"r01"}
    await browser.post("/api/v1/me/consents/place/give", {"version": 1})
    assert barred(access, roster) == frozenset()
