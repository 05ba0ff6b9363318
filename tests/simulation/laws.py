"""What must hold in every world whatever goes wrong: each law a function with its sentence.

Some are looked at in the very moment that could break them, some at every step, some now
and then and at the end, when all is calm. A law raises ``LawBrokenError`` with what it found.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Final

from dispatch.clock import Instant
from dispatch.events import (
    AlarmReceived,
    Event,
    PatrolReported,
    UnitAssigned,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import AlarmId, UnitId, unit_of
from dispatch.incident import Incident
from dispatch.outgoing import ConfigMessage, OrderMessage, StoredMessage, ToRadio
from dispatch.settle import ENDED_KEPT
from dispatch.timers import Due, Key
from dispatch.words import ASKED
from tests.dispatch.ledger import Ledger
from tests.shown import StreamBrokenError
from tests.simulation.operators import Asked
from tests.simulation.pages import drawn_anew

if TYPE_CHECKING:
    from tests.simulation.world import World

OVERDUE_US: Final = 1_000_000
"""So late a deadline may be handled: it gives way to presses for three tenths of a second."""
LOOKS_EVERY_US: Final = 50_000
"""A law of every step that looks no oftener than could make a difference."""
UNTOLD: Final = ("cancel_heard", "at_broker_t", "shown_t")
"""What no fact tells of an order: it is lost in a restart."""
AFTER_THE_END: Final = frozenset({Due.FORGET, Due.CANCEL, Due.CALLED_OFF, Due.TELL})


class LawBrokenError(AssertionError):
    """``law`` is its function's name."""

    def __init__(self, law: str, found: str) -> None:
        self.law = law
        self.found = found
        super().__init__(f"{law}: {SENTENCES[law]} But: {found}")


SENTENCES: Final = {
    "stored_is_on_disk": "What a radio is told is stored is in the journal, exactly once.",
    "press_once": "No press stands in the journal twice, and each as its radio first said it.",
    "no_press_lost": "Each press and report is stored in the end; its radio hears so, if it lives.",
    "order_from_decision": "No order without a decision that called its unit, or a person.",
    "no_timer_lost": "What is due is handled, and each wait has its timer, after a restart too.",
    "console_is_snapshot": "A page that followed every change sees what a page opened now sees.",
    "chain_whole": "The journal's hash chain is unbroken, and its time never steps back.",
    "replay_is_state": "The journal folded anew is the state of the hub.",
    "closed_frees_all": "Nobody keeps an order of a closed incident in the end, no timer either.",
    "answered_is_kept": "What a person asked is done once, and what was answered is kept.",
    "nothing_escapes": "No error of ours ends a turn, a task or the hub.",
}


# --- in the very moment ---


def stored_is_on_disk(world: "World", message: ToRadio) -> None:
    """When the hub says so to a radio, whatever happens next."""
    said = message.message
    if isinstance(said, StoredMessage) and said.is_report:
        report = f"{message.radio}/{said.subject}"
        count = sum(
            isinstance(fact, PatrolReported) and fact.report == report
            for fact in world.disk.facts()
        )
        if count != 1:
            raise LawBrokenError("stored_is_on_disk", f"report {report} is there {count} times")
    elif isinstance(said, StoredMessage):
        boot, _, counter = said.subject.partition(":")
        alarm = AlarmId(f"{message.radio}/{boot}/{counter}")
        count = world.disk.count(alarm)
        if count != 1:
            raise LawBrokenError("stored_is_on_disk", f"{alarm} is there {count} times")
    elif isinstance(said, ConfigMessage) and said.duty and not world.has_holes():
        unit = unit_of(message.radio)
        if not was_on_duty(world.disk.facts(), unit, said.t):
            raise LawBrokenError("stored_is_on_disk", f"{unit} is told of a duty that is not there")


def was_on_duty(facts: Iterable[Event], unit: UnitId, t: Instant) -> bool:
    """Whether these facts tell of the unit on duty at any moment of this instant.

    A hub that stood still handles all that came meanwhile in one instant and one commit: who
    signed on, off and on again in it was confirmed rightly each time, whatever came last.
    """
    on = False
    for fact in facts:
        if not isinstance(fact, UnitSignedOn | UnitSignedOff) or fact.unit != unit:
            continue
        if fact.t < t:
            on = isinstance(fact, UnitSignedOn)
        elif fact.t == t:
            on = on or isinstance(fact, UnitSignedOn)
    return on


def sent_orders_are_decided(world: "World", message: ToRadio) -> None:
    """An order on its way to a radio was put down as a fact first, by this hub or one before."""
    said = message.message
    if isinstance(said, OrderMessage) and said.order not in world.orders_known:
        raise LawBrokenError(
            "order_from_decision", f"{said.order} was sent, and no fact tells of it"
        )


def answered_is_kept(world: "World", asked: Asked) -> None:
    """What was answered while the store takes writes is there already."""
    command = asked.command.command
    if asked.kept and command in world.commands_known:
        kept = {getattr(fact, "command", None) for fact in world.disk.facts()}
        if command not in kept:
            raise LawBrokenError("answered_is_kept", f"{command} was answered and is not there")


# --- at every step ---


def no_timer_lost(world: "World") -> None:
    """Nothing is overdue, as long as the process runs."""
    life, now = world.life, world.agenda.now
    if life is None or life.shell is None or now < life.stalled_until:
        world.overdue = None
        return
    if now - world.looked_at < LOOKS_EVERY_US:
        return
    world.looked_at = now
    due = life.hub.next_deadline()
    if due is None or due > life.clock.now():
        world.overdue = None
    elif world.overdue is None or world.overdue[0] != due:
        world.overdue = due, now
    elif now - world.overdue[1] > OVERDUE_US:
        raise LawBrokenError("no_timer_lost", f"what was due at {due} is still not handled")


# --- now and then ---


class Auditor:
    """Reads the journal as it grows: folds it into a hub of its own, and into a ledger."""

    def __init__(self, world: "World") -> None:
        self._hub = world.a_hub()
        self._ledger = Ledger()
        self._presses: dict[AlarmId, AlarmReceived] = {}
        self._commands: dict[str, Counter[str]] = {}
        self._last_t = 0
        self._read = 0
        self.explains = True
        """Whether facts must explain themselves: not where a store gave some up."""

    def look(self, world: "World") -> None:
        """Everything that may be looked at in the middle of things."""
        facts = world.disk.facts()
        if len(facts) < self._read:
            raise LawBrokenError("chain_whole", f"{self._read - len(facts)} facts are gone")
        for fact in facts[self._read :]:
            self._take(world, fact)
        self._read = len(facts)
        chain_whole(world)
        nothing_is_stuck(world)
        every_wait_has_its_timer(world)
        if world.life is not None and world.life.shell is not None and world.life.idle:
            replay_is_state(world.life.hub, self._hub)
        console_is_snapshot(world)

    def _take(self, world: "World", fact: Event) -> None:
        if fact.t < self._last_t:
            raise LawBrokenError("chain_whole", f"{fact.t} comes after {self._last_t}")
        self._last_t = fact.t
        if isinstance(fact, AlarmReceived):
            self._press(world, fact)
        self._once(fact)
        self._hub.apply(fact)
        self.explains = self.explains and not world.holes
        if self.explains:
            try:
                self._ledger.read(fact)
            except (AssertionError, KeyError) as exc:
                raise LawBrokenError("order_from_decision", f"{fact} {exc!r:.300}") from exc

    def _press(self, world: "World", fact: AlarmReceived) -> None:
        if fact.alarm in self._presses:
            raise LawBrokenError("press_once", f"{fact.alarm} is there twice")
        self._presses[fact.alarm] = fact
        pressed = world.pressed.get(fact.alarm)
        if pressed is None:
            raise LawBrokenError("press_once", f"nobody pressed {fact.alarm}")
        said = pressed.reading
        if (said.kind, said.covert, said.drill) != (fact.kind, fact.covert, fact.drill):
            raise LawBrokenError("press_once", f"{said} is not {fact}")

    def _once(self, fact: Event) -> None:
        """A request asked again is not done again: all facts of it are of one turn."""
        command = getattr(fact, "command", None)
        if command is None:
            return
        turns = self._commands.setdefault(command, Counter())
        turns[str(fact.t)] += 1
        if len(turns) > 1:
            raise LawBrokenError("answered_is_kept", f"{command} was done twice: {fact}")


def chain_whole(world: "World") -> None:
    """Each fact's hash covers the one before it."""
    why = world.disk.broken()
    if why:
        raise LawBrokenError("chain_whole", why)


def nothing_is_stuck(world: "World") -> None:
    """The hub has rails against mistakes of ours that would hang it; none is ever touched."""
    if world.life is None:
        return
    for rail in ("settling_stuck", "deadline_stuck"):
        if world.life.hub.counts[rail]:
            raise LawBrokenError("nothing_escapes", f"{rail}, {world.life.hub.counts[rail]} times")


def console_is_snapshot(world: "World") -> None:
    """Of each page that is open, once it has read what waits."""
    life = world.life
    if life is None or life.shell is None:
        return
    pages = [each.page for each in world.operators if each.page is not None]
    if not pages:
        return
    life.feed.snapshot()  # what waits is told now
    fresh = drawn_anew(life.feed)
    for page in pages:
        try:
            page.read()
        except StreamBrokenError as exc:
            raise LawBrokenError("console_is_snapshot", str(exc)) from exc
        if page.shown.sees() != fresh:
            raise LawBrokenError("console_is_snapshot", _difference(page.shown.sees(), fresh))


def replay_is_state(hub: Any, folded: Any) -> None:
    """Of all that facts tell, for whatever is in the hub's memory."""
    for incident in hub.incidents.values():
        other = folded.incidents.get(incident.incident)
        if other is None or told(incident) != told(other):
            ours = told(incident)
            theirs = {} if other is None else told(other)
            differs = {k: (v, theirs.get(k)) for k, v in ours.items() if theirs.get(k) != v}
            raise LawBrokenError("replay_is_state", f"{incident.incident}: {differs!r:.800}")
    for alarm in hub.alarms.values():
        if alarm != folded.alarms.get(alarm.alarm):
            found = f"{alarm} is folded as {folded.alarms.get(alarm.alarm)}"
            raise LawBrokenError("replay_is_state", found)
    for name in ("on_duty", "online"):
        apart = _of_units(hub, name) ^ _of_units(folded, name)
        if apart:
            raise LawBrokenError("replay_is_state", f"{name}: {sorted(apart)}")
    if hub.drills != folded.drills:
        raise LawBrokenError("replay_is_state", f"exercises {hub.drills} {folded.drills}")


def _of_units(hub: Any, column: str) -> set[str]:
    """The units of which a column of the live table says yes; rows are each hub's own."""
    rows = getattr(hub.live.columns, column)
    return {radio for radio in hub.roster.radios if rows[hub.live.row_of(radio)]}


def told(incident: Incident) -> dict[str, Any]:
    """All of an incident that facts tell."""
    shown = {each.name: getattr(incident, each.name) for each in fields(incident)}
    orders = [asdict(each) for each in incident.assignments.values()]
    shown["assignments"] = [{**each, **dict.fromkeys(UNTOLD)} for each in orders]
    shown["call_off_answer_shown"] = None
    return shown


def every_wait_has_its_timer(world: "World") -> None:
    """An order that waits for its answer and an ended incident that waits to be forgotten are
    awaited at the time that the journal tells, also by a hub that has just read it back."""
    life = world.life
    if life is None or life.shell is None:
        return
    hub, desk = life.hub, life.hub._desk
    waits: dict[Key, int] = {}
    for incident in hub.incidents.values():
        if incident.incident in desk.to_resume:
            continue
        if incident.closed_t is not None:
            waits[Key(Due.FORGET, incident.incident)] = incident.closed_t + ENDED_KEPT
        for each in incident.assignments.values():
            if incident.open and each.state in ASKED:
                waits[Key(Due.ANSWER, each.assignment)] = each.answer_by_t
    for key, t in waits.items():
        if desk.timers._at.get(key) != t:
            found = f"{key} is to be at {t}, and is awaited at {desk.timers._at.get(key)}"
            raise LawBrokenError("no_timer_lost", found)


# --- in the end ---


def no_press_lost(world: "World") -> None:
    """Against the radios' own log."""
    for alarm, pressed in world.pressed.items():
        if not pressed.living:
            continue
        if world.disk.count(alarm) != 1:
            raise LawBrokenError("no_press_lost", f"{alarm} is not in the journal")
        if not pressed.heard:
            raise LawBrokenError("no_press_lost", f"the radio of {alarm} still repeats it")
    for player in world.players:
        if player.linked and player.repeats_reports:
            found = f"{player.record.radio} still repeats {player.repeats_reports}"
            raise LawBrokenError("no_press_lost", found)


def closed_frees_all(world: "World") -> None:
    """On every radio, and in the hub."""
    life = world.life
    assert life is not None
    hub = life.hub
    known = {f.assignment: f.unit for f in world.disk.facts() if isinstance(f, UnitAssigned)}
    for player in world.players:
        for order, duty in player.radio.orders.items():
            if known.get(order) != unit_of(player.record.radio):
                continue  # given while the store was down, and lost with its hub
            incident = hub.incidents.get(duty.order.incident)
            if player.linked and (incident is None or not incident.open):
                found = f"{player.record.radio} still has {order} ({duty.said})"
                raise LawBrokenError("closed_frees_all", found)
    for incident in hub.incidents.values():
        if incident.open:
            raise LawBrokenError("closed_frees_all", f"{incident.incident} could not be closed")
        live = [each.assignment for each in incident.assignments.values() if each.live]
        if live:
            raise LawBrokenError("closed_frees_all", f"{live} are still live")
        subjects = {incident.incident, *incident.assignments, *incident.alarms}
        awaited = {k for k in hub._desk.timers.awaited() if k.subject in subjects}
        stuck = {key for key in awaited if key.due not in AFTER_THE_END}
        if stuck:
            raise LawBrokenError("closed_frees_all", f"still awaited: {sorted(stuck)}")


def _difference(shown: tuple[Any, ...], fresh: tuple[Any, ...]) -> str:
    """Where two pictures differ, shortly."""
    for what, ours, theirs in zip(
        ("incidents", "units", "undecided", "status"), shown, fresh, strict=True
    ):
        if ours == theirs:
            continue
        if not isinstance(ours, dict):
            return f"{what}: {ours!r:.300} and not {theirs!r:.300}"
        for key in sorted(ours.keys() | theirs.keys()):
            if ours.get(key) != theirs.get(key):
                return f"{what} {key}: {_apart(ours.get(key), theirs.get(key))}"
    return "nothing"


def _apart(ours: Any, theirs: Any) -> str:
    if ours is None or theirs is None:
        return f"{ours!r:.200} and not {theirs!r:.200}"
    names = [n for n in ours.__struct_fields__ if getattr(ours, n) != getattr(theirs, n)]
    return "; ".join(f"{n}: {getattr(ours, n)!r:.200}, {getattr(theirs, n)!r:.200}" for n in names)
