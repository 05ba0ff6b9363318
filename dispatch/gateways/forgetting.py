"""Takes what reaches somebody out of the gateway file, and out of the book that was read from it.

Of a contact only the values go; its keys stay, empty, so that the file is whole as before and
whoever looks into it sees that the number is not missing by mistake:

    [contacts."xizi-v01"]
    phone = ""  # consent withdrawn

The rest of the file stays byte by byte: other contacts, and what people wrote beside them. What
the outcome says is compared with what was wanted before anything is written, so that a
way of writing TOML that is not understood here is refused, and never mangled.
"""

import os
import threading
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import structlog

from dispatch.errors import SettingsError, YihuError
from dispatch.gateways.book import FILE_BYTES_MAX, Book, radio_contact
from dispatch.ids import RadioId
from dispatch.toml_files import read_bounded, toml_of

MARK: Final = "# 已撤回同意 consent withdrawn"
_CONTACTS: Final = "contacts"

log = structlog.get_logger(__name__)


class NumberNotErasedError(YihuError):
    """What reaches somebody still stands in the file; the sentence says why, and what to do."""

    def __init__(self, file: Path, radio: RadioId, why: str) -> None:
        self.file, self.radio, self.why = file, radio, why
        super().__init__(
            f"the number of {radio} cannot be taken out of {file} ({why}): nobody is called by it;"
            " take it out by hand"
        )


class Numbers:
    """The file and the book of a hub that runs. Whom it is silent about it calls no more."""

    def __init__(
        self, book: Book | None = None, use: Callable[[Book], None] = lambda _book: None
    ) -> None:
        """``use`` is told of a book with less in it. Without a book there is no file either."""
        self._book = book
        self._use = use
        self._left: set[RadioId] = set()
        """Whose number could not be erased."""
        self._writing = threading.Lock()

    @property
    def words(self) -> str:
        """What an administrator has to do by hand, naming nobody; empty: nothing."""
        if self._book is None or not self._left:
            return ""
        return (
            f"numbers of {len(self._left)} who are not to be called any more cannot be taken out of"
            f" {self._book.file.name}: take them out by hand, the log says whose"
        )

    def silence(self, radios: Iterable[RadioId]) -> None:
        """From now on, for as long as this hub runs: what comes back is read at a start."""
        if self._book is None:
            return
        gone = [key for each in radios if self._book.fills(key := radio_contact(each))]
        if gone:
            self._book = self._book.without(gone)
            self._use(self._book)

    def erase(self, radio: RadioId) -> int:
        """Out of the file; gives back how many values. Blocks, one after the other: each writes
        the whole file. Raises NumberNotErasedError."""
        if self._book is None:
            return 0
        with self._writing:
            try:
                count = erase_contact(self._book.file, radio)
            except NumberNotErasedError:
                self._left.add(radio)
                raise
            self._left.discard(radio)
            return count

    def erased(self) -> None:
        """Something went out of the file: whoever has read it before reads it anew."""
        if self._book is not None:
            self._use(self._book)


def erase_contact(file: Path, radio: RadioId) -> int:
    """Empty what the file holds to reach this radio's bearer; gives back how many values.

    The file is replaced whole or not at all, and keeps its mode and its owner.
    Raises NumberNotErasedError.
    """
    try:
        whole = file.resolve(strict=True)
        data = read_bounded(whole, "gateway file", FILE_BYTES_MAX)
        count = len(filled(toml_of(whole, data), radio))
        if count:
            _replace(whole, emptied(data.decode(), radio).encode())
    except OSError as exc:
        raise NumberNotErasedError(file, radio, exc.strerror or str(exc)) from exc
    except SettingsError as exc:
        raise NumberNotErasedError(file, radio, str(exc)) from exc
    except ValueError as exc:
        raise NumberNotErasedError(file, radio, "it is written in a way not known here") from exc
    if count:
        log.info("gateway_number_erased", radio=radio, values=count)
    return count


def filled(table: dict[str, Any], radio: RadioId) -> dict[str, Any]:
    """What a read file holds to reach this radio's bearer."""
    contact = table.get(_CONTACTS, {}).get(radio, {})
    return {key: value for key, value in contact.items() if value}


def emptied(text: str, radio: RadioId) -> str:
    """The file's text with nothing to reach this radio's bearer. Raises ValueError where the text
    says it in a way that is not known here."""
    wanted = tomllib.loads(text)
    contact = wanted[_CONTACTS][radio]
    keys = list(contact)
    wanted[_CONTACTS][radio] = dict.fromkeys(keys, "")
    after = "".join(_without(text.splitlines(keepends=True), radio, keys))
    if tomllib.loads(after) != wanted:
        raise ValueError("the outcome is another than was wanted")
    return after


def _without(lines: list[str], radio: RadioId, keys: list[str]) -> Iterator[str]:
    """The lines, those of this contact with empty values. A comment right above a table, or a
    line, belongs to it."""
    mine: tuple[str, ...] = (_CONTACTS, radio)
    table: tuple[str, ...] = ()
    empty = [f'{key} = ""' for key in keys]
    comments: list[str] = []
    told = False
    for line in lines:
        if line.lstrip().startswith("#"):
            comments.append(line)
            continue
        header = _header(line)
        goes_on = header is None and table == mine
        table = table if header is None else header
        within = header is None and table == (_CONTACTS,) and _says(line, radio)
        if not (goes_on or within or table == mine):
            yield from comments
        comments = []
        if within:
            yield "" if told else f'"{radio}" = {{ {", ".join(empty)} }}  {MARK}\n'
            told = True
        elif not goes_on or not line.strip():
            yield line
        if header == mine:
            yield "".join(f"{each}  {MARK}\n" for each in empty)
    if table != mine:
        yield from comments


def _header(line: str) -> tuple[str, ...] | None:
    """The table that this line begins; None where it begins none."""
    if not line.lstrip().startswith("["):
        return None
    try:
        said: Any = tomllib.loads(line)
    except ValueError:
        return None  # within a list that goes over several lines
    names = []
    while isinstance(said, dict) and said:
        ((name, said),) = said.items()
        names.append(name)
    return tuple(names)


def _says(line: str, radio: RadioId) -> bool:
    """Whether a line of [contacts] is about this radio."""
    try:
        return radio in tomllib.loads(line)
    except ValueError:
        return False


def _replace(file: Path, data: bytes) -> None:
    """Whole or not at all. Raises OSError."""
    was = file.stat()
    half = file.with_name(f".{file.name}.part")
    half.unlink(missing_ok=True)
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(fd, "wb") as stream:
            if (was.st_uid, was.st_gid) != (os.fstat(fd).st_uid, os.fstat(fd).st_gid):
                os.fchown(fd, was.st_uid, was.st_gid)
            os.fchmod(fd, was.st_mode & 0o7777)
            stream.write(data)
            stream.flush()
            os.fsync(fd)
        half.replace(file)
    except OSError:
        half.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
