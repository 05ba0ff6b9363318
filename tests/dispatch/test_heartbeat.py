"""Who gives no sign of life any more is noticed, and who has not begun to, is not."""

import asyncio
import contextlib
import os

import pytest

from dispatch.heartbeat import DESCRIPTOR, Pulse, beat


def test_nothing_is_counted_before_the_first_beat() -> None:
    """A start with a million incidents takes its time."""
    with Pulse() as pulse:
        assert [pulse.silent_s() for _ in range(5)] == [0.0] * 5


def test_seconds_without_a_beat_are_counted_and_a_beat_ends_them() -> None:
    """A call that took long is forgiven once the loop turns again."""
    with Pulse() as pulse:
        os.write(pulse.write, b".")
        assert [pulse.silent_s() for _ in range(4)] == [0.0, 1.0, 2.0, 3.0]

        os.write(pulse.write, b"..")
        assert [pulse.silent_s() for _ in range(2)] == [0.0, 1.0]


def test_a_child_that_has_ended_does_not_beat() -> None:
    """The end of the pipe is no sign of life."""
    with Pulse() as pulse:
        os.write(pulse.write, b".")
        pulse.give_away()

        assert [pulse.silent_s() for _ in range(3)] == [0.0, 1.0, 2.0]


async def test_a_loop_that_turns_beats_and_one_without_a_supervisor_does_not_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The hub by itself, in a test or by hand, has nobody to beat for."""
    monkeypatch.delenv(DESCRIPTOR, raising=False)
    await asyncio.wait_for(beat(), 5)

    with Pulse() as pulse:
        os.write(pulse.write, b"." * 10)
        assert pulse.silent_s() == 0.0
        monkeypatch.setenv(DESCRIPTOR, str(pulse.write))
        beating = asyncio.ensure_future(beat())
        await asyncio.sleep(0)

        assert pulse.silent_s() == 0.0
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating
        assert pulse.silent_s() == 1.0


async def test_a_pipe_that_nobody_empties_does_not_hold_the_loop_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The supervisor itself may be stopped for hours."""
    with Pulse() as pulse:
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(pulse.write, b"." * 4096)
        monkeypatch.setenv(DESCRIPTOR, str(pulse.write))
        beating = asyncio.ensure_future(beat())
        await asyncio.sleep(0)

        assert not beating.done()
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating
