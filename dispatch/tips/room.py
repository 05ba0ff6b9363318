"""All tips of a running server: given, looked for by code, read, written to, closed. Waits for the
disk and for the key's file; what may be done is requests.py's to decide.

Nothing here logs a word, a place, a name or a code; an account that gives is counted under a digest
that ends with this process.
"""

import asyncio
import hmac
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import structlog

from dispatch.access.accounts import holds
from dispatch.access.attempts import Attempts
from dispatch.access.codes import read_code
from dispatch.access.refusals import WaitError
from dispatch.clock import HOUR, SECOND, Instant
from dispatch.errors import StoreDownError, YihuError
from dispatch.events import Event
from dispatch.ids import CommunityId, OperatorName, RadioId, unit_of
from dispatch.outgoing import RadioTopic, StoredMessage, ToRadio
from dispatch.privacy.holdings import Person
from dispatch.readings import TipReading
from dispatch.roster import RadioRecord
from dispatch.seldom import Allowance, Seldom
from dispatch.store.port import Committed
from dispatch.tips import requests
from dispatch.tips.facts import TipClosed, TipFact, TipGiven, TipNoted
from dispatch.tips.keys import KeyFile, TipKeyFileError
from dispatch.tips.opened import ListedTip, OpenTip, listed, opened, own_doc
from dispatch.tips.own import own_tips
from dispatch.tips.refusals import (
    TooManyTipsError,
    UnknownTipCodeError,
    UnknownTipError,
)
from dispatch.tips.sealing import KeyRing, TokenBytes
from dispatch.tips.tip import Tip, Tips
from dispatch.tips.told import Teller, Told, give
from dispatch.tips.words import Outcome, TipState, Way

KEPT_TIMEOUT_S: Final = 10.0
"""A fact is on disk within milliseconds; a store that hangs is told to whoever waits."""
OF_ONE_AT_ONCE: Final = 5
OF_ONE_PER_S: Final = 10 / (HOUR / SECOND)
"""A worried person tells of several things; a hundred are a flood. An operator tells for others."""
OF_OPERATOR_AT_ONCE: Final = 60
OF_ALL_AT_ONCE: Final = 300
OF_ALL_PER_S: Final = 0.1
TELLERS_MAX: Final = 10_000
"""Counted at once; beyond it the longest silent begins anew."""
LISTED_MAX: Final = 200
"""Open ones first, then the newest: a busy community has some tens a year."""
RADIO_TIPS_WAITING_MAX: Final = 100
"""A radio says its tip again until it is stored."""

T = TypeVar("T")

log = structlog.get_logger("yihu.tips")


class TipLedger(Protocol):
    """What is asked of the store."""

    def submit(self, facts: Sequence[Event]) -> "Future[Committed]":
        """Queue facts; resolved once they are on disk. Raises StoreError."""
        ...

    def tip_facts(self) -> list[tuple[int, TipFact]]:
        """All facts about tips, without what is personal."""
        ...

    def whole_tip_facts(self, seqs: Sequence[int]) -> list[tuple[int, TipFact]]:
        """These, with their boxes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TipTimes:
    """The hub's time for facts, one that never steps for waiting, and the day for people."""

    hub: Callable[[], Instant]
    steady: Callable[[], Instant]
    today: Callable[[], str]


class TipRoom:
    """Runs on the loop that uses it."""

    def __init__(
        self,
        ledger: TipLedger,
        keys: KeyFile,
        times: TipTimes,
        *,
        token: TokenBytes,
        find: Callable[[RadioId], RadioRecord | None] = lambda _radio: None,
        send: Callable[[ToRadio], None] = lambda _message: None,
        days: int,
    ) -> None:
        """``find`` looks at the roster; ``send`` speaks to a radio; after ``days`` what tips say is
        erased, by the store."""
        self.days = days
        self.key_words = ""
        """What is wrong with the keys' file, as it was when it was last used; empty: nothing."""
        self._ledger = ledger
        self._keys = keys
        self._times = times
        self._token = token
        self._find = find
        self._send = send
        self._held: Tips | None = None
        self._loading = asyncio.Lock()
        self._changing = asyncio.Lock()
        self._attempts = Attempts()
        self._salt = token(16)
        self._of_one: OrderedDict[bytes, Allowance] = OrderedDict()
        self._of_all = Allowance(burst=OF_ALL_AT_ONCE, per_s=OF_ALL_PER_S)
        self._waiting: asyncio.Queue[tuple[TipReading, Callable[[], None]]] = asyncio.Queue(
            RADIO_TIPS_WAITING_MAX
        )
        self._nameless: OrderedDict[bytes, str] = OrderedDict()
        """Codes of tips that radios gave without a name, under a digest that ends with this
        process: so that one that is said again, before it was heard that it is stored, is one."""
        self._seldom = Seldom()

    # --- giving ---

    async def give(
        self,
        told: Told,
        teller: Teller | None,
        *,
        where: CommunityId,
        way: Way,
        taken_by: OperatorName | None,
        giver: str,
        radio_said: str = "",
    ) -> str:
        """Keep it; gives back its code. ``giver`` is counted, and kept nowhere.

        Raises RefusedError, StoreError, TipKeyFileError.
        """
        self._check_measure(giver, way)

        def sealed() -> tuple[TipGiven, str]:
            ring = self._ring()
            fact = give(
                ring,
                told,
                teller,
                where=where,
                way=way,
                taken_by=taken_by,
                token=self._token,
                now=self._times.hub(),
                radio_said=radio_said,
            )
            return fact, ring.newest.code_of(fact.tip)

        await self._tips()
        fact, code = await asyncio.to_thread(sealed)
        await self._keep(fact)
        return code

    def _check_measure(self, giver: str, way: Way) -> None:
        """Raises TooManyTipsError."""
        now_s = self._times.steady() / SECOND
        at_once = OF_OPERATOR_AT_ONCE if way is Way.CALL else OF_ONE_AT_ONCE
        name = self._digest(f"{way} {giver}")
        own = self._of_one.pop(name, None) or Allowance(burst=at_once, per_s=OF_ONE_PER_S)
        self._of_one[name] = own
        while len(self._of_one) > TELLERS_MAX:
            self._of_one.popitem(last=False)
        if not own.take(now_s):
            raise TooManyTipsError(int(1 / OF_ONE_PER_S))
        if not self._of_all.take(now_s):
            raise TooManyTipsError(int(1 / OF_ALL_PER_S))

    # --- by radio ---

    def on_reading(self, reading: TipReading, ack: Callable[[], None]) -> None:
        """A radio's tip, to be kept in its turn. Where too many wait it is not taken: the radio
        says it again until it hears that it is stored."""
        try:
            self._waiting.put_nowait((reading, ack))
        except asyncio.QueueFull:
            ack()

    async def run(self) -> None:
        """Keep what radios tell, one after the other, until cancelled."""
        while True:
            reading, ack = await self._waiting.get()
            try:
                await self._hear(reading)
            except YihuError as exc:
                if self._seldom.worth_telling(type(exc).__name__, self._times.steady() / SECOND):
                    log.warning("radio_tip_not_kept", why=type(exc).__name__)
            finally:
                ack()

    async def _hear(self, reading: TipReading) -> None:
        record = self._find(reading.radio)
        if record is None or record.community != reading.community:
            return
        said = f"{reading.radio}/{reading.key}"
        code = await self._known(said, reading)
        if code is None:
            code = await self._give_by_radio(reading, said)
        stored = StoredMessage(subject=reading.key, is_report=True, t=self._times.hub(), code=code)
        self._send(
            ToRadio(
                radio=reading.radio,
                community=reading.community,
                topic=RadioTopic.STORED,
                message=stored,
            )
        )

    async def _give_by_radio(self, reading: TipReading, said: str) -> str:
        # Where somebody stands who does not say who they are is not taken along.
        fix = None if reading.anonymous else reading.fix
        told = Told(
            kind=reading.about,
            words=reading.words,
            lon=None if fix is None else fix.lon,
            lat=None if fix is None else fix.lat,
        )
        code = await self.give(
            told,
            None if reading.anonymous else Teller(unit=unit_of(reading.radio)),
            where=reading.community,
            way=Way.RADIO,
            taken_by=None,
            giver=reading.radio,
            radio_said=said,
        )
        if reading.anonymous:
            self._nameless[self._digest(said)] = code
            while len(self._nameless) > TELLERS_MAX:
                self._nameless.popitem(last=False)
        return code

    async def _known(self, said: str, reading: TipReading) -> str | None:
        """The code that it was given when it was heard first; None: it was not."""
        if reading.anonymous:
            return self._nameless.get(self._digest(said))
        held = await self._tips()

        def look() -> str | None:
            ring = self._read_keys()
            for key in () if ring is None else ring.keys:
                found = held.heard_as(key.heard(said))
                if found is not None:
                    return key.code_of(found.tip)
            return None

        return await asyncio.to_thread(look)

    # --- what became of it ---

    async def state(self, said: str, place: str) -> TipState:
        """How far the tip with this code came; asked from ``place``. Raises UnknownTipCodeError,
        WaitError."""
        now = self._times.steady()
        wait_s = self._attempts.wait_s(place, place, now)
        if wait_s > 0:
            raise WaitError(wait_s)
        code = read_code(said)
        if code is None:
            raise UnknownTipCodeError("mistyped")
        held = await self._tips()

        def look() -> Tip | None:
            ring = self._read_keys()
            digests = () if ring is None else ring.digests(code)
            return next((tip for each in digests if (tip := held.of_digest(each))), None)

        found = await asyncio.to_thread(look)
        if found is None:
            self._attempts.failed(place, place, now)
            raise UnknownTipCodeError("unknown")
        return found.state

    # --- reading ---

    async def waiting(self, where: frozenset[CommunityId]) -> int:
        """How many nobody has read, there."""
        held = await self._tips()
        return sum(each.state is TipState.GIVEN and holds(where, each.where) for each in held)

    async def listed(self, where: frozenset[CommunityId]) -> tuple[list[ListedTip], bool]:
        """Those there, open ones before closed ones, newest first; and whether there are more."""
        held = await self._tips()
        mine = [each for each in held if holds(where, each.where)]
        mine.sort(key=lambda each: (each.closed_by is None, each.given_t, each.tip), reverse=True)
        shown = mine[:LISTED_MAX]

        def look() -> list[ListedTip]:
            facts = dict(self._ledger.whole_tip_facts([each.seqs[0] for each in shown]))
            ring = self._read_keys()
            return [listed(each, facts.get(each.seqs[0]), ring) for each in shown]

        return await asyncio.to_thread(look), len(mine) > len(shown)

    async def read(
        self, tip: str, where: frozenset[CommunityId], by: OperatorName, why: str
    ) -> OpenTip:
        """All it says, once it is on disk that they read it. Raises RefusedError, StoreError."""
        async with self._changing:
            found = await self._find_in(tip, where)
            fact = requests.read(found, by, why, self._times.hub())
            shown = await asyncio.to_thread(self._open, found)
            await self._keep(fact)
        return shown

    async def note(
        self,
        tip: str,
        where: frozenset[CommunityId],
        by: OperatorName,
        words: str,
        *,
        acted: bool,
    ) -> TipState:
        """Write to it. Raises RefusedError, StoreError."""
        async with self._changing:
            found = await self._find_in(tip, where)

            def sealed() -> TipNoted:
                key = self._ring().newest
                return requests.note(found, key, by, words, acted=acted, now=self._times.hub())

            await self._keep(await asyncio.to_thread(sealed))
            return found.state

    async def close(
        self,
        tip: str,
        where: frozenset[CommunityId],
        by: OperatorName,
        outcome: Outcome,
        words: str,
    ) -> TipState:
        """End it. Raises RefusedError, StoreError."""
        async with self._changing:
            found = await self._find_in(tip, where)

            def sealed() -> TipClosed:
                key = self._ring().newest
                return requests.close(found, key, by, outcome, words, self._times.hub())

            await self._keep(await asyncio.to_thread(sealed))
            return found.state

    async def own(self, person: Person) -> dict[str, Any]:
        """What they gave under their name, for their own copy of what is held on them."""
        held = await self._tips()
        named = [each.seqs[0] for each in held if not each.anonymous]

        def look() -> dict[str, Any]:
            facts = [fact for _, fact in self._ledger.whole_tip_facts(named)]
            ring = self._read_keys()
            own = own_tips(ring, [f for f in facts if isinstance(f, TipGiven)], person)
            docs = [own_doc(fact, held.find(fact.tip), ring) for fact in own.given]
            return {"given": docs, "sealed_and_perhaps_theirs": own.sealed}

        return await asyncio.to_thread(look)

    # --- pieces ---

    def _ring(self) -> KeyRing:
        """The keys to seal with. Raises TipKeyFileError."""
        return self._keys_or_said(lambda: self._keys.keep(self._token, self._times.today()))

    def _read_keys(self) -> KeyRing | None:
        """The keys to open with. Raises TipKeyFileError."""
        return self._keys_or_said(self._keys.read)

    def _keys_or_said(self, read: Callable[[], T]) -> T:
        try:
            found = read()
        except TipKeyFileError as exc:
            self.key_words = str(exc)
            raise
        self.key_words = ""
        return found

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._salt, text.encode(), "sha256")

    async def _tips(self) -> Tips:
        """As the journal tells of them; read when the first is asked for."""
        async with self._loading:
            if self._held is None:
                self._held = Tips(await asyncio.to_thread(self._ledger.tip_facts))
            return self._held

    async def _find_in(self, tip: str, where: frozenset[CommunityId]) -> Tip:
        """Raises UnknownTipError, also where it belongs to another community."""
        found = (await self._tips()).find(tip)
        if found is None or not holds(where, found.where):
            raise UnknownTipError(tip)
        return found

    async def _keep(self, fact: TipFact) -> None:
        """Wait until it is on disk and folded. Raises StoreError."""
        loop = asyncio.get_running_loop()
        held = await self._tips()
        done: asyncio.Future[None] = loop.create_future()

        def on_loop(kept: "Future[Committed]") -> None:
            exc = kept.exception()
            if exc is None:
                held.apply(kept.result().seq, fact)
            if done.cancelled():
                return
            if exc is None:
                done.set_result(None)
            else:
                done.set_exception(exc)

        self._ledger.submit([fact]).add_done_callback(
            lambda kept: loop.call_soon_threadsafe(on_loop, kept)
        )
        try:
            async with asyncio.timeout(KEPT_TIMEOUT_S):
                await asyncio.shield(done)
        except TimeoutError:
            done.add_done_callback(_looked_at)
            raise StoreDownError("it is not on disk yet") from None

    def _open(self, tip: Tip) -> OpenTip:
        """Raises TipErasedError, TipSealedError."""
        facts = [fact for _, fact in self._ledger.whole_tip_facts(tip.seqs)]
        return opened(tip, facts, self._read_keys())


def _looked_at(done: "asyncio.Future[None]") -> None:
    """Whoever asked was told that it is not on disk yet; nobody waits for it any more."""
    if not done.cancelled():
        done.exception()
