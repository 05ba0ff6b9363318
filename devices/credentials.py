"""The credentials file: radios' secrets for whoever plays radios on this machine. Makes no secrets.

    {"broker": {"url": "mqtt://127.0.0.1:1883"},
     "radios": {"xizi-v01": {"secret": "...", "community": "xizi", "call_sign": "西子一间"}}}

It stands in the data folder with mode 0600, for the demo's simulated radios and for
``yihu press``; the hub itself keeps only hashes.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from dispatch.errors import SettingsError, quoted
from dispatch.ids import WORD, CommunityId, RadioId

CREDENTIALS_FILE: Final = "credentials.json"
FILE_BYTES_MAX: Final = 32 * 2**20
"""A hundred thousand radios, with call signs as long as they may be."""

REMEDY: Final = "let yihu write it again"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioCredentials:
    """What it takes to connect as one radio."""

    radio: RadioId
    community: CommunityId
    call_sign: str
    secret: str

    def __repr__(self) -> str:
        return f"RadioCredentials({self.radio})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A whole file."""

    broker_url: str
    """Empty where the file does not say."""
    radios: Mapping[RadioId, RadioCredentials]

    def by_name(self, name: str) -> RadioCredentials | None:
        """The radio with this call sign or id; None where there is none."""
        for known in self.radios.values():
            if name in (known.call_sign, known.radio):
                return known
        return None


class _Broker(msgspec.Struct, frozen=True):
    url: str = ""


class _Radio(msgspec.Struct):
    secret: str
    community: str
    call_sign: str = ""


class _Head(msgspec.Struct):
    broker: _Broker = _Broker()


class _File(msgspec.Struct):
    broker: _Broker = _Broker()
    radios: dict[str, _Radio] = {}


def load_credentials(file: Path) -> Credentials:
    """Raises SettingsError."""
    read = _read(file, _File)
    for radio, known in read.radios.items():
        if not WORD.fullmatch(radio) or not WORD.fullmatch(known.community):
            raise SettingsError(f"{file}: {quoted(radio)!r} is no radio of a community", REMEDY)
    return Credentials(
        broker_url=read.broker.url,
        radios={
            RadioId(radio): RadioCredentials(
                radio=RadioId(radio),
                community=CommunityId(known.community),
                call_sign=known.call_sign,
                secret=known.secret,
            )
            for radio, known in read.radios.items()
        },
    )


def broker_url_in(file: Path) -> str:
    """Only that; empty where the file does not say. Raises SettingsError."""
    return _read(file, _Head).broker.url


def _read(file: Path, kind: type[T]) -> T:
    try:
        with file.open("rb") as stream:
            data = stream.read(FILE_BYTES_MAX + 1)
    except OSError as exc:
        raise SettingsError(
            f"the credentials file {file} cannot be read ({exc.strerror})",
            "start yihu once, which writes it, or name another with --credentials",
        ) from exc
    if len(data) > FILE_BYTES_MAX:
        raise SettingsError(f"{file} is longer than {FILE_BYTES_MAX} bytes", REMEDY)
    try:
        return msgspec.json.decode(data, type=kind)
    except (ValueError, RecursionError) as exc:
        raise SettingsError(f"{file} holds no credentials ({quoted(str(exc))})", REMEDY) from exc


def save_credentials(file: Path, credentials: Credentials) -> None:
    """Write the whole file or nothing of it, readable by its owner only. Raises SettingsError."""
    content = _File(
        broker=_Broker(url=credentials.broker_url),
        radios={
            known.radio: _Radio(
                secret=known.secret, community=known.community, call_sign=known.call_sign
            )
            for known in credentials.radios.values()
        },
    )
    half = file.with_name(file.name + ".part")
    try:
        half.unlink(missing_ok=True)
        fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(content), indent=1))
        half.replace(file)
    except OSError as exc:
        raise SettingsError(
            f"the credentials file {file} cannot be written ({exc.strerror})",
            "give its folder to the user that runs yihu",
        ) from exc
