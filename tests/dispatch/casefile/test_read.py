"""What is no incident file is refused in one sentence, whatever it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.casefile import CaseFileError, verify_file
from dispatch.casefile.read import read_case_file
from dispatch.casefile.seal import FORMAT
from tests.dispatch.casefile.case import filed


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not whole JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"\n<!doctype html>", "is a page for people"),
        (b"[]", "does not begin with"),
        (b'{"format":"yihu incident file 9","sections":[],"seal":""}', "does not begin with"),
        (b'{"format":"%s"}' % FORMAT.encode(), "no list of sections"),
        (b'{"format":"%s","sections":[],"seal":"","x":1}' % FORMAT.encode(), "'?x"),
        (b'{"format":"%s","sections":[1],"seal":""}' % FORMAT.encode(), "a section is no object"),
        (b'{"format":"%s","sections":[{}],"seal":""}' % FORMAT.encode(), "no name, no hash"),
        (b'{"a":1,"a":2}', "the same member twice"),
        (b'{"a":1.5}', "is no whole one"),
        (b'{"a":NaN}', "is no whole one"),
        (b'{"a":%s}' % (b"9" * 5000), "more than 64 bits"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"a":"\\ud800"}', "half a character"),
        (b'{"\\udfff":1}', "half a character"),
    ],
)
def test_other_files_are_refused_with_the_reason(data: bytes, why: str) -> None:
    """The street office opened the wrong attachment, or somebody plays tricks."""
    with pytest.raises(CaseFileError, match=why):
        read_case_file(data)


def test_a_file_that_was_cut_off_says_where() -> None:
    """A full disk, a mail program's limit."""
    data = filed().data

    with pytest.raises(CaseFileError, match=r"cut off or damaged: .* at character"):
        verify_file(data[: len(data) // 2])


def test_a_member_beside_the_sealed_ones_is_refused() -> None:
    """Whoever reads it may take it for sealed."""
    document = json.loads(filed().data)
    document["sections"][0]["remark"] = "confessed"

    with pytest.raises(CaseFileError, match="remark, which the seal does not cover"):
        verify_file(json.dumps(document).encode())


@given(st.binary(max_size=300))
def test_noise_is_refused_and_nothing_else(noise: bytes) -> None:
    with pytest.raises(CaseFileError):
        verify_file(noise)
