"""Looks at the certificates that this centre shows: can they be used, and how long do they hold?"""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from devices.doctor.findings import Finding, failed, ok, skipped, warning
from dispatch.errors import SettingsError
from dispatch.settings import Settings
from dispatch.tls.folder import read_pem
from dispatch.tls.showing import server_context

DAYS_MIN: Final = 21
"""Three weeks: a holiday, and a week to notice."""
NAMES_TOLD_MAX: Final = 3


def look_at_own_certificates(settings: Settings, now: datetime.datetime) -> Iterator[Finding]:
    """One finding each; the same file twice is told twice, for two settings name it."""
    shown = (
        ("http_cert", settings.http_cert, settings.http_key),
        ("mqtt_cert", settings.mqtt_cert, settings.mqtt_key),
    )
    named = [(setting, cert, key) for setting, cert, key in shown if cert is not None]
    if not named:
        yield skipped("cert.none")
    for setting, cert, key in named:
        assert key is not None, "the settings belong together"
        yield certificate(setting, cert, key, now)


def certificate(setting: str, cert: Path, key: Path, now: datetime.datetime) -> Finding:
    """How it stands."""
    from dispatch.tls.make import read_told  # brings cryptography

    try:
        server_context(setting.partition("_")[0], cert, key)
        told = read_told(read_pem(cert))
    except SettingsError as exc:
        return failed("cert.bad", why=exc.what, remedy=exc.remedy)
    left = told.ends - now
    if left <= datetime.timedelta(0):
        return failed("cert.over", setting=setting, days=(-left).days)
    names = ", ".join(map(str, told.names[:NAMES_TOLD_MAX]))
    facts: dict[str, str | int] = {"setting": setting, "days": left.days, "names": names}
    return warning("cert.soon", **facts) if left.days < DAYS_MIN else ok("cert.ok", **facts)
