"""How two incidents stand to one another is told on both."""

from dispatch.commands import LinkIncident
from dispatch.events import IncidentLinked
from dispatch.ids import IncidentId
from dispatch.words import Kind, Linked
from tests.builders import at, patrol


def test_a_press_near_another_of_its_kind_is_offered_on_both() -> None:
    """Two red buttons may be two people in danger: an operator looks, nothing is hidden."""
    desk = patrol()
    one = desk.open_by_press("v1", where=at(250))

    other = desk.open_by_press("v2", where=at(300))

    assert (one.links, other.links) == (
        {other.incident: Linked.OFFERED},
        {one.incident: Linked.OFFERED},
    )
    facts = [fact for fact in desk.facts if isinstance(fact, IncidentLinked)]
    assert {(fact.incident, fact.other) for fact in facts} == {
        (one.incident, other.incident),
        (other.incident, one.incident),
    }
    assert {fact.by for fact in facts} == {None}


def test_far_away_of_another_kind_or_covert_nothing_is_offered() -> None:
    """A covert alarm is nobody else's."""
    desk = patrol(volunteers=6)
    one = desk.open_by_press("v1", where=at(250))

    desk.open_by_press("v2", where=at(1_900))
    desk.open_by_press("v3", where=at(250), kind=Kind.HAZARD)
    desk.open_by_press("v4", where=at(250), covert=True)

    assert one.links == {}


def test_links_are_what_the_journal_says() -> None:
    """A restart remembers who has to do with whom."""
    desk = patrol()
    one = desk.open_by_press("v1", where=at(250))
    other = desk.open_by_press("v2", where=at(300))

    after = desk.restarted()

    for each in (one, other):
        assert after.hub.incidents[IncidentId(each.incident)].links == each.links


def test_only_one_of_the_two_facts_carries_the_command() -> None:
    """A command is one fact's: asked again it is answered from there."""
    desk = patrol()
    one = desk.open_by_press("v1", where=at(250))
    other = desk.open_by_press("v2", where=at(1_900))

    desk.do(LinkIncident, one, other=other.incident)

    commands = [fact.command for fact in desk.facts if isinstance(fact, IncidentLinked)]
    assert len(commands) == 2
    assert commands[1] is None
    assert commands[0] is not None
