"""The file's outer form: anybody can compute its hashes with what every language has."""

import hashlib
import json

import pytest

from dispatch.casefile.seal import SECTIONS, canonical, sealed, whole_numbers
from tests.dispatch.casefile.case import filed


def test_the_seal_is_computed_in_five_lines_without_our_program() -> None:
    """The lines of docs/incident-file.md, over a file of ours."""
    file = json.loads(filed().data)

    last = hashlib.sha256(file["format"].encode()).hexdigest()
    for section in file["sections"]:
        text = json.dumps(
            section["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        last = hashlib.sha256(f"{last}\n{section['name']}\n{text}".encode()).hexdigest()
        assert last == section["hash"]

    assert last == file["seal"] == filed().seal
    assert tuple(section["name"] for section in file["sections"]) == SECTIONS


def test_how_the_file_is_laid_out_does_not_matter() -> None:
    """A mail program or a pretty printer may change blanks and line feeds; no content."""
    sections = {name: [name, {"b": 1, "a": None}] for name in SECTIONS}

    assert json.loads(sealed(sections).data)["sections"][0]["content"] == [
        "about",
        {"a": None, "b": 1},
    ]
    assert canonical({"b": 1, "a": "人\n\x7f"}) == '{"a":"人\\n\x7f","b":1}'


def test_long_lists_are_written_in_pieces_that_make_the_same_text() -> None:
    """Whoever checks it writes it in one."""
    content = {"b": [{"n": n, "a": [n, None, "人"]} for n in range(1_203)], "a": [[], {}, [True]]}

    assert canonical(content) == json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def test_fractions_are_told_as_text() -> None:
    """120.50 and 1.205e2 are one number to one program and two texts to another."""
    told = whole_numbers({"a": 120.5, "b": [3.0, 1e-7], "c": True, "d": None, "e": 7})

    assert told == {"a": "120.5", "b": ["3", "1e-07"], "c": True, "d": None, "e": 7}


def test_half_a_character_is_refused() -> None:
    """No UTF-8 holds it, so that no hash could."""
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical("\ud800")
