"""What leaves the machine says enough to go there, and nothing that harms anybody."""

import dataclasses
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.gateways.book import GatewayKind, Language
from dispatch.gateways.facts import NAME_CHARS_MAX, Facts, Purpose
from dispatch.gateways.words import SMS_ASCII_CHARS_MAX, SMS_WIDE_CHARS_MAX, compose
from dispatch.words import Kind

CALLBACK = "010-00000000"

FACTS = Facts(
    purpose=Purpose.ASK,
    kind=Kind.MEDICAL,
    who="西子三间",
    at="14:05",
    community="西子社区",
    community_en="Xizi Community",
    grid="荷风苑",
    grid_en="Hefeng Court",
    near="小荷幼儿园",
    near_en="Xiaohe Kindergarten",
    near_m=60,
    bearing="S",
    away_m=350,
)


def text(
    facts: Facts,
    kind: GatewayKind = GatewayKind.SMS,
    language: Language = Language.ZH,
    callback: str = CALLBACK,
) -> str:
    return compose(facts, kind=kind, language=language, callback=callback)


def test_a_chat_says_who_is_asked_where_and_for_what() -> None:
    """In a group everybody reads along, so it begins with the one who is meant."""
    assert text(FACTS, GatewayKind.CHAT) == (
        "西子三间：14:05急病，请到小荷幼儿园南60米（荷风苑），距你350米。"
        "请用对讲机答复，或回电010-00000000。"
    )
    assert text(FACTS, GatewayKind.CHAT, Language.EN) == (
        "西子三间: 14:05 medical emergency, please go: 60 m south of Xiaohe Kindergarten "
        "(Hefeng Court), 350 m from you. Answer by radio or call 010-00000000."
    )


def test_an_sms_is_one_message() -> None:
    """The second half of a long SMS arrives later, or never."""
    assert text(FACTS) == (
        "14:05急病，请到小荷幼儿园南60米（荷风苑），距你350米。请用对讲机答复，或回电010-00000000。"
    )
    assert text(FACTS, language=Language.EN) == (
        "14:05 medical emergency, please go: 60 m south of Xiaohe Kindergarten (Hefeng Court), "
        "350 m from you. Answer by radio or call 010-00000000."
    )


def test_a_long_place_costs_the_details_first() -> None:
    """Without the place nobody gets there; the rest is on the radio."""
    long = replace(FACTS, near="西子路与荷风街交叉口东北角的社区卫生服务中心")

    assert text(long) == (
        "急病，请到西子路与荷风街交叉口东北角的社区卫生服务中心南60米。"
        "请用对讲机答复，或回电010-00000000。"
    )


def test_a_place_too_long_for_words_leaves_its_grid() -> None:
    """Some place is better than none."""
    assert "荷风苑" in text(replace(FACTS, near="楼" * 60))


def test_a_voice_says_it_twice_and_the_number_digit_by_digit() -> None:
    """Nobody has a pen at the ready; and a machine would read ten billion."""
    said = text(FACTS, GatewayKind.VOICE)

    assert said == (
        "您好，这里是西子社区调度台。"
        "西子三间，事由是急病，请您前往。地点在小荷幼儿园南面60米。网格是荷风苑。"
        "离您大约350米。请用对讲机答复，或者回电零幺零，零零零零零零零零。再说一遍。"
        "西子三间，事由是急病，请您前往。地点在小荷幼儿园南面60米。网格是荷风苑。"
        "离您大约350米。请用对讲机答复，或者回电零幺零，零零零零零零零零。"
    )
    assert "or call back 0 1 0, 0 0 0 0 0 0 0 0. Again." in text(
        FACTS, GatewayKind.VOICE, Language.EN
    )


def test_a_place_at_the_key_unit_has_no_distance() -> None:
    """ "0 metres" would be noise."""
    at = replace(FACTS, bearing="at", near_m=8)

    assert "请到小荷幼儿园（荷风苑）" in text(at)
    assert "go: Xiaohe Kindergarten (" in text(at, language=Language.EN)


def test_whoever_is_only_told_is_not_asked_to_come() -> None:
    """The supervisor need not run; nor is it claimed that anybody was sent."""
    assert text(replace(FACTS, purpose=Purpose.TELL, who="")) == (
        "通报：14:05急病，在小荷幼儿园南60米（荷风苑）。详情请电010-00000000。"
    )


def test_whoever_was_asked_hears_that_they_need_not_go() -> None:
    """An SMS cannot be taken back; a second one can."""
    assert text(replace(FACTS, purpose=Purpose.RECALL)) == (
        "西子三间：14:05急病（小荷幼儿园南60米）不用再去了，谢谢。"
    )


def test_there_is_no_place_for_a_sender_among_the_facts() -> None:
    """What is not there cannot be let out by any wording, today or later."""
    assert {field.name for field in dataclasses.fields(Facts)} == {
        "purpose", "kind", "who", "at", "community", "community_en", "grid", "grid_en", "near",
        "near_en", "near_m", "bearing", "away_m", "drill", "covert",
    }  # fmt: skip


def test_english_is_used_where_the_file_has_it_and_chinese_where_not() -> None:
    """A grid without an English name is still a grid."""
    chinese = replace(FACTS, near_en="", grid_en="", community_en="")

    assert "60 m south of 小荷幼儿园 (荷风苑)" in text(chinese, GatewayKind.CHAT, Language.EN)
    assert "this is 西子社区 dispatch" in text(chinese, GatewayKind.VOICE, Language.EN)


@pytest.mark.parametrize("field", ["who", "near", "grid", "community", "bearing", "at"])
@pytest.mark.parametrize("name", ["x" * (NAME_CHARS_MAX + 1), "a\nb", "a\x00"])
def test_facts_that_are_no_names_are_refused(field: str, name: str) -> None:
    """A line break in a name would start a line of its own in a chat."""
    with pytest.raises(ValueError, match=field):
        replace(FACTS, **{field: name})  # type: ignore[arg-type]  # a field that is a text


@pytest.mark.parametrize("metres", [-1, 10**9])
def test_distances_that_are_none_are_refused(metres: int) -> None:
    """Nobody walks there."""
    with pytest.raises(ValueError, match="away_m"):
        replace(FACTS, away_m=metres)


# Laws, whatever the facts.

name = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=NAME_CHARS_MAX
).filter(str.isprintable)
metres = st.none() | st.integers(0, 1_000_000)
any_facts = st.builds(
    Facts,
    purpose=st.sampled_from(Purpose),
    kind=st.sampled_from(Kind),
    who=name,
    at=st.sampled_from(["", "14:05"]),
    community=name,
    community_en=name,
    grid=name,
    grid_en=name,
    near=name,
    near_en=name,
    near_m=metres,
    bearing=st.sampled_from(["", "N", "NE", "E", "SE", "S", "SW", "W", "NW", "at", "odd"]),
    away_m=metres,
    drill=st.booleans(),
    covert=st.booleans(),
)
callbacks = st.sampled_from(["", CALLBACK, "+" + "0" * 19])
languages = st.sampled_from(Language)
kinds = st.sampled_from(GatewayKind)


@given(any_facts, languages, callbacks)
def test_an_sms_fits_whatever_the_facts(facts: Facts, language: Language, back: str) -> None:
    """And keeps the number to call back, which may be the only way to answer."""
    said = text(facts, GatewayKind.SMS, language, back)

    units = len(said.encode("utf-16-le")) // 2
    assert units <= (SMS_ASCII_CHARS_MAX if said.isascii() else SMS_WIDE_CHARS_MAX)
    assert facts.purpose is Purpose.RECALL or back in said


@given(any_facts, kinds, languages)
def test_a_drill_says_so_before_anything_else(
    facts: Facts, kind: GatewayKind, language: Language
) -> None:
    """Nobody runs a red light for a drill; and what is no drill never looks like one."""
    marks = ("演习！", "这是演习。", "DRILL!", "This is a drill.")

    assert text(replace(facts, drill=True), kind, language).startswith(marks)
    assert not text(replace(facts, drill=False, who=""), kind, language).startswith(marks)


@given(any_facts, kinds, languages, callbacks)
def test_a_covert_alarm_shows_in_no_word(
    facts: Facts, kind: GatewayKind, language: Language, back: str
) -> None:
    """Whoever reads over a shoulder near the scene learns neither what nor where: the text is
    the same whatever happened, wherever."""
    covert = replace(facts, covert=True)
    elsewhere = Facts(
        purpose=facts.purpose, kind=Kind.OTHER, who=facts.who, drill=facts.drill, covert=True
    )

    assert text(covert, kind, language, back) == text(elsewhere, kind, language, back)


@pytest.mark.parametrize("kind", GatewayKind)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("covert", [False, True])
def test_every_text_ends_as_a_sentence_and_has_no_gaps(
    kind: GatewayKind, language: Language, purpose: Purpose, covert: bool
) -> None:
    """With all facts and with none."""
    for facts in (FACTS, Facts(purpose=purpose, kind=Kind.SOS)):
        said = text(replace(facts, purpose=purpose, covert=covert), kind, language, "")

        assert said.endswith(("。", "."))
        for gap in (
            "  ",
            "，，",
            "，。",
            "。。",
            "：，",
            "（）",
            "()",
            " .",
            " ,",
            "None",
            "{",
            "}",
        ):
            assert gap not in said, said
