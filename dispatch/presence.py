"""Who is there: bearers on duty, radios in reach, operators at consoles."""

from typing import Final

import numpy as np

from dispatch import resuming
from dispatch.clock import SECOND, Instant
from dispatch.deliver import send_again
from dispatch.events import (
    ConsoleAttended,
    RadioConnected,
    RadioLost,
    UnitSignedOff,
    UnitSignedOn,
)
from dispatch.ids import RadioId, UnitId, radio_of, unit_of
from dispatch.live import FUTURE_MAX
from dispatch.messages import LinksChanged, OperatorsPresent
from dispatch.orders import withdraw
from dispatch.outgoing import ConfigMessage, ForgetFixes, RadioTopic
from dispatch.readings import DutyReading, LinkReading
from dispatch.timers import Due, Key
from dispatch.turn import Turn
from dispatch.words import WithdrawReason

SCAN_PAUSE: Final = 5 * SECOND
"""How often the columns are looked through for radios that fell silent or came back:
with a limit of 90 s, five more seconds are no difference, and one pass costs little."""

BACK_AFTER: Final = 2 * SECOND
"""A message so long after the link was lost shows that the radio is back; sooner, it may
have overtaken the news of its own end."""


def duty(turn: Turn, reading: DutyReading) -> None:
    """A bearer signed on or off; the answer carries the centre's time.

    A broker may deliver a sign-on once more after the sign-off: the very same one brings nobody
    back on duty, for they would be followed unawares.
    """
    unit = unit_of(reading.radio)
    was_on = turn.desk.live.is_on_duty(unit)
    on = reading.on
    if on and not was_on and turn.desk.live.signed_on_before(unit, reading.device_t, turn.now):
        turn.count("sign_on_delivered_again")
        on = False
    elif on and not was_on and turn.desk.live.is_barred(unit):
        turn.count("sign_on_without_consent")  # its radio is told that it is off duty
        on = False
    elif on and not was_on:
        found(turn, reading.radio)
        turn.record(
            UnitSignedOn(
                t=turn.now, community=reading.community, unit=unit, device_t=reading.device_t
            )
        )
        await_scan(turn)
    elif was_on and not on:
        since = turn.desk.live.forget_after(unit, reading.device_t)
        if since is not None:
            turn.count("off_duty_fixes_forgotten")
            forget(turn, unit, since, turn.now)
        turn.record(
            UnitSignedOff(
                t=turn.now,
                community=reading.community,
                unit=unit,
                device_t=reading.device_t,
                forget_from_t=since,
            )
        )
        for incident, assignment in turn.board.orders_of(unit):
            withdraw(turn, incident, assignment, WithdrawReason.OFF_DUTY)
    tell_config(turn, reading.radio, on=on)


def forget(turn: Turn, unit: UnitId, from_t: Instant, told_t: Instant) -> None:
    """Fixes since then go out of the history: they overtook the news, told at ``told_t``, that
    their bearer was off duty."""
    turn.tell(ForgetFixes(unit=unit, from_t=from_t, to_t=told_t + FUTURE_MAX))


def tell_config(turn: Turn, radio: RadioId, *, on: bool) -> None:
    """The centre's time, how often to report, and whether an exercise is on."""
    settings = turn.desk.settings
    drill = turn.board.drills.get(turn.desk.roster.radios[radio].community)
    config = ConfigMessage(
        duty=on,
        t=turn.now,
        interval_s=settings.report_interval_s,
        clock_speed=settings.clock_speed,
        drill="" if drill is None else drill[1],
    )
    turn.send(radio, RadioTopic.CONFIG, config, promise=True, rests_on_earlier=True)


def link(turn: Turn, reading: LinkReading) -> None:
    """A radio came to the broker, or its last will was published."""
    if not reading.online:
        _lost(turn, reading.radio, silent=False)
        return
    found(turn, reading.radio)
    for incident, assignment in turn.board.orders_of(unit_of(reading.radio)):
        send_again(turn, incident, assignment)
    for incident, assignment in turn.board.unheard_of(unit_of(reading.radio)):
        send_again(turn, incident, assignment)


def found(turn: Turn, radio: RadioId) -> None:
    """The radio is in reach."""
    if not turn.desk.live.is_online(unit_of(radio)):
        community = turn.desk.roster.radios[radio].community
        turn.record(RadioConnected(t=turn.now, community=community, radio=radio))
        await_scan(turn)


def scan(turn: Turn) -> None:
    """Radios on duty that fell silent, and radios thought lost that were heard again."""
    columns, heard = turn.desk.live.columns, turn.desk.live.heard
    used = len(columns.live)
    heard_t, lost_t = heard.heard_t[:used], heard.lost_t[:used]
    watched = columns.live & columns.on_duty
    silent = watched & columns.online & (heard_t <= turn.now - turn.desk.silent_us)
    back = columns.live & ~columns.online & (heard_t > lost_t + BACK_AFTER)
    back &= heard_t > turn.now - turn.desk.silent_us
    for row in _rows(silent):
        _lost(turn, radio_of(turn.desk.live.unit_of_row(row)), silent=True)
    for row in _rows(back):
        radio = radio_of(turn.desk.live.unit_of_row(row))
        if not turn.desk.roster.radios[radio].revoked:
            found(turn, radio)
    if turn.desk.live.anybody_there():
        turn.desk.timers.set(Key(Due.SCAN), turn.now + SCAN_PAUSE)


def await_scan(turn: Turn) -> None:
    """Somebody is there to watch over."""
    key = Key(Due.SCAN)
    if key not in turn.desk.timers:
        turn.desk.timers.set(key, turn.now + SCAN_PAUSE)


def operators(turn: Turn, message: OperatorsPresent) -> None:
    """Who has a console open. The room is empty from the moment the last one left."""
    desk = turn.desk
    if desk.operators == message.names:
        return
    for name in desk.operators - message.names:
        desk.note_left(name, turn.now)
    came_or_went = desk.operators ^ message.names
    desk.operators = message.names
    turn.look_at_status()
    if message.names:
        desk.absent_since = None
        for community in sorted(turn.board.unattended):
            turn.record(ConsoleAttended(t=turn.now, community=community, by=min(message.names)))
    else:
        desk.absent_since = turn.now
    for incident in turn.board.open_incidents():
        if incident.taken_by in came_or_went:
            turn.look_at(incident.incident)  # its lease runs out, or no longer does
    resuming.begin(turn, turn.board.open_incidents())


def links(turn: Turn, message: LinksChanged) -> None:
    """The store or the broker went or came back."""
    desk = turn.desk
    if (desk.store_down, desk.broker_down) != (message.store_down, message.broker_down):
        desk.store_down, desk.broker_down = message.store_down, message.broker_down
        turn.look_at_status()


def _lost(turn: Turn, radio: RadioId, *, silent: bool) -> None:
    if turn.desk.live.is_online(unit_of(radio)):
        community = turn.desk.roster.radios[radio].community
        turn.record(RadioLost(t=turn.now, community=community, radio=radio, silent=silent))


def _rows(chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> list[int]:
    """In the order of rows, which is the order of enrolment."""
    rows: list[int] = np.flatnonzero(chosen).tolist()
    return rows
