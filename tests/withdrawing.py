"""A hub that is killed between a withdrawal and what it promises: plays it, and dies of it.

    python -m tests.withdrawing FOLDER ACCOUNT UNIT     ends by SIGKILL, always

On the disk are then an account that carries a radio, its track of the last minutes, and the facts
that its bearer withdrew both consents; nothing of what follows from them.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from dispatch.access.facts import (
    AccountOpened,
    BearerNamed,
    ConsentBy,
    ConsentWithdrawn,
)
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import MINUTE, Instant
from dispatch.ids import CommunityId, OperatorName, UnitId
from dispatch.privacy.consent import ConsentFor
from dispatch.store.sql import SqlStore
from tests.dispatch.store.past import fixes

FIXES = 20
TIMEOUT_S = 60.0


def withdrawn(
    account: OperatorName, unit: UnitId, purpose: ConsentFor, t: Instant
) -> ConsentWithdrawn:
    """The fact."""
    return ConsentWithdrawn(
        t=t,
        community=NO_COMMUNITY,
        account=account,
        where=CommunityId("xizi"),
        text=purpose.value,
        version=1,
        purpose=purpose.value,
        how=ConsentBy.PAGE,
        by=account,
        unit=unit,
    )


def kill_between(folder: Path, account: str, unit: str) -> None:
    """Play it in a process of its own."""
    command = [sys.executable, "-m", "tests.withdrawing", str(folder), account, unit]
    done = subprocess.run(command, timeout=TIMEOUT_S, check=False)
    assert done.returncode == -signal.SIGKILL


def main(folder: Path, account: OperatorName, unit: UnitId) -> None:
    """Never comes back."""
    now = time.time_ns() // 1000
    store = SqlStore.open("", data_dir=folder, on_state=lambda _why: None)
    about = {"community": NO_COMMUNITY, "account": account, "by": account}
    begun = [
        AccountOpened(t=now - 9 * MINUTE, **about),  # type: ignore[arg-type]  # one dict
        BearerNamed(t=now - 9 * MINUTE, unit=unit, **about),  # type: ignore[arg-type]
    ]
    store.keep_access(begun, []).result(TIMEOUT_S)
    store.submit_fixes(fixes(unit=unit, start=now - 5 * MINUTE, count=FIXES), [])
    store.erase_fixes(UnitId("nobody"), from_t=0, to_t=now)  # behind them: they are on disk
    said = [withdrawn(account, unit, purpose, now - 1) for purpose in ConsentFor]
    store.keep_access(said, []).result(TIMEOUT_S)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), OperatorName(sys.argv[2]), UnitId(sys.argv[3]))
