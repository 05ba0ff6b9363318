"""A store of any earlier version starts, answers and goes on: nobody has to upgrade in steps.

Each was left by that version's own code after an evening in the builders' town: an incident that
was resolved, an exercise, a report, a shift handed over, and a press that a volunteer is on the
way to; from 0003 on with what is kept for a quick start, from 0004 on with an account that is
logged in. (The evening of 0001 is another: test_upgrade.py looks at it closely.)
"""

import pytest

from dispatch.access.accounts import Access
from dispatch.access.words import Office
from dispatch.ids import IncidentId
from dispatch.store import migrate
from dispatch.words import AssignmentState, Phase
from tests.builders import LI, called, states
from tests.dispatch.access.people import ADMIN, DESK
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.left import as_left_by, left_by
from tests.dispatch.store.test_upgrade import OPEN, hub_of

REVISIONS = ("0001", "0002", "0003", "0004")
OPEN_LATER = IncidentId("town-20260529-003")


@pytest.fixture(params=REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def left(revision: str, home: Home) -> Home:
    return as_left_by(revision, home)


def test_every_earlier_version_is_tried() -> None:
    """Whoever adds a step leaves a sample of the version before it."""
    assert (*REVISIONS, migrate.NEWEST) == tuple(
        f"{number:04}" for number in range(1, int(migrate.NEWEST) + 1)
    )


def test_the_chain_is_unbroken_and_ends_where_it_ended(left: Home, revision: str) -> None:
    """The last hash may have been noted elsewhere."""
    journal = left_by(revision)["journal"]

    report = left.open().verify()

    assert (report.facts, report.broken_at_seq) == (len(journal), None)
    assert report.head == journal[-1]["hash"]


def test_the_tables_say_what_the_journal_says(left: Home) -> None:
    store = left.open()
    grown = left.tables()

    store.rebuild()

    assert left.tables() == grown


def test_a_hub_goes_on_with_what_was_open(left: Home, revision: str) -> None:
    """The volunteer of the minute before the upgrade is still on the way, and arrives."""
    store = left.open()
    restored = store.load()
    shell = hub_of(restored)

    incident = shell.hub.incidents[OPEN if revision == "0001" else OPEN_LATER]
    going = AssignmentState.ACCEPTED if revision == "0001" else AssignmentState.EN_ROUTE
    assert states(incident)["v2"] == going
    assert "v3" in called(incident)
    began = len(shell.facts)
    shell.answer(shell.order_of(incident, "v2"), AssignmentState.ON_SCENE, radio="v2")

    store.submit(shell.facts[began:]).result(20)

    assert shell.hub.incidents[incident.incident].phase == Phase.ON_SCENE
    again = store.load()
    assert hub_of(again).hub.incidents[incident.incident].phase == Phase.ON_SCENE
    assert store.verify().broken_at_seq is None


def test_who_took_it_has_it(left: Home, revision: str) -> None:
    if revision == "0001":
        pytest.skip("nobody had taken it")

    shell = hub_of(left.open().load())

    assert shell.hub.incidents[OPEN_LATER].taken_by == LI


def test_accounts_and_their_logins_outlive_an_upgrade(left: Home, revision: str) -> None:
    """An upgrade at night shows nobody out."""
    facts, beside = left.open().accounts()
    access = Access(facts)

    if revision < "0004":
        assert beside.secrets == ()
        return
    desk, admin = access.find(DESK), access.find(ADMIN)
    assert desk is not None
    assert admin is not None
    assert [office for office, _where in desk.offices] == [Office.OPERATOR]
    assert [office for office, _where in admin.offices] == [Office.ADMINISTRATOR]
    assert [each.account for each in beside.secrets] == [DESK]
    assert [each.account for each in beside.sessions] == [DESK]
    assert [each.account for each in beside.tokens] == [DESK]
    assert [each.account for each in beside.links] == [DESK]


def test_radios_get_in_with_the_secret_they_had(left: Home) -> None:
    secrets = left.open().radio_secrets()

    assert [each.radio for each in secrets] == ["g1", "p1", "v1", "v2", "v3", "v4"]
