"""What the sender's radio is told under duress is what it is told of a wish that is granted in
calm, found out by Hypothesis.

Two evenings run side by side, the same but for the PIN, and but for what an operator tries
who would refuse the forced one. A plain wish may have been refused before, in both. Whoever
stands beside the sender
reads every message to that radio; from none of them, and from no moment of any, may they
learn which of the two evenings it is.
"""

import contextlib
from collections.abc import Callable
from typing import Final

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from dispatch.commands import AnswerCancel, HoldCalls, ReviseIncident
from dispatch.errors import RefusedError
from dispatch.ids import OperatorName
from dispatch.incident import Incident
from dispatch.outgoing import ToRadio
from dispatch.readings import Heard
from dispatch.words import AssignmentState
from tests.builders import CALM, FORCED, LI, WANG, Shell, at, patrol

SENDER: Final = "v1"


class Evening:
    """One of the two."""

    def __init__(self, pin: str) -> None:
        self.pin = pin
        self.desk: Shell = patrol()
        self.desk.present(WANG, LI)
        self.incident: Incident = self.desk.open_by_press(SENDER, where=at(250))
        self.granted = False
        self.counter = 1

    def told(self) -> list[ToRadio]:
        """All that the sender's radio heard."""
        return [e for e in self.desk.outgoing if isinstance(e, ToRadio) and e.radio == SENDER]

    def try_(self, ask: Callable[[], object]) -> None:
        """After the answer one evening's incident is over, and the other's is not."""
        with contextlib.suppress(RefusedError):
            ask()

    def press(self) -> None:
        """Another push, before the answer: later it would be a new cry."""
        if not self.granted:
            self.counter += 1
            self.desk.press(SENDER, self.counter)

    def press_again(self) -> None:
        self.desk.press(SENDER, self.counter)

    def call_off(self) -> None:
        for alarm in [a for a in self.desk.hub.alarms if a.startswith(f"{SENDER}/")][-2:]:
            self.desk.call_off(alarm, self.pin)

    def hear_called_off(self) -> None:
        for alarm in [a for a in self.desk.hub.alarms if a.startswith(f"{SENDER}/")]:
            self.desk.hear(SENDER, Heard.CALLED_OFF, alarm)

    def hear_refused(self) -> None:
        for alarm in [a for a in self.desk.hub.alarms if a.startswith(f"{SENDER}/")]:
            self.desk.hear(SENDER, Heard.REFUSED, alarm)

    def hear_seen(self) -> None:
        for alarm in [a for a in self.desk.hub.alarms if a.startswith(f"{SENDER}/")]:
            self.desk.hear(SENDER, Heard.SEEN, alarm)

    def away_and_back(self) -> None:
        self.desk.link(SENDER, False)
        self.desk.link(SENDER, True)

    def take(self, by: OperatorName) -> None:
        self.try_(lambda: self.desk.took(self.incident, by, words="接管"))

    def holder(self) -> OperatorName:
        return self.incident.taken_by or WANG

    def grant(self) -> None:
        if self.incident.cancel is not None and self.incident.cancel.granted is None:
            self.granted = True
            self.try_(lambda: self.desk.do(AnswerCancel, self.incident, by=self.holder()))

    def refuse(self) -> None:
        """Under duress only, where it comes to nothing: a plain wish would be refused indeed."""
        wish = self.incident.cancel
        if wish is not None and wish.duress:
            with pytest.raises(RefusedError):
                self.desk.do(AnswerCancel, self.incident, by=self.holder(), granted=False)

    def refused_in_calm(self) -> None:
        """Whoever forces the sender now was not there yet."""
        self.desk.call_off(self.incident.alarms[0], CALM)
        self.desk.do(AnswerCancel, self.incident, by=self.holder(), granted=False)

    def steer(self) -> None:
        by = self.holder()
        self.try_(lambda: self.desk.do(HoldCalls, self.incident, by=by))
        self.try_(lambda: self.desk.do(ReviseIncident, self.incident, by=by, priority=2))

    def somebody_comes(self) -> None:
        for each in list(self.incident.assignments.values()):
            self.desk.answer(each.assignment, AssignmentState.EN_ROUTE)

    def operators_leave(self) -> None:
        self.desk.present()

    def operators_come(self) -> None:
        self.desk.present(WANG, LI)

    def wait(self, seconds: float) -> None:
        self.desk.wait(seconds)

    def killed(self) -> None:
        """Only before the answer: what a radio has shown no fact tells."""
        if not self.granted:
            said = self.desk.outgoing
            self.desk = self.desk.restarted()
            self.desk.outgoing[:0] = said
            self.incident = self.desk.hub.incidents[self.incident.incident]


HAPPENS: Final[dict[str, Callable[[Evening], None]]] = {
    "press": Evening.press,
    "press again": Evening.press_again,
    "call off": Evening.call_off,
    "radio showed called off": Evening.hear_called_off,
    "radio showed refused": Evening.hear_refused,
    "radio showed seen": Evening.hear_seen,
    "away and back": Evening.away_and_back,
    "王 takes": lambda each: each.take(WANG),
    "李 takes": lambda each: each.take(LI),
    "granted": Evening.grant,
    "refused": Evening.refuse,
    "steered": Evening.steer,
    "somebody comes": Evening.somebody_comes,
    "operators leave": Evening.operators_leave,
    "operators come": Evening.operators_come,
    "a moment": lambda each: each.wait(3.0),
    "a minute": lambda each: each.wait(61.0),
    "killed": Evening.killed,
}


happenings = st.lists(st.sampled_from(sorted(HAPPENS)), max_size=10)


@given(
    forced=st.sampled_from([FORCED, "", "12345678"]),
    refused=st.booleans(),
    before=happenings,
    after=happenings,
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_no_message_to_the_sender_tells_duress_from_calm(
    forced: str, refused: bool, before: list[str], after: list[str]
) -> None:
    """Neither before the operator's answer nor after it."""
    calm, under_duress = Evening(CALM), Evening(forced)
    if refused:
        for each in (calm, under_duress):
            each.refused_in_calm()

    for what in [*before, "call off", "granted", *after]:
        for each in (calm, under_duress):
            HAPPENS[what](each)

        assert under_duress.told() == calm.told(), what

    assert calm.granted == under_duress.granted
