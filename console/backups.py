"""How it stands with backups, for the office page. Makes and checks none."""

from collections.abc import Callable

from console.lookups import BackupsDoc
from dispatch.backup.daily import OLD_AFTER, Daily
from dispatch.backup.restored import TOLD_FOR, RestoredFrom, lately
from dispatch.backup.shelf import newest_of
from dispatch.clock import MILLISECOND, Instant
from dispatch.errors import quoted
from dispatch.settings import Settings


def backups_doc(
    settings: Settings,
    daily: Daily | None,
    restored: RestoredFrom | None,
    machine_now: Callable[[], Instant],
) -> BackupsDoc:
    """Reads the newest manifest from its disk, which may take its time."""
    now, to = machine_now(), settings.backup.to
    told = lately(restored, now, within=TOLD_FOR)
    newest_t, unseen = None, ""
    if to is not None:
        try:
            found = newest_of(to, settings.data_dir)
            newest_t = None if found is None else found.manifest.made_t
        except OSError as exc:
            unseen = exc.strerror or type(exc).__name__
    return BackupsDoc(
        to="" if to is None else str(to),
        newest=_ms(newest_t),
        unseen=unseen,
        failed="" if daily is None else daily.failed,
        checked=None if daily is None else _ms(daily.checked_t),
        wrong="" if daily is None else daily.wrong,
        stale=to is not None and (newest_t is None or now - newest_t > OLD_AFTER),
        restored=None if told is None else _ms(told.restored_t),
        restored_from="" if told is None else quoted(told.backup),
        restored_until=None if told is None else _ms(told.until_t),
    )


def _ms(t: Instant | None) -> int | None:
    return None if t is None else t // MILLISECOND
