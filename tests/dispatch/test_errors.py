"""Errors: foreign words in our sentences stay short and harmless."""

from dispatch.errors import REFUSAL_QUOTE_MAX, DeviceProtocolError, UnknownUnitError, quoted


def test_a_hostile_name_is_cut_and_made_printable() -> None:
    """A log line must stay one line, whatever a radio sent."""
    shown = quoted("西子\n\x1b[31m" + "x" * 500)

    assert "\n" not in shown
    assert "\x1b" not in shown
    assert len(shown) == REFUSAL_QUOTE_MAX


def test_a_refusal_carries_its_facts() -> None:
    """Pages tell it in their own words; the sentence is for logs."""
    error = UnknownUnitError("nobody")

    assert error.code == "unknown_unit"
    assert error.facts == {"unit": "nobody"}


def test_a_protocol_error_says_where() -> None:
    """Whoever mends a firmware needs the byte."""
    error = DeviceProtocolError(protocol="v1", reason="not_json", detail="a brace", offset=7)

    assert str(error) == "v1: not_json at byte 7: a brace"
