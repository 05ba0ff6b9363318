"""Positions of many units by one connection, in a process of its own: load at any rate.

    python -m bench.flood PORT PASSWORD RADIOS RATE_PER_S [on]

A real radio has a connection of its own; five thousand of them would cost this machine more
than what they load. So one connection with the hub's rights speaks for all, and what the
broker hands to the hub is the same. All sign on first; then it says ``walking`` and sends as
many as are due every few milliseconds until its standard input is closed, however late the
broker takes them; at last it says how many it sent, and in a line of its own when the last went,
by the machine's monotonic clock. RATE 0: as fast as the broker takes them. With ``on`` they are
on duty already, and none signs on.
"""

import math
import socket
import sys
import threading
import time

from bench.packets import connect, publish, publish_once
from bench.town import WALKING

USER = "yihu_alarms"
"""Any of the hub's names; the client id is our own, and throws nobody out."""
STEP_S = 0.01
CENTRE = (112.93, 28.2)
ROUND_DEG = 0.003
PIECE = 500
"""Messages joined for one send."""
BEGIN_PIECE, BEGIN_PAUSE_S = 100, 0.05
"""Signing on goes by the alarm lane: the broker must have room for what is not on disk yet."""


def radios(count: int) -> list[str]:
    """Their ids, as ``build_town`` has them."""
    return [f"w{n:04d}" for n in range(count)]


def place(number: int, units: int) -> tuple[float, float]:
    """Where the ``number``-th fix of all is; its unit is that number modulo the units."""
    angle = 2 * math.pi * (number % units) / units + number / units / 500
    return CENTRE[0] + ROUND_DEG * math.cos(angle), CENTRE[1] + ROUND_DEG * math.sin(angle)


def _now_ms() -> int:
    return time.time_ns() // 10**6


class Flood:
    """A socket, and what is said by it."""

    def __init__(self, port: int, password: str, count: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(connect("bench-flood", password, user=USER))
        answer = self.socket.recv(4)
        assert answer == b"\x20\x02\x00\x00", answer
        threading.Thread(target=self._drain, daemon=True).start()
        self._names = radios(count)
        heads = [publish(f"patrol/{WALKING}/{name}/position", b"") for name in self._names]
        self._topics = [head[2:] for head in heads]
        self._sent = 0
        self._t = self._least_t = 0
        """Of the last fix, and the least of those of this turn of all units, in milliseconds."""

    def _drain(self) -> None:
        while self.socket.recv(65536):
            pass

    def sign_on(self) -> None:
        """Everybody, at a pace that the alarm lane bears."""
        for start in range(0, len(self._names), BEGIN_PIECE):
            on = b'{"t":%d,"duty":"on"}' % _now_ms()
            some = self._names[start : start + BEGIN_PIECE]
            self.socket.sendall(
                b"".join(
                    publish_once(f"patrol/{WALKING}/{name}/status", on, start + n + 1)
                    for n, name in enumerate(some)
                )
            )
            time.sleep(BEGIN_PAUSE_S)

    def send(self, count: int) -> int:
        """So many positions, the units in turn."""
        for start in range(0, count, PIECE):
            self.socket.sendall(b"".join(self._some(min(PIECE, count - start))))
        return count

    def _some(self, count: int) -> list[bytes]:
        now, units = _now_ms(), len(self._topics)
        said = []
        for number in range(self._sent, self._sent + count):
            if number % units == 0:  # a radio's next fix is of a later moment, however fast it goes
                self._least_t = self._t + 1
            self._t = max(now, self._least_t)
            fix = b'{"t":%d,"lon":%.6f,"lat":%.6f,"acc":8.0,"spd":1.2,"crs":90.0,"bat":77}' % (
                self._t,
                *place(number, units),
            )
            topic = self._topics[number % units]
            length = len(topic) + len(fix)
            short = length < 128
            head = (
                bytes((0x30, length)) if short else bytes((0x30, length & 127 | 128, length >> 7))
            )
            said.append(head + topic + fix)
        self._sent += count
        return said


def flood(
    port: int, password: str, count: int, rate: float, *, on_duty: bool = False
) -> tuple[int, float]:
    """Sign on, say so, send until told; gives back how many, and when the last was sent."""
    load = Flood(port, password, count)
    if not on_duty:
        load.sign_on()
    print("walking", flush=True)
    stop = threading.Event()

    def hear() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=hear, daemon=True).start()
    begun_s, sent = time.perf_counter(), 0
    while not stop.is_set():
        if rate:
            due = int((time.perf_counter() - begun_s) * rate)
            sent += load.send(due - sent)
            time.sleep(STEP_S)
        else:
            sent += load.send(PIECE)
    ended_s = time.monotonic()
    time.sleep(0.5)
    return sent, ended_s


if __name__ == "__main__":
    told = flood(
        int(sys.argv[1]),
        sys.argv[2],
        int(sys.argv[3]),
        float(sys.argv[4]),
        on_duty="on" in sys.argv[5:],
    )
    print(*told, sep="\n", flush=True)
