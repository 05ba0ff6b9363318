"""The shell: nothing is said that does not rest on disk, and nobody waits for a broken disk."""

import asyncio
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from dispatch.clock import MINUTE, SECOND, Instant, ManualClock
from dispatch.commands import AddNote, OpenIncident, RevokeRadio
from dispatch.errors import StoreDownError, StoreError, UnknownIncidentError, UnknownUnitError
from dispatch.events import AlarmReceived, IncidentOpened, PatrolReported, UnitAssigned
from dispatch.hub import Hub
from dispatch.ids import CommandId, CommunityId, GridId, IncidentId, OperatorName, RadioId
from dispatch.live import LiveTable
from dispatch.outgoing import OrderMessage, RadioTopic, StoredMessage, ToConsoles, ToRadio
from dispatch.readings import DutyReading, Fix, FixBatch, PressId, PressReading, ReportReading
from dispatch.roster import Community, RadioRecord, Roster
from dispatch.settings import Settings
from dispatch.shell import COMMIT_BOUND_S, HANGS, SLEEP_MAX_S, Shell, sleep_s
from dispatch.words import Kind, Role
from geo.grids import load_grids
from tests.stores import ManualStore

NOON = 1_780_000_000 * SECOND
XIZI = CommunityId("xizi")
SQUARE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "g1", "name": "幼儿园"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[112, 28], [112.01, 28], [112.01, 28.01], [112, 28.01], [112, 28]]
                ],
            },
        }
    ],
}


class HeardRadios:
    """What was sent to radios."""

    def __init__(self) -> None:
        self.sent: list[ToRadio] = []

    def send(self, message: ToRadio) -> None:
        self.sent.append(message)

    def orders(self) -> list[ToRadio]:
        return [m for m in self.sent if isinstance(m.message, OrderMessage)]

    def stored(self) -> list[ToRadio]:
        return [m for m in self.sent if isinstance(m.message, StoredMessage)]


def report(t: Instant) -> ReportReading:
    """The same patrol report of r1 each time."""
    return ReportReading(
        radio=RadioId("r1"),
        community=XIZI,
        key="k1",
        kind=Kind.HAZARD,
        words="",
        photo="",
        fix=None,
        device_t=t,
        received_t=t,
        digest="a",
    )


class SeenConsoles:
    """What pages were told."""

    def __init__(self) -> None:
        self.changes: list[ToConsoles] = []
        self.rows: list[int] = []

    def changed(self, what: ToConsoles) -> None:
        self.changes.append(what)

    def moved(self, rows: npt.NDArray[np.int32]) -> None:
        self.rows.extend(rows.tolist())

    def incidents(self) -> set[IncidentId]:
        return {i for change in self.changes for i in change.incidents}


class House:
    """A shell with everything around it in memory."""

    def __init__(self, *, commit_bound_s: float = COMMIT_BOUND_S) -> None:
        radios = [
            RadioRecord(
                radio=RadioId(f"r{n}"),
                community=XIZI,
                call_sign=f"西子{n}间",
                role=Role.VOLUNTEER,
                post=GridId("g1"),
            )
            for n in range(1, 6)
        ]
        community = Community(
            community=XIZI, name_zh="西子", name_en="Xizi", zone="UTC", grids=load_grids(SQUARE)
        )
        self.roster = Roster([community], radios)
        self.clock = ManualClock(NOON)
        self.hub = Hub(
            settings=Settings(data_dir=Path("nowhere")),
            roster=self.roster,
            live=LiveTable(self.roster),
        )
        self.shell = Shell(hub=self.hub, clock=self.clock, commit_bound_s=commit_bound_s)
        self.store = ManualStore()
        self.radios = HeardRadios()
        self.consoles = SeenConsoles()
        self.kicked: list[RadioId] = []
        self.acks = 0
        self.shell.connect(
            store=self.store,
            radios=self.radios,
            consoles=self.consoles,
            kick=self.kicked.append,
        )
        self.shell.start(self.store.load())

    def ack(self) -> None:
        self.acks += 1

    async def settle(self) -> None:
        """Commit, and let everything that follows from it happen, until nothing waits."""
        await passes()
        while self.store.waiting:
            self.store.commit()
            await passes()

    async def on_duty(self, *names: str) -> None:
        for name in names:
            self.shell.on_reading(
                DutyReading(
                    radio=RadioId(name),
                    community=XIZI,
                    on=True,
                    device_t=self.clock.now(),
                    received_t=self.clock.now(),
                ),
                self.ack,
            )
        await self.settle()
        self.shell.on_fixes(batch(self.hub.live, list(names), self.clock.now()))
        await passes()
        self.radios.sent.clear()
        self.acks = 0

    def press(self, name: str = "r1", *, counter: int = 0, digest: str = "a") -> None:
        self.shell.on_reading(
            PressReading(
                press=PressId(radio=RadioId(name), boot="0" * 16, counter=counter),
                community=XIZI,
                device_t=self.clock.now(),
                received_t=self.clock.now(),
                kind=Kind.SOS,
                covert=False,
                fix=Fix(t=self.clock.now(), lon=112.005, lat=28.005),
                digest=digest,
            ),
            self.ack,
        )


async def passes() -> None:
    """Let the loop run what is ready."""
    for _ in range(20):
        await asyncio.sleep(0)


def batch(live: LiveTable, names: list[str], t: Instant) -> FixBatch:
    n = len(names)
    unknown = np.full(n, np.nan, np.float32)
    return FixBatch(
        rows=np.array([live.find(XIZI, RadioId(name)) for name in names], np.int64),
        t=np.full(n, t, np.int64),
        lon=np.full(n, 112.005) + np.arange(n) * 1e-5,
        lat=np.full(n, 28.005),
        acc_m=np.full(n, 5.0, np.float32),
        speed_mps=unknown,
        course_deg=unknown,
        battery_pct=np.full(n, 80, np.int8),
        received_t=t,
    )


async def test_stored_is_said_only_when_it_is_on_disk() -> None:
    """A radio that heard `stored` falls silent: it must be true by then."""
    house = House()

    house.press()
    await passes()

    assert house.radios.sent == []
    assert house.acks == 0
    await house.settle()
    assert len(house.radios.stored()) == 1
    assert house.acks == 1


async def test_the_turns_follow_each_other_through_the_disk() -> None:
    """Receive, then decide, then call: each rests on the one before."""
    house = House()
    await house.on_duty("r2", "r3")

    house.press()
    await house.settle()

    kinds = [type(fact) for fact in house.store.facts]
    assert kinds.index(AlarmReceived) < kinds.index(IncidentOpened) < kinds.index(UnitAssigned)
    assert {order.radio for order in house.radios.orders()} == {"r2", "r3"}
    assert house.consoles.incidents()


async def test_with_the_store_down_people_are_called_and_nothing_is_promised() -> None:
    """A full disk must cost nobody the help; but the radio must go on pressing."""
    house = House()
    await house.on_duty("r2")
    house.shell.store_state_threadsafe("disk full")
    await passes()

    house.press()
    await passes()

    assert [order.radio for order in house.radios.orders()] == ["r2"]
    assert house.consoles.incidents()
    assert house.radios.stored() == []
    assert house.acks == 0
    assert house.hub.store_down == "disk full"


async def test_when_the_store_is_back_what_was_withheld_is_said_once() -> None:
    """`stored` goes out, orders are not sent a second time."""
    house = House()
    await house.on_duty("r2")
    house.shell.store_state_threadsafe("disk full")
    house.press()
    await passes()

    house.shell.store_state_threadsafe("")
    await house.settle()

    assert len(house.radios.stored()) == 1
    assert len(house.radios.orders()) == 1
    assert house.acks == 1
    opened = [fact for fact in house.store.facts if isinstance(fact, IncidentOpened)]
    assert len(opened) == 1


async def test_a_store_that_goes_down_in_mid_turn_releases_what_waits() -> None:
    """The press was submitted, then the disk died: the people are called all the same."""
    house = House()
    await house.on_duty("r2")
    house.press()
    await passes()
    assert house.radios.orders() == []

    house.shell.store_state_threadsafe("I/O error")
    await passes()

    assert [order.radio for order in house.radios.orders()] == ["r2"]
    assert house.radios.stored() == []


async def hanging() -> House:
    """A house whose store was asked to keep a press and is silent for longer than it may be."""
    house = House(commit_bound_s=0)
    await house.on_duty("r2")
    house.press()
    await passes()
    return house


async def test_a_store_that_hangs_keeps_nobody_from_help() -> None:
    """A database that neither answers nor fails left an alarm on no screen for a minute: nobody
    was called, and nothing said that anything was wrong."""
    house = await hanging()

    assert [order.radio for order in house.radios.orders()] == ["r2"]
    assert house.consoles.incidents()
    assert (house.radios.stored(), house.acks) == ([], 0)
    assert house.hub.store_down == HANGS
    [alarm] = house.hub.alarms.values()
    assert not alarm.stored


async def test_a_store_that_goes_on_after_all_has_kept_what_it_was_given() -> None:
    """`stored` is said once it is true, nobody is called twice, and the warning goes."""
    house = await hanging()

    await house.settle()

    assert house.hub.store_down == ""
    assert (len(house.radios.stored()), house.acks, len(house.radios.orders())) == (1, 1, 1)
    assert len([fact for fact in house.store.facts if isinstance(fact, IncidentOpened)]) == 1
    [alarm] = house.hub.alarms.values()
    assert alarm.stored


async def test_a_store_that_hangs_and_then_fails_is_down_for_the_reason_it_gives() -> None:
    """What it says is better to repair by than that it says nothing; nothing is promised."""
    house = await hanging()

    house.shell.store_state_threadsafe("connection lost")
    await passes()
    assert house.hub.store_down == "connection lost"
    house.store.refuse()
    await passes()

    assert (house.radios.stored(), house.acks, len(house.radios.orders())) == ([], 0, 1)
    house.shell.store_state_threadsafe("")
    await passes()
    assert house.hub.store_down == ""


async def test_a_store_that_answers_in_time_is_never_called_down() -> None:
    """The watch looks again and again, and finds nothing overdue."""
    house = House(commit_bound_s=60)
    await house.on_duty("r2")
    house.press()
    await passes()
    assert (house.hub.store_down, house.radios.orders()) == ("", [])

    await house.settle()

    assert house.hub.store_down == ""
    assert len(house.radios.stored()) == 1
    house.shell.stop()


async def test_a_full_store_still_lets_an_alarm_be_seen() -> None:
    """Beyond every limit of the queue, an alarm is shown and called, unacknowledged and counted."""
    house = House()
    await house.on_duty("r2")
    house.store.full = True

    house.press()
    await passes()

    assert house.radios.orders()
    assert house.radios.stored() == []
    assert house.acks == 0
    assert house.shell.counts["facts_not_kept"] > 0


async def test_a_press_that_a_full_store_refused_is_stored_when_it_is_repeated() -> None:
    """Its radio repeated it for ever, the hub knew it already, and nobody asked the store again."""
    house = House()
    house.store.full = True
    house.press()
    await passes()
    house.store.full = False

    house.press()
    await house.settle()

    kept = [fact for fact in house.store.facts if isinstance(fact, AlarmReceived)]
    assert len(kept) == 1
    assert len(house.radios.stored()) == 1
    assert len(house.hub.incidents) == 1


async def test_what_is_repeated_is_confirmed_when_the_first_of_it_is_on_disk() -> None:
    """A report or a sign-on heard twice within a commit was confirmed at once: had the hub been
    killed then, its radio would have been silent about what nobody had."""
    house = House()
    reading = report(house.clock.now())
    sign_on = DutyReading(
        radio=RadioId("r2"), community=XIZI, on=True, device_t=NOON, received_t=NOON
    )
    for each in (reading, reading, sign_on, sign_on):
        house.shell.on_reading(each, house.ack)
    await passes()
    assert house.radios.sent == []

    await house.settle()

    topics = [each.topic for each in house.radios.sent]
    assert topics.count(RadioTopic.STORED) == 2
    assert topics.count(RadioTopic.CONFIG) == 2


async def test_a_report_that_a_full_store_refused_is_put_down_when_it_is_repeated() -> None:
    """It was confirmed at its second hearing, and stood nowhere."""
    house = House()
    house.store.full = True
    house.shell.on_reading(report(NOON), house.ack)
    await passes()
    house.store.full = False

    house.shell.on_reading(report(NOON), house.ack)
    await passes()
    assert house.radios.stored() == []
    await house.settle()

    kept = [fact for fact in house.store.facts if isinstance(fact, PatrolReported)]
    assert len(kept) == 1
    assert len(house.radios.stored()) == 1


async def test_a_thousand_repeats_of_a_press_are_one_alarm_and_are_all_answered() -> None:
    """A frightened thumb and a stuttering link make one incident."""
    house = House()
    await house.on_duty("r2")

    for _ in range(1000):
        house.press()
    await house.settle()

    received = [fact for fact in house.store.facts if isinstance(fact, AlarmReceived)]
    assert len(received) == 1
    assert len(house.hub.incidents) == 1
    assert house.acks == 1000


async def test_the_same_identity_with_other_content_is_another_alarm() -> None:
    """Two radios with one identity, or one that forgot: both ring, never mixed, and the radio hears
    that this one is stored, too."""
    house = House()
    house.press(digest="a")
    await house.settle()

    house.press(digest="b")
    await house.settle()

    names = [type(fact).__name__ for fact in house.store.facts]
    assert names.count("AlarmReceived") == 2
    assert names.count("AlarmConflicted") == 1

    house.press(digest="b")
    await house.settle()

    assert len([fact for fact in house.store.facts if isinstance(fact, AlarmReceived)]) == 2


async def test_an_operator_hears_that_it_is_done_when_it_is_on_disk() -> None:
    """A note that the page shows as written must survive the power cut a second later."""
    house = House()
    asking = asyncio.create_task(house.shell.ask(opening()))
    await passes()
    assert not asking.done()

    await house.settle()

    assert (await asking).subject in house.hub.incidents


async def test_an_operator_can_work_while_the_store_is_down() -> None:
    """The night goes on; the page says that it is not stored."""
    house = House()
    house.shell.store_state_threadsafe("disk full")
    await passes()

    reply = await house.shell.ask(opening())

    assert reply.subject in house.hub.incidents


def note() -> OpenIncident:
    """A command with an id of its own."""
    return OpenIncident(
        command=CommandId("asked"),
        by=OperatorName("王"),
        community=XIZI,
        kind=Kind.SOS,
        words="电话",
        grid=GridId("g1"),
    )


async def test_asked_again_the_answer_waits_for_the_same_commit() -> None:
    """An asker who had given up asked again and heard that it was done: it was not on disk."""
    house = House()
    first = asyncio.create_task(house.shell.ask(note()))
    await passes()
    first.cancel()
    again = asyncio.create_task(house.shell.ask(note()))
    await passes()
    assert not again.done()

    await house.settle()

    assert (await again).subject
    assert await house.shell.ask(note()) == await again
    assert len([fact for fact in house.store.facts if isinstance(fact, IncidentOpened)]) == 1


async def test_what_was_not_kept_is_not_done_however_often_it_is_asked() -> None:
    """The second asking must not hear that it is done when the first heard that it is not."""
    house = House()
    first = asyncio.create_task(house.shell.ask(note()))
    await passes()
    house.store.refuse()

    for asking in (first, asyncio.create_task(house.shell.ask(note()))):
        with pytest.raises(StoreError):
            await asking


async def test_a_refused_command_is_told_to_its_asker_alone() -> None:
    """The hub goes on."""
    house = House()

    with pytest.raises(UnknownIncidentError):
        await house.shell.ask(
            AddNote(
                command=CommandId("c"),
                by=OperatorName("Li"),
                incident=IncidentId("none"),
                words="?",
            )
        )

    house.press()
    await house.settle()
    assert len(house.hub.incidents) == 1


async def test_a_command_that_cannot_be_kept_fails_with_the_reason() -> None:
    """A person who asks must not be told that it was done."""
    house = House()
    house.store.full = True

    for _ in range(2):
        with pytest.raises(StoreDownError):
            await house.shell.ask(opening())
        house.store.full = False  # there is room again; this request was lost all the same


async def test_a_slice_of_positions_moves_its_units_at_once() -> None:
    """The door cuts slices that an alarm can wait for; nothing queues here."""
    house = House()
    await house.on_duty("r2")
    house.clock.advance(MINUTE)
    row = house.hub.live.find(XIZI, RadioId("r2"))

    house.shell.on_fixes(batch(house.hub.live, ["r2"], NOON + MINUTE))

    assert int(house.hub.live.columns.fix_t[row]) == NOON + MINUTE
    assert row in house.consoles.rows
    assert house.store.fixes[-1].t.tolist() == [NOON + MINUTE]


async def test_positions_that_gave_way_are_counted_for_the_console() -> None:
    """The page says so as long as the number grows."""
    house = House()

    house.shell.on_positions_shed(3)
    house.shell.on_positions_shed(2)

    assert house.shell.counts["positions_shed"] == 5


async def test_a_revoked_radio_can_be_enrolled_again() -> None:
    """A slip of the hand is undone without a restart; its table row is there before it is used."""
    house = House()
    revoking = asyncio.create_task(
        house.shell.ask(
            RevokeRadio(command=CommandId("c"), by=OperatorName("Li"), radio=RadioId("r2"))
        )
    )
    await passes()
    await house.settle()
    await revoking
    assert house.kicked == ["r2"]
    assert house.roster.radios[RadioId("r2")].revoked

    enrolling = asyncio.create_task(
        house.shell.enroll(RadioId("r2"), secret_hash="h", by=OperatorName("Li"))
    )
    await passes()
    assert house.roster.radios[RadioId("r2")].revoked, "not before it is on disk"
    await house.settle()
    await enrolling

    assert not house.roster.radios[RadioId("r2")].revoked
    assert house.consoles.changes[-1].units == {"r2"}


async def test_a_new_secret_drops_who_came_in_with_the_old_one() -> None:
    """The thief of a radio is connected: void means void, and not from the next connection on."""
    house = House()

    enrolling = asyncio.create_task(
        house.shell.enroll(RadioId("r2"), secret_hash="h", by=OperatorName("Li"))
    )
    await passes()
    assert house.kicked == [], "with the old secret still in the table it would come straight back"
    await house.settle()
    await enrolling

    assert house.kicked == ["r2"]


async def test_nobody_is_enrolled_who_is_not_on_the_roster() -> None:
    """Radios come onto the roster by a community file."""
    house = House()

    with pytest.raises(UnknownUnitError):
        await house.shell.enroll(RadioId("r9"), secret_hash="h", by=OperatorName("Li"))


def test_a_machine_that_slept_is_not_late_for_long() -> None:
    """The loop's clock stood still meanwhile; the hub's, and those who wait, did not."""
    assert sleep_s(30 * MINUTE, speed=1) == SLEEP_MAX_S
    assert sleep_s(3 * SECOND, speed=1) == 3
    assert sleep_s(3 * SECOND, speed=20) == 0.15
    assert sleep_s(-5 * SECOND, speed=1) == 0.001


async def test_after_stop_nothing_more_is_sent() -> None:
    """A hub that is going down must not send orders that nobody will follow up."""
    house = House()
    await house.on_duty("r2")
    house.press()

    house.shell.stop()
    await house.settle()

    assert house.radios.sent == []


def opening() -> OpenIncident:
    return OpenIncident(
        command=CommandId("open-1"),
        by=OperatorName("Li"),
        community=XIZI,
        kind=Kind.FIRE,
        words="饭店烟道冒烟",
        grid=GridId("g1"),
    )


async def test_what_is_on_disk_is_said_before_anybody_is_decided() -> None:
    """Of many presses at once none waits for its `stored` until the others' helpers are chosen:
    a decision takes milliseconds, two hundred of them seconds."""
    house = House()
    await house.on_duty("r5")
    for name in ("r1", "r2", "r3"):
        house.press(name)

    house.store.commit()
    for _ in range(3):  # what was committed comes in, and what follows begins
        await asyncio.sleep(0)

    assert len(house.radios.stored()) == 3
    assert house.store.waiting == 1, "one was opened"


async def test_all_are_shown_before_people_are_called_to_the_first() -> None:
    """An operator sees at once that it is three; and waits for no disk to see it."""
    house = House()
    await house.on_duty("r5")
    for name in ("r1", "r2", "r3"):
        house.press(name)
    house.store.commit()

    for _ in range(20):
        if len(house.consoles.incidents()) < 3:
            await asyncio.sleep(0)

    opened = house.shell.hub.incidents.values()
    assert [each.decisions for each in opened] == [[], [], []]
    assert house.radios.orders() == []
    await house.settle()
    assert len(house.radios.orders()) == 1, "the one who is on duty"


async def test_what_many_commits_come_to_is_heard_some_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A group of a thousand must not keep the loop from the next press."""
    monkeypatch.setattr("dispatch.shell.ANSWERS_AT_ONCE", 2)
    house = House()
    await house.settle()
    for name in ("r1", "r2", "r3"):
        house.press(name)
    house.store.commit()

    await asyncio.sleep(0)
    assert len(house.radios.stored()) == 2
    await asyncio.sleep(0)
    assert len(house.radios.stored()) == 3


async def test_deciding_waits_for_a_press_that_is_not_on_disk_yet() -> None:
    """The writer shares the processor with the hub: the press comes first."""
    house = House()
    await house.on_duty("r5")
    house.press("r1")
    house.store.commit()
    house.press("r2")

    await passes()

    assert len(house.radios.stored()) == 1
    assert house.store.waiting == 1, "the second press, and no decision"
    await house.settle()
    assert len(house.consoles.incidents()) == 2


async def test_a_disk_that_stalls_holds_up_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored is decided within a moment, whatever else the disk does not take."""
    monkeypatch.setattr("dispatch.shell.PRESSES_FIRST_S", 0.0)
    house = House()
    await house.on_duty("r5")
    house.press("r1")
    house.store.commit()
    house.press("r2")

    await passes()

    assert house.store.waiting == 3, "the second press; the first one's incident, and its wave"


async def test_a_press_on_its_way_to_the_disk_goes_before_positions() -> None:
    """But not one that a broken disk keeps waiting: positions would be shed for nothing."""
    house = House()
    house.press()
    assert house.shell.presses_wait()

    await house.settle()
    assert not house.shell.presses_wait()

    house.press("r2")
    house.shell.store_state_threadsafe("disk full")
    await passes()
    assert not house.shell.presses_wait()


async def test_a_call_goes_before_positions_until_it_is_on_disk() -> None:
    """From the press to the orders there is always somebody waiting; not once a disk is broken."""
    house = House()
    await house.on_duty("r5")
    house.press("r1")
    house.store.commit()
    await passes()

    assert not house.shell.presses_wait()
    assert house.shell.people_wait(), "the incident and its wave are under way"

    await house.settle()
    assert not house.shell.people_wait()

    house.press("r2")
    house.store.commit()
    await passes()
    house.shell.store_state_threadsafe("disk full")
    await passes()
    assert not house.shell.people_wait()


async def test_what_is_due_waits_for_a_press_that_is_not_on_disk_yet() -> None:
    """After a long stop thousands of waves are due: a press goes before the next of them."""
    house = House()
    await house.on_duty("r5")
    house.press("r1")
    await house.settle()
    house.clock.advance(MINUTE)
    house.press("r2")

    house.shell._wake()

    assert house.store.waiting == 1, "the press, and nothing of what is due"
    await house.settle()
    [first, _] = house.hub.incidents.values()
    assert not any(each.live for each in first.assignments.values()), "its answer was due"


async def test_a_disk_that_stalls_holds_up_no_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """People are called without it."""
    monkeypatch.setattr("dispatch.shell.PRESSES_FIRST_S", 0.0)
    house = House()
    await house.on_duty("r5")
    house.press("r1")
    await house.settle()
    house.clock.advance(MINUTE)
    house.press("r2")

    house.shell._wake()

    assert house.store.waiting > 1
