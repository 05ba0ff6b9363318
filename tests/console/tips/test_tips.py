"""Sealed tips by their addresses: a teller who is afraid, an operator who writes down a call, a
manager who reads and answers for it; and everybody else, who sees nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import structlog

from dispatch.access.words import EVERYWHERE, Office, Right
from dispatch.clock import DAY, HOUR, SECOND
from dispatch.ids import CommunityId
from dispatch.privacy.facts import ValuesExpired
from dispatch.tips.keys import FILE
from dispatch.tips.room import OF_ONE_AT_ONCE
from dispatch.tips.words import WHY_MAX, WORDS_MAX
from tests.console.builders import NOON
from tests.console.login.place import TOKEN, Browser, Place, open_place
from tests.dispatch.tips.tips import PLACE, WORDS

XIZI = CommunityId("xizi")
LI, WANG, ZHAO, QIAN = "李大爷", "王主任", "赵调度", "钱审计"
WHY = "核实三号楼的线索"
CALLER = "孙阿姨13800000000"


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A server whose journal is empty."""
    async with open_place(tmp_path) as made:
        yield made


async def people(place: Place) -> tuple[Browser, Browser, Browser]:
    """Somebody who tells, a manager, an operator."""
    teller = await place.let_in(LI)
    manager = await place.let_in(WANG, (Office.MANAGER, XIZI))
    operator = await place.let_in(ZHAO, (Office.OPERATOR, XIZI))
    return teller, manager, operator


async def give(browser: Browser, **fields: Any) -> str:
    """Its code."""
    body = {"community": "xizi", "kind": "gambling", "words": WORDS, "place": PLACE, **fields}
    status, told = await browser.post("/api/v1/tips", body)
    assert status == 200, told
    return str(told["code"])


async def only_tip(manager: Browser) -> dict[str, Any]:
    """The one that is listed."""
    status, told = await manager.get("/api/v1/tips")
    assert status == 200, told
    (tip,) = told["tips"]
    return dict(tip)


async def read(manager: Browser, tip: str, why: str = WHY) -> dict[str, Any]:
    """All it says."""
    status, told = await manager.post(f"/api/v1/tips/{tip}/read", {"why": why})
    assert status == 200, told
    return dict(told)


def everything_on_disk(folder: Path) -> bytes:
    """Of every file in the data folder."""
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


async def test_a_tip_is_given_read_noted_closed_and_its_teller_sees_how_far_it_came(
    place: Place,
) -> None:
    """From the stairwell to the end, in everybody's hands."""
    teller, manager, _ = await people(place)
    nobody = place.browser()
    code = await give(teller, lon=120.15, lat=30.25)

    async def state() -> str:
        status, told = await nobody.post("/api/v1/tips/state", {"code": code.lower()})
        assert status == 200, told
        return str(told["state"])

    listed = await only_tip(manager)
    assert (listed["kind"], listed["state"], listed["anonymous"]) == ("gambling", "given", False)
    assert (await manager.get("/api/v1/tips/waiting"))[1] == {"count": 1}
    assert await state() == "given"

    opened = await read(manager, listed["tip"])
    assert (opened["words"], opened["place"]) == (WORDS, PLACE)
    assert (opened["lon"], opened["lat"]) == (120.15, 30.25)
    assert opened["teller"] == {"account": LI, "unit": None, "caller": ""}
    assert opened["reads"] == []
    assert await state() == "read"
    assert (await manager.get("/api/v1/tips/waiting"))[1] == {"count": 0}

    note = {"words": "派民警去看过，确有其事", "acted": True}
    assert await manager.post(f"/api/v1/tips/{listed['tip']}/notes", note) == (
        200,
        {"state": "acted"},
    )
    assert await state() == "acted"
    end = {"outcome": "handed_over", "words": "派出所已立案"}
    assert await manager.post(f"/api/v1/tips/{listed['tip']}/close", end) == (
        200,
        {"state": "closed"},
    )
    assert await state() == "closed"

    again = await read(manager, listed["tip"], "写月报")
    assert [(each["by"], each["why"]) for each in again["reads"]] == [(WANG, WHY)]
    assert [(n["words"], n["acted"], n["outcome"]) for n in again["notes"]] == [
        ("派民警去看过，确有其事", True, None),
        ("派出所已立案", False, "handed_over"),
    ]
    assert again["tip"]["closed_by"] == WANG


async def test_who_gives_no_name_is_named_nowhere(place: Place) -> None:
    """Not in the tip, not in the journal's new facts, not in what is logged meanwhile; opening it
    with every key says so, too."""
    teller, manager, _ = await people(place)
    await place.facts("LoggedIn")  # all that was noted is on disk
    before = place.store.verify().facts

    with structlog.testing.capture_logs() as logged:
        await give(teller, anonymous=True)
        opened = await read(manager, (await only_tip(manager))["tip"])

    assert opened["teller"] is None
    assert opened["taken_by"] == ""
    facts = place.store.tip_facts()
    assert [type(fact).__name__ for _, fact in facts] == ["TipGiven", "TipRead"]
    assert place.store.verify().facts == before + 2, "no other fact tells of it"
    assert LI not in repr(place.store.whole_tip_facts([seq for seq, _ in facts]))
    assert LI not in repr(logged)


async def test_no_word_of_it_is_in_the_journal_a_file_or_the_log(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whoever has the disk without the key has nothing: words, place, kind, teller, notes."""
    teller, manager, operator = await people(place)
    note = "派民警老周去看过"
    with structlog.testing.capture_logs() as logged:
        await give(teller)
        await give(operator, words="隔壁夜里打孩子", kind="violence", call={"caller": CALLER})
        for tip in (await manager.get("/api/v1/tips"))[1]["tips"]:
            await read(manager, tip["tip"])
            await manager.post(f"/api/v1/tips/{tip['tip']}/notes", {"words": note})
        await manager.post("/api/v1/tips", {"community": "xizi", "kind": WORDS, "words": WORDS})

    (place.store_folder / FILE).unlink()
    disk = everything_on_disk(place.store_folder)
    printed = "".join(capfd.readouterr()) + repr(logged)
    for words in (WORDS, PLACE, "隔壁夜里打孩子", CALLER, note, "gambling", "violence"):
        for said in (words, json.dumps(words)[1:-1]):
            assert said.encode() not in disk, words
            assert said not in printed, words
    assert LI.encode() in disk, "the account itself stands there: the search would find it"
    assert WHY.encode() in disk, "and the reason, which the audit shows"


async def test_reading_is_on_disk_before_a_word_goes_out(place: Place) -> None:
    """With a store that takes nothing, nobody reads."""
    teller, manager, _ = await people(place)
    await give(teller)
    tip = (await only_tip(manager))["tip"]
    place.store._journal.close()  # as a database that is gone

    status, told = await manager.post(f"/api/v1/tips/{tip}/read", {"why": WHY})

    assert status == 503
    assert WORDS not in json.dumps(told, ensure_ascii=False)


async def test_a_reason_is_asked_and_is_a_sentence(place: Place) -> None:
    """Blanks are none."""
    teller, manager, _ = await people(place)
    await give(teller)
    tip = (await only_tip(manager))["tip"]

    for why in ("", "   ", "\u202e", "字" * (WHY_MAX + 1)):
        status, told = await manager.post(f"/api/v1/tips/{tip}/read", {"why": why})
        assert status == 422, told
    assert (await only_tip(manager))["state"] == "given"


async def test_nobody_else_sees_that_there_is_one(place: Place) -> None:
    """Not the operator, not the administrator, not the auditor, not its teller, not the machine;
    a manager of another community is told that there is none of this name."""
    teller, manager, operator = await people(place)
    administrator = await place.administrator()
    auditor = await place.let_in(QIAN, (Office.AUDITOR, EVERYWHERE))
    elsewhere = await place.let_in("周主任", (Office.MANAGER, CommunityId("hubin")))
    await give(teller)
    tip = (await only_tip(manager))["tip"]

    for browser in (teller, operator, administrator, auditor):
        assert (await browser.get("/api/v1/tips"))[0] == 403
        assert (await browser.get("/api/v1/tips/waiting"))[0] == 403
        assert (await browser.post(f"/api/v1/tips/{tip}/read", {"why": WHY}))[0] == 403
    assert (await elsewhere.get("/api/v1/tips"))[1]["tips"] == []
    assert (await elsewhere.get("/api/v1/tips/waiting"))[1] == {"count": 0}
    status, told = await elsewhere.post(f"/api/v1/tips/{tip}/read", {"why": WHY})
    assert (status, told["code"]) == (404, "unknown_tip")
    for path, body in (("", None), (f"/{tip}/read", {"why": WHY})):
        assert (await place.machine(f"/api/v1/tips{path}", body))[0] == 403
    assert (await only_tip(manager))["readers"] == []


async def test_no_program_reads_one(place: Place) -> None:
    """Whoever reads answers for it by name and reason; a token in a script does not."""
    teller, manager, _ = await people(place)
    await give(teller)
    tip = (await only_tip(manager))["tip"]
    wanted = {
        "label": "script",
        "rights": [Right.READ_TIPS.value],
        "days": 1,
        "password": "夜班要喝浓茶2杯才行的",
    }
    status, token = await manager.post("/api/v1/me/tokens", wanted)
    assert status == 200, token
    program = place.browser()
    headers = {"Authorization": f"Bearer {token['token']}"}

    assert (await program.get("/api/v1/tips", headers=headers))[0] == 403
    assert (await program.post(f"/api/v1/tips/{tip}/read", {"why": WHY}, **headers))[0] == 403
    assert TOKEN not in token["token"]


async def test_an_operator_writes_down_a_call_and_cannot_open_it_again(place: Place) -> None:
    """The caller is sealed, the operator who wrote it down is not; whoever may not handle there
    writes nothing down for others."""
    teller, manager, operator = await people(place)
    await give(operator, call={"caller": CALLER})

    opened = await read(manager, (await only_tip(manager))["tip"])

    assert opened["teller"] == {"account": None, "unit": None, "caller": CALLER}
    assert (opened["taken_by"], opened["tip"]["way"]) == (ZHAO, "call")
    assert (await operator.get("/api/v1/tips"))[0] == 403
    status, told = await teller.post(
        "/api/v1/tips",
        {"community": "xizi", "kind": "other", "words": "x", "call": {"caller": "me"}},
    )
    assert (status, told["code"]) == (403, "no_right")
    denied = [each.account for each in await place.facts("RequestDenied")]
    assert LI not in denied, "that somebody wanted to tell is told nowhere"


async def test_a_key_that_others_can_read_seals_nothing(place: Place) -> None:
    """Better no tip than one that is not sealed; the teller is told, and the administrator."""
    teller, manager, _ = await people(place)
    await give(teller)
    tip = (await only_tip(manager))["tip"]
    (place.store_folder / FILE).chmod(0o644)

    body = {"community": "xizi", "kind": "other", "words": "x"}
    assert (await teller.post("/api/v1/tips", body))[0] == 503
    assert (await manager.post(f"/api/v1/tips/{tip}/read", {"why": WHY}))[0] == 503
    assert "chmod 600" in place.tips.key_words

    (place.store_folder / FILE).chmod(0o600)
    assert (await read(manager, tip))["words"] == WORDS
    assert place.tips.key_words == ""


async def test_a_caller_who_gives_no_name_leaves_none(place: Place) -> None:
    """The operator is no teller."""
    _, manager, operator = await people(place)

    await give(operator, call={"caller": "  "})

    assert (await read(manager, (await only_tip(manager))["tip"]))["teller"] is None


async def test_only_who_read_it_writes_to_it_and_it_is_closed_once(place: Place) -> None:
    """A colleague who closes it unread would answer for what they do not know."""
    teller, manager, _ = await people(place)
    second = await place.let_in("孙主任", (Office.MANAGER, XIZI))
    await give(teller)
    tip = (await only_tip(manager))["tip"]
    end = {"outcome": "unfounded"}

    status, told = await second.post(f"/api/v1/tips/{tip}/close", end)
    assert (status, told["code"]) == (409, "read_it_first")
    status, told = await second.post(f"/api/v1/tips/{tip}/notes", {"words": "x"})
    assert (status, told["code"]) == (409, "read_it_first")

    await read(manager, tip)
    await read(second, tip, "接班核对")
    answers = await asyncio.gather(
        *(each.post(f"/api/v1/tips/{tip}/close", end) for each in (manager, second))
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    assert (await only_tip(manager))["readers"] == [WANG, "孙主任"]


async def test_the_audit_tells_who_read_which_and_why_and_no_word(place: Place) -> None:
    """And not that one was given."""
    teller, manager, _ = await people(place)
    auditor = await place.let_in(QIAN, (Office.AUDITOR, XIZI))
    stranger = await place.let_in("吴审计", (Office.AUDITOR, CommunityId("hubin")))
    await give(teller)
    tip = (await only_tip(manager))["tip"]
    await read(manager, tip)
    await manager.post(f"/api/v1/tips/{tip}/notes", {"words": "派民警去看过"})

    status, told = await auditor.get("/api/v1/audit")

    assert status == 200
    rows = [each for each in told["rows"] if each["what"].startswith("Tip")]
    assert [(each["what"], each["by"]) for each in rows] == [("TipNoted", WANG), ("TipRead", WANG)]
    assert rows[1]["facts"]["why"] == WHY
    assert rows[1]["facts"]["tip"] == tip
    assert rows[0]["facts"]["words"] == "…"
    _, csv = await auditor.get("/api/v1/audit.csv")
    assert WORDS not in json.dumps([told, csv], ensure_ascii=False)
    _, others = await stranger.get("/api/v1/audit")
    assert [each for each in others["rows"] if each["what"].startswith("Tip")] == []


async def test_a_persons_own_copy_has_the_tips_they_gave_and_nobody_elses_has(
    place: Place,
) -> None:
    """Under their name: of one without a name nobody can say whose it was. A copy that a manager
    takes of them says not even that there are any."""
    teller, manager, _ = await people(place)
    await give(teller)
    await give(teller, words="不留名的一条", anonymous=True)

    status, own = await teller.get("/api/v1/me/data")
    assert status == 200
    (only,) = own["tips"]["given"]
    assert (only["words"], only["kind"], only["state"]) == (WORDS, "gambling", "given")
    assert own["tips"]["sealed_and_perhaps_theirs"] == 0

    administrator = await place.administrator()
    status, theirs = await administrator.get(f"/api/v1/people/{LI}/data")
    assert status == 200
    assert "tips" not in theirs
    assert WORDS not in json.dumps(theirs, ensure_ascii=False)
    status, other = await manager.get("/api/v1/me/data")
    assert other["tips"]["given"] == []


async def test_a_code_is_looked_for_slowly(place: Place) -> None:
    """Guessing is not worth it; who mistypes one is told so and is not counted."""
    teller, _, _ = await people(place)
    code = await give(teller)
    nobody = place.browser()
    wrong = "22222-22222"
    for _ in range(8):
        status, told = await nobody.post("/api/v1/tips/state", {"code": "abc"})
        assert (status, told["facts"]["why"]) == (404, "mistyped")

    statuses = [(await nobody.post("/api/v1/tips/state", {"code": wrong}))[0] for _ in range(7)]

    assert statuses[0] == 404
    assert statuses[-1] == 429
    assert (await nobody.post("/api/v1/tips/state", {"code": code}))[0] == 429
    place.time.wind(HOUR / SECOND)
    assert (await nobody.post("/api/v1/tips/state", {"code": code}))[0] == 200


async def test_nobody_floods_it(place: Place) -> None:
    """A tenth one in an hour is a prank; others are not held up."""
    teller, _, operator = await people(place)
    for _ in range(OF_ONE_AT_ONCE):
        await give(teller, anonymous=True)

    body = {"community": "xizi", "kind": "other", "words": "x"}
    status, told = await teller.post("/api/v1/tips", body)

    assert (status, told["code"]) == (429, "too_many_tips")
    await give(operator)
    place.time.wind(HOUR / SECOND)
    await give(teller)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"words": ""}, "unfit_tip"),
        ({"words": " \u200b "}, "unfit_tip"),
        ({"words": "字" * (WORDS_MAX + 1)}, "too_long"),
        ({"kind": "noise"}, "unknown_kind"),
        ({"community": "nowhere"}, "unknown_community"),
        ({"lon": 120.0}, "bad_place"),
        ({"lon": 120.0, "lat": 91.0}, "bad_place"),
        ({"name": "x"}, "bad_body"),
    ],
)
async def test_what_is_no_tip_is_refused_with_a_code(
    place: Place, fields: dict[str, Any], code: str
) -> None:
    """And none of it is repeated."""
    teller = await place.let_in(LI)
    body = {"community": "xizi", "kind": "other", "words": "x", **fields}

    status, told = await teller.post("/api/v1/tips", body)

    assert status in {400, 404, 422}
    assert told["code"] == code


async def test_the_page_is_told_what_it_needs(place: Place) -> None:
    """By somebody with no office at all: they may tell, too."""
    teller = await place.let_in(LI)

    status, told = await teller.get("/api/v1/tips/door")

    assert status == 200
    assert "xizi" in [each["id"] for each in told["communities"]]
    assert "violence" in told["kinds"]
    assert (told["words_max"], told["days"]) == (WORDS_MAX, 365)


async def test_what_it_says_goes_in_time_and_the_chain_stays(place: Place) -> None:
    """A purpose of its own, with days of its own; who read it and when stays told."""
    teller, manager, _ = await people(place)
    await give(teller)
    tip = (await only_tip(manager))["tip"]
    await read(manager, tip)

    erased = await asyncio.to_thread(place.store.erase_expired, NOON + 366 * DAY)

    assert erased >= 3
    assert [fact.values["tip"] for fact in await place.facts(ValuesExpired.__name__)] == [3]
    report = place.store.verify()
    assert report.broken_at_seq is None
    listed = await only_tip(manager)
    assert (listed["kind"], listed["sealed"], listed["state"]) == (None, False, "read")
    status, told = await manager.post(f"/api/v1/tips/{tip}/read", {"why": WHY})
    assert (status, told["code"]) == (404, "tip_erased")


async def test_without_the_key_nobody_reads_and_that_is_said(place: Place) -> None:
    """After a restore, or a lost disk: the list stands, and says which key is missing. Nobody is
    recorded as having read what nobody could."""
    teller, manager, _ = await people(place)
    code = await give(teller)
    key = (place.store_folder / FILE).read_bytes()
    (place.store_folder / FILE).unlink()
    tip = (await only_tip(manager))["tip"]

    assert (await only_tip(manager))["sealed"] is True
    status, told = await manager.post(f"/api/v1/tips/{tip}/read", {"why": WHY})
    assert (status, told["code"], told["facts"]["why"]) == (409, "tip_sealed", "key")
    assert (await place.browser().post("/api/v1/tips/state", {"code": code}))[0] == 404
    assert (await only_tip(manager))["state"] == "given"

    (place.store_folder / FILE).write_bytes(key)
    (place.store_folder / FILE).chmod(0o600)
    assert (await read(manager, tip))["words"] == WORDS


async def test_a_server_that_starts_again_knows_them_all(tmp_path: Path) -> None:
    """How each stands is folded from the journal."""
    async with open_place(tmp_path) as place:
        teller, manager, _ = await people(place)
        code = await give(teller)
        tip = (await only_tip(manager))["tip"]
        await read(manager, tip)

    async with open_place(tmp_path) as place:
        manager = place.browser()
        await manager.log_in(WANG, "夜班要喝浓茶2杯才行的")
        assert (await only_tip(manager))["state"] == "read"
        assert (await place.browser().post("/api/v1/tips/state", {"code": code}))[1] == {
            "state": "read"
        }
        again = await read(manager, tip)
        assert [each["by"] for each in again["reads"]] == [WANG]


async def test_nothing_of_it_reaches_the_stream_or_the_counts(place: Place) -> None:
    """An operator's page, a file, a metric: none is told."""
    teller, _, operator = await people(place)
    administrator = await place.administrator()
    before = (await operator.get("/api/v1/snapshot"))[1]

    await give(teller)

    assert len(place.store.tip_facts()) == 1, "it is there"
    after = (await operator.get("/api/v1/snapshot"))[1]
    assert {**after, "now": 0} == {**before, "now": 0}
    async with administrator.client.get(place.url("/metrics")) as answer:
        assert "tip" not in await answer.text()
