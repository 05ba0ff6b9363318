"""``make soak HOURS=1``: a day's load for so long; says whether anything grew or slowed down.

    python -m tests.soak --hours 1            1,000 radios, an alarm a minute
    python -m tests.soak --minutes 5          shorter; slopes are told, and not judged
    python -m tests.soak --small              a few seconds and radios, to see that it works
    python -m tests.soak --hours 1 --write    and docs/reliability.md's part written anew

A line a minute goes to stderr, and to soak.csv in the folder of ``--out``; soak.svg is drawn in
the end. Ends with 1 where something was not flat. Everything it starts it ends, also after Ctrl-C.
"""

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from bench.rig import machine
from tests.data import REPOSITORY
from tests.soak.drawing import drawing
from tests.soak.judge import Finding, judged, verdict
from tests.soak.play import Day, played
from tests.soak.samples import PROCESSES, Sample, Table

DOCS: Final = REPOSITORY / "docs"
PAGE: Final = DOCS / "reliability.md"
OUT: Final = REPOSITORY / "build" / "soak"
CSV, SVG = "soak.csv", "soak.svg"
BEGIN: Final = "<!-- written by: python -m tests.soak --write -->"
END: Final = "<!-- end of what the soak wrote -->"
SAMPLES_LEAST: Final = 20
"""A short run looks more often than every minute, so that a quarter has some to compare."""
SMALL: Final = Day(
    lasts_s=5.0, radios=24, off_duty=4, position_every_s=1.0, alarm_every_s=0.5,
    shift_every_s=1.5, sample_every_s=0.5,
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 where nothing that could be judged was broken."""
    options = _options(argv)
    for number in (signal.SIGINT, signal.SIGTERM):  # swept up behind, also in the background
        signal.signal(number, signal.default_int_handler)
    day = _day(options)
    options.out.mkdir(parents=True, exist_ok=True)
    table_file = options.out / CSV
    try:
        with _folder() as folder, table_file.open("w", encoding="ascii") as file:
            _say(f"seed {options.seed}: {day.radios} radios for {day.lasts_s / 60:.0f} minutes")
            tell = _teller(Table(file), day)
            samples, count = played(day, folder / "house", seed=str(options.seed), tell=tell)
    except KeyboardInterrupt:
        _say(f"interrupted, and judged nothing; {table_file} has what was seen")
        return 1
    findings = judged(samples, count, day.lasts_s)
    svg = drawing(samples)
    (options.out / SVG).write_text(svg, encoding="utf-8")
    said = verdict(findings)
    if options.json:
        told = [asdict(each) for each in findings]
        print(json.dumps({"verdict": said, "findings": told, "machine": machine()}))
    else:
        print(_text(findings), f"\n{said}; {table_file} and {SVG} beside it", sep="\n")
    if options.write:
        _write(day, findings, said, options.seed, svg, table_file)
    return int(said == "not flat")


def _day(options: argparse.Namespace) -> Day:
    if options.small:
        return SMALL
    day = Day(lasts_s=options.hours * 3600 if options.hours else options.minutes * 60)
    return replace(day, sample_every_s=min(day.sample_every_s, day.lasts_s / SAMPLES_LEAST))


def _teller(table: Table, day: Day) -> Callable[[Sample], None]:
    def tell(sample: Sample) -> None:
        table.write(sample)
        memory = " ".join(f"{who} {sample.processes[who].mb:.0f}" for who in PROCESSES)
        slowest = f", slowest alarm {max(sample.alarm_ms):.0f} ms" if sample.alarm_ms else ""
        _say(
            f"{sample.t_s / 60:.1f} of {day.lasts_s / 60:.0f} min: {memory} MB,"
            f" hub {sample.processes['hub'].fds} files, {sample.on_duty} on duty{slowest}"
        )

    return tell


def _text(findings: Sequence[Finding]) -> str:
    """For a terminal."""
    return "\n".join(
        f"{each.what:<38} {each.found:<44} {_said(each)} ({each.limit})" for each in findings
    )


def _said(finding: Finding) -> str:
    return {True: "kept", False: "NOT KEPT", None: "not judged"}[finding.kept]


def _write(
    day: Day, findings: Sequence[Finding], said: str, seed: int, svg: str, table: Path
) -> None:
    """The page's part between its marks, and drawing and table beside the page."""
    facts = machine()
    where = f"On {facts['cores']} cores ({facts['cpu']}), {facts['system']}."
    lines = [
        f"Seed {seed}, {day.radios:,} radios, {day.lasts_s / 60:.0f} minutes: **{said}**.",
        f"{where} Every sample: [{CSV}]({CSV}).",
        "",
        f"![Memory, descriptors, alarms and disk over time]({SVG})",
        "",
        "| what | found | limit | |",
        "| --- | --- | --- | --- |",
        *(f"| {each.what} | {each.found} | {each.limit} | {_said(each)} |" for each in findings),
    ]
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE} has no {BEGIN} and {END}")
    page = "\n".join((f"{before}{BEGIN}", "", *lines, "", f"{END}{after}"))
    PAGE.write_text(page, encoding="utf-8")
    (DOCS / SVG).write_text(svg, encoding="utf-8")
    shutil.copyfile(table, DOCS / CSV)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description="endurance")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--hours", type=_positive, help="how long")
    length.add_argument("--minutes", type=_positive, default=60.0, help="how long; 60")
    length.add_argument("--small", action="store_true", help="some seconds, to see that it works")
    parser.add_argument("--seed", type=int, default=1, help="of who presses and whose shift ends")
    parser.add_argument("--out", type=Path, default=OUT, help="where table and drawing go")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--write", action="store_true", help="write docs/reliability.md's part")
    return parser.parse_args(argv)


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 24 * 365:
        raise argparse.ArgumentTypeError(f"{text} is no length of time to run for")
    return number


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yihu-soak-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _say(line: str) -> None:
    """Progress, beside what is printed in the end."""
    with contextlib.suppress(BrokenPipeError):
        print(time.strftime("%H:%M:%S"), line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
