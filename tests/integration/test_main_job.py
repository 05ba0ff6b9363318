"""From the red button to the closed incident, as radios hear it and consoles see it.

Everything is real: the command ``yihu run``, the broker, the store, HTTP, WebSockets.
"""

import pytest

from tests.console_client import Console
from tests.integration.conftest import Community
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

MINUTE_MS = 60_000


def states(incident: dict[str, object]) -> dict[str, str]:
    """How each called unit's order stands."""
    assignments = incident["assignments"]
    assert isinstance(assignments, list)
    return {each["unit"]: each["state"] for each in assignments}


async def test_a_press_is_on_every_console_and_the_nearest_are_called(
    system: System, community: Community
) -> None:
    """The main job: two operators see it at once, and why each unit was called or not."""
    async with (
        Console(system, "一号台") as first,
        Console(system, "二号台") as second,
        community.patrol(first, "v01", "v02", "g1", "p1") as (sender, volunteer, guard, police),
    ):
        press = await sender.press(fix=sender.fix(*community.place("v01")))

        seen = await first.sees_incident(lambda each: each["sender"] == sender.name)
        order = await volunteer.hears("order")
        called = await first.sees_of(seen["id"], lambda each: len(each["assignments"]) == 3)
        also = await second.sees_of(seen["id"], lambda each: len(each["assignments"]) == 3)

        assert called == also
        assert (called["phase"], called["priority"], called["rings"]) == ("dispatched", 1, 1)
        assert (called["place"]["source"], called["place"]["grid"]) == ("fix", "g01")
        assert [alarm["id"] for alarm in called["alarms"]] == [
            f"{sender.name}/{press}".replace(":", "/")
        ]
        assert all(alarm["stored"] for alarm in called["alarms"])
        verdicts = {each["unit"]: each["verdict"] for each in called["decisions"][0]["candidates"]}
        assert verdicts[sender.name] == "sender"
        assert {verdicts[each.name] for each in (volunteer, guard, police)} == {"called"}
        assert verdicts[f"{community.name}-v03"] == "off_duty"
        assert order["incident"] == seen["id"]
        assert (order["kind"], order["priority"], order["sender"]) == ("sos", 1, sender.call_sign)
        await guard.hears("order", incident=seen["id"], state="offered")
        await police.hears("order", incident=seen["id"], state="offered")
        await first.agrees_with_a_fresh_snapshot()


async def test_a_unit_is_followed_from_received_to_clear(
    system: System, community: Community
) -> None:
    """Each step shows on the console once the radio said it; the radio, once the hub echoed it."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v01", "v02") as (sender, unit),
    ):
        await sender.press()
        order = (await unit.hears("order", state="offered"))["order"]
        phases = {
            "received": "dispatched",
            "accepted": "accepted",
            "en_route": "en_route",
            "on_scene": "on_scene",
            "clear": "on_scene",
        }

        for state, phase in phases.items():
            await unit.answer(order, state)
            incident = await console.sees_incident(
                lambda each, state=state: states(each).get(unit.name) == state  # type: ignore[misc]  # mypy has no type for a default
            )
            assert incident["phase"] == phase

        times = incident["assignments"][0]["times"]
        assert [times[state] for state in phases] == sorted(times[state] for state in phases)
        await console.agrees_with_a_fresh_snapshot()


async def test_an_operator_takes_it_notes_adds_recalls_and_closes(
    system: System, community: Community
) -> None:
    """The sender reads who has the alarm; at the end every radio is told that it is over."""
    async with (
        Console(system, "张三") as mine,
        Console(system, "李四") as other,
        community.patrol(mine, "v01", "v02", "v03", "g1") as (sender, coming, asked, guard),
        community.radio("v20") as added,
    ):
        press = await sender.press()
        incident = (await mine.sees_incident(lambda each: each["sender"] == sender.name))["id"]
        order = (await coming.hears("order"))["order"]
        await coming.answer(order, "accepted")

        await mine.do(f"incidents/{incident}/take")
        assert (await sender.hears("seen", press=press))["by"] == "张三"
        sender.confirm(seen=press)
        await other.sees_of(incident, lambda each: each["taken_by"] == "张三")
        await other.sees_of(incident, lambda each: told(each, "SeenConfirmed"))

        await mine.do(f"incidents/{incident}/notes", {"words": "家属已联系"})
        noted = await other.sees_of(incident, lambda each: told(each, "NoteAdded"))
        assert told(noted, "NoteAdded")[0]["words"] == "家属已联系"

        await mine.do(f"incidents/{incident}/assignments", {"unit": added.name})
        by_hand = (await added.hears("order", incident=incident))["order"]
        await added.answer(by_hand, "accepted")
        shown = await other.sees_of(
            incident, lambda each: states(each).get(added.name) == "accepted"
        )
        assert [each["by"] for each in shown["assignments"] if each["unit"] == added.name] == [
            "张三"
        ]

        await mine.do(f"incidents/{incident}/withdraw", {"assignment": by_hand})
        assert (await added.hears("cancel", order=by_hand))["reason"] == "by_operator"
        added.confirm(cancel=by_hand)

        recalled = await mine.sees_of(
            incident, lambda each: states(each)[added.name] == "withdrawn"
        )
        based_on = recalled["version"] - 1
        stale = await mine.ask(
            f"incidents/{incident}/close", {"disposition": "resolved", "based_on": based_on}
        )
        assert (stale[0], stale[1]["code"]) == (409, "stale_version")
        await mine.do(f"incidents/{incident}/close", {"disposition": "resolved", "words": "平安"})
        for unit in (coming, asked, guard):
            cancel = await unit.hears("cancel")
            assert cancel["reason"] == "incident_ended"
            unit.confirm(cancel=str(cancel["order"]))
        closed = await other.sees_of(incident, lambda each: each["closed_t"])

        assert (closed["phase"], closed["disposition"], closed["closed_by"]) == (
            "closed",
            "resolved",
            "张三",
        )
        mine_only = [each for each in other.units.values() if each["community"] == community.name]
        assert {each["incident"] for each in mine_only} == {None}
        await mine.agrees_with_a_fresh_snapshot()
        await other.agrees_with_a_fresh_snapshot()


async def test_a_second_press_joins_while_open_and_opens_a_linked_incident_after(
    system: System, community: Community
) -> None:
    """One matter stays one incident; what comes after its end is a new one that names the old."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v01") as (sender,),
    ):
        await sender.press()
        await sender.press()
        first = await console.sees_incident(lambda each: each["rings"] == 2)
        ended = {"disposition": "false_alarm", "false_reason": "mistaken"}
        await console.do(f"incidents/{first['id']}/close", ended)

        await sender.press()

        second = await console.sees_incident(lambda each: each["linked_to"] == first["id"])
        assert (second["sender"], second["rings"]) == (sender.name, 1)
        assert console.incidents[first["id"]]["phase"] == "false"


async def test_an_incident_is_opened_by_hand_for_a_phone_call(
    system: System, community: Community
) -> None:
    """Whoever opens it has it; the nearest are called as for a press."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v04", "g1") as (volunteer, guard),
    ):
        lon, lat = community.place("v04")
        body = {
            "community": community.name,
            "kind": "medical",
            "words": "三楼老人摔倒",
            "lon": lon,
            "lat": lat,
        }

        opened = (await console.do("incidents", body))["subject"]

        order = await volunteer.hears("order", incident=opened)
        assert (order["kind"], order["sender"], order["grid"] != "") == ("medical", "", True)
        await guard.hears("order", incident=opened)
        shown = await console.sees_of(opened, lambda each: each["phase"] == "dispatched")
        assert (shown["sender"], shown["opened_by"], shown["taken_by"]) == (
            None,
            "一号台",
            "一号台",
        )
        assert shown["place"]["source"] == "operator"


async def test_a_covert_alarm_names_nobody_on_the_radios(
    system: System, community: Community
) -> None:
    """The sender's radio only learns that it may stop repeating; others do not learn who it is."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v01", "v02") as (sender, volunteer),
    ):
        press = await sender.press(covert=True)

        order = await volunteer.hears("order")
        shown = await console.sees_incident(lambda each: each["sender"] == sender.name)
        await console.do(f"incidents/{shown['id']}/take")
        await sender.hears("seen", press=press)

        assert (order["covert"], order["sender"]) == (True, "")
        assert (shown["covert"], shown["priority"]) == (True, 1)
        assert {heard.topic for heard in sender.heard} == {"config", "stored", "seen"}


async def test_a_press_out_of_a_backlog_is_shown_as_late_and_calls_nobody(
    system: System, community: Community
) -> None:
    """Ten minutes in a cellar: an operator judges whether anybody must still run."""
    async with (
        Console(system, "一号台") as console,
        community.patrol(console, "v01", "v02") as (sender, volunteer),
    ):
        await sender.press(t=sender.now_ms() - 10 * MINUTE_MS)
        shown = await console.sees_incident(lambda each: each["sender"] == sender.name)

        await console.do(f"incidents/{shown['id']}/assignments", {"unit": volunteer.name})
        order = await volunteer.hears("order")

        assert [alarm["late"] for alarm in shown["alarms"]] == [True]
        assert order["incident"] == shown["id"]
        sent = await console.sees_of(shown["id"], lambda each: each["assignments"])
        by_hand = [(each["unit"], each["by"]) for each in sent["assignments"]]
        assert by_hand == [(volunteer.name, "一号台")]


async def test_a_patrol_report_is_stored_and_acknowledged(
    system: System, community: Community
) -> None:
    """Reports have the same ladder as presses: repeated until named by ``stored``."""
    async with community.radio("v01") as radio:
        radio.publish(
            "report",
            f'{{"report":"r-1","t":{radio.now_ms()},"kind":"hazard","words":"井盖缺失"}}',
        )

        await radio.hears("stored", report="r-1")


def told(incident: dict[str, object], what: str) -> list[dict[str, object]]:
    """The lines of the incident's story with this fact's name."""
    story = incident["story"]
    assert isinstance(story, list)
    return [line for line in story if line["what"] == what]
