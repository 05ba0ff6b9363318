"""Whom one wave calls, and why not the others."""

import random

from dispatch.clock import SECOND
from dispatch.decide import CANDIDATES_KEPT_MAX, choose
from dispatch.ids import GridId, UnitId
from dispatch.plan import DEFAULT_PLAN
from dispatch.rules import RULES
from dispatch.rules.call import Call
from dispatch.words import Role, Verdict
from tests.builders import NOON, TOWN, Shell, at, guard, police, shell, volunteer


def call(
    desk: Shell,
    *,
    where: tuple[float, float] | None = None,
    grid: str | None = None,
    missing: dict[Role, int] | None = None,
    asked: tuple[str, ...] = (),
    sender: str | None = None,
) -> Call:
    """Three volunteers are needed in the middle of g1, unless said."""
    lon, lat = at(250) if where is None and grid is None else where or (None, None)
    return Call(
        now=desk.now,
        community=TOWN,
        lon=lon,
        lat=lat,
        grid=None if grid is None else GridId(grid),
        sender=None if sender is None else UnitId(sender),
        asked=frozenset(map(UnitId, asked)),
        missing={Role.VOLUNTEER: 1} if missing is None else missing,
        plan=DEFAULT_PLAN,
        fresh_us=90 * SECOND,
    )


def on_duty(**metres_east: float) -> Shell:
    """Volunteers on duty, each so far east of the corner."""
    desk = shell(*(volunteer(name) for name in metres_east))
    for name, east_m in metres_east.items():
        desk.sign_on(name, at(east_m))
    return desk


def chosen(desk: Shell, asked: Call) -> list[str]:
    """Who is called."""
    return [each.unit for each in choose(asked, desk.hub.live).called]


def test_the_own_grid_comes_before_the_next_though_it_be_farther() -> None:
    """A grid's own people know its doors."""
    desk = on_duty(far_at_home=20.0, near_next_door=510.0)

    assert chosen(desk, call(desk, where=at(480))) == ["far_at_home", "near_next_door"]


def test_within_a_ring_metres_decide_and_then_the_id() -> None:
    """So that a replay chooses the same unit."""
    desk = on_duty(c=300.0, b=350.0, a=300.0, d=260.0)

    assert chosen(desk, call(desk)) == ["d", "a", "c"]


def test_a_unit_that_fell_silent_is_not_sent() -> None:
    """The nearest unit loses its place once its position is older than 90 s."""
    desk = on_duty(near=300.0)
    desk.wait(60)
    desk.hub.roster.put(volunteer("far"))
    desk.hub.live.put(volunteer("far"))
    desk.sign_on("far", at(400))
    assert chosen(desk, call(desk)) == ["near", "far"]

    desk.now += 31 * SECOND

    assert chosen(desk, call(desk)) == ["far"]


def test_everybody_left_out_is_told_why() -> None:
    """The first reason that holds, the same for the same table."""
    desk = on_duty(asked=260.0, busy=270.0, enough1=280.0, enough2=290.0, enough3=300.0, over=310.0)
    for record in (volunteer("off"), volunteer("sender"), guard("guard"), volunteer("nofix")):
        desk.hub.roster.put(record)
        desk.hub.live.put(record)
    for name in ("sender", "guard"):
        desk.sign_on(name, at(255))
    desk.sign_on("nofix")
    desk.hub.live.set_busy(UnitId("busy"), True)

    choice = choose(call(desk, asked=("asked",), sender="sender"), desk.hub.live)

    assert {c.unit: c.verdict for c in choice.candidates} == {
        UnitId("enough1"): Verdict.CALLED,
        UnitId("enough2"): Verdict.CALLED,
        UnitId("enough3"): Verdict.CALLED,
        UnitId("over"): Verdict.NOT_NEEDED,
        UnitId("guard"): Verdict.NOT_NEEDED,
        UnitId("sender"): Verdict.SENDER,
        UnitId("asked"): Verdict.ALREADY_ASKED,
        UnitId("busy"): Verdict.BUSY,
        UnitId("off"): Verdict.OFF_DUTY,
        UnitId("nofix"): Verdict.NO_FIX,
    }
    assert [c.verdict for c in choice.candidates[:3]] == [Verdict.CALLED] * 3


def test_a_grid_alone_is_aimed_at_from_its_middle() -> None:
    """The post of a unit without a fix, or what a caller could name."""
    desk = on_duty(west=100.0, east=1_800.0)

    assert chosen(desk, call(desk, grid="g4")) == ["east", "west"]


def test_outside_every_grid_metres_alone_decide() -> None:
    """A fix in the river is still near somebody."""
    desk = on_duty(west=100.0, east=1_800.0)

    choice = choose(call(desk, where=at(2_500)), desk.hub.live)

    assert [c.unit for c in choice.called] == ["east", "west"]
    assert {c.ring for c in choice.called} == {-1}


def test_roles_are_called_in_the_plans_order_each_as_the_wave_asks() -> None:
    """Who is short is said, role by role."""
    desk = shell(volunteer("v"), guard("g1"), guard("g2"), guard("g3"), police("p"))
    for name in ("v", "g1", "g2", "g3", "p"):
        desk.sign_on(name, at(250))

    choice = choose(call(desk, missing=DEFAULT_PLAN.missing({})), desk.hub.live)

    assert [c.unit for c in choice.called] == ["v", "g1", "g2", "p"]
    assert choice.short == {Role.VOLUNTEER: 8, Role.POLICE: 1}


def test_what_is_written_down_is_bounded_and_the_rest_is_counted() -> None:
    """A district's ten thousand would be a megabyte a wave."""
    desk = shell(*(volunteer(f"r{n:04d}") for n in range(CANDIDATES_KEPT_MAX + 100)))

    choice = choose(call(desk), desk.hub.live)

    assert len(choice.inputs["candidates"]) == CANDIDATES_KEPT_MAX
    assert choice.inputs["verdicts"] == {"off_duty": CANDIDATES_KEPT_MAX + 100}


def test_rules_speak_in_their_order() -> None:
    """The sender's own reason comes first."""
    assert [rule.__name__ for rule in RULES] == [
        "sender_stays",
        "asked_once",
        "only_missing_roles",
    ]


def test_the_choice_is_what_brute_force_names() -> None:
    """Over the same fixes and filters: rings, then metres, then ids."""
    chance = random.Random(7)
    desk = shell(*(volunteer(f"r{n:03d}") for n in range(200)))
    placed = {}
    for n in range(200):
        name, where = f"r{n:03d}", at(chance.uniform(0, 1_999), chance.uniform(1, 499))
        if chance.random() < 0.7:
            desk.sign_on(name, where)
            placed[name] = where
    lon, lat = at(700)

    def rank(name: str) -> tuple[int, float, str]:
        fix = desk.hub.live.last_fix(UnitId(name))
        assert fix is not None
        grid = desk.hub.live.locate(TOWN, fix.lon, fix.lat)
        away_m = desk.hub.live.distance_m(UnitId(name), lon, lat)
        assert away_m is not None
        return abs(int(str(grid)[1:]) - 2), away_m, name

    expected = sorted(placed, key=rank)[:9]
    assert desk.now == NOON

    assert chosen(desk, call(desk, where=(lon, lat), missing={Role.VOLUNTEER: 3})) == expected
