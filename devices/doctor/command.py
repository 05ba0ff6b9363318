"""``yihu doctor``: checks the machine, the broker and the store of a Yihu that runs or not, and
presses a trial press on one that does."""

import argparse
import asyncio
import datetime
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from devices.broker.credentials import SECRETS_FILE, keep_secrets
from devices.doctor.backups import look_at_backups
from devices.doctor.broker import look_at_broker, look_at_certificate, look_at_program
from devices.doctor.centre import health, look_at_hub, look_at_page, look_at_ports, look_at_store
from devices.doctor.certificates import look_at_own_certificates
from devices.doctor.findings import Finding, Level, failed, skipped
from devices.doctor.machine import look_at_machine
from devices.doctor.trial import look_at_trial
from devices.doctor.words import TONGUES, say
from devices.mqtt import BrokerAddress, parse_broker_url
from dispatch.errors import OpenTooSoonError
from dispatch.options import add_data
from dispatch.settings import Settings
from dispatch.settings_file import load_unfinished

MARKS: Final = {Level.OK: "✓", Level.SKIPPED: "–", Level.WARNING: "!", Level.FAILED: "✗"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The same settings as ``yihu run``."""
    add_data(parser)
    parser.add_argument("--broker", help="mqtt://HOST:PORT of another broker")
    parser.add_argument("--http-port", type=int)
    parser.add_argument("--mqtt-port", type=int)
    parser.add_argument("--nats-port", type=int)
    parser.add_argument("--mqtt-listen", help="this machine's address that MQTT is open on")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--lang", choices=sorted(TONGUES), help="zh or en (default: by LANG)")


def run(options: argparse.Namespace) -> int:
    """Exit status 1 where something must be mended; warnings alone leave it 0."""
    settings, faults = _settings(options)
    findings = [
        *(failed("settings.open", why=each.what, remedy=each.remedy) for each in faults),
        *look(settings),
    ]
    lang = options.lang or _language(os.environ)
    if options.json:
        print(json.dumps({"ok": not _failed(findings), "findings": told(findings, lang)}))
    else:
        for finding in findings:
            sentence, remedy = say(finding, lang)
            print(f"{MARKS[finding.level]} {sentence}")
            if remedy:
                print(f"    → {remedy}")
    return 1 if _failed(findings) else 0


def look(settings: Settings) -> Iterator[Finding]:
    """Every check, in the order in which one asks."""
    yield from look_at_machine(settings.data_dir)
    yield look_at_page()
    running = health(settings)
    yield from look_at_hub(running, settings.public_url)
    yield from look_at_ports(settings, running)
    yield from look_at_store(settings, time.time_ns() // 1000)
    yield look_at_backups(settings, time.time_ns() // 1000)
    now = datetime.datetime.now(datetime.UTC)
    yield from look_at_own_certificates(settings, now)
    if settings.broker_url:
        address = parse_broker_url(settings.broker_url)
        yield look_at_certificate(address, time.time())
    else:
        yield look_at_program()
        pin = "" if settings.mqtt_cert is None else str(settings.mqtt_cert)
        address = BrokerAddress(
            host=_reachable(settings.mqtt_listen),
            port=settings.mqtt_port,
            tls=bool(pin),
            pin=pin,
        )
    if running is None and not settings.broker_url:
        yield skipped("broker.unstarted")
    else:
        yield asyncio.run(look_at_broker(address, _password(settings)))
    if running is None:
        yield skipped("trial.stopped")
    else:
        yield from asyncio.run(look_at_trial(settings.data_dir, address, _password(settings)))


def told(findings: Sequence[Finding], lang: str) -> list[dict[str, object]]:
    """For a program: codes and facts, and the sentences beside them."""
    said = [say(each, lang) for each in findings]
    return [
        {
            "code": each.code,
            "level": each.level.value,
            "facts": dict(each.facts),
            "says": sentence,
            "remedy": remedy,
        }
        for each, (sentence, remedy) in zip(findings, said, strict=True)
    ]


def _failed(findings: Sequence[Finding]) -> bool:
    return any(each.level is Level.FAILED for each in findings)


def _settings(options: argparse.Namespace) -> tuple[Settings, list[OpenTooSoonError]]:
    """What is open too soon is looked at as if it were closed, and told."""
    given = {
        "store_url": options.store_url,
        "broker_url": options.broker,
        "http_port": options.http_port,
        "mqtt_port": options.mqtt_port,
        "nats_port": options.nats_port,
        "mqtt_listen": options.mqtt_listen,
    }
    return load_unfinished(
        data_dir=options.data.absolute(),
        settings_file=options.settings,
        overrides={key: value for key, value in given.items() if value is not None},
    )


def _password(settings: Settings) -> str:
    """The hub's own, if it was ever made: a doctor makes none."""
    if not (settings.data_dir / SECRETS_FILE).is_file():
        return ""
    return keep_secrets(settings.data_dir, os.urandom).hub_password


def _reachable(listen: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen, listen)  # noqa: S104 -- compared only


def _language(environment: Mapping[str, str]) -> str:
    """By the locale, as programs of a terminal do."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"
