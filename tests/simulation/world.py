"""One world from its seed: a small town, its radios, operators, broker and hub, and what befalls.

    storm    some minutes in which whatever this seed has goes wrong
    calm     nothing goes wrong any more; what was begun comes to its end, operators close all
    end      nobody was lost, nothing is left over

Everything is drawn from one integer, and happens in true time by jumps, so that the
same seed gives the same run.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from dispatch.clock import SECOND
from dispatch.commands import CloseIncident, TakeIncident
from dispatch.events import Event, UnitAssigned
from dispatch.gateways.book import GatewayKind, person_contact, radio_contact
from dispatch.hub import Hub
from dispatch.ids import AlarmId, AssignmentId, OperatorName, RadioId
from dispatch.live import LiveTable
from dispatch.outgoing import ToRadio
from dispatch.roster import Pins, RadioRecord, Roster
from dispatch.settings import Waits
from dispatch.words import Disposition
from tests.builders import (
    CALM,
    FORCED,
    LI,
    NOON,
    WANG,
    guard,
    police,
    settings,
    town,
    volunteer,
)
from tests.dispatch.gateways.builders import PHONE, book, gateway
from tests.simulation import laws
from tests.simulation.agenda import Agenda, Step
from tests.simulation.broker import Broker
from tests.simulation.chance import Chance, Fault
from tests.simulation.disk import Disk, MemoryDisk, SqliteDisk
from tests.simulation.life import CODEC, Chooser, EscapedError, Life, Machine
from tests.simulation.operators import Operator
from tests.simulation.radios import Player, Pressed
from tests.simulation.scribe import Killed
from tests.simulation.stores import Weather
from tests.simulation.storm import Storm
from tests.simulation.trace import Trace

BIG_SHARE: Final = 0.02
SQLITE_SHARE: Final = 0.06
"""Of worlds on the real database, which takes several times as long."""
GATEWAYS_SHARE: Final = 0.25
SLOW_SHARE: Final = 0.2
"""Of worlds in which everything waits as long as it does by default."""
HASTY: Final = Waits(
    louder_s=3.0,
    second_console_s=8.0,
    supervisor_s=15.0,
    urgent_s=60.0,
    watch_s=150.0,
    wave_s=10.0,
    unattended_s=2.0,
    lease_s=15.0,
)
"""In the others an evening passes in minutes: there is more to go wrong in each."""
STORM_US: Final = (45 * SECOND, 180 * SECOND)
SETTLES_US: Final = 25 * SECOND
"""From the end of the storm until the operators begin to close: a radio's delayed message is
older than that by then."""
CLOSING_US: Final = 150 * SECOND
RESTS_US: Final = 45 * SECOND
"""After the last is closed: withdrawals are repeated every ten seconds at the slowest."""
DOWN_US: Final = (100_000, 8 * SECOND)
STEPS_MAX: Final = 100_000
"""In one world; more, and it goes round in circles."""
CLOSER: Final = OperatorName("收尾")


class World:
    """Draws itself from ``seed``, then ``run`` plays it. Raises LawBrokenError."""

    def __init__(self, seed: int, *, without: Collection[Fault] = (), aloud: bool = False) -> None:
        self.seed = seed
        self.agenda = Agenda()
        self.trace = Trace(self.agenda, aloud=aloud)
        self.chance = Chance(seed, without=without)
        self.pressed: dict[AlarmId, Pressed] = {}
        self.orders_known: set[AssignmentId] = set()
        self.commands_known: set[str] = set()
        self.life: Life | None = None
        self.holes = False
        """A store gave facts up: from here on the journal need not explain itself."""
        self.calm = False
        self.overdue: tuple[int, int] | None = None
        """A deadline that has not been handled, and since when ..."""
        self.looked_at = 0
        """... and when that was looked at last."""
        self._lives = 0
        self._fuse: int | None = None
        self._draw = self.chance.stream("world")
        self._draw_size()
        self.disk: Disk = self._a_disk()
        self.weather = Weather(self.chance)
        self.chooser = Chooser(self.chance)
        self.machine = Machine(self.agenda, NOON)
        self.broker = Broker(self.agenda, self.chance, self.trace)
        self.players = [
            Player(
                record,
                agenda=self.agenda,
                broker=self.broker,
                chance=self.chance,
                trace=self.trace,
                log=self.pressed,
            )
            for record in self.records
        ]
        self.operators = [self._operator(name) for name in (WANG, LI)]
        self.closer = self._operator(CLOSER)
        self.auditor = laws.Auditor(self)

    def _draw_size(self) -> None:
        draw = self._draw
        self.big = draw.random() < BIG_SHARE
        self.on_sqlite = draw.random() < SQLITE_SHARE
        volunteers = draw.randint(12, 25) if self.big else draw.randint(2, 5)
        records = [volunteer(f"v{n + 1}") for n in range(volunteers)]
        records[1] = volunteer("v2", skills=("medical",))
        self.records: list[RadioRecord] = [*records, guard("g1")]
        if draw.random() < 0.7:
            self.records.append(police("p1"))
        pins = Pins(calm=CALM, duress=FORCED)
        self.pins: dict[RadioId, Pins] = {each.radio: pins for each in records}
        waits = Waits() if draw.random() < SLOW_SHARE else HASTY
        self.settings = settings(report_interval_s=draw.choice([20.0, 30.0, 60.0]), waits=waits)
        self.ways = WAYS if draw.random() < GATEWAYS_SHARE else None
        self.storm_us = draw.randint(*STORM_US)
        self.presses = draw.randint(5, 15) if self.big else draw.randint(1, 7)
        self.tick_us = draw.choice([200_000, 1_000_000, 2_000_000, 5_000_000, 5_000_000])

    def _a_disk(self) -> Disk:
        return SqliteDisk(self.chance.stream("disk")) if self.on_sqlite else MemoryDisk()

    def _operator(self, name: OperatorName) -> Operator:
        return Operator(
            name,
            agenda=self.agenda,
            trace=self.trace,
            draw=self.chance.stream(f"operator {name}"),
            life=lambda: self.life,
            answered=lambda asked: laws.answered_is_kept(self, asked),
        )

    def a_hub(self) -> Hub:
        """A fresh one, as each life begins with."""
        roster = Roster([town()], self.records, self.pins)
        return Hub(settings=self.settings, roster=roster, live=LiveTable(roster), ways=self.ways)

    # --- the whole of it ---

    def run(self) -> None:
        """From the first start to the end. Raises LawBrokenError."""
        try:
            self._run()
        finally:
            if self.life is not None:
                self.life.alive = False
                self.life.loop.abandon()
                self.life.store.scribe.kill()
            self.disk.close()

    def _run(self) -> None:
        self.trace.say("world", self.seed, *self.chance.on, "sqlite" if self.on_sqlite else "")
        self.weather.calm = True
        self._boot()
        self.weather.calm = False
        Storm(self).begin()
        self._pass(self.storm_us)
        self._become_calm()
        self._pass(SETTLES_US)
        self._close_all()
        self._pass(RESTS_US)
        self.look()
        laws.no_press_lost(self)
        laws.closed_frees_all(self)

    def _pass(self, wait_us: int) -> None:
        """Let true time go on, step by step."""
        until = self.agenda.now + wait_us
        for _ in range(STEPS_MAX):
            step = self.agenda.next(until)
            if step is None:
                return
            self._take(step)
        raise laws.LawBrokenError("nothing_escapes", f"{STEPS_MAX} steps in {wait_us} us")

    def _take(self, step: Step) -> None:
        life = self.life
        if life is None or step.owner is not life:
            step.do()
        elif self.agenda.now < life.stalled_until:
            self.agenda.at(life.stalled_until, step.do, life)
            return
        else:
            self._step_of(life, step.do)
        laws.no_timer_lost(self)

    def _step_of(self, life: Life, do: Callable[[], object]) -> None:
        try:
            self.touched()
            life.run(do)
        except Killed:
            life.killed = True
        except EscapedError as exc:
            if isinstance(exc.cause, laws.LawBrokenError):
                raise exc.cause from exc
            raise laws.LawBrokenError("nothing_escapes", str(exc)) from exc
        if life.killed:
            self.end_life(power=False)

    # --- the hub's lives ---

    def _boot(self) -> None:
        """A hub is started."""
        self._lives += 1
        self._fuse = None
        self.trace.say("boot", self._lives)
        life = self.life = Life(
            self._lives,
            outside=self,
            agenda=self.agenda,
            machine=self.machine,
            disk=self.disk,
            weather=self.weather,
            chooser=self.chooser,
            chance=self.chance,
            settings=self.settings,
            records=self.records,
            pins=self.pins,
            ways=self.ways,
            tick_us=self.tick_us,
        )
        life.soon(life.start)
        life.soon(self.connect)

    def connect(self) -> None:
        """The hub reaches the broker."""
        life = self.life
        if life is not None and life.shell is not None and not self.broker.attached:
            life.shell.on_link("")
            self.broker.attach(self)

    def end_life(self, *, power: bool) -> None:
        """Killed; with the machine's power, or not."""
        life = self.life
        if life is None:
            return
        self.trace.say("power cut" if power else "killed", life.number)
        self._gone(life)
        life.store.scribe.kill()
        self.disk.killed(power=power, draw=self.chance.stream(Fault.POWER))
        if power:
            self.machine.power_cut()
            if self.chance.stream(Fault.POWER).random() < 0.5:
                self.broker.forget()
        self._boot_soon()

    def stop(self) -> None:
        """Told to end, and does."""
        life = self.life
        if life is None or life.shell is None or self.calm:
            return
        self.trace.say("stopped", life.number)
        life.shell.stop()
        life.store.close()
        self._gone(life)
        self.disk.killed(power=False, draw=self.chance.stream(Fault.STOP))
        self._boot_soon()

    def _gone(self, life: Life) -> None:
        life.alive = False
        life.loop.abandon()
        self.holes = self.has_holes()
        self.life = None
        self._fuse = None
        self.broker.detach()
        for each in self.operators:
            each.lost()

    def _boot_soon(self) -> None:
        self.agenda.after(self._draw.randint(*DOWN_US), self._boot)

    # --- what a life does to the world (life.Outside) ---

    def touched(self) -> None:
        """Once for each step of the hub, and each time it reaches for the outside."""
        if self._fuse is not None:
            self._fuse -= 1
            if self._fuse <= 0:
                self._fuse = None
                raise Killed

    def submitted(self, facts: Sequence[Event]) -> None:
        """Facts are on their way to the disk."""
        self.touched()
        for fact in facts:
            self.trace.say("fact", type(fact).__name__, fact.t, *_about(fact))
            if isinstance(fact, UnitAssigned):
                self.orders_known.add(fact.assignment)
            command = getattr(fact, "command", None)
            if command is not None:
                self.commands_known.add(command)

    def sent(self, message: ToRadio) -> None:
        """The hub says something to a radio."""
        laws.stored_is_on_disk(self, message)
        laws.sent_orders_are_decided(self, message)
        if self.broker.attached:
            topic, data = CODEC.encode(message)
            self.trace.say("to", topic, data.decode())
            self.broker.tell(message.radio, topic, data)

    def kicked(self, radio: RadioId) -> None:
        """It is revoked."""
        self.trace.say("kicked", radio)
        for player in self.players:
            if player.record.radio == radio:
                player.kick()

    # --- the broker hands over (broker.HubEnd) ---

    def hear(self, topic: str, data: bytes, ack: Any) -> None:
        """One message of the alarm lane."""
        life = self.life
        if life is not None:
            self.trace.say("hub hears", topic, data.decode())
            life.soon(lambda: life.hear(topic, data, ack))

    def hear_position(self, topic: str, data: bytes) -> None:
        """One of the position lane."""
        life = self.life
        if life is not None:
            life.soon(lambda: life.hear_position(topic, data))

    def has_holes(self) -> bool:
        """Whether a store gave facts up, as of this moment."""
        shell = None if self.life is None else self.life.shell
        return self.holes or bool(shell is not None and shell.counts["facts_not_kept"])

    def look(self) -> None:
        """The laws that are looked at now and then."""
        life = self.life
        if life is None or life.shell is None:
            self.auditor.look(self)
        elif self.agenda.now >= life.stalled_until:
            life.holes = bool(life.shell.counts["facts_not_kept"])
            self.holes = self.has_holes()
            self._step_of(life, lambda: self.auditor.look(self))

    def come(self, operator: Operator) -> None:
        """They open a page, perhaps a slow one."""
        operator.come(slow=not self.calm and self.chance.hits(Fault.AWAY, 0.5))

    def light_fuse(self, touches: int) -> None:
        """After so many steps and reaches for the outside the hub is killed."""
        self._fuse = touches

    def free_disk(self) -> None:
        """There is room again."""
        self.trace.say("disk free")
        self.weather.full = ""

    # --- the calm ---

    def _become_calm(self) -> None:
        self.trace.say("calm")
        self.calm = self.weather.calm = self.broker.calm = self.chooser.calm = True
        self._fuse = None
        self.free_disk()
        self._be_there()

    def _be_there(self) -> None:
        """Whatever is still down comes back, as it would."""
        if self.life is not None:
            self.agenda.after(SECOND, self.connect, self.life)
        for player in self.players:
            player.link()
        for operator in self.operators:
            if operator.page is None:
                self.come(operator)

    def _close_all(self) -> None:
        """Somebody takes what is open, and closes it, until nothing is."""
        until = self.agenda.now + CLOSING_US
        while self.agenda.now < until:
            self._be_there()
            life = self.life
            if life is not None and life.shell is not None:
                still = [each for each in life.hub.incidents.values() if each.open]
                if not still and not any(life.hub._desk.board.undecided()):
                    return
                for incident in still:
                    self._close(incident)
            self._pass(3 * SECOND)

    def _close(self, incident: Any) -> None:
        about = {"by": CLOSER, "incident": incident.incident}
        if incident.taken_by != CLOSER:
            self.closer.ask(TakeIncident(command=self.closer.fresh_id(), words="收尾", **about))
        self.closer.ask(
            CloseIncident(command=self.closer.fresh_id(), disposition=Disposition.RESOLVED, **about)
        )


WAYS: Final = book(
    gateway("sms", after_s=5.0),
    gateway("voice", GatewayKind.VOICE, after_s=20.0),
    contacts={
        **{radio_contact(RadioId(f"v{n}")): {"phone": PHONE} for n in range(1, 6)},
        person_contact("supervisor"): {"phone": PHONE},
    },
)


def _about(fact: Event) -> list[str]:
    """What a fact is about, for the trace."""
    names = ("incident", "alarm", "assignment", "unit", "radio", "by", "command", "wave")
    said = ((name, getattr(fact, name, None)) for name in names)
    return [f"{name}={value}" for name, value in said if value is not None]
