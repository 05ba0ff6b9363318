"""A room of tips on a store of a test's own, with a time that is wound by hand."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dispatch.clock import Instant
from dispatch.store.sql import SqlStore
from dispatch.tips.keys import KeyFile
from dispatch.tips.room import TipRoom, TipTimes

DAY = "2025-11-22"


def tip_room(store: SqlStore, folder: Path, time: Callable[[], Instant], **options: Any) -> TipRoom:
    """Its key lies in the folder."""
    return TipRoom(
        store,
        KeyFile.of(folder),
        TipTimes(hub=time, steady=time, today=lambda: DAY),
        token=secrets.token_bytes,
        days=365,
        **options,
    )
