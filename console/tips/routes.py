"""Every address of sealed tips, as console/routes.py has the others."""

from typing import Final

import msgspec

from console.route import Handler, Route, look
from console.tips import giving, reading
from console.tips.bodies import (
    CloseTipBody,
    CodeBody,
    GiveBody,
    GivenDoc,
    OpenTipDoc,
    ReadBody,
    StateDoc,
    TipDoorDoc,
    TipNoteBody,
    TipsDoc,
    WaitingDoc,
)
from dispatch.access.needs import AnyNeed, Need, Open, Where
from dispatch.access.words import Right

READ: Final = Need(Right.READ_TIPS, Where.ANY)
"""Which ones exactly follows from where each belongs; of others it is not said that they are."""
TIP: Final = "/api/v1/tips/{tip}"


def _post(
    path: str,
    handle: Handler,
    need: AnyNeed,
    body: type[msgspec.Struct],
    summary: str,
    answer: type[msgspec.Struct],
) -> Route:
    return Route(
        method="POST",
        path=path,
        summary=summary,
        handle=handle,
        need=need,
        body=body,
        answer=answer,
        is_command=False,
    )


TIP_ROUTES: Final = (
    look(
        "/api/v1/tips/door",
        giving.door,
        Open.PERSON,
        "What the page for giving a sealed tip shows",
        TipDoorDoc,
    ),
    _post(
        "/api/v1/tips",
        giving.give,
        Open.PERSON,
        GiveBody,
        "Give a sealed tip; with call, which asks handle in its community, for somebody else",
        GivenDoc,
    ),
    _post(
        "/api/v1/tips/state",
        giving.state,
        Open.PUBLIC,
        CodeBody,
        "What became of the tip with this code",
        StateDoc,
    ),
    look("/api/v1/tips", reading.listed, READ, "Sealed tips, without a word of them", TipsDoc),
    look("/api/v1/tips/waiting", reading.waiting, READ, "How many nobody has read", WaitingDoc),
    _post(
        TIP + "/read",
        reading.read,
        READ,
        ReadBody,
        "Open one, with a reason, which is recorded first; asks a person's own login",
        OpenTipDoc,
    ),
    _post(TIP + "/notes", reading.note, READ, TipNoteBody, "Write to one", StateDoc),
    _post(TIP + "/close", reading.close, READ, CloseTipBody, "Close one", StateDoc),
)
