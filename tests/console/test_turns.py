"""console/turns.py: many are served a few at a time, in the order in which they asked."""

import asyncio

from console.turns import Turns


async def test_others_come_between() -> None:
    """An alarm that arrives while two hundred pages are told something is heard at once."""
    turns, happened = Turns(at_once_s=0.0), []
    asked = [lambda number=number: happened.append(number) for number in range(3)]

    for turn in asked:
        turns.ask(turn)
    for _ in range(3):
        happened.append("alarm")
        await asyncio.sleep(0)

    assert happened == ["alarm", 0, "alarm", 1, "alarm", 2]


async def test_a_short_thing_is_told_to_all_in_one_go() -> None:
    """Whoever is told of an alarm last must not wait for what the hub works out meanwhile."""
    turns, happened = Turns(at_once_s=3600.0), []
    asked = [lambda number=number: happened.append(number) for number in range(200)]

    for turn in asked:
        turns.ask(turn)
    await asyncio.sleep(0)

    assert happened == list(range(200))


async def test_who_asks_twice_has_one_turn() -> None:
    """A change and a tick in the same moment are one."""
    turns, happened = Turns(), []

    def turn() -> None:
        happened.append("turn")

    turns.ask(turn)
    turns.ask(turn)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert happened == ["turn"]

    turns.ask(turn)
    await asyncio.sleep(0)
    assert happened == ["turn", "turn"]
