"""Judges what a fault did: nothing waits here, nothing is measured.

What is promised, and the limits by which it is judged, are all in this file.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.rig import percentile
from tests.chaos.faults import Fault
from tests.chaos.radios import Press

BACK_MAX_S: Final = 10.0
"""From the kill, or from the end of what lasted, to the first new press that is stored."""
ALARM_P99_MAX_MS: Final = 1_000.0
"""While others ask too much: a press is seen within a second, and stored before that."""
GAP_MAX_S: Final = 3.0
"""A page that is told nothing for so long turns red: the server is dead to it."""
STILL_MAX_S: Final = 6.0
"""Radios tell their place every second here; a page may show it so much later, as it may after a
radio's reconnecting."""
GROWTH_MAX_MB: Final = 150.0
"""Of the hub, peak over what it had: room for what waits, far from what fills a machine."""


@dataclass(slots=True, kw_only=True)
class Round:
    """One time that it was done."""

    lasted_s: float
    back_s: float | None
    """To the first new press stored; None where none was."""
    presses: Sequence[Press]
    """Made from the beginning of the fault until it was over and service was back."""
    gap_s: float
    """The longest that a console was told nothing."""
    stillest_s: float
    """The oldest place of a neighbour on a console."""
    settled_s: float | None = None
    """Until every radio was there and every press stored; None where that never was."""
    why: str = ""
    """The end of the log, where it did not come back."""


@dataclass(slots=True, kw_only=True)
class Evidence:
    """All that is known of one fault."""

    fault: Fault
    rounds_wanted: int
    rss_before_mb: float
    rss_peak_mb: float = 0.0
    rss_after_mb: float = 0.0
    broker_peak_mb: float = 0.0
    rounds: list[Round] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pressed: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    on_disk: dict[str, int] = field(default_factory=dict)
    """Of those that were pressed, how often each stands in the journal."""
    foreign: int = 0
    """Alarms of these radios in the journal that none of them has pressed."""
    chain_fault: str = ""

    @property
    def lost(self) -> int:
        """Heard as stored and not there, or pressed by a radio that never gave up and not there."""
        return len(self.pressed - self.on_disk.keys())

    @property
    def lost_though_heard(self) -> int:
        """Of these, those whose radio was told that they are on disk."""
        return len(self.heard - self.on_disk.keys())

    @property
    def unheard(self) -> int:
        """Presses whose radio was never told."""
        return len(self.pressed - self.heard)

    @property
    def doubled(self) -> int:
        """More than once in the journal."""
        return sum(times > 1 for times in self.on_disk.values())

    @property
    def back_s(self) -> list[float]:
        """Of every round that came back."""
        return [each.back_s for each in self.rounds if each.back_s is not None]

    @property
    def alarms_ms(self) -> list[float]:
        """How long presses made during the fault waited for their ``stored``; never: infinity."""
        return [
            math.inf if press.stored_s is None else 1000 * (press.stored_s - press.pressed_s)
            for each in self.rounds
            for press in each.presses
        ]

    @property
    def alarms_p99_ms(self) -> float:
        """0 where nobody pressed."""
        return percentile(self.alarms_ms, 0.99) if self.alarms_ms else 0.0


def broken(evidence: Evidence, *, timed: bool = True) -> list[str]:
    """Each promise that was not kept, in a sentence; none where all were. Without ``timed`` how
    long something took is nobody's fault: a small run beside other work."""
    said = [*evidence.notes, *_unkept(evidence)]
    if len(evidence.rounds) < evidence.rounds_wanted or len(evidence.back_s) < len(evidence.rounds):
        said.append(f"it did not come back in round {len(evidence.rounds)}")
    if any(each.settled_s is None for each in evidence.rounds if each.back_s is not None):
        said.append("not every radio and press was there again in the end")
    return said + (_late(evidence) if timed else [])


def _unkept(evidence: Evidence) -> list[str]:
    counts = {
        "presses lost": evidence.lost,
        "presses lost that were heard as stored": evidence.lost_though_heard,
        "presses stored twice": evidence.doubled,
        "presses whose radio was never told": evidence.unheard,
        "alarms in the journal that nobody pressed": evidence.foreign,
    }
    said = [f"{count} {what}" for what, count in counts.items() if count]
    if evidence.chain_fault:
        said.append(f"the journal's chain: {evidence.chain_fault}")
    return said


def _late(evidence: Evidence) -> list[str]:
    said = []
    if evidence.back_s and max(evidence.back_s) >= BACK_MAX_S:
        said.append(f"back after {max(evidence.back_s):.1f} s, not within {BACK_MAX_S:.0f} s")
    growth_mb = evidence.rss_peak_mb - evidence.rss_before_mb
    if growth_mb > GROWTH_MAX_MB:
        said.append(f"the hub grew by {growth_mb:.0f} MB")
    return said + (_harmed(evidence) if evidence.fault.spares else [])


def _harmed(evidence: Evidence) -> list[str]:
    """What others noticed who should not have."""
    said = []
    if evidence.alarms_p99_ms > ALARM_P99_MAX_MS:
        said.append(f"others' alarms took {evidence.alarms_p99_ms:.0f} ms (p99)")
    gap_s = max((each.gap_s for each in evidence.rounds), default=0.0)
    if gap_s > GAP_MAX_S:
        said.append(f"a console was told nothing for {gap_s:.1f} s")
    stillest_s = max((each.stillest_s for each in evidence.rounds), default=0.0)
    if stillest_s > STILL_MAX_S:
        said.append(f"a neighbour stood still on a console for {stillest_s:.1f} s")
    return said
