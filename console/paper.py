"""What the pages that are printed have in common: a document complete in itself, and its pieces.

No script, font or picture from anywhere, and a content security policy that allows none:
whatever hostile words a note holds, they stay words.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web

from console.asking import RequestRefusedError
from console.casefile_page import LANG, text
from console.casefile_style import POLICY, STYLE
from console.casefile_words import PageTongue
from console.words import LANGUAGES
from dispatch.errors import quoted

MORE_STYLE: Final = """
.stamp { position: fixed; top: 42%; left: 0; right: 0; text-align: center; font-size: 64pt;
  font-weight: 700; color: #111; opacity: .08; transform: rotate(-24deg); pointer-events: none; }
.say { border: 1.2pt solid #111; padding: 2mm 4mm; margin: 0 0 4mm; font-size: 13pt;
  line-height: 1.55; }
.say p { margin: 0; }
.warn { border: 2.5pt solid #111; padding: 1mm 3mm; margin: 0 0 3mm; font-weight: 700; }
.beside { display: grid; grid-template-columns: 1fr 84mm; gap: 4mm; break-inside: avoid; }
.beside dl { grid-template-columns: 26mm 1fr; align-content: start; }
.beside dd.wide { grid-column: auto; }
.beside figure { margin: 0; }
table.report { font-size: 8.5pt; }
table.report th, table.report td { overflow-wrap: normal; padding-right: 3mm; }
table.report th.n { white-space: normal; }
table.report td { white-space: nowrap; }
table.report td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 20mm; }
table.report td:last-child, table.report th:last-child { padding-right: 0; }
table.times td:first-child { width: 30mm; }
.blank { display: grid; grid-template-columns: 34mm 1fr 34mm 1fr; gap: 6mm 3mm; margin-top: 5mm;
  break-inside: avoid; }
.blank span { color: #444; }
.blank i { border-bottom: .75pt solid #111; }
"""
PAPER_STYLE: Final = STYLE + MORE_STYLE


class PaperTongue(PageTongue):
    """The words of one page before those of all pages."""

    def __init__(self, language: str, own: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(language)
        self._own = own

    def __call__(self, group: str, code: str, **values: object) -> str:
        """The words for a code, with values put in; the code itself where there are none."""
        pair = self._own.get(f"{group}.{code}")
        if pair is None:
            return super().__call__(group, code, **values)
        return pair[LANGUAGES.index(self.language)].format(**values)


class Times:
    """Times of day in a community's zone."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        try:
            self._zone: tzinfo = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            self._zone, self.zone = UTC, "UTC"

    def clock(self, t_ms: int) -> str:
        """``14:03:59``"""
        return self._at(t_ms).strftime("%H:%M:%S")

    def moment(self, t_ms: int) -> str:
        """``2025-11-21 14:03:59``"""
        return self._at(t_ms).strftime("%Y-%m-%d %H:%M:%S")

    def _at(self, t_ms: int) -> datetime:
        try:
            return datetime.fromtimestamp(t_ms / 1000, self._zone)
        except (ValueError, OverflowError, OSError):  # a radio may claim any time
            return datetime.fromtimestamp(0, self._zone)


def document(language: str, title: str, body: Iterable[str]) -> str:
    """The whole page; ``body`` is HTML already."""
    return "\n".join(
        (
            "<!doctype html>",
            f'<html lang="{LANG[language]}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{text(paper_policy())}">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{text(title)}</title>",
            f"<style>{PAPER_STYLE}</style>",
            "</head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        )
    )


def paper_policy() -> str:
    """This style and nothing else, also when the page was saved."""
    digest = base64.b64encode(hashlib.sha256(PAPER_STYLE.encode()).digest()).decode()
    return POLICY.format(digest=digest)


def answer(page: str) -> web.Response:
    """The page as an answer that nobody keeps."""
    return web.Response(
        text=page,
        content_type="text/html",
        headers={"Cache-Control": "no-store", "Content-Security-Policy": paper_policy()},
    )


def language_asked(request: web.Request) -> str:
    """zh or en, Chinese where nothing is said. Raises RequestRefusedError."""
    language = request.query.get("lang", LANGUAGES[0])
    if language not in LANGUAGES:
        raise RequestRefusedError(
            400, "bad_query", f"lang is {' or '.join(LANGUAGES)}, not {quoted(language)}"
        )
    return language


def pair(name: str, value: str, *, wide: bool = False) -> Iterator[str]:
    """A name and what it is; ``value`` is HTML already."""
    about = ' class="wide"' if wide else ""
    yield f"<dt>{text(name)}</dt><dd{about}>{value}</dd>"


def table(
    heads: Iterable[str], rows: Iterable[Iterable[str]], *, numbers: int = 0, kind: str = "plain"
) -> Iterator[str]:
    """A table of plain words; its last ``numbers`` columns stand at the right."""
    heads = tuple(heads)
    first_number = len(heads) - numbers
    yield f'<table class="{kind}"><thead><tr>'
    for n, head in enumerate(heads):
        yield f"<th{_right(n >= first_number)}>{text(head)}</th>"
    yield "</tr></thead><tbody>"
    for row in rows:
        cells = (f"<td{_right(n >= first_number)}>{text(each)}</td>" for n, each in enumerate(row))
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table>"


def _right(is_number: bool) -> str:
    return ' class="n"' if is_number else ""
