"""Handlers: who manages radios looks at them and makes codes; a radio exchanges its code.

    GET  /api/v1/radios                 the radios of the communities one manages, a page at a time
    POST /api/v1/radios/{radio}/code    a code that lets it in once
    POST /api/v1/radios/{radio}/enroll  a new secret at once, told once
    POST /api/v1/radios/join/texts      what its bearer is asked to consent to, by a code: no login
    POST /api/v1/radios/join            a radio shows its code and is told its secret: no login
    GET  /join                          where a QR code leads that was opened by a camera

What is refused with a code of its own is raised: the guard that all addresses stand behind
answers it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import msgspec
from aiohttp import web

from devices.codes import LASTS_MAX, LASTS_MIN, Codes, Enroll
from devices.joining import (
    JOIN_PAGE,
    JOIN_PATH,
    CodeBody,
    JoinBody,
    JoinDoc,
    JoinTextDoc,
    JoinTextsBody,
    JoinTextsDoc,
    RadioCodeDoc,
    Reach,
    RollCommunityDoc,
    RollDoc,
    RollPageDoc,
)
from devices.secrets import SALT_BYTES, hash_secret, new_secret
from dispatch.access.accounts import holds
from dispatch.access.needs import Guarded, Need, Open, Where
from dispatch.access.requests import Actor
from dispatch.access.words import EVERYWHERE, Right
from dispatch.clock import MINUTE
from dispatch.errors import StoreError, UnknownUnitError, quoted
from dispatch.ids import WORD, CommunityId, RadioId
from dispatch.qr import as_picture
from dispatch.roster import RadioRecord, Roster
from dispatch.store.roll import PAGE_MAX, RadioState, RollQuery, RollRow

BODY_BYTES_MAX: Final = 1024
"""A code has ten characters; eight texts and their versions take some 600 bytes."""
BODY_TIMEOUT_S: Final = 10.0
"""Who sends a kilobyte more slowly only holds a place."""
TEXT_LENGTH_MAX: Final = 40
QR_MODULE_PX: Final = 6
MILLI: Final = 1_000

RADIOS: Final = Need(Right.MANAGE_RADIOS, Where.ANY)
RADIO: Final = Need(Right.MANAGE_RADIOS, Where.RADIO)

BodyT = TypeVar("BodyT", bound=msgspec.Struct)


class RollBook(Protocol):
    """What is asked of the store, in a thread."""

    def radio_roll(self, query: RollQuery) -> list[RollRow]:
        """Radios with how they stand."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioOffice:
    """The collaborators, and the handlers over them."""

    book: RollBook
    roster: Roster
    codes: Codes
    enroll_radio: Enroll
    reach: Reach
    token: Callable[[int], bytes]
    who_asks: Callable[[web.Request], Actor]
    """Whom the guard let through."""
    address_of: Callable[[web.Request], str]
    """The other end of the connection."""

    def routes(self) -> list[Guarded]:
        """The table."""
        return [
            Guarded(
                method="GET",
                path="/api/v1/radios",
                handle=self.roll,
                need=RADIOS,
                summary="The radios, and how each stands",
                answer=RollPageDoc,
                query=(
                    ("text", "a part of the call sign or the id"),
                    ("state", " | ".join(RadioState)),
                    ("community", "of this community only"),
                    ("after", "the last radio of the page before"),
                ),
            ),
            Guarded(
                method="POST",
                path="/api/v1/radios/{radio}/code",
                handle=self.make_code,
                need=RADIO,
                summary="A code that lets the radio in once",
                body=CodeBody,
                answer=RadioCodeDoc,
            ),
            Guarded(
                method="POST",
                path="/api/v1/radios/{radio}/enroll",
                handle=self.enroll,
                need=RADIO,
            ),
            Guarded(
                method="POST",
                path="/api/v1/radios/join/texts",
                handle=self.join_texts,
                need=Open.PUBLIC,
                summary="What a radio's bearer is asked to consent to, before its code is used",
                body=JoinTextsBody,
                answer=JoinTextsDoc,
            ),
            Guarded(
                method="POST",
                path="/api/v1/radios/join",
                handle=self.join,
                need=Open.PUBLIC,
                summary="A radio exchanges its code for its secret",
                body=JoinBody,
                answer=JoinDoc,
            ),
            Guarded(method="GET", path=JOIN_PATH, handle=_join_page, need=Open.PUBLIC),
        ]

    async def roll(self, request: web.Request) -> web.Response:
        """Those of the communities in which the asker manages radios."""
        managed = self.who_asks(request).where(Right.MANAGE_RADIOS)
        asked = request.query
        state, community = asked.get("state", ""), CommunityId(asked.get("community", ""))
        if state and state not in set(RadioState):
            return _refused(422, "bad_word", f"state is one of {', '.join(RadioState)}")
        within = None if EVERYWHERE in managed else managed
        if community:
            within = frozenset({community} if holds(managed, community) else ())
        query = RollQuery(
            communities=within,
            text=asked.get("text", "").strip()[:TEXT_LENGTH_MAX],
            state=RadioState(state) if state else None,
            after=asked.get("after", "")[:TEXT_LENGTH_MAX],
            count=PAGE_MAX,
        )
        rows = await asyncio.to_thread(self.book.radio_roll, query)
        page = RollPageDoc(
            radios=[_doc(each) for each in rows],
            communities=[
                RollCommunityDoc(id=each.community, zh=each.name_zh, en=each.name_en)
                for each in self.roster.communities.values()
                if holds(managed, each.community)
            ],
            more=len(rows) == PAGE_MAX,
        )
        return _json(200, page)

    async def make_code(self, request: web.Request) -> web.Response:
        """Told this once; what the radio has now goes on until the code is used."""
        record = self._record(request)
        body = await _body(request, CodeBody)
        if isinstance(body, web.Response):
            return body
        lasts = body.minutes * MINUTE
        if not LASTS_MIN <= lasts <= LASTS_MAX:
            return _refused(
                422,
                "bad_number",
                f"minutes is {LASTS_MIN // MINUTE} to {LASTS_MAX // MINUTE}",
            )
        made = await self.codes.make(record, self.who_asks(request).name, lasts=lasts)
        address = self.reach.code_address(made.code)
        return _json(
            200,
            RadioCodeDoc(
                radio=record.radio,
                call_sign=record.call_sign,
                code=made.spelled,
                address=address,
                qr=as_picture(address, module_px=QR_MODULE_PX),
                expires=made.expires_t // MILLI,
                web_here_only=self.reach.web_here_only,
                mqtt_here_only=self.reach.mqtt_here_only,
            ),
        )

    async def enroll(self, request: web.Request) -> web.Response:
        """A new secret; the old one is void. It is told once and kept as a hash only."""
        if request.content_type != "application/json":
            return _refused(415, "not_json", "the body must be application/json")
        radio = RadioId(request.match_info["radio"])
        if not WORD.fullmatch(radio):
            return _refused(404, "unknown_unit", f"no radio {quoted(radio)}")
        secret = new_secret(self.token)
        hashed = hash_secret(secret, self.token(SALT_BYTES))
        try:
            await self.enroll_radio(radio, secret_hash=hashed, by=self.who_asks(request).name)
        except UnknownUnitError as exc:
            return _refused(404, exc.code, str(exc))
        except StoreError as exc:
            return _refused(503, "store_down", str(exc))
        return _json(200, {"radio": radio, "secret": secret})

    async def join_texts(self, request: web.Request) -> web.Response:
        """To be shown to whoever holds the radio; uses nothing up."""
        body = await _body(request, JoinTextsBody)
        if isinstance(body, web.Response):
            return body
        record, asked = self.codes.look(body.code, address=self.address_of(request))
        texts = [
            JoinTextDoc(
                text=each.id,
                version=each.version,
                purpose=each.purpose.value,
                needed=each.id in asked.needed,
                zh=each.zh,
                en=each.en,
            )
            for each in asked.texts
        ]
        doc = JoinTextsDoc(
            radio=record.radio,
            community=record.community,
            call_sign=record.call_sign,
            texts=texts,
        )
        return _json(200, doc)

    async def join(self, request: web.Request) -> web.Response:
        """A radio, known by nothing but its code."""
        body = await _body(request, JoinBody)
        if isinstance(body, web.Response):
            return body
        said = {each.text: each.version for each in body.consents}
        used = await self.codes.use(body.code, address=self.address_of(request), consents=said)
        return _json(200, self.reach.joined(used.record, used.secret))

    def _record(self, request: web.Request) -> RadioRecord:
        """Raises UnknownUnitError."""
        radio = RadioId(request.match_info["radio"])
        record = self.roster.radios.get(radio)
        if record is None:
            raise UnknownUnitError(radio)
        return record


async def _join_page(request: web.Request) -> web.Response:
    del request
    return web.Response(text=JOIN_PAGE, content_type="text/html", charset="utf-8")


async def _body(request: web.Request, shape: type[BodyT]) -> BodyT | web.Response:
    """The body in its shape, or why not."""
    if request.content_type != "application/json":
        return _refused(415, "not_json", "the body must be application/json")
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            data = await request.content.read(BODY_BYTES_MAX + 1)
            while len(data) <= BODY_BYTES_MAX and not request.content.at_eof():
                data += await request.content.read(BODY_BYTES_MAX + 1 - len(data))
    except TimeoutError:
        return _refused(408, "too_slow", "the body did not come in time")
    if len(data) > BODY_BYTES_MAX:
        return _refused(413, "too_large", f"a body here has at most {BODY_BYTES_MAX} bytes")
    try:
        return msgspec.json.decode(data or b"{}", type=shape)
    except (ValueError, RecursionError, OverflowError) as exc:
        return _refused(400, "bad_body", quoted(str(exc)))


def _doc(row: RollRow) -> RollDoc:
    return RollDoc(
        radio=row.radio,
        community=row.community,
        call_sign=row.call_sign,
        role=row.role,
        state=row.state,
        enrolled=row.enrolled_t // MILLI,
        code_by=row.code_by,
        code_expires=row.code_expires_t // MILLI,
    )


def _json(status: int, document: object) -> web.Response:
    """That nobody keeps."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(document),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _refused(status: int, code: str, detail: str) -> web.Response:
    return _json(status, {"code": code, "detail": detail, "facts": {}, "incident": None})
