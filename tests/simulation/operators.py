"""The operators of a world: they see what their pages show, perhaps late, and ask for anything.

Whatever an operator asks is asked again, under the same id, until it is answered, as pages do
that lost their server in between.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from dispatch.commands import (
    AddNote,
    AnswerCancel,
    AnyCommand,
    AssignUnit,
    BeginStep,
    CallMore,
    ChangePlan,
    CloseIncident,
    EndDrill,
    ExportIncident,
    HandOver,
    HandOverShift,
    HoldCalls,
    LinkIncident,
    MergeIncident,
    OpenIncident,
    RecordCallback,
    ReopenIncident,
    ReviseIncident,
    RevisePlace,
    RevokeRadio,
    SplitIncident,
    StartDrill,
    TakeIncident,
    TickItem,
    WithdrawUnit,
)
from dispatch.errors import RefusedError, StoreError
from dispatch.ids import (
    AlarmId,
    AssignmentId,
    CommandId,
    DrillId,
    GridId,
    IncidentId,
    OperatorName,
    RadioId,
    UnitId,
)
from dispatch.messages import Reply
from dispatch.words import Agency, Disposition, FalseReason, Kind, Role, Satisfaction
from tests.builders import SEAL, TOWN
from tests.simulation.agenda import Agenda
from tests.simulation.life import Life
from tests.simulation.pages import Page
from tests.simulation.trace import Trace

PATIENCE_US: Final = 10_000_000
"""Unanswered for so long, a page asks again."""
TRIES_MAX: Final = 20
STALE_SHARE: Final = 0.15
"""Of requests based on whatever version, or given under a lease of another."""

STEERING: Final[list[tuple[type[Any], dict[str, Any]]]] = [
    (ReviseIncident, {"priority": 1}),
    (ReviseIncident, {"priority": 4}),
    (ReviseIncident, {"kind": Kind.FIRE}),
    (RevisePlace, {"grid": "g4"}),
    (RevisePlace, {"unit": "v1"}),
    (ChangePlan, {"plan": "default-1/fire", "words": "起火"}),
    (ChangePlan, {"plan": "default-1/none", "words": "不用"}),
    (HoldCalls, {"held": True, "words": "民警已在场"}),
    (HoldCalls, {"held": False}),
    (BeginStep, {}),
    (BeginStep, {"step": "agency", "words": "急"}),
    (CallMore, {"count": 2}),
    (CallMore, {"count": 1, "role": Role.GUARD}),
    (TickItem, {"item": "speak"}),
    (TickItem, {"item": "speak", "done": False}),
    (HandOver, {"agency": Agency.POLICE}),
    (AnswerCancel, {"granted": True, "false_reason": FalseReason.BY_ACCIDENT}),
    (AnswerCancel, {"granted": False}),
    (RecordCallback, {"satisfaction": Satisfaction.SATISFIED}),
    (ExportIncident, {"community": TOWN, "seal": SEAL, "personal": False}),
    (AddNote, {"words": "已联系"}),
    (CloseIncident, {"disposition": Disposition.RESOLVED}),
    (CloseIncident, {"disposition": Disposition.RESOLVED}),
    (
        CloseIncident,
        {"disposition": Disposition.FALSE_ALARM, "false_reason": FalseReason.MISTAKEN},
    ),
    (ReopenIncident, {"words": "又来了"}),
    (TakeIncident, {"words": "换我"}),
    (TakeIncident, {}),
    (TakeIncident, {}),
]


@dataclass(slots=True, eq=False, kw_only=True)
class Asked:
    """A request, until it is answered."""

    command: AnyCommand
    tries: int = 0
    answer: str = ""
    """Done, or why not; empty while nobody said."""
    asked_t: int = 0
    """True time of the last try."""
    kept: bool = False
    """It was done while the store took writes all the time."""


class Operator:
    """One person and their page."""

    def __init__(
        self,
        name: OperatorName,
        *,
        agenda: Agenda,
        trace: Trace,
        draw: random.Random,
        life: Callable[[], Life | None],
        answered: Callable[[Asked], None],
    ) -> None:
        self.name = name
        self.page: Page | None = None
        self.asked: list[Asked] = []
        self._agenda = agenda
        self._trace = trace
        self._draw = draw
        self._life = life
        self._answered = answered
        self._count = 0

    def come(self, *, slow: bool) -> None:
        """They open a page, where the hub is there."""
        life = self._life()
        if life is not None and life.shell is not None and self.page is None:
            life.soon(lambda: self._open(life, slow=slow))

    def go(self) -> None:
        """They close it."""
        page, life = self.page, self._life()
        self.page = None
        if page is not None and life is not None:
            self._trace.say("page closed", self.name)
            life.soon(page.leave)

    def lost(self) -> None:
        """The hub is gone, and the page with it."""
        self.page = None

    def act(self) -> None:
        """They ask for something, by what they see."""
        if self.page is not None:
            command = self._drawn(self.page)
            if command is not None:
                self.ask(command)

    def ask(self, command: AnyCommand) -> None:
        """Until it is answered."""
        asked = Asked(command=command)
        self.asked.append(asked)
        self._try(asked)

    def fresh_id(self) -> CommandId:
        """Of a request."""
        self._count += 1
        return CommandId(f"{self.name}{self._count}")

    # --- steps ---

    def _open(self, life: Life, *, slow: bool) -> None:
        if self.page is None:
            self._trace.say("page opened", self.name)
            self.page = Page(self.name, life.feed, agenda=self._agenda, life=life, draw=self._draw)
            self.page.slow = slow

    def _try(self, asked: Asked) -> None:
        if asked.answer or asked.tries >= TRIES_MAX:
            return
        asked.tries += 1
        self._agenda.after(PATIENCE_US, lambda: self._try(asked))
        life = self._life()
        if life is not None and life.shell is not None:
            self._trace.say("asks", asked.command.command, type(asked.command).__name__)
            life.soon(lambda: self._put(asked, life))

    def _put(self, asked: Asked, life: Life) -> None:
        assert life.shell is not None
        asked.asked_t = self._agenda.now
        task = life.loop.create_task(life.shell.ask(asked.command))
        task.add_done_callback(lambda done: self._take(asked, done, life))

    def _take(self, asked: Asked, done: "asyncio.Task[Reply]", life: Life) -> None:
        error = done.exception()
        if error is None:
            asked.answer = f"done {done.result().subject} {done.result().version}"
            asked.kept = life.store_down_t < asked.asked_t
            self._trace.say("answered", asked.command.command, asked.answer)
            self._answered(asked)
        elif isinstance(error, RefusedError):
            asked.answer = error.code
            self._trace.say("refused", asked.command.command, error.code)
        elif isinstance(error, StoreError):
            self._trace.say("not kept", asked.command.command, error)
        else:
            raise error

    # --- what to ask for ---

    def _drawn(self, page: Page) -> AnyCommand | None:
        """Anything in the catalogue, about anything on the page."""
        shown, draw = page.shown, self._draw
        held = sorted(shown.incidents)
        said: dict[str, Any] = {"command": self.fresh_id(), "by": self.name}
        kind = draw.random()
        if kind < 0.08 or not held:
            return self._opening(said) if draw.random() < 0.5 else self._of_shift(said, page)
        if kind < 0.12:
            return self._of_shift(said, page)
        doc = shown.incidents[draw.choice(held)]
        said |= {"incident": IncidentId(doc.id), "based_on": doc.version}
        said["lease"] = doc.lease if doc.taken_by == self.name else 0
        if draw.random() < STALE_SHARE:
            said |= {"based_on": draw.choice([0, 1]), "lease": draw.choice([0, 1])}
        if kind < 0.6 and doc.closed_t is not None:
            return self._of_the_end(said)
        if kind < 0.6 and doc.cancel is not None and doc.cancel.granted is None:
            return self._to_the_wish(said)
        if kind < 0.35:
            return self._about_units(said, doc, page)
        if kind < 0.45:
            return self._together(said, doc, held)
        asked, more = draw.choice(STEERING)
        command: AnyCommand = asked(**said, **more)
        return command

    def _of_the_end(self, said: dict[str, Any]) -> AnyCommand:
        """About one that is over."""
        match self._draw.randint(0, 3):
            case 0 | 1:
                return ReopenIncident(**said, words="又来了")
            case 2:
                return RecordCallback(**said, satisfaction=Satisfaction.SATISFIED)
            case _:
                return ExportIncident(**said, community=TOWN, seal=SEAL, personal=False)

    def _to_the_wish(self, said: dict[str, Any]) -> AnyCommand:
        """Its sender asked to call it off."""
        granted = self._draw.random() < 0.6
        why = FalseReason.BY_ACCIDENT if granted else None
        return AnswerCancel(**said, granted=granted, false_reason=why)

    def _opening(self, said: dict[str, Any]) -> AnyCommand:
        unit = self._draw.choice([None, UnitId("v1"), UnitId("g1")])
        return OpenIncident(
            **said,
            community=TOWN,
            kind=self._draw.choice([Kind.SOS, Kind.HAZARD, Kind.MEDICAL]),
            words="来电",
            grid=None if unit else self._draw.choice([GridId("g1"), GridId("g3"), None]),
            unit=unit,
        )

    def _of_shift(self, said: dict[str, Any], page: Page) -> AnyCommand:
        status = page.shown.status
        kind = self._draw.random()
        drills = [] if status is None else status.drills
        if kind < 0.04:
            return RevokeRadio(**said, radio=RadioId("v5"))
        if kind < 0.5 and drills:
            return EndDrill(**said, drill=DrillId(drills[0].id))
        if kind < 0.5:
            return StartDrill(**said, community=TOWN, name="演练")
        others = [] if status is None else [n for n in status.operators if n != self.name]
        to = OperatorName(self._draw.choice(others) if others else "无人")
        return HandOverShift(**said, community=TOWN, to=to)

    def _about_units(self, said: dict[str, Any], doc: Any, page: Page) -> AnyCommand:
        orders = [each.id for each in doc.assignments]
        if orders and self._draw.random() < 0.5:
            return WithdrawUnit(**said, assignment=AssignmentId(self._draw.choice(orders)))
        unit = self._draw.choice(sorted(page.shown.units) or ["v1"])
        return AssignUnit(**said, unit=UnitId(unit))

    def _together(self, said: dict[str, Any], doc: Any, held: list[str]) -> AnyCommand:
        other = IncidentId(self._draw.choice(held))
        kind = self._draw.random()
        if kind < 0.4:
            return MergeIncident(**said, into=other)
        if kind < 0.7:
            return LinkIncident(**said, other=other, linked=self._draw.random() < 0.7)
        alarms = [AlarmId(each.id) for each in doc.alarms]
        chosen = self._draw.sample(alarms, min(len(alarms), self._draw.randint(0, 2)))
        return SplitIncident(**said, alarms=tuple(chosen))
