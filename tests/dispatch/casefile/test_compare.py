"""Beside the journal a file shows what it cannot show alone."""

from itertools import pairwise
from typing import Any

from dispatch.casefile import verify_file
from dispatch.casefile.compare import Comparison, compare
from dispatch.clock import MINUTE
from dispatch.store.port import Beside
from tests.dispatch.casefile.case import Shelf, filed, sealed_anew
from tests.dispatch.casefile.test_verify import hashed_again
from tests.dispatch.store.facts import INCIDENT, NOON

ROWS = {row.seq: row for row in Shelf().incident_slice(INCIDENT).rows}
FILE = filed()


def compared(data: bytes, **journal: Any) -> Comparison:
    """The file beside the journal it was made of."""
    beside = Beside(**{"rows": ROWS, "numbers": frozenset(ROWS), "exports": ()} | journal)
    report = verify_file(data)
    assert report.contents is not None
    return compare(report.contents, report.seal, beside)


def told(comparison: Comparison) -> list[str]:
    return [f"{fault.part} {fault.why}" for fault in comparison.faults]


def test_the_journal_bears_out_its_own_file() -> None:
    noted = (("00" * 32, "李四", NOON), (FILE.seal, "王芳", NOON + 20 * MINUTE))

    found = compared(FILE.data, exports=noted)

    assert found.faults == ()
    assert found.handed_out == ("王芳", NOON + 20 * MINUTE)
    assert found.since == 0


def test_a_seal_that_was_never_handed_out_is_told() -> None:
    """The file may still be true: somebody with the keys may have made it beside the console."""
    assert compared(FILE.data).handed_out is None


def test_a_forged_fact_with_hashes_that_fit_is_found() -> None:
    """Alone it is whole: its neighbours in the journal are not in the file."""

    def forge(sections: dict[str, Any]) -> None:
        facts = sections["facts"]
        facts[5]["t"] -= 1_000_000
        for one, after in pairwise(facts[5:]):
            hashed_again(one)
            if after["seq"] == one["seq"] + 1:
                after["before"] = one["hash"]
        hashed_again(facts[-1])

    forged = sealed_anew(FILE, forge)

    assert verify_file(forged).faults == ()
    assert told(compared(forged))[0] == "fact 8 is not what the journal has under this number"


def test_facts_left_out_between_gaps_are_found() -> None:
    """The note after which the journal tells of somebody else's duty: alone nobody misses it."""

    def leave_out(sections: dict[str, Any]) -> None:
        sections["facts"] = [f for f in sections["facts"] if f["name"] != "NoteAdded"]
        sections["values"] = [v for v in sections["values"] if v["seq"] != 12]
        sections["about"]["facts"] -= 1

    shorter = sealed_anew(FILE, leave_out)

    assert verify_file(shorter).faults == ()
    assert told(compared(shorter)) == ["section facts lacks 1 of the journal's: 12"]


def test_a_made_up_file_is_found() -> None:
    """It proves itself, and no journal knows it."""
    assert "fact 2 is not in the journal" in told(compared(FILE.data, rows={}))


def test_what_happened_since_is_counted_and_no_fault() -> None:
    later = frozenset({*ROWS, 99, 100})

    found = compared(FILE.data, numbers=later)

    assert (found.faults, found.since) == ((), 2)
