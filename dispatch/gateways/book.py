"""The gateway file: over what, after how long and to which number people are called besides radio.

Reads and checks; sends nothing, and knows nothing of Apprise but how an address of it is
spelled. The file holds secrets of services and phone numbers of people:

    callback = "01000000000"                    may be left out: the number that is told

    [[gateways]]                                in the order of the ladder
    name = "group"
    kind = "chat"                               chat | sms | voice
    url = "wecombot://KEY"
    after_s = 10

    [[gateways]]
    name = "sms"
    kind = "sms"
    url = "jsons://sms.example/send?:to={phone}&:message=text"
    after_s = 15
    until = "received"                          received | shown | answered
    per_minute = 30
    per_person_per_hour = 6
    priority_max = 2                            only for priorities 1 and 2
    language = "zh"                             zh | en
    answer_key = "code"                         what the service's answer must say
    answer_ok = "OK"

    [contacts."xizi-v01"]                       a radio's id
    phone = "+86..."
    contact = "..."                             and any other word that an url asks for

    [contacts."xizi-v02"]
    phone = ""                                  its bearer is not called (any more): forgetting.py

    [people.supervisor]                         somebody without a radio, whom a plan tells
    phone = "+86..."

Every error is a SettingsError that names the file, the key and what to do; never a secret.
"""

import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NewType
from urllib.parse import quote

import msgspec

from dispatch.errors import SettingsError, quoted
from dispatch.ids import WORD, RadioId
from dispatch.toml_files import read_bounded, toml_of

ContactKey = NewType("ContactKey", str)
"""Who is spoken to: ``radio/ID`` or ``person/NAME``."""

FILE_BYTES_MAX: Final = 4 * 2**20
"""Room for CONTACTS_MAX contacts of some 200 bytes."""
GATEWAYS_MAX: Final = 16
"""A ladder with more steps than this is no ladder that anybody could follow."""
CONTACTS_MAX: Final = 20_000
"""As many as one community file may have radios."""
PEOPLE_MAX: Final = 200
FILLS_MAX: Final = 8
"""Ways to reach one contact: a phone, and names in a few services."""
FILL_CHARS_MAX: Final = 128
URL_CHARS_MAX: Final = 2_000
"""The longest that services document is some 500."""
AFTER_S_MAX: Final = 3600.0
"""An hour after the order nobody waits for a call any more."""
PER_MINUTE_MAX: Final = 600
"""Ten a second: more than a worker sends."""
PER_PERSON_PER_HOUR_MAX: Final = 60
ANSWER_CHARS_MAX: Final = 64

PRIORITIES: Final = range(1, 5)
PHONE: Final = re.compile(r"\+?[0-9]{10,14}")
"""What Apprise's services take for a number; they drop shorter ones without an error."""
CALLBACK: Final = re.compile(r"\+?[0-9][0-9-]{1,18}[0-9]")
SCHEMA: Final = re.compile(r"([a-z0-9]{1,20})://")
PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z_]{0,19})\}")
_FILL: Final = re.compile(r"[a-z][a-z_]{0,19}")
_OTHERS: Final = stat.S_IRWXO


class GatewayKind(StrEnum):
    """How a message arrives, which decides its length and wording."""

    CHAT = "chat"
    SMS = "sms"
    VOICE = "voice"


class Until(StrEnum):
    """The step of a person's answer that makes a gateway unnecessary."""

    RECEIVED = "received"
    """The device has the order."""
    SHOWN = "shown"
    """It has put it before its bearer's eyes."""
    ANSWERED = "answered"
    """The bearer accepted or declined."""


class Language(StrEnum):
    """What a message is written in."""

    ZH = "zh"
    EN = "en"


UNTIL_BY_KIND: Final[Mapping[GatewayKind, Until]] = MappingProxyType(
    {
        GatewayKind.CHAT: Until.RECEIVED,
        GatewayKind.SMS: Until.RECEIVED,
        GatewayKind.VOICE: Until.ANSWERED,
    }
)
"""Text stands in for a device out of reach. A device that has the order may lie in a pocket
or be locked, and only a call rings: so that one goes on until there is an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One step of the ladder. Its url is a secret and never in ``repr``."""

    name: str
    kind: GatewayKind
    url: str = field(repr=False)
    after_s: float
    """So long after the order was made, unless the step ``until`` was reached."""
    until: Until
    per_minute: int
    per_person_per_hour: int
    priority_max: int
    """Used for incidents of this priority and more urgent (smaller) ones."""
    language: Language
    answer_key: str
    """Field of the service's JSON answer that says whether it took the message; may be empty."""
    answer_ok: str
    needs: frozenset[str]
    """What a contact must fill in; empty for a group that everybody reads."""

    @property
    def schema(self) -> str:
        """The Apprise service, which is no secret."""
        return self.url.partition("://")[0]

    def url_for(self, fills: Mapping[str, str]) -> str:
        """The address of this contact; what it fills in is quoted, to stay in its place."""
        return PLACEHOLDER.sub(lambda found: quote(fills[found[1]], safe=""), self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A whole gateway file. Contacts are personal and never in ``repr``."""

    file: Path
    callback: str
    """The number to call back; empty where none is told."""
    gateways: tuple[Gateway, ...]
    """In the order of the ladder."""
    contacts: Mapping[ContactKey, Mapping[str, str]] = field(repr=False)

    def gateway(self, name: str) -> Gateway | None:
        """The gateway of this name; None where there is none."""
        return next((each for each in self.gateways if each.name == name), None)

    def fills(self, contact: ContactKey) -> Mapping[str, str]:
        """What is known to reach this contact: empty where nothing is."""
        return self.contacts.get(contact, _NOTHING)

    def reaches(self, gateway: Gateway, contact: ContactKey) -> bool:
        """Whether this gateway has what it needs for this contact."""
        return gateway.needs <= self.fills(contact).keys()

    def knows(self, contact: ContactKey) -> bool:
        """Whether the file names this contact: a plan's ``tell`` should."""
        return contact in self.contacts

    def without(self, contacts: Iterable[ContactKey]) -> "Book":
        """The same, with nothing known to reach these."""
        gone = {each: _NOTHING for each in contacts if each in self.contacts}
        return replace(self, contacts={**self.contacts, **gone})


_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def radio_contact(radio: RadioId) -> ContactKey:
    """The bearer of this radio."""
    return ContactKey(f"radio/{radio}")


def person_contact(name: str) -> ContactKey:
    """Somebody outside the roster, such as ``supervisor``."""
    return ContactKey(f"person/{name}")


def load_book(file: Path) -> Book:
    """Read and check the whole file. Whether Apprise knows its services: checking.py.

    Raises SettingsError.
    """
    try:
        read = msgspec.convert(_toml_of(file), _File)
    except msgspec.ValidationError as exc:
        raise SettingsError(
            f"{file}: {exc}", "see docs/gateways.md for what may stand there"
        ) from None
    if not 1 <= len(read.gateways) <= GATEWAYS_MAX:
        raise SettingsError(
            f"{file}: {len(read.gateways)} gateways", f"write 1 to {GATEWAYS_MAX} [[gateways]]"
        )
    if len(read.contacts) > CONTACTS_MAX or len(read.people) > PEOPLE_MAX:
        raise SettingsError(
            f"{file}: {len(read.contacts)} contacts and {len(read.people)} people",
            f"keep to {CONTACTS_MAX} contacts and {PEOPLE_MAX} people",
        )
    if read.callback and not CALLBACK.fullmatch(read.callback):
        raise SettingsError(
            f"{file}: callback is {quoted(read.callback)!r}", "write a number, such as 010-00000000"
        )
    contacts = {
        **{radio_contact(RadioId(name)): fills for name, fills in read.contacts.items()},
        **{person_contact(name): fills for name, fills in read.people.items()},
    }
    for key, fills in contacts.items():
        _check_contact(file, key, fills)
    gateways = tuple(_gateway(file, each) for each in read.gateways)
    _check_ladder(file, gateways, contacts)
    filled = {
        key: {name: value for name, value in fills.items() if value}
        for key, fills in contacts.items()
    }
    return Book(file=file, callback=read.callback, gateways=gateways, contacts=filled)


# Part by part.


class _Gateway(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    kind: GatewayKind
    url: str
    after_s: float
    until: Until | None = None
    per_minute: int = 20
    """WeCom's and DingTalk's robots take 20 a minute, and are silenced for more."""
    per_person_per_hour: int = 6
    priority_max: int = 2
    language: Language = Language.ZH
    answer_key: str = ""
    answer_ok: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    gateways: list[_Gateway] = []
    callback: str = ""
    contacts: dict[str, dict[str, str]] = {}
    people: dict[str, dict[str, str]] = {}


def _gateway(file: Path, read: _Gateway) -> Gateway:
    where = f"{file}: gateway {quoted(read.name)!r}"
    if not WORD.fullmatch(read.name):
        raise SettingsError(f"{where} has no proper name", "write 1 to 40 of a-z, 0-9 and -")
    _check_url(where, read.url)
    for key, value, low, high in (
        ("after_s", read.after_s, 0, AFTER_S_MAX),
        ("per_minute", read.per_minute, 1, PER_MINUTE_MAX),
        ("per_person_per_hour", read.per_person_per_hour, 1, PER_PERSON_PER_HOUR_MAX),
        ("priority_max", read.priority_max, PRIORITIES[0], PRIORITIES[-1]),
    ):
        if not low <= value <= high:  # which refuses nan too
            raise SettingsError(f"{where}: {key} is {value}", f"set it between {low} and {high:g}")
    for key, text in (("answer_key", read.answer_key), ("answer_ok", read.answer_ok)):
        if len(text) > ANSWER_CHARS_MAX or not text.isprintable():
            raise SettingsError(f"{where}: {key} is too long", f"write {ANSWER_CHARS_MAX} at most")
    if bool(read.answer_key) != bool(read.answer_ok):
        raise SettingsError(
            f"{where} has one of answer_key and answer_ok", "write both, or leave both out"
        )
    return Gateway(
        name=read.name,
        kind=read.kind,
        url=read.url,
        after_s=read.after_s,
        until=read.until or UNTIL_BY_KIND[read.kind],
        per_minute=read.per_minute,
        per_person_per_hour=read.per_person_per_hour,
        priority_max=read.priority_max,
        language=read.language,
        answer_key=read.answer_key,
        answer_ok=read.answer_ok,
        needs=frozenset(PLACEHOLDER.findall(read.url)),
    )


def _check_url(where: str, url: str) -> None:
    """The url itself is never quoted: all of it may be a secret."""
    if not SCHEMA.match(url) or len(url) > URL_CHARS_MAX or not url.isprintable() or " " in url:
        raise SettingsError(
            f"{where}: its url is no address of Apprise",
            f"write SERVICE://... without spaces, {URL_CHARS_MAX} characters at most",
        )
    bare = PLACEHOLDER.sub("", url)
    if "{" in bare or "}" in bare:
        raise SettingsError(
            f"{where}: its url has a brace that is no placeholder",
            "write {phone}, {contact} or another word of a-z and _; other braces as %7B and %7D",
        )


def _check_contact(file: Path, key: ContactKey, fills: Mapping[str, str]) -> None:
    """What a contact fills in is never quoted: it is personal."""
    where = f"{file}: {quoted(key)}"
    if not WORD.fullmatch(key.partition("/")[2]):
        raise SettingsError(f"{where} has no proper name", "write 1 to 40 of a-z, 0-9 and -")
    if not 1 <= len(fills) <= FILLS_MAX:
        raise SettingsError(f"{where} has {len(fills)} keys", f"write 1 to {FILLS_MAX}, as phone")
    for name, value in fills.items():
        if not _FILL.fullmatch(name):
            raise SettingsError(f"{where}: {quoted(name)!r} is no key", "write a word of a-z and _")
        if name == "phone" and value and not PHONE.fullmatch(value):
            raise SettingsError(
                f"{where}: its phone is no number",
                "write 10 to 14 digits, after a +; nothing where nobody is to be called",
            )
        if len(value) > FILL_CHARS_MAX or not value.isprintable():
            raise SettingsError(
                f"{where}: {name} is too long",
                f"write {FILL_CHARS_MAX} printable characters at most",
            )


def _check_ladder(
    file: Path,
    gateways: tuple[Gateway, ...],
    contacts: Mapping[ContactKey, Mapping[str, str]],
) -> None:
    known = {name for fills in contacts.values() for name in fills}
    names: set[str] = set()
    after_s = 0.0
    for each in gateways:
        where = f"{file}: gateway {each.name}"
        if each.name in names:
            raise SettingsError(f"{where} is there twice", "give each its own name")
        if each.after_s < after_s:
            raise SettingsError(
                f"{where} has a shorter after_s than the one before it",
                "put the gateways in the order in which they are used",
            )
        if each.needs - known:
            raise SettingsError(
                f"{where} asks for {{{min(each.needs - known)}}}, which no contact has",
                "write it into [contacts], or mend the url",
            )
        names.add(each.name)
        after_s = each.after_s


def _toml_of(file: Path) -> dict[str, Any]:
    data = read_bounded(file, "gateway file", FILE_BYTES_MAX)
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & _OTHERS:
        raise SettingsError(
            f"the gateway file {file} is open to everybody on this machine (mode {mode:04o})",
            f"it holds secrets and phone numbers: chmod 600 {file}",
        )
    return toml_of(file, data)
