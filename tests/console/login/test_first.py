"""console/login/first.py: what a server without an administrator says, and ``yihu link``."""

import argparse
import asyncio

import pytest

from console.login import first
from console.login.first import NoLinkError, first_link, first_words, tell_first
from tests.console.login.place import TOKEN, Place


def options(place: Place, *given: str) -> argparse.Namespace:
    """What ``yihu link`` was given."""
    file = place.store_folder / "token"
    file.write_text(TOKEN)
    parser = argparse.ArgumentParser()
    first.add_arguments(parser)
    return parser.parse_args([*given, f"--url={place.url('')}", f"--token-file={file}"])


async def test_the_terminal_shows_the_link_in_both_languages(place: Place) -> None:
    """Once somebody is an administrator it says nothing any more."""
    said = first_words("http://127.0.0.1:8080", await first_link(place.login))

    assert "http://127.0.0.1:8080/#link=" in said
    assert "一次性链接" in said
    assert "one-time link" in said
    await place.administrator()
    assert first_words("http://127.0.0.1:8080", await first_link(place.login)) == ""


async def test_the_link_is_said_once_more_when_the_demos_radios_are_there(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their lines push it off the screen, and it is what one looks for."""
    counts = iter([0, 12, 40, 40])
    looked: list[float] = []

    async def pause(seconds: float) -> None:
        looked.append(seconds)

    await tell_first(place.login, "http://127.0.0.1:8080", lambda: next(counts), pause)

    links = [line.strip() for line in capsys.readouterr().out.splitlines() if "#link=" in line]
    assert len(links) == 2
    assert links[0] == links[1]
    assert len(looked) == 4


async def test_the_link_is_not_said_again_once_it_was_followed(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link that is used up would only mislead; and radios that never come hold nothing up."""

    async def pause(_: float) -> None:
        if not place.login.books.access.administrators():
            await place.administrator()

    await tell_first(place.login, "http://127.0.0.1:8080", lambda: 0, pause)

    assert capsys.readouterr().out.count("8080/#link=") == 1


async def test_the_command_prints_a_link_that_opens(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """For another administrator, or whoever forgot their password."""
    assert await asyncio.to_thread(first.run, options(place)) == 0

    link = capsys.readouterr().out.strip().partition("#link=")[2]
    status, me = await place.browser().follow(link, name="王站长")
    assert (status, me["name"]) == (200, "王站长")
    await asyncio.to_thread(first.run, options(place, "王站长"))
    link = capsys.readouterr().out.strip().partition("#link=")[2]
    assert (await place.browser().follow(link, "另一个很长的口令 2026"))[0] == 200


async def test_what_the_server_says_is_told(place: Place) -> None:
    """Nobody of this name; no server at this address."""
    with pytest.raises(NoLinkError, match="no account 路人"):
        await asyncio.to_thread(first.run, options(place, "路人"))
    wrong = options(place)
    wrong.url = "http://127.0.0.1:1"
    with pytest.raises(NoLinkError, match="yihu run"):
        await asyncio.to_thread(first.run, wrong)
