"""QR codes, drawn for a page or a terminal: the one door to segno. What they hold is the caller's.

segno is loaded when first asked: 30 ms of a start, for what hardly ever happens.
"""

import io
import sys
from typing import Any


def as_picture(text: str, *, module_px: int) -> str:
    """An SVG by itself: with its namespace, for as a picture one without is drawn by no browser."""
    out = io.BytesIO()
    _made(text).save(
        out, kind="svg", xmldecl=False, scale=module_px, border=4, dark="#000", light="#fff"
    )
    return out.getvalue().decode("ascii").strip()


def show_in_terminal(text: str) -> None:
    """Print it where a person reads along; a file or a pipe gets nothing."""
    if sys.stdout.isatty():
        _made(text).terminal(compact=True)


def _made(text: str) -> Any:
    import segno

    return segno.make(text, error="m", micro=False)
