"""What was promised to whoever withdrew a consent is kept, also where a crash came between.

    to be followed   their tracks go, of all days on which they carried a radio
    to be called     what the gateways' file holds to reach them goes

The withdrawal is told first and does its work after it; whatever broke that off, the next start
goes on with it, and then every day. Done twice is done once: where nothing is left nothing is told.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from console.asking import RequestRefusedError
from console.login.office import LoginDesk
from dispatch.access.accounts import Account
from dispatch.access.facts import AccountFact, ConsentWithdrawn, NumberErased
from dispatch.access.kept import AccessChange
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import SECOND, Instant
from dispatch.errors import YihuError
from dispatch.gateways.forgetting import NumberNotErasedError
from dispatch.housekeeping import AGAIN_AFTER, EVERY
from dispatch.ids import OperatorName, UnitId, radio_of
from dispatch.live import FUTURE_MAX
from dispatch.privacy.consent import ConsentFor

WITHDRAWN_WHY: Final = "撤回同意 consent withdrawn"

log = structlog.get_logger("yihu.privacy")


async def keep_promises(
    desk: LoginDesk,
    *,
    speed: float = 1.0,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Now and every day, until cancelled; what fails is said and tried again an hour later."""
    while True:
        wait = EVERY if await keep_all(desk) else AGAIN_AFTER
        await pause(wait / SECOND / speed)


async def keep_all(desk: LoginDesk) -> bool:
    """One round; whether all of it came about."""
    done = True
    for account in tuple(desk.books.access):
        try:
            done = await _keep(desk, account) and done
        except (YihuError, RequestRefusedError) as exc:
            log.warning("promise_not_kept", account=account.name, why=str(exc))
            done = False
    return done


async def _keep(desk: LoginDesk, account: Account) -> bool:
    left = account.withdrawn.get(ConsentFor.PLACE)
    if left is not None:
        until_t = _until(account, left)
        await asyncio.to_thread(_erase_left, desk, account.name, left.by, until_t)
    return await erase_numbers(desk, account)


def _until(account: Account, left: ConsentWithdrawn) -> Instant:
    """What of it is to go: with what a clock ahead of ours told before, and without what they
    consented to after it."""
    since = [
        each.t
        for each in account.consents.values()
        if each.purpose == ConsentFor.PLACE and each.given and each.t > left.t
    ]
    return min([left.t + FUTURE_MAX, *(t - 1 for t in since)])


def _erase_left(desk: LoginDesk, name: OperatorName, by: OperatorName, until_t: Instant) -> None:
    ledger = desk.books.ledger
    if ledger.holds_tracks(ledger.person(name), until_t=until_t):
        count = erase_tracks(desk, name, by, desk.books.times.hub(), until_t=until_t)
        log.info("promise_kept", account=name, fixes=count)


def erase_tracks(
    desk: LoginDesk, name: OperatorName, by: OperatorName, t: Instant, *, until_t: Instant
) -> int:
    """Every position of theirs up to then, told at ``t``; gives back how many. Blocks.

    Raises StoreError.
    """
    ledger = desk.books.ledger
    return ledger.erase_tracks(ledger.person(name), by=by, why=WITHDRAWN_WHY, t=t, until_t=until_t)


async def erase_numbers(desk: LoginDesk, account: Account) -> bool:
    """Out of the gateways' file what it holds to reach them, then tell it; whether all is gone. A
    file that cannot be written is an administrator's to mend: they are called no more all the same.

    Raises StoreError, RequestRefusedError.
    """
    gone = True
    for unit, by in _numbers_of(account).items():
        try:
            count = await asyncio.to_thread(desk.numbers.erase, radio_of(unit))
        except NumberNotErasedError as exc:
            log.error("gateway_number_not_erased", radio=exc.radio, why=str(exc))
            gone = False
            continue
        if count:
            desk.numbers.erased()
        told = NumberErased(
            t=desk.books.times.hub(),
            community=NO_COMMUNITY,
            account=account.name,
            unit=unit,
            count=count,
            by=by,
        )

        def decide(told: NumberErased = told) -> tuple[list[AccountFact], list[AccessChange]]:
            owed = account.withdrawn.get(ConsentFor.CALL)
            first = owed is not None and owed.unit == told.unit
            return [told] if first or told.count else [], []

        await desk.books.change(decide)
    return gone


def _numbers_of(account: Account) -> dict[UnitId, OperatorName]:
    """Under which radios a number of theirs may stand that is not to, and who withdrew: the one of
    then until it is told that it went, and the one they carry, where somebody wrote it in again."""
    found: dict[UnitId, OperatorName] = {}
    last = account.said_last(ConsentFor.CALL)
    if last is not None and not last.given and account.unit is not None and not account.closed:
        found[account.unit] = last.by
    owed = account.withdrawn.get(ConsentFor.CALL)
    if owed is not None and owed.unit is not None:
        found[owed.unit] = owed.by
    return found
