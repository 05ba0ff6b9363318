"""What an order says to a radio and what it may say over other people's services are two things."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dispatch.clock import SECOND
from dispatch.config import load_roster
from dispatch.gateways.facts import Facts, Purpose
from dispatch.gateways.from_order import facts_of
from dispatch.gateways.messages import Message, encode
from dispatch.ids import AssignmentId, CommunityId, IncidentId
from dispatch.outgoing import OrderMessage
from dispatch.words import AssignmentState, Kind
from tests.dispatch.gateways.builders import NEAR

NOON = 1_780_027_200 * SECOND
"""2026-05-29 12:00 in Shanghai."""

DEMO = load_roster([]).communities[CommunityId("xizi")]
ORDER = OrderMessage(
    order=AssignmentId("xizi-20260529-001/1"),
    incident=IncidentId("xizi-20260529-001"),
    kind=Kind.MEDICAL,
    priority=1,
    state=AssignmentState.OFFERED,
    t=NOON,
    lon=120.1,
    lat=30.2,
    grid=DEMO.grids.grids[1].name,
    near=DEMO.grids.key_units[0].name,
    near_m=64,
    bearing="S",
    sender="西子九间",
    covert=False,
)


def facts(order: OrderMessage, *, who: str = "西子三间", away_m: float | None = 347.2) -> Facts:
    return facts_of(
        order, community=DEMO, purpose=Purpose.ASK, opened_t=NOON, who=who, away_m=away_m
    )


def test_an_order_becomes_facts_in_both_languages() -> None:
    """Time of the community's zone, distances in tens, English names where the file has them."""
    assert facts(ORDER) == Facts(
        purpose=Purpose.ASK,
        kind=Kind.MEDICAL,
        who="西子三间",
        at="12:00",
        community=DEMO.name_zh,
        community_en=DEMO.name_en,
        grid=DEMO.grids.grids[1].name,
        grid_en=DEMO.grids.grids[1].name_en,
        near=DEMO.grids.key_units[0].name,
        near_en=DEMO.grids.key_units[0].name_en,
        near_m=60,
        bearing="S",
        away_m=350,
    )


def test_the_sender_stays_here() -> None:
    """A radio shows who pressed; a lock screen must not."""
    line = encode(Message(id="a", gateway="sms", contact=NEAR, facts=facts(ORDER)))

    assert ORDER.sender not in line.decode()


def test_of_a_covert_alarm_not_even_the_worker_learns_anything() -> None:
    """Neither kind nor place nor time: what is not passed on cannot be let out."""
    covert = replace(ORDER, covert=True, drill=True)

    assert facts(covert) == Facts(
        purpose=Purpose.ASK, kind=Kind.OTHER, who="西子三间", drill=True, covert=True
    )


def test_nobody_is_told_that_they_are_zero_metres_away() -> None:
    """Nor a distance that nobody walks: then none is told."""
    assert facts(ORDER, away_m=2.0).away_m == 10
    assert facts(ORDER, away_m=None).away_m is None
    assert facts(ORDER, away_m=1e12).away_m is None
    assert facts(ORDER, away_m=float("nan")).away_m is None


@given(st.text(), st.text(max_size=300), st.none() | st.floats())
def test_it_takes_any_name(grid: str, who: str, away_m: float | None) -> None:
    """A strange name costs its end, never the call."""
    assert facts(replace(ORDER, grid=grid), who=who, away_m=away_m).kind is Kind.MEDICAL
