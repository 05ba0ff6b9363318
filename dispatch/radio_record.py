"""A radio on the roster, as one thing. How many of them are kept: radio_table.py."""

from dataclasses import dataclass

from dispatch.clock import Instant
from dispatch.events import RadioEnrolled
from dispatch.ids import CommunityId, GridId, OperatorName, RadioId
from dispatch.words import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioRecord:
    """A radio on the roster and what its bearer is; secrets are kept elsewhere."""

    radio: RadioId
    community: CommunityId
    call_sign: str
    """What people say, such as 西子一间. Data, never part of a topic."""
    role: Role
    skills: tuple[str, ...] = ()
    post: GridId | None = None
    revoked: bool = False

    def enrolled(self, t: Instant, by: OperatorName | None = None) -> RadioEnrolled:
        """The fact that this radio may connect from now on, and who let it."""
        return RadioEnrolled(
            t=t,
            community=self.community,
            radio=self.radio,
            call_sign=self.call_sign,
            role=self.role,
            skills=self.skills,
            post=self.post,
            by=by,
        )
