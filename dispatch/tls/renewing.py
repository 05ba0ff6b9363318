"""Notices that a certificate's files were renewed, so that they are shown without a restart.

Certificates that others make last three months or less, and whoever renews them at night asks no
dispatcher whether a restart suits. The files are looked at now and then. What cannot be shown (half
copied, a key of another certificate, unreadable) leaves the old one in its place, and is said.
"""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from dispatch.errors import SettingsError
from dispatch.settings import Settings
from dispatch.tls.showing import server_context

LOOK_EVERY_S: Final = 10.0
"""Two looks at a file's date; whoever has just renewed looks soon, too."""

Stamp = tuple[int, int, int]

log = structlog.get_logger("yihu.tls")


class Renewal:
    """One certificate with its key, and what is to be done when they are others."""

    def __init__(self, which: str, cert: Path, key: Path, take: Callable[[], None]) -> None:
        """``which`` is http or mqtt. ``take`` is called when they can be shown."""
        self.words = ""
        """Why the renewed ones are not shown; empty where they are, or none are renewed."""
        self._which, self._cert, self._key = which, cert, key
        self._take = take
        self._shown = self._stamps()

    def look(self) -> bool:
        """Whether others were there, and were taken."""
        stamps = self._stamps()
        if stamps == self._shown:
            self.words = ""  # put back as they were
            return False
        try:
            server_context(self._which, self._cert, self._key)
            self._take()
        except (SettingsError, OSError, ssl.SSLError) as exc:
            why = exc.what if isinstance(exc, SettingsError) else str(exc)
            self._tell(f"the renewed {why}; the old one is shown")
            return False
        self._shown, self.words = stamps, ""
        log.info("certificate_renewed", which=self._which, cert=str(self._cert))
        return True

    def _tell(self, words: str) -> None:
        if words != self.words:
            self.words = words
            log.warning("certificate_not_renewed", which=self._which, why=words)

    def _stamps(self) -> tuple[Stamp | None, Stamp | None]:
        return _stamp(self._cert), _stamp(self._key)


def _stamp(file: Path) -> Stamp | None:
    """By what another content is known; None where it cannot be looked at."""
    try:
        found = file.stat()  # behind a link: some renewers only turn it
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def renewals_of(settings: Settings, shown: ssl.SSLContext | None) -> list[Renewal]:
    """What the hub looks at: it shows its own pages' by itself. The broker's is the supervisor's
    to hand on; here it is looked at for what is to be said of it."""
    found = []
    if shown is not None and settings.http_cert is not None and settings.http_key is not None:
        cert, key = settings.http_cert, settings.http_key

        def take() -> None:
            shown.load_cert_chain(cert, key)

        found.append(Renewal("http", cert, key, take))
    if settings.mqtt_cert is not None and settings.mqtt_key is not None:
        found.append(Renewal("mqtt", settings.mqtt_cert, settings.mqtt_key, lambda: None))
    return found


async def keep_renewed(renewals: list[Renewal], *, every_s: float = LOOK_EVERY_S) -> None:
    """Look until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        for each in renewals:
            each.look()
