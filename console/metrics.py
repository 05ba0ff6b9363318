"""Writes numbers as Prometheus reads them (text format 0.0.4). Counting is done elsewhere.

A number is named ``name`` or ``name:reason`` by those who count. A counter is told as
``yihu_name_total`` or ``yihu_name_total{reason="..."}``, a gauge without ``_total``.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

SERIES_MAX: Final = 2_000
"""Reasons are few and fixed; more of them is a bug that must not fill a disk elsewhere."""

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def exposition(counters: Mapping[str, int], gauges: Mapping[str, float]) -> str:
    """All numbers as one page of text."""
    lines = [
        *_lines(counters, "_total", "counter"),
        *_lines(gauges, "", "gauge"),
    ]
    return "\n".join(lines) + "\n"


def _lines(numbers: Mapping[str, float], ending: str, kind: str) -> Iterator[str]:
    """Each series, and before its first the kind it is of."""
    told = ""
    for key in sorted(numbers)[:SERIES_MAX]:
        name, _, reason = key.partition(":")
        series = f"yihu_{_word(name)}{ending}"
        if series != told:
            yield f"# TYPE {series} {kind}"
            told = series
        labels = f'{{reason="{_quoted(reason)}"}}' if reason else ""
        number = numbers[key]
        yield f"{series}{labels} {number if isinstance(number, int) else f'{number:g}'}"


def summed(all_counters: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counters of several rooms as one mapping."""
    total: dict[str, int] = {}
    for counters in all_counters:
        for key, count in counters.items():
            total[key] = total.get(key, 0) + count
    return total


def _word(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
