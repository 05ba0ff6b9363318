"""Puts the rooms together: ``yihu run`` and ``yihu hub``. Nothing is decided here.

    yihu run    supervisor: starts nats-server, ``yihu hub`` and the demo's radios
    yihu hub    one process: store, hub, MQTT door, admission, HTTP, the gateways' worker

The only place of ``dispatch`` that looks at ``devices`` and ``console``. Each process loads
what it needs itself: the supervisor holds no hub in memory.
"""

import argparse
import asyncio
import datetime
import os
import random
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import structlog

from dispatch.errors import SettingsError
from dispatch.options import add_data
from dispatch.settings import Settings

if TYPE_CHECKING:
    from devices.broker.config import BrokerSettings
    from devices.broker.gate import Gate
    from devices.broker.thinning import BrokerNoise
    from devices.codes import Codes, Enroll
    from devices.door import MqttDoor
    from devices.joining import Reach
    from devices.mqtt import BrokerAddress
    from dispatch.gateways.book import Book
    from dispatch.gateways.client import GatewayClient
    from dispatch.hub import Hub
    from dispatch.ids import OperatorName, RadioId
    from dispatch.readings import TipReading
    from dispatch.roster import Roster
    from dispatch.shell import Shell
    from dispatch.store.port import Restored
    from dispatch.store.sql import SqlStore

RUN_LOCK_FILE: Final = "run.lock"
"""Held by the supervisor; the hub has a lock of its own, for it may also run alone."""

BROKER_CHATTER: Final = (
    b"[INF]",
    b"Plaintext passwords detected",  # made anew for each data folder, in a file of mode 0600
    b"TLS handshake error: EOF",  # who hangs up before a word, as our own look whether it listens
    b"Auth callout service returned an error",  # the hub has said whom it refused, and why
)
"""What lines of the broker hold that belong in no day's story."""

log = structlog.get_logger("yihu.command")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of both: the supervisor hands them on."""
    add_data(parser)
    parser.add_argument(
        "--community", type=Path, action="append", help="a community file; may be given again"
    )
    parser.add_argument("--broker", help="mqtt://HOST:PORT of another broker")
    parser.add_argument("--http-port", type=int)
    parser.add_argument("--mqtt-port", type=int)
    parser.add_argument("--nats-port", type=int)
    parser.add_argument("--mqtt-listen", help="this machine's address to open MQTT on")
    parser.add_argument("--clock-speed", type=float, help="run the hub's clock so much faster")
    parser.add_argument(
        "--credentials", type=Path, help="the radios' secrets (default: DATA/credentials.json)"
    )
    parser.add_argument("--supervised", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--no-simulator", action="store_true", help="the demo without its radios")
    parser.add_argument("--log-json", action="store_true", help="log lines as JSON")
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning"))


def _settings(options: argparse.Namespace) -> Settings:
    from dispatch.settings_file import load_settings

    given = {
        "community_files": tuple(options.community) if options.community else None,
        "store_url": options.store_url,
        "broker_url": options.broker,
        "http_port": options.http_port,
        "mqtt_port": options.mqtt_port,
        "nats_port": options.nats_port,
        "mqtt_listen": options.mqtt_listen,
        "clock_speed": options.clock_speed,
    }
    return load_settings(
        data_dir=options.data.absolute(),
        settings_file=options.settings,
        overrides={key: value for key, value in given.items() if value is not None},
    )


# --- yihu run: the supervisor ---


def run(options: argparse.Namespace) -> int:
    """The supervisor, until it is told to end."""
    from devices.broker.binary import find_nats_server, lay_out
    from devices.broker.credentials import keep_secrets
    from devices.broker.failing import read_store_failed
    from devices.broker.room import find_room
    from devices.broker.thinning import BrokerNoise
    from devices.broker.violations import read_violation
    from dispatch.ports import Port, check_port_free
    from dispatch.roster_kept import nothing_new
    from dispatch.store.folder import FolderLock, make_folder
    from dispatch.supervisor import Child, Forward, RestartChild, supervise
    from dispatch.tls.showing import check_certificates

    settings = _settings(options)
    make_folder(settings.data_dir)
    # Refused here, in one sentence, before anything starts.
    if not nothing_new(settings.data_dir, settings.community_files):
        from dispatch.config import check_roster

        check_roster(settings.community_files, keep_in=settings.data_dir)
    if settings.gateways_file is not None:
        from dispatch.gateways.checking import check_file

        check_file(settings.gateways_file)
    # Ours before the broker starts: two brokers on one store would damage it.
    lock = FolderLock(settings.data_dir, name=RUN_LOCK_FILE, kind="yihu")
    check_port_free(settings.http_host, settings.http_port, setting="--http-port")
    check_certificates(settings)
    children = []
    if not settings.broker_url:
        check_port_free(settings.mqtt_listen, settings.mqtt_port, setting="--mqtt-port")
        check_port_free("127.0.0.1", settings.nats_port, setting="--nats-port")
        argv = lay_out(
            _broker_settings(settings),
            keep_secrets(settings.data_dir, secrets.token_bytes),
            find_nats_server(),
            find_room(settings.data_dir),
        )
        ready = Port(host=_reachable(settings.mqtt_listen), port=settings.mqtt_port)
        children.append(
            Child(name="broker", argv=argv, ready=ready, reload_when=_renewed_for_broker(settings))
        )
    ours = (sys.executable, "-m", "dispatch")
    children.append(
        Child(
            name="hub",
            argv=(*ours, "hub", *_repeated(options), "--supervised"),
            ready=Port(host=_reachable(settings.http_host), port=settings.http_port),
            at_once=True,  # by the time it has its state back, the broker is there
            takes_lines=True,
            beats=True,
        )
    )
    if _is_demo(settings) and not options.no_simulator:
        children.append(
            Child(name="simulator", argv=(*ours, "simulate", f"--data={settings.data_dir}"))
        )

    def on_line(child: str, line: str) -> Forward | RestartChild | None:
        if child != "broker":
            return None
        if read_store_failed(line):
            return RestartChild(name="broker")
        return Forward(to="hub", line=line) if read_violation(line) is not None else None

    noise = BrokerNoise() if options.log_level != "debug" else None
    try:
        return asyncio.run(supervise(children, on_line=on_line, sink=partial(_sink, noise=noise)))
    finally:
        lock.release()


def _renewed_for_broker(settings: Settings) -> Callable[[], bool] | None:
    """Whether its certificate was renewed since it was asked last; None: it shows none."""
    from dispatch.tls.renewing import Renewal

    if settings.mqtt_cert is None or settings.mqtt_key is None:
        return None
    return Renewal("mqtt", settings.mqtt_cert, settings.mqtt_key, lambda: None).look


def _sink(child: str, stream: int, line: bytes, *, noise: "BrokerNoise | None") -> None:
    """Hand a child's line on, but for the broker's chatter, and what it says too often; all of it
    where ``noise`` is None."""
    from dispatch.supervisor import pass_on

    if noise is not None and child == "broker":
        if any(word in line for word in BROKER_CHATTER):
            return
        told = noise.take(line.decode("utf-8", "replace").rstrip("\r\n"), time.monotonic())
        if told is None:
            return
        line = told.encode() + b"\n"
    pass_on(child, stream, line)


def _repeated(options: argparse.Namespace) -> list[str]:
    """The options of ``run`` for the hub, with paths that mean the same."""
    again = [f"--data={options.data.absolute()}", f"--log-level={options.log_level}"]
    plain = ("store_url", "broker", "http_port", "mqtt_port", "nats_port", "mqtt_listen")
    for name in (*plain, "clock_speed"):
        value = getattr(options, name)
        if value is not None:
            again.append(f"--{name.replace('_', '-')}={value}")
    if options.settings is not None:
        again.append(f"--settings={options.settings.absolute()}")
    again += [f"--community={file.absolute()}" for file in options.community or ()]
    if options.credentials is not None:
        again.append(f"--credentials={options.credentials.absolute()}")
    if options.log_json:
        again.append("--log-json")
    if options.no_simulator:
        again.append("--no-simulator")
    return again


# --- yihu hub: one process ---


def hub(options: argparse.Namespace) -> int:
    """The hub's process, until it is told to end."""
    from dispatch import garbage

    garbage.hold_back()  # a tenth of loading all that follows
    return asyncio.run(_serve(_settings(options), options))


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    from importlib.metadata import version

    from console.api import make_app, make_feeds
    from console.backups import backups_doc
    from console.login.first import make_login, provider_of, tell_first, where_of
    from console.login.guarding import address_of
    from console.login.promises import keep_promises
    from console.login.radio_consents import RadioConsents
    from console.login.who import who_asks
    from console.serve import Door, tls_of
    from devices.codes import Codes, CodeTimes
    from devices.door import MqttDoor
    from devices.radio_office import RadioOffice
    from devices.registry import CODECS
    from devices.routes import routes
    from dispatch import garbage
    from dispatch.access.codes import code_key
    from dispatch.backup.daily import daily_of
    from dispatch.backup.restored import SHOWN_FOR, TOLD_FOR, lately, restored_from
    from dispatch.clock import HubClock, off_words
    from dispatch.clock_keeping import KeptOffset, keep_clock
    from dispatch.gateways.client import GatewayClient
    from dispatch.gateways.forgetting import Numbers
    from dispatch.gateways.strangers import strangers
    from dispatch.heard import suspect_words
    from dispatch.heartbeat import beat
    from dispatch.housekeeping import keep_clean, keep_standing, note_the_rest
    from dispatch.hub import Hub
    from dispatch.live import LiveTable
    from dispatch.local_token import keep_local_address, keep_local_token
    from dispatch.shell import Shell
    from dispatch.starting import StartTrace, tell_serving
    from dispatch.store.retention import kept_for
    from dispatch.store.sql import SqlStore
    from dispatch.tips.keys import KeyFile
    from dispatch.tips.room import TipRoom, TipTimes
    from dispatch.tls.folder import TlsFolder
    from dispatch.tls.renewing import keep_renewed, renewals_of

    tls, provider = tls_of(settings), provider_of(settings)  # refused before the store is opened
    renewals = renewals_of(settings, tls)
    trace = StartTrace()
    trace.over("imports")
    shell: Shell | None = None

    def on_store_state(why: str) -> None:
        if shell is not None:
            shell.store_state_threadsafe(why)

    def on_tip(tip: "TipReading", ack: Callable[[], None]) -> None:
        tips.on_reading(tip, ack)

    store = SqlStore.open(
        settings.store_url,
        data_dir=settings.data_dir,
        on_state=on_store_state,
        kept_for=kept_for(settings.kept_days),
    )
    trace.begin_telling()
    try:
        trace.over("store")
        held = store.load(with_units=False)  # radios are the roster's
        trace.over("state")
        kept = KeptOffset(settings.data_dir)
        clock = HubClock(speed=settings.clock_speed, not_before=held.last_t, offset_us=kept.read())
        _tell_off(clock.off_us)
        restored, roster, greeting = _muster(store, held, settings, options, clock.now())
        trace.over("roster")
        book = _gateway_book(settings)
        ways = book if settings.clock_speed == 1 else None
        hub = Hub(settings=settings, roster=roster, live=LiveTable(roster), ways=ways)
        trace.over("units")
        if ways is not None:
            books = [book for each in hub.libraries.values() for book in each.books()]
            for said in strangers(ways, books, roster.radios):
                log.warning("gateway_stranger", why=said)
        shell = Shell(hub=hub, clock=clock)
        gateways = None
        if ways is not None:
            gateways = GatewayClient(book=ways, on_result=shell.on_gateway)
        numbers = Numbers(book, _using(hub, gateways))
        door = MqttDoor(
            _broker_address(settings),
            codec=CODECS["v1"],
            clock=clock,
            on_reading=shell.on_reading,
            on_fixes=shell.on_fixes,
            find=hub.live.find,
            on_refused=shell.on_refused,
            on_link=shell.on_link,
            chance=random.Random(),
            hub_password=_hub_password(settings),
            on_taken=shell.on_order_taken,
            on_shed=shell.on_positions_shed,
            on_tip=on_tip,
            people_wait=shell.people_wait,
        )
        gate = _gate(settings, store)
        demo = _is_demo(settings) and not options.no_simulator
        zone = next(each.zone for each in roster.communities.values())
        backups = daily_of(settings, options.settings, zone)
        restored_here = restored_from(settings.data_dir)

        def restored_until() -> int | None:
            told = lately(restored_here, clock.machine_now(), within=SHOWN_FOR)
            return None if told is None else told.until_t // 1000

        def restored_words() -> str:
            told = lately(restored_here, clock.machine_now(), within=TOLD_FOR)
            return "" if told is None else told.words

        login, access_gate = make_login(
            store,
            clock,
            roster,
            token=keep_local_token(settings.data_dir),
            provider=provider,
            has_authority=TlsFolder.of(settings.data_dir).authority_file.exists,
            unfollow=hub.live.set_unfollowed,
            bar=hub.live.set_barred,
            numbers=numbers,
        )
        times = login.books.times
        tips = TipRoom(
            store,
            KeyFile.of(settings.data_dir),
            TipTimes(
                hub=times.hub,
                steady=times.steady,
                today=lambda: f"{datetime.datetime.now(datetime.UTC).date()}",
            ),
            token=secrets.token_bytes,
            find=roster.radios.get,
            send=door.send,
            days=settings.kept_days.tip,
        )
        enroll = _enrolling(shell, gate)
        codes = Codes(
            store,
            CodeTimes(hub=times.hub, machine=times.machine, steady=times.steady),
            key=code_key(_hub_password(settings)),
            find=roster.radios.get,
            enroll=enroll,
            token=secrets.token_bytes,
            consents=RadioConsents(login),
        )
        feeds = make_feeds(
            hub=hub,
            settings=settings,
            clock=clock,
            present=shell.present,
            counters=shell.counts,
            version=f"yihu {version('yihu')}",
            demo=demo,
            where_of=partial(where_of, login),
            restored_until=restored_until,
        )
        office = RadioOffice(
            book=store,
            roster=roster,
            codes=codes,
            enroll_radio=enroll,
            reach=_reach(settings),
            token=secrets.token_bytes,
            who_asks=who_asks,
            address_of=address_of,
        )
        app = make_app(
            feeds=feeds,
            gate=access_gate,
            login=login,
            tips=tips,
            hosts=settings.http_hosts,
            archive=store,
            ask=shell.ask,
            counters=lambda: {
                **_counts(hub, shell, door, gate, store, codes),
                "http_unreadable": http.unreadable,
                "http_cut_off": http.refused,
            },
            ready=lambda: gate.open and door.up,  # the state is back before the port opens
            extra_routes=routes(settings.data_dir, demo=demo, radios=office.routes()),
            notices=lambda: [
                ("start", hub.catching_up(clock.now())),
                ("clock", off_words(clock.off_us)),
                ("clock", suspect_words(hub.live.heard.off_alike(clock.now()))),
                ("radios", door.too_fast_words),
                ("history", store.history_words),
                ("tips", tips.key_words),
                ("backup", "" if backups is None else backups.words),
                ("numbers", numbers.words),
                ("restored", restored_words()),
                *(("certificate", each.words) for each in renewals),
            ],
            backups=lambda: backups_doc(settings, backups, restored_here, clock.machine_now),
            gauges=lambda: {
                **store.history_gauges(),
                "positions_waiting": door.positions_waiting,
                "radios_too_fast": door.radios_too_fast,
            },
        )
        http = Door(app)
        trace.over("doors")

        def joined() -> int:
            columns = hub.live.columns
            return int(columns.online.sum()) + int(columns.on_duty.sum())

        def kick(radio: "RadioId") -> None:
            codes.void(radio)
            gate.kick(radio)

        shell.connect(store=store, radios=door, consoles=feeds, kick=kick, gateways=gateways)
        shell.start(store.with_shift(restored))
        del held, restored  # ten thousand incidents are not held twice
        store.let_go()
        trace.over("resume")
        garbage.settle()
        await http.open(settings.http_host, settings.http_port, tls)
        keep_local_address(settings.data_dir, settings.url, os.getpid(), settings.http_cert)
        trace.over("http")
        print(greeting, flush=True)
        try:
            supervised = options.supervised
            await _until_told(
                beat(),
                tell_serving(
                    trace,
                    lambda: gate.open and door.up,
                    lambda: not hub.catching_up(clock.now()),
                ),
                door.run(),
                tips.run(),
                gate.run(supervised=supervised),
                tell_first(login, settings.public_url, joined if demo else None),
                keep_standing(store),
                keep_clean(
                    store,
                    clock,
                    machine_now=clock.machine_now,
                    history_days=settings.history_days,
                ),
                keep_promises(login, speed=clock.speed),
                keep_clock(clock, kept, quiet=lambda: shell.quiet, stepped=shell.clock_stepped),
                *([] if backups is None else [backups.run()]),
                *([keep_renewed(renewals)] if renewals else []),
            )
        finally:
            shell.stop()
            if gateways is not None:
                await gateways.close()
            await http.close()
            note_the_rest(store)
    finally:
        store.close()
    return 0


def _enrolling(shell: "Shell", gate: "Gate") -> "Enroll":
    """Told as done once whoever had the old secret is out: the radio comes in right after."""

    async def enroll(
        radio: "RadioId",
        *,
        secret_hash: str,
        by: "OperatorName",
        by_code: bool = False,
        address: str = "",
        consented: tuple[str, ...] = (),
    ) -> None:
        await shell.enroll(
            radio,
            secret_hash=secret_hash,
            by=by,
            by_code=by_code,
            address=address,
            consented=consented,
        )
        await gate.settled()

    return enroll


def _using(hub: "Hub", gateways: "GatewayClient | None") -> Callable[["Book"], None]:
    """Fewer people are to be called than were: both know."""

    def use(book: "Book") -> None:
        if gateways is not None:
            hub.use_ways(book)
            gateways.use(book)

    return use


def _gateway_book(settings: Settings) -> "Book | None":
    """SMS, voice and chat, where a file names them. Sending takes real time: with a clock that
    runs faster, every message would seem lost."""
    from dispatch.gateways.book import load_book

    if settings.gateways_file is None:
        return None
    book = load_book(settings.gateways_file)
    if settings.clock_speed != 1:
        log.warning("gateways_off", why="the clock does not run at its own speed")
    return book


def _tell_off(off_us: int) -> None:
    """Times on every screen will be wrong by so much: that must not go unsaid."""
    from dispatch.clock import off_words

    if off_words(off_us):
        log.warning("clock_off_the_machines", why=off_words(off_us))


async def _until_told(*works: Coroutine[Any, Any, None]) -> None:
    """Run them until SIGTERM or SIGINT; one that fails ends all, and we are started again."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(work) for work in works]
        await stop.wait()
        for task in running:
            task.cancel()


def _muster(
    store: "SqlStore", held: "Restored", settings: Settings, options: argparse.Namespace, now: int
) -> "tuple[Restored, Roster, str]":
    """Enrolls everybody of the community files; what the store holds then, the roster, a greeting.

    Where neither the files nor the store's radios are others than at the last start, all that
    is known from then. A store of a busy centre is loaded again only after a change.
    """
    from devices.credentials import CREDENTIALS_FILE, load_credentials
    from devices.enrolment import enroll_listed, stay_enrolled
    from devices.greeting import greeting
    from dispatch.config import find_settled, keep_settled, load_listed
    from dispatch.plan_adoption import as_adopted
    from dispatch.roster import Roster

    broker_url = _broker_address(settings).url
    file = options.credentials or settings.data_dir / CREDENTIALS_FILE
    demo = _is_demo(settings)
    settled = None
    if not demo:
        before = store.radios_print()
        settled = find_settled(settings.data_dir, settings.community_files, before)
    if settled is not None and stay_enrolled(store, file=file, broker_url=broker_url):
        adopted = as_adopted(settled.communities.values(), held.facts)
        roster = Roster(adopted, settled.radios, settled.pins)
        return held, roster, greeting(settings.public_url, roster, None)
    listed = load_listed(settings.community_files, with_walking=True, keep_in=settings.data_dir)
    communities = as_adopted(listed.roster.communities.values(), held.facts)
    enrolled = store.radio_records()
    strangers = {r.community for r in enrolled} - listed.roster.communities.keys()
    if strangers:
        raise SettingsError(
            f"the data folder {settings.data_dir} belongs to {', '.join(sorted(strangers))}",
            "name its community file too, or choose another folder with --data",
        )
    changed = enroll_listed(
        store,
        listed.roster.radios.values(),
        enrolled=enrolled,
        file=file,
        broker_url=broker_url,
        now=now,
        token=secrets.token_bytes,
        renew_lost=demo,
    )
    if changed:
        held, enrolled = store.load(with_units=False), store.radio_records()
    roster = Roster(communities, enrolled, listed.roster.pins)
    if not demo:
        after = store.radios_print()
        keep_settled(settings.data_dir, settings.community_files, listed, roster, after)
    known = load_credentials(file) if demo else None
    return held, roster, greeting(settings.public_url, roster, known)


def _counts(
    hub: "Hub", shell: "Shell", door: "MqttDoor", gate: "Gate", store: "SqlStore", codes: "Codes"
) -> dict[str, int]:
    """Everything that is counted, for /metrics."""
    total = Counter(hub.counts)
    total.update(store.history_counts())
    total.update(shell.counts)
    total.update(gate.counts())
    total.update({f"radio_codes:{what}": n for what, n in codes.counts.items()})
    total.update({f"device_refused:{reason}": n for reason, n in door.refused.items()})
    total.update({f"positions_shed_at_door:{reason}": n for reason, n in door.shed.items()})
    total.update({f"press_mended:{reason}": n for reason, n in door.mended.items()})
    total.update({f"device_heard:{what}": n for what, n in door.heard.items()})
    total["radio_repeats_held_back"] = door.held_back
    total["acked_before_stored"] = door.acked_early
    total["radio_messages_dropped"] = door.dropped_out
    total["messages_shed_at_door:too_fast"] = door.too_many
    return total


# --- the broker, ours or another ---


def _is_demo(settings: Settings) -> bool:
    return not settings.community_files


def _gate(settings: Settings, store: "SqlStore") -> "Gate":
    from devices.broker.credentials import keep_secrets
    from devices.broker.gate import EmbeddedGate, ForeignGate
    from devices.broker.table import by_table

    if settings.broker_url:
        return ForeignGate()
    kept = keep_secrets(settings.data_dir, secrets.token_bytes)
    decide = by_table(store.radio_secrets_of, secrets.token_bytes)
    return EmbeddedGate(_broker_settings(settings), kept, decide)


def _hub_password(settings: Settings) -> str:
    from devices.broker.credentials import keep_secrets

    return keep_secrets(settings.data_dir, secrets.token_bytes).hub_password


def _broker_address(settings: Settings) -> "BrokerAddress":
    from devices.mqtt import BrokerAddress, parse_broker_url

    if settings.broker_url:
        return parse_broker_url(settings.broker_url)
    pin = "" if settings.mqtt_cert is None else str(settings.mqtt_cert)
    return BrokerAddress(
        host=_reachable(settings.mqtt_listen), port=settings.mqtt_port, tls=bool(pin), pin=pin
    )


def _reach(settings: Settings) -> "Reach":
    from devices.joining import Reach

    address = _broker_address(settings)
    return Reach(
        web=settings.public_url,
        web_host=urlsplit(settings.public_url).hostname or settings.http_host,
        mqtt_host=address.host if settings.broker_url else settings.mqtt_listen,
        mqtt_port=address.port,
        mqtt_tls=address.tls,
    )


def _broker_settings(settings: Settings) -> "BrokerSettings":
    from devices.broker.config import BrokerSettings

    return BrokerSettings(
        data_dir=settings.data_dir,
        mqtt_host=settings.mqtt_listen,
        mqtt_port=settings.mqtt_port,
        mqtt_cert=settings.mqtt_cert,
        mqtt_key=settings.mqtt_key,
        nats_port=settings.nats_port,
    )


def _reachable(listen: str) -> str:
    """Where we ourselves find what listens there."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen, listen)  # noqa: S104 -- compared only
