"""Codes of radios over a real store: used once, by one, in time, or not at all."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from devices.codes import LASTS, LASTS_MAX, SLACK, Codes, CodeTimes, MadeCode
from devices.consenting import Said
from devices.secrets import verify_secret
from dispatch.access.refusals import (
    BadCodeError,
    ConsentNeededError,
    UnfitAccessError,
    WaitError,
)
from dispatch.clock import DAY, HOUR, MINUTE, SECOND
from dispatch.errors import StoreDownError
from dispatch.events import (
    CodeRefused,
    Personal,
    Purpose,
    RadioCodeMade,
    RadioCodeRefused,
    RadioLetIn,
    RadioRevoked,
)
from dispatch.ids import CommunityId, OperatorName, RadioId
from dispatch.privacy.consent import Asked, default_consent
from dispatch.roster import RadioRecord, Roster
from dispatch.store.auditing import AuditQuery
from dispatch.store.port import Committed
from dispatch.store.sql import SqlStore
from dispatch.words import Role
from tests.console.login.place import Wound
from tests.devices.radio_rooms import KEY, Roll, codes_of

LI = OperatorName("李主任")
HERE = "10.0.0.7"
R1, R2 = RadioId("r1"), RadioId("r2")


def record(radio: RadioId) -> RadioRecord:
    return RadioRecord(
        radio=radio, community=CommunityId("xizi"), call_sign=f"西子{radio}", role=Role.VOLUNTEER
    )


class Room:
    """Codes over a store, with a clock to wind; ``again`` is a restart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machine, self.steady = Wound(), Wound()
        self.roster = Roster([], [record(R1), record(R2)])
        self.store = self._open()
        for each in (R1, R2):
            self.store.enroll(record(each), secret_hash="first", t=self.machine()).result(20)
        self._begin()

    def _open(self) -> SqlStore:
        return SqlStore.open("", data_dir=self.folder, on_state=lambda _why: None)

    def _begin(self) -> None:
        self.roll = Roll(self.store, self.roster, self.machine)
        self.codes = Codes(
            self.store,
            CodeTimes(hub=self.machine, machine=self.machine, steady=self.steady),
            key=KEY,
            find=self.roster.radios.get,
            enroll=self.roll,
            token=codes_of(self.store, self.roster, self.machine)._token,
        )

    def again(self) -> None:
        """Stop, and start on the same disk; the steady clock begins anew."""
        self.store.close()
        self.store = self._open()
        self.steady.t = 0
        self._begin()

    def wind(self, us: int) -> None:
        """Time passes on both clocks."""
        self.machine.t += us
        self.steady.t += us

    async def make(self, radio: RadioId = R1, *, lasts: int = LASTS) -> MadeCode:
        """A code by the manager."""
        return await self.codes.make(record(radio), LI, lasts=lasts)

    async def refused(self, code: str, *, address: str = HERE) -> str:
        """Why it lets nobody in."""
        with pytest.raises(BadCodeError) as told:
            await self.codes.use(code, address=address)
        return str(told.value.facts["why"])

    async def refusals(self) -> list[RadioCodeRefused]:
        """What the journal tells of codes that let nobody in, oldest first."""
        await asyncio.wrap_future(self.store.submit([]))  # behind all that was queued
        names = frozenset({RadioCodeRefused.__name__})
        found = [fact for _, fact in self.store.audit(AuditQuery(names=names)).facts[::-1]]
        return [fact for fact in found if isinstance(fact, RadioCodeRefused)]

    def rows(self) -> list[RadioId]:
        """Whose codes stand in the table."""
        return [each.radio for each in self.store.radio_codes()]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.store.close()


async def test_a_code_is_exchanged_for_a_secret_that_fits(room: Room) -> None:
    """The old secret is void with the same commit."""
    made = await room.make()

    used = await room.codes.use(made.spelled.lower(), address=HERE)

    kept = room.store.radio_secret(R1)
    assert kept is not None
    assert verify_secret(used.secret, kept.secret_hash)
    assert used.record.radio == R1
    assert room.rows() == []


async def test_until_it_is_used_nothing_is_revoked(room: Room) -> None:
    """A code that was made by mistake costs nobody their radio."""
    await room.make()

    kept = room.store.radio_secret(R1)

    assert kept is not None
    assert kept.secret_hash == "first"


async def test_neither_code_nor_secret_stands_anywhere_on_the_disk(room: Room) -> None:
    """Who copies the folder of the journal learns neither."""
    made = await room.make()
    other = await room.make(R2)
    used = await room.codes.use(made.code, address=HERE)
    room.store.close()

    data = b"".join(file.read_bytes() for file in room.folder.rglob("*") if file.is_file())

    for told in (made.code, made.spelled, other.code, other.spelled, used.secret):
        assert told.encode() not in data
    room.store = room._open()


async def test_it_is_used_once(room: Room) -> None:
    """Whoever finds the sheet of paper later finds nothing."""
    made = await room.make()
    await room.codes.use(made.code, address=HERE)

    assert await room.refused(made.code) == "unknown"
    room.again()
    assert await room.refused(made.code, address="10.0.0.8") == "unknown"
    assert room.roll.enrolled == []


async def test_of_two_phones_at_the_same_moment_one_gets_in(room: Room) -> None:
    """Not both with different secrets, and not the second one by throwing the first one out."""
    made = await room.make()

    came = await asyncio.gather(
        *(room.codes.use(made.code, address=f"10.0.0.{n}") for n in range(5)),
        return_exceptions=True,
    )

    assert sum(not isinstance(each, BaseException) for each in came) == 1
    assert [type(each) for each in came[1:]] == [BadCodeError] * 4
    assert room.roll.enrolled == [R1]


async def test_a_newer_code_makes_the_older_one_void(room: Room) -> None:
    """What was read out to the wrong person is taken back so."""
    first = await room.make()
    second = await room.make()

    assert await room.refused(first.code) == "unknown"
    assert (await room.codes.use(second.code, address=HERE)).record.radio == R1


async def test_a_code_survives_a_restart(room: Room) -> None:
    """Made in the evening, the server updated at night, used in the morning."""
    made = await room.make(lasts=LASTS_MAX)

    room.again()
    room.wind(9 * HOUR)

    assert (await room.codes.use(made.code, address=HERE)).record.radio == R1


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_code_runs_out(room: Room, restarts: bool) -> None:
    """To the second, over a restart, too."""
    made = await room.make(lasts=LASTS)
    other = await room.make(R2, lasts=LASTS)
    if restarts:
        room.again()

    room.wind(LASTS - SECOND)
    await room.codes.use(other.code, address=HERE)
    room.wind(SECOND)

    assert await room.refused(made.code) == "unknown"


@pytest.mark.parametrize("step", [-DAY, -MINUTE, DAY])
async def test_a_clock_that_steps_makes_no_code_last_longer_or_shorter(
    room: Room, step: int
) -> None:
    """The machine's clock is set while the code is on its way to the radio."""
    made, other = await room.make(), await room.make(R2)

    room.machine.t += step
    await room.codes.use(other.code, address=HERE)
    room.wind(LASTS)

    assert await room.refused(made.code) == "unknown"


async def test_a_clock_set_back_over_a_restart_voids_the_code(room: Room) -> None:
    """Nobody knows any more how old it is: another is made in a minute."""
    made, other = await room.make(), await room.make(R2)

    room.machine.t -= SLACK
    room.again()
    await room.codes.use(other.code, address=HERE)
    room.machine.t -= SECOND

    assert await room.refused(made.code) == "unknown"


async def test_a_revoked_radio_does_not_come_back_by_an_older_code(room: Room) -> None:
    """Lost with the phone that showed it; over a restart, too."""
    made = await room.make()
    fact = RadioRevoked(t=room.machine(), community=CommunityId("xizi"), radio=R1, by=LI)

    room.store.submit([fact]).result(20)
    room.codes.void(R1)

    assert room.rows() == []
    assert await room.refused(made.code) == "unknown"
    room.again()
    assert await room.refused(made.code, address="10.0.0.8") == "unknown"


async def test_a_code_made_after_the_revocation_undoes_it(room: Room) -> None:
    """The wrong row was clicked."""
    fact = RadioRevoked(t=room.machine(), community=CommunityId("xizi"), radio=R1, by=LI)
    room.store.submit([fact]).result(20)

    made = await room.make()
    await room.codes.use(made.code, address=HERE)

    kept = room.store.radio_secret(R1)
    assert kept is not None
    assert not kept.revoked


async def test_a_store_that_is_down_costs_no_code(room: Room) -> None:
    """The radio tries again as soon as the disk is back."""
    made = await room.make()
    room.roll.fault = StoreDownError("disk full")
    with pytest.raises(StoreDownError):
        await room.codes.use(made.code, address=HERE)

    room.roll.fault = None

    assert (await room.codes.use(made.code, address=HERE)).record.radio == R1


async def test_a_radio_revoked_while_its_code_fails_does_not_get_it_back(room: Room) -> None:
    """Else a full disk would undo a revocation."""
    made = await room.make()
    room.roll.fault = StoreDownError("disk full")
    using = asyncio.create_task(room.codes.use(made.code, address=HERE))
    await asyncio.sleep(0)  # it is on its way

    room.codes.void(R1)

    with pytest.raises(StoreDownError):
        await using
    room.roll.fault = None
    assert await room.refused(made.code) == "unknown"


class Asking:
    """Asks for the place, which is demanded, and the phone; keeps what was said."""

    def __init__(self) -> None:
        self.demands = True
        self.given: list[tuple[RadioId, dict[str, int], OperatorName]] = []
        self.fault: Exception | None = None

    def asked(self, record: RadioRecord) -> Asked:
        """The texts that come with Yihu."""
        del record
        return Asked(texts=default_consent(), needed=frozenset({"place"} if self.demands else ()))

    async def give(self, record: RadioRecord, said: Said, by: OperatorName) -> None:
        """Remember it."""
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        self.given.append((record.radio, dict(said), by))


@pytest.fixture
def asking(room: Room) -> Asking:
    """The room's codes ask."""
    made = Asking()
    room.codes._consents = made
    return made


async def test_what_is_asked_is_read_before_the_code_is_used(room: Room, asking: Asking) -> None:
    """As often as its bearer likes; a wrong code is a guess here, too."""
    made = await room.make()

    for _ in range(7):
        record, asked = room.codes.look(made.spelled, address=HERE)

    assert record.radio == R1
    assert [(each.id, each.version) for each in asked.texts] == [("place", 1), ("call", 1)]
    other = (await room.make(R2), await room.make(R2))[0]
    for _ in range(5):
        with pytest.raises(BadCodeError):
            room.codes.look(other.code, address="10.0.0.66")
    with pytest.raises(WaitError):
        room.codes.look(made.code, address="10.0.0.66")
    used = await room.codes.use(made.code, address=HERE, consents={"place": 1})
    assert used.record.radio == R1
    assert asking.given == [(R1, {"place": 1}, LI)]


async def test_where_it_is_demanded_nobody_is_let_in_without_it(room: Room, asking: Asking) -> None:
    """Refused with a sentence; the code is as good as before."""
    made = await room.make()

    with pytest.raises(ConsentNeededError, match="only with its bearer's consent to: place"):
        await room.codes.use(made.code, address=HERE, consents={"call": 1})

    assert room.roll.enrolled == []
    assert asking.given == []
    used = await room.codes.use(made.code, address=HERE, consents={"place": 1, "call": 1})
    assert used.record.radio == R1


async def test_where_it_is_not_demanded_who_says_nothing_is_let_in(
    room: Room, asking: Asking
) -> None:
    """Asked is everybody; a radio that knows nothing of it works as ever."""
    asking.demands = False
    made = await room.make()

    assert (await room.codes.use(made.code, address=HERE)).record.radio == R1
    assert asking.given == []


@pytest.mark.parametrize("said", [{"place": 2}, {"place": 0}, {"place": 1, "other": 1}])
async def test_other_words_than_those_in_force_are_not_consented_to(
    room: Room, asking: Asking, said: dict[str, int]
) -> None:
    """A radio that showed older words shows the new ones; its code is as good as before."""
    made = await room.make()

    with pytest.raises(UnfitAccessError):
        await room.codes.use(made.code, address=HERE, consents=said)

    assert asking.given == []
    await room.codes.use(made.code, address=HERE, consents={"place": 1})


async def test_the_journal_names_the_words_with_which_a_radio_was_let_in(
    room: Room, asking: Asking
) -> None:
    """Also of somebody without an account, of whom nothing else is known."""
    made = await room.make()
    await room.codes.use(made.code, address=HERE, consents={"place": 1})

    names = frozenset({RadioLetIn.__name__})
    ((_, fact),) = room.store.audit(AuditQuery(names=names)).facts

    assert isinstance(fact, RadioLetIn)
    text = default_consent()[0]
    assert fact.consented == (f"place/1/{text.digest}",)
    assert asking.given


async def test_a_consent_that_cannot_be_kept_costs_no_code(room: Room, asking: Asking) -> None:
    """Nobody is let in on a consent that no fact tells of."""
    made = await room.make()
    asking.fault = StoreDownError("disk full")

    with pytest.raises(StoreDownError):
        await room.codes.use(made.code, address=HERE, consents={"place": 1})

    assert room.roll.enrolled == []
    asking.fault = None
    await room.codes.use(made.code, address=HERE, consents={"place": 1})
    assert room.roll.enrolled == [R1]


class RefusingLedger:
    """A store that takes no new code."""

    def __init__(self, store: SqlStore) -> None:
        self.radio_codes = store.radio_codes

    def keep_access(self, facts: object, beside: object) -> "Future[Committed]":
        """Not now."""
        failed: Future[Committed] = Future()
        failed.set_exception(StoreDownError("disk full"))
        return failed


async def test_a_code_that_was_not_kept_is_none_and_the_older_one_stays(room: Room) -> None:
    """Who was told an error has not changed anything."""
    made = await room.make()
    room.codes._ledger = RefusingLedger(room.store)

    with pytest.raises(StoreDownError):
        await room.make()

    assert (await room.codes.use(made.code, address=HERE)).record.radio == R1


async def test_who_guesses_waits_and_the_next_place_does_not(room: Room) -> None:
    """Five wrong codes from one place, and a right one waits with them."""
    made = await room.make()
    right = [each.code for each in [await room.make(R2) for _ in range(6)]]
    for void in right[:5]:
        assert await room.refused(void, address="10.0.0.66") == "unknown"

    with pytest.raises(WaitError):
        await room.codes.use(made.code, address="10.0.0.66")
    assert (await room.codes.use(made.code, address=HERE)).record.radio == R1

    room.wind(6 * SECOND)
    assert (await room.codes.use(right[5], address="10.0.0.66")).record.radio == R2


async def test_a_slip_of_the_finger_is_no_guess(room: Room) -> None:
    """However often somebody mistypes, the right code works at once."""
    made = await room.make()
    wrong = made.code[:-1] + ("2" if made.code[-1] != "2" else "3")

    for _ in range(20):
        assert await room.refused(wrong) == "mistyped"

    assert (await room.codes.use(made.code, address=HERE)).record.radio == R1


async def test_codes_that_ran_out_leave_the_table(room: Room) -> None:
    """With the next one that is made."""
    await room.make()
    room.wind(LASTS)

    await room.make(R2)

    assert room.rows() == [R2]


async def test_who_made_it_and_from_where_it_was_used_stands_in_the_journal(room: Room) -> None:
    """The address apart, as personal data."""
    made = await room.make()
    await room.codes.use(made.code, address=HERE)

    names = frozenset({"RadioCodeMade", "RadioLetIn"})
    (_, let_in), (_, code) = room.store.audit(AuditQuery(names=names)).facts

    assert isinstance(code, RadioCodeMade)
    assert (code.radio, code.by) == (R1, LI)
    assert isinstance(let_in, RadioLetIn)
    assert (let_in.radio, let_in.by, let_in.by_code) == (R1, LI, True)
    assert let_in.address == Personal(Purpose.ADDRESS, HERE)
    assert room.store.verify().broken_at_seq is None


async def test_a_refused_code_stands_in_the_journal_once_a_minute(room: Room) -> None:
    """With why, how often and from where; of a code that ran out, whose it was. Not the code."""
    made = await room.make(lasts=LASTS)
    for _ in range(3):
        await room.refused("XK7QM-4RTBA")
    await room.refused("22222-22222")
    room.wind(LASTS)
    await room.refused("XK7QM-4RTBA")
    await room.refused(made.code)

    told = await room.refusals()

    assert [(each.why, each.radio, each.times) for each in told] == [
        (CodeRefused.MISTYPED, None, 1),
        (CodeRefused.UNKNOWN, None, 1),
        (CodeRefused.MISTYPED, None, 3),
        (CodeRefused.RUN_OUT, R1, 1),
    ]
    assert told[0].address == Personal(Purpose.ADDRESS, HERE)
    assert "XK7QM" not in repr(told)


async def test_who_has_to_wait_is_told_of_too(room: Room) -> None:
    """Else the journal would be silent from the fifth guess on."""
    void = [each.code for each in [await room.make(R2) for _ in range(6)]][:5]
    for code in void:
        await room.refused(code)
    with pytest.raises(WaitError):
        await room.codes.use(void[0], address=HERE)

    assert [each.why for each in await room.refusals()] == [CodeRefused.UNKNOWN, CodeRefused.WAIT]


async def test_a_refusal_needs_no_store(room: Room) -> None:
    """A guesser hears no more than that it was no code, whatever the disk does."""
    room.codes._ledger = RefusingLedger(room.store)

    assert await room.refused("22222-22222") == "unknown"
    assert room.codes.counts[CodeRefused.UNKNOWN] == 1
