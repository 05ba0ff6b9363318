"""The floors: what the least possible program costs on the same broker, with the same library.

    python -m bench.floors reply PORT PASSWORD FOLDER    a press -> SQLite FULL commit -> reply
    python -m bench.floors decode PORT PASSWORD          positions, decoded and dropped

No identity, no unique key, no hash, no rules, no screens: below this nothing with
paho-mqtt, SQLite and this broker can go. Each says ``ready``, and ends with its input.
"""

import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

USER = "yihu_alarms"
PRESS_TOPIC = "patrol/bench/floor/press"
"""A radio's topic to the broker, and none that the hub listens to."""
REPLY_TOPIC = "radio/bench/floor"
"""And the number of who pressed: to each its own, as the hub's."""


def client(name: str, port: int, password: str) -> mqtt.Client:
    """A plain client with the hub's rights and a name of its own."""
    made = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name)
    made.username_pw_set(USER, password)
    made.connect("127.0.0.1", port)
    sock: Any = made.socket()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as the hub does
    return made


def reply(port: int, password: str, folder: Path) -> None:
    """Answer each press once it is committed."""
    db = sqlite3.connect(folder / "floor.db", isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE IF NOT EXISTS press (body BLOB)")

    def on_message(who: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        by = msgspec.json.decode(message.payload)["by"]
        db.execute("INSERT INTO press VALUES (?)", (message.payload,))
        who.publish(f"{REPLY_TOPIC}/{by}", message.payload, qos=1)

    _serve(client("floor-reply", port, password), PRESS_TOPIC, 1, on_message)


def decode(port: int, password: str) -> None:
    """Decode each position and drop it."""

    def on_message(_who: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        msgspec.json.decode(message.payload)

    _serve(client("floor-decode", port, password), "patrol/+/+/position", 0, on_message)


def _serve(who: mqtt.Client, topic: str, qos: int, on_message: Any) -> None:
    who.on_message = on_message
    who.on_subscribe = lambda *_: print("ready", flush=True)
    who.subscribe(topic, qos)
    who.loop_start()
    sys.stdin.read()
    who.loop_stop()


if __name__ == "__main__":
    if sys.argv[1] == "reply":
        reply(int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
    else:
        decode(int(sys.argv[2]), sys.argv[3])
