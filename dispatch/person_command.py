"""``yihu person``: hands out everything held on a person, or erases it. For a hub at rest.

    yihu person export NAME --by WHO --out FILE         one JSON document, mode 0600
    yihu person erase NAME --by WHO --why WORDS         says what would go; changes nothing
    yihu person erase NAME --by WHO --why WORDS --confirm CODE

NAME is an account, a radio or a call sign. The code is of what the dry run found: where more has
come since, it does not fit, and another dry run is needed. Both deeds are told in the journal
before they are done. What is erased is gone from this data folder; what was copied out of it
before, backups and files that were handed out, is not in our hands.
"""

import argparse
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dispatch.access.accounts import Access
from dispatch.access.facts import AccountClosed, AccountFact, BearerNamed
from dispatch.access.refusals import LastAdministratorError
from dispatch.access.words import NO_COMMUNITY
from dispatch.clock import SECOND, Instant
from dispatch.errors import YihuError, quoted
from dispatch.free_text import plain
from dispatch.ids import OperatorName
from dispatch.options import add_data
from dispatch.privacy.handing_out import exported
from dispatch.privacy.holdings import Person
from dispatch.settings_file import store_of
from dispatch.store.folder import PRIVATE_FILE
from dispatch.store.persons import Plan, by_purpose
from dispatch.store.sql import SqlStore, last_time_at
from dispatch.tips.facts import TipGiven
from dispatch.tips.keys import KeyFile
from dispatch.tips.own import OwnTips, own_tips

RECORD_TIMEOUT_S: Final = 30.0
WORDS_MAX: Final = 500
CODE_CHARS: Final = 8

STAYS: Final = (
    "What stays, and why: facts of the journal that name the account or radio, without these",
    "values: without them nobody could show what was done to whom (PIPL 56: three years);",
    "what others wrote about incidents, and what sealed tips say (without who told them), the",
    "centre's record until its time is over; the radio on the roster, which may go to",
    "another bearer (yihu revoke cuts it off).",
)
COPIES: Final = "Backups and files that were handed out before are not in our hands: see to them."


class PersonError(YihuError):
    """What was asked about a person cannot be done; the sentence says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu person`` takes."""
    asked = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    export = asked.add_parser("export", help="everything held on a person, as one document")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="must not be there")
    erase = asked.add_parser("erase", help="erase it; without --confirm only says what would go")
    erase.add_argument("--why", required=True, type=_words, help="kept in the journal")
    erase.add_argument("--confirm", metavar="CODE", help="the code that the dry run gave")
    for each in (export, erase):
        each.add_argument("name", metavar="NAME", help="an account, a radio or a call sign")
        each.add_argument("--by", required=True, type=_words, help="who decided it")
        add_data(each)


def run(options: argparse.Namespace) -> int:
    """Raises PersonError, UnknownPersonError, SettingsError, StoreError."""
    url, data_dir = store_of(options)
    now = max(last_time_at(url, data_dir), int(time.time() * SECOND))
    store = SqlStore.open(url, data_dir=data_dir, on_state=lambda _why: None)
    try:
        person = store.person(options.name)
        by = OperatorName(options.by)
        if options.what == "export":
            lines = _export(store, person, by, now, options.out)
        else:
            lines = _erase(store, person, by, now, options, data_dir)
        for line in lines:
            print(line)
    finally:
        store.close()
    return 0


# --- handing out ---


def _export(
    store: SqlStore, person: Person, by: OperatorName, now: Instant, out: Path
) -> Iterator[str]:
    data, told = exported(store.person_document(person), person, by, now)
    _write(out, data)
    store.record([told])
    yield f"{len(data)} bytes written to {out}; SHA-256 {told.digest}"


def _write(out: Path, data: bytes) -> None:
    """For its owner's eyes, and never over something."""
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except OSError as exc:
        raise PersonError(f"{out} cannot be written: {exc.strerror}") from exc
    with os.fdopen(handle, "wb") as file:
        file.write(data)


# --- erasing ---


def _erase(
    store: SqlStore,
    person: Person,
    by: OperatorName,
    now: Instant,
    options: argparse.Namespace,
    data_dir: Path,
) -> Iterator[str]:
    own = _own_tips(store, person, data_dir)
    planned, fixes = store.person_plan(person, {fact.tip for fact in own.given})
    leaving = _leaving(store, person, by, now)
    code = _code(planned, fixes)
    yield from _told(planned, fixes)
    if own.sealed:
        yield (
            f"{own.sealed} sealed tips name a teller whom only their key tells, and it is not here:"
            " whether they are theirs is not known (yihu tips check)."
        )
    if options.confirm is None:
        yield f"Nothing was erased. To erase it for good: --confirm {code}"
        return
    if options.confirm != code:
        raise PersonError(f"{quoted(options.confirm)} is not the code of what would go now: {code}")
    if leaving:
        store.keep_access(leaving, []).result(RECORD_TIMEOUT_S)
    values, gone = store.erase_person(planned, by=by, why=options.why, t=now)
    yield f"{values} values and {gone} positions erased for good. {COPIES}"


def _own_tips(store: SqlStore, person: Person, data_dir: Path) -> OwnTips:
    """The sealed tips that they gave under their name, as far as keys are here. Raises
    TipKeyFileError."""
    given = [seq for seq, fact in store.tip_facts() if isinstance(fact, TipGiven)]
    facts = [fact for _, fact in store.whole_tip_facts(given) if isinstance(fact, TipGiven)]
    return own_tips(KeyFile.of(data_dir).read(), facts, person)


def _leaving(store: SqlStore, person: Person, by: OperatorName, now: Instant) -> list[AccountFact]:
    """The account is closed and bears no radio. Raises LastAdministratorError."""
    facts, _beside = store.accounts()
    access = Access(facts)
    account = access.find(person.account) if person.account else None
    if account is None:
        return []
    if access.administrators() == [account]:
        raise LastAdministratorError
    told: list[AccountFact] = []
    if account.unit is not None:
        told.append(
            BearerNamed(t=now, community=NO_COMMUNITY, account=account.name, unit=None, by=by)
        )
    if not account.closed:
        told.append(AccountClosed(t=now, community=NO_COMMUNITY, account=account.name, by=by))
    return told


def _told(planned: Plan, fixes: int) -> Iterator[str]:
    person = planned.person
    name = f"account {person.account}" if person.account else "no account"
    yield f"{name}; radios: {', '.join(person.units) or 'none'}"
    yield f"What goes: {fixes} positions, {_counted(by_purpose(planned.values))} of the journal,"
    yield f"  {_counted(planned.rows)} beside it"
    if planned.needed:
        yield f"What stays until its incident is closed; ask again then: {len(planned.needed)}"
    yield f"{planned.named} facts name them."
    yield from STAYS


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing"


def _code(planned: Plan, fixes: int) -> str:
    """Of what would go: it does not fit anything else."""
    person = planned.person
    spans = [f"{s.unit} {s.from_t} {s.to_t}" for s in person.spans]
    ids = sorted(each.id for each in planned.values)
    said = json.dumps([person.account, spans, ids, planned.rows, fixes], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:CODE_CHARS]


def _words(text: str) -> str:
    words = plain(text).strip()
    if not 0 < len(words) <= WORDS_MAX:
        raise argparse.ArgumentTypeError(f"1 to {WORDS_MAX} characters are needed")
    return words
