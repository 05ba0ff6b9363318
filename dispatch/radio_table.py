"""The radios on the roster as columns: a record is made when it is asked for.

As objects with texts of their own, a hundred thousand took 28 MB; here they take five. Their
ids and the row of each are lent to the live table, whose rows are the same (``names``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.ids import CommunityId, GridId, RadioId
from dispatch.radio_packed import PackedRadios
from dispatch.radio_record import RadioRecord
from dispatch.words import Role
from geo.numbering import Numbering

ROWS_FIRST: Final = 64
GROW_PART: Final = 8
"""Room for an eighth more at a time."""
MADE_MAX: Final = 4_096
"""Records kept as they were made, for a community is asked for again and again: some 2 MB."""
ROLES: Final = tuple(Role)
NO_POST: Final = ""

ROW: Final = np.dtype(
    [("start", "u4"), ("chars", "u2"), ("shared", "u4"), ("role", "u1"), ("revoked", "?")]
)
"""Where the call sign is; the number of what the radio shares with others; ``ROLES``' index."""

_Shared = tuple[CommunityId, tuple[str, ...], str]
"""Community, skills and post: few different ones, each kept once."""


class RadioTable(Mapping[RadioId, RadioRecord]):
    """Records by radio, in the order in which they were first put."""

    def __init__(self, records: Iterable[RadioRecord] = ()) -> None:
        self.names = Numbering()
        """Radios and their rows, for who has tables by the same rows; ours alone to add to."""
        self._shared: dict[_Shared, int] = {}
        self._shares: list[_Shared] = []
        self._names = bytearray()
        """Call signs in UTF-8, one behind the other; one that changed is written anew."""
        self._columns = _columns(ROWS_FIRST)
        self._made: dict[RadioId, RadioRecord] = {}
        for record in records:
            self.put(record)

    @classmethod
    def of_packed(cls, packed: PackedRadios) -> "RadioTable":
        """As it was. Raises ValueError where it does not hold together."""
        table = cls()
        table.names = Numbering(packed.ids.split("\n") if packed.ids else ())
        table._shares = [(CommunityId(c), skills, post) for c, skills, post in packed.shares]
        table._shared = {share: code for code, share in enumerate(table._shares)}
        table._names += packed.names
        rows = np.frombuffer(packed.rows, ROW)
        if len(rows) != len(table):
            raise ValueError(f"{len(rows)} rows of {len(table)} radios")
        table._columns = rows.copy() if len(rows) else _columns(ROWS_FIRST)
        return table

    def packed(self) -> PackedRadios:
        """All of it, to be kept."""
        return PackedRadios(
            ids="\n".join(self.names),
            names=bytes(self._names),
            rows=self.rows.tobytes(),
            shares=list(self._shares),
        )

    @property
    def rows(self) -> npt.NDArray[np.void]:
        """``ROW`` of each radio, in order."""
        return self._columns[: len(self)]

    @property
    def shares(self) -> Sequence[_Shared]:
        """What ``shared`` of a row stands for: community, skills and post."""
        return self._shares

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[RadioId]:
        return map(RadioId, self.names)

    def __contains__(self, radio: object) -> bool:
        return radio in self.names

    def __getitem__(self, radio: RadioId) -> RadioRecord:
        made = self._made.get(radio)
        if made is None:
            made = self._record(self.names.number(radio))
            if len(self._made) >= MADE_MAX:
                self._made.clear()
            self._made[radio] = made
        return made

    def put(self, record: RadioRecord) -> None:
        """Add or replace one."""
        self._made.pop(record.radio, None)
        row = self.names.find(record.radio)
        if row is None:
            row = self.names.add(record.radio)
            if row == len(self._columns):
                more = max(ROWS_FIRST, row // GROW_PART)
                self._columns = np.concatenate([self._columns, _columns(more)])
        name = record.call_sign.encode()
        shared: _Shared = record.community, record.skills, record.post or NO_POST
        code = self._shared.get(shared)
        if code is None:
            code = self._shared[shared] = len(self._shares)
            self._shares.append(shared)
        role = ROLES.index(record.role)
        self._columns[row] = (len(self._names), len(name), code, role, record.revoked)
        self._names += name

    def called(self, call_sign: str) -> Iterator[RadioRecord]:
        """Those whom people call so."""
        wanted = call_sign.encode()
        for row in np.flatnonzero(self._columns["chars"][: len(self)] == len(wanted)).tolist():
            if self._name(row) == wanted:
                yield self._record(row)

    def _record(self, row: int) -> RadioRecord:
        _, _, code, role, revoked = self._columns[row].item()
        community, skills, post = self._shares[code]
        return RadioRecord(
            radio=RadioId(self.names[row]),
            community=community,
            call_sign=self._name(row).decode(),
            role=ROLES[role],
            skills=skills,
            post=None if post == NO_POST else GridId(post),
            revoked=revoked,
        )

    def _name(self, row: int) -> bytes:
        start, count, *_ = self._columns[row].item()
        return bytes(self._names[start : start + count])


def _columns(count: int) -> npt.NDArray[np.void]:
    return np.zeros(count, ROW)
