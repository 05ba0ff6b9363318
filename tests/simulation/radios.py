"""The radios of a world: the simulated radio's code, with a clock, a link and moods."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from devices.codec import Reading
from devices.simulator.radio import SimulatedRadio
from devices.simulator.temper import Temper
from devices.v1.radio import decode_to_radio, encode_reading, will
from dispatch.clock import DAY, MINUTE, SECOND
from dispatch.ids import AlarmId, IncidentId
from dispatch.outgoing import StoredMessage
from dispatch.readings import DutyReading, PressReading, ReportReading
from dispatch.roster import RadioRecord
from dispatch.words import Kind, Role
from tests.builders import CALM, FORCED, NOON
from tests.simulation.agenda import Agenda, Step
from tests.simulation.bearers import Rider
from tests.simulation.broker import Broker
from tests.simulation.chance import Chance, Fault
from tests.simulation.trace import Trace

LIKELY: Final = {Role.VOLUNTEER: 0.6, Role.GUARD: 0.9, Role.POLICE: 0.9}
START: Final = NOON
"""True time zero, as whoever has a right clock reads it."""
RATE_OFF: Final = 0.02
"""A very bad crystal: a second and more a minute."""
WRONG_US: Final = (SECOND, MINUTE, 10 * MINUTE, DAY)
"""How wrong a clock may be that nobody ever set."""
REPORT_AGAIN_US: Final = 3 * SECOND
WILL_US: Final = (SECOND, 20 * SECOND)
"""Until the broker notices that a radio is gone, and speaks its last will."""


@dataclass(slots=True, kw_only=True)
class Pressed:
    """A push of a button, as its radio's own log has it."""

    reading: PressReading
    living: bool = True
    """Whether the radio that knows of it still runs."""
    heard: bool = False
    """Whether it heard ``stored``."""


class Player:
    """One radio in its world."""

    def __init__(
        self,
        record: RadioRecord,
        *,
        agenda: Agenda,
        broker: Broker,
        chance: Chance,
        trace: Trace,
        log: dict[AlarmId, Pressed],
    ) -> None:
        self.record = record
        self.linked = False
        self.kicked = False
        """Revoked: the broker lets it in no more."""
        self._agenda = agenda
        self._broker = broker
        self._chance = chance
        self._trace = trace
        self._draw = chance.stream(f"radio {record.radio}")
        self._log = log
        self._step: Step | None = None
        self._mine: list[Pressed] = []
        self._unstored: dict[str, ReportReading] = {}
        """Reports that it still repeats, by key."""
        self._reports = 0
        self.boot()

    # --- what happens to it ---

    def boot(self) -> None:
        """Switched on: it knows nothing of before."""
        for pressed in self._mine:
            pressed.living = False
        self._mine = []
        self._unstored = {}
        skew = self._chance.strength[Fault.SKEW]
        self._rate = 1.0 + skew * RATE_OFF * self._draw.uniform(-1.0, 1.0)
        wrong_us = self._draw.choice(WRONG_US) if skew else SECOND
        self._since = self._agenda.now
        role = self.record.role
        self.radio = SimulatedRadio(
            self.record.radio,
            self.record.community,
            body=Rider(random.Random(self._draw.getrandbits(64)), self.now()),
            temper=Temper(role=role, likely=LIKELY, link_losses_per_h=0.0),
            chance=random.Random(self._draw.getrandbits(64)),
            offset=START + self._since + round(self._draw.uniform(-wrong_us, wrong_us)),
        )

    def link(self) -> None:
        """It reaches the broker."""
        if self.linked or self.kicked:
            return
        self.linked = True
        self._trace.say("linked", self.record.radio)
        self._broker.subscribe(self.record.radio, self._hear)
        self._say(self.radio.link_up(self.now()))

    def cut(self) -> None:
        """Its link is gone, without a word; in a while the broker says so."""
        if not self.linked:
            return
        self.linked = False
        self._trace.say("cut", self.record.radio)
        self._broker.unsubscribe(self.record.radio)
        self.radio.link_down()
        self._agenda.after(self._draw.randint(*WILL_US), self._will)
        self._arm()

    def kick(self) -> None:
        """It was revoked."""
        self.kicked = True
        for pressed in self._mine:
            pressed.living = False
        self.cut()

    # --- what its bearer does ---

    def press(self) -> None:
        """The red button."""
        draw = self._draw
        reading = self.radio.press(
            self.now(),
            kind=draw.choice([Kind.SOS, Kind.SOS, Kind.FIRE, Kind.NUISANCE, Kind.MEDICAL]),
            covert=draw.random() < 0.15,
            drill=draw.random() < 0.1,
        )
        pressed = Pressed(reading=reading, living=not self.kicked)
        self._mine.append(pressed)
        self._log[reading.press.alarm] = pressed
        self._trace.say("press", reading.press.alarm, reading.kind)
        self._say([reading])

    def call_off(self) -> None:
        """They ask to call their last press off."""
        if self._mine:
            pin = self._draw.choice([CALM, CALM, FORCED, "", "5"])
            press = self._mine[-1].reading.press.wire
            self._trace.say("call off", self.record.radio, press, pin)
            self._say([self.radio.call_off(press, self.now(), pin=pin)])

    def offer(self, incident: IncidentId | None) -> None:
        """They offer to go."""
        self._trace.say("offer", self.record.radio, incident)
        self._say([self.radio.offer(self.now(), incident)])

    def sign_off(self) -> None:
        """Their shift is over; said once, as somebody does who then switches the radio off."""
        t = self.radio.stamp(self.now())
        self._trace.say("signs off", self.record.radio)
        self._say(
            [
                DutyReading(
                    radio=self.record.radio,
                    community=self.record.community,
                    on=False,
                    device_t=t,
                    received_t=t,
                )
            ]
        )

    def report(self) -> None:
        """They report what they saw; said again until it is stored, as the handheld page does."""
        self._reports += 1
        t = self.radio.stamp(self.now())
        reading = ReportReading(
            radio=self.record.radio,
            community=self.record.community,
            key=f"{self._since}-{self._reports}",
            kind=Kind.HAZARD,
            words="楼道堆物",
            photo="",
            fix=None,
            device_t=t,
            received_t=t,
            digest="",
        )
        self._trace.say("report", self.record.radio, reading.key)
        self._unstored[reading.key] = reading
        self._tell_report(reading.key)

    def now(self) -> int:
        """Time as it passes for it."""
        return round((self._agenda.now - self._since) * self._rate)

    @property
    def repeats_reports(self) -> list[str]:
        """Reports of which it has not heard ``stored``."""
        return sorted(self._unstored)

    # --- steps ---

    def _hear(self, topic: str, data: bytes) -> None:
        message = decode_to_radio(topic, data).message
        if isinstance(message, StoredMessage):
            if message.is_report:
                self._unstored.pop(message.subject, None)
                return
            boot, _, counter = message.subject.partition(":")
            alarm = AlarmId(f"{self.record.radio}/{boot}/{counter}")
            self._log[alarm].heard = True
            self._trace.say("hears stored", alarm)
        self._say(self.radio.hear(message, self.now()))

    def _tell_report(self, key: str) -> None:
        reading = self._unstored.get(key)
        if reading is not None:
            self._say([reading])
            self._agenda.after(REPORT_AGAIN_US, lambda: self._tell_report(key))

    def _will(self) -> None:
        if not self.linked:
            self._broker.publish(*will(self.record.community, self.record.radio))

    def _wake(self) -> None:
        self._step = None
        self._say(self.radio.expire(self.now()))

    def _say(self, readings: Sequence[Reading]) -> None:
        if self.linked:
            for reading in readings:
                self._broker.publish(*encode_reading(reading))
        self._arm()

    def _arm(self) -> None:
        if self._step is not None:
            self._step.cancel()
        due = self.radio.next_due()
        if due is not None:
            wait_us = max(1, int((due - self.now()) / self._rate) + 1)
            self._step = self._agenda.after(wait_us, self._wake)
