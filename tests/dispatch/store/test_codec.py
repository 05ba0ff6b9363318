"""Facts go to text and come back the same, whatever they hold; anything else is refused."""

import types
import typing
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import FactRefusedError, FactUnreadableError
from dispatch.events import EVENT_TYPES, Event, Personal, Purpose
from dispatch.store.codec import Encoded, Kept, canonical, decode, digest_of, encode, references
from tests.dispatch.store.facts import alarm, assigned, note, opened, place, signed_on

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
INT64 = st.integers(-(2**63), 2**63 - 1)
FLOAT = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.booleans() | INT64 | FLOAT | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
WILD = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
"""What a rule with a fault could hand us."""
PERSONAL = st.builds(Personal, st.sampled_from(Purpose), JSON)


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Anything a field of this type may hold."""
    hint = getattr(hint, "__supertype__", hint)
    plain = {str: TEXT, int: INT64, float: FLOAT, bool: st.booleans(), Personal: PERSONAL}
    if hint in plain:
        return plain[hint]
    if hint is type(None):
        return st.none()
    match typing.get_origin(hint), typing.get_args(hint):
        case types.UnionType | typing.Union, arms:
            return st.one_of(*(values_of(arm) for arm in arms))
        case origin, (item, _) if origin is tuple:
            return st.lists(values_of(item), max_size=3).map(tuple)
        case origin, (key, item) if origin is dict:
            return st.dictionaries(values_of(key), values_of(item), max_size=3)
    return st.sampled_from(hint)


def facts() -> st.SearchStrategy[Event]:
    """Any fact of any kind, filled to the brim."""
    return st.sampled_from(sorted(EVENT_TYPES)).flatmap(lambda name: fact_of(EVENT_TYPES[name]))


def fact_of(cls: type[Event]) -> st.SearchStrategy[Event]:
    hints = typing.get_type_hints(cls)
    filled = {f.name: values_of(hints[f.name]) for f in fields(cls)}
    filled["community"] = st.text("abc-", min_size=1, max_size=5)
    return st.builds(cls, **filled)


def counting() -> Callable[[int], bytes]:
    """Chance for tests: never the same twice, always the same order."""
    count = 0

    def token_bytes(size: int) -> bytes:
        nonlocal count
        count += 1
        return count.to_bytes(size, "big")

    return token_bytes


def read_back(written: Encoded, **changed: Any) -> Event:
    row: dict[str, Any] = {
        "seq": 7,
        "t": written.event.t,
        "community": written.event.community,
        "name": written.name,
        "body": written.body,
        "personal": {v.id: Kept(v.purpose, v.text) for v in written.personal},
    }
    return decode(**row | changed)


@given(facts())
def test_every_fact_reads_back_as_it_was(fact: Event) -> None:
    """A hub restarts from these texts alone."""
    written = encode(fact, counting())

    assert read_back(written) == fact


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_every_kind_of_fact_is_tried(name: str) -> None:
    """A new kind of fact whose fields the codec cannot carry fails here, by name."""
    cls = EVENT_TYPES[name]

    @given(fact_of(cls))
    def reads_back(fact: Event) -> None:
        assert read_back(encode(fact, counting())) == fact

    reads_back()


def test_what_is_personal_never_stands_in_the_body() -> None:
    """The body is hashed for ever; a name in it could not be erased."""
    written = encode(note("张三的电话 13800000000"), counting())

    assert "13800000000" not in written.body
    assert written.personal[0].text == '"张三的电话 13800000000"'
    assert references(seq=1, name=written.name, body=written.body)[0].digest == digest_of(
        written.personal[0].salt, written.personal[0].text
    )


def test_the_same_words_twice_have_different_digests() -> None:
    """Without a salt of its own, a short value could be guessed from its digest."""
    token_bytes = counting()
    first, second = encode(note("好"), token_bytes), encode(note("好"), token_bytes)

    assert first.body != second.body


def test_the_body_is_canonical() -> None:
    """Keys sorted, no blanks, Chinese as it is: one fact, one text."""
    assert encode(signed_on(t=5), counting()).body == '{"device_t":5,"unit":"r1"}'


def test_an_erased_value_reads_as_none() -> None:
    written = encode(alarm(), counting())
    erased = {v.id: Kept(v.purpose, None) for v in written.personal}

    assert read_back(written, personal=erased) == alarm(fix=Personal(Purpose.PLACE, None))


@pytest.mark.parametrize(
    "fact",
    [
        assigned(distance_m=float("nan")),
        assigned(distance_m="far"),
        alarm(device_t=["noon"]),
        alarm(fix=place(lon=float("inf"))),
        alarm(fix=Personal(Purpose.PLACE, None)),
        alarm(fix=Personal(Purpose.PLACE, {"raw": b"\xff", "of": object()})),
        alarm(kind="earthquake"),
        note("\ud800"),
        note("a\0b"),
        opened(community="two\nlines"),
        signed_on(t=2**70),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_a_fact_that_would_not_read_back_is_refused_at_the_door(fact: Event) -> None:
    """In the queue it would stand in front of the next alarm."""
    with pytest.raises(FactRefusedError) as refused:
        encode(fact, counting())

    assert refused.value.name == type(fact).__name__


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "CatRescued"}, "no fact has this name"),
        ({"body": '{"device_t":5'}, "truncated"),
        ({"body": "[]"}, "Expected `object`"),
        ({"body": '{"device_t":5}'}, "missing required field `unit`"),
        ({"body": '{"device_t":"x","unit":"r1"}'}, "Expected `int`"),
        ({"body": '{"device_t":5,"unit":"r1","more":1}'}, "unknown fields"),
        ({"t": "noon"}, "Expected `int`"),
    ],
)
def test_a_broken_row_is_named_by_its_number(changed: dict[str, Any], why: str) -> None:
    """Somebody has to find it among millions."""
    with pytest.raises(FactUnreadableError, match="fact 7 of the journal") as broken:
        read_back(encode(signed_on(), counting()), **changed)

    assert broken.value.seq == 7
    assert why in broken.value.why


def test_a_missing_personal_value_is_not_taken_for_an_erased_one() -> None:
    with pytest.raises(FactUnreadableError, match="is missing"):
        read_back(encode(alarm(), counting()), personal={})


@pytest.mark.parametrize("reference", ['"x"', '{"personal":1,"digest":"d"}', '{"personal":"p"}'])
def test_a_broken_reference_is_unreadable(reference: str) -> None:
    body = encode(alarm(), counting()).body
    start, end = body.index('"fix":') + 6, body.index('},"kind"') + 1

    with pytest.raises(FactUnreadableError):
        references(seq=7, name="AlarmReceived", body=body[:start] + reference + body[end:])


def told_or_refused(value: object) -> str | None:
    """Canonical JSON; None where it was refused."""
    try:
        return canonical(value)
    except ValueError:
        return None


@given(st.dictionaries(st.text(max_size=4), WILD, max_size=4))
def test_the_quick_look_sees_what_the_thorough_one_sees(value: dict[str, Any]) -> None:
    """A decision's thousand candidates are not looked at one by one; nothing may slip through
    for it, and not a byte may differ. A list is looked at thoroughly, a dict quickly."""
    thoroughly = told_or_refused([value])

    quickly = told_or_refused(value)

    assert quickly == (None if thoroughly is None else thoroughly[1:-1])


@pytest.mark.parametrize("text", ["\\u0000", "1" * 40, "ends in \\", "null", "NaN"])
def test_words_that_only_look_wrong_are_kept(text: str) -> None:
    """Somebody may write down an escape sequence, or a long number."""
    assert told_or_refused({"text": text}) == told_or_refused([{"text": text}])[1:-1]  # type: ignore[index]  # kept, as the claim is
