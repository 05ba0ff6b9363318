"""Who holds an incident: leases over two consoles, taking over, leaving, the end of a shift."""

import pytest

from tests.console_client import Console
from tests.integration.conftest import SETTINGS, Community
from tests.system import System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

LEASE_S = 3
LOUDER_S = 2


@pytest.fixture(scope="module", name="settings")
def short_leases() -> str:
    """Short enough to be outlived."""
    return f"{SETTINGS}lease_s = {LEASE_S}\nlouder_s = {LOUDER_S}\n"


async def test_an_incident_has_one_holder_and_is_taken_over_only_with_a_reason(
    system: System, community: Community
) -> None:
    """Two operators must not send people here and there by turns, each unknown to the other."""
    async with (
        Console(system, "张三") as mine,
        Console(system, "李四") as other,
        community.patrol(mine, "v01", "v02") as (sender, unit),
    ):
        press = await sender.press()
        incident = (await mine.sees_incident(lambda each: each["sender"] == sender.name))["id"]
        await mine.do(f"incidents/{incident}/take")
        await sender.hears("seen", press=press, by="张三")
        held = await other.sees_of(incident, lambda each: each["taken_by"] == "张三")
        lease = held["lease"]

        status, refusal = await other.ask(f"incidents/{incident}/take")
        assert (status, refusal["code"]) == (409, "held")
        assert refusal["facts"]["held_by"] == "张三"
        assert refusal["incident"]["id"] == incident
        sent = await other.ask(f"incidents/{incident}/assignments", {"unit": unit.name})
        closed = await other.ask(f"incidents/{incident}/close", {"disposition": "resolved"})
        assert (sent[1]["code"], closed[1]["code"]) == ("held", "held")
        await other.do(f"incidents/{incident}/notes", {"words": "我看到监控了"})

        await other.do(f"incidents/{incident}/take", {"words": "张三去现场"})

        taken = await mine.sees_of(incident, lambda each: each["taken_by"] == "李四")
        assert taken["lease"] > lease
        await sender.hears("seen", press=press, by="李四")
        late = {"disposition": "resolved", "lease": lease}
        status, refusal = await mine.ask(f"incidents/{incident}/close", late)
        assert (status, refusal["code"]) == (409, "stale_lease")
        await other.do(
            f"incidents/{incident}/close", {"disposition": "resolved", "lease": taken["lease"]}
        )
        await mine.agrees_with_a_fresh_snapshot()


async def test_who_leaves_every_console_loses_it_and_it_rings_again(
    system: System, community: Community
) -> None:
    """An operator who went home must not keep an alarm quiet."""
    async with (
        Console(system, "李四") as other,
        community.patrol(other, "v01", "v02") as (sender, _),
    ):
        await sender.press()
        incident = (await other.sees_incident(lambda each: each["sender"] == sender.name))["id"]
        async with Console(system, "王五") as leaving:
            await leaving.do(f"incidents/{incident}/take")
            held = await other.sees_of(incident, lambda each: each["taken_by"] == "王五")
            assert "lease_due_t" not in held
            rungs = len(held["escalations"])

        running_out = await other.sees_of(incident, lambda each: each.get("lease_due_t"))
        assert running_out["taken_by"] == "王五"
        lapsed = await other.sees_of(incident, lambda each: each["taken_by"] is None)
        (line,) = [each for each in lapsed["story"] if each["what"] == "LeaseLapsed"]
        assert line["by"] == "王五"
        assert line["t"] >= running_out["lease_due_t"]
        louder = await other.sees_of(incident, lambda each: len(each["escalations"]) > rungs)
        assert louder["escalations"][rungs]["rung"] == "louder"
        assert louder["escalations"][rungs]["t"] - line["t"] >= LOUDER_S * 1000
        await other.agrees_with_a_fresh_snapshot()


async def test_coming_back_in_time_keeps_it(system: System, community: Community) -> None:
    """A page that was reloaded is not an operator who left."""
    async with (
        Console(system, "李四") as other,
        community.patrol(other, "v01") as (sender,),
    ):
        await sender.press()
        incident = (await other.sees_incident(lambda each: each["sender"] == sender.name))["id"]
        async with Console(system, "王五") as first:
            await first.do(f"incidents/{incident}/take")
        await other.sees_of(incident, lambda each: each.get("lease_due_t"))

        async with Console(system, "王五"):
            kept = await other.sees_of(incident, lambda each: not each.get("lease_due_t"))

            assert kept["taken_by"] == "王五"


async def test_a_shift_gives_all_open_work_to_the_next(
    system: System, community: Community
) -> None:
    """At eight in the morning everything has a holder who is there, and the senders know them."""
    async with (
        Console(system, "张三") as night,
        Console(system, "李四") as day,
        community.patrol(night, "v01", "v20") as senders,
    ):
        held = []
        for sender in senders:
            press = await sender.press()
            found = await night.sees_incident(lambda each, s=sender: each["sender"] == s.name)  # type: ignore[misc]  # mypy has no type for a default
            await night.do(f"incidents/{found['id']}/take")
            held.append((sender, press, found["id"]))
        path = f"communities/{community.name}/shift"
        nobody = await night.ask(path, {"to": "赵六"})
        assert (nobody[0], nobody[1]["code"]) == (409, "unfit")

        await night.do(path, {"to": "李四", "words": "两起都在等人到场"})

        for sender, press, incident in held:
            given = await day.sees_of(incident, lambda each: each["taken_by"] == "李四")
            assert given["story"][-1]["what"] in ("IncidentTaken", "SeenConfirmed")
            await sender.hears("seen", press=press, by="李四")
        (fact,) = system.facts("ShiftHandedOver")
        assert fact["incidents"] == [incident for _, _, incident in held]
        await night.agrees_with_a_fresh_snapshot()
