"""console/requests.py over HTTP: every address and body becomes the command meant, or none."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from console import routes
from console.requests import ALARMS_MAX
from console.wire import Doc
from dispatch.commands import (
    AnswerCancel,
    BeginStep,
    CallMore,
    ChangePlan,
    CloseIncident,
    Command,
    EndDrill,
    HandOver,
    HandOverShift,
    HoldCalls,
    IncidentCommand,
    LinkIncident,
    MergeIncident,
    OpenIncident,
    RecordCallback,
    ReviseIncident,
    RevisePlace,
    SplitIncident,
    StartDrill,
    TakeIncident,
    TickItem,
)
from dispatch.words import Agency, Disposition, FalseReason, Kind, Role, Satisfaction
from tests.console.builders import OPERATOR
from tests.console.samples import incident_sample
from tests.console.samples_bodies import body_samples
from tests.console.server import Console, running

PATH = {
    "incident": "xizi-20251121-007",
    "community": "xizi",
    "drill": "xizi-drill-20251121115500",
    "radio": "r01",
}
SAMPLES = body_samples(incident_sample("en_route"))

# sample, what it asks, what of it must have arrived
MEANT: list[tuple[str, type[Command], dict[str, Any]]] = [
    (
        "body-open-exercise",
        OpenIncident,
        {
            "kind": Kind.SOS,
            "priority": 1,
            "plan": "default-1/sos",
            "unit": "r02",
            "caller_name": "前台",
            "caller_phone": "010-5550-0100",
            "drill": True,
        },
    ),
    ("body-take-over", TakeIncident, {"words": "二席在接另一起", "based_on": 18}),
    ("body-revise", ReviseIncident, {"kind": Kind.FIRE, "priority": 1, "words": "厨房起火"}),
    ("body-place", RevisePlace, {"lon": 120.0052, "lat": 30.0052, "grid": "g1", "unit": "r01"}),
    ("body-plan", ChangePlan, {"plan": "default-1/fire", "words": "是火情"}),
    ("body-hold", HoldCalls, {"held": True, "words": "先问清楚"}),
    ("body-step", BeginStep, {"step": "wider", "words": "烟很大"}),
    ("body-call-more", CallMore, {"count": 2, "role": Role.GUARD, "skill": "fire"}),
    ("body-tick", TickItem, {"item": "fire_service", "done": True}),
    ("body-link", LinkIncident, {"other": "xizi-20251121-002", "linked": False}),
    ("body-merge", MergeIncident, {"into": "xizi-20251121-002"}),
    ("body-split", SplitIncident, {"alarms": ("r03/00000000000000b7/1",)}),
    (
        "body-hand-over",
        HandOver,
        {"agency": Agency.FIRE, "contact": "接线员 7 号", "words": "已出车,八分钟"},
    ),
    (
        "body-cancel",
        AnswerCancel,
        {"granted": True, "false_reason": FalseReason.BY_ACCIDENT, "words": "本人已说明"},
    ),
    ("body-callback", RecordCallback, {"satisfaction": Satisfaction.VERY, "words": "反应很快"}),
    (
        "body-close-false",
        CloseIncident,
        {"disposition": Disposition.FALSE_ALARM, "false_reason": FalseReason.RADIO_FAULT},
    ),
    (
        "body-shift",
        HandOverShift,
        {"community": "xizi", "to": "调度二席", "words": "七号还在处置,消防已到"},
    ),
    ("body-drill", StartDrill, {"community": "xizi", "name": "夜间演练"}),
    ("body-end-drill", EndDrill, {"drill": "xizi-drill-20251121115500"}),
]


@pytest_asyncio.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A console whose hub does whatever it is asked."""
    async with running(tmp_path) as made:
        yield made


async def post(console: Console, body: msgspec.Struct) -> tuple[int, Any]:
    """Ask at the one address that takes this body."""
    [route] = [each for each in routes.ROUTES if each.body is type(body)]
    return await console.post(route.path.format(**PATH), msgspec.to_builtins(body))


@pytest.mark.parametrize(("name", "kind", "members"), MEANT)
async def test_a_body_becomes_what_was_meant(
    console: Console, name: str, kind: type[Command], members: dict[str, Any]
) -> None:
    """Under the asker's name and the command's id, based on what they saw."""
    body = SAMPLES[name]

    status, answer = await post(console, body)

    assert status == 200, answer
    [command] = console.shell.asked
    assert type(command) is kind
    assert {key: getattr(command, key) for key in members} == members
    assert (command.command, command.by) == ("c-1", OPERATOR)
    if isinstance(command, IncidentCommand):
        assert command.incident == "xizi-20251121-007"
        assert (command.based_on, command.lease) == (body.based_on, body.lease)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [name for name in SAMPLES if name.startswith("body-")])
async def test_every_sample_body_is_one_that_the_api_takes(console: Console, name: str) -> None:
    """Also the oldest ones: a page that is still open must go on working."""
    assert (await post(console, SAMPLES[name]))[0] == 200


@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        ("body-revise", {"kind": "party"}, "unknown_kind"),
        ("body-place", {"lat": None}, "bad_place"),
        ("body-place", {"lon": 200.0}, "bad_place"),
        ("body-plan", {"words": "  "}, "no_words"),
        ("body-plan", {"plan": ""}, "bad_plan"),
        ("body-plan", {"words": "长" * 501}, "too_long"),
        ("body-step", {"lease": -1}, "bad_version"),
        ("body-call-more", {"role": "dog"}, "unknown_role"),
        ("body-tick", {"item": ""}, "bad_item"),
        ("body-link", {"other": "x" * 121}, "bad_incident"),
        ("body-merge", {"into": "a\nb"}, "bad_incident"),
        ("body-split", {"alarms": []}, "bad_alarms"),
        ("body-split", {"alarms": ["r/1/1"] * (ALARMS_MAX + 1)}, "bad_alarms"),
        ("body-split", {"alarms": [""]}, "bad_alarm"),
        ("body-hand-over", {"agency": "911"}, "unknown_agency"),
        ("body-hand-over", {"contact": "x" * 61}, "too_long"),
        ("body-cancel", {"false_reason": "bored"}, "unknown_false_reason"),
        ("body-callback", {"satisfaction": "meh"}, "unknown_satisfaction"),
        ("body-close-false", {"disposition": "bored"}, "unknown_disposition"),
        ("body-shift", {"to": " "}, "bad_operator"),
        ("body-shift", {"to": "a\nb"}, "bad_operator"),
        ("body-drill", {"name": ""}, "no_words"),
        ("body-drill", {"name": "a\nb"}, "no_words"),
        ("body-drill", {"name": "x" * 41}, "too_long"),
        ("body-open-exercise", {"caller_phone": "1" * 61}, "too_long"),
        ("body-take-over", {"words": "x" * 501}, "too_long"),
    ],
)
async def test_what_no_hub_could_do_is_refused_with_a_code(
    console: Console, name: str, changes: dict[str, Any], code: str
) -> None:
    """And a sentence; the hub is not troubled with it."""
    body = msgspec.structs.replace(SAMPLES[name], **changes)

    status, answer = await post(console, body)

    assert (status, answer["code"]) == (422, code)
    assert answer["detail"]
    assert console.shell.asked == []


@pytest.mark.parametrize(
    ("into", "shown"),
    [("\x00", r"'\x00'"), ("", "''"), ("甲\n乙", r"'甲\n乙'"), ("x" * 121, "'" + "x" * 78 + "…")],
)
async def test_what_is_no_id_is_told_as_it_came(console: Console, into: str, shown: str) -> None:
    """Of several in a request the wrong one is found by it, also where nothing of it is seen."""
    body = msgspec.structs.replace(SAMPLES["body-merge"], into=into)

    _, answer = await post(console, body)

    assert answer["detail"] == (
        f"incident {shown} is no id: 1 to 120 characters that can be printed"
    )


async def test_words_that_turn_others_round_are_taken_without_the_signs_that_do(
    console: Console,
) -> None:
    """A number out of an address book brings them along: refused, a call could not be noted."""
    body = msgspec.structs.replace(
        SAMPLES["body-open"],
        words="\u202e西门\u202c\r\n二楼 👩\u200d🚒",
        caller_name="\u2067王\x1b",
        caller_phone="\u202d138 0000 0000\u202c",
    )

    status, answer = await post(console, body)

    assert status == 200, answer
    [command] = console.shell.asked
    assert isinstance(command, OpenIncident)
    assert command.words == "西门\n二楼 👩\u200d🚒"
    assert (command.caller_name, command.caller_phone) == ("王", "138 0000 0000")


def test_every_route_with_a_body_refuses_members_it_does_not_know() -> None:
    """A member that is spelt otherwise would else be silently passed over."""
    bodies = {route.body for route in routes.ROUTES if route.body is not None}

    assert bodies
    assert all(issubclass(each, Doc) for each in bodies)
    assert all(each.__struct_config__.forbid_unknown_fields for each in bodies)
