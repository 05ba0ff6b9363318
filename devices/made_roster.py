"""Writes a community of made-up radios to a folder, for a hub to be started with. Chooses nothing.

DIR/community.toml       who they are
DIR/grids.geojson        the grids, as they were given
DIR/streets.geojson      the streets, where there are any
DIR/credentials.json     a secret for each
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devices.credentials import (
    CREDENTIALS_FILE,
    Credentials,
    RadioCredentials,
    save_credentials,
)
from devices.secrets import new_secret
from dispatch.errors import SettingsError
from dispatch.ids import CommunityId, RadioId
from dispatch.words import Role

SHARES: Final[dict[Role, float]] = {Role.GUARD: 0.2, Role.POLICE: 0.1}
"""Of the radios; all others are volunteers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRadio:
    """One made-up radio."""

    radio: RadioId
    call_sign: str
    role: Role
    post: str | None
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCommunity:
    """What they belong to."""

    community: CommunityId
    name_zh: str
    name_en: str
    zone: str
    grids: bytes
    streets: bytes = b""


def shared_roles(count: int, chance: random.Random) -> list[Role]:
    """So many roles in the right shares, shuffled."""
    listed = [role for role, share in SHARES.items() for _ in range(round(count * share))]
    listed += [Role.VOLUNTEER] * (count - len(listed))
    chance.shuffle(listed)
    return listed


def write_roster(
    folder: Path,
    community: MadeCommunity,
    radios: Sequence[MadeRadio],
    *,
    token: Callable[[int], bytes],
) -> None:
    """Write the files. Raises SettingsError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "grids.geojson").write_bytes(community.grids)
        if community.streets:
            (folder / "streets.geojson").write_bytes(community.streets)
        (folder / "community.toml").write_text(_text(community, radios), encoding="utf-8")
    except OSError as exc:
        raise SettingsError(
            f"the folder {folder} cannot be written ({exc.strerror})", "name another"
        ) from exc
    known = [
        RadioCredentials(
            radio=each.radio,
            community=community.community,
            call_sign=each.call_sign,
            secret=new_secret(token),
        )
        for each in radios
    ]
    save_credentials(
        folder / CREDENTIALS_FILE,
        Credentials(broker_url="", radios={each.radio: each for each in known}),
    )


def _text(community: MadeCommunity, radios: Sequence[MadeRadio]) -> str:
    lines = [
        "# Made-up radios, written by yihu; write them again rather than change them.",
        "[community]",
        f"id = {_toml(community.community)}",
        f"name_zh = {_toml(community.name_zh)}",
        f"name_en = {_toml(community.name_en)}",
        f"zone = {_toml(community.zone)}",
        'grids = "grids.geojson"',
    ]
    if community.streets:
        lines.append('streets = "streets.geojson"')
    for each in radios:
        lines += [
            "",
            f"[[radios]]{f'  # {each.remark}' if each.remark else ''}",
            f"id = {_toml(each.radio)}",
            f"call_sign = {_toml(each.call_sign)}",
            f"role = {_toml(each.role.value)}",
        ]
        if each.post is not None:
            lines.append(f"post = {_toml(each.post)}")
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    """A JSON string is a TOML one, but for characters that no id or name may hold."""
    return json.dumps(text, ensure_ascii=False)
