"""Shapes of what goes in and out at the addresses of sealed tips. Times are ms UTC."""

import msgspec


class CallBody(msgspec.Struct, forbid_unknown_fields=True):
    """An operator writes down what another one says."""

    caller: str = ""
    """Their name or number, where they say it; empty: they do not."""


class GiveBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A tip."""

    community: str
    kind: str
    words: str
    place: str = ""
    lon: float | None = None
    lat: float | None = None
    anonymous: bool = False
    """Nothing that names whoever is logged in is kept with it."""
    call: CallBody | None = None


class GivenDoc(msgspec.Struct):
    """It is sealed and on disk."""

    code: str
    """With it its teller looks what became of it; told this once."""


class CodeBody(msgspec.Struct, forbid_unknown_fields=True):
    """A code as somebody typed it."""

    code: str


class StateDoc(msgspec.Struct):
    """How far it came: given, read, acted or closed."""

    state: str


class PlaceDoc(msgspec.Struct):
    """A community by its names."""

    id: str
    zh: str
    en: str


class TipDoorDoc(msgspec.Struct):
    """What the page for giving one shows."""

    communities: list[PlaceDoc]
    kinds: list[str]
    words_max: int
    place_max: int
    days: int
    """After so many what it says is erased."""


class TipDoc(msgspec.Struct, kw_only=True):
    """One in the list: no word of what it says."""

    tip: str
    community: str
    kind: str | None
    """None: it was erased in time, or its key is not on this server (``sealed``)."""
    sealed: bool
    way: str
    anonymous: bool
    given: int
    state: str
    readers: list[str]
    """Whoever read it, once each."""
    closed_by: str
    outcome: str | None


class TipsDoc(msgspec.Struct):
    """Open ones first, then closed ones, newest first."""

    tips: list[TipDoc]
    more: bool
    communities: list[PlaceDoc]


class WaitingDoc(msgspec.Struct):
    """How many nobody has read yet, where the asker may."""

    count: int


class ReadBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why it is read: kept for good with the reader's name, and shown in the audit."""

    why: str


class ReadDoc(msgspec.Struct, kw_only=True):
    """Somebody read it before."""

    t: int
    by: str
    why: str | None


class NoteDoc(msgspec.Struct, kw_only=True):
    """What somebody wrote to it, or closed it with."""

    t: int
    by: str
    acted: bool
    outcome: str | None
    words: str | None
    """None: erased in time, or sealed with a key that is not here."""


class TellerDoc(msgspec.Struct):
    """Who told it."""

    account: str | None
    unit: str | None
    caller: str


class OpenTipDoc(msgspec.Struct, kw_only=True):
    """All that one says."""

    tip: TipDoc
    words: str
    place: str
    lon: float | None
    lat: float | None
    teller: TellerDoc | None
    """None: nobody said who they are, or it was erased."""
    taken_by: str
    """Who wrote down a call."""
    reads: list[ReadDoc]
    """Before this time; this one stands in the journal, too."""
    notes: list[NoteDoc]


class TipNoteBody(msgspec.Struct, forbid_unknown_fields=True):
    """Something to write to it."""

    words: str
    acted: bool = False
    """Whether something was done because of it: its teller sees that."""


class CloseTipBody(msgspec.Struct, forbid_unknown_fields=True):
    """It is over."""

    outcome: str
    words: str = ""
