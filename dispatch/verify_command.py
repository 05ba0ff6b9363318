"""``yihu verify``: walks the journal's chain of hashes, or checks an incident file."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from dispatch.casefile.command import check_file
from dispatch.options import add_data
from dispatch.settings_file import store_of
from dispatch.store.sql import verify_at


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A file, a journal, or both."""
    parser.add_argument(
        "file",
        type=Path,
        nargs="?",
        metavar="FILE",
        help="an incident file: checked by itself, and beside the journal where --data is given",
    )
    add_data(parser, default=None)  # a file is checked beside a journal only where one is named


def run(options: argparse.Namespace) -> int:
    """Exit status 0 where nothing is wrong."""
    if options.file is not None:
        return _verify_file(options)
    report = verify_at(*store_of(options))
    for seq, erased_t in report.erased:
        print(f"fact {seq}: erased on {_day(erased_t)}")
    if report.broken_at_seq is not None:
        print(f"broken at fact {report.broken_at_seq}: {report.why}")
        return 1
    print(f"{report.facts} facts, unbroken; the last hash is {report.head}")
    return 0


def _verify_file(options: argparse.Namespace) -> int:
    """Without --data, --settings and --store-url no store is opened."""
    named = options.data or options.settings or options.store_url
    beside = store_of(options) if named else None
    return check_file(options.file, beside, tell=print)


def _day(t: int) -> str:
    return datetime.fromtimestamp(t / 1e6, UTC).date().isoformat()
