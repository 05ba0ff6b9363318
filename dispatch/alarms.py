"""Presses: received and stored in one turn, opened in the next. What they become is opening.py's.

Turn one emits *AlarmReceived* and changes nothing; the store's answer comes back as
a message, and only then is the radio told ``stored``. Turn two joins or opens an incident,
which every console is shown; turn three decides whom to call. So of two hundred presses
of one second each is on screen before the first of the two hundred waves is worked out.
"""

import hashlib
from dataclasses import replace
from typing import Final

from dispatch.calls import called_by_machine
from dispatch.clock import SECOND
from dispatch.deliver import move_orders
from dispatch.desk import us
from dispatch.events import (
    AlarmConflicted,
    AlarmJoined,
    AlarmReceived,
    AlarmRepeated,
    AlarmUndecided,
    PatrolReported,
    Personal,
    Purpose,
)
from dispatch.ids import AlarmId, IncidentId, radio_of, unit_of
from dispatch.incident import Alarm, Incident
from dispatch.links import link
from dispatch.messages import AlarmKnown, AlarmNotStored, AlarmStored, DecideAlarm, FactsGivenUp
from dispatch.opening import (
    drill_of,
    joined,
    near_match,
    opened_by_press,
    to_join,
)
from dispatch.outgoing import RadioTopic, StoredMessage
from dispatch.place import place_of_alarm
from dispatch.readings import Fix, PressId, PressReading
from dispatch.steps import begin_first
from dispatch.timers import Due, Key
from dispatch.turn import Turn
from dispatch.waves import choose_wave, record_wave
from dispatch.words import Linked, Nearby, PlaceSource

CONFLICTS_TOLD_MAX: Final = 10
"""Conflicts of one press that the journal records; a radio that makes up more is broken
or hostile, and each further one is only counted."""

UNDECIDED_TOLD_EVERY: Final = 12
"""Failed tries to decide between two facts of it: one a minute at the usual 5 s."""

REASON_LENGTH_MAX: Final = 200


def press(turn: Turn, reading: PressReading) -> None:
    """Turn one: emit the fact, or count a repetition."""
    radio = reading.press.radio
    refusal = turn.desk.refuse(radio, reading.community)
    if refusal:
        turn.count(f"press_refused_{refusal}")
        return
    row = turn.desk.live.row_of(unit_of(radio))
    assert row is not None, "every radio of the roster has a row"
    turn.desk.live.heard.hear(row, turn.now)
    fact = _received(turn, reading, row)
    known = turn.board.alarms.get(fact.alarm)
    past = turn.board.past.get(fact.alarm)
    if known is None and past is not None:
        alarm_known(turn, AlarmKnown(fact=fact, same=past == fact.digest))
    elif known is None:
        turn.emit(fact)
    elif known.digest != fact.digest:
        _conflicted(turn, fact)
    elif turn.desk.repeats_of(fact.alarm).given_up:
        turn.desk.repeats_of(fact.alarm).given_up = False
        turn.emit(replace(fact, late=known.late))
    else:
        _repeated(turn, known)


def given_up(turn: Turn, message: FactsGivenUp) -> None:
    """What the store refused is asked of it again when its radio repeats it. The hub knows it
    already, and goes on as if it were there."""
    for fact in message.facts:
        if isinstance(fact, AlarmReceived):
            turn.desk.repeats_of(fact.alarm).given_up = True
        elif isinstance(fact, PatrolReported):
            turn.board.reports.pop(fact.report, None)


def alarm_stored(turn: Turn, message: AlarmStored) -> None:
    """It is on disk: say so to the radio, then decide."""
    known = turn.board.alarms.get(message.fact.alarm)
    if known is None:
        turn.absorb(message.fact)
        known = turn.board.alarms[message.fact.alarm]
    known.stored = True
    _say_stored(turn, known)
    if known.incident is not None or known.undecided:
        turn.look_at_alarm(known.alarm)
    if known.incident is None:
        turn.follow(DecideAlarm(alarm=known.alarm))


def alarm_not_stored(turn: Turn, message: AlarmNotStored) -> None:
    """The store is down: the alarm is shown and people are called all the same."""
    if message.fact.alarm in turn.board.alarms:
        return
    turn.absorb(message.fact)
    turn.board.alarms[message.fact.alarm].stored = False
    turn.follow(DecideAlarm(alarm=message.fact.alarm))


def alarm_known(turn: Turn, message: AlarmKnown) -> None:
    """The store had it already: an older press repeated, or two of it were under way at once."""
    fact = message.fact
    if not message.same:
        _conflicted(turn, fact)
        return
    known = turn.board.alarms.get(fact.alarm)
    if known is not None:
        known.stored = True
        turn.look_at_alarm(known.alarm)
        _repeated(turn, known)
        return
    turn.count("press_repeated")
    _say_known(turn, fact)


def decide_alarm(turn: Turn, alarm_id: AlarmId) -> None:
    """Turn two: the press joins its sender's open incident, or opens one.

    Whatever fails, the alarm stands on every screen as undecided and is tried again: here
    as one that is in no incident yet, and in ``call_people`` on the incident it opened.
    """
    alarm = turn.board.alarms.get(alarm_id)
    if alarm is None:
        return
    if alarm.incident is not None:
        call_people(turn, alarm.incident)
        return
    try:
        _decide(turn, alarm)
    except Exception as exc:  # any fault in a rule or a map must leave the alarm on screen
        if alarm.incident is not None:
            raise
        _undecided(turn, alarm, exc)


def call_people(turn: Turn, incident_id: IncidentId) -> None:
    """Turn three: the first wave, unless something else has begun the response meanwhile.

    It is decided before the first fact of it is recorded, so that nothing stays half done.
    """
    incident = turn.board.incidents.get(incident_id)
    alarm = None if incident is None else _opener(turn, incident)
    if incident is None or alarm is None:  # forgotten, or its presses are another's now
        turn.desk.uncalled.discard(incident_id)
        return
    begun = not incident.open or incident.step is not None
    if not begun and called_by_machine(turn.desk, incident):
        try:
            choice = choose_wave(turn, incident)
        except Exception as exc:  # as above
            _undecided(turn, alarm, exc)
            return
        begin_first(turn, incident)
        record_wave(turn, incident, choice)
    turn.desk.uncalled.discard(incident_id)
    turn.resettle(incident_id)
    _is_decided(turn, alarm)


def tell_repeats(turn: Turn, alarm_id: AlarmId) -> None:
    """Repetitions since the last fact of them are told together."""
    repeats = turn.desk.repeats.get(alarm_id)
    known = turn.board.alarms.get(alarm_id)
    if repeats is None or known is None or repeats.count == repeats.told:
        return
    repeats.told, repeats.told_t = repeats.count, turn.now
    turn.record(
        AlarmRepeated(t=turn.now, community=known.community, alarm=alarm_id, repeats=repeats.count)
    )


def _received(turn: Turn, reading: PressReading, row: int) -> AlarmReceived:
    return AlarmReceived(
        t=turn.now,
        community=reading.community,
        alarm=reading.press.alarm,
        radio=reading.press.radio,
        boot=reading.press.boot,
        counter=reading.press.counter,
        kind=reading.kind,
        covert=reading.covert,
        device_t=reading.device_t,
        late=_is_late(turn, reading, row),
        digest=reading.digest,
        fix=None if reading.fix is None else Personal(Purpose.PLACE, fix_told(reading.fix)),
        drill=reading.drill,
        clock_off_us=turn.desk.live.heard.off_us(row, turn.now),
    )


def fix_told(fix: Fix) -> dict[str, float | int | str | None]:
    """A fix as facts hold it."""
    return {
        "t": fix.t,
        "lon": fix.lon,
        "lat": fix.lat,
        "acc_m": fix.acc_m,
        "speed_mps": fix.speed_mps,
        "course_deg": fix.course_deg,
        "battery_pct": fix.battery_pct,
        "datum": fix.datum,
    }


def _is_late(turn: Turn, reading: PressReading, row: int) -> bool:
    """Whether it comes out of a backlog. In doubt it is live: people are called.

    Late is only what a clock says that is known to be right enough. Of a radio whose first
    message is the press nothing is known; a clock that runs ahead makes nothing late; and
    one that runs behind, as any of the radio's other messages shows, is allowed for. Our
    own clock running ahead shows in the same differences.
    """
    allowed_us = turn.desk.live.heard.behind_at_most_us(row, turn.now)
    if allowed_us is None:
        return False
    behind_us = reading.received_t - reading.device_t
    return behind_us - allowed_us > turn.desk.settings.late_s * SECOND


def _repeated(turn: Turn, known: Alarm) -> None:
    """Counted, told at most every few seconds, and answered again where it is stored."""
    repeats = turn.desk.repeats_of(known.alarm)
    repeats.count = max(repeats.count, known.repeats) + 1
    repeats.told = max(repeats.told, known.repeats)
    turn.count("press_repeated")
    told_t, pause_us = repeats.told_t, us(turn.desk.settings.waits.repeat_told_s)
    if told_t is None or turn.now - told_t >= pause_us:
        tell_repeats(turn, known.alarm)
    else:
        turn.desk.timers.set(Key(Due.TELL, known.alarm), told_t + pause_us)
    if known.stored:
        _say_stored(turn, known)


def _conflicted(turn: Turn, fact: AlarmReceived) -> None:
    """The first content is kept; the other is written down beside it, and rings as an alarm of its
    own: a radio that draws the same bits at each start must not be silent for ever."""
    press = _named_by_content(fact)
    other = replace(fact, alarm=press.alarm, boot=press.boot)
    known = turn.board.alarms.get(other.alarm)
    if known is not None or other.alarm in turn.board.past:
        turn.count("press_repeated")
        if known is None or known.stored:
            _say_known(turn, fact)
        return
    turn.count("press_conflicted")
    repeats = turn.desk.repeats_of(fact.alarm)
    repeats.conflicts += 1
    if repeats.conflicts > CONFLICTS_TOLD_MAX:
        return
    content = {
        "kind": fact.kind.value,
        "covert": fact.covert,
        "device_t": fact.device_t,
        "fix": fact.fix.value if fact.fix is not None else None,
    }
    turn.record(
        AlarmConflicted(
            t=turn.now,
            community=fact.community,
            alarm=fact.alarm,
            radio=fact.radio,
            digest=fact.digest,
            content=Personal(Purpose.PLACE, content),
        )
    )
    turn.emit(other)


def _named_by_content(fact: AlarmReceived) -> PressId:
    """Another name for a press whose own is taken, the same however often it is heard: in place of
    the radio's bits stand as many that come of them and of the content."""
    bits = hashlib.sha256(f"{fact.boot}/{fact.digest}".encode()).hexdigest()[: len(fact.boot)]
    return PressId(radio=fact.radio, boot=bits, counter=fact.counter)


def _say_known(turn: Turn, fact: AlarmReceived) -> None:
    """Stored, under the name by which the radio knows it."""
    wire = StoredMessage(subject=f"{fact.boot}:{fact.counter}", is_report=False, t=turn.now)
    turn.send(fact.radio, RadioTopic.STORED, wire, promise=True)


def _say_stored(turn: Turn, alarm: Alarm) -> None:
    drill = _taken_for_drill(turn, alarm) if alarm.drill else None
    stored = StoredMessage(subject=alarm.press, is_report=False, t=turn.now, drill=drill)
    turn.send(radio_of(alarm.unit), RadioTopic.STORED, stored, promise=True)


def _taken_for_drill(turn: Turn, alarm: Alarm) -> bool:
    """As it was decided; a new one is decided next, by the exercise that is on now."""
    incident = None if alarm.incident is None else turn.board.incidents.get(alarm.incident)
    drill = drill_of(turn.desk, alarm) if incident is None else incident.drill
    return drill is not None


def _decide(turn: Turn, alarm: Alarm) -> None:
    desk, now = turn.desk, turn.now
    incident = to_join(desk, alarm)
    if incident is not None:
        _join(turn, alarm, joined(desk, incident, alarm, now))
        return
    place = place_of_alarm(desk, alarm)
    match = near_match(desk, alarm, place, now)
    if match is not None and match.nearby is Nearby.JOIN:
        _join(turn, alarm, joined(desk, match.incident, alarm, now, reporter=True))
        return
    opened = opened_by_press(desk, alarm, place, now)
    turn.record(opened)
    if match is not None:
        link(turn, turn.board.incidents[opened.incident], match.incident, Linked.OFFERED)
    turn.call_next(opened.incident)
    _try_again_later(turn, alarm)  # should the next turn fail in what nobody thought of


def _join(turn: Turn, alarm: Alarm, fact: AlarmJoined) -> None:
    turn.record(fact)
    if fact.place_source is not PlaceSource.NONE:
        _move_orders(turn, alarm)
    _is_decided(turn, alarm)


def _move_orders(turn: Turn, alarm: Alarm) -> None:
    """Units on their way are told the new place."""
    assert alarm.incident is not None
    move_orders(turn, turn.board.incidents[alarm.incident])


def _opener(turn: Turn, incident: Incident) -> Alarm | None:
    """The first press that is in it."""
    return turn.board.alarms.get(incident.alarms[0]) if incident.alarms else None


def _try_again_later(turn: Turn, alarm: Alarm) -> None:
    retry_t = turn.now + us(turn.desk.settings.waits.decide_retry_s)
    turn.desk.timers.set(Key(Due.DECIDE, alarm.alarm), retry_t)


def _is_decided(turn: Turn, alarm: Alarm) -> None:
    turn.desk.decide_tries.pop(alarm.alarm, None)
    turn.desk.timers.cancel(Key(Due.DECIDE, alarm.alarm))


def _undecided(turn: Turn, alarm: Alarm, exc: Exception) -> None:
    desk, reason = turn.desk, f"{type(exc).__name__}: {exc}"[:REASON_LENGTH_MAX]
    tries = desk.decide_tries.get(alarm.alarm, 0) + 1
    desk.decide_tries[alarm.alarm] = tries
    desk.last_fault = f"{alarm.alarm}: {reason}"
    turn.count("decide_failed")
    _try_again_later(turn, alarm)
    if alarm.undecided != reason or tries % UNDECIDED_TOLD_EVERY == 1:
        turn.record(
            AlarmUndecided(
                t=turn.now,
                community=alarm.community,
                alarm=alarm.alarm,
                reason=reason,
                tries=tries,
            )
        )
