"""The gateway file is read whole or refused in a sentence that names no secret."""

from pathlib import Path

import pytest

from dispatch.errors import SettingsError
from dispatch.gateways.book import (
    GATEWAYS_MAX,
    Book,
    GatewayKind,
    Language,
    Until,
    load_book,
    person_contact,
)
from tests.dispatch.gateways.builders import FAR, NEAR, PHONE, SUPERVISOR

SECRET = "s3cr3t0fTheService"

WHOLE = f"""
callback = "010-00000000"

[[gateways]]
name = "group"
kind = "chat"
url = "wecombot://{SECRET}"
after_s = 5

[[gateways]]
name = "sms"
kind = "sms"
url = "jsons://user:{SECRET}@sms.example/send?:to={{phone}}&:message=text"
after_s = 10
per_minute = 30
per_person_per_hour = 3
priority_max = 1
language = "en"
answer_key = "code"
answer_ok = "OK"

[[gateways]]
name = "voice"
kind = "voice"
url = "jsons://sms.example/call/{{phone}}/{{desk}}"
after_s = 20

[contacts."xizi-v01"]
phone = "{PHONE}"
desk = "room/7 & 8"

[contacts."xizi-v02"]
phone = "{PHONE}"

[people.supervisor]
phone = "{PHONE}"
"""


def write(folder: Path, text: str, *, mode: int = 0o600) -> Path:
    file = folder / "gateways.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_book(write(folder, text))
    return str(caught.value)


@pytest.fixture
def whole(tmp_path: Path) -> Book:
    return load_book(write(tmp_path, WHOLE))


def test_the_ladder_keeps_the_order_of_the_file(whole: Book) -> None:
    """The file is the ladder: an administrator sees at a glance what comes after what."""
    assert [each.name for each in whole.gateways] == ["group", "sms", "voice"]


def test_text_goes_out_until_received_and_a_call_until_answered(whole: Book) -> None:
    """A locked phone that has the order still does not ring: the call must go on."""
    assert [each.until for each in whole.gateways] == [
        Until.RECEIVED,
        Until.RECEIVED,
        Until.ANSWERED,
    ]


def test_a_gateway_is_read_with_its_limits(whole: Book) -> None:
    """Limits that were not read would cost money, or a night's sleep."""
    sms = whole.gateway("sms")

    assert sms is not None
    assert (sms.kind, sms.schema, sms.language) == (GatewayKind.SMS, "jsons", Language.EN)
    assert (sms.per_minute, sms.per_person_per_hour, sms.priority_max) == (30, 3, 1)
    assert (sms.answer_key, sms.answer_ok) == ("code", "OK")
    assert whole.callback == "010-00000000"


def test_a_gateway_reaches_only_whom_it_has_an_address_for(whole: Book) -> None:
    """Somebody without a phone number is passed over, not sent a message to nowhere."""
    group, sms, voice = whole.gateways

    assert all(whole.reaches(each, NEAR) for each in whole.gateways)
    assert whole.reaches(sms, FAR)
    assert not whole.reaches(voice, FAR)
    assert whole.reaches(sms, SUPERVISOR)
    nobody = person_contact("nobody")
    assert whole.reaches(group, nobody)
    assert not whole.reaches(sms, nobody)
    assert whole.knows(SUPERVISOR)
    assert not whole.knows(nobody)


def test_what_a_contact_fills_in_stays_in_its_place(whole: Book) -> None:
    """A name with a slash must not become another path of the service."""
    voice = whole.gateways[2]

    assert voice.url_for(whole.fills(NEAR)).endswith("/call/%2B8610000000000/room%2F7%20%26%208")


def test_neither_secrets_nor_numbers_are_in_what_is_printed(whole: Book) -> None:
    """A book in a traceback or a log line gives nothing away."""
    assert SECRET not in repr(whole)
    assert PHONE not in repr(whole)


@pytest.mark.parametrize("mode", [0o604, 0o666, 0o644])
def test_a_file_that_everybody_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """It holds phone numbers of volunteers; the remedy stands in the sentence."""
    file = write(tmp_path, WHOLE, mode=mode)

    with pytest.raises(SettingsError, match=r"open to everybody.*chmod 600"):
        load_book(file)


def test_a_file_of_a_group_is_read(tmp_path: Path) -> None:
    """An administrator owns it, and the group of the service may read: a common arrangement."""
    assert load_book(write(tmp_path, WHOLE, mode=0o640)).gateways


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The first mistake of everybody who sets this up."""
    with pytest.raises(SettingsError, match=r"gateways\.toml cannot be read"):
        load_book(tmp_path / "gateways.toml")


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('kind = "voice"', 'kind = "pigeon"', "pigeon"),
        ('name = "voice"', 'name = "sms"', "is there twice"),
        ('name = "voice"', 'name = "Voice call"', "no proper name"),
        ("after_s = 20", "after_s = 1", "shorter after_s"),
        ("after_s = 20", "after_s = nan", "after_s is nan"),
        ("after_s = 20", "after_s = -1", "after_s is -1"),
        ("after_s = 20", "after_s = 1e9", "after_s is"),
        ("after_s = 20", "", "after_s"),
        ("after_s = 20", "after_s = 20\nnight = 1", "night"),
        ("per_minute = 30", "per_minute = 0", "per_minute is 0"),
        ("per_person_per_hour = 3", "per_person_per_hour = 1000", "per_person_per_hour"),
        ("priority_max = 1", "priority_max = 5", "priority_max is 5"),
        ('answer_ok = "OK"', "", "answer_key and answer_ok"),
        ("{phone}/{desk}", "{phnoe}", "asks for {phnoe}, which no contact has"),
        ("{phone}/{desk}", "{Phone}", "a brace that is no placeholder"),
        ("jsons://sms.example/call", "sms.example/call", "no address of Apprise"),
        ("jsons://sms.example/call", "jsons://sms. example", "no address of Apprise"),
        ("jsons://sms.example/call", "jsons://" + "x" * 3000, "no address of Apprise"),
        (f'phone = "{PHONE}"', 'phone = "110"', "its phone is no number"),
        ('desk = "room/7 & 8"', f'desk = "{"7" * 129}"', "desk is too long"),
        ('desk = "room/7 & 8"', '"De sk" = "7"', "is no key"),
        ("[people.supervisor]", '[people."Li Lei"]', "no proper name"),
        ('callback = "010-00000000"', 'callback = "ask me"', "callback is"),
        ('callback = "010-00000000"', "callback = [", "is not TOML"),
    ],
)
def test_a_mistake_is_refused_in_a_sentence(
    tmp_path: Path, before: str, after: str, sentence: str
) -> None:
    """Found at the start, by whoever wrote it, not at night by whoever waits for a call."""
    assert before in WHOLE

    said = refusal(tmp_path, WHOLE.replace(before, after))

    assert sentence in said
    assert "\n" not in said
    assert SECRET not in said
    assert PHONE not in said


def test_a_file_without_gateways_is_refused(tmp_path: Path) -> None:
    """Naming an empty file would look as if there were a ladder."""
    assert "0 gateways" in refusal(tmp_path, "")


def test_too_many_gateways_are_refused(tmp_path: Path) -> None:
    """Bounded, as everything that is read."""
    one = '[[gateways]]\nname = "g{}"\nkind = "chat"\nurl = "wecombot://k"\nafter_s = 1\n'
    many = "".join(one.format(number) for number in range(GATEWAYS_MAX + 1))

    assert "17 gateways" in refusal(tmp_path, many)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """Saved by an editor that speaks GBK."""
    file = write(tmp_path, "")
    file.write_bytes("# 呼叫".encode("gbk"))

    with pytest.raises(SettingsError, match="not UTF-8 at byte 2"):
        load_book(file)
