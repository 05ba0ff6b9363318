"""``yihu`` with a hub that notes what it does when, for bench/timeline.py. Alone it prints nothing.

    python -m bench.traced run ...      as ``yihu run``; its hub leaves DATA/timeline.json

Only wraps: nothing in the hub knows of it. A mark is [thread, what, begun, ended, processor]:
the machine's monotonic clock in seconds, which is the same in every process, and how long the
thread had a processor meanwhile.
"""

import asyncio
import functools
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from dispatch.__main__ import main as yihu

FILE: Final = "timeline.json"
LOOP, WRITER, OTHER = "loop", "writer", "other"
TURN_LEAST_S: Final = 0.00005
"""Shorter turns of the loop are not noted."""

Mark = tuple[str, str, float, float, float]

now, spent = time.monotonic, time.thread_time


class Notes:
    """All marks, in the order in which they ended."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []

    def wrap(self, owner: Any, name: str, what: Callable[..., str]) -> None:
        """From now on each call of ``owner.name`` is noted; ``what`` names it by its arguments."""
        inner = getattr(owner, name)

        @functools.wraps(inner)
        def outer(*args: Any, **kwargs: Any) -> Any:
            begun, before = now(), spent()
            try:
                return inner(*args, **kwargs)
            finally:
                self.note(what(*args), begun, before)

        setattr(owner, name, outer)

    def note(self, what: str, begun: float, before: float) -> None:
        """It ends now."""
        ended, took = now(), spent() - before
        names = {"MainThread": LOOP, "journal-writer": WRITER}
        thread = names.get(threading.current_thread().name, OTHER)
        self.marks.append((thread, what, begun, ended, took))

    def wrap_loop(self) -> None:
        """Note each turn of the loop that is worth it."""
        inner = asyncio.Handle._run

        def run(handle: Any) -> None:
            begun, before = now(), spent()
            inner(handle)
            if now() - begun >= TURN_LEAST_S:
                self.note("turn " + _name_of(handle._callback), begun, before)

        # Every turn of a loop comes through here, and asyncio offers no other place to stand.
        asyncio.Handle._run = run  # type: ignore[method-assign, assignment]


def _name_of(callback: Any) -> str:
    """A task by its coroutine."""
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return str(getattr(task.get_coro(), "__qualname__", "task"))
    named = getattr(callback, "func", callback)
    return str(getattr(named, "__qualname__", type(named).__name__))


def note_all(notes: Notes) -> None:
    """Wrap what a press meets on its way."""
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

    from console.feed import Feed
    from devices.door import MqttDoor
    from devices.mqtt import MqttLink, _Connection
    from dispatch.hub import Hub
    from dispatch.shell import Shell
    from dispatch.store.sql import SqlStore
    from dispatch.store.writer import JournalWriter

    notes.wrap(MqttDoor, "_on_message", lambda _, topic, *__: "heard " + _last(topic))
    notes.wrap(Hub, "handle", lambda _, message, *__: "handle " + type(message).__name__)
    notes.wrap(Hub, "expire", lambda *_: "handle expire")
    notes.wrap(SqlStore, "submit", lambda _, facts: "submit " + type(facts[0]).__name__)
    notes.wrap(JournalWriter, "_attempt", lambda *_: "group")
    notes.wrap(SQLiteDialect_pysqlite, "do_commit", lambda *_: "commit")
    notes.wrap(Shell, "_on_disk", lambda _, turn, __: "on_disk " + _first(turn))
    notes.wrap(MqttLink, "publish", lambda _, topic, *__: "publish " + _last(topic))
    notes.wrap(_Connection, "_write", lambda link: "write " + link._login.client_id)
    notes.wrap(_Connection, "_read", lambda link: "read " + link._login.client_id)
    notes.wrap(Feed, "tell_now", lambda _: "draw")
    notes.wrap_loop()


def _last(topic: str) -> str:
    return topic.rpartition("/")[2]


def _first(turn: Any) -> str:
    return type(turn.effects.facts[0]).__name__


def run_hub(argv: Sequence[str]) -> int:
    """The hub to its end; then its marks are written down."""
    notes = Notes()
    note_all(notes)
    try:
        return yihu(argv)
    finally:
        folder = next(Path(each.partition("=")[2]) for each in argv if each.startswith("--data="))
        (folder / FILE).write_text(json.dumps(notes.marks))


def run_supervisor(argv: Sequence[str]) -> int:
    """``yihu run`` whose hub is one of these."""
    from dispatch import supervisor

    inner = supervisor.supervise

    async def supervise(children: Sequence[supervisor.Child], **kwargs: Any) -> int:
        noting = [
            replace(child, argv=(child.argv[0], "-m", "bench.traced", *child.argv[3:]))
            if child.name == "hub"
            else child
            for child in children
        ]
        return await inner(noting, **kwargs)

    supervisor.supervise = supervise
    return yihu(argv)


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(run_hub(given) if given[:1] == ["hub"] else run_supervisor(given))
