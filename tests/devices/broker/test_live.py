"""What the embedded broker really does with radios that behave, err, or lie."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.broker.admission import BrokerUnreachableError
from dispatch.ids import RadioId
from tests.broker import (
    Peer,
    Received,
    RefusedByBrokerError,
    RunningBroker,
    Will,
    running_broker,
)

pytestmark = pytest.mark.broker

RADIOS = {
    "r-1": ("demo", "secret-1"),
    "r-2": ("demo", "secret-2"),
    "far": ("elsewhere", "secret-3"),
}


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[RunningBroker]:
    async with running_broker(tmp_path, RADIOS) as running:
        yield running


async def until_marker(hub: Peer, radio: Peer) -> list[Received]:
    """What the hub has heard before a message that we know comes last."""
    await radio.publish("patrol/demo/r-1/status", b"marker", qos=1)
    heard = []
    while (message := await hub.next_message()).payload != b"marker":
        heard.append(message)
    return heard


async def test_an_admitted_radio_reaches_the_hub_and_is_reached(broker: RunningBroker) -> None:
    """The one thing all else is for, with Chinese in the payload and in the topic."""
    async with broker.hub() as hub, broker.radio("r-1") as radio:
        assert await hub.subscribe("patrol/#", qos=1)
        assert await radio.subscribe("radio/demo/r-1/#", qos=1)

        await radio.publish("patrol/demo/r-1/alarm", "报警", qos=1)
        await hub.publish("radio/demo/r-1/order", "西子一间", qos=1)
        await radio.publish("patrol/demo/r-1/报告", b"{}", qos=0)

        alarm = await hub.next_message()
        assert (alarm.topic, alarm.payload.decode()) == ("patrol/demo/r-1/alarm", "报警")
        order = await radio.next_message()
        assert (order.topic, order.payload.decode()) == ("radio/demo/r-1/order", "西子一间")
        assert (await hub.next_message()).topic == "patrol/demo/r-1/报告"


async def test_a_radio_speaks_only_as_itself(broker: RunningBroker) -> None:
    """A publish on another's topic is acknowledged, thrown away, and counted by its radio."""
    async with broker.hub() as hub, broker.radio("r-1") as radio:
        await hub.subscribe("patrol/#", qos=1)

        for topic in (
            "patrol/demo/r-2/alarm",
            "patrol/elsewhere/r-1/alarm",
            "radio/demo/r-2/order",
        ):
            await radio.publish(topic, b"forged", qos=1)
            await radio.publish(topic, b"forged", qos=0)

        assert await until_marker(hub, radio) == []
        await broker.logged("radio.demo.r-2.order")
        assert broker.violations.by_radio["r-1"] >= 5


@pytest.mark.parametrize("topic", ["radio/demo/r-2/#", "radio/#", "patrol/#", "#", "$MQTT/sub/#"])
async def test_a_radio_hears_only_what_is_said_to_it(broker: RunningBroker, topic: str) -> None:
    """Orders name places and incidents; another radio's are refused at SUBSCRIBE."""
    async with broker.radio("r-1") as radio:
        granted = await radio.subscribe(topic, qos=1)

        assert not granted


@pytest.mark.parametrize(
    ("reason", "credentials"),
    [
        ("wrong_secret", {"password": "guessed"}),
        ("unknown_radio", {"username": "r-9", "client_id": "r-9"}),
        ("client_id_differs", {"client_id": "r-2"}),
        ("client_id_differs", {"client_id": "yihu_alarms"}),
        ("client_id_differs", {"client_id": ""}),
        ("malformed_user_name", {"username": "西子一间", "client_id": "西子一间"}),
        ("malformed_user_name", {"username": "a" * 41, "client_id": "a" * 41}),
        ("password_too_long", {"password": "x" * 129}),
    ],
)
async def test_a_stranger_is_refused(
    broker: RunningBroker, reason: str, credentials: dict[str, str]
) -> None:
    """Each refusal is counted by its reason, so that an integrator finds the cause."""
    with pytest.raises(RefusedByBrokerError):
        async with broker.radio("r-1", **credentials):
            pytest.fail("it was let in")

    assert broker.admission.refused == {reason: 1}


async def test_another_client_id_does_not_take_over_a_session(broker: RunningBroker) -> None:
    """With own credentials and another's client id one would inherit its undelivered orders."""
    async with broker.hub() as hub, broker.radio("r-2") as victim:
        await victim.subscribe("radio/demo/r-2/#", qos=1)

        with pytest.raises(RefusedByBrokerError):
            async with broker.radio("r-1", client_id="r-2"):
                pytest.fail("it was let in")

        await hub.publish("radio/demo/r-2/order", b"go", qos=1)
        assert (await victim.next_message()).payload == b"go"
        assert not victim.lost.is_set()


async def test_the_hub_is_not_let_in_without_its_password(broker: RunningBroker) -> None:
    """Its users are the broker's own: nobody is asked, and a wrong password is final."""
    with pytest.raises(RefusedByBrokerError):
        async with broker.hub(password="guessed"):
            pytest.fail("it was let in")

    assert broker.admission.refused == {}


async def test_a_revoked_radio_is_thrown_out_and_stays_out(broker: RunningBroker) -> None:
    """A stolen radio must fall silent now, not when its connection happens to end."""
    async with broker.radio("r-1") as stolen, broker.radio("r-2") as other:
        del broker.radios["r-1"]
        dropped = await broker.admission.kick(RadioId("r-1"))

        await asyncio.wait_for(stolen.lost.wait(), 10)
        assert dropped == 1
        assert not other.lost.is_set()
        with pytest.raises(RefusedByBrokerError):
            async with broker.radio("r-1", password="secret-1", username="r-1"):
                pytest.fail("it came back")
        assert await broker.admission.kick(RadioId("r-1")) == 0


async def test_a_last_will_speaks_with_its_radios_rights(broker: RunningBroker) -> None:
    """A will is published by the broker itself: a forged one would look like anyone's."""
    async with broker.hub() as hub, broker.radio("r-1") as watcher:
        await hub.subscribe("patrol/#", qos=1)
        forged = Will(topic="patrol/demo/r-1/status", payload=b"forged")
        async with broker.radio("r-2", will=forged) as liar:
            await liar.vanish()
            await broker.logged("patrol.demo.r-1.status")
        assert await until_marker(hub, watcher) == []

        own = Will(topic="patrol/demo/r-2/status", payload=b"offline")
        async with broker.radio("r-2", will=own) as honest:
            await honest.vanish()

            assert (await hub.next_message()).payload == b"offline"


async def test_a_retained_alarm_comes_again_marked_as_retained(broker: RunningBroker) -> None:
    """The hub may tell an old press by the flag when it subscribes anew; live it has none."""
    async with broker.radio("r-1") as radio:
        async with broker.hub() as hub:
            await hub.subscribe("patrol/#", qos=1)
            await radio.publish("patrol/demo/r-1/alarm", b"press", qos=1, retain=True)
            assert not (await hub.next_message()).retain

        async with broker.hub() as hub:
            await hub.subscribe("patrol/#", qos=1)

            assert (await hub.next_message()).retain


async def test_what_the_hub_did_not_acknowledge_comes_again(broker: RunningBroker) -> None:
    """An alarm in the hands of a hub that was killed is delivered to the next one."""
    async with broker.radio("r-1") as radio:
        async with broker.hub(clean_session=False, manual_ack=True) as hub:
            await hub.subscribe("patrol/#", qos=1)
            await radio.publish("patrol/demo/r-1/alarm", b"press", qos=1)
            assert (await hub.next_message()).payload == b"press"
            await hub.vanish()
        await radio.publish("patrol/demo/r-1/alarm", b"while away", qos=1)
        back_at = time.monotonic()

        async with broker.hub(clean_session=False, manual_ack=True) as hub:
            assert hub.session_present
            again = [await hub.next_message(), await hub.next_message()]
            for message in again:
                hub.ack(message)

        print(f"all again {time.monotonic() - back_at:.1f} s after the hub was back")
        assert {message.payload for message in again} == {b"press", b"while away"}


async def test_sessions_and_waiting_messages_outlive_the_broker(broker: RunningBroker) -> None:
    """The supervisor restarts a dead broker; radios come back to what was waiting."""
    async with broker.radio("r-2", clean_session=False) as radio:
        await radio.subscribe("radio/demo/r-2/#", qos=1)
    async with broker.hub() as hub:
        await hub.publish("radio/demo/r-2/order", b"go", qos=1)

    await broker.stop(kill=True)
    await broker.start()
    await broker.admission_back()

    async with broker.radio("r-2", clean_session=False) as radio:
        assert radio.session_present
        assert (await radio.next_message()).payload == b"go"


async def test_kicking_without_a_broker_says_so(broker: RunningBroker) -> None:
    """Whoever revokes must learn that the live connection may still be there."""
    await broker.stop()

    with pytest.raises(BrokerUnreachableError):
        await broker.admission.kick(RadioId("r-1"))


async def test_a_message_over_the_limit_ends_the_connection(broker: RunningBroker) -> None:
    """64 KiB of payload pass; much more is refused before it is held in memory."""
    async with broker.hub() as hub, broker.radio("r-1") as radio:
        await hub.subscribe("patrol/#", qos=1)
        await radio.publish("patrol/demo/r-1/report", b"x" * 64 * 1024, qos=1)
        assert len((await hub.next_message()).payload) == 64 * 1024

        sending = asyncio.ensure_future(
            radio.publish("patrol/demo/r-1/report", b"x" * 66 * 1024, qos=1)
        )

        await asyncio.wait_for(radio.lost.wait(), 10)
        sending.cancel()


async def test_a_hung_hub_is_a_refusal(broker: RunningBroker) -> None:
    """Nobody gets in because the one who should decide was busy; later they do."""
    broker.hang()
    with pytest.raises(RefusedByBrokerError):
        async with broker.radio("r-1"):
            pytest.fail("it was let in")
    broker.resume()

    async with broker.radio("r-1"):
        pass


async def test_a_failing_table_is_a_refusal(broker: RunningBroker) -> None:
    """A store that raises must neither let in nor end the service."""
    broker.radios["r-1"] = ()  # type: ignore[assignment]  # unpacking it raises
    with pytest.raises(RefusedByBrokerError):
        async with broker.radio("r-1", password="x"):
            pytest.fail("it was let in")

    async with broker.radio("r-2"):
        pass
    assert broker.admission.refused == {"hub_error": 1}


async def test_an_alarm_does_not_wait_for_nagle(broker: RunningBroker) -> None:
    """Prints the time from publish to acknowledgement; 40 ms would be Nagle's algorithm."""
    took_ms = []
    async with broker.hub() as hub, broker.radio("r-1") as radio:
        await hub.subscribe("patrol/#", qos=1)
        for number in range(50):
            started = time.perf_counter()
            await radio.publish("patrol/demo/r-1/alarm", json.dumps({"n": number}), qos=1)
            took_ms.append((time.perf_counter() - started) * 1e3)
            await hub.next_message()

    took_ms.sort()
    print(f"QoS 1 publish to PUBACK: p50 {took_ms[25]:.2f} ms, p90 {took_ms[45]:.2f} ms")
