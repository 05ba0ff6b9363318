"""The number on the phone: set by its first one, taken off by the password; recovery codes."""

import asyncio
import base64
from dataclasses import replace
from typing import Final

from aiohttp import web

from console.login.bodies import AgainBody, CodesDoc, Done, FactorBody, FactorDoc
from console.login.entry import recovery_digest
from console.login.guarding import address_of
from console.login.office import LOGIN, LoginDesk, answer, person, said
from dispatch.access import requests, totp
from dispatch.access.facts import AccountFact, RecoveryCodesMade, SecondFactorSet
from dispatch.access.kept import AccessChange
from dispatch.access.refusals import UnfitAccessError, WrongNumberError
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import SECOND
from dispatch.ids import OperatorName
from dispatch.qr import as_picture

RECOVERY_CODES: Final = 8
RECOVERY_BYTES: Final = 10
"""80 bits in sixteen letters: typed once a year, guessed never."""
FACTOR_LASTS_S: Final = 600.0
"""Between seeing the QR code and typing its first number."""
FACTORS_MAX: Final = 100
QR_MODULE_PX: Final = 5


class Factors:
    """Handlers; what must be remembered between two of them is a factor not yet confirmed."""

    def __init__(self) -> None:
        self._factors: dict[OperatorName, tuple[str, float]] = {}

    async def begin_factor(self, request: web.Request) -> web.Response:
        """A new secret, shown as a QR code; it counts once its first number was typed."""
        desk, body = request.app[LOGIN], await said(request, AgainBody)
        _, account, _ = person(request)
        await desk.entry.check_again(account, body.password, address=address_of(request))
        secret = desk.books.token_bytes(totp.SECRET_BYTES)
        until_s = asyncio.get_running_loop().time() + FACTOR_LASTS_S
        self._factors.pop(account.name, None)
        self._factors[account.name] = (totp.spelled(secret), until_s)
        if len(self._factors) > FACTORS_MAX:
            del self._factors[next(iter(self._factors))]
        address = totp.address(secret, account.name)
        drawn = as_picture(address, module_px=QR_MODULE_PX)
        return answer(FactorDoc(secret=totp.spelled(secret), address=address, qr=drawn))

    async def set_factor(self, request: web.Request) -> web.Response:
        """The first number: from now on one is asked for. Tells the recovery codes."""
        desk, body = request.app[LOGIN], await said(request, FactorBody)
        _, account, _ = person(request)
        spelled, until_s = self._factors.get(account.name, ("", 0.0))
        if not spelled or asyncio.get_running_loop().time() > until_s:
            raise UnfitAccessError("code", "comes too late: begin again")
        secret = base64.b32decode(spelled + "=" * (-len(spelled) % 8))
        now_s = desk.books.times.machine() // SECOND
        step = totp.accepted_step(secret, body.code.strip().replace(" ", ""), now_s, used_step=0)
        if step is None:
            raise WrongNumberError
        codes = _new_codes(desk)

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            t = desk.books.times.hub()
            kept = replace(
                desk.books.secret(account.name),
                totp=spelled,
                totp_step=step,
                recovery=tuple(map(recovery_digest, codes)),
            )
            facts: list[AccountFact] = [
                SecondFactorSet(t=t, community=NO_COMMUNITY, account=account.name),
                RecoveryCodesMade(t=t, community=NO_COMMUNITY, account=account.name),
            ]
            return facts, [kept]

        await desk.books.change(decide)
        self._factors.pop(account.name, None)
        return answer(CodesDoc(codes=codes))

    async def remove_factor(self, request: web.Request) -> web.Response:
        """By the password."""
        desk, body = request.app[LOGIN], await said(request, AgainBody)
        who, account, _ = person(request)
        await desk.entry.check_again(account, body.password, address=address_of(request))

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            t = desk.books.times.hub()
            facts = requests.remove_second_factor(desk.books.access, who, account.name, t)
            kept = replace(desk.books.secret(account.name), totp="", totp_step=0, recovery=())
            return facts, [kept]

        await desk.books.change(decide)
        return answer(Done(account=account.name))

    async def new_codes(self, request: web.Request) -> web.Response:
        """Other recovery codes; the old ones are void."""
        desk, body = request.app[LOGIN], await said(request, AgainBody)
        _, account, _ = person(request)
        await desk.entry.check_again(account, body.password, address=address_of(request))
        codes = _new_codes(desk)

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            secret = desk.books.secret(account.name)
            if not secret.totp:
                raise UnfitAccessError("second_factor", "is not set")
            made = RecoveryCodesMade(
                t=desk.books.times.hub(), community=NO_COMMUNITY, account=account.name
            )
            return [made], [replace(secret, recovery=tuple(map(recovery_digest, codes)))]

        await desk.books.change(decide)
        return answer(CodesDoc(codes=codes))


def _new_codes(desk: LoginDesk) -> list[str]:
    """In groups of four, to be written down."""
    made = []
    for _ in range(RECOVERY_CODES):
        letters = base64.b32encode(desk.books.token_bytes(RECOVERY_BYTES)).decode().lower()
        made.append("-".join(letters[at : at + 4] for at in range(0, len(letters), 4)))
    return made
