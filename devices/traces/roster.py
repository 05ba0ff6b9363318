"""A community of test radios, one for each trace, so that a hub can be started with them.

DIR/community.toml      call signs TR-001 ..., roles by seed, posts where the traces begin
DIR/grids.geojson       the grids, as they were given
DIR/credentials.json    a secret for each
"""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from devices.credentials import (
    CREDENTIALS_FILE,
    Credentials,
    RadioCredentials,
    save_credentials,
)
from devices.secrets import new_secret
from devices.traces.read import Trace
from dispatch.errors import SettingsError
from dispatch.ids import CommunityId, RadioId
from dispatch.words import Role
from geo.grids import FILE_BYTES_MAX, GridFileError, GridSet, load_grids

COMMUNITY: Final = CommunityId("traces")
SHARES: Final[dict[Role, float]] = {Role.GUARD: 0.2, Role.POLICE: 0.1}
"""Of the radios; all others are volunteers."""


def radio_id(index: int) -> RadioId:
    """The radio that plays the trace at this place in the sorted list."""
    return RadioId(f"tr-{index + 1:03d}")


def call_sign(index: int) -> str:
    """What people call it."""
    return f"TR-{index + 1:03d}"


def read_grids(file: Path) -> tuple[GridSet, bytes]:
    """The grids, and the bytes they were read from. Raises SettingsError."""
    try:
        with file.open("rb") as stream:
            data = stream.read(FILE_BYTES_MAX + 1)
        return load_grids(data), data
    except OSError as exc:
        raise SettingsError(
            f"the grids {file} cannot be read ({exc.strerror})", "name a GeoJSON file of grids"
        ) from exc
    except GridFileError as exc:
        raise SettingsError(f"{file}: {exc}", "mend it there, then start again") from exc


def roles(count: int, chance: random.Random) -> list[Role]:
    """So many roles in the right shares, shuffled."""
    listed = [role for role, share in SHARES.items() for _ in range(round(count * share))]
    listed += [Role.VOLUNTEER] * (count - len(listed))
    chance.shuffle(listed)
    return listed


def prepare(
    folder: Path,
    traces: Sequence[Trace],
    grids_file: Path,
    *,
    seed: int,
    token: Callable[[int], bytes],
) -> None:
    """Write the three files. Raises SettingsError."""
    grids, grids_data = read_grids(grids_file)
    listed = roles(len(traces), random.Random(seed))
    text = _community_text(traces, grids, listed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "grids.geojson").write_bytes(grids_data)
        (folder / "community.toml").write_text(text, encoding="utf-8")
    except OSError as exc:
        raise SettingsError(
            f"the folder {folder} cannot be written ({exc.strerror})", "name another"
        ) from exc
    known = [
        RadioCredentials(
            radio=radio_id(index),
            community=COMMUNITY,
            call_sign=call_sign(index),
            secret=new_secret(token),
        )
        for index in range(len(traces))
    ]
    save_credentials(
        folder / CREDENTIALS_FILE,
        Credentials(broker_url="", radios={each.radio: each for each in known}),
    )


def _community_text(traces: Sequence[Trace], grids: GridSet, listed: Sequence[Role]) -> str:
    lines = [
        "# Test radios that play recorded traces; made by yihu replay --prepare.",
        "[community]",
        f'id = "{COMMUNITY}"',
        'name_zh = "轨迹回放"',
        'name_en = "Replayed traces"',
        'zone = "Asia/Shanghai"',
        'grids = "grids.geojson"',
    ]
    for index, (trace, role) in enumerate(zip(traces, listed, strict=True)):
        post = grids.locate(trace.lon[0], trace.lat[0])
        lines += [
            "",
            f"[[radios]]  # plays {json.dumps(trace.name)}",
            f'id = "{radio_id(index)}"',
            f'call_sign = "{call_sign(index)}"',
            f'role = "{role.value}"',
        ]
        if post is not None:
            # A JSON string is a TOML one, but for characters that no grid's id may hold.
            lines.append(f"post = {json.dumps(post.id, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"
