"""console/login/guarding.py: which community a request is about, by what nobody can bend."""

import pytest
from aiohttp import web

from console.login.guarding import of_drill, of_incident
from dispatch.access.needs import Guarded, Need, Where
from dispatch.access.words import Office, Right
from dispatch.ids import CommunityId
from tests.console.login.place import Place, open_place
from tests.console.samples import FIRST

XIZI = CommunityId("xizi")


@pytest.mark.parametrize(
    ("incident", "community"),
    [
        (FIRST, "xizi"),
        ("east-gate-2-20251121-001", "east-gate-2"),
        ("a-20251121-001-20251121-002", "a-20251121-001"),
        ("", ""),
        ("xizi", ""),
        ("xizi-001", ""),
    ],
)
def test_an_incident_belongs_to_all_before_its_day_and_number(
    incident: str, community: str
) -> None:
    """A community may be called whatever its file says."""
    assert of_incident(incident) == community


@pytest.mark.parametrize(
    ("drill", "community"),
    [
        ("xizi-drill-20251121040000000", "xizi"),
        ("fire-drill-yard-drill-20251121040000000", "fire-drill-yard"),
        ("xizi", ""),
        ("", ""),
    ],
)
def test_an_exercise_belongs_to_all_before_its_last_word(drill: str, community: str) -> None:
    """Else an operator of *fire* would see the exercises of *fire-drill-yard*."""
    assert of_drill(drill) == community


@pytest.mark.parametrize(
    "body",
    [
        b'{"community": "hubin"}',
        b'{"community": "xizi", "community": "hubin"}',
        b'{"community": "hubin", "x": {"community": "xizi"}}',
        b"{}",
        b'{"community": null}',
        b"[]",
        b"{",
        b'{"community": "\xff"}',
    ],
)
async def test_a_body_is_judged_by_what_the_handler_reads(place: Place, body: bytes) -> None:
    """Whatever is said twice, wrongly or not at all: never another community's."""
    desk = await place.let_in("调度一席", (Office.OPERATOR, XIZI))
    headers = {
        "Content-Type": "application/json",
        "X-CSRF": desk.csrf,
        "Idempotency-Key": "c-1",
    }

    async with desk.client.post(
        place.url("/api/v1/incidents"), data=body, headers=headers
    ) as answer:
        told = await answer.json()

    assert (answer.status, told["code"]) == (403, "no_right")
    assert place.shell.asked == []


async def test_an_address_without_a_rule_is_nobodys(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Should one slip past the types, the guard denies it: to this machine, too."""

    async def open_door(_: web.Request) -> web.Response:
        return web.Response(text="in")

    need = Need(Right.SEE_SITUATION, Where.ANY)
    guarded = Guarded(method="GET", path="/slip", handle=open_door, need=need)
    async with open_place(tmp_path_factory.mktemp("place"), extra_routes=[guarded]) as place:
        assert (await place.machine("/slip"))[0] == 200
        place.needs.pop(("GET", "/slip"))

        status, told = await place.machine("/slip")

    assert (status, told["code"]) == (403, "no_rule")
