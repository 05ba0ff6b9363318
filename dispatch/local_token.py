"""The machine's own token, and where its server is: files that only whoever runs it can read.

    DATA/local-token        mode 0600, one line
    DATA/local-address      mode 0600, a line each: the server's address, its process, and over TLS
                            the certificate that it shows

The token goes to no other address: whoever else listens on this machine, where no server of
this folder does, would have it.

``yihu watch``, ``yihu link`` and scripts beside the server show it; from another machine it
opens nothing. It allows everything, and the audit says *this machine*: whoever can read the
file can read the journal, too.
"""

import argparse
import base64
import os
import secrets
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from dispatch.errors import SettingsError
from dispatch.settings import DATA_DIR

log = structlog.get_logger("yihu.access")

FILE: Final = "local-token"
ADDRESS_FILE: Final = "local-address"
URL: Final = "http://127.0.0.1:8080"
"""Where a server is by the settings as they come; for ``--token-file`` without ``--url``."""
OWNER_ONLY: Final = 0o600
PREFIX: Final = "yihu-local-"
BYTES: Final = 32
LENGTH_MAX: Final = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where a command finds the token that it shows to a running server."""
    parser.add_argument(
        "--data",
        type=Path,
        default=DATA_DIR,
        help="the server's data folder, where its own token is (default: %(default)s)",
    )
    parser.add_argument(
        "--url", help="where the server is (default: where the one of that folder says)"
    )
    parser.add_argument(
        "--token-file", type=Path, help="a file with an API token, from another machine"
    )
    parser.add_argument(
        "--ca", type=Path, help="a PEM file to know an https server's certificate by"
    )


def url_shown(options: argparse.Namespace) -> str:
    """The server to ask. Raises SettingsError where none works in the data folder."""
    if options.url is not None:
        return str(options.url).rstrip("/")
    return URL if options.token_file is not None else read_local_address(options.data).url


def token_shown(options: argparse.Namespace) -> str:
    """The token to show. Raises SettingsError."""
    if options.token_file is None:
        return read_local_token(options.data)
    return _read(options.token_file, "name a file that holds an API token")


def trust(options: argparse.Namespace) -> ssl.SSLContext | None:
    """How an https server is known: by ``--ca``; the one of the data folder by the very certificate
    that it said it shows; None: as this machine knows others. Raises SettingsError."""
    if options.ca is None and options.url is None and options.token_file is None:
        shown = read_local_address(options.data).certificate
        return None if shown is None else known_on_this_machine(shown)
    return known_by(options.ca)


def known_by(ca: Path | None) -> ssl.SSLContext | None:
    """By a file, which may be the server's own certificate; None: as others. Raises
    SettingsError."""
    if ca is None:
        return None
    context = ssl.create_default_context()
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cafile=ca)
    except (OSError, ssl.SSLError) as exc:
        why = exc.strerror or str(exc)
        raise SettingsError(f"--ca {ca} cannot be read ({why})", "name a PEM file") from exc
    return context


def known_on_this_machine(certificate: Path) -> ssl.SSLContext:
    """This very certificate, whoever signed it and for whatever name. Raises SettingsError."""
    try:
        context = ssl.create_default_context(cafile=certificate)
    except (OSError, ssl.SSLError) as exc:
        why = exc.strerror or str(exc)
        raise SettingsError(
            f"the server's certificate {certificate} cannot be read ({why})",
            "run this as the user whom the server runs as, or name its --url and --ca",
        ) from exc
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


def keep_local_token(data_dir: Path) -> str:
    """The token, made where there is none. Raises SettingsError where the file holds another thing.

    One that cannot be written down (a full disk, on the first day) opens nothing from a
    terminal, and is said; alarms do not wait for it.
    """
    file = data_dir / FILE
    if file.exists():
        if stat.S_IMODE(file.stat().st_mode) != OWNER_ONLY:
            file.chmod(OWNER_ONLY)
        return read_local_token(data_dir)
    token = PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(BYTES)).decode().rstrip("=")
    try:
        _write(file, token + "\n")
    except OSError as exc:
        log.error("local_token_not_kept", file=str(file), why=exc.strerror)
    return token


def read_local_token(data_dir: Path) -> str:
    """The token of the server that works in this folder. Raises SettingsError."""
    file = data_dir / FILE
    token = _read(file, "run this as the user whom the server runs as, with the server's --data")
    if not token.startswith(PREFIX):
        raise SettingsError(f"{file} holds no token", "remove it and start the server again")
    return token


@dataclass(frozen=True, slots=True)
class LocalServer:
    """The server of a data folder."""

    url: str
    certificate: Path | None
    """What it shows; None: it serves without TLS."""


def keep_local_address(data_dir: Path, url: str, pid: int, certificate: Path | None = None) -> None:
    """The server of this folder is there from now on. What cannot be written down is said:
    commands then want ``--url``."""
    try:
        shown = "" if certificate is None else f"{certificate.absolute()}\n"
        _write(data_dir / ADDRESS_FILE, f"{url}\n{pid}\n{shown}")
    except OSError as exc:
        log.error("local_address_not_kept", why=exc.strerror)


def read_local_address(data_dir: Path) -> LocalServer:
    """Where the server that works in this folder is. Raises SettingsError where none does."""
    remedy = "start it with yihu run, or name its --data or --url"
    try:
        url, pid, *shown = (data_dir / ADDRESS_FILE).read_text(encoding="utf-8").splitlines()
        os.kill(int(pid), 0)  # asks only whether it is there, and ours
    except (OSError, ValueError, OverflowError) as exc:
        raise SettingsError(f"no server works in {data_dir}", remedy) from exc
    return LocalServer(url, Path(shown[0]) if shown else None)


def _write(file: Path, text: str) -> None:
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as out:
        out.write(text)
    fresh.replace(file)


def _read(file: Path, remedy: str) -> str:
    try:
        with file.open(encoding="ascii") as text:
            token = text.read(LENGTH_MAX + 1).strip()
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not text"
        raise SettingsError(f"{file} cannot be read ({why})", remedy) from exc
    if not token.isprintable() or not 0 < len(token) < LENGTH_MAX:
        raise SettingsError(f"{file} holds no token", remedy)
    return token
