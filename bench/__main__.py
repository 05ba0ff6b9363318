"""All benchmarks, one after the other; what they print becomes docs/performance.md.

    python -m bench [--small] [--full] [--only NAME,NAME] [--keep DIR] [--out FILE]

Each runs in a process of its own and prints one JSON object; one that fails is told with its last
line and leaves its place in the table empty, as one that was not run does. What each took is told.
On a quiet machine with two cores it is some twenty-five minutes, ten of them ``bench.sustained``,
and with ``--full``, which also runs what compared us with others once, half an hour more. A
``--small`` run only shows that everything works, in minutes. ``--keep``: where bench.start keeps
the store it needs half an hour to build.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench.page import ELAPSED, page, table, took, unsaid

SCRIPTS: Final = (
    "alarm",
    "deciding",
    "positions",
    "sustained",
    "readers",
    "hotpath",
    "nearest",
    "grids",
    "history",
    "memory",
    "start",
    "stream",
    "overload",
    "walking",
    "dispatch",
    "scale",
    "rivals",
)
"""In the order of the page."""

FULL: Final = ("readers", "dispatch", "rivals")
"""Run only by ``--full``, or where they are named: what decided a choice once, and the rivals."""

TIMEOUT_S: Final = 3_600.0
"""bench.start builds its store for half an hour where none is kept."""
ALWAYS: Final = {"rivals": ("--rounds", "1")}
"""Arguments besides: three rounds of all rivals take as long as all the rest."""
DRAWN: Final = ("hotpath", "scale")
"""Those that draw a picture for the page."""
PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


PICTURES: Final = PAGE.parent / "img"


def measured(name: str, *, small: bool, keep: Path | None = None) -> dict[str, Any]:
    """The figures of one script, and what it took; where it did not work its last line alone,
    as ``failed``."""
    more = ["--small"] if small else [f"--plot={PICTURES / f'{name}.svg'}"] * (name in DRAWN)
    if name == "start" and keep is not None and not small:
        more.append(f"--keep={keep}")
    argv = [sys.executable, "-m", f"bench.{name}", "--json", *more, *ALWAYS.get(name, ())]
    begun_s = time.monotonic()
    print(f"bench.{name} ...", end=" ", flush=True)
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        print("no end")
        return {"failed": f"no end within {TIMEOUT_S:.0f} s"}
    elapsed_s = time.monotonic() - begun_s
    print(f"{elapsed_s:.0f} s", flush=True)
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        told = (done.stderr.splitlines() or lines or ["nothing was said"])[-1]
        print(f"  failed: {told}")
        return {"failed": told}
    figures: dict[str, Any] = json.loads(lines[-1])
    return figures | {ELAPSED: round(elapsed_s, 1)}


def main(argv: Sequence[str] | None = None) -> int:
    """Run them; 1 where one did not work."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="everything measured")
    parser.add_argument("--small", action="store_true", help="to see that it works")
    parser.add_argument("--full", action="store_true", help=f"run {', '.join(FULL)}, too")
    parser.add_argument("--keep", type=Path, help="where bench.start keeps its store")
    parser.add_argument("--only", default="", help="names with commas; written only with --out")
    parser.add_argument("--out", type=Path, help="the page to write, else docs/performance.md")
    options = parser.parse_args(argv)
    usual = [name for name in SCRIPTS if options.full or name not in FULL]
    names = [name for name in options.only.split(",") if name] or usual
    results = {name: measured(name, small=options.small, keep=options.keep) for name in names}
    print()
    print(table(results))
    print(took(results))
    failed = [name for name, figures in results.items() if "failed" in figures]
    for aim in unsaid(results):
        print(f"bench.{aim.script} says nothing of {aim.key}")
        failed.append(aim.script)
    out: Path | None = options.out or (None if options.small or options.only else PAGE)
    if out is not None:
        out.write_text(page(results, SCRIPTS, FULL), encoding="utf-8")
        print(f"written: {out.name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
