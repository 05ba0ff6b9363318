"""What follows from what people consented to: who is followed, called, let on duty. Pure.

Asked is whoever carries a radio, by the texts of its community; what somebody said last counts.
"""

from collections.abc import Sequence
from typing import Final

from dispatch.access.accounts import Access, Account, Consent
from dispatch.access.facts import ConsentBy, ConsentGiven
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import Instant
from dispatch.ids import CommunityId, OperatorName, RadioId, UnitId, radio_of
from dispatch.privacy.consent import ConsentFor, ConsentText
from dispatch.roster import Roster

GIVEN: Final = "given"


def unfollowed(access: Access) -> frozenset[UnitId]:
    """Radios whose bearers withdrew their consent to be followed. Of a closed account only where
    nobody else carries its radio now."""
    carried = {each.unit for each in access if not each.closed}
    return frozenset(
        each.unit
        for each in access
        if each.unit is not None
        and each.withdrew(ConsentFor.PLACE)
        and not (each.closed and each.unit in carried)
    )


def uncalled(access: Access) -> frozenset[RadioId]:
    """Radios whose bearers withdrew their consent to be called, and those under which the number of
    such a one may still stand."""
    carried = {
        each.unit
        for each in access
        if each.unit is not None and not each.closed and each.withdrew(ConsentFor.CALL)
    }
    owed = {each.unit for account in access if (each := account.withdrawn.get(ConsentFor.CALL))}
    return frozenset(radio_of(each) for each in carried | owed if each is not None)


def barred(access: Access, roster: Roster) -> frozenset[UnitId]:
    """Radios whose bearers have not consented to be followed where their community lets nobody
    sign on without it. Of a radio that nobody with an account carries nobody can tell."""
    return frozenset(
        account.unit
        for account in access
        if account.unit is not None and not account.closed and _lacks(roster, account)
    )


def _lacks(roster: Roster, account: Account) -> bool:
    where, texts = asked(roster, account)
    return bool(where) and bool(demanded(roster, where, texts, account))


def demanded(
    roster: Roster, where: CommunityId, texts: Sequence[ConsentText], account: Account | None
) -> frozenset[str]:
    """What this community demands, and they have not consented to."""
    if not roster.communities[where].must_consent:
        return frozenset()
    said = {} if account is None else account.consents
    return frozenset(
        each.id
        for each in texts
        if each.purpose is ConsentFor.PLACE and state_of(said.get((where, each.id)), each) != GIVEN
    )


def asked(roster: Roster, account: Account) -> tuple[CommunityId, Sequence[ConsentText]]:
    """By which community, and what; nothing where they carry no radio."""
    radio = None if account.unit is None else roster.radios.get(radio_of(account.unit))
    if radio is None:
        return NO_COMMUNITY, ()
    return radio.community, roster.communities[radio.community].consent


def state_of(found: Consent | None, text: ConsentText) -> str:
    """given | older (other words were in force) | withdrawn | never."""
    if found is None:
        return "never"
    if not found.given:
        return "withdrawn"
    return GIVEN if found.version == text.version else "older"


def giving(
    account: Account,
    where: CommunityId,
    text: ConsentText,
    how: ConsentBy,
    by: OperatorName,
    t: Instant,
) -> ConsentGiven | None:
    """The fact; None where it is so already."""
    if state_of(account.consents.get((where, text.id)), text) == GIVEN:
        return None
    return ConsentGiven(
        t=t,
        community=NO_COMMUNITY,
        account=account.name,
        where=where,
        text=text.id,
        version=text.version,
        purpose=text.purpose,
        digest=text.digest,
        how=how,
        by=by,
    )
