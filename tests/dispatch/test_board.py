"""What is looked up often agrees with what it was made from."""

from dispatch.board import Board
from dispatch.ids import RadioId, UnitId, unit_of
from dispatch.words import AssignmentState
from tests.builders import Shell, at, patrol


def evening() -> Shell:
    """Some asked, one coming, one on scene, one let go who has not heard it; two who pressed."""
    desk = patrol(volunteers=12)
    incident = desk.open_by_press("v1", where=at(250))
    desk.answer(desk.order_of(incident, "v2"), AssignmentState.ACCEPTED)
    desk.answer(desk.order_of(incident, "v3"), AssignmentState.ON_SCENE)
    desk.withdraw(incident, desk.order_of(incident, "v4"))
    desk.open_by_press("v9", where=at(-400))
    return desk


def test_who_is_busy_is_the_same_for_all_at_once_as_for_each() -> None:
    """After a start one look tells it; later each change does."""
    desk = evening()
    board = desk.hub._desk.board
    units = [unit_of(RadioId(radio)) for radio in desk.hub.roster.radios]

    calling = board.all_calling()
    busy = board.all_busy(calling)

    assert {unit: busy.get(unit, 0) for unit in units} == {u: board.busy_with(u) for u in units}
    assert calling == {u: board.calling_since(u) for u in units if board.calls_for_help(u)}
    assert set(calling) == {"v1", "v9"}


def test_orders_read_back_are_found_as_before() -> None:
    """Those that stand, and those whose end a radio has not heard of."""
    before = evening().hub._desk.board
    after = Board()
    orders = []
    for incident in before.incidents.values():
        after.note_incident(incident)
        orders += [(incident.incident, order) for order in incident.assignments.values()]

    after.note_orders(sorted(orders, key=lambda each: each[1].offered_t))

    for number in range(1, 13):
        unit = UnitId(f"v{number}")
        assert after.orders_of(unit) == before.orders_of(unit)
        assert after.unheard_of(unit) == before.unheard_of(unit)
    assert len(after.unheard_of(UnitId("v4"))) == 1


def test_what_a_radio_has_heard_is_looked_for_no_more() -> None:
    """Nor what an incident took along that was let go."""
    desk = evening()
    board = desk.hub._desk.board
    [(_, order)] = board.unheard_of(UnitId("v4"))

    order.cancel_heard = True

    assert board.unheard_of(UnitId("v4")) == []
    assert board.unheard_of(UnitId("nobody")) == []
