"""What a centre says to a simulated radio in a test, and what the radio says by itself."""

from devices.codec import Reading
from devices.simulator.radio import SimulatedRadio
from dispatch.clock import SECOND, Instant
from dispatch.ids import AssignmentId, IncidentId
from dispatch.outgoing import ConfigMessage, OrderMessage
from dispatch.readings import AnswerReading, Heard, HeardReading
from dispatch.words import AssignmentState, Kind

S = AssignmentState
CENTRE_T = 1_760_000_000 * SECOND
GOAL = (117.01, 36.01)


def config(t: Instant = CENTRE_T, interval_s: float = 10.0) -> ConfigMessage:
    """The answer to signing on."""
    return ConfigMessage(duty=True, t=t, interval_s=interval_s, clock_speed=1.0)


def order(
    state: AssignmentState = S.OFFERED,
    number: int = 1,
    *,
    placed: bool = True,
    incident: str = "demo-20261121-001",
) -> OrderMessage:
    """Go there, or the echo of an answer."""
    return OrderMessage(
        order=AssignmentId(f"{incident}/{number}"),
        incident=IncidentId(incident),
        kind=Kind.SOS,
        priority=1,
        state=state,
        t=CENTRE_T,
        lon=GOAL[0] if placed else None,
        lat=GOAL[1] if placed else None,
        grid="",
        near="",
        near_m=None,
        bearing="",
        sender="",
        covert=False,
    )


def run(it: SimulatedRadio, since: Instant, until: Instant) -> list[tuple[Instant, Reading]]:
    """Everything it says by itself, with when, as a driver would wake it."""
    said: list[tuple[Instant, Reading]] = []
    now = since
    while (due := it.next_due()) is not None and due <= until:
        now = max(now, due)
        said += [(now, reading) for reading in it.expire(now)]
    return said


def answers(said: list[tuple[Instant, Reading]]) -> list[AssignmentState]:
    """The states in what was said."""
    return [reading.state for _, reading in said if isinstance(reading, AnswerReading)]


def shown(said: list[tuple[Instant, Reading]]) -> list[str]:
    """The orders that it said its bearer sees."""
    return [
        reading.subject
        for _, reading in said
        if isinstance(reading, HeardReading) and reading.what is Heard.SHOWN
    ]


def on_duty(it: SimulatedRadio) -> SimulatedRadio:
    """Linked and signed on at 0."""
    it.link_up(0)
    it.hear(config(), 0)
    return it
