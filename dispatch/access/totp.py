"""The number on the phone: RFC 6238 over RFC 4226, SHA-1, six digits, thirty seconds.

    counter = seconds // 30            eight bytes, big endian
    mac     = HMAC-SHA-1(secret, counter)
    at      = mac[19] & 0x0f
    number  = (four bytes at ``at`` & 0x7fffffff) % 1_000_000

These parameters and no others: every app on a phone knows them (docs/decisions/0020). The
tests are the RFCs' own vectors.
"""

import base64
import hmac
from typing import Final
from urllib.parse import quote, urlencode

STEP_S: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
"""RFC 4226, 4: as long as the hash."""
DRIFT_STEPS: Final = 1
"""A phone's clock, or the typing, may be one step off (RFC 6238, 5.2)."""
ISSUER: Final = "Yihu"


def code(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """The number that a phone shows in this step."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(now_s: int) -> int:
    """Which step it is."""
    return now_s // STEP_S


def accepted_step(secret: bytes, said: str, now_s: int, *, used_step: int) -> int | None:
    """The step whose number was said, None where it is none of now, or was used before.

    ``used_step`` is the last that was accepted: a number seen over a shoulder is void.
    """
    if len(said) != DIGITS or not (said.isascii() and said.isdigit()):
        return None
    present = step_of(now_s)
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if step > used_step and hmac.compare_digest(code(secret, step), said):
            return step
    return None


def spelled(secret: bytes) -> str:
    """The secret as people type it into a phone that has no camera."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def address(secret: bytes, account: str) -> str:
    """What the QR code holds (the Key Uri Format that phones' apps read)."""
    query = urlencode({"secret": spelled(secret), "issuer": ISSUER})
    return f"otpauth://totp/{quote(f'{ISSUER}:{account}')}?{query}"
