"""Codes that let a radio in once: made, remembered, exchanged for the radio's secret. No HTTP.

    make    a new code for a radio; what it had before is void, its secret is not yet
    look    whose it is and what its bearer is asked to consent to; uses nothing up
    use     the radio's new secret, once; the old one is void, who came in by it is cut off
    void    the radio was revoked, or let in by another way

Whoever uses a code first has it: it is taken before anything is waited for, and given back only
where the store did not take what followed. A code lasts by a clock that never steps; over a restart
by the machine's, and one that this clock says is not made yet (it was set back) is void.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from devices.consenting import NOTHING_SAID, Consents, NoConsents, Said, check_said, noted
from devices.secrets import SALT_BYTES, hash_secret, new_secret
from dispatch.access.attempts import Attempts, place_of
from dispatch.access.codes import code_digest, new_code, read_code, spelled
from dispatch.access.kept import BesideChange, CodeRow, DropCode
from dispatch.access.refusals import BadCodeError, WaitError
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import HOUR, MINUTE, SECOND, Instant
from dispatch.errors import StoreDownError, StoreError, UnknownUnitError, quoted
from dispatch.events import (
    CodeRefused,
    Event,
    Personal,
    Purpose,
    RadioCodeMade,
    RadioCodeRefused,
)
from dispatch.ids import OperatorName, RadioId
from dispatch.privacy.consent import Asked
from dispatch.roster import RadioRecord
from dispatch.seldom import Thinned
from dispatch.store.port import Committed

LASTS_MIN: Final = 5 * MINUTE
LASTS: Final = HOUR
"""Long enough to be read out over the phone and typed at leisure."""
LASTS_MAX: Final = 24 * HOUR
"""A sheet of codes handed out at an evening's meeting, used the day after."""
SLACK: Final = 10 * MINUTE
"""So much a clock may be set back before a restart without voiding codes."""
KEPT_TIMEOUT_S: Final = 10.0
"""A fact is on disk within milliseconds; a store that hangs is told to whoever waits."""
DROPPED_AT_ONCE: Final = 100
"""Codes that ran out, taken out of the table with a new one."""

log = structlog.get_logger("yihu.radios")


class CodeLedger(Protocol):
    """What is asked of the store."""

    def keep_access(
        self, facts: Sequence[Event], beside: Sequence[BesideChange]
    ) -> "Future[Committed]":
        """Facts and what changes beside them, both or neither. Raises StoreError."""
        ...

    def radio_codes(self) -> list[CodeRow]:
        """The codes that stand there."""
        ...


class Enroll(Protocol):
    """Lets a radio of the roster in with another secret, and cuts off whoever has the old one.

    Raises UnknownUnitError, StoreError.
    """

    async def __call__(
        self,
        radio: RadioId,
        *,
        secret_hash: str,
        by: OperatorName,
        by_code: bool = False,
        address: str = "",
        consented: tuple[str, ...] = (),
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTimes:
    """The hub's time for facts, the machine's for what outlives a restart, one that never steps."""

    hub: Callable[[], Instant]
    machine: Callable[[], Instant]
    steady: Callable[[], Instant]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCode:
    """A code as it is told, this once."""

    code: str
    """Ten symbols, without the dash."""
    expires_t: Instant
    """By the machine's time."""

    @property
    def spelled(self) -> str:
        """As people say it."""
        return spelled(self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedCode:
    """What a radio gets for its code, this once."""

    record: RadioRecord
    secret: str


@dataclass(frozen=True, slots=True)
class _Open:
    row: CodeRow
    until: Instant | None
    """By the steady clock; None: it was made before this process."""


class Codes:
    """All that are open. Runs on the loop that uses it."""

    def __init__(
        self,
        ledger: CodeLedger,
        times: CodeTimes,
        *,
        key: bytes,
        find: Callable[[RadioId], RadioRecord | None],
        enroll: Enroll,
        token: Callable[[int], bytes],
        consents: Consents | None = None,
    ) -> None:
        """``key`` keys the digests; ``find`` looks at the roster; ``token`` makes chance;
        ``consents`` knows what bearers are asked."""
        self._ledger = ledger
        self._times = times
        self._key = key
        self._find = find
        self._enroll = enroll
        self._token = token
        self._consents = consents or NoConsents()
        self._attempts = Attempts()
        self._thinned = Thinned()
        self._using: dict[RadioId, asyncio.Task[None]] = {}
        """Codes taken, whose secret is not on disk yet."""
        self.counts: Counter[str] = Counter()
        """What came of those that were used, for /metrics."""
        self._by_digest: dict[str, _Open] = {}
        self._of_radio: dict[RadioId, _Open] = {}
        for row in ledger.radio_codes():
            self._put(_Open(row, None))

    async def make(self, record: RadioRecord, by: OperatorName, *, lasts: Instant) -> MadeCode:
        """A new code for this radio. Raises StoreError."""
        assert LASTS_MIN <= lasts <= LASTS_MAX
        code, now = new_code(self._token), self._times.machine()
        row = CodeRow(
            radio=record.radio,
            digest=code_digest(code, self._key),
            by=by,
            made_t=now,
            expires_t=now + lasts,
        )
        fact = RadioCodeMade(
            t=self._times.hub(),
            community=record.community,
            radio=record.radio,
            expires_t=row.expires_t,
            by=by,
        )
        gone = self._run_out()
        before = self._of_radio.get(record.radio)
        kept = self._ledger.keep_access([fact], [*map(DropCode, gone), row])
        # Known at once, for nobody has been told it: what voids it meanwhile finds it here.
        made = _Open(row, self._times.steady() + lasts)
        self._put(made)
        try:
            await asyncio.wait_for(asyncio.wrap_future(kept), KEPT_TIMEOUT_S)
        except BaseException as exc:
            if self._of_radio.get(record.radio) is made:
                self._drop(record.radio)
                if before is not None:
                    self._put(before)
            if isinstance(exc, TimeoutError):
                raise StoreDownError("it is not on disk yet: make another code later") from exc
            raise
        for radio in gone:
            if self._of_radio.get(radio) is not None and self._has_run_out(self._of_radio[radio]):
                self._drop(radio)
        log.info("radio_code_made", radio=record.radio, by=by)
        return MadeCode(code=code, expires_t=row.expires_t)

    def look(self, said: str, *, address: str) -> tuple[RadioRecord, Asked]:
        """Whose code it is, and what its bearer is asked; uses nothing up.

        Raises BadCodeError, WaitError.
        """
        _, record = self._found(said, address)
        return record, self._consents.asked(record)

    async def use(self, said: str, *, address: str, consents: Said = NOTHING_SAID) -> UsedCode:
        """Exchange it; ``consents`` is what its bearer consents to. Raises BadCodeError, WaitError,
        UnfitAccessError, ConsentNeededError, StoreError; after StoreError it may be used
        again, unless it came true after all."""
        opened, record = self._found(said, address)
        asked = self._consents.asked(record)
        check_said(asked, consents)
        self._drop(record.radio)  # before anything is waited for: the next one comes too late
        secret = new_secret(self._token)

        async def letting_in() -> None:
            if consents:
                await self._consents.give(record, consents, opened.row.by)
            await self._enroll(
                record.radio,
                secret_hash=hash_secret(secret, self._token(SALT_BYTES)),
                by=opened.row.by,
                by_code=True,
                address=address,
                consented=noted(asked, consents),
            )

        await self._let_in(opened, letting_in())
        self.counts["used"] += 1
        return UsedCode(record=record, secret=secret)

    def _found(self, said: str, address: str) -> tuple[_Open, RadioRecord]:
        """An open code and its radio. Raises BadCodeError, WaitError."""
        code = read_code(said)
        if code is None:
            self._note_refused(CodeRefused.MISTYPED, address)
            raise BadCodeError("mistyped")
        now, place = self._times.steady(), place_of(address)
        wait_s = self._attempts.wait_s(f"code {place}", place, now)
        if wait_s > 0:
            self._note_refused(CodeRefused.WAIT, address)
            raise WaitError(wait_s)
        opened = self._by_digest.get(code_digest(code, self._key))
        record = None if opened is None else self._find(opened.row.radio)
        if opened is None or record is None or self._has_run_out(opened):
            self._attempts.failed(f"code {place}", place, now)
            if opened is None:
                self._note_refused(CodeRefused.UNKNOWN, address)
            else:
                self._note_refused(CodeRefused.RUN_OUT, address, opened.row.radio)
            raise BadCodeError("unknown")
        return opened, record

    async def _let_in(self, opened: _Open, letting_in: Coroutine[Any, Any, None]) -> None:
        row = opened.row
        task = asyncio.ensure_future(letting_in)
        self._using[row.radio] = task

        def ended(task: "asyncio.Task[None]") -> None:
            failed = task.cancelled() or task.exception() is not None
            if self._using.get(row.radio) is not task:
                return  # the radio was revoked meanwhile
            del self._using[row.radio]
            if failed and row.radio not in self._of_radio:
                self._put(opened)

        task.add_done_callback(ended)
        try:
            await asyncio.wait_for(asyncio.shield(task), KEPT_TIMEOUT_S)
        except TimeoutError:
            raise StoreDownError(
                "it is not on disk yet: try again, and ask for another code where this one is"
                " refused then"
            ) from None
        except UnknownUnitError:
            raise BadCodeError("unknown") from None

    def _note_refused(self, why: CodeRefused, address: str, radio: RadioId | None = None) -> None:
        """In the log and the journal at most once a minute for a reason and a place. A store that
        is down costs no more than that."""
        self.counts[why] += 1
        place, now_s = place_of(address), self._times.steady() / SECOND
        if times := self._thinned.times(f"{why} {place}", now_s):
            log.warning("radio_code_refused", why=why, times=times, address=quoted(address))
            fact = RadioCodeRefused(
                t=self._times.hub(),
                community=NO_COMMUNITY,
                why=why,
                radio=radio,
                times=times,
                address=Personal(Purpose.ADDRESS, address) if address else None,
            )
            try:
                self._ledger.keep_access([fact], []).add_done_callback(_look_at)
            except StoreError as exc:
                log.error("radio_code_refusal_not_kept", why=str(exc))

    def void(self, radio: RadioId) -> None:
        """The radio was revoked or let in by another way; the table has it with that fact."""
        self._using.pop(radio, None)
        if radio in self._of_radio:
            self._drop(radio)

    # --- pieces ---

    def _has_run_out(self, opened: _Open) -> bool:
        if opened.until is not None:
            return self._times.steady() >= opened.until
        now = self._times.machine()
        return not opened.row.made_t - SLACK <= now < opened.row.expires_t

    def _run_out(self) -> list[RadioId]:
        out = [radio for radio, opened in self._of_radio.items() if self._has_run_out(opened)]
        return out[:DROPPED_AT_ONCE]

    def _put(self, opened: _Open) -> None:
        if opened.row.radio in self._of_radio:
            self._drop(opened.row.radio)
        self._of_radio[opened.row.radio] = opened
        self._by_digest[opened.row.digest] = opened

    def _drop(self, radio: RadioId) -> None:
        opened = self._of_radio.pop(radio)
        self._by_digest.pop(opened.row.digest, None)


def _look_at(kept: "Future[Committed]") -> None:
    if not kept.cancelled() and (exc := kept.exception()) is not None:
        log.error("radio_code_refusal_not_kept", why=str(exc))
