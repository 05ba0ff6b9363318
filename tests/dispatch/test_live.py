"""Fixes into the live table: whose are kept, what time they are of, what crossings come of them."""

import dataclasses
import math

import numpy as np

from dispatch.clock import DAY, HOUR, MINUTE, SECOND
from dispatch.ids import UnitId
from dispatch.live import FixOutcome, LiveTable
from dispatch.readings import Fix
from dispatch.roster import Roster
from dispatch.store.port import LastFix
from dispatch.words import Role
from tests.builders import NOON, TOWN, at, called, fixes, patrol, press, shell, town, volunteer


def told(outcome: FixOutcome) -> list[tuple[str, str]]:
    """Whose fixes were taken, and in which grid each is."""
    rows = outcome.rows
    return [
        (rows.names.units[row], rows.names.grids[code])
        for row, code in zip(rows.rows.tolist(), rows.grid.tolist(), strict=True)
    ]


def test_only_fixes_on_duty_or_in_need_are_kept() -> None:
    """Where people walk off duty is nobody's business, until they press."""
    desk = shell(volunteer("v1"), volunteer("v2"))

    assert desk.walk("v1", at(100)).dropped == {"off_duty": 1}
    assert desk.hub.live.last_fix(UnitId("v1")) is None

    desk.press("v1")
    assert desk.walk("v1", at(100)).dropped == {}
    desk.sign_on("v2")
    assert told(desk.walk("v2", at(100))) == [("v2", "g1")]
    desk.sign_off("v2")
    assert desk.walk("v2", at(200)).dropped == {"off_duty": 1}

    incident = next(iter(desk.hub.incidents.values()))
    desk.close(incident)
    desk.wait(1)
    assert desk.walk("v1", at(200)).dropped == {"off_duty": 1}


def test_whoever_withdrew_consent_is_followed_in_need_only() -> None:
    """On duty as anybody, and on no map; a press is taken with its places all the same."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    live, units = desk.hub.live, [UnitId("v1")]
    desk.sign_on("v1")
    desk.sign_on("v2")
    desk.walk("v1", at(100))
    assert live.last_fix(UnitId("v1")) is not None

    live.set_unfollowed([*units, UnitId("of nobody")])

    assert live.last_fix(UnitId("v1")) is None
    assert desk.walk("v1", at(200)).dropped == {"off_duty": 1}
    assert desk.walk("v2", at(200)).dropped == {}
    assert live.is_on_duty(UnitId("v1"))
    desk.press("v1")
    assert desk.walk("v1", at(300)).dropped == {}
    live.set_unfollowed(units)
    assert live.last_fix(UnitId("v1")) is not None
    live.set_unfollowed([])
    desk.wait(1)
    assert desk.walk("v1", at(400)).dropped == {}


def test_who_may_not_sign_on_without_consent_is_heard_in_need() -> None:
    """Paperwork keeps nobody from help, and ends nobody's duty."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    desk.sign_on("v2")

    desk.hub.live.set_barred([UnitId("v1"), UnitId("v2")])
    desk.sign_on("v1")

    assert not desk.hub.live.is_on_duty(UnitId("v1"))
    assert desk.hub.live.is_on_duty(UnitId("v2"))
    desk.press("v1")
    assert len(desk.hub.incidents) == 1
    desk.hub.live.set_barred([])
    desk.sign_on("v1")
    assert desk.hub.live.is_on_duty(UnitId("v1"))


def test_a_batch_is_judged_fix_by_fix() -> None:
    """One radio's nonsense costs the others nothing."""
    desk = shell(volunteer("v1"), volunteer("v2"), volunteer("gone", revoked=True))
    desk.sign_on("v1")
    desk.wait(100)
    t = desk.now
    batch = fixes(
        desk.hub.live,
        ("v1", t, at(600)),
        ("stranger", t, at(100)),
        ("gone", t, at(100)),
        ("v1", t - 10 * SECOND, (math.nan, 30.0)),
        ("v1", t - 10 * SECOND, (181.0, 30.0)),
        ("v2", t, at(100)),
        ("v1", t - 20 * SECOND, at(400)),
        received_t=t,
    )

    outcome = desk.hub.live.take(batch, t)
    again = desk.hub.live.take(fixes(desk.hub.live, ("v1", t, at(600)), received_t=t), t)

    assert outcome.dropped == {
        "unknown_radio": 1,
        "revoked_radio": 1,
        "out_of_range": 2,
        "off_duty": 1,
    }
    assert told(outcome) == [("v1", "g2"), ("v1", "g1")]
    assert outcome.changed_rows.tolist() == [desk.hub.live.row_of(UnitId("v1"))]
    assert again.dropped == {"repeated": 1}


def test_a_backlog_fills_the_history_and_not_the_map() -> None:
    """A unit is where its newest fix says, whichever came last."""
    desk = shell(volunteer("v1"))
    desk.sign_on("v1")
    desk.wait(600)
    desk.walk("v1", at(100))

    late = desk.hub.live.take(
        fixes(desk.hub.live, ("v1", desk.now - 5 * MINUTE, at(900)), received_t=desk.now), desk.now
    )

    assert [unit for unit, _ in told(late)] == ["v1"]
    assert late.changed_rows.tolist() == []
    fix = desk.hub.live.last_fix(UnitId("v1"))
    assert isinstance(fix, Fix)
    assert (fix.t, fix.acc_m) == (desk.now, 8.0)


def test_a_fix_from_before_signing_on_or_long_ago_is_dropped() -> None:
    """The walk to work is private, and yesterday is no news."""
    desk = shell(volunteer("v1"))
    desk.sign_on("v1")

    before = desk.hub.live.take(
        fixes(desk.hub.live, ("v1", desk.now - HOUR, at(100)), received_t=desk.now), desk.now
    )
    desk.now += 2 * DAY
    old = desk.hub.live.take(
        fixes(desk.hub.live, ("v1", desk.now - 25 * HOUR, at(100)), received_t=desk.now), desk.now
    )

    assert (before.dropped, old.dropped) == ({"off_duty": 1}, {"older": 1})


def test_a_clock_that_runs_ahead_does_not_freeze_its_unit() -> None:
    """A fix from tomorrow would keep out all others: it is set back by the radio's skew."""
    desk = shell(volunteer("v1"))
    desk.sign_on("v1")

    for second in range(3):
        desk.wait(10)
        batch = fixes(
            desk.hub.live, ("v1", desk.now + DAY, at(100.0 * second)), received_t=desk.now
        )
        outcome = desk.hub.live.take(batch, desk.now)

        assert outcome.dropped == {"clock_ahead": 1}
        assert outcome.rows.t.tolist() == [desk.now]


def test_a_clock_that_goes_late_does_not_hide_its_unit() -> None:
    """Three minutes slow, it reported every few seconds and was never called: stale, it was said.
    What comes out of a backlog is as old as it is, and goes into the history by our clock."""
    desk = shell(volunteer("v1"))
    live = desk.hub.live
    desk.wait(600)
    desk.sign_on("v1")
    slow = 180 * SECOND

    for _ in range(3):
        desk.wait(10)
        outcome = live.take(
            fixes(live, ("v1", desk.now - slow, at(100)), received_t=desk.now), desk.now
        )
    backlog = fixes(live, ("v1", desk.now - slow - 15 * SECOND, at(900)), received_t=desk.now)
    old = live.take(backlog, desk.now)

    assert outcome.dropped == {"clock_behind": 1}
    assert outcome.rows.t.tolist() == [desk.now]
    assert (old.rows.t.tolist(), old.changed_rows.tolist()) == ([desk.now - 15 * SECOND], [])
    desk.wait(5)
    lon, lat = at(300)
    where = Fix(t=desk.now - slow, lon=lon, lat=lat)
    desk.give(dataclasses.replace(press("v1", t=desk.now), fix=where))
    fix = live.last_fix(UnitId("v1"))
    assert fix is not None
    assert fix.t == desk.now


def test_a_step_of_the_hubs_clock_makes_nobody_stale() -> None:
    """The clock of a quiet hub is set right; the next alarm finds everybody as near as before."""
    desk = patrol()
    assert desk.hub.quiet
    fix = desk.hub.live.last_fix(UnitId("v2"))
    assert fix is not None

    desk.hub.clock_stepped(600 * SECOND)
    desk.now += 600 * SECOND
    desk.hub.expire(desk.now)
    desk.press("v1", where=at(250))

    moved = desk.hub.live.last_fix(UnitId("v2"))
    assert moved is not None
    assert moved.t == fix.t + 600 * SECOND
    [incident] = desk.hub.incidents.values()
    assert called(incident) == ["v2", "v3", "v4", "g1", "p1"]
    assert not desk.hub.quiet


def test_a_walk_into_the_next_grid_is_a_crossing_and_a_jump_is_none() -> None:
    """Receivers jump by kilometres; patrols do not."""
    desk = shell(volunteer("v1"))
    desk.sign_on("v1")
    crossings = []

    def walk(east_m: float) -> None:
        desk.wait(10)
        crossings.extend(desk.walk("v1", at(east_m)).crossings)

    for east_m in (250, 260, 270, 280):
        walk(east_m)
    walk(1_900)
    walk(290)
    assert crossings == []
    for east_m in (400, 480, 560, 600, 640):
        walk(east_m)

    assert [(c.unit, c.from_grid, c.to_grid) for c in crossings] == [("v1", "g1", "g2")]


def test_after_a_restart_units_stand_where_they_stood() -> None:
    """And standing there is no crossing."""
    desk = shell(volunteer("v1"))
    lon, lat = at(600)

    desk.hub.live.restore_fixes(
        [
            LastFix(unit=UnitId("v1"), t=NOON, lon=lon, lat=lat, acc_m=None, battery_pct=50),
            LastFix(unit=UnitId("x"), t=NOON, lon=lon, lat=lat, acc_m=None, battery_pct=None),
        ]
    )

    columns = desk.hub.live.columns
    assert columns.grid.tolist() == [1]
    assert columns.battery.tolist() == [50]


def test_the_fix_of_a_press_is_the_units_newest() -> None:
    """The map shows the one in need where they are."""
    desk = patrol()
    desk.wait(1)

    desk.press("v1", where=at(1_700))

    fix = desk.hub.live.last_fix(UnitId("v1"))
    assert fix is not None
    assert fix.t == desk.now
    assert desk.hub.live.columns.grid[0] == 3


def test_a_fix_that_a_press_told_first_is_in_the_history_all_the_same() -> None:
    """The press overtook the position on its own connection; the track must not lack it."""
    desk = patrol()
    desk.wait(1)
    desk.press("v1", where=at(1_700))

    after = desk.hub.live.take(fixes(desk.hub.live, ("v1", desk.now, at(1_700))), desk.now)
    again = desk.hub.live.take(fixes(desk.hub.live, ("v1", desk.now, at(1_700))), desk.now)

    assert [unit for unit, _ in told(after)] == ["v1"]
    assert after.rows.t.tolist() == [desk.now]
    assert again.dropped == {"repeated": 1}


def test_many_units_keep_their_rows() -> None:
    """Columns grow without mixing up who is who."""
    names = [f"r{n:04d}" for n in range(500)]
    desk = shell(*(volunteer(name) for name in names))

    rows = [desk.hub.live.row_of(UnitId(name)) for name in names]

    assert rows == list(range(500))
    assert desk.hub.live.unit_of_row(499) == "r0499"


def test_free_is_who_is_on_duty_in_reach_not_busy_and_not_left_out() -> None:
    """Where nobody is free, choosing is spared; where anybody is, it must not be."""
    desk = shell(volunteer("v1"), volunteer("v2"), volunteer("gone", revoked=True))
    live = desk.hub.live

    def free(*but: str, role: Role = Role.VOLUNTEER) -> bool:
        return live.anybody_free(TOWN, [role], [UnitId(unit) for unit in but])

    assert not free()
    desk.sign_on("v2")
    assert free()
    assert not free("v2")
    assert not free(role=Role.POLICE)
    live.set_busy(UnitId("v2"), True)
    assert not free()
    live.set_busy(UnitId("v2"), False)
    desk.link("v2", False)
    assert not free()


def test_one_broken_time_neither_stops_its_unit_nor_moves_what_is_right() -> None:
    """A fix from tomorrow among those of now: it is refused alone, with whose it was."""
    desk = shell(volunteer("v1"), volunteer("v2"))
    live = desk.hub.live
    desk.wait(600)
    desk.sign_on("v1")
    desk.sign_on("v2")
    desk.wait(600)
    t = desk.now
    batch = fixes(
        live,
        ("v1", t - 10 * SECOND, at(100)),
        ("v2", t, at(300)),
        ("v1", t + DAY, at(900)),
        ("v1", t, at(200)),
        received_t=t,
    )

    outcome = live.take(batch, t)

    v1 = live.row_of(UnitId("v1"))
    assert (outcome.dropped, outcome.whose) == ({"future": 1}, {"future": v1})
    assert sorted(outcome.rows.t.tolist()) == [t - 10 * SECOND, t, t]
    fix = live.last_fix(UnitId("v1"))
    assert fix is not None
    assert (fix.t, fix.lon) == (t, at(200)[0])


def test_last_week_and_twice_and_out_of_order_never_move_a_unit_back() -> None:
    """What is too old or known is refused with its reason; what is only late is history."""
    desk = shell(volunteer("v1"))
    live = desk.hub.live
    desk.sign_on("v1")
    desk.now += 9 * DAY
    t = desk.now
    live.take(fixes(live, ("v1", t, at(100)), received_t=t), t)
    late = [t - 20 * HOUR, t - MINUTE, t - HOUR, t - MINUTE]

    outcome = live.take(
        fixes(
            live,
            ("v1", t - 7 * DAY, at(900)),
            ("v1", t, at(900)),
            *[("v1", each, at(800)) for each in late],
            received_t=t,
        ),
        t,
    )

    assert outcome.dropped == {"older": 1, "repeated": 1}
    assert outcome.rows.t.tolist() == late
    assert outcome.changed_rows.tolist() == []
    fix = live.last_fix(UnitId("v1"))
    assert fix is not None
    assert (fix.t, fix.lon) == (t, at(100)[0])


def test_a_roster_taken_in_at_once_is_as_one_radio_after_another() -> None:
    """A start has no time for a hundred thousand calls."""
    radios = [
        volunteer("v1", skills=("medical",)),
        dataclasses.replace(volunteer("v2", skills=("aed", "medical")), revoked=True),
        dataclasses.replace(volunteer("g1"), role=Role.GUARD),
    ]
    growing = Roster([town()], [])
    at_once, one_by_one = LiveTable(Roster([town()], radios)), LiveTable(growing)

    for radio in radios:
        growing.put(radio)
        one_by_one.put(radio)

    for name in ("role", "group", "live", "on_duty"):
        left, right = getattr(at_once.columns, name), getattr(one_by_one.columns, name)
        assert left.tolist() == right.tolist(), name
    rows = np.arange(3)
    for live in (at_once, one_by_one):
        assert list(live.names.units) == ["v1", "v2", "g1"]
        assert live.members(TOWN, rows).tolist() == [True, False, True]
        assert live.columns.skills.tolist() == [live._skill_bits(r.skills) for r in radios]
