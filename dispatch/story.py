"""What happened in an incident, fact by fact; what was read back is unpacked when looked at.

Of ten thousand open incidents after a start, hardly any is looked at in its first minute; until
then its facts are compressed, a fifth of their size.
"""

import zlib
from collections.abc import Iterable, MutableSequence
from functools import cache
from typing import Final, NamedTuple, overload

import msgspec

from dispatch.events import EVENT_TYPES, Event

QUICKLY: Final = 1
"""zlib's level: 0.1 ms for a long story."""


class PackedFact(NamedTuple):
    """A fact as bytes."""

    name: str
    """Its kind."""
    data: bytes
    """MessagePack of its fields."""


def pack(fact: Event) -> PackedFact:
    """The fact as bytes; ``unpack`` gives back an equal one, but that JSON-like values in it
    (personal ones) have lists where they had tuples, as the journal has."""
    return PackedFact(type(fact).__name__, _ENCODER.encode(fact))


def unpack(packed: PackedFact) -> Event:
    """The fact. Raises msgspec.MsgspecError or KeyError where it is none that we know."""
    return _decoder(packed.name).decode(packed.data)


class Story(MutableSequence[Event]):
    """A list of facts that only grows."""

    __slots__ = ("_packed", "_told")

    def __init__(self, told: Iterable[Event] = ()) -> None:
        self._told: list[Event | PackedFact] = list(told)
        self._packed: bytes | None = None
        """All of it, until it is first looked at."""

    @classmethod
    def of_bytes(cls, data: bytes) -> "Story":
        """The story that ``to_bytes`` gave; what it says is read later, and believed to be ours."""
        story = cls()
        story._packed = data
        return story

    def to_bytes(self) -> bytes:
        """All of it."""
        if self._packed is not None:
            return self._packed
        packed = [each if isinstance(each, PackedFact) else pack(each) for each in self._told]
        return zlib.compress(_ENCODER.encode(packed), QUICKLY)

    def _all(self) -> list[Event | PackedFact]:
        if self._packed is not None:
            self._told += _LIST.decode(zlib.decompress(self._packed))
            self._packed = None
        return self._told

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...

    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        told = self._all()
        found = told[index]
        if isinstance(found, PackedFact):
            found = told[index] = unpack(found)
        return found

    def __setitem__(self, index: int | slice, value: object) -> None:
        raise TypeError("what happened is not changed")

    def __delitem__(self, index: int | slice) -> None:
        raise TypeError("what happened is not forgotten")

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Story):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # it grows

    def __repr__(self) -> str:
        return f"Story({list(self)!r})"

    def insert(self, index: int, value: Event) -> None:
        """At the end only."""
        assert index == len(self), "facts come one after another"
        self._all().append(value)


_ENCODER: Final = msgspec.msgpack.Encoder()
_LIST: Final = msgspec.msgpack.Decoder(list[PackedFact])


@cache
def _decoder(name: str) -> msgspec.msgpack.Decoder[Event]:
    return msgspec.msgpack.Decoder(EVENT_TYPES[name])
