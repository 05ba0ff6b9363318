"""Who is nearest: 8 of many units that all move between rounds of queries, in microseconds.

    python -m bench.nearest [--json] [--small]

Each query filters by role (1 of 8), skill (every second unit), duty, age and busy. All
units move and report in batches of 2,000 in a new order; then each contender answers the
same queries, in turn. Figures are processor time of this thread (for Redis: waiting, and
its own processor time apart), so that neighbours on the machine do not count.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np

from bench.nearest_floors import DictGrid, PerRole, everybody, redis, redis_figures
from bench.nearest_world import SIDE_M, WANTED, Question, World
from bench.rig import arguments, report

SIZES: Final = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
SMALLER: Final = 10
"""--small has so many times fewer units under the same names."""

ROUNDS: Final = 8
QUERIES: Final = 30
CHECKS: Final = 50
SEED: Final = 20_170_101
REDIS_REACH: Final = 3.0
"""Redis is asked within so many times the radius that holds eight: any less, and it finds fewer."""

Answer = TypeVar("Answer")
Ask: TypeAlias = Callable[[Question], list[int]]


def main() -> int:
    options = arguments("Who is nearest among many that move")
    figures = measure(smaller=SMALLER if options.small else 1)
    report("Who is nearest: 8 of many that move, microseconds", figures, as_json=options.json)
    return 0 if figures["exact"] else 1


def measure(*, smaller: int) -> dict[str, Any]:
    """All sizes, one after the other; contenders in turn within each round."""
    figures: dict[str, Any] = {}
    exact, updates = True, 0.0
    with redis() as client:
        for name, full in SIZES.items():
            world = World(full // smaller, np.random.default_rng(SEED))
            told, equal = _measured(world, name)
            figures |= told
            exact &= equal
            updates = max(updates, told[f"update_us_{name}"])
            if client is not None and name == "100k":
                asked = [world.question() for _ in range(QUERIES * ROUNDS)]
                reach_m = SIDE_M * (WANTED / (world.units / 8)) ** 0.5 * REDIS_REACH
                found = redis_figures(client, world, asked, reach_m)
                figures |= {each: round(value, 1) for each, value in found.items()}
    if "redis_us" not in figures:
        figures |= {"redis_us": None, "redis_skipped": "no redis-server on this machine"}
    figures |= _others()
    return {**figures, "update_us": updates, "exact": exact, "units_divided_by": smaller}


class Contest:
    """One town and all who answer for it; how long each took, round by round."""

    def __init__(self, world: World) -> None:
        self._world = world
        start = time.thread_time()
        world.update(world.batches())
        world.columns.index()
        self.index_ms = (time.thread_time() - start) * 1_000
        self._roles, self._dicts = PerRole(world), DictGrid(world)
        self.took: dict[str, list[float]] = {}
        self.exact = True
        self._rounds = 0

    def round(self) -> None:
        """Everybody moves, then each is asked the same."""
        world, roles, dicts = self._world, self._roles, self._dicts
        world.walk()
        world.locate()
        batches = world.batches()
        moved = [each[0] for each in batches]
        self._timed("update_us", world.units, lambda: world.update(batches))
        self._timed("per_role_update_us", world.units, lambda: list(map(roles.update, moved)))
        self._timed("dict_update_us", world.units, lambda: list(map(dicts.update, moved)))
        asked = [world.question() for _ in range(QUERIES)]
        contenders: list[tuple[str, Ask]] = [
            ("us", lambda q: world.ask(q, q.rings)),
            ("metres_us", lambda q: world.ask(q, ())),
            ("per_role_us", roles.ask),
            ("dict_us", dicts.ask),
        ]
        turn = self._rounds % len(contenders)  # the first finds nothing in the caches
        self._rounds += 1
        answers = {
            what: self._asked(what, asked, ask)
            for what, ask in contenders[turn:] + contenders[:turn]
        }
        checked = asked[: max(1, CHECKS // ROUNDS)]
        brute = self._asked("brute_us", checked, lambda q: everybody(world, q, q.ring_of))
        plain = [everybody(world, q, np.zeros_like(q.ring_of)) for q in checked]
        self.exact &= answers["us"][: len(checked)] == brute
        for what in ("metres_us", "per_role_us", "dict_us"):
            self.exact &= answers[what][: len(checked)] == plain

    def _asked(self, what: str, asked: list[Question], ask: Ask) -> list[list[int]]:
        return self._timed(what, len(asked), lambda: [ask(each) for each in asked])

    def _timed(self, what: str, times: int, work: Callable[[], Answer]) -> Answer:
        start = time.thread_time_ns()
        answer = work()
        self.took.setdefault(what, []).append((time.thread_time_ns() - start) / 1_000 / times)
        return answer


def _measured(world: World, name: str) -> tuple[dict[str, float], bool]:
    contest = Contest(world)
    for _ in range(ROUNDS):
        contest.round()
    told = {f"{what}_{name}": round(statistics.median(x), 2) for what, x in contest.took.items()}
    told[f"floor_us_{name}"] = min(told[f"per_role_us_{name}"], told[f"dict_us_{name}"])
    told[f"first_reports_and_index_ms_{name}"] = round(contest.index_ms, 1)
    told[f"bytes_per_unit_{name}"] = round(world.columns.nbytes / world.units, 1)
    return told, contest.exact


def _others() -> dict[str, str]:
    """Who was not asked, and why."""
    return {
        "postgis_skipped": "asked once, elsewhere: docs/decisions/0007-who-is-near.md",
        "trees_skipped": "built anew after every move: docs/decisions/0007-who-is-near.md",
    }


if __name__ == "__main__":
    raise SystemExit(main())
