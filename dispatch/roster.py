"""Whom and what the hub works for: communities, grids, radios. Loading them is elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dispatch.ids import CommunityId, RadioId
from dispatch.plan import PlanBook
from dispatch.privacy.consent import ConsentText, default_consent
from dispatch.radio_packed import Pins
from dispatch.radio_record import RadioRecord
from dispatch.radio_table import RadioTable
from geo.grids import GridSet
from geo.streets import Streets

__all__ = ["Community", "Pins", "RadioRecord", "Roster"]


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
    consent: tuple[ConsentText, ...] = field(default_factory=default_consent)
    """What its people are asked to consent to."""
    must_consent: bool = False
    """Nobody who has an account signs on without consent to be followed; alarms are taken
    all the same."""


class Roster:
    """Communities and radios by id; radios change while we run, communities do not."""

    def __init__(
        self,
        communities: Iterable[Community],
        radios: Iterable[RadioRecord] | RadioTable,
        pins: Mapping[RadioId, Pins] | None = None,
    ) -> None:
        """A table of radios is taken over as it is."""
        self.communities = {c.community: c for c in communities}
        self.radios = radios if isinstance(radios, RadioTable) else RadioTable(radios)
        self.pins = dict(pins or {})
        """From the community's file each time: they stand in no journal."""

    def put(self, record: RadioRecord) -> None:
        """Add or replace a radio."""
        self.radios.put(record)

    def by_call_sign(self, call_sign: str) -> RadioRecord | None:
        """The radio that people call so, not revoked; None where there is none."""
        return next((each for each in self.radios.called(call_sign) if not each.revoked), None)
