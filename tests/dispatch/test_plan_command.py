"""`yihu plans`: what a community manager sees before a book takes effect."""

from __future__ import annotations

import unicodedata
from argparse import ArgumentParser
from pathlib import Path

import pytest

from dispatch.config import load_community
from dispatch.demo import demo_community_path
from dispatch.errors import SettingsError
from dispatch.plan_command import add_arguments, run
from dispatch.words import Kind
from tests.dispatch.test_config import write_community
from tests.dispatch.test_plan_files import HEAD, PLAN, RULE, write_book


def plans(*arguments: str | Path) -> int:
    """Run `yihu plans`; its exit status."""
    parser = ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([str(each) for each in arguments]))


def test_without_arguments_the_built_in_book_is_shown_in_both_languages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever wants to change something first sees what there is."""
    assert plans() == 0

    said = capsys.readouterr().out
    assert "预案册 book  default-1" in said
    for kind in Kind:
        assert f" {kind}" in said
    assert "  2. 看胸口十秒：有没有正常呼吸？\n     Watch the chest for ten seconds" in said
    assert "名册" not in said


def test_beside_each_need_stands_who_could_come(capsys: pytest.CaptureFixture[str]) -> None:
    """A plan is as good as the people for it; call signs, never names."""
    _, radios = load_community(demo_community_path())

    assert plans("--community", demo_community_path()) == 0

    lines = capsys.readouterr().out.splitlines()
    doctors = next(line for line in lines if "any + medical" in line)
    trained = [each.call_sign for each in radios if "medical" in each.skills]
    assert doctors.endswith(f"3  {'、'.join(trained)}"), doctors
    guards = [line for line in lines if "6 保安 guard" in line]
    assert guards
    assert all("4  不够 too few  西子保安一、西子保安二" in line for line in guards)


def test_the_communitys_own_books_come_before_the_built_in_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was inherited is marked, and its checklists are not told twice."""
    write_book(tmp_path, HEAD + RULE + PLAN)
    community = write_community(tmp_path, more='plans = ["plans.toml"]')

    assert plans("--community", community) == 0

    own, built_in = capsys.readouterr().out.split("预案册 book  default-1")
    assert own.startswith("预案册 book  lane-1  2026-03-01 起 from\n")
    assert "预案 plan  quarrel\n" in own
    assert "预案 plan  default-1-sos  沿用内置 built-in\n" in own
    assert own.count("检查单 checklist  ") == 1
    assert "沿用内置" not in built_in


def test_a_need_that_nobody_fills_is_said_and_shows_in_the_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The book is printed all the same: one sees what else is in it."""
    book = write_book(tmp_path, HEAD + PLAN.replace("guard", "police"))
    community = write_community(tmp_path, more='plans = ["plans.toml"]')

    assert plans(book, "--community", community) == 1

    told = capsys.readouterr()
    assert "2 民警 police" in told.out
    assert "0  不够 too few" in told.out
    assert told.err == (
        "yihu: plan book lane-1: plan quarrel, step near asks for 2 police, "
        "and nobody on the roster is that\n"
    )


def test_streets_that_cannot_be_read_are_found_before_the_hub_is_started(tmp_path: Path) -> None:
    """What `yihu plans` lets pass, `yihu run` must not refuse at three in the morning."""
    (tmp_path / "ways.geojson").write_text("{")
    file = write_community(tmp_path, more='walking = "ways.geojson"')

    with pytest.raises(SettingsError, match=r"ways\.geojson: street file refused"):
        plans("--community", file)


def test_a_refused_book_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three files, one with a slip: the sentence says which, the rest is shown."""
    (tmp_path / "bad").mkdir()
    bad = write_book(tmp_path / "bad", HEAD + PLAN + 'then = "near"')
    good = write_book(tmp_path)

    assert plans(bad, good) == 2

    told = capsys.readouterr()
    assert "预案 plan  quarrel" in told.out
    assert told.err.startswith(f"yihu: {bad}: plan quarrel: its steps go round: near -> near; ")


def test_columns_stand_below_each_other_though_chinese_is_twice_as_wide(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A crooked table is not read."""
    plans()

    lines = capsys.readouterr().out.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("  类别 kind "))
    columns = {
        sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line[: line.index(mark)])
        for line, mark in zip(
            lines[start + 1 : start + 1 + len(Kind)],
            ("询问", "询问", "并入", "并入", "并入", "询问", "并入", "并入", "询问"),
            strict=True,
        )
    }
    assert len(columns) == 1
