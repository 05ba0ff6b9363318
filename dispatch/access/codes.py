"""Codes that let a radio in once: how they are spelled, read back, and kept. Pure.

    XK7QM-4RTBC
    nine symbols by chance, the tenth checks them; the dash is for people

The symbols are 29, without 0 1 I L O U V: none is taken for another in print or by hand, and
29 is prime. The weighted sum of all ten is 0 modulo 29 (as ISBN-10's is modulo 11), so that one
wrong symbol, or any two exchanged, is noticed before anything is looked up, by a page too.
"""

import hmac
import unicodedata
from collections.abc import Callable
from typing import Final

SYMBOLS: Final = "23456789ABCDEFGHJKMNPQRSTWXYZ"
CHANCE_SYMBOLS: Final = 9
"""14 million million codes. Guessing is slowed down (attempts.py) to some hundred tries a day from
one place: with a thousand codes open, a thousand places find one in four hundred years."""
CODE_SYMBOLS: Final = CHANCE_SYMBOLS + 1
GROUP: Final = 5
SAID_LENGTH_MAX: Final = 64
"""Of what somebody types: blanks and dashes included."""
CHANCE_BYTES: Final = 16
"""Reduced to nine symbols: 84 bits more than they hold, so that none is likelier than another."""


def new_code(token: Callable[[int], bytes]) -> str:
    """Ten symbols; ``token`` is ``secrets.token_bytes``."""
    number = int.from_bytes(token(CHANCE_BYTES), "big")
    symbols = ""
    for _ in range(CHANCE_SYMBOLS):
        number, rest = divmod(number, len(SYMBOLS))
        symbols += SYMBOLS[rest]
    return symbols + _check(symbols)


def spelled(code: str) -> str:
    """As people write it and say it."""
    return f"{code[:GROUP]}-{code[GROUP:]}"


def read_code(said: str) -> str | None:
    """The code that somebody typed or scanned: in whatever case, with blanks or dashes, in the
    full-width letters of a Chinese keyboard. None where it was mistyped."""
    if len(said) > SAID_LENGTH_MAX:
        return None
    plain = unicodedata.normalize("NFKC", said).upper()
    code = "".join(each for each in plain if each.isalnum())
    if len(code) != CODE_SYMBOLS or any(each not in SYMBOLS for each in code):
        return None
    return code if _check(code[:-1]) == code[-1] else None


def code_digest(code: str, key: bytes) -> str:
    """What is kept. Keyed, for a code is short: whoever has a copy of the database, and not the
    data folder, cannot try them all."""
    return hmac.digest(key, code.encode("ascii"), "sha256").hex()


def code_key(hub_password: str) -> bytes:
    """The key of the digests, from a secret of the data folder."""
    return hmac.digest(hub_password.encode(), b"yihu radio codes", "sha256")


def _check(symbols: str) -> str:
    """The last symbol, whose own weight is 1."""
    weights = range(CODE_SYMBOLS, 1, -1)
    total = sum(w * SYMBOLS.index(s) for w, s in zip(weights, symbols, strict=True))
    return SYMBOLS[-total % len(SYMBOLS)]
