"""A radio's secret: made at enrolment, shown once, kept only as a hash.

The hash is written exactly as Mosquitto's password file has it, so that one stored
text serves the embedded broker's admission and ``yihu acl`` alike::

    $7$1000$c2FsdHNhbHRzYWx0$X1L4...            PBKDF2-HMAC-SHA512
       iterations   salt, 12 bytes   64 bytes       both base64

(mosquitto_passwd(1); mosquitto 2.0 src/password_mosq.c reads salts of 12 bytes only.)
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Final

SECRET_BYTES: Final = 16
SECRET_CHARS_MAX: Final = 128
"""Ours have 26. Nothing longer is hashed."""

SALT_BYTES: Final = 12
HASH_BYTES: Final = 64

ITERATIONS: Final = 1_000
"""0.6 ms each on a small PC. A guessable password would ask for a hundred times more,
but a secret here is 128 random bits, which no number of iterations makes safer, and
a thousand radios come back at once after a broker restart. Mosquitto's own default is 101.
"""

ITERATIONS_MAX: Final = 100_000
"""A stored hash from elsewhere must not hold up admission: 60 ms at most."""

_FORMAT: Final = re.compile(r"\$7\$(\d{1,6})\$([A-Za-z0-9+/=]{16})\$([A-Za-z0-9+/=]{88})")


def new_secret(token: Callable[[int], bytes]) -> str:
    """26 characters a-z and 2-7 for a person to copy; ``token`` is ``secrets.token_bytes``."""
    return base64.b32encode(token(SECRET_BYTES)).decode("ascii").rstrip("=").lower()


def hash_secret(secret: str, salt: bytes, iterations: int = ITERATIONS) -> str:
    """The text to keep. ``salt`` is 12 random bytes, never used twice."""
    assert len(salt) == SALT_BYTES
    assert 1 <= iterations <= ITERATIONS_MAX
    assert len(secret) <= SECRET_CHARS_MAX
    digest = _digest(secret, salt, iterations)
    return f"$7${iterations}${_b64(salt)}${_b64(digest)}"


def verify_secret(secret: str, stored: str) -> bool:
    """Whether ``stored`` was made from ``secret``; takes as long when it was not.

    Raises ValueError when ``stored`` is no such hash: then it is not the radio
    that is at fault.
    """
    iterations, salt, digest = read_hash(stored)
    if len(secret) > SECRET_CHARS_MAX:
        return False
    return hmac.compare_digest(_digest(secret, salt, iterations), digest)


def read_hash(stored: str) -> tuple[int, bytes, bytes]:
    """Iterations, salt and digest. Raises ValueError saying what is wrong."""
    match = _FORMAT.fullmatch(stored)
    if match is None:
        raise ValueError("a stored secret is not of the form $7$iterations$salt$hash")
    iterations = int(match[1])
    if not 1 <= iterations <= ITERATIONS_MAX:
        raise ValueError(f"a stored secret has {iterations} iterations, not 1 to {ITERATIONS_MAX}")
    try:
        salt = base64.b64decode(match[2], validate=True)
        digest = base64.b64decode(match[3], validate=True)
    except binascii.Error as exc:
        raise ValueError("a stored secret is not base64") from exc
    if len(salt) != SALT_BYTES or len(digest) != HASH_BYTES:
        raise ValueError(
            f"a stored secret has a salt of {len(salt)}, a hash of {len(digest)} bytes"
        )
    return iterations, salt, digest


def _digest(secret: str, salt: bytes, iterations: int) -> bytes:
    data = secret.encode("utf-8", "surrogatepass")
    return hashlib.pbkdf2_hmac("sha512", data, salt, iterations, HASH_BYTES)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
