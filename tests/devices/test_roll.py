"""``yihu revoke``, ``enroll`` and ``code``: what an administrator types, and what is answered."""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from devices import roll
from devices.roll import RollError
from dispatch.local_token import keep_local_address, keep_local_token


@asynccontextmanager
async def hub(status: int, answer: object) -> AsyncIterator[tuple[str, list[web.Request]]]:
    """A server that answers everything alike, and its address."""
    asked: list[web.Request] = []

    async def tell(request: web.Request) -> web.Response:
        asked.append(request)
        return web.json_response(answer, status=status)

    app = web.Application()
    app.router.add_post("/{path:.*}", tell)
    async with TestServer(app) as server:
        yield str(server.make_url("")), asked


def options(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    roll.add_arguments(parser)
    return parser.parse_args([*given, "--token-file", str(TOKEN_FILE)])


TOKEN_FILE = Path(__file__).parent / "local_token.txt"


async def test_the_new_secret_is_all_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """So that it can be piped to whatever writes it into a radio."""
    async with hub(200, {"radio": "r-1", "secret": "word"}) as (url, asked):
        status = await asyncio.to_thread(roll.enroll, options("r-1", "--url", url))

    assert status == 0
    assert capsys.readouterr().out == "word\n"
    assert asked[0].path == "/api/v1/radios/r-1/enroll"


async def test_a_revocation_says_how_it_is_undone(capsys: pytest.CaptureFixture[str]) -> None:
    """Hands slip."""
    async with hub(200, {"subject": "r-1", "version": 0}) as (url, asked):
        status = await asyncio.to_thread(roll.revoke, options("r-1", "--url", url))

    assert status == 0
    assert "yihu enroll r-1" in capsys.readouterr().out
    assert asked[0].headers["Idempotency-Key"]
    assert asked[0].headers["Authorization"] == "Bearer yihu-local-test"


async def test_the_hubs_own_reason_is_told() -> None:
    """Not a traceback."""
    async with hub(404, {"code": "unknown_unit", "detail": "no unit r-9", "facts": {}}) as (url, _):
        with pytest.raises(RollError, match="no unit r-9"):
            await asyncio.to_thread(roll.revoke, options("r-9", "--url", url))


async def test_no_hub_is_said() -> None:
    """With the address that was tried."""
    with pytest.raises(RollError, match=r"no hub answers at http://127.0.0.1:1"):
        await asyncio.to_thread(roll.enroll, options("r-1", "--url", "http://127.0.0.1:1"))


async def test_a_code_is_printed_for_a_person_to_read_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Over the phone; and the address, for whoever makes the picture elsewhere."""
    told = {"code": "XK7QM-4RTBC", "address": "https://yihu.example.cn/join#XK7QM4RTBC"}
    async with hub(200, told) as (url, asked):
        parser = argparse.ArgumentParser()
        roll.add_code_arguments(parser)
        given = ["r-1", "--url", url, "--minutes", "30", "--token-file", str(TOKEN_FILE)]
        status = await asyncio.to_thread(roll.code, parser.parse_args(given))

    assert status == 0
    assert capsys.readouterr().out.splitlines() == [told["code"], told["address"]]
    assert asked[0].path == "/api/v1/radios/r-1/code"


async def test_a_code_is_asked_of_the_server_that_works_in_the_folder(tmp_path: Path) -> None:
    """On whatever port that is, and with its own token: nobody types either on the machine."""
    token = keep_local_token(tmp_path)
    async with hub(200, {"code": "XK7QM-4RTBC", "address": "https://x/join#XK7QM4RTBC"}) as told:
        url, asked = told
        keep_local_address(tmp_path, url, os.getpid())
        parser = argparse.ArgumentParser()
        roll.add_code_arguments(parser)
        given = parser.parse_args(["r-1", "--data", str(tmp_path)])
        status = await asyncio.to_thread(roll.code, given)

    assert status == 0
    assert asked[0].headers["Authorization"] == f"Bearer {token}"
