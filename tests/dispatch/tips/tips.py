"""Tips with everything defaulted."""

import secrets
from typing import Any

from dispatch.ids import CommunityId, OperatorName
from dispatch.tips.facts import TipGiven
from dispatch.tips.sealing import KEY_BYTES, KeyRing, TipKey
from dispatch.tips.told import Teller, Told, give
from dispatch.tips.words import TipKind, Way
from tests.dispatch.store.facts import NOON

XIZI, HUBIN = CommunityId("xizi"), CommunityId("hubin")
WANG, LI = OperatorName("王主任"), OperatorName("李大爷")
WORDS = "三号楼地下室每晚有人打麻将赌钱，望风的在楼道口"
PLACE = "三号楼2单元地下室"


def key() -> TipKey:
    """A new one."""
    return TipKey(secrets.token_bytes(KEY_BYTES), "2025-11-22")


def ring(*keys: TipKey) -> KeyRing:
    """Of these, or of a new one."""
    return KeyRing(keys or (key(),))


def told(**fields: Any) -> Told:
    """What somebody saw."""
    defaults: dict[str, Any] = {"kind": TipKind.GAMBLING, "words": WORDS, "place": PLACE}
    return Told(**defaults | fields)


def given(by: KeyRing, teller: Teller | None = None, **fields: Any) -> TipGiven:
    """The fact of it."""
    defaults: dict[str, Any] = {
        "where": XIZI,
        "way": Way.PAGE,
        "taken_by": None,
        "token": secrets.token_bytes,
        "now": NOON,
    }
    return give(by, told(), teller, **defaults | fields)
