"""Tables of plain text for a terminal, straight also where Chinese is twice as wide."""

import unicodedata
from collections.abc import Iterator, Sequence


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """One line for each row; every row has as many cells as the first."""
    widths = [max(_width(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        yield f"  {'   '.join(cells)}".rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
