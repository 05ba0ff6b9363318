"""Laws that hold whatever radios, operators and time do, found out by Hypothesis.

Radios press, repeat, sign on and off, walk, answer anything to any order, and lose their
links; operators take, send, recall, close, reopen and revoke; rules fail; the store goes
down; time passes a little or a lot, and the hub is killed and restored at any moment.
"""

from collections import Counter
from dataclasses import asdict, fields, replace
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dispatch.clock import SECOND
from dispatch.decide import Choice, choose
from dispatch.errors import RefusedError
from dispatch.events import (
    AlarmJoined,
    AlarmReceived,
    AlarmUndecided,
    IncidentOpened,
    ResponseDecided,
    UnitAssigned,
)
from dispatch.hub import Hub
from dispatch.ids import AssignmentId
from dispatch.incident import Incident
from dispatch.live import LiveTable
from dispatch.messages import LinksChanged
from dispatch.outgoing import CancelMessage, OrderMessage, ToRadio
from dispatch.readings import Heard
from dispatch.roster import Roster
from dispatch.rules.call import Call
from dispatch.timers import Due
from dispatch.words import AssignmentState, Disposition, Kind
from tests.builders import (
    LI,
    WANG,
    Shell,
    at,
    guard,
    police,
    settings,
    town,
    volunteer,
)

RADIOS = ["v1", "v2", "v3", "v4", "v5", "g1", "p1"]
ANSWERS = [
    AssignmentState.RECEIVED,
    AssignmentState.ACCEPTED,
    AssignmentState.DECLINED,
    AssignmentState.EN_ROUTE,
    AssignmentState.ON_SCENE,
    AssignmentState.CLEAR,
]
AFTER_THE_END = {Due.FORGET, Due.CANCEL}
"""What may still be awaited of an ended incident: a radio that has not heard of it."""

radios = st.sampled_from(RADIOS)
places = st.tuples(st.floats(-200.0, 2_200.0), st.floats(-200.0, 700.0))


class FaultyChooser:
    """Decides like the real one, unless it is broken just now."""

    def __init__(self) -> None:
        self.broken = False

    def __call__(self, call: Call, live: LiveTable) -> Choice:
        if self.broken:
            raise ZeroDivisionError("a rule failed")
        return choose(call, live)


def a_hub(chooser: FaultyChooser) -> Hub:
    """A fresh hub of the small town."""
    people = [volunteer(name) for name in RADIOS[:5]] + [guard("g1"), police("p1")]
    roster = Roster([town()], [replace(people[0], post=None), *people[1:]])
    return Hub(settings=settings(), roster=roster, live=LiveTable(roster), choose=chooser)


def told(incident: Incident) -> dict[str, Any]:
    """All of an incident that facts tell: whether a radio heard a cancel, none does."""
    shown = {f.name: getattr(incident, f.name) for f in fields(incident)}
    orders = [asdict(each) for each in incident.assignments.values()]
    shown["assignments"] = [{**each, "cancel_heard": None} for each in orders]
    return shown


class HubLaws(RuleBasedStateMachine):
    """A shift in which anything may happen."""

    @initialize()
    def begin(self) -> None:
        self.chooser = FaultyChooser()
        self.desk = Shell(a_hub(self.chooser))
        self.counter = 0
        self.presses: list[tuple[str, int]] = []

    # --- what happens ---

    @rule(radio=radios, where=places)
    def sign_on(self, radio: str, where: tuple[float, float]) -> None:
        self.desk.sign_on(radio, at(*where))

    @rule(where=places)
    def everybody_signs_on(self, where: tuple[float, float]) -> None:
        for radio in RADIOS:
            self.desk.sign_on(radio, at(*where))

    @rule(radio=radios)
    def sign_off(self, radio: str) -> None:
        self.desk.sign_off(radio)

    @rule(radio=radios, online=st.booleans())
    def link(self, radio: str, online: bool) -> None:
        self.desk.link(radio, online)

    @rule(radio=radios, where=places)
    def walk(self, radio: str, where: tuple[float, float]) -> None:
        self.desk.walk(radio, at(*where))

    @rule(
        radio=radios,
        where=st.none() | places,
        covert=st.booleans(),
        kind=st.sampled_from([Kind.SOS, Kind.NUISANCE]),
        behind_s=st.sampled_from([0, 0, 0, 600, 90_000, -90_000]),
    )
    def press(
        self,
        radio: str,
        where: tuple[float, float] | None,
        covert: bool,
        kind: Kind,
        behind_s: int,
    ) -> None:
        self.counter += 1
        self.presses.append((radio, self.counter))
        self.desk.press(
            radio,
            self.counter,
            where=None if where is None else at(*where),
            covert=covert,
            kind=kind,
            device_t=self.desk.now - behind_s * SECOND,
        )

    @precondition(lambda self: self.presses)
    @rule(data=st.data(), digest=st.sampled_from(["same", "other"]))
    def press_again(self, data: st.DataObject, digest: str) -> None:
        radio, counter = data.draw(st.sampled_from(self.presses))
        self.desk.press(radio, counter, digest=digest)

    @precondition(lambda self: self.orders())
    @rule(data=st.data(), state=st.sampled_from(ANSWERS))
    def answer(self, data: st.DataObject, state: AssignmentState) -> None:
        self.desk.answer(data.draw(st.sampled_from(self.orders())), state)

    @precondition(lambda self: self.orders())
    @rule(data=st.data(), radio=radios)
    def answer_for_another(self, data: st.DataObject, radio: str) -> None:
        order = data.draw(st.sampled_from(self.orders()))
        if self.desk.assignment(order).unit != radio:
            before = self.desk.assignment(order).state
            self.desk.answer(order, AssignmentState.ACCEPTED, radio=radio)
            assert self.desk.assignment(order).state is before

    @precondition(lambda self: self.orders())
    @rule(data=st.data())
    def hear_cancel(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.orders()))
        self.desk.hear(self.desk.assignment(order).unit, Heard.CANCEL, order)

    @precondition(lambda self: self.desk.hub.alarms)
    @rule(data=st.data())
    def hear_seen(self, data: st.DataObject) -> None:
        alarm = data.draw(st.sampled_from(sorted(self.desk.hub.alarms)))
        self.desk.hear(self.desk.hub.alarms[alarm].unit, Heard.SEEN, alarm)

    @rule(names=st.sampled_from([(), (WANG,), (WANG, LI)]))
    def operators(self, names: tuple[Any, ...]) -> None:
        self.desk.present(*names)

    @rule(unit=st.none() | radios, where=st.none() | places)
    def open_by_hand(self, unit: str | None, where: tuple[float, float] | None) -> None:
        lon, lat = (None, None) if where is None else at(*where)
        self.try_(lambda: self.desk.open(unit=unit, lon=lon, lat=lat))

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(data=st.data(), by=st.sampled_from([WANG, LI]))
    def take(self, data: st.DataObject, by: Any) -> None:
        incident = self.draw_incident(data)
        self.try_(lambda: self.desk.took(incident, by))

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(data=st.data(), unit=radios)
    def assign(self, data: st.DataObject, unit: str) -> None:
        incident = self.draw_incident(data)
        self.try_(lambda: self.desk.assign(incident, unit))

    @precondition(lambda self: self.orders())
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.orders()))
        incident, _ = order.rsplit("/", 1)
        found = next(i for i in self.desk.hub.incidents.values() if i.incident == incident)
        self.try_(lambda: self.desk.withdraw(found, order))

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(
        data=st.data(),
        disposition=st.sampled_from([Disposition.RESOLVED, Disposition.FALSE_ALARM]),
    )
    def close(self, data: st.DataObject, disposition: Disposition) -> None:
        incident = self.draw_incident(data)
        self.try_(lambda: self.desk.close(incident, disposition))

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        incident = self.draw_incident(data)
        self.try_(lambda: self.desk.reopen(incident))

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(data=st.data())
    def note(self, data: st.DataObject) -> None:
        self.desk.note(self.draw_incident(data), based_on=1)

    @rule(radio=st.sampled_from(["v5"]))
    def revoke(self, radio: str) -> None:
        self.desk.revoke(radio)

    @rule(broken=st.booleans())
    def rules_fail(self, broken: bool) -> None:
        self.chooser.broken = broken

    @rule()
    def store_goes(self) -> None:
        self.desk.store_down = True
        self.desk.give(LinksChanged(store_down="disk full", broker_down=""))

    @precondition(lambda self: self.desk.store_down)
    @rule()
    def store_comes_back(self) -> None:
        self.desk.store_comes_back()

    @rule(seconds=st.sampled_from([0.5, 3.0, 11.0, 31.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.desk.wait(seconds)

    @rule(seconds=st.sampled_from([1.0, 45.0, 3_700.0, 50_000.0]))
    def the_machine_slept(self, seconds: float) -> None:
        self.desk.jump(seconds)

    @precondition(lambda self: not self.desk.store_down)
    @rule()
    def killed(self) -> None:
        self.chooser.broken = False
        self.desk = self.desk.restarted()

    # --- the laws ---

    @invariant()
    def the_journal_folded_anew_is_the_state(self) -> None:
        if self.desk.unstored:
            return
        fresh = a_hub(FaultyChooser())
        for fact in self.desk.facts:
            fresh.apply(fact)
        hub = self.desk.hub
        for incident in hub.incidents.values():
            assert told(incident) == told(fresh.incidents[incident.incident])
        for alarm in hub.alarms.values():
            assert alarm == fresh.alarms[alarm.alarm]
        for name in ("on_duty", "online", "busy"):
            ours, theirs = getattr(hub.live.columns, name), getattr(fresh.live.columns, name)
            assert ours.tolist() == theirs.tolist(), name

    @invariant()
    def nothing_is_awaited_of_what_has_ended(self) -> None:
        for incident in self.desk.hub.incidents.values():
            if not incident.open:
                subjects = {incident.incident, *incident.assignments, *incident.alarms}
                awaited = {k.due for k in self.timers() if k.subject in subjects}
                assert awaited <= AFTER_THE_END | {Due.TELL}
                assert not any(each.live for each in incident.assignments.values())

    @invariant()
    def nobody_is_live_on_two_incidents_unless_an_operator_said_so(self) -> None:
        orders = Counter(
            each.unit
            for incident in self.desk.hub.incidents.values()
            for each in incident.assignments.values()
            if each.live and each.by is None
        )
        assert all(count == 1 for count in orders.values()), orders

    @invariant()
    def every_order_has_a_decision_or_an_operator(self) -> None:
        decided = {
            (fact.incident, fact.wave, unit)
            for fact in self.desk.facts
            if isinstance(fact, ResponseDecided)
            for unit in fact.called
        }
        for fact in self.desk.facts:
            if isinstance(fact, UnitAssigned):
                by_rule = (fact.incident, fact.wave, fact.unit) in decided
                assert by_rule != (fact.by is not None)

    @invariant()
    def every_press_is_in_one_incident_or_undecided(self) -> None:
        taken_in = Counter(
            fact.alarm
            for fact in self.desk.facts
            if isinstance(fact, IncidentOpened | AlarmJoined) and fact.alarm is not None
        )
        undecided = {fact.alarm for fact in self.desk.facts if isinstance(fact, AlarmUndecided)}
        for fact in self.desk.facts:
            if isinstance(fact, AlarmReceived):
                waiting = fact.alarm in undecided and fact.alarm in self.desk.hub.alarms
                assert taken_in[fact.alarm] == 1 or (taken_in[fact.alarm] == 0 and waiting)

    @invariant()
    def no_deadline_is_past_once_it_was_handled(self) -> None:
        self.desk.take(self.desk.hub.expire(self.desk.now))
        due = self.desk.hub.next_deadline()
        assert due is None or due > self.desk.now

    @invariant()
    def a_covert_alarm_names_nobody_to_the_called(self) -> None:
        for message in self.desk.sent(OrderMessage):
            assert not (message.covert and message.sender)

    @invariant()
    def nothing_is_said_to_a_revoked_radio(self) -> None:
        revoked = {r.radio for r in self.desk.hub.roster.radios.values() if r.revoked}
        if not revoked:
            self.desk.forget_sent()
        for message in self.desk.outgoing:
            if isinstance(message, ToRadio) and message.radio in revoked:
                assert isinstance(message.message, CancelMessage | OrderMessage) is False

    # --- helpers ---

    def orders(self) -> list[AssignmentId]:
        """Every order in memory."""
        incidents = self.desk.hub.incidents.values()
        return sorted(order for incident in incidents for order in incident.assignments)

    def timers(self) -> Any:
        """What is awaited; looked at here only, the hub keeps it to itself."""
        return self.desk.hub._desk.timers.awaited()

    def draw_incident(self, data: st.DataObject) -> Incident:
        incidents = self.desk.hub.incidents
        return incidents[data.draw(st.sampled_from(sorted(incidents)))]

    def try_(self, ask: Any) -> None:
        """A refusal is an answer, too, and changes nothing."""
        before = len(self.desk.facts)
        try:
            ask()
        except RefusedError:
            assert len(self.desk.facts) == before


TestHubLaws = HubLaws.TestCase
TestHubLaws.settings = hypothesis_settings(
    max_examples=40, stateful_step_count=30, deadline=None, report_multiple_bugs=False
)
