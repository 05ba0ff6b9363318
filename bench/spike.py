"""The floor of the position lane: the least that reads, decodes, keeps and shows positions.

    python -m bench.spike PORT PASSWORD FOLDER

Sixty lines: an asyncio.Protocol of its own, msgspec, a dict of who is where, SQLite
(WAL, FULL) with a commit every 10 ms, and one joined frame a commit to whoever listens
on a socket. No admission, no checks, no grids, no fences, no units, no limits.
Says ``ready PORT`` (where frames can be had), and ends with its input.
"""

import asyncio
import sqlite3
import sys
from pathlib import Path

import msgspec

from bench.packets import connect, subscribe

USER = "yihu_alarms"
GROUP_S = 0.01


class Spike(asyncio.Protocol):
    """Bytes in; rows and frames out."""

    def __init__(self, db: sqlite3.Connection, password: str) -> None:
        self.db, self.password = db, password
        self.decode = msgspec.json.Decoder().decode
        self.rest, self.where, self.rows = b"", {}, []  # type: ignore[var-annotated]
        self.listeners: list[asyncio.StreamWriter] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(connect("bench-spike", self.password, user=USER))
        transport.write(subscribe("patrol/+/+/position"))

    def data_received(self, data: bytes) -> None:
        data = self.rest + data
        at, end = 0, len(data)
        while end - at >= 3:
            first, length, body = data[at], data[at + 1], at + 2
            if length > 127:
                length, body = length & 127 | data[at + 2] << 7, at + 3
            stop = body + length
            if stop > end:
                break
            if first >> 4 == 3:
                cut = body + 2 + (data[body] << 8 | data[body + 1])
                topic, fix = data[body + 2 : cut], self.decode(data[cut:stop])
                self.where[topic] = fix
                self.rows.append((topic, fix["t"], fix["lon"], fix["lat"]))
            at = stop
        self.rest = data[at:]

    async def commit(self) -> None:
        while True:
            await asyncio.sleep(GROUP_S)
            rows, self.rows = self.rows, []
            if rows:
                self.db.execute("BEGIN")
                self.db.executemany("INSERT INTO fix VALUES (?,?,?,?)", rows)
                self.db.execute("COMMIT")
                frame = b"".join(row[0] + b" %f %f\n" % row[2:] for row in rows)
                for each in self.listeners:
                    each.write(frame)


async def main(port: int, password: str, folder: Path) -> None:
    """Until the input ends."""
    db = sqlite3.connect(folder / "spike.db", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE IF NOT EXISTS fix (radio BLOB, t INT, lon REAL, lat REAL)")
    loop = asyncio.get_running_loop()
    _, spike = await loop.create_connection(lambda: Spike(db, password), "127.0.0.1", port)

    def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        spike.listeners.append(writer)

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    committing = asyncio.create_task(spike.commit())
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    committing.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
