"""A manifest may come from anywhere: nothing in it leads out of the backup or into the future."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.backup.errors import BackupError
from dispatch.backup.manifest import JournalEnd, Kept, Manifest, is_inside, manifest_of, text_of

HASH = "a" * 64
JOURNAL = Kept(name="data/journal.db", bytes=1, sha256=HASH)


def manifest(*names: str, **changes: object) -> Manifest:
    made = Manifest(
        format=1,
        yihu="0.1.0",
        schema="0005",
        made_t=1,
        made="1970-01-01T00:00:00Z",
        store="sqlite",
        machine="pc",
        data_dir="/srv/yihu",
        journal=JournalEnd(seq=3, hash=HASH, last_t=1),
        files=(JOURNAL, *(Kept(name=name, bytes=1, sha256=HASH) for name in names)),
    )
    return msgspec.structs.replace(made, **changes)


def test_what_is_written_is_read() -> None:
    made = manifest("data/town/community.toml", "outside/etc/yihu/grids.geojson")

    assert manifest_of(text_of(made), "here") == made


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "data/../../etc/passwd",
        "data/..",
        "data",
        "data//x",
        "data/./x",
        "data/x/",
        "elsewhere/x",
        "data\\..\\x",
        "data/a\nb",
        "data/a\0b",
        "",
        "data/" + "x" * 1000,
        "manifest.json",
    ],
)
def test_a_name_that_leads_outside_is_refused(name: str) -> None:
    assert not is_inside(name)
    with pytest.raises(BackupError, match="leads outside"):
        manifest_of(text_of(manifest(name)), "here")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"format": 2}, "format 2, and this Yihu reads 1"),
        ({"files": ()}, "names no data/journal.db"),
        ({"store": "postgresql"}, "names no postgresql.dump"),
        ({"store": "oracle"}, "is damaged"),
        ({"files": (JOURNAL, JOURNAL)}, "names a file twice"),
        ({"files": (msgspec.structs.replace(JOURNAL, sha256="x"),)}, "no size and sha256"),
        ({"files": (msgspec.structs.replace(JOURNAL, bytes=-1),)}, "no size and sha256"),
        ({"journal": JournalEnd(seq=1, hash="x", last_t=1)}, "no end of the journal"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, object], why: str) -> None:
    with pytest.raises(BackupError, match=why):
        manifest_of(text_of(manifest(**changes)), "here")


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(BackupError):
        manifest_of(noise, "here")


@given(st.integers(0, 600), st.binary(min_size=1, max_size=3))
def test_a_damaged_one_is_read_or_refused(at: int, noise: bytes) -> None:
    data = bytearray(text_of(manifest("data/yihu.toml")))
    data[at : at + len(noise)] = noise

    with contextlib.suppress(BackupError):
        manifest_of(bytes(data), "here")
