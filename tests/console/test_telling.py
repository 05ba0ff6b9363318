"""console/telling.py: the stream reads like a story, each line once, in both languages."""

import pytest

from console.telling import LINE_LENGTH_MAX, Teller
from console.wire import Behind, Change, IncidentDoc, StoryDoc
from console.words import Tongue
from dispatch.ids import DrillId
from tests.console.builders import NOON, XIZI
from tests.console.samples import FIRST, evening, incident_sample, picture, stream_samples


def a_teller(language: str = "zh") -> Teller:
    """One that has heard where things stand."""
    teller = Teller(Tongue(language))
    for name in ("hello", "snapshot"):
        teller.hear(stream_samples()[name])  # type: ignore[arg-type]  # server messages both
    return teller


def a_change(*incidents: IncidentDoc) -> Change:
    """These incidents changed at noon."""
    return Change(seq=42, now=NOON // 1000, incidents=list(incidents))


def new(name: str) -> IncidentDoc:
    """A sample as one that was never told of before."""
    doc = incident_sample(name)
    doc.id = "xizi-20251121-099"
    return doc


def test_a_press_reads_like_the_beginning_of_a_story() -> None:
    """Who, what, where: in the community's own time."""
    [press, wave] = a_teller().hear(a_change(new("received")))

    assert press == "12:00:00 西子一间 按下红色按钮 · 西子小区一期 · 幼儿园东侧 40 米 · #099"
    assert wave == "12:00:00 #099 第 1 批呼叫：西子二间 120 米、保安一号 310 米 · 可派的人还差 7 名"


def test_the_same_press_in_english() -> None:
    """Units stay as they are called; places have the English names that the community gave."""
    [press, wave] = a_teller("en").hear(a_change(new("received")))

    assert press == (
        "12:00:00 西子一间 pressed the red button"
        " · Xizi Estate, Phase 1 · 40 m east of Kindergarten · #099"
    )
    assert wave == ("12:00:00 #099 wave 1 calls: 西子二间 120 m, 保安一号 310 m · 7 too few to ask")


def test_every_line_is_told_once() -> None:
    """An incident comes whole with every change; only what is new is news."""
    teller = a_teller()
    teller.hear(a_change(new("received")))

    news = teller.hear(a_change(new("en_route")))

    assert news[0] == "12:00:01 #099 西子二间 收到指令"
    assert news[-1] == "12:00:26 #099 西子二间 已出发"
    assert teller.hear(a_change(new("en_route"))) == []


def test_lines_that_were_left_out_are_not_told_again() -> None:
    """A long story is cut at its beginning; the count goes on."""
    teller = a_teller()
    doc = new("en_route")
    teller.hear(a_change(doc))
    doc.story = [*doc.story[4:], StoryDoc(t=NOON // 1000, what="UnitArrived", unit="r02")]
    doc.story_left_out = 4

    assert teller.hear(a_change(doc)) == ["12:00:00 #099 西子二间 到达现场"]


def test_a_wave_is_told_with_those_whose_assignments_were_left_out() -> None:
    """Whoever comes back after an hour hears whom the first wave called all the same."""
    doc = new("received")
    doc.assignments, doc.assignments_left_out = doc.assignments[:1], len(doc.assignments) - 1

    _, wave = a_teller().hear(a_change(doc))

    assert wave == "12:00:00 #099 第 1 批呼叫：西子二间 120 米、保安一号 · 可派的人还差 7 名"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("covert", "静默警情，请勿外放"),
        ("late", "迟到的警情"),
        ("linked", "出警队员遇险"),
        ("by_phone", "调度一席 登记：纠纷 · 幼儿园后门,两人争吵"),
        ("erased", "调度一席 结案：现场解决（内容已删除）"),
    ],
)
def test_what_is_special_is_said(name: str, words: str) -> None:
    """A silent alarm read aloud could cost somebody dearly."""
    assert words in "\n".join(a_teller().hear(a_change(new(name))))


def test_it_begins_with_where_things_stand() -> None:
    """Somebody who opens a terminal at three wants to know what is open."""
    teller = Teller(Tongue("zh"))
    teller.hear(stream_samples()["hello"])  # type: ignore[arg-type]  # a server message
    lines = teller.hear(stream_samples()["snapshot"])  # type: ignore[arg-type]

    assert lines[0] == "12:00:00 现在：5 起未结警情，4 人在岗"
    assert lines[1].endswith("赶往现场（调度一席）")
    assert "12:00:00 民警一号 无法判定，请人工呼叫" in lines


def test_people_to_call_by_hand_are_said_once() -> None:
    """Its first wave could not be decided: said when it fails, not with each change after."""
    teller = a_teller()
    stuck = new("received")
    teller.hear(a_change(stuck))
    stuck.alarms[0].undecided = "KeyError"

    assert teller.hear(a_change(stuck)) == ["12:00:00 #099 无法判定，请人工呼叫"]
    assert teller.hear(a_change(stuck)) == []


def test_after_a_lost_link_only_the_missed_lines_are_told() -> None:
    """The snapshot after a reconnection holds everything; the story goes on where it stopped."""
    teller = a_teller()
    full = evening()
    full.broker_down = "connection refused"

    assert teller.hear(picture(full).snapshot(seq=50)) == [
        "12:00:00 消息服务断开：connection refused"
    ]


def test_links_and_people_come_and_go() -> None:
    """Once each, not with every status."""
    teller = a_teller()
    down = stream_samples()["change"]
    assert isinstance(down, Change)
    down.incidents, down.units = [], []

    assert teller.hear(down) == ["12:00:00 存储故障：disk full"]
    assert teller.hear(down) == []


def test_an_exercise_is_never_told_as_real() -> None:
    """Whoever hears half of a line must still know that nobody is in danger."""
    teller = a_teller()
    doc = new("received")
    doc.drill = "xizi-drill-20251121115500"

    opening, wave = teller.hear(a_change(doc))

    assert opening.startswith("12:00:00 [演练] 西子一间 按下红色按钮")
    assert wave.startswith("12:00:00 #099 [演练] 第 1 批呼叫")


def test_an_exercise_begins_and_ends() -> None:
    """By its name, once each; and its incidents are counted apart from the open ones."""
    full = evening()
    full.drills[XIZI] = (DrillId("xizi-drill-20251121115500"), "夜间演练")
    full.incidents[FIRST].drill = DrillId("xizi-drill-20251121115500")
    teller = Teller(Tongue("zh"))
    teller.hear(stream_samples()["hello"])  # type: ignore[arg-type]  # a server message

    first, *rest = teller.hear(picture(full).snapshot(seq=1))
    full.drills.clear()
    ended = teller.hear(Change(seq=2, now=NOON // 1000, status=picture(full).status()))

    assert first == "12:00:00 现在：4 起未结警情，4 人在岗，另有演练警情 1 起"
    assert "12:00:00 演练开始：夜间演练" in rest
    assert any(line.startswith("  #001 [演练] 西子一间") for line in rest)
    assert ended == ["12:00:00 演练结束：夜间演练"]


def test_units_sign_on_and_off_and_fall_silent() -> None:
    """A patrol that shrinks is part of the night's story."""
    teller = a_teller()
    units = {each.id: each for each in picture(evening()).units(["r01", "r03"], {})}  # type: ignore[list-item]
    units["r01"].online = False
    units["r03"].on_duty = True

    news = teller.hear(Change(seq=42, now=NOON // 1000, units=list(units.values())))

    assert news == ["12:00:00 西子一间 对讲机失联", "12:00:00 湖滨三间 上岗"]


def test_nothing_in_a_line_acts_on_the_terminal() -> None:
    """A server that was fooled must not move the cursor of whoever watches."""
    doc = new("by_phone")
    doc.place.words = "a\x1b[2Jb\u202ec\nd" + "x" * 5_000

    [line] = a_teller().hear(a_change(doc))

    assert line.isprintable()
    assert len(line) <= LINE_LENGTH_MAX


def test_an_incident_let_go_is_forgotten() -> None:
    """A watcher runs for months."""
    teller = a_teller()
    teller.hear(a_change(new("received")))

    teller.hear(Change(seq=43, now=0, incidents_gone=["xizi-20251121-099"]))

    assert len(teller.hear(a_change(new("received")))) == 2


def test_a_zone_that_this_machine_does_not_know_costs_no_line() -> None:
    """The story goes on with no time of day."""
    teller = a_teller()
    hello = stream_samples()["hello"]
    hello.communities[0].zone = "../etc"  # type: ignore[attr-defined]  # a hello
    teller.hear(hello)  # type: ignore[arg-type]

    assert teller.hear(a_change(new("by_phone")))[0].startswith("--:--:-- 调度一席")


def test_being_behind_is_said() -> None:
    """The gap in the story has its reason in it."""
    assert a_teller().hear(Behind()) == ["读取太慢，重新同步"]
