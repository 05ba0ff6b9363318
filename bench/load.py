"""Walkers at a steady pace, in a process of their own: the load on the position lane.

    python -m bench.load PORT WALKERS RATE_PER_S

Says ``walking`` when all are on duty, then walks until its standard input is closed;
then says how many fixes it sent.
"""

import asyncio
import math
import sys

from bench.packets import Walker
from bench.town import WALKING, secret_of

STEP_S = 0.02
CONNECT_AT_ONCE = 50
CENTRE = (112.93, 28.2)
ROUND_DEG = 0.003


async def walk(port: int, count: int, rate: float) -> int:
    """Connect, say so, and send fixes spread evenly over time; gives back how many."""
    walkers = [Walker(WALKING, f"w{n:04d}", secret_of(f"w{n:04d}")) for n in range(count)]
    for start in range(0, count, CONNECT_AT_ONCE):
        some = walkers[start : start + CONNECT_AT_ONCE]
        await asyncio.gather(*(each.open("127.0.0.1", port) for each in some))
    await asyncio.sleep(1)
    print("walking", flush=True)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_reader(sys.stdin, stop.set)
    begun_s, sent = loop.time(), 0
    while not stop.is_set():
        due = int((loop.time() - begun_s) * rate)
        while sent < due:
            angle = 2 * math.pi * (sent % count) / count + sent / count / 500
            lon = CENTRE[0] + ROUND_DEG * math.cos(angle)
            lat = CENTRE[1] + ROUND_DEG * math.sin(angle)
            walkers[sent % count].walk(lon, lat)
            sent += 1
        await asyncio.sleep(STEP_S)
    await asyncio.sleep(0.5)
    for each in walkers:
        each.close()
    return sent


if __name__ == "__main__":
    print(asyncio.run(walk(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))), flush=True)
