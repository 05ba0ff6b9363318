"""What people write, without the signs that nobody sees. Pure; lengths and meaning are others'.

An override (U+202E) turns round how what stands behind it is read, on every screen and paper
that shows it beside other words; other format signs hide what is written. People do not write
them, but copy them: a phone number out of an address book brings U+202D and U+202C along. So
they are left out, not refused, at the two doors where free text comes in (console/asking.py,
devices/v1), and once more where older journals, which kept them, are read for people. What is
hashed stays as it was stored.
"""

import re
import unicodedata
from typing import Final

KEPT: Final = frozenset("\n\t\u200c\u200d")
"""Line breaks and tabs; the joiners without which some emoji and scripts fall apart."""

LINE_ENDS: Final = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
"""All that some screen takes for the end of a line."""

LEFT_OUT: Final = frozenset({"Cc", "Cf"})
"""Control and format signs, as Unicode sorts them (Unicode Standard, table 4-4)."""


def plain(text: str) -> str:
    """The text with line breaks as ``\\n``, and without signs that are not seen."""
    if text.isprintable():
        return text
    lines = LINE_ENDS.sub("\n", text)
    return "".join(c for c in lines if c in KEPT or unicodedata.category(c) not in LEFT_OUT)
