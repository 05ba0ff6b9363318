"""Tips in the journal, on each database: found without what is personal, told in the audit of their
community alone, gone from the disk in time."""

from dispatch.clock import DAY
from dispatch.ids import CommunityId
from dispatch.settings import KeptDays
from dispatch.store.auditing import AuditQuery
from dispatch.store.retention import kept_for
from dispatch.store.sql import SqlStore, tip_boxes_at
from dispatch.tips import requests
from dispatch.tips.facts import TipGiven, TipRead
from dispatch.tips.tip import Tips
from dispatch.tips.told import Teller
from dispatch.tips.words import Outcome, TipState
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import NOON, alarm, note, opened
from tests.dispatch.tips.tips import HUBIN, LI, WANG, XIZI, given, ring


def fill(store: SqlStore) -> None:
    """Two tips among other facts; the first one was read, written to and closed."""
    keys = ring()
    first = given(keys, Teller(account=LI))
    tip = next(iter(Tips([(1, first)])))
    store.record([alarm(), first, opened()])
    read = requests.read(tip, WANG, "核实", NOON + 1)
    tip.readers.append(WANG)
    store.record([read, note("一")])
    store.record(
        [
            requests.note(tip, keys.newest, WANG, "看过了", acted=True, now=NOON + 2),
            requests.close(tip, keys.newest, WANG, Outcome.ACTED, "", NOON + 3),
            given(keys, where=HUBIN),
        ]
    )


def test_tips_are_folded_from_the_journal_without_a_box(home: Home) -> None:
    """What is erased on the disk is in no memory."""
    store = home.open()
    fill(store)

    facts = store.tip_facts()

    first, second = Tips(facts)
    assert (first.state, first.where, first.anonymous) == (TipState.CLOSED, XIZI, False)
    assert (first.readers, first.closed_by, first.outcome) == ([WANG], WANG, Outcome.ACTED)
    assert (second.state, second.where, second.anonymous) == (TipState.GIVEN, HUBIN, True)
    assert len(first.seqs) == 4
    assert "box" not in repr(facts)
    whole = dict(store.whole_tip_facts(first.seqs))
    assert isinstance(whole[first.seqs[0]], TipGiven)
    assert "box" in repr(whole[first.seqs[0]])
    assert {seq for seq, _ in tip_boxes_at(home.url, home.data_dir)} == {
        first.seqs[0],
        first.seqs[2],
        second.seqs[0],
    }


def test_the_audit_of_a_community_has_its_tips_and_no_others(home: Home) -> None:
    """And none that only was given."""
    store = home.open()
    fill(store)

    def audit(*communities: str) -> list[str]:
        page = store.audit(AuditQuery(communities=frozenset(map(CommunityId, communities))))
        return [type(f).__name__ for _, f in page.facts if type(f).__name__.startswith("Tip")]

    assert audit("xizi") == ["TipClosed", "TipNoted", "TipRead"]
    assert audit("hubin") == []
    assert audit() == []
    everything = store.audit(AuditQuery()).facts
    assert [type(f).__name__ for _, f in everything if isinstance(f, TipRead | TipGiven)] == [
        "TipRead"
    ]


def test_boxes_go_after_days_of_their_own_and_the_reason_after_its(home: Home) -> None:
    """The chain stays whole, and what was done with a tip stays told."""
    store = home.open(kept_for=kept_for(KeptDays(tip=30)))
    fill(store)

    assert store.erase_expired(NOON + 29 * DAY) == 0
    assert store.erase_expired(NOON + 31 * DAY) == 6

    first, second = Tips(store.tip_facts())
    facts = [fact for _, fact in store.whole_tip_facts([*first.seqs, *second.seqs])]
    assert "box" not in repr(facts)
    assert tip_boxes_at(home.url, home.data_dir) == []
    assert [f.why.value for f in facts if isinstance(f, TipRead)] == ["核实"]
    assert first.state is TipState.CLOSED
    assert store.verify().broken_at_seq is None
