"""Decides who may come in by the hub's table of radios: known, not revoked, right secret.

The table is read anew for all who ask at the same time, in one look: to read a row of its own
for each of a district's radios took most of what letting them in took.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from devices.broker.doorman import AdmissionRequest, Decide, Grant, Refusal
from devices.secrets import verify_secret
from dispatch.ids import RadioId
from dispatch.store.port import RadioSecret

REMEMBERED_MAX: Final = 24_000
"""Twice the embedded broker's connections, at some 200 bytes; beyond it all are forgotten, which
costs each the hashing once more."""
KEY_BYTES: Final = 32
DIGEST_BYTES: Final = 16

log = structlog.get_logger(__name__)


class Verified:
    """Which secrets were right before, so that a radio that comes again costs no hashing.

    Kept is a keyed digest (BLAKE2b, RFC 7693) of the secret and of the stored hash that it was
    right for: with another secret on the table, the digest of before is no longer one. The key
    lives as long as this process.
    """

    def __init__(self, key: bytes, *, remembered_max: int = REMEMBERED_MAX) -> None:
        self._key = key
        self._remembered_max = remembered_max
        self._digests: dict[RadioId, bytes] = {}

    def right(self, radio: RadioId, secret: str, stored: str) -> bool:
        """Whether ``stored`` was made from ``secret``. Raises ValueError where it is no hash."""
        digest = self._digest(secret, stored)
        if self._digests.get(radio) == digest:
            return True
        if not verify_secret(secret, stored):
            return False
        if len(self._digests) >= self._remembered_max:
            self._digests.clear()
        self._digests[radio] = digest
        return True

    def _digest(self, secret: str, stored: str) -> bytes:
        data = f"{stored}\n{secret}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=self._key, digest_size=DIGEST_BYTES).digest()


def by_table(
    secrets_of: Callable[[Sequence[RadioId]], Sequence[RadioSecret]], token: Callable[[int], bytes]
) -> Decide:
    """A ``Decide`` over a lookup such as ``Store.radio_secrets_of``, which is asked every time.

    It runs in admission's thread: the lookup must be one that may. What it raises refuses
    those who asked and is logged; a damaged hash refuses its one radio. ``token`` is
    ``secrets.token_bytes``.
    """
    verified = Verified(token(KEY_BYTES))

    def decide(requests: Sequence[AdmissionRequest]) -> list[Grant | Refusal]:
        names = sorted({RadioId(request.username) for request in requests})
        known = {secret.radio: secret for secret in secrets_of(names)}
        return [_verdict(each, known.get(RadioId(each.username)), verified) for each in requests]

    return decide


def _verdict(
    request: AdmissionRequest, known: RadioSecret | None, verified: Verified
) -> Grant | Refusal:
    if known is None:
        return Refusal(reason="unknown_radio")
    if known.revoked:
        return Refusal(reason="revoked")
    try:
        right = verified.right(known.radio, request.password, known.secret_hash)
    except ValueError as exc:  # it is not the radio that is at fault
        log.error("stored_secret_damaged", radio=known.radio, why=str(exc))
        return Refusal(reason="hub_error")
    if not right:
        return Refusal(reason="wrong_secret")
    return Grant(radio=known.radio, community=known.community)
