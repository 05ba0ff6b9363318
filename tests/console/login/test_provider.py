"""console/login/provider.py against a provider's own process: oidc-provider-mock on loopback.

And against one that lies, by tokens made here: signature, issuer, audience, time, nonce.
"""

import json
import re
import secrets
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession, web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from console.login.provider import (
    CALLBACK,
    Pending,
    Provider,
    ProviderError,
    ProviderSettings,
    is_safe,
)
from dispatch.access.facts import How
from dispatch.access.words import EVERYWHERE, Office
from dispatch.clock import SECOND
from tests.console.login.place import PASSWORD, Browser, Place, open_place
from tests.ports import free_ports

CLIENT: Final = "yihu"
STARTED_S: Final = 20.0
DESK: Final = "调度一席"


@contextmanager
def running_provider() -> Iterator[str]:
    """The mock in a process of its own; its address."""
    (port,) = free_ports(1)
    url = f"http://localhost:{port}"
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + STARTED_S
        while True:
            try:
                urllib.request.urlopen(f"{url}/.well-known/openid-configuration", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, "the provider ended"
                assert time.monotonic() < deadline, "the provider did not start"
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module", name="issuer")
def provider_process() -> Iterator[str]:
    """One for all tests here."""
    with running_provider() as url:
        yield url


def provider(issuer: str, *, port: int = 8080) -> Provider:
    """Ours, of this issuer."""
    return Provider(
        ProviderSettings(
            issuer=issuer,
            client=CLIENT,
            secret="kept apart",
            name="社区统一登录",
            redirect=f"http://127.0.0.1:{port}{CALLBACK}",
        ),
        now=lambda: int(time.time()) * SECOND,
        token_bytes=secrets.token_bytes,
    )


async def authorize(url: str, subject: str) -> str:
    """What a person does on the provider's page; where the browser is sent then."""
    async with (
        ClientSession() as browser,
        browser.post(url, data={"sub": subject}, allow_redirects=False) as answer,
    ):
        assert answer.status in (302, 303), await answer.text()
        return answer.headers["Location"]


async def come_back(browser: Browser, location: str) -> str:
    """The browser follows; where it ends up."""
    path = location.partition(f":{browser.place.port}")[2]
    async with browser.client.get(browser.place.url(path), allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
        return answer.headers["Location"]


async def test_a_linked_person_logs_in_by_the_provider(tmp_path: Path, issuer: str) -> None:
    """Linked once by themselves, with their password; then without one."""
    async with open_place(tmp_path, provider=lambda port: provider(issuer, port=port)) as place:
        desk = await place.let_in(DESK, (Office.OPERATOR, EVERYWHERE))
        status, told = await desk.post("/api/v1/me/provider/begin", {"password": PASSWORD})
        assert status == 200, told
        back = await come_back(desk, await authorize(told["url"], "zhang"))
        assert back == "/#provider=linked"
        assert (await desk.get("/api/v1/me"))[1]["provider"] is True

        other = place.browser()
        _, told = await other.post("/api/v1/login/provider")
        back = await come_back(other, await authorize(told["url"], "zhang"))

        assert back == "/"
        status, me = await other.get("/api/v1/me")
        assert (status, me["name"]) == (200, DESK)
        assert (await place.facts("LoggedIn"))[-1].how is How.PROVIDER


async def test_a_stranger_there_is_a_stranger_here(tmp_path: Path, issuer: str) -> None:
    """Whatever name they chose there: also an operator's."""
    async with open_place(tmp_path, provider=lambda port: provider(issuer, port=port)) as place:
        await place.let_in(DESK, (Office.OPERATOR, EVERYWHERE))
        stranger = place.browser()
        _, told = await stranger.post("/api/v1/login/provider")

        back = await come_back(stranger, await authorize(told["url"], DESK))

        assert back == "/#provider=unknown"
        assert (await stranger.get("/api/v1/me"))[0] == 401


async def test_one_login_there_is_one_account_here(tmp_path: Path, issuer: str) -> None:
    """Nobody links what is another one's; and unlinked, it opens nothing."""
    async with open_place(tmp_path, provider=lambda port: provider(issuer, port=port)) as place:
        first = await place.let_in(DESK, (Office.OPERATOR, EVERYWHERE))
        second = await place.let_in("调度二席", (Office.OPERATOR, EVERYWHERE))
        backs = []
        for each in (first, second):
            _, told = await each.post("/api/v1/me/provider/begin", {"password": PASSWORD})
            backs.append(await come_back(each, await authorize(told["url"], "zhang")))
        assert backs == ["/#provider=linked", "/#provider=taken"]

        await first.post("/api/v1/me/provider/remove", {"password": PASSWORD})

        stranger = place.browser()
        _, told = await stranger.post("/api/v1/login/provider")
        assert await come_back(stranger, await authorize(told["url"], "zhang")) == (
            "/#provider=unknown"
        )


async def test_what_was_not_begun_in_this_browser_ends_nowhere(tmp_path: Path, issuer: str) -> None:
    """A link that somebody sends must not log anybody in as them."""
    async with open_place(tmp_path, provider=lambda port: provider(issuer, port=port)) as place:
        mine, theirs = place.browser(), place.browser()
        _, told = await mine.post("/api/v1/login/provider")
        location = await authorize(told["url"], "zhang")

        assert await come_back(theirs, location) == "/#provider=failed"
        forged = re.sub(r"state=[^&]*", "state=other", location)
        assert await come_back(mine, forged) == "/#provider=failed"
        assert await come_back(mine, location) == "/#provider=failed"  # once only


async def test_without_a_provider_there_is_none(place: Place) -> None:
    """And the page shows no button."""
    browser = place.browser()

    assert (await browser.get("/api/v1/login"))[1]["provider"] == ""
    assert (await browser.post("/api/v1/login/provider"))[1]["code"] == "no_provider"


# --- one that lies ---


class Liar:
    """A provider whose tokens a test writes itself."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.strange = RSAKey.generate_key(2048, {"kid": "k1"})
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1"}
        self.signs_with = self.key
        self.url = ""

    async def discovery(self, _: web.Request) -> web.Response:
        """As the standard has it."""
        return web.json_response(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
            }
        )

    async def jwks(self, _: web.Request) -> web.Response:
        """Its public keys."""
        return web.json_response(KeySet([self.key]).as_dict(private=False))

    async def token(self, _: web.Request) -> web.Response:
        """Whatever the test wants it to say."""
        said = jwt.encode(self.header, self.claims, self.signs_with, algorithms=["RS256", "HS256"])
        return web.json_response({"id_token": said})


async def told_by(liar: Liar, **changes: Any) -> tuple[str, Pending]:
    """What ours makes of a token with these changes."""
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", liar.discovery)
    app.router.add_get("/jwks", liar.jwks)
    app.router.add_post("/token", liar.token)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        (port,) = free_ports(1)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        liar.url = f"http://127.0.0.1:{port}"
        ours = provider(liar.url)
        url, cookie = await ours.begin(None)
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
        now = int(time.time())
        good = {
            "iss": liar.url,
            "aud": CLIENT,
            "sub": "zhang",
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
        }
        liar.claims = {k: v for k, v in (good | changes).items() if v is not None}
        return await ours.finish(cookie, asked["state"], "a-code")
    finally:
        await runner.cleanup()


async def test_a_token_as_it_should_be_is_believed() -> None:
    """Or the refusals below would show nothing."""
    liar = Liar()

    subject, pending = await told_by(liar)

    assert subject == f"{liar.url} zhang"
    assert pending.linking is None


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://another.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"nbf": 2**40},
    ],
    ids=json.dumps,
)
async def test_a_token_that_says_something_else_is_not(changes: dict[str, Any]) -> None:
    """Each claim for itself (OpenID Connect Core 1.0, 3.1.3.7)."""
    with pytest.raises(ProviderError):
        await told_by(Liar(), **changes)


async def test_a_token_signed_by_somebody_else_is_not_believed() -> None:
    """Even under the name of the right key."""
    liar = Liar()
    liar.signs_with = liar.strange

    with pytest.raises(ProviderError, match="signature"):
        await told_by(liar)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://login.example", True),
        ("http://127.0.0.1:9", True),
        ("http://login.example", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("http://[", False),
    ],
)
def test_only_tls_or_this_machine(url: str, safe: bool) -> None:
    """A code and a token would go over the network for everybody."""
    assert is_safe(url) is safe
