"""The floors of bench.nearest: what one would build or install instead, asked the same.

All answer by metres alone, since none knows of grids ring by ring. None checks the age
of a fix, duty and the like: whoever cannot be sent is left out of them beforehand.
"""

from __future__ import annotations

import contextlib
import math
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from bench.nearest_world import ORIGIN, ROLES, SIDE_M, WANTED, Question, World
from bench.rig import cpu_s
from geo.arrays import Floats, Rows
from geo.distance import distance_m, distances_m

CELL_M: Final = 1_000.0


def everybody(world: World, question: Question, ring_of: Rows) -> list[int]:
    """Every fit unit is measured and sorted; rows are in the order of keys here."""
    rows = np.flatnonzero(world.fit(question))
    lon, lat = world.lon[rows], world.lat[rows]
    metres: Floats = distances_m(question.lon, question.lat, lon, lat)
    order = np.lexsort((rows, metres, ring_of[world.grid[rows]]))
    answer: list[int] = rows[order][:WANTED].tolist()
    return answer


class PerRole:
    """NumPy, one pair of columns for each role, cut to a circle before anything is sorted.

    It is told how many can be sent, and so how wide a circle is worth trying first.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        able = world.able()
        self._rows = [np.flatnonzero(world.columns.role == role) for role in range(ROLES)]
        self._able = [able[rows] for rows in self._rows]
        self._place = np.zeros(world.units, np.int64)
        for rows in self._rows:
            self._place[rows] = np.arange(len(rows))
        self._x = [world.x[rows] for rows in self._rows]
        self._y = [world.y[rows] for rows in self._rows]
        fit = max(1.0, float(able.sum()) / ROLES)
        self._reach_m = SIDE_M * math.sqrt(WANTED / fit / math.pi) * 1.5

    def update(self, rows: Rows) -> None:
        """A batch of moves."""
        world = self._world
        role = world.columns.role[rows]
        for number in range(ROLES):
            moved = rows[role == number]
            places = self._place[moved]
            self._x[number][places] = world.x[moved]
            self._y[number][places] = world.y[moved]

    def ask(self, question: Question) -> list[int]:
        x, y = ORIGIN.to_xy(question.lon, question.lat)
        able = self._able[question.role]
        reach_m = self._reach_m
        while True:
            near = np.abs(self._x[question.role] - x) < reach_m
            near &= np.abs(self._y[question.role] - y) < reach_m
            near &= able
            rows = self._rows[question.role][np.flatnonzero(near)]
            lon, lat = self._world.lon[rows], self._world.lat[rows]
            metres = distances_m(question.lon, question.lat, lon, lat)
            order = np.lexsort((rows, metres))[:WANTED]
            # 1 % for the plane, whose metres shrink towards the north
            if len(order) == WANTED and metres[order[-1]] < 0.99 * reach_m:
                answer: list[int] = rows[order].tolist()
                return answer
            if reach_m > 2.0 * SIDE_M:
                everyone: list[int] = rows[order].tolist()
                return everyone
            reach_m *= 1.5


class DictGrid:
    """A grid of Python dicts for each role: what one would build without columns."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cells: list[dict[tuple[int, int], set[int]]] = [{} for _ in range(ROLES)]
        self._role = world.columns.role.tolist()
        self._cell: list[tuple[int, int] | None] = [None] * world.units
        self._able = world.able().tolist()
        self._place: list[tuple[float, float]] = [(0.0, 0.0)] * world.units
        self.update(np.arange(world.units))

    def update(self, rows: Rows) -> None:
        world = self._world
        moved = (rows, world.x[rows], world.y[rows], world.lon[rows], world.lat[rows])
        for row, x, y, lon, lat in zip(*(each.tolist() for each in moved), strict=True):
            self._place[row] = lon, lat
            cell = (math.floor(x / CELL_M), math.floor(y / CELL_M))
            before = self._cell[row]
            if cell != before:
                cells = self._cells[self._role[row]]
                if before is not None:
                    cells[before].discard(row)
                cells.setdefault(cell, set()).add(row)
                self._cell[row] = cell

    def ask(self, question: Question) -> list[int]:
        """Rings of cells until none outside them can be nearer than the eighth."""
        x, y = ORIGIN.to_xy(question.lon, question.lat)
        home = math.floor(x / CELL_M), math.floor(y / CELL_M)
        cells = self._cells[question.role]
        found: list[tuple[float, int]] = []
        for reach in range(2 * round(SIDE_M / CELL_M)):
            for cell in around(home, reach):
                for row in cells.get(cell, ()):
                    if self._able[row]:
                        metres = distance_m(question.lon, question.lat, *self._place[row])
                        found.append((metres, row))
            found.sort()
            if len(found) >= WANTED and found[WANTED - 1][0] < 0.99 * reach * CELL_M:
                break
        return [row for _, row in found[:WANTED]]


def around(home: tuple[int, int], reach: int) -> list[tuple[int, int]]:
    """The cells of the square ring at this reach."""
    cx, cy = home
    if reach == 0:
        return [home]
    sides = range(-reach, reach + 1)
    flat = [(cx + step, cy + edge) for step in sides for edge in (-reach, reach)]
    return flat + [(cx + edge, cy + step) for step in sides[1:-1] for edge in (-reach, reach)]


class Redis:
    """GEOSEARCH over a key for each role, without age, duty or rings; one connection, no library.

    Of the answers only their number is looked at: Redis keeps places to 26 bits a side.
    """

    def __init__(self, port: int, pid: int) -> None:
        self.pid = pid
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")

    def close(self) -> None:
        self._answers.close()
        self._socket.close()

    def update(self, world: World, rows: Rows) -> None:
        """One GEOADD a role."""
        role = world.columns.role[rows].tolist()
        told = zip(
            role, world.lon[rows].tolist(), world.lat[rows].tolist(), rows.tolist(), strict=True
        )
        for number, members in groupby(sorted(told), key=lambda each: each[0]):
            places = [str(each) for _, *place in members for each in place]
            self._say("GEOADD", f"r{number}", *places)

    def ask(self, question: Question, reach_m: float) -> int:
        return self._say(
            *("GEOSEARCH", f"r{question.role}", "FROMLONLAT", str(question.lon), str(question.lat)),
            *("BYRADIUS", str(reach_m), "m", "ASC", "COUNT", str(WANTED)),
        )

    def _say(self, *words: str) -> int:
        parts = [f"*{len(words)}\r\n".encode()]
        for word in words:
            data = word.encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self._socket.sendall(b"".join(parts))
        return self._answer()

    def _answer(self) -> int:
        line = self._answers.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"*":
            for _ in range(int(rest)):
                self._answer()
            return int(rest)
        if kind == b"$":
            self._answers.read(int(rest) + 2)
            return 1
        if kind == b":":
            return int(rest)
        raise RuntimeError(f"redis said {line!r}")


@contextlib.contextmanager
def redis() -> Iterator[Redis | None]:
    """A redis-server of our own on loopback, ended with the block; None where none is installed."""
    binary = shutil.which("redis-server")
    if binary is None:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        asked = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        server = subprocess.Popen(
            [binary, *asked, "--dir", folder, "--logfile", str(Path(folder) / "log")],
        )
        try:
            client = _connected(port, server.pid)
            yield client
            client.close()
        finally:
            server.terminate()
            server.wait(10)


def _connected(port: int, pid: int) -> Redis:
    for _ in range(100):
        with contextlib.suppress(ConnectionRefusedError):
            return Redis(port, pid)
        time.sleep(0.05)
    raise RuntimeError(f"redis-server does not answer on port {port}")


def redis_figures(
    client: Redis, world: World, asked: Sequence[Question], reach_m: float
) -> dict[str, float]:
    """Wall and server microseconds a query: what a hub would wait, and what it would cost."""
    for first in range(0, world.units, 1_000):
        client.update(world, np.arange(first, min(first + 1_000, world.units)))
    waits = []
    before_s = cpu_s(client.pid)
    for question in asked:
        start = time.perf_counter()
        client.ask(question, reach_m)
        waits.append((time.perf_counter() - start) * 1e6)
    server_us = (cpu_s(client.pid) - before_s) / len(asked) * 1e6
    return {"redis_us": float(np.median(waits)), "redis_server_us": server_us}
