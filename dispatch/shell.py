"""The thin waiting around the hub: one turn after another, facts to disk, then words to the world.

Nothing is decided here. The shell reads the clock, hands the hub one message,
submits the facts of the turn to the store, and only when they are on disk
sends what the turn wanted said and handles what follows from it:

    message -> hub.handle -> facts -> store (group commit) -> acknowledge, send, follow
                               |
                               +-> consoles, and what goes onward

Turns do not wait for one another's commit; the store commits in the order of
submission, so what is said never overtakes what it rests on. Consoles are shown what the hub
holds, as a page that opens in that moment would be: they wait for no disk. While the store
is down everything is shown and sent all the same, except the messages that promise
durability (``needs_commit``) and the broker's acknowledgements.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import structlog

from dispatch.board import COMMANDS_KEPT_MAX
from dispatch.clock import SECOND, Clock, Instant
from dispatch.commands import AnyCommand
from dispatch.errors import DeviceProtocolError, StoreError, UnknownUnitError
from dispatch.events import AlarmReceived, Event, Personal, Purpose, RadioLetIn
from dispatch.gateways.messages import Message as GatewayMessage
from dispatch.gateways.messages import Result
from dispatch.hub import Hub
from dispatch.ids import AssignmentId, CommandId, OperatorName, RadioId, unit_of
from dispatch.messages import (
    AlarmKnown,
    AlarmNotStored,
    AlarmStored,
    Effects,
    FactsGivenUp,
    GatewayTold,
    LinksChanged,
    Message,
    OperatorsPresent,
    OrderAtBroker,
    Reply,
)
from dispatch.outgoing import (
    ForgetFixes,
    KickRadio,
    OrderMessage,
    Outgoing,
    ToConsoles,
    ToGateway,
    ToRadio,
)
from dispatch.readings import NO_ROW, FixBatch, MessageReading, PressReading
from dispatch.seldom import Seldom
from dispatch.store.port import AlarmOutcome, Committed, Restored, Store
from dispatch.story_line import story_line

log = structlog.get_logger("yihu.shell")

FOLLOW_DEPTH_MAX: Final = 64
"""Turns that may follow one another from one message; more is our bug."""
PRESSES_FIRST_S: Final = 0.3
"""So long deciding waits for presses that are not on disk yet: two hundred are read and written
down in that time, and a person does not notice it. A disk that stalls holds nothing up for longer.
"""
ANSWERS_AT_ONCE: Final = 32
"""Of a group's commits in one turn of the loop: some milliseconds."""

GIVE_WAY_S: Final = 0.005
"""So often it is looked whether they are: a commit takes about as long."""

COMMIT_BOUND_S: Final = 1.5
"""A commit takes milliseconds. A store that gives no answer for so long, not even that it fails
(a database that hangs, a disk that stalls), is down: people are called without it."""

HANGS: Final = f"the store has not answered for {COMMIT_BOUND_S} s"

SLEEP_MAX_S: Final = 10.0
"""A machine that was shut like a laptop's lid is late by no more when it is opened."""

CLOCKS_OFF: Final = frozenset({"clock_ahead", "clock_behind"})
"""Fixes that the live table counts and takes all the same, with their time corrected."""


class RadioOutbox(Protocol):
    """Sends to radios; what cannot be sent now is repeated by the hub's own timers."""

    def send(self, message: ToRadio) -> None:
        """Hand one message to the broker, without waiting."""
        ...


class Gateways(Protocol):
    """Tells people by SMS, voice and chat; what came of it is heard by ``on_gateway``."""

    def submit(self, message: GatewayMessage) -> None:
        """Hand one message to the worker, without waiting."""
        ...


class ConsoleSink(Protocol):
    """Tells the pages."""

    def changed(self, what: ToConsoles) -> None:
        """These things look different now."""
        ...

    def moved(self, rows: npt.NDArray[np.int32]) -> None:
        """These rows of the live table have a new fix."""
        ...


@dataclass(slots=True, eq=False)
class Turn:
    """One turn's effects on their way to disk and out."""

    effects: Effects
    ack: Callable[[], None] | None
    done: "asyncio.Future[Reply] | None"
    released: bool = False
    """Sent ahead of its commit, because the store is down."""
    since_s: float = 0.0
    """When it was given to the store, by the loop's clock."""
    behind: list[Outgoing] = field(default_factory=list)
    """What later turns without facts of their own confirm of this one, or of one before it."""

    @property
    def is_press(self) -> bool:
        """Whether a radio waits for its ``stored``."""
        return any(isinstance(fact, AlarmReceived) for fact in self.effects.facts)

    @property
    def calls(self) -> bool:
        """Whether people are called by it once it is on disk."""
        return any(
            isinstance(o, ToRadio) and isinstance(o.message, OrderMessage)
            for o in self.effects.outgoing
        )

    @property
    def unshown(self) -> Iterator[Outgoing]:
        """What is sent once it is on disk."""
        return (o for o in self.effects.outgoing if not isinstance(o, ToConsoles))


class Shell:
    """Owns the hub's turns. Every method runs on the event loop that made it."""

    def __init__(self, *, hub: Hub, clock: Clock, commit_bound_s: float = COMMIT_BOUND_S) -> None:
        self.hub = hub
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._store: Store | None = None
        self._radios: RadioOutbox | None = None
        self._consoles: ConsoleSink | None = None
        self._kick: Callable[[RadioId], None] = lambda _radio: None
        self._gateways: Gateways | None = None
        self._told: dict[str, ToGateway] = {}
        """Messages given to a gateway, until their result comes."""
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Turn] = deque()
        self._presses_waiting = 0
        self._calls_waiting = 0
        self._answered: deque[tuple[Turn, Future[Committed]]] = deque()
        self._waking = False
        self._following: deque[tuple[Message, int, float]] = deque()
        """What follows from stored turns: the message, its depth, and since when it waits."""
        self._onward: deque[tuple[Message, int, float]] = deque()
        """The same of turns that need not be stored before; behind all of the above."""
        self._follows = False
        self._held: asyncio.TimerHandle | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._armed_for: Instant | None = None
        self._gave_way_s: float | None = None
        """Since when what is due waits for presses."""
        self._store_down = ""
        self._asked: dict[CommandId, asyncio.Future[Reply]] = {}
        """Commands under way to the disk, and those that never got there."""
        self._store_failed = ""
        """What the store itself says."""
        self._store_hangs = False
        """It says nothing."""
        self._commit_bound_s = commit_bound_s
        self._watch: asyncio.TimerHandle | None = None
        self._broker_down = ""
        self._seldom = Seldom()
        self._stopped = False

    def connect(
        self,
        *,
        store: Store,
        radios: RadioOutbox,
        consoles: ConsoleSink,
        kick: Callable[[RadioId], None],
        gateways: Gateways | None = None,
    ) -> None:
        """Give the shell the outside; before this nothing may be told to it."""
        self._store = store
        self._radios = radios
        self._consoles = consoles
        self._kick = kick
        self._gateways = gateways

    def start(self, restored: Restored) -> None:
        """Go on where the last hub stopped: fold, decide the undecided, repeat what was unheard."""
        self._perform(self.hub.restore(restored, self._clock.now()), None, None, 0)
        self._arm()

    def stop(self) -> None:
        """Handle nothing more; what was submitted is the store's to finish."""
        self._stopped = True
        if self._alarm is not None:
            self._alarm.cancel()
        if self._watch is not None:
            self._watch.cancel()
        if self._held is not None:
            self._held.cancel()

    # --- what comes in ---

    def on_reading(self, reading: MessageReading, ack: Callable[[], None]) -> None:
        """One message from a radio; ``ack`` is called once its facts are on disk."""
        self._turn(reading, ack, None)

    def on_fixes(self, batch: FixBatch) -> None:
        """A slice of positions, handled at once: so many that an alarm can wait for it."""
        if not self._stopped:
            self._take(batch)

    def presses_wait(self) -> bool:
        """Whether a press is on its way to a disk that is at work: it goes before deciding."""
        return self._presses_waiting > 0 and not self._disk_stands()

    def people_wait(self) -> bool:
        """Whether a press or a call is on its way to a disk that is at work, or what follows from
        one is still to be done: these go before positions and statuses."""
        if self._following or self._onward or self.presses_wait():
            return True
        return self._calls_waiting > 0 and not self._disk_stands()

    def on_positions_shed(self, count: int) -> None:
        """So many positions gave way to newer ones, for more came than can be handled."""
        self.counts["positions_shed"] += count
        if self._seldom.worth_telling("positions_shed", self._loop.time()):
            log.warning("positions_shed", so_far=self.counts["positions_shed"])

    async def ask(self, command: AnyCommand) -> Reply:
        """Do what a person asks; answers when it is on disk.

        Asked again, the answer waits for the same commit. Raises RefusedError with the reason,
        StoreDownError where nothing more can be kept.
        """
        done: asyncio.Future[Reply] = self._loop.create_future()
        first = self._asked.get(command.command)
        self._turn(command, None, done)
        if first is None and (not done.done() or isinstance(done.exception(), StoreError)):
            self._remember_asked(command.command, done)
        reply = await asyncio.shield(done)  # one asker gives up waiting, another may not
        return reply if first is None else await asyncio.shield(first)

    def _remember_asked(self, command: CommandId, done: "asyncio.Future[Reply]") -> None:
        """Until it is on disk; what was not kept stays so, however often it is asked."""
        self._asked[command] = done
        while len(self._asked) > COMMANDS_KEPT_MAX:
            del self._asked[next(iter(self._asked))]

        def forget(done: "asyncio.Future[Reply]") -> None:
            if not done.cancelled() and done.exception() is None:
                self._asked.pop(command, None)

        done.add_done_callback(forget)

    async def enroll(
        self,
        radio: RadioId,
        *,
        secret_hash: str,
        by: OperatorName,
        by_code: bool = False,
        address: str = "",
        consented: tuple[str, ...] = (),
    ) -> None:
        """Let a radio of the roster in (again), with a new secret; done when it is on disk.

        ``by`` answers for it; ``by_code``: with a code of theirs, used from ``address``, by
        somebody who ``consented`` to that. Whoever is connected with the old secret is dropped,
        and refused from then on.
        Raises UnknownUnitError, StoreDownError.
        """
        assert self._store is not None
        record = self.hub.roster.radios.get(radio)
        if record is None:
            raise UnknownUnitError(radio)
        now = self._clock.now()
        let_in = RadioLetIn(
            t=now,
            community=record.community,
            radio=radio,
            by=by,
            by_code=by_code,
            address=Personal(Purpose.ADDRESS, address) if address else None,
            consented=consented,
        )
        kept = self._store.enroll(record, secret_hash=secret_hash, t=now, let_in=let_in)
        await asyncio.wrap_future(kept)
        fact = record.enrolled(now)
        story_line(log, fact)
        self.hub.apply(fact)
        self._kick(radio)
        self._send([ToConsoles(units=frozenset({unit_of(radio)}))])

    def present(self, names: frozenset[OperatorName]) -> None:
        """Who has a console open."""
        self._turn(OperatorsPresent(names=names), None, None)

    def on_refused(self, error: DeviceProtocolError, radio: RadioId | None) -> None:
        """A message could not be read; counted by the door, told in the log now and then."""
        if self._seldom.worth_telling(f"{radio} {error.reason}", self._loop.time()):
            log.warning("message_refused", radio=radio, reason=error.reason, detail=error.detail)

    def on_order_taken(self, order: AssignmentId) -> None:
        """The broker has acknowledged an order; it says so for each repetition."""
        self._turn(OrderAtBroker(assignment=order), None, None)

    def on_gateway(self, message: GatewayMessage, result: Result) -> None:
        """What came of a message to a gateway."""
        told = self._told.pop(message.id, None)
        if told is None or self._stopped:
            return
        self.counts[f"gateway_told:{'ok' if result.ok else result.why}"] += 1
        fact = GatewayTold(
            id=message.id,
            gateway=message.gateway,
            incident=told.incident,
            assignment=told.assignment,
            person=told.person,
            recall=told.recall,
            ok=result.ok,
            why=result.why,
        )
        self._turn(fact, None, None)

    def on_link(self, why: str) -> None:
        """The broker went (why) or came back (empty)."""
        if why != self._broker_down:
            self._broker_down = why
            self._links()

    @property
    def quiet(self) -> bool:
        """Nothing is open, undecided or under way to the disk: no wait would be cut short."""
        return self.hub.quiet and not self._waiting

    def clock_stepped(self, by_us: int) -> None:
        """The hub's time was set forward by so much, while it was ``quiet``."""
        self.hub.clock_stepped(by_us)
        self._armed_for = None
        self._arm()

    def store_state_threadsafe(self, why: str) -> None:
        """The store went (why) or came back (empty); called from the writer's thread."""
        self._loop.call_soon_threadsafe(self._store_state, why)

    # --- positions ---

    def _take(self, batch: FixBatch) -> None:
        assert self._store is not None
        assert self._consoles is not None
        outcome = self.hub.live.take(batch, self._clock.now())
        self.counts["positions_heard"] += len(batch)
        self.counts["positions_taken"] += len(outcome.rows)
        for reason, count in outcome.dropped.items():
            self._odd(reason, count, outcome.whose.get(reason, NO_ROW))
        if len(outcome.rows) or outcome.crossings:
            self._store.submit_fixes(outcome.rows, outcome.crossings)
        self.counts["crossings"] += len(outcome.crossings)
        if outcome.changed_rows.size:
            self._consoles.moved(outcome.changed_rows)

    def _odd(self, reason: str, count: int, row: int) -> None:
        """So many fixes were not taken, or with another time; ``row``: whose one of them was."""
        taken = reason in CLOCKS_OFF
        counter = f"positions_{reason}" if taken else f"positions_dropped:{reason}"
        self.counts[counter] += count
        if self._seldom.worth_telling(counter, self._loop.time()):
            unit = None if row == NO_ROW else self.hub.live.unit_of_row(row)
            told = "positions_retimed" if taken else "positions_dropped"
            log.info(told, reason=reason, so_far=self.counts[counter], unit=unit)

    # --- turns ---

    def _turn(
        self,
        message: Message,
        ack: Callable[[], None] | None,
        done: "asyncio.Future[Reply] | None",
        depth: int = 0,
    ) -> None:
        """Expire first, so that a burst of messages cannot delay a deadline; then handle.

        A press waits for no deadline: it is on its way to the disk first.
        """
        assert depth < FOLLOW_DEPTH_MAX, f"turns follow one another without end: {message!r}"
        now = self._clock.now()
        due = self.hub.next_deadline()
        if due is not None and due <= now and not isinstance(message, PressReading):
            self._perform(self.hub.expire(now), None, None, depth)
        try:
            effects = self.hub.handle(message, now)
        except Exception as exc:
            if done is None:
                raise
            done.set_exception(exc)
        else:
            self._perform(effects, ack, done, depth)
        self._arm()

    def _perform(
        self,
        effects: Effects,
        ack: Callable[[], None] | None,
        done: "asyncio.Future[Reply] | None",
        depth: int,
    ) -> None:
        turn = Turn(effects=effects, ack=ack, done=done)
        if not effects.facts:
            self._say(effects.outgoing)
            self._finish(turn, depth)
            self._await(self._onward, effects.onward, depth)
            self._follow(effects, depth)
            return
        assert self._store is not None
        try:
            future = self._store.submit(effects.facts, more_soon=bool(effects.onward))
        except StoreError as exc:
            self._show(turn, depth)
            _tell_story(effects.facts)
            self._not_kept(turn, exc, depth)
            return
        turn.since_s = self._loop.time()
        self._waiting.append(turn)
        if self._watch is None:
            self._watch = self._loop.call_later(self._commit_bound_s, self._look_at_store)
        self._presses_waiting += turn.is_press
        self._calls_waiting += turn.calls
        future.add_done_callback(partial(self._answered_threadsafe, turn))
        self._show(turn, depth)
        _tell_story(effects.facts)  # while the disk is at work
        if self._store_down:
            self._release(turn, depth)

    def _answered_threadsafe(self, turn: Turn, future: "Future[Committed]") -> None:
        """The store's answer, in its writer's thread. Of a group of commits the first one wakes
        the loop: each waking is a write to a socket, which others wait for."""
        self._answered.append((turn, future))
        if not self._waking:
            self._waking = True
            self._loop.call_soon_threadsafe(self._on_answers)

    def _on_answers(self) -> None:
        """Some at a time: what they say goes out, and what has come is read, in between."""
        self._waking = False
        try:
            for _ in range(min(len(self._answered), ANSWERS_AT_ONCE)):
                self._on_disk(*self._answered.popleft())
        finally:
            if self._answered:
                self._loop.call_soon(self._on_answers)

    def _on_disk(self, turn: Turn, future: "Future[Committed]") -> None:
        """A turn's facts were committed, or refused for their content."""
        if turn in self._waiting:
            self._waiting.remove(turn)
            self._presses_waiting -= turn.is_press
            self._calls_waiting -= turn.calls
            if not self._presses_waiting:
                self._follow_soon()  # what was held back for them
        if self._stopped:
            return
        if self._store_hangs:
            self._look_at_store()
        try:
            committed = future.result()
        except StoreError as exc:
            log.exception("facts_refused_by_store", facts=_names(turn.effects.facts))
            self.counts["facts_refused_by_store"] += len(turn.effects.facts)
            self._not_kept(turn, exc, 0)
            return
        self._send(o for o in turn.unshown if not turn.released or _promises(o))
        self._send(turn.behind)
        self._finish(turn, 0)
        for fact in turn.effects.facts:
            if isinstance(fact, AlarmReceived):
                self._turn(_alarm_outcome(fact, committed), None, None, 1)
        if not turn.released:
            self._follow(turn.effects, 0)

    def _say(self, outgoing: tuple[Outgoing, ...]) -> None:
        """Of a turn without facts: at once, but for what waits for those under way to the disk."""
        behind: list[Outgoing] = []
        if self._waiting:
            behind += [o for o in outgoing if isinstance(o, ToRadio) and o.rests_on_earlier]
            self._waiting[-1].behind += behind
        self._send(o for o in outgoing if o not in behind)

    def _show(self, turn: Turn, depth: int) -> None:
        """What waits for no disk."""
        self._send(o for o in turn.effects.outgoing if isinstance(o, ToConsoles))
        self._await(self._onward, turn.effects.onward, depth)

    def _release(self, turn: Turn, depth: int) -> None:
        """Show and call although it is not on disk; promise nothing."""
        if turn.released:
            return
        turn.released = True
        self._send(o for o in turn.unshown if not _promises(o))
        if turn.done is not None and not turn.done.done():
            assert turn.effects.reply is not None
            turn.done.set_result(turn.effects.reply)
        for fact in turn.effects.facts:
            if isinstance(fact, AlarmReceived):
                self._turn(AlarmNotStored(fact=fact), None, None, depth + 1)
        self._follow(turn.effects, depth)

    def _not_kept(self, turn: Turn, exc: StoreError, depth: int) -> None:
        """The store will never have these facts: said aloud, shown and called all the same.

        The broker's acknowledgement is withheld, so that a radio's message comes again.
        """
        self.counts["facts_not_kept"] += len(turn.effects.facts)
        log.error("facts_not_kept", facts=_names(turn.effects.facts), why=str(exc))
        if turn.done is not None and not turn.done.done():
            turn.done.set_exception(exc)
        self._release(turn, depth)
        self._turn(FactsGivenUp(facts=turn.effects.facts), None, None, depth + 1)

    def _finish(self, turn: Turn, depth: int) -> None:
        if turn.ack is not None:
            turn.ack()
        if turn.done is not None and not turn.done.done():
            assert turn.effects.reply is not None, f"a command without a reply at depth {depth}"
            turn.done.set_result(turn.effects.reply)

    def _follow(self, effects: Effects, depth: int) -> None:
        self._await(self._following, effects.follow, depth)

    def _await(
        self, queue: deque[tuple[Message, int, float]], messages: tuple[Message, ...], depth: int
    ) -> None:
        """Soon, not now: what this turn said goes out before the next one is thought about."""
        if messages:
            since_s = self._loop.time()
            queue.extend((message, depth + 1, since_s) for message in messages)
            self._follow_soon()

    def _follow_soon(self) -> None:
        """Behind what was said, and behind what has come and is read meanwhile."""
        if self._held is not None:
            self._held.cancel()
            self._held = None
        if (self._following or self._onward) and not self._follows:
            self._follows = True
            self._loop.call_soon(self._loop.call_soon, self._follow_next)

    def _follow_next(self) -> None:
        """One at a time: deciding takes milliseconds, and of two hundred presses of one second
        the last shall not wait for its ``stored`` until the others are decided, nor for being
        shown until people are called to the others."""
        self._follows = False
        queue = self._following or self._onward
        if self._stopped or not queue:
            return
        message, depth, since_s = queue[0]
        waits_s = since_s + PRESSES_FIRST_S - self._loop.time()
        if self.presses_wait() and waits_s > 0:
            self._held = self._loop.call_later(waits_s, self._follow_soon)
            return
        queue.popleft()
        try:
            self._turn(message, None, None, depth)
        finally:
            self._follow_soon()

    def _send(self, outgoing: Iterable[Outgoing]) -> None:
        for item in outgoing:
            match item:
                case ToRadio():
                    assert self._radios is not None
                    self._radios.send(item)
                case ToConsoles():
                    assert self._consoles is not None
                    self._consoles.changed(item)
                case ToGateway():
                    assert self._gateways is not None, "the hub knows of ways, the shell of none"
                    self._told[item.message.id] = item
                    self._gateways.submit(item.message)
                case KickRadio():
                    self._kick(item.radio)
                case ForgetFixes():
                    assert self._store is not None
                    self._store.forget_fixes(item.unit, from_t=item.from_t, to_t=item.to_t)

    # --- links and deadlines ---

    def _store_state(self, why: str) -> None:
        """The store said so: it answers, whatever it answers."""
        self._store_failed, self._store_hangs = why, False
        self._store_is(why)

    def _look_at_store(self) -> None:
        """A store that leaves its oldest commit unanswered for too long is down, as if it had said
        so, until it has answered what is overdue. What it answers in the end counts."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._stopped:
            return
        waited_s = self._loop.time() - self._waiting[0].since_s if self._waiting else 0.0
        overdue = bool(self._waiting) and waited_s >= self._commit_bound_s
        self._store_hangs = overdue and not self._store_failed
        if self._waiting and not self._store_hangs:
            pause_s = max(self._commit_bound_s - waited_s, self._commit_bound_s / 2)
            self._watch = self._loop.call_later(pause_s, self._look_at_store)
        self._store_is(self._store_failed or (HANGS if self._store_hangs else ""))

    def _store_is(self, why: str) -> None:
        if why == self._store_down or self._stopped:
            return
        self._store_down = why
        log.error("store_down", why=why) if why else log.info("store_up")
        self._links()
        if why:
            for turn in tuple(self._waiting):
                self._release(turn, 0)

    def _links(self) -> None:
        self._turn(
            LinksChanged(store_down=self._store_down, broker_down=self._broker_down), None, None
        )

    def _arm(self) -> None:
        """Have the loop wake us at the hub's next deadline; most turns leave it what it was."""
        deadline = self.hub.next_deadline()
        if self._alarm is not None:
            if deadline == self._armed_for:
                return
            self._alarm.cancel()
            self._alarm = None
        self._armed_for = deadline
        if deadline is not None and not self._stopped:
            pause_s = sleep_s(deadline - self._clock.now(), speed=self._clock.speed)
            self._alarm = self._loop.call_later(pause_s, self._wake)

    def _wake(self) -> None:
        """Handle what is due, behind presses that are not on disk yet."""
        self._alarm = None
        if self._stopped:
            return
        if self._gives_way():
            self._alarm = self._loop.call_later(GIVE_WAY_S, self._wake)
            return
        self._gave_way_s = None
        self._perform(self.hub.expire(self._clock.now()), None, None, 0)
        self._arm()

    def _gives_way(self) -> bool:
        """Whether what is due waits for presses, as deciding does, and no longer than that."""
        if not self.presses_wait():
            return False
        if self._gave_way_s is None:
            self._gave_way_s = self._loop.time()
        return self._loop.time() - self._gave_way_s < PRESSES_FIRST_S

    def _disk_stands(self) -> bool:
        return bool(self._store_down) or self._store_hangs


def _tell_story(facts: tuple[Event, ...]) -> None:
    if log.is_enabled_for(logging.INFO):  # made first, a line that is not wanted costs as much
        for fact in facts:
            story_line(log, fact)


def sleep_s(wait_us: int, *, speed: float) -> float:
    """Real seconds to sleep for what is due in so long by the hub's clock; then it is looked
    again, for the loop's own clock stops while the machine sleeps, and the hub's does not."""
    return min(SLEEP_MAX_S, max(0.001, wait_us / SECOND / speed))


def _promises(item: Outgoing) -> bool:
    return isinstance(item, ToRadio) and item.needs_commit


def _alarm_outcome(fact: AlarmReceived, committed: Committed) -> AlarmStored | AlarmKnown:
    match committed.alarms.get(fact.alarm, AlarmOutcome.NEW):
        case AlarmOutcome.NEW:
            return AlarmStored(fact=fact)
        case AlarmOutcome.SAME:
            return AlarmKnown(fact=fact, same=True)
        case AlarmOutcome.CONFLICT:
            return AlarmKnown(fact=fact, same=False)


def _names(facts: tuple[Event, ...]) -> list[str]:
    return [type(fact).__name__ for fact in facts]
