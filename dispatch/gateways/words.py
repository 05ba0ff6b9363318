"""What a message over a gateway says: one text for a chat, an SMS or a voice.

It leaves this machine through other people's services and lights up on locked screens, so it
says what the one who goes must know and no more; nobody is named but the one spoken to.
A covert alarm says neither what nor where, only to look at the radio or call back: who
reads over a shoulder learns nothing. A drill says so first, every time, covert or not.
The sentences stand in words_zh.py and words_en.py.
"""

from collections.abc import Callable
from typing import Final

from dispatch.gateways import words_en, words_zh
from dispatch.gateways.book import GatewayKind, Language
from dispatch.gateways.facts import Facts, Part, Parts

SMS_WIDE_CHARS_MAX: Final = 60
"""One message of Chinese holds 70 characters (UCS-2); ten are left to the service, which puts
the sender's name before it, such as 【西子社区】."""
SMS_ASCII_CHARS_MAX: Final = 140
"""One message of English holds 160 (GSM 03.38), less the same, and what counts there twice."""

_EVERYTHING: Final[Parts] = frozenset(Part)

_FULLEST_FIRST: Final[tuple[Parts, ...]] = (
    _EVERYTHING,
    frozenset({Part.GRID, Part.AWAY, Part.AT, Part.NEAR}),
    frozenset({Part.AWAY, Part.AT, Part.NEAR}),
    frozenset({Part.AT, Part.NEAR}),
    frozenset({Part.NEAR}),
    frozenset({Part.AT, Part.GRID}),
    frozenset({Part.GRID}),
    frozenset(),
)
"""What an SMS tries to say. The place goes last: without it nobody gets there; who is spoken
to goes first: an SMS reaches one person."""


def compose(facts: Facts, *, kind: GatewayKind, language: Language, callback: str) -> str:
    """The whole text; ``callback`` is the number to call back, or empty.

    For SMS it fits one message, whatever the facts.
    """
    match language:
        case Language.ZH:
            written, spoken = words_zh.written, words_zh.spoken
        case Language.EN:
            written, spoken = words_en.written, words_en.spoken
    match kind:
        case GatewayKind.VOICE:
            return spoken(facts, callback)
        case GatewayKind.CHAT:
            return written(facts, callback, _EVERYTHING)
        case GatewayKind.SMS:
            return _fitting(lambda parts: written(facts, callback, parts))


def _fitting(write: Callable[[Parts], str]) -> str:
    """The fullest text that fits one SMS."""
    texts = (write(parts) for parts in _FULLEST_FIRST)
    fit = next((text for text in texts if _fits_sms(text)), None)
    assert fit is not None, "even without names it is too long"
    return fit


def _fits_sms(text: str) -> bool:
    if text.isascii():
        return len(text) <= SMS_ASCII_CHARS_MAX
    return len(text.encode("utf-16-le")) // 2 <= SMS_WIDE_CHARS_MAX
