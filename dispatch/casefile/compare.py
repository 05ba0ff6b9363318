"""Compares an incident file with the journal it says it comes from. Pure; reading is the store's.

This finds what the file alone cannot show: facts that were left out, a file
that was made up, a seal that the centre never handed out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.casefile.shape import Contents, Fact
from dispatch.casefile.verify import FAULTS_MAX, Fault
from dispatch.clock import Instant
from dispatch.store.port import Beside, SliceRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the journal says of a file."""

    faults: tuple[Fault, ...]
    handed_out: tuple[str, Instant] | None
    """(by whom, when) a file with this seal was first handed out; None where that is not noted."""
    since: int
    """Facts of the incident that came after the file's last one."""


def compare(contents: Contents, seal: str, beside: Beside) -> Comparison:
    """Hold the file's facts against the journal's."""
    faults = [*_differing(contents, beside), *_missing(contents, beside)]
    last_seq = max((fact.seq for fact in contents.facts), default=0)
    by_seal = [(by, t) for noted, by, t in beside.exports if noted == seal]
    return Comparison(
        faults=tuple(faults[:FAULTS_MAX]),
        handed_out=by_seal[0] if by_seal else None,
        since=sum(seq > last_seq for seq in beside.numbers),
    )


def _differing(contents: Contents, beside: Beside) -> Iterator[Fault]:
    for fact in contents.facts:
        row = beside.rows.get(fact.seq)
        if row is None:
            yield Fault(f"fact {fact.seq}", "is not in the journal")
        elif not _same(fact, row):
            yield Fault(f"fact {fact.seq}", "is not what the journal has under this number")


def _same(fact: Fact, row: SliceRow) -> bool:
    stated = (fact.t, fact.community, fact.name, fact.body, fact.before, fact.hash)
    return stated == (row.t, row.community, row.name, row.body, row.before, row.hash)


def _missing(contents: Contents, beside: Beside) -> Iterator[Fault]:
    """Facts up to the file's last one that it neither has nor says it left out."""
    here = {fact.seq for fact in contents.facts}
    last_seq = max(here, default=0)
    missing = sorted(seq for seq in beside.numbers - here if seq < last_seq)
    if len(missing) > contents.about.left_out.facts:
        told = ", ".join(map(str, missing[:10])) + (", ..." if len(missing) > 10 else "")
        yield Fault("section facts", f"lacks {len(missing)} of the journal's: {told}")
