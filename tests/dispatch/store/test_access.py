"""dispatch/store/access.py and auditing.py: accounts survive a restart; who did what is found."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from dispatch.access.accounts import Access
from dispatch.access.facts import (
    ACCESS_FACTS,
    AccountOpened,
    How,
    LoggedIn,
    Looked,
    LookedAt,
    OfficeGiven,
)
from dispatch.access.kept import (
    AccessChange,
    DropLinks,
    DropSession,
    DropToken,
    KeptBeside,
    LinkRow,
    Secret,
    SessionRow,
    TokenRow,
)
from dispatch.access.words import (
    EVERYWHERE,
    NO_COMMUNITY,
    THIS_MACHINE,
    Office,
    Right,
    SessionId,
    TokenId,
)
from dispatch.clock import DAY, SECOND
from dispatch.events import EVENT_TYPES, Personal, Purpose
from dispatch.ids import OperatorName
from dispatch.store.auditing import AuditQuery
from dispatch.store.chain import EMPTY
from dispatch.store.codec import encode
from dispatch.store.journal import Submission
from dispatch.store.sql import SqlStore
from dispatch.store.writer import JournalWriter
from tests.dispatch.access.people import ADMIN, DESK, NOW, XIZI
from tests.dispatch.store.conftest import Home

SECRET = Secret(account=DESK, password="$argon2id$...", totp="GEZD", recovery=("a" * 64,))
SESSION = SessionRow(
    digest="d" * 64,
    session=SessionId("s1"),
    account=DESK,
    made_t=NOW,
    seen_t=NOW,
    address="10.0.0.7",
    agent="Firefox",
)
TOKEN = TokenRow(digest="e" * 64, token=TokenId("t1"), account=DESK, expires_t=NOW + DAY)
LINK = LinkRow(digest="f" * 64, account=DESK, expires_t=NOW + DAY)


def opened(name: OperatorName = DESK, *, t: int = NOW) -> AccountOpened:
    """An account."""
    return AccountOpened(t=t, community=NO_COMMUNITY, account=name, by=THIS_MACHINE)


def logged_in(name: OperatorName = DESK, *, t: int = NOW) -> LoggedIn:
    """A login from somewhere."""
    return LoggedIn(
        t=t,
        community=NO_COMMUNITY,
        account=name,
        session=SessionId("s1"),
        how=How.PASSWORD,
        address=Personal(Purpose.ADDRESS, "10.0.0.7"),
    )


def test_accounts_and_what_is_beside_them_survive_a_restart(home: Home) -> None:
    """A server that is started again asks nobody to log in again."""
    store = home.open()
    office = OfficeGiven(
        t=NOW,
        community=NO_COMMUNITY,
        account=DESK,
        office=Office.OPERATOR,
        where=EVERYWHERE,
        by=ADMIN,
    )
    store.keep_access([opened(), office, logged_in()], [SECRET, SESSION, TOKEN, LINK]).result(20)
    store.close()

    facts, beside = home.open().accounts()

    assert facts == [opened(), office]  # who logged in is looked up, not folded
    found = Access(facts).find(DESK)
    assert found is not None
    assert found.may(Right.HANDLE, XIZI)
    assert beside == KeptBeside(
        secrets=(SECRET,), sessions=(SESSION,), tokens=(TOKEN,), links=(LINK,)
    )


def test_what_ends_is_gone_from_the_tables(store: SqlStore) -> None:
    """A stolen copy of the database then opens nothing."""
    store.keep_access([opened()], [SECRET, SESSION, TOKEN, LINK]).result(20)

    bare = Secret(account=DESK)
    gone: list[AccessChange] = [DropSession(SESSION.digest), DropToken(TOKEN.token)]
    store.keep_access([], [bare, *gone, DropLinks(DESK)]).result(20)

    assert store.accounts()[1] == KeptBeside(secrets=(bare,))


def test_the_chain_holds_logins_too(store: SqlStore) -> None:
    """Nobody strikes a login out of the journal unseen."""
    store.keep_access([opened(), logged_in()], []).result(20)

    assert store.verify().broken_at_seq is None
    assert store.verify().facts == 2


class Failing:
    """A database that fails at the first commit."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.failed = False

    def begin(self) -> Any:
        """A transaction."""
        return self if not self.failed else self._engine.begin()

    def __enter__(self) -> Any:
        self.conn = self._engine.connect()
        return self.conn

    def __exit__(self, *_: object) -> None:
        self.failed = True
        self.conn.rollback()
        self.conn.close()
        raise OperationalError("COMMIT", {}, Exception("disk full"))


def test_what_is_only_beside_the_journal_is_tried_again_too(home: Home) -> None:
    """It adds no fact, so that the journal's end cannot tell whether it arrived."""
    home.open().close()
    engine = home.engine()
    writer = JournalWriter(
        Failing(engine), on_state=lambda _why: None, pause=lambda _event, _s: None
    )

    writer.submit(Submission((), beside=(SESSION,))).result(20)

    writer.close()
    engine.dispose()
    assert home.rows("SELECT session FROM sessions") == [("s1",)]


@pytest.mark.parametrize("name", sorted(ACCESS_FACTS))
def test_no_fact_of_an_account_shares_a_name_with_another(name: str) -> None:
    """The journal knows them by it."""
    assert name not in EVENT_TYPES
    fields = ACCESS_FACTS[name].__dataclass_fields__.keys()
    assert not fields & {"command", "incident", "alarm"}  # the board and case files look for these


def test_a_login_is_written_without_its_address() -> None:
    """Where somebody sat can be erased, and the chain stays whole."""
    encoded = encode(logged_in(), lambda size: b"x" * size)

    assert "10.0.0.7" not in encoded.body
    assert EMPTY.seq == 0


def test_an_audit_tells_who_did_what_newest_first(store: SqlStore) -> None:
    """By person, by what, by day; a page at a time."""
    looked = Looked(
        t=NOW + DAY,
        community=NO_COMMUNITY,
        account=DESK,
        at=LookedAt.LIVE,
        where=(EVERYWHERE,),
        about=None,
        units=(),
    )
    facts = [opened(), opened(ADMIN), logged_in(), logged_in(ADMIN), looked]
    store.keep_access(facts, []).result(20)

    everything = store.audit(AuditQuery())
    assert [fact for _, fact in everything.facts] == facts[::-1]
    assert everything.next_before is None
    by_one = store.audit(AuditQuery(who=DESK))
    assert [seq for seq, _ in by_one.facts] == [5, 3, 1]
    logins = store.audit(AuditQuery(names=frozenset({"LoggedIn"})))
    assert [seq for seq, _ in logins.facts] == [4, 3]
    that_day = store.audit(AuditQuery(from_t=NOW + DAY, to_t=NOW + 2 * DAY))
    assert [seq for seq, _ in that_day.facts] == [5]


def test_an_audit_goes_on_where_a_page_ended(store: SqlStore) -> None:
    """Every fact once, however the pages are cut."""
    store.keep_access([opened(t=NOW + n * SECOND) for n in range(7)], []).result(20)

    seqs: list[int] = []
    before: int | None = None
    while True:
        page = store.audit(AuditQuery(count=3, before=before))
        seqs += [seq for seq, _ in page.facts]
        before = page.next_before
        if before is None:
            break

    assert seqs == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("who", ["%", "_", '"', "\\", "调度%"])
def test_a_name_is_looked_for_as_it_is_written(store: SqlStore, who: str) -> None:
    """Signs that a search means otherwise mean themselves."""
    store.keep_access([opened(), opened(OperatorName(who))], []).result(20)

    assert [seq for seq, _ in store.audit(AuditQuery(who=who)).facts] == [2]
