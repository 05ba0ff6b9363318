"""Logins that are on, and when they end: by cookie's digest, in memory. Pure: ``now`` is passed in.

A login ends twelve hours after it began, and after eight without a request; a page with an
open stream is not idle: an alarm console that logged out because the night was quiet would
be the wrong one.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dispatch.access.kept import SessionRow
from dispatch.access.words import SessionId
from dispatch.clock import HOUR, MINUTE, Instant
from dispatch.ids import OperatorName

ABSOLUTE: Final = 12 * HOUR
"""The longest shift; then the next person logs in by their own name."""
IDLE: Final = 8 * HOUR
SEEN_KEPT_EVERY: Final = 5 * MINUTE
"""Written so often: a restart forgets no more of it."""
SESSIONS_MAX: Final = 20
"""Of one account: two consoles, a phone, and what was left open; the oldest gives way."""


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """One login."""

    digest: str
    session: SessionId
    account: OperatorName
    made_t: Instant
    seen_t: Instant
    address: str
    agent: str
    csrf: str
    """What requests that change something must carry beside the cookie."""
    streams: int = 0
    """Pages with an open stream: it is not idle."""

    @property
    def until_t(self) -> Instant:
        """When it ends at the latest."""
        return self.made_t + ABSOLUTE

    def is_over(self, now: Instant) -> bool:
        """Whether its time is up."""
        idle = now - self.seen_t >= IDLE and self.streams == 0
        return idle or now >= self.until_t

    def row(self) -> SessionRow:
        """As it is kept."""
        return SessionRow(
            digest=self.digest,
            session=self.session,
            account=self.account,
            made_t=self.made_t,
            seen_t=self.seen_t,
            address=self.address,
            agent=self.agent,
        )


class Sessions:
    """All of them."""

    def __init__(self) -> None:
        self._by_digest: dict[str, Session] = {}

    def add(self, session: Session) -> list[Session]:
        """One more; gives back those of the same account that are too many."""
        self._by_digest[session.digest] = session
        mine = sorted(self.of(session.account), key=lambda each: each.seen_t)
        return mine[: max(0, len(mine) - SESSIONS_MAX)]

    def find(self, cookie: str, now: Instant) -> Session | None:
        """The login that this cookie is of; None where there is none, or it is over."""
        found = self._by_digest.get(digest_of(cookie))
        return None if found is None or found.is_over(now) else found

    def of(self, account: OperatorName) -> list[Session]:
        """Those of one account."""
        return [each for each in self._by_digest.values() if each.account == account]

    def over(self, now: Instant) -> list[Session]:
        """Those whose time is up."""
        return [each for each in self._by_digest.values() if each.is_over(now)]

    def remove(self, session: Session) -> None:
        """It ended."""
        self._by_digest.pop(session.digest, None)

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._by_digest.values()))


def digest_of(secret: str) -> str:
    """What is kept of a random secret. It has 256 bits: nobody guesses what a hash was made of,
    so that a fast one will do."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(digest: str) -> str:
    """The token bound to a login, from what is kept of it: a page goes on after a restart."""
    return hashlib.sha256(b"csrf " + digest.encode()).hexdigest()[:32]
