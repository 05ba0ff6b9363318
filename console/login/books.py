"""Accounts with all that is kept of them, in memory and in the store. Lets nobody in by itself.

    change      checked against what stands, kept, then true: one after the other
    note        true at once, kept when the store can: a login, a look

Logging in goes on while the store is down: operators must come in on the worst day. What was
noted then is kept as soon as the store is back.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import structlog

from console.asking import RequestRefusedError
from console.login.sessions import Session, Sessions, csrf_of
from dispatch.access.accounts import Access, Account
from dispatch.access.facts import (
    AccountClosed,
    AccountFact,
    AccountReopened,
    BearerNamed,
    ConsentGiven,
    ConsentWithdrawn,
    Ended,
    LoggedOut,
    OfficeGiven,
    OfficeTaken,
    TokenRevoked,
)
from dispatch.access.kept import (
    AccessChange,
    DropLinks,
    DropSession,
    DropToken,
    KeptBeside,
    LinkRow,
    Secret,
    SessionRow,
    TokenRow,
)
from dispatch.access.requests import Actor
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import Instant
from dispatch.errors import StoreError
from dispatch.events import Event
from dispatch.ids import OperatorName
from dispatch.privacy.holdings import Person
from dispatch.store.auditing import AuditPage, AuditQuery
from dispatch.store.port import Committed

log = structlog.get_logger("yihu.access")

KEPT_TIMEOUT_S: Final = 15.0
"""A fact is on disk within milliseconds; when the store hangs the asker is told."""

FOLLOWING_CHANGED: Final = (
    BearerNamed,
    ConsentGiven,
    ConsentWithdrawn,
    AccountClosed,
    AccountReopened,
)

RIGHTS_CHANGED: Final = (OfficeGiven, OfficeTaken, AccountClosed, AccountReopened)

Decide = Callable[[], tuple[Sequence[AccountFact], Sequence[AccessChange]]]
"""Checks against what stands and gives what is to be kept; raises RefusedError."""


class Ledger(Protocol):
    """What is asked of the store."""

    def keep_access(
        self, facts: Sequence[AccountFact], beside: Sequence[AccessChange]
    ) -> "Future[Committed]":
        """Facts and what changes beside them, both or neither. Raises StoreError."""
        ...

    def accounts(self) -> tuple[list[AccountFact], KeptBeside]:
        """What accounts are folded from, and what is kept beside the journal."""
        ...

    def audit(self, query: AuditQuery) -> AuditPage:
        """Who did what, a page at a time."""
        ...

    def record(self, facts: Sequence[Event]) -> None:
        """Wait until these facts are on disk. Raises StoreError."""
        ...

    def person(self, name: str) -> Person:
        """Whoever has this account. Raises UnknownPersonError."""
        ...

    def erase_tracks(
        self, person: Person, *, by: OperatorName, why: str, t: Instant, until_t: Instant
    ) -> int:
        """Every position of theirs up to then; gives back how many. Raises StoreError."""
        ...

    def holds_tracks(self, person: Person, *, until_t: Instant) -> bool:
        """Whether any position of theirs up to then is left."""
        ...

    def person_document(self, person: Person) -> dict[str, Any]:
        """Everything that is held of them. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The hub's time for facts, the machine's for what people wait for, one that never steps."""

    hub: Callable[[], Instant]
    machine: Callable[[], Instant]
    steady: Callable[[], Instant]


class AccountBooks:
    """Everything that is known of accounts. Runs on the loop that made it."""

    def __init__(
        self,
        ledger: Ledger,
        times: Times,
        *,
        token_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.ledger = ledger
        self.times = times
        self.token_bytes = token_bytes
        facts, beside = ledger.accounts()
        self.access = Access(facts)
        self.sessions = Sessions()
        self.tokens: dict[str, TokenRow] = {}
        """By digest."""
        self.links: dict[str, LinkRow] = {}
        self.listeners: set[Callable[[], None]] = set()
        """Called when what somebody may do may be another thing now."""
        self.followers: set[Callable[[], None]] = set()
        """Called when somebody else may be followed now, or no longer."""
        self._secrets: dict[str, Secret] = {}
        self._changing = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        rows: list[AccessChange] = [*beside.secrets, *beside.sessions]
        for row in [*rows, *beside.tokens, *beside.links]:
            self._take_beside(row)

    # --- looking ---

    def secret(self, account: OperatorName) -> Secret:
        """What this account knows; nothing, where nothing is kept."""
        return self._secrets.get(account) or Secret(account=account)

    def account_of(self, session: Session) -> Account | None:
        """Whose login it is; None where the account was closed."""
        found = self.access.find(session.account)
        return None if found is None or found.closed else found

    def secret_of_subject(self, subject: str) -> Secret | None:
        """Who is known by this name at the server that vouches for people."""
        return next((each for each in self._secrets.values() if each.subject == subject), None)

    # --- changing ---

    async def change(self, decide: Decide) -> Sequence[AccountFact]:
        """Check, keep, then let it be true. Gives back the facts.

        Raises RefusedError, StoreError, RequestRefusedError where the store does not answer: it
        may still come true, and asking again is harmless.
        """
        async with self._changing:
            facts, beside = decide()
            if facts or beside:
                try:
                    async with asyncio.timeout(KEPT_TIMEOUT_S):
                        await asyncio.shield(self._keep(facts, beside, then_true=True))
                except TimeoutError:
                    raise RequestRefusedError(504, "no_answer", "not on disk yet") from None
            return facts

    def note(self, facts: Sequence[AccountFact], beside: Sequence[AccessChange]) -> None:
        """It is so already; to be kept when the store can."""
        self._take(facts, beside)
        try:
            kept = self._keep(facts, beside, then_true=False)
        except StoreError as exc:
            log.error("access_not_kept", why=str(exc), facts=[type(f).__name__ for f in facts])
            return
        kept.add_done_callback(_looked_at)

    def _keep(
        self, facts: Sequence[AccountFact], beside: Sequence[AccessChange], *, then_true: bool
    ) -> "asyncio.Future[None]":
        done: asyncio.Future[None] = self._loop.create_future()

        def on_loop(kept: "Future[Committed]") -> None:
            exc = kept.exception()
            if exc is None and then_true:
                self._take(facts, beside)
            if done.cancelled():
                return
            if exc is None:
                done.set_result(None)
            else:
                done.set_exception(exc)

        kept = self.ledger.keep_access(facts, beside)
        kept.add_done_callback(lambda each: self._loop.call_soon_threadsafe(on_loop, each))
        return done

    def _take(self, facts: Sequence[AccountFact], beside: Sequence[AccessChange]) -> None:
        for fact in facts:
            self.access.apply(fact)
        for change in beside:
            self._take_beside(change)
        ended = any(isinstance(change, DropSession | DropToken) for change in beside)
        if ended or any(isinstance(fact, RIGHTS_CHANGED) for fact in facts):
            for look_again in tuple(self.listeners):
                look_again()

        if any(isinstance(fact, FOLLOWING_CHANGED) for fact in facts):
            for follow_again in tuple(self.followers):
                follow_again()

    def _take_beside(self, change: AccessChange) -> None:
        match change:
            case Secret():
                self._secrets[change.account] = change
            case SessionRow():
                self._take_session(change)
            case TokenRow():
                self.tokens[change.digest] = change
            case LinkRow():
                self.links[change.digest] = change
            case DropSession():
                for session in self.sessions:
                    if session.digest == change.digest:
                        self.sessions.remove(session)
            case DropToken():
                self.tokens = {d: t for d, t in self.tokens.items() if t.token != change.token}
            case DropLinks():
                self.links = {d: n for d, n in self.links.items() if n.account != change.account}

    def _take_session(self, row: SessionRow) -> None:
        for session in self.sessions:
            if session.digest == row.digest:
                return
        session = Session(
            digest=row.digest,
            session=row.session,
            account=row.account,
            made_t=row.made_t,
            seen_t=row.seen_t,
            address=row.address,
            agent=row.agent,
            csrf=csrf_of(row.digest),
        )
        self.sessions.add(session)

    # --- what several requests do ---

    def ending(
        self, sessions: Sequence[Session], why: Ended, by: OperatorName
    ) -> tuple[list[AccountFact], list[AccessChange]]:
        """The facts and changes that end these logins."""
        facts: list[AccountFact] = [
            LoggedOut(
                t=self.times.hub(),
                community=NO_COMMUNITY,
                account=each.account,
                session=each.session,
                why=why,
                by=by,
            )
            for each in sessions
        ]
        return facts, [DropSession(each.digest) for each in sessions]

    def revoking(self, account: Account, by: Actor) -> tuple[list[AccountFact], list[AccessChange]]:
        """The facts and changes that void every token of an account."""
        facts: list[AccountFact] = [
            TokenRevoked(
                t=self.times.hub(),
                community=NO_COMMUNITY,
                account=account.name,
                token=token,
                by=by.name,
            )
            for token in account.tokens
        ]
        return facts, [DropToken(token) for token in account.tokens]

    def sweep(self) -> None:
        """End the logins whose time is up, drop links and tokens that ran out."""
        now = self.times.machine()
        beside: list[AccessChange] = [DropSession(s.digest) for s in self.sessions.over(now)]
        beside += [DropLinks(link.account) for link in self.links.values() if link.expires_t <= now]
        beside += [DropToken(each.token) for each in self.tokens.values() if each.expires_t <= now]
        if beside:
            self.note([], beside)

    def touch(self, session: Session, *, kept_every: Instant) -> None:
        """Somebody was here by this login just now."""
        now = self.times.machine()
        if now - session.seen_t >= kept_every:
            session.seen_t = now
            self.note([], [replace(session.row(), seen_t=now)])


def _looked_at(done: "asyncio.Future[None]") -> None:
    """What was noted and refused by the store is in the log; nobody waits for it."""
    if not done.cancelled() and done.exception() is not None:
        log.error("access_not_kept", why=str(done.exception()))
