"""When the hub's clock is set right, and what of it outlives the hub."""

import asyncio
import json
from pathlib import Path

import pytest

from dispatch.clock import MINUTE, SECOND
from dispatch.clock_keeping import CLOCK_FILE, KeptOffset, keep_clock
from tests.dispatch.test_clock import SteppingTime


class WoundPause:
    """Instead of waiting, time passes; after so many rounds it is enough."""

    def __init__(self, machine: SteppingTime, rounds: int) -> None:
        self._machine = machine
        self._left = rounds

    async def __call__(self, seconds: float) -> None:
        self._left -= 1
        if self._left < 0:
            raise asyncio.CancelledError
        self._machine.pass_s(seconds)


def folder(path: Path, *, boot: str = "first") -> KeptOffset:
    """A data folder on a machine started for the so-manieth time."""
    file = path / "boot_id"
    file.write_text(boot + "\n")
    return KeptOffset(path, boot_file=file)


def run(machine: SteppingTime, kept: KeptOffset, *, quiet: bool, set_s: float) -> list[int]:
    """A minute after the machine's clock was set; by how much the hub was told it stepped."""
    clock, stepped = machine.clock(), list[int]()
    machine.set_s(set_s)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(
            keep_clock(
                clock,
                kept,
                quiet=lambda: quiet,
                stepped=stepped.append,
                pause=WoundPause(machine, 12),
            )
        )
    return stepped


def test_the_clock_is_set_right_where_nothing_is_open(tmp_path: Path) -> None:
    """Half a minute later: a clock set wrong by mistake and right again leaves no trace."""
    kept = folder(tmp_path)

    [by_us] = run(SteppingTime(), kept, quiet=True, set_s=600)

    assert 10 * MINUTE - 2 * SECOND < by_us < 10 * MINUTE


def test_while_an_incident_is_open_the_clock_is_let_be(tmp_path: Path) -> None:
    """Else its waves and its ladder would run out at once, and call nobody."""
    assert run(SteppingTime(), folder(tmp_path), quiet=False, set_s=600) == []
    assert run(SteppingTime(), folder(tmp_path), quiet=True, set_s=-600) == []


def test_what_the_clock_was_off_is_known_until_the_machine_is_started_again(
    tmp_path: Path,
) -> None:
    """A hub that was killed goes on alike; after a boot of the machine the number means nothing."""
    machine = SteppingTime()
    run(machine, folder(tmp_path), quiet=False, set_s=600)

    offset_us = folder(tmp_path).read()

    assert offset_us is not None
    assert machine.clock(offset_us=offset_us).off_us == pytest.approx(-597 * SECOND, abs=2 * SECOND)
    assert folder(tmp_path, boot="second").read() is None


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"boot": "first"}',
        b'{"boot": "first", "offset_us": true}',
        b'{"boot": "first", "offset_us": "1"}',
        b'{"boot": "first", "offset_us": 1' + b"0" * 30 + b"}",
    ],
)
def test_a_spoilt_file_is_done_without(tmp_path: Path, said: bytes) -> None:
    """It is a kindness to those who wait, never a reason not to start."""
    (tmp_path / CLOCK_FILE).write_bytes(said)

    assert folder(tmp_path).read() is None


def test_a_folder_that_takes_nothing_and_a_machine_without_a_name_are_done_without(
    tmp_path: Path,
) -> None:
    """The clock goes on all the same."""
    nowhere = KeptOffset(tmp_path / "gone", boot_file=tmp_path / "none")
    nowhere.keep(1)
    gone = folder(tmp_path)
    (tmp_path / f"{CLOCK_FILE[:-5]}.half").mkdir()

    gone.keep(1)

    assert (nowhere.read(), gone.read()) == (None, None)


def test_the_file_is_written_only_where_it_says_something_new(tmp_path: Path) -> None:
    """A hub that is right for years writes it once."""
    kept = folder(tmp_path)
    kept.keep(5 * SECOND)
    (tmp_path / CLOCK_FILE).unlink()

    kept.keep(5 * SECOND + 1)
    assert not (tmp_path / CLOCK_FILE).exists()

    kept.keep(7 * SECOND)
    assert json.loads((tmp_path / CLOCK_FILE).read_bytes())["offset_us"] == 7 * SECOND
