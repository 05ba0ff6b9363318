"""console/login/denials.py over HTTP: what somebody may not do, and tried, is in the audit."""

from console.login.denials import Denials
from console.login.who import Who
from dispatch.access.accounts import Account
from dispatch.access.refusals import NoRightError
from dispatch.access.words import EVERYWHERE, THIS_MACHINE, Office, Right
from dispatch.ids import CommunityId, OperatorName
from dispatch.seldom import NOTED_BURST, NOTED_PER_S
from tests.console.builders import NOON
from tests.console.login.place import PASSWORD, Place

DESK = "调度一席"
XIZI = CommunityId("xizi")


async def test_a_denied_request_is_in_the_audit_with_who_what_and_where(place: Place) -> None:
    """Whoever tries doors leaves a trace; what they typed into an address does not get in."""
    auditor = await place.let_in("审计", (Office.AUDITOR, EVERYWHERE))
    desk = await place.let_in(DESK, (Office.OPERATOR, XIZI))

    assert (await desk.get("/api/v1/people"))[0] == 403
    assert (await desk.post("/api/v1/people/somebody/close"))[0] == 403
    assert (await desk.get("/api/v1/communities/elsewhere/grids"))[0] == 403

    denied = await place.facts("RequestDenied")
    assert [(each.account, each.asked, each.right, each.where) for each in denied] == [
        (DESK, "GET /api/v1/people", Right.MANAGE_PEOPLE, ""),
        (DESK, "POST /api/v1/people/{account}/close", Right.MANAGE_PEOPLE, ""),
        (DESK, "GET /api/v1/communities/{community}/grids", Right.SEE_SITUATION, "elsewhere"),
    ]
    assert all(each.address is not None and not each.program for each in denied)
    _, told = await auditor.get("/api/v1/audit?what=RequestDenied")
    assert [row["by"] for row in told["rows"]] == [DESK] * 3
    assert told["rows"][0]["facts"]["asked"] == "GET /api/v1/communities/{community}/grids"
    assert "RequestDenied" in told["names"]


async def test_one_line_a_minute_tells_how_often(place: Place) -> None:
    """A program that asks in a loop fills no journal; the next line has what came meanwhile."""
    desk = await place.let_in(DESK, (Office.OPERATOR, XIZI))
    for _ in range(5):
        await desk.get("/api/v1/people")
    assert [each.times for each in await place.facts("RequestDenied")] == [1]

    place.time.wind(61)
    await desk.get("/api/v1/people")

    assert [each.times for each in await place.facts("RequestDenied")] == [1, 5]


async def test_a_program_is_told_from_its_person(place: Place) -> None:
    """A token that was made for reports and asks for people."""
    desk = await place.let_in(DESK, (Office.OPERATOR, XIZI), (Office.MANAGER, XIZI))
    wanted = {"label": "报表", "rights": ["see_situation"], "days": 30, "password": PASSWORD}
    _, made = await desk.post("/api/v1/me/tokens", wanted)

    headers = {"Authorization": f"Bearer {made['token']}"}
    assert (await desk.get("/api/v1/people", headers=headers))[0] == 403

    denied = await place.facts("RequestDenied")
    assert [(each.account, each.program) for each in denied] == [(DESK, True)]


async def test_so_many_accounts_at_once_write_no_more_than_the_journal_bears(place: Place) -> None:
    """The bound holds for everybody together, and comes back with time."""
    denials, refused = Denials(place.login.books), NoRightError(Right.HANDLE, "xizi")

    def ask(*accounts: int) -> None:
        for n in accounts:
            name = OperatorName(f"第 {n} 席")
            who = Who(actor=Account(name=name, opened_t=NOON, opened_by=THIS_MACHINE))
            denials.note(who, "POST /api/v1/incidents", refused, "127.0.0.1")

    ask(*range(NOTED_BURST + 5))
    assert len(await place.facts("RequestDenied")) == NOTED_BURST

    place.time.wind(NOTED_BURST / NOTED_PER_S)
    ask(*range(NOTED_BURST + 5)[::-1])

    denied = await place.facts("RequestDenied")
    assert len(denied) == 2 * NOTED_BURST
    assert [each.times for each in denied[NOTED_BURST:][:6]] == [2, 2, 2, 2, 2, 1]
