"""Every address about logins and accounts, as console/routes.py has the others."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from aiohttp import web

from console.login import consents, holdings, people, records, tokens
from console.login.bodies import (
    AgainBody,
    AuditDoc,
    BearersDoc,
    CodesDoc,
    ConsentBody,
    ConsentsDoc,
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
    NewLinkBody,
    NewLinkDoc,
    NewTokenDoc,
    NothingBody,
    OfficesBody,
    OpenPersonBody,
    PasswordBody,
    PeopleDoc,
    ProviderDoc,
    SessionsDoc,
    TokenBody,
    UnitBody,
)
from console.login.factor import Factors
from console.login.own import Own
from console.login.provider import CALLBACK
from console.login.vouched import Vouched
from console.route import Query, Route, look
from dispatch.access.needs import AnyNeed, Need, Open, Where
from dispatch.access.words import Right

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Shape = type[msgspec.Struct]

PEOPLE: Final = Need(Right.MANAGE_PEOPLE, Where.ANY)
"""Whom exactly they may change is decided for each account (requests.managed)."""
AUDIT: Final = Need(Right.READ_AUDIT, Where.ANY)
ADMIN: Final = Need(Right.MANAGE_SETTINGS, Where.EVERYWHERE)

PERSON: Final = "/api/v1/people/{account}"
AUDIT_QUERY: Final = (
    Query(name="who", what="who did it, or whose account it is about", is_number=False),
    Query(name="what", what="a fact's name", is_number=False),
    Query(name="from", what="from this time, ms UTC"),
    Query(name="to", what="before this time, ms UTC"),
    Query(name="before", what="where a page begins, as the last one said"),
    Query(name="count", what=f"how many, at most {records.ROWS_MAX}"),
)


def login_routes(own: Own, vouched: Vouched) -> tuple[Route, ...]:
    """The table."""
    factors = Factors()
    return (
        look("/api/v1/login", own.door, Open.PUBLIC, "What the login page shows", DoorDoc),
        _post("/api/v1/login", own.log_in, Open.PUBLIC, LoginBody, "Log in", Me),
        _post(
            "/api/v1/login/link/check",
            own.check_link,
            Open.PUBLIC,
            LinkCheckBody,
            "Whom a one-time link is for",
            LinkDoc,
        ),
        _post(
            "/api/v1/login/link",
            own.follow,
            Open.PUBLIC,
            FollowBody,
            "Set a password by a one-time link, and log in; with a second factor, set it only",
            Me,
        ),
        _post(
            "/api/v1/login/provider",
            vouched.begin,
            Open.PUBLIC,
            NothingBody,
            "Log in by the server that vouches for people",
            ProviderDoc,
        ),
        look(CALLBACK, vouched.callback, Open.PUBLIC, "The browser comes back from it", None),
        _post(
            "/api/v1/me/provider/begin",
            vouched.begin_link,
            Open.PERSON,
            AgainBody,
            "Let that server vouch for me",
            ProviderDoc,
        ),
        _post(
            "/api/v1/me/provider/remove",
            vouched.unlink,
            Open.PERSON,
            AgainBody,
            "No longer",
            Done,
        ),
        _post("/api/v1/logout", own.log_out, Open.PERSON, LogoutBody, "Log out", Done),
        look("/api/v1/me", own.me, Open.PERSON, "Who I am, and what I may", Me),
        _post(
            "/api/v1/me/password",
            own.change_password,
            Open.PERSON,
            PasswordBody,
            "Another password",
            Done,
        ),
        _post(
            "/api/v1/me/second-factor/begin",
            factors.begin_factor,
            Open.PERSON,
            AgainBody,
            "A secret for the phone",
            FactorDoc,
        ),
        _post(
            "/api/v1/me/second-factor",
            factors.set_factor,
            Open.PERSON,
            FactorBody,
            "Its first number",
            CodesDoc,
        ),
        _post(
            "/api/v1/me/second-factor/remove",
            factors.remove_factor,
            Open.PERSON,
            AgainBody,
            "No number any more",
            Done,
        ),
        _post(
            "/api/v1/me/recovery",
            factors.new_codes,
            Open.PERSON,
            AgainBody,
            "New recovery codes",
            CodesDoc,
        ),
        _post(
            "/api/v1/me/tokens",
            tokens.make_token,
            Open.PERSON,
            TokenBody,
            "A token for a program",
            NewTokenDoc,
        ),
        _post(
            "/api/v1/me/tokens/{token}/revoke",
            tokens.revoke_token,
            Open.PERSON,
            NothingBody,
            "Revoke a token",
            Done,
        ),
        look("/api/v1/me/sessions", own.sessions, Open.PERSON, "My logins", SessionsDoc),
        _post(
            "/api/v1/me/sessions/{session}/end",
            own.end_session,
            Open.PERSON,
            NothingBody,
            "End a login of mine",
            Done,
        ),
        look(
            "/api/v1/me/looks",
            records.looks,
            Open.PERSON,
            "Who looked at me",
            AuditDoc,
            query=AUDIT_QUERY[4:5],
        ),
        look(
            "/api/v1/me/consents",
            consents.own_consents,
            Open.PERSON,
            "What I am asked to consent to, and what I said",
            ConsentsDoc,
        ),
        _post(
            "/api/v1/me/consents/{text}/give",
            consents.give_own,
            Open.PERSON,
            ConsentBody,
            "I consent",
            Done,
        ),
        _post(
            "/api/v1/me/consents/{text}/withdraw",
            consents.withdraw_own,
            Open.PERSON,
            NothingBody,
            "No longer; what rests on it is deleted",
            Done,
        ),
        look(
            "/api/v1/consents",
            consents.bearers,
            PEOPLE,
            "Who carries a radio, and consented to what",
            BearersDoc,
        ),
        _post(
            PERSON + "/consents/{text}/give",
            consents.give_noted,
            PEOPLE,
            ConsentBody,
            "They consented on paper",
            Done,
        ),
        _post(
            PERSON + "/consents/{text}/withdraw",
            consents.withdraw_noted,
            PEOPLE,
            NothingBody,
            "They withdrew on paper; what rests on it is deleted",
            Done,
        ),
        look("/api/v1/me/data", holdings.own_data, Open.PERSON, "All that is held on me", None),
        look(
            PERSON + "/data",
            holdings.their_data,
            PEOPLE,
            "All that is held on them; asks see_track as well, where their radios are",
            None,
        ),
        look("/api/v1/people", people.people, PEOPLE, "Who may use the console", PeopleDoc),
        _post(
            "/api/v1/people",
            people.open_person,
            PEOPLE,
            OpenPersonBody,
            "Let somebody in",
            NewLinkDoc,
        ),
        _post(
            PERSON + "/offices",
            people.change_offices,
            PEOPLE,
            OfficesBody,
            "Give offices and take them",
            Done,
        ),
        _post(
            PERSON + "/unit", people.name_bearer, PEOPLE, UnitBody, "Which radio they carry", Done
        ),
        _post(PERSON + "/close", people.close, PEOPLE, NothingBody, "Let them in no more", Done),
        _post(PERSON + "/reopen", people.reopen, PEOPLE, NothingBody, "Let them in again", Done),
        _post(
            PERSON + "/link", people.new_link, PEOPLE, NothingBody, "A one-time link", NewLinkDoc
        ),
        _post(
            PERSON + "/second-factor/remove",
            people.remove_factor,
            PEOPLE,
            NothingBody,
            "Their phone was lost",
            Done,
        ),
        _post(
            PERSON + "/lift", people.lift, PEOPLE, NothingBody, "They may try again at once", Done
        ),
        look(PERSON + "/sessions", people.sessions, PEOPLE, "Their logins", SessionsDoc),
        _post(
            PERSON + "/sessions/{session}/end",
            people.end_session,
            PEOPLE,
            NothingBody,
            "End a login of theirs",
            Done,
        ),
        _post(
            "/api/v1/links",
            people.any_link,
            ADMIN,
            NewLinkBody,
            "A one-time link, of anybody or of a new administrator",
            NewLinkDoc,
        ),
        look("/api/v1/audit", records.audit, AUDIT, "Who did what", AuditDoc, query=AUDIT_QUERY),
        look(
            "/api/v1/audit.csv",
            records.audit_csv,
            AUDIT,
            "The same as a table",
            None,
            query=AUDIT_QUERY[:4],
            answer_type="text/csv",
        ),
    )


def _post(
    path: str, handle: Handler, need: AnyNeed, body: Shape, summary: str, answer: Shape
) -> Route:
    return Route(
        method="POST",
        path=path,
        summary=summary,
        handle=handle,
        need=need,
        body=body,
        answer=answer,
        is_command=False,
    )
