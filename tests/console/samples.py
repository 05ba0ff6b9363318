"""What the hub and its pages say to each other, as files that two languages read.

The documents come out of the same code that serves them, over a made-up
evening in a made-up community. ``python -m tests.console.samples`` writes the
files anew after a change of the wire; a test holds that they are up to date.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from console.docs import DecisionDocs, community_doc, incident_doc
from console.drill_report import DrillReport, Exercise, drill_report
from console.frames import WORLD, encode_frame, pack_records
from console.picture import Picture
from console.places import Places
from console.wire import (
    STREAM_VERSION,
    Beat,
    Behind,
    Change,
    ClientBeat,
    Hello,
    IncidentDoc,
    Part,
    Resync,
    View,
    Waits,
)
from dispatch.awaited import NOTHING_AWAITED
from dispatch.clock import DAY, MINUTE, SECOND, Instant
from dispatch.desk import Trial
from dispatch.events import (
    AlarmJoined,
    AlarmReceived,
    Event,
    IncidentClosed,
    IncidentEscalated,
    IncidentOpened,
    IncidentTaken,
    NoteAdded,
    OrderReceived,
    Personal,
    Purpose,
    ResponseDecided,
    SeenConfirmed,
    UnitAccepted,
    UnitArrived,
    UnitAssigned,
    UnitCleared,
    UnitDeclined,
    UnitEnRoute,
)
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommandId,
    DecisionId,
    GridId,
    IncidentId,
    RadioId,
    UnitId,
)
from dispatch.incident import Alarm, Incident
from dispatch.plan import Library
from dispatch.plan_files import default_book
from dispatch.store.port import DrillRow
from dispatch.words import (
    AssignmentState,
    Disposition,
    EscalationReason,
    Kind,
    Phase,
    PlaceSource,
    Role,
    Rung,
    Verdict,
)
from tests.console.builders import (
    NOON,
    OPERATOR,
    XIZI,
    FakeHub,
    alarm,
    assignment,
    candidate,
    clock,
    community,
    decision,
    hub,
    incident,
)
from tests.console.samples_bodies import body_samples
from tests.console.samples_places import places_sample
from tests.console.samples_steered import (
    DRILL,
    STEERED_AWAITS,
    exercise,
    merged,
    said,
    steered,
)

FOLDER: Final = Path(__file__).resolve().parent.parent / "wire"

FIRST = IncidentId("xizi-20251121-001")
PRESS = AlarmId("r01/00000000000000a1/1")
ERASED = Personal(Purpose.WORDS, None)


def opened(at: Instant, of: IncidentId = FIRST, **changes: Any) -> IncidentOpened:
    """The fact that an incident was opened by a press."""
    facts: dict[str, Any] = {
        "t": at,
        "community": XIZI,
        "incident": of,
        "kind": Kind.SOS,
        "priority": 1,
        "covert": False,
        "alarm": PRESS,
        "sender": UnitId("r01"),
        "by": None,
        "linked_to": None,
        "place_source": PlaceSource.FIX,
        "grid": GridId("g1"),
        "fix_t": at - 3 * SECOND,
        "place": Personal(Purpose.PLACE, {"lon": 120.00542, "lat": 30.005, "acc_m": 8.0}),
        "words": None,
        "plan": "default-1/sos",
    }
    return IncidentOpened(**(facts | changes))


def first_facts(at: Instant, of: IncidentId = FIRST) -> list[Event]:
    """A press, an incident, a wave of two; the press is no line of the story."""
    about: dict[str, Any] = {"t": at, "community": XIZI, "incident": of}
    return [
        AlarmReceived(
            t=at,
            community=XIZI,
            alarm=PRESS,
            radio=RadioId("r01"),
            boot="00000000000000a1",
            counter=1,
            kind=Kind.SOS,
            covert=False,
            device_t=at - 40_000,
            late=False,
            digest="0" * 64,
            fix=Personal(Purpose.PLACE, {"lon": 120.00542, "lat": 30.005}),
        ),
        opened(at, of),
        ResponseDecided(
            **about,
            decision=DecisionId(f"{of}/w1"),
            wave=1,
            called=(UnitId("r02"), UnitId("g01")),
            missing={Role.VOLUNTEER: 3, Role.GUARD: 1, Role.POLICE: 1},
            short={Role.VOLUNTEER: 7, Role.POLICE: 2},
            inputs=Personal(Purpose.DECISION, {}),
        ),
        *(
            UnitAssigned(
                **about,
                assignment=AssignmentId(f"{of}/{number}"),
                unit=UnitId(unit),
                role=role,
                wave=1,
                distance_m=away_m,
                answer_by_t=at + 30 * SECOND,
                by=None,
            )
            for number, unit, role, away_m in (
                (1, "r02", Role.VOLUNTEER, 120.4),
                (2, "g01", Role.GUARD, 310.0),
            )
        ),
    ]


def first_wave(at: Instant = NOON) -> Any:
    """Two called, the others and why not."""
    return decision(
        [
            candidate("r02", Verdict.CALLED, 120.4),
            candidate("g01", Verdict.CALLED, 310.0, role=Role.GUARD),
            candidate("r01", Verdict.SENDER, 0.0),
            candidate("r03", Verdict.STALE, 640.0, ring=1, fix_age_s=127.0),
            candidate("p01", Verdict.NO_FIX, None, role=Role.POLICE, ring=-1, fix_age_s=None),
        ],
        at=at,
    )


def second_wave() -> Any:
    """The guard would not come, and there is nobody else."""
    return decision(
        [
            candidate("r02", Verdict.ALREADY_ASKED, 120.4),
            candidate("g01", Verdict.ALREADY_ASKED, 310.0, role=Role.GUARD),
            candidate("r01", Verdict.SENDER, 0.0),
            candidate("r03", Verdict.STALE, 640.0, ring=1, fix_age_s=143.0),
            candidate("p01", Verdict.NO_FIX, None, role=Role.POLICE, ring=-1, fix_age_s=None),
        ],
        wave=2,
        at=NOON + 15 * SECOND,
    )


def received() -> tuple[Incident, list[Alarm]]:
    """A second after the press: two units asked, nobody has taken it."""
    return incident(
        phase=Phase.DISPATCHED,
        version=5,
        assignments={
            each.assignment: each
            for each in (
                assignment(1, "r02"),
                assignment(2, "g01", role=Role.GUARD, distance_m=310.0),
            )
        },
        decisions=[first_wave()],
        story=first_facts(NOON)[1:],
        phase_times={Phase.RECEIVED: NOON, Phase.DISPATCHED: NOON},
    ), [alarm()]


def en_route() -> tuple[Incident, list[Alarm]]:
    """Rung louder, taken by name, pressed again; one is coming, one would not."""
    about: dict[str, Any] = {"community": XIZI, "incident": FIRST}
    one = {**about, "assignment": AssignmentId(f"{FIRST}/1"), "unit": UnitId("r02")}
    two = {**about, "assignment": AssignmentId(f"{FIRST}/2"), "unit": UnitId("g01")}
    second = AlarmId("r01/00000000000000a1/2")
    story = [
        *first_facts(NOON)[1:],
        OrderReceived(t=NOON + SECOND, **one),
        OrderReceived(t=NOON + SECOND, **two),
        IncidentEscalated(
            t=NOON + 10 * SECOND, **about, rung=Rung.LOUDER, reason=EscalationReason.NOT_TAKEN
        ),
        IncidentTaken(t=NOON + 12 * SECOND, **about, by=OPERATOR, command=CommandId("c1")),
        SeenConfirmed(t=NOON + 13 * SECOND, **about, alarm=PRESS),
        UnitAccepted(t=NOON + 14 * SECOND, **one),
        UnitDeclined(t=NOON + 15 * SECOND, **two, reason=said("正在处理另一起")),
        AlarmJoined(
            t=NOON + 20 * SECOND,
            **about,
            alarm=second,
            place_source=PlaceSource.FIX,
            grid=GridId("g1"),
            fix_t=NOON + 18 * SECOND,
            place=Personal(Purpose.PLACE, {"lon": 120.0055, "lat": 30.0051}),
        ),
        NoteAdded(
            t=NOON + 25 * SECOND,
            **about,
            by=OPERATOR,
            words=said("居民电话:有人追赶 <b>& 呼救</b>"),
            command=CommandId("c2"),
        ),
        UnitEnRoute(t=NOON + 26 * SECOND, **one),
    ]
    coming = assignment(
        1,
        "r02",
        AssignmentState.EN_ROUTE,
        state_t=NOON + 26 * SECOND,
        times={
            AssignmentState.OFFERED: NOON,
            AssignmentState.RECEIVED: NOON + SECOND,
            AssignmentState.ACCEPTED: NOON + 14 * SECOND,
            AssignmentState.EN_ROUTE: NOON + 26 * SECOND,
        },
    )
    declined = assignment(
        2,
        "g01",
        AssignmentState.DECLINED,
        role=Role.GUARD,
        distance_m=310.0,
        state_t=NOON + 15 * SECOND,
        times={
            AssignmentState.OFFERED: NOON,
            AssignmentState.RECEIVED: NOON + SECOND,
            AssignmentState.DECLINED: NOON + 15 * SECOND,
        },
    )
    return incident(
        phase=Phase.EN_ROUTE,
        version=15,
        alarms=[PRESS, second],
        last_press_t=NOON + 20 * SECOND,
        taken_by=OPERATOR,
        taken_t=NOON + 12 * SECOND,
        assignments={each.assignment: each for each in (coming, declined)},
        decisions=[first_wave(), second_wave()],
        escalations=[(NOON + 10 * SECOND, Rung.LOUDER, EscalationReason.NOT_TAKEN)],
        story=story,
        phase_times={
            Phase.RECEIVED: NOON,
            Phase.DISPATCHED: NOON,
            Phase.ACCEPTED: NOON + 14 * SECOND,
            Phase.EN_ROUTE: NOON + 26 * SECOND,
        },
    ), [alarm(repeats=4, seen_confirmed=True), alarm(second, at=NOON + 20 * SECOND)]


def covert() -> tuple[Incident, list[Alarm]]:
    """A silent press with no fix of its own: the last one, four minutes old."""
    of, press = IncidentId("xizi-20251121-002"), AlarmId("r03/00000000000000b2/7")
    at = NOON + MINUTE
    return incident(
        2,
        at=at,
        covert=True,
        sender=UnitId("r03"),
        place_source=PlaceSource.LAST_FIX,
        grid=GridId("g2"),
        fix_t=at - 4 * MINUTE,
        lon=120.0151,
        lat=30.00501,
        acc_m=None,
        alarms=[press],
        story=[opened(at, of, alarm=press, sender=UnitId("r03"), covert=True)],
    ), [alarm(press, at=at, covert=True, incident=of, fix_t=None, lon=None, lat=None)]


def late() -> tuple[Incident, list[Alarm]]:
    """A press out of a backlog, not on disk yet, from a radio with no fix at all."""
    of, press = IncidentId("xizi-20251121-003"), AlarmId("g01/00000000000000c3/1")
    at = NOON + 2 * MINUTE
    return incident(
        3,
        at=at,
        sender=UnitId("g01"),
        place_source=PlaceSource.POST,
        fix_t=None,
        lon=None,
        lat=None,
        acc_m=None,
        alarms=[press],
        story=[opened(at, of, alarm=press, sender=UnitId("g01"), place=None, fix_t=None)],
    ), [
        alarm(
            press,
            at=at,
            incident=of,
            late=True,
            stored=False,
            conflicts=1,
            device_t=at - DAY,
            fix_t=None,
            lon=None,
            lat=None,
        )
    ]


def linked() -> tuple[Incident, list[Alarm]]:
    """The unit that was on its way presses itself: a responder in danger."""
    of, press = IncidentId("xizi-20251121-004"), AlarmId("r02/00000000000000d4/1")
    at = NOON + 3 * MINUTE
    return incident(
        4,
        at=at,
        sender=UnitId("r02"),
        linked_to=FIRST,
        in_danger=True,
        alarms=[press],
        escalations=[(at, Rung.SUPERVISOR, EscalationReason.UNATTENDED)],
        story=[opened(at, of, alarm=press, sender=UnitId("r02"), linked_to=FIRST)],
    ), [alarm(press, at=at, incident=of)]


def by_phone() -> tuple[Incident, list[Alarm]]:
    """Somebody called; only words say where."""
    of = IncidentId("xizi-20251121-005")
    at = NOON + 4 * MINUTE
    words = "幼儿园后门,两人争吵"
    return incident(
        5,
        at=at,
        kind=Kind.DISPUTE,
        priority=2,
        sender=None,
        opened_by=OPERATOR,
        place_source=PlaceSource.NONE,
        grid=None,
        fix_t=None,
        lon=None,
        lat=None,
        acc_m=None,
        words=words,
        alarms=[],
        last_press_t=None,
        phase=Phase.ACKNOWLEDGED,
        taken_by=OPERATOR,
        taken_t=at,
        story=[
            opened(
                at,
                of,
                kind=Kind.DISPUTE,
                priority=2,
                alarm=None,
                sender=None,
                by=OPERATOR,
                place_source=PlaceSource.NONE,
                grid=None,
                fix_t=None,
                place=None,
                words=said(words),
                command=CommandId("c9"),
            )
        ],
        phase_times={Phase.RECEIVED: at, Phase.ACKNOWLEDGED: at},
    ), []


def erased() -> tuple[Incident, list[Alarm]]:
    """Ended, and its personal values erased: the lines stand, the words are gone."""
    of, press = IncidentId("xizi-20251121-006"), AlarmId("r01/00000000000000e5/1")
    at = NOON - 60 * MINUTE
    about: dict[str, Any] = {"community": XIZI, "incident": of}
    one = {**about, "assignment": AssignmentId(f"{of}/1"), "unit": UnitId("r02")}
    return incident(
        6,
        at=at,
        phase=Phase.CLOSED,
        version=9,
        lon=None,
        lat=None,
        acc_m=None,
        alarms=[press],
        taken_by=OPERATOR,
        taken_t=at + 5 * SECOND,
        assignments={
            AssignmentId(f"{of}/1"): assignment(
                1,
                "r02",
                AssignmentState.CLEAR,
                of=of,
                at=at,
                state_t=at + 9 * MINUTE,
                times={
                    AssignmentState.OFFERED: at,
                    AssignmentState.ACCEPTED: at + 9 * SECOND,
                    AssignmentState.ON_SCENE: at + 4 * MINUTE,
                    AssignmentState.CLEAR: at + 9 * MINUTE,
                },
            )
        },
        story=[
            opened(at, of, alarm=press, place=Personal(Purpose.PLACE, None)),
            UnitArrived(t=at + 4 * MINUTE, **one),
            NoteAdded(
                t=at + 5 * MINUTE, **about, by=OPERATOR, words=ERASED, command=CommandId("c5")
            ),
            UnitCleared(t=at + 9 * MINUTE, **one),
            IncidentClosed(
                t=at + 10 * MINUTE,
                **about,
                by=OPERATOR,
                disposition=Disposition.RESOLVED_ON_SPOT,
                duplicate_of=None,
                words=ERASED,
                command=CommandId("c6"),
            ),
        ],
        closed_t=at + 10 * MINUTE,
        closed_by=OPERATOR,
        disposition=Disposition.RESOLVED_ON_SPOT,
        phase_times={
            Phase.RECEIVED: at,
            Phase.ON_SCENE: at + 4 * MINUTE,
            Phase.CLOSED: at + 10 * MINUTE,
        },
    ), [alarm(press, at=at, incident=of, fix_t=None, lon=None, lat=None)]


STORIES = {
    "received": received,
    "en_route": en_route,
    "covert": covert,
    "late": late,
    "linked": linked,
    "by_phone": by_phone,
    "erased": erased,
}


FURTHER = {"steered": steered, "exercise": exercise, "merged": merged}
"""Stories that are not of the evening: between them they use every member of a document."""


def evening() -> FakeHub:
    """A hub in the middle of all of these, with one press that deciding failed for."""
    full = hub(streets=b'{"type":"FeatureCollection","features":[]}')
    for name, story in STORIES.items():
        if name != "received":
            held, alarms = story()
            full.hold(held, *alarms)
    stuck = alarm(
        "p01/00000000000000f6/3",
        at=NOON + 5 * MINUTE,
        incident=None,
        undecided="ZeroDivisionError: division by zero",
    )
    full.alarms[stuck.alarm] = stuck
    full.operators = frozenset({OPERATOR})
    full.live.columns.on_duty[full.live.columns.row_of("r03")] = False
    full.live.columns.online[full.live.columns.row_of("p01")] = False
    return full


def picture(of: FakeHub) -> Picture:
    """Documents of a hub at noon."""
    places = Places(of.roster.communities.values(), near_m=300.0)
    return Picture(hub=of, clock=clock(), places=places, counts={"positions_shed": 12})


def incident_sample(name: str) -> IncidentDoc:
    """The document of one of the stories."""
    held, alarms = (STORIES | FURTHER)[name]()
    places = Places([community()], near_m=300.0)
    awaited = STEERED_AWAITS if name == "steered" else NOTHING_AWAITED
    return incident_doc(
        held, {each.alarm: each for each in alarms}, places, DecisionDocs(), awaited
    )


def stream_samples() -> dict[str, msgspec.Struct]:
    """One of every message of the stream."""
    full = picture(evening())
    hello = Hello(
        version=STREAM_VERSION,
        server="0.1.0",
        now=full.now_ms(),
        clock_speed=1.0,
        fresh_s=90.0,
        report_interval_s=10.0,
        demo=True,
        operator=OPERATOR,
        communities=[community_doc(each) for each in full.hub.roster.communities.values()],
        waits=Waits(
            louder_s=10.0,
            second_console_s=30.0,
            supervisor_s=60.0,
            wave_s=30.0,
            urgent_s=300.0,
            watch_s=900.0,
            lease_s=60.0,
        ),
    )
    down = full.status()
    down.store_down = "disk full"
    return {
        "hello": hello,
        "snapshot": full.snapshot(seq=41),
        "change": Change(
            seq=42,
            now=full.now_ms(),
            incidents=[incident_sample("received")],
            incidents_gone=["xizi-20251121-006"],
            units=full.units([UnitId("r01"), UnitId("r02")], full.engaged()),
            undecided=[],
            status=down,
        ),
        "change-small": Change(seq=43, now=full.now_ms(), incidents=[incident_sample("covert")]),
        "change-drill": drill_sample(),
        "part": Part(
            left=0,
            incidents=[incident_sample("late")],
            units=full.units([UnitId("g01")], full.engaged()),
        ),
        "beat": Beat(seq=43, now=full.now_ms()),
        "behind": Behind(),
        "client-resync": Resync(),
        "client-view": View(bbox=(120.0, 30.0, 120.02, 30.01)),
        "client-beat": ClientBeat(),
    }


def drill_sample() -> Change:
    """An exercise is on, and a radio wants looking after."""
    full = evening()
    full.drills[XIZI] = (DRILL, "夜间演练")
    held, alarms = exercise()
    full.hold(held, *alarms)
    for number in range(3):
        full.records.note_false(UnitId("r03"), IncidentId(f"xizi-20251101-{number:03d}"), NOON)
    skilled = replace(full.roster.radios[RadioId("r03")], skills=("medical", "fire"))
    full.roster.radios.put(skilled)
    full.trial = Trial(press="00ff00ff00ff00ff:1", decided=True, would_call=3, fault="")
    drawn = picture(full)
    status = drawn.status()
    status.restored_until = drawn.now_ms() - 3_600_000
    return Change(
        seq=44,
        now=drawn.now_ms(),
        incidents=[incident_sample("exercise")],
        units=drawn.units([UnitId("r03")], drawn.engaged()),
        status=status,
    )


def drill_report_sample() -> DrillReport:
    """An exercise of one incident, half an hour later."""
    held, alarms = exercise()
    whole = Exercise(
        drill=DrillRow(
            drill=DRILL,
            community=XIZI,
            name="夜间演练",
            by=OPERATOR,
            started_t=NOON - 5 * MINUTE,
            ended_t=NOON + 20 * MINUTE,
        ),
        incidents=[held],
        alarms={each.alarm: each for each in alarms},
        left_out=False,
    )
    library = Library([default_book()])
    return drill_report(whole, hub().roster, library, NOON + 30 * MINUTE)


def frame_sample() -> dict[str, object]:
    """A position frame as hex, and what it says."""
    live = hub().live
    columns = live.columns
    live.put("r01", 120.00542, 30.005, NOON - 3 * SECOND)
    live.put("g01", -0.1234567, -33.8765432, NOON - 90 * SECOND)
    one, two = columns.row_of("r01"), columns.row_of("g01")
    columns.grid[one], columns.battery[one], columns.busy[one] = 0, 81, True
    columns.acc_m[one], columns.speed[one], columns.course[one] = 8.0, 1.25, 271.5
    columns.online[two] = False
    records = pack_records(columns, np.array([one, two])).tobytes()
    data = encode_frame(records, now_ms=NOON // 1000, first=True, looked=WORLD)
    return {
        "hex": data.hex(),
        "whole": True,
        "now": NOON // 1000,
        "units": [
            {
                "row": one,
                "grid": 0,
                "battery_pct": 81,
                "on_duty": True,
                "online": True,
                "busy": True,
                "lon": 120.00542,
                "lat": 30.005,
                "t": NOON // 1000 - 3000,
                "acc_m": 8.0,
                "speed_mps": 1.25,
                "course_deg": 271.5,
            },
            {
                "row": two,
                "grid": -1,
                "battery_pct": -1,
                "on_duty": True,
                "online": False,
                "busy": False,
                "lon": -0.1234567,
                "lat": -33.8765432,
                "t": NOON // 1000 - 90_000,
                "acc_m": None,
                "speed_mps": None,
                "course_deg": None,
            },
        ],
    }


def files() -> Iterable[tuple[str, bytes]]:
    """Every sample's file name and text."""
    samples: dict[str, object] = {
        **stream_samples(),
        **body_samples(incident_sample("en_route")),
        **{
            f"incident-{name.replace('_', '-')}": incident_sample(name)
            for name in STORIES | FURTHER
        },
        "drill-report": drill_report_sample(),
        "grids": community().grids.to_geojson(),
        "places": places_sample(),
        "frame": frame_sample(),
    }
    for name, sample in samples.items():
        text = msgspec.json.format(msgspec.json.encode(sample), indent=2)
        yield f"{name}.json", text + b"\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file_name, text in files():
        (FOLDER / file_name).write_bytes(text)
