"""A radio's bearer reads what is asked and says so with the code: over the server's own guard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from console.login.consent_states import barred
from console.login.radio_consents import RadioConsents
from dispatch.access.needs import Guarded
from dispatch.access.words import Office
from dispatch.ids import CommunityId
from dispatch.store.sql import SqlStore
from tests.console.login.place import Browser, Place, Wound, open_place
from tests.console.samples import evening
from tests.devices.radio_rooms import office_of

XIZI = CommunityId("xizi")
BEARER = "李雷"


class Later:
    """The desk is made after the office."""

    desk: Any = None

    def asked(self, record: Any) -> Any:
        """By the desk."""
        return RadioConsents(self.desk).asked(record)

    async def give(self, record: Any, said: Any, by: Any) -> None:
        """To the desk."""
        await RadioConsents(self.desk).give(record, said, by)


@asynccontextmanager
async def opened(folder: Path, *, demanded: bool) -> AsyncIterator[tuple[Place, Browser]]:
    """The server with its office, and its manager."""
    later = Later()

    def rooms(store: SqlStore, time: Wound) -> list[Guarded]:
        roster = evening().roster
        for record in roster.radios.values():
            store.enroll(record, secret_hash="first", t=time())
        return office_of(store, roster, time, consents=later).routes()

    async with open_place(folder, rooms=rooms) as place:
        communities = place.login.roster.communities
        communities[XIZI] = replace(communities[XIZI], must_consent=demanded)
        later.desk = place.login
        yield place, await place.let_in("王芳", (Office.MANAGER, XIZI))


async def as_radio(place: Place, path: str, body: object) -> tuple[int, Any]:
    """With no cookie and no token."""
    async with (
        ClientSession() as client,
        client.post(place.url(f"/api/v1/radios/{path}"), json=body) as answer,
    ):
        return answer.status, await answer.json()


async def code_of(manager: Browser) -> str:
    """For r01."""
    _, made = await manager.post("/api/v1/radios/r01/code")
    code: str = made["code"]
    return code


async def test_the_words_are_shown_before_the_code_is_used(tmp_path: Path) -> None:
    """Word for word in both languages, with the version to name."""
    async with opened(tmp_path, demanded=True) as (place, manager):
        code = await code_of(manager)

        status, told = await as_radio(place, "join/texts", {"code": code})
        wrong, refused = await as_radio(place, "join/texts", {"code": "AAAAA-AAAAA"})

        texts = place.login.roster.communities[XIZI].consent
        assert status == 200
        assert (told["radio"], told["community"]) == ("r01", XIZI)
        assert told["texts"] == [
            {
                "text": each.id,
                "version": each.version,
                "purpose": each.purpose.value,
                "needed": each.id == "place",
                "zh": each.zh,
                "en": each.en,
            }
            for each in texts
        ]
        assert (wrong, refused["code"]) == (403, "bad_code")


async def test_a_radio_without_the_consent_that_is_demanded_is_refused(tmp_path: Path) -> None:
    """With a sentence, and the same code lets it in once its bearer has said so."""
    async with opened(tmp_path, demanded=True) as (place, manager):
        await place.let_in(BEARER, unit="r01")
        code = await code_of(manager)

        status, refused = await as_radio(place, "join", {"code": code})
        assert (status, refused["code"], refused["facts"]) == (
            403,
            "consent_needed",
            {"texts": "place"},
        )
        assert "only with its bearer's consent" in refused["detail"]
        assert barred(place.login.books.access, place.login.roster) == {"r01"}

        said = [{"text": "place", "version": 1}]
        status, told = await as_radio(place, "join", {"code": code, "consents": said})

        assert (status, told["radio"]) == (200, "r01")
        (given,) = await place.facts("ConsentGiven")
        assert (given.account, given.how, given.by) == (BEARER, "join", "王芳")
        assert barred(place.login.books.access, place.login.roster) == frozenset()


async def test_whoever_consented_before_is_not_asked_again(tmp_path: Path) -> None:
    """Another phone, the same person; what they say once more is told once."""
    async with opened(tmp_path, demanded=True) as (place, manager):
        browser = await place.let_in(BEARER, unit="r01")
        await browser.post("/api/v1/me/consents/place/give", {"version": 1})
        said = [{"text": "place", "version": 1}]

        again, _ = await as_radio(place, "join", {"code": await code_of(manager)})
        more, _ = await as_radio(place, "join", {"code": await code_of(manager), "consents": said})

        assert (again, more) == (200, 200)
        assert len(await place.facts("ConsentGiven")) == 1


async def test_whoever_withdrew_is_asked_again(tmp_path: Path) -> None:
    """A new code is no way around it."""
    async with opened(tmp_path, demanded=True) as (place, manager):
        browser = await place.let_in(BEARER, unit="r01")
        await browser.post("/api/v1/me/consents/place/give", {"version": 1})
        await browser.post("/api/v1/me/consents/place/withdraw")

        status, refused = await as_radio(place, "join", {"code": await code_of(manager)})

        assert (status, refused["code"]) == (403, "consent_needed")


async def test_a_radio_of_nobody_known_names_the_words_with_its_letting_in(
    tmp_path: Path,
) -> None:
    """Its bearer has no account: the fact that lets it in is what tells of it."""
    async with opened(tmp_path, demanded=True) as (place, manager):
        code = await code_of(manager)
        refused, _ = await as_radio(place, "join", {"code": code})
        said = [{"text": "place", "version": 1}]
        status, _ = await as_radio(place, "join", {"code": code, "consents": said})

        assert (refused, status) == (403, 200)
        assert await place.facts("ConsentGiven") == []
        (let_in,) = await place.facts("RadioLetIn")
        (noted,) = let_in.consented
        assert noted.startswith("place/1/")


async def test_where_it_is_not_demanded_the_words_are_shown_all_the_same(tmp_path: Path) -> None:
    """And whoever says nothing comes in, as ever."""
    async with opened(tmp_path, demanded=False) as (place, manager):
        code = await code_of(manager)

        _, told = await as_radio(place, "join/texts", {"code": code})
        status, _ = await as_radio(place, "join", {"code": code})

        assert [each["needed"] for each in told["texts"]] == [False, False]
        assert status == 200
