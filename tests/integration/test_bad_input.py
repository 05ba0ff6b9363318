"""Whatever radios send, by fault or by malice: refused or counted, said why, and nothing stops.

After each of these a good press still goes its whole way.
"""

import asyncio
import json
from typing import Any

import pytest

from devices.measure import MESSAGES_BURST
from dispatch.ids import UnitId
from dispatch.store.sql import history_at
from tests.broker import Peer, RefusedByBrokerError
from tests.console_client import Console
from tests.integration.conftest import SETTINGS, Community
from tests.radio_client import Radio
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

DAY_S = 86_400.0
TIMES = int(MESSAGES_BURST)
"""As often as one radio may say something at once."""
BOOT = "0123456789abcdef"

BAD = (
    ("alarm", b"{", "not_json"),
    ("alarm", b'{"press":"\xff"}', "not_utf8"),
    ("alarm", b'{"x":' + b"[" * 60_000, "too_deep"),
    ("alarm", b"[]", "wrong_type"),
    ("alarm", b'{"press":1,"t":1760000000000,"kind":"sos"}', "wrong_type"),
    ("alarm", b'{"t":1760000000000,"kind":"sos"}', "missing_member"),
    ("alarm", b'{"press":"1","t":1760000000000,"kind":"sos"}', "bad_identity"),
    ("position", b'{"t":1760000000000,"lon":NaN,"lat":30}', "not_json"),
    ("position", b'{"t":1760000000000,"lon":181,"lat":30}', "out_of_range"),
    ("position", b'{"t":1760000000000,"lon":120,"lat":1e999}', "out_of_range"),
    ("position", b'{"fixes":[]}', "no_fixes"),
    ("position", b'{"t":0,"lon":120,"lat":30}', "bad_time"),
    ("status", b'{"t":1760000000000,"duty":"on","link":"online"}', "wrong_shape"),
)


@pytest.fixture(scope="module", name="settings")
def repetitions_told_soon() -> str:
    """So that a test need not wait ten seconds for a count."""
    return f"{SETTINGS}repeat_told_s = 0.5\n"


def refused(reason: str) -> str:
    """The metric of unreadable messages."""
    return f'yihu_device_refused_total{{reason="{reason}"}}'


def turned_away(reason: str) -> str:
    """The metric of radios that were not let in."""
    return f'yihu_radios_refused_total{{reason="{reason}"}}'


def peer(system: System, name: str, **more: Any) -> Peer:
    """A bare MQTT client with this radio's secret, that does as it is told."""
    known = system.credentials()["radios"].get(name, {"secret": "guessed"})
    arguments = {"client_id": name, "username": name, "password": known["secret"], **more}
    return Peer(host="127.0.0.1", port=system.mqtt_port, **arguments)


async def still_works(console: Console, radio: Radio) -> dict[str, Any]:
    """A good press of this radio is stored and shown."""
    press = await radio.press()
    return await console.sees_incident(
        lambda each: (
            each["sender"] == radio.name
            and f"{radio.name}/{press}".replace(":", "/")
            in [alarm["id"] for alarm in each["alarms"]]
        )
    )


async def test_what_cannot_be_read_is_refused_with_its_reason(
    system: System, community: Community
) -> None:
    """One count and one line in the log each, and the broker does not send it again."""
    async with Console(system, "一号台") as console, community.radio("v01") as radio:
        for lane, payload, reason in BAD:
            before = system.metrics().get(refused(reason), 0)
            radio.publish(lane, payload, qos=0 if lane == "position" else 1)
            await asyncio.to_thread(system.counted, refused(reason), before + 1)
            assert system.logged(f"reason={reason}")

        await still_works(console, radio)


async def test_a_press_is_taken_whatever_is_wrong_with_its_trimmings(
    system: System, community: Community
) -> None:
    """Whoever pressed needs help: a place off the Earth, a time that cannot be, an unknown kind."""
    async with Console(system, "一号台") as console, community.radio("v01") as radio:
        off_earth = {"t": radio.now_ms(), "lon": 999, "lat": "north"}

        await radio.press(t=0, kind="dragon", fix=off_earth)

        shown = await console.sees_incident(lambda each: each["sender"] == radio.name)
        assert (shown["kind"], shown["place"]["source"]) == ("sos", "post")
        mended = [name for name in system.metrics() if name.startswith("yihu_press_mended_total")]
        assert len(mended) == 3
        assert system.logged("press_mended")


@pytest.mark.parametrize("clock_off_s", [DAY_S, -DAY_S], ids=["ahead", "behind"])
async def test_a_clock_a_day_off_makes_nothing_late(
    system: System, community: Community, clock_off_s: float
) -> None:
    """The radio's time is only a claim: people are called, and the console shows both times."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v02") as (unit,),
        community.radio("v01", clock_off_s=clock_off_s) as sender,
    ):
        await sender.sign_on(*community.place("v01"))
        await sender.press(fix=sender.fix(*community.place("v01")))

        await unit.hears("order")
        shown = await console.sees_incident(lambda each: each["sender"] == sender.name)
        (alarm,) = shown["alarms"]
        assert not alarm["late"]
        assert (alarm["device_t"] - alarm["received_t"]) / 1000 == pytest.approx(
            clock_off_s, abs=60
        )
        assert shown["place"]["grid"] == "g01"


async def test_a_payload_over_the_limit_costs_its_sender_alone(
    system: System, community: Community
) -> None:
    """A little over, and we refuse it; far over, and the broker cuts the line."""
    async with (
        Console(system, "一号台") as console,
        community.radio("v01") as sender,
        community.radio("v02") as other,
    ):
        before = system.metrics().get(refused("too_long"), 0)
        sender.publish("alarm", b"x" * (64 * 1024 + 1))
        await asyncio.to_thread(system.counted, refused("too_long"), before + 1)
        links, others = sender.links, other.links

        sender.publish("alarm", b"x" * (70 * 1024), qos=0)
        await sender.links_again(links)

        await still_works(console, sender)
        await still_works(console, other)
        assert other.links == others


async def test_an_unknown_radio_and_a_wrong_secret_stay_outside(
    system: System, community: Community
) -> None:
    """Turned away at the door, counted by reason; nothing they say is heard."""
    name = f"{community.name}-v01"
    for who, password, reason in (
        ("nobody", "guessed", "unknown_radio"),
        (name, "guessed", "wrong_secret"),
    ):
        before = system.metrics().get(turned_away(reason), 0)
        with pytest.raises(RefusedByBrokerError):
            async with peer(system, who, password=password):
                pytest.fail("it was let in")
        await asyncio.to_thread(system.counted, turned_away(reason), before + 1)
        assert system.logged(f"reason={reason}")

    async with Console(system, "一号台") as console, community.radio("v01") as radio:
        await still_works(console, radio)


async def test_a_revoked_radio_is_cut_off_and_cannot_come_back(
    system: System, community: Community
) -> None:
    """Lost or stolen: from the operator's click on it neither speaks nor hears."""
    async with (
        Console(system, "一号台") as console,
        community.radio("v01") as stolen,
        community.radio("v02") as other,
    ):
        await console.do(f"radios/{stolen.name}/revoke")
        await stolen.is_refused()
        stolen.push()
        await asyncio.to_thread(system.counted, turned_away("revoked"), 2)

        await console.sees(lambda: console.units[stolen.name]["revoked"], "it is shown as revoked")
        await still_works(console, other)
        assert system.logged("reason=revoked")
        assert not [each for each in console.incidents.values() if each["sender"] == stolen.name]


async def test_nobody_speaks_or_listens_as_another(system: System, community: Community) -> None:
    """Another's topic is dropped, counted and logged; another's client id is not let in."""
    violations = system.metrics()["yihu_topic_violations_total"]
    thief, victim = f"{community.name}-v01", f"{community.name}-v02"
    press = {"press": f"{BOOT}:1", "t": 1_760_000_000_000, "kind": "sos"}
    async with Console(system, "一号台") as console, community.radio("v02") as radio:
        async with peer(system, thief) as forger:
            await forger.publish(
                f"patrol/{community.name}/{victim}/alarm", json.dumps(press), qos=1
            )
            assert not await forger.subscribe(f"radio/{community.name}/{victim}/#", qos=1)
        await asyncio.to_thread(system.counted, "yihu_topic_violations_total", violations + 2)
        links = radio.links
        before = system.metrics().get(turned_away("client_id_differs"), 0)
        with pytest.raises(RefusedByBrokerError):
            async with peer(system, thief, client_id=victim):
                pytest.fail("it was let in")
        await asyncio.to_thread(system.counted, turned_away("client_id_differs"), before + 1)

        shown = await still_works(console, radio)

        assert shown["rings"] == 1
        assert radio.links == links
        assert system.logged("radio_overstepped")
        assert system.logged("reason=client_id_differs")


async def test_the_same_press_hundreds_of_times_is_one_incident(
    system: System, community: Community
) -> None:
    """Repetitions are counted beside the one alarm; the journal is told now and then."""
    name = f"{community.name}-v01"
    topic = f"patrol/{community.name}/{name}/alarm"
    async with Console(system, "一号台") as console:
        async with peer(system, name) as radio:
            press = json.dumps({"press": f"{BOOT}:1", "t": 1_760_000_000_000, "kind": "sos"})
            for start in range(0, TIMES, 100):
                some = range(start, min(start + 100, TIMES))
                await asyncio.gather(*(radio.publish(topic, press, qos=1) for _ in some))

        shown = await console.sees_incident(
            lambda each: each["sender"] == name and each["alarms"][0]["repeats"] >= TIMES - 1
        )

        assert (shown["rings"], len(shown["alarms"])) == (1, 1)
        assert shown["alarms"][0]["repeats"] == TIMES - 1
        assert system.metrics()["yihu_press_repeated_total"] >= TIMES - 1
        repeats = [line for line in shown["story"] if line["what"] == "AlarmRepeated"]
        assert len(repeats) < TIMES / 10
        assert system.logged("alarm_repeated")


async def test_one_identity_with_two_contents_is_two_presses(
    system: System, community: Community
) -> None:
    """A broken or copied radio: what was decided on stays, the other is written down beside it, and
    rings."""
    async with Console(system, "一号台") as console, community.radio("v01") as radio:
        conflicts = system.metrics().get("yihu_press_conflicted_total", 0)
        press = await radio.press(kind="medical")
        again = {"press": press, "t": radio.now_ms(), "kind": "fire"}
        radio.publish("alarm", json.dumps(again))

        shown = await console.sees_incident(
            lambda each: each["sender"] == radio.name and len(each["alarms"]) == 2
        )
        assert (shown["kind"], shown["rings"]) == ("medical", 2)
        assert shown["alarms"][0]["conflicts"] == 1
        await asyncio.to_thread(system.counted, "yihu_press_conflicted_total", conflicts + 1)
        assert system.logged("alarm_conflicted")
        await still_works(console, radio)


async def test_positions_before_signing_on_reach_no_disk(
    system: System, community: Community
) -> None:
    """Where a volunteer is off duty is nobody's business."""
    off_duty = 'yihu_positions_dropped_total{reason="off_duty"}'
    async with Console(system, "一号台") as console, community.radio("v01") as radio:
        before = system.metrics().get(off_duty, 0)
        radio.tell_position(*community.place("v05"))
        await asyncio.to_thread(system.counted, off_duty, before + 1)

        await radio.sign_on(*community.place("v01"))
        row = console.units[radio.name]["row"]
        await console.sees(lambda: row in console.positions, "its place, once it is on duty")
        await asyncio.to_thread(
            system.until, lambda: bool(history(system, radio.name)), "a history"
        )

        lon, lat = community.place("v01")
        assert history(system, radio.name) == [(round(lon * 1e7), round(lat * 1e7))]
        assert system.logged("positions_dropped")
        await still_works(console, radio)


def history(system: System, unit: str) -> list[tuple[int, int]]:
    """Every place of this unit that is on disk."""
    world = (-180.0, -90.0, 180.0, 90.0)
    with history_at("", system.data_dir) as past:
        found = past.area(world, from_t=0, to_t=1 << 52)
    theirs = found.unit == (found.units.index(UnitId(unit)) if unit in found.units else -1)
    places = zip(found.lon[theirs].tolist(), found.lat[theirs].tolist(), strict=True)
    return [(round(lon * 1e7), round(lat * 1e7)) for lon, lat in places]
