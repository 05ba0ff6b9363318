"""Whom and what the hub works for: communities, grids, radios. Loading them is elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dispatch.clock import Instant
from dispatch.events import RadioEnrolled
from dispatch.ids import CommunityId, GridId, RadioId
from dispatch.plan import PlanBook
from dispatch.words import Role
from geo.grids import GridSet
from geo.streets import Streets


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioRecord:
    """A radio on the roster and what its bearer is; secrets are kept elsewhere."""

    radio: RadioId
    community: CommunityId
    call_sign: str
    """What people say, such as 西子一间. Data, never part of a topic."""
    role: Role
    skills: tuple[str, ...] = ()
    post: GridId | None = None
    revoked: bool = False

    def enrolled(self, t: Instant) -> RadioEnrolled:
        """The fact that this radio may connect from now on."""
        return RadioEnrolled(
            t=t,
            community=self.community,
            radio=self.radio,
            call_sign=self.call_sign,
            role=self.role,
            skills=self.skills,
            post=self.post,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """One community as the hub knows it."""

    community: CommunityId
    name_zh: str
    name_en: str
    zone: str
    """IANA time zone, shown to people and used for the day in an incident's number."""
    grids: GridSet
    streets: bytes = b""
    """GeoJSON for the plain basemap; empty for none. Opaque to the hub."""
    books: tuple[PlanBook, ...] = ()
    """Its own plan books; the built-in one is always beside them."""
    walking: Streets | None = None
    """The streets one walks along, where they are known; None: metres are all there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """What a bearer types to call an alarm off; both empty where none was agreed."""

    calm: str = field(default="", repr=False)
    duress: str = field(default="", repr=False)
    """Typed under threat: looks the same, and tells us."""


class Roster:
    """Communities and radios by id; radios change while we run, communities do not."""

    def __init__(
        self,
        communities: Iterable[Community],
        radios: Iterable[RadioRecord],
        pins: Mapping[RadioId, Pins] | None = None,
    ) -> None:
        self.communities = {c.community: c for c in communities}
        self.radios = {r.radio: r for r in radios}
        self.pins = dict(pins or {})
        """From the community's file each time: they stand in no journal."""

    def put(self, record: RadioRecord) -> None:
        """Add or replace a radio."""
        self.radios[record.radio] = record

    def by_call_sign(self, call_sign: str) -> RadioRecord | None:
        """The radio that people call so, not revoked; None where there is none."""
        for record in self.radios.values():
            if record.call_sign == call_sign and not record.revoked:
                return record
        return None
