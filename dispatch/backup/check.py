"""Whether a backup is as it says: every file's size and SHA-256, and the journal's own chain.

Changes nothing. Of a dump of PostgreSQL only the bytes are checked: its journal can be walked
once it is in a database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dispatch.backup import files
from dispatch.backup.manifest import DATA, JournalEnd, Kept, Manifest, read_manifest
from dispatch.errors import StoreError
from dispatch.store import heads
from dispatch.store.database import JOURNAL_FILE
from dispatch.store.port import ChainReport

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found."""

    manifest: Manifest
    faults: list[str]
    """Sentences; empty: it is whole."""


def check(backup: Path, tell: Tell = lambda _line: None) -> Checked:
    """Raises BackupError where it is no backup."""
    manifest = read_manifest(backup)
    faults = []
    for number, each in enumerate(manifest.files, 1):
        tell(f"{number} of {len(manifest.files)}: {each.name}")
        why = _differs(backup, each)
        if why:
            faults.append(f"{each.name} {why}")
    if manifest.store == "sqlite" and not faults:
        faults += journal_faults(backup / DATA / JOURNAL_FILE, manifest.journal)
    return Checked(manifest=manifest, faults=faults)


def journal_faults(file: Path, end: JournalEnd) -> list[str]:
    """What is wrong with a journal that nobody writes."""
    try:
        return faults_of(heads.walked_at_rest(file), end)
    except StoreError as exc:
        return [f"the journal cannot be read ({exc})"]


def faults_of(report: ChainReport, end: JournalEnd) -> list[str]:
    """What a walk found against the journal, or against the end that was noted of it."""
    if report.broken_at_seq is not None:
        return [f"the journal is broken at fact {report.broken_at_seq}: {report.why}"]
    if (report.facts, report.head) != (end.seq, end.hash):
        return [f"the journal ends at fact {report.facts}, and the manifest says {end.seq}"]
    return []


def _differs(backup: Path, kept: Kept) -> str:
    """Empty: it is as the manifest says."""
    try:
        file = inside(backup, kept.name)
        size, sha256 = files.hashed(file)
    except OSError as exc:
        return f"cannot be read ({exc.strerror})"
    return "" if (size, sha256) == (kept.bytes, kept.sha256) else "is not as it was written"


def inside(backup: Path, name: str) -> Path:
    """The file of this name, reached by no link that leads elsewhere. Raises OSError."""
    file = backup / name
    parent = file.parent
    if parent.resolve(strict=True) != backup.resolve() / parent.relative_to(backup):
        raise OSError(40, "a folder in it is a link", str(parent))
    return file
