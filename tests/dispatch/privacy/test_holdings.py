"""Whose a personal value is, for every one there is: a new one has to be thought about here."""

import dataclasses
import types
import typing
from typing import Any

import pytest

from dispatch.access.facts import LoginRefused, Why
from dispatch.access.words import NO_COMMUNITY
from dispatch.events import AlarmReceived, Event, IncidentOpened, Personal, Purpose, ResponseDecided
from dispatch.ids import OperatorName, UnitId
from dispatch.privacy.holdings import Person, Span, fact_doc, seen_by, theirs
from dispatch.store.codec import FACT_TYPES
from tests.dispatch.store.facts import INCIDENT, NOON, alarm, decided, opened, place

THEIRS = """
AlarmConflicted.content  AlarmJoined.place  AlarmReceived.fix
IncidentOpened.place  IncidentOpened.words
LoggedIn.address  LoginRefused.address  RadioLetIn.address  RequestDenied.address
PatrolReported.words  PatrolReported.photo  PatrolReported.fix
PlaceRevised.place  ProviderLinked.subject  ResponseDecided.inputs  UnitDeclined.reason
"""
"""Of whoever pressed, reported, logged in or let their radio in, or was looked at."""

THE_CENTRES = """
CallbackMade.words  CallsHeld.words  CancelAnswered.words  HandedOver.contact  HandedOver.words
IncidentClosed.words  IncidentOpened.caller  IncidentReopened.words  IncidentRevised.words
IncidentTaken.words  NoteAdded.words  PersonErased.why  PlaceRevised.words  PlanChanged.words
RadioCodeRefused.address  ShiftHandedOver.words  StepBegun.words  TrackErased.why
TipClosed.words  TipGiven.content  TipGiven.kind  TipGiven.teller  TipNoted.words  TipRead.why
"""
"""Written by people on duty about a matter, or of a third person, whoever that was: goes with its
time. What a sealed tip says is a box to everybody here; its teller gets it, and is erased from it,
by the key (tests/dispatch/tips)."""

WANG = Person(
    account=OperatorName("王芳"),
    spans=(Span(UnitId("r1"), NOON - 10, NOON + 10),),
    incidents=frozenset({INCIDENT}),
)


def test_every_personal_value_is_somebodys() -> None:
    """Nobody adds one without saying whether it goes with the person."""
    every = {
        f"{name}.{field}"
        for name, cls in FACT_TYPES.items()
        for field, hint in typing.get_type_hints(cls).items()
        if is_personal(hint)
    }
    assert not set(THEIRS.split()) & set(THE_CENTRES.split())
    assert every == {*THEIRS.split(), *THE_CENTRES.split()}


@pytest.mark.parametrize("each", THEIRS.split())
def test_what_is_theirs_goes_to_them_and_to_nobody_else(each: str) -> None:
    """Told by their radio, while they carried it; or by their own login."""
    name, field = each.split(".")

    assert field in theirs(a_fact(name), WANG)
    assert theirs(a_fact(name), Person(account=OperatorName("李雷"))) == ()
    assert theirs(a_fact(name), Person(spans=(Span(UnitId("r2")),))) == ()


@pytest.mark.parametrize("each", THE_CENTRES.split())
def test_what_is_the_centres_is_handed_to_nobody(each: str) -> None:
    """Though the incident was theirs."""
    name, field = each.split(".")

    assert field not in theirs(a_fact(name), WANG)
    assert fact_doc(1, a_fact(name), WANG)[field] == {"withheld": True}


def test_before_and_after_they_carried_it_the_radio_is_anothers() -> None:
    """The end is the next bearer's first moment."""
    assert theirs(alarm(t=NOON - 11), WANG) == ()
    assert theirs(alarm(t=NOON - 10), WANG) == ("fix",)
    assert theirs(alarm(t=NOON + 9), WANG) == ("fix",)
    assert theirs(alarm(t=NOON + 10), WANG) == ()


def test_a_strangers_refused_login_is_nobodys() -> None:
    """It is of no account, and so is a person whom one asks for by their radio."""
    refused = LoginRefused(
        t=NOON,
        community=NO_COMMUNITY,
        account=OperatorName(""),
        why=Why.UNKNOWN,
        times=1,
        address=Personal(Purpose.ADDRESS, "192.0.2.1"),
    )

    assert theirs(refused, Person(spans=(Span(UnitId("r1")),))) == ()


def test_an_erased_value_is_told_as_erased() -> None:
    """Nobody wonders whether something is kept back."""
    assert fact_doc(7, alarm(fix=Personal(Purpose.PLACE, None)), WANG)["fix"] == {"erased": True}
    assert fact_doc(7, alarm(fix=place(1, 2)), WANG)["fix"] == {"lon": 1, "lat": 2, "acc_m": 5.0}


@pytest.mark.parametrize(
    ("inputs", "seen"),
    [
        (
            {"candidates": {"unit": ["r1", "r2"], "ring": [0, 1]}, "sender": "r3"},
            ("r1", "r2", "r3"),
        ),
        ({"candidates": [{"unit": "r1"}, {"unit": "r2"}]}, ("r1", "r2")),
        ({"candidates": []}, ()),
        ({}, ()),
        (None, ()),
    ],
)
def test_who_was_looked_at_is_read_from_every_shape(inputs: Any, seen: tuple[str, ...]) -> None:
    """Columns, rows in older journals, and what was erased."""
    assert seen_by(inputs) == seen


def a_fact(name: str) -> Event:
    """One of this kind, of r1, 王芳's radio, and 王芳's account."""
    cls = FACT_TYPES[name]
    made: dict[type, Event] = {
        AlarmReceived: alarm(),
        IncidentOpened: opened(
            words=Personal(Purpose.WORDS, "x"), caller=Personal(Purpose.PERSON, "x")
        ),
        ResponseDecided: decided(
            inputs=Personal(Purpose.DECISION, {"candidates": {"unit": ["r1"]}})
        ),
    }
    if cls in made:
        return made[cls]
    known: dict[str, Any] = {
        "t": NOON,
        "unit": "r1",
        "radio": "r1",
        "alarm": "r1/b/1",
        "account": "王芳",
        "incident": INCIDENT,
    }
    hints = typing.get_type_hints(cls)
    fields: dict[str, Any] = {
        each.name: Personal(Purpose.WORDS, "x")
        if is_personal(hints[each.name])
        else known.get(each.name, "x")
        for each in dataclasses.fields(cls)
    }
    return cls(**fields)


def is_personal(hint: Any) -> bool:
    union = typing.get_origin(hint) in (types.UnionType, typing.Union)
    return hint is Personal or (union and Personal in typing.get_args(hint))
