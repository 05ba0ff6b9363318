"""The embedded broker over TLS: who knows it, who does not, and what our own line does."""

import asyncio
import random
import ssl
from pathlib import Path

import pytest

from devices.acl import HUB_USERS
from devices.mqtt import (
    BrokerAddress,
    ClosedIfRefused,
    Login,
    MqttLink,
    parse_broker_url,
    tls_context,
)
from dispatch.errors import SettingsError
from tests.broker import RunningBroker, running_broker
from tests.dispatch.tls.certificates import Shown, first_of, shown

pytestmark = pytest.mark.broker

CONNECT = bytes.fromhex("1011 0004 4d515454 04 02 003c 0003") + b"r-1"
"""MQTT 3.1.1, 3.1: what a radio sends first, here without user name and password."""
CONNACK = b"\x20"

RADIOS = {"r-1": ("demo", "secret-1"), "r-2": ("demo", "secret-2")}


def trusting(files: Shown | None) -> ssl.SSLContext:
    """A radio that has the authority, or has it not."""
    context = ssl.create_default_context(cafile=files.authority if files else None)
    context.sslsocket_class = ClosedIfRefused
    return context


async def linked(broker: RunningBroker, address: BrokerAddress) -> str:
    """What our own link says first: nothing where it is up, else why not."""
    told: asyncio.Queue[str] = asyncio.Queue()
    login = Login(client_id=HUB_USERS[0], username=HUB_USERS[0], password=broker.hub_password)
    link = MqttLink(
        address,
        login,
        on_message=lambda _topic, _data, ack: ack(),
        on_link=told.put_nowait,
        chance=random.Random(1),
    )
    task = asyncio.create_task(link.run())
    try:
        return await asyncio.wait_for(told.get(), 20)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_radio_that_has_the_authority_comes_in_and_is_heard(tmp_path: Path) -> None:
    """Alarms are the same over TLS."""
    files = shown(tmp_path)
    async with (
        running_broker(tmp_path, RADIOS, certificate=files.pair) as broker,
        broker.radio("r-1", tls=trusting(files)) as radio,
        broker.hub(tls=trusting(files)) as hub,
    ):
        await hub.subscribe("patrol/#", qos=1)
        await radio.publish("patrol/demo/r-1/alarm", "报警", qos=1)

        assert (await hub.next_message()).payload.decode() == "报警"


async def test_a_radio_without_it_tells_its_secret_to_nobody(tmp_path: Path) -> None:
    """It hangs up before the CONNECT that holds the secret."""
    files = shown(tmp_path)
    async with running_broker(tmp_path, RADIOS, certificate=files.pair) as broker:
        with pytest.raises(ssl.SSLCertVerificationError):
            async with broker.radio("r-1", tls=trusting(None)):
                pytest.fail("it came in")

        assert broker.admission.admitted == 0
        assert not broker.admission.refused


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    """Another server's, put in the way."""
    files = shown(tmp_path, names=("yihu.example.cn",))
    async with running_broker(tmp_path, RADIOS, certificate=files.pair) as broker:
        with pytest.raises(ssl.SSLCertVerificationError, match=r"127\.0\.0\.1"):
            async with broker.radio("r-1", tls=trusting(files)):
                pytest.fail("it came in")


async def test_an_expired_certificate_keeps_radios_out_but_not_the_hub(tmp_path: Path) -> None:
    """Those that look at dates are told so; the centre goes on with those that do not."""
    files = shown(tmp_path, days_ago=40, days=30)
    async with running_broker(tmp_path, RADIOS, certificate=files.pair) as broker:
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            async with broker.radio("r-1", tls=trusting(files)):
                pytest.fail("it came in")
        careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
        async with broker.radio("r-2", tls=careless):
            pass

        pinned = BrokerAddress(
            host="127.0.0.1", port=broker.mqtt_port, tls=True, pin=str(files.certificate)
        )
        assert await linked(broker, pinned) == ""


async def test_without_tls_nobody_speaks_there(tmp_path: Path) -> None:
    """A radio that was set up for plain MQTT gets no answer, and the broker goes on."""
    files = shown(tmp_path)
    async with running_broker(tmp_path, RADIOS, certificate=files.pair) as broker:
        reader, writer = await asyncio.open_connection("127.0.0.1", broker.mqtt_port)
        writer.write(CONNECT)
        async with asyncio.timeout(20):
            answer = await reader.read()
        writer.close()
        assert answer[:1] != CONNACK

        async with broker.radio("r-1", tls=trusting(files)):
            pass


async def test_our_own_line_knows_the_very_certificate(tmp_path: Path) -> None:
    """For whatever name it was given; and another one of the same authority is not it."""
    files = shown(tmp_path, names=("yihu.example.cn",))
    other = shown(tmp_path / "other", names=("yihu.example.cn",))
    async with running_broker(tmp_path, RADIOS, certificate=files.pair) as broker:
        place = f"mqtts://127.0.0.1:{broker.mqtt_port}"

        assert await linked(broker, parse_broker_url(f"{place}?pin={files.certificate}")) == ""
        wrong = await linked(broker, parse_broker_url(f"{place}?pin={other.certificate}"))
        assert "CERTIFICATE_VERIFY_FAILED" in wrong
        unknown = await linked(broker, parse_broker_url(place))
        assert "CERTIFICATE_VERIFY_FAILED" in unknown


async def test_a_renewed_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    """Whoever comes sees the new one. The broker asks about everybody anew and so drops radios,
    who come back by themselves; the hub's own line stands."""
    files = shown(tmp_path)
    async with (
        running_broker(tmp_path, RADIOS, certificate=files.pair) as broker,
        broker.radio("r-1", tls=trusting(files)) as radio,
        broker.hub(tls=trusting(files)) as hub,
    ):
        await hub.subscribe("patrol/#", qos=1)
        old = await certificate_at(broker.mqtt_port)
        other = shown(tmp_path / "renewed")
        other.key.replace(files.key)
        other.certificate.replace(files.certificate)

        await broker.reload()

        new = await certificate_at(broker.mqtt_port)
        assert new != old
        assert new == ssl.PEM_cert_to_DER_cert(first_of(files.certificate))
        async with asyncio.timeout(20):
            await radio.lost.wait()
        async with broker.radio("r-1", tls=trusting(other)) as back:
            await back.publish("patrol/demo/r-1/alarm", "报警", qos=1)
        assert (await hub.next_message()).payload.decode() == "报警"
        assert not hub.lost.is_set()


async def certificate_at(port: int) -> bytes:
    """What is shown to whoever comes now (DER)."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=anybody)
    found: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return found


async def test_a_broker_is_known_by_an_authority_that_was_named(tmp_path: Path) -> None:
    """As ``broker_url`` has it for a Mosquitto of one's own."""
    files = shown(tmp_path)
    async with running_broker(tmp_path, RADIOS, certificate=files.pair) as broker:
        url = f"mqtts://127.0.0.1:{broker.mqtt_port}?ca={files.authority}"

        assert await linked(broker, parse_broker_url(url)) == ""


@pytest.mark.parametrize("key", ["ca", "pin"])
def test_a_file_that_is_no_certificate_is_told(tmp_path: Path, key: str) -> None:
    """Before anything is started."""
    file = tmp_path / "empty.pem"
    file.write_text("nothing")

    for named in (file, tmp_path / "gone.pem"):
        with pytest.raises(SettingsError, match="by which the broker is known"):
            tls_context(parse_broker_url(f"mqtts://b.local?{key}={named}"))


@pytest.mark.parametrize(
    "url", ["mqtt://b?ca=a.pem", "mqtts://b?ca=", "mqtts://b?key=a", "mqtts://b?ca=a#x"]
)
def test_what_else_stands_behind_the_question_mark_is_refused(url: str) -> None:
    """Nothing is passed over that somebody wrote down."""
    with pytest.raises(SettingsError):
        parse_broker_url(url)


def test_an_address_is_written_down_as_it_is_read() -> None:
    """For the credentials file, from which radios on this machine take it."""
    for url in ("mqtt://b:1", "mqtts://[::1]:8883?pin=/a%20b/c.pem", "mqtts://b:1?ca=/x.pem"):
        address = parse_broker_url(url)
        assert parse_broker_url(address.url) == address
        assert "secret" not in parse_broker_url(url.replace("//", "//u:secret@")).url
