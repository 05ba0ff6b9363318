"""Both ends of wire v1 read each other's words back, for anything that can be said."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codec import PositionReading, Reading
from devices.v1 import V1
from devices.v1.radio import decode_to_radio, encode_reading, own_filter, will
from dispatch.clock import MILLISECOND
from dispatch.errors import DeviceProtocolError
from dispatch.free_text import plain
from dispatch.ids import AssignmentId, CommunityId, IncidentId, RadioId
from dispatch.outgoing import (
    CalledOffMessage,
    CancelMessage,
    ConfigMessage,
    OrderMessage,
    RadioMessage,
    RadioTopic,
    SeenMessage,
    StoredMessage,
    ToRadio,
)
from dispatch.readings import (
    AnswerReading,
    CallOffReading,
    DutyReading,
    Fix,
    Heard,
    HeardReading,
    LinkReading,
    OfferReading,
    PressId,
    PressReading,
    ReportReading,
    TipReading,
)
from dispatch.tips.words import TipKind
from dispatch.words import AssignmentState, Kind

C = CommunityId("xizi")
R = RadioId("xz-01")
RECEIVED = 1_760_000_000_000_000

codec = V1()
words = st.text(st.characters(codec="utf-8"), max_size=100).map(plain)
"""As they are read: the signs that nobody sees are left out."""
times = st.integers(946_684_800_000, 4_102_444_799_999).map(lambda ms: ms * MILLISECOND)
presses = st.builds(
    PressId,
    radio=st.just(R),
    boot=st.integers(0, 2**64 - 1).map(lambda boot: f"{boot:016x}"),
    counter=st.integers(0, 2**32 - 1),
)
orders = st.just(AssignmentId("xizi-20261121-001/12"))
fixes = st.builds(
    Fix,
    t=times,
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    acc_m=st.none() | st.floats(0, 5000),
    speed_mps=st.none() | st.floats(0, 60),
    course_deg=st.none() | st.floats(0, 360),
    battery_pct=st.none() | st.integers(0, 100),
)
answers = st.sampled_from(
    [
        AssignmentState.RECEIVED,
        AssignmentState.ACCEPTED,
        AssignmentState.DECLINED,
        AssignmentState.EN_ROUTE,
        AssignmentState.ON_SCENE,
        AssignmentState.CLEAR,
    ]
)
readings: st.SearchStrategy[Reading] = st.one_of(
    st.builds(
        PositionReading,
        radio=st.just(R),
        community=st.just(C),
        fixes=st.lists(fixes, min_size=1, max_size=4).map(tuple),
        received_t=st.just(RECEIVED),
    ),
    st.builds(
        DutyReading,
        radio=st.just(R),
        community=st.just(C),
        on=st.booleans(),
        device_t=times,
        received_t=st.just(RECEIVED),
    ),
    st.builds(
        LinkReading,
        radio=st.just(R),
        community=st.just(C),
        online=st.booleans(),
        received_t=st.just(RECEIVED),
    ),
    st.builds(
        AnswerReading,
        radio=st.just(R),
        community=st.just(C),
        assignment=orders,
        state=answers,
        reason=words,
        device_t=times,
        received_t=st.just(RECEIVED),
    ),
    st.builds(
        HeardReading,
        radio=st.just(R),
        community=st.just(C),
        what=st.sampled_from([Heard.SEEN, Heard.CALLED_OFF, Heard.REFUSED]),
        subject=presses.map(lambda press: press.alarm),
        received_t=st.just(RECEIVED),
    ),
    st.builds(
        HeardReading,
        radio=st.just(R),
        community=st.just(C),
        what=st.sampled_from([Heard.CANCEL, Heard.SHOWN]),
        subject=orders,
        received_t=st.just(RECEIVED),
    ),
    st.builds(
        CallOffReading,
        radio=st.just(R),
        community=st.just(C),
        alarm=presses.map(lambda press: press.alarm),
        pin=st.text("0123456789", max_size=8),
        device_t=times,
        received_t=st.just(RECEIVED),
    ),
    st.builds(
        OfferReading,
        radio=st.just(R),
        community=st.just(C),
        incident=st.none() | st.just(IncidentId("xizi-20261121-001")),
        device_t=times,
        received_t=st.just(RECEIVED),
    ),
)
messages: st.SearchStrategy[tuple[RadioTopic, RadioMessage]] = st.one_of(
    st.tuples(
        st.just(RadioTopic.STORED),
        st.one_of(
            st.builds(
                StoredMessage,
                subject=presses.map(lambda press: press.wire),
                is_report=st.just(False),
                t=times,
                drill=st.none() | st.booleans(),
            ),
            st.builds(StoredMessage, subject=st.just("r-1"), is_report=st.just(True), t=times),
        ),
    ),
    st.tuples(
        st.just(RadioTopic.SEEN),
        st.builds(
            SeenMessage,
            press=presses.map(lambda press: press.wire),
            by=words.map(lambda name: name[:40]),
            t=times,
        ),
    ),
    st.tuples(
        st.just(RadioTopic.ORDER),
        st.builds(
            OrderMessage,
            order=orders,
            incident=st.just(IncidentId("xizi-20261121-001")),
            kind=st.sampled_from(Kind),
            priority=st.integers(1, 4),
            state=st.sampled_from(AssignmentState),
            t=times,
            lon=st.none() | st.floats(-180, 180),
            lat=st.none() | st.floats(-90, 90),
            grid=words,
            near=words,
            near_m=st.none() | st.integers(0, 10_000),
            bearing=st.sampled_from(["N", "SW", "at", ""]),
            sender=words,
            covert=st.booleans(),
            drill=st.booleans(),
        ),
    ),
    st.tuples(
        st.just(RadioTopic.CANCEL),
        st.builds(CancelMessage, order=orders, reason=st.just("enough"), t=times),
    ),
    st.tuples(
        st.just(RadioTopic.CALLED_OFF),
        st.builds(
            CalledOffMessage,
            press=presses.map(lambda press: press.wire),
            done=st.booleans(),
            t=times,
            refused=st.booleans(),
        ),
    ),
    st.tuples(
        st.just(RadioTopic.CONFIG),
        st.builds(
            ConfigMessage,
            duty=st.booleans(),
            t=times,
            interval_s=st.floats(1, 600),
            clock_speed=st.floats(0.1, 1000),
            drill=words.map(lambda name: name[:40]),
        ),
    ),
)


@given(readings)
def test_the_hub_reads_what_a_radio_says(reading: Reading) -> None:
    """The simulator stands for real radios only while both ends mean the same."""
    assert codec.decode(*encode_reading(reading), RECEIVED) == reading


@given(presses, st.sampled_from(Kind), st.booleans(), times, st.none() | fixes, st.booleans())
def test_a_press_comes_back_with_a_digest_of_its_own(
    press: PressId, kind: Kind, covert: bool, t: int, fix: Fix | None, drill: bool
) -> None:
    """And the same press has the same digest each time it is said."""
    said = PressReading(
        press=press,
        community=C,
        device_t=t,
        received_t=RECEIVED,
        kind=kind,
        covert=covert,
        fix=fix,
        digest="",
        drill=drill,
    )

    first, again = (codec.decode(*encode_reading(said), RECEIVED) for _ in range(2))

    assert isinstance(first, PressReading)
    assert first == again
    assert (first.press, first.kind, first.covert) == (press, kind, covert)
    assert first.drill is drill
    assert (first.device_t, first.fix) == (t, fix)
    assert len(first.digest) == 64


@given(words, words, st.none() | fixes)
def test_a_report_comes_back(said: str, photo: str, fix: Fix | None) -> None:
    """Words in any script survive."""
    report = ReportReading(
        radio=R,
        community=C,
        key="r:1",
        kind=Kind.HAZARD,
        words=said,
        photo=photo,
        fix=fix,
        device_t=RECEIVED,
        received_t=RECEIVED,
        digest="",
    )

    back = codec.decode(*encode_reading(report), RECEIVED)

    assert isinstance(back, ReportReading)
    assert (back.words, back.photo, back.fix) == (said, photo, fix)


@given(words, st.none() | fixes, st.sampled_from(TipKind), st.booleans())
def test_a_tip_comes_back(said: str, fix: Fix | None, about: TipKind, anonymous: bool) -> None:
    """And so does its code, in the message that it is stored."""
    tip = TipReading(
        radio=R,
        community=C,
        key="r:1",
        about=about,
        words=said,
        anonymous=anonymous,
        fix=fix,
        device_t=RECEIVED,
    )

    back = codec.decode(*encode_reading(tip), RECEIVED)

    assert isinstance(back, TipReading)
    assert back == replace(tip, words=plain(said).strip())
    stored = StoredMessage(subject="r:1", is_report=True, t=RECEIVED, code="XK7QM4RTBC")
    to_radio = ToRadio(community=C, radio=R, topic=RadioTopic.STORED, message=stored)
    assert decode_to_radio(*codec.encode(to_radio)) == to_radio


@given(messages)
def test_a_radio_reads_what_the_hub_says(said: tuple[RadioTopic, RadioMessage]) -> None:
    """Every message to a radio, both ways."""
    topic, message = said
    to_radio = ToRadio(community=C, radio=R, topic=topic, message=message)

    assert decode_to_radio(*codec.encode(to_radio)) == to_radio


def test_a_message_says_of_drills_only_where_there_is_one() -> None:
    """A radio from before drills reads what it always read."""
    order = OrderMessage(
        order=AssignmentId("xizi-20261121-001/12"),
        incident=IncidentId("xizi-20261121-001"),
        kind=Kind.SOS,
        priority=1,
        state=AssignmentState.OFFERED,
        t=RECEIVED,
        lon=None,
        lat=None,
        grid="",
        near="",
        near_m=None,
        bearing="",
        sender="",
        covert=False,
    )
    config = ConfigMessage(duty=True, t=RECEIVED, interval_s=10.0, clock_speed=1.0)

    real = [
        codec.encode(ToRadio(community=C, radio=R, topic=topic, message=message))[1]
        for topic, message in ((RadioTopic.ORDER, order), (RadioTopic.CONFIG, config))
    ]
    drill = codec.encode(
        ToRadio(community=C, radio=R, topic=RadioTopic.ORDER, message=replace(order, drill=True))
    )[1]

    assert all(b"drill" not in data for data in real)
    assert b'"drill":true' in drill


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_radio_that_measures_on_another_datum_is_put_back_in_place(datum: str) -> None:
    """It sends what its chip says; the hub gets WGS-84 to a millimetre."""
    fix = Fix(t=RECEIVED, lon=117.03, lat=36.67, datum=datum)
    reading = PositionReading(radio=R, community=C, fixes=(fix,), received_t=RECEIVED)

    topic, data = encode_reading(reading)
    back = codec.decode(topic, data, RECEIVED)

    assert isinstance(back, PositionReading)
    assert b"117.03," not in data
    assert back.fixes[0].lon == pytest.approx(117.03, abs=1e-8)
    assert back.fixes[0].lat == pytest.approx(36.67, abs=1e-8)
    assert back.fixes[0].datum == datum


@given(st.text(max_size=60), st.binary(max_size=80))
def test_a_radio_too_refuses_in_one_way(topic: str, data: bytes) -> None:
    """A simulated radio must not die of a message."""
    lanes = [f"radio/xizi/xz-01/{lane.value}" for lane in RadioTopic]
    for where in (topic, *lanes):
        with pytest.raises(DeviceProtocolError):
            decode_to_radio(where, data)


def test_the_last_will_is_an_offline_status() -> None:
    """The broker says it for the radio that can no longer."""
    reading = codec.decode(*will(C, R), RECEIVED)

    assert isinstance(reading, LinkReading)
    assert not reading.online
    assert own_filter(C, R) == "radio/xizi/xz-01/+"
