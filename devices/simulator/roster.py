"""As many walkers as one likes, on the ground of a community that there is: for load and drills."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from devices.made_roster import MadeCommunity, MadeRadio, shared_roles, write_roster
from dispatch.config import load_community
from dispatch.errors import SettingsError
from dispatch.ids import CommunityId, RadioId
from geo.grids import Level

COUNT_MAX: Final = 20_000
"""What one community file may list."""


def prepare(
    folder: Path, community_file: Path, *, count: int, seed: int, token: Callable[[int], bytes]
) -> None:
    """Write a community of ``count`` radios over the grids and streets of another.

    Raises SettingsError.
    """
    if not 0 < count <= COUNT_MAX:
        raise SettingsError(f"--count is {count}", f"set it between 1 and {COUNT_MAX}")
    ground, _ = load_community(community_file)
    grids = sorted(grid.id for grid in ground.grids.grids if grid.level is Level.GRID)
    roles = shared_roles(count, random.Random(seed))
    radios = [
        MadeRadio(
            radio=RadioId(f"sim-{index + 1:05d}"),
            call_sign=f"模拟{index + 1:05d}",
            role=role,
            post=grids[index % len(grids)] if grids else None,
        )
        for index, role in enumerate(roles)
    ]
    made = MadeCommunity(
        community=CommunityId("sim"),
        name_zh=f"{ground.name_zh} 模拟",
        name_en=f"{ground.name_en}, simulated",
        zone=ground.zone,
        grids=json.dumps(ground.grids.to_geojson(), ensure_ascii=False).encode(),
        streets=ground.streets,
    )
    write_roster(folder, made, radios, token=token)
