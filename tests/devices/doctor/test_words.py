"""Everything that can be found can be said, in both languages."""

import re
import string
from pathlib import Path

import devices.doctor
from devices.doctor.findings import warning
from devices.doctor.words import EN, TONGUES, ZH, say

CODE = re.compile(r"(?:ok|skipped|warning|failed)\(\s*\"([a-z]+\.[a-z_]+)\"")
QUOTED = re.compile(r"\"((?:broker)\.[a-z_]+)\"")
FOLDER = Path(devices.doctor.__file__).parent


def fields(text: str) -> set[str]:
    """What a sentence leaves open."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    """With the same facts in them, and a remedy in the one where there is one in the other."""
    assert ZH.keys() == EN.keys()
    for code in EN:
        zh, en = ZH[code], EN[code]
        assert bool(zh[1]) == bool(en[1]), code
        assert fields("".join(zh)) <= fields("".join(en)) | {"host", "port"}, code


def test_every_code_in_the_checks_has_words() -> None:
    """A finding without words would end the command with a traceback."""
    text = "".join(file.read_text() for file in FOLDER.glob("*.py") if file.stem != "words")

    codes = {*CODE.findall(text), *QUOTED.findall(text)}

    assert len(codes) > 30
    assert codes == set(EN)


def test_a_sentence_is_filled_with_its_facts() -> None:
    """In both."""
    finding = warning("broker.held", address="127.0.0.1:1883", trip_ms=41.2)

    for lang in TONGUES:
        sentence, remedy = say(finding, lang)
        assert "41.2" in sentence
        assert "set_tcp_nodelay true" in remedy
