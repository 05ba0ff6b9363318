"""Whose tracks are in the file, and from when to when."""

from typing import Any

import msgspec

from dispatch.casefile.involved import AFTER, involved
from dispatch.clock import MINUTE, Instant
from dispatch.store.port import SliceRow
from tests.dispatch.store.facts import NOON


def row(name: str, minute: float, **body: Any) -> SliceRow:
    """A row with a body; its hashes do not matter here."""
    return SliceRow(
        seq=1,
        t=NOON + int(minute * MINUTE),
        community="xizi",
        name=name,
        body=msgspec.json.encode(body).decode(),
        before="",
        hash="",
    )


def spans(*rows: SliceRow) -> dict[str, tuple[float, float]]:
    """Minutes from noon, without the minutes after."""

    def minutes(t: Instant) -> float:
        return (t - NOON) / MINUTE

    return {s.unit: (minutes(s.from_t), minutes(s.to_t - AFTER)) for s in involved(rows)}


PRESS = row("AlarmReceived", 0, radio="r1", alarm="r1/b/1")
ORDER = row("UnitAssigned", 1, unit="r2", assignment="i/1")
CLOSED = row("IncidentClosed", 30, by="王芳")


def test_from_the_own_press_or_order_to_the_closing() -> None:
    assert spans(PRESS, ORDER, CLOSED) == {"r1": (0, 30), "r2": (1, 30)}


def test_who_declined_is_let_go() -> None:
    """And stays so when a radio says late that it has the order."""
    declined = row("UnitDeclined", 2, unit="r2")
    echo = row("OrderReceived", 3, unit="r2")

    assert spans(PRESS, ORDER, declined, echo, CLOSED)["r2"] == (1, 2)


def test_who_accepts_after_all_is_in_it_again() -> None:
    """An order whose time ran out may still be accepted."""
    expired, accepted = row("AssignmentExpired", 2, unit="r2"), row("UnitAccepted", 4, unit="r2")

    assert spans(PRESS, ORDER, expired, accepted, CLOSED)["r2"] == (1, 30)


def test_an_open_incident_ends_with_its_last_fact() -> None:
    """Not with the present: the file of now and that of a minute later are the same."""
    assert spans(PRESS, ORDER, row("NoteAdded", 7))["r2"] == (1, 7)


def test_a_reopened_one_goes_on() -> None:
    reopened = row("IncidentReopened", 40)

    assert spans(PRESS, CLOSED, reopened, row("NoteAdded", 50))["r1"] == (0, 50)


def test_a_further_reporter_comes_in_with_their_own_press() -> None:
    """Known by the alarm, which is named after its radio."""
    assert spans(PRESS, row("AlarmJoined", 5, alarm="r7/b/3"), CLOSED)["r7"] == (5, 30)


def test_a_fact_of_a_later_version_counts_by_its_unit() -> None:
    """Somebody who offered to go, say, under a name this program does not know."""
    assert spans(PRESS, row("UnitFlewIn", 6, unit="r8"), CLOSED)["r8"] == (6, 30)
