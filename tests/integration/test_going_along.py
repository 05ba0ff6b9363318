"""Units that go without being asked anew: by offering themselves, and when incidents are one."""

import pytest

from tests.console_client import Console, Doc
from tests.integration.conftest import Community
from tests.radio_client import Radio
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

BOOK = """
[book]
name = "few"
version = 1
begins = "2020-01-01"

[[plans]]
plan = "one"
kinds = ["sos"]
target_s = 300
on_scene = 1

[[plans.steps]]
step = "near"
tier = "grid"
needs = [{ count = 1, role = "volunteer" }]
"""
HERE = (112.9272, 28.2040)
"""In the first grid."""
BESIDE = (112.9275, 28.2042)
"""Some forty metres off."""


@pytest.fixture(scope="module", name="book")
def plan_book() -> str:
    """A plan that asks volunteers alone."""
    return BOOK


async def test_a_guard_who_saw_it_goes_without_being_asked(
    system: System, community: Community
) -> None:
    """The plan asks no guards; this one stands at the corner, and says so."""
    async with (
        Console(system, "张三") as console,
        community.patrol(console, "v01", "v02") as (sender, _),
        community.radio("g1") as guard,
    ):
        await sender.press(fix=sender.fix(*HERE))
        shown = await console.sees_incident(lambda each: each["assignments"])
        await guard.sign_on(*BESIDE)
        await console.sees(
            lambda: console.units[guard.name]["row"] in console.positions, "the guard's fix"
        )

        order = await guard.offer()

        assert (order["incident"], order["state"]) == (shown["id"], "accepted")
        went = await console.sees_of(shown["id"], lambda each: state(each, guard) == "accepted")
        (mine,) = orders(went, guard)
        assert mine["volunteered"] is True
        assert (mine["wave"], mine["by"]) == (0, None)
        assert mine["distance_m"] < 100
        await guard.receive(order["order"])
        await guard.answer(order["order"], "on_scene")
        await console.sees_of(shown["id"], lambda each: each["phase"] == "on_scene")
        await console.agrees_with_a_fresh_snapshot()


async def test_nobody_offers_for_what_is_covert(system: System, community: Community) -> None:
    """An answer would tell whoever holds the radio that there is something."""
    async with (
        Console(system, "张三") as console,
        community.patrol(console, "v01") as (sender,),
        community.radio("g1") as guard,
    ):
        await guard.sign_on(*BESIDE)
        await sender.press(fix=sender.fix(*HERE), covert=True)
        hidden = await console.sees_incident(lambda each: each["sender"] == sender.name)

        guard.publish("status", f'{{"t": {guard.now_ms()}, "offer": "nearest"}}')
        guard.publish("status", f'{{"t": {guard.now_ms()}, "offer": "{hidden["id"]}"}}')

        system.counted("yihu_offer_for_nothing_total", 2)
        assert not guard.all_heard("order")
        assert not orders(console.incidents[hidden["id"]], guard)


async def test_a_unit_under_way_goes_on_when_two_incidents_are_one(
    system: System, community: Community
) -> None:
    """Two red buttons, one matter: the operator merges, and nobody has to answer again."""
    async with (
        Console(system, "张三") as console,
        community.patrol(console, "v02") as (unit,),
        community.radio("v01") as first_sender,
        community.radio("v03") as second_sender,
    ):
        await first_sender.press(fix=first_sender.fix(*HERE))
        first = await console.sees_incident(lambda each: each["sender"] == first_sender.name)
        old = (await unit.hears("order", incident=first["id"]))["order"]
        for said in ("received", "accepted", "en_route"):
            await unit.answer(old, said)
        await second_sender.press(fix=second_sender.fix(*BESIDE))
        second = await console.sees_incident(lambda each: each["sender"] == second_sender.name)
        offered = await console.sees_of(first["id"], lambda each: each.get("links"))
        assert offered["links"] == [{"id": second["id"], "how": "offered"}]

        await console.do(f"incidents/{first['id']}/merge", {"into": second["id"]})

        cancel = await unit.hears("cancel", order=old)
        unit.confirm(cancel=old)
        new = await unit.hears("order", incident=second["id"])
        assert (cancel["reason"], new["state"]) == ("merged", "en_route")
        await unit.receive(new["order"])
        one = await console.sees_of(second["id"], lambda each: state(each, unit) == "en_route")
        (carried,) = orders(one, unit)
        assert carried["carried_from"] == old
        assert {each["unit"] for each in one["alarms"]} == {first_sender.name, second_sender.name}
        assert one["rings"] == 1, "a press that was moved rang where it came from"
        gone = await console.sees_of(first["id"], lambda each: each["closed_t"])
        assert (gone["phase"], gone["duplicate_of"]) == ("duplicate", second["id"])
        assert console.units[unit.name]["incident"] == second["id"]

        await unit.answer(new["order"], "on_scene")
        await console.sees_of(second["id"], lambda each: each["phase"] == "on_scene")
        assert unit.all_heard("order", incident=second["id"])[0]["state"] == "en_route"
        await console.agrees_with_a_fresh_snapshot()


def orders(incident: Doc, radio: Radio) -> list[Doc]:
    """This unit's."""
    return [each for each in incident["assignments"] if each["unit"] == radio.name]


def state(incident: Doc, radio: Radio) -> str:
    """How this unit's newest order stands; empty for none."""
    return "".join(each["state"] for each in orders(incident, radio)[-1:])
