"""What somebody tells: checked, and put into boxes. Who gives no name leaves none in them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import Instant
from dispatch.events import Personal, Purpose
from dispatch.free_text import plain
from dispatch.ids import CommunityId, OperatorName, UnitId
from dispatch.tips.facts import TipGiven
from dispatch.tips.refusals import UnfitTipError
from dispatch.tips.sealing import KeyRing, TokenBytes
from dispatch.tips.words import CALLER_MAX, PLACE_MAX, WORDS_MAX, TipId, TipKind, Way

NAME_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
NAME_LENGTH: Final = 10
"""Eight hundred million million: two of them never meet."""
NAME_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was seen, and where."""

    kind: TipKind
    words: str
    place: str = ""
    lon: float | None = None
    lat: float | None = None

    def __post_init__(self) -> None:
        """Raises UnfitTipError."""
        checked_words("words", self.words, WORDS_MAX)
        checked_words("place", self.place, PLACE_MAX, may_be_empty=True)
        if (self.lon is None) != (self.lat is None):
            raise UnfitTipError("place", "has both lon and lat, or neither")
        if self.lon is not None and self.lat is not None and not _on_earth(self.lon, self.lat):
            raise UnfitTipError("place", "is not on Earth: lon -180 to 180, lat -90 to 90")


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who told it, where that is said."""

    account: OperatorName | None = None
    unit: UnitId | None = None
    """By this radio."""
    caller: str = ""
    """Name or number of somebody who telephoned, as the operator wrote it down."""


def give(
    ring: KeyRing,
    told: Told,
    teller: Teller | None,
    *,
    where: CommunityId,
    way: Way,
    taken_by: OperatorName | None,
    token: TokenBytes,
    now: Instant,
    radio_said: str = "",
) -> TipGiven:
    """The fact of it; its code is ``ring.newest.code_of``. Raises UnfitTipError.

    ``radio_said`` is a radio's own name for its report; of one without a name it is left out.
    """
    if teller is not None:
        checked_words("caller", teller.caller, CALLER_MAX, may_be_empty=True)
    tip, key = new_tip(token), ring.newest

    def box(field: str, value: Any) -> Personal:
        return Personal(Purpose.TIP, key.seal(value, tip, field))

    return TipGiven(
        t=now,
        community=NO_COMMUNITY,
        tip=tip,
        where=where,
        way=way,
        taken_by=taken_by,
        code=key.digest_of(key.code_of(tip)),
        heard=key.heard(radio_said) if radio_said and teller is not None else "",
        kind=box("kind", told.kind.value),
        content=box(
            "content",
            {"words": told.words, "place": told.place, "lon": told.lon, "lat": told.lat},
        ),
        teller=None
        if teller is None
        else box(
            "teller",
            {"account": teller.account, "unit": teller.unit, "caller": teller.caller},
        ),
    )


def new_tip(token: TokenBytes) -> TipId:
    """A name by chance."""
    number = int.from_bytes(token(NAME_BYTES), "big")
    letters = ""
    for _ in range(NAME_LENGTH):
        number, rest = divmod(number, len(NAME_LETTERS))
        letters += NAME_LETTERS[rest]
    return TipId(letters)


def checked_words(field: str, text: str, length_max: int, *, may_be_empty: bool = False) -> None:
    """Raises UnfitTipError where these are too many, none, or not as people write them."""
    if not may_be_empty and not text:
        raise UnfitTipError(field, "are missing: say it in a few words")
    if len(text) > length_max:
        raise UnfitTipError(field, f"has {len(text)} characters, and at most {length_max} are kept")
    if plain(text).strip() != text:
        raise UnfitTipError(field, "has signs that nobody sees")


def kind_in(value: Any) -> TipKind:
    """Of a box that was opened. Raises ValueError where it holds none."""
    return TipKind(value)


def told_in(kind: Any, content: Any) -> Told:
    """Of boxes that were opened. Raises ValueError where they hold something else."""
    match content:
        case {"words": str() as words, "place": str() as place, "lon": lon, "lat": lat}:
            point = (_number(lon), _number(lat))
            return Told(kind=kind_in(kind), words=words, place=place, lon=point[0], lat=point[1])
        case _:
            raise ValueError("no content")


def teller_in(value: Any) -> Teller:
    """Of a box that was opened. Raises ValueError where it holds something else."""
    if not isinstance(value, Mapping):
        raise ValueError("no teller")
    account, unit, caller = value.get("account"), value.get("unit"), value.get("caller")
    return Teller(
        account=OperatorName(account) if isinstance(account, str) else None,
        unit=UnitId(unit) if isinstance(unit, str) else None,
        caller=caller if isinstance(caller, str) else "",
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _on_earth(lon: float, lat: float) -> bool:
    return math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90
