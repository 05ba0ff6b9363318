"""``yihu audit``: whether the journal is whole, what was erased of it, and by whose leave.

    yihu audit verify                     walk the whole chain
    yihu audit verify --noted HASH        and see that the hash noted last time is still in it

May be asked while a hub runs. Exit status 0 where nothing is wrong, 1 where the chain is broken
or the noted hash is not in it. What was erased before facts told of erasing, or a single incident's
values, is said to be told by no fact; that is for people to judge, and no fault of the chain.
"""

import argparse
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from dispatch.clock import SECOND, Instant
from dispatch.options import add_data
from dispatch.settings_file import store_of
from dispatch.store.port import ChainReport
from dispatch.store.sql import verify_at

WHOLE: Final = 0
BROKEN: Final = 1
HASH: Final = re.compile(r"[0-9a-f]{64}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu audit`` takes."""
    asked = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    verify = asked.add_parser("verify", help="walk the journal's chain of hashes")
    verify.add_argument(
        "--noted",
        type=_hash,
        metavar="HASH",
        help="the last hash as it was noted elsewhere: shows that the end was not cut off",
    )
    verify.add_argument("--facts", action="store_true", help="name each fact with an erased value")
    add_data(verify)


def run(options: argparse.Namespace) -> int:
    """Answer on standard output. Raises SettingsError, StoreError."""
    noted = options.noted or ""
    report = verify_at(*store_of(options), noted=noted)
    if options.facts:
        for seq, erased_t in report.erased:
            print(f"fact {seq}: erased on {_day(erased_t)}")
    for line in found(report, noted=noted):
        print(line)
    lost = bool(noted) and report.held is None
    return BROKEN if report.broken_at_seq is not None or lost else WHOLE


def found(report: ChainReport, *, noted: str = "") -> Iterator[str]:
    """What is to be said, line by line."""
    for (erased_t, purpose), count in sorted(report.erased_for.items()):
        told = "" if erased_t in report.told else "; no fact tells of it"
        values = "value" if count == 1 else "values"
        yield f"erased on {_day(erased_t)}: {count} {values} kept for {purpose}{told}"
    if report.broken_at_seq is not None:
        yield f"broken at fact {report.broken_at_seq}: {report.why}"
        return
    if noted:
        yield (
            "the noted hash is in no fact: the end was cut off, or it is another journal's"
            if report.held is None
            else f"the noted hash is fact {report.held}'s, and all up to it stands as it did"
        )
    yield f"{report.facts} facts, unbroken; the last hash is {report.head}"


def _hash(text: str) -> str:
    if not HASH.fullmatch(text):
        raise argparse.ArgumentTypeError("a hash is 64 digits of 0-9 and a-f")
    return text


def _day(t: Instant) -> str:
    return datetime.fromtimestamp(t / SECOND, UTC).date().isoformat()
