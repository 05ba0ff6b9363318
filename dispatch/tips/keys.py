"""The file with the keys of sealed tips. It is in no backup: whoever has a backup reads nothing.

    DATA/tips.key        mode 0600
    {"format": "yihu-tips-key/1", "keys": [{"made": "2026-11-22", "private": base64 of 32 bytes}]}

The first key seals, all of them open. The file is made when the first tip comes; it is read each
time, for tips are few, and a key that was brought back counts at once.
"""

import base64
import binascii
import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from dispatch.errors import StoreError
from dispatch.store.folder import PRIVATE_FILE
from dispatch.tips.sealing import KEY_BYTES, KeyRing, TipKey, TokenBytes

FILE: Final = "tips.key"
FORMAT: Final = "yihu-tips-key/1"
FILE_BYTES_MAX: Final = 16 * 1024
KEYS_MAX: Final = 50
"""One a year, for fifty years; the file stays below its length."""
OTHERS: Final = 0o077


class TipKeyFileError(StoreError):
    """The file with the keys cannot be used; the sentence says why and what to do."""


class _Key(msgspec.Struct):
    made: str
    private: str


class _File(msgspec.Struct):
    format: str
    keys: list[_Key]


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The file of a data folder."""

    path: Path

    @classmethod
    def of(cls, data_dir: Path) -> "KeyFile":
        """It need not be there."""
        return cls(data_dir / FILE)

    def read(self) -> KeyRing | None:
        """The keys; None where no tip ever came. Raises TipKeyFileError."""
        try:
            with self.path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & OTHERS:
                    raise TipKeyFileError(
                        f"{self.path} can be read by others on this machine: chmod 600 it, and"
                        " make a new key for what comes from now on (yihu tips key new)"
                    )
                return ring_of(file.read(FILE_BYTES_MAX + 1), str(self.path))
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise TipKeyFileError(f"{self.path} cannot be read ({exc.strerror})") from exc

    def keep(self, token: TokenBytes, today: str) -> KeyRing:
        """The keys, made where there are none. Raises TipKeyFileError."""
        found = self.read()
        if found is not None:
            return found
        fresh = KeyRing((TipKey(token(KEY_BYTES), today),))
        if self._write(fresh, over=False):
            return fresh
        found = self.read()  # somebody was faster
        assert found is not None, "it was there a moment ago"
        return found

    def replace(self, ring: KeyRing) -> None:
        """These are the keys from now on. Raises TipKeyFileError."""
        if len(ring.keys) > KEYS_MAX:
            raise TipKeyFileError(f"{self.path} holds at most {KEYS_MAX} keys")
        self._write(ring, over=True)

    def _write(self, ring: KeyRing, *, over: bool) -> bool:
        half = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            write_private(half, text_of(ring))
            try:
                if over:
                    half.replace(self.path)
                else:
                    os.link(half, self.path)
            except FileExistsError:
                return False
            finally:
                with contextlib.suppress(FileNotFoundError):
                    half.unlink()
            _sync_folder(self.path.parent)
        except OSError as exc:
            raise TipKeyFileError(f"{self.path} cannot be written ({exc.strerror})") from exc
        return True


def ring_of(data: bytes, name: str) -> KeyRing:
    """The keys of such a file. Raises TipKeyFileError."""
    try:
        if len(data) > FILE_BYTES_MAX:
            raise ValueError("too long")
        said = msgspec.json.decode(data, type=_File)
        if said.format != FORMAT or not 0 < len(said.keys) <= KEYS_MAX:
            raise ValueError("another format")
        return KeyRing(tuple(_key(each) for each in said.keys))
    except (ValueError, msgspec.MsgspecError) as exc:
        raise TipKeyFileError(f"{name} is no file with keys of tips") from exc


def text_of(ring: KeyRing) -> str:
    """Such a file."""
    keys = [_Key(each.made, base64.b64encode(each.private).decode()) for each in ring.keys]
    return msgspec.json.format(msgspec.json.encode(_File(FORMAT, keys))).decode() + "\n"


def write_private(path: Path, text: str) -> None:
    """For its owner's eyes, all of it on the disk, and never over something. Raises OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        os.fchmod(fd, PRIVATE_FILE)
        file.write(text)
        file.flush()
        os.fsync(fd)


def _key(said: _Key) -> TipKey:
    try:
        private = base64.b64decode(said.private, validate=True)
    except binascii.Error as exc:
        raise ValueError("no base64") from exc
    if len(private) != KEY_BYTES or len(said.made) > len("2026-11-22"):
        raise ValueError("no key")
    return TipKey(private, said.made)


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
