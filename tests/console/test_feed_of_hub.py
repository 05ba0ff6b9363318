"""console/feed.py over the real hub: what the hub says of its changes is enough for every page."""

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import make_feeds
from console.feed import Feed
from console.frames import decode_frame
from console.picture import HubView
from console.session import Session
from dispatch.clock import ManualClock
from dispatch.errors import RefusedError
from dispatch.incident import Incident
from dispatch.words import AssignmentState, Disposition
from tests.builders import WANG, Shell, at, patrol
from tests.console.test_feed import drain, fresh
from tests.shown import Shown


def feed_of(shell: Shell) -> Feed:
    """The feed of a hub that a test drives."""
    hub: HubView = shell.hub
    return make_feeds(
        hub=hub,
        settings=shell.hub.settings,
        clock=ManualClock(shell.now),
        present=lambda _: None,
        counters={},
        version="0.0.0",
        demo=False,
    ).whole


def pass_on(shell: Shell, feed: Feed) -> None:
    """Hand the consoles what the hub told them, as the real shell does."""
    for what in shell.told():
        feed.changed(what)
    shell.forget_sent()


def newest(shell: Shell) -> Incident | None:
    """The incident opened last; None before the first."""
    return list(shell.hub.incidents.values())[-1] if shell.hub.incidents else None


VERBS = st.sampled_from(
    [
        "press",
        "press_other",
        "press_responder",
        "repeat",
        "conflict",
        "covert",
        "late",
        "wait",
        "long_wait",
        "accept",
        "arrive",
        "decline",
        "take",
        "note",
        "assign",
        "withdraw",
        "close",
        "reopen",
        "by_hand",
        "sign_off",
        "sign_on",
        "lose",
        "find",
        "revoke",
        "leave",
        "come",
        "resync",
        "flush",
        "tick",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(VERBS, max_size=25), st.booleans())
def test_a_page_that_stayed_sees_what_a_page_that_comes_sees(
    verbs: list[str], gathered: bool
) -> None:
    """If the hub forgot to announce one change, an operator would act on what is no longer so."""
    shell = patrol()
    feed = feed_of(shell)
    session = feed.join(WANG, lambda: None)
    page = Shown()
    with feed.flushing() if gathered else contextlib.nullcontext():
        for number, verb in enumerate(verbs):
            with contextlib.suppress(RefusedError):  # then nothing changed
                act(shell, session, verb, number)
            pass_on(shell, feed)
            if verb in ("flush", "tick"):
                feed.flush() if verb == "flush" else feed.tick()
            for message in drain(session):
                page.hear(message)
            if verb in ("flush", "tick"):
                assert page.sees() == fresh(feed)

    feed.snapshot()
    for message in drain(session):
        page.hear(message)

    assert page.sees() == fresh(feed)


def act(shell: Shell, session: Session, verb: str, number: int) -> None:
    """One thing that radios, people or time do."""
    incident = newest(shell)
    orders: list[Any] = list(incident.assignments) if incident else []
    match verb:
        case "press":
            shell.press("v1", number + 1, where=at(250.0))
        case "press_other":
            shell.press("v4", number + 1)
        case "press_responder":
            shell.press("v2", number + 1)
        case "repeat":
            shell.press("v1", 1)
        case "conflict":
            shell.press("v1", 1, digest=f"other {number}")
        case "covert":
            shell.press("v3", number + 1, covert=True)
        case "late":
            shell.press("v3", number + 1, device_t=shell.now - 3_600_000_000)
        case "wait":
            shell.wait(11.0)
        case "long_wait":
            shell.jump(13 * 3600.0)
        case "accept" if orders:
            shell.answer(orders[number % len(orders)], AssignmentState.ACCEPTED)
        case "arrive" if orders:
            shell.answer(orders[number % len(orders)], AssignmentState.ON_SCENE)
        case "decline" if orders:
            shell.answer(orders[number % len(orders)], AssignmentState.DECLINED, reason="忙")
        case "take" if incident:
            shell.took(incident)
        case "note" if incident:
            shell.note(incident)
        case "assign" if incident:
            shell.assign(incident, "p1")
        case "withdraw" if incident and orders:
            shell.withdraw(incident, orders[-1])
        case "close" if incident:
            shell.close(incident, Disposition.FALSE_ALARM)
        case "reopen" if incident:
            shell.reopen(incident)
        case "by_hand":
            shell.open()
        case "sign_off":
            shell.sign_off("v2")
        case "sign_on":
            shell.sign_on("v2", at(400.0))
        case "lose":
            shell.link("v3", online=False)
        case "find":
            shell.link("v3", online=True)
        case "revoke":
            shell.revoke("v4")
        case "leave":
            shell.present()
        case "come":
            shell.present(WANG)
        case "resync":
            session.hear('{"type":"resync"}', number * 60.0)


def test_a_press_shows_where_its_sender_is_now() -> None:
    """The place in a press is a fix like any other, though no batch of fixes carried it."""
    shell = patrol()
    feed = feed_of(shell)
    session = feed.join(WANG, lambda: None)
    while session.take() is not None:
        pass
    row = shell.hub.live.row_of(shell.open_by_press("v1").sender)  # type: ignore[arg-type]
    pass_on(shell, feed)
    shell.wait(1.0)
    feed.tick()
    while session.take() is not None:
        pass

    shell.press("v1", 2, where=at(900.0))
    pass_on(shell, feed)
    feed.tick()

    frames = [piece for piece in iter(session.take, None) if piece is not None and piece.binary]
    [record] = [r for r in decode_frame(frames[0].data).records if r["row"] == row]
    assert record["lon_e7"] / 1e7 == round(at(900.0)[0], 7)
