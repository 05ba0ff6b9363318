"""dispatch/access/totp.py: the RFCs' own vectors, and that no number counts twice."""

import pytest

from dispatch.access.totp import accepted_step, address, code, spelled, step_of

SECRET = b"12345678901234567890"
RFC_4226 = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489"


@pytest.mark.parametrize(
    ("counter", "said"),
    list(enumerate(RFC_4226.split())),
)
def test_the_vectors_of_rfc_4226(counter: int, said: str) -> None:
    """Appendix D."""
    assert code(SECRET, counter) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, said: str) -> None:
    """Appendix B, SHA-1; eight digits there."""
    assert code(SECRET, step_of(seconds), digits=8) == said


def test_a_number_of_the_step_before_or_after_counts() -> None:
    """Phones go wrong, and typing takes time."""
    now_s = 1_234_567_890
    for step in (step_of(now_s) - 1, step_of(now_s), step_of(now_s) + 1):
        assert accepted_step(SECRET, code(SECRET, step), now_s, used_step=0) == step
    old = code(SECRET, step_of(now_s) - 2)
    assert accepted_step(SECRET, old, now_s, used_step=0) is None


def test_a_number_counts_once() -> None:
    """Seen over a shoulder, it is void already; so is one from before it."""
    now_s = 1_234_567_890
    used = step_of(now_s)

    assert accepted_step(SECRET, code(SECRET, used), now_s, used_step=used) is None
    assert accepted_step(SECRET, code(SECRET, used - 1), now_s, used_step=used) is None


@pytest.mark.parametrize("said", ["", "12345", "1234567", "１２３４５６", "12345a", "²34567"])
def test_what_is_no_number_is_none(said: str) -> None:
    """Digits of other scripts are digits to Python."""
    assert accepted_step(SECRET, said, 59, used_step=0) is None


def test_what_the_qr_code_holds() -> None:
    """As phones' apps read it, names of any script included."""
    assert spelled(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert address(SECRET, "张 三") == (
        "otpauth://totp/Yihu%3A%E5%BC%A0%20%E4%B8%89"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Yihu"
    )
