"""``yihu tips``: the key that opens sealed tips, kept safe; and which tips can be read with it.

    yihu tips key show                  which keys are here: id, day, and which one seals
    yihu tips key show --secret         and the keys themselves, to be written down and locked away
    yihu tips key export --out FILE     all of them, into a file (mode 0600)
    yihu tips key import FILE           those of such a file beside those that are here
    yihu tips key new                   another for what comes from now on; older ones still open
    yihu tips check                     how many tips can be read with the keys that are here

No backup has the key: whoever has a backup, or the database, reads no tip. So it has to be kept by
itself, elsewhere, or tips are lost with the disk. May be asked while a hub runs; it reads the file
each time. Exit status of ``check``: 1 where a key is missing.
"""

import argparse
import contextlib
import datetime
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from dispatch.options import add_data
from dispatch.settings_file import store_of
from dispatch.store.sql import tip_boxes_at
from dispatch.tips.keys import (
    FILE_BYTES_MAX,
    KeyFile,
    TipKeyFileError,
    ring_of,
    text_of,
    write_private,
)
from dispatch.tips.sealing import KEY_BYTES, KeyRing, TipBoxBrokenError, TipKey, named_and_box

MISSING: Final = 1
NO_KEY: Final = "no key yet: it is made when the first tip comes, or by yihu tips key new"
KEEP_IT: Final = (
    "Whoever has this opens every tip. Keep it apart from backups and from this machine:",
    "on paper in a safe, or on a stick that lies in one.",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu tips`` takes."""
    asked = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    key = asked.add_parser("key", help="the key that opens sealed tips")
    deeds = key.add_subparsers(dest="deed", required=True, metavar="DEED")
    show = deeds.add_parser("show", help="which keys are here")
    show.add_argument("--secret", action="store_true", help="and the keys themselves, for paper")
    export = deeds.add_parser("export", help="all of them, into a file")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="must not be there")
    bring = deeds.add_parser("import", help="those of a file beside those that are here")
    bring.add_argument("file", type=Path, metavar="FILE", help="as export wrote it")
    fresh = deeds.add_parser("new", help="another one for what comes from now on")
    check = asked.add_parser("check", help="how many tips can be read with the keys that are here")
    for each in (show, export, bring, fresh, check):
        add_data(each)


def run(options: argparse.Namespace) -> int:
    """Raises TipKeyFileError, SettingsError, StoreError."""
    url, data_dir = store_of(options)
    file = KeyFile.of(data_dir)
    if options.what == "check":
        return _check(file, url, data_dir)
    match options.deed:
        case "show":
            lines = _shown(file.read(), secret=options.secret)
        case "export":
            lines = _exported(file, options.out.absolute(), data_dir)
        case "import":
            lines = _imported(file, options.file)
        case _:
            lines = _made(file)
    for line in lines:
        print(line)
    return 0


# --- the key ---


def _shown(ring: KeyRing | None, *, secret: bool) -> Iterator[str]:
    if ring is None:
        yield NO_KEY
        return
    for key in ring.keys:
        yield f"{key.id}  of {key.made}  {'seals and opens' if key is ring.newest else 'opens'}"
    if secret:
        yield from ("", text_of(ring), *KEEP_IT)


def _exported(file: KeyFile, out: Path, data_dir: Path) -> Iterator[str]:
    ring = file.read()
    if ring is None:
        raise TipKeyFileError(NO_KEY)
    if out.resolve().is_relative_to(data_dir.resolve()):
        raise TipKeyFileError(
            f"{out} is in the data folder: the next backup would have it; name another place"
        )
    try:
        write_private(out, text_of(ring))
    except OSError as exc:
        raise TipKeyFileError(f"{out} cannot be written ({exc.strerror})") from exc
    yield f"{len(ring.keys)} written to {out}"
    yield from KEEP_IT


def _imported(file: KeyFile, source: Path) -> Iterator[str]:
    try:
        with source.open("rb") as opened:
            brought = ring_of(opened.read(FILE_BYTES_MAX + 1), str(source))
    except OSError as exc:
        raise TipKeyFileError(f"{source} cannot be read ({exc.strerror})") from exc
    here = file.read()
    known = () if here is None else here.keys
    ids = {each.id for each in known}
    fresh = tuple(each for each in brought.keys if each.id not in ids)
    if fresh:
        file.replace(KeyRing((*known, *fresh)))
    for key in fresh:
        yield f"{key.id}  of {key.made}  is here now"
    if not fresh:
        yield "nothing new: they are here already"


def _made(file: KeyFile) -> Iterator[str]:
    here = file.read()
    fresh = TipKey(secrets.token_bytes(KEY_BYTES), f"{datetime.datetime.now(datetime.UTC).date()}")
    file.replace(KeyRing((fresh, *(() if here is None else here.keys))))
    yield f"{fresh.id}  seals what comes from now on"
    yield "Export it anew: what was exported before does not have it."


# --- what can be read ---


def _check(file: KeyFile, url: str, data_dir: Path) -> int:
    lines, missing = readable(file, url, data_dir)
    for line in lines:
        print(line)
    return MISSING if missing else 0


def readable(file: KeyFile, url: str, data_dir: Path) -> tuple[list[str], bool]:
    """What is to be said of the tips in the journal, and whether a key of them is missing.

    Raises TipKeyFileError, SettingsError, StoreError.
    """
    ring = file.read()
    here = frozenset[str]() if ring is None else frozenset(key.id for key in ring.keys)
    sealed = Counter[str]()
    for text in dict(tip_boxes_at(url, data_dir)).values():  # the boxes of one have one key
        sealed[_key_of(text)] += 1
    lines = []
    for key, count in sorted(sealed.items()):
        if key in here:
            lines.append(f"{count} records of tips are sealed with the key {key}, which is here")
        else:
            lines.append(
                f"{count} records of tips are sealed with the key {key or '?'}, which is not here:"
                " nobody can read them until it is brought back (yihu tips key import FILE)"
            )
    return lines or ["no tip is sealed in this journal"], bool(sealed.keys() - here)


def _key_of(text: str) -> str:
    with contextlib.suppress(msgspec.DecodeError, TipBoxBrokenError):
        return named_and_box(msgspec.json.decode(text), "")[0]
    return ""
