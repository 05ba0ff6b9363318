"""What the sections of an incident file hold. Times are microseconds UTC; no number is a fraction.

Members that are not there mean their default. Reading refuses members that are
not named here, for the seal must cover all that a reader may take for the file.
"""

from typing import Any, TypeAlias

import msgspec


class Shape(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The base of all: nothing unknown, nothing said twice."""


class LeftOut(Shape, frozen=True):
    """What is not in the file for its length (slices.py, make.py): how many."""

    facts: int
    values: int
    fixes: int


class About(Shape, frozen=True):
    """Section ``about``."""

    incident: str
    community: str
    facts: int
    """How many rows stand in ``facts``."""
    first_t: int
    last_t: int
    """Times of the first and last of them."""
    personal: bool
    """False: places, words, names and tracks were left out on purpose."""
    left_out: LeftOut


class Fact(Shape, frozen=True):
    """A row of the journal exactly as stored (section ``facts``, in the order of ``seq``).

    ``hash`` = SHA-256(before \\n seq \\n t \\n community \\n name \\n body), see
    dispatch/store/chain.py; ``before`` is the hash of row ``seq`` - 1.
    """

    seq: int
    t: int
    community: str
    name: str
    body: str
    before: str
    hash: str


class Value(Shape, frozen=True):
    """A personal value (section ``values``), in the order of ``seq`` and ``id``.

    A body holds {"digest", "personal"} in its place, where ``personal`` is this
    ``id`` and digest = SHA-256(salt bytes, then text in UTF-8). Either salt and text
    are here, or ``erased_t``, or ``left_out``.
    """

    id: str
    seq: int
    purpose: str
    salt: str | None = None
    text: str | None = None
    """JSON."""
    erased_t: int | None = None
    left_out: bool = False


class Decision(Shape, frozen=True):
    """One wave (section ``decisions``), taken from fact ``seq`` and its ``inputs``."""

    seq: int
    t: int
    wave: int
    called: list[dict[str, Any]]
    """What was known of each unit called; only {"unit"} where the inputs are not here."""
    others: dict[str, int] | None
    """How many were not called, by verdict; null where the inputs are not here."""


Fix: TypeAlias = tuple[int, int, int, int | None]


class TrackDoc(Shape, frozen=True):
    """Where one unit was (section ``tracks``), from the history, which has no chain."""

    unit: str
    from_t: int
    to_t: int
    fixes: list[Fix]
    """[t, lon, lat, acc]: degrees WGS-84 times 10 000 000, tenths of a metre or null."""
    fixes_left_out: int
    """Of a long track every n-th fix is kept."""


class NameDoc(Shape, frozen=True):
    """A name in both languages; ``en`` may be empty."""

    zh: str
    en: str


class UnitName(Shape, frozen=True):
    """A unit's call sign and role when the file was made."""

    call_sign: str
    role: str


class GridShape(Shape, frozen=True):
    """A grid's name and outline: rings of [lon, lat] in degrees times 10 000 000."""

    id: str
    name: NameDoc
    outline: list[list[tuple[int, int]]]


class PlaceWords(Shape, frozen=True):
    """The key unit nearest to the incident's last known place."""

    key_unit: NameDoc
    away_m: int
    bearing: str
    """From the key unit to the place: N, NE, ...; ``at`` within 20 m."""


class OutsideWords(Shape, frozen=True):
    """The grid nearest to the incident's last known place, where that is in no grid."""

    grid: NameDoc
    away_m: int
    """From its border."""
    bearing: str
    """From there to the place, as in ``PlaceWords``."""


class Directory(Shape, frozen=True):
    """Section ``directory``: what people call the things that facts name by id."""

    community: NameDoc
    zone: str
    units: dict[str, UnitName]
    grids: list[GridShape]
    place: PlaceWords | None
    outside: OutsideWords | None = None


class Contents(Shape, frozen=True):
    """All sections."""

    about: About
    facts: list[Fact]
    values: list[Value]
    decisions: list[Decision]
    tracks: list[TrackDoc]
    directory: Directory
