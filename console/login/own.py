"""What people do with their own account: come in, go, change what they know, see who looked."""

from dataclasses import replace

from aiohttp import web

from console.desk import DESK
from console.login.bodies import (
    Done,
    DoorDoc,
    FollowBody,
    LinkCheckBody,
    LinkDoc,
    LoginBody,
    LogoutBody,
    Me,
    PasswordBody,
    SessionDoc,
    SessionsDoc,
    TokenDoc,
)
from console.login.entry import PLACES, place_names
from console.login.guarding import address_of
from console.login.office import (
    LOGIN,
    MILLI,
    LoginDesk,
    answer,
    drop_cookie,
    leave_former,
    office_docs,
    person,
    said,
    set_cookie,
)
from console.login.sessions import Session
from console.login.who import Who, who_asks
from dispatch.access import requests
from dispatch.access.accounts import Account
from dispatch.access.facts import (
    AccountFact,
    Ended,
    PasswordChanged,
)
from dispatch.access.kept import AccessChange
from dispatch.access.passwords import LENGTH_MIN, check_password
from dispatch.access.words import NO_COMMUNITY, Right
from dispatch.ids import OperatorName


class Own:
    """Handlers."""

    def __init__(self, *, provider_name: str = "") -> None:
        self._provider_name = provider_name

    # --- the door ---

    async def door(self, request: web.Request) -> web.Response:
        """What the login page shows."""
        access = request.app[LOGIN].books.access
        doc = DoorDoc(
            known=request.app[DESK].gate.identify(request) is not None,
            first=not access.administrators(),
            provider=self._provider_name,
            authority=request.app[LOGIN].has_authority(),
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
            places=place_names(desk.roster),
        )
        return self._welcome(request, desk, cookie, session)

    def _welcome(
        self, request: web.Request, desk: LoginDesk, cookie: str, session: Session
    ) -> web.Response:
        account = requests.known(desk.books.access, session.account)
        who = Who(actor=account, session=session, account=account)
        response = answer(me_doc(desk, who))
        leave_former(request, desk, session)
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
        check_password(body.new, (account.name, *PLACES, *place_names(desk.roster)))
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
