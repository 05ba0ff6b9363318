"""Plays faults in a house, round by round, and gathers what there is to be judged.

A round: a while of calm in which radios press, the fault at a moment left to chance, its end, the
first new press that is stored, every older press stored, and an operator closes what is open, so
that each round begins alike. When all rounds are over Yihu is ended, and the journal on the disk
is compared with the radios' logs.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tests.chaos.faults import Fault
from tests.chaos.house import House, Layout, open_house, quiet_end
from tests.chaos.judge import Evidence, Round
from tests.chaos.presses import read_logs
from tests.chaos.radios import Crowd
from tests.chaos.scene import Scale, Scene, now_s
from tests.chaos.watching import Memory, Watcher
from tests.system import BROKER, HUB

BACK_TIMEOUT_S: Final = 60.0
"""No press stored for so long: it does not come back, and the next rounds are not played."""
CALM_TIMEOUT_S: Final = 60.0
"""For everybody to be there and every press stored, between two rounds and in the end."""
LOOK_S: Final = 0.25
CLOSES_MAX: Final = 3
"""Rounds of closing what is open; what is decided meanwhile is closed by the next."""
WARM: Final = "calm"
"""Presses before the first fault."""

Tell = Callable[[str], None]


def play(
    layout: Layout, faults: Sequence[Fault], *, folder: Path, seed: str, scale: Scale,
    rounds: int | None, tell: Tell,
) -> list[Evidence]:  # fmt: skip
    """One house of this layout, these faults in it, so many rounds of each (or its own number).

    Raises NotHereError where this machine lacks what the layout takes.
    """
    with open_house(layout, folder, radios=scale.radios, seed=seed) as house:
        gathered = asyncio.run(_play_all(house, faults, scale, rounds, tell))
        tell("reading the journal")
        quiet_end(house)
        _compare(house, gathered)
    return gathered


def _compare(house: House, gathered: Sequence[Evidence]) -> None:
    """What the radios say, what the disk says."""
    told, alarms, chain = read_logs(house.logs), house.alarms_on_disk(), house.chain_fault()
    ours = set(house.town.called)
    known = {press for each in told.values() for press in each.pressed}
    foreign = [a for a in alarms if a.partition("/")[0] in ours and a not in known]
    for evidence in gathered:
        said = told.get(evidence.fault.name)
        if said is not None:
            evidence.pressed, evidence.heard = said.pressed, said.heard
        evidence.on_disk = {press: alarms[press] for press in evidence.pressed if alarms[press]}
        evidence.foreign, evidence.chain_fault = len(foreign), chain


async def _play_all(
    house: House, faults: Sequence[Fault], scale: Scale, rounds: int | None, tell: Tell
) -> list[Evidence]:
    async with _people(house, scale) as (scene, memory):
        await _pressing(scene, WARM, asyncio.sleep(scale.calm_s[1]))
        await _calm(scene)
        return [
            await _play_one(scene, memory, fault, rounds or fault.rounds, tell) for fault in faults
        ]


@asynccontextmanager
async def _people(house: House, scale: Scale) -> AsyncIterator[tuple[Scene, Memory]]:
    """Radios that are there and on duty, consoles that see them, and who looks at memory."""
    crowd = Crowd(house.town.called, pressing=scale.pressing, logs=house.logs, chance=house.chance)
    memory = Memory(house)
    tasks = [
        asyncio.create_task(crowd.run(house.mqtt_port), name="radios"),
        asyncio.create_task(memory.watch(), name="memory"),
    ]
    try:
        await crowd.bell.until(crowd.all_linked, lambda: "all radios on duty", CALM_TIMEOUT_S)
        async with contextlib.AsyncExitStack() as stack:
            made = [Watcher(house.system) for _ in range(scale.consoles)]
            watchers = [await stack.enter_async_context(each) for each in made]
            scene = Scene(
                house=house, crowd=crowd, watchers=watchers, scale=scale, chance=house.chance
            )
            yield scene, memory
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        crowd.close()


async def _pressing(scene: Scene, fault: str, work: Any) -> Any:
    """Somebody presses all the while."""
    pressing = asyncio.create_task(scene.crowd.press_on(fault, scene.scale.presses_per_s))
    try:
        return await work
    finally:
        pressing.cancel()
        await asyncio.gather(pressing, return_exceptions=True)


async def _play_one(
    scene: Scene, memory: Memory, fault: Fault, rounds: int, tell: Tell
) -> Evidence:
    evidence = Evidence(fault=fault, rounds_wanted=rounds, rss_before_mb=memory.begin())
    scene.notes = []
    for number in range(1, rounds + 1):
        tell(f"{fault.name} {number}/{rounds}{_so_far(evidence)}")
        try:
            told = await _pressing(scene, fault.name, _round(scene, fault))
        except (AssertionError, OSError, RuntimeError) as exc:
            why = (str(exc).splitlines() or [type(exc).__name__])[0]
            scene.note(f"the fault could not be done: {why}")
            break
        evidence.rounds.append(told)
        if told.back_s is None:
            break
        told.settled_s = await _calm(scene)
        if told.settled_s is None:
            break
    evidence.notes = list(scene.notes)
    evidence.rss_peak_mb = memory.peak_mb.get(HUB, 0.0)
    evidence.rss_after_mb = memory.now_mb.get(HUB, 0.0)
    evidence.broker_peak_mb = memory.peak_mb.get(BROKER, 0.0)
    return evidence


def _so_far(evidence: Evidence) -> str:
    last = evidence.rounds[-1:]
    return "".join(f", last back after {each.back_s:.2f} s" for each in last if each.back_s)


async def _round(scene: Scene, fault: Fault) -> Round:
    crowd = scene.crowd
    await asyncio.sleep(scene.chance.uniform(*scene.scale.calm_s))
    for watcher in scene.watchers:
        watcher.begin()
    begun_s = now_s()
    still = asyncio.create_task(_stillest(scene))
    over_s = await fault.act(scene)
    heard_s: float | None = None
    with contextlib.suppress(AssertionError):
        heard_s = await crowd.bell.until(
            lambda: crowd.first_stored(over_s), lambda: fault.name, BACK_TIMEOUT_S
        )
    until_s = now_s() if heard_s is None else heard_s
    await _consoles_back(scene, over_s)
    gap_s = max(watcher.gap_so_far_s for watcher in scene.watchers)
    still.cancel()
    (stillest_s,) = await asyncio.gather(still, return_exceptions=True)
    if isinstance(stillest_s, Exception):
        raise stillest_s
    told = Round(
        lasted_s=over_s - begun_s,
        back_s=None if heard_s is None else heard_s - over_s,
        presses=[p for p in crowd.presses if begun_s <= p.pressed_s <= until_s],
        gap_s=gap_s,
        stillest_s=stillest_s if isinstance(stillest_s, float) else 0.0,  # over before it began
    )
    if heard_s is None:
        told.why = scene.house.system.log()[-2000:]
    return told


async def _stillest(scene: Scene) -> float:
    """The oldest place that a console showed of a neighbour; ends by being cancelled."""
    stillest_s = 0.0
    units = [radio.name for radio in scene.crowd.radios[:-1]]  # the last one comes and goes
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(LOOK_S)
            stillest_s = max(stillest_s, scene.watchers[0].stillest_s(units))
    return stillest_s


async def _consoles_back(scene: Scene, over_s: float) -> None:
    """Each is told again, or that is noted."""
    for watcher in scene.watchers:
        try:
            await watcher.sees(
                lambda w=watcher: w.heard_s > over_s, "anything", BACK_TIMEOUT_S  # type: ignore[misc]  # mypy has no type for a default
            )  # fmt: skip
        except AssertionError:
            scene.note("a console that was open was not told anything again")


async def _calm(scene: Scene) -> float | None:
    """All there, all stored, all closed: seconds until the first two; None where they never are."""
    begun_s, crowd = now_s(), scene.crowd
    try:
        await crowd.bell.until(
            lambda: crowd.all_linked() and crowd.answered(), lambda: "calm", CALM_TIMEOUT_S
        )
    except AssertionError:
        return None
    settled_s = now_s() - begun_s
    for _ in range(CLOSES_MAX):
        if not await asyncio.to_thread(close_all, scene.house):
            break
    return settled_s


def close_all(house: House) -> int:
    """As an operator does; how many were open."""
    snapshot = house.system.get("/api/v1/snapshot")
    left = [each["id"] for each in snapshot["incidents"] if each.get("closed_t") is None]
    for incident in left:
        path = f"/api/v1/incidents/{incident}/close"
        house.system.post(path, {"disposition": "resolved"}, operator="chaos")
    return len(left)
