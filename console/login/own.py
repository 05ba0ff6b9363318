"""What people do with their own account: come in, go, change what they know, see who looked."""

import asyncio
import base64
from dataclasses import replace
from typing import Final

from aiohttp import web

from console.desk import DESK
from console.login.bodies import (
    AgainBody,
    CodesDoc,
    Done,
    DoorDoc,
    FactorBody,
    FactorDoc,
    FollowBody,
    LinkCheckBody,
    LinkDoc,
    LoginBody,
    LogoutBody,
    Me,
    NewTokenDoc,
    PasswordBody,
    SessionDoc,
    SessionsDoc,
    TokenBody,
    TokenDoc,
)
from console.login.entry import PLACES, recovery_digest
from console.login.guarding import address_of
from console.login.office import (
    LOGIN,
    MILLI,
    LoginDesk,
    answer,
    drop_cookie,
    office_docs,
    person,
    said,
    set_cookie,
)
from console.login.sessions import Session, digest_of
from console.login.who import Who, who_asks
from dispatch.access import requests, totp
from dispatch.access.accounts import Account
from dispatch.access.facts import (
    AccountFact,
    Ended,
    PasswordChanged,
    RecoveryCodesMade,
    SecondFactorSet,
)
from dispatch.access.kept import AccessChange, DropToken, TokenRow
from dispatch.access.passwords import LENGTH_MIN, check_password
from dispatch.access.refusals import LoginRefusedError, UnfitAccessError
from dispatch.access.words import NO_COMMUNITY, Right, TokenId
from dispatch.clock import DAY, SECOND
from dispatch.ids import OperatorName

TOKEN_BYTES: Final = 32
TOKEN_PREFIX: Final = "yihu-"  # noqa: S105  what a leaked one is searched for by
RECOVERY_CODES: Final = 8
RECOVERY_BYTES: Final = 10
"""80 bits in sixteen letters: typed once a year, guessed never."""
FACTOR_LASTS_S: Final = 600.0
"""Between seeing the QR code and typing its first number."""
FACTORS_MAX: Final = 100
QR_MODULE_PX: Final = 5


class Own:
    """Handlers; what must be remembered between two of them is a factor not yet confirmed."""

    def __init__(self, *, provider_name: str = "") -> None:
        self._provider_name = provider_name
        self._factors: dict[OperatorName, tuple[str, float]] = {}

    # --- the door ---

    async def door(self, request: web.Request) -> web.Response:
        """What the login page shows."""
        access = request.app[LOGIN].books.access
        doc = DoorDoc(
            known=request.app[DESK].gate.identify(request) is not None,
            first=not access.administrators(),
            provider=self._provider_name,
            password_length_min=LENGTH_MIN,
        )
        return answer(doc)

    async def log_in(self, request: web.Request) -> web.Response:
        """By name, password and code."""
        desk, body = request.app[LOGIN], await said(request, LoginBody)
        cookie, session = await desk.entry.log_in(
            body.name,
            body.password,
            body.code,
            address=address_of(request),
            agent=request.headers.get("User-Agent", ""),
        )
        return self._welcome(request, desk, cookie, session)

    async def check_link(self, request: web.Request) -> web.Response:
        """Whom a link is for, before a password is chosen."""
        body = await said(request, LinkCheckBody)
        row = request.app[LOGIN].entry.read_link(body.link)
        return answer(LinkDoc(account=row.account))

    async def follow(self, request: web.Request) -> web.Response:
        """By a link."""
        desk, body = request.app[LOGIN], await said(request, FollowBody)
        cookie, session = await desk.entry.follow(
            body.link,
            body.name,
            body.password,
            address=address_of(request),
            agent=request.headers.get("User-Agent", ""),
        )
        return self._welcome(request, desk, cookie, session)

    def _welcome(
        self, request: web.Request, desk: LoginDesk, cookie: str, session: Session
    ) -> web.Response:
        account = requests.known(desk.books.access, session.account)
        who = Who(actor=account, session=session, account=account)
        response = answer(me_doc(desk, who))
        set_cookie(request, response, cookie)
        return response

    async def log_out(self, request: web.Request) -> web.Response:
        """Here, or everywhere."""
        desk, body = request.app[LOGIN], await said(request, LogoutBody)
        _, account, session = person(request)
        ending = desk.books.sessions.of(account.name) if body.everywhere else [session]
        desk.books.note(*desk.books.ending(ending, Ended.LOGOUT, account.name))
        response = answer(Done(account=account.name))
        drop_cookie(request, response)
        return response

    # --- me ---

    async def me(self, request: web.Request) -> web.Response:
        """Who I am, and what I may."""
        return answer(me_doc(request.app[LOGIN], who_asks(request)))

    async def change_password(self, request: web.Request) -> web.Response:
        """By the old one; every other login ends."""
        desk, body = request.app[LOGIN], await said(request, PasswordBody)
        _, account, session = person(request)
        await desk.entry.check_again(account, body.old, address=address_of(request))
        check_password(body.new, (account.name, *PLACES))
        kept = await desk.entry.hasher.hash(body.new)

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            others = [s for s in desk.books.sessions.of(account.name) if s is not session]
            facts, dropped = desk.books.ending(others, Ended.PASSWORD, account.name)
            changed = PasswordChanged(
                t=desk.books.times.hub(),
                community=NO_COMMUNITY,
                account=account.name,
                by_link=False,
            )
            secret = replace(desk.books.secret(account.name), password=kept)
            return [changed, *facts], [secret, *dropped]

        await desk.books.change(decide)
        return answer(Done(account=account.name))

    # --- the second factor ---

    async def begin_factor(self, request: web.Request) -> web.Response:
        """A new secret, shown as a QR code; it counts once its first number was typed."""
        import segno  # 30 ms of a start, for what hardly ever happens

        desk, body = request.app[LOGIN], await said(request, AgainBody)
        _, account, _ = person(request)
        await desk.entry.check_again(account, body.password, address=address_of(request))
        secret = desk.books.token_bytes(totp.SECRET_BYTES)
        until_s = asyncio.get_running_loop().time() + FACTOR_LASTS_S
        self._factors.pop(account.name, None)
        self._factors[account.name] = (totp.spelled(secret), until_s)
        if len(self._factors) > FACTORS_MAX:
            del self._factors[next(iter(self._factors))]
        address = totp.address(secret, account.name)
        drawn = segno.make(address, error="m", micro=False).svg_inline(
            scale=QR_MODULE_PX, border=4, dark="#000", light="#fff"
        )
        return answer(FactorDoc(secret=totp.spelled(secret), address=address, qr=drawn))

    async def set_factor(self, request: web.Request) -> web.Response:
        """The first number: from now on one is asked for. Tells the recovery codes."""
        desk, body = request.app[LOGIN], await said(request, FactorBody)
        _, account, _ = person(request)
        spelled, until_s = self._factors.get(account.name, ("", 0.0))
        if not spelled or asyncio.get_running_loop().time() > until_s:
            raise UnfitAccessError("code", "comes too late: begin again")
        secret = base64.b32decode(spelled + "=" * (-len(spelled) % 8))
        now_s = desk.books.times.machine() // SECOND
        step = totp.accepted_step(secret, body.code.strip().replace(" ", ""), now_s, used_step=0)
        if step is None:
            raise LoginRefusedError(tries_left=0)
        codes = _new_codes(desk)

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            t = desk.books.times.hub()
            kept = replace(
                desk.books.secret(account.name),
                totp=spelled,
                totp_step=step,
                recovery=tuple(map(recovery_digest, codes)),
            )
            facts: list[AccountFact] = [
                SecondFactorSet(t=t, community=NO_COMMUNITY, account=account.name),
                RecoveryCodesMade(t=t, community=NO_COMMUNITY, account=account.name),
            ]
            return facts, [kept]

        await desk.books.change(decide)
        self._factors.pop(account.name, None)
        return answer(CodesDoc(codes=codes))

    async def remove_factor(self, request: web.Request) -> web.Response:
        """By the password."""
        desk, body = request.app[LOGIN], await said(request, AgainBody)
        who, account, _ = person(request)
        await desk.entry.check_again(account, body.password, address=address_of(request))

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            t = desk.books.times.hub()
            facts = requests.remove_second_factor(desk.books.access, who, account.name, t)
            kept = replace(desk.books.secret(account.name), totp="", totp_step=0, recovery=())
            return facts, [kept]

        await desk.books.change(decide)
        return answer(Done(account=account.name))

    async def new_codes(self, request: web.Request) -> web.Response:
        """Other recovery codes; the old ones are void."""
        desk, body = request.app[LOGIN], await said(request, AgainBody)
        _, account, _ = person(request)
        await desk.entry.check_again(account, body.password, address=address_of(request))
        codes = _new_codes(desk)

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            secret = desk.books.secret(account.name)
            if not secret.totp:
                raise UnfitAccessError("second_factor", "is not set")
            made = RecoveryCodesMade(
                t=desk.books.times.hub(), community=NO_COMMUNITY, account=account.name
            )
            return [made], [replace(secret, recovery=tuple(map(recovery_digest, codes)))]

        await desk.books.change(decide)
        return answer(CodesDoc(codes=codes))

    # --- tokens ---

    async def make_token(self, request: web.Request) -> web.Response:
        """A program's way in; told this once."""
        desk, body = request.app[LOGIN], await said(request, TokenBody)
        _, account, _ = person(request)
        await desk.entry.check_again(account, body.password, address=address_of(request))
        try:
            rights = [Right(each) for each in body.rights]
        except ValueError:
            raise UnfitAccessError("rights", f"are of {', '.join(Right)}") from None
        token = TokenId(desk.entry.new_id())
        data = desk.books.token_bytes(TOKEN_BYTES)
        secret = TOKEN_PREFIX + base64.urlsafe_b64encode(data).decode().rstrip("=")
        now = desk.books.times.machine()
        expires_t = now + max(0, min(body.days, 10_000)) * DAY

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            facts = requests.make_token(account, token, body.label, rights, expires_t, now)
            row = TokenRow(
                digest=digest_of(secret), token=token, account=account.name, expires_t=expires_t
            )
            return facts, [row]

        await desk.books.change(decide)
        return answer(NewTokenDoc(id=token, token=secret))

    async def revoke_token(self, request: web.Request) -> web.Response:
        """At once."""
        desk = request.app[LOGIN]
        who, _, _ = person(request)
        token = TokenId(request.match_info["token"])

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            t = desk.books.times.hub()
            facts = requests.revoke_token(desk.books.access, who, who.name, token, t)
            return facts, [DropToken(token)] if facts else []

        await desk.books.change(decide)
        return answer(Done(account=who.name))

    # --- logins ---

    async def sessions(self, request: web.Request) -> web.Response:
        """Mine."""
        _, account, session = person(request)
        return answer(session_docs(request.app[LOGIN], account.name, session))

    async def end_session(self, request: web.Request) -> web.Response:
        """One of mine."""
        desk = request.app[LOGIN]
        who, account, _ = person(request)
        end_one(desk, account, request.match_info["session"], who)
        return answer(Done(account=account.name))


def end_one(desk: LoginDesk, account: Account, session: str, who: Who) -> None:
    """End this login of the account, where it is on."""
    ending = [s for s in desk.books.sessions.of(account.name) if s.session == session]
    desk.books.note(*desk.books.ending(ending, Ended.ENDED, who.name))


def session_docs(desk: LoginDesk, account: OperatorName, this: Session | None) -> SessionsDoc:
    """Newest first."""
    mine = sorted(desk.books.sessions.of(account), key=lambda each: -each.seen_t)
    return SessionsDoc(
        sessions=[
            SessionDoc(
                id=each.session,
                made=each.made_t // MILLI,
                seen=each.seen_t // MILLI,
                until=each.until_t // MILLI,
                address=each.address,
                agent=each.agent,
                streams=each.streams,
                this=each is this,
            )
            for each in mine
        ]
    )


def me_doc(desk: LoginDesk, who: Who) -> Me:
    """As whoever asks is told."""
    account, session = who.account, who.session
    by = "machine" if account is None else "token" if session is None else "session"
    secret = None if account is None else desk.books.secret(account.name)
    return Me(
        name=who.name,
        by=by,
        csrf="" if session is None else session.csrf,
        rights={right.value: sorted(where) for right in Right if (where := who.where(right))},
        offices=[] if account is None else office_docs(account),
        second_factor=account is not None and account.second_factor,
        recovery_codes=0 if secret is None else len(secret.recovery),
        unit=None if account is None else account.unit,
        provider=account is not None and bool(account.issuer),
        tokens=[] if account is None or session is None else _tokens(account),
        until=0 if session is None else session.until_t // MILLI,
        now=desk.books.times.machine() // MILLI,
    )


def _tokens(account: Account) -> list[TokenDoc]:
    return [
        TokenDoc(
            id=each.token,
            label=each.label,
            rights=sorted(each.rights),
            made=each.made_t // MILLI,
            expires=each.expires_t // MILLI,
        )
        for each in account.tokens.values()
    ]


def _new_codes(desk: LoginDesk) -> list[str]:
    """In groups of four, to be written down."""
    made = []
    for _ in range(RECOVERY_CODES):
        letters = base64.b32encode(desk.books.token_bytes(RECOVERY_BYTES)).decode().lower()
        made.append("-".join(letters[at : at + 4] for at in range(0, len(letters), 4)))
    return made
