"""The hub's end of wire v1: what is taken, what is refused and by which reason."""

import hashlib
import json
from typing import Any

import pytest

from devices.codec import PositionReading
from devices.v1 import V1
from devices.v1.parse import press_id
from devices.v1.wire import ReportKind
from dispatch.clock import DAY
from dispatch.config import PIN
from dispatch.errors import DeviceProtocolError
from dispatch.ids import CommunityId, RadioId
from dispatch.readings import (
    WRONG_PIN,
    AnswerReading,
    CallOffReading,
    DutyReading,
    Fix,
    Heard,
    HeardReading,
    LinkReading,
    OfferReading,
    PressReading,
    ReportReading,
    TipReading,
)
from dispatch.tips.words import TipKind
from dispatch.words import AssignmentState, Kind
from geo.distance import distance_m

NOON = 1_760_000_000_000_000
NOON_MS = NOON // 1000
FIX: dict[str, Any] = {"t": NOON_MS, "lon": 117.03, "lat": 36.67}
ALARM: dict[str, Any] = {"press": "00ff00ff00ff00ff:7", "t": NOON_MS, "kind": "sos"}
REPORT: dict[str, Any] = {"report": "r1", "t": NOON_MS, "kind": "hazard", "words": "井盖"}
ORDER: dict[str, Any] = {"t": NOON_MS, "order": "xizi-20261121-001/2", "state": "received"}

codec = V1()


def read(lane: str, said: object) -> Any:
    """Decode ``said`` as radio xz-01 of xizi would send it."""
    data = said if isinstance(said, bytes) else json.dumps(said).encode()
    return codec.decode(f"patrol/xizi/xz-01/{lane}", data, NOON)


def reason(lane: str, said: object) -> str:
    """Why this is refused."""
    with pytest.raises(DeviceProtocolError) as refusal:
        read(lane, said)
    return refusal.value.reason


def test_a_press_is_named_by_its_topic_and_its_own_words() -> None:
    """Radio, boot and counter together are the alarm; the fix comes along with its claims."""
    press = read("alarm", ALARM | {"fix": FIX | {"acc": 8.5, "spd": 1.2, "crs": 270, "bat": 83}})

    assert isinstance(press, PressReading)
    assert press.press.alarm == "xz-01/00ff00ff00ff00ff/7"
    assert (press.community, press.kind, press.covert) == ("xizi", Kind.SOS, False)
    assert (press.device_t, press.received_t) == (NOON, NOON)
    assert press.fix == Fix(
        t=NOON,
        lon=117.03,
        lat=36.67,
        acc_m=8.5,
        speed_mps=1.2,
        course_deg=270.0,
        battery_pct=83,
    )


def test_the_digest_is_of_what_was_said_not_of_how() -> None:
    """A repeat that reorders members or adds spaces is the same press, not a conflict."""
    first = read("alarm", ALARM | {"fix": FIX})
    again = read("alarm", json.dumps({"fix": FIX, **ALARM}, indent=4).encode())
    newer = read("alarm", ALARM | {"fix": FIX, "slope": "up", "covert": False, "drill": False})

    assert first.digest == again.digest == newer.digest
    assert len(first.digest) == len(hashlib.sha256().hexdigest())


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "fire"},
        {"covert": True},
        {"drill": True},
        {"t": NOON_MS + 1},
        {"fix": FIX | {"lon": 117.04}},
    ],
)
def test_other_content_has_another_digest(change: dict[str, Any]) -> None:
    """Or a conflict would pass for a repeat."""
    assert (
        read("alarm", ALARM | {"fix": FIX} | change).digest
        != read("alarm", ALARM | {"fix": FIX}).digest
    )


def test_a_backlog_is_read_in_its_order() -> None:
    """Out of a lift come the fixes of the last minutes, in one message."""
    fixes = [FIX | {"t": NOON_MS + i * 10_000} for i in range(500)]

    position = read("position", {"fixes": fixes})

    assert isinstance(position, PositionReading)
    assert len(position.fixes) == 500
    assert [fix.t for fix in position.fixes] == sorted(fix.t for fix in position.fixes)


def test_a_fix_that_mentions_fixes_is_still_a_fix() -> None:
    """A member of a newer firmware does not make it a backlog."""
    position = read("position", FIX | {"note": 'no "fixes" here', "fixes": []})

    assert len(position.fixes) == 1


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_place_on_a_shifted_map_is_moved_to_wgs84(datum: str) -> None:
    """The shift is hundreds of metres: the wrong volunteer would be called."""
    moved = read("position", FIX | {"datum": datum}).fixes[0]

    assert moved.datum == datum
    assert 300 < distance_m(moved.lon, moved.lat, FIX["lon"], FIX["lat"]) < 1500


def test_each_status_is_its_own_reading() -> None:
    """One topic, the shapes told apart by their members."""
    on = read("status", {"t": NOON_MS, "duty": "on"})
    will = read("status", {"link": "offline"})
    answer = read("status", ORDER | {"state": "declined", "reason": "送孩子"})
    seen = read("status", {"t": NOON_MS, "seen": "00ff00ff00ff00ff:7"})
    cancel = read("status", {"t": NOON_MS, "cancel": ORDER["order"]})

    assert isinstance(on, DutyReading)
    assert on.on
    assert isinstance(will, LinkReading)
    assert not will.online
    assert isinstance(answer, AnswerReading)
    assert (answer.state, answer.reason) == (AssignmentState.DECLINED, "送孩子")
    assert isinstance(seen, HeardReading)
    assert (seen.what, seen.subject) == (Heard.SEEN, "xz-01/00ff00ff00ff00ff/7")
    assert (cancel.what, cancel.subject) == (Heard.CANCEL, ORDER["order"])


def test_a_radio_says_what_it_shows() -> None:
    """That an order stands before somebody's eyes, that an alarm is called off, or is not."""
    shown = read("status", {"t": NOON_MS, "shown": ORDER["order"]})
    off = read("status", {"t": NOON_MS, "called_off": ALARM["press"]})
    refused = read("status", {"t": NOON_MS, "refused": ALARM["press"]})

    assert isinstance(shown, HeardReading)
    assert (shown.what, shown.subject) == (Heard.SHOWN, ORDER["order"])
    assert isinstance(off, HeardReading)
    assert (off.what, off.subject) == (Heard.CALLED_OFF, "xz-01/00ff00ff00ff00ff/7")
    assert isinstance(refused, HeardReading)
    assert (refused.what, refused.subject) == (Heard.REFUSED, "xz-01/00ff00ff00ff00ff/7")


@pytest.mark.parametrize(
    ("said", "pin"),
    [({}, ""), ({"pin": None}, ""), ({"pin": ""}, ""), ({"pin": "00000417"}, "00000417")],
)
def test_a_sender_asks_to_call_its_alarm_off(said: dict[str, Any], pin: str) -> None:
    """What was typed is handed on as it is: whether it is right, and which it is, the hub knows."""
    wish = read("status", {"t": NOON_MS, "call_off": ALARM["press"], **said})

    assert isinstance(wish, CallOffReading)
    assert (wish.alarm, wish.pin) == ("xz-01/00ff00ff00ff00ff/7", pin)
    assert wish.device_t == NOON


def test_a_radio_calls_off_its_own_alarms_only() -> None:
    """The alarm is named by whose topic it is: nobody can silence another's."""
    other = codec.decode(
        "patrol/xizi/xz-02/status",
        json.dumps({"t": NOON_MS, "call_off": ALARM["press"]}).encode(),
        NOON,
    )

    assert isinstance(other, CallOffReading)
    assert other.alarm == "xz-02/00ff00ff00ff00ff/7"


@pytest.mark.parametrize(
    ("said", "incident"), [("nearest", None), ("xizi-20261121-001", "xizi-20261121-001")]
)
def test_a_unit_offers_to_go(said: str, incident: str | None) -> None:
    """To what it saw by name, or to whatever is nearest."""
    offer = read("status", {"t": NOON_MS, "offer": said})

    assert isinstance(offer, OfferReading)
    assert offer.incident == incident


@pytest.mark.parametrize("drill", [True, False])
def test_a_press_says_that_it_is_a_drill(drill: bool) -> None:
    """The button works as always; the word goes along."""
    press = read("alarm", ALARM | {"drill": drill})

    assert isinstance(press, PressReading)
    assert (press.drill, press.mended) == (drill, ())


def test_a_drill_that_is_null_is_none_and_no_fault() -> None:
    """Members that may be absent may be null."""
    press = read("alarm", ALARM | {"drill": None})

    assert isinstance(press, PressReading)
    assert (press.drill, press.mended) == (False, ())


def test_a_radio_without_a_clock_can_sign_on() -> None:
    """Signing on is how it gets the centre's time; refused for having none it never would."""
    on = read("status", {"t": 0, "duty": "on"})

    assert isinstance(on, DutyReading)
    assert on.device_t == on.received_t == NOON


def test_a_report_is_read() -> None:
    """What a volunteer saw, with a key to acknowledge it by."""
    report = read("report", REPORT | {"photo": "p/1", "fix": FIX})

    assert isinstance(report, ReportReading)
    assert (report.key, report.words, report.photo) == ("r1", "井盖", "p/1")


def test_a_report_that_is_a_tip_is_another_reading() -> None:
    """What handles reports never sees it; what it says is not in what it looks like in a log."""
    tip = read("report", {**REPORT, "kind": "tip", "about": "drugs", "photo": "p/1", "fix": FIX})
    nameless = read("report", {**REPORT, "kind": "tip", "anonymous": True})

    assert isinstance(tip, TipReading)
    assert (tip.key, tip.words, tip.about) == ("r1", "井盖", TipKind.DRUGS)
    assert (tip.anonymous, tip.fix is None) == (False, False)
    assert "井盖" not in repr(tip)
    assert isinstance(nameless, TipReading)
    assert (nameless.anonymous, nameless.about) == (True, TipKind.OTHER)


def test_a_report_may_be_of_every_kind_of_alarm_and_a_tip_beside() -> None:
    """A kind that is added is added to both."""
    assert [each.value for each in ReportKind] == [*(each.value for each in Kind), "tip"]


def test_a_report_that_is_no_tip_has_the_digest_it_always_had() -> None:
    """Or one that is said again after the centre was renewed would be another one."""
    report = read("report", REPORT)

    assert isinstance(report, ReportReading)
    plain = {**REPORT, "anonymous": False, "about": "other"}
    assert read("report", plain).digest == report.digest


def test_what_people_write_by_radio_turns_no_text_round() -> None:
    """An answer is not lost over a sign that nobody sees; what was sent is known by its digest."""
    sent = {**REPORT, "words": "\u202e井盖\u2069\r\n没了"}
    report = read("report", sent)
    declined = {
        "t": NOON_MS,
        "order": ORDER["order"],
        "state": "declined",
        "reason": "\u202d送\x00孩子",
    }
    answer = read("status", declined)

    assert isinstance(report, ReportReading)
    assert report.words == "井盖\n没了"
    assert report.digest != read("report", {**REPORT, "words": "井盖\n没了"}).digest
    assert isinstance(answer, AnswerReading)
    assert answer.reason == "送孩子"


@pytest.mark.parametrize("off_s", [-86_400, 86_400, 3 * 365 * 86_400])
def test_a_clock_that_is_off_costs_nothing(off_s: int) -> None:
    """Device time is a claim that stands beside the hub's; the alarm counts."""
    press = read("alarm", ALARM | {"t": NOON_MS + off_s * 1000})

    assert press.device_t - press.received_t == off_s * (DAY // 86_400)


@pytest.mark.parametrize(
    ("lane", "said", "why"),
    [
        ("alarm", b"", "not_json"),
        ("alarm", b'{"press": "00ff', "not_json"),
        ("alarm", b"\x00\xff garbage", "not_json"),
        ("alarm", b'{"press": "\xff"}', "not_utf8"),
        ("alarm", b'\xef\xbb\xbf{"press": 1}', "not_json"),
        ("alarm", [], "wrong_type"),
        ("alarm", {}, "missing_member"),
        ("alarm", ALARM | {"press": "00ff00ff00ff00ff:07"}, "bad_identity"),
        ("alarm", ALARM | {"press": "00ff00ff00ff00ff:7\n"}, "bad_identity"),
        ("alarm", ALARM | {"press": "00FF00ff00ff00ff:7"}, "bad_identity"),
        ("alarm", ALARM | {"press": "00ff00ff00ff00ff:4294967296"}, "bad_identity"),
        ("alarm", ALARM | {"press": "00ff:7"}, "bad_identity"),
        ("alarm", FIX, "missing_member"),
        ("report", REPORT | {"t": 0}, "bad_time"),
        ("report", REPORT | {"t": -1}, "bad_time"),
        ("position", FIX | {"t": 7_258_118_400_000}, "bad_time"),
        ("position", FIX | {"t": 10**300}, "bad_time"),
        ("report", REPORT | {"fix": FIX | {"t": 0}}, "bad_time"),
        ("position", ALARM, "missing_member"),
        ("position", b'{"t": 1760000000000, "lon": NaN, "lat": 1}', "not_json"),
        ("position", b'{"t": 1760000000000, "lon": Infinity, "lat": 1}', "not_json"),
        ("position", b'{"t": 1760000000000, "lon": 1e999, "lat": 1}', "out_of_range"),
        ("position", FIX | {"lon": 180.1}, "out_of_range"),
        ("position", FIX | {"lat": -90.1}, "out_of_range"),
        ("position", FIX | {"acc": -1}, "out_of_range"),
        ("position", FIX | {"bat": 101}, "out_of_range"),
        ("position", FIX | {"crs": 361}, "out_of_range"),
        ("position", FIX | {"spd": 1e6}, "out_of_range"),
        ("position", FIX | {"datum": "mars"}, "wrong_type"),
        ("position", {"fixes": [FIX] * 501}, "too_many_fixes"),
        ("position", {"fixes": []}, "no_fixes"),
        ("position", {"fixes": [FIX, FIX | {"lat": 91}]}, "out_of_range"),
        ("position", b'{"x":' + b"[" * 60_000, "too_deep"),
        ("status", {}, "wrong_shape"),
        ("status", ORDER | {"duty": "on"}, "wrong_shape"),
        ("status", ORDER | {"state": "offered"}, "wrong_type"),
        ("status", ORDER | {"order": "../../etc"}, "bad_identity"),
        ("status", ORDER | {"order": "a/1\n"}, "bad_identity"),
        ("status", ORDER | {"reason": "长" * 201}, "text_too_long"),
        ("status", {"t": NOON_MS, "duty": "maybe"}, "wrong_type"),
        ("status", {"link": "online", "t": "soon", "seen": None}, "wrong_shape"),
        ("status", {"t": NOON_MS, "call_off": ALARM["press"], "offer": "nearest"}, "wrong_shape"),
        ("status", {"t": NOON_MS, "call_off": "00ff:7"}, "bad_identity"),
        ("status", {"t": NOON_MS, "call_off": ALARM["press"], "pin": 1234}, "wrong_type"),
        ("status", {"call_off": ALARM["press"]}, "missing_member"),
        ("status", {"t": NOON_MS, "called_off": "7"}, "bad_identity"),
        ("status", {"t": NOON_MS, "shown": "../../etc"}, "bad_identity"),
        ("status", {"t": NOON_MS, "offer": "../../etc"}, "bad_identity"),
        ("status", {"t": NOON_MS, "offer": "x" * 65}, "bad_identity"),
        ("status", {"t": NOON_MS, "offer": None}, "wrong_type"),
        ("report", REPORT | {"words": "长" * 501}, "text_too_long"),
        ("report", REPORT | {"report": "a b"}, "bad_identity"),
        ("report", REPORT | {"photo": "x" * 201}, "text_too_long"),
    ],
)
def test_what_is_not_of_the_wire_is_refused_by_reason(lane: str, said: object, why: str) -> None:
    """The reason is counted and logged: it is how a faulty radio is found."""
    assert reason(lane, said) == why


@pytest.mark.parametrize(
    ("said", "faults"),
    [
        ({"t": "now"}, ("wrong_type",)),
        ({"t": 0}, ("bad_time",)),
        ({"t": 10**300}, ("bad_time",)),
        ({"kind": "zombie"}, ("wrong_type",)),
        ({"covert": "yes"}, ("wrong_type",)),
        ({"drill": "yes"}, ("wrong_type",)),
        ({"drill": 1, "fix": []}, ("wrong_type", "wrong_type")),
        ({"drill": True, "t": 0}, ("bad_time",)),
        ({"fix": []}, ("wrong_type",)),
        ({"fix": FIX | {"lon": 181}}, ("out_of_range",)),
        ({"fix": FIX | {"t": 0}}, ("bad_time",)),
        ({"kind": "zombie", "fix": FIX | {"lat": "north"}}, ("wrong_type", "wrong_type")),
    ],
)
def test_a_press_is_not_refused_for_its_trimmings(
    said: dict[str, object], faults: tuple[str, ...]
) -> None:
    """Whoever pressed needs help, whatever their radio thinks of the time, or of the place."""
    press = read("alarm", ALARM | said)

    assert isinstance(press, PressReading)
    assert press.mended == faults
    assert press.press.wire == ALARM["press"]
    if "kind" in said:
        assert press.kind is Kind.SOS
    if "t" in said:
        assert press.device_t == press.received_t
    if "fix" in said:
        assert press.fix is None
    if "covert" in said:
        assert press.covert, "a loud mistake can hurt"
    assert press.drill is (said.get("drill") is True), "in doubt somebody needs help"


@pytest.mark.parametrize("number", ["NaN", "nan", "-nan", "inf", "-Infinity", " NaN "])
def test_a_place_that_is_no_number_loses_no_press(number: str) -> None:
    """C prints it without a thought; it is no JSON, and somebody has pressed."""
    fix = f'{{"t": {NOON_MS}, "lon": {number}, "lat":{number}}}'
    said = f'{{"press": "{ALARM["press"]}", "t": {NOON_MS}, "kind": "fire", "fix": {fix}}}'

    press = read("alarm", said.encode())

    assert isinstance(press, PressReading)
    assert (press.kind, press.fix, press.mended) == (Kind.FIRE, None, ("wrong_type",))


def test_a_bare_press_is_an_sos() -> None:
    """The least a button can say is who it is."""
    press = read("alarm", {"press": ALARM["press"]})

    assert isinstance(press, PressReading)
    assert (press.kind, press.covert, press.fix) == (Kind.SOS, False, None)


def test_a_mended_press_repeated_is_the_same() -> None:
    """The radio repeats the same bytes, and must not be taken for a forger."""
    said = json.dumps(ALARM | {"t": 0}).encode()

    first, again = read("alarm", said), read("alarm", said)

    assert isinstance(first, PressReading)
    assert isinstance(again, PressReading)
    assert first.digest == again.digest


def test_length_is_refused_before_content() -> None:
    """Sixty-four KiB is the wire's; a byte more is not looked at, whatever the topic."""
    padded = json.dumps(ALARM).encode().ljust(64 * 1024)
    assert read("alarm", padded)

    assert reason("alarm", padded + b" ") == "too_long"
    assert reason("no-such-lane", b"\xff" * (64 * 1024 + 1)) == "too_long"


@pytest.mark.parametrize(
    ("topic", "why"),
    [
        ("patrol/xizi/xz-01", "unknown_topic"),
        ("patrol/xizi/xz-01/alarm/extra", "unknown_topic"),
        ("radio/xizi/xz-01/alarm", "unknown_topic"),
        ("patrol/xizi/xz-01/order", "unknown_topic"),
        ("patrol/xizi//alarm", "bad_identity"),
        ("patrol/西子/xz-01/alarm", "bad_identity"),
        ("patrol/xizi/XZ-01/alarm", "bad_identity"),
        (f"patrol/xizi/{'x' * 41}/alarm", "bad_identity"),
        ("patrol/" + "x" * 500, "unknown_topic"),
    ],
)
def test_a_topic_names_a_community_a_radio_and_a_lane(topic: str, why: str) -> None:
    """Who speaks is read from the topic alone, so that nothing else may stand there."""
    with pytest.raises(DeviceProtocolError) as refusal:
        codec.decode(topic, json.dumps(ALARM).encode(), NOON)

    assert refusal.value.reason == why


def test_a_refusal_says_where_the_json_broke() -> None:
    """The byte is what an integrator looks for first."""
    with pytest.raises(DeviceProtocolError) as refusal:
        read("position", b'{"t": 1, "lon": NaN}')

    assert refusal.value.offset == 16
    assert refusal.value.protocol == "v1"


def test_a_refusal_repeats_little_of_what_was_sent() -> None:
    """A log line must not carry a stranger's sixty kilobytes or control characters."""
    with pytest.raises(DeviceProtocolError) as refusal:
        read("report", REPORT | {"kind": "\x1b[2J" + "x" * 10_000})

    assert len(refusal.value.detail) <= 80
    assert refusal.value.detail.isprintable()


def test_a_refused_pin_is_not_told() -> None:
    """A refusal is logged and counted; what somebody typed in fear stands in no log."""
    with pytest.raises(DeviceProtocolError) as refusal:
        read("status", {"t": NOON_MS, "call_off": ALARM["press"], "pin": 987654321})

    assert "987654321" not in str(refusal.value)


@pytest.mark.parametrize(
    "pin", ["123456789", "0" * 4_000, "12a4", "1234\n", "１２３４", " 1234", "?"]
)
def test_what_is_no_pin_is_a_wrong_one(pin: str) -> None:
    """A forced hand mistypes. Refused, the wish would get no answer at all, and the radio would
    show to whoever stands beside its bearer that something is amiss."""
    wish = read("status", {"t": NOON_MS, "call_off": ALARM["press"], "pin": pin})

    assert isinstance(wish, CallOffReading)
    assert wish.pin == WRONG_PIN
    assert PIN.fullmatch(wish.pin) is None


def test_press_ids_are_made_of_one_spelling() -> None:
    """What the radio wrote and what we write back in ``stored`` are equal."""
    assert press_id(RadioId("xz-01"), "00ff00ff00ff00ff:7").wire == "00ff00ff00ff00ff:7"
    assert read("alarm", ALARM).community == CommunityId("xizi")
