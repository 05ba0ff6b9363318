"""``yihu join``: what is kept of the centre's answer, and what becomes of bad ones."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from devices import join_command
from devices.credentials import load_credentials
from devices.join_command import NotJoinedError, place_and_code, read_told
from dispatch.errors import SettingsError

TOLD: dict[str, Any] = {
    "radio": "xizi-v01",
    "community": "xizi",
    "call_sign": "西子一间",
    "secret": "abcdefghijklmnopqrstuvwxyz",
    "broker": {"host": "yihu.example.cn", "port": 8883, "tls": True},
    "publish": "patrol/xizi/xizi-v01/",
    "subscribe": "radio/xizi/xizi-v01/+",
}


@asynccontextmanager
async def centre(
    status: int, answer: object, *texts: dict[str, Any]
) -> AsyncIterator[tuple[str, list[Any]]]:
    """A centre that asks everybody for these, answers alike, and what it was asked."""
    asked: list[Any] = []

    async def tell(request: web.Request) -> web.Response:
        asked.append((request.path, await request.json()))
        if status == 200 and request.path.endswith("/texts"):
            return web.json_response({"texts": texts})
        return web.json_response(answer, status=status)

    app = web.Application()
    app.router.add_post("/{path:.*}", tell)
    async with TestServer(app) as server:
        yield str(server.make_url("")), asked


def options(code: str, file: Path, url: str = "") -> argparse.Namespace:
    """As they are typed."""
    parser = argparse.ArgumentParser()
    join_command.add_arguments(parser)
    return parser.parse_args([code, "--credentials", str(file), "--url", url])


async def test_what_it_is_told_is_kept_for_its_owner_and_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside radios that were there before."""
    file = tmp_path / "credentials.json"
    other = {**TOLD, "radio": "xizi-v02", "secret": "other"}
    async with centre(200, other) as (url, _):
        await asyncio.to_thread(join_command.run, options("ABCDE-FGHJK", file, url))
    async with centre(200, TOLD) as (url, asked):
        await asyncio.to_thread(join_command.run, options("XK7QM-4RTBC", file, url))

    kept = load_credentials(file)
    assert asked == [
        ("/api/v1/radios/join/texts", {"code": "XK7QM-4RTBC"}),
        ("/api/v1/radios/join", {"code": "XK7QM-4RTBC"}),
    ]
    assert kept.broker_url == "mqtts://yihu.example.cn:8883"
    assert {each.radio: each.secret for each in kept.radios.values()} == {
        "xizi-v01": TOLD["secret"],
        "xizi-v02": "other",
    }
    assert file.stat().st_mode & 0o777 == 0o600
    assert TOLD["secret"] not in capsys.readouterr().out


async def test_the_address_of_the_qr_code_says_where_and_which() -> None:
    """As a scanner gives it; the code goes out in the body, never in an address."""
    assert place_and_code("https://yihu.example.cn:8443/join#XK7QM4RTBC") == (
        "https://yihu.example.cn:8443",
        "XK7QM4RTBC",
    )
    assert place_and_code("XK7QM-4RTBC") == ("", "XK7QM-4RTBC")


async def test_the_centres_own_reason_is_told(tmp_path: Path) -> None:
    """Not a traceback, and no file."""
    refused = {"code": "bad_code", "detail": "this code was used or has run out", "facts": {}}
    async with centre(403, refused) as (url, _):
        with pytest.raises(NotJoinedError, match="used or has run out"):
            await asyncio.to_thread(join_command.run, options("x", tmp_path / "c.json", url))

    assert not (tmp_path / "c.json").exists()


async def test_a_folder_that_is_not_there_costs_no_code(tmp_path: Path) -> None:
    """Refused before anything is asked."""
    async with centre(200, TOLD) as (url, asked):
        wanted = options("x", tmp_path / "none" / "c.json", url)
        with pytest.raises(SettingsError, match="there is no folder"):
            await asyncio.to_thread(join_command.run, wanted)

    assert asked == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "ftp://127.0.0.1"])
async def test_no_centre_is_said(tmp_path: Path, url: str) -> None:
    """With the address that was tried."""
    with pytest.raises(NotJoinedError, match=r"127\.0\.0\.1"):
        await asyncio.to_thread(join_command.run, options("x", tmp_path / "c.json", url))


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        {},
        {**TOLD, "radio": "../x"},
        {**TOLD, "community": "+"},
        {**TOLD, "broker": None},
        {**TOLD, "broker": {"host": "h", "port": "many", "tls": False}},
    ],
)
def test_an_answer_that_is_none_is_refused(wrong: Any) -> None:
    """It would become topics and a file."""
    with pytest.raises(NotJoinedError):
        read_told(wrong)


PLACE = {"text": "place", "version": 2, "needed": True, "zh": "位置", "en": "the place"}
CALL = {"text": "call", "version": 1, "needed": False, "zh": "电话", "en": "the phone"}


async def test_its_bearer_reads_what_is_asked_and_consents_to_each_thing_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shown before the code is used; only what they say yes to goes out, with what they read."""
    answers = iter(["同意", "no"])
    async with centre(200, TOLD, PLACE, CALL) as (url, asked):
        wanted = options("XK7QM-4RTBC", tmp_path / "c.json", url)
        await asyncio.to_thread(join_command.run, wanted, ask=lambda _words: next(answers))

    (_, (_, joined)) = asked
    assert joined == {"code": "XK7QM-4RTBC", "consents": [{"text": "place", "version": 2}]}
    shown = capsys.readouterr().out
    assert all(words in shown for words in ("位置", "the place", "电话", "the phone"))


async def test_where_nobody_can_be_asked_an_option_says_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script has no terminal: it consents to nothing by itself."""
    file = tmp_path / "c.json"
    async with centre(200, TOLD, PLACE) as (url, asked):
        await asyncio.to_thread(join_command.run, options("x", file, url))
        said = options("x", file, url)
        said.consent = ["place=2"]
        await asyncio.to_thread(join_command.run, said)

    assert [body for path, body in asked if path.endswith("/join")] == [
        {"code": "x"},
        {"code": "x", "consents": [{"text": "place", "version": 2}]},
    ]
    assert "--consent" in capsys.readouterr().out


async def test_a_consent_without_its_version_is_refused_before_anything_is_asked(
    tmp_path: Path,
) -> None:
    """Which words were read is what a consent is about."""
    async with centre(200, TOLD) as (url, asked):
        wanted = options("x", tmp_path / "c.json", url)
        wanted.consent = ["place"]
        with pytest.raises(SettingsError, match="place=1"):
            await asyncio.to_thread(join_command.run, wanted)

    assert asked == []


@pytest.mark.parametrize(
    "wrong",
    [
        {**PLACE, "zh": "\x1b[2J"},
        {**PLACE, "text": "../x"},
        {**PLACE, "version": "many"},
        {"text": "place"},
        7,
    ],
)
async def test_words_that_are_none_reach_no_terminal(
    tmp_path: Path, wrong: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever pretends to be the centre does not write to the screen."""
    async with centre(200, TOLD, wrong) as (url, _):
        with pytest.raises(NotJoinedError):
            await asyncio.to_thread(
                join_command.run, options("x", tmp_path / "c.json", url), ask=lambda _words: "y"
            )

    assert "\x1b" not in capsys.readouterr().out
