"""Off duty means that no fix is stored or shown, looked for in the database itself.

Every fix that a radio sends here is at a place of its own. What may be kept is compared with the
whole history; what may not is searched for in every row of every table, in the live table and
in what the consoles are sent. That what may be kept is kept matters as much: an empty
history would prove nothing.
"""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import MetaData, inspect, select
from sqlalchemy.engine import Engine

from console.frames import decode_frame
from console.positions import Eye, Motion
from dispatch.clock import DAY, SECOND, Instant
from dispatch.heard import OFF_LEAST
from dispatch.hub import Hub
from dispatch.ids import IncidentId, UnitId
from dispatch.live import LiveTable
from dispatch.messages import Effects
from dispatch.outgoing import ForgetFixes
from dispatch.roster import Roster
from dispatch.store.sql import SqlStore
from tests.builders import NOON, Shell, at, duty, fixes, press, settings, town, volunteer
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.past import WORLD

V1 = UnitId("v1")
E7 = 1e7


@dataclass
class Street:
    """A hub, its store and a console, and one volunteer who walks on two metres for each fix."""

    home: Home
    store: SqlStore
    desk: Shell
    motion: Motion
    eye: Eye
    kept: dict[int, Instant] = field(default_factory=dict)
    """What the history must have: lon_e7, and when."""
    secret: set[int] = field(default_factory=set)
    """What nobody may have."""
    off_us: int = 0
    """How far the radio's clock is ahead of ours."""
    _facts: int = 0
    _metres: "itertools.count[int]" = field(default_factory=lambda: itertools.count(10, 2))

    # --- the radio ---

    def sign(self, on: bool) -> None:
        self.desk.give(duty("v1", on, self.desk.now, device_t=self.desk.now + self.off_us))
        self._on_disk()

    def press(self, counter: int = 1) -> IncidentId:
        """Without a place of its own: it is the fixes that are looked at."""
        self.desk.give(press("v1", counter, t=self.desk.now, device_t=self.desk.now + self.off_us))
        self._on_disk()
        return next(i.incident for i in self.desk.hub.incidents.values() if i.open)

    def close(self) -> None:
        for incident in list(self.desk.hub.incidents.values()):
            if incident.open:
                self.desk.close(incident)
        self._on_disk()

    def send(self, *ages_s: float, keep: bool, by: int | None = None) -> None:
        """A message with fixes that are so old; whether these may be kept."""
        told = []
        for age_s in ages_s:
            lon, lat = at(next(self._metres))
            t = self.desk.now - round(age_s * SECOND)
            told.append(("v1", t + (self.off_us if by is None else by), (lon, lat)))
            lon_e7 = round(lon * E7)
            if keep:
                self.kept[lon_e7] = t
            else:
                self.secret.add(lon_e7)
        live = self.desk.hub.live
        outcome = live.take(fixes(live, *told, received_t=self.desk.now), self.desk.now)
        self.store.submit_fixes(outcome.rows, outcome.crossings)
        self.motion.moved(outcome.changed_rows)
        self.shown()

    def wait(self, seconds: float) -> None:
        self.desk.wait(seconds)
        self._on_disk()

    def killed(self) -> None:
        """The hub ends without a word; the next one has what the database has."""
        self.store.close()
        self.store = self.home.open()
        self.desk = restarted(self.desk, self.store)
        self.motion = Motion(self.desk.hub.live)
        self.eye = Eye(self.motion)
        self._facts = len(self.desk.facts)

    def _on_disk(self) -> None:
        facts, self._facts = self.desk.facts[self._facts :], len(self.desk.facts)
        if facts:
            self.store.submit(facts).result(20)
        for item in self.desk.outgoing:
            if isinstance(item, ForgetFixes):
                self.store.forget_fixes(item.unit, from_t=item.from_t, to_t=item.to_t)
        self.desk.outgoing.clear()
        self.motion.moved_units([V1])

    # --- what became of it ---

    def shown(self) -> None:
        """Nothing secret is in the live table, nor in what a console is sent."""
        self.eye.look_everywhere()
        self.motion.step(0)
        while (frame := self.eye.frame()) is not None:
            told = set(decode_frame(frame).records["lon_e7"].tolist())
            assert not told & self.secret, "a console was shown it"
        lons = np.rint(np.nan_to_num(self.desk.hub.live.columns.lon) * E7).astype(int).tolist()
        assert not set(lons) & self.secret, "the live table has it"

    def check(self) -> None:
        """The history has what it may have, to the last fix; no table has anything else."""
        self.store.flush_history()
        self.store.settle_history()
        found = self.store.area(WORLD, from_t=NOON - 9 * DAY, to_t=NOON + 9 * DAY)
        got = dict(zip(np.rint(found.lon * E7).astype(int).tolist(), found.t.tolist(), strict=True))
        assert set(got) == set(self.kept)
        assert all(abs(got[lon] - t) <= OFF_LEAST for lon, t in self.kept.items())
        engines = [self.home.engine(), self.home.history_engine()]
        days = Path(self.home.data_dir, "history").glob("*.db")
        engines += [self.home._engine(f"history/{day.name}") for day in days]
        for engine in engines:
            for text in everything_in(engine):
                told = [lon for lon in self.secret if str(lon) in text or f"{lon / E7:.7f}" in text]
                assert not told, text


def restarted(desk: Shell, store: SqlStore) -> Shell:
    """Another hub on the same roster, given what the database has."""
    old = desk.hub
    roster = Roster(old.roster.communities.values(), old.roster.radios.values(), old.roster.pins)
    hub = Hub(settings=old.settings, roster=roster, live=LiveTable(roster))
    shell = Shell(hub, now=desk.now, facts=list(desk.facts), _commands=desk._commands)
    effects: Effects = hub.restore(store.load(), desk.now)
    shell.take(effects)
    return shell


def everything_in(engine: Engine) -> Iterator[str]:
    """Every value of every row of every table, as text. Blocks of positions are looked at by what
    they hold: their bytes are packed."""
    with contextlib.closing(engine.connect()) as conn:
        tables = MetaData()
        tables.reflect(conn)
        assert inspect(conn).get_table_names()
        for table in tables.tables.values():
            for row in conn.execute(select(table)):
                yield " ".join(str(value) for value in row if not isinstance(value, bytes))
    engine.dispose()


@pytest.fixture
def street(home: Home) -> Street:
    roster = Roster([town()], [volunteer("v1"), volunteer("v2")])
    desk = Shell(Hub(settings=settings(), roster=roster, live=LiveTable(roster)))
    motion = Motion(desk.hub.live)
    return Street(home=home, store=home.open(), desk=desk, motion=motion, eye=Eye(motion))


def test_before_during_and_after_duty(street: Street) -> None:
    """A radio that never stops sending is followed for its duty and no longer."""
    street.send(0, keep=False)
    street.wait(60)
    street.sign(True)
    street.send(0, keep=True)
    street.wait(600)
    street.send(0, keep=True)
    street.sign(False)
    street.wait(10)
    street.send(0, keep=False)

    street.check()


def test_at_the_edge_of_signing_on(street: Street) -> None:
    """One tenth of a second before is before, and the moment itself is duty."""
    street.wait(60)
    street.sign(True)
    street.wait(10)
    street.send(10, keep=True)
    street.send(10.1, keep=False)
    street.send(40, keep=False)
    street.send(9.9, keep=True)

    street.check()


def test_a_backlog_of_the_time_between_two_duties(street: Street) -> None:
    """Out of order and all at once, as a phone sends it that had no network: of its way to lunch
    nothing is kept, of the morning nothing either, for that duty is over."""
    street.sign(True)
    street.wait(600)
    street.sign(False)
    street.wait(600)
    street.sign(True)
    street.wait(60)

    street.send(900, 300, 61, 640, 70, keep=False)
    street.send(0, 30, 59, 5, keep=True)

    street.check()


def test_a_pause_of_seconds_is_a_pause(street: Street) -> None:
    """Off for twenty seconds: what was sent in them stays unknown, a minute's slack or not."""
    street.sign(True)
    street.wait(30)
    street.sign(False)
    street.wait(20)
    street.sign(True)
    street.wait(5)
    street.send(15, 6, keep=False)
    street.send(4, keep=True)

    street.check()


@pytest.mark.parametrize("off_s", [-7200, -40, -3, 3, 40, 7200])
def test_a_clock_that_is_off(street: Street, off_s: int) -> None:
    """Duty begins by the same clock as the fixes are told by, right or wrong."""
    street.off_us = off_s * SECOND
    street.wait(60)
    for _ in range(30):  # so that it is known how far it is off
        street.send(0, keep=False)
        street.wait(5)
    street.sign(True)
    street.wait(20)
    street.send(20.1, 25, keep=False)
    street.send(20, 1, 0, keep=True)
    street.sign(False)
    street.wait(1)
    street.send(0, keep=False)

    street.check()


def test_a_clock_set_back_between(street: Street) -> None:
    """It claims to be of a duty that has not begun; it is judged by our own clock, too."""
    street.wait(3600)
    street.sign(True)
    street.send(1800, keep=False)
    street.wait(10)
    street.sign(False)
    street.send(3, keep=False, by=-5 * SECOND)

    street.check()


def test_while_an_alarm_of_ones_own_is_live(street: Street) -> None:
    """Pressed off duty: from the press to its end, not the hour before it, nor after."""
    street.wait(3600)
    street.press()
    street.wait(30)

    street.send(3000, 300, 31, keep=False)
    street.send(30, 10, 0, keep=True)
    street.close()
    street.wait(1)
    street.send(0, 5, keep=False)

    street.check()


def test_an_alarm_and_a_duty_that_ends_in_it(street: Street) -> None:
    """Signing off in an alarm does not end the alarm; its end does."""
    street.sign(True)
    street.wait(60)
    street.press()
    street.wait(10)
    street.sign(False)
    street.wait(10)
    street.send(0, keep=True)
    street.close()
    street.wait(1)
    street.send(0, keep=False)

    street.check()


def test_fixes_that_overtook_the_sign_off(street: Street) -> None:
    """Signed off with no network, and walked home: the backlog of positions comes first, the news
    of the sign-off after it. For a moment nobody can know; then they go again."""
    street.sign(True)
    street.wait(1800)
    signed_off_t = street.desk.now - 900 * SECOND
    street.send(1000, 901, 900, keep=True)
    street.send(899, 600, 0, keep=True)
    theirs = [lon for lon, t in street.kept.items() if t > signed_off_t]
    for lon in theirs:
        del street.kept[lon]
    street.secret.update(theirs)

    street.desk.give(duty("v1", False, street.desk.now, device_t=signed_off_t))
    street._on_disk()

    street.shown()
    street.check()
    assert street.desk.hub.counts["off_duty_fixes_forgotten"] == 1


def overtaken(street: Street) -> None:
    """As above, and the hub dies with the fact on disk and the fixes still in the history."""
    street.sign(True)
    street.wait(1800)
    street.send(1000, 901, keep=True)
    street.send(899, 600, 0, keep=True)
    signed_off_t = street.desk.now - 900 * SECOND
    theirs = [lon for lon, t in street.kept.items() if t > signed_off_t]
    for lon in theirs:
        del street.kept[lon]
    street.secret.update(theirs)
    street.store.flush_history()

    street.desk.give(duty("v1", False, street.desk.now, device_t=signed_off_t))
    street.desk.outgoing.clear()
    street._on_disk()
    street.killed()


def test_fixes_are_forgotten_though_the_hub_died_before_it_was_done(street: Street) -> None:
    """The next one finds in the journal what was to be done, and does it as it starts."""
    overtaken(street)
    street._on_disk()

    street.shown()
    street.check()


def test_what_was_kept_since_is_not_forgotten_at_a_later_start(street: Street) -> None:
    """Forgotten at the first start; what comes after it may lie in the same minute, and is an
    alarm's, or the next duty's."""
    overtaken(street)
    street._on_disk()
    street.press()
    street.send(0, keep=True)
    street.close()
    street.killed()
    street._on_disk()
    street.check()
    street.wait(1)
    street.sign(True)
    street.send(0, keep=True)
    street.killed()
    street._on_disk()

    street.check()


def test_a_sign_off_by_a_clock_that_lost_its_time(street: Street) -> None:
    """1970 was before the sign-on: that is no news of when it was, and a day's walk stays."""
    street.sign(True)
    street.wait(600)
    street.send(300, 0, keep=True)

    street.desk.give(duty("v1", False, street.desk.now, device_t=0))
    street._on_disk()

    street.check()


def test_a_sign_off_in_an_alarm_takes_nothing(street: Street) -> None:
    """Where they are is what the alarm needs."""
    street.sign(True)
    street.wait(60)
    street.press()
    street.wait(60)
    street.send(0, keep=True)
    street.desk.give(duty("v1", False, street.desk.now, device_t=street.desk.now - 30 * SECOND))
    street._on_disk()

    street.check()


def test_somebody_elses_alarm_is_no_reason(street: Street) -> None:
    """Neighbours in trouble do not make one findable."""
    street.desk.give(press("v2", t=street.desk.now))
    street.wait(5)
    street.send(0, keep=False)

    street.check()


def test_after_a_restart(street: Street) -> None:
    """The next hub knows who is on duty, since when, and who is not."""
    street.sign(True)
    street.wait(30)
    street.sign(False)
    street.wait(20)
    street.sign(True)
    street.wait(10)
    street.killed()
    street.send(12, 11, keep=False)
    street.send(10, 0, keep=True)
    street.sign(False)
    street.wait(5)
    street.killed()
    street.send(0, 3, keep=False)

    street.check()


def test_after_a_restart_in_an_alarm(street: Street) -> None:
    """Killed in the middle of it, and once more after its end."""
    street.wait(3600)
    street.press()
    street.wait(20)
    street.killed()
    street.send(21, 600, keep=False)
    street.send(20, 0, keep=True)
    street.close()
    street.wait(1)
    street.killed()
    street.send(0, keep=False)

    street.check()


def test_a_sign_on_that_the_broker_delivers_again(street: Street) -> None:
    """After the sign-off, the very same message: nobody is followed for it."""
    street.sign(True)
    signed_on_t = street.desk.now
    street.wait(60)
    street.sign(False)
    street.wait(10)
    street.desk.give(duty("v1", True, street.desk.now, device_t=signed_on_t))
    street.send(0, keep=False)

    street.check()
    assert street.desk.hub.counts["sign_on_delivered_again"] == 1

    street.sign(True)
    street.send(0, keep=True)
    street.check()


def test_a_sign_on_that_is_delivered_again_to_the_next_hub(street: Street) -> None:
    """The hub was killed before the broker heard that it had it: behind the sign-off the very same
    message comes once more, and nobody is followed for it."""
    street.sign(True)
    signed_on_t = street.desk.now
    street.wait(60)
    street.sign(False)
    street.wait(1)
    street.killed()

    street.desk.give(duty("v1", True, street.desk.now, device_t=signed_on_t))
    street.send(0, keep=False)

    assert not street.desk.hub.live.is_on_duty(V1)
    street.check()
    assert street.desk.hub.counts["sign_on_delivered_again"] == 1

    street.sign(True)
    street.send(0, keep=True)
    street.check()


def test_of_two_duties_the_later_ones_sign_on_is_known_after_a_restart(street: Street) -> None:
    """A day of coming and going: the last one counts."""
    for _ in range(2):
        street.sign(True)
        signed_on_t = street.desk.now
        street.wait(30)
        street.sign(False)
        street.wait(30)
    street.killed()

    street.desk.give(duty("v1", True, street.desk.now, device_t=signed_on_t))

    assert not street.desk.hub.live.is_on_duty(V1)


class AnyShift(RuleBasedStateMachine):
    """Whatever a radio does in whatever order: what it may tell follows from two intervals."""

    def __init__(self) -> None:
        super().__init__()
        roster = Roster([town()], [volunteer("v1")])
        self.desk = Shell(Hub(settings=settings(), roster=roster, live=LiveTable(roster)))
        self.on_since: Instant | None = None
        self.pressed_t: Instant | None = None
        self.presses = itertools.count(1)

    @rule(seconds=st.sampled_from([0.5, 1, 7, 59, 61, 600, 3600]))
    def wait(self, seconds: float) -> None:
        self.desk.wait(seconds)

    @rule()
    def sign_on(self) -> None:
        if self.on_since is None:
            self.desk.wait(
                0.001
            )  # no two of one moment: the second would be the first's repetition
            self.on_since = self.desk.now
        self.desk.sign_on("v1")

    @rule()
    def sign_off(self) -> None:
        self.desk.sign_off("v1")
        self.on_since = None

    @rule()
    def press(self) -> None:
        self.desk.press("v1", next(self.presses))
        self.pressed_t = self.desk.now if self.pressed_t is None else self.pressed_t

    @precondition(lambda self: self.pressed_t is not None)
    @rule()
    def close(self) -> None:
        for incident in list(self.desk.hub.incidents.values()):
            if incident.open:
                self.desk.close(incident)
        self.pressed_t = None

    @rule()
    def restart(self) -> None:
        self.desk = self.desk.restarted()

    @rule(ages_s=st.lists(st.integers(0, 5000), min_size=1, max_size=5, unique=True))
    def send(self, ages_s: list[int]) -> None:
        """A backlog with the fix of now in it: without one, messages that are equally old again and
        again would rightly be taken for a clock that is late."""
        now = self.desk.now
        ages = sorted({0, *ages_s})
        told = [("v1", now - age * SECOND, at(10 + n)) for n, age in enumerate(ages)]
        live = self.desk.hub.live
        outcome = live.take(fixes(live, *told, received_t=now), now)
        begun = [t for t in (self.on_since, self.pressed_t) if t is not None]
        may = {t for _, t, _ in told if begun and t >= min(begun)}
        assert set(outcome.rows.t.tolist()) <= may
        assert outcome.dropped.get("off_duty", 0) == len(told) - len(may)

    @invariant()
    def the_hub_agrees(self) -> None:
        on = self.desk.hub.live.columns.on_duty.tolist()[:1] == [True]
        assert on == (self.on_since is not None)


TestAnyShift = AnyShift.TestCase
TestAnyShift.settings = hypothesis_settings(max_examples=30)
