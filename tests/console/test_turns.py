"""console/turns.py: many are served a few at a time, in the order in which they asked."""

import asyncio

from console.turns import AT_ONCE, Turns


async def test_others_come_between() -> None:
    """An alarm that arrives while two hundred pages are told something is heard at once."""
    turns, happened = Turns(), []
    asked = [lambda number=number: happened.append(number) for number in range(3 * AT_ONCE)]

    for turn in asked:
        turns.ask(turn)
    for _ in range(3):
        happened.append("alarm")
        await asyncio.sleep(0)

    numbers = [each for each in happened if each != "alarm"]
    assert numbers == list(range(3 * AT_ONCE))
    assert [happened.index("alarm"), len(happened)] == [0, 3 * AT_ONCE + 3]
    assert happened[AT_ONCE + 1] == "alarm"


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
