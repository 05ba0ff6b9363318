"""``yihu verify FILE``: checks an incident file, says what it found, and what no file can show."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dispatch.casefile.compare import Comparison, compare
from dispatch.casefile.read import CaseFileError
from dispatch.casefile.seal import FILE_BYTES_MAX
from dispatch.casefile.verify import FileReport, verify_file
from dispatch.clock import SECOND, Instant
from dispatch.errors import quoted
from dispatch.ids import IncidentId
from dispatch.store.sql import beside_at

WHOLE: Final = 0
BROKEN: Final = 1

ALONE: Final = (
    "what a file alone cannot show: that nobody wrote it anew with all its hashes, that no fact",
    "was left out in a gap, that the centre made it at all. Compare it with the journal: yihu",
    "verify FILE --data FOLDER, or ask the centre whether it handed out this seal.",
)
UNCHAINED: Final = (
    "tracks and names stand under the seal, but in no chain of the journal: for them the centre's",
    "word is all there is.",
)


def check_file(
    path: Path, beside: tuple[str, Path] | None, *, tell: Callable[[str], object]
) -> int:
    """Check the file, and hold it against a journal (store URL, data folder) where one is given.

    Gives back the exit status: 0 where nothing is wrong. Raises CaseFileError, SettingsError.
    """
    report = verify_file(_read(path))
    for line in _found(report):
        tell(line)
    if report.contents is None or beside is None:
        if not report.faults:
            for line in (*ALONE, *UNCHAINED):
                tell(line)
        return BROKEN if report.faults else WHOLE
    incident = IncidentId(report.contents.about.incident)
    journal = beside_at(*beside, incident=incident, seqs=_numbers(report))
    comparison = compare(report.contents, report.seal, journal)
    for line in _beside(comparison):
        tell(line)
    return BROKEN if report.faults or comparison.faults else WHOLE


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(FILE_BYTES_MAX + 1)
    except OSError as exc:
        raise CaseFileError(f"{path} cannot be read ({exc.strerror})") from exc


def _numbers(report: FileReport) -> list[int]:
    assert report.contents is not None
    return [fact.seq for fact in report.contents.facts if fact.seq > 0]


def _found(report: FileReport) -> Iterator[str]:
    if report.contents is not None:
        about = report.contents.about
        yield (
            f"incident {quoted(about.incident)}: {about.facts} facts"
            f" from {_time(about.first_t)} to {_time(about.last_t)}"
        )
        left_out = about.left_out
        if left_out.facts or left_out.fixes:
            yield (
                f"left out for their number: {left_out.facts} facts in the middle,"
                f" {left_out.fixes} fixes of long tracks"
            )
    yield f"seal {quoted(report.seal)}"
    for seq, erased_t in report.erased:
        yield f"fact {seq}: a personal value was erased on {_time(erased_t)[:10]}"
    if report.left_out:
        yield (
            f"{report.left_out} personal values were left out; the journal keeps their digests,"
            " so that they could still be shown to be the same"
        )
    if report.gaps:
        yield f"{report.gaps} gaps, where the journal goes on with facts of other matters"
    for fault in report.faults:
        yield f"WRONG: {fault.part} {fault.why}"
    if not report.faults:
        yield "whole: nothing in it was changed since it was sealed"


def _beside(comparison: Comparison) -> Iterator[str]:
    for fault in comparison.faults:
        yield f"WRONG beside the journal: {fault.part} {fault.why}"
    if not comparison.faults:
        yield "the journal has every fact of the file, and no other of the incident up to its end"
    if comparison.handed_out is None:
        yield "the journal does not tell that a file with this seal was handed out"
    else:
        by, t = comparison.handed_out
        yield f"a file with this seal was handed out by {quoted(by)}, {_time(t)}"
    if comparison.since:
        yield f"facts of the incident that came later: {comparison.since}"
    yield "the journal's own chain is walked by: yihu verify --data FOLDER"
    yield from UNCHAINED


def _time(t: Instant) -> str:
    try:
        return datetime.fromtimestamp(t // SECOND, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return "no time"
