"""What radios know of their presses: a log in a file, one for each radio, and reading it back.

A line a press is made or heard of, JSON::

    {"what": "pressed", "press": "c0001/0123456789abcdef/1", "fault": "kill_hub"}
    {"what": "stored", "press": "c0001/0123456789abcdef/1", "fault": "kill_hub"}

Lines are flushed as they are written: the log must outlive what happens to everybody else.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SUFFIX: Final = ".presses"


class PressLog:
    """One radio's own, from its beginning to ``close``."""

    def __init__(self, folder: Path, radio: str) -> None:
        self._file = (folder / f"{radio}{SUFFIX}").open("a", encoding="ascii")

    def pressed(self, press: str, fault: str) -> None:
        """The button went down; ``fault`` is what was done to the others at that time."""
        self._write("pressed", press, fault)

    def stored(self, press: str, fault: str) -> None:
        """The centre said that it has this press on disk; ``fault`` as when it was pressed."""
        self._write("stored", press, fault)

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def _write(self, what: str, press: str, fault: str) -> None:
        self._file.write(json.dumps({"what": what, "press": press, "fault": fault}) + "\n")
        self._file.flush()


@dataclass(slots=True)
class Told:
    """What the logs of all radios say of the time of one fault."""

    pressed: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    """Those of them whose radio heard ``stored``."""


def read_logs(folder: Path) -> dict[str, Told]:
    """By fault, what all logs of a folder say. Raises ValueError where a line is not whole."""
    told: dict[str, Told] = {}
    for line in _lines(sorted(folder.glob(f"*{SUFFIX}"))):
        said = json.loads(line)
        of_fault = told.setdefault(said["fault"], Told())
        kept = of_fault.pressed if said["what"] == "pressed" else of_fault.heard
        kept.add(said["press"])
    return told


def _lines(files: Iterable[Path]) -> Iterable[str]:
    for file in files:
        yield from file.read_text(encoding="ascii").splitlines()
