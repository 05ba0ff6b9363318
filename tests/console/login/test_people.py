"""console/login/people.py and records.py over HTTP: letting in, closing, audit, who looked."""

import csv
import io
from dataclasses import replace

import pytest

from console.login.who import Who
from dispatch.access.facts import Ended, LookedAt
from dispatch.access.requests import ThisMachine
from dispatch.access.words import EVERYWHERE, Office
from dispatch.ids import CommunityId, RadioId, UnitId
from tests.console.login.place import PASSWORD, Place
from tests.console.samples import FIRST

XIZI = CommunityId("xizi")
HUBIN = CommunityId("hubin")
DESK = "调度一席"


async def test_an_administrator_lets_somebody_in_by_a_link(place: Place) -> None:
    """Nobody ever knows another one's password."""
    admin = await place.administrator()
    offices = [{"office": "operator", "where": "xizi"}]

    status, told = await admin.post("/api/v1/people", {"name": DESK, "offices": offices})
    desk = place.browser()
    await desk.follow(told["path"].partition("=")[2])

    assert status == 200
    assert desk.me["rights"]["handle"] == ["xizi"]
    _, listed = await admin.get("/api/v1/people")
    assert [(each["name"], each["password"]) for each in listed["people"]] == [
        ("管理一席", True),
        (DESK, True),
    ]


async def test_an_office_in_a_community_that_is_none_is_refused_with_those_known(
    place: Place,
) -> None:
    """A slip in the name would leave somebody with an office that counts nowhere."""
    admin = await place.administrator()
    await place.let_in(DESK, (Office.OPERATOR, XIZI))
    nowhere = [{"office": "operator", "where": "xizzi"}]

    opened = await admin.post("/api/v1/people", {"name": "新人", "offices": nowhere})
    given = await admin.post(f"/api/v1/people/{DESK}/offices", {"give": nowhere})

    for status, told in (opened, given):
        assert (status, told["code"], told["facts"]["field"]) == (422, "unfit", "where")
        assert "xizzi" in told["detail"]
        assert "xizi" in told["detail"].replace("xizzi", "")
    _, listed = await admin.get("/api/v1/people")
    assert "新人" not in [each["name"] for each in listed["people"]]


async def test_who_manages_one_community_learns_of_no_other_by_asking(place: Place) -> None:
    """Whether a place exists is told to those alone who may give offices there."""
    await place.administrator()
    manager = await place.let_in(DESK, (Office.MANAGER, XIZI))

    for where in ("hubin", "xizzi"):
        asked = {"name": "新人", "offices": [{"office": "operator", "where": where}]}
        status, told = await manager.post("/api/v1/people", asked)
        assert (status, told["code"]) == (403, "no_right")


async def test_an_office_taken_counts_from_the_next_request_on(place: Place) -> None:
    """Not from the next login."""
    admin = await place.administrator()
    desk = await place.let_in(DESK, (Office.OPERATOR, XIZI))
    assert (await desk.get("/api/v1/snapshot"))[0] == 200

    take = [{"office": "operator", "where": "xizi"}]
    await admin.post(f"/api/v1/people/{DESK}/offices", {"take": take})

    assert (await desk.get("/api/v1/snapshot"))[1]["code"] == "no_right"


async def test_a_closed_account_is_out_everywhere_at_once(place: Place) -> None:
    """Logins, tokens and links; and is let in again as they were."""
    admin = await place.administrator()
    desk = await place.let_in(DESK, (Office.OPERATOR, XIZI))
    wanted = {"label": "报表", "rights": ["see_situation"], "days": 30, "password": PASSWORD}
    _, made = await desk.post("/api/v1/me/tokens", wanted)
    headers = {"Authorization": f"Bearer {made['token']}"}
    _, link = await admin.post(f"/api/v1/people/{DESK}/link")

    assert (await admin.post(f"/api/v1/people/{DESK}/close"))[0] == 200

    assert (await desk.get("/api/v1/me"))[0] == 401
    assert (await desk.get("/api/v1/me", headers=headers))[0] == 401
    assert (await place.browser().log_in(DESK))[0] == 403
    assert (await place.browser().follow(link["path"].partition("=")[2]))[0] == 403
    assert (await place.facts("LoggedOut"))[-1].why is Ended.CLOSED
    await admin.post(f"/api/v1/people/{DESK}/reopen")
    assert (await place.browser().log_in(DESK))[0] == 200
    assert (await desk.get("/api/v1/me", headers=headers))[0] == 401


async def test_a_lost_phone_is_taken_off_by_an_administrator(place: Place) -> None:
    """And by nobody else."""
    admin = await place.administrator()
    desk = await place.let_in(DESK, (Office.OPERATOR, XIZI))

    assert (await desk.post(f"/api/v1/people/{DESK}/second-factor/remove"))[0] == 403
    assert (await admin.post(f"/api/v1/people/{DESK}/second-factor/remove"))[0] == 200


async def test_a_manager_sees_who_acts_in_their_community_and_changes_their_own(
    place: Place,
) -> None:
    """Who holds an office for all is seen; accounts of other communities are not."""
    await place.administrator()
    head = await place.let_in("主任", (Office.MANAGER, XIZI))
    await place.let_in(DESK, (Office.OPERATOR, XIZI))
    await place.let_in("湖滨一席", (Office.OPERATOR, HUBIN))

    _, listed = await head.get("/api/v1/people")

    assert {each["name"]: each["manageable"] for each in listed["people"]} == {
        "管理一席": False,
        "主任": True,
        DESK: True,
    }
    assert [each["id"] for each in listed["communities"]] == ["xizi"]
    assert listed["everywhere"] is False
    assert (await head.post("/api/v1/people/管理一席/link"))[1]["code"] == "no_right"
    assert (await head.post("/api/v1/people/湖滨一席/close"))[1]["code"] == "no_right"
    assert (await head.post(f"/api/v1/people/{DESK}/link"))[0] == 200


async def test_a_manager_gives_nobody_a_radio_of_another_community(place: Place) -> None:
    """Whoever carries a radio sees who looked at it: with a neighbour's, the neighbours' night."""
    await place.administrator()
    head = await place.let_in("主任", (Office.MANAGER, XIZI))
    radios = place.login.roster.radios
    radios.put(replace(radios[RadioId("r03")], radio=RadioId("h03"), community=HUBIN))

    elsewhere = await head.post("/api/v1/people/主任/unit", {"unit": "h03"})
    nowhere = await head.post("/api/v1/people/主任/unit", {"unit": "nobody-1"})

    assert elsewhere == nowhere
    assert elsewhere[0] == 422
    assert (await head.post("/api/v1/people/主任/unit", {"unit": "r03"}))[0] == 200


async def test_a_radio_is_carried_by_one_person(place: Place) -> None:
    """Or two people would see who looked at one of them."""
    admin = await place.administrator()
    for name in ("甲", DESK):
        await place.let_in(name, (Office.OPERATOR, XIZI))
    assert (await admin.post("/api/v1/people/甲/unit", {"unit": "r03"}))[0] == 200

    status, told = await admin.post(f"/api/v1/people/{DESK}/unit", {"unit": "r03"})

    assert (status, told["code"]) == (422, "unfit")
    assert (await admin.post("/api/v1/people/甲/unit", {"unit": None}))[0] == 200
    assert (await admin.post(f"/api/v1/people/{DESK}/unit", {"unit": "r03"}))[0] == 200


async def test_a_manager_takes_nobody_out_of_the_hands_of_another(place: Place) -> None:
    """An office here, given to somebody of the neighbours, would keep these from closing it."""
    await place.administrator()
    head = await place.let_in("主任", (Office.MANAGER, XIZI))
    await place.let_in("湖滨一席", (Office.OPERATOR, HUBIN))

    status, told = await head.post(
        "/api/v1/people/湖滨一席/offices",
        {"give": [{"office": "operator", "where": "xizi"}], "take": []},
    )

    assert (status, told["code"]) == (403, "no_right")


async def test_a_login_of_somebody_else_can_be_ended(place: Place) -> None:
    """A console left open in another house."""
    admin = await place.administrator()
    desk = await place.let_in(DESK, (Office.OPERATOR, XIZI))
    _, told = await admin.get(f"/api/v1/people/{DESK}/sessions")
    [session] = told["sessions"]

    await admin.post(f"/api/v1/people/{DESK}/sessions/{session['id']}/end")

    assert (await desk.get("/api/v1/me"))[0] == 401


async def test_one_sees_ones_own_logins_and_ends_them(place: Place) -> None:
    """From where, since when; the one that asks is marked."""
    here = await place.let_in(DESK, (Office.OPERATOR, XIZI))
    there = place.browser()
    await there.log_in(DESK)
    _, told = await here.get("/api/v1/me/sessions")
    other = next(each for each in told["sessions"] if not each["this"])
    assert other["address"] == "127.0.0.1"

    await here.post(f"/api/v1/me/sessions/{other['id']}/end")

    assert (await there.get("/api/v1/me"))[0] == 401
    assert (await here.get("/api/v1/me"))[0] == 200


async def test_the_audit_tells_who_did_what(place: Place) -> None:
    """By person and by deed; and that somebody looked at it."""
    admin = await place.administrator()
    desk = await place.let_in(DESK, (Office.OPERATOR, XIZI))
    await desk.post("/api/v1/logout")
    await place.facts("LoggedOut")  # what is noted is on disk a moment later

    status, told = await admin.get("/api/v1/audit", params={"who": DESK})

    assert status == 200
    assert [row["what"] for row in told["rows"]][:2] == ["LoggedOut", "LoggedIn"]
    assert {row["account"] for row in told["rows"]} == {DESK}
    assert "127.0.0.1" not in str(told)  # where somebody sat is theirs
    looked = await place.facts("Looked")
    assert [(each.account, each.at.value) for each in looked] == [("管理一席", "audit")]


async def test_the_audit_goes_into_a_spreadsheet_and_acts_on_nothing(place: Place) -> None:
    """A name that begins like a formula stays a name."""
    admin = await place.administrator()
    await place.let_in("=1+1", (Office.OPERATOR, XIZI))

    async with admin.client.get(place.url("/api/v1/audit.csv")) as answer:
        data = await answer.read()

    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert answer.content_type == "text/csv"
    assert {row["account"] for row in rows} >= {"'=1+1", "管理一席"}
    assert [int(row["seq"]) for row in rows] == sorted((int(r["seq"]) for r in rows), reverse=True)


@pytest.mark.parametrize(
    "query", ["what=Nothing", "from=soon", "before=-1", "to=99999999999999999999"]
)
async def test_a_question_that_means_nothing_is_refused(place: Place, query: str) -> None:
    """With the word that was wrong."""
    admin = await place.administrator()

    status, told = await admin.get(f"/api/v1/audit?{query}")

    assert (status, told["code"]) == (400, "bad_query")


async def test_whoever_carries_a_radio_sees_who_looked(place: Place) -> None:
    """At the map that shows them, and at no other one's."""
    bearer = await place.let_in("西子一间", unit="r01")
    desk = await place.let_in(DESK, (Office.OPERATOR, EVERYWHERE))
    other = await place.let_in("湖滨一席", (Office.OPERATOR, HUBIN))
    for each in (desk, other):
        async with each.client.ws_connect(place.url("/api/v1/stream")):
            pass
    await place.facts("Looked")  # what is noted is on disk a moment later

    _, told = await bearer.get("/api/v1/me/looks")

    assert [(row["by"], row["facts"]["at"]) for row in told["rows"]] == [(DESK, "live")]
    assert (await bearer.get("/api/v1/snapshot"))[0] == 403
    assert (await bearer.get(f"/api/v1/incidents/{FIRST}"))[0] == 403


async def test_whoever_sees_who_looked_learns_of_no_other_radio(place: Place) -> None:
    """The same paper had the tracks of ten people."""
    bearer = await place.let_in("西子一间", unit="r01")
    units = [UnitId("r01"), UnitId("r02"), UnitId("r03")]
    place.login.looks.paper(Who(actor=ThisMachine()), LookedAt.FILE, FIRST, units)
    await place.facts("Looked")

    _, told = await bearer.get("/api/v1/me/looks")

    assert [row["facts"]["units"] for row in told["rows"]] == ["r01"]
    assert "r02" not in str(told)


async def test_a_token_of_a_person_is_never_shown_again(place: Place) -> None:
    """Neither in the journal nor in any table: only its digest is kept."""
    desk = await place.let_in(DESK, (Office.OPERATOR, XIZI))
    wanted = {"label": "报表", "rights": ["handle"], "days": 30, "password": PASSWORD}
    _, made = await desk.post("/api/v1/me/tokens", wanted)
    secrets = [made["token"], desk.cookie, PASSWORD]
    place.store.close()

    kept = b"".join(file.read_bytes() for file in place.store_folder.glob("journal.db*"))

    assert [secret for secret in secrets if secret.encode() in kept] == []


async def test_everybody_may_have_all_that_is_held_on_them(place: Place) -> None:
    """Their logins, where they sat, who looked; never a secret. That it went out is told."""
    bearer = await place.let_in("西子一间", unit="r01")

    status, told = await bearer.get("/api/v1/me/data")

    assert (status, told["account"], told["format"]) == (200, "西子一间", "yihu-person/1")
    assert [each["unit"] for each in told["tracks"]] == ["r01"]
    assert [each["what"] for each in told["facts"]].count("LoggedIn") >= 1
    assert PASSWORD not in str(told)
    [fact] = await place.facts("PersonExported")
    assert (fact.account, fact.by, fact.units) == ("西子一间", "西子一间", ("r01",))


async def test_somebody_elses_data_need_two_rights(place: Place) -> None:
    """Managing the account, and seeing tracks where their radio is: an administrator by
    themselves sees no tracks, and a neighbour's manager manages nobody here."""
    await place.let_in("西子一间", (Office.LEADER, XIZI), unit="r01")
    paths = "/api/v1/people/西子一间/data"
    manager = await place.let_in("主任", (Office.MANAGER, XIZI))
    neighbour = await place.let_in("湖滨主任", (Office.MANAGER, HUBIN))
    admin = await place.let_in("管理二席", (Office.ADMINISTRATOR, EVERYWHERE))

    assert (await manager.get(paths))[0] == 200
    assert (await neighbour.get(paths))[0] == 403
    assert (await admin.get(paths))[0] == 403
    assert [(f.by, f.account) for f in await place.facts("PersonExported")] == [
        ("主任", "西子一间")
    ]


async def test_one_copy_is_made_at_a_time(place: Place) -> None:
    """Making one takes the processor from alarms, however politely."""
    bearer = await place.let_in("西子一间", unit="r01")

    async with place.login.handing_out:
        status, told = await bearer.get("/api/v1/me/data")

    assert (status, told["code"]) == (503, "busy")
    assert (await bearer.get("/api/v1/me/data"))[0] == 200
