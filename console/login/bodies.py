"""What is said over HTTP about accounts: requests and answers. Says nothing of secrets but once."""

import msgspec

from console.wire import Doc


class LoginBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/login"""

    name: str
    password: str
    code: str = ""
    """From the phone, or a recovery code."""


class FollowBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/login/link: set a password by a one-time link, and come in"""

    link: str
    password: str
    name: str = ""
    """For the first account: what it shall be called."""


class LinkCheckBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/login/link/check"""

    link: str


class LinkDoc(Doc):
    """Whom a link is for."""

    account: str
    """Empty: it opens the first account."""


class DoorDoc(Doc):
    """GET /api/v1/login: what a page needs before anybody is known"""

    known: bool
    """Whoever asks is logged in: /api/v1/me says as whom."""
    first: bool
    """Nobody can let anybody in yet: the server printed a link."""
    provider: str
    """What the other server that vouches for people is called; empty: none."""
    authority: bool
    """The centre has an authority of its own, which browsers and phones install from ``/ca``."""
    password_length_min: int


class OfficeDoc(Doc, forbid_unknown_fields=True):
    """An office, and where it counts (``*``: everywhere)."""

    office: str
    where: str


class TokenDoc(Doc):
    """An API token, without its secret."""

    id: str
    label: str
    rights: list[str]
    made: int
    expires: int


class Me(Doc):
    """GET /api/v1/me: who I am, and what I may"""

    name: str
    by: str
    """session | token | machine"""
    csrf: str
    """To be sent as X-CSRF with whatever changes something; empty for a program."""
    rights: dict[str, list[str]]
    """By right, the communities where it counts."""
    offices: list[OfficeDoc]
    second_factor: bool
    recovery_codes: int
    """How many are left."""
    unit: str | None
    provider: bool
    """Another server vouches for this account."""
    tokens: list[TokenDoc]
    until: int
    """When this login ends at the latest, ms UTC by the machine's clock; 0 for a program."""
    now: int


class LogoutBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/logout"""

    everywhere: bool = False


class PasswordBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/me/password"""

    old: str
    new: str


class AgainBody(Doc, forbid_unknown_fields=True):
    """The password once more, before something grave"""

    password: str


class FactorDoc(Doc):
    """A second factor to be confirmed by its first number."""

    secret: str
    address: str
    qr: str
    """An SVG drawing."""


class FactorBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/me/second-factor"""

    code: str


class CodesDoc(Doc):
    """Recovery codes, told this once."""

    codes: list[str]


class TokenBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/me/tokens"""

    label: str
    rights: list[str]
    days: int
    password: str


class NewTokenDoc(Doc):
    """A token, told this once."""

    id: str
    token: str


class SessionDoc(Doc):
    """A login that is on."""

    id: str
    made: int
    seen: int
    until: int
    address: str
    agent: str
    streams: int
    this: bool
    """The one that asks."""


class SessionsDoc(Doc):
    """Logins of one account."""

    sessions: list[SessionDoc]


class PersonDoc(Doc):
    """An account, as whoever manages people sees it."""

    name: str
    offices: list[OfficeDoc]
    closed: bool
    password: bool
    """It was set: a link was followed."""
    second_factor: bool
    unit: str | None
    sessions: int
    tokens: int
    opened: int
    wait_s: int
    """Too many tries: so long is the wait."""
    manageable: bool
    """Whoever asks may change it."""


class CommunityNameDoc(Doc):
    """A community in which whoever asks manages people."""

    id: str
    zh: str
    en: str


class PeopleDoc(Doc):
    """GET /api/v1/people"""

    people: list[PersonDoc]
    communities: list[CommunityNameDoc]
    everywhere: bool
    """Whoever asks may give offices in all communities at once."""


class OpenPersonBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/people"""

    name: str
    offices: list[OfficeDoc] = msgspec.field(default_factory=list)
    unit: str | None = None


class OfficesBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/people/{account}/offices"""

    give: list[OfficeDoc] = msgspec.field(default_factory=list)
    take: list[OfficeDoc] = msgspec.field(default_factory=list)


class UnitBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/people/{account}/unit"""

    unit: str | None


class ProviderDoc(Doc):
    """Where the browser goes next"""

    url: str


class NothingBody(Doc, forbid_unknown_fields=True):
    """A request that says all by its address"""


class NewLinkBody(Doc, forbid_unknown_fields=True):
    """POST /api/v1/links: of an account, or (empty) one that opens another administrator's"""

    account: str = ""


class NewLinkDoc(Doc):
    """A one-time link, told this once."""

    account: str
    path: str
    """Behind the server's address; what follows ``#`` goes into no log."""
    expires: int


class ConsentStateDoc(Doc):
    """What somebody said of a text of their community."""

    text: str
    version: int
    """In force."""
    purpose: str
    """place | call"""
    state: str
    """given | older | withdrawn | never: older is an older version, and they are asked again"""
    said: int | None
    """When, ms UTC; null: never."""
    how: str
    """page | paper | join; empty: never."""
    by: str
    """Who said or noted it."""


class ConsentDoc(ConsentStateDoc):
    """The same, with the words."""

    zh: str
    en: str


class ConsentsDoc(Doc):
    """GET /api/v1/me/consents"""

    community: str
    """Whose texts these are: of the radio that they carry; empty where they carry none."""
    consents: list[ConsentDoc]


class BearerDoc(Doc):
    """Who carries a radio, and what they consented to."""

    account: str
    unit: str
    community: str
    consents: list[ConsentStateDoc]


class BearersDoc(Doc):
    """GET /api/v1/consents"""

    bearers: list[BearerDoc]


class ConsentBody(Doc, forbid_unknown_fields=True):
    """Consent to a text: the version that was read"""

    version: int


class Done(Doc):
    """It is so now."""

    account: str


class AuditRow(Doc):
    """One fact, as far as it tells of somebody at a console."""

    seq: int
    t: int
    what: str
    """The fact's name."""
    by: str
    account: str
    community: str
    incident: str
    facts: dict[str, str | int | float | bool | None]
    """What else it says, short."""


class AuditDoc(Doc):
    """GET /api/v1/audit"""

    rows: list[AuditRow]
    before: int | None
    """Where the next page begins; null: this was the last."""
    names: list[str]
    """What ``what`` may be asked for."""
