"""Looks at the backups that the settings ask for: is the place there, and how old is the newest?

Reads manifests only; whether a backup is whole is asked of ``yihu backup FROM --check``.
"""

from devices.doctor.findings import Finding, ok, skipped, warning
from dispatch.backup.daily import OLD_AFTER
from dispatch.backup.shelf import newest_of
from dispatch.clock import DAY, HOUR, Instant
from dispatch.settings import Settings


def look_at_backups(settings: Settings, now: Instant) -> Finding:
    """One finding. A centre whose backups fail works: it is a warning."""
    to = settings.backup.to
    if to is None:
        return skipped("backup.unset")
    try:
        newest = newest_of(to, settings.data_dir)
    except OSError as exc:
        return warning("backup.unseen", to=str(to), why=exc.strerror or str(exc))
    if newest is None:
        return warning("backup.none", to=str(to))
    age = max(0, now - newest.manifest.made_t)
    if age > OLD_AFTER:
        return warning("backup.old", to=str(to), days=age // DAY)
    return ok("backup.ok", to=str(to), hours=age // HOUR)
