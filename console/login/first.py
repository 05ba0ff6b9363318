"""Puts the login's room together, and makes the first link. ``yihu link`` asks for others."""

import argparse
import asyncio
import importlib.util
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from console.asking import RequestRefusedError
from console.login.books import AccountBooks, Ledger, Times
from console.login.consent_states import barred, uncalled, unfollowed
from console.login.entry import Entry
from console.login.guarding import AccessGate
from console.login.hashing import Hasher
from console.login.looks import Looks
from console.login.office import LoginDesk
from console.login.people import link_doc
from console.login.provider import CALLBACK, Provider, ProviderSettings, is_safe
from console.within import Scope
from dispatch import local_token
from dispatch.access.facts import AccountFact
from dispatch.access.kept import AccessChange
from dispatch.access.requests import ThisMachine
from dispatch.access.words import Right
from dispatch.clock import HubClock
from dispatch.errors import SettingsError, StoreError, YihuError
from dispatch.gateways.forgetting import Numbers
from dispatch.ids import OperatorName, UnitId
from dispatch.roster import Roster
from dispatch.settings import Settings

log = structlog.get_logger("yihu.access")

TIMEOUT_S: Final = 20.0
LOOK_EVERY_S: Final = 2.0
"""The demo's forty radios come within one."""
LOOKS_MAX: Final = 30
"""A minute: whoever waits longer for the radios has another trouble to read about."""
Pause = Callable[[float], Awaitable[None]]
ANSWER_BYTES_MAX: Final = 64 * 1024


class NoLinkError(YihuError):
    """The server made none; the sentence is its own, or says that there is none."""


def make_login(
    ledger: Ledger,
    clock: HubClock,
    roster: Roster,
    *,
    token: str,
    provider: ProviderSettings | None = None,
    has_authority: Callable[[], bool] = lambda: False,
    unfollow: Callable[[frozenset[UnitId]], None] = lambda _units: None,
    bar: Callable[[frozenset[UnitId]], None] = lambda _units: None,
    numbers: Numbers | None = None,
) -> tuple[LoginDesk, AccessGate]:
    """The desk of all logins, and the gate that knows them. ``token`` is the machine's own;
    ``has_authority`` tells whether the centre made an authority that browsers can install;
    ``unfollow`` is told whose bearers withdrew their consent to be followed, each time anew, and
    ``bar`` who may not sign on for want of it; ``numbers`` are what reaches people by phone."""
    numbers = numbers or Numbers()
    times = Times(
        hub=clock.now, machine=clock.machine_now, steady=lambda: time.monotonic_ns() // 1000
    )
    books = AccountBooks(ledger, times)

    def follow_again() -> None:
        unfollow(unfollowed(books.access))
        bar(barred(books.access, roster))
        numbers.silence(uncalled(books.access))

    books.followers.add(follow_again)
    follow_again()
    looks = Looks(books)
    desk = LoginDesk(
        books=books,
        entry=Entry(books, Hasher()),
        looks=looks,
        roster=roster,
        has_authority=has_authority,
        numbers=numbers,
        provider=None
        if provider is None
        else Provider(provider, now=clock.machine_now, token_bytes=secrets.token_bytes),
    )
    return desk, AccessGate(books, looks, local_token=token)


def provider_of(settings: Settings) -> ProviderSettings | None:
    """The server that vouches for people; None where none is set. Raises SettingsError."""
    if not settings.oidc_issuer:
        return None
    if importlib.util.find_spec("joserfc") is None:
        raise SettingsError(
            "oidc_issuer is set, and the package joserfc is missing",
            "install it: pip install 'yihu[oidc]'",
        )
    if not is_safe(settings.oidc_issuer):
        raise SettingsError("oidc_issuer is no address with TLS", "write https://...")
    secret = ""
    if settings.oidc_secret_file is not None:
        try:
            secret = settings.oidc_secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise SettingsError(
                f"oidc_secret_file {settings.oidc_secret_file} cannot be read", "check its name"
            ) from exc
    return ProviderSettings(
        issuer=settings.oidc_issuer,
        client=settings.oidc_client,
        secret=secret,
        name=settings.oidc_name,
        redirect=settings.public_url + CALLBACK,
    )


def where_of(desk: LoginDesk, name: OperatorName) -> Scope:
    """Where an operator handles what comes in."""
    account = desk.books.access.find(name)
    return frozenset() if account is None else account.where(Right.HANDLE)


async def first_link(desk: LoginDesk) -> str:
    """The path of a new link, where nobody can let anybody in yet; empty where somebody can."""
    if desk.books.access.administrators():
        return ""
    told: list[str] = []

    def decide() -> tuple[list[AccountFact], list[AccessChange]]:
        nobody = OperatorName("")
        secret, facts, beside = desk.entry.make_link(nobody, ThisMachine())
        told.append(link_doc(desk, nobody, secret).path)
        return facts, beside

    await desk.books.change(decide)
    return told[0]


async def tell_first(
    desk: LoginDesk,
    url: str,
    joined: Callable[[], int] | None = None,
    pause: Pause = asyncio.sleep,
) -> None:
    """Print the link, where one is needed. A store that takes nothing now costs only that:
    ``yihu link`` makes one later.

    The demo's radios join right after and push it off the screen with their lines in the log:
    where ``joined`` counts them, the same link is printed once more when no more of them come,
    unless somebody has followed it by then.
    """
    try:
        words = first_words(url, await first_link(desk))
    except (StoreError, RequestRefusedError) as exc:
        log.error("first_link_not_made", why=str(exc))
        return
    if not words:
        return
    print(words, flush=True)
    if joined is not None:
        await _settled(joined, pause)
        if not desk.books.access.administrators():
            print(words, flush=True)


async def _settled(joined: Callable[[], int], pause: Pause) -> None:
    """Until some are there and no more have come since the last look; not for ever."""
    before = 0
    for _ in range(LOOKS_MAX):
        await pause(LOOK_EVERY_S)
        now = joined()
        if now and now == before:
            return
        before = now


def first_words(url: str, path: str) -> str:
    """What the terminal says of the first link; nothing where there is none."""
    if not path:
        return ""
    return "\n".join(
        (
            "  首次使用:请在浏览器打开下面的一次性链接(24 小时内有效),建立管理员账号。",
            "  First use: open this one-time link (good for 24 hours) to make the administrator:",
            "",
            f"  {url}{path}",
            "",
            "  再要一条 another one:  yihu link",
            "",
        )
    )


# --- yihu link ---


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow ``yihu link``."""
    parser.add_argument(
        "account", nargs="?", default="", help="whose password; none: for another administrator"
    )
    local_token.add_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print a one-time link. Raises NoLinkError, SettingsError."""
    url = local_token.url_shown(options)
    request = urllib.request.Request(  # noqa: S310 -- the address is the administrator's own
        f"{url}/api/v1/links",
        data=json.dumps({"account": options.account}).encode(),
        method="POST",
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {local_token.token_shown(options)}",
        },
    )
    try:
        with urllib.request.urlopen(  # noqa: S310 -- as above
            request, timeout=TIMEOUT_S, context=local_token.trust(options)
        ) as answer:
            told = json.loads(answer.read(ANSWER_BYTES_MAX))
        print(f"{url}{told['path']}")
    except urllib.error.HTTPError as exc:
        raise NoLinkError(_sentence(exc)) from exc
    except (OSError, ValueError, KeyError) as exc:
        raise NoLinkError(f"no hub answers at {url} ({exc}): start it with yihu run") from exc
    return 0


def _sentence(exc: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(exc.read(ANSWER_BYTES_MAX))["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the hub answered {exc.code}"
