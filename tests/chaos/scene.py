"""What a fault is given: the house, the radios and consoles in it, how large everything is."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Final

from tests.chaos.house import House
from tests.chaos.radios import Crowd
from tests.chaos.watching import Watcher

now_s = time.monotonic


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of everything, and how long."""

    radios: int = 60
    pressing: int = 20
    presses_per_s: float = 10.0
    consoles: int = 3
    calm_s: tuple[float, float] = (1.0, 4.0)
    """Between what was mended and the next fault: the moment is left to chance."""
    hold_s: tuple[float, float] = (4.0, 8.0)
    """How long what is not a death lasts: above what the hub waits for a store (1.5 s) and the
    broker for the hub (5 s)."""
    slow_s: float = 25.0
    """A console that takes nothing is let go after twenty seconds."""
    slow_consoles: int = 20
    newcomer_s: float = 10.0
    """Within so long a page that is opened, or a radio that comes back, is in: as after a kill."""
    flood_per_s: int = 5_000
    idle: int = 5_000


SMALL: Final = Scale(
    radios=8, pressing=4, presses_per_s=8.0, consoles=2, calm_s=(0.1, 0.3), hold_s=(1.0, 2.0),
    slow_s=2.0, slow_consoles=4, newcomer_s=45.0, flood_per_s=1_000, idle=600,
)  # fmt: skip
"""To see that it works; times are not judged there."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """A house with people in it."""

    house: House
    crowd: Crowd
    watchers: list[Watcher]
    scale: Scale
    chance: random.Random
    notes: list[str] = field(default_factory=list)
    """What a fault itself saw that should not be, in a sentence each."""

    async def hold(self) -> None:
        """As long as this fault lasts."""
        await asyncio.sleep(self.chance.uniform(*self.scale.hold_s))

    def note(self, broken: str) -> None:
        """Something that should not be; the same is said once."""
        if broken not in self.notes:
            self.notes.append(broken)

    async def newcomers_get_in(self) -> None:
        """A page is opened, and a radio comes back from a lift; noted where one is kept out."""
        begun_s, within_s = now_s(), self.scale.newcomer_s
        radio = self.crowd.radios[-1]
        links = radio.links
        radio.drop()
        page = Watcher(self.house.system)
        try:
            async with asyncio.timeout(within_s):
                await page.__aenter__()
        except (TimeoutError, AssertionError):
            self.note(f"a page that was opened meanwhile was not in after {within_s:.0f} s")
        finally:
            await page.__aexit__(None, None, None)  # also of one that never came in
        left_s = max(0.1, begun_s + within_s - now_s())
        try:
            await self.crowd.bell.until(
                lambda: radio.linked and radio.links > links, lambda: radio.name, left_s
            )
        except AssertionError:
            self.note(f"a radio that came meanwhile was not in after {within_s:.0f} s")
