"""Whoever is not to be called any more is taken out of the gateway file, and nobody else is."""

import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dispatch.gateways.book import Book, load_book, radio_contact
from dispatch.gateways.forgetting import (
    MARK,
    NumberNotErasedError,
    Numbers,
    emptied,
    erase_contact,
)
from dispatch.ids import RadioId

HERS, HIS = "+8610000000011", "+8610000000022"
V1, V2 = RadioId("xizi-v01"), RadioId("xizi-v02")
FILE = f"""\
callback = "010-00000000"  # the desk

# over the robot
[[gateways]]
name = "sms"
kind = "sms"
url = "jsons://sms.example/call/{{phone}}/{{desk}}"
after_s = 1

# Wang, {HERS}
[contacts."xizi-v01"]
# in the evening
phone = "{HERS}"   # her own
desk = "room/7"

# Li
[contacts.xizi-v02]
phone = "{HIS}"

[people.supervisor]
phone = "+8610000000000"
# the end
"""


def written(folder: Path, text: str = FILE) -> Path:
    file = folder / "gateways.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def test_only_their_own_values_go(tmp_path: Path) -> None:
    """With the remarks above and within; the rest stays as somebody wrote it."""
    file = written(tmp_path)

    assert erase_contact(file, V1) == 2

    after = file.read_text(encoding="utf-8")
    assert HERS not in after
    kept = [line for line in FILE.splitlines() if HERS not in line and "room/7" not in line]
    assert [line for line in kept if line not in after.splitlines()] == ["# in the evening"]
    assert after.count(MARK) == 2
    assert all(word in after for word in (HIS, "# Li", "# the end", "# over the robot"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["gateways.toml"]


def test_the_file_can_be_read_as_before(tmp_path: Path) -> None:
    """Else the next start would be refused: here with the last one who had the words of a url."""
    file = written(tmp_path)

    erase_contact(file, V1)
    erase_contact(file, V2)

    book = load_book(file)
    (sms,) = book.gateways
    assert book.knows(radio_contact(V1))
    assert not book.reaches(sms, radio_contact(V1))
    assert book.fills(radio_contact(V2)) == {}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (
            '[contacts]\n# W\nxizi-v01 = { phone = "1" } # x\n# L\nxizi-v02.phone = "2"\n',
            f'[contacts]\n"xizi-v01" = {{ phone = "" }}  {MARK}\n# L\nxizi-v02.phone = "2"\n',
        ),
        (
            '[contacts]\nxizi-v01.phone = "1"\n"xizi-v01".desk = "2"\n',
            f'[contacts]\n"xizi-v01" = {{ phone = "", desk = "" }}  {MARK}\n',
        ),
        (
            '[contacts."xizi-v01"]\nphone = """\n1"""\n[people.a]\nphone = "[contacts]"\n',
            f'[contacts."xizi-v01"]\nphone = ""  {MARK}\n[people.a]\nphone = "[contacts]"\n',
        ),
        (
            '[contacts."xizi-v01"]\r\nphone = "1"\r\n# end\r\n',
            f'[contacts."xizi-v01"]\r\nphone = ""  {MARK}\n',
        ),
    ],
)
def test_however_toml_lets_it_be_written(text: str, after: str) -> None:
    """An administrator writes it as they like."""
    assert emptied(text, V1) == after


@pytest.mark.parametrize(
    "text",
    [
        'contacts.xizi-v01.phone = "1"\n',
        'contacts = { xizi-v01 = { phone = "1" } }\n',
        '[contacts."xizi-v01"]\nphone = """\n[people.x]\n"""\n',
    ],
)
def test_what_is_not_understood_stays_as_it_is(tmp_path: Path, text: str) -> None:
    """A file that came out mangled would stop the next start; the sentence says what to do."""
    file = written(tmp_path, text)

    with pytest.raises(NumberNotErasedError, match="by hand"):
        erase_contact(file, V1)

    assert file.read_text(encoding="utf-8") == text


def test_who_is_not_in_it_changes_nothing(tmp_path: Path) -> None:
    """Nor does somebody whose values went before."""
    file = written(tmp_path)
    assert erase_contact(file, RadioId("xizi-v09")) == 0
    assert file.read_text(encoding="utf-8") == FILE

    erase_contact(file, V1)

    assert erase_contact(file, V1) == 0


def test_a_file_that_cannot_be_written_is_said_and_nobody_is_called(tmp_path: Path) -> None:
    """Another's file, a read-only disk: /health says it without a name until it is mended."""
    file = written(tmp_path)
    used: list[Book] = []
    numbers = Numbers(load_book(file), used.append)
    (tmp_path / ".gateways.toml.part").mkdir()  # so that no user can write beside it

    numbers.silence([V1])
    with pytest.raises(NumberNotErasedError, match=r"xizi-v01.*by hand"):
        numbers.erase(V1)

    assert used[-1].fills(radio_contact(V1)) == {}
    assert used[-1].fills(radio_contact(V2)) == {"phone": HIS}
    assert "numbers of 1" in numbers.words
    assert V1 not in numbers.words
    (tmp_path / ".gateways.toml.part").rmdir()
    assert numbers.erase(V1) == 2
    assert numbers.words == ""


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    """The settings name it; the file lies elsewhere."""
    file = written(tmp_path)
    link = tmp_path / "link.toml"
    link.symlink_to(file)

    erase_contact(link, V1)

    assert link.is_symlink()
    assert HERS not in file.read_text(encoding="utf-8")
    assert link.readlink() == file


def test_silence_is_told_once_and_without_a_file_nothing_is(tmp_path: Path) -> None:
    """Each change of an account asks for it anew."""
    used: list[Book] = []
    numbers = Numbers(load_book(written(tmp_path)), used.append)

    numbers.silence([V1])
    numbers.silence([V1])
    none = Numbers()
    none.silence([V1])

    assert len(used) == 1
    assert none.erase(V1) == 0


def test_of_many_at_once_nobody_comes_back(tmp_path: Path) -> None:
    """Each writes the whole file: two who withdraw in the same moment are both gone."""
    radios = [RadioId(f"v{number:02d}") for number in range(24)]
    contacts = "".join(f'[contacts.{each}]\nphone = "{HERS}"\n' for each in radios)
    file = written(tmp_path, FILE + contacts)
    numbers = Numbers(load_book(file))

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(numbers.erase, radios))

    assert counts == [1] * len(radios)
    left = tomllib.loads(file.read_text(encoding="utf-8"))["contacts"]
    assert [each for each in left if left[each]["phone"]] == ["xizi-v01", "xizi-v02"]


def test_what_is_read_again_says_the_same() -> None:
    """But for these values."""
    before, after = tomllib.loads(FILE), tomllib.loads(emptied(FILE, V1))

    assert after["contacts"].pop("xizi-v01") == {"phone": "", "desk": ""}
    del before["contacts"]["xizi-v01"]
    assert after == before
