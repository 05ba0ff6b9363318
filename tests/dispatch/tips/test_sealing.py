"""Boxes: what opens them, and what does not."""

import base64
import hmac

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from dispatch.access.codes import read_code, spelled
from dispatch.tips.sealing import (
    FILLED_TO,
    KeyRing,
    TipBoxBrokenError,
    TipKeyMissingError,
)
from dispatch.tips.words import WORDS_MAX, TipId, TipKind
from tests.dispatch.tips.tips import key, ring

TIP, OTHER = TipId("aaaaaaaaaa"), TipId("bbbbbbbbbb")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=WORDS_MAX))
def test_what_is_sealed_is_opened_again(words: str) -> None:
    """Whatever people write."""
    keys = ring()

    assert keys.open(keys.newest.seal(words, TIP, "content"), TIP, "content") == words


def test_a_box_opens_as_what_it_was_made_for_and_as_nothing_else() -> None:
    """Somebody with the database's keys puts no tip's words in another's place, and no kind in
    place of a name."""
    keys = ring()
    box = keys.newest.seal("words", TIP, "content")

    for tip, field in ((OTHER, "content"), (TIP, "teller")):
        with pytest.raises(TipBoxBrokenError):
            keys.open(box, tip, field)


def test_no_other_key_opens_it() -> None:
    """Which one is missing is said."""
    sealed_with = key()
    box = sealed_with.seal("words", TIP, "content")

    with pytest.raises(TipKeyMissingError) as missing:
        ring(key()).open(box, TIP, "content")

    assert missing.value.key == sealed_with.id
    with pytest.raises(TipBoxBrokenError):
        key().open(base64.b64decode(box["box"]), TIP, "content")


def test_an_older_key_still_opens() -> None:
    """A new one is made each year; what came before must be readable until its time is over."""
    old, new = key(), key()
    box = old.seal("words", TIP, "content")

    assert ring(new, old).open(box, TIP, "content") == "words"


def test_the_same_words_make_another_box_each_time() -> None:
    """Two tips that say the same do not look the same."""
    keys = ring()

    boxes = {keys.newest.seal("words", TIP, "content")["box"] for _ in range(10)}

    assert len(boxes) == 10


def test_the_length_tells_no_kind_and_no_name() -> None:
    """Gambling is a longer word than vice."""
    keys = ring()
    lengths = {len(keys.newest.seal(kind.value, TIP, "kind")["box"]) for kind in TipKind}
    named = {len(keys.newest.seal("王" * n, TIP, "teller")["box"]) for n in range(1, 40)}

    assert len(lengths) == 1
    assert named == lengths
    assert len(keys.newest.seal("a" * FILLED_TO, TIP, "content")["box"]) > lengths.pop()


@pytest.mark.parametrize(
    "box",
    [None, 7, "x", {}, {"key": "k"}, {"key": "k", "box": "no base64"}, {"key": 1, "box": "AAAA"}],
)
def test_what_is_no_box_is_refused(box: object) -> None:
    """What stands in the table may have been put there by anybody with its keys."""
    with pytest.raises((TipBoxBrokenError, TipKeyMissingError)):
        ring().open(box, TIP, "content")


def test_a_short_or_changed_box_is_refused() -> None:
    """And nothing else is raised."""
    keys = ring()
    box = keys.newest.seal("words", TIP, "content")
    data = base64.b64decode(box["box"])

    for changed in (b"", data[:10], data[:-1], data[:-1] + bytes([data[-1] ^ 1]), b"\0" * 100):
        with pytest.raises(TipBoxBrokenError):
            keys.newest.open(changed, TIP, "content")


def test_a_code_is_always_the_same_and_told_by_the_key_alone() -> None:
    """A radio that says its tip again is told the same code; whoever has the journal has none."""
    keys = ring()
    code = keys.newest.code_of(TIP)

    assert keys.newest.code_of(TIP) == code
    assert read_code(spelled(code)) == code
    assert keys.newest.code_of(OTHER) != code
    assert key().code_of(TIP) != code
    assert keys.code_of(TIP, keys.newest.digest_of(code)) == code
    assert ring().code_of(TIP, keys.newest.digest_of(code)) is None


def test_a_key_is_not_shown_by_accident() -> None:
    """Logs and tracebacks hold what things look like."""
    each = key()

    assert each.private.hex() not in repr(each)
    assert repr(each.private) not in repr(KeyRing((each,)))


def test_it_is_the_standard_that_the_docs_name() -> None:
    """RFC 9180, written down once more here from its sections 4 and 5: tips can be opened without
    this program, should it be gone."""
    each = key()
    box = base64.b64decode(each.seal("words", TIP, "content")["box"])

    assert open_by_the_book(each.private, box, f"yihu tip 1 {TIP} content".encode()).startswith(
        b'"words" '
    )


def open_by_the_book(private: bytes, box: bytes, info: bytes) -> bytes:
    """Base mode; DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, ChaCha20Poly1305 0x0003."""
    mine = X25519PrivateKey.from_private_bytes(private)
    enc, sealed = box[:32], box[32:]
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x03"

    def extract(by: bytes, salt: bytes, label: bytes, said: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + by + label + said, "sha256")

    def expand(by: bytes, key: bytes, label: bytes, said: bytes, size: int) -> bytes:
        wanted = size.to_bytes(2, "big") + b"HPKE-v1" + by + label + said
        return hmac.digest(key, wanted + b"\x01", "sha256")[:size]

    agreed = mine.exchange(X25519PublicKey.from_public_bytes(enc))
    both = enc + mine.public_key().public_bytes_raw()
    shared = expand(kem, extract(kem, b"", b"eae_prk", agreed), b"shared_secret", both, 32)
    context = (
        b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    )
    secret = extract(suite, shared, b"secret", b"")
    opened = ChaCha20Poly1305(expand(suite, secret, b"key", context, 32))
    return opened.decrypt(expand(suite, secret, b"base_nonce", context, 12), sealed, None)
