"""Every MQTT topic, tried by its own radio, by other radios, by the hub and by the doctor.

The table says once more who may say and hear what, so that a change is seen, and a new topic
without a line fails. It is held against both doors: the embedded broker as admission lets
clients in, and a real Mosquitto with the files that ``yihu acl`` writes.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from devices.acl import (
    DOCTOR_PRESS_TOPIC,
    DOCTOR_STORED_TOPIC,
    DOCTOR_TOPIC,
    DOCTOR_USER,
    HUB_USERS,
    mosquitto_acl,
    mosquitto_conf,
    mosquitto_passwords,
)
from devices.asyncapi import FROM_RADIO
from devices.secrets import hash_secret
from dispatch.ids import CommunityId, RadioId
from dispatch.outgoing import RadioTopic
from dispatch.ports import Port, answers
from dispatch.store.port import RadioSecret
from tests.broker import ANSWER_TIMEOUT_S, Peer, RefusedByBrokerError, running_broker
from tests.devices.test_mosquitto import find_mosquitto
from tests.ports import free_port

TABLE: Final = """
topic                      itself  another  elsewhere  hub    hub_mosquitto  doctor
patrol/{c}/{r}/alarm       says    -        -          both   hears          -
patrol/{c}/{r}/position    says    -        -          both   hears          -
patrol/{c}/{r}/status      says    -        -          both   hears          -
patrol/{c}/{r}/report      says    -        -          both   hears          -
radio/{c}/{r}/stored       hears   -        -          both   says           -
radio/{c}/{r}/seen         hears   -        -          both   says           -
radio/{c}/{r}/order        hears   -        -          both   says           -
radio/{c}/{r}/cancel       hears   -        -          both   says           -
radio/{c}/{r}/called_off   hears   -        -          both   says           -
radio/{c}/{r}/config       hears   -        -          both   says           -
radio/{c}/{r}/page         hears   -        -          both   says           -
radio/{c}/{r}/ask          hears   -        -          both   says           -
yihu/doctor                -       -        -          -      -              both
patrol/yihu_doctor/yihu_doctor/alarm   -  -  -        both   hears          says
radio/yihu_doctor/yihu_doctor/stored   -  -  -        both   says           hears
"""
"""Of the topics of one radio. At the embedded broker the hub may do what its radios may:
measurements play a town of them in its name."""

STRANGE: Final = (
    "alarm",
    "other/{c}/{r}/alarm",
    "patrols/{c}/{r}/alarm",
    "yihu",
    "yihu/doctor/more",
    "$SYS/broker/uptime",
    "$MQTT/sub/orders",
)
"""Nobody's: neither said nor heard by any of them."""
ROOTS: Final = ("patrol", "patrol/{c}", "radio", "radio/{c}")
"""The hub's at most."""

WILDCARDS: Final = (
    "#",
    "+/#",
    "+/+/+/+",
    "patrol/#",
    "patrol/{c}/+/alarm",
    "radio/#",
    "radio/{c}/+/order",
    "radio/+/{r}/+",
    "yihu/+",
    "$SYS/#",
    "$MQTT/sub/#",
)

OWNER: Final = {"c": "demo", "r": "r-1"}
RADIOS: Final = {
    "itself": ("r-1", "demo"),
    "another": ("r-2", "demo"),
    "elsewhere": ("far", "west"),
    "revoked": ("r-3", "demo"),
}
UNKNOWN: Final = "r-9"
WITNESS: Final = "witness"
MARKER: Final = b"that was all"


def rows() -> Iterator[tuple[str, str, str]]:
    """Topic, client, what they may do there."""
    head, *lines = TABLE.strip().splitlines()
    clients = head.split()[1:]
    for line in lines:
        topic, *cells = line.split()
        yield from ((topic, client, cell) for client, cell in zip(clients, cells, strict=True))


def may(client: str, deed: str) -> set[str]:
    """The topics of r-1 on which a client may do this, as the table says."""
    return {
        topic.format(**OWNER)
        for topic, who, cell in rows()
        if who == client and cell in (deed, "both")
    }


TOPICS: Final = sorted({topic.format(**OWNER) for topic, _, _ in rows()})


def strange(client: str) -> list[str]:
    """Topics that no row gives this client."""
    wanted = STRANGE if client in HUB_USERS else (*STRANGE, *ROOTS)
    return [topic.format(**OWNER) for topic in wanted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A connection that hears, and may say, whatever anybody may on these topics."""

    peer: Callable[[], Peer]
    hears: tuple[str, ...]
    marks: str
    """Where it says that all was said."""

    def speaks_of(self, topic: str) -> bool:
        """Whether it may."""
        return any(topic.startswith(root.removesuffix("#")) for root in self.hears)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A running broker, and how to come in by it as each kind of client."""

    peer: Callable[[str], Peer]
    witnesses: tuple[Witness, ...]
    hub: str
    """Its column."""


def own_marker(client: str) -> str:
    """A topic, in no row of the table, that this client hears by right."""
    if client == "doctor":
        return DOCTOR_TOPIC
    if client not in RADIOS:
        return "patrol/demo/r-1/marker"
    radio, community = RADIOS[client]
    return f"radio/{community}/{radio}/marker"


async def said_by(door: Door, client: str, topics: Sequence[str]) -> set[str]:
    """The topics on which something that this client says arrives."""
    said = f"said by {client}".encode()
    async with AsyncExitStack() as open_:
        witnesses = [
            (each, await open_.enter_async_context(each.peer())) for each in door.witnesses
        ]
        for each, peer in witnesses:
            for topic in each.hears:
                assert await peer.subscribe(topic)
        speaker = await open_.enter_async_context(door.peer(client))
        for topic in topics:
            await speaker.publish(topic, said, qos=1)
        arrived = set()
        for each, peer in witnesses:
            await peer.publish(each.marks, MARKER, qos=1)
            while (message := await peer.next_message()).payload != MARKER:
                arrived |= {message.topic} if message.payload == said else set()
        return arrived


async def heard_by(
    door: Door, client: str, filters: Sequence[str], topics: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Which filters are granted, and the topics from which something reaches this client."""
    async with AsyncExitStack() as open_:
        listener = await open_.enter_async_context(door.peer(client))
        granted = {each for each in filters if await listener.subscribe(each)}
        marker = own_marker(client)
        assert await listener.subscribe(marker)
        witnesses = [
            (each, await open_.enter_async_context(each.peer())) for each in door.witnesses
        ]
        for each, peer in witnesses:
            for topic in topics:
                if each.speaks_of(topic):
                    await peer.publish(topic, b"for whom it may concern", qos=1)
        [last] = [peer for each, peer in witnesses if each.speaks_of(marker)]
        await last.publish(marker, MARKER, qos=1)
        heard = set()
        while (message := await listener.next_message()).payload != MARKER:
            heard.add(message.topic)
        return granted, heard


# --- the two doors ---


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Door]:
    """The embedded broker with admission; r-3 was revoked."""
    known = {
        name: (community, f"of {name}")
        for kind, (name, community) in RADIOS.items()
        if kind != "revoked"
    }
    async with running_broker(folder, known) as broker:

        def peer(client: str) -> Peer:
            if client in RADIOS or client == UNKNOWN:
                name = RADIOS.get(client, (client, ""))[0]
                return broker.radio(name, password=f"of {name}")
            return broker.hub(DOCTOR_USER if client == "doctor" else client)

        roots = ("patrol/#", "radio/#")
        yield Door(
            peer=peer,
            hub="hub",
            witnesses=(
                Witness(
                    peer=lambda: broker.hub(client_id=WITNESS),
                    hears=roots,
                    marks="radio/demo/nobody/marker",
                ),
                Witness(
                    peer=lambda: broker.hub(DOCTOR_USER, client_id=f"{WITNESS}-2"),
                    hears=(DOCTOR_TOPIC,),
                    marks=DOCTOR_TOPIC,
                ),
            ),
        )


@asynccontextmanager
async def mosquitto(folder: Path) -> AsyncIterator[Door]:
    """A Mosquitto with our files, and one user more who may do everything; r-3 was revoked."""
    port = free_port()
    conf = write_files(folder, port)
    process = await asyncio.create_subprocess_exec(
        find_mosquitto(), "-c", str(conf), stdout=DEVNULL, stderr=PIPE
    )
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while not await answers(Port(port=port)):
                assert process.returncode is None, await process.communicate()
                await asyncio.sleep(0.01)

        def peer(client: str) -> Peer:
            name = DOCTOR_USER if client == "doctor" else RADIOS.get(client, (client, ""))[0]
            return Peer(
                host="127.0.0.1", port=port, client_id=name, username=name, password=f"of {name}"
            )

        all_seeing = Witness(peer=lambda: peer(WITNESS), hears=("#",), marks="marker")
        yield Door(peer=peer, hub="hub_mosquitto", witnesses=(all_seeing,))
    finally:
        process.terminate()
        await process.communicate()


def write_files(folder: Path, port: int) -> Path:
    """What ``yihu acl`` writes, and the witness."""
    salt = b"0123456789ab"
    radios = [
        RadioSecret(
            radio=RadioId(name),
            community=CommunityId(community),
            secret_hash=hash_secret(f"of {name}", salt),
            revoked=kind == "revoked",
        )
        for kind, (name, community) in RADIOS.items()
    ]
    ours = {user: hash_secret(f"of {user}", salt) for user in (*HUB_USERS, DOCTOR_USER, WITNESS)}
    acl, passwords, conf = folder / "acl", folder / "passwords", folder / "mosquitto.conf"
    acl.write_text(f"{mosquitto_acl(radios)}\nuser {WITNESS}\ntopic readwrite #\n")
    passwords.write_text(mosquitto_passwords(radios, ours))
    text = mosquitto_conf(acl_path=str(acl), passwords_path=str(passwords), port=port)
    conf.write_text(f"{text}persistence_location {folder}/\nuser root\n")
    return conf


@pytest.fixture(params=[embedded, mosquitto])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    """Each of the two."""
    async with request.param(tmp_path) as opened:
        yield opened


CLIENTS: Final = ("itself", "another", "elsewhere", *HUB_USERS, "doctor")


def column(door: Door, client: str) -> str:
    """Where the table tells of this client."""
    return door.hub if client in HUB_USERS else client


# --- the tests ---


def test_every_topic_of_the_wire_stands_in_the_table() -> None:
    """Whoever adds one has to say who may use it; it is tried below from then on."""
    lanes = {f"patrol/{{c}}/{{r}}/{lane}" for lane in FROM_RADIO}
    lanes |= {f"radio/{{c}}/{{r}}/{lane}" for lane in RadioTopic}

    assert {topic for topic, _, _ in rows()} == lanes | {
        DOCTOR_TOPIC,
        DOCTOR_PRESS_TOPIC,
        DOCTOR_STORED_TOPIC,
    }


@pytest.mark.broker
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_is_heard_where_the_table_says_and_nowhere_else(
    door: Door, client: str
) -> None:
    """A forged press, position or order would look like anybody's."""
    said = await said_by(door, client, [*TOPICS, *strange(client)])

    assert said == may(column(door, client), "says")


@pytest.mark.broker
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_client_hears_what_the_table_says_and_nothing_else(door: Door, client: str) -> None:
    """Orders name places and people; presses say who is in need, and where."""
    everything = [*TOPICS, *strange(client)]
    granted, heard = await heard_by(door, client, everything, everything)

    allowed = may(column(door, client), "hears")
    assert heard == allowed
    assert granted >= allowed


@pytest.mark.broker
@pytest.mark.parametrize("client", CLIENTS)
async def test_no_wildcard_reaches_further(door: Door, client: str) -> None:
    """By ``#`` one hears at most what one may hear by name."""
    filters = [each.format(**OWNER) for each in WILDCARDS]
    _, heard = await heard_by(door, client, filters, [*TOPICS, *strange(client)])

    assert heard <= may(column(door, client), "hears")


@pytest.mark.broker
@pytest.mark.parametrize("client", ["revoked", UNKNOWN])
async def test_who_is_on_no_list_does_not_come_in(door: Door, client: str) -> None:
    """Then no topic is theirs."""
    with pytest.raises(RefusedByBrokerError):
        async with door.peer(client):
            pytest.fail("it was let in")
