"""Two communities made for measuring: one that is called, one that only walks.

Both have the demo's ten grids. The walkers' community gives load on the position
lane and never a candidate, so that idle and loaded runs decide the same thing.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dispatch.demo import demo_community_path

CALLED: Final = "bench"
WALKING: Final = "load"
ROLES: Final = ("volunteer", "volunteer", "volunteer", "guard", "police")
GRIDS: Final = 10


@dataclass(frozen=True, slots=True)
class Town:
    """The files to start a hub with, and the radios by community."""

    communities: tuple[Path, Path]
    credentials: Path
    called: tuple[str, ...]
    walking: tuple[str, ...]

    @property
    def arguments(self) -> list[str]:
        """For ``yihu run``."""
        return [
            *(f"--community={file}" for file in self.communities),
            f"--credentials={self.credentials}",
            "--log-level=warning",
        ]


def secret_of(radio: str) -> str:
    """Nobody else can reach this broker; a secret that one can work out will do."""
    return f"secret-of-{radio}"


def build_town(folder: Path, *, called: int, walking: int) -> Town:
    """Write community files, grids and credentials into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    grids = demo_community_path().with_name("grids.geojson").read_bytes()
    (folder / "grids.geojson").write_bytes(grids)
    names = {
        CALLED: tuple(f"c{n:04d}" for n in range(called)),
        WALKING: tuple(f"w{n:04d}" for n in range(walking)),
    }
    files = []
    for community, radios in names.items():
        file = folder / f"{community}.toml"
        file.write_text(_community(community, radios), encoding="utf-8")
        files.append(file)
    credentials = folder / "credentials.json"
    credentials.write_text(
        json.dumps(
            {
                "radios": {
                    radio: {"secret": secret_of(radio), "community": community, "call_sign": radio}
                    for community, radios in names.items()
                    for radio in radios
                }
            }
        )
    )
    return Town((files[0], files[1]), credentials, names[CALLED], names[WALKING])


def _community(community: str, radios: tuple[str, ...]) -> str:
    head = (
        f'[community]\nid = "{community}"\nname_zh = "{community}"\nname_en = "{community}"\n'
        'zone = "Asia/Shanghai"\ngrids = "grids.geojson"\n'
    )
    return head + "".join(
        f'\n[[radios]]\nid = "{radio}"\ncall_sign = "{radio}"\n'
        f'role = "{ROLES[n % len(ROLES)]}"\npost = "g{n % GRIDS + 1:02d}"\n'
        for n, radio in enumerate(radios)
    )
