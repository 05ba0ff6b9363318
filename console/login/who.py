"""Who asks, as the guard found out; handlers and the stream read it from the request."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from console.login.sessions import Session
from dispatch.access.accounts import Account
from dispatch.access.refusals import NoRightError, NotLoggedInError
from dispatch.access.requests import Actor
from dispatch.access.words import Right
from dispatch.ids import CommunityId, OperatorName


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A person in a browser, a program by a token, or this machine. Rights are looked up each
    time they are asked for: one that was taken counts no more from the next request on."""

    actor: Actor
    session: Session | None = None
    """The login; None for a program and this machine."""
    limit: frozenset[Right] | None = None
    """A token's rights: no more than these, whatever the account has."""
    account: Account | None = None
    """None for this machine."""

    @property
    def name(self) -> OperatorName:
        """As facts carry it."""
        return self.actor.name

    @property
    def present(self) -> bool:
        """Whether an open stream means that an operator is there: a person who may handle."""
        return self.session is not None and bool(self.where(Right.HANDLE))

    def may(self, right: Right, community: CommunityId) -> bool:
        """Whether this is allowed there."""
        within = self.limit is None or right in self.limit
        return within and self.actor.may(right, community)

    def where(self, right: Right) -> frozenset[CommunityId]:
        """The communities in which this is allowed."""
        if self.limit is not None and right not in self.limit:
            return frozenset()
        return self.actor.where(right)

    def check(self, right: Right, community: CommunityId) -> None:
        """Raises NoRightError."""
        if not self.may(right, community):
            raise NoRightError(right, community)


WHO: Final = web.RequestKey("who", Who)


def who_asks(request: web.Request) -> Who:
    """Whom the guard let through. Raises NotLoggedInError where nobody is known."""
    if WHO not in request:
        raise NotLoggedInError
    return request[WHO]
