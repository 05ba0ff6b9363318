"""What whoever holds a radio consents to when it is let in by a code: asked, checked, kept.

The centre's texts are shown by the radio before its code is used up; what its bearer says
goes with the code, each text with the version that was read. Who they are, and what they said
before, is known elsewhere (``Consents``).
"""

from collections.abc import Mapping
from typing import Final, Protocol

from dispatch.access.refusals import ConsentNeededError, UnfitAccessError
from dispatch.ids import OperatorName
from dispatch.privacy.consent import Asked
from dispatch.roster import RadioRecord

Said = Mapping[str, int]
"""Texts that somebody consents to, each with the version that they read."""
NOTHING_SAID: Final[Said] = {}


class Consents(Protocol):
    """What is asked of those who know people."""

    def asked(self, record: RadioRecord) -> Asked:
        """By the radio's community, now."""
        ...

    async def give(self, record: RadioRecord, said: Said, by: OperatorName) -> None:
        """Its bearer consents; ``by`` made the code. Said again it is harmless.

        Raises StoreError.
        """
        ...


class NoConsents:
    """Where nobody is asked anything."""

    def asked(self, record: RadioRecord) -> Asked:
        """Nothing."""
        del record
        return Asked()

    async def give(self, record: RadioRecord, said: Said, by: OperatorName) -> None:
        """Nothing was asked."""
        del record, by
        assert not said


def check_said(asked: Asked, said: Said) -> None:
    """Raises UnfitAccessError where it is not what is in force, ConsentNeededError."""
    texts = {each.id: each for each in asked.texts}
    for text, version in said.items():
        if text not in texts:
            raise UnfitAccessError("text", "is none that this radio's bearer is asked")
        if version != texts[text].version:
            raise UnfitAccessError(
                "version", f"is not the one in force, {texts[text].version}: read it again"
            )
    missing = sorted(asked.needed - said.keys())
    if missing:
        raise ConsentNeededError(missing)


def noted(asked: Asked, said: Said) -> tuple[str, ...]:
    """For the fact that lets the radio in: each text as ``id/version/SHA-256 of its words``."""
    return tuple(
        f"{each.id}/{each.version}/{each.digest}" for each in asked.texts if each.id in said
    )
