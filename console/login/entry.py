"""Coming in: by name and password, with the phone's number, by a one-time link.

Every refusal looks alike to somebody who guesses; a wait is told, so that a tired operator
knows what to do. What happened is noted in the journal, refusals thinned.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from console.login.books import AccountBooks
from console.login.hashing import Hasher
from console.login.sessions import Session, csrf_of, digest_of
from dispatch.access import totp
from dispatch.access.accounts import Account
from dispatch.access.attempts import Attempts, place_of
from dispatch.access.facts import (
    AccountFact,
    Ended,
    How,
    LinkMade,
    LoggedIn,
    LoginRefused,
    PasswordChanged,
    Why,
)
from dispatch.access.kept import AccessChange, DropLinks, LinkRow
from dispatch.access.passwords import LENGTH_MAX, check_password
from dispatch.access.refusals import (
    BadLinkError,
    CodeNeededError,
    LoginRefusedError,
    WaitError,
)
from dispatch.access.requests import Actor, clean_name, known, open_first
from dispatch.access.words import NO_COMMUNITY, SessionId
from dispatch.clock import HOUR, SECOND
from dispatch.commands import OPERATOR_LENGTH_MAX
from dispatch.events import Personal, Purpose
from dispatch.ids import OperatorName
from dispatch.roster import Roster
from dispatch.seldom import Thinned

COOKIE_BYTES: Final = 32
LINK_BYTES: Final = 20
LINK_LASTS: Final = 24 * HOUR
ID_BYTES: Final = 5
"""Eight letters: a name in the journal, not a secret."""
AGENT_LENGTH_MAX: Final = 120
CODE_LENGTH_MAX: Final = 40
PLACES: Final = ("yihu", "一呼百应", "patrol", "dispatch")
"""Names that a password may not consist of, beside one's own."""


class Entry:
    """The door. One object, for it remembers who tried."""

    def __init__(self, books: AccountBooks, hasher: Hasher) -> None:
        self.books = books
        self.hasher = hasher
        self.attempts = Attempts()
        self._thinned = Thinned()
        for session in books.sessions:  # a restart forgets nobody's own desk
            self.attempts.succeeded(session.account, place_of(session.address))

    # --- name and password ---

    async def log_in(
        self, name: str, password: str, code: str, *, address: str, agent: str
    ) -> tuple[str, Session]:
        """The cookie's value and the login. Raises RefusedError."""
        name, now = name.strip()[:OPERATOR_LENGTH_MAX], self.books.times.steady()
        account = self.books.access.find(name)
        place = place_of(address)
        wait_s = self.attempts.wait_s(name, place, now)
        if wait_s > 0:
            self._note_refused(account, Why.WAIT, address)
            raise WaitError(wait_s)
        secret = self.books.secret(account.name if account is not None else OperatorName(""))
        # Counted before the hash is made: a hundred tries at the same moment are a hundred.
        left = self.attempts.failed(name, place, now)
        if len(password) > LENGTH_MAX or not await self.hasher.fits(secret.password, password):
            why = Why.UNKNOWN if account is None else Why.PASSWORD
            raise self._refuse(account, why, address, left)
        assert account is not None, "only an account has a hash that fits"
        if account.closed:
            raise self._refuse(account, Why.CLOSED, address, left)
        how = self._check_code(account, code, address, left)
        self.attempts.succeeded(account.name, place)
        await self._hash_anew(account, secret.password, password)
        return self.begin(account, how, address=address, agent=agent)

    async def _hash_anew(self, account: Account, kept: str, password: str) -> None:
        """A hash of weaker years is replaced while the password is at hand."""
        if self.hasher.is_weak(kept):
            fresh = await self.hasher.hash(password)
            now = self.books.secret(account.name)
            if now.password == kept:  # and was not changed meanwhile
                self.books.note([], [replace(now, password=fresh)])

    async def check_again(self, account: Account, password: str, *, address: str) -> None:
        """The same person, before something grave: a cookie that was left open is not enough.

        Raises RefusedError.
        """
        now, place = self.books.times.steady(), place_of(address)
        wait_s = self.attempts.wait_s(account.name, place, now)
        if wait_s > 0:
            raise WaitError(wait_s)
        left = self.attempts.failed(account.name, place, now)
        kept = self.books.secret(account.name).password
        if len(password) > LENGTH_MAX or not await self.hasher.fits(kept, password):
            raise self._refuse(account, Why.PASSWORD, address, left)
        self.attempts.succeeded(account.name, place)

    def _check_code(self, account: Account, code: str, address: str, left: int) -> How:
        """Raises CodeNeededError, LoginRefusedError. What was used is void at once."""
        # Read here, not before the hash was made: another login may have used it meanwhile.
        secret = self.books.secret(account.name)
        if not secret.totp:
            return How.PASSWORD
        said = code.strip().replace(" ", "")[:CODE_LENGTH_MAX]
        if not said:
            raise CodeNeededError  # still counted: asking so must not wipe out wrong codes
        now_s = self.books.times.machine() // SECOND
        key = base64.b32decode(secret.totp + "=" * (-len(secret.totp) % 8))
        step = totp.accepted_step(key, said, now_s, used_step=secret.totp_step)
        if step is not None:
            self.books.note([], [replace(secret, totp_step=step)])
            return How.PASSWORD_AND_CODE
        digest = recovery_digest(said)
        if any(hmac.compare_digest(digest, each) for each in secret.recovery):
            rest = tuple(each for each in secret.recovery if each != digest)
            self.books.note([], [replace(secret, recovery=rest)])
            return How.PASSWORD_AND_RECOVERY
        raise self._refuse(account, Why.CODE, address, left)

    # --- links ---

    def make_link(
        self, account: OperatorName, by: Actor
    ) -> tuple[str, list[AccountFact], list[AccessChange]]:
        """A new one-time link's secret and what is to be kept; older ones are void. For no
        account it opens one, with the first offices."""
        secret = _text(self.books.token_bytes(LINK_BYTES))
        expires_t = self.books.times.machine() + LINK_LASTS
        fact = LinkMade(
            t=self.books.times.hub(),
            community=NO_COMMUNITY,
            account=account,
            expires_t=expires_t,
            by=by.name,
        )
        row = LinkRow(digest=digest_of(secret), account=account, expires_t=expires_t)
        return secret, [fact], [DropLinks(account), row]

    def read_link(self, said: str) -> LinkRow:
        """The link, as it stands. Raises BadLinkError."""
        row = self.books.links.get(digest_of(said))
        if row is None or row.expires_t <= self.books.times.machine():
            raise BadLinkError
        return row

    async def follow(
        self,
        said: str,
        name: str,
        password: str,
        *,
        address: str,
        agent: str,
        places: Iterable[str] = (),
    ) -> tuple[str, Session]:
        """Set the password that the link is for, and come in; ``places`` are what it may not
        consist of, either. Raises RefusedError.

        A link stands for a password and no more: with a second factor the password is set, and
        CodeNeededError raised; they log in by both.
        """
        now, place = self.books.times.steady(), place_of(address)
        guesser = f"link {place}"  # no account: nobody else shall wait for who guesses here
        wait_s = self.attempts.wait_s(guesser, place, now)
        if wait_s > 0:
            raise WaitError(wait_s)
        try:
            row = self.read_link(said)
        except BadLinkError:
            self.attempts.failed(guesser, place, now)
            self._note_refused(None, Why.LINK, address)
            raise
        wanted = clean_name(name) if not row.account else row.account
        check_password(password, (wanted, *PLACES, *places))
        kept = await self.hasher.hash(password)

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            again = self.read_link(said)  # another may have followed it meanwhile
            t, access = self.books.times.hub(), self.books.access
            facts: list[AccountFact] = []
            if not again.account:
                facts += open_first(access, wanted, t)
            elif known(access, wanted).closed:
                raise BadLinkError
            facts.append(PasswordChanged(t=t, community=NO_COMMUNITY, account=wanted, by_link=True))
            ended, dropped = self.books.ending(
                self.books.sessions.of(wanted), Ended.PASSWORD, wanted
            )
            secret = replace(self.books.secret(wanted), password=kept)
            return [*facts, *ended], [secret, DropLinks(again.account), *dropped]

        await self.books.change(decide)
        account = known(self.books.access, wanted)
        self.attempts.lift(account.name)
        if self.books.secret(account.name).totp:
            raise CodeNeededError
        self.attempts.succeeded(account.name, place)
        return self.begin(account, How.LINK, address=address, agent=agent)

    # --- being in ---

    def begin(self, account: Account, how: How, *, address: str, agent: str) -> tuple[str, Session]:
        """A login: the cookie's value, and what stands for it."""
        cookie = _text(self.books.token_bytes(COOKIE_BYTES))
        now = self.books.times.machine()
        digest = digest_of(cookie)
        session = Session(
            digest=digest,
            session=SessionId(self.new_id()),
            account=account.name,
            made_t=now,
            seen_t=now,
            address=address,
            agent="".join(c for c in agent if c.isprintable())[:AGENT_LENGTH_MAX],
            csrf=csrf_of(digest),
        )
        too_many = self.books.sessions.add(session)
        fact = LoggedIn(
            t=self.books.times.hub(),
            community=NO_COMMUNITY,
            account=account.name,
            session=session.session,
            how=how,
            address=personal(address),
        )
        ended, dropped = self.books.ending(too_many, Ended.ENDED, account.name)
        self.books.note([fact, *ended], [session.row(), *dropped])
        return cookie, session

    def new_id(self) -> str:
        """A name for the journal."""
        return base64.b32encode(self.books.token_bytes(ID_BYTES)).decode("ascii").lower()

    # --- refusals ---

    def _refuse(
        self, account: Account | None, why: Why, address: str, left: int
    ) -> LoginRefusedError:
        self._note_refused(account, why, address)
        return LoginRefusedError(tries_left=left)

    def _note_refused(self, account: Account | None, why: Why, address: str) -> None:
        """In the journal at most once a minute for an account and a place. A name that is no
        account's is not written down: people type passwords there."""
        name = account.name if account is not None else OperatorName("")
        place, now_s = place_of(address), self.books.times.steady() / SECOND
        if times := self._thinned.times(f"{name} {place}", now_s):
            self.books.note(
                [
                    LoginRefused(
                        t=self.books.times.hub(),
                        community=NO_COMMUNITY,
                        account=name,
                        why=why,
                        times=times,
                        address=personal(address),
                    )
                ],
                [],
            )


def place_names(roster: Roster) -> Iterator[str]:
    """What the communities are called: a date behind it is guessed by everybody who is there."""
    for each in roster.communities.values():
        yield from (each.community, each.name_zh, each.name_en)


def personal(address: str) -> Personal | None:
    """Where somebody sat, as a fact holds it."""
    return Personal(Purpose.ADDRESS, address) if address else None


def recovery_digest(code: str) -> str:
    """What is kept of a recovery code, written in whatever case and with or without dashes."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
