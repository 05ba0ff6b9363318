"""``make chaos``: real faults against real processes; says which promises were kept.

    python -m tests.chaos                         all, some fifty minutes
    python -m tests.chaos kill_hub disk_full      these
    python -m tests.chaos --list                  which there are
    python -m tests.chaos --rounds 3 --seed 7     fewer rounds, other moments
    python -m tests.chaos --small                 once each, small, times not judged

Ends with 1 where a promise was broken. What could not be run here says why, and is not counted as
kept. Everything it starts it ends, also after Ctrl-C; ``--keep`` leaves logs and journals.
"""

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.rig import machine
from tests.chaos.faults import FAULTS, Fault
from tests.chaos.house import NotHereError
from tests.chaos.play import play
from tests.chaos.scene import SMALL, Scale
from tests.chaos.table import figures, markdown, not_run, rewritten, row, text

PAGE: Final = Path(__file__).resolve().parent.parent.parent / "docs" / "reliability.md"


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 where all that was run was kept."""
    options = _options(argv)
    if options.list:
        for fault in FAULTS:
            print(f"{fault.name:<20} {fault.says} ({fault.layout})")
        return 0
    for number in (signal.SIGINT, signal.SIGTERM):  # swept up behind, also in the background
        signal.signal(number, signal.default_int_handler)
    chosen = [each for each in FAULTS if not options.faults or each.name in options.faults]
    told: list[dict[str, Any]] = []
    try:
        with _folder(options.keep) as folder:
            _say(f"seed {options.seed}")
            for outcome in outcomes(chosen, folder, options):
                told.append(outcome)
                _say("  ".join(row(outcome)))
    except KeyboardInterrupt:
        _say("interrupted: what was begun is not counted")
    if options.json:
        print(json.dumps({"seed": options.seed, "faults": told, "machine": machine()}))
    else:
        print(text(told))
    if options.write and len(told) == len(chosen):
        _write(told, options.seed)
    unrun = len(chosen) - len(told)
    return int(unrun > 0 or any(each["verdict"] == "broken" for each in told))


def outcomes(
    chosen: Sequence[Fault], folder: Path, options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """Of one after the other. In small those of a layout share a house."""
    groups = _by_layout(chosen) if options.small else [[fault] for fault in chosen]
    for number, faults in enumerate(groups):
        try:
            gathered = play(
                faults[0].layout,
                faults,
                folder=folder / f"{number:02d}-{faults[0].name}",
                seed=f"{options.seed} {faults[0].name}",
                scale=SMALL if options.small else Scale(),
                rounds=options.rounds or (1 if options.small else None),
                tell=_say,
            )
        except NotHereError as exc:
            yield from (not_run(fault, str(exc)) for fault in faults)
            continue
        yield from (figures(evidence, timed=not options.small) for evidence in gathered)


def _by_layout(chosen: Sequence[Fault]) -> list[list[Fault]]:
    groups: dict[str, list[Fault]] = {}
    for fault in chosen:
        groups.setdefault(fault.layout, []).append(fault)
    return list(groups.values())


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    names = [fault.name for fault in FAULTS]
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="real faults")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="by name; all where none is")
    parser.add_argument("--list", action="store_true", help="name them all")
    parser.add_argument("--rounds", type=int, help="of each; else 20 of deaths, fewer of others")
    parser.add_argument("--seed", type=int, default=None, help="of the moments; else by the clock")
    parser.add_argument("--small", action="store_true", help="once each, to see that it works")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--keep", type=Path, help="leave logs and journals in this new folder")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md's table")
    options = parser.parse_args(argv)
    if unknown := set(options.faults) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    if options.rounds is not None and options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    if options.seed is None:
        options.seed = time.time_ns() // 10**9
    return options


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True)
        yield keep.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="yihu-chaos-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(told: Sequence[dict[str, Any]], seed: int) -> None:
    facts = machine()
    where = f"Seed {seed}, on {facts['cores']} cores ({facts['cpu']}), {facts['system']}."
    says = {fault.name: fault.says for fault in FAULTS}
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(rewritten(page, markdown(told, says, where)), encoding="utf-8")


def _say(line: str) -> None:
    """Progress, beside what is printed in the end."""
    with contextlib.suppress(BrokenPipeError):
        print(time.strftime("%H:%M:%S"), line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
