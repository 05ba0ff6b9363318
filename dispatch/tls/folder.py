"""DATA/tls: the centre's own authority and its server's certificate. Makes neither.

ca.pem       the authority, for everybody: phones install it
ca.key       its key, 0600; may be moved away until the next renewal
server.pem   the server's certificate: http_cert, mqtt_cert
server.key   its key, 0600: http_key, mqtt_key
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dispatch.errors import SettingsError

FOLDER: Final = "tls"
OWNER_ONLY: Final = 0o600
FOR_ALL: Final = 0o644
FOLDER_MODE: Final = 0o755
"""The certificates in it are for everybody; each key is its owner's alone."""
PEM_BYTES_MAX: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate and its key, both PEM."""

    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return "Pair()"


@dataclass(frozen=True, slots=True)
class TlsFolder:
    """The four files of one data folder."""

    folder: Path

    @classmethod
    def of(cls, data_dir: Path) -> "TlsFolder":
        """Where they are, or will be."""
        return cls(data_dir / FOLDER)

    @property
    def authority_file(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def authority_key_file(self) -> Path:
        return self.folder / "ca.key"

    @property
    def server_file(self) -> Path:
        return self.folder / "server.pem"

    @property
    def server_key_file(self) -> Path:
        return self.folder / "server.key"

    def authority(self) -> bytes | None:
        """Its certificate; None where none was made. Raises SettingsError."""
        return read_pem(self.authority_file) if self.authority_file.exists() else None

    def authority_pair(self) -> Pair:
        """With its key. Raises SettingsError."""
        if not self.authority_key_file.exists():
            raise SettingsError(
                f"{self.authority_key_file} is not here",
                "put the authority's key back for as long as it takes to renew, or make another"
                " authority with --new-authority, which every phone has to install",
            )
        return Pair(
            certificate=read_pem(self.authority_file), key=read_pem(self.authority_key_file)
        )

    def keep_authority(self, pair: Pair) -> None:
        """Raises SettingsError."""
        self._keep(self.authority_key_file, pair.key, OWNER_ONLY)
        self._keep(self.authority_file, pair.certificate, FOR_ALL)

    def keep_server(self, pair: Pair) -> None:
        """Raises SettingsError."""
        self._keep(self.server_key_file, pair.key, OWNER_ONLY)
        self._keep(self.server_file, pair.certificate, FOR_ALL)

    def _keep(self, file: Path, data: bytes, mode: int) -> None:
        """The whole file or nothing of it, never readable by others for a moment."""
        half = file.with_name(file.name + ".part")
        try:
            self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            half.unlink(missing_ok=True)
            fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            with os.fdopen(fd, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            half.chmod(mode)
            half.replace(file)
        except OSError as exc:
            raise SettingsError(
                f"{file} cannot be written ({exc.strerror})",
                "give its folder to the user that runs yihu",
            ) from exc


def read_pem(file: Path) -> bytes:
    """Raises SettingsError."""
    try:
        with file.open("rb") as stream:
            data = stream.read(PEM_BYTES_MAX + 1)
    except OSError as exc:
        raise SettingsError(
            f"{file} cannot be read ({exc.strerror})", "give it to the user that runs yihu"
        ) from exc
    if len(data) > PEM_BYTES_MAX:
        raise SettingsError(f"{file} is longer than {PEM_BYTES_MAX} bytes", "name a PEM file")
    return data
