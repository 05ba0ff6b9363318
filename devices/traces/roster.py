"""A community of test radios, one for each trace: roles by seed, posts where the traces begin."""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from devices.made_roster import MadeCommunity, MadeRadio, shared_roles, write_roster
from devices.traces.read import Trace
from dispatch.errors import SettingsError
from dispatch.ids import CommunityId, RadioId
from geo.grids import FILE_BYTES_MAX, GridFileError, GridSet, load_grids

COMMUNITY: Final = CommunityId("traces")


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


def prepare(
    folder: Path,
    traces: Sequence[Trace],
    grids_file: Path,
    *,
    seed: int,
    token: Callable[[int], bytes],
) -> None:
    """Write community, grids and credentials. Raises SettingsError."""
    grids, grids_data = read_grids(grids_file)
    roles = shared_roles(len(traces), random.Random(seed))
    posts = [grids.locate(trace.lon[0], trace.lat[0]) for trace in traces]
    radios = [
        MadeRadio(
            radio=radio_id(index),
            call_sign=call_sign(index),
            role=role,
            post=None if post is None else post.id,
            remark=f"plays {json.dumps(trace.name)}",
        )
        for index, (trace, role, post) in enumerate(zip(traces, roles, posts, strict=True))
    ]
    community = MadeCommunity(
        community=COMMUNITY,
        name_zh="轨迹回放",
        name_en="Replayed traces",
        zone="Asia/Shanghai",
        grids=grids_data,
    )
    write_roster(folder, community, radios, token=token)
