"""An incident's slice as a store would read it, of facts that a test has written down."""

from collections.abc import Iterable
from itertools import count

from dispatch.clock import HOUR
from dispatch.events import Event, IncidentEvent
from dispatch.ids import IncidentId
from dispatch.store.chain import EMPTY, next_tail
from dispatch.store.codec import encode
from dispatch.store.port import IncidentSlice, SliceRow, SliceValue


def slice_of(
    facts: Iterable[Event], incident: IncidentId, *, erased: frozenset[str] = frozenset()
) -> IncidentSlice:
    """Rows with real hashes, and salts that are the same in every run.

    ``facts`` are the whole journal; every alarm in it is the incident's. ``erased``
    names purposes whose values were erased an hour after their fact.
    """
    tail, rows, values, tokens = EMPTY, [], [], count(1)
    for fact in facts:
        encoded = encode(fact, lambda size: next(tokens).to_bytes(size, "big"))
        before = tail.hash
        tail = next_tail(
            tail, t=fact.t, community=fact.community, name=encoded.name, body=encoded.body
        )
        of_it = fact.incident == incident if isinstance(fact, IncidentEvent) else _of_alarm(fact)
        if not of_it:
            continue
        rows.append(
            SliceRow(
                seq=tail.seq,
                t=fact.t,
                community=fact.community,
                name=encoded.name,
                body=encoded.body,
                before=before,
                hash=tail.hash,
            )
        )
        for value in encoded.personal:
            gone = value.purpose in erased
            values.append(
                SliceValue(
                    id=value.id,
                    seq=tail.seq,
                    purpose=value.purpose,
                    salt=None if gone else value.salt,
                    text=None if gone else value.text,
                    erased_t=fact.t + HOUR if gone else None,
                )
            )
    if not any(isinstance(fact, IncidentEvent) and fact.incident == incident for fact in facts):
        return IncidentSlice(rows=(), values=(), rows_left_out=0)
    return IncidentSlice(rows=tuple(rows), values=tuple(values), rows_left_out=0)


def _of_alarm(fact: Event) -> bool:
    """Whether a fact is about an alarm."""
    return hasattr(fact, "alarm")
