"""The colours of our drawings, for light and for dark paper. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STYLE: Final[Mapping[str, tuple[str, str]]] = {
    "paper": ("#ffffff", "#14181d"),
    "ink": ("#1b1f24", "#dfe5ec"),
    "grid": ("#d8dde3", "#333b45"),
    "dispatch": ("#bcd6f5", "#234a75"),
    "devices": ("#c4e6c8", "#245a31"),
    "console": ("#f6cfcf", "#7a3030"),
    "geo": ("#fbe0b3", "#6e5012"),
    "foreign": ("#dcdfe4", "#3d4550"),
    "blue": ("#1a5fb4", "#78aeed"),
    "green": ("#1f7a4f", "#6fcf97"),
    "orange": ("#b84a00", "#ffa35c"),
    "purple": ("#813d9c", "#cf9ae5"),
    "red": ("#a51d2d", "#ff8a8a"),
    "teal": ("#0f6e78", "#5fd0d8"),
}
"""By class: on light paper, on dark. Words on them have a contrast of 4.5 and more."""


def style_of(style: Mapping[str, tuple[str, str]]) -> str:
    """A style element: a drawing follows what its reader's screen is set to."""

    def rules(which: int) -> str:
        filled = " ".join(f".{name}{{fill:{both[which]}}}" for name, both in style.items())
        drawn = " ".join(f".l-{name}{{stroke:{both[which]}}}" for name, both in style.items())
        return f"text{{fill:{style['ink'][which]}}} {filled} {drawn}"

    return f"<style>{rules(0)} @media (prefers-color-scheme: dark){{{rules(1)}}}</style>"
