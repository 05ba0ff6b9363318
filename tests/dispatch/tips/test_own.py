"""Whose a tip is, only the key tells; and erasing somebody erases them from the tips they gave."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dispatch.__main__ import main
from dispatch.access.facts import AccountOpened
from dispatch.access.words import NO_COMMUNITY
from dispatch.ids import UnitId
from dispatch.privacy.holdings import Person, Span
from dispatch.store.sql import SqlStore
from dispatch.tips.facts import TipGiven
from dispatch.tips.keys import FILE, KeyFile
from dispatch.tips.own import own_tips
from dispatch.tips.told import Teller
from tests.dispatch.store.facts import NOON
from tests.dispatch.tips.tips import LI, WANG, WORDS, given, ring


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The command sets up logging for its process; here that is every test's."""
    yield
    structlog.reset_defaults()


def test_those_are_theirs_that_they_gave_under_their_name() -> None:
    """By their account, or by a radio while they carried it; not those that an operator wrote down,
    and not those without a name."""
    keys, unit = ring(), UnitId("r1")
    mine = given(keys, Teller(account=LI))
    radioed = given(keys, Teller(unit=unit))
    before = given(keys, Teller(unit=unit), now=NOON - 100)
    others = given(keys, Teller(account=WANG))
    called = given(keys, Teller(caller=LI))
    nameless = given(keys)
    person = Person(account=LI, spans=(Span(unit, NOON - 10, NOON + 10),))

    found = own_tips(keys, [mine, radioed, before, others, called, nameless], person)

    assert found.given == (mine, radioed)
    assert found.sealed == 0


def test_without_the_key_it_is_said_how_many_may_be_theirs() -> None:
    """Nobody is told that there are none where that is not known."""
    facts = [given(ring(), Teller(account=LI)), given(ring())]

    for keys in (None, ring()):
        found = own_tips(keys, facts, Person(account=LI))
        assert (found.given, found.sealed) == ((), 1)


def test_nobody_without_an_account_has_the_tips_of_those_without_one() -> None:
    """Two who have none are not the same."""
    keys = ring()

    assert own_tips(keys, [given(keys, Teller(caller="x"))], Person()).given == ()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two people, each of whom gave one under their name."""
    store = SqlStore.open("", data_dir=tmp_path, on_state=lambda _why: None)
    main(["tips", "key", "new", "--data", str(tmp_path)])
    keys = KeyFile.of(tmp_path).read()
    assert keys is not None
    for name in (LI, WANG):
        opened = AccountOpened(t=NOON, community=NO_COMMUNITY, account=name, by=WANG)
        store.record([opened, given(keys, Teller(account=name))])
    store.close()
    return tmp_path


def erase(data: Path, *more: str) -> int:
    """李大爷."""
    asked = ["person", "erase", LI, "--by", WANG, "--why", "本人要求", "--data", str(data)]
    return main([*asked, *more])


def tellers(data: Path) -> list[tuple[bool, bool]]:
    """Whether each tip's teller and words are still there."""
    store = SqlStore.open("", data_dir=data, on_state=lambda _why: None)
    try:
        seqs = [seq for seq, _ in store.tip_facts()]
        facts = [f for _, f in store.whole_tip_facts(seqs) if isinstance(f, TipGiven)]
        assert store.verify().broken_at_seq is None
        return [
            (f.teller is not None and f.teller.value is not None, f.content.value is not None)
            for f in facts
        ]
    finally:
        store.close()


def test_erasing_somebody_erases_them_from_their_tips_alone(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was seen stays the centre's; whoever saw it is gone from it, and nobody else is."""
    assert erase(data) == 0
    said = capsys.readouterr().out
    assert "1 tip of the journal" in said
    code = re.search(r"--confirm ([0-9a-f]{8})", said)
    assert code is not None

    assert erase(data, "--confirm", code[1]) == 0

    assert tellers(data) == [(False, True), (True, True)]


def test_without_the_key_it_is_said_before_anything_goes(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever erases must know that it is not all."""
    (data / FILE).unlink()

    assert erase(data) == 0

    assert "2 sealed tips name a teller whom only their key tells" in capsys.readouterr().out
    assert WORDS not in capsys.readouterr().out
