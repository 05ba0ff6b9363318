"""Every address of the server, tried by every office: in its community, in another, in none.

The table says once more what each address asks, so that a change of it is seen, and a new
address without a line fails. What is allowed follows from it and from the table of offices.
"""

import itertools
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession, FormData, web

from console.api import NEEDS, make_app, make_feeds
from console.login.books import AccountBooks, Times
from console.login.entry import Entry
from console.login.hashing import Hasher
from console.login.looks import Looks
from console.login.office import LoginDesk
from console.serve import Door
from devices.routes import routes
from dispatch.access.accounts import Held
from dispatch.access.needs import Need
from dispatch.access.permissions import RIGHTS_OF
from dispatch.access.words import EVERYWHERE, Office, Right
from dispatch.ids import CommunityId
from dispatch.store.sql import SqlStore
from tests.console.builders import clock, settings_of_a_hub
from tests.console.login.place import MEMORY_KIB, Wound
from tests.console.samples import FIRST, evening
from tests.console.server import FakeArchive, FakeGate, FakeShell, as_operator
from tests.devices.radio_rooms import office_of
from tests.dispatch.tips.rooms import tip_room

XIZI, HUBIN = CommunityId("xizi"), CommunityId("hubin")

EXPECTED: Final = """
GET  /                                                       public
GET  /api/v1/asyncapi.json                                   person
GET  /api/v1/audit                                           read_audit any
GET  /api/v1/audit.csv                                       read_audit any
GET  /api/v1/backups                                         manage_settings everywhere
POST /api/v1/communities/{community}/drills                  run_drill community
GET  /api/v1/communities/{community}/grids                   see_situation community
GET  /api/v1/communities/{community}/plans                   see_situation community
POST /api/v1/communities/{community}/shift                   handle community
GET  /api/v1/communities/{community}/streets                 see_situation community
GET  /api/v1/consents                                        manage_people any
GET  /api/v1/drills/{drill}                                  see_situation drill
GET  /api/v1/drills/{drill}.html                             print_sheet drill
POST /api/v1/drills/{drill}/end                              run_drill drill
GET  /api/v1/incidents                                       see_situation any
POST /api/v1/incidents                                       handle body_community
GET  /api/v1/incidents/{incident}                            see_situation incident
POST /api/v1/incidents/{incident}/assignments                handle incident
POST /api/v1/incidents/{incident}/call                       handle incident
POST /api/v1/incidents/{incident}/callback                   handle incident
POST /api/v1/incidents/{incident}/cancel                     handle incident
POST /api/v1/incidents/{incident}/checklist                  handle incident
POST /api/v1/incidents/{incident}/close                      handle incident
GET  /api/v1/incidents/{incident}/decisions/{wave}           see_situation incident
GET  /api/v1/incidents/{incident}/file                       export_file incident
GET  /api/v1/incidents/{incident}/file.html                  export_file incident
POST /api/v1/incidents/{incident}/hand-over                  handle incident
GET  /api/v1/incidents/{incident}/handover.html              print_sheet incident
POST /api/v1/incidents/{incident}/hold                       handle incident
POST /api/v1/incidents/{incident}/link                       handle incident
POST /api/v1/incidents/{incident}/merge                      handle incident
POST /api/v1/incidents/{incident}/notes                      handle incident
POST /api/v1/incidents/{incident}/place                      handle incident
POST /api/v1/incidents/{incident}/plan                       handle incident
POST /api/v1/incidents/{incident}/reopen                     handle incident
POST /api/v1/incidents/{incident}/revise                     handle incident
POST /api/v1/incidents/{incident}/split                      handle incident
POST /api/v1/incidents/{incident}/step                       handle incident
POST /api/v1/incidents/{incident}/take                       handle incident
POST /api/v1/incidents/{incident}/withdraw                   handle incident
POST /api/v1/links                                           manage_settings everywhere
GET  /api/v1/login                                           public
POST /api/v1/login                                           public
POST /api/v1/login/link                                      public
POST /api/v1/login/link/check                                public
POST /api/v1/login/provider                                  public
POST /api/v1/logout                                          person
GET  /api/v1/me                                              person
GET  /api/v1/me/consents                                     person
POST /api/v1/me/consents/{text}/give                         person
POST /api/v1/me/consents/{text}/withdraw                     person
GET  /api/v1/me/data                                         person
GET  /api/v1/me/looks                                        person
POST /api/v1/me/password                                     person
POST /api/v1/me/provider/begin                               person
POST /api/v1/me/provider/remove                              person
POST /api/v1/me/recovery                                     person
POST /api/v1/me/second-factor                                person
POST /api/v1/me/second-factor/begin                          person
POST /api/v1/me/second-factor/remove                         person
GET  /api/v1/me/sessions                                     person
POST /api/v1/me/sessions/{session}/end                       person
POST /api/v1/me/tokens                                       person
POST /api/v1/me/tokens/{token}/revoke                        person
GET  /api/v1/openapi.json                                    person
GET  /api/v1/people                                          manage_people any
POST /api/v1/people                                          manage_people any
POST /api/v1/people/{account}/close                          manage_people any
POST /api/v1/people/{account}/consents/{text}/give           manage_people any
POST /api/v1/people/{account}/consents/{text}/withdraw       manage_people any
GET  /api/v1/people/{account}/data                           manage_people any
POST /api/v1/people/{account}/lift                           manage_people any
POST /api/v1/people/{account}/link                           manage_people any
POST /api/v1/people/{account}/offices                        manage_people any
POST /api/v1/people/{account}/reopen                         manage_people any
POST /api/v1/people/{account}/second-factor/remove           manage_people any
GET  /api/v1/people/{account}/sessions                       manage_people any
POST /api/v1/people/{account}/sessions/{session}/end         manage_people any
POST /api/v1/people/{account}/unit                           manage_people any
GET  /api/v1/radios                                          manage_radios any
POST /api/v1/radios/join                                     public
POST /api/v1/radios/join/texts                               public
POST /api/v1/radios/{radio}/code                             manage_radios radio
POST /api/v1/radios/{radio}/enroll                           manage_radios radio
POST /api/v1/radios/{radio}/revoke                           manage_radios radio
GET  /api/v1/snapshot                                        see_situation any
GET  /api/v1/stream                                          see_situation any
GET  /api/v1/tips                                            read_tips any
POST /api/v1/tips                                            person
GET  /api/v1/tips/door                                       person
POST /api/v1/tips/state                                      public
GET  /api/v1/tips/waiting                                    read_tips any
POST /api/v1/tips/{tip}/close                                read_tips any
POST /api/v1/tips/{tip}/notes                                read_tips any
POST /api/v1/tips/{tip}/read                                 read_tips any
GET  /ca                                                     public
GET  /ca.crt                                                 public
POST /demo/press                                             use_demo body_unit
GET  /demo/radios                                            use_demo everywhere
GET  /health                                                 public
GET  /join                                                   public
GET  /login/callback                                         public
GET  /metrics                                                see_metrics everywhere
GET  /{path}                                                 public
"""

FILLED: Final = {
    "community": "xizi",
    "incident": FIRST,
    "drill": "xizi-drill-20251121040000000",
    "radio": "r01",
    "wave": "1",
    "account": "nobody",
    "session": "none",
    "token": "none",
    "tip": "none",
    "text": "none",
    "path": "index.html",
}
BODY: Final = {"community": "xizi", "unit": "r01"}
OFFICES: Final[list[tuple[str, set[Held]]]] = [
    ("none", set()),
    *(
        (f"{office}@{where}", {(office, where)})
        for office, where in itertools.product(Office, (XIZI, HUBIN, EVERYWHERE))
    ),
]


def table(needs: dict[tuple[str, str], object]) -> str:
    """As EXPECTED is written."""
    rows = []
    for (method, path), need in sorted(needs.items(), key=lambda each: each[0][::-1]):
        asked = f"{need.right} {need.where}" if isinstance(need, Need) else str(need)
        rows.append(f"{method:5}{path:56}{asked}")
    return "\n".join(rows)


def allowed(asked: str, offices: set[Held]) -> bool:
    """What the tables say of an address about xizi."""
    right, _, where = asked.partition(" ")
    if not where:
        return True
    held = {place for office, place in offices if Right(right) in RIGHTS_OF[office]}
    match where:
        case "any":
            return bool(held)
        case "everywhere":
            return EVERYWHERE in held
        case _:
            return bool(held & {XIZI, EVERYWHERE})


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[tuple[web.Application, FakeGate, int]]:
    """All rooms together, as the wiring mounts them."""
    store = SqlStore.open("", data_dir=folder, on_state=lambda _why: None)
    hub, shell, gate, time = evening(), FakeShell(), FakeGate(), Wound()
    books = AccountBooks(store, Times(hub=time, machine=time, steady=time))
    login = LoginDesk(
        books=books,
        entry=Entry(books, Hasher(memory_kib=MEMORY_KIB)),
        looks=Looks(books),
        roster=hub.roster,
    )

    app = make_app(
        feeds=make_feeds(
            hub=hub,
            settings=settings_of_a_hub(),
            clock=clock(),
            present=shell.hear_present,
            counters={},
            version="0",
            demo=True,
        ),
        gate=gate,
        login=login,
        tips=tip_room(store, folder, time),
        archive=FakeArchive(),
        ask=shell.ask,
        counters=dict,
        ready=lambda: True,
        static_dir=folder,
        ticks=False,
        extra_routes=routes(folder, demo=True, radios=office_of(store, hub.roster, time).routes()),
    )
    door = Door(app)
    port = await door.open("127.0.0.1", 0)
    try:
        yield app, gate, port
    finally:
        await door.close()
        store.close()


async def test_every_address_asks_what_the_table_says(tmp_path: Path) -> None:
    """Whoever adds one, or opens one wider, has to say so here, too."""
    async with server(tmp_path) as (app, _, _):
        served = {
            (route.method, route.resource.canonical)
            for route in app.router.routes()
            if route.resource is not None and route.method != "HEAD"
        }

        needs = app[NEEDS]
        assert served == needs.keys()
        assert table({**needs}) == EXPECTED.strip()


async def test_every_address_is_open_to_those_offices_and_to_no_others(tmp_path: Path) -> None:
    """Denied is 403 before anything is done; allowed is anything else."""
    wrong: list[str] = []
    async with server(tmp_path) as (_, gate, port), ClientSession() as client:
        for line in EXPECTED.strip().splitlines():
            method, path, asked = line.split(maxsplit=2)
            path = path.split(":")[0].rstrip("{") if path.startswith("/{") else path
            address = f"http://127.0.0.1:{port}{path.format(**FILLED)}"
            for name, offices in OFFICES:
                gate.offices[name] = offices
                headers = as_operator(name) | {"Idempotency-Key": "c-1"}
                body = None if method == "GET" else BODY
                async with client.request(method, address, json=body, headers=headers) as answer:
                    told = await answer.text()
                denied = answer.status == 403 and '"no_right"' in told
                if denied is allowed(asked, offices):
                    wrong.append(f"{method} {path} as {name}: {answer.status} {told[:80]}")
    assert wrong == []


@pytest.mark.parametrize("how", ["", "Bearer gone"])
async def test_nobody_who_is_not_known_gets_anywhere(tmp_path: Path, how: str) -> None:
    """But to the page, the door and the sign of life."""
    async with server(tmp_path) as (_, gate, port), ClientSession() as client:
        gate.gone |= {"gone", ""}
        for line in EXPECTED.strip().splitlines():
            method, path, asked = line.split(maxsplit=2)
            path = path.split(":")[0].rstrip("{") if path.startswith("/{") else path
            address = f"http://127.0.0.1:{port}{path.format(**FILLED)}"
            body = None if method == "GET" else BODY
            headers = {"Authorization": how} if how else {}
            async with client.request(method, address, json=body, headers=headers) as answer:
                assert (answer.status == 401) is (asked != "public"), (line, answer.status)


async def test_no_address_takes_a_file(tmp_path: Path) -> None:
    """Nothing is uploaded to this server: there is no file of a stranger's to check, keep or show.
    Whoever adds an address that takes one comes by here, and has to bound it."""
    took: list[str] = []
    async with server(tmp_path) as (_, gate, port), ClientSession() as client:
        gate.offices["all"] = {(office, EVERYWHERE) for office in Office}
        for line in EXPECTED.strip().splitlines():
            method, path, _ = line.split(maxsplit=2)
            if method != "POST":
                continue
            form = FormData()
            form.add_field("file", b"\x89PNG" + bytes(1_000), filename="../../x.png")
            address = f"http://127.0.0.1:{port}{path.format(**FILLED)}"
            headers = as_operator("all") | {"Idempotency-Key": "c-1"}
            async with client.post(address, data=form, headers=headers) as answer:
                if answer.status not in (415, 404):
                    took.append(f"{path}: {answer.status} {(await answer.text())[:80]}")
    assert took == []


async def test_no_person_can_have_the_server_ask_an_address(tmp_path: Path) -> None:
    """What it asks itself stands in files of the machine (gateways, a provider): no member of any
    request is an address, by which somebody could have it look at what only it can reach."""
    async with server(tmp_path) as (_, gate, port), ClientSession() as client:
        gate.offices["all"] = {(office, EVERYWHERE) for office in Office}
        address = f"http://127.0.0.1:{port}/api/v1/openapi.json"
        async with client.get(address, headers=as_operator("all")) as answer:
            page = await answer.json()

    told = {name for each in _bodies(page) for name in _members(page, each)}
    assert {"words", "lon", "offices"} <= told, "the bodies were found"
    assert [name for name in told if re.search("url|uri|href|host|hook|endpoint", name)] == []


def _bodies(page: Any) -> Iterator[Any]:
    """The shape of every request's body."""
    for path in page["paths"].values():
        for each in path.values():
            if "requestBody" in each:
                yield each["requestBody"]["content"]["application/json"]["schema"]


def _members(page: Any, shape: Any) -> Iterator[str]:
    """Names of all members within."""
    match shape:
        case {"$ref": str(ref)}:
            yield from _members(page, page["components"]["schemas"][ref.rpartition("/")[2]])
        case dict():
            yield from shape.get("properties", {})
            for each in shape.values():
                yield from _members(page, each)
        case list():
            for each in shape:
                yield from _members(page, each)
