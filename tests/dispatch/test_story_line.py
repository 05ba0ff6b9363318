"""The log: reads as the day's story and never tells what is personal."""

from dispatch.clock import SECOND
from dispatch.events import NoteAdded, Personal, Purpose, ResponseDecided
from dispatch.ids import CommandId, CommunityId, DecisionId, IncidentId, OperatorName, UnitId
from dispatch.story_line import snake, story_line
from dispatch.words import Role

XIZI = CommunityId("xizi")


class Lines:
    """Keeps what was logged."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **keys: object) -> None:
        self.told.append((event, keys))


def test_free_words_never_reach_the_log() -> None:
    """Log files are copied about; a note may name a patient."""
    lines = Lines()

    story_line(
        lines,
        NoteAdded(
            t=SECOND,
            community=XIZI,
            incident=IncidentId("i"),
            by=OperatorName("Li"),
            words=Personal(Purpose.WORDS, "李阿姨, 80 岁"),
            command=CommandId("c"),
        ),
    )

    assert lines.told == [("note_added", {"community": "xizi", "incident": "i", "by": "Li"})]


def test_a_decision_is_one_short_line() -> None:
    """Whoever reads the log at night reads codes, not Python."""
    lines = Lines()

    story_line(
        lines,
        ResponseDecided(
            t=SECOND,
            community=XIZI,
            incident=IncidentId("i"),
            decision=DecisionId("i/w1"),
            wave=1,
            called=(UnitId("a"), UnitId("b")),
            missing={Role.VOLUNTEER: 3},
            short={},
            inputs=Personal(Purpose.DECISION, {}),
        ),
    )

    event, keys = lines.told[0]
    assert event == "response_decided"
    assert keys["called"] == "a b"
    assert keys["missing"] == "volunteer:3"


def test_names_of_facts_become_names_of_lines() -> None:
    """One spelling."""
    assert snake("UnitEnRoute") == "unit_en_route"
