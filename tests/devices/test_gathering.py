"""devices/gathering.py: who waits for whom, with a clock that tests turn."""

import asyncio
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from devices.gathering import GATHER_S, GIVE_WAY_MAX_S, LOOK_S, TOGETHER_MAX, Gathering


class Turned(asyncio.SelectorEventLoop):
    """A loop whose time is turned by hand."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        super().__init__()

    def time(self) -> float:
        return self.now_s


class Scene:
    """What was handed on, and whether presses wait."""

    def __init__(self, loop: Turned) -> None:
        self._loop = loop
        self.heard: list[str] = []
        self.presses = False
        self.costs_s = 0.0
        """What handling one takes."""
        self.gathering = Gathering(self._hear, lambda: self.presses)

    def _hear(self, topic: str, data: bytes, ack: object) -> None:
        self._loop.now_s += self.costs_s
        if topic == "bad":
            raise RuntimeError("bad")
        self.heard.append(topic)

    def say(self, *topics: str) -> None:
        """Messages that come in one turn."""

        async def come() -> None:
            for topic in topics:
                self.gathering.on_message(topic, b"", lambda: None)

        self._loop.run_until_complete(come())

    def after(self, seconds: float) -> None:
        """So much later, with one turn of the loop."""
        self._loop.now_s += seconds
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.run_until_complete(asyncio.sleep(0))


@pytest.fixture
def scene() -> Iterator[Scene]:
    loop = Turned()
    yield Scene(loop)
    loop.close()


def test_one_that_comes_alone_waits_for_nothing(scene: Scene) -> None:
    """On a quiet evening a status is on disk as soon as ever."""
    scene.say("a")
    scene.after(2 * GATHER_S)
    scene.say("b")

    assert scene.heard == ["a", "b"]


def test_those_that_come_close_together_are_handed_on_together(scene: Scene) -> None:
    """They share a commit, and a press finds the disk at rest."""
    scene.say("a")
    scene.say("b", "c")
    assert scene.heard == ["a"]

    scene.after(GATHER_S)

    assert scene.heard == ["a", "b", "c"]


def test_a_roomful_waits_no_longer(scene: Scene) -> None:
    """A broker that gives only so many at a time must not stand still for it."""
    scene.say("first")

    scene.say(*("more" for _ in range(TOGETHER_MAX)))

    assert len(scene.heard) == 1 + TOGETHER_MAX


def test_statuses_give_way_to_presses(scene: Scene) -> None:
    """A press on its way to the disk has no statuses put beside it."""
    scene.presses = True
    scene.say("a")
    scene.after(LOOK_S)
    assert scene.heard == []

    scene.presses = False
    scene.after(LOOK_S)

    assert scene.heard == ["a"]


def test_under_alarms_without_end_people_still_sign_on(scene: Scene) -> None:
    """Giving way has an end."""
    scene.presses = True
    scene.say("a")

    scene.after(GIVE_WAY_MAX_S)

    assert scene.heard == ["a"]


def test_many_are_handled_in_several_turns(scene: Scene) -> None:
    """Between them the loop is an alarm's."""
    scene.costs_s = 0.002
    scene.say("first")

    scene.say(*("more" for _ in range(12)))
    scene.after(GATHER_S)
    so_far = len(scene.heard)
    for _ in range(12):
        scene.after(0)

    assert so_far < len(scene.heard) == 13


def test_one_that_fails_costs_only_itself(scene: Scene) -> None:
    """It stays the broker's; the next is heard."""
    with capture_logs() as told:
        scene.say("bad")
        scene.after(2 * GATHER_S)
        scene.say("a")

    assert scene.heard == ["a"]
    assert [each["event"] for each in told] == ["message_failed"]


def test_closed_it_hands_nothing_on(scene: Scene) -> None:
    """What was not acknowledged, the broker gives to the next hub."""
    scene.say("a", "b")
    scene.gathering.close()

    scene.after(2 * GATHER_S)

    assert (scene.heard, len(scene.gathering)) == (["a"], 0)
