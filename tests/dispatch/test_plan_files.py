"""Plan books: what is read, what is inherited, and the sentence that refuses the rest."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch import plan_parts
from dispatch.config import load_community
from dispatch.demo import demo_community_path
from dispatch.errors import PlanError, SettingsError
from dispatch.ids import CommunityId, RadioId
from dispatch.plan import Hours, Plan
from dispatch.plan_files import (
    book_of_table,
    book_of_text,
    conflict,
    default_book,
    inherited_kinds,
    is_inherited,
    load_book,
    short_name,
    unfillable,
)
from dispatch.roster import RadioRecord
from dispatch.store.codec import canonical
from dispatch.words import Agency, Kind, Nearby, Role, Tier
from tests.data import REPOSITORY
from tests.dispatch.test_config import write_community

NOON = datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001 -- a local time, as plan_for takes it
NIGHT = NOON.replace(hour=23)

HEAD = '[book]\nname = "lane"\nversion = 1\nbegins = "2026-03-01"\n'
STEP = 'step = "near"\ntier = "grid"\nneeds = [{ count = 2, role = "guard" }]\n'
PLAN = f'[[plans]]\nplan = "quarrel"\nkinds = ["dispute"]\ntarget_s = 300\n[[plans.steps]]\n{STEP}'
RULE = (
    '[kinds.dispute]\npriority = 2\nnearby = "join"\nnear_m = 40\nnear_s = 300\n'
    'checklist = [{ item = "weapon", zh = "持械？", en = "Armed?" }]\n'
)


def write_book(folder: Path, text: str = HEAD + RULE + PLAN) -> Path:
    """A plan book in a file."""
    file = folder / "plans.toml"
    file.write_text(text, encoding="utf-8")
    return file


def a_table(**plan: Any) -> dict[str, Any]:
    """A file of one plan for disputes; a test says what is otherwise in it."""
    step = {"step": "near", "tier": "grid", "needs": [{"count": 2}]}
    base = {"plan": "quarrel", "kinds": ["dispute"], "target_s": 300, "steps": [step]}
    return {
        "book": {"name": "lane", "version": 1, "begins": "2026-03-01"},
        "plans": [{**base, **plan}],
    }


def ladder(*steps: tuple[str, str]) -> list[dict[str, Any]]:
    """Steps by name and `then`."""
    return [
        {"step": step, "then": then, "tier": "grid", "needs": [{"count": 1}]}
        for step, then in steps
    ]


def a_radio(radio: str, role: Role = Role.VOLUNTEER, *skills: str) -> RadioRecord:
    """Somebody on the roster."""
    return RadioRecord(
        radio=RadioId(radio),
        community=CommunityId("lane"),
        call_sign=radio,
        role=role,
        skills=skills,
    )


# What is read.


def test_a_book_is_read_as_it_stands_in_the_file(tmp_path: Path) -> None:
    """Every key that a manager writes means what docs/plans.md says."""
    text = """
        [book]
        name = "lane"
        version = 7
        begins = 2026-03-01
        ends = "2026-10-01"
        [kinds.dispute]
        priority = 1
        nearby = "offer"
        near_m = 40
        near_s = 300
        checklist = [{ item = "weapon", zh = "持械？", en = "Armed?" }]
        [[plans]]
        plan = "quarrel"
        kinds = ["dispute", "nuisance"]
        classes = ["A"]
        hours = ["22:00-06:00", "12:00-14:30"]
        target_s = 240
        sure = 0.8
        on_scene = 2
        fairness_s = 20
        by_rings = false
        preempts = 4
        [[plans.steps]]
        step = "near"
        tier = "grid"
        needs = [{ count = 2, role = "guard" }, { count = 1, skill = "mediation" }]
        rings = 1
        wave_s = 45
        hold_s = 90
        then = "up"
        [[plans.steps]]
        step = "up"
        tier = "agency"
        tell = ["supervisor", "street-office"]
        agency = "110"
    """

    book = load_book(write_book(tmp_path, text))

    assert (book.name, book.begins, book.ends) == ("lane-7", "2026-03-01", "2026-10-01")
    rule = book.kinds[Kind.DISPUTE]
    assert (rule.priority, rule.nearby, rule.near_m, rule.near_s) == (1, Nearby.OFFER, 40, 300)
    assert [(each.item, each.zh, each.en) for each in rule.checklist] == [
        ("weapon", "持械？", "Armed?")
    ]
    plan = book.plans[0]
    assert plan.plan == "lane-7/quarrel"
    assert plan.kinds == frozenset({Kind.DISPUTE, Kind.NUISANCE})
    assert plan.classes == frozenset({"A"})
    assert plan.hours == (Hours(begins=1320, ends=360), Hours(begins=720, ends=870))
    assert (plan.target_s, plan.sure, plan.on_scene, plan.fairness_s) == (240, 0.8, 2, 20)
    assert (plan.by_rings, plan.preempts) == (False, 4)
    near, up = plan.steps
    assert [need.label for need in near.needs] == ["guard", "any+mediation"]
    assert (near.tier, near.rings, near.wave_s, near.hold_s, near.then) == (
        Tier.GRID,
        1,
        45,
        90,
        "up",
    )
    assert (up.tier, up.tell, up.agency) == (
        Tier.AGENCY,
        ("supervisor", "street-office"),
        Agency.POLICE,
    )
    assert (up.needs, up.rings, up.wave_s, up.hold_s, up.then) == ((), None, None, None, "")


def test_what_a_file_leaves_out_is_the_built_in_books(tmp_path: Path) -> None:
    """A manager who changes one thing need not copy everything else."""
    book = load_book(write_book(tmp_path, HEAD + PLAN))

    assert book.plan_for(Kind.DISPUTE, "A", NIGHT).plan == "lane-1/quarrel"
    assert book.plan_for(Kind.SOS, "B", NOON).plan == "lane-1/default-1-sos"
    assert (
        book.plan_for(Kind.SOS, "B", NOON).steps
        == default_book().plan_for(Kind.SOS, "B", NOON).steps
    )
    assert book.kinds == default_book().kinds
    assert inherited_kinds(book) == set(Kind)
    assert [short_name(plan) for plan in book.plans if not is_inherited(plan)] == ["quarrel"]


def test_a_plan_for_the_night_leaves_the_day_to_the_built_in_book(tmp_path: Path) -> None:
    """Where the file's plans do not fit, the built-in ones follow, for that kind only."""
    night = PLAN.replace("target_s", 'hours = ["22:00-06:00"]\ntarget_s')

    book = load_book(write_book(tmp_path, HEAD + night))

    assert book.plan_for(Kind.DISPUTE, "A", NIGHT).plan == "lane-1/quarrel"
    assert book.plan_for(Kind.DISPUTE, "A", NOON).plan == "lane-1/default-1-dispute-a"
    assert book.plan_for(Kind.SUSPICIOUS, "A", NIGHT).plan == "lane-1/default-1-night-a"
    assert all(Kind.DISPUTE not in plan.kinds for plan in book.plans if "night" in short_name(plan))


def test_a_rule_of_its_own_is_taken_with_the_inherited_plan(tmp_path: Path) -> None:
    """A checklist can be changed alone. Made less urgent, a kind interrupts nobody as urgent."""
    rule = RULE.replace("dispute", "sos").replace("priority = 2", "priority = 3")

    book = load_book(write_book(tmp_path, HEAD + rule))

    assert book.kinds[Kind.SOS].checklist[0].en == "Armed?"
    assert inherited_kinds(book) == set(Kind) - {Kind.SOS}
    assert book.plan_for(Kind.SOS, "", NOON).preempts is None
    assert book.plan_for(Kind.FIRE, "", NOON).preempts == 3


# What is refused.


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"book is missing; write it"),
        ("book = 3", r"book: is a whole number; write a table"),
        (HEAD.replace('name = "lane"\n', ""), r"book: name is missing; write it"),
        (HEAD.replace("lane", "my lane"), r"book.name: is 'my lane'; write 1 to 40 of a-z"),
        (HEAD.replace("lane", "default"), r"book.name: default is the built-in book; choose"),
        (HEAD.replace("= 1\n", "= 0\n"), r"book.version: is 0; set it between 1 and 1e\+06"),
        (HEAD.replace("= 1\n", '= "1"\n'), r"book: version: is text in quotes; write a whole num"),
        (HEAD.replace("begins", "beginns"), r"no key beginns; did you mean begins\?"),
        (HEAD.replace('begins = "2026-03-01"', ""), r"book.begins: is missing; write a day"),
        (HEAD.replace("2026-03-01", "2026-02-31"), r"book.begins: is '2026-02-31'; write a day"),
        (HEAD.replace("2026-03-01", "1.3.2026"), r"book.begins: is '1.3.2026'; write a day"),
        (HEAD + 'ends = "2026-03-01"', r"book.ends: 2026-03-01 is not after 2026-03-01; write a l"),
        (HEAD + '[plan]\nplan = "x"', r"there is no key plan; did you mean plans\?"),
        (HEAD + "inherited = []", r"book: there is no key inherited"),
        ('inherited = ["sos"]\n' + HEAD, r"there is no key inherited; remove it"),
        (HEAD + RULE.replace("kinds.dispute", "kinds.disput"), r"no disput; did you mean dispute"),
        (HEAD + "kinds = []", r"book: there is no key kinds"),
        (HEAD + RULE.replace("= 2\n", "= 5\n"), r"kinds.dispute.priority: is 5; set it between 1"),
        (HEAD + RULE.replace("join", "joyn"), r"kinds.dispute.nearby: there is no joyn; did you m"),
        (HEAD + RULE.replace("= 40", "= nan"), r"kinds.dispute.near_m: is nan; set it between 0 a"),
        (HEAD + RULE.replace("= 300", "= -1"), r"kinds.dispute.near_s: is -1.0; set it between"),
        (HEAD + RULE.replace("[{ item", "[] # [{ item"), r"checklist: has 0 entries; give it 1 to"),
        (HEAD + RULE.replace("weapon", "Weapon"), r"checklist: item: is 'Weapon'; write 1 to 40"),
        (HEAD + RULE.replace("Armed?", " "), r"checklist, weapon: en: is ' '; write 1 to 200 prin"),
        (HEAD + RULE.replace("zh", "cn"), r"dispute.checklist: there is no key cn"),
        (HEAD + PLAN.replace("kinds", "kind"), r"plan quarrel: there is no key kind; did you mean"),
        (HEAD + PLAN.replace('["dispute"]', "[]"), r"plan quarrel: kinds: has 0 entries; give it"),
        (HEAD + PLAN.replace('"dispute"', '"fight"'), r"kinds: there is no fight; did you mean|wr"),
        (HEAD + PLAN.replace("= 300", "= 1"), r"plan quarrel: target_s: is 1.0; set it between 30"),
        (HEAD + PLAN.replace("= 300", '= "5 min"'), r"target_s: is text in quotes; write a number"),
        (HEAD + PLAN.replace("target", "sure = 1\ntarget"), r"sure: is 1.0; set it between 0.5 a"),
        (HEAD + PLAN.replace("target", "on_scene = 0\ntarget"), r"on_scene: is 0; set it between"),
        (HEAD + PLAN.replace("target", "on_scene = 3\ntarget"), r"on_scene is 3, but no step asks"),
        (HEAD + PLAN.replace("target", "preempts = 1\ntarget"), r"preempts: is 1; set it between"),
        (HEAD + PLAN.replace("target", "preempts = 2\ntarget"), r"preempts is 2, but dispute itse"),
        (HEAD + PLAN.replace("target", 'hours = ["22-6"]\ntarget'), r"hours: is '22-6'; write th"),
        (
            HEAD + PLAN.replace("target", 'hours = ["08:00-08:00"]\ntarget'),
            r"is the whole day; lea",
        ),
        (HEAD + PLAN.replace("target", 'classes = ["C"]\ntarget'), r'no C; write "A", "B" or both'),
        (HEAD + PLAN.replace("quarrel", "default-1-sos"), r"names with default- are those of in"),
        (HEAD + PLAN + PLAN, r"plans: quarrel stands there twice; give it once"),
        (HEAD + PLAN + PLAN.replace("quarrel", "x"), r"plan x: it never gets its turn: plans abo"),
        (HEAD + PLAN.replace('step = "near"\n', ""), r"plan quarrel, step 1: step is missing"),
        (HEAD + PLAN.replace("grid", "city"), r"quarrel, step near: tier: there is no city"),
        (HEAD + PLAN.replace("guard", "gard"), r"step near, need 1: role: there is no gard; did"),
        (
            HEAD + PLAN.replace("role", "skill").replace("guard", "First Aid"),
            r"skill: is 'First Aid",
        ),
        (HEAD + PLAN.replace("count = 2", "count = 0"), r"need 1: count: is 0; set it between 1"),
        (HEAD + PLAN.replace("count = 2", f"count = {10**400}"), r"count: is 10000.*…; set it"),
        (HEAD + PLAN.replace("[{", '[{ count = 1, role = "guard" }, {'), r"guard stands there twi"),
        (HEAD + PLAN.replace("needs", "#"), r"step near: nothing happens in it; give it needs"),
        (HEAD + PLAN + "rings = -1", r"step near: rings: is -1; set it between 0 and 20"),
        (HEAD + PLAN + "wave_s = 1", r"step near: wave_s: is 1.0; set it between 5 and 600"),
        (HEAD + PLAN + "hold_s = 60", r"hold_s says when the next step begins, but there is none"),
        (HEAD + PLAN + 'tell = ["the boss"]', r"tell: is 'the boss'; write 1 to 40 of a-z"),
        (HEAD + PLAN + 'agency = "911"', r"agency: there is no 911; write one of 110, 119, 120"),
        (
            HEAD + PLAN.replace('"grid"', '"agency"'),
            r"its tier is agency, but none is named; write",
        ),
        (
            HEAD + PLAN + 'then = "wider"',
            r"step near: then = 'wider' is none of its steps; write on",
        ),
        (HEAD + PLAN + 'then = "near"', r"its steps go round: near -> near; leave out the `then`"),
    ],
)
def test_what_cannot_work_is_refused_by_file_key_and_remedy(
    tmp_path: Path, text: str, says: str
) -> None:
    """Who writes plans is a community manager: the sentence must say where and what to do."""
    file = write_book(tmp_path, text)

    with pytest.raises(SettingsError) as refused:
        load_book(file)

    assert re.search(says, str(refused.value)), str(refused.value)
    assert str(file) in str(refused.value)
    assert "; " in str(refused.value)


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([("near", "wider"), ("wider", "near")], "go round: near -> wider -> near; leave out the "),
        ([("a", "b"), ("b", "c"), ("c", "b")], "go round: b -> c -> b; leave out the `then` of st"),
        ([("a", ""), ("b", "")], "step b: it is never reached; name it as the `then` of another"),
        ([("a", ""), ("a", "")], "two of its steps have one name; give each its own"),
    ],
)
def test_a_ladder_that_does_not_end_or_has_a_loose_step_is_refused(
    steps: list[tuple[str, str]], says: str
) -> None:
    """A loop would call the same people for ever; a loose step was meant for something."""
    with pytest.raises(PlanError) as refused:
        book_of_table(a_table(steps=ladder(*steps)))

    assert says in str(refused.value)


def test_a_ladder_does_not_go_down() -> None:
    """What was carried up to the street is not handed back to a grid by a timer."""
    steps = ladder(("near", "wider"), ("wider", ""))
    steps[0]["tier"] = "street"

    with pytest.raises(PlanError, match="step wider: its tier grid is lower than street of step n"):
        book_of_table(a_table(steps=steps))


def test_too_many_of_anything_is_refused() -> None:
    """Bounded before it is looked at: a book is made by hand, not by a machine."""
    plan = a_table()["plans"][0]
    many = [{**plan, "plan": f"p{n}"} for n in range(plan_parts.PLANS_MAX + 1)]
    steps = ladder(*((f"s{n}", f"s{n + 1}") for n in range(plan_parts.STEPS_MAX + 1)))

    with pytest.raises(PlanError, match="plans: has 65 entries; give it 0 to 64"):
        book_of_table({**a_table(), "plans": many})
    with pytest.raises(PlanError, match="steps: has 9 entries; give it 1 to 8"):
        book_of_table(a_table(steps=steps))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    """A picture named by mistake, a file that is not there, a number of five thousand digits."""
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    (tmp_path / "digits").write_text("version = 1" + "0" * 5_000)

    for name, says in (
        ("picture", "is not UTF-8 at byte 0"),
        ("gone", r"the plan book .*gone cannot be read \(No such file"),
        ("digits", "is not TOML"),
    ):
        with pytest.raises(SettingsError, match=says):
            load_book(tmp_path / name)


# Who could come.


def test_a_plan_that_asks_for_a_role_nobody_has_is_named() -> None:
    """At night it would wait for a guard who does not exist."""
    book = book_of_table(
        a_table(
            steps=[
                {
                    "step": "near",
                    "tier": "grid",
                    "needs": [
                        {"count": 2, "role": "guard"},
                        {"count": 1, "skill": "medical"},
                        {"count": 1, "role": "volunteer", "skill": "fire"},
                    ],
                }
            ]
        )
    )

    said = unfillable(book, [a_radio("v1", Role.VOLUNTEER, "medical"), a_radio("g1", Role.GUARD)])

    assert said == [
        "plan quarrel, step near asks for 1 volunteer+fire, and nobody on the roster is that"
    ]
    assert len(unfillable(book, [])) == 3


def test_the_built_in_book_is_never_unfillable() -> None:
    """It has to do for a community of three volunteers, too."""
    assert unfillable(default_book(), [a_radio("v1")]) == []
    assert unfillable(book_of_table({**a_table(), "plans": []}), [a_radio("v1")]) == []


def test_a_community_whose_plan_asks_for_nobodys_skill_is_refused(tmp_path: Path) -> None:
    """At the start, by a sentence, rather than in the middle of an alarm."""
    file = write_community(tmp_path, more='plans = ["plans.toml"]')
    write_book(tmp_path)

    assert [book.name for book in load_community(file)[0].books] == ["lane-1"]
    write_book(tmp_path, HEAD + PLAN.replace('role = "guard"', 'skill = "mediation"'))
    with pytest.raises(SettingsError) as refused:
        load_community(file)

    assert (
        "plan book lane-1: plan quarrel, step near asks for 2 any+mediation" in refused.value.what
    )
    assert refused.value.remedy == "give somebody that role or skill, or change the need"
    assert len(load_community(file, check_people=False)[0].books) == 1


def test_a_community_does_not_name_one_book_twice(tmp_path: Path) -> None:
    """Two files of one version: nobody could say which of them answered."""
    file = write_community(tmp_path, more='plans = ["plans.toml", "plans.toml"]')
    write_book(tmp_path)

    with pytest.raises(SettingsError, match="plan book lane-1 is used twice"):
        load_community(file)


def test_two_books_do_not_begin_on_the_same_day(tmp_path: Path) -> None:
    """Only one of them would ever answer, and nothing would say so."""
    file = write_community(tmp_path, more='plans = ["plans.toml", "other.toml"]')
    book = write_book(tmp_path)
    (tmp_path / "other.toml").write_text(book.read_text().replace('"lane"', '"mine"'))

    with pytest.raises(SettingsError, match="lane and mine both begin"):
        load_community(file)


# The journal's text.


def test_the_same_book_under_its_version_is_no_conflict(tmp_path: Path) -> None:
    """A start after a start, also with comments added or keys moved."""
    known = load_book(write_book(tmp_path)).text
    moved = HEAD.replace("version = 1\n", "") + "version = 1  # ours\n" + PLAN + RULE

    assert conflict(known, load_book(write_book(tmp_path, moved))) == ""


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        (HEAD + PLAN, "kinds.dispute"),
        (HEAD + RULE, "plan quarrel, the order of the plans"),
        (HEAD + RULE + PLAN.replace("300", "200"), "plan quarrel"),
        (HEAD + 'ends = "2027-01-01"\n' + RULE + PLAN, "book.ends"),
    ],
)
def test_another_book_under_a_known_version_is_told_with_what_differs(
    tmp_path: Path, text: str, differs: str
) -> None:
    """Incidents were answered by the version that the journal knows; it may not change."""
    known = load_book(write_book(tmp_path)).text

    said = conflict(known, load_book(write_book(tmp_path, text)))

    assert said == (
        f"plan book lane-1 differs from the one that has served as lane-1 ({differs}); "
        "give it a version of its own, above 1"
    )


def test_a_new_built_in_book_does_not_make_a_file_another(tmp_path: Path) -> None:
    """After an update of Yihu a hub must start as before, with the plans that were adopted."""
    book = load_book(write_book(tmp_path))
    adopted = json.loads(book.text)
    adopted["kinds"]["sos"]["near_m"] = 77.0
    adopted["plans"] = [
        {**each, "plan": each["plan"].replace("default-1-", "default-0-"), "target_s": 99.0}
        if each["plan"].startswith("default-")
        else each
        for each in adopted["plans"]
    ]

    assert conflict(json.dumps(adopted), book) == ""


def test_a_text_of_an_older_yihu_is_read_with_the_defaults_of_new_keys() -> None:
    """Whatever key is added, a journal that knows nothing of it must be readable."""
    old = json.loads(default_book().text)
    for plan in old["plans"]:
        del plan["by_rings"]
        for step in plan["steps"]:
            del step["wave_s"]

    book = book_of_text(json.dumps(old))

    assert not any(plan.by_rings for plan in book.plans)
    assert book.text == json.dumps(old)


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", '{"book": {"name": "x", "version": 1}}', "[" * 9_999, "\ud800"]
)
def test_a_text_that_is_no_book_is_refused(text: str) -> None:
    """A journal that was tampered with ends in a sentence; for the hub it is a wrong value."""
    with pytest.raises(PlanError) as refused:
        book_of_text(text)

    assert isinstance(refused.value, ValueError)


def test_a_book_in_the_journal_must_be_whole() -> None:
    """It was written out with everything: what is missing was taken away."""
    table = json.loads(default_book().text)
    del table["kinds"]["fire"]
    plans = [each for each in table["plans"] if "sos" not in each["kinds"]]

    with pytest.raises(PlanError, match="kinds: fire missing"):
        book_of_text(json.dumps(table))
    table = json.loads(default_book().text)
    with pytest.raises(PlanError, match="plans: none fits sos in every grid at every hour"):
        book_of_text(json.dumps({**table, "plans": plans}))


words = st.from_regex(r"\A[a-z][a-z0-9-]{0,8}\Z").filter(lambda each: "default" not in each)
needs = st.lists(
    st.fixed_dictionaries(
        {"count": st.integers(1, 100)},
        optional={
            "role": st.sampled_from(list(Role)),
            "skill": st.sampled_from(["medical", "fire", "mediation"]),
        },
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda need: (need.get("role"), need.get("skill")),
)


def seconds(low: float, high: float) -> st.SearchStrategy[float]:
    """Whole or broken, as people write them."""
    return st.one_of(st.integers(int(low) + 1, int(high)), st.floats(low, high))


@st.composite
def ladders(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Steps that go up and end."""
    names = draw(st.lists(words, min_size=1, max_size=8, unique=True))
    tiers = sorted(
        draw(st.lists(st.sampled_from(list(Tier)), min_size=len(names), max_size=len(names))),
        key=list(Tier).index,
    )
    steps = []
    for n, (name, tier) in enumerate(zip(names, tiers, strict=True)):
        step: dict[str, Any] = {"step": name, "tier": tier.value, "needs": draw(needs)}
        if draw(st.booleans()):
            step["rings"] = draw(st.integers(0, 20))
        if draw(st.booleans()):
            step["wave_s"] = draw(seconds(5, 600))
        if n + 1 < len(names):
            step["then"] = names[n + 1]
            if draw(st.booleans()):
                step["hold_s"] = draw(seconds(10, 86_400))
        step["tell"] = draw(st.lists(words, max_size=3, unique=True))
        if tier is Tier.AGENCY or draw(st.booleans()):
            step["agency"] = draw(st.sampled_from(list(Agency))).value
        steps.append(step)
    return draw(st.permutations(steps[1:]).map(lambda rest: [steps[0], *rest]))


spans = st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda two: two[0] != two[1])
checklists = st.lists(
    st.fixed_dictionaries(
        {"item": words, "zh": st.sampled_from(["几个人？", "在哪里？"]), "en": words}
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda item: item["item"],
)
rules = st.fixed_dictionaries(
    {
        "priority": st.just(1),
        "nearby": st.sampled_from([each.value for each in Nearby]),
        "near_m": seconds(0, 5_000),
        "near_s": seconds(0, 86_400),
        "checklist": checklists,
    }
)
plans = st.fixed_dictionaries(
    {
        "plan": words,
        "kinds": st.lists(st.sampled_from([each.value for each in Kind]), min_size=1, max_size=4),
        "target_s": seconds(30, 86_400),
        "steps": ladders(),
    },
    optional={
        "classes": st.lists(st.sampled_from("AB"), max_size=2),
        "hours": st.lists(
            spans.map(lambda two: "-".join(f"{at // 60:02}:{at % 60:02}" for at in two)), max_size=3
        ),
        "sure": st.floats(0.5, 0.99),
        "on_scene": st.just(1),
        "fairness_s": seconds(0, 600),
        "by_rings": st.booleans(),
        "preempts": st.sampled_from([4]),
    },
)
tables = st.fixed_dictionaries(
    {
        "book": st.fixed_dictionaries(
            {
                "name": words,
                "version": st.integers(1, 1_000_000),
                "begins": st.dates().map(lambda day: day.isoformat()),
            }
        ),
        "kinds": st.dictionaries(st.sampled_from([each.value for each in Kind]), rules, max_size=4),
        "plans": st.lists(plans, max_size=4, unique_by=lambda plan: plan["plan"]),
    }
)


@given(tables)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_book_comes_back_from_its_text_as_it_was(table: dict[str, Any]) -> None:
    """The journal's copy answers like the file, in every grid at every hour, and ends."""
    try:
        book = book_of_table(table)
    except PlanError as exc:
        assert "never gets its turn" in exc.what  # noqa: PT017 -- all else in it is as it should be
        return

    again = book_of_text(book.text)

    assert again == book
    assert conflict(book.text, again) == ""
    assert book.text == canonical(json.loads(book.text))
    for kind in Kind:
        for grid_class in ("", "A", "B"):
            for hour in range(24):
                plan = again.plan_for(kind, grid_class, NOON.replace(hour=hour))
                assert climbed(plan) == {step.step for step in plan.steps}


@given(st.lists(st.sampled_from(["", "a", "b", "c", "d", "e"]), min_size=5, max_size=5))
def test_any_ladder_that_is_taken_ends_after_each_of_its_steps(thens: list[str]) -> None:
    """Whatever `then` says, a plan never goes round."""
    with suppress(PlanError):
        book = book_of_table(a_table(steps=ladder(*zip("abcde", thens, strict=True))))
        assert climbed(book.plans[0]) == set("abcde")


def climbed(plan: Plan) -> set[str]:
    """The steps from the first on; a loop fails the test."""
    seen = [plan.steps[0].step]
    while then := plan.step(seen[-1]).then:
        assert then not in seen
        seen.append(then)
    return set(seen)


JUNK: list[Any] = [
    *(None, True, -1, 0, 3, 10**400, float("nan"), float("inf"), 1.5),
    *("", "x", "sos", "near", "\u202e", "é" * 500, "2026-01-01"),
    *([], [[]], [None], ["x"], ["x", "x"], [1] * 99, {}, {"step": "near"}, {"count": 1}),
]


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_any_value_at_any_place_is_read_or_refused(data: st.DataObject) -> None:
    """Nothing but a PlanError leaves, whatever a hand or a tool has written."""
    table = a_table(classes=["A"], hours=["22:00-06:00"], steps=ladder(("near", "up"), ("up", "")))
    table["kinds"] = {
        "sos": {
            "priority": 1,
            "nearby": "join",
            "checklist": [{"item": "a", "zh": "甲", "en": "a"}],
        }
    }
    place: Any = table
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
        if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    if isinstance(place, dict) and data.draw(st.booleans()):
        key = data.draw(st.sampled_from(["", "zzz", "plan", "step", "\x00"]))
    place[key] = data.draw(st.sampled_from(JUNK))

    with suppress(PlanError):
        book_of_table(table)


@given(st.text(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_refused(tmp_path: Path, text: str) -> None:
    """Nothing but a SettingsError leaves."""
    file = tmp_path / "any.toml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    with suppress(SettingsError):
        load_book(file)


# The page.


def test_the_page_explains_every_key() -> None:
    """docs/plans.md is what a community manager reads; it may not lag behind the code."""
    page = (REPOSITORY / "docs" / "plans.md").read_text(encoding="utf-8")
    shapes = [
        getattr(plan_parts, name) for name in ("_Head", "_Rule", "_Item", "_Plan", "_Step", "_Need")
    ]
    keys = {field for shape in shapes for field in shape.__struct_fields__}

    told = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))

    assert told == keys


def test_the_pages_example_is_a_book_that_works(tmp_path: Path) -> None:
    """What is copied from the page must load."""
    page = (REPOSITORY / "docs" / "plans.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(\[book\].*?)```", page, re.DOTALL)
    assert example is not None

    book = load_book(write_book(tmp_path, example[1]))

    _, radios = load_community(demo_community_path())
    assert unfillable(book, radios) == []
