"""Decides who may come in by the hub's table of radios: known, not revoked, right secret."""

from collections.abc import Callable

from devices.broker.doorman import AdmissionRequest, Decide, Grant, Refusal
from devices.secrets import verify_secret
from dispatch.ids import RadioId
from dispatch.store.port import RadioSecret


def by_table(radio_secret: Callable[[RadioId], RadioSecret | None]) -> Decide:
    """A ``Decide`` over a lookup such as ``Store.radio_secret``, which is asked every time.

    It runs in admission's thread: the lookup must be one that may. What it raises,
    and what a damaged hash raises, refuses that one radio and is logged.
    """

    def decide(request: AdmissionRequest) -> Grant | Refusal:
        known = radio_secret(RadioId(request.username))
        if known is None:
            return Refusal(reason="unknown_radio")
        if known.revoked:
            return Refusal(reason="revoked")
        if not verify_secret(request.password, known.secret_hash):
            return Refusal(reason="wrong_secret")
        return Grant(radio=known.radio, community=known.community)

    return decide
