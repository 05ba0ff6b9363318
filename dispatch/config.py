"""Reads communities from TOML files; refuses what cannot work, in one sentence.

Knows files and spelling. What a value may be is checked where it is built (geo.grids...).
Settings are read by settings_file.py, which names these files.

A community is a file of its own:

    [community]
    id = "xizi"
    name_zh = "西子社区"
    name_en = "Xizi Community"
    zone = "Asia/Shanghai"
    grids = "grids.geojson"                     relative to this file
    streets = "streets.geojson"                 may be left out
    walking = "ways.geojson"                    or "city.osm.pbf"; may be left out (walking.py)
    plans = ["plans.toml"]                      plan books; may be left out (plan_files.py)
    consent = "consent.toml"                    may be left out (privacy/consent.py)
    must_consent = false                        may be left out: without consent, no signing on

    [[radios]]
    id = "xizi-v01"
    call_sign = "西子一间"
    role = "volunteer"                          volunteer | guard | police
    skills = ["medical"]                        may be left out
    post = "g01"                                a grid's id; may be left out
    pin = "0417"                                calls an alarm off; may be left out
    duress_pin = "9417"                         the same, forced; may be left out

Every error is a SettingsError that names the file, the key and what to do.
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from dispatch.demo import demo_community_path
from dispatch.errors import SettingsError, quoted
from dispatch.ids import SKILL, WORD, CommunityId, GridId, RadioId
from dispatch.plan import PlanBook
from dispatch.plan_files import load_book, unfillable
from dispatch.privacy.consent import default_consent, load_consent
from dispatch.radio_table import RadioTable
from dispatch.roster import Community, Pins, RadioRecord, Roster
from dispatch.roster_cache import RosterCache, meaning
from dispatch.roster_kept import KeptRoster, find_roster, keep_roster, nothing_new
from dispatch.toml_files import read_bounded, toml_of
from dispatch.walking import check_walking, load_walking
from dispatch.words import Role
from geo.grids import FILE_BYTES_MAX, GridFileError, GridSet, load_grids
from geo.grids_kept import pack_grids, unpack_grids

COMMUNITY_BYTES_MAX: Final = 32 * 2**20
"""Room for RADIOS_MAX radios at some 300 bytes each."""

RADIOS_MAX: Final = 100_000
"""Of one file: a district that is one community. Read for the first time, that takes some ten
seconds; then roster_cache.py has it."""

STREETS_BYTES_MAX: Final = 8 * 2**20
"""Each console loads it whole; a district's streets take about two."""

BOOKS_MAX: Final = 16
"""Plan books of one community: this season's, the next, and some years of old ones."""

NAME_CHARS_MAX: Final = 60
CALL_SIGN_CHARS_MAX: Final = 20
"""What fits beside a marker and can be said in one breath."""

SKILLS_MAX: Final = 20

PIN: Final = re.compile("[0-9]{4,8}")
"""Fewer are typed by accident; more are not remembered, and do not fit on the wire."""


def load_roster(
    community_files: Sequence[Path], *, with_walking: bool = False, keep_in: Path | None = None
) -> Roster:
    """Every community and radio of these files; without any, the demo community.

    The streets that people walk along are read `with_walking` only: a city's take seconds. What
    the files say of radios is kept in the data folder `keep_in`, for the next time.
    Raises SettingsError, also where two files use one id or call sign.
    """
    return load_listed(community_files, with_walking=with_walking, keep_in=keep_in).roster


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A roster as its files have it, and what of these files is to be kept with it."""

    roster: Roster
    heads: "list[_Head]"


def load_listed(
    community_files: Sequence[Path], *, with_walking: bool = False, keep_in: Path | None = None
) -> Listed:
    """What ``load_roster`` gives, for ``keep_settled``."""
    files_or_demo = community_files or [demo_community_path()]
    kept = None if keep_in is None else RosterCache(keep_in, _Checked, meaning=meaning())
    loaded = [_community(file, with_walking=with_walking, kept=kept) for file in files_or_demo]
    if kept is not None:
        kept.tidy()
    radios = [record for _, says in loaded for record in says.radios]
    files = ", ".join(str(file) for file in community_files)
    _refuse_twice(files, "community id", [community.community for community, _ in loaded])
    _refuse_twice(files, "radio id", [record.radio for record in radios])
    _refuse_twice(files, "call sign", [record.call_sign for record in radios])
    pins = {radio: each for _, says in loaded for radio, each in says.pins.items()}
    return Listed(
        roster=Roster([community for community, _ in loaded], radios, pins),
        heads=[says.community for _, says in loaded],
    )


def keep_settled(
    data_dir: Path, community_files: Sequence[Path], listed: Listed, settled: Roster, radios: str
) -> None:
    """Keep the roster that a start ended with, ``settled`` with the store's radios, whose print
    is ``radios``, for ``find_settled``."""
    both = list(zip(community_files, listed.heads, strict=True))
    packed = settled.radios.packed()
    keep_roster(
        data_dir,
        KeptRoster(
            heads=[msgspec.msgpack.encode(head) for head in listed.heads],
            grids=pack_grids(each.grids for each in listed.roster.communities.values()),
            radios=packed,
            pins=settled.pins,
        ),
        asked=community_files,
        read=[read for file, head in both for read in _files_of(file, head)],
        walking=[file.parent / head.walking for file, head in both if head.walking],
        radios=radios,
    )


def find_settled(data_dir: Path, community_files: Sequence[Path], radios: str) -> Roster | None:
    """The roster that the last start ended with, where nothing it rests on is new: not the files,
    not the store's radios. Raises SettingsError where its streets cannot be read any more."""
    kept = find_roster(data_dir, asked=community_files, radios=radios)
    if kept is None:
        return None
    try:
        radios_then = RadioTable.of_packed(kept.radios)
        grids = unpack_grids(kept.grids)
        heads = [msgspec.msgpack.decode(head, type=_Head) for head in kept.heads]
        known = list(zip(community_files, heads, grids, strict=True))
    except (ValueError, msgspec.MsgspecError):  # damaged, and its checksum does not show it
        return None
    communities = [
        _with_walking(file, head, _community_of(file, head, grids)) for file, head, grids in known
    ]
    return Roster(communities, radios_then, kept.pins)


def check_roster(community_files: Sequence[Path], *, keep_in: Path) -> None:
    """Refuse (SettingsError) files that cannot work, by looking at what is new in them only."""
    if not nothing_new(keep_in, community_files):
        load_roster(community_files, keep_in=keep_in)


def load_community(
    file: Path, *, check_people: bool = True, with_walking: bool = False
) -> tuple[Community, list[RadioRecord]]:
    """One community and its radios. Raises SettingsError, with `check_people` also where one
    of its own plan books asks for a role or skill that nobody on its roster has, and
    `with_walking` where its streets cannot be read: a city's take seconds.
    """
    community, says = _community(file, check_people=check_people, with_walking=with_walking)
    return community, says.radios


def _community(
    file: Path,
    *,
    check_people: bool = True,
    with_walking: bool = False,
    kept: "RosterCache[_Checked] | None" = None,
) -> "tuple[Community, _Checked]":
    text = read_bounded(file, "community file", COMMUNITY_BYTES_MAX)
    says = (None if kept is None else kept.find(text)) or _read(file, text)
    community = _community_of(file, says.community)
    if isinstance(says, _Checked) and not _posts(says.radios) <= community.grids.by_id.keys():
        says = _read(file, text)  # the grids are others now: say what is wrong
    if isinstance(says, _CommunityFile):
        says = _checked(file, says, community)
        if kept is not None:
            kept.keep(text, says)
    if check_people:
        _refuse_unfillable(file, community.books, says.radios)
    if says.community.walking:
        check_walking(file.parent / says.community.walking)
    if with_walking:  # last: it takes long, and nothing else is wrong
        community = _with_walking(file, says.community, community)
    return community, says


def _community_of(file: Path, head: "_Head", grids: GridSet | None = None) -> Community:
    """The community itself, but for the streets that people walk along; ``grids`` where they are
    known from before."""
    _check_word(file, "community.id", head.id)
    return Community(
        community=CommunityId(head.id),
        name_zh=_name(file, "community.name_zh", head.name_zh, NAME_CHARS_MAX),
        name_en=_name(file, "community.name_en", head.name_en, NAME_CHARS_MAX),
        zone=_zone(file, head.zone),
        grids=grids or _grids(file.parent / head.grids),
        streets=_streets(file.parent / head.streets) if head.streets else b"",
        books=_books(file, head.plans),
        consent=load_consent(file.parent / head.consent) if head.consent else default_consent(),
        must_consent=head.must_consent,
    )


def _with_walking(file: Path, head: "_Head", community: Community) -> Community:
    if not head.walking:
        return community
    walking = load_walking(file.parent / head.walking, community.grids)
    return dataclasses.replace(community, walking=walking)


def _files_of(file: Path, head: "_Head") -> list[Path]:
    """Every file that decides what a community is; its walking streets are read each time."""
    named = [head.grids, *(each for each in (head.streets, head.consent) if each), *head.plans]
    return [file, *(file.parent / name for name in named)]


def _read(file: Path, text: bytes) -> "_CommunityFile":
    try:
        return msgspec.convert(toml_of(file, text), _CommunityFile)
    except msgspec.ValidationError as exc:
        raise SettingsError(
            f"{file}: {exc}", "see docs/settings.md for what may stand there"
        ) from exc


def _checked(file: Path, read: "_CommunityFile", community: Community) -> "_Checked":
    listed = read.radios
    if len(listed) > RADIOS_MAX:
        raise SettingsError(
            f"{file}: {len(listed)} radios", f"put at most {RADIOS_MAX} in one file"
        )
    radios = [_radio(file, radio, community) for radio in listed]
    _refuse_twice(str(file), "radio id", [record.radio for record in radios])
    _refuse_twice(str(file), "call sign", [record.call_sign for record in radios])
    pins = {
        RadioId(radio.id): _pins(file, radio) for radio in listed if radio.pin or radio.duress_pin
    }
    return _Checked(community=read.community, radios=radios, pins=pins)


def _posts(radios: Iterable[RadioRecord]) -> set[str]:
    return {record.post for record in radios if record.post is not None}


# A community, part by part.


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name_zh: str
    name_en: str
    zone: str
    grids: str
    streets: str = ""
    walking: str = ""
    plans: list[str] = []
    consent: str = ""
    must_consent: bool = False


class _Radio(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    call_sign: str
    role: str
    skills: list[str] = []
    post: str | None = None
    pin: str = ""
    duress_pin: str = ""


class _CommunityFile(msgspec.Struct, forbid_unknown_fields=True):
    community: _Head
    radios: list[_Radio] = []


class _Checked(msgspec.Struct):
    """A community file that was found in order, its grids and plans apart."""

    community: _Head
    radios: list[RadioRecord]
    pins: dict[RadioId, Pins]


def _radio(file: Path, radio: _Radio, community: Community) -> RadioRecord:
    key = f"radio {quoted(radio.id)}"
    _check_word(file, f"{key}: id", radio.id)
    if radio.role not in set(Role):
        raise SettingsError(
            f"{file}: {key}: unknown role {quoted(radio.role)}", f"write one of {', '.join(Role)}"
        )
    wrong = [skill for skill in radio.skills if not SKILL.fullmatch(skill)]
    if wrong or len(radio.skills) > SKILLS_MAX:
        raise SettingsError(
            f"{file}: {key}: skills {quoted(repr(wrong or radio.skills))}",
            f"write at most {SKILLS_MAX} words of a-z, 0-9 and _, such as medical",
        )
    if radio.post is not None and radio.post not in community.grids.by_id:
        raise SettingsError(
            f"{file}: {key}: post {quoted(radio.post)} is no grid", "write the id of a grid"
        )
    return RadioRecord(
        radio=RadioId(radio.id),
        community=community.community,
        call_sign=_name(file, f"{key}: call_sign", radio.call_sign, CALL_SIGN_CHARS_MAX),
        role=Role(radio.role),
        skills=tuple(radio.skills),
        post=None if radio.post is None else GridId(radio.post),
    )


def _pins(file: Path, radio: _Radio) -> Pins:
    """What calls an alarm off. Never quoted: who reads a log must not learn them."""
    for key, pin in (("pin", radio.pin), ("duress_pin", radio.duress_pin)):
        if pin and not PIN.fullmatch(pin):
            raise SettingsError(
                f"{file}: radio {quoted(radio.id)}: {key} is not 4 to 8 digits",
                'write the digits as text, such as "0417"',
            )
    if radio.duress_pin and not radio.pin:
        raise SettingsError(
            f"{file}: radio {quoted(radio.id)}: there is a duress_pin and no pin",
            "write a pin for when nobody forces them",
        )
    if radio.duress_pin and radio.duress_pin == radio.pin:
        raise SettingsError(
            f"{file}: radio {quoted(radio.id)}: pin and duress_pin are the same",
            "the second says that its bearer is forced: write another one",
        )
    return Pins(calm=radio.pin, duress=radio.duress_pin)


def _check_word(file: Path, key: str, text: str) -> None:
    if not WORD.fullmatch(text):
        raise SettingsError(f"{file}: {key} is {quoted(text)!r}", "write 1 to 40 of a-z, 0-9 and -")


def _name(file: Path, key: str, text: str, chars_max: int) -> str:
    name = text.strip()
    if not name or len(name) > chars_max or not name.isprintable():
        raise SettingsError(
            f"{file}: {key} is {quoted(text)!r}", f"write 1 to {chars_max} printable characters"
        )
    return name


def _zone(file: Path, name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:  # OSError: a folder of zones
        raise SettingsError(
            f"{file}: community.zone {quoted(name)} is unknown", "write one such as Asia/Shanghai"
        ) from exc
    return name


def _grids(file: Path) -> GridSet:
    try:
        return load_grids(read_bounded(file, "grids file", FILE_BYTES_MAX))
    except GridFileError as exc:
        raise SettingsError(f"{file}: {exc}", "mend it there, then start again") from exc


def _streets(file: Path) -> bytes:
    data = read_bounded(file, "streets file", STREETS_BYTES_MAX)
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        if document.get("type") == "FeatureCollection" and isinstance(
            document.get("features"), list
        ):
            return data
    except (msgspec.DecodeError, RecursionError):
        pass  # told below like any other document
    raise SettingsError(f"{file} is no GeoJSON FeatureCollection", "export the streets as one")


def _books(file: Path, names: Sequence[str]) -> tuple[PlanBook, ...]:
    if len(names) > BOOKS_MAX:
        raise SettingsError(
            f"{file}: community.plans has {len(names)} files", f"name at most {BOOKS_MAX}"
        )
    books = tuple(load_book(file.parent / name) for name in names)
    _refuse_twice(str(file), "plan book", [book.name for book in books])
    _refuse_same_day(file, books)
    return books


def _refuse_same_day(file: Path, books: Iterable[PlanBook]) -> None:
    """The book that began last answers: of two that begin together one never would."""
    began: dict[str, PlanBook] = {}
    for book in books:
        other = began.setdefault(book.begins, book)
        if other.book != book.book:
            raise SettingsError(
                f"{file}: the plan books {other.book} and {book.book} both begin {book.begins}",
                "put their plans into one book, or let one begin later",
            )


def _refuse_unfillable(
    file: Path, books: Iterable[PlanBook], radios: Sequence[RadioRecord]
) -> None:
    for book in books:
        for need in unfillable(book, radios):
            raise SettingsError(
                f"{file}: plan book {book.name}: {need}",
                "give somebody that role or skill, or change the need",
            )


def _refuse_twice(where: str, what: str, names: Iterable[str]) -> None:
    names = list(names)
    if len(set(names)) == len(names):
        return
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SettingsError(f"{where}: {what} {name} is used twice", "give each its own")
        seen.add(name)
