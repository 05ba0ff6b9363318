"""The office of radios behind the server's own guard: looked at, codes made, codes exchanged."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from devices.secrets import verify_secret
from dispatch.access.needs import Guarded
from dispatch.access.words import EVERYWHERE, Office
from dispatch.clock import MINUTE
from dispatch.errors import StoreDownError
from dispatch.events import RadioRevoked
from dispatch.ids import CommunityId, RadioId
from dispatch.store.sql import SqlStore
from tests.console.login.place import Place, Wound, open_place
from tests.console.samples import evening
from tests.devices.radio_rooms import Roll, office_of

XIZI = CommunityId("xizi")


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Place, Roll]]:
    """The server with its office, and the radios of an evening enrolled."""
    rolls: list[Roll] = []

    def rooms(store: SqlStore, time: Wound) -> list[Guarded]:
        roster = evening().roster
        for record in roster.radios.values():
            store.enroll(record, secret_hash="first", t=time())
        rolls.append(Roll(store, roster, time))
        return office_of(store, roster, time, enroll=rolls[0]).routes()

    async with open_place(folder, rooms=rooms) as place:
        yield place, rolls[0]


async def join(place: Place, body: Any, **headers: str) -> tuple[int, Any]:
    """As a radio: with no cookie and no token."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Content-Type": "application/json", **headers}
    async with (
        ClientSession() as client,
        client.post(place.url("/api/v1/radios/join"), data=data, headers=given) as answer,
    ):
        return answer.status, await answer.json()


async def test_a_manager_makes_a_code_and_the_radio_gets_its_secret(tmp_path: Path) -> None:
    """All that a radio needs, and nothing of it twice."""
    async with opened(tmp_path) as (place, roll):
        manager = await place.let_in("李主任", (Office.MANAGER, XIZI))

        status, made = await manager.post("/api/v1/radios/r01/code", {"minutes": 30})
        joined, told = await join(place, {"code": made["code"]})
        again, refused = await join(place, {"code": made["code"]})

        assert status == joined == 200
        assert made["radio"] == "r01"
        assert made["expires"] == (place.time() + 30 * MINUTE) // 1000
        plain = made["code"].replace("-", "")
        assert made["address"] == f"https://yihu.example.cn:8443/join#{plain}"
        assert made["qr"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')
        assert not made["web_here_only"]
        assert verify_secret(told.pop("secret"), roll.hashes[-1])
        assert told == {
            "radio": "r01",
            "community": "xizi",
            "call_sign": made["call_sign"],
            "broker": {"host": "yihu.example.cn", "port": 8883, "tls": True},
            "publish": "patrol/xizi/r01/",
            "subscribe": "radio/xizi/r01/+",
        }
        assert (again, refused["code"], refused["facts"]) == (403, "bad_code", {"why": "unknown"})


async def test_the_audit_tells_who_let_a_radio_in(tmp_path: Path) -> None:
    """Who made the code, that it was used, who gave a secret at once."""
    async with opened(tmp_path) as (place, _):
        manager = await place.let_in("李主任", (Office.MANAGER, XIZI))
        _, made = await manager.post("/api/v1/radios/r01/code")
        await join(place, {"code": made["code"]})
        await place.machine("/api/v1/radios/r02/enroll", {})

        codes, let_in = await place.facts("RadioCodeMade"), await place.facts("RadioLetIn")

        assert [(each.radio, each.by) for each in codes] == [("r01", "李主任")]
        assert [(each.radio, each.by, each.by_code) for each in let_in] == [
            ("r01", "李主任", True),
            ("r02", "this machine", False),
        ]
        assert let_in[0].address.value == "127.0.0.1"


async def test_the_roll_shows_those_of_the_communities_one_manages(tmp_path: Path) -> None:
    """With how each stands; of another community, no name."""
    async with opened(tmp_path) as (place, _):
        manager = await place.let_in("李主任", (Office.MANAGER, XIZI))
        _, made = await manager.post("/api/v1/radios/r01/code")
        gone = RadioRevoked(t=place.time(), community=XIZI, radio=RadioId("r02"), by=None)
        place.store.submit([gone]).result(20)

        _, page = await manager.get("/api/v1/radios")
        _, found = await manager.get("/api/v1/radios", params={"text": "R01"})
        _, revoked = await manager.get("/api/v1/radios", params={"state": "revoked"})
        odd, _ = await manager.get("/api/v1/radios", params={"state": "lost"})
        _, elsewhere = await manager.get("/api/v1/radios", params={"community": "hubin"})
        _, behind = await manager.get("/api/v1/radios", params={"after": "r02"})
        stranger = await place.let_in("王五", (Office.MANAGER, CommunityId("hubin")))
        _, theirs = await stranger.get("/api/v1/radios")

        states = {each["radio"]: each["state"] for each in page["radios"]}
        assert states["r01"] == "never"
        assert states["r02"] == "revoked"
        assert {each["community"] for each in page["radios"]} == {"xizi"}
        assert [each["id"] for each in page["communities"]] == ["xizi"]
        assert [(each["radio"], each["code_by"]) for each in found["radios"]] == [("r01", "李主任")]
        assert found["radios"][0]["code_expires"] == made["expires"]
        assert [each["radio"] for each in revoked["radios"]] == ["r02"]
        assert odd == 422
        assert elsewhere["radios"] == []
        assert "r02" not in [each["radio"] for each in behind["radios"]]
        assert {each["community"] for each in theirs["radios"]} <= {"hubin"}


async def test_a_store_that_is_down_is_told_and_costs_no_code(tmp_path: Path) -> None:
    """503, to be tried again with the same code."""
    async with opened(tmp_path) as (place, roll):
        _, made = await place.machine("/api/v1/radios/r01/code", {})
        roll.fault = StoreDownError("disk full")
        status, refused = await join(place, {"code": made["code"]})
        roll.fault = None
        later, _ = await join(place, {"code": made["code"]})

        assert (status, refused["code"], later) == (503, "store_down", 200)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"code": 7}', 400),
        (b'{"code": "\xff"}', 400),
        (b'{"code": "ABCDE-FGHJK", "radio": "r01"}', 400),
        (b"[" * 1000, 400),
        (b'{"code": "' + b"A" * 2000 + b'"}', 413),
        (b'{"code": "' + b"A" * 900 + b'"}', 403),
        (b'{"code": "\\u0000\\u202e"}', 403),
    ],
)
async def test_hostile_bodies_are_refused_with_a_sentence(
    tmp_path: Path, body: bytes, status: int
) -> None:
    """Without a login this address is everybody's."""
    async with opened(tmp_path) as (place, roll):
        told, refused = await join(place, body)

        assert told == status
        assert refused["detail"]
        assert roll.enrolled == []


async def test_another_page_and_another_kind_of_body_get_nothing(tmp_path: Path) -> None:
    """A web page cannot use up codes through somebody's browser."""
    async with opened(tmp_path) as (place, roll):
        _, made = await place.machine("/api/v1/radios/r01/code", {})
        body = {"code": made["code"]}

        page, _ = await join(place, body, Origin="https://evil.example")
        form, _ = await join(place, body, **{"Content-Type": "text/plain"})
        named, _ = await join(place, body, Host="evil.example")

        assert (page, form, named) == (403, 415, 403)
        assert roll.enrolled == []


async def test_who_guesses_is_told_how_long_to_wait(tmp_path: Path) -> None:
    """With the header that programs read."""
    async with opened(tmp_path) as (place, _):
        codes = []
        for _ in range(6):
            _, made = await place.machine("/api/v1/radios/r01/code", {})
            codes.append(made["code"])
        told = [await join(place, {"code": each}) for each in codes]

        assert [status for status, _ in told] == [403] * 5 + [429]
        assert told[-1][1]["code"] == "wait"


@pytest.mark.parametrize("minutes", [4, 1441, 0, -1])
async def test_a_code_lasts_minutes_or_hours(tmp_path: Path, minutes: int) -> None:
    """Not for ever."""
    async with opened(tmp_path) as (place, _):
        status, told = await place.machine("/api/v1/radios/r01/code", {"minutes": minutes})

        assert (status, told["code"]) == (422, "bad_number")


async def test_nobody_gets_a_code_for_a_radio_that_is_not_theirs(tmp_path: Path) -> None:
    """Of another community; and of none that is on the roster."""
    async with opened(tmp_path) as (place, _):
        stranger = await place.let_in("王五", (Office.MANAGER, CommunityId("hubin")))
        operator = await place.let_in("陈一", (Office.OPERATOR, EVERYWHERE))

        assert (await stranger.post("/api/v1/radios/r01/code"))[0] == 403
        assert (await operator.post("/api/v1/radios/r01/code"))[0] == 403
        assert (await operator.get("/api/v1/radios"))[0] == 403
        assert (await place.machine("/api/v1/radios/nobody/code", {}))[0] == 404
        assert (await place.machine("/api/v1/radios/r%0A/code", {}))[0] == 404


async def test_a_new_secret_at_once_is_told_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    """For radios that are set up by hand on the server itself; a code made before is void."""
    async with opened(tmp_path) as (place, roll):
        status, told = await place.machine("/api/v1/radios/r01/enroll", {})
        unknown, _ = await place.machine("/api/v1/radios/r-9/enroll", {})
        roll.fault = StoreDownError("disk full")
        down, _ = await place.machine("/api/v1/radios/r01/enroll", {})

        assert (status, unknown, down) == (200, 404, 503)
        assert verify_secret(told["secret"], roll.hashes[0])


async def test_the_page_behind_a_qr_code_uses_nothing_up(tmp_path: Path) -> None:
    """Whoever scans it with the camera is told what to do with it, in both languages."""
    async with opened(tmp_path) as (place, _), ClientSession() as client:
        async with client.get(place.url("/join")) as answer:
            page = await answer.text()

        assert answer.status == 200
        assert "入网码" in page
        assert "Scan it in the radio" in page
        assert "<script" not in page


async def test_the_description_of_the_api_tells_of_it(tmp_path: Path) -> None:
    """An integrator reads there what a radio is told."""
    async with opened(tmp_path) as (place, _):
        _, page = await place.machine("/api/v1/openapi.json")

        asked = page["paths"]["/api/v1/radios/join"]["post"]
        assert asked["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(
            "JoinBody"
        )
        assert set(page["components"]["schemas"]["JoinDoc"]["properties"]) >= {"secret", "broker"}
        assert {each["name"] for each in page["paths"]["/api/v1/radios"]["get"]["parameters"]} == {
            *("text", "state", "community", "after")
        }
