"""Laws that hold whatever radios, operators and time do, found out by Hypothesis.

Radios press, repeat, sign on and off, walk, answer anything to any order, offer to go, call
off with any PIN, and lose their links; operators come and go and ask for everything that they
can ask for, in any order; gateways succeed and fail; exercises begin and end; rules fail; the
store goes down; time passes a little or a lot, or steps back, and the hub is killed and
restored at any moment.
"""

from collections import Counter
from dataclasses import asdict, fields
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dispatch.clock import SECOND
from dispatch.commands import (
    AddNote,
    AnswerCancel,
    AssignUnit,
    BeginStep,
    CallMore,
    ChangePlan,
    CloseIncident,
    ExportIncident,
    HandOver,
    HoldCalls,
    IncidentCommand,
    LinkIncident,
    MergeIncident,
    RecordCallback,
    ReopenIncident,
    ReviseIncident,
    RevisePlace,
    SplitIncident,
    TakeIncident,
    TickItem,
)
from dispatch.decide import Choice, Prospects, choose
from dispatch.errors import RefusedError
from dispatch.events import AlarmJoined, AlarmReceived, AlarmUndecided, IncidentOpened
from dispatch.gateways.book import GatewayKind, person_contact, radio_contact
from dispatch.hub import Hub
from dispatch.ids import AssignmentId, OperatorName, RadioId
from dispatch.incident import Incident
from dispatch.live import LiveTable
from dispatch.messages import GatewayTold, LinksChanged, OrderAtBroker
from dispatch.outgoing import CancelMessage, OrderMessage, ToGateway, ToRadio
from dispatch.readings import Heard
from dispatch.roster import Pins, Roster
from dispatch.rules.call import Call
from dispatch.timers import Due
from dispatch.words import Agency, AssignmentState, Disposition, FalseReason, Kind, Role
from tests.builders import (
    CALM,
    FORCED,
    LI,
    TOWN,
    WANG,
    Shell,
    at,
    guard,
    police,
    settings,
    town,
    volunteer,
)
from tests.dispatch.gateways.builders import PHONE, book, gateway
from tests.dispatch.ledger import Ledger

RADIOS = ["v1", "v2", "v3", "v4", "v5", "g1", "p1"]
ANSWERS = [
    AssignmentState.RECEIVED,
    AssignmentState.ACCEPTED,
    AssignmentState.DECLINED,
    AssignmentState.EN_ROUTE,
    AssignmentState.ON_SCENE,
    AssignmentState.CLEAR,
]
AFTER_THE_END = {Due.FORGET, Due.CANCEL, Due.CALLED_OFF}
"""What may still be awaited of an ended incident: a radio that has not heard of it."""

UNTOLD = ("cancel_heard", "at_broker_t")
"""What no fact tells of an order: it is lost in a restart."""

ZHANG = OperatorName("张")

WAYS = book(
    gateway("sms", after_s=5.0),
    gateway("voice", GatewayKind.VOICE, after_s=20.0),
    contacts={
        **{radio_contact(RadioId(name)): {"phone": PHONE} for name in RADIOS},
        person_contact("supervisor"): {"phone": PHONE},
    },
)

seldom = st.sampled_from([False, False, False, True])
radios = st.sampled_from(RADIOS)
people = st.sampled_from([WANG, WANG, LI])
reasons = st.sampled_from(["", "有理由"])
places = st.tuples(st.floats(-200.0, 2_200.0), st.floats(-200.0, 700.0))


class FaultyChooser:
    """Decides like the real one, unless it is broken just now."""

    def __init__(self) -> None:
        self.broken = False

    def __call__(self, call: Call, near: Prospects) -> Choice:
        if self.broken:
            raise ZeroDivisionError("a rule failed")
        return choose(call, near)


def a_hub(chooser: FaultyChooser) -> Hub:
    """A fresh hub of the small town."""
    doctor = volunteer("v3", skills=("medical",))
    people = [volunteer(name) if name != "v3" else doctor for name in RADIOS[:5]]
    people += [guard("g1"), police("p1")]
    pins = {each.radio: Pins(calm=CALM, duress=FORCED) for each in people[:4]}
    roster = Roster([town()], people, pins)
    live = LiveTable(roster)
    return Hub(settings=settings(), roster=roster, live=live, choose=chooser, ways=WAYS)


def told(incident: Incident) -> dict[str, Any]:
    """All of an incident that facts tell."""
    shown = {f.name: getattr(incident, f.name) for f in fields(incident)}
    orders = [asdict(each) for each in incident.assignments.values()]
    shown["assignments"] = [{**each, **dict.fromkeys(UNTOLD)} for each in orders]
    shown["call_off_answer_shown"] = None
    return shown


class HubLaws(RuleBasedStateMachine):
    """A shift in which anything may happen."""

    @initialize(where=st.lists(places, min_size=7, max_size=7), pressed=st.integers(0, 3))
    def begin(self, where: list[tuple[float, float]], pressed: int) -> None:
        """A shift on duty, and as many alarms: else most of the time nothing is going on."""
        self.chooser = FaultyChooser()
        self.desk = Shell(a_hub(self.chooser))
        self.counter = 0
        self.presses: list[tuple[str, int]] = []
        self.ledger = Ledger()
        self.read = 0
        self.desk.present(WANG, LI)
        for radio, place in zip(RADIOS, where, strict=True):
            self.desk.sign_on(radio, at(*place))
        for radio in RADIOS[:pressed]:
            self.press(radio, None, False, Kind.SOS, 0, False)

    # --- what radios do ---

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
        covert=seldom,
        kind=st.sampled_from([Kind.SOS, Kind.NUISANCE, Kind.FIRE]),
        behind_s=st.sampled_from([0, 0, 0, 0, 0, 600, 90_000, -90_000]),
        drill=seldom,
    )
    def press(
        self,
        radio: str,
        where: tuple[float, float] | None,
        covert: bool,
        kind: Kind,
        behind_s: int,
        drill: bool,
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
            drill=drill,
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
    @rule(data=st.data(), states=st.lists(st.sampled_from(ANSWERS[1:]), min_size=2, max_size=4))
    def answer_in_turn(self, data: st.DataObject, states: list[AssignmentState]) -> None:
        for state in states:
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

    @precondition(lambda self: self.orders())
    @rule(data=st.data(), radio=radios)
    def show_order(self, data: st.DataObject, radio: str) -> None:
        order = data.draw(st.sampled_from(self.orders()))
        self.desk.hear(data.draw(st.sampled_from([self.unit_of(order), radio])), Heard.SHOWN, order)

    @precondition(lambda self: self.desk.hub.alarms)
    @rule(data=st.data(), pin=st.sampled_from([CALM, CALM, FORCED, "", "5"]))
    def call_off(self, data: st.DataObject, pin: str) -> None:
        self.desk.call_off(data.draw(st.sampled_from(sorted(self.desk.hub.alarms))), pin)

    @precondition(lambda self: self.desk.hub.alarms)
    @rule(data=st.data())
    def hear_called_off_or_not(self, data: st.DataObject) -> None:
        alarm = data.draw(st.sampled_from(sorted(self.desk.hub.alarms)))
        shown = data.draw(st.sampled_from([Heard.CALLED_OFF, Heard.REFUSED]))
        self.desk.hear(self.desk.hub.alarms[alarm].unit, shown, alarm)

    @rule(data=st.data(), radio=radios)
    def offer(self, data: st.DataObject, radio: str) -> None:
        known = sorted(self.desk.hub.incidents)
        self.desk.offer(radio, data.draw(st.sampled_from([None, *known])))

    # --- what gateways and the broker do ---

    @precondition(lambda self: self.orders())
    @rule(data=st.data())
    def order_at_broker(self, data: st.DataObject) -> None:
        self.desk.give(OrderAtBroker(assignment=data.draw(st.sampled_from(self.orders()))))

    @precondition(lambda self: self.messages())
    @rule(data=st.data(), ok=st.booleans())
    def gateway_tells(self, data: st.DataObject, ok: bool) -> None:
        sent = self.messages()
        what = sent[data.draw(st.integers(0, len(sent) - 1))]
        self.desk.give(
            GatewayTold(
                id=what.message.id,
                gateway=what.message.gateway,
                incident=what.incident,
                assignment=what.assignment,
                person=what.person,
                recall=what.recall,
                ok=ok,
                why="" if ok else "http_500",
            )
        )

    # --- what operators do ---

    @rule(names=st.sampled_from([(), (WANG,), (LI,), (WANG, LI), (LI, ZHANG)]))
    def operators(self, names: tuple[OperatorName, ...]) -> None:
        self.desk.present(*names)

    @rule(
        unit=st.none() | radios,
        where=st.none() | places,
        kind=st.sampled_from([Kind.SOS, Kind.MEDICAL, Kind.HAZARD]),
        drill=seldom,
    )
    def open_by_hand(
        self, unit: str | None, where: tuple[float, float] | None, kind: Kind, drill: bool
    ) -> None:
        lon, lat = (None, None) if where is None else at(*where)
        self.try_(lambda: self.desk.open(unit=unit, lon=lon, lat=lat, kind=kind, drill=drill))

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(data=st.data(), words=reasons)
    def take(self, data: st.DataObject, words: str) -> None:
        self.ask(data, TakeIncident, words=words)

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(data=st.data(), unit=radios)
    def assign(self, data: st.DataObject, unit: str) -> None:
        self.ask(data, AssignUnit, unit=unit)

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
        said=st.sampled_from(
            [
                (ReviseIncident, {"priority": 1}),
                (ReviseIncident, {"priority": 4}),
                (ReviseIncident, {"kind": Kind.FIRE, "priority": None}),
                (ChangePlan, {"plan": "default-1/fire"}),
                (ChangePlan, {"plan": "default-1/medical"}),
                (ChangePlan, {"plan": "default-1/none"}),
                (HoldCalls, {}),
                (HoldCalls, {"held": False}),
                (BeginStep, {}),
                (BeginStep, {"step": "near"}),
                (BeginStep, {"step": "agency", "words": "急"}),
                (CallMore, {"count": 2}),
                (CallMore, {"role": Role.GUARD}),
                (CallMore, {"skill": "medical"}),
            ]
        ),
    )
    def overrule(
        self,
        data: st.DataObject,
        said: tuple[type[IncidentCommand], dict[str, object]],
    ) -> None:
        self.ask(data, said[0], **said[1])

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(data=st.data(), where=places, unit=st.none() | radios)
    def move(self, data: st.DataObject, where: tuple[float, float], unit: str | None) -> None:
        lon, lat = (None, None) if unit is not None else at(*where)
        self.ask(data, RevisePlace, grid=None, lon=lon, lat=lat, unit=unit)

    @precondition(lambda self: len(self.open_ones()) > 1)
    @rule(data=st.data(), somebody_comes=st.booleans())
    def merge(self, data: st.DataObject, somebody_comes: bool) -> None:
        one, into = (data.draw(st.sampled_from(self.open_ones())) for _ in range(2))
        standing = sorted(one.assignments)
        if somebody_comes and standing:
            state = data.draw(st.sampled_from(ANSWERS))
            self.desk.answer(data.draw(st.sampled_from(standing)), state)
        by = one.taken_by or into.taken_by or WANG
        self.try_(lambda: self.desk.do(MergeIncident, one, by=by, into=into.incident))

    @precondition(lambda self: len(self.desk.hub.incidents) > 1)
    @rule(data=st.data(), linked=st.booleans())
    def link_incidents(self, data: st.DataObject, linked: bool) -> None:
        other = self.draw_incident(data).incident
        self.ask(data, LinkIncident, other=other, linked=linked)

    @precondition(lambda self: self.desk.hub.alarms and self.desk.hub.incidents)
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        incident = self.draw_incident(data)
        alarms = sorted(incident.alarms) or sorted(self.desk.hub.alarms)
        chosen = data.draw(st.lists(st.sampled_from(alarms), max_size=3))
        by = incident.taken_by or WANG
        self.try_(lambda: self.desk.do(SplitIncident, incident, by=by, alarms=tuple(chosen)))

    @precondition(lambda self: self.wishes())
    @rule(data=st.data(), granted=st.booleans(), why=st.sampled_from([None, *FalseReason]))
    def answer_wish(self, data: st.DataObject, granted: bool, why: FalseReason | None) -> None:
        incident = data.draw(st.sampled_from(self.wishes()))
        found = self.desk.hub.incidents[incident]
        by = found.taken_by or WANG
        asked = {"by": by, "granted": granted, "false_reason": why}
        self.try_(lambda: self.desk.do(AnswerCancel, found, **asked))

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(
        data=st.data(),
        disposition=st.sampled_from([Disposition.RESOLVED, Disposition.FALSE_ALARM]),
    )
    def close(self, data: st.DataObject, disposition: Disposition) -> None:
        false = FalseReason.BY_ACCIDENT if disposition is Disposition.FALSE_ALARM else None
        self.ask(data, CloseIncident, disposition=disposition, false_reason=false)

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(
        data=st.data(),
        asked=st.sampled_from(
            [ReopenIncident, ReopenIncident, TickItem, RecordCallback, ExportIncident, HandOver]
        ),
    )
    def look_after(self, data: st.DataObject, asked: type[IncidentCommand]) -> None:
        more = {"agency": data.draw(st.sampled_from(Agency))} if asked is HandOver else {}
        self.ask(data, asked, **more)

    @precondition(lambda self: self.desk.hub.incidents)
    @rule(data=st.data())
    def note(self, data: st.DataObject) -> None:
        self.desk.do(AddNote, self.draw_incident(data), based_on=1, lease=99)

    @rule(by=people, to=st.sampled_from([WANG, LI, ZHANG]))
    def hand_over_shift(self, by: OperatorName, to: OperatorName) -> None:
        self.try_(lambda: self.desk.hand_shift(by=by, to=to))

    @rule(begins=st.booleans())
    def exercise(self, begins: bool) -> None:
        on = self.desk.hub.drills.get(TOWN)
        if begins:
            self.try_(self.desk.start_drill)
        elif on is not None:
            self.desk.end_drill(on[0])

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

    @rule(seconds=st.sampled_from([2, 7_200]))
    def the_clock_steps_back(self, seconds: int) -> None:
        self.desk.now -= seconds * SECOND

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
        assert hub.records == fresh.records
        assert hub.drills == fresh.drills
        assert {*hub._desk.board.books} >= {*fresh._desk.board.books}

    @invariant()
    def nothing_is_awaited_of_what_has_ended(self) -> None:
        for incident in self.desk.hub.incidents.values():
            if not incident.open:
                subjects = {incident.incident, *incident.assignments, *incident.alarms}
                awaited = {k.due for k in self.timers() if k.subject in subjects}
                assert awaited <= AFTER_THE_END | {Due.TELL}
                assert not any(each.live for each in incident.assignments.values())

    @invariant()
    def nobody_is_live_on_two_incidents_by_machine(self) -> None:
        """Only where an operator said so, or they offered themselves; a merge is an operator's."""
        orders = Counter(
            each.unit
            for incident in self.desk.hub.incidents.values()
            for each in incident.assignments.values()
            if each.live and each.by is None and not each.volunteered
        )
        assert all(count == 1 for count in orders.values()), orders

    @invariant()
    def every_fact_explains_itself_and_no_timer_fires_twice(self) -> None:
        for fact in self.desk.facts[self.read :]:
            self.ledger.read(fact)
        self.read = len(self.desk.facts)
        self.ledger.balanced()

    @invariant()
    def each_press_is_in_the_list_of_its_incident_only(self) -> None:
        hub = self.desk.hub
        listed = {
            alarm: incident.incident
            for incident in hub.incidents.values()
            for alarm in incident.alarms
        }
        count = sum(len(incident.alarms) for incident in hub.incidents.values())
        assert count == len(listed)
        assert listed == {a.alarm: a.incident for a in hub.alarms.values() if a.incident}

    @invariant()
    def every_press_is_in_one_incident_or_undecided(self) -> None:
        taken_in = Counter(
            fact.alarm
            for fact in self.desk.facts
            if isinstance(fact, IncidentOpened | AlarmJoined)
            and fact.alarm is not None
            and not getattr(fact, "moved_from", None)
            and not (isinstance(fact, IncidentOpened) and fact.by)
        )
        undecided = {fact.alarm for fact in self.desk.facts if isinstance(fact, AlarmUndecided)}
        for fact in self.desk.facts:
            if isinstance(fact, AlarmReceived):
                waiting = fact.alarm in undecided and fact.alarm in self.desk.hub.alarms
                assert taken_in[fact.alarm] == 1 or (taken_in[fact.alarm] == 0 and waiting)

    @invariant()
    def no_deadline_is_past_once_it_was_handled(self) -> None:
        self.desk.handle_due()
        due = self.desk.hub.next_deadline()
        assert due is None or due > self.desk.now
        assert not self.desk.hub.counts["deadline_stuck"]

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

    def teardown(self) -> None:
        """Never stuck: whatever happened, an operator can take it, send somebody and end it."""
        if not hasattr(self, "desk"):
            return
        for incident in self.open_ones():
            if incident.taken_by != ZHANG:
                self.desk.took(incident, ZHANG, words="收尾")
            self.try_(lambda i=incident: self.desk.do(AssignUnit, i, by=ZHANG, unit="p1"))
            self.desk.close(incident, by=ZHANG)
        self.nothing_is_awaited_of_what_has_ended()
        self.every_fact_explains_itself_and_no_timer_fires_twice()

    # --- helpers ---

    def orders(self) -> list[AssignmentId]:
        """Every order in memory."""
        incidents = self.desk.hub.incidents.values()
        return sorted(order for incident in incidents for order in incident.assignments)

    def timers(self) -> Any:
        """What is awaited; looked at here only, the hub keeps it to itself."""
        return self.desk.hub._desk.timers.awaited()

    def unit_of(self, order: AssignmentId) -> str:
        """Whose it is."""
        return self.desk.assignment(order).unit

    def messages(self) -> list[ToGateway]:
        """What was given to gateways."""
        return [each for each in self.desk.outgoing if isinstance(each, ToGateway)]

    def wishes(self) -> list[Any]:
        """Open incidents whose sender waits for an answer."""
        return sorted(
            each.incident
            for each in self.desk.hub.incidents.values()
            if each.open and each.cancel is not None and each.cancel.granted is None
        )

    def ask(self, data: st.DataObject, asked: type[IncidentCommand], **said: object) -> None:
        """A command about any incident, mostly by whoever has it, on any picture of it and under
        any lease."""
        incident = self.draw_incident(data)
        holder = incident.taken_by or WANG
        said["by"] = data.draw(st.sampled_from([holder, holder, holder, WANG, LI]))
        stale = data.draw(st.sampled_from([{}, {}, {}, {}, {"based_on": 1}, {"lease": 1}]))
        self.try_(lambda: self.desk.do(asked, incident, **said, **stale))

    def open_ones(self) -> list[Incident]:
        """Incidents that are not over."""
        return [each for each in self.desk.hub.incidents.values() if each.open]

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
