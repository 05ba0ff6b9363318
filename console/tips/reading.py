"""The list of tips, one of them with a reason, notes and closing: for those who may read them where
they belong, each by a login of their own. A program or this machine reads none: nobody would
answer for it.
"""

from aiohttp import web

from console import asking
from console.login.office import MILLI, answer, said
from console.login.who import Who, who_asks
from console.tips.bodies import (
    CloseTipBody,
    NoteDoc,
    OpenTipDoc,
    ReadBody,
    ReadDoc,
    StateDoc,
    TellerDoc,
    TipDoc,
    TipNoteBody,
    TipsDoc,
    WaitingDoc,
)
from console.tips.giving import communities, place_doc
from console.tips.shelf import TIPS
from dispatch.access.accounts import holds
from dispatch.access.refusals import NoRightError
from dispatch.access.words import Right
from dispatch.ids import CommunityId
from dispatch.tips.opened import ListedTip, OpenTip
from dispatch.tips.words import NOTE_MAX, WHY_MAX, Outcome


async def listed(request: web.Request) -> web.Response:
    """What there is, without a word of it."""
    _, where = _reader(request)
    found, more = await request.app[TIPS].listed(where)
    doc = TipsDoc(
        tips=[_tip_doc(each) for each in found],
        more=more,
        communities=[
            place_doc(each) for each in communities(request) if holds(where, each.community)
        ],
    )
    return answer(doc)


async def waiting(request: web.Request) -> web.Response:
    """How many nobody has read."""
    _, where = _reader(request)
    return answer(WaitingDoc(count=await request.app[TIPS].waiting(where)))


async def read(request: web.Request) -> web.Response:
    """All it says; that they read it, and why, is on disk before."""
    who, where = _reader(request)
    body = await said(request, ReadBody)
    why = asking.words(body.why, WHY_MAX)
    opened = await request.app[TIPS].read(request.match_info["tip"], where, who.name, why)
    return answer(_open_doc(opened))


async def note(request: web.Request) -> web.Response:
    """Write to it."""
    who, where = _reader(request)
    body = await said(request, TipNoteBody)
    words = asking.words(body.words, NOTE_MAX)
    state = await request.app[TIPS].note(
        request.match_info["tip"], where, who.name, words, acted=body.acted
    )
    return answer(StateDoc(state=state.value))


async def close(request: web.Request) -> web.Response:
    """End it."""
    who, where = _reader(request)
    body = await said(request, CloseTipBody)
    outcome = asking.word(Outcome, body.outcome, "outcome")
    words = asking.words(body.words, NOTE_MAX)
    state = await request.app[TIPS].close(
        request.match_info["tip"], where, who.name, outcome, words
    )
    return answer(StateDoc(state=state.value))


# --- pieces ---


def _reader(request: web.Request) -> tuple[Who, frozenset[CommunityId]]:
    """A person in a browser, and where they may read. Raises NoRightError."""
    who = who_asks(request)
    if who.session is None:
        raise NoRightError(Right.READ_TIPS, "(a person's own login)")
    return who, who.where(Right.READ_TIPS)


def _tip_doc(listed: ListedTip) -> TipDoc:
    tip = listed.tip
    return TipDoc(
        tip=tip.tip,
        community=tip.where,
        kind=listed.kind,
        sealed=listed.sealed,
        way=tip.way.value,
        anonymous=tip.anonymous,
        given=tip.given_t // MILLI,
        state=tip.state.value,
        readers=list(dict.fromkeys(tip.readers)),
        closed_by=tip.closed_by or "",
        outcome=tip.outcome,
    )


def _open_doc(opened: OpenTip) -> OpenTipDoc:
    told, teller = opened.told, opened.teller
    return OpenTipDoc(
        tip=_tip_doc(ListedTip(tip=opened.tip, kind=told.kind)),
        words=told.words,
        place=told.place,
        lon=told.lon,
        lat=told.lat,
        teller=None
        if teller is None
        else TellerDoc(account=teller.account, unit=teller.unit, caller=teller.caller),
        taken_by=opened.tip.taken_by or "",
        reads=[ReadDoc(t=each.t // MILLI, by=each.by, why=each.why) for each in opened.reads],
        notes=[
            NoteDoc(
                t=each.t // MILLI,
                by=each.by,
                acted=each.acted,
                outcome=each.outcome,
                words=each.words,
            )
            for each in opened.notes
        ],
    )
