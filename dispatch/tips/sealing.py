"""Boxes that whoever seals them cannot open again without the key: HPKE (RFC 9180), base mode, with
X25519, HKDF-SHA256 and ChaCha20-Poly1305. The one door to ``cryptography`` for tips.

    {"key": id of the key, "box": base64 of encapsulated key and ciphertext}

What is inside is JSON, filled with blanks up to a multiple of some bytes: the length of a box tells
neither which kind it holds nor whether a name is long. A box opens only as the one of that tip and
field that it was made for, so none can be put in another's place.

The library is loaded with the first tip: a hub that never has one does without its 10 MB.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec

from dispatch.access.codes import new_code
from dispatch.errors import YihuError
from dispatch.tips.words import TipId

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.hpke import Suite

TokenBytes = Callable[[int], bytes]

KEY_BYTES: Final = 32
KEY_ID_DIGITS: Final = 12
FILLED_TO: Final = 256
"""Bytes: a kind, and most names, fill one; a few sentences two or three."""
BOX_CHARS_MAX: Final = 64 * 1024
"""Nothing of ours comes near; what stands there may have been put there by another."""

CODES: Final = b"yihu tip codes"
HEARD: Final = b"yihu tip heard"


class TipKeyMissingError(YihuError):
    """The key that opens it is not here."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"sealed with the key {key}, which is not here: yihu tips key import")


class TipBoxBrokenError(YihuError):
    """It was changed, or is another one's: it does not open with the key it names."""

    def __init__(self, tip: str) -> None:
        self.tip = tip
        super().__init__(f"a box of tip {tip} does not open: it is not as it was sealed")


@dataclass(frozen=True)
class TipKey:
    """A private key, and with it all that follows from it."""

    private: bytes = field(repr=False)
    made: str
    """The day, for people."""

    @cached_property
    def id(self) -> str:
        """The beginning of the SHA-256 of its public key."""
        return hashlib.sha256(self._key.public_key().public_bytes_raw()).hexdigest()[:KEY_ID_DIGITS]

    @cached_property
    def _key(self) -> "X25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        return X25519PrivateKey.from_private_bytes(self.private)

    def seal(self, value: Any, tip: TipId, field: str) -> dict[str, str]:
        """A box of this tip and field."""
        data = msgspec.json.encode(value)
        data += b" " * (-len(data) % FILLED_TO)
        box = _suite().encrypt(data, self._key.public_key(), info=_info(tip, field))
        return {"key": self.id, "box": base64.b64encode(box).decode()}

    def open(self, box: bytes, tip: TipId, field: str) -> Any:
        """What is in it. Raises TipBoxBrokenError."""
        from cryptography.exceptions import InvalidTag

        try:
            data = _suite().decrypt(box, self._key, info=_info(tip, field))
            return msgspec.json.decode(data)
        except (InvalidTag, ValueError, msgspec.DecodeError) as exc:
            raise TipBoxBrokenError(tip) from exc

    def code_of(self, tip: TipId) -> str:
        """The code that this tip's teller is given: always the same one, and told by nothing
        without the key."""
        return new_code(lambda size: self._keyed(CODES, tip)[:size])

    def digest_of(self, code: str) -> str:
        """What the journal keeps of a code."""
        return self._keyed(CODES, code).hex()

    def heard(self, name: str) -> str:
        """What it keeps of a radio's name for a report."""
        return self._keyed(HEARD, name).hex()

    def _keyed(self, purpose: bytes, text: str) -> bytes:
        key = hmac.digest(self.private, purpose, "sha256")
        return hmac.digest(key, text.encode(), "sha256")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that are here, newest first: it seals, all of them open."""

    keys: tuple[TipKey, ...]

    @property
    def newest(self) -> TipKey:
        """The one that seals. There is always one."""
        return self.keys[0]

    def find(self, key: str) -> TipKey | None:
        """The key of this id."""
        return next((each for each in self.keys if each.id == key), None)

    def open(self, value: Any, tip: TipId, field: str) -> Any:
        """What is in a box as the journal has it. Raises TipKeyMissingError, TipBoxBrokenError."""
        key, box = named_and_box(value, tip)
        found = self.find(key)
        if found is None:
            raise TipKeyMissingError(key)
        return found.open(box, tip, field)

    def digests(self, code: str) -> Iterable[str]:
        """What the journal may have of a code, by each key."""
        return (key.digest_of(code) for key in self.keys)

    def code_of(self, tip: TipId, digest: str) -> str | None:
        """The code of a tip, by the key that it was made with; None where that is not here."""
        codes = ((key, key.code_of(tip)) for key in self.keys)
        return next((code for key, code in codes if key.digest_of(code) == digest), None)


def named_and_box(value: Any, tip: str) -> tuple[str, bytes]:
    """The key that a box names, and the box. Raises TipBoxBrokenError."""
    match value:
        case {"key": str() as key, "box": str() as text} if len(text) <= BOX_CHARS_MAX:
            try:
                return key[: 2 * KEY_ID_DIGITS], base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError) as exc:
                raise TipBoxBrokenError(tip) from exc
        case _:
            raise TipBoxBrokenError(tip)


def _suite() -> "Suite":
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _info(tip: TipId, field: str) -> bytes:
    return f"yihu tip 1 {tip} {field}".encode()
