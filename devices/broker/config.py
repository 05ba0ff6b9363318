"""The text of the embedded broker's configuration, and nothing that runs it.

The text is JSON, which nats-server reads as readily as its own notation and
which leaves no quoting to get wrong. Two accounts: RADIOS holds every MQTT
session, the hub's own too; in SYS the broker asks us who may come in (NATS
auth callout) and we tell it whom to drop. No radio can reach SYS.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devices.acl import (
    DOCTOR_PRESS_TOPIC,
    DOCTOR_STORED_TOPIC,
    DOCTOR_TOPIC,
    DOCTOR_USER,
    HUB_USERS,
)
from devices.broker.credentials import BrokerSecrets
from devices.broker.room import StoreRoom

RADIOS_ACCOUNT: Final = "RADIOS"
SYSTEM_ACCOUNT: Final = "SYS"

ADMISSION_USER: Final = "yihu_admission"

PAYLOAD_BYTES_MAX: Final = 65 * 1024
"""64 KiB of ours, and 1 KiB because the broker counts topic and headers too.

A longer message costs its sender the connection. The hub checks again: this
is not exact, and other brokers know nothing of it.
"""

ADMISSION_TIMEOUT_S: Final = 5.0
"""How long the broker holds a CONNECT while it asks us; silence is a refusal.

As long as our own radios wait for their answer (``devices/mqtt.py``), and no longer: what is
still waiting then is asked for by nobody. Some thousands that come at once are checked in it.
"""

ACK_WAIT_S: Final = 5
"""How long the hub may hold an alarm unacknowledged before the broker repeats it.

It is also how long an alarm that was in a killed hub's hands waits, because
the broker repeats by this clock and not on reconnecting: hence below the 10 s
within which a killed hub must be back.
"""

IN_FLIGHT_MAX: Final = 256
"""Unacknowledged messages to one session: above any burst that one commit covers.

Times the largest payload it must stay below PENDING_BYTES_MAX, or one burst
would have the broker drop the hub as a slow reader, for ever.
"""

PENDING_BYTES_MAX: Final = 32 * 1024 * 1024
"""What the broker holds for one slow reader before it drops the connection."""

WRITE_DEADLINE_S: Final = 5
"""A reader that takes nothing for so long is dropped; it comes back and resumes."""

HANDSHAKE_S: Final = 10
"""For TLS; a phone on a bad line takes some seconds, and nats-server's own two would refuse it."""

SUBSCRIPTIONS_MAX: Final = 100
"""Subscriptions of one connection: a radio needs two, the hub's door a handful."""

CONTROL_LINE_BYTES_MAX: Final = 4096
MEMORY_STORE_BYTES_MAX: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSettings:
    """Where the embedded broker listens, and what it allows."""

    data_dir: Path
    """The data folder; the configuration lies in ``broker/`` below it."""
    mqtt_host: str = "127.0.0.1"
    mqtt_port: int = 1883
    mqtt_cert: Path | None = None
    """PEM file of the certificate to show; None: without TLS."""
    mqtt_key: Path | None = None
    nats_port: int = 4222
    """For the hub's admission; always on loopback."""
    server_name: str = "yihu"
    connections_max: int = 12_000
    """A district's 5,000, and as many again that come back before the broker has missed them;
    idle ones cost some 80 KiB each."""

    def __post_init__(self) -> None:
        assert 1 <= self.mqtt_port <= 65535
        assert 1 <= self.nats_port <= 65535
        assert self.mqtt_port != self.nats_port
        assert " " not in self.server_name
        assert (self.mqtt_cert is None) == (self.mqtt_key is None)

    @property
    def config_path(self) -> Path:
        return self.data_dir / "broker" / "nats-server.json"

    @property
    def nats_url(self) -> str:
        return f"nats://127.0.0.1:{self.nats_port}"


def broker_config(settings: BrokerSettings, secrets: BrokerSecrets, room: StoreRoom) -> str:
    """The whole configuration as text. It holds passwords: write it readable by us alone."""
    config = {
        "server_name": settings.server_name,
        "host": "127.0.0.1",
        "port": settings.nats_port,
        "logtime": False,
        "max_payload": PAYLOAD_BYTES_MAX,
        "max_connections": settings.connections_max,
        "max_subscriptions": SUBSCRIPTIONS_MAX,
        "max_control_line": CONTROL_LINE_BYTES_MAX,
        "max_pending": PENDING_BYTES_MAX,
        "write_deadline": f"{WRITE_DEADLINE_S}s",
        "jetstream": {
            "store_dir": str(room.folder),
            "max_memory_store": MEMORY_STORE_BYTES_MAX,
            "max_file_store": room.bytes_max,
        },
        "mqtt": {
            **_tls(settings),
            "host": settings.mqtt_host,
            "port": settings.mqtt_port,
            "ack_wait": f"{ACK_WAIT_S}s",
            "max_ack_pending": IN_FLIGHT_MAX,
            "reject_qos2_publish": True,
            "downgrade_qos2_subscribe": True,
        },
        "system_account": SYSTEM_ACCOUNT,
        "accounts": _accounts(secrets),
        "authorization": {
            "timeout": ADMISSION_TIMEOUT_S,
            "auth_callout": {
                "issuer": secrets.issuer_public,
                "account": SYSTEM_ACCOUNT,
                "auth_users": [*HUB_USERS, DOCTOR_USER, ADMISSION_USER],
            },
        },
    }
    return json.dumps(config, ensure_ascii=False, indent=2) + "\n"


def _tls(settings: BrokerSettings) -> dict[str, object]:
    """Go's own defaults are TLS 1.2 and later. Clients show no certificate: they have secrets."""
    if settings.mqtt_cert is None:
        return {}
    return {
        "tls": {
            "cert_file": str(settings.mqtt_cert),
            "key_file": str(settings.mqtt_key),
            "timeout": HANDSHAKE_S,
        }
    }


def _accounts(secrets: BrokerSecrets) -> dict[str, object]:
    return {
        RADIOS_ACCOUNT: {
            "jetstream": "enabled",
            "users": [
                *(_hub_user(name, secrets.hub_password) for name in HUB_USERS),
                _doctor_user(secrets.hub_password),
            ],
        },
        SYSTEM_ACCOUNT: {
            "users": [_admission_user(secrets.admission_password)],
        },
    }


def _hub_user(name: str, password: str) -> dict[str, object]:
    return {
        "user": name,
        "password": password,
        "allowed_connection_types": ["MQTT"],
        "permissions": {
            "publish": ["patrol.>", "radio.>"],
            "subscribe": ["patrol", "patrol.>", "radio", "radio.>", "$MQTT.sub.>"],
        },
    }


def _doctor_user(password: str) -> dict[str, object]:
    """Hears what it says itself, and whether its trial press is stored. A topic's levels are a
    subject's words to this broker."""
    own, press, stored = (
        topic.replace("/", ".") for topic in (DOCTOR_TOPIC, DOCTOR_PRESS_TOPIC, DOCTOR_STORED_TOPIC)
    )
    return {
        "user": DOCTOR_USER,
        "password": password,
        "allowed_connection_types": ["MQTT"],
        "permissions": {
            "publish": [own, press],
            "subscribe": [own, stored, "$MQTT.sub.>"],
        },
    }


def _admission_user(password: str) -> dict[str, object]:
    return {
        "user": ADMISSION_USER,
        "password": password,
        "allowed_connection_types": ["STANDARD"],
    }
