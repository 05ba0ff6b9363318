"""The hub: what happened in, facts and messages out. Pure: no clock, no wait, no chance, no log.

    effects = hub.handle(message, now)      one message, one turn
    effects = hub.expire(now)               whatever was due by now
    hub.next_deadline()                     when it next wants waking
    hub.apply(fact)                         the fold; a fresh hub that is given every
                                            fact stands as the one that emitted them

The shell stores a turn's facts, then sends its messages, then hands in what follows.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from dispatch import (
    alarms,
    answers,
    by_hand,
    calling_off,
    escalation,
    gateway_steps,
    presence,
    resuming,
    steps,
    waves,
)
from dispatch.awaited import Awaited
from dispatch.board import Board
from dispatch.clock import SECOND, Instant
from dispatch.commands import AnyCommand, Command, fingerprint
from dispatch.decide import Chooser, choose
from dispatch.desk import Desk
from dispatch.errors import KeyReusedError, RefusedError
from dispatch.events import (
    AlarmJoined,
    AlarmLeft,
    AlarmReceived,
    AssignmentEvent,
    AssignmentExpired,
    Event,
    IncidentEvent,
    IncidentOpened,
    IncidentRevised,
    PlanBookAdopted,
    RadioConnected,
    RadioEnrolled,
    RadioLost,
    RadioRevoked,
    UnitAssigned,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.fold import fold, personal
from dispatch.gateways.book import Book
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommunityId,
    DrillId,
    IncidentId,
    OperatorName,
    UnitId,
    unit_of,
)
from dispatch.incident import Alarm, Incident
from dispatch.live import LiveTable
from dispatch.messages import (
    AlarmKnown,
    AlarmNotStored,
    AlarmStored,
    CallPeople,
    DecideAlarm,
    Effects,
    FactsGivenUp,
    GatewayTold,
    LinksChanged,
    Message,
    OperatorsPresent,
    OrderAtBroker,
    ShellMessage,
)
from dispatch.plan import Library
from dispatch.plan_files import book_of_text
from dispatch.readings import (
    AnswerReading,
    CallOffReading,
    DutyReading,
    HeardReading,
    LinkReading,
    MessageReading,
    OfferReading,
    PressReading,
    ReportReading,
)
from dispatch.records import Records
from dispatch.roster import RadioRecord, Roster
from dispatch.settings import Settings
from dispatch.settle import forget, settle
from dispatch.store.port import Restored
from dispatch.timers import Due, Key
from dispatch.turn import Turn
from dispatch.words import ASKED

BEHIND_AFTER: Final = 2 * SECOND
"""What is due so long and not handled is worth telling."""

STUCK_PAUSE: Final = 10 * SECOND
"""A deadline that handling did not move is looked at again after so long."""

DUE_A_TURN: Final = 3
"""Incidents, or other things, whose deadlines are handled in one turn. After a night in which the
hub was away thousands are due at once, many of them a decision of seven milliseconds: they take
turns with whatever comes, and the shell lets presses go before them."""

RadioReading = (
    DutyReading
    | LinkReading
    | AnswerReading
    | HeardReading
    | CallOffReading
    | OfferReading
    | ReportReading
)
"""A press has a turn of its own: it is stored before anything else is done with it."""

EXPIRE_ROUNDS_MAX: Final = 10
"""Handling what is due makes new deadlines later than now, so one round does; the bound keeps
a mistake from holding up the alarms that wait in the inbox."""


class Hub:
    """One dispatch centre, deciding."""

    def __init__(
        self,
        *,
        settings: Settings,
        roster: Roster,
        live: LiveTable,
        choose: Chooser = choose,
        ways: Book | None = None,
    ) -> None:
        """``ways``: SMS, voice and chat besides the radios; None: there are none."""
        self._desk = Desk(settings=settings, roster=roster, live=live, choose=choose, ways=ways)

    def use_ways(self, ways: Book) -> None:
        """Fewer are to be reached by SMS, voice and chat than were."""
        self._desk.ways = ways

    @property
    def incidents(self) -> dict[IncidentId, Incident]:
        """Open ones, and those that ended within twelve hours (at most 200)."""
        return self._desk.board.incidents

    @property
    def alarms(self) -> dict[AlarmId, Alarm]:
        """Those of the incidents in memory, and the undecided ones."""
        return self._desk.board.alarms

    @property
    def live(self) -> LiveTable:
        """Where every unit is."""
        return self._desk.live

    @property
    def roster(self) -> Roster:
        """Communities and radios."""
        return self._desk.roster

    @property
    def settings(self) -> Settings:
        """What the hub was built with."""
        return self._desk.settings

    @property
    def counts(self) -> Counter[str]:
        """What was refused, repeated or failed, by reason, since the start."""
        return self._desk.counts

    @property
    def last_fault(self) -> str:
        """What deciding last failed with, empty where it never did; ``counts`` says how often."""
        return self._desk.last_fault

    @property
    def libraries(self) -> dict[CommunityId, Library]:
        """The plan books of each community."""
        return self._desk.libraries

    @property
    def drills(self) -> dict[CommunityId, tuple[DrillId, str]]:
        """The exercise that is on, and its name, by community."""
        return self._desk.board.drills

    @property
    def records(self) -> Records:
        """What units did with the orders of the last months."""
        return self._desk.board.records

    @property
    def operators(self) -> frozenset[OperatorName]:
        """Who has a console open."""
        return self._desk.operators

    @property
    def store_down(self) -> str:
        """Why the store takes no writes; empty while it does."""
        return self._desk.store_down

    @property
    def broker_down(self) -> str:
        """Why the broker is out of reach; empty while it is not."""
        return self._desk.broker_down

    @property
    def quiet(self) -> bool:
        """No incident is open and no alarm undecided."""
        board = self._desk.board
        return next(board.open_incidents(), None) is None and next(board.undecided(), None) is None

    def catching_up(self, now: Instant) -> str:
        """What of a start, or of a time in which the hub was held up, is still to be handled, in
        words for who runs it; empty where nothing is."""
        waiting, due = len(self._desk.to_resume), self.next_deadline()
        words = [f"{waiting} incidents are still to be looked at"] if waiting else []
        if due is not None and due < now - BEHIND_AFTER:
            words.append(f"what was due {(now - due) // SECOND} s ago is being handled")
        return "; ".join(words)

    def clock_stepped(self, by_us: int) -> None:
        """The clock was set forward while it was quiet: nobody fell silent or left for it."""
        self.live.clock_stepped(by_us)
        self._desk.left = {name: t + by_us for name, t in self._desk.left.items()}
        if self._desk.absent_since is not None:
            self._desk.absent_since += by_us

    def awaited(self, incident: Incident) -> Awaited:
        """What is awaited of an incident, for those who count down."""
        return Awaited(
            step_t=steps.step_due_t(self._desk, incident),
            lease_t=escalation.lease_due_t(self._desk, incident),
        )

    def restore(self, restored: Restored, now: Instant) -> Effects:
        """Go on where the last hub stopped: fold its facts, send what was not confirmed,
        and decide every alarm that was stored but not decided. What belongs to a community
        that is no longer on the roster stays in the store."""
        self._take_up(restored)
        return self._turn(now, lambda turn: self._resume(turn, restored.to_forget))

    def _take_up(self, restored: Restored) -> None:
        for record in restored.radios:
            known = self.roster.radios.get(record.radio)
            if record.community in self.roster.communities and known != record:
                self._enroll(record)
        if restored.board is not None:
            self._take_over(restored.board)
        for fact in restored.facts:
            if fact.community in self.roster.communities:
                self.apply(fact)
            else:
                self.counts["restored_of_no_community"] += 1
        numbers = self._desk.board.numbers
        for key, number in restored.incident_numbers.items():
            numbers[key] = max(number, numbers.get(key, 0))
        if restored.records is not None:
            self._desk.board.records = restored.records
        self._take_over_shift(restored)
        self.live.restore_fixes(restored.last_fixes)

    def handle(self, message: Message, now: Instant) -> Effects:
        """One message. Raises RefusedError for commands only, and then nothing has changed."""
        if not isinstance(message, Command):
            return self._turn(now, lambda turn: self._dispatch(turn, message))
        done = self._desk.board.replies.get(message.command)
        if done is not None:
            if done.asked and done.asked != fingerprint(message):
                raise KeyReusedError(message.command)
            return Effects(reply=done)
        return self._command(message, now)

    def expire(self, now: Instant) -> Effects:
        """What was due by now, the earliest first. Of very much only a part: then
        ``next_deadline`` is not after ``now``, and the rest wants another call."""
        return self._turn(now, self._expire)

    def next_deadline(self) -> Instant | None:
        """When ``expire`` has something to do; None while nothing is awaited."""
        return self._desk.timers.next()

    def apply(self, event: Event) -> None:
        """Fold one fact into the state, and keep the tables beside it in step."""
        fold(self._desk.board, event)
        self._mirror(event)

    # --- one turn ---

    def _begin(self, now: Instant) -> Turn:
        desk = self._desk
        if desk.absent_since is None and not desk.operators:
            desk.absent_since = now
        return Turn(desk, now, self.apply)

    def _turn(self, now: Instant, step: Callable[[Turn], None]) -> Effects:
        turn = self._begin(now)
        step(turn)
        settle(turn)
        return turn.effects()

    def _command(self, command: AnyCommand, now: Instant) -> Effects:
        turn = self._begin(now)
        try:
            subject = by_hand.do(turn, command)
        except RefusedError:
            self.counts["command_refused"] += 1
            raise
        self._heard_from(turn, command.by)
        settle(turn)
        turn.reply = replace(by_hand.reply_of(turn, subject), asked=fingerprint(command))
        self._desk.board.remember_reply(command.command, turn.reply)
        return turn.effects()

    def _heard_from(self, turn: Turn, by: OperatorName) -> None:
        """Whoever asks for something is there: what they hold stays theirs so much longer."""
        self._desk.note_left(by, turn.now)
        if by in self._desk.operators:
            return
        for incident in self._desk.board.open_incidents():
            if incident.taken_by == by:
                turn.look_at(incident.incident)

    def _dispatch(self, turn: Turn, message: MessageReading | ShellMessage) -> None:
        match message:
            case PressReading():
                alarms.press(turn, message)
            case AlarmStored():
                alarms.alarm_stored(turn, message)
            case AlarmNotStored():
                alarms.alarm_not_stored(turn, message)
            case FactsGivenUp():
                alarms.given_up(turn, message)
            case AlarmKnown():
                alarms.alarm_known(turn, message)
            case DecideAlarm():
                alarms.decide_alarm(turn, message.alarm)
            case CallPeople():
                alarms.call_people(turn, message.incident)
            case OperatorsPresent():
                presence.operators(turn, message)
            case LinksChanged():
                presence.links(turn, message)
            case OrderAtBroker():
                gateway_steps.at_broker(turn, message)
            case GatewayTold():
                gateway_steps.told(turn, message)
            case _:
                self._hear(turn, message)

    def _hear(self, turn: Turn, reading: RadioReading) -> None:
        """What a radio says counts only where the roster knows it."""
        refusal = self._desk.refuse(reading.radio, reading.community)
        if refusal:
            turn.count(f"reading_refused_{refusal}")
            return
        row = self.live.row_of(unit_of(reading.radio))
        assert row is not None, "every radio of the roster has a row"
        self.live.heard.hear(row, turn.now)
        if not isinstance(reading, LinkReading | HeardReading):
            device_t, received_t = reading.device_t, reading.received_t
            self.live.heard.hear_time(row, device_t=device_t, received_t=received_t)
        match reading:
            case DutyReading():
                presence.duty(turn, reading)
            case LinkReading():
                presence.link(turn, reading)
            case AnswerReading():
                presence.found(turn, reading.radio)
                answers.answer(turn, reading)
            case HeardReading():
                answers.heard(turn, reading)
            case CallOffReading():
                calling_off.wished(turn, reading)
            case OfferReading():
                presence.found(turn, reading.radio)
                answers.offer(turn, reading)
            case ReportReading():
                answers.report(turn, reading)

    def _expire(self, turn: Turn) -> None:
        timers, about = self._desk.timers, set[str]()
        for _ in range(EXPIRE_ROUNDS_MAX):
            due = timers.pop_due(turn.now, about=about, subjects_max=DUE_A_TURN)
            if not due:
                return
            for key in due:
                self._reached(turn, key)
            settle(turn)
        # a mistake of ours must not spin the hub
        for key in timers.pop_due(turn.now, about=about, subjects_max=DUE_A_TURN):
            turn.count("deadline_stuck")
            timers.set(key, turn.now + STUCK_PAUSE)

    def _reached(self, turn: Turn, key: Key) -> None:
        match key.due:
            case Due.DECIDE:
                alarms.decide_alarm(turn, AlarmId(key.subject))
            case Due.TELL:
                alarms.tell_repeats(turn, AlarmId(key.subject))
            case Due.SCAN:
                presence.scan(turn)
            case Due.RESUME:
                resuming.go_on(turn)
            case Due.OFFER:
                waves.offer(turn, CommunityId(key.subject))
            case _:
                incident = self._incident_of(key)
                if incident is not None:
                    turn.resettle(incident.incident)
                    self._reached_incident(turn, incident, key)

    def _reached_incident(self, turn: Turn, incident: Incident, key: Key) -> None:
        """Waves and messages need no more than to be settled."""
        match key.due:
            case Due.ANSWER:
                _expire_answer(turn, incident, AssignmentId(key.subject))
            case Due.STEP:
                steps.reach_step(turn, incident)
            case Due.RUNG:
                escalation.reach_rungs(turn, incident)
            case Due.LEASE:
                escalation.end_lease(turn, incident)
            case Due.UNATTENDED:
                escalation.tell_unattended(turn, incident)
            case Due.FORGET:
                forget(turn, incident.incident)

    def _incident_of(self, key: Key) -> Incident | None:
        board = self._desk.board
        match key.due:
            case Due.ANSWER | Due.ORDER | Due.CANCEL | Due.GATEWAY:
                order = board.order(AssignmentId(key.subject))
                return None if order is None else order[0]
            case Due.SEEN:
                alarm = board.alarms.get(AlarmId(key.subject))
                if alarm is None or alarm.incident is None:
                    return None
                return board.incidents.get(alarm.incident)
            case _:
                return board.incidents.get(IncidentId(key.subject))

    def _take_over(self, board: Board) -> None:
        """The board as it was, and what it means for the tables beside it."""
        gone = board.keep_only(self.roster.communities)
        if gone:
            self.counts["restored_of_no_community"] += gone
        self._desk.board = board
        self.live.note_press_fixes(board.alarms.values())
        calling = board.all_calling()
        self.live.restore_busy(board.all_busy(calling), calling)

    def _take_over_shift(self, restored: Restored) -> None:
        """Who is on duty, and whose radio is in reach."""
        self.live.restore_duty(restored.on_duty)
        self.live.restore_online((unit_of(radio), t) for radio, t in restored.online)

    def _resume(self, turn: Turn, to_forget: Sequence[tuple[UnitId, Instant, Instant]]) -> None:
        """After a restart: silence and absence are counted from now, everything is looked at
        once, plan books that are new here are adopted, and what was to be forgotten is."""
        self._adopt_books(turn)
        for unit, from_t, told_t in to_forget:
            if self._desk.board.calling_since(unit) is None:
                presence.forget(turn, unit, from_t, told_t)
        for incident in self._desk.board.open_incidents():
            if incident.taken_by is not None:
                self._desk.note_left(incident.taken_by, turn.now)
        self.live.hear_online(turn.now)
        for alarm in self._desk.board.undecided():
            turn.follow(DecideAlarm(alarm=alarm.alarm))
        others_after = resuming.DOORS_FIRST
        resuming.begin(turn, self.incidents.values(), others_after=others_after)
        if self.live.anybody_there():
            presence.await_scan(turn)

    def _adopt_books(self, turn: Turn) -> None:
        known = self._desk.board.books
        for community, library in self._desk.libraries.items():
            for book in library.books():
                if (community, book.name) not in known:
                    turn.record(
                        PlanBookAdopted(
                            t=turn.now,
                            community=community,
                            book=book.book,
                            version=book.version,
                            text=book.text,
                        )
                    )

    # --- what the fold means for the tables beside it ---

    def _mirror(self, event: Event) -> None:
        match event:
            case UnitSignedOn() | UnitSignedOff():
                on = isinstance(event, UnitSignedOn)
                self.live.set_duty(event.unit, on, event.t, event.device_t)
            case RadioConnected() | RadioLost():
                online = isinstance(event, RadioConnected)
                self.live.set_online(unit_of(event.radio), online, event.t)
            case PlanBookAdopted():
                self._shelve(event)
            case RadioEnrolled():
                self._enroll(_record(event))
            case RadioRevoked():
                self._revoke(event)
            case AlarmReceived():
                unit = unit_of(event.radio)
                fix = personal(event.fix)
                if fix:
                    self.live.note_press_fix(unit, fix, event.t)
                self._mark(unit)
            case UnitAssigned() | AssignmentEvent():
                self._mark(event.unit)
            case IncidentEvent():
                incident = self.incidents.get(event.incident)
                if incident is not None and incident.sender is not None:
                    self._mark(incident.sender)
                if incident is not None and isinstance(event, IncidentRevised):
                    for each in incident.assignments.values():
                        self._mark(each.unit)
                if isinstance(event, IncidentOpened | AlarmJoined | AlarmLeft):
                    # Whose press it was waits for a decision no more, or again.
                    alarm = None if event.alarm is None else self.alarms.get(event.alarm)
                    if alarm is not None:
                        self._mark(alarm.unit)

    def _shelve(self, event: PlanBookAdopted) -> None:
        """What an incident was answered by stays what it was, whatever the files say now."""
        name = f"{event.book}-{event.version}"
        try:
            self._desk.libraries[event.community].put(book_of_text(event.text))
        except ValueError as exc:  # written by another version of Yihu: its plans are not ours
            self.counts["plan_book_unreadable"] += 1
            self._desk.last_fault = f"plan book {name}: {exc}"

    def _mark(self, unit: UnitId) -> None:
        """How busy it is, and whether its fixes are kept off duty, follows from the board."""
        self.live.set_busy(unit, self._desk.board.busy_with(unit))
        self.live.set_kept(unit, self._desk.board.calling_since(unit))

    def _enroll(self, record: RadioRecord) -> None:
        self.roster.put(record)
        self.live.put(record)

    def _revoke(self, event: RadioRevoked) -> None:
        record = self.roster.radios.get(event.radio)
        if record is not None:
            self._enroll(replace(record, revoked=True))
            self.live.set_duty(unit_of(event.radio), False, event.t)
            self.live.set_online(unit_of(event.radio), False, event.t)


def _expire_answer(turn: Turn, incident: Incident, assignment_id: AssignmentId) -> None:
    assignment = incident.assignments[assignment_id]
    if assignment.state in ASKED and assignment.answer_by_t <= turn.now:
        turn.record(
            AssignmentExpired(
                t=turn.now,
                community=incident.community,
                incident=incident.incident,
                assignment=assignment_id,
                unit=assignment.unit,
            )
        )


def _record(event: RadioEnrolled) -> RadioRecord:
    return RadioRecord(
        radio=event.radio,
        community=event.community,
        call_sign=event.call_sign,
        role=event.role,
        skills=event.skills,
        post=event.post,
    )
